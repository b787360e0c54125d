package crosswalk

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"iter"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// IndexEntry says that the record of a source ID has a value with this hash.
type IndexEntry struct {
	Hash   uint64
	Source int
	Key    string
}

// An index is kept as pages of sorted entries: one row of xwalk_match holds
// pageEntries of them, which takes a tenth of the room and time that a row
// each would take. All entries of one hash stand in one page, or in pages of
// their own that share their low; so the pages whose low is the greatest one
// not above a hash are all that can have it.
const pageEntries = 256

// pageBatch is how many pages go into the database at a time.
const pageBatch = 512

// page is a row of xwalk_match.
type page struct {
	low  uint64
	no   int
	data []byte
}

// sum is the checksum of the page as a row of a segment.
func (p *page) sum(seg segment) int64 {
	buf := binary.AppendUvarint(make([]byte, 0, 32+len(p.data)), uint64(seg.Index))
	buf = binary.BigEndian.AppendUint64(buf, p.low)
	buf = binary.AppendUvarint(buf, uint64(p.no))
	return rowSum(append(buf, p.data...), seg.Run)
}

// ordered maps a hash to the signed integer of the same rank.
func ordered(hash uint64) int64 { return int64(hash ^ 1<<63) }

// WriteIndex stores the run's entries of an index, sorted by hash, in one
// transaction. Writing the same index again replaces what the run wrote
// before, so a resumed run writes its indexes anew.
func (r *Run) WriteIndex(ctx context.Context, index string, entries iter.Seq[IndexEntry]) error {
	return r.step(fmt.Sprintf("write index %s of run %d", index, r.No), func() error {
		if err := errors.Join(errEmpty(index), checkKey(index)); err != nil {
			return err
		}
		return r.lease.write(ctx, func(tx *sqldb.Tx) error {
			if err := r.lease.store.dialect.unpublished(ctx, tx); err != nil {
				return err
			}
			return r.writeIndex(ctx, tx, index, entries)
		})
	})
}

func (r *Run) writeIndex(ctx context.Context, tx *sqldb.Tx, index string, entries iter.Seq[IndexEntry]) error {
	s := r.lease.store
	no, err := r.indexNo(ctx, tx, index)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM @match WHERE index_no = ? AND from_run = ?"), no, r.No); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM @segment WHERE index_no = ? AND from_run = ?"), no, r.No); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, s.sql("INSERT INTO @segment (index_no, from_run) VALUES (?, ?)"), no, r.No); err != nil {
		return err
	}
	pages := make([]page, 0, pageBatch)
	flush := func() error {
		err := s.insertPages(ctx, tx, segment{no, r.No}, pages)
		pages = pages[:0]
		return err
	}
	var w pageWriter
	emit := func(p page) error {
		if pages = append(pages, p); len(pages) == pageBatch {
			return flush()
		}
		return nil
	}
	for e := range entries {
		if err := checkKey(e.Key); err != nil {
			return fmt.Errorf("a key of source %d: %w", e.Source, err)
		}
		if err := w.add(e, emit); err != nil {
			return err
		}
	}
	if err := w.close(emit); err != nil {
		return err
	}
	return flush()
}

// insertPages adds pages to a segment.
func (s *Store) insertPages(ctx context.Context, tx *sqldb.Tx, seg segment, pages []page) error {
	return sqldb.BulkInsert(ctx, tx, s.table("match"), []string{"index_no", "from_run", "low", "page_no", "page", "row_sum"}, len(pages),
		func(i int, dst *sqldb.Row) {
			dst.Int(seg.Index)
			dst.Int(seg.Run)
			dst.Int(ordered(pages[i].low))
			dst.Int(int64(pages[i].no))
			dst.Bytes(pages[i].data)
			dst.Int(pages[i].sum(seg))
		})
}

