package migrate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// numberings are ways of writing the n-th number of a source; salt is a number
// of the source that makes them less regular.
var numberings = []struct {
	schemes []string
	id      func(n, salt int) string
}{
	{[]string{"{seq:5}"}, func(n, salt int) string { return fmt.Sprintf("%05d", n+salt) }},
	{[]string{"{seq:9}"}, func(n, salt int) string { return fmt.Sprintf("%09d", (n*7919*(salt+1))%1_000_000_000) }},
	{[]string{"{seq:3-6}"}, func(n, salt int) string { return fmt.Sprintf("%03d", n*(salt+1)) }},
	{[]string{"{seq}"}, func(n, salt int) string { return fmt.Sprint(n + salt) }},
	{[]string{"C{seq:4}"}, func(n, salt int) string { return fmt.Sprintf("C%04d", n+salt) }},
	{[]string{"CUST-{seq:5}"}, func(n, salt int) string { return fmt.Sprintf("CUST-%05d", (n*37+salt)%100_000) }},
	{[]string{"{seq:7}{check:luhn}"}, func(n, salt int) string { return checked("luhn", fmt.Sprintf("%07d", n*(salt+1))) }},
	{[]string{"K[-]{seq:4}[{check:damm}]"}, func(n, salt int) string {
		body := fmt.Sprintf("K%04d", n+salt)
		switch n % 3 {
		case 0:
			return checked("damm", body)
		case 1:
			return "K-" + body[1:]
		}
		return body
	}},
	{[]string{"{letters:2}{seq:4}"}, func(n, salt int) string {
		return string(rune('A'+n%26)) + string(rune('A'+salt%26)) + fmt.Sprintf("%04d", n)
	}},
	{[]string{"A{seq:4}", "B-{seq:6}"}, func(n, salt int) string {
		if n%2 == 0 {
			return fmt.Sprintf("A%04d", n)
		}
		return fmt.Sprintf("B-%06d", n*(salt+1))
	}},
	{[]string{"{seq:2}-{seq:2}"}, func(n, _ int) string { return fmt.Sprintf("%02d-%02d", 1+n%12, 1+n/12) }},
	{[]string{"{base32:6}"}, func(n, salt int) string {
		const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
		id := ""
		for v := (n + 1) * 7919 * (salt + 3); len(id) < 6; v /= 32 {
			id += alphabet[v%32 : v%32+1]
		}
		return id
	}},
	{[]string{"{salesforce}"}, func(n, salt int) string {
		id := "0015g00" + fmt.Sprintf("%05d", n*(salt+1)) + string(rune('a'+n%26)) + string(rune('A'+n%7)) + "B"
		return id + scheme.SalesforceSuffix(id)
	}},
	{[]string{"{uuid}"}, func(n, salt int) string {
		return fmt.Sprintf("%08x-%04x-4abc-9def-%012x", n*7919+1, salt, n*104729)
	}},
}

func checked(alg, body string) string { return body + scheme.CheckOf(alg, body) }

