package rules

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// Space is an ID space: a source, or one of its also numbers.
type Space struct {
	Name  string
	Key   string // its key rule as text; see ParseKeyRule
	Shape string // changes when the fields of the source are mapped otherwise
}

// Space describes source i.
func (r *Ruleset) Space(i int) Space {
	s := r.sources[i]
	return Space{Name: s.Name, Key: keyRuleText(s.ID.Key, s.id.schemes), Shape: s.shape}
}

// AlsoSpaces describes the further numbers of source i, named SOURCE.NAME,
// in the order that [AlsoID.Space] counts.
func (r *Ruleset) AlsoSpaces(i int) []Space {
	s := r.sources[i]
	spaces := make([]Space, len(s.Also))
	for k, a := range s.Also {
		spaces[k] = Space{Name: s.Name + "." + a.Name, Key: keyRuleText(a.ID.Key, s.also[k].schemes)}
	}
	return spaces
}

// Remembers reports whether the crosswalk holds evidence to match against.
func (r *Ruleset) Remembers() bool { return r.cfg.Matching && r.cfg.Keep != KeepNothing }

// Keeps reports whether the crosswalk holds anything of records: fields or
// hashes.
func (r *Ruleset) Keeps() bool { return r.cfg.Keep != KeepNothing }

// KeepsFields reports whether the crosswalk holds the fields of records.
func (r *Ruleset) KeepsFields() bool { return r.cfg.Keep == KeepFields }

// Matches reports whether records are joined at all.
func (r *Ruleset) Matches() bool {
	return r.cfg.Matching && (len(r.lines) > 0 || r.cfg.Similar != nil)
}

// MatchInput is the part of [match.Input] that the rules decide.
func (r *Ruleset) MatchInput() match.Input {
	in := match.Input{Differ: r.differ}
	for i := range r.lines {
		in.Lines = append(in.Lines, match.Line{Confirm: r.lines[i].confirm, Named: r.lines[i].named()})
	}
	if s, _, on := r.Similar(); on {
		in.Merge, in.Review = float32(similar.Weight(s.Merge)), float32(similar.Weight(s.Review))
	}
	return in
}

// named reports whether a line asks for more than a value that many people
// may share: a name, or a day of birth.
func (l *line) named() bool {
	return slices.ContainsFunc(slices.Concat(l.Fields, l.Confirm), func(f string) bool {
		switch f {
		case "name", "given_name", "family_name", "company", "birth_date", "id":
			return true
		}
		return false
	})
}

// NeedsNames reports whether Facts.Who is asked for: some line of match.same
// joins by a value alone, which must not be one that strangers share.
func (r *Ruleset) NeedsNames() bool {
	return slices.ContainsFunc(r.lines, func(l line) bool { return !l.named() })
}

// Rules of links that are no line of match.same.
const (
	SimilarRule = "similar"  // alike enough, by match.similar
	DecidedRule = "decision" // a person said so
	// MergedIntoRule is that of a record that its source merged into another.
	MergedIntoRule = "merged_into"
	StrayedRule    = "strayed" // of a review: the record no longer matches its customer
	// ReopenedRule is that of a review whose verdict a person took back.
	ReopenedRule = "reopened"
)

// LineName is a line of match.same as people recognise it: "same: email",
// "same: phone + name, confirmed by birth_date".
func (r *Ruleset) LineName(no uint8) string {
	switch no {
	case match.SimilarLine:
		return SimilarRule
	case match.DecidedLine:
		return DecidedRule
	case match.MergedLine:
		return MergedIntoRule
	}
	l := r.lines[no]
	text := "same: " + strings.Join(l.Fields, " + ")
	if len(l.Confirm) > 0 {
		text += ", confirmed by " + strings.Join(l.Confirm, " + ")
	}
	return text
}

// Doubt says in words what makes a review; empty where its weight alone does.
func (r *Ruleset) Doubt(v match.Review) string {
	switch v.Why {
	case match.Unsure:
		return ""
	case match.WeakBridge:
		return "alike, but the other records of the two customers are not"
	case match.TooLarge:
		return "alike, but together with all that is alike they would be too many for one customer"
	}
	what := r.agreement(v.Line)
	switch v.Why {
	case match.TwoCustomers:
		return what + ", and both customers have numbers already"
	case match.BetweenTwo:
		return what + ", and so does another customer that contradicts this one"
	default:
		return what + ", but " + r.contradiction(v.Line) + " contradicts"
	}
}

// agreement is what two records of a review have in common.
func (r *Ruleset) agreement(line uint8) string {
	switch {
	case line == match.SimilarLine:
		return "they are alike"
	case int(line) >= len(r.lines):
		return "they agree"
	case len(r.lines[line].Fields) > 1:
		return strings.Join(r.lines[line].Fields, " and ") + " agree"
	}
	return r.lines[line].Fields[0] + " agrees"
}

func (r *Ruleset) contradiction(line uint8) string {
	if int(line) < len(r.lines) && len(r.lines[line].Confirm) > 0 {
		return strings.Join(r.lines[line].Confirm, " or ")
	}
	return "something else"
}

// Dated reports whether the records of source i say when they were modified.
func (r *Ruleset) Dated(i int) bool { return r.sources[i].modified >= 0 }
