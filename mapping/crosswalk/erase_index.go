package crosswalk

import (
	"context"
	"maps"
	"slices"
)

// indexes takes the keys out of the pages of the runs that wrote their links:
// an entry is written with the version of the link that it leads to. Those
// pages are read whole, one at a time.
func (e *eraser) indexes(ctx context.Context) error {
	s := e.lease.store
	for in, args := range inLists(slices.Collect(maps.Keys(e.touched))) {
		var segments []segment
		if err := e.tx.SelectContext(ctx, &segments, s.sql("SELECT index_no, from_run FROM @segment WHERE from_run"+in+" ORDER BY from_run, index_no"), args...); err != nil {
			return err
		}
		for _, seg := range segments {
			if err := e.segment(ctx, seg); err != nil {
				return err
			}
		}
	}
	return nil
}

// segment rewrites those pages of a segment that have an entry of a key.
func (e *eraser) segment(ctx context.Context, seg segment) error {
	lows, err := e.pagesOf(ctx, seg)
	if err != nil {
		return err
	}
	for _, low := range lows { // as many as the keys have values
		if err := e.rewrite(ctx, seg, low); err != nil {
			return err
		}
	}
	return nil
}

// pagesOf are the lows of the pages that have an entry of a key.
func (e *eraser) pagesOf(ctx context.Context, seg segment) (lows []int64, err error) {
	rows, err := e.tx.QueryxContext(ctx, e.lease.store.sql("SELECT low, page FROM @match WHERE index_no = ? AND from_run = ? ORDER BY low, page_no"), seg.Index, seg.Run)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var low int64
		var data []byte
		if err := rows.Scan(&low, &data); err != nil {
			return nil, err
		}
		found := false
		if err := decodePage(data, func(_ uint64, source int, key []byte) {
			found = found || e.has(source, string(key))
		}); err != nil {
			return nil, err
		}
		if found && (len(lows) == 0 || lows[len(lows)-1] != low) {
			lows = append(lows, low)
		}
	}
	return lows, rows.Err()
}

func (e *eraser) has(source int, key string) bool {
	_, found := slices.BinarySearchFunc(e.keys, SourceKey{source, key}, SourceKey.Compare)
	return found
}

// rewrite makes the pages of one low anew, without the keys. What is left of
// them begins at the same hash or later, and ends before the next page, so
// that every hash is still found where it is looked for.
func (e *eraser) rewrite(ctx context.Context, seg segment, low int64) error {
	s := e.lease.store
	var pages [][]byte
	if err := e.tx.SelectContext(ctx, &pages, s.sql("SELECT page FROM @match WHERE index_no = ? AND from_run = ? AND low = ? ORDER BY page_no"),
		seg.Index, seg.Run, low); err != nil {
		return err
	}
	var w pageWriter
	var left []page
	emit := func(p page) error {
		left = append(left, p)
		return nil
	}
	var failed error
	for _, data := range pages {
		if err := decodePage(data, func(hash uint64, source int, key []byte) {
			if failed == nil && !e.has(source, string(key)) {
				failed = w.add(IndexEntry{Hash: hash, Source: source, Key: string(key)}, emit)
			}
		}); err != nil {
			return err
		}
	}
	if failed == nil {
		failed = w.close(emit)
	}
	if failed != nil {
		return failed
	}
	if _, err := e.tx.ExecContext(ctx, s.sql("DELETE FROM @match WHERE index_no = ? AND from_run = ? AND low = ?"), seg.Index, seg.Run, low); err != nil {
		return err
	}
	return s.insertPages(ctx, e.tx, seg, left)
}
