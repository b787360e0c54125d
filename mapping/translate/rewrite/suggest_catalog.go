package rewrite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// heldTable is a table of the database that is searched, with no more than
// the search needs, for it reads about all tables at once.
type heldTable struct {
	dialect      sqldb.Dialect
	schema, name string
	full         string // as [Table.Full]
	columns      []heldColumn
	key          []string // the primary key, or SQLite's rowid
	foreign      []heldKey
}

type heldColumn struct {
	name, typ string
	tells     bool // it may tell what another one refers to, and takes no IDs itself
	unique    bool // by itself
}

// heldKey is a declared foreign key.
type heldKey struct {
	columns, refers []string
	parent          string // schema and name, see [heldTable.id]
}

// id tells a table from others of its database.
func (t *heldTable) id() string { return t.schema + "\x00" + t.name }

func (t *heldTable) column(name string) (int, bool) {
	i := slices.IndexFunc(t.columns, func(c heldColumn) bool { return sameName(t.dialect, c.name, name) })
	return i, i >= 0
}

// is reports whether a table is the one that a person names.
func (t *heldTable) is(name string) bool {
	parts := sqldb.SplitName(name)
	if len(parts) > 1 && !sameName(t.dialect, parts[len(parts)-2], t.schema) {
		return false
	}
	return sameName(t.dialect, parts[len(parts)-1], t.name) && (len(parts) > 1 || t.full == t.dialect.TableName("", t.name))
}

// The columns of all tables that may hold references, in order, and their
// keys: p and u for primary and unique ones, f for foreign ones.
const (
	postgresHeldColumns = `SELECT n.nspname AS schema, t.relname AS name, pg_table_is_visible(t.oid) AS visible, a.attname AS column,
			format_type(CASE WHEN y.typtype = 'd' THEN y.typbasetype ELSE y.oid END, NULL) AS type, y.typtype = 'e' AS listed
		FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid JOIN pg_type y ON y.oid = a.atttypid
		WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND t.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
			AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
			AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(t.oid, a.attnum, 'SELECT')
		ORDER BY n.nspname, t.relname, a.attnum`
	postgresHeldKeys = `SELECT n.nspname AS schema, t.relname AS name, c.conname AS key, c.contype AS kind, a.attname AS column,
			COALESCE(pn.nspname, '') AS parent_schema, COALESCE(p.relname, '') AS parent, COALESCE(pa.attname, '') AS refers
		FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
		CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY k(num, other, pos)
		JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num
		LEFT JOIN pg_class p ON p.oid = c.confrelid LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
		LEFT JOIN pg_attribute pa ON pa.attrelid = p.oid AND pa.attnum = k.other
		WHERE c.contype IN ('p', 'u', 'f') ORDER BY n.nspname, t.relname, c.conname, c.oid, k.pos`

	mysqlHeldColumns = "SELECT c.table_schema AS `schema`, c.table_name AS name, TRUE AS visible, c.column_name AS `column`, c.column_type AS type, c.data_type = 'enum' AS listed" + `
		FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
		WHERE c.table_schema = DATABASE() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND COALESCE(c.generation_expression, '') = ''
		ORDER BY c.table_name, c.ordinal_position`
	mysqlHeldKeys = "SELECT k.table_schema AS `schema`, k.table_name AS name, k.constraint_name AS `key`, k.column_name AS `column`," + `
			CASE WHEN k.referenced_table_name IS NOT NULL THEN 'f' WHEN k.constraint_name = 'PRIMARY' THEN 'p' ELSE 'u' END AS kind,
			COALESCE(k.referenced_table_schema, '') AS parent_schema, COALESCE(k.referenced_table_name, '') AS parent, COALESCE(k.referenced_column_name, '') AS refers
		FROM information_schema.key_column_usage k WHERE k.table_schema = DATABASE() ORDER BY k.table_name, k.constraint_name, k.ordinal_position`

	sqliteHeldColumns = `SELECT 'main' AS schema, t.name, TRUE AS visible, c.name AS column, c.type, FALSE AS listed
		FROM pragma_table_list t, pragma_table_xinfo(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND c.hidden = 0 ORDER BY t.name, c.cid`
	sqliteHeldKeys = `SELECT * FROM (
			SELECT 'main' AS schema, t.name, 'p' AS key, 'p' AS kind, c.name AS column, '' AS parent_schema, '' AS parent, '' AS refers, c.pk AS pos
				FROM pragma_table_list t, pragma_table_info(t.name) c WHERE t.schema = 'main' AND t.type = 'table' AND c.pk > 0
			UNION ALL
			SELECT 'main', t.name, 'u' || l.name, 'u', x.name, '', '', '', x.seqno
				FROM pragma_table_list t, pragma_index_list(t.name) l, pragma_index_info(l.name) x
				WHERE t.schema = 'main' AND t.type = 'table' AND l."unique" AND NOT l.partial AND l.origin <> 'pk' AND x.name IS NOT NULL
			UNION ALL
			SELECT 'main', t.name, 'f' || f.id, 'f', f."from", 'main', COALESCE(p.name, f."table"),
				COALESCE(f."to", (SELECT k.name FROM pragma_table_info(p.name) k WHERE k.pk = f.seq + 1), ''), f.seq
				FROM pragma_table_list t, pragma_foreign_key_list(t.name) f LEFT JOIN pragma_table_list p ON p.schema = 'main' AND p.name = f."table" COLLATE NOCASE
				WHERE t.schema = 'main' AND t.type = 'table')
		ORDER BY name, key, pos`
)

