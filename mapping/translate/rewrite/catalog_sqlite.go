package rewrite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// sqliteTable reads one table for [Inspect].
type sqliteTable struct {
	ctx     context.Context
	db      *sqldb.DB
	create  sqliteCreate
	strict  bool
	withRow bool // it has a rowid
	*Table
}

func inspectSQLite(ctx context.Context, db *sqldb.DB, table string) (*Table, error) {
	s := &sqliteTable{ctx: ctx, db: db, Table: &Table{Dialect: db.Dialect, Transactional: true}}
	for _, read := range []func() error{
		func() error { return s.readTable(table) },
		s.readColumns, s.readIndexes, s.readForeignKeys, s.readDependents, s.readCounter, s.readRows,
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	for _, c := range s.create.checks {
		s.Checks = append(s.Checks, Check{Name: c.name, Expression: c.expression, Columns: s.mentioned(c.expression)})
	}
	return s.Table, nil
}

func (s *sqliteTable) readTable(table string) error {
	parts := sqldb.SplitName(table)
	s.Schema = "main"
	if len(parts) > 1 && !strings.EqualFold(parts[len(parts)-2], "main") {
		return errNoTable
	}
	var row struct {
		Name, Type string
		SQL        sql.NullString
		WR, Strict bool
		Virtual    bool
	}
	err := s.db.GetContext(s.ctx, &row, `SELECT m.name, m.type, m.sql, COALESCE(l.wr, 0) AS wr, COALESCE(l.strict, 0) AS strict, COALESCE(l.type, '') IN ('virtual', 'shadow') AS virtual
		FROM main.sqlite_schema m LEFT JOIN pragma_table_list(m.name) l ON l.schema = 'main'
		WHERE m.type IN ('table', 'view') AND m.name = ? COLLATE NOCASE`, parts[len(parts)-1])
	if errors.Is(err, sql.ErrNoRows) {
		return errNoTable
	}
	if err != nil {
		return err
	}
	s.Name, s.View, s.strict = row.Name, row.Type == "view", row.Strict
	s.Full = sqldb.SQLite.TableName("", s.Name)
	s.withRow = !s.View && !row.WR && !row.Virtual
	if !s.View && !row.Virtual {
		s.create = parseCreateTable(row.SQL.String)
	}
	return nil
}

func (s *sqliteTable) readColumns() error {
	var rows []struct {
		Name, Type string
		NotNull    bool           `db:"notnull"`
		Default    sql.NullString `db:"dflt_value"`
		PK, Hidden int
	}
	err := s.db.SelectContext(s.ctx, &rows, `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`, s.Name)
	if err != nil {
		return err
	}
	primary := Index{Primary: true}
	keys := map[int]string{}
	for _, r := range rows {
		c := Column{Name: r.Name, Type: r.Type, Nullable: !r.NotNull, Default: r.Default.String}
		c.Kind, c.Numeric = sqliteKind(r.Type, s.strict)
		def := s.create.column(r.Name)
		c.Collation = def.collation
		switch strings.ToUpper(c.Collation) {
		case "", "BINARY":
		case "RTRIM":
			c.Folds, c.OnlyBlanks = true, true
		default:
			c.Folds = true
		}
		if r.Hidden == 2 || r.Hidden == 3 {
			c.Generated = def.generated
		}
		if r.PK > 0 {
			keys[r.PK] = r.Name
		}
		s.Columns = append(s.Columns, c)
	}
	for i := 1; i <= len(keys); i++ {
		primary.Columns = append(primary.Columns, keys[i])
	}
	if len(keys) > 0 {
		s.Unique = append(s.Unique, primary)
	}
	for i := range s.Columns {
		if c := &s.Columns[i]; c.Generated != "" {
			c.Reads = s.mentioned(c.Generated)
		}
	}
	s.readRowID(keys)
	return nil
}

// readRowID finds the name of the hidden row number, and the column that is
// another name of it: such a column takes numbers only.
func (s *sqliteTable) readRowID(keys map[int]string) {
	if !s.withRow {
		return
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if _, hides := s.Column(name); !hides && s.RowID == "" {
			s.RowID = name
		}
	}
	if len(keys) != 1 || s.create.descending {
		return
	}
	s.setColumn(keys[1], func(c *Column) {
		if strings.EqualFold(c.Type, "INTEGER") {
			c.Kind, c.Numeric, c.Nullable, c.Counter = Integer, false, false, true
		}
	})
}

// sqliteKind is what a declared type takes: its affinity, see "Datatypes In
// SQLite".
func sqliteKind(declared string, strict bool) (kind ColumnKind, numeric bool) {
	d := strings.ToUpper(declared)
	if strict {
		switch d {
		case "TEXT":
			return Text, false
		case "INT", "INTEGER":
			return Integer, false
		case "ANY":
			return Any, false
		}
		return Other, false
	}
	for _, word := range []string{"INT", "CHAR", "CLOB", "TEXT", "BLOB"} {
		if strings.Contains(d, word) {
			return Any, word == "INT"
		}
	}
	return Any, d != ""
}

func (s *sqliteTable) readIndexes() error {
	var rows []struct {
		Name, Origin string
		Partial      bool
		Seq          int
		Column       sql.NullString
		SQL          sql.NullString
	}
	err := s.db.SelectContext(s.ctx, &rows, `SELECT l.name, l.origin, l.partial, x.seqno AS seq, x.name AS column, m.sql
		FROM pragma_index_list(?) l JOIN pragma_index_xinfo(l.name) x LEFT JOIN main.sqlite_schema m ON m.type = 'index' AND m.name = l.name
		WHERE l."unique" AND x.key ORDER BY l.name, x.seqno`, s.Name)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if r.Origin == "pk" {
			s.setPrimaryName(r.Name)
			continue
		}
		if i == 0 || rows[i-1].Name != r.Name {
			u := Index{Name: r.Name, Create: r.SQL.String}
			if r.Partial {
				u.Condition = "where " + afterWord(r.SQL.String, "WHERE")
			}
			s.Unique = append(s.Unique, u)
		}
		u := &s.Unique[len(s.Unique)-1]
		if r.Column.Valid {
			u.Columns = append(u.Columns, r.Column.String)
			continue
		}
		part := indexPart(r.SQL.String, r.Seq)
		u.Columns = append(u.Columns, s.mentioned(part)...)
		u.Condition = joinWords("over "+part, u.Condition)
	}
	return nil
}

