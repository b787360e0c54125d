package rules

import (
	"testing"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// TestKeysAreRemembered makes the keys of a space from what the crosswalk
// keeps of it.
func TestKeysAreRemembered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		rule    scheme.KeyRule
		schemes []string
		text    string
		id, key string
	}{
		{"default", scheme.KeyRule{}, []string{"C{seq:4}"}, "", " C0001 ", "C0001"},
		{"case", scheme.KeyRule{Case: "upper"}, nil, "case=upper", "c1", "C1"},
		{"spellings", scheme.KeyRule{}, []string{"{any}", "{uuid}"}, `schemes=["{uuid}"]`, "017F22E279B07CC398C4DC0C0C07398F", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"},
		{"both", scheme.KeyRule{Case: "upper", Space: "exact"}, []string{"T {base32:2}"}, `case=upper space=exact schemes=["T {base32:2}"]`, "t O1", "T 01"},
		{"forms of equal length", scheme.KeyRule{}, []string{"{any}", "{seq:2}-{seq:1}", "{seq:2}.{seq:1}"}, `schemes=["{seq:2}-{seq:1}","{seq:2}.{seq:1}"]`, "01.2", "01-2"},
		{"a list of the configuration", scheme.KeyRule{}, []string{"{code:branch}[-]{seq:2}"}, `schemes=["{code:branch}[-]{seq:2}"]`, "N01", "N01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := compileOK(t, Config{
				Canonical: Canonical{Scheme: "CUST-{next:8}"}, Codes: scheme.Codes{"branch": {"N", "S"}},
				Sources: []Source{{Name: "s", ID: IDRule{Columns: []string{"no"}, Schemes: c.schemes, Key: c.rule}}},
			})
			text := r.Space(0).Key
			if text != c.text {
				t.Errorf("the crosswalk keeps %q, want %q", text, c.text)
			}
			keys, err := ParseKeyRule(text)
			if err != nil {
				t.Fatal(err)
			}
			if key, err := keys.Key(c.id); err != nil || key != c.key {
				t.Errorf("Key(%q) = %q, %v, want %q", c.id, key, err, c.key)
			}
			facts, err := read(t, r, 0, map[string]string{"no": c.id})
			if err != nil || facts.Key != c.key {
				t.Errorf("a reader makes %q of %q, %v", facts.Key, c.id, err)
			}
		})
	}
	for _, bad := range []string{"colour=red", "case=odd", "schemes=[1]"} {
		if _, err := ParseKeyRule(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
