package crosswalk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// RunStart says what a run is about.
type RunStart struct {
	Kind   string // "apply"
	Actor  string
	Reason string
	Rules  string // digest of the rules
	Plan   string // digest of the plan: the same plan resumes an unfinished run
	// Base is the serial that the plan was made on.
	Base int64
	// Head is the digest of the last run that the plan knows of; another
	// crosswalk with the same serial does not have it. Empty is not compared.
	Head        string
	Environment string
	// Sources are those of the plan, with the numbers that its links have:
	// known ones unchanged but for their shape, new ones added. Publish stores
	// them.
	Sources []Source
	// Schemes are, by the number of a source, the canonical schemes in which
	// the run numbers the customers that it founds, nil where it founds none.
	// They are kept with the run, so that whoever asks for a number later is
	// told how it came about.
	Schemes map[int]string
	// Approved are those who approved the plan, where it was.
	Approved []string
}

// Run is a run that is being written. Nobody sees anything of it before
// Publish. After an error it is over: the lease can begin it again.
type Run struct {
	No      int64
	Started time.Time
	// Done is how many links are durable already, counted in the order in
	// which they are written.
	Done int64

	lease   *Lease
	start   RunStart
	sources map[int]bool // numbers that links may have
	known   map[int]bool // those that are stored already
	content *content
	rules   map[string]int64
	last    SourceKey // of the link prepared last
	// given is the entry of the ledger that was given last, and published the
	// last one that is stored.
	given, published SourceKey
	failed           error // what ended the run
}

// runRow is the part of xwalk_run that an unfinished run has.
type runRow struct {
	No          int64  `db:"run_no"`
	Kind        string `db:"kind"`
	Base        int64  `db:"base"`
	Environment string `db:"environment"`
	Started     string `db:"started"`
	Rules       string `db:"rules"`
	Plan        string `db:"plan"`
	Discarding  bool   `db:"discarding"`
	Done        int64  `db:"done"`
	State       []byte `db:"hash_state"`
}

// Begin starts a run, or takes up the unfinished one when that has the same
// plan: then Done says how many links are there already, and number and start
// are what they were. An unfinished run of another plan is undone first.
//
// It is [ErrStale] when the crosswalk's serial is not Base, and
// [ErrEnvironment] when the crosswalk belongs to another environment.
func (l *Lease) Begin(ctx context.Context, start RunStart) (*Run, error) {
	r, err := l.begin(ctx, start)
	if err != nil {
		return nil, l.store.fail("begin the run", err)
	}
	return r, nil
}

func (l *Lease) begin(ctx context.Context, start RunStart) (*Run, error) {
	texts := append([]string{start.Kind, start.Actor, start.Reason, start.Rules, start.Plan, start.Environment}, start.Approved...)
	for _, text := range slices.AppendSeq(texts, maps.Values(start.Schemes)) {
		if err := checkText(text); err != nil {
			return nil, err
		}
	}
	r := &Run{lease: l, start: start}
	var left *runRow
	err := l.write(ctx, func(tx *sqldb.Tx) error {
		head, err := r.check(ctx, tx)
		if err != nil {
			return err
		}
		left, err = l.store.unfinished(ctx, tx, head)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, l.store.sql("UPDATE @lease SET what = ? WHERE one = 1"), start.Kind); err != nil {
			return err
		}
		r.No = head + 1
		switch {
		case left == nil:
			return r.insert(ctx, tx)
		case left.resumes(&start):
			return r.resume(ctx, tx, left)
		default:
			return l.store.markDiscarded(ctx, tx, left.No)
		}
	})
	if err != nil {
		return nil, err
	}
	if left == nil || r.content != nil {
		return r, nil
	}
	if err := l.discard(ctx, left); err != nil {
		return nil, fmt.Errorf("undo the unfinished run %d: %w", left.No, err)
	}
	return r, l.write(ctx, func(tx *sqldb.Tx) error { return r.insert(ctx, tx) })
}

// resumes reports whether start is the run that was left unfinished.
func (row *runRow) resumes(start *RunStart) bool {
	return !row.Discarding && row.Plan != "" && row.Plan == start.Plan && row.Base == start.Base &&
		row.Kind == start.Kind && row.Rules == start.Rules && row.Environment == start.Environment
}

