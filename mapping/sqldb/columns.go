package sqldb

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/xwalk-id/xwalk/mapping/diag"
)

// Column is one column of a table. Type is as the database writes it:
// "bigint(20) unsigned zerofill", "character varying(40)", or in SQLite what
// stood in CREATE TABLE, which may be nothing. OnUpdate says that MySQL sets
// the column whenever its row changes. Charset and Collation are those of a
// text column in MySQL.
type Column struct {
	Name      string `db:"name"`
	Type      string `db:"type"`
	Nullable  bool   `db:"nullable"`
	Generated bool   `db:"generated"`
	OnUpdate  bool   `db:"on_update"`
	Charset   string `db:"charset"`
	Collation string `db:"collation"`
}

// TableError says that a database has no such table or view. It counts as
// fs.ErrNotExist, like a missing file. Nearest is the likeliest existing
// name, or empty.
type TableError struct {
	Database string // label
	Table    string
	Nearest  string
}

func (e *TableError) Error() string {
	msg := fmt.Sprintf("%s has no table %q", e.Database, e.Table)
	if e.Nearest != "" {
		msg += fmt.Sprintf("; did you mean %q?", e.Nearest)
	}
	return msg
}

// Is makes a missing table a missing file for errors.Is.
func (e *TableError) Is(target error) bool { return target == fs.ErrNotExist }

// The columns of the table named $1, in schema $2 where that is not empty.
const (
	sqliteColumns = `SELECT name, type, "notnull" = 0 AS nullable, hidden > 1 AS generated FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`

	postgresColumns = `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable,
			COALESCE(to_jsonb(a)->>'attgenerated', '') <> '' AS generated
		FROM pg_attribute a WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`

	mysqlColumns = `SELECT column_name AS name, column_type AS type, is_nullable = 'YES' AS nullable,
			extra LIKE '%VIRTUAL%' OR extra LIKE '%STORED%' OR extra LIKE '%PERSISTENT%' AS generated, extra LIKE '%on update%' AS on_update,
			COALESCE(character_set_name, '') AS charset, COALESCE(collation_name, '') AS collation
		FROM information_schema.columns
		WHERE table_name = ? AND table_schema = COALESCE(NULLIF(?, ''), DATABASE()) ORDER BY ordinal_position`
)

// The tables and views that a name without schema can mean.
const (
	sqliteTables = `SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`

	postgresTables = `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`

	mysqlTables = `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()`
)

// TableColumns lists the columns of a table or view in their order. table is
// named as for [Dialect.Table]; a table that is not there is a [*TableError].
func TableColumns(ctx context.Context, db *DB, table string) ([]Column, error) {
	parts := SplitName(table)
	name, schema := parts[len(parts)-1], ""
	if len(parts) > 1 {
		schema = parts[len(parts)-2]
	}
	var columns []Column
	var err error
	switch db.Dialect {
	case Postgres:
		err = db.SelectContext(ctx, &columns, postgresColumns, db.Dialect.Table(table))
	case MySQL:
		err = db.SelectContext(ctx, &columns, mysqlColumns, name, schema)
	default:
		err = db.SelectContext(ctx, &columns, sqliteColumns, name)
	}
	if err != nil {
		return nil, db.Explain(fmt.Errorf("list the columns of %s: %w", table, err))
	}
	if len(columns) == 0 {
		return nil, missingTable(ctx, db, table, name)
	}
	return columns, nil
}

// missingTable is the error for a table that is not there.
func missingTable(ctx context.Context, db *DB, table, name string) error {
	query := sqliteTables
	switch db.Dialect {
	case Postgres:
		query = postgresTables
	case MySQL:
		query = mysqlTables
	}
	var tables []string
	if err := db.SelectContext(ctx, &tables, query); err != nil {
		return db.Explain(fmt.Errorf("list the tables: %w", err))
	}
	return &TableError{Database: db.Label, Table: table, Nearest: diag.Nearest(name, tables)}
}