// indexNo is the number of an index, which may be new.
func (r *Run) indexNo(ctx context.Context, tx *sqldb.Tx, index string) (int64, error) {
	s := r.lease.store
	known, err := s.indexes(ctx, tx)
	if err != nil {
		return 0, err
	}
	if no, ok := known[index]; ok {
		return no, nil
	}
	no := int64(len(known)) + 1
	_, err = tx.ExecContext(ctx, s.sql("INSERT INTO @index (index_no, name, from_run) VALUES (?, ?, ?)"), no, index, r.No)
	return no, err
}

func (s *Store) indexes(ctx context.Context, q queryer) (map[string]int64, error) {
	var rows []struct {
		No   int64  `db:"index_no"`
		Name string `db:"name"`
	}
	if err := q.SelectContext(ctx, &rows, s.sql("SELECT index_no, name FROM @index")); err != nil {
		return nil, err
	}
	known := make(map[string]int64, len(rows))
	for _, row := range rows {
		known[row.Name] = row.No
	}
	return known, nil
}

// indexDigests are the digests of the pages that a run wrote, by index.
func (s *Store) indexDigests(ctx context.Context, tx *sqldb.Tx, run int64) (map[string]string, error) {
	rows, err := tx.QueryxContext(ctx, s.sql("SELECT i.name, m.page FROM @segment s JOIN @index i ON i.index_no = s.index_no "+
		"LEFT JOIN @match m ON m.index_no = s.index_no AND m.from_run = s.from_run WHERE s.from_run = ? ORDER BY s.index_no, m.low, m.page_no"), run)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	hashes := map[string]hash.Hash{}
	for rows.Next() {
		var index string
		var data []byte
		if err := rows.Scan(&index, &data); err != nil {
			return nil, err
		}
		if hashes[index] == nil {
			hashes[index] = sha256.New()
		}
		hashes[index].Write(data)
	}
	digests := make(map[string]string, len(hashes))
	for index, h := range hashes {
		digests[index] = hex.EncodeToString(h.Sum(nil))
	}
	return digests, rows.Err()
}

// pageWriter cuts sorted entries into pages. group is where the entries of
// the last hash begin in the page that is being filled.
type pageWriter struct {
	page    page
	entries []IndexEntry
	group   int
	last    uint64
	started bool
}

func (w *pageWriter) add(e IndexEntry, emit func(page) error) error {
	switch {
	case w.started && e.Hash < w.last:
		return errors.New("the entries are not sorted by hash")
	case !w.started || e.Hash > w.last:
		if len(w.entries) >= pageEntries {
			if err := w.emit(len(w.entries), emit); err != nil {
				return err
			}
		}
		w.group = len(w.entries)
	case len(w.entries) >= pageEntries && w.group > 0:
		// One hash does not start in the middle of a page that it overflows.
		if err := w.emit(w.group, emit); err != nil {
			return err
		}
	case len(w.entries) >= pageEntries:
		if err := w.emit(len(w.entries), emit); err != nil {
			return err
		}
	}
	w.entries = append(w.entries, e)
	w.last, w.started = e.Hash, true
	return nil
}

func (w *pageWriter) close(emit func(page) error) error {
	if len(w.entries) == 0 {
		return nil
	}
	return w.emit(len(w.entries), emit)
}

// emit makes a page of the first n entries.
func (w *pageWriter) emit(n int, emit func(page) error) error {
	low := w.entries[0].Hash
	if w.page.data != nil && w.page.low == low {
		w.page.no++
	} else {
		w.page.no = 0
	}
	w.page.low, w.page.data = low, encodePage(w.entries[:n])
	w.entries = append(w.entries[:0], w.entries[n:]...)
	w.group = max(0, w.group-n)
	return emit(w.page)
}

// encodePage writes entries: each hash as the distance from the one before
// (from 0 the first time), the source, and the key.
func encodePage(entries []IndexEntry) []byte {
	buf := make([]byte, 0, len(entries)*24)
	var last uint64
	for i := range entries {
		e := &entries[i]
		buf = binary.AppendUvarint(buf, e.Hash-last)
		buf = binary.AppendUvarint(buf, uint64(e.Source))
		buf = appendText(buf, e.Key)
		last = e.Hash
	}
	return buf
}

var errPage = errors.New("a page of the index is damaged")