func (s *sqliteTable) setPrimaryName(name string) {
	if len(s.Unique) > 0 && s.Unique[0].Primary {
		s.Unique[0].Name = name
	}
}

func (s *sqliteTable) readForeignKeys() error {
	var rows []struct {
		ID            int
		Child, Parent string
		From          string
		To            sql.NullString
		ParentKey     sql.NullString `db:"parent_key"`
		OnUpdate      string         `db:"on_update"`
		OnDelete      string         `db:"on_delete"`
		Enforced      bool
	}
	err := s.db.SelectContext(s.ctx, &rows, `SELECT f.id, m.name AS child, COALESCE(p.name, f."table") AS parent, f."from", f."to", f.on_update, f.on_delete,
			(SELECT k.name FROM pragma_table_info(p.name) k WHERE IIF(f."to" IS NULL, k.pk = f.seq + 1, k.name = f."to" COLLATE NOCASE)) AS parent_key, (SELECT foreign_keys FROM pragma_foreign_keys) AS enforced
		FROM main.sqlite_schema m, pragma_foreign_key_list(m.name) f LEFT JOIN main.sqlite_schema p ON p.type = 'table' AND p.name = f."table" COLLATE NOCASE
		WHERE m.type = 'table' AND (m.name = ? OR f."table" = ? COLLATE NOCASE) ORDER BY m.name, f.id, f.seq`, s.Name, s.Name)
	if err != nil {
		return err
	}
	for from := 0; from < len(rows); {
		r := rows[from]
		fk := ForeignKey{
			Table: sqldb.SQLite.TableName("", r.Child), Parent: sqldb.SQLite.TableName("", r.Parent),
			OnUpdate: r.OnUpdate, OnDelete: r.OnDelete, Enforced: r.Enforced, Checked: false, Deferrable: true,
		}
		for ; from < len(rows) && rows[from].Child == r.Child && rows[from].ID == r.ID; from++ {
			fk.Columns = append(fk.Columns, rows[from].From)
			to := rows[from].ParentKey // REFERENCES without columns means the primary key
			if !to.Valid {
				to = rows[from].To // the parent is missing
			}
			fk.Refers = append(fk.Refers, to.String)
		}
		if r.Child == s.Name {
			s.Foreign = append(s.Foreign, fk)
		}
		if sameName(sqldb.SQLite, r.Parent, s.Name) {
			s.Referred = append(s.Referred, fk)
		}
	}
	return nil
}

