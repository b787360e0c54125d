package crosswalk

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// postgresDialect keeps the crosswalk in the first schema of the search path
// that can be written.
type postgresDialect struct{}

func (postgresDialect) types() *strings.Replacer {
	return strings.NewReplacer("{key}", `TEXT COLLATE "C"`, "{long}", `TEXT COLLATE "C"`, "{blob}", "BYTEA",
		"{small}", "SMALLINT", "{int}", "INTEGER", "{big}", "BIGINT", "{real}", "DOUBLE PRECISION", "{clustered}", "", "{end}", "")
}

// schema is the first one of the search path in which tables can be made. A
// user who can make none reads the first one that has ours.
func (postgresDialect) schema(ctx context.Context, db *sqldb.DB, readOnly bool) (string, error) {
	const onPath = ` FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (name, place) WHERE `
	var name string
	err := db.GetContext(ctx, &name, "SELECT name"+onPath+"has_schema_privilege(name, 'USAGE, CREATE') AND has_schema_privilege(name, 'CREATE') ORDER BY place LIMIT 1")
	if errors.Is(err, sql.ErrNoRows) && readOnly {
		err = db.GetContext(ctx, &name, "SELECT name"+onPath+
			"EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = name AND tablename = 'xwalk_meta') ORDER BY place LIMIT 1")
		if errors.Is(err, sql.ErrNoRows) {
			return "", fmt.Errorf("%w (no schema of the search path of %s has tables of xwalk)", ErrNone, db.Label)
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("no schema of the search path can be written: CREATE SCHEMA xwalk, or name one with search_path=SCHEMA in the DSN")
	}
	if err != nil {
		return "", fmt.Errorf("find the schema: %w", err)
	}
	return db.Dialect.Quote(name) + ".", nil
}

func (postgresDialect) hasTable(ctx context.Context, s *Store, q queryer, table string) (bool, error) {
	// Not to_regclass: it answers from a cache that a session which has just
	// waited for another one's tables may not have refreshed yet.
	var ok bool
	err := q.GetContext(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_tables
		WHERE '"' || replace(schemaname, '"', '""') || '".' || tablename = $1)`, s.prefix+table)
	return ok, err
}

func (postgresDialect) creating(ctx context.Context, s *Store, fn func(tx execer) error) error {
	return s.inTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('xwalk'), hashtext($1))", s.prefix); err != nil {
			return err
		}
		return fn(tx)
	})
}

func (postgresDialect) clock() string {
	return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
}

func (postgresDialect) lockRow(wait bool) string {
	if wait {
		return " FOR UPDATE"
	}
	return " FOR UPDATE NOWAIT"
}

func (postgresDialect) createIndex(ctx context.Context, s *Store, tx execer, name, table, column string) error {
	var there bool
	schema := strings.TrimSuffix(s.prefix, "xwalk_")
	if err := tx.GetContext(ctx, &there, "SELECT to_regclass($1) IS NOT NULL", schema+name); err != nil || there {
		return err
	}
	if _, err := tx.ExecContext(ctx, s.sql("CREATE INDEX "+name+" ON @"+table+" ("+column+")")); err != nil {
		return err
	}
	// A table that was just filled has no statistics yet.
	_, err := tx.ExecContext(ctx, s.sql("ANALYZE @"+table))
	return err
}

func (postgresDialect) ddlCommits() bool { return false }

// began makes the server end a transaction whose client is gone without a
// word: a machine that lost its power would keep the lease's row locked.
func (postgresDialect) began(ctx context.Context, tx *sqldb.Tx) error {
	_, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 60000; SET LOCAL tcp_keepalives_idle = 15; "+
		"SET LOCAL tcp_keepalives_interval = 5; SET LOCAL tcp_keepalives_count = 3")
	return err
}

// unpublished leaves the commit to the server's next write: when the server
// dies before, the checkpoint is lost with the rows, and the run is resumed from
// the one before it.
func (postgresDialect) unpublished(ctx context.Context, tx *sqldb.Tx) error {
	_, err := tx.ExecContext(ctx, "SET LOCAL synchronous_commit = off")
	return err
}

func (postgresDialect) snapshotLevel() sql.IsolationLevel { return sql.LevelRepeatableRead }

// What was deleted leaves the files when the server tidies up, in its own time.
func (postgresDialect) erasing(context.Context, *sqldb.Tx) error { return nil }
func (postgresDialect) purge(context.Context, *Store) error      { return nil }

func (postgresDialect) durable(context.Context, *Store) {}

func (postgresDialect) read(ctx context.Context, s *Store, conn rawConn, sel *selection, each func(cells []driver.Value) error) error {
	return selectRows(ctx, s, conn, sel, each)
}

func (postgresDialect) insertLinks(ctx context.Context, s *Store, tx *sqldb.Tx, rows *linkRows) error {
	return bulkLinks(ctx, s, tx, rows)
}

// damage is the server's to find: it checks its pages as it reads them.
func (postgresDialect) damage(context.Context, queryer, func(string)) error { return nil }
