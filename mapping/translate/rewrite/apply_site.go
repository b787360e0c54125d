package rewrite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// LockedError says that another process rewrites the database.
type LockedError struct{ Database string }

func (e *LockedError) Error() string {
	return "another process is rewriting references in the " + e.Database + "; wait until it is done"
}

// site is a database in which references are rewritten, by this process alone.
type site struct {
	db     *sqldb.DB // reads, keeps the journal, changes columns
	writer *sqldb.DB // changes rows
	leave  func()    // lets other processes in again
	wrap   func(driver.Connector) driver.Connector
}

// openSite opens a database for a rewrite. A database that another process
// rewrites is a [*LockedError].
func openSite(ctx context.Context, b Database, wrap func(driver.Connector) driver.Connector) (*site, error) {
	s := &site{wrap: wrap}
	var err error
	if b.Dialect == sqldb.SQLite {
		if s.leave, err = enterFile(ctx, b.DSN); err != nil {
			return nil, err
		}
	}
	if s.db, err = sqldb.OpenAs(ctx, b.Dialect, b.DSN, sqldb.Options{Stream: true, Wrap: wrap}); err != nil {
		if s.leave != nil {
			s.leave()
		}
		return nil, err
	}
	if s.leave == nil {
		if s.leave, err = lock(ctx, s.db); err != nil {
			_ = s.db.Close()
			return nil, err
		}
	}
	return s, nil
}

// openWriter opens the connections that change rows. session is run on each of
// them; it may be empty.
func (s *site) openWriter(ctx context.Context, b Database, session string) (err error) {
	s.writer, err = sqldb.OpenAs(ctx, b.Dialect, b.DSN, sqldb.Options{Stream: true, MaxConns: 1, Session: session, Wrap: s.wrap})
	return err
}

func (s *site) close() {
	if s.writer != nil {
		_ = s.writer.Close()
	}
	if s.db.Dialect == sqldb.SQLite { // the file goes back to how it was only when nobody has it open
		_ = s.db.Close()
		s.leave()
		return
	}
	s.leave()
	_ = s.db.Close()
}

// lockKey tells this lock from those of other programs: "xwalkrw" as a number.
const lockKey = 0x7877616c6b7277

// patience is how long a lock is waited for: a server takes a moment to notice
// that the process which held it is gone.
const patience = 3 * time.Second

// The statements that take and leave the lock of a database, or of as many
// databases as a MySQL server has.
var locks = map[sqldb.Dialect]struct{ take, leave string }{
	sqldb.Postgres: {fmt.Sprintf("SELECT pg_try_advisory_lock(%d)", lockKey), fmt.Sprintf("SELECT pg_advisory_unlock(%d)", lockKey)},
	sqldb.MySQL:    {"SELECT COALESCE(GET_LOCK(" + mysqlLock + ", 0), 0) = 1", "SELECT RELEASE_LOCK(" + mysqlLock + ")"},
}

const mysqlLock = "CONCAT('xwalk_rewrite.', SHA1(COALESCE(DATABASE(), '')))"

// lock keeps other processes out of a server's database until leave is called
// or this process ends: servers let go of it when its connection ends.
func lock(ctx context.Context, db *sqldb.DB) (leave func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, db.Explain(err)
	}
	for begun := time.Now(); ; {
		var got bool
		err := conn.QueryRowContext(ctx, locks[db.Dialect].take).Scan(&got)
		switch {
		case err != nil:
			_ = conn.Close()
			return nil, db.Explain(fmt.Errorf("lock the database against other rewrites: %w", err))
		case got:
			return func() {
				_, _ = conn.ExecContext(context.WithoutCancel(ctx), locks[db.Dialect].leave)
				_ = conn.Close()
			}, nil
		case time.Since(begun) > patience:
			_ = conn.Close()
			return nil, &LockedError{db.Label}
		}
		select {
		case <-ctx.Done():
			_ = conn.Close()
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// attempts is how often a transaction is tried that a lock or a deadlock ends.
const attempts = 6

// within runs do in a transaction, again where others were in its way.
func within(ctx context.Context, db *sqldb.DB, do func(*sqldb.Tx) error) error {
	for try, pause := 1, 50*time.Millisecond; ; try, pause = try+1, 2*pause {
		err := once(ctx, db, do)
		if err == nil || sqldb.Classify(err) != sqldb.Locked || try == attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func once(ctx context.Context, db *sqldb.DB, do func(*sqldb.Tx) error) error {
	tx, err := db.Begin(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// permission explains that tables of the journal could not be made. statements
// are those that make them.
func permission(db *sqldb.DB, err error, statements []string) error {
	err = fmt.Errorf("make the journal: %w", err)
	if sqldb.Classify(err) == sqldb.Refused {
		err = fmt.Errorf("%w; the journal needs tables of its own: let an administrator run, and let this role read and change what they make: %s",
			err, strings.Join(statements, "; "))
	}
	return db.Explain(err)
}

// make makes tables of the journal, unless they are there: to ask the
// database to see to that takes a right to make them.
func (s *site) make(ctx context.Context, table string, statements []string) error {
	_, err := sqldb.TableColumns(ctx, s.db, table)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = within(ctx, s.db, func(tx *sqldb.Tx) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return permission(s.db, err, statements)
	}
	return nil
}