// injuries are what happens to IDs on their way.
var injuries = map[string]func(id string) string{
	"zeros lost":       func(id string) string { return strings.TrimLeft(id, "0") },
	"inner zeros lost": func(id string) string { return innerZeros(id, "") },
	"zeros added":      func(id string) string { return innerZeros(id, "00") },
	"padded":           func(id string) string { return "00" + id },
	"decimal":          func(id string) string { return strings.TrimLeft(id, "0") + ".0" },
	"thousands":        func(id string) string { return thousands(strings.TrimLeft(id, "0")) },
	"apostrophe":       func(id string) string { return "'" + id },
	"formula":          func(id string) string { return `="` + id + `"` },
	"quotes":           func(id string) string { return `"` + id + `"` },
	"upper":            strings.ToUpper,
	"lower":            strings.ToLower,
	"O for 0":          func(id string) string { return strings.ReplaceAll(id, "0", "O") },
	"one O for 0":      func(id string) string { return strings.Replace(id, "0", "O", 1) },
	"l for 1":          func(id string) string { return strings.Replace(id, "1", "l", 1) },
	"no prefix":        func(id string) string { return strings.TrimLeft(id, "CUSTABK-") },
	"prefix twice":     func(id string) string { return id[:min(2, len(id))] + id },
	"cut behind":       func(id string) string { return id[:len(id)-1] },
	"cut before":       func(id string) string { return id[1:] },
	"dash":             func(id string) string { return strings.ReplaceAll(id, "-", "–") },
	"no dash":          func(id string) string { return strings.ReplaceAll(id, "-", "") },
	"space":            func(id string) string { return " " + id + "\u200b" },
	"inner space":      func(id string) string { return id[:1] + " " + id[1:] },
	"full width":       func(id string) string { return strings.NewReplacer("0", "０", "1", "１", "C", "Ｃ").Replace(id) },
	"scientific":       scientific,
	"one key wrong":    func(id string) string { return id[:len(id)/2] + "7" + id[len(id)/2+1:] },
	"last key first":   func(id string) string { return id[len(id)-1:] + id[:len(id)-1] },
	"as a date":        func(id string) string { return strings.Replace(id, "-", "/", 1) },
	"mojibake":         func(id string) string { return id[:1] + "\uFFFD" + id[1:] },
}

// gcd is the greatest common divisor.
func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// innerZeros writes others for the zeros before the last run of digits.
func innerZeros(id, zeros string) string {
	at := strings.LastIndexFunc(id, func(r rune) bool { return r < '0' || r > '9' }) + 1
	return id[:at] + zeros + strings.TrimLeft(id[at:], "0")
}

func thousands(id string) string {
	if strings.Trim(id, "0123456789") != "" || len(id) < 4 {
		return id
	}
	return id[:len(id)-3] + "," + id[len(id)-3:]
}

func scientific(id string) string {
	digits := strings.TrimLeft(id, "0")
	if strings.Trim(digits, "0123456789") != "" || len(digits) < 4 {
		return id
	}
	return fmt.Sprintf("%s.%sE+%02d", digits[:1], digits[1:min(6, len(digits))], len(digits)-1)
}

// mendWorld is one source, whose records are one customer where they agree on
// an e-mail.
func mendWorld(t testing.TB, dir, name string, schemes []string) *world {
	s := source("s", "email", "name")
	s.ID.Schemes, s.Repair = schemes, rules.RepairSafe
	w := newWorld(t, filepath.Join(dir, name+".db"), rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{s}})
	w.policy = plan.Policy{Retire: true, RetireAtMost: 1}
	return w
}

