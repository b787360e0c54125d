package crosswalk

import (
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// ledgerVersion is the version of the tables from which on there is a ledger.
// Older ones are read as if it were empty.
const ledgerVersion = 5

const publicationTable = "publication"

// Publications yields the last entry of each source ID of a source that was
// not refused or taken back, in the order of the keys: what its field holds,
// or is to hold. The entry that is yielded is only good until the next step;
// its strings stay. A page of entries is in memory.
//
// In a view of the past they are the last ones of its runs; one that is taken
// back by now counts there as delivered.
func (v *Snapshot) Publications(ctx context.Context, source int) iter.Seq2[*Publication, error] {
	return func(yield func(*Publication, error) bool) {
		states := "0, 1"
		if v.past {
			states = "0, 1, 3" // by runs that may be later; what they wrote comes after it, where they are not
		}
		var last Publication
		for p, err := range v.publications(ctx, "source_no = ? AND state IN ("+states+")", "id_key, run_no", int64(source)) {
			if err != nil {
				yield(nil, err)
				return
			}
			if last.Key != "" && last.Key != p.Key && !yield(&last, nil) {
				return
			}
			if last = *p; last.State == TakenBack {
				last.State = Delivered
			}
		}
		if last.Key != "" {
			yield(&last, nil)
		}
	}
}

// PublicationsOf yields the entries of a run, in the order of (source, key),
// as [Snapshot.Publications] does.
func (v *Snapshot) PublicationsOf(ctx context.Context, run int64) iter.Seq2[*Publication, error] {
	return func(yield func(*Publication, error) bool) {
		sources, err := v.Sources(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, src := range sources {
			for p, err := range v.publications(ctx, "run_no = ? AND source_no = ?", "id_key", run, int64(src.No)) {
				if !yield(p, err) || err != nil {
					return
				}
			}
		}
	}
}

// publications yields, page by page, the entries that meet a condition which
// leaves one source, in an order that begins with the key.
func (v *Snapshot) publications(ctx context.Context, where, order string, args ...int64) iter.Seq2[*Publication, error] {
	return func(yield func(*Publication, error) bool) {
		if v.store.tables < ledgerVersion {
			return
		}
		where += " AND run_no <= ?"
		fixed := []any{}
		for _, a := range append(args, v.head.Run) {
			fixed = append(fixed, a)
		}
		page := make([]Publication, 0, 64)
		more := ""
		var after []any
		for {
			page = page[:0]
			query := fmt.Sprintf("SELECT "+publicationList+" FROM @publication WHERE %s ORDER BY %s LIMIT %d", where+more, order, pageRows)
			if err := v.use(func() error {
				return queryRaw(ctx, v.conn, v.store.sql(query), slices.Concat(fixed, after), func(cells []driver.Value) error {
					p, _, err := publicationOf(cells)
					page = append(page, p)
					return err
				})
			}); err != nil {
				yield(nil, v.store.fail("read the ledger", err))
				return
			}
			for i := range page {
				if !yield(&page[i], nil) {
					return
				}
			}
			if len(page) < pageRows {
				return
			}
			// A range of keys, less the few entries of its first key that were
			// there: no server makes a good range of (a, b) > (?, ?).
			last := &page[len(page)-1]
			more = " AND id_key >= ? AND NOT (id_key = ? AND run_no <= ?)"
			after = []any{last.Key, last.Key, last.Run}
		}
	}
}

// PublicationsOfKeys returns all entries of source IDs, in the order of
// (source, key, run).
func (v *Snapshot) PublicationsOfKeys(ctx context.Context, keys []SourceKey) ([]Publication, error) {
	var found []Publication
	if v.store.tables < ledgerVersion {
		return nil, nil
	}
	for source, chunk := range keyChunks(keys) {
		args := []any{int64(source)}
		for _, key := range chunk {
			args = append(args, key)
		}
		args = append(args, v.head.Run)
		query := "SELECT " + publicationList + " FROM @publication WHERE source_no = ? AND id_key IN (?" + strings.Repeat(", ?", len(chunk)-1) +
			") AND run_no <= ? ORDER BY id_key, run_no"
		if err := v.use(func() error {
			return queryRaw(ctx, v.conn, v.store.sql(query), args, func(cells []driver.Value) error {
				p, _, err := publicationOf(cells)
				found = append(found, p)
				return err
			})
		}); err != nil {
			return nil, v.store.fail("look up what was published", err)
		}
	}
	return found, nil
}

// PublicationCounts says how many entries a run has in each state.
func (v *Snapshot) PublicationCounts(ctx context.Context, run int64) (map[PublicationState]int64, error) {
	counts := map[PublicationState]int64{}
	if v.store.tables < ledgerVersion || run > v.head.Run {
		return counts, nil
	}
	var rows []struct {
		State PublicationState `db:"state"`
		N     int64            `db:"n"`
	}
	err := v.use(func() error {
		return v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT state, COUNT(*) AS n FROM @publication WHERE run_no = ? GROUP BY state"), run)
	})
	for _, row := range rows {
		counts[row.State] = row.N
	}
	return counts, v.store.fail("count what was published", err)
}
