package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/xwalk-id/xwalk/mapping"
)

// connectTimeout bounds one attempt to reach a server.
const connectTimeout = 10 * time.Second

// Options says how a database is opened; the zero value opens it for reading
// and writing.
type Options struct {
	// ReadOnly opens it so that nothing can be written. An SQLite file that
	// is not there is not created: the error is fs.ErrNotExist.
	ReadOnly bool
	// Guest opens a database that is somebody else's: an SQLite file keeps its
	// journal mode, and one that is not there is not created.
	Guest bool
	// Stream lifts the server's limits on the time that one statement or one
	// transaction may take, for reading tables of any length.
	Stream bool
	// MaxConns bounds the open connections; 0 is no bound.
	MaxConns int
	// Session is a statement that every new connection begins with; empty:
	// none.
	Session string
	// Wrap, where it is set, stands between the driver and its users, such as
	// to make statements fail on purpose.
	Wrap func(driver.Connector) driver.Connector
}

// open makes a handle of a connector.
func (o Options) open(c driver.Connector) *sql.DB {
	if o.Wrap != nil {
		c = o.Wrap(c)
	}
	if o.Session != "" {
		c = sessionConnector{c, o.Session}
	}
	return sql.OpenDB(c)
}

// DB is an open database. It embeds sqlx's handle, so every query method is
// there. Label names it for people, without user or password: "postgres
// database crm on db.example:5432", "SQLite file crosswalk.db".
type DB struct {
	*sqlx.DB
	Dialect Dialect
	Label   string

	noLocalInfile atomic.Bool // the server refused LOAD DATA LOCAL once
}

// Open opens the database that dsn names and makes sure that it answers. A
// server that is not there or refuses the login is a
// [*mapping.UnreachableError].
//
// On servers the session speaks UTF-8, its time zone is UTC, and MySQL's is
// strict and counts the rows that an UPDATE matched, as the others do. SQLite
// files are opened in WAL mode with a busy timeout of ten seconds and created
// with mode 0600.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	return OpenAs(ctx, Recognize(dsn), dsn, o)
}

// OpenAs is Open for a dialect that is known. So it also takes the DSNs that
// tell nothing of their dialect: "host=db dbname=crm" for PostgreSQL and
// "user@tcp(db:3306)/crm" for MySQL.
func OpenAs(ctx context.Context, d Dialect, dsn string, o Options) (*DB, error) {
	switch d {
	case Postgres:
		return openPostgres(ctx, dsn, o)
	case MySQL:
		return openMySQL(ctx, dsn, o)
	default:
		return openSQLite(ctx, dsn, o)
	}
}

// finish applies the options that all dialects share and pings with query.
func finish(ctx context.Context, db *DB, o Options, query string) (*DB, error) {
	if o.MaxConns > 0 {
		db.SetMaxOpenConns(o.MaxConns)
	}
	db.SetConnMaxIdleTime(5 * time.Minute)
	var answer any
	err := db.QueryRowContext(ctx, query).Scan(&answer)
	if err == nil {
		return db, nil
	}
	_ = db.Close()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if sqliteCode(err)&0xff == sqliteNotADB {
		return nil, fmt.Errorf("open %s: it is not an SQLite database, or it is encrypted", db.Label)
	}
	if db.Dialect == SQLite {
		return nil, fmt.Errorf("open %s: %w", db.Label, err)
	}
	return nil, &mapping.UnreachableError{What: db.Label, Err: explainOpen(db.Dialect, err)}
}

// Explain adds db's name to err, and makes it a [*mapping.UnreachableError]
// when it says that the server went away or does not let us in. nil stays
// nil, and the end of ctx stays what it is.
func (db *DB) Explain(err error) error {
	var un *mapping.UnreachableError
	switch {
	case err == nil, errors.As(err, &un), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	switch Classify(err) {
	case Unreachable, Refused:
		return &mapping.UnreachableError{What: db.Label, Err: err}
	case Cut:
		return &mapping.UnreachableError{What: db.Label, Err: fmt.Errorf("the connection was cut: %w", err)}
	default:
		return fmt.Errorf("%s: %w", db.Label, err)
	}
}

// Tx is a transaction that [BulkInsert] can load into. It keeps one
// connection to itself until Commit or Rollback.
type Tx struct {
	*sqlx.Tx
	db   *DB
	conn *sqlx.Conn
}

// Begin starts a transaction; opts may be nil. SQLite transactions that may
// write take the write lock at once, so they wait for another writer here
// and not in their middle.
func (db *DB) Begin(ctx context.Context, opts *sql.TxOptions) (*Tx, error) {
	conn, err := db.Connx(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := conn.BeginTxx(ctx, opts)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &Tx{Tx: tx, db: db, conn: conn}, nil
}

// Raw lets fn read and write within the transaction through the driver's own
// connection. An error of fn's makes the connection useless; fn keeps others
// to itself.
func (t *Tx) Raw(fn func(driverConn any) error) error { return t.conn.Raw(fn) }

// Commit commits and gives the connection back.
func (t *Tx) Commit() error {
	defer func() { _ = t.conn.Close() }()
	return t.Tx.Commit()
}

// Rollback undoes everything and gives the connection back. After Commit it
// is sql.ErrTxDone and does nothing.
func (t *Tx) Rollback() error {
	defer func() { _ = t.conn.Close() }()
	return t.Tx.Rollback()
}

// sessionConnector runs a statement on every new connection.
type sessionConnector struct {
	driver.Connector
	session string
}

func (c sessionConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, c.session, nil); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}
