package conntest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
)

// brokenSample is the sample with broken records at its start, in its middle
// and at its end.
func brokenSample() (table Table, bad []int64) {
	table = Sample()
	table.Rows = slices.Insert(table.Rows, 0, []mapping.Value{})
	table.Rows = slices.Insert(table.Rows, 4, []mapping.Value{})
	table.Rows = append(table.Rows, []mapping.Value{})
	return table, []int64{1, 5, int64(len(table.Rows))}
}

func TestSuitePasses(t *testing.T) {
	t.Parallel()
	table, bad := brokenSample()
	Run(t, Suite{
		Open: func(_ testing.TB, req connectors.Request) (mapping.Source, error) { return table.Open(req) },
		Bad:  bad,
	})
}

// TestSuiteFails plants one fault after the other in a good source, and
// wants the suite to report each, by the check that exists for it.
func TestSuiteFails(t *testing.T) {
	t.Parallel()
	type open = func(t Table, req connectors.Request) (mapping.Source, error)
	// wrapped plants a fault in the stream.
	wrapped := func(wrap func(mapping.Source) mapping.Source) open {
		return func(t Table, req connectors.Request) (mapping.Source, error) {
			src, err := t.Open(req)
			if err != nil {
				return nil, err
			}
			return wrap(src), nil
		}
	}
	// changed plants a fault in every record.
	changed := func(change func(rec mapping.Record) mapping.Record) open {
		return wrapped(func(src mapping.Source) mapping.Source {
			return each(src, func(_ context.Context, _ int, rec mapping.Record, err error, yield func(mapping.Record, error) bool) bool {
				if err == nil {
					rec.Values = slices.Clone(rec.Values)
					rec = change(rec)
				}
				return yield(rec, err)
			})
		})
	}
	text := func(change func(string) string) open {
		return changed(func(rec mapping.Record) mapping.Record {
			for i := range rec.Values {
				rec.Values[i].Text = change(rec.Values[i].Text)
			}
			return rec
		})
	}
	tests := []struct {
		fault string
		check string
		open  open
	}{
		{"repeats a record", "every record once and in order", wrapped(func(s mapping.Source) mapping.Source { return RepeatRecord(s, 3) })},
		{"drops a record", "every record once and in order", wrapped(dropThird)},
		{"stops at a bad record", "every record once and in order", wrapped(stopAtBad)},
		{"swallows bad records", "every record once and in order", wrapped(swallowBad)},
		{"stops early", "every record once and in order", wrapped(func(s mapping.Source) mapping.Source { return FailAfter(s, 4, errors.New("gone")) })},
		{"reorders", "every record once and in order", wrapped(reversed)},
		{"other order on the second pass", "second pass", wrapped(reversedLater)},
		{"is empty on the second pass", "second pass", wrapped(onceOnly)},
		{"wrong line", "every record once and in order", changed(func(r mapping.Record) mapping.Record { r.Place.Line++; return r })},
		{"counts good rows only", "every record once and in order", wrapped(countGood)},
		{"NULL as empty", "every record once and in order", changed(func(r mapping.Record) mapping.Record {
			for i := range r.Values {
				r.Values[i].Null = false
			}
			return r
		})},
		{"loses leading zeros", "every record once and in order", text(func(s string) string { return strings.TrimPrefix(s, "00") })},
		{"rounds like a float", "every record once and in order", text(func(s string) string { return strings.ReplaceAll(s, "9007199254740993", "9007199254740992") })},
		{"trims values", "every record once and in order", text(strings.TrimSpace)},
		{"table order instead of the one asked for", "columns in any order and twice", sortedColumns},
		{"one value for a column asked twice", "columns in any order and twice", compactColumns},
		{"missing columns are noticed late", "missing column", lateColumns},
		{"no nearest column", "missing column", noNearest},
		{"strings share a buffer", "strings outlive the step", sharedBuffer()},
		{"ignores the filter", "filter", func(t Table, req connectors.Request) (mapping.Source, error) { req.Where = ""; return t.Open(req) }},
		{"ignores a broken filter", "filter that cannot be read", func(t Table, req connectors.Request) (mapping.Source, error) {
			src, err := t.Open(req)
			if err != nil && req.Where != "" {
				req.Where = ""
				return t.Open(req)
			}
			return src, err
		}},
		{"ignores a cancelled context", "cancelled before", wrapped(ignoreCtx)},
		{"ignores cancellation", "cancelled in the middle", wrapped(ignoreCtx)},
		{"ends without ctx.Err", "cancelled in the middle", wrapped(silentCancel)},
		{"yields after break", "break at every pair", wrapped(yieldAfterBreak)},
		{"is spent after a break", "break at every pair", wrapped(spentByBreak)},
		{"leaves a goroutine", "nothing keeps running", wrapped(leaking(t))},
		{"lists other columns", "looks at its columns", wrapped(func(s mapping.Source) mapping.Source { return wrongColumns{s} })},
		{"counts wrongly", "counts", wrapped(func(s mapping.Source) mapping.Source { return wrongCount{s} })},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			t.Parallel()
			table, bad := brokenSample()
			suite := Suite{
				Open: func(_ testing.TB, req connectors.Request) (mapping.Source, error) { return tt.open(table, req) },
				Bad:  bad,

				patience: 20 * time.Millisecond,
			}.withDefaults()
			all := checks()
			i := slices.IndexFunc(all, func(c check) bool { return c.name == tt.check })
			if i < 0 {
				t.Fatalf("no check %q", tt.check)
			}
			rec := &recorder{TB: t}
			rec.watch(func() { all[i].run(rec, suite) })
			if len(rec.failures) == 0 {
				t.Errorf("the check %q did not notice", tt.check)
			}
		})
	}
}

