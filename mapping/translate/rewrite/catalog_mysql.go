package rewrite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// mysqlTable reads one table for [Inspect].
type mysqlTable struct {
	ctx    context.Context
	db     *sqldb.DB
	server mysqlServer
	defs   map[string]string // of columns, from SHOW CREATE TABLE
	*Table
}

// mysqlServer is what differs between servers.
type mysqlServer struct {
	Version      string
	Current      string // the database of the session, which may be none
	ForeignKeys  bool   `db:"foreign_keys"`
	FoldsTables  bool   `db:"folds_tables"` // names of tables are compared without case
	mariaDB      bool
	major, minor int
	patch        int
}

// since reports whether it is MySQL of that version or a later one.
func (s *mysqlServer) since(major, minor, patch int) bool {
	if s.mariaDB {
		return false
	}
	return slices.Compare([]int{s.major, s.minor, s.patch}, []int{major, minor, patch}) >= 0
}

func inspectMySQL(ctx context.Context, db *sqldb.DB, table string) (*Table, error) {
	m := &mysqlTable{ctx: ctx, db: db, Table: &Table{Dialect: db.Dialect}}
	for _, read := range []func() error{
		m.readServer,
		func() error { return m.readTable(table) },
		m.readCreate, m.readColumns, m.readIndexes, m.readForeignKeys, m.readTriggers, m.readViews, m.readChecks, m.readRights,
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return m.Table, nil
}

func (m *mysqlTable) readServer() error {
	err := m.db.GetContext(m.ctx, &m.server, "SELECT VERSION() AS version, COALESCE(DATABASE(), '') AS current, @@foreign_key_checks AS foreign_keys, @@lower_case_table_names > 0 AS folds_tables")
	s := &m.server
	s.mariaDB = strings.Contains(strings.ToLower(s.Version), "mariadb")
	_, _ = fmt.Sscanf(s.Version, "%d.%d.%d", &s.major, &s.minor, &s.patch)
	return err
}

// full is a table's name as the session writes it.
func (m *mysqlTable) full(schema, name string) string {
	if schema == m.server.Current {
		schema = ""
	}
	return sqldb.MySQL.TableName(schema, name)
}

// is reports whether a name of the catalog is the table's.
func (m *mysqlTable) is(schema, name string) bool {
	if m.server.FoldsTables {
		return strings.EqualFold(schema, m.Schema) && strings.EqualFold(name, m.Name)
	}
	return schema == m.Schema && name == m.Name
}

// quoted is a table's name for a statement, without the session's database,
// so that a script does the same to a copy of another name.
func (m *mysqlTable) quoted(schema, name string) string {
	return sqldb.MySQL.Table(m.full(schema, name))
}

// readTable finds the table. The catalog compares names without case, so the
// one of the same case comes first.
func (m *mysqlTable) readTable(table string) error {
	parts := sqldb.SplitName(table)
	name, schema := parts[len(parts)-1], m.server.Current
	if len(parts) > 1 {
		schema = parts[len(parts)-2]
	}
	var row struct {
		Schema, Name, Type string
		Transactional      bool
		Rows               int64
		Next               int64
		Partitions         string
	}
	err := m.db.GetContext(m.ctx, &row, `SELECT t.table_schema AS `+"`schema`"+`, t.table_name AS name, t.table_type AS type,
			COALESCE(e.transactions, '') = 'YES' AS transactional, COALESCE(t.table_rows, 0) AS `+"`rows`"+`,
			COALESCE((SELECT GROUP_CONCAT(DISTINCT COALESCE(p.partition_expression, ''), ' ', COALESCE(p.subpartition_expression, '')) FROM information_schema.partitions p
				WHERE p.table_schema = t.table_schema AND p.table_name = t.table_name AND p.partition_name IS NOT NULL), '') AS partitions
		FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine
		WHERE t.table_schema = ? AND t.table_name = ? AND t.table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
		ORDER BY BINARY t.table_name = BINARY ? DESC LIMIT 1`, schema, name, name)
	if errors.Is(err, sql.ErrNoRows) {
		return errNoTable
	}
	if err != nil {
		return err
	}
	m.Schema, m.Name, m.Full = row.Schema, row.Name, m.full(row.Schema, row.Name)
	m.View, m.Versioned = row.Type == "VIEW", row.Type == "SYSTEM VERSIONED"
	m.Transactional, m.Rows = row.Transactional, row.Rows
	m.PartitionBy = []string{row.Partitions}
	return nil
}

// readCreate reads what the server says of how the table was made: only there
// is a column's whole definition.
func (m *mysqlTable) readCreate() error {
	m.defs = map[string]string{}
	if m.View {
		return nil
	}
	var name, create string
	err := m.db.QueryRowContext(m.ctx, "SHOW CREATE TABLE "+m.quoted(m.Schema, m.Name)).Scan(&name, &create)
	if sqldb.Classify(err) == sqldb.Refused {
		m.Unseen = append(m.Unseen, "how columns are defined (no right to see how the table was made)")
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.SplitSeq(create, "\n") {
		column, ok := strings.CutPrefix(line, "  `")
		if !ok {
			continue
		}
		name, at := unquote("`"+column, 0, '`', false)
		m.defs[name] = strings.TrimSuffix(strings.TrimPrefix(("`" + column)[at:], " "), ",")
	}
	return nil
}

func (m *mysqlTable) readColumns() error {
	var rows []struct {
		Name, Type, Base string
		Width            int64
		Nullable         bool
		Default          sql.NullString
		Collation, Extra string
		Expression       string
		Next             int64
	}
	err := m.db.SelectContext(m.ctx, &rows, `SELECT /*+ SET_VAR(information_schema_stats_expiry = 0) */ c.column_name AS name, c.column_type AS type, c.data_type AS base,
			COALESCE(c.character_maximum_length, 0) AS width, c.is_nullable = 'YES' AS nullable, c.column_default AS `+"`default`"+`,
			COALESCE(c.collation_name, '') AS collation, c.extra AS extra, COALESCE(c.generation_expression, '') AS expression,
			IF(c.extra LIKE '%auto_increment%', LEAST(COALESCE(t.auto_increment, 1), 9223372036854775807), 0) AS next
		FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
		WHERE c.table_schema = ? AND c.table_name = ? ORDER BY c.ordinal_position`, m.Schema, m.Name)
	if err != nil {
		return err
	}
	for _, r := range rows {
		c := Column{
			Name: r.Name, Type: r.Type, Kind: mysqlKinds[r.Base], Nullable: r.Nullable, Collation: r.Collation,
			Default: m.defaultSQL(r.Default, r.Extra, r.Base), Generated: r.Expression, Counter: r.Next > 0, Next: r.Next,
			Padded: r.Base == "char", Definition: m.defs[r.Name],
		}
		if c.Kind == Text {
			c.Width = int(min(r.Width, math.MaxInt32))
			c.Folds, c.OnlyBlanks = mysqlFolds(r.Collation)
		}
		if _, after, ok := strings.Cut(strings.ToLower(r.Extra), "on update "); ok {
			c.OnUpdate = after
		}
		m.Columns = append(m.Columns, c)
	}
	for i := range m.Columns {
		if c := &m.Columns[i]; c.Generated != "" {
			c.Reads = m.mentioned(c.Generated)
		}
	}
	m.PartitionBy = m.mentioned(m.PartitionBy[0])
	return nil
}

// mysqlKinds are the kinds of types; others are Other. BINARY is one, for it
// fills up with zero bytes.
var mysqlKinds = map[string]ColumnKind{
	"char": Text, "varchar": Text, "tinytext": Text, "text": Text, "mediumtext": Text, "longtext": Text,
	"varbinary": Text, "tinyblob": Text, "blob": Text, "mediumblob": Text, "longblob": Text,
	"tinyint": Integer, "smallint": Integer, "mediumint": Integer, "int": Integer, "bigint": Integer,
	"decimal": Decimal, "uuid": UUID,
}

// mysqlFolds says what a collation takes for equal. Those of bytes pad with
// spaces still, but for a few; columns of bytes have none.
func mysqlFolds(collation string) (folds, onlyBlanks bool) {
	bytes := collation == "" || collation == "binary" || strings.HasSuffix(collation, "_bin")
	pads := collation != "" && collation != "binary" && !strings.Contains(collation, "nopad") && !strings.Contains(collation, "_0900_")
	return !bytes || pads, bytes && pads
}

// defaultSQL writes a default as SQL: MariaDB's catalog does, MySQL's has
// bare texts.
func (m *mysqlTable) defaultSQL(value sql.NullString, extra, base string) string {
	switch {
	case !value.Valid, m.server.mariaDB && value.String == "NULL":
		return ""
	case m.server.mariaDB, strings.Contains(extra, "DEFAULT_GENERATED"),
		strings.HasPrefix(strings.ToUpper(value.String), "CURRENT_TIMESTAMP"), strings.HasPrefix(value.String, "b'"),
		mysqlKinds[base] == Integer, mysqlKinds[base] == Decimal:
		return value.String
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(value.String) + "'"
}

func (m *mysqlTable) readIndexes() error {
	expression := "''"
	if m.server.since(8, 0, 13) {
		expression = "COALESCE(expression, '')"
	}
	var rows []struct {
		Name, Column, Expression string
		Prefix                   int
	}
	err := m.db.SelectContext(m.ctx, &rows, `SELECT index_name AS name, COALESCE(column_name, '') AS `+"`column`"+`, COALESCE(sub_part, 0) AS prefix, `+expression+` AS expression
		FROM information_schema.statistics WHERE table_schema = ? AND table_name = ? AND non_unique = 0
		ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index`, m.Schema, m.Name)
	if err != nil {
		return err
	}
	var parts []string
	for i, r := range rows {
		if i == 0 || rows[i-1].Name != r.Name {
			m.Unique = append(m.Unique, Index{Name: r.Name, Primary: r.Name == "PRIMARY"})
			parts = nil
		}
		u := &m.Unique[len(m.Unique)-1]
		switch {
		case r.Expression != "":
			u.Columns = append(u.Columns, m.mentioned(r.Expression)...)
			u.Condition = joinWords(u.Condition, "over "+r.Expression)
			parts = append(parts, "("+r.Expression+")")
		case r.Prefix > 0:
			u.Columns = append(u.Columns, r.Column)
			u.Condition = joinWords(u.Condition, fmt.Sprintf("over the first %d of %s", r.Prefix, r.Column))
			parts = append(parts, fmt.Sprintf("%s(%d)", sqldb.MySQL.Quote(r.Column), r.Prefix))
		default:
			u.Columns = append(u.Columns, r.Column)
			parts = append(parts, sqldb.MySQL.Quote(r.Column))
		}
		kind := "UNIQUE KEY " + sqldb.MySQL.Quote(r.Name)
		if u.Primary {
			kind = "PRIMARY KEY"
		}
		u.Create = "ALTER TABLE " + m.quoted(m.Schema, m.Name) + " ADD " + kind + " (" + strings.Join(parts, ", ") + ")"
	}
	return nil
}

func (m *mysqlTable) readForeignKeys() error {
	var rows []struct {
		Name, Schema, Table, Column  string
		ParentSchema, Parent, Refers string
		OnUpdate                     string `db:"on_update"`
		OnDelete                     string `db:"on_delete"`
	}
	err := m.db.SelectContext(m.ctx, &rows, `SELECT k.constraint_name AS name, k.table_schema AS `+"`schema`, k.table_name AS `table`, k.column_name AS `column`"+`,
			k.referenced_table_schema AS parentschema, k.referenced_table_name AS parent, k.referenced_column_name AS refers,
			r.update_rule AS on_update, r.delete_rule AS on_delete
		FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
			ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
		WHERE k.referenced_table_name IS NOT NULL
			AND (k.table_schema = ? AND k.table_name = ? OR k.referenced_table_schema = ? AND k.referenced_table_name = ?)
		ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position`, m.Schema, m.Name, m.Schema, m.Name)
	if err != nil {
		return err
	}
	for from := 0; from < len(rows); {
		r := rows[from]
		fk := ForeignKey{
			Name: r.Name, Table: m.full(r.Schema, r.Table), Parent: m.full(r.ParentSchema, r.Parent),
			OnUpdate: r.OnUpdate, OnDelete: r.OnDelete, Enforced: m.server.ForeignKeys, Checked: true,
		}
		for ; from < len(rows) && rows[from].Name == r.Name && rows[from].Schema == r.Schema && rows[from].Table == r.Table; from++ {
			fk.Columns = append(fk.Columns, rows[from].Column)
			fk.Refers = append(fk.Refers, rows[from].Refers)
		}
		alter := "ALTER TABLE " + m.quoted(r.Schema, r.Table)
		name := sqldb.MySQL.Quote(r.Name)
		fk.Drop = alter + " DROP FOREIGN KEY " + name
		fk.Create = alter + " ADD CONSTRAINT " + name + " FOREIGN KEY " + quoteAll(sqldb.MySQL, fk.Columns) + " REFERENCES " +
			m.quoted(r.ParentSchema, r.Parent) + " " + quoteAll(sqldb.MySQL, fk.Refers) + " ON UPDATE " + r.OnUpdate + " ON DELETE " + r.OnDelete
		if m.is(r.Schema, r.Table) {
			m.Foreign = append(m.Foreign, fk)
		}
		if m.is(r.ParentSchema, r.Parent) {
			m.Referred = append(m.Referred, fk)
		}
	}
	return nil
}

func (m *mysqlTable) readTriggers() error {
	err := m.db.SelectContext(m.ctx, &m.Triggers, `SELECT trigger_name AS name, CONCAT(action_timing, ' ', event_manipulation) AS event
		FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ? AND event_manipulation IN ('INSERT', 'UPDATE')
		ORDER BY trigger_name`, m.Schema, m.Name)
	return err
}

// readViews searches the definitions of views, for the catalog has nothing
// else that every server knows.
func (m *mysqlTable) readViews() error {
	var rows []struct{ Schema, Name, Definition string }
	err := m.db.SelectContext(m.ctx, &rows, `SELECT table_schema AS `+"`schema`"+`, table_name AS name, COALESCE(view_definition, '') AS definition
		FROM information_schema.views WHERE table_schema = ? OR view_definition LIKE CONCAT('%', ?, '%')
		ORDER BY table_schema, table_name`, m.Schema, likeText(sqldb.MySQL.Quote(m.Schema)))
	var views []definedView
	hidden := 0
	for _, r := range rows {
		if r.Schema == m.Schema && r.Name == m.Name {
			continue
		}
		if r.Definition == "" {
			hidden++
		}
		views = append(views, definedView{schema: r.Schema, name: r.Name, full: m.full(r.Schema, r.Name), tokens: sqlTokens(sqldb.MySQL, r.Definition)})
	}
	if hidden > 0 {
		m.Unseen = append(m.Unseen, fmt.Sprintf("what %d views read (the privilege SHOW VIEW is missing)", hidden))
	}
	m.Views = readers(sqldb.MySQL, m.Schema, m.Name, views)
	return err
}

// likeText makes a text mean itself in a LIKE.
func likeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s)
}

func (m *mysqlTable) readChecks() error {
	query := `SELECT constraint_name AS name, check_clause AS expression, level = 'Column' AS inline, TRUE AS enforced
		FROM information_schema.check_constraints WHERE constraint_schema = ? AND table_name = ? ORDER BY constraint_name`
	switch {
	case m.server.since(8, 0, 16):
		query = `SELECT c.constraint_name AS name, c.check_clause AS expression, FALSE AS inline, t.enforced = 'YES' AS enforced
			FROM information_schema.check_constraints c JOIN information_schema.table_constraints t
				ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK'
			WHERE t.table_schema = ? AND t.table_name = ? ORDER BY c.constraint_name`
	case !m.server.mariaDB:
		return nil
	}
	var rows []struct {
		Name, Expression string
		Inline, Enforced bool
	}
	if err := m.db.SelectContext(m.ctx, &rows, query, m.Schema, m.Name); err != nil {
		return err
	}
	for _, r := range rows {
		c := Check{Name: r.Name, Expression: r.Expression, Columns: m.mentioned(r.Expression)}
		alter := "ALTER TABLE " + m.quoted(m.Schema, m.Name)
		name := sqldb.MySQL.Quote(r.Name)
		switch {
		case r.Inline:
			c.Columns = []string{r.Name}
			c.Create, c.Drop = inlineCheck(alter, name, m.defs[r.Name], r.Expression)
		case m.server.mariaDB:
			c.Drop = alter + " DROP CONSTRAINT " + name
		default:
			c.Drop = alter + " DROP CHECK " + name
		}
		if !r.Inline {
			c.Create = alter + " ADD CONSTRAINT " + name + " CHECK (" + r.Expression + ")"
			if !r.Enforced {
				c.Create += " NOT ENFORCED"
			}
		}
		m.Checks = append(m.Checks, c)
	}
	return nil
}

// inlineCheck are the statements for a check within a column's definition,
// which nothing but another definition takes away.
func inlineCheck(alter, column, definition, expression string) (create, drop string) {
	without, ok := strings.CutSuffix(definition, " CHECK ("+expression+")")
	if !ok {
		return "", ""
	}
	alter += " MODIFY " + column + " "
	return alter + definition, alter + without
}

// readRights tells what a user of few rights is not shown.
func (m *mysqlTable) readRights() error {
	var rights struct{ Triggers, Whole bool }
	err := m.db.GetContext(m.ctx, &rights, `SELECT
		EXISTS (SELECT 1 FROM information_schema.user_privileges WHERE privilege_type = 'TRIGGER') OR
		EXISTS (SELECT 1 FROM information_schema.schema_privileges WHERE privilege_type = 'TRIGGER' AND ? LIKE table_schema) OR
		EXISTS (SELECT 1 FROM information_schema.table_privileges WHERE privilege_type = 'TRIGGER' AND table_schema = ? AND table_name = ?) AS triggers,
		EXISTS (SELECT 1 FROM information_schema.user_privileges WHERE privilege_type = 'SELECT') OR
		EXISTS (SELECT 1 FROM information_schema.schema_privileges WHERE privilege_type = 'SELECT' AND ? LIKE table_schema) OR
		EXISTS (SELECT 1 FROM information_schema.table_privileges WHERE privilege_type = 'SELECT' AND table_schema = ? AND table_name = ?) AS whole`,
		m.Schema, m.Schema, m.Name, m.Schema, m.Schema, m.Name)
	if !rights.Triggers {
		m.Unseen = append(m.Unseen, "triggers (the privilege TRIGGER is missing)")
	}
	if !rights.Whole {
		m.Unseen = append(m.Unseen, "columns that we have no right to read, and foreign keys over them")
	}
	return err
}
