package crosswalk

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Finish is what a run changes besides links, all of it at the moment it is
// published.
type Finish struct {
	// Numbers are new or changed rows; FromRun is filled in.
	Numbers []Number
	// Counters are the last values handed out, by prefix. One never goes back.
	Counters map[string]uint64
	// Marks says, by source number, how far sources have been read.
	Marks map[int]string
	// Full are the numbers of the sources that were read completely.
	Full []int
	// Reviews are raised by the run, ClosedReviews are the IDs of open ones
	// that it settles.
	Reviews       []Review
	ClosedReviews []string
	// Decisions are verdicts that the run's act implies, such as that the
	// customers it splits are different. They replace contrary ones.
	Decisions []Decision
	// Erase are source IDs that are forgotten: every version of their links
	// goes, and all that names them. Only a run of that kind has any.
	Erase []SourceKey
	// Moved are source IDs whose key is another from now on: what the ledger
	// says of them goes along. Only a rekey has any.
	Moved []KeyMove
	// Model is the matching model to keep from now on, some megabytes at most;
	// nil keeps what there is.
	Model  []byte
	Totals mapping.Totals
	// Undid is the run that this one undoes, 0 for none.
	Undid int64
	// TookBack is the run of which this one takes back what was published, 0
	// for none. That run itself stays as it is.
	TookBack int64
	// Rewrote says which references the run is about, and Adopted names the
	// sources whose own key is rewritten.
	Rewrote []Rewritten
	Adopted []string
	// Changed says whether the run changes anything that a plan depends on;
	// without it the serial stays, and the run may have no links, numbers,
	// counters, reviews or model.
	Changed bool
}

// effects is what of a run no other table keeps for ever. It stands with the
// run, so that its digest can be computed again at any time.
type effects struct {
	// Sums says that all rows of the run have checksums, and that Rules and
	// Indexes are complete.
	Sums        bool              `json:"sums,omitempty"`
	Environment string            `json:"environment,omitempty"`
	Sources     []Source          `json:"sources,omitempty"`
	Counters    map[string]uint64 `json:"counters,omitempty"`
	Marks       map[int]string    `json:"marks,omitempty"`
	Full        []int             `json:"full,omitempty"`
	Closed      []string          `json:"closed_reviews,omitempty"`
	Rules       map[int64]string  `json:"rules,omitempty"`     // those that its links were the first to name
	Indexes     map[string]string `json:"indexes,omitempty"`   // digest of the pages
	Schemes     map[int]string    `json:"schemes,omitempty"`   // see RunStart
	Model       string            `json:"model,omitempty"`     // its digest
	Verdicts    []int64           `json:"verdicts,omitempty"`  // numbers of the decisions that it recorded
	Undid       int64             `json:"undid,omitempty"`     // the run that it undid
	TookBack    int64             `json:"took_back,omitempty"` // the run of which it took back what was published
	Approved    []string          `json:"approved,omitempty"`  // who approved its plan
	Rewrote     []Rewritten       `json:"rewrote,omitempty"`   // the references that it was about
	Adopted     []string          `json:"adopted,omitempty"`   // the sources whose own key it rewrote
	Published   int64             `json:"published,omitempty"` // how many entries of the ledger it wrote
	// Decided is the digest of the last decision there was: it ties the chain
	// of decisions, whose end nothing else holds, to that of the runs.
	Decided string `json:"decided,omitempty"`
	// Amended says, of a run that forgot customers, what is left of the runs
	// that knew them, by number; Redacted what is left of the decisions, as
	// their digests. The last one that a run or decision has is in force. The
	// chains stay as they were, over what there was. Erased is the digest of
	// the rows of xwalk_erased that the run added, Salt that of what their
	// hashes are made with.
	Amended  map[int64]amendment `json:"amended,omitempty"`
	Redacted map[int64]string    `json:"redacted,omitempty"`
	Erased   string              `json:"erased,omitempty"`
	Salt     string              `json:"salt,omitempty"`
}

