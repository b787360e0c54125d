package rewrite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// step is a change of columns or constraints. Passing ones are taken back when
// all rows are written, the others by an undo.
type step struct {
	No       int    `db:"no"`
	Passing  bool   `db:"passing"`
	Forward  string `db:"forward"`
	Backward string `db:"backward"`
	State    string `db:"state"`
}

// The states of a step. One that is begun was being carried out, or taken
// back, in a database whose DDL is no part of a transaction.
const (
	stepPlanned = "planned"
	stepBegun   = "begun"
	stepDone    = "done"
	stepLeaving = "leaving"
	stepBack    = "back"
)

// steps reads the steps of a run.
func steps(ctx context.Context, db *sqldb.DB, crosswalk string, run int64) ([]*step, error) {
	var list []*step
	err := db.SelectContext(ctx, &list, db.Rebind("SELECT no, passing, forward, backward, state FROM "+stepTable+" WHERE crosswalk = ? AND run = ? ORDER BY no"), crosswalk, run)
	if err != nil {
		return nil, db.Explain(fmt.Errorf("read the journal of rewrites: %w", err))
	}
	return list, nil
}

// ddl carries steps of a run out. Every one is in the journal before it is
// done, so that whoever goes on after a crash knows of it.
type ddl struct {
	db        *sqldb.DB
	crosswalk string
	run       int64
	steps     []*step
	done      []string // statements that were carried out
}

func (l *ddl) insert(ctx context.Context, tx *sqldb.Tx) error {
	for _, s := range l.steps {
		if _, err := tx.ExecContext(ctx, l.db.Rebind("INSERT INTO "+stepTable+
			" (crosswalk, run, no, passing, forward, backward, state) VALUES (?, ?, ?, ?, ?, ?, ?)"),
			l.crosswalk, l.run, s.No, s.Passing, s.Forward, s.Backward, s.State); err != nil {
			return err
		}
	}
	return nil
}

// forward carries out what is not, in order. Steps that are not passing are
// left as they are where passing is set.
func (l *ddl) forward(ctx context.Context, passing bool) error {
	for _, s := range l.steps {
		if s.State == stepDone || passing && !s.Passing || s.State == stepBack && !s.Passing {
			continue
		}
		if err := l.do(ctx, s, s.Forward, stepBegun, stepDone); err != nil {
			return err
		}
	}
	return nil
}

// backward takes back the steps that wanted names, the last one first.
func (l *ddl) backward(ctx context.Context, wanted func(*step) bool) error {
	for _, s := range slices.Backward(l.steps) {
		if s.State == stepPlanned || s.State == stepBack || !wanted(s) {
			continue
		}
		if err := l.do(ctx, s, s.Backward, stepLeaving, stepBack); err != nil {
			return err
		}
	}
	return nil
}

// do carries one statement out. PostgreSQL and SQLite do so in the transaction
// that says so in the journal; MySQL's DDL commits by itself, so the journal
// says first that it is begun, and what was begun may have been done.
func (l *ddl) do(ctx context.Context, s *step, statement, begun, then string) error {
	if l.db.Dialect != sqldb.MySQL {
		err := within(ctx, l.db, func(tx *sqldb.Tx) error {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
			return l.mark(ctx, tx, s, then)
		})
		return l.told(err, s, statement, then)
	}
	again := s.State == begun
	err := within(ctx, l.db, func(tx *sqldb.Tx) error { return l.mark(ctx, tx, s, begun) })
	if err == nil {
		s.State = begun
		_, err = l.db.ExecContext(ctx, statement)
	}
	if again && doneAlready(err) {
		err = nil
	}
	if err == nil {
		err = within(ctx, l.db, func(tx *sqldb.Tx) error { return l.mark(ctx, tx, s, then) })
	}
	return l.told(err, s, statement, then)
}

func (l *ddl) told(err error, s *step, statement, then string) error {
	if err != nil {
		return l.db.Explain(fmt.Errorf("%s: %w", statement, err))
	}
	s.State = then
	l.done = append(l.done, statement)
	return nil
}

func (l *ddl) mark(ctx context.Context, tx *sqldb.Tx, s *step, state string) error {
	_, err := tx.ExecContext(ctx, l.db.Rebind("UPDATE "+stepTable+" SET state = ? WHERE crosswalk = ? AND run = ? AND no = ?"), state, l.crosswalk, l.run, s.No)
	return err
}

// doneAlready reports whether MySQL refuses a statement because it was carried
// out before: a column or constraint is there already, or gone.
func doneAlready(err error) bool {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Number {
	case 1060, 1091, 1826, 1022:
		return true
	case 1005: // MariaDB says that it cannot create the table when the constraint is there
		return strings.Contains(e.Message, "errno: 121")
	}
	return false
}
