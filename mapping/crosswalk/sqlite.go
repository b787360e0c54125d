package crosswalk

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// sqliteDialect keeps the crosswalk in a file. A writing transaction holds
// the only write lock there is, so rows need no locks of their own.
type sqliteDialect struct{}

func (sqliteDialect) types() *strings.Replacer {
	return strings.NewReplacer("{key}", "TEXT", "{long}", "TEXT", "{blob}", "BLOB", "{small}", "INTEGER",
		"{int}", "INTEGER", "{big}", "INTEGER", "{real}", "REAL", "{clustered}", " WITHOUT ROWID", "{end}", "")
}

func (sqliteDialect) schema(context.Context, *sqldb.DB, bool) (string, error) { return "", nil }

func (sqliteDialect) hasTable(ctx context.Context, s *Store, q queryer, table string) (bool, error) {
	var n int
	err := q.GetContext(ctx, &n, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", s.prefix+table)
	return n > 0, err
}

func (sqliteDialect) creating(ctx context.Context, s *Store, fn func(tx execer) error) error {
	return s.inTx(ctx, func(tx *sqldb.Tx) error { return fn(tx) })
}

func (sqliteDialect) clock() string {
	return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
}

func (sqliteDialect) lockRow(bool) string { return "" }

func (sqliteDialect) createIndex(ctx context.Context, s *Store, tx execer, name, table, column string) error {
	_, err := tx.ExecContext(ctx, s.sql("CREATE INDEX IF NOT EXISTS "+name+" ON @"+table+" ("+column+")"))
	return err
}

func (sqliteDialect) ddlCommits() bool { return false }

func (sqliteDialect) began(context.Context, *sqldb.Tx) error { return nil }

func (sqliteDialect) unpublished(context.Context, *sqldb.Tx) error { return nil }

func (sqliteDialect) snapshotLevel() sql.IsolationLevel { return sql.LevelDefault }

// durable writes the log into the file: commits alone do not wait for the
// disk. What was committed counts whether or not that works.
func (sqliteDialect) durable(ctx context.Context, s *Store) {
	_, _ = s.db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
}

func (sqliteDialect) erasing(ctx context.Context, tx *sqldb.Tx) error {
	_, err := tx.ExecContext(ctx, "PRAGMA secure_delete = ON")
	return err
}

// purge writes the file anew and empties its log. Overwriting what is deleted
// is not enough: rows that were moved before have left copies of themselves in
// the room between rows.
func (sqliteDialect) purge(ctx context.Context, s *Store) error {
	if _, err := s.db.ExecContext(ctx, "VACUUM"); err != nil {
		return err
	}
	var busy, log, done int
	if err := s.db.QueryRowxContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("somebody is still reading it")
	}
	return nil
}

func (sqliteDialect) read(ctx context.Context, s *Store, conn rawConn, sel *selection, each func(cells []driver.Value) error) error {
	return takeRows(ctx, s, conn, sel, each)
}

func (sqliteDialect) insertLinks(ctx context.Context, s *Store, tx *sqldb.Tx, rows *linkRows) error {
	return feedLinks(ctx, s, tx, rows)
}

// damage is what SQLite finds when it reads all pages of its file.
func (sqliteDialect) damage(ctx context.Context, q queryer, found func(what string)) error {
	var rows []string
	if err := q.SelectContext(ctx, &rows, "PRAGMA integrity_check"); err != nil {
		return err
	}
	for _, row := range rows {
		if row != "ok" {
			found(row)
		}
	}
	return nil
}
