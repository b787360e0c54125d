package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// agreeing is a ruleset of two sources whose phones are of two countries.
func agreeing(t *testing.T) *Ruleset {
	t.Helper()
	source := func(name, country string) Source {
		s := Source{Name: name, Kind: KindRule{Const: "person"}, ID: IDRule{Columns: []string{"id"}}, Country: country}
		for _, role := range []string{"email", "family_name", "given_name", "phone", "tax_id", "vip"} {
			s.Fields = append(s.Fields, Field{Role: role, Columns: []Column{{Name: "c_" + role}}})
		}
		return s
	}
	return compileOK(t, Config{
		Canonical: Canonical{Scheme: "CUST-{next:6}", Start: 1},
		Sources:   []Source{source("uk", "GB"), source("cn", "CN")},
		Matching:  true,
		Same: []Same{
			{Fields: []string{"email"}, Confirm: []string{"name"}},
			{Fields: []string{"phone"}, Sources: []string{"uk"}},
			{Fields: []string{"id"}, Sources: []string{"uk", "cn"}},
		},
		Differ:       []string{"tax_id"},
		Placeholders: map[string][]string{"email": {"shop@example.com"}},
	})
}

func TestAgreements(t *testing.T) {
	t.Parallel()
	r := agreeing(t)
	kept := func(source, key string, fields ...string) Kept {
		k := Kept{Source: source, Key: key, Fields: map[string][]string{}}
		for i := 0; i < len(fields); i += 2 {
			k.Fields[fields[i]] = append(k.Fields[fields[i]], fields[i+1])
		}
		return k
	}
	ann := kept("uk", "1", "email", "Ann@Example.com", "email", "a@example.net", "given_name", "Ann", "family_name", "Lee", "phone", "020 7946 0018")
	for _, c := range []struct {
		name  string
		other Kept
		want  []LineAgreement
	}{
		{"one of several e-mails", kept("cn", "2", "email", "A@example.net"), []LineAgreement{
			{Line: "same: email, confirmed by name", Agree: []Agreement{{"email", "a@example.net", "A@example.net"}}},
		}},
		{"contradicted by a name that is put together", kept("cn", "2", "email", "ann@example.com", "given_name", "Bo", "family_name", "Lin"), []LineAgreement{
			{Line: "same: email, confirmed by name", Agree: []Agreement{{"email", "Ann@Example.com", "ann@example.com"}}, Contradict: []Agreement{{"name", "Ann Lee", "Bo Lin"}}},
		}},
		{"phones by the country of each source", kept("uk", "2", "phone", "+44 20 7946 0018"), []LineAgreement{
			{Line: "same: phone", Agree: []Agreement{{"phone", "020 7946 0018", "+44 20 7946 0018"}}},
		}},
		{"a line of other sources", kept("cn", "2", "phone", "+44 20 7946 0018"), nil},
		{"one numbering", kept("cn", "1"), []LineAgreement{{Line: "same: id", Agree: []Agreement{{"id", "1", "1"}}}}},
		{"another kind", Kept{Source: "cn", Key: "1", Kind: Company}, nil},
		{"nothing in common", kept("cn", "3", "email", "b@example.net"), nil},
	} {
		if d := cmp.Diff(c.want, r.Agreements(ann, c.other)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
	placeholder := kept("uk", "1", "email", "shop@example.com")
	if got := r.Agreements(placeholder, kept("cn", "2", "email", "shop@example.com")); got != nil {
		t.Errorf("a placeholder agrees: %v", got)
	}
	if got := r.Apart(kept("uk", "1", "tax_id", "111"), kept("cn", "2", "tax_id", "112")); len(got) != 1 || got[0].Role != "tax_id" {
		t.Errorf("two tax IDs are apart by %v", got)
	}
	if got := r.Apart(ann, kept("cn", "2", "tax_id", "112")); got != nil {
		t.Errorf("one tax ID alone is apart: %v", got)
	}
}

func TestLineFields(t *testing.T) {
	t.Parallel()
	r := agreeing(t)
	for no, want := range [][2][]string{{{"email"}, {"name"}}, {{"phone"}, nil}, {{"id"}, nil}} {
		fields, confirm, ok := LineFields(r.LineName(uint8(no)))
		if d := cmp.Diff(want, [2][]string{fields, confirm}); !ok || d != "" {
			t.Errorf("%s (-want +got):\n%s", r.LineName(uint8(no)), d)
		}
	}
	for _, rule := range []string{SimilarRule, DecidedRule, "new", ""} {
		if _, _, ok := LineFields(rule); ok {
			t.Errorf("%q is taken for a line of match.same", rule)
		}
	}
}

func TestSees(t *testing.T) {
	t.Parallel()
	r := agreeing(t)
	for column, want := range map[string]string{"c_email": "email", "c_vip": "vip", "id": "id", "cluster": ""} {
		if got := r.Sees(0, column); got != want {
			t.Errorf("Sees(%q) = %q, want %q", column, got, want)
		}
	}
}