// recorder is a testing.TB that notes failures instead of failing.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// watch runs f to its end or its Fatalf.
func (r *recorder) watch(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

// stream makes a source of a function over the good stream's pairs.
func stream(src mapping.Source, f func(ctx context.Context, in iter.Seq2[mapping.Record, error], yield func(mapping.Record, error) bool)) mapping.Source {
	return sourceFunc(func(ctx context.Context) iter.Seq2[mapping.Record, error] {
		return func(yield func(mapping.Record, error) bool) { f(ctx, src.Records(ctx), yield) }
	})
}

func dropThird(src mapping.Source) mapping.Source {
	return each(src, func(_ context.Context, i int, rec mapping.Record, err error, yield func(mapping.Record, error) bool) bool {
		return i == 3 || yield(rec, err)
	})
}

func stopAtBad(src mapping.Source) mapping.Source {
	return each(src, func(_ context.Context, i int, rec mapping.Record, err error, yield func(mapping.Record, error) bool) bool {
		return yield(rec, err) && (err == nil || i == 1)
	})
}

func swallowBad(src mapping.Source) mapping.Source {
	return each(src, func(_ context.Context, _ int, rec mapping.Record, err error, yield func(mapping.Record, error) bool) bool {
		return err != nil || yield(rec, err)
	})
}

func countGood(src mapping.Source) mapping.Source {
	return stream(src, func(_ context.Context, in iter.Seq2[mapping.Record, error], yield func(mapping.Record, error) bool) {
		row := int64(0)
		for rec, err := range in {
			if err == nil {
				row++
				rec.Place.Row = row
			}
			if !yield(rec, err) {
				return
			}
		}
	})
}

func reversed(src mapping.Source) mapping.Source {
	return stream(src, func(_ context.Context, in iter.Seq2[mapping.Record, error], yield func(mapping.Record, error) bool) {
		type item struct {
			rec mapping.Record
			err error
		}
		var all []item
		for rec, err := range in {
			all = append(all, item{rec, err})
		}
		for _, it := range slices.Backward(all) {
			if !yield(it.rec, it.err) {
				return
			}
		}
	})
}

func reversedLater(src mapping.Source) mapping.Source {
	passes := 0
	return sourceFunc(func(ctx context.Context) iter.Seq2[mapping.Record, error] {
		if passes++; passes > 1 {
			return reversed(src).Records(ctx)
		}
		return src.Records(ctx)
	})
}

func onceOnly(src mapping.Source) mapping.Source {
	passes := 0
	return sourceFunc(func(ctx context.Context) iter.Seq2[mapping.Record, error] {
		if passes++; passes > 1 {
			return func(func(mapping.Record, error) bool) {}
		}
		return src.Records(ctx)
	})
}

func sortedColumns(t Table, req connectors.Request) (mapping.Source, error) {
	req.Columns = slices.Clone(req.Columns)
	slices.SortFunc(req.Columns, func(a, b string) int { return slices.Index(t.Columns, a) - slices.Index(t.Columns, b) })
	return t.Open(req)
}

func compactColumns(t Table, req connectors.Request) (mapping.Source, error) {
	var once []string
	for _, c := range req.Columns {
		if !slices.Contains(once, c) {
			once = append(once, c)
		}
	}
	req.Columns = once
	return t.Open(req)
}

func lateColumns(t Table, req connectors.Request) (mapping.Source, error) {
	src, err := t.Open(req)
	if err == nil {
		return src, nil
	}
	return stream(nil, func(_ context.Context, _ iter.Seq2[mapping.Record, error], yield func(mapping.Record, error) bool) {
		yield(mapping.Record{}, err)
	}), nil
}

func noNearest(t Table, req connectors.Request) (mapping.Source, error) {
	src, err := t.Open(req)
	var ce *mapping.ColumnError
	if errors.As(err, &ce) {
		ce.Nearest = ""
	}
	return src, err
}

// sharedBuffer yields strings that lie in one buffer, which each record
// overwrites.
func sharedBuffer() func(t Table, req connectors.Request) (mapping.Source, error) {
	return func(t Table, req connectors.Request) (mapping.Source, error) {
		src, err := t.Open(req)
		if err != nil {
			return nil, err
		}
		return stream(src, func(_ context.Context, in iter.Seq2[mapping.Record, error], yield func(mapping.Record, error) bool) {
			buf := make([]byte, 1<<16)
			for rec, err := range in {
				values := slices.Clone(rec.Values)
				off := 0
				for i, v := range values {
					n := copy(buf[off:], v.Text)
					if n > 0 {
						values[i].Text = unsafe.String(&buf[off], n)
					}
					off += n
				}
				rec.Values = values
				if !yield(rec, err) {
					return
				}
			}
		}), nil
	}
}

func ignoreCtx(src mapping.Source) mapping.Source {
	return sourceFunc(func(ctx context.Context) iter.Seq2[mapping.Record, error] {
		return src.Records(context.WithoutCancel(ctx))
	})
}

func silentCancel(src mapping.Source) mapping.Source {
	return each(src, func(ctx context.Context, _ int, rec mapping.Record, err error, yield func(mapping.Record, error) bool) bool {
		return ctx.Err() == nil && yield(rec, err)
	})
}

func yieldAfterBreak(src mapping.Source) mapping.Source {
	return stream(src, func(_ context.Context, in iter.Seq2[mapping.Record, error], yield func(mapping.Record, error) bool) {
		for rec, err := range in {
			yield(rec, err)
		}
	})
}

func spentByBreak(src mapping.Source) mapping.Source {
	spent := false
	return stream(src, func(_ context.Context, in iter.Seq2[mapping.Record, error], yield func(mapping.Record, error) bool) {
		for rec, err := range in {
			if spent || !yield(rec, err) {
				spent = true
				return
			}
		}
	})
}

// leaking starts a goroutine per pass that ends only with the test.
func leaking(t *testing.T) func(src mapping.Source) mapping.Source {
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	return func(src mapping.Source) mapping.Source {
		return sourceFunc(func(ctx context.Context) iter.Seq2[mapping.Record, error] {
			go func() { <-done }()
			return src.Records(ctx)
		})
	}
}

type wrongColumns struct{ mapping.Source }

func (wrongColumns) Columns(context.Context) ([]string, error) { return []string{"id"}, nil }

type wrongCount struct{ mapping.Source }

func (wrongCount) Count(context.Context) (int64, error) { return 0, nil }

// ids is what a stream yields: IDs, or errors.
func ids(ctx context.Context, src mapping.Source) []string {
	var out []string
	for rec, err := range src.Records(ctx) {
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, rec.Values[0].Text)
	}
	return out
}

