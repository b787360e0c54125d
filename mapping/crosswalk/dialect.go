package crosswalk

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// dialect is what differs between the databases; everything else is SQL that
// all of them understand.
type dialect interface {
	// types replaces the words in braces of the migrations by column types
	// and table options.
	types() *strings.Replacer
	// schema is what stands before the names of our tables, quoted and with
	// its dot, or empty where a connection has one place for them.
	schema(ctx context.Context, db *sqldb.DB, readOnly bool) (string, error)
	// hasTable reports whether a table of ours exists.
	hasTable(ctx context.Context, s *Store, q queryer, table string) (bool, error)
	// creating runs fn while no other process creates or changes tables.
	// Where DDL can be undone, fn is one transaction.
	creating(ctx context.Context, s *Store, fn func(tx execer) error) error
	// clock is an expression: the present time in milliseconds since 1970,
	// also after a wait within the transaction.
	clock() string
	// lockRow is what makes a SELECT lock its row; without wait it fails when
	// somebody else has it locked.
	lockRow(wait bool) string
	// createIndex makes an index where it is missing.
	createIndex(ctx context.Context, s *Store, tx execer, name, table, column string) error
	// ddlCommits reports whether DDL ends a transaction.
	ddlCommits() bool
	// began is called at the start of every writing transaction.
	began(ctx context.Context, tx *sqldb.Tx) error
	// unpublished is called in a transaction that writes a part of a run, which
	// nobody sees before Publish: its commit need not wait for the disk. What
	// Publish commits is durable with everything before it.
	unpublished(ctx context.Context, tx *sqldb.Tx) error
	// durable makes what was just committed, a published run or a decision,
	// outlast a power failure where a commit does not see to that by itself.
	durable(ctx context.Context, s *Store)
	// erasing makes the deletions of a transaction overwrite what they delete,
	// where the database can, and purge gives up the room that it took, once
	// they are committed.
	erasing(ctx context.Context, tx *sqldb.Tx) error
	purge(ctx context.Context, s *Store) error
	// damage tells what the database itself finds wrong with what it stores,
	// where it can be asked.
	damage(ctx context.Context, q queryer, found func(what string)) error
	// snapshotLevel is the isolation of a transaction that sees one state of
	// everything.
	snapshotLevel() sql.IsolationLevel
	// read hands over many rows, the fastest way there is. The cells are only
	// good until each returns.
	read(ctx context.Context, s *Store, conn rawConn, sel *selection, each func(cells []driver.Value) error) error
	// insertLinks adds links of one run.
	insertLinks(ctx context.Context, s *Store, tx *sqldb.Tx, rows *linkRows) error
}

var dialects = map[sqldb.Dialect]dialect{
	sqldb.SQLite:   sqliteDialect{},
	sqldb.Postgres: postgresDialect{},
	sqldb.MySQL:    mysqlDialect{},
}

// execer is a transaction, or a connection for DDL that cannot be in one.
type execer interface {
	queryer
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error)
}

// queryer is anything that a single row can be asked of.
type queryer interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
}
