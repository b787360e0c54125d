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
