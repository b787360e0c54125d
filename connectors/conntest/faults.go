package conntest

import (
	"context"
	"iter"

	"github.com/xwalk-id/xwalk/mapping"
)

// sourceFunc makes a source of its Records method.
type sourceFunc func(ctx context.Context) iter.Seq2[mapping.Record, error]

func (f sourceFunc) Records(ctx context.Context) iter.Seq2[mapping.Record, error] { return f(ctx) }

// FailAfter is src with its stream broken by err after n pairs, as when a
// server goes away.
func FailAfter(src mapping.Source, n int, err error) mapping.Source {
	return endAfter(src, n, func(context.Context) error { return err })
}

// StallAfter is src that yields n pairs and then hangs until ctx is done, as
// when a server stops answering.
func StallAfter(src mapping.Source, n int) mapping.Source {
	return endAfter(src, n, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
}

// CancelAfter is src that calls cancel once n pairs were taken, as when a
// person presses Ctrl-C in the middle of a run.
func CancelAfter(src mapping.Source, n int, cancel context.CancelFunc) mapping.Source {
	return each(src, func(_ context.Context, i int, rec mapping.Record, e error, yield func(mapping.Record, error) bool) bool {
		if !yield(rec, e) {
			return false
		}
		if i == n {
			cancel()
		}
		return true
	})
}

// RepeatRecord is src that yields its n-th pair, counted from 1, twice, as
// when a page is served twice.
func RepeatRecord(src mapping.Source, n int) mapping.Source {
	return each(src, func(_ context.Context, i int, rec mapping.Record, e error, yield func(mapping.Record, error) bool) bool {
		return yield(rec, e) && (i != n || yield(rec, e))
	})
}

// BadRecordAt is src whose n-th record, counted from 1, is broken: a
// [*mapping.RecordError] of that reason stands in its place.
func BadRecordAt(src mapping.Source, n int, reason string) mapping.Source {
	return each(src, func(_ context.Context, i int, rec mapping.Record, e error, yield func(mapping.Record, error) bool) bool {
		if i == n && e == nil {
			return yield(mapping.Record{}, &mapping.RecordError{Place: rec.Place, Reason: reason})
		}
		return yield(rec, e)
	})
}

// endAfter is src whose stream ends after n pairs with the error of end. A
// shorter stream ends by itself.
func endAfter(src mapping.Source, n int, end func(ctx context.Context) error) mapping.Source {
	return sourceFunc(func(ctx context.Context) iter.Seq2[mapping.Record, error] {
		return func(yield func(mapping.Record, error) bool) {
			i := 0
			if n > 0 {
				for rec, err := range src.Records(ctx) {
					if !yield(rec, err) {
						return
					}
					if i++; i == n {
						break
					}
				}
			}
			if i == n {
				yield(mapping.Record{}, end(ctx))
			}
		}
	})
}

// each passes every pair of src, counted from 1, through step until step
// says that the stream is over.
func each(src mapping.Source, step func(ctx context.Context, i int, rec mapping.Record, err error, yield func(mapping.Record, error) bool) bool) mapping.Source {
	return sourceFunc(func(ctx context.Context) iter.Seq2[mapping.Record, error] {
		return func(yield func(mapping.Record, error) bool) {
			i := 0
			for rec, err := range src.Records(ctx) {
				i++
				if !step(ctx, i, rec, err, yield) {
					return
				}
			}
		}
	})
}
