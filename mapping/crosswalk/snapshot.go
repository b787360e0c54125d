package crosswalk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/xwalk-id/xwalk/mapping"
)

// Head is where the crosswalk stands: the last published run, and what it
// left. An empty crosswalk has the zero Head.
type Head struct {
	Run, Serial int64
	// Digest is chained over all runs.
	Digest      string
	Rules       string // digest of the rules of the last run
	Environment string
	Customers   int64
	ReviewsOpen int64
}

// Snapshot is a consistent view of the crosswalk at its head: one read
// transaction. It sees nothing of what is written or published later. Its
// methods may be called from several goroutines, also while one of its
// sequences is being read; they take turns at the connection.
type Snapshot struct {
	store *Store
	mu    sync.Mutex
	conn  *sqlx.Conn
	tx    *sqlx.Tx
	head  Head
	// writing says that there are rows of a run above the head, so that some
	// links of the head stand in xwalk_link_past.
	writing bool
	past    bool // it is a view of a run before the last
	rules   map[int64]string
	// decided is, in a view of the past, the number of the last decision that
	// its run knew of.
	decided int64
	twins   sync.Once // see twin
	second  *Snapshot
}

// newest asks for a view of the last published run.
const newest = -1

// Snapshot opens a view of the crosswalk. It must be closed.
func (s *Store) Snapshot(ctx context.Context) (*Snapshot, error) {
	return s.SnapshotAt(ctx, newest)
}

// SnapshotAt opens a view of the crosswalk as it stood at the moment when a
// run was published: everything is of that moment, but for claims and what
// was passed over, which have no history. 0 is before the first run. Who
// was erased since is not in it. It must be closed.
func (s *Store) SnapshotAt(ctx context.Context, run int64) (*Snapshot, error) {
	v, err := s.snapshot(ctx, run)
	if err != nil {
		return nil, s.fail("read the crosswalk", err)
	}
	return v, nil
}

func (s *Store) snapshot(ctx context.Context, asOf int64) (*Snapshot, error) {
	conn, err := s.db.Connx(ctx)
	if err != nil {
		return nil, err
	}
	// The transaction outlives ctx: Close ends it.
	tx, err := conn.BeginTxx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: s.dialect.snapshotLevel(), ReadOnly: true})
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	v := &Snapshot{store: s, conn: conn, tx: tx}
	if err := v.load(ctx, asOf); err != nil {
		_ = v.Close()
		return nil, err
	}
	return v, nil
}

// load reads the head and what links need to be read.
func (v *Snapshot) load(ctx context.Context, asOf int64) error {
	s := v.store
	var err error
	if v.head.Run, err = s.metaNumber(ctx, v.tx, "head"); err != nil {
		return err
	}
	if v.head.Serial, err = s.metaNumber(ctx, v.tx, "serial"); err != nil {
		return err
	}
	if v.head.Environment, err = s.meta(ctx, v.tx, "environment"); err != nil {
		return err
	}
	row, err := s.unfinished(ctx, v.tx, v.head.Run)
	if err != nil {
		return err
	}
	v.writing = row != nil && row.Done > 0
	if asOf != newest && asOf != v.head.Run {
		if asOf < 0 || asOf > v.head.Run {
			return fmt.Errorf("there is no run %d; the last one is run %d", asOf, v.head.Run)
		}
		// What is newer counts as what is being written.
		v.head, v.writing, v.past = Head{Run: asOf}, true, true
		if err := v.loadPast(ctx); err != nil {
			return err
		}
	}
	if v.head.Run > 0 {
		runs, err := v.runs(ctx, "run_no = ?", v.head.Run)
		if err != nil {
			return err
		}
		if len(runs) != 1 {
			return fmt.Errorf("run %d is missing from the table of runs", v.head.Run)
		}
		v.head.Serial, v.head.Digest, v.head.Rules = runs[0].Serial, runs[0].Digest, runs[0].Rules
		v.head.Customers, v.head.ReviewsOpen = runs[0].Totals.Customers, runs[0].Totals.ReviewsOpen
	}
	var rules []struct {
		No   int64  `db:"rule_no"`
		Rule string `db:"rule"`
	}
	if err := v.tx.SelectContext(ctx, &rules, s.sql("SELECT rule_no, rule FROM @rule WHERE from_run <= ?"), v.head.Run); err != nil {
		return err
	}
	v.rules = make(map[int64]string, len(rules))
	for _, r := range rules {
		v.rules[r.No] = r.Rule
	}
	return nil
}

