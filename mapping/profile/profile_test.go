package profile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/profile"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// rows is a source in memory. A nil row is one that cannot be read.
type rows [][]string

func (r rows) Records(ctx context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		for i, row := range r {
			place := mapping.Place{File: "a.csv", Line: int64(i) + 2, Row: int64(i) + 1}
			if row == nil {
				if !yield(mapping.Record{}, &mapping.RecordError{Place: place, Reason: "has 2 fields, the header has 3"}) {
					return
				}
				continue
			}
			values := make([]mapping.Value, len(row))
			for k, text := range row {
				values[k] = mapping.Value{Text: text, Null: text == "NULL"}
			}
			if !yield(mapping.Record{Place: place, Values: values}, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(mapping.Record{}, err)
		}
	}
}

// column is a source of one column.
func column(values ...string) rows {
	var r rows
	for _, v := range values {
		r = append(r, []string{v})
	}
	return r
}

// numbered is count numbers in a format, from first on.
func numbered(format string, first, count int) []string {
	out := make([]string, count)
	for i := range out {
		out[i] = fmt.Sprintf(format, first+i)
	}
	return out
}

// look profiles a source of one column of numbers.
func look(t *testing.T, src rows, schemes ...string) *profile.Numbering {
	t.Helper()
	return &profiled(t, src, []string{"id"}, schemes...).IDs[0]
}

