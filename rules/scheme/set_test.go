package scheme

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func set(t testing.TB, texts ...string) *Set {
	t.Helper()
	var schemes []*Scheme
	for _, text := range texts {
		schemes = append(schemes, compile(t, text))
	}
	return NewSet(schemes...)
}

func TestSetKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		schemes []string
		ids     map[string]string // ID -> key; empty: no scheme reads it
	}{
		{"empty set", nil, map[string]string{"whatever": "whatever"}},
		{"plain", []string{"C{seq:4}", "K-{seq:6}"}, map[string]string{"C0001": "C0001", "K-000001": "K-000001", "c0001": "", "K000001": ""}},
		{"with or without check", []string{"B{seq:7}[{check:luhn}]"}, map[string]string{
			"B7992739": "B7992739", "B79927391": "", "B79927398": "B7992739",
		}},
		{"dotted and undotted, in one scheme", []string{"[.]b{seq:3}[-]{seq:2}[{check:damm}]"}, map[string]string{
			"b57201": "b57201", ".b57201": "b57201", ".b572-01": "b57201", "b572-01": "b57201", ".b572-018": "b57201", "b572-014": "",
		}},
		{"in two schemes", []string{"B{seq:7}{check:luhn}", "B{seq:7}"}, map[string]string{"B79927398": "B7992739", "B7992739": "B7992739"}},
		{"a shorter number could be a longer one with its check", []string{"{seq}{check:luhn}", "{seq}"}, map[string]string{"79927398713": "79927398713", "7992739871": "7992739871"}},
		{"letters tell numbers apart", []string{"[K-]{seq:4}"}, map[string]string{"K-0001": "K-0001", "0001": "0001"}},
		{"so do signs that are no separators", []string{"#{seq:3}", "@{seq:3}", "{seq:3}"}, map[string]string{"#001": "#001", "@001": "@001", "001": "001"}},
		{"optional parts that say something stay", []string{"{seq:4}[-{seq:2}]"}, map[string]string{"0001": "0001", "0001-22": "0001-22"}},
		{"Crockford", []string{"T{base32:4}"}, map[string]string{"T1a0B": "T1A0B", "TiaoB": "T1A0B", "TLAOB": "T1A0B", "TUAOB": ""}},
		{"the separator of a single form stays", []string{"C-{seq:2}-{seq:2}"}, map[string]string{"C-01-02": "C-01-02", "C0102": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := set(t, c.schemes...)
			for id, want := range c.ids {
				key, at := s.Key(id)
				switch {
				case want == "" && at >= 0:
					t.Errorf("Key(%q) = %q by scheme %d", id, key, at)
				case want != "" && (at < 0 || key != want):
					t.Errorf("Key(%q) = %q, %d, want %q", id, key, at, want)
				case at < 0:
				default:
					if again, at := s.Key(key); again != key || at < 0 {
						t.Errorf("the key of %q is %q, whose key is %q, %d", id, key, again, at)
					}
				}
			}
		})
	}
}

func TestSetFolding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schemes, want string
	}{
		{"", ""},
		{"C{seq:4} K-{seq:6}", ""},
		{"{any} C{seq:4}[{check:luhn}]", "C{seq:4}[{check:luhn}]"},
		{"{any} B{seq:7} B{seq:7}{check:luhn} C{seq}", "B{seq:7}{check:luhn} B{seq:7}"},
	} {
		s := set(t, strings.Fields(c.schemes)...)
		var got []string
		for _, f := range s.Folding() {
			got = append(got, f.String())
		}
		if strings.Join(got, " ") != c.want || s.Folds() != (c.want != "") {
			t.Errorf("%s: folding are %q, want %q", c.schemes, got, c.want)
		}
	}
}

// TestFoldingSchemesAloneDecideKeys is what look-ups rely on: they know those
// schemes only.
func TestFoldingSchemesAloneDecideKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var schemes []*Scheme
		for range rapid.IntRange(1, 3).Draw(t, "schemes") {
			text := ""
			for range rapid.IntRange(1, 4).Draw(t, "parts") {
				text += rapid.SampledFrom([]string{"A", "-", "[-]", "[.]", "{seq:1}", "{seq:2}", "{base32:2}", "{alnum}", "{seq}", "{check:luhn}", "[{check:damm}]", "[A]"}).Draw(t, "part")
			}
			s, err := Compile(text, nil)
			if err != nil {
				t.Skip(err.Error())
			}
			schemes = append(schemes, s)
		}
		s := NewSet(schemes...)
		id := rapid.StringOfN(rapid.RuneFrom([]rune("012AO-.")), 1, 6, -1).Draw(t, "id")
		key, at := s.Key(id)
		if at < 0 {
			return
		}
		if again, _ := s.Key(key); again != key {
			t.Fatalf("%s: the key of %q is %q, whose key is %q", s, id, key, again)
		}
		if !s.Folds() {
			if key != id {
				t.Fatalf("%s: the key of %q is %q, and the set does not fold", s, id, key)
			}
			return
		}
		if alone, at := NewSet(s.Folding()...).Key(id); at >= 0 && alone != key {
			t.Fatalf("%s: the key of %q is %q, and %q by the folding schemes alone", s, id, key, alone)
		}
	})
}
