package rules

import (
	"slices"

	"github.com/xwalk-id/xwalk/rules/match/similar"
	"github.com/xwalk-id/xwalk/rules/normalize"
)

// noTrait are the roles that say nothing about who a customer is.
var noTrait = map[string]bool{"modified": true, "created": true, "deleted": true, "merged_into": true, "canonical_id": true}

// normalTrait are the roles whose values need their source's country or date
// order to be understood; they are compared in their normal form, all others
// as received.
var normalTrait = map[string]bool{"email": true, "phone": true, "birth_date": true, "tax_id": true, "national_id": true}

// compileTraits lists the roles that probabilistic matching compares.
func (r *Ruleset) compileTraits(p *problems) {
	if r.cfg.Similar == nil || !r.cfg.Matching {
		return
	}
	if len(r.cfg.Similar.Model) > 0 {
		var err error
		if r.model, err = similar.Read(r.cfg.Similar.Model); err != nil {
			p.add("match.model", "rules.model", err.Error(), "xwalk match --save FILE writes one")
		}
	}
	for _, s := range r.sources {
		for _, ro := range s.roles {
			if !noTrait[ro.name] && !slices.Contains(r.traits, ro.name) {
				r.traits = append(r.traits, ro.name)
			}
		}
	}
	slices.Sort(r.traits)
	for _, role := range r.traits {
		r.none = append(r.none, r.placeholderSet(role))
	}
	for _, s := range r.sources {
		for i := range s.roles {
			ro := &s.roles[i]
			at := -1
			if k, ok := slices.BinarySearch(r.traits, ro.name); ok {
				at = k
				ro.used = ro.used || normalTrait[ro.name]
			}
			s.traits = append(s.traits, at)
		}
	}
}

// Similar are the settings of probabilistic matching; ok is false where it is
// off. The model is nil where the configuration names none.
func (r *Ruleset) Similar() (s Similar, model *similar.Model, ok bool) {
	if r.cfg.Similar == nil || !r.cfg.Matching {
		return Similar{}, nil, false
	}
	return *r.cfg.Similar, r.model, true
}

// TraitRoles are the roles that a record's traits name by number.
func (r *Ruleset) TraitRoles() []string { return r.traits }

// IsPlaceholder reports whether a value of one of TraitRoles is a placeholder
// of the configuration.
func (r *Ruleset) IsPlaceholder(role int, text string) bool {
	return isPlaceholder(r.none[role], r.traits[role], text)
}

func isPlaceholder(set map[string]bool, role, text string) bool {
	if set == nil {
		return false
	}
	n, ok := normalize.ByRole(role)(text, normalize.Context{})
	return set[normalize.Text(text)] || ok && set[n]
}

// traits writes what probabilistic matching compares.
func (rd *Reader) traits(f *Facts) {
	for i, at := range rd.src.traits {
		if at < 0 {
			continue
		}
		normal := normalTrait[rd.src.roles[i].name]
		for _, c := range rd.cells[i] {
			switch {
			case !normal:
				f.Traits = similar.AppendTrait(f.Traits, at, c.text)
			case c.ok:
				f.Traits = similar.AppendTrait(f.Traits, at, c.normal)
			}
		}
	}
}

// TraitsOf appends the traits of a record whose fields the crosswalk kept. Its
// source is one of the configuration, or another that is gone from it.
func (r *Ruleset) TraitsOf(dst []byte, name string, fields map[string][]string) []byte {
	return r.traitsOf(dst, r.traits, name, fields)
}

// traitsOf appends the traits of a kept record for a list of roles.
func (r *Ruleset) traitsOf(dst []byte, roles []string, name string, fields map[string][]string) []byte {
	var ctx normalize.Context
	if k := slices.IndexFunc(r.sources, func(s *source) bool { return s.Name == name }); k >= 0 {
		ctx = r.sources[k].ctx
	}
	for at, role := range roles {
		norm := normalize.ByRole(role)
		for _, v := range fields[role] {
			if normalTrait[role] {
				n, ok := norm(v, ctx)
				if !ok {
					continue
				}
				v = n
			}
			dst = similar.AppendTrait(dst, at, v)
		}
	}
	return dst
}
