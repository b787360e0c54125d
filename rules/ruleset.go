package rules

import (
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/rules/match"
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

// Matches reports whether records are joined at all.
func (r *Ruleset) Matches() bool { return r.cfg.Matching && len(r.lines) > 0 }

// MatchInput is the part of [match.Input] that the rules decide.
func (r *Ruleset) MatchInput() match.Input {
	in := match.Input{Differ: r.differ}
	for _, l := range r.lines {
		in.Lines = append(in.Lines, match.Line{Confirm: l.confirm})
	}
	return in
}

// LineName is a line of match.same as people recognise it: "same: email",
// "same: phone + name, confirmed by birth_date".
func (r *Ruleset) LineName(no uint8) string {
	l := r.lines[no]
	text := "same: " + strings.Join(l.Fields, " + ")
	if len(l.Confirm) > 0 {
		text += ", confirmed by " + strings.Join(l.Confirm, " + ")
	}
	return text
}

// Doubt says in words what makes a review of two records that agree on a
// line of match.same.
func (r *Ruleset) Doubt(v match.Review) string {
	l := r.lines[v.Line]
	agree, s := strings.Join(l.Fields, " and "), "s"
	if len(l.Fields) > 1 {
		s = ""
	}
	switch v.Why {
	case match.TwoCustomers:
		return fmt.Sprintf("%s agree%s, and both customers have numbers already", agree, s)
	case match.BetweenTwo:
		return fmt.Sprintf("%s agree%s, and so does another customer that contradicts this one", agree, s)
	default:
		return fmt.Sprintf("%s agree%s, but %s contradicts", agree, s, strings.Join(l.Confirm, " or "))
	}
}

// Dated reports whether the records of source i say when they were modified.
func (r *Ruleset) Dated(i int) bool { return r.sources[i].modified >= 0 }