func profiled(t *testing.T, src rows, columns []string, schemes ...string) *profile.Profile {
	t.Helper()
	p, err := profile.Look(t.Context(), src, columns, profile.Options{
		Source: "legacy", IDs: []profile.ID{{Name: "legacy", Rule: rules.IDRule{Columns: columns[:1], Schemes: schemes}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSequence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		ids  []string
		want profile.Run
	}{
		{
			"without a gap", numbered("C%05d", 1, 40),
			profile.Run{Numbers: 40, Min: "1", Max: "40", Missing: "0", Filled: 1, Shape: profile.Unbroken},
		},
		{
			"a gap, counted as numbers and not as texts", slices.Concat(numbered("C%d", 8, 20), numbered("C%d", 98, 22)),
			profile.Run{
				Numbers: 42, Min: "8", Max: "119", Missing: "70", Filled: 0.375, Shape: profile.InBlocks, Gaps: 1,
				Largest: []profile.Gap{{From: "28", To: "97", Missing: "70"}},
			},
		},
		{
			"in steps",
			[]string{"C00010", "C00020", "C00040", "C00050", "C00060", "C00070", "C00080", "C00090", "C00100", "C00110"},
			profile.Run{
				Numbers: 10, Min: "10", Max: "110", Missing: "1", Step: "10", Filled: 10. / 11, Shape: profile.WithGaps, Gaps: 9,
				Largest: []profile.Gap{{From: "21", To: "39", Missing: "19"}},
			},
		},
		{
			"numbers that stand twice count once", slices.Concat(numbered("C%05d", 1, 20), numbered("C%05d", 1, 20)),
			profile.Run{Numbers: 20, Min: "1", Max: "20", Missing: "0", Filled: 1, Shape: profile.Unbroken},
		},
		{
			"beyond 64 bits", append(numbered("C7777777777777777777777%03d", 941, 12), "C7777777777777777777777990"),
			profile.Run{
				Numbers: 13, Min: "7777777777777777777777941", Max: "7777777777777777777777990", Missing: "37", Filled: 0.26, Shape: profile.Scattered, Gaps: 1,
				Largest: []profile.Gap{{From: "7777777777777777777777953", To: "7777777777777777777777989", Missing: "37"}},
			},
		},
		{
			"on both sides of 64 bits",
			[]string{"C9999999999999999999", "C10000000000000000000", "C10000000000000000002"},
			profile.Run{
				Numbers: 3, Min: "9999999999999999999", Max: "10000000000000000002", Missing: "1", Filled: 0.75, Shape: profile.WithGaps, Gaps: 1,
				Largest: []profile.Gap{{From: "10000000000000000001", To: "10000000000000000001", Missing: "1"}},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := look(t, column(tt.ids...), "C{seq}")
			if len(n.Sequences) != 1 || len(n.Sequences[0].Runs) != 1 {
				t.Fatalf("sequences %+v of %+v, want one run", n.Sequences, n.Found)
			}
			if diff := cmp.Diff(tt.want, n.Sequences[0].Runs[0]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSequenceCountsWithinPrefixes(t *testing.T) {
	t.Parallel()
	n := look(t, column(slices.Concat(numbered("AB-%04d", 1, 30), numbered("CD-%04d", 1, 20), numbered("CD-%04d", 31, 5))...), "{letters:2}-{seq:4}")
	if len(n.Sequences) != 1 {
		t.Fatalf("sequences %+v of %+v", n.Sequences, n.Found)
	}
	s := n.Sequences[0]
	if s.Groups != 2 || s.Numbers != 55 || s.Missing != "10" {
		t.Errorf("%d groups, %d numbers, %s missing, want 2, 55, 10", s.Groups, s.Numbers, s.Missing)
	}
	if r := s.Runs[1]; r.Group != "CD" || r.Max != "35" || r.Gaps != 1 || r.Largest[0] != (profile.Gap{From: "21", To: "30", Missing: "10"}) {
		t.Errorf("the second group is %+v", r)
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	ids := numbered("C%05d", 1, 50)
	ids = append(ids, "C00007", " C00007", "Ｃ０００４２", "C00042")
	n := look(t, column(ids...))
	if n.IDs != 54 || n.Distinct != 50 {
		t.Errorf("%d numbers, %d distinct, want 54 and 50", n.IDs, n.Distinct)
	}
	want := profile.Duplicates{Keys: 2, Rows: 6, Examples: []profile.Duplicate{
		{ID: "C00007", Rows: 3, Places: []string{"a.csv:8", "a.csv:52", "a.csv:53"}},
		{ID: "C00042", Rows: 3, Places: []string{"a.csv:43", "a.csv:54", "a.csv:55"}},
	}}
	if diff := cmp.Diff(want, n.Duplicates); diff != "" {
		t.Error(diff)
	}
	wantSpelled := profile.Spellings{Folded: 2, Examples: []profile.Spelling{
		{IDs: []string{" C00007", "C00007"}, Places: []string{"a.csv:8", "a.csv:52", "a.csv:53"}, SameKey: true},
		{IDs: []string{"C00042", "Ｃ０００４２"}, Places: []string{"a.csv:43", "a.csv:54", "a.csv:55"}, SameKey: true},
	}}
	if diff := cmp.Diff(wantSpelled, n.Spellings); diff != "" {
		t.Error(diff)
	}
}

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		ids  []string
		want [][]string
	}{
		{"case", []string{"ab1", "AB1", "ab2"}, [][]string{{"AB1", "ab1"}}},
		{"leading zeros", []string{"C0012", "C12", "C112"}, [][]string{{"C0012", "C12"}}},
		{"separators", []string{"C-12", "C12", "C/12"}, [][]string{{"C-12", "C/12", "C12"}}},
		{"zero itself", []string{"C0", "C00", "C1"}, [][]string{{"C0", "C00"}}},
		{"digits that a separator keeps apart", []string{"1-23", "12-3", "123"}, nil},
		{"the same number twice", []string{"C12", "C12"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := look(t, column(tt.ids...))
			var got [][]string
			for _, s := range n.Spellings.Examples {
				got = append(got, s.IDs)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || n.Spellings.Alike != int64(len(tt.want)) {
				t.Errorf("%d groups: %s", n.Spellings.Alike, diff)
			}
		})
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	series := numbered("%06d", 111100, 30) // 111111 is one of a series
	for _, tt := range []struct {
		name string
		ids  []string
		want []string
	}{
		{"none", series, nil},
		{"words", append(series, "N/A", "test", "N/A"), []string{"N/A", "test"}},
		{"zeros", append(series, "000000"), []string{"000000"}},
		{"nines", append(series, "999999"), []string{"999999"}},
		{"counting up", append(series, "123456"), []string{"123456"}},
		{"one of a series, but of two rows", append(series, "111111"), []string{"111111"}},
		{"behind a prefix", append(numbered("C%04d", 1, 30), "C9999", "C0000"), []string{"C9999"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range look(t, column(tt.ids...)).Placeholders {
				got = append(got, p.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBlankAndUnusable(t *testing.T) {
	t.Parallel()
	n := look(t, column("C001", "", "  ", "NULL", "C\tX", "C002"))
	if n.IDs != 2 || n.Blank.Rows != 3 || strings.Join(n.Blank.Places, " ") != "a.csv:3 a.csv:4 a.csv:5" {
		t.Errorf("%d numbers, blank %+v", n.IDs, n.Blank)
	}
	want := []profile.Reason{{Reason: "the ID contains a tab or line break", Rows: 1, Places: []string{"a.csv:6"}}}
	if diff := cmp.Diff(want, n.Unusable); diff != "" {
		t.Error(diff)
	}
}

func TestDistribution(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 60 {
		region := []string{"BJ", "SH", "SH"}[i%3]
		ids = append(ids, fmt.Sprintf("%s-2024%02d%02d-%03d", region, 1+i%2*3, 1+i%28, i))
	}
	n := look(t, column(ids...), "{letters:2}-{date:YYYYMMDD}-{seq:3}")
	letters, date := n.Components[0], n.Components[1]
	want := []profile.Value{{Text: "SH", Rows: 40, Share: 40. / 60}, {Text: "BJ", Rows: 20, Share: 20. / 60}}
	if diff := cmp.Diff(want, letters.Values); diff != "" || letters.Component != "letters" {
		t.Errorf("%s: %s", letters.Component, diff)
	}
	wantMonths := []profile.Value{
		{Text: "2024-01", Rows: 30, Share: 0.5}, {Text: "2024-02"}, {Text: "2024-03"}, {Text: "2024-04", Rows: 30, Share: 0.5},
	}
	if diff := cmp.Diff(wantMonths, date.Values); diff != "" {
		t.Error(diff)
	}
	if date.First != "2024-01-01" || date.Last != "2024-04-28" || date.By != "month" {
		t.Errorf("dates from %s to %s by %s", date.First, date.Last, date.By)
	}
}

func TestMachineIDsTellTheirTime(t *testing.T) {
	t.Parallel()
	n := look(t, column("01890a5d-ac96-774b-bcce-b302099a8057", "0190163d-8694-739b-aea5-966c26f8ad91", "0192f2a0-5555-7abc-8def-001122334455"))
	var got []string
	for _, d := range n.Components {
		got = append(got, d.Component+" "+d.First+" "+d.Last)
	}
	if diff := cmp.Diff([]string{"uuid 2023-06-30 2024-11-03", "version  "}, got); diff != "" {
		t.Errorf("%+v: %s", n.Found, diff)
	}
}

func TestExceptionsAndAgreement(t *testing.T) {
	t.Parallel()
	ids := append(numbered("C%04d", 1, 40), "K-77", "K-77", "?")
	for _, tt := range []struct {
		name    string
		schemes []string
		verdict string
		rows    int64
		first   string
	}{
		{"none configured", nil, "", 3, "K-77"},
		{"the same", []string{"C{seq:4}"}, profile.Same, 3, "K-77"},
		{"reads more", []string{"C{seq}", "K-{seq}"}, profile.Looser, 1, "?"},
		{"reads less", []string{"C003{seq:1}"}, profile.Narrower, 33, "K-77"},
		{"reads others", []string{"K-{seq}"}, profile.Different, 41, "?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := look(t, column(ids...), tt.schemes...)
			verdict := ""
			if n.Agreement != nil {
				verdict = n.Agreement.Verdict
			}
			if verdict != tt.verdict || n.Exceptions.Rows != tt.rows || n.Exceptions.Examples[0].ID != tt.first {
				t.Errorf("%q, exceptions %+v, want %q, %d and %s first", verdict, n.Exceptions, tt.verdict, tt.rows, tt.first)
			}
		})
	}
}

func TestCheckFailures(t *testing.T) {
	t.Parallel()
	n := look(t, column("79927398713", "79927398710", "4539148803436467"), "{seq}{check:luhn}")
	f := n.Configured[0]
	if f.Check != "luhn" || f.Rows != 2 || f.CheckFailed != 1 {
		t.Errorf("%+v, want 2 rows and 1 failure", f)
	}
	if e := n.Exceptions.Examples[0]; e.ID != "79927398710" || e.Why != "the luhn check fails" || e.Place != "a.csv:3" {
		t.Errorf("exception %+v", e)
	}
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	n := look(t, column(numbered("C%04d", 9001, 900)...), "C{seq:4}")
	want := []profile.Capacity{{Scheme: "C{seq:4}", Total: "10000", Used: 900, Share: 0.09, Highest: "9900", Limit: "9999", Left: "99"}}
	if diff := cmp.Diff(want, n.Capacity); diff != "" {
		t.Error(diff)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	ids := append(numbered("C%06d", 100001, 60), "Ｃ２０００００", "C2000O1", "'C200002")
	n := look(t, column(ids...), "C{seq:6}")
	got := map[string]profile.Damage{}
	for _, d := range n.Damage {
		got[d.Kind] = d
	}
	full, apostrophe := got["full-width"], got["apostrophe"]
	if full.Rows != 1 || full.Read != 1 || full.Examples[0].Proposals[0] != "C200000" || full.Examples[0].Place != "a.csv:62" {
		t.Errorf("full width: %+v", full)
	}
	if apostrophe.Rows != 1 || apostrophe.Read != 0 || apostrophe.Examples[0].Proposals[0] != "C200002" {
		t.Errorf("apostrophe: %+v", apostrophe)
	}
	if e := n.Exceptions; e.Rows != 2 || e.Damaged != 2 || len(e.Examples) != 0 || got["look-alike"].Rows != 1 {
		t.Errorf("exceptions %+v, want two, both damaged", e)
	}
}

// Damage that all numbers share is no scheme, unless one is configured that
// reads them.
func TestAllDamaged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		ids    []string
		kind   string
		before []string
	}{
		{numbered("%d.0", 17, 40), "decimal", []string{"{seq}"}},
		{numbered("1.%02dE+11", 10, 40), "scientific", []string{"{seq}"}},
		{numbered(`="%05d"`, 1, 40), "formula", []string{"{seq:5}"}},
		{numbered("'C%05d", 1, 40), "apostrophe", []string{"C{seq:5}"}},
		{append(numbered("%d,017", 1, 40), numbered("%d,999,017", 1, 40)...), "thousands", []string{"{seq}"}},
	}
	for _, tt := range tests {
		n := look(t, column(tt.ids...))
		if n.AllDamaged == nil || n.AllDamaged.Kind != tt.kind || len(n.Found)+len(n.Damage) > 0 || n.Exceptions.Rows != n.IDs {
			t.Errorf("%s: %+v", tt.ids[0], n)
			continue
		}
		if diff := cmp.Diff(tt.before, n.AllDamaged.Schemes); diff != "" {
			t.Errorf("%s: %s", tt.ids[0], diff)
		}
	}
	if n := look(t, column(numbered("%d.0", 17, 40)...), "{seq}"); n.AllDamaged == nil || n.Damage[0].Rows != 40 {
		t.Errorf("beside a scheme: %+v", n)
	}
	if n := look(t, column(numbered("C%03d", 1, 40)...)); n.AllDamaged != nil {
		t.Errorf("sound numbers: %+v", n.AllDamaged)
	}
}

func TestUnreadableRows(t *testing.T) {
	t.Parallel()
	p := profiled(t, rows{{"C1"}, nil, {"C2"}, nil}, []string{"id"})
	want := profile.Rejects{Rows: 2, Reasons: []profile.Reason{{Reason: "has 2 fields, the header has 3", Rows: 2, Places: []string{"a.csv:3", "a.csv:5"}}}}
	if diff := cmp.Diff(want, p.Rejects); diff != "" || p.Rows != 4 {
		t.Errorf("%d rows: %s", p.Rows, diff)
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	var src rows
	for i := range 200 {
		row := []string{
			fmt.Sprintf("C%04d", i), fmt.Sprintf("ann.lee%d@example.org", i%180), "+49 30 901820" + fmt.Sprint(10+i%80),
			fmt.Sprintf("19%02d-03-12", i%90), "Ann Lee", fmt.Sprint(i * 37), "NULL",
		}
		if i >= 190 {
			row[1] = "none@none.com"
		}
		if i%4 == 0 {
			row[4] = ""
		}
		src = append(src, row)
	}
	p := profiled(t, src, []string{"id", "mail", "phone", "born", "name", "points", "fax"})
	var got []string
	for _, c := range p.Columns {
		got = append(got, fmt.Sprintf("%s %s %d blank %d distinct %d-%d", c.Name, c.Content, c.Blank, c.Distinct, c.Shortest, c.Longest))
	}
	want := []string{
		"id code 0 blank 200 distinct 5-5", "mail e-mail 0 blank 181 distinct 13-22", "phone phone 0 blank 80 distinct 15-15",
		"born date 0 blank 90 distinct 10-10", "name text 50 blank 1 distinct 7-7", "points number 0 blank 200 distinct 1-4",
		"fax empty 200 blank 0 distinct 0-0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if f := p.Columns[1].Frequent[0]; f.Value != "none@none.com" || f.Rows != 10 || !f.Placeholder {
		t.Errorf("most frequent mail is %+v, want the placeholder", f)
	}
}

// A column of very many texts costs no more memory, and its distinct count
// and frequent texts are still nearly right.
func TestColumnOfManyTexts(t *testing.T) {
	t.Parallel()
	const n = 100_000
	var src rows
	for i := range n {
		src = append(src, []string{fmt.Sprintf("C%06d", i), fmt.Sprintf("%d Long Street", i)})
		if i%50 == 0 {
			src[i][1] = "unknown"
		}
	}
	c := profiled(t, src, []string{"id", "street"}).Columns[1]
	if c.Exact || float64(c.Distinct) < 0.9*n || float64(c.Distinct) > 1.06*n {
		t.Errorf("%d distinct (exact: %v), want about %d", c.Distinct, c.Exact, n*49/50)
	}
	if f := c.Frequent; len(f) != 1 || f[0].Value != "unknown" || f[0].Rows < 1950 || f[0].Rows > 2050 {
		t.Errorf("frequent: %+v, want unknown about 2000 times", f)
	}
	if len(c.Sample) < 2000 || len(c.Sample) > 4096 {
		t.Errorf("a sample of %d", len(c.Sample))
	}
}

var place = regexp.MustCompile(`a\.csv:\d+`)

// The order of rows changes nothing but places.
func TestOrderOfRows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var src rows
	for i := range 20_000 {
		id := fmt.Sprintf("%s-%05d", []string{"AB", "CD", "EF"}[i%3], r.IntN(15000))
		if i%97 == 0 {
			id = fmt.Sprintf("x%d", r.IntN(100))
		}
		src = append(src, []string{id, fmt.Sprint(r.IntN(9000)), []string{"A", "B", ""}[r.IntN(3)]})
	}
	render := func() string {
		b, err := json.Marshal(profiled(t, src, []string{"id", "x", "y"}, "{letters:2}-{seq:5}"))
		if err != nil {
			t.Fatal(err)
		}
		return place.ReplaceAllString(string(b), "")
	}
	want := render()
	for range 3 {
		r.Shuffle(len(src), func(i, j int) { src[i], src[j] = src[j], src[i] })
		if got := render(); got != want {
			t.Fatalf("another order gives another profile:\n%s\n%s", got, want)
		}
	}
}

// The example of a scheme is one that no scheme before it reads, and schemes
// stand in the order in which they read.
func TestExampleOfEachScheme(t *testing.T) {
	t.Parallel()
	n := look(t, column(append(numbered("%05d", 1, 50), "K-7")...), "{seq:5}", "{any}")
	if got := n.Configured[1]; got.Example != "K-7" || got.Rows != 1 {
		t.Errorf("the example of {any} is %q of %d", got.Example, got.Rows)
	}
	n = look(t, column(append(numbered("C%d", 1, 20_000), "~")...), "C{seq}", "{any}") // more than a sample holds
	if got := n.Configured[1]; got.Example != "~" {
		t.Errorf("the example of {any} is %q", got.Example)
	}
	n = look(t, column("yes", "1e5", "~", "#", "null"))
	for i, f := range n.Found {
		for _, before := range n.Found[:i] {
			if s, err := scheme.Compile(before.Scheme, nil); err != nil || s.Match(f.Example) {
				t.Errorf("%q of %s is read by %s", f.Example, f.Scheme, before.Scheme)
			}
		}
	}
}

func TestComposite(t *testing.T) {
	t.Parallel()
	src := rows{{"01", "7"}, {"01", "8"}, {"02", "7"}, {"01", " 7"}, {"", ""}, {"01", "NULL"}}
	p, err := profile.Look(t.Context(), src, []string{"branch", "no"}, profile.Options{
		IDs: []profile.ID{{Name: "legacy", Rule: rules.IDRule{Columns: []string{"branch", "no"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := p.IDs[0]
	if n.IDs != 4 || n.Distinct != 3 || n.Blank.Rows != 1 || len(n.Unusable) != 1 {
		t.Errorf("%d numbers, %d distinct, blank %+v, unusable %+v", n.IDs, n.Distinct, n.Blank, n.Unusable)
	}
	if d := n.Duplicates.Examples; len(d) != 1 || d[0].ID != "01|7" {
		t.Errorf("duplicates %+v", d)
	}
}

func TestNothing(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]rows{"no rows": nil, "blanks only": column("", ""), "one row": column("C1")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if err := profiled(t, src, []string{"id"}).Text(&b, profile.TextOptions{}); err != nil || b.Len() == 0 {
				t.Errorf("printed %q, %v", b.String(), err)
			}
		})
	}
}

func TestLookStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := profile.Look(ctx, column("a"), []string{"id"}, profile.Options{}); err == nil {
		t.Error("an interrupted profile is not a profile")
	}
	wrong := profile.ID{Name: "x", Rule: rules.IDRule{Columns: []string{"id"}, Schemes: []string{"{nonsense}"}}}
	if _, err := profile.Look(t.Context(), column("a"), []string{"id"}, profile.Options{IDs: []profile.ID{wrong}}); err == nil {
		t.Error("a scheme that does not compile was taken")
	}
}