// amendment is the digest of what is left of a run, those of the pages of its
// indexes, and of the reviews that it closed those that are gone.
type amendment struct {
	Content string            `json:"content"`
	Indexes map[string]string `json:"indexes,omitempty"`
	Closed  []string          `json:"closed_reviews,omitempty"`
	// Published is how many of its entries of the ledger are left.
	Published int64 `json:"published,omitempty"`
}

// Publish makes the run visible, whole and at once, and ends it. It returns
// the crosswalk's new serial.
//
// The run's digest is SHA-256 over the digest of the run before, the run's
// number (8 bytes, big endian) and the digest of all that it wrote.
func (r *Run) Publish(ctx context.Context, f Finish) (serial int64, err error) {
	err = r.step(fmt.Sprintf("publish run %d", r.No), func() error {
		if err := r.checkFinish(&f); err != nil {
			return err
		}
		if r.Done > 0 {
			if err := r.lease.indexCanonical(ctx); err != nil {
				return err
			}
		}
		if err := r.lease.write(ctx, func(tx *sqldb.Tx) error {
			serial, err = r.publish(ctx, tx, &f)
			return err
		}); err != nil {
			return err
		}
		r.lease.store.dialect.durable(ctx, r.lease.store)
		return nil
	})
	if err != nil {
		return 0, err
	}
	r.failed = errors.New("the run is published already")
	return serial, nil
}

// checkFinish sorts f and refuses what cannot be stored.
func (r *Run) checkFinish(f *Finish) error {
	slices.SortFunc(f.Numbers, func(a, b Number) int { return strings.Compare(a.Canonical, b.Canonical) })
	slices.SortFunc(f.Reviews, func(a, b Review) int { return strings.Compare(a.ID, b.ID) })
	slices.Sort(f.ClosedReviews)
	slices.Sort(f.Full)
	for i := range f.Numbers {
		n := &f.Numbers[i]
		n.FromRun = r.No
		if err := n.check(); err != nil {
			return fmt.Errorf("number %q cannot be stored: %w", n.Canonical, err)
		}
		if i > 0 && n.Canonical == f.Numbers[i-1].Canonical {
			return fmt.Errorf("number %q comes twice", n.Canonical)
		}
	}
	for i := range f.Reviews {
		v := &f.Reviews[i]
		v.FromRun = r.No
		if err := errors.Join(errEmpty(v.ID), checkKey(v.ID), checkKey(v.Left.Key), checkKey(v.Right.Key), checkText(v.Evidence)); err != nil {
			return fmt.Errorf("review %q cannot be stored: %w", v.ID, err)
		}
	}
	for i := range f.Decisions {
		if err := f.Decisions[i].prepare(r.Started); err != nil {
			return fmt.Errorf("decision %d of the run: %w", i+1, err)
		}
	}
	for prefix := range f.Counters {
		if err := checkKey(prefix); err != nil {
			return fmt.Errorf("counter %q cannot be stored: %w", prefix, err)
		}
	}
	for no, mark := range f.Marks {
		if err := checkText(mark); err != nil {
			return fmt.Errorf("the mark of source %d cannot be stored: %w", no, err)
		}
	}
	if f.Model != nil && len(f.Model) == 0 {
		return errors.New("the model is empty")
	}
	if !f.Changed && (r.Done > 0 || f.Model != nil || len(f.Numbers)+len(f.Counters)+len(f.Reviews)+len(f.ClosedReviews)+len(f.Decisions)+len(f.Erase) > 0) {
		return fmt.Errorf("the run wrote %d links and is said to change nothing", r.Done)
	}
	return nil
}

// check refuses a number that does not make sense.
func (n *Number) check() error {
	if err := errors.Join(errEmpty(n.Canonical), checkKey(n.Canonical), checkKey(n.Into), checkKey(n.Survivor)); err != nil {
		return err
	}
	pointing := n.Into != "" && n.Survivor != "" && n.Into != n.Canonical && n.Survivor != n.Canonical
	if n.State == Merged != pointing || (n.State != Merged && n.Into+n.Survivor != "") {
		return fmt.Errorf("it is %s and points to %q, in the end to %q", n.State, n.Into, n.Survivor)
	}
	return nil
}