func TestFaults(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	src, err := NewTable("shop", []string{"id"}, []string{"a"}, []string{"b"}, []string{"c"}).Open(connectors.Request{Columns: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("server gone")
	tests := []struct {
		name string
		src  mapping.Source
		want []string
	}{
		{"none", src, []string{"a", "b", "c"}},
		{"fail at once", FailAfter(src, 0, gone), []string{"server gone"}},
		{"fail", FailAfter(src, 2, gone), []string{"a", "b", "server gone"}},
		{"fail after the last", FailAfter(src, 3, gone), []string{"a", "b", "c", "server gone"}},
		{"fail later than that", FailAfter(src, 4, gone), []string{"a", "b", "c"}},
		{"repeat", RepeatRecord(src, 2), []string{"a", "b", "b", "c"}},
		{"bad", BadRecordAt(src, 2, "torn"), []string{"a", "shop row 2: torn", "c"}},
		{"cancel", CancelAfter(src, 2, cancel), []string{"a", "b", "context canceled"}},
		{"stall", StallAfter(src, 0), []string{"context canceled"}},
	}
	for _, tt := range tests { // in order: the last but one cancels ctx
		if diff := cmp.Diff(tt.want, ids(ctx, tt.src)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestStallWaitsForCancel(t *testing.T) {
	t.Parallel()
	src, err := Sample().Open(connectors.Request{Columns: []string{"code"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	for rec, err := range StallAfter(src, 2).Records(ctx) {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, rec.Values[0].Text)
		if len(got) == 2 {
			go cancel()
		}
	}
	if diff := cmp.Diff([]string{"C001", "c001", "context canceled"}, got); diff != "" {
		t.Error(diff)
	}
}
