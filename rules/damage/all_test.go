package damage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// grouped writes a number with separators.
func grouped(n int, sep string) string {
	id := fmt.Sprint(n)
	for i := len(id) - 3; i > 0; i -= 3 {
		id = id[:i] + sep + id[i:]
	}
	return id
}

// TestOfAll shows which samples have damage in common, and which nothing but
// a scheme.
func TestOfAll(t *testing.T) {
	t.Parallel()
	as := func(format string) func(int) string {
		return func(n int) string { return fmt.Sprintf(format, n) }
	}
	by := func(sep string) func(int) string {
		return func(n int) string { return grouped(n, sep) }
	}
	for _, c := range []struct {
		name     string
		id       func(n int) string
		from, to int
		want     string
	}{
		{"decimals", as("%d.0"), 1, 60, Decimal},
		{"two decimals after a comma", as("%d,00"), 1, 60, Decimal},
		{"scientific", as("1.23%02dE+11"), 10, 60, Scientific},
		{"formula", as(`="%06d"`), 1, 60, Formula},
		{"quotes", as(`"C%d"`), 1, 60, Quotes},
		{"apostrophe", as("'%06d"), 1, 60, Apostrophe},
		{"typographic apostrophe", as("’%06d"), 1, 60, Apostrophe},
		{"encoding", as("\uFFFD%03d"), 1, 60, Encoding},
		{"rounded", as("19143%010d0000"), 1, 60, Rounded},
		{"thousands from 1", by(","), 1, 9500, Thousands},
		{"thousands after points", by("."), 1, 9500, Thousands},
		{"thousands with decimals", func(n int) string { return grouped(n, ",") + ".00" }, 1, 9500, Thousands},
		{"thousands of one width", by(","), 123_456, 123_999, Thousands},

		{"numbers", as("%d"), 1, 9500, ""},
		{"small numbers", as("%d"), 1, 99, ""},
		{"too few", as("%d.0"), 1, 2, ""},
		{"groups of people", by(" "), 123_456_000, 123_456_900, ""},
		{"groups that may have zeros", as("%03d 456 789"), 1, 999, ""},
		{"a code and a number", by("."), 123_456, 123_999, ""},
		{"one zero at the end", as("19143100000%04d0"), 1, 60, ""},
		{"letters", as("C%04d"), 1, 60, ""},
		{"dates", as("2024-01-%02d"), 1, 28, ""},
		{"hexadecimal", as("%04x"), 1, 9500, ""},
		{"none", as(""), 1, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var ids []string
			for n := c.from; n <= c.to; n++ {
				ids = append(ids, c.id(n))
			}
			r := rand.New(rand.NewPCG(1, 2))
			r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
			f, found := OfAll(ids)
			if f.Kind != c.want || found != (c.want != "") || found != (f.Why != "") || len(f.Proposals) > 0 {
				t.Errorf("OfAll = %+v, %v, want %q", f, found, c.want)
			}
		})
	}
}

// TestOfNearlyAll: one ID in twenty may be anything.
func TestOfNearlyAll(t *testing.T) {
	t.Parallel()
	var ids []string
	for n := range 100 {
		ids = append(ids, fmt.Sprintf("%d.0", n))
	}
	if f, _ := OfAll(append(slices.Clone(ids), "A-1", "A-2", "A-3", "A-4", "A-5")); f.Kind != Decimal {
		t.Errorf("five others: %+v", f)
	}
	if f, found := OfAll(append(slices.Clone(ids), "A-1", "A-2", "A-3", "A-4", "A-5", "A-6")); found {
		t.Errorf("six others: %+v", f)
	}
}
