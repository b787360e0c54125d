package rules

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Keys makes the keys of an ID space as the crosswalk remembers it, so that a
// look-up needs no configuration of the source.
type Keys struct {
	keyer   scheme.Keyer
	schemes *scheme.Set
}

// Key is the key of an ID as it was received, or an error that says why it
// has none. An ID that none of the schemes reads keeps the key of its rule.
func (k Keys) Key(verbatim string) (string, error) {
	key, _, err := k.schemes.ReadAs(k.keyer, nil, verbatim)
	return key, err
}

// Composite is the key of an ID of several parts.
func (k Keys) Composite(parts []string) (string, error) {
	keys := make([]string, len(parts))
	for i, part := range parts {
		var err error
		if keys[i], err = k.keyer.Key(part); err != nil {
			return "", err
		}
	}
	key, _ := k.schemes.Key(scheme.JoinParts(keys))
	return key, nil
}

// Key is the key of an ID as it was received in a space, SOURCE or
// SOURCE.NUMBER, as a reader of its records makes it; of several parts, written
// as [scheme.JoinParts] does. The error is a sentence that says why there is
// none. known is false where the rules have no such space.
//
// A source whose key was rewritten in place has numbers of ours for IDs, which
// its schemes need not read.
func (r *Ruleset) Key(space, verbatim string) (key string, known bool, err error) {
	id := r.space(space)
	if id == nil {
		return "", false, nil
	}
	keys := Keys{id.key, id.schemes}
	if len(id.cols) == 1 {
		key, err = keys.Key(verbatim)
	} else {
		var parts []string
		if parts, err = scheme.SplitParts(verbatim); err != nil {
			return "", true, err
		}
		key, err = keys.Composite(parts)
	}
	if err != nil {
		return "", true, fmt.Errorf("the ID %w", err)
	}
	if _, at := id.schemes.Key(key); at < 0 && !r.ours(id, key) {
		return "", true, id.explain(verbatim, id.misfitOf(key))
	}
	return key, true, nil
}

// foldWord starts the part of a key rule's text that lists schemes.
const foldWord = "schemes="

// keyRuleText is a key rule as the crosswalk keeps it: its settings, and the
// schemes that write several spellings as one key. Schemes that fold nothing
// are left out: they may change from run to run.
func keyRuleText(k scheme.KeyRule, schemes *scheme.Set) string {
	text := ""
	for _, part := range [...][2]string{{"case", k.Case}, {"space", k.Space}, {"width", k.Width}} {
		if part[1] != "" {
			text += part[0] + "=" + part[1] + " "
		}
	}
	if folding := schemes.Folding(); len(folding) > 0 {
		var texts []string
		for _, s := range folding {
			texts = append(texts, s.String())
		}
		list, err := json.Marshal(texts)
		if err != nil { // only strings are in it
			panic(err)
		}
		text += foldWord + string(list)
	}
	return strings.TrimSpace(text)
}

// ParseKeyRule reads a key rule that the crosswalk keeps.
func ParseKeyRule(text string) (Keys, error) {
	settings, list, folds := strings.Cut(text, foldWord)
	var rule scheme.KeyRule
	for part := range strings.FieldsSeq(settings) {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "case":
			rule.Case = value
		case "space":
			rule.Space = value
		case "width":
			rule.Width = value
		default:
			return Keys{}, fmt.Errorf("unknown key rule %q", part)
		}
	}
	keyer, err := rule.Compile()
	if err != nil {
		return Keys{}, err
	}
	var texts []string
	if folds {
		if err := json.Unmarshal([]byte(list), &texts); err != nil {
			return Keys{}, fmt.Errorf("schemes of key rule %q: %w", text, err)
		}
	}
	var schemes []*scheme.Scheme
	for _, t := range texts {
		// A scheme with a code list of the configuration does not compile
		// without it; IDs are then found by the spelling of their keys.
		if s, err := scheme.Compile(t, nil); err == nil {
			schemes = append(schemes, s)
		}
	}
	return Keys{keyer, scheme.NewSet(schemes...)}, nil
}
