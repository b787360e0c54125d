package crosswalk

import (
	"context"
	"fmt"
	"iter"
)

// kindRekey is the kind of the runs that may change the key rule of a source.
const kindRekey = "rekey"

// IndexEntries yields all entries of an index, run by run and in each by hash.
// A source ID may have entries of values that it has no more.
func (v *Snapshot) IndexEntries(ctx context.Context, index string) iter.Seq2[IndexEntry, error] {
	return func(yield func(IndexEntry, error) bool) {
		var segments []segment
		err := v.use(func() error {
			return v.tx.SelectContext(ctx, &segments, v.store.sql("SELECT s.index_no, s.from_run FROM @segment s JOIN @index i ON i.index_no = s.index_no "+
				"WHERE i.name = ? AND s.from_run <= ? ORDER BY s.from_run"), index, v.head.Run)
		})
		for _, seg := range segments {
			var more bool
			if more, err = v.segmentEntries(ctx, seg, yield); err != nil {
				break
			} else if !more {
				return
			}
		}
		if err != nil {
			yield(IndexEntry{}, v.store.fail("read index "+index, err))
		}
	}
}

func (v *Snapshot) segmentEntries(ctx context.Context, seg segment, yield func(IndexEntry, error) bool) (more bool, err error) {
	type row struct {
		Low  int64  `db:"low"`
		No   int64  `db:"page_no"`
		Page []byte `db:"page"`
	}
	after := row{Low: -1 << 63, No: -1}
	for {
		var pages []row
		if err := v.use(func() error {
			return v.tx.SelectContext(ctx, &pages, v.store.sql("SELECT low, page_no, page FROM @match WHERE index_no = ? AND from_run = ? "+
				fmt.Sprintf("AND (low > ? OR (low = ? AND page_no > ?)) ORDER BY low, page_no LIMIT %d", pageBatch)),
				seg.Index, seg.Run, after.Low, after.Low, after.No)
		}); err != nil {
			return false, err
		}
		for _, p := range pages {
			more = true
			if err := decodePage(p.Page, func(hash uint64, source int, key []byte) {
				more = more && yield(IndexEntry{Hash: hash, Source: source, Key: string(key)}, nil)
			}); err != nil || !more {
				return false, err
			}
			after = p
		}
		if len(pages) < pageBatch {
			return true, nil
		}
	}
}
