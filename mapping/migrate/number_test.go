package migrate_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// TestNumbersDoNotDependOnTheOrderOfRows plans the same records in several
// orders, under schemes of every kind.
func TestNumbersDoNotDependOnTheOrderOfRows(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"N{next:6}", "N{field:region}{next:4}", "N{field:region}{date:YYMM}{next}{check:mod97-10}", "N-{hash:3}", "N{field:region}{hash:2}", "N{seq:6}-{field:region}",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				n := rapid.IntRange(1, 60).Draw(rt, "records")
				lines := make([]string, n)
				for i := range lines {
					lines[i] = fmt.Sprintf("%d,%s,%s,%s", i, rapid.SampledFrom([]string{"GD", "bj", "", "4", "44"}).Draw(rt, "region"),
						rapid.SampledFrom([]string{"2024-05-01", "2024-06-01", ""}).Draw(rt, "created"), rapid.SampledFrom([]string{"a@x.example", "b@x.example", ""}).Draw(rt, "email"))
				}
				var first []string
				for try := range 2 {
					w := newWorld(t, "", rules.Config{
						Canonical: rules.Canonical{Scheme: text, Secret: "a secret of sixteen"}, Matching: true, Same: same("email"),
						Sources: []rules.Source{seqSource("crm", "region", "created", "email")},
					})
					w.sheets["crm"] = table("id,region,created,email\n" + strings.Join(lines, "\n"))
					got := planned(rt, w)
					if try == 0 {
						first = got
					} else if !slices.Equal(first, got) {
						rt.Fatalf("%v, then %v", first, got)
					}
					rand.New(rand.NewPCG(uint64(n), 1)).Shuffle(n, func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
				}
			})
		})
	}
}

// seqSource is a source whose IDs are numbers.
func seqSource(name string, roles ...string) rules.Source {
	s := source(name, roles...)
	s.ID.Schemes = []string{"{seq}"}
	return s
}

// planned lists what a dry run would write and reject, in the order of keys.
// No number may be given to two customers.
func planned(t interface{ Fatal(...any) }, w *world) (out []string) {
	w.policy.Collisions = "reject"
	p, err := w.dry()
	if err != nil {
		t.Fatal(err)
	}
	creates := map[string]bool{}
	for c, err := range p.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind == mapping.KindCreate {
			if creates[c.CanonicalID] {
				t.Fatal("issued twice: " + c.CanonicalID)
			}
			creates[c.CanonicalID] = true
		}
		out = append(out, fmt.Sprint(c.Kind, c.Source, c.SourceID, c.CanonicalID))
	}
	for _, s := range p.Sources {
		if !s.Counts.Balanced() {
			t.Fatal("does not balance", s.Name, s.Counts)
		}
	}
	slices.Sort(out)
	return out
}

// TestTheNextRecordFoundsWhereTheFirstCannot: a customer is not lost because
// the record of highest precedence lacks what its number is made of.
func TestTheNextRecordFoundsWhereTheFirstCannot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{
		Canonical: rules.Canonical{Scheme: "K{field:region}{next:3}"}, Matching: true, Same: same("email"),
		Sources: []rules.Source{source("a", "region", "email"), source("b", "region", "email")},
	})
	w.sheets["a"] = table("id,region,email\n1,,x@x.example\n2,,y@x.example\n3,GD,\n4,,")
	w.sheets["b"] = table("id,region,email\n1,BJ,x@x.example\n2,,y@x.example")
	p := w.apply()
	expect(t, w, "a 1=KBJ001", "a 3=KGD001", "b 1=KBJ001")
	expectCounts(t, p, mapping.Counts{Read: 6, Created: 2, Linked: 1, Rejected: 3})
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "1 customer is founded by a later record, since the first cannot be (a 1") {
		t.Errorf("notes are %q", p.Notes)
	}
	// The customer is known now, and the first record's lack does no harm.
	p = w.apply()
	expectCounts(t, p, mapping.Counts{Read: 6, Unchanged: 3, Rejected: 3})
	w.sheets["a"] = table("id,region,email\n1,,x@x.example\n2,SH,y@x.example\n3,GD,\n4,GD,")
	p = w.apply()
	expect(t, w, "a 1=KBJ001", "a 2=KSH001", "a 3=KGD001", "a 4=KGD002", "b 1=KBJ001", "b 2=KSH001")
	expectCounts(t, p, mapping.Counts{Read: 6, Unchanged: 3, Created: 2, Linked: 1})
}

// TestTwoPrefixesNeverWriteOneNumber: A1 and 11 are A and 111 are A11 and 1.
func TestTwoPrefixesNeverWriteOneNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{
		Canonical: rules.Canonical{Scheme: "N{field:region}{next}"}, Sources: []rules.Source{source("a", "region")},
	})
	sheet := "id,region"
	for i := range 300 {
		sheet += fmt.Sprintf("\n%d,%s", i, []string{"A", "A1", "A11"}[i%3])
	}
	w.sheets["a"] = table(sheet)
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: 300, Created: 300})
	planned(t, w)
	numbers := map[string]bool{}
	for _, l := range w.links() {
		_, number, _ := strings.Cut(l, "=")
		numbers[number] = true
	}
	if len(numbers) != 300 {
		t.Errorf("300 customers have %d numbers", len(numbers))
	}
	if len(p.Notes) == 0 || !strings.Contains(p.Notes[len(p.Notes)-1], "stepped over") {
		t.Errorf("notes are %q", p.Notes)
	}
}