// heldTables lists the tables that may hold references, in the order of their
// names, without xwalk's own.
func heldTables(ctx context.Context, db *sqldb.DB) ([]*heldTable, error) {
	columns, keys := sqliteHeldColumns, sqliteHeldKeys
	switch db.Dialect {
	case sqldb.Postgres:
		columns, keys = postgresHeldColumns, postgresHeldKeys
	case sqldb.MySQL:
		columns, keys = mysqlHeldColumns, mysqlHeldKeys
	}
	var rows []struct {
		Schema, Name, Column, Type string
		Visible, Listed            bool
	}
	if err := db.SelectContext(ctx, &rows, columns); err != nil {
		return nil, db.Explain(fmt.Errorf("list the columns of all tables: %w", err))
	}
	var tables []*heldTable
	byID := map[string]*heldTable{}
	for _, r := range rows {
		if strings.HasPrefix(strings.ToLower(r.Name), "xwalk_") {
			continue
		}
		id := r.Schema + "\x00" + r.Name
		t := byID[id]
		if t == nil {
			t = &heldTable{dialect: db.Dialect, schema: r.Schema, name: r.Name, full: db.Dialect.TableName("", r.Name)}
			if !r.Visible {
				t.full = db.Dialect.TableName(r.Schema, r.Name)
			}
			byID[id] = t
			tables = append(tables, t)
		}
		takes := takesIDs(db.Dialect, r.Type)
		if takes || r.Listed {
			t.columns = append(t.columns, heldColumn{name: r.Column, typ: r.Type, tells: !takes})
		}
	}
	return tables, readHeldKeys(ctx, db, keys, byID)
}

// takesIDs reports whether a column of a type may hold IDs.
func takesIDs(d sqldb.Dialect, typ string) bool {
	typ = strings.ToLower(typ)
	if d == sqldb.SQLite {
		return !containsAny(typ, "blob", "real", "float", "double", "date", "time", "bool")
	}
	return containsAny(typ, "int", "char", "text", "uuid", "numeric", "decimal", "varbinary") && !containsAny(typ, "interval", "point", "[]", "range")
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

func readHeldKeys(ctx context.Context, db *sqldb.DB, query string, byID map[string]*heldTable) error {
	var rows []struct {
		Schema, Name, Key, Kind, Column string
		ParentSchema                    string `db:"parent_schema"`
		Parent, Refers                  string
		Pos                             int
	}
	if err := db.SelectContext(ctx, &rows, query); err != nil {
		return db.Explain(fmt.Errorf("list the keys of all tables: %w", err))
	}
	for from := 0; from < len(rows); {
		r := rows[from]
		key := heldKey{parent: r.ParentSchema + "\x00" + r.Parent}
		for ; from < len(rows) && rows[from].Schema == r.Schema && rows[from].Name == r.Name && rows[from].Key == r.Key; from++ {
			key.columns = append(key.columns, rows[from].Column)
			key.refers = append(key.refers, rows[from].Refers)
		}
		t := byID[r.Schema+"\x00"+r.Name]
		switch {
		case t == nil:
			continue
		case r.Kind == "f":
			t.foreign = append(t.foreign, key)
			continue
		case r.Kind == "p":
			t.key = key.columns
		}
		if i, ok := t.column(key.columns[0]); ok && len(key.columns) == 1 {
			t.columns[i].unique = true
		}
	}
	return nil
}
