package sqldb

import (
	"context"
	"fmt"
)

// Table is a table or view of a database. Name is what [Dialect.Table] and
// [TableColumns] take: with its schema where it would not be found without,
// quoted where it holds a dot or a quote.
type Table struct {
	Name    string
	Columns []string
}

// The columns of every table and view, in the order of the tables' names.
// A schema is given where it must be named.
const (
	sqliteAllColumns = `SELECT '' AS table_schema, t.name AS table_name, c.name AS column_name
		FROM sqlite_schema t, pragma_table_xinfo(t.name) c
		WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND c.hidden <> 1
		ORDER BY t.name, c.cid`

	postgresAllColumns = `SELECT CASE WHEN pg_table_is_visible(t.oid) THEN '' ELSE n.nspname END AS table_schema,
			t.relname AS table_name, a.attname AS column_name
		FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid
		WHERE t.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT t.relispartition AND a.attnum > 0 AND NOT a.attisdropped
			AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
		ORDER BY 1, 2, a.attnum`

	mysqlAllColumns = `SELECT '' AS table_schema, table_name AS table_name, column_name AS column_name
		FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`
)

// Tables lists the tables and views of a database, without the system's own,
// by name.
func Tables(ctx context.Context, db *DB) ([]Table, error) {
	query := sqliteAllColumns
	switch db.Dialect {
	case Postgres:
		query = postgresAllColumns
	case MySQL:
		query = mysqlAllColumns
	}
	var rows []struct {
		Schema string `db:"table_schema"`
		Table  string `db:"table_name"`
		Column string `db:"column_name"`
	}
	if err := db.SelectContext(ctx, &rows, query); err != nil {
		return nil, db.Explain(fmt.Errorf("list the tables: %w", err))
	}
	var tables []Table
	for _, r := range rows {
		name := db.Dialect.TableName(r.Schema, r.Table)
		if len(tables) == 0 || tables[len(tables)-1].Name != name {
			tables = append(tables, Table{Name: name})
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, r.Column)
	}
	return tables, nil
}