// readDependents reads triggers and views.
func (s *sqliteTable) readDependents() error {
	var rows []struct {
		Type, Name string
		Ours       bool
		SQL        string
	}
	err := s.db.SelectContext(s.ctx, &rows, `SELECT type, name, tbl_name = ? COLLATE NOCASE AS ours, sql FROM main.sqlite_schema
		WHERE type IN ('trigger', 'view') AND sql IS NOT NULL ORDER BY name`, s.Name)
	var views []definedView
	for _, r := range rows {
		tokens := sqlTokens(sqldb.SQLite, r.SQL)
		switch {
		case r.Type == "view" && !sameName(sqldb.SQLite, r.Name, s.Name):
			views = append(views, definedView{name: r.Name, full: sqldb.SQLite.TableName("", r.Name), tokens: tokens})
		case r.Type == "trigger" && r.Ours:
			if t, ok := parseTrigger(r.Name, tokens); ok {
				s.Triggers = append(s.Triggers, t)
			}
		}
	}
	s.Views = readers(sqldb.SQLite, s.Schema, s.Name, views)
	return err
}

// readCounter finds the number that the next row gets.
func (s *sqliteTable) readCounter() error {
	i := slices.IndexFunc(s.Columns, func(c Column) bool { return c.Counter })
	if i < 0 {
		return nil
	}
	query := "SELECT MIN(COALESCE(MAX(" + sqldb.SQLite.Quote(s.Columns[i].Name) + "), 0), 9223372036854775806) + 1 FROM main." + sqldb.SQLite.Quote(s.Name)
	var args []any
	if s.create.autoincrement {
		query = "SELECT MAX((" + query + "), MIN(COALESCE((SELECT MAX(seq) FROM main.sqlite_sequence WHERE name = ?), 0), 9223372036854775806) + 1)"
		args = []any{s.Name}
	}
	return s.db.GetContext(s.ctx, &s.Columns[i].Next, query, args...)
}

// countedRows is up to how many rows SQLite counts, which has no statistics
// unless it was asked for them.
const countedRows = 100_000

// readRows counts few rows. For many it takes the span of row numbers, or how
// many would fill the file if that is less.
func (s *sqliteTable) readRows() error {
	table := "main." + sqldb.SQLite.Quote(s.Name)
	if s.View {
		return nil
	}
	err := s.db.GetContext(s.ctx, &s.Rows, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT %d)", table, countedRows))
	if err != nil || s.Rows < countedRows || s.RowID == "" {
		return err
	}
	return s.db.GetContext(s.ctx, &s.Rows, fmt.Sprintf(`SELECT MAX(%d, CAST(MIN(
		(SELECT MAX(%s) FROM %[3]s) + 1.0 - (SELECT MIN(%[2]s) FROM %[3]s), (SELECT page_count * page_size / 8 FROM pragma_page_count, pragma_page_size)) AS INTEGER))`,
		countedRows, s.RowID, table))
}