// decodePage calls found for each entry until it has seen them all.
func decodePage(data []byte, found func(hash uint64, source int, key []byte)) error {
	var hash uint64
	next := func() (uint64, bool) {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, false
		}
		data = data[n:]
		return v, true
	}
	for len(data) > 0 {
		distance, ok1 := next()
		source, ok2 := next()
		size, ok3 := next()
		if !ok1 || !ok2 || !ok3 || size > uint64(len(data)) {
			return errPage
		}
		hash += distance
		found(hash, int(source), data[:size])
		data = data[size:]
	}
	return nil
}

// fewHashes is up to how many hashes are looked for one by one; for more it
// pays to read where the pages of the index begin.
const fewHashes = 32

// ByIndex returns the source IDs whose records had a value with one of the
// hashes when they were last indexed, in the order of (source, key). They
// are candidates: the caller looks whether they still have it.
func (v *Snapshot) ByIndex(ctx context.Context, index string, hashes []uint64) ([]SourceKey, error) {
	hashes = slices.Clone(hashes)
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	var found []SourceKey
	err := v.use(func() error {
		var segments []segment
		if err := v.tx.SelectContext(ctx, &segments, v.store.sql("SELECT s.index_no, s.from_run FROM @segment s JOIN @index i ON i.index_no = s.index_no "+
			"WHERE i.name = ? AND s.from_run <= ?"), index, v.head.Run); err != nil {
			return err
		}
		for _, seg := range segments {
			lows, err := v.pageLows(ctx, seg, hashes)
			if err != nil {
				return err
			}
			if err := v.readPages(ctx, seg, lows, func(hash uint64, source int, key []byte) {
				if _, ok := slices.BinarySearch(hashes, hash); ok {
					found = append(found, SourceKey{source, string(key)})
				}
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, v.store.fail("look into index "+index, err)
	}
	slices.SortFunc(found, SourceKey.Compare)
	return slices.Compact(found), nil
}

// segment is the pages that one run wrote of one index.
type segment struct {
	Index int64 `db:"index_no"`
	Run   int64 `db:"from_run"`
}

// pageLows are the lows of the pages that can hold one of the hashes, which
// are sorted.
func (v *Snapshot) pageLows(ctx context.Context, seg segment, hashes []uint64) (lows []int64, err error) {
	if len(hashes) <= fewHashes {
		for _, h := range hashes {
			var low []int64
			if err := v.tx.SelectContext(ctx, &low, v.store.sql("SELECT low FROM @match WHERE index_no = ? AND from_run = ? AND low <= ? "+
				"ORDER BY low DESC LIMIT 1"), seg.Index, seg.Run, ordered(h)); err != nil {
				return nil, err
			}
			lows = append(lows, low...)
		}
		return slices.Compact(lows), nil
	}
	var all []int64
	if err := v.tx.SelectContext(ctx, &all, v.store.sql("SELECT low FROM @match WHERE index_no = ? AND from_run = ? AND page_no = 0 ORDER BY low"),
		seg.Index, seg.Run); err != nil {
		return nil, err
	}
	at := 0
	for _, h := range hashes {
		for at < len(all) && all[at] <= ordered(h) {
			at++
		}
		if at > 0 {
			lows = append(lows, all[at-1])
		}
	}
	return slices.Compact(lows), nil
}

// pagesPerRead bounds the pages that stand in one IN (…).
const pagesPerRead = 250

// readPages decodes the pages with the given lows.
func (v *Snapshot) readPages(ctx context.Context, seg segment, lows []int64, found func(uint64, int, []byte)) error {
	for chunk := range slices.Chunk(lows, pagesPerRead) {
		query, args, err := v.store.in("SELECT page FROM @match WHERE index_no = ? AND from_run = ? AND low IN (?)", seg.Index, seg.Run, chunk)
		if err != nil {
			return err
		}
		var pages [][]byte
		if err := v.tx.SelectContext(ctx, &pages, query, args...); err != nil {
			return err
		}
		for _, data := range pages {
			if err := decodePage(data, found); err != nil {
				return err
			}
		}
	}
	return nil
}
