package crosswalk

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// PublicationState is how far a publication is.
type PublicationState uint8

// The states. An intended one is durable before the source is written to, so
// that a publisher that was killed leaves a trace of whatever it may have
// done; it becomes one of the others once the source has answered.
const (
	Intended  PublicationState = iota
	Delivered                  // written, and read back
	Refused                    // the source refused it, or has no such record
	TakenBack                  // delivered, and undone by a later run
)

var publicationNames = [...]string{"intended", "delivered", "refused", "taken back"}

// String is the state's name.
func (s PublicationState) String() string { return name(publicationNames[:], int(s)) }

// InForce reports whether the source's field holds what the entry says, or is
// to hold it.
func (s PublicationState) InForce() bool { return s == Intended || s == Delivered }

// Publication is an entry of the ledger: what a run wrote, or was to write,
// into a field of a source's own record.
type Publication struct {
	Source    int
	Key       string
	Run       int64
	Canonical string // empty: the field was to be as it had been (an undo)
	State     PublicationState
	// Before is what the field held until then, HadBefore whether it held
	// anything. They count in delivered entries.
	Before    string
	HadBefore bool
	Reason    string // of a refusal
}

// ID is the source ID whose record the entry is about.
func (p *Publication) ID() SourceKey { return SourceKey{p.Source, p.Key} }

// Rewritten says what a run of kind rewrite was about: a reference, the ID
// space that it refers to, and where it is.
type Rewritten struct {
	Reference string `json:"reference"`
	RefersTo  string `json:"refers_to"`
	InPlace   bool   `json:"in_place,omitempty"`
}

const publicationList = "source_no, id_key, run_no, canonical, state, before_text, had_before, reason, row_sum"

var publicationColumns = strings.Split(publicationList, ", ")

// check refuses what some store could not keep exactly as it is.
func (p *Publication) check() error {
	if p.Source < 1 || p.Key == "" || p.State > TakenBack {
		return fmt.Errorf("an entry of the ledger names source %d, key %q and state %d", p.Source, p.Key, p.State)
	}
	if err := errors.Join(checkKey(p.Key), checkKey(p.Canonical), checkText(p.Before), checkText(p.Reason)); err != nil {
		return fmt.Errorf("an entry of the ledger of source %d, key %q: %w", p.Source, p.Key, err)
	}
	return nil
}

// appendPublication writes an entry as its checksum covers it.
func appendPublication(buf []byte, p *Publication) []byte {
	for _, t := range [...]string{p.Key, p.Canonical, p.Before, p.Reason} {
		buf = appendText(buf, t)
	}
	had := byte(0)
	if p.HadBefore {
		had = 1
	}
	buf = append(buf, byte(p.State), had)
	return append(buf, fmt.Sprint(p.Source)...)
}

// WritePublications adds entries to the ledger, all Intended, in the order of
// (source, key), each key once; they may come in several calls, one after the
// other, some thousands at a time. Nobody sees them before the run is
// published. A run that was taken up again is given all of its entries again,
// and passes those over that are there.
func (r *Run) WritePublications(ctx context.Context, entries []Publication) error {
	if len(entries) == 0 {
		return nil
	}
	return r.step(fmt.Sprintf("write %d entries of the ledger in run %d", len(entries), r.No), func() error {
		return r.writePublications(ctx, entries)
	})
}

func (r *Run) writePublications(ctx context.Context, entries []Publication) error {
	for i := range entries {
		p := &entries[i]
		if err := p.check(); err != nil {
			return err
		}
		if p.State != Intended || !r.known[p.Source] {
			return fmt.Errorf("the entry of source %d, key %q is %s, or of a source that nobody knows", p.Source, p.Key, p.State)
		}
		if r.given.Compare(p.ID()) >= 0 {
			return fmt.Errorf("the entry of source %d, key %q is not in the order of (source, key)", p.Source, p.Key)
		}
		r.given = p.ID()
		p.Run = r.No
	}
	there, _ := slices.BinarySearchFunc(entries, r.published, func(p Publication, at SourceKey) int {
		if c := p.ID().Compare(at); c != 0 {
			return c
		}
		return -1 // it is there
	})
	if entries = entries[there:]; len(entries) == 0 {
		return nil
	}
	s := r.lease.store
	if err := r.lease.write(ctx, func(tx *sqldb.Tx) error {
		if err := s.dialect.unpublished(ctx, tx); err != nil {
			return err
		}
		return s.insertPublications(ctx, tx, entries)
	}); err != nil {
		return err
	}
	r.published = r.given
	return nil
}

// countPublications is how many entries the run wrote.
func (r *Run) countPublications(ctx context.Context, tx *sqldb.Tx) (n int64, err error) {
	if r.published.Key == "" {
		return 0, nil
	}
	err = tx.GetContext(ctx, &n, r.lease.store.sql("SELECT COUNT(*) FROM @publication WHERE run_no = ?"), r.No)
	return n, err
}

// lastPublication is the last entry of a run that was taken up again.
func (s *Store) lastPublication(ctx context.Context, tx *sqldb.Tx, run int64) (last SourceKey, err error) {
	var rows []struct {
		Source int    `db:"source_no"`
		Key    string `db:"id_key"`
	}
	err = tx.SelectContext(ctx, &rows, s.sql("SELECT source_no, id_key FROM @publication WHERE run_no = ? ORDER BY source_no DESC, id_key DESC LIMIT 1"), run)
	if err == nil && len(rows) > 0 {
		last = SourceKey{rows[0].Source, rows[0].Key}
	}
	return last, err
}