// check compares what the run assumes with what is there, and returns the
// head.
func (r *Run) check(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	s := r.lease.store
	serial, err := s.metaNumber(ctx, tx, "serial")
	if err != nil {
		return 0, err
	}
	if serial != r.start.Base {
		return 0, fmt.Errorf("%w (it was at serial %d and is at %d)", ErrStale, r.start.Base, serial)
	}
	if err := r.checkHead(ctx, tx); err != nil {
		return 0, err
	}
	env, err := s.meta(ctx, tx, "environment")
	if err != nil {
		return 0, err
	}
	if err := checkEnvironment(env, r.start.Environment); err != nil {
		return 0, err
	}
	stored, err := s.sources(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := r.checkSources(stored); err != nil {
		return 0, err
	}
	return s.metaNumber(ctx, tx, "head")
}

// checkHead makes sure that the run which the plan was made after is one of
// this crosswalk.
func (r *Run) checkHead(ctx context.Context, tx *sqldb.Tx) error {
	if r.start.Head == "" {
		return nil
	}
	var n int
	if err := tx.GetContext(ctx, &n, r.lease.store.sql("SELECT COUNT(*) FROM @run WHERE digest = ?"), r.start.Head); err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%w (it was made on another crosswalk)", ErrStale)
	}
	return nil
}

// checkSources compares the plan's sources with the stored ones.
func (r *Run) checkSources(stored []Source) error {
	r.sources, r.known = map[int]bool{}, map[int]bool{}
	byNo, byName := map[int]Source{}, map[string]Source{}
	for _, src := range stored {
		byNo[src.No], byName[src.Name] = src, src
		r.sources[src.No], r.known[src.No] = true, true
	}
	for _, src := range r.start.Sources {
		if src.No < 1 || src.Name == "" {
			return fmt.Errorf("source %q has no number or no name", src.Name)
		}
		if err := errors.Join(checkKey(src.Name), checkText(src.KeyRule), checkText(src.Shape)); err != nil {
			return fmt.Errorf("source %q: %w", src.Name, err)
		}
		if old, ok := byNo[src.No]; ok && old.Name != src.Name {
			return fmt.Errorf("%w (source number %d is %q and not %q)", ErrStale, src.No, old.Name, src.Name)
		}
		old, ok := byName[src.Name]
		switch {
		case ok && old.No != src.No:
			return fmt.Errorf("%w (source %q has the number %d and not %d)", ErrStale, src.Name, old.No, src.No)
		case ok && old.KeyRule != src.KeyRule && r.start.Kind != kindRekey:
			return fmt.Errorf("the key rule of source %q has changed from %s to %s: put it back, or run xwalk rekey %s", src.Name, old.KeyRule, src.KeyRule, src.Name)
		}
		byNo[src.No], byName[src.Name] = src, src
		r.sources[src.No] = true
	}
	return nil
}

// unfinished is the run above the head, or nil.
func (s *Store) unfinished(ctx context.Context, q queryer, head int64) (*runRow, error) {
	var row runRow
	err := q.GetContext(ctx, &row, s.sql("SELECT run_no, kind, base, environment, started, rules, plan, discarding, done, hash_state FROM @run WHERE run_no > ?"), head)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &row, err
}

// insert records a new run.
func (r *Run) insert(ctx context.Context, tx *sqldb.Tx) error {
	s := r.lease.store
	r.Started, r.Done, r.content = s.now().UTC().Truncate(time.Second), 0, newContent()
	if _, err := tx.ExecContext(ctx, s.sql(`INSERT INTO @run (run_no, kind, base, serial, actor, reason, environment, started, finished,
		rules, plan, totals, effects, prev, content, digest, discarding, done) VALUES (?, ?, ?, 0, ?, ?, ?, ?, '', ?, ?, '', '', '', '', '', 0, 0)`),
		r.No, r.start.Kind, r.start.Base, r.start.Actor, r.start.Reason, r.start.Environment,
		r.Started.Format(time.RFC3339), r.start.Rules, r.start.Plan); err != nil {
		return err
	}
	return r.loadRules(ctx, tx)
}

// resume takes up an unfinished run.
func (r *Run) resume(ctx context.Context, tx *sqldb.Tx, row *runRow) error {
	started, err := time.Parse(time.RFC3339, row.Started)
	if err != nil {
		return fmt.Errorf("the start of run %d: %w", row.No, err)
	}
	c, err := resumeContent(row.State)
	if err != nil {
		return err
	}
	r.Started, r.Done, r.content = started, row.Done, c
	if r.published, err = r.lease.store.lastPublication(ctx, tx, row.No); err != nil {
		return err
	}
	return r.loadRules(ctx, tx)
}

// loadRules reads the numbers of the rules that links name.
func (r *Run) loadRules(ctx context.Context, tx *sqldb.Tx) error {
	var rows []struct {
		No   int64  `db:"rule_no"`
		Rule string `db:"rule"`
	}
	if err := tx.SelectContext(ctx, &rows, r.lease.store.sql("SELECT rule_no, rule FROM @rule")); err != nil {
		return err
	}
	r.rules = make(map[string]int64, len(rows))
	for _, row := range rows {
		r.rules[row.Rule] = row.No
	}
	return nil
}

