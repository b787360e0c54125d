package rules

import (
	"testing"
)

// TestLikenesses: whether a record describes the customer whom it described
// before.
func TestLikenesses(t *testing.T) {
	t.Parallel()
	type fields = map[string][]string
	person := fields{"name": {"Anna Schmidt"}, "email": {"anna@x.example"}, "phone": {"+8613912784406"}, "birth_date": {"1980-02-03"}}
	with := func(base fields, changes ...string) fields {
		out := fields{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			out[changes[i]] = []string{changes[i+1]}
			if changes[i+1] == "" {
				delete(out, changes[i])
			}
		}
		return out
	}
	firm := fields{"company": {"Acme Bolts GmbH"}, "address": {"Hauptstr. 5"}, "city": {"Berlin"}, "email": {"info@acme.example"}}
	for _, tc := range []struct {
		name     string
		kind     Kind
		was, now fields
		want     Likeness
	}{
		{"nothing changed", Person, person, person, OneAndSame},
		{"another mailbox", Person, person, with(person, "email", "schmidt@y.example"), OneAndSame},
		{"married", Person, person, with(person, "name", "Anna Meier", "email", "meier@y.example"), OneAndSame},
		{"married and moved", Person, person, with(person, "name", "Anna Meier", "email", "meier@y.example", "phone", "+8613658274951"), OneAndSame},
		{"a slip in the name", Person, person, with(person, "name", "Ana Schmidt", "email", "", "phone", "", "birth_date", ""), OneAndSame},
		{"somebody else in every field", Person, person, fields{"name": {"Mehmet Öztürk"}, "email": {"m.oz@z.example"}, "phone": {"+8613658274951"}, "birth_date": {"1999-11-30"}}, Another},
		{"somebody else, of whom two things are known", Person, with(person, "phone", "", "birth_date", ""), fields{"name": {"Mehmet Öztürk"}, "email": {"m.oz@z.example"}}, Another},
		{"another name at the same phone", Person, person, fields{"name": {"Mehmet Öztürk"}, "email": {"m.oz@z.example"}, "phone": {"+8613912784406"}}, Doubtful},
		{"another name, and nothing else to compare", Person, person, fields{"name": {"Mehmet Öztürk"}}, Doubtful},
		{"the same name, born on another day", Person, fields{"name": {"Li Wei"}, "birth_date": {"1980-02-03"}}, fields{"name": {"Li Wei"}, "birth_date": {"1999-11-30"}}, Doubtful},
		{"the given name only", Person, person, fields{"name": {"Anna Koslowski"}, "email": {"ak@z.example"}, "phone": {"+8613658274951"}, "birth_date": {"1999-11-30"}}, Doubtful},
		{"only a mailbox, another one", Person, fields{"email": {"a@x.example"}}, fields{"email": {"b@y.example"}}, Doubtful},
		{"blank before", Person, fields{}, person, Untold},
		{"placeholders", Person, fields{"name": {"Test Test"}, "email": {"none@none.com"}}, person, Untold},
		{"a firm that moved", Company, firm, with(firm, "address", "Ring 77", "city", "Hamburg"), OneAndSame},
		{"another firm", Company, firm, fields{"company": {"Globex Shipping Ltd"}, "address": {"Harbour Road 12"}, "city": {"Dover"}, "email": {"x@globex.example"}}, Another},
		{"a firm of another name in the same place", Company, firm, with(firm, "company", "Globex Shipping Ltd"), Doubtful},
		{"chinese names", Person, fields{"name": {"张伟"}, "phone": {"+8613912784406"}}, fields{"name": {"欧阳娜娜"}, "phone": {"+8613658274951"}}, Another},
		{"a name in another script", Person, fields{"name": {"张伟"}, "phone": {"+8613912784406"}}, fields{"name": {"Zhang Wei"}, "phone": {"+8613658274951"}}, OneAndSame},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := &Ruleset{}
			got, err := r.Likenesses(t.Context(), [][2]Kept{{{Kind: tc.kind, Fields: tc.was}, {Kind: tc.kind, Fields: tc.now}}})
			if err != nil {
				t.Fatal(err)
			}
			if got[0] != tc.want {
				t.Errorf("%v to %v is %d, want %d", tc.was, tc.now, got[0], tc.want)
			}
		})
	}
}
