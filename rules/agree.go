package rules

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/normalize"
)

// Kept is a record as the crosswalk remembers it.
type Kept struct {
	Source string
	Key    string
	Kind   Kind
	Fields map[string][]string
}

// Agreement is a field of two records, with a value of each: one that they
// have in common, or where they contradict each other the first of each.
type Agreement struct {
	Role, Left, Right string
}

// LineAgreement is a line of match.same on whose fields two records agree.
// Contradict are its confirm fields that speak against it.
type LineAgreement struct {
	Line       string
	Agree      []Agreement
	Contradict []Agreement
}

// LineFields are the fields of a line, and those that confirm it, by its name
// as links record it; ok is false for other rules.
func LineFields(name string) (fields, confirm []string, ok bool) {
	rest, ok := strings.CutPrefix(name, "same: ")
	if !ok {
		return nil, nil, false
	}
	rest, by, confirmed := strings.Cut(rest, ", confirmed by ")
	if confirmed {
		confirm = strings.Split(by, " + ")
	}
	return strings.Split(rest, " + "), confirm, true
}

// Agreements are the lines of match.same on which two records agree.
func (r *Ruleset) Agreements(a, b Kept) []LineAgreement {
	var out []LineAgreement
	for i := range r.lines {
		l := &r.lines[i]
		if l.sources != nil && (!l.sources[a.Source] || !l.sources[b.Source]) || a.Kind != b.Kind || l.kind >= 0 && Kind(l.kind) != a.Kind {
			continue
		}
		agree, ok := r.AgreeOn(l.Fields, a, b)
		if !ok {
			continue
		}
		out = append(out, LineAgreement{Line: r.LineName(uint8(i)), Agree: agree, Contradict: r.contradictions(l.Confirm, a, b)})
	}
	return out
}

// Apart are the fields of match.differ that say that two records are two
// customers.
func (r *Ruleset) Apart(a, b Kept) []Agreement { return r.contradictions(r.cfg.Differ, a, b) }

// AgreeOn finds a common value of each of the fields; ok is false where one
// has none.
func (r *Ruleset) AgreeOn(fields []string, a, b Kept) (agree []Agreement, ok bool) {
	for _, role := range fields {
		found := false
		if role == "id" {
			found = a.Key == b.Key
			agree = append(agree, Agreement{role, a.Key, b.Key})
		}
		left, right := r.normals(role, a), r.normals(role, b)
		for _, v := range left {
			k := slices.IndexFunc(right, func(o cell) bool { return o.normal == v.normal })
			if k >= 0 && !found {
				found = true
				agree = append(agree, Agreement{role, v.text, right[k].text})
			}
		}
		if !found {
			return nil, false
		}
	}
	return agree, len(fields) > 0
}

func (r *Ruleset) contradictions(roles []string, a, b Kept) []Agreement {
	var out []Agreement
	for _, role := range roles {
		left, right := r.normals(role, a), r.normals(role, b)
		if len(left) == 0 || len(right) == 0 {
			continue
		}
		shared := slices.ContainsFunc(left, func(v cell) bool {
			return slices.ContainsFunc(right, func(o cell) bool { return o.normal == v.normal })
		})
		if !shared {
			out = append(out, Agreement{role, left[0].text, right[0].text})
		}
	}
	return out
}

// normals are the values of a role of a kept record as match.same compares
// them, without placeholders.
func (r *Ruleset) normals(role string, k Kept) []cell {
	values := k.Fields[role]
	if role == "name" && len(values) == 0 {
		if names := Names(map[string][]string{"given_name": k.Fields["given_name"], "family_name": k.Fields["family_name"]}); len(names) > 0 {
			values = names
		}
	}
	var ctx normalize.Context
	if i := slices.IndexFunc(r.sources, func(s *source) bool { return s.Name == k.Source }); i >= 0 {
		ctx = r.sources[i].ctx
	}
	norm := normalize.ByRole(role)
	at := slices.IndexFunc(r.used, func(u usedRole) bool { return u.name == role })
	var out []cell
	for _, v := range values {
		n, ok := norm(v, ctx)
		if !ok || n == "" || normalize.Placeholder(role, n) || at >= 0 && r.used[at].placeholders[n] {
			continue
		}
		out = append(out, cell{text: v, normal: n, ok: true})
	}
	return out
}