// WriteLinks adds links to the run, in one transaction with the checkpoint:
// after an error none of the batch is there. The links of a run are in the
// order of (source, key), within a batch and from batch to batch; each key
// comes once. A link that Replaces one supersedes it. About 50,000 links are
// a good batch.
//
// FromRun and SinceRun of the batch are filled in.
func (r *Run) WriteLinks(ctx context.Context, links []Link) error {
	if len(links) == 0 {
		return nil
	}
	return r.step(r.writing(links), func() error {
		batch, err := r.Prepare(links)
		if err != nil {
			return err
		}
		return r.writeBatch(ctx, batch)
	})
}

func (r *Run) writing(links []Link) string {
	return fmt.Sprintf("write links %d to %d of run %d", r.Done+1, r.Done+int64(len(links)), r.No)
}

// Batch is links that are checked and counted into the run's digest, and not
// written yet.
type Batch struct {
	Links []Link
	rows  *linkRows
	state []byte // of the digest after them
}

// Prepare does what WriteLinks does before it writes. Batches are prepared in
// the order in which WriteBatch is to write them all, which another goroutine
// may do meanwhile.
func (r *Run) Prepare(links []Link) (*Batch, error) {
	if err := r.checkLinks(links); err != nil {
		return nil, err
	}
	rows := &linkRows{links: links, rules: r.rules, sums: r.content.links(links, make([]int64, 0, len(links)))}
	state, err := r.content.state()
	if err != nil {
		return nil, err
	}
	r.last = links[len(links)-1].ID()
	return &Batch{links, rows, state}, nil
}

// WriteBatch writes what Prepare has prepared, as WriteLinks does.
func (r *Run) WriteBatch(ctx context.Context, b *Batch) error {
	return r.step(r.writing(b.Links), func() error { return r.writeBatch(ctx, b) })
}

// step does a part of the run unless an earlier one has failed: what is in
// memory may then be ahead of what is stored.
func (r *Run) step(doing string, fn func() error) error {
	if r.failed == nil {
		r.failed = fn()
	}
	return r.lease.store.fail(doing, r.failed)
}

func (r *Run) writeBatch(ctx context.Context, b *Batch) error {
	s := r.lease.store
	done := r.Done + int64(len(b.Links))
	err := r.lease.write(ctx, func(tx *sqldb.Tx) error {
		if err := s.dialect.unpublished(ctx, tx); err != nil {
			return err
		}
		if err := r.addRules(ctx, tx, b.Links); err != nil {
			return err
		}
		if err := r.supersede(ctx, tx, b.Links); err != nil {
			return err
		}
		if err := s.dialect.insertLinks(ctx, s, tx, b.rows); err != nil {
			if sqldb.Classify(err) == sqldb.Duplicate {
				return fmt.Errorf("a key of the batch has a link already, which the plan does not know of: %w", err)
			}
			return err
		}
		res, err := tx.ExecContext(ctx, s.sql("UPDATE @run SET done = ?, hash_state = ? WHERE run_no = ? AND done = ?"), done, b.state, r.No, r.Done)
		return exactly(1, res, err)
	})
	if err != nil {
		return err
	}
	r.Done = done
	return nil
}

// checkLinks makes sure that a batch can be stored as it is, and fills in
// the runs.
func (r *Run) checkLinks(batch []Link) error {
	last := r.last
	for i := range batch {
		l := &batch[i]
		if err := l.check(); err != nil {
			return fmt.Errorf("link %d of the batch (source %d): %w", i, l.Source, err)
		}
		if !r.sources[l.Source] {
			return fmt.Errorf("link %d of the batch is of source %d, which the run does not name", i, l.Source)
		}
		id := l.ID()
		if last.Compare(id) >= 0 {
			return fmt.Errorf("link %d of the batch is not in the order of (source, key)", i)
		}
		last = id
		l.FromRun = r.No
		if l.SinceRun == 0 {
			l.SinceRun = r.No
		}
	}
	return nil
}

// addRules gives numbers to rules that the batch names for the first time.
func (r *Run) addRules(ctx context.Context, tx *sqldb.Tx, batch []Link) error {
	s := r.lease.store
	for i := range batch {
		rule := batch[i].Rule
		if _, ok := r.rules[rule]; ok {
			continue
		}
		no := int64(len(r.rules)) + 1
		if _, err := tx.ExecContext(ctx, s.sql("INSERT INTO @rule (rule_no, rule, from_run) VALUES (?, ?, ?)"), no, rule, r.No); err != nil {
			return err
		}
		r.rules[rule] = no
	}
	return nil
}

// exactly makes an error of a statement that changed another number of rows
// than it should have.
func exactly(want int64, res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != want {
		err = fmt.Errorf("%w (%d rows were there and %d expected)", ErrStale, n, want)
	}
	return err
}
