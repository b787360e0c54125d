package crosswalk

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// mysqlDialect keeps the crosswalk in the database that the DSN names. DDL
// commits there, so none runs inside a transaction.
type mysqlDialect struct{}

const mysqlTable = " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

func (mysqlDialect) types() *strings.Replacer {
	return strings.NewReplacer("{key}", "VARBINARY(255)", "{long}", "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
		"{blob}", "LONGBLOB", "{small}", "SMALLINT", "{int}", "INTEGER", "{big}", "BIGINT", "{real}", "DOUBLE",
		"{clustered}", mysqlTable, "{end}", mysqlTable)
}

func (mysqlDialect) schema(ctx context.Context, db *sqldb.DB, _ bool) (string, error) {
	var name *string
	if err := db.GetContext(ctx, &name, "SELECT DATABASE()"); err != nil {
		return "", err
	}
	if name == nil {
		return "", errors.New("the DSN names no database: add /DATABASE to it")
	}
	return "", nil
}

func (mysqlDialect) hasTable(ctx context.Context, s *Store, q queryer, table string) (bool, error) {
	var n int
	err := q.GetContext(ctx, &n,
		"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", s.prefix+table)
	return n > 0, err
}

// creating holds a named lock of the server, which ends with the connection.
func (mysqlDialect) creating(ctx context.Context, s *Store, fn func(tx execer) error) error {
	conn, err := s.db.Connx(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	// A lock's name has at most 64 characters, as a database's has.
	const lock = "MD5(CONCAT('xwalk ', DATABASE()))"
	var got *int
	if err := conn.GetContext(ctx, &got, fmt.Sprintf("SELECT GET_LOCK(%s, %d)", lock, int(openPatience.Seconds()))); err != nil {
		return err
	}
	if got == nil || *got != 1 {
		return errors.New("another process has been creating the tables for a minute; see what it is doing and run again")
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK("+lock+")") }()
	return fn(conn)
}

func (mysqlDialect) clock() string { return "CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)" }

func (mysqlDialect) lockRow(wait bool) string {
	if wait {
		return " FOR UPDATE"
	}
	return " FOR UPDATE NOWAIT"
}

func (mysqlDialect) createIndex(ctx context.Context, s *Store, tx execer, name, table, column string) error {
	var n int
	if err := tx.GetContext(ctx, &n, "SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() "+
		"AND table_name = ? AND index_name = ?", s.prefix+table, name); err != nil || n > 0 {
		return err
	}
	_, err := tx.ExecContext(ctx, s.sql("CREATE INDEX "+name+" ON @"+table+" ("+column+")"))
	// The server may have been making it for a process that was killed
	// meanwhile: then this statement waited for that one.
	var myErr *mysql.MySQLError
	if errors.As(err, &myErr) && myErr.Number == duplicateKeyName {
		return nil
	}
	return err
}

// duplicateKeyName is what the server answers where an index is there already.
const duplicateKeyName = 1061

func (mysqlDialect) ddlCommits() bool { return true }

// unknownVariable is what MySQL answers where MariaDB knows a setting.
const unknownVariable = 1193

// began makes the server end a transaction whose client is gone without a
// word: a machine that lost its power would keep the lease's row locked.
func (mysqlDialect) began(ctx context.Context, tx *sqldb.Tx) error {
	_, err := tx.ExecContext(ctx, "SET SESSION idle_write_transaction_timeout = 60")
	var myErr *mysql.MySQLError
	if errors.As(err, &myErr) && myErr.Number == unknownVariable {
		return nil
	}
	return err
}

func (mysqlDialect) unpublished(context.Context, *sqldb.Tx) error { return nil }

func (mysqlDialect) snapshotLevel() sql.IsolationLevel { return sql.LevelRepeatableRead }

// What was deleted leaves the files when the server tidies up, in its own time.
func (mysqlDialect) erasing(context.Context, *sqldb.Tx) error { return nil }
func (mysqlDialect) purge(context.Context, *Store) error      { return nil }

func (mysqlDialect) durable(context.Context, *Store) {}

func (mysqlDialect) read(ctx context.Context, s *Store, conn rawConn, sel *selection, each func(cells []driver.Value) error) error {
	return selectRows(ctx, s, conn, sel, each)
}

func (mysqlDialect) insertLinks(ctx context.Context, s *Store, tx *sqldb.Tx, rows *linkRows) error {
	return bulkLinks(ctx, s, tx, rows)
}

// damage is the server's to find: it checks its pages as it reads them.
func (mysqlDialect) damage(context.Context, queryer, func(string)) error { return nil }