func errEmpty(s string) error {
	if s == "" {
		return errors.New("it is empty")
	}
	return nil
}

// indexCanonical makes the index on canonical IDs where it is missing. The
// first load does without it, which is why it is not made with the table.
func (l *Lease) indexCanonical(ctx context.Context) error {
	s := l.store
	create := func(x execer) error {
		return s.dialect.createIndex(ctx, s, x, "xwalk_link_canonical", "link", "canonical")
	}
	if s.dialect.ddlCommits() {
		// The lease renews itself meanwhile.
		return create(s.db)
	}
	return l.write(ctx, func(tx *sqldb.Tx) error { return create(tx) })
}

func (r *Run) publish(ctx context.Context, tx *sqldb.Tx, f *Finish) (int64, error) {
	s := r.lease.store
	if len(f.Decisions)+len(f.Erase) > 0 { // before anything is read, as in deciding
		if err := s.lockMeta(ctx, tx, lastDecision); err != nil {
			return 0, err
		}
	}
	if err := r.storeNumbers(ctx, tx, f.Numbers); err != nil {
		return 0, err
	}
	if err := r.storeCounters(ctx, tx, f.Counters); err != nil {
		return 0, err
	}
	if err := r.storeReviews(ctx, tx, f); err != nil {
		return 0, err
	}
	added, err := r.storeSources(ctx, tx, f)
	if err != nil {
		return 0, err
	}
	did := effects{Sums: true, Sources: added, Counters: f.Counters, Marks: f.Marks, Full: f.Full, Closed: f.ClosedReviews, Schemes: r.start.Schemes, Undid: f.Undid, TookBack: f.TookBack, Approved: r.start.Approved, Rewrote: f.Rewrote, Adopted: f.Adopted}
	if did.Indexes, err = s.indexDigests(ctx, tx, r.No); err != nil {
		return 0, err
	}
	if did.Published, err = r.countPublications(ctx, tx); err != nil {
		return 0, err
	}
	if did.Rules, err = s.ruleTexts(ctx, tx, "from_run = ?", r.No); err != nil {
		return 0, err
	}
	if did.Model, err = r.storeModel(ctx, tx, f.Model); err != nil {
		return 0, err
	}
	if err := s.movePublications(ctx, tx, f.Moved); err != nil {
		return 0, err
	}
	if err := r.erase(ctx, tx, f.Erase, &did); err != nil {
		return 0, err
	}
	if did.Verdicts, err = r.recordVerdicts(ctx, tx, f.Decisions); err != nil {
		return 0, err
	}
	if did.Decided, err = s.lastDigest(ctx, tx); err != nil {
		return 0, err
	}
	env, err := s.meta(ctx, tx, "environment")
	if err != nil {
		return 0, err
	}
	if env == "" && r.start.Environment != "" {
		did.Environment = r.start.Environment
		if err := s.setMeta(ctx, tx, "environment", did.Environment); err != nil {
			return 0, err
		}
	}
	serial := r.start.Base
	if f.Changed {
		serial++
	}
	if err := r.close(ctx, tx, f, serial, did); err != nil {
		return 0, err
	}
	if err := s.setMeta(ctx, tx, "serial", strconv.FormatInt(serial, 10)); err != nil {
		return 0, err
	}
	return serial, s.setMeta(ctx, tx, "head", strconv.FormatInt(r.No, 10))
}

