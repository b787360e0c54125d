package damage

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// TestProposalsFit holds every proposal for any text to be a key of the set,
// and Examine to one answer.
func TestProposalsFit(t *testing.T) {
	t.Parallel()
	var all []*Examiner
	for _, c := range corpora {
		all = append(all, examiner(t, strings.Fields(c.schemes)...))
	}
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(all).Draw(t, "examiner")
		id := rapid.OneOf(
			rapid.StringMatching(`['"=]{0,2}(CUST|C|K|cust|GD|京)?-?[0OIl]{0,3}[0-9]{0,9}([.,][0-9]{1,3}){0,3}(E\+?[0-9]{1,2})?"?`),
			rapid.StringMatching(`[0-9]{1,4}[-/.月][0-9A-Za-z]{1,4}([-/.日][0-9]{0,4})?`),
			rapid.StringMatching(`[0-9A-Za-z]{15,19}`),
			rapid.String(),
		).Draw(t, "id")
		holds(t, e, id)
	})
}

// holds is what must be true of every text.
func holds(t rapid.TB, e *Examiner, id string) {
	f, found := e.Examine(id)
	if !found {
		if f.Kind != "" || len(f.Proposals) > 0 {
			t.Fatalf("Examine(%q) finds nothing and proposes %q", id, f.Proposals)
		}
		return
	}
	if f.Kind == "" || f.Why == "" || len(f.Proposals) > maxProposals || f.Certain && len(f.Proposals) != 1 || f.Certain && f.Waits() {
		t.Fatalf("Examine(%q) = %+v", id, f)
	}
	for _, p := range f.Proposals {
		if key, at := e.set.Key(p); at < 0 || key != p {
			t.Fatalf("Examine(%q) proposes %q, which is no key", id, p)
		}
	}
	if again, _ := e.Examine(id); again.Kind != f.Kind || strings.Join(again.Proposals, " ") != strings.Join(f.Proposals, " ") {
		t.Fatalf("Examine(%q) = %+v and then %+v", id, f, again)
	}
}

func FuzzExamine(f *testing.F) {
	for _, id := range []string{"123.0", "'00123", `="1"`, "1,234", "1.23E+11", "2-Jan", "1月2日", "c1", "CC0001", "00530000009m943aac", "Ｃ１"} {
		f.Add("C{seq:4}[-{letters:2}]{check:luhn}", id)
		f.Add("{seq:5}", id)
	}
	f.Fuzz(func(t *testing.T, text, id string) {
		s, err := scheme.Compile(text, nil)
		if err != nil {
			return
		}
		holds(t, New(scheme.NewSet(s)), id)
	})
}

func BenchmarkExamine(b *testing.B) {
	for _, c := range []struct{ name, schemes, id string }{
		{"leading zeros", "{seq:5}", "123"},
		{"padding", "C{seq:8}", "C123"},
		{"check", "{seq:9}{check:luhn}", "123456782"},
		{"decimal", "{seq:7}", "1234567.0"},
		{"scientific", "{seq:12}", "1.23457E+11"},
		{"date", "{seq:2}-{seq:2}", "2-Jan"},
		{"case", "CUST-{seq:6}-{check:mod97-10}", "cust-000001-81"},
		{"salesforce", "{salesforce}", "a0d30000001n7pieai"},
		{"slip", "CUST-{seq:6} K-{seq:6}", "CUST-00X001"},
	} {
		b.Run(strings.ReplaceAll(c.name, " ", "_"), func(b *testing.B) {
			e := examiner(b, strings.Fields(c.schemes)...)
			b.ReportAllocs()
			for b.Loop() {
				e.Examine(c.id)
			}
		})
	}
}