// linksByKey are the links of a world's only source.
func linksByKey(t *rapid.T, w *world) map[string]crosswalk.Link {
	store := w.open()
	defer store.Close()
	snap, err := store.Snapshot(w.t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	out := map[string]crosswalk.Link{}
	for l, err := range snap.Links(w.t.Context(), crosswalk.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		out[l.Key] = *l
	}
	return out
}

// applied runs w, which must not fail.
func applied(t *rapid.T, w *world) *plan.Plan {
	p, _, err := w.try()
	if err != nil {
		t.Fatal(err)
	}
	if c := p.Sources[0].Counts; !c.Balanced() || c.Retired > 0 {
		t.Fatalf("counts are %+v", c)
	}
	return p
}

// TestRepairsFindTheSameCustomers reads a file that was damaged in one way.
// Whatever is linked has the key and the companions that it has in the file as
// it was; running again changes nothing; the mended file moves nobody. Where
// the file was read before it was damaged, nobody is taken for a new customer.
func TestRepairsFindTheSameCustomers(t *testing.T) {
	t.Parallel()
	var names []string
	for name := range injuries {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		defer os.RemoveAll(dir)
		kind := numberings[rapid.IntRange(0, len(numberings)-1).Draw(rt, "numbering")]
		injury := rapid.SampledFrom(names).Draw(rt, "injury")
		n, salt := rapid.SampledFrom([]int{3, 12, 40, 140, 300}).Draw(rt, "rows"), rapid.IntRange(0, 50).Draw(rt, "salt")
		share, start := rapid.SampledFrom([]int{1, 1, 2, 10, 100}).Draw(rt, "one in"), rapid.IntRange(0, 3).Draw(rt, "start")
		step := salt + 1
		for gcd(step, 2*n) > 6 { // else very many share an address, which then is no evidence in the one file and some in the other
			step++
		}
		before := mendWorld(t, dir, "before", kind.schemes) // reads the sound file first
		rs := before.ruleset()
		key := func(id string) string { // empty where no scheme reads it
			k, _, err := rs.Key("s", id)
			if err != nil {
				return ""
			}
			return k
		}
		sound := &sheet{header: []string{"id", "email", "name"}}
		damaged := &sheet{header: sound.header}
		keys, seen := map[string]map[string]bool{}, map[string]bool{} // by ID as it stands: the keys that it had
		for i := range n {
			id := kind.id(i, salt)
			if key(id) == "" {
				rt.Fatalf("%v does not read %q", kind.schemes, id)
			}
			if seen[key(id)] {
				continue
			}
			seen[key(id)] = true
			row := []string{id, fmt.Sprintf("p%d@x.example", i*step%(2*n)), fmt.Sprintf("Customer %d", i)}
			sound.rows = append(sound.rows, row)
			row = slices.Clone(row)
			if d := injuries[injury](id); (i+start)%share == 0 && d != "" && (key(d) == "" || key(d) == key(id)) {
				row[0] = d // else it is another number, and nobody can see it
			}
			damaged.rows = append(damaged.rows, row)
			if keys[row[0]] == nil {
				keys[row[0]] = map[string]bool{}
			}
			keys[row[0]][key(id)] = true
		}
		before.sheets["s"] = sound
		applied(rt, before)
		want := linksByKey(rt, before)

		w := mendWorld(t, dir, "damaged", kind.schemes)
		w.sheets["s"] = damaged
		p := applied(rt, w)
		got := linksByKey(rt, w)
		groups, numbers := map[string]string{}, map[string]string{}
		for k, l := range got {
			if of := keys[l.Verbatim]; !of[k] || len(of) > 1 {
				rt.Fatalf("%v, %s: %q became %q and was %v", kind.schemes, injury, l.Verbatim, k, of)
			}
			a, b := want[k].Canonical, l.Canonical
			if was, ok := groups[a]; ok && was != b {
				rt.Fatalf("%v, %s: the records of %s are %s and %s", kind.schemes, injury, a, was, b)
			}
			if was, ok := numbers[b]; ok && was != a {
				rt.Fatalf("%v, %s: %s and %s became one customer", kind.schemes, injury, was, a)
			}
			groups[a], numbers[b] = b, a
		}
		if again := applied(rt, w); !again.Empty() {
			rt.Fatalf("%v, %s: running again changes %+v", kind.schemes, injury, again.Totals)
		}
		w.sheets["s"] = sound
		mended := applied(rt, w)
		if c := mended.Totals; c.Created+c.Linked != int64(len(want)-len(got)) || c.Rejected != 0 {
			rt.Fatalf("%v, %s: after %+v the mended file gives %+v", kind.schemes, injury, p.Totals, c)
		}
		for k, l := range linksByKey(rt, w) {
			if old, ok := got[k]; ok && (l.Canonical != old.Canonical || l.State != crosswalk.Live) {
				rt.Fatalf("%v, %s: %s was %s and is %s", kind.schemes, injury, k, old.Canonical, l.Canonical)
			}
		}

		before.sheets["s"] = damaged
		if late := applied(rt, before); late.Totals.Created+late.Totals.Linked != 0 {
			rt.Fatalf("%v, %s: known records are new: %+v", kind.schemes, injury, late.Totals)
		}
		for k, l := range linksByKey(rt, before) {
			if l.Canonical != want[k].Canonical || l.State != crosswalk.Live {
				rt.Fatalf("%v, %s: %s was %s and is %s, %s", kind.schemes, injury, k, want[k].Canonical, l.Canonical, l.State)
			}
		}
	})
}
