package crosswalk

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Options are the settings of a store.
type Options struct {
	// Now is the clock for when runs start and finish; nil is time.Now. The
	// lease has a clock of its own: the server's, or this machine's.
	Now func() time.Time
	// Wrap is that of the database, see [sqldb.Options].
	Wrap func(driver.Connector) driver.Connector
}

// Store is an open crosswalk. It is safe for concurrent use.
type Store struct {
	db       *sqldb.DB
	dialect  dialect
	prefix   string // what stands before a table's name: `"schema".xwalk_`
	now      func() time.Time
	readOnly bool
	tables   int // the version of its tables
}

// readableVersion is the oldest version of the tables that can be read as they
// are, without bringing them up to date.
const readableVersion = ledgerVersion - 1

// openPatience is how long Open waits for other processes that are creating
// the same crosswalk.
const openPatience = time.Minute

// Open opens the crosswalk that dsn names for reading and writing, and
// creates it where there is none: an SQLite file (mode 0600), or the tables
// in the database of a server. Tables of an older xwalk are brought up to
// date; those of a newer one are [ErrNewer]. A database that folds case or
// ignores trailing spaces is refused with [ErrCollation].
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	return open(ctx, dsn, o, false, migrations)
}

// OpenReadOnly opens the crosswalk that dsn names for reading. It creates
// nothing: where there is no crosswalk it is [ErrNone]. It works beside a
// writer, and on a file system where nothing can be written.
func OpenReadOnly(ctx context.Context, dsn string, o Options) (*Store, error) {
	return open(ctx, dsn, o, true, migrations)
}

func open(ctx context.Context, dsn string, o Options, readOnly bool, steps []migration) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	var s *Store
	err := patiently(ctx, func() error {
		db, err := sqldb.Open(ctx, dsn, sqldb.Options{ReadOnly: readOnly, Stream: true, Wrap: o.Wrap})
		if err != nil {
			return err
		}
		s = &Store{db: db, dialect: dialects[db.Dialect], now: o.Now, readOnly: readOnly}
		if err := s.prepare(ctx, steps); err != nil {
			_ = db.Close()
			return err
		}
		return nil
	})
	switch {
	case err == nil:
		return s, nil
	case readOnly && errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w (%w)", ErrNone, err)
	case s == nil:
		return nil, fmt.Errorf("open the crosswalk: %w", err)
	default:
		return nil, s.fail("open the crosswalk", err)
	}
}

// patiently repeats what failed only because other processes were doing the
// same: 64 of them that create one SQLite file get in each other's way in
// places where SQLite does not wait by itself.
func patiently(ctx context.Context, try func() error) error {
	for start := time.Now(); ; {
		err := try()
		if sqldb.Classify(err) != sqldb.Locked || time.Since(start) > openPatience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10*time.Millisecond + rand.N(90*time.Millisecond)):
		}
	}
}

// prepare finds or makes the tables and checks that they can be relied on.
func (s *Store) prepare(ctx context.Context, steps []migration) error {
	schema, err := s.dialect.schema(ctx, s.db, s.readOnly)
	if err != nil {
		return err
	}
	s.prefix = schema + "xwalk_"
	version, err := s.version(ctx, s.db)
	switch {
	case err != nil:
		return err
	case version > len(steps):
		return fmt.Errorf("%w (its tables have version %d, this one knows %d)", ErrNewer, version, len(steps))
	case version == 0 && s.readOnly:
		return fmt.Errorf("%w (%s has no tables of xwalk)", ErrNone, s.db.Label)
	case version < readableVersion && s.readOnly:
		return fmt.Errorf("the tables have version %d and this xwalk expects %d: run xwalk apply once, which brings them up to date", version, len(steps))
	case version < len(steps) && !s.readOnly:
		if err := s.migrate(ctx, steps); err != nil {
			return err
		}
		version = len(steps)
	}
	s.tables = version
	return s.selfTest(ctx)
}

// Close closes the store. Snapshots and leases must be closed before.
func (s *Store) Close() error { return s.db.Close() }

// Dialect is the kind of database that the store is in.
func (s *Store) Dialect() sqldb.Dialect { return s.db.Dialect }

// sql turns a statement of this package, with @ before tables and ? for
// parameters, into the database's own form.
func (s *Store) sql(query string) string {
	return s.db.Rebind(strings.ReplaceAll(query, "@", s.prefix))
}

// table is the full name of a table of ours.
func (s *Store) table(name string) string { return s.prefix + name }

// in is sql for a statement in which a slice stands for one parameter.
func (s *Store) in(query string, args ...any) (string, []any, error) {
	query, args, err := sqlx.In(query, args...)
	return s.sql(query), args, err
}

// probes are texts that a database which folds case, width or accents,
// ignores spaces, or orders by anything but bytes would confuse; they stand
// in the order of their bytes.
var probes = []string{
	"C001", "C001 ", "C001\u00a0", "C002", "E\u0301", "\u00c9", "\u00e9", "c001", "e\u0301", "\u00df", "ss",
	"\u200bC001", "\uff23\uff10\uff10\uff11", "\U0001f600", "\U0001f601",
}

// selfTest makes sure that the columns that hold IDs compare them byte for
// byte. It asks the database to sort and tell apart the probes with each
// column's own collation, and writes nothing.
func (s *Store) selfTest(ctx context.Context) error {
	for _, c := range [...]struct{ table, column string }{
		{"link", "id_key"}, {"link", "canonical"}, {"link_past", "id_key"}, {"number", "canonical"}, {"source", "name"},
	} {
		got, err := s.sorted(ctx, c.table, c.column, probes)
		if err != nil {
			return fmt.Errorf("test how texts are compared: %w", err)
		}
		for i, p := range slices.Sorted(slices.Values(probes)) {
			if i >= len(got) || got[i] != p {
				return fmt.Errorf("%w (column %s of table xwalk_%s in %s)", ErrCollation, c.column, c.table, s.db.Label)
			}
		}
	}
	return nil
}

// sorted lets the database sort texts and drop equal ones as it would the
// values of a column.
func (s *Store) sorted(ctx context.Context, table, column string, texts []string) ([]string, error) {
	query := "SELECT " + column + " FROM @" + table + " WHERE 1 = 0" + strings.Repeat(" UNION SELECT ?", len(texts))
	args := make([]any, len(texts))
	for i, t := range texts {
		args[i] = t
	}
	var got []string
	err := s.db.SelectContext(ctx, &got, s.sql("SELECT "+column+" FROM ("+query+") AS t ORDER BY "+column), args...)
	return got, err
}