func (s *Store) insertPublications(ctx context.Context, tx *sqldb.Tx, entries []Publication) error {
	var buf []byte
	return sqldb.BulkInsert(ctx, tx, s.table(publicationTable), publicationColumns, len(entries), func(i int, dst *sqldb.Row) {
		p := &entries[i]
		buf = appendPublication(buf[:0], p)
		dst.Int(int64(p.Source))
		dst.Text(p.Key)
		dst.Int(p.Run)
		dst.Text(p.Canonical)
		dst.Int(int64(p.State))
		dst.Text(p.Before)
		if p.HadBefore {
			dst.Int(1)
		} else {
			dst.Int(0)
		}
		dst.Text(p.Reason)
		dst.Int(rowSum(buf, p.Run))
	})
}

// SettlePublications records what became of entries of published runs: state,
// what was there before, and why it was refused. They stand in the ledger
// already, under the same source, key, run and canonical ID; all of them are
// settled or none. It is not part of a run, for the source was written to
// already. Some thousands are a good batch.
func (l *Lease) SettlePublications(ctx context.Context, entries []Publication) error {
	if len(entries) == 0 {
		return nil
	}
	entries = slices.Clone(entries)
	slices.SortFunc(entries, comparePublications)
	for i := range entries {
		if err := entries[i].check(); err != nil {
			return l.store.fail("settle what was published", err)
		}
	}
	s := l.store
	err := l.write(ctx, func(tx *sqldb.Tx) error {
		head, err := s.metaNumber(ctx, tx, "head")
		if err != nil {
			return err
		}
		for rest := entries; len(rest) > 0; {
			n := 1
			for n < len(rest) && n < inList && rest[n].Source == rest[0].Source && rest[n].Run == rest[0].Run {
				n++
			}
			if rest[0].Run > head {
				return fmt.Errorf("run %d is not published", rest[0].Run)
			}
			if err := s.takePublications(ctx, tx, rest[:n]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return s.insertPublications(ctx, tx, entries)
	})
	if err == nil {
		s.dialect.durable(ctx, s)
	}
	return s.fail("settle what was published", err)
}

func comparePublications(a, b Publication) int {
	if c := a.Source - b.Source; c != 0 {
		return c
	}
	if c := a.Run - b.Run; c != 0 {
		return int(c)
	}
	return strings.Compare(a.Key, b.Key)
}

// takePublications deletes entries of one run and source, which come again
// with another state.
func (s *Store) takePublications(ctx context.Context, tx *sqldb.Tx, entries []Publication) error {
	canonical := make(map[string]string, len(entries))
	args := []any{entries[0].Source, entries[0].Run}
	for i := range entries {
		canonical[entries[i].Key] = entries[i].Canonical
		args = append(args, entries[i].Key)
	}
	where := " WHERE source_no = ? AND run_no = ? AND id_key IN (?" + strings.Repeat(", ?", len(entries)-1) + ")"
	var rows []struct {
		Key       string `db:"id_key"`
		Canonical string `db:"canonical"`
	}
	if err := tx.SelectContext(ctx, &rows, s.sql("SELECT id_key, canonical FROM @publication"+where), args...); err != nil {
		return err
	}
	for _, row := range rows {
		if is, ok := canonical[row.Key]; !ok || is != row.Canonical {
			return fmt.Errorf("the entry of run %d for key %q is of %q and not of %q", entries[0].Run, row.Key, row.Canonical, is)
		}
	}
	res, err := tx.ExecContext(ctx, s.sql("DELETE FROM @publication"+where), args...)
	return exactly(int64(len(entries)), res, err)
}

// discardPublications removes the entries of an unpublished run, some at a
// time.
func (l *Lease) discardPublications(ctx context.Context, run int64) error {
	s := l.store
	for {
		var rows []struct {
			Source int    `db:"source_no"`
			Key    string `db:"id_key"`
		}
		if err := s.db.SelectContext(ctx, &rows, s.sql(fmt.Sprintf("SELECT source_no, id_key FROM @publication WHERE run_no = ? "+
			"ORDER BY source_no, id_key LIMIT %d", discardRows)), run); err != nil || len(rows) == 0 {
			return err
		}
		keys := make([]SourceKey, len(rows))
		for i, row := range rows {
			keys[i] = SourceKey{row.Source, row.Key}
		}
		if err := l.write(ctx, func(tx *sqldb.Tx) error {
			for source, chunk := range keyChunks(keys) {
				query, args, err := s.in("DELETE FROM @publication WHERE source_no = ? AND run_no = ? AND id_key IN (?)", source, run, chunk)
				if err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, query, args...); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
}

// publicationOf makes an entry of the cells of publicationList.
func publicationOf(cells []driver.Value) (p Publication, sum int64, err error) {
	var numbers [5]int64
	for i, at := range [...]int{0, 2, 4, 6, 8} {
		var bad error
		numbers[i], bad = number(cells[at])
		err = errors.Join(err, bad)
	}
	if had := numbers[3]; had != 0 && had != 1 {
		err = errors.Join(err, fmt.Errorf("had_before is %d", had))
	}
	return Publication{
		Source: int(numbers[0]), Key: text(cells[1]), Run: numbers[1], Canonical: text(cells[3]), State: PublicationState(numbers[2]),
		Before: text(cells[5]), HadBefore: numbers[3] != 0, Reason: text(cells[7]),
	}, numbers[4], err
}
