package conntest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
)

// pair is one step of a stream, copied out of it.
type pair struct {
	Place  mapping.Place
	Values []mapping.Value
	Err    string // "record" for a record error, else the error's text
}

const (
	recordErr = "record"
	afterLast = "yielded after the loop was left"
)

func checkRecords(tb testing.TB, s Suite) {
	names := ColumnNames()
	compare(tb, "records", expected(s, names), collect(tb, open(tb, s, names)))
}

func checkSecondPass(tb testing.TB, s Suite) {
	names := ColumnNames()
	src := open(tb, s, names)
	collect(tb, src)
	compare(tb, "records of the second pass", expected(s, names), collect(tb, src))
}

func checkColumnOrder(tb testing.TB, s Suite) {
	names := ColumnNames()
	slices.Reverse(names)
	names = append(names, "code", "id", "code")
	compare(tb, "records", expected(s, names), collect(tb, open(tb, s, names)))
}

func checkNoColumns(tb testing.TB, s Suite) {
	compare(tb, "records", expected(s, nil), collect(tb, open(tb, s, nil)))
}

func checkMissingColumn(tb testing.TB, s Suite) {
	_, err := s.Open(tb, connectors.Request{Name: "sample", Columns: []string{"id", "nmae"}})
	var ce *mapping.ColumnError
	if !errors.As(err, &ce) {
		tb.Fatalf("open with column %q: got error %v, want a *mapping.ColumnError", "nmae", err)
	}
	if ce.Missing != "nmae" || ce.Nearest != "name" {
		tb.Errorf("missing %q, nearest %q; want missing %q, nearest %q", ce.Missing, ce.Nearest, "nmae", "name")
	}
	for _, name := range ColumnNames() {
		if !slices.Contains(ce.Columns, name) {
			tb.Errorf("the error lists columns %q, without %q", ce.Columns, name)
		}
	}
}

// checkStringsStay looks for strings that share a buffer with later records.
func checkStringsStay(tb testing.TB, s Suite) {
	var kept, copies []string
	for rec, err := range open(tb, s, ColumnNames()).Records(tb.Context()) {
		if err != nil {
			continue
		}
		for _, v := range rec.Values {
			kept = append(kept, v.Text)
			copies = append(copies, strings.Clone(v.Text))
		}
	}
	if diff := cmp.Diff(copies, kept); diff != "" {
		tb.Errorf("strings changed after their step (-then +now):\n%s", diff)
	}
}

