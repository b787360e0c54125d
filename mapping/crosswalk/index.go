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
	"strings"

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
		err := sqldb.BulkInsert(ctx, tx, s.table("match"), []string{"index_no", "from_run", "low", "page_no", "page"}, len(pages),
			func(i int, dst *sqldb.Row) {
				dst.Int(no)
				dst.Int(r.No)
				dst.Int(ordered(pages[i].low))
				dst.Int(int64(pages[i].no))
				dst.Bytes(pages[i].data)
			})
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

// indexDigests are the digests of the pages that the run wrote, by index.
func (r *Run) indexDigests(ctx context.Context, tx *sqldb.Tx) (map[string]string, error) {
	s := r.lease.store
	rows, err := tx.QueryxContext(ctx, s.sql("SELECT i.name, m.page FROM @match m JOIN @index i ON i.index_no = m.index_no "+
		"WHERE m.from_run = ? ORDER BY m.index_no, m.low, m.page_no"), r.No)
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

// probeHashes is how many hashes one statement looks for.
const probeHashes = 200

// ByIndex returns the source IDs whose records had a value with one of the
// hashes when they were last indexed, in the order of (source, key). They
// are candidates: the caller looks whether they still have it.
func (v *Snapshot) ByIndex(ctx context.Context, index string, hashes []uint64) ([]SourceKey, error) {
	wanted := make(map[uint64]bool, len(hashes))
	for _, h := range hashes {
		wanted[h] = true
	}
	var found []SourceKey
	err := v.use(func() error {
		for chunk := range slices.Chunk(hashes, probeHashes) {
			if err := v.pages(ctx, index, chunk, func(hash uint64, source int, key []byte) {
				if wanted[hash] {
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

// pages decodes the pages that can hold one of the hashes.
func (v *Snapshot) pages(ctx context.Context, index string, hashes []uint64, found func(uint64, int, []byte)) error {
	// The first SELECT has no rows; it tells PostgreSQL the parameters' type.
	query := "SELECT m.page FROM (SELECT low AS h FROM @match WHERE 1 = 0" + strings.Repeat(" UNION SELECT ?", len(hashes)) + ") AS w " +
		"JOIN @index i ON i.name = ? " +
		"JOIN @segment seg ON seg.index_no = i.index_no AND seg.from_run <= ? " +
		"JOIN @match m ON m.index_no = seg.index_no AND m.from_run = seg.from_run AND m.low = " +
		"(SELECT MAX(x.low) FROM @match x WHERE x.index_no = seg.index_no AND x.from_run = seg.from_run AND x.low <= w.h)"
	args := make([]any, 0, len(hashes)+2)
	for _, h := range hashes {
		args = append(args, ordered(h))
	}
	args = append(args, index, v.head.Run)
	rows, err := v.tx.QueryxContext(ctx, v.store.sql(query), args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var data []byte
		if err := rows.Scan(&data); err != nil {
			return err
		}
		if err := decodePage(data, found); err != nil {
			return err
		}
	}
	return rows.Err()
}