// close completes the run's row, with its digest.
func (r *Run) close(ctx context.Context, tx *sqldb.Tx, f *Finish, serial int64, did effects) error {
	s := r.lease.store
	totals, err := json.Marshal(f.Totals)
	if err != nil {
		return err
	}
	what, err := json.Marshal(did)
	if err != nil {
		return err
	}
	finished := s.now().UTC().Format(time.RFC3339)
	var row struct {
		Actor  string `db:"actor"`
		Reason string `db:"reason"`
	}
	if err := tx.GetContext(ctx, &row, s.sql("SELECT actor, reason FROM @run WHERE run_no = ?"), r.No); err != nil {
		return err
	}
	var prev string
	err = tx.GetContext(ctx, &prev, s.sql("SELECT digest FROM @run WHERE run_no = ?"), r.No-1)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	c := r.content
	for i := range f.Numbers {
		n := &f.Numbers[i]
		c.add(appendNumber(nil, n))
	}
	for i := range f.Reviews {
		v := &f.Reviews[i]
		c.add(appendReview(nil, v))
	}
	c.run(&runCheck{
		Kind: r.start.Kind, Base: r.start.Base, Serial: serial, Actor: row.Actor, Reason: row.Reason, Environment: r.start.Environment,
		Started: r.Started.Format(time.RFC3339), Finished: finished, Rules: r.start.Rules, Plan: r.start.Plan,
		Totals: string(totals), Effects: string(what), Done: r.Done,
	})
	sum := c.sum()
	digest, err := chain(prev, r.No, sum)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, s.sql("UPDATE @run SET serial = ?, finished = ?, totals = ?, effects = ?, prev = ?, content = ?, digest = ?, "+
		"hash_state = NULL WHERE run_no = ? AND done = ? AND discarding = 0"),
		serial, finished, string(totals), string(what), prev, hex.EncodeToString(sum), digest, r.No, r.Done)
	return exactly(1, res, err)
}

// storeNumbers writes numbers; what is there for one of them becomes past.
func (r *Run) storeNumbers(ctx context.Context, tx *sqldb.Tx, numbers []Number) error {
	s := r.lease.store
	const columns = "canonical, state, into_number, survivor, from_run, row_sum"
	var stored int
	if err := tx.GetContext(ctx, &stored, s.sql("SELECT COUNT(*) FROM (SELECT 1 FROM @number LIMIT 1) AS t")); err != nil {
		return err
	}
	changed := numbers
	if stored == 0 { // a first load may bring a million
		changed = nil
	}
	for chunk := range slices.Chunk(changed, inList) {
		ids := make([]string, len(chunk))
		for i := range chunk {
			ids[i] = chunk[i].Canonical
		}
		for _, stmt := range []string{
			"INSERT INTO @number_past (" + columns + ", until_run) SELECT " + columns + fmt.Sprintf(", %d", r.No) + " FROM @number WHERE canonical IN (?)",
			"DELETE FROM @number WHERE canonical IN (?)",
		} {
			query, args, err := s.in(stmt, ids)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, query, args...); err != nil {
				return err
			}
		}
	}
	var buf []byte
	return sqldb.BulkInsert(ctx, tx, s.table("number"), strings.Split(columns, ", "),
		len(numbers), func(i int, dst *sqldb.Row) {
			n := &numbers[i]
			buf = appendNumber(buf[:0], n)
			dst.Text(n.Canonical)
			dst.Int(int64(n.State))
			dst.Text(n.Into)
			dst.Text(n.Survivor)
			dst.Int(r.No)
			dst.Int(rowSum(buf, r.No))
		})
}

// Counters are stored as 20 digits: no database has an unsigned 64-bit
// integer that all drivers can pass, and so their texts order as they do.
const counterDigits = 20