func checkWhere(tb testing.TB, s Suite) {
	src, err := s.Open(tb, connectors.Request{Name: "sample", Columns: []string{"id"}, Where: s.Where})
	if err != nil {
		tb.Fatalf("open with filter %q: %v", s.Where, err)
	}
	var want, got []string
	for _, row := range Rows() {
		if row[1].Text == sampleCode {
			want = append(want, row[0].Text)
		}
	}
	for _, p := range collect(tb, src) {
		switch {
		case p.Err == "":
			got = append(got, p.Values[0].Text)
		case p.Err != recordErr:
			tb.Errorf("stream ended with: %s", p.Err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("IDs in filter %q (-want +got):\n%s", s.Where, diff)
	}
}

func checkWhereNothing(tb testing.TB, s Suite) {
	where := strings.ReplaceAll(s.Where, sampleCode, "none such")
	src, err := s.Open(tb, connectors.Request{Name: "sample", Columns: []string{"id"}, Where: where})
	if err != nil {
		tb.Fatalf("open with filter %q: %v", where, err)
	}
	for _, p := range collect(tb, src) {
		if p.Err != recordErr {
			tb.Errorf("filter %q let through: %+v", where, p)
		}
	}
}

func checkWhereBroken(tb testing.TB, s Suite) {
	where := s.Where + " and ("
	if _, err := s.Open(tb, connectors.Request{Name: "sample", Columns: []string{"id"}, Where: where}); err == nil {
		tb.Errorf("open with filter %q succeeds, want an error", where)
	}
}

func checkCancelledBefore(tb testing.TB, s Suite) {
	src := open(tb, s, []string{"id"})
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	got := collectCtx(ctx, src)
	if len(got) != 1 || got[0].Err != context.Canceled.Error() {
		tb.Errorf("a cancelled context: got %+v, want ctx.Err() alone", got)
	}
}

// checkCancelledMiddle cancels after each pair in turn: the next one must be
// ctx.Err(), and the last.
func checkCancelledMiddle(tb testing.TB, s Suite) {
	src := open(tb, s, []string{"id"})
	for n := 1; n < len(expected(s, nil)); n++ {
		ctx, cancel := context.WithCancel(tb.Context())
		got := collectCtx(ctx, CancelAfter(src, n, cancel))
		cancel()
		if len(got) != n+1 || got[n].Err != context.Canceled.Error() {
			tb.Errorf("cancelled after %d: got %d pairs, the last %+v; want one more and that ctx.Err()", n, len(got), got[len(got)-1])
		}
	}
}

// checkBreak leaves the loop at every pair in turn. The source must stop at
// once and must be as good as new afterwards.
func checkBreak(tb testing.TB, s Suite) {
	names := []string{"id"}
	src, want := open(tb, s, names), expected(s, names)
	for n := 1; n <= len(want); n++ {
		var got []pair
		src.Records(tb.Context())(func(rec mapping.Record, err error) bool {
			got = append(got, copyPair(rec, err))
			return len(got) < n
		})
		if len(got) > n {
			tb.Fatalf("left at pair %d, but %d were yielded: %s", n, len(got), afterLast)
		}
		compare(tb, "records up to the break", want[:n], got)
	}
	compare(tb, "records of the pass after a break", want, collect(tb, src))
}

func checkLooker(tb testing.TB, s Suite) {
	look, ok := open(tb, s, nil).(connectors.Looker)
	if !ok {
		return
	}
	got, err := look.Columns(tb.Context())
	if err != nil {
		tb.Fatalf("columns: %v", err)
	}
	if diff := cmp.Diff(ColumnNames(), got); diff != "" {
		tb.Errorf("columns (-want +got):\n%s", diff)
	}
}

// checkCounter allows an estimate to be wrong by half.
func checkCounter(tb testing.TB, s Suite) {
	count, ok := open(tb, s, nil).(mapping.Counter)
	if !ok {
		return
	}
	got, err := count.Count(tb.Context())
	if want := int64(len(expected(s, nil))); err != nil || got < want/2 || got > 2*want {
		tb.Errorf("count: got %d, %v; want about %d", got, err, want)
	}
}

// open opens the sample for these columns.
func open(tb testing.TB, s Suite, columns []string) mapping.Source {
	src, err := s.Open(tb, connectors.Request{Name: "sample", Columns: columns})
	if err != nil {
		tb.Fatalf("open with columns %q: %v", columns, err)
	}
	return src
}

// expected is the stream that s must yield for these columns.
func expected(s Suite, columns []string) []pair {
	all := ColumnNames()
	rows := Rows()
	var out []pair
	for n := int64(1); len(rows) > 0 || slices.Contains(s.Bad, n); n++ {
		p := pair{Place: s.Place(n)}
		if slices.Contains(s.Bad, n) {
			p.Err = recordErr
			out = append(out, p)
			continue
		}
		p.Values = make([]mapping.Value, len(columns))
		for i, c := range columns {
			p.Values[i] = rows[0][slices.Index(all, c)]
			if s.NoNull {
				p.Values[i].Null = false
			}
		}
		rows = rows[1:]
		out = append(out, p)
	}
	return out
}

func collect(tb testing.TB, src mapping.Source) []pair { return collectCtx(tb.Context(), src) }

// collectCtx reads a stream to its end, and stops one that never ends.
func collectCtx(ctx context.Context, src mapping.Source) []pair {
	var out []pair
	for rec, err := range src.Records(ctx) {
		out = append(out, copyPair(rec, err))
		if len(out) > 10_000 {
			break
		}
	}
	return out
}

func copyPair(rec mapping.Record, err error) pair {
	var re *mapping.RecordError
	switch {
	case errors.As(err, &re):
		return pair{Place: re.Place, Err: recordErr}
	case errors.Is(err, context.Canceled):
		return pair{Err: context.Canceled.Error()}
	case err != nil:
		return pair{Err: err.Error()}
	}
	values := make([]mapping.Value, len(rec.Values))
	for i, v := range rec.Values {
		values[i] = mapping.Value{Text: strings.Clone(v.Text), Null: v.Null}
	}
	return pair{Place: rec.Place, Values: values}
}

func compare(tb testing.TB, what string, want, got []pair) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