// Close ends the view. It may be called twice.
func (v *Snapshot) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tx == nil {
		return nil
	}
	_ = v.tx.Rollback() // it wrote nothing
	v.tx = nil
	err := v.conn.Close()
	v.twins.Do(func() {}) // none is opened any more
	if v.second != nil {
		err = errors.Join(err, v.second.Close())
	}
	return err
}

// use runs fn while nothing else uses the connection.
func (v *Snapshot) use(fn func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tx == nil {
		return sql.ErrTxDone
	}
	return fn()
}

// Head is where the crosswalk stood when the view was opened.
func (v *Snapshot) Head() Head { return v.head }

// Sources are the sources that the crosswalk knows, by number.
func (v *Snapshot) Sources(ctx context.Context) (sources []Source, err error) {
	err = v.use(func() error {
		if sources, err = v.store.sources(ctx, v.tx); err == nil && v.past {
			sources, err = v.pastSources(ctx, sources)
		}
		return err
	})
	return sources, v.store.fail("read the sources", err)
}

// Counters are the last numbers handed out, by prefix.
func (v *Snapshot) Counters(ctx context.Context) (counters map[string]uint64, err error) {
	err = v.use(func() error {
		if v.past {
			counters, err = v.pastCounters(ctx)
		} else {
			counters, err = v.store.counters(ctx, v.tx)
		}
		return err
	})
	return counters, v.store.fail("read the counters", err)
}

// Runs are the published runs, oldest first.
func (v *Snapshot) Runs(ctx context.Context) (runs []RunInfo, err error) {
	err = v.use(func() error {
		runs, err = v.runs(ctx, "run_no <= ?", v.head.Run)
		return err
	})
	return runs, v.store.fail("read the runs", err)
}

// RunAt is the last run that had been published at a moment, 0 before the
// first.
func (v *Snapshot) RunAt(ctx context.Context, at time.Time) (run int64, err error) {
	err = v.use(func() error {
		return v.tx.GetContext(ctx, &run, v.store.sql("SELECT COALESCE(MAX(run_no), 0) FROM @run WHERE run_no <= ? AND finished <= ?"),
			v.head.Run, at.UTC().Format(time.RFC3339))
	})
	return run, v.store.fail("read the runs", err)
}

func (v *Snapshot) runs(ctx context.Context, where string, args ...any) ([]RunInfo, error) {
	var rows []struct {
		No       int64  `db:"run_no"`
		Kind     string `db:"kind"`
		Serial   int64  `db:"serial"`
		Actor    string `db:"actor"`
		Reason   string `db:"reason"`
		Started  string `db:"started"`
		Finished string `db:"finished"`
		Rules    string `db:"rules"`
		Plan     string `db:"plan"`
		Digest   string `db:"digest"`
		Totals   string `db:"totals"`
		Effects  string `db:"effects"`
		Links    int64  `db:"done"`
	}
	if err := v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT run_no, kind, serial, actor, reason, started, finished, rules, plan, digest, totals, effects, done "+
		"FROM @run WHERE "+where+" ORDER BY run_no"), args...); err != nil {
		return nil, err
	}
	runs := make([]RunInfo, len(rows))
	for i, row := range rows {
		run := RunInfo{
			Run: row.No, Kind: row.Kind, Serial: row.Serial, Actor: row.Actor, Reason: row.Reason,
			Rules: row.Rules, Plan: row.Plan, Digest: row.Digest,
		}
		var err error
		if run.Started, err = time.Parse(time.RFC3339, row.Started); err == nil {
			run.Finished, err = time.Parse(time.RFC3339, row.Finished)
		}
		if err == nil {
			var totals mapping.Totals
			err = json.Unmarshal([]byte(row.Totals), &totals)
			run.Totals = totals
		}
		if err == nil {
			var did effects
			err = json.Unmarshal([]byte(row.Effects), &did)
			run.Schemes, run.Verdicts, run.Approved = did.Schemes, did.Verdicts, did.Approved
			run.Undid, run.TookBack, run.Links, run.Marks = did.Undid, did.TookBack, row.Links, did.Marks
			run.Rewrote, run.Adopted, run.Published = did.Rewrote, did.Adopted, did.Published
			for _, src := range did.Sources {
				if run.Shapes == nil {
					run.Shapes = map[int]string{}
				}
				run.Shapes[src.No] = src.Shape
			}
		}
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", row.No, err)
		}
		runs[i] = run
	}
	return runs, nil
}