func TestCarriedNumbersThatClash(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Canonical: rules.Canonical{Scheme: "N{seq:4}"}, Sources: []rules.Source{seqSource("a"), seqSource("b")}})
	w.sheets["a"], w.sheets["b"] = table("id\n1\n2"), table("id\n01\n5")
	_, _, err := w.try()
	var clash *plan.ClashError
	if !errors.As(err, &clash) || clash.Total != 1 || clash.First[0].Number != "N0001" {
		t.Fatalf("a clash gives %v", err)
	}
	expect(t, w)
	w.policy.Collisions = "reject"
	p := w.apply()
	expect(t, w, "a 1=N0001", "a 2=N0002", "b 5=N0005")
	expectCounts(t, p, mapping.Counts{Read: 4, Created: 3, Rejected: 1})
	w.policy.Collisions = ""
	if _, _, err = w.try(); !errors.As(err, &clash) || clash.First[0].Owner != "a 1, issued in run 1" {
		t.Fatalf("a clash with the crosswalk gives %v", err)
	}
}

// TestRandomNumbersComeFromTheirReader: what is random to the world is fixed
// by the reader of a test, and other randomness gives other numbers.
func TestRandomNumbersComeFromTheirReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Canonical: rules.Canonical{Scheme: "N{random:8}"}, Sources: []rules.Source{source("a")}})
	w.sheets["a"] = table("id\n1\n2\n3")
	plans := map[string]int{}
	for _, seed := range []string{"x", "y", "x"} {
		w.random = bytes.NewReader(bytes.Repeat([]byte(seed), 32))
		plans[strings.Join(planned(t, w), "\n")]++
	}
	if len(plans) != 2 {
		t.Errorf("two seeds give %d plans", len(plans))
	}
	w.random = bytes.NewReader([]byte("too short"))
	if _, err := w.dry(); err == nil {
		t.Error("a reader that fails goes unnoticed")
	}
}

// TestManyPrefixes numbers by region and day, as many of them as a large
// company has in ten years. Without LONG=1 it is one in twenty.
func TestManyPrefixes(t *testing.T) {
	t.Parallel()
	prefixes := 100_000
	if os.Getenv("LONG") == "" {
		prefixes /= 20
	}
	w := newWorld(t, "", rules.Config{Canonical: rules.Canonical{Scheme: "N{field:region}{next:3}"}, Sources: []rules.Source{source("a", "region")}})
	sheet := func(each int) *sheet {
		var b strings.Builder
		b.WriteString("id,region")
		for i := range each * prefixes {
			fmt.Fprintf(&b, "\n%d,R%dX", i, i%prefixes)
		}
		return table(b.String())
	}
	w.sheets["a"] = sheet(1)
	expectCounts(t, w.apply(), mapping.Counts{Read: int64(prefixes), Created: int64(prefixes)})
	w.sheets["a"] = sheet(2)
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: int64(2 * prefixes), Created: int64(prefixes), Unchanged: int64(prefixes)})
	if len(p.Counters) != prefixes || p.Counters["NR7X"] != 2 {
		t.Errorf("%d counters, NR7X at %d", len(p.Counters), p.Counters["NR7X"])
	}
}

// TestExhaustion: an alarm at 80%, the last number is given, and not one more.
func TestExhaustion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{
		Canonical: rules.Canonical{Scheme: "K{field:region}-{next:1}", Reserved: []rules.Range{{From: 3, To: 5}, {From: 4, To: 6}}},
		Sources:   []rules.Source{source("a", "region")},
	})
	rows := func(gd, bj int) *sheet {
		text := "id,region"
		for i := range gd {
			text += fmt.Sprintf("\nG%d,GD", i)
		}
		for i := range bj {
			text += fmt.Sprintf("\nB%d,BJ", i)
		}
		return table(text)
	}
	w.sheets["a"] = rows(3, 1) // of 1 2 7 8 9
	if p := w.apply(); len(p.Notes) != 0 {
		t.Errorf("60%% alarms: %q", p.Notes)
	}
	w.sheets["a"] = rows(4, 1)
	if p := w.apply(); len(p.Notes) != 1 || !strings.HasPrefix(p.Notes[0], "80% of the numbers of K{field:region}-{next:1} for KGD- are used (4 of 5)") {
		t.Errorf("80%% alarms with %q", p.Notes)
	}
	w.sheets["a"] = rows(7, 2)
	var full *plan.CapacityError
	if _, _, err := w.try(); !errors.As(err, &full) || full.Prefix != "KGD-" || full.Capacity != 5 || full.Left != 1 || full.Wanted != 3 {
		t.Errorf("7 of 5 numbers give %v", err)
	}
	w.sheets["a"] = rows(5, 5)
	p := w.apply()
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "100% of the numbers") || !strings.Contains(p.Notes[0], "(1 other prefix is nearly as full)") {
		t.Errorf("100%% alarms with %q", p.Notes)
	}
}