// storeCounters writes counters, which only ever rise. There may be one for
// each region and day, so they are replaced in bulk.
func (r *Run) storeCounters(ctx context.Context, tx *sqldb.Tx, counters map[string]uint64) error {
	s := r.lease.store
	stored, err := s.counters(ctx, tx)
	if err != nil {
		return err
	}
	prefixes := slices.Sorted(maps.Keys(counters))
	var moved []string
	for _, prefix := range prefixes {
		old, ok := stored[prefix]
		if counters[prefix] < old {
			return fmt.Errorf("the counter of %q cannot go back from %d to %d: numbers would be issued twice", prefix, old, counters[prefix])
		}
		if ok {
			moved = append(moved, prefix)
		}
	}
	for in, args := range inLists(moved) {
		if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM @counter WHERE prefix"+in), args...); err != nil {
			return err
		}
	}
	return sqldb.BulkInsert(ctx, tx, s.table("counter"), []string{"prefix", "last", "from_run"},
		len(prefixes), func(i int, dst *sqldb.Row) {
			dst.Text(prefixes[i])
			dst.Text(fmt.Sprintf("%0*d", counterDigits, counters[prefixes[i]]))
			dst.Int(r.No)
		})
}

func (s *Store) counters(ctx context.Context, q queryer) (map[string]uint64, error) {
	var rows []struct {
		Prefix string `db:"prefix"`
		Last   string `db:"last"`
	}
	if err := q.SelectContext(ctx, &rows, s.sql("SELECT prefix, last FROM @counter")); err != nil {
		return nil, err
	}
	counters := make(map[string]uint64, len(rows))
	for _, row := range rows {
		n, err := strconv.ParseUint(row.Last, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the counter of %q: %w", row.Prefix, err)
		}
		counters[row.Prefix] = n
	}
	return counters, nil
}

// storeSources adds new sources, notes the new shapes of known ones and moves
// marks; it returns the sources that are new or have another shape.
func (r *Run) storeSources(ctx context.Context, tx *sqldb.Tx, f *Finish) ([]Source, error) {
	s := r.lease.store
	var stored []Source
	for _, src := range r.start.Sources {
		if r.known[src.No] {
			res, err := tx.ExecContext(ctx, s.sql("UPDATE @source SET shape = ?, key_rule = ? WHERE source_no = ? AND (shape <> ? OR key_rule <> ?)"),
				src.Shape, src.KeyRule, src.No, src.Shape, src.KeyRule)
			if err != nil {
				return nil, err
			}
			if n, err := res.RowsAffected(); err != nil {
				return nil, err
			} else if n == 0 {
				continue
			}
		} else if _, err := tx.ExecContext(ctx, s.sql("INSERT INTO @source (source_no, name, key_rule, shape, mark, from_run, seen_run) VALUES (?, ?, ?, ?, '', ?, 0)"),
			src.No, src.Name, src.KeyRule, src.Shape, r.No); err != nil {
			return nil, err
		}
		stored = append(stored, Source{No: src.No, Name: src.Name, KeyRule: src.KeyRule, Shape: src.Shape})
	}
	for _, no := range slices.Sorted(maps.Keys(f.Marks)) {
		res, err := tx.ExecContext(ctx, s.sql("UPDATE @source SET mark = ? WHERE source_no = ?"), f.Marks[no], no)
		if err := exactly(1, res, err); err != nil {
			return nil, fmt.Errorf("move the mark of source %d: %w", no, err)
		}
	}
	for _, no := range f.Full {
		res, err := tx.ExecContext(ctx, s.sql("UPDATE @source SET seen_run = ? WHERE source_no = ?"), r.No, no)
		if err := exactly(1, res, err); err != nil {
			return nil, fmt.Errorf("note that source %d was read: %w", no, err)
		}
	}
	return stored, nil
}

func (s *Store) sources(ctx context.Context, q queryer) ([]Source, error) {
	var rows []struct {
		No      int    `db:"source_no"`
		Name    string `db:"name"`
		KeyRule string `db:"key_rule"`
		Shape   string `db:"shape"`
		Mark    string `db:"mark"`
		SeenRun int64  `db:"seen_run"`
	}
	err := q.SelectContext(ctx, &rows, s.sql("SELECT source_no, name, key_rule, shape, mark, seen_run FROM @source ORDER BY source_no"))
	sources := make([]Source, len(rows))
	for i, row := range rows {
		sources[i] = Source(row)
	}
	return sources, err
}
