package rules

import (
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Schemes are the schemes that read the IDs of a space, SOURCE or
// SOURCE.NUMBER; nil where the rules have no such space.
func (r *Ruleset) Schemes(space string) *scheme.Set {
	if id := r.space(space); id != nil {
		return id.schemes
	}
	return nil
}

// space reads the IDs of a space; nil where the rules have no such space.
func (r *Ruleset) space(name string) *idReader {
	for _, s := range r.sources {
		if s.Name == name {
			return &s.id
		}
		for k, a := range s.Also {
			if s.Name+"."+a.Name == name {
				return &s.also[k]
			}
		}
	}
	return nil
}

// Checked reports whether id, as its key rule leaves it, is an ID of a space
// with check characters, and they are right.
func (r *Ruleset) Checked(space, id string) bool {
	set := r.Schemes(space)
	if set == nil {
		return false
	}
	for _, s := range set.Schemes() {
		p, err := s.Parse(id)
		if err != nil {
			continue
		}
		for _, part := range p.Parts {
			if strings.HasPrefix(part.Name, "check") {
				return true
			}
		}
		return false
	}
	return false
}

// CanonicalChecked reports whether id is a number of one of the canonical
// schemes with check characters, and they are right.
func (r *Ruleset) CanonicalChecked(id string) bool {
	for _, s := range r.sources {
		if c := s.canonical; !c.Unchecked() && c.Match(id) {
			return true
		}
	}
	return false
}
