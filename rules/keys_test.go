package rules

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

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

// TestLookUpsAndReadersAgree: what the crosswalk keeps of a key rule gives every
// ID that a reader takes the key that the reader gives it.
func TestLookUpsAndReadersAgree(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"A", "-", "0", "[-]", "[.]", "[-]", "{seq:1}", "{seq:2}", "{seq}", "{alnum:2}", "{base32:2}", "{hex:2}", "{any}", "[A]", "[-{seq:1}]",
		"{check:luhn}", "[{check:damm}]", "[-{check:crockford37}]", "{code:gb2260-2}",
	}
	rapid.Check(t, func(rt *rapid.T) {
		src := Source{Name: "s", ID: IDRule{Columns: []string{"no"}, Key: scheme.KeyRule{
			Case: rapid.SampledFrom([]string{"", "", "upper", "lower"}).Draw(rt, "case"), Space: rapid.SampledFrom([]string{"", "exact"}).Draw(rt, "space"),
		}}}
		for range rapid.IntRange(1, 4).Draw(rt, "schemes") {
			text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 4).Draw(rt, "scheme"), "")
			if _, err := scheme.Compile(text, nil); err == nil {
				src.ID.Schemes = append(src.ID.Schemes, text)
			}
		}
		r, problems := Compile(Config{Canonical: Canonical{Scheme: "CUST-{next:8}"}, Sources: []Source{src}})
		if problems.Err() != nil {
			rt.Skip(problems.Err())
		}
		keys, err := ParseKeyRule(r.Space(0).Key)
		if err != nil {
			rt.Fatal(err)
		}
		for range 30 {
			id := rapid.StringOfN(rapid.RuneFrom([]rune("0142AaOo-. Ａ")), 1, 6, -1).Draw(rt, "id")
			facts, err := read(t, r, 0, map[string]string{"no": id})
			if err != nil {
				continue
			}
			if key, err := keys.Key(id); err != nil || key != facts.Key {
				rt.Fatalf("%q: a reader makes %q of %q, and %s makes %q, %v", src.ID.Schemes, facts.Key, id, r.Space(0).Key, key, err)
			}
			if key, err := keys.Key(facts.Key); err != nil || key != facts.Key {
				rt.Fatalf("%q: the key of the key %q is %q, %v", src.ID.Schemes, facts.Key, key, err)
			}
		}
	})
}
