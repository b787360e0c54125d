package crosswalk

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Breach is a promise that does not hold of what is stored: a row that is not
// what was written, or rows that contradict each other. Promise is the number
// that the promise has in the design. Row is empty where the breach is not of
// one row, Run is 0 where it is of no run.
type Breach struct {
	Promise int    `json:"promise"`
	Table   string `json:"table"`
	Row     string `json:"row"`
	Run     int64  `json:"run"`
	What    string `json:"what"`
}

// Audited is what an audit went through: rows by table, and what the last
// published run left, counted anew. Writing is the number of a run that is
// being written, 0 for none.
type Audited struct {
	Run, Serial int64
	Writing     int64
	Runs        int64
	Links       int64 // as they stand at the head
	Past        int64 // versions that were superseded
	Numbers     int64
	Reviews     int64
	Pages       int64 // of the indexes
	Decisions   int64
	Customers   int64
	ReviewsOpen int64
	// Head is the last published run.
	Head RunInfo
}

// Audit reads all of the crosswalk in one view and compares it with the
// digests and checksums that runs left: a row that was changed, added or taken
// away outside of xwalk is a breach, and so are rows that contradict each
// other. Breaches go to report as they are found; progress is called now and
// then with the number of rows that were looked at. The view is that of the
// last published run, also beside a writer.
//
// It keeps no row: what is in memory is a digest for each run, 8 bytes for
// each live link, about 60 bytes for each number that was merged or retired,
// and what runs say of counters, sources and closed reviews.
func (s *Store) Audit(ctx context.Context, report func(Breach), progress func(rows int64)) (Audited, error) {
	a := &auditor{store: s, report: report, progress: progress}
	err := a.run(ctx)
	return a.found, s.fail("check the crosswalk", err)
}

// auditor is an audit at work.
type auditor struct {
	store    *Store
	q        auditView
	report   func(Breach)
	progress func(int64)
	found    Audited
	rows     int64

	head    int64 // the last published run
	serial  int64 // that it left
	open    *runCheck
	did     gathered
	written map[int64]*content // what runs wrote, as it is read
	count   map[int64]int64    // links by run
	names   map[int]string     // of the sources
	marks   marks
	live    []uint64 // hashes of the canonical IDs that live links mean

	decisionCount string // of xwalk_meta
}

// auditView is a read transaction with its connection.
type auditView struct {
	*sqlx.Tx
	conn *sqlx.Conn
}

func (v auditView) Raw(fn func(driverConn any) error) error { return v.conn.Raw(fn) }

func (a *auditor) run(ctx context.Context) error {
	s := a.store
	conn, err := s.db.Connx(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tx, err := conn.BeginTxx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: s.dialect.snapshotLevel(), ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it wrote nothing
	a.q = auditView{tx, conn}
	for _, step := range [...]func(context.Context) error{
		a.chain, a.meta, a.sources, a.counters, a.rules, a.retired, a.links, a.survivors, a.contents,
		a.indexes, a.models, a.decisions, a.erased, a.publications, a.rest,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return s.dialect.damage(ctx, tx, func(what string) {
		a.breach(3, "", "", 0, "the database finds its file damaged: %s", what)
	})
}

// breach reports a breach. Table has no prefix.
func (a *auditor) breach(promise int, table, row string, run int64, format string, args ...any) {
	if table != "" {
		table = "xwalk_" + table
	}
	a.report(Breach{Promise: promise, Table: table, Row: row, Run: run, What: fmt.Sprintf(format, args...)})
}

// progressRows is after how many rows progress is told.
const progressRows = 50_000

// looked counts a row.
func (a *auditor) looked() {
	if a.rows++; a.rows%progressRows == 0 && a.progress != nil {
		a.progress(a.rows)
	}
}

// place names a source ID.
func (a *auditor) place(source int, key []byte) string {
	return fmt.Sprintf("%s %q", a.name(source), key)
}

func (a *auditor) name(source int) string {
	if name, ok := a.names[source]; ok {
		return name
	}
	return fmt.Sprintf("source %d", source)
}
