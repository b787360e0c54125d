package rewrite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// postgresTable reads one table for [Inspect].
type postgresTable struct {
	ctx          context.Context
	tx           *sqldb.Tx
	oid          int64
	searchPath   string
	children     bool // other tables inherit from it, whose rows it shows as its own
	partitionKey string
	defs         map[[2]string]string // by kind and name; constraints by their oid
	*Table
}

// inspectPostgres reads in one transaction, which sees one state of the
// catalog and in which the search path can be changed.
func inspectPostgres(ctx context.Context, db *sqldb.DB, table string) (*Table, error) {
	tx, err := db.Begin(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	p := &postgresTable{ctx: ctx, tx: tx, Table: &Table{Dialect: db.Dialect, Transactional: true}}
	for _, read := range []func() error{
		func() error { return p.readTable(table) },
		p.readDefinitions, p.readColumns, p.readUsers, p.readIndexes, p.readConstraints, p.readTriggers, p.readViews, p.readCounters, p.readRows,
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return p.Table, nil
}

const postgresTableQuery = `SELECT c.oid, n.nspname AS schema, c.relname AS name, pg_table_is_visible(c.oid) AS visible,
		c.relkind IN ('v', 'm') AS view, row_security_active(c.oid) AS row_security,
		concat(pg_get_partkeydef(c.oid), ' ', pg_get_partition_constraintdef(c.oid)) AS partition_key, current_setting('search_path') AS search_path,
		c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) AS children
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'v', 'm', 'f', 'p')`

func (p *postgresTable) readTable(table string) error {
	var row struct {
		OID          int64
		Schema, Name string
		Visible      bool
		View         bool
		RowSecurity  bool   `db:"row_security"`
		PartitionKey string `db:"partition_key"`
		SearchPath   string `db:"search_path"`
		Children     bool
	}
	err := p.tx.GetContext(p.ctx, &row, postgresTableQuery, sqldb.Postgres.Table(table))
	if errors.Is(err, sql.ErrNoRows) {
		return errNoTable
	}
	if err != nil {
		return err
	}
	p.oid, p.searchPath, p.partitionKey, p.children = row.OID, row.SearchPath, row.PartitionKey, row.Children
	p.Schema, p.Name, p.View, p.RowSecurity = row.Schema, row.Name, row.View, row.RowSecurity
	p.Full = postgresName(row.Schema, row.Name, row.Visible)
	return nil
}

// postgresName is a table's name, with its schema unless the search path
// leads to it.
func postgresName(schema, name string, visible bool) string {
	if visible {
		schema = ""
	}
	return sqldb.Postgres.TableName(schema, name)
}

// postgresColumnQuery follows domains down to what they are made of.
const postgresColumnQuery = `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, b.typname AS base, b.typmod,
		NOT (a.attnotnull OR b.filled) AS nullable, a.attgenerated <> '' AS generated, a.attidentity <> '' AS identity,
		COALESCE(co.collname, '') AS collation, COALESCE(co.collisdeterministic, true) AS deterministic, b.checks
	FROM pg_attribute a
	CROSS JOIN LATERAL (WITH RECURSIVE base AS (
			SELECT t.oid, t.typname, t.typtype, t.typbasetype, a.atttypmod AS typmod, t.typnotnull AS filled, t.typtypmod, ARRAY[t.oid] AS path
				FROM pg_type t WHERE t.oid = a.atttypid
			UNION ALL
			SELECT t.oid, t.typname, t.typtype, t.typbasetype, base.typtypmod, base.filled OR t.typnotnull, t.typtypmod, base.path || t.oid
				FROM base JOIN pg_type t ON t.oid = base.typbasetype WHERE base.typtype = 'd')
		SELECT typname, typmod, filled,
			ARRAY(SELECT c.conname || E'\n' || pg_get_constraintdef(c.oid) FROM pg_constraint c
				WHERE c.contypid = ANY (base.path) AND c.contype = 'c' ORDER BY 1) AS checks
			FROM base WHERE typtype <> 'd') b
	LEFT JOIN pg_collation co ON co.oid = a.attcollation AND co.collname <> 'default'
	WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

func (p *postgresTable) readColumns() error {
	var rows []struct {
		Name, Type, Base              string
		TypMod                        int
		Nullable, Generated, Identity bool
		Collation                     string
		Deterministic                 bool
		Checks                        pq.StringArray
	}
	if err := p.tx.SelectContext(p.ctx, &rows, postgresColumnQuery, p.oid); err != nil {
		return err
	}
	for _, r := range rows {
		c := Column{
			Name: r.Name, Type: r.Type, Nullable: r.Nullable, Collation: r.Collation, Counter: r.Identity,
			Kind: postgresKinds[r.Base], Folds: !r.Deterministic,
		}
		if def := p.defs[[2]string{"column", r.Name}]; r.Generated {
			c.Generated = def
		} else {
			c.Default = def
		}
		switch r.Base {
		case "varchar", "bpchar":
			c.Width = max(0, r.TypMod-4)
			c.Padded = r.Base == "bpchar"
			c.OnlyBlanks = c.Padded && !c.Folds
			c.Folds = c.Folds || c.Padded
		case "name":
			c.Width = 63
		case "citext":
			c.Folds = true
		}
		p.Columns = append(p.Columns, c)
		for _, check := range r.Checks {
			name, expression, _ := strings.Cut(check, "\n")
			p.Checks = append(p.Checks, Check{Name: name, Expression: expression, Columns: []string{r.Name}})
		}
	}
	p.PartitionBy = p.mentioned(p.partitionKey)
	for i := range p.Columns {
		if c := &p.Columns[i]; c.Generated != "" {
			c.Reads = p.mentioned(c.Generated)
		}
	}
	return nil
}

// postgresKinds are the kinds of types; others are Other.
var postgresKinds = map[string]ColumnKind{
	"text": Text, "varchar": Text, "bpchar": Text, "citext": Text, "name": Text,
	"int2": Integer, "int4": Integer, "int8": Integer, "numeric": Decimal, "uuid": UUID,
}

// readUsers reads what stands in the way of another type for a column.
func (p *postgresTable) readUsers() error {
	var rows []struct{ Name, By string }
	err := p.tx.SelectContext(p.ctx, &rows, `SELECT DISTINCT a.attname AS name, pg_describe_object(d.classid, d.objid, 0) AS by
		FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
		WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND d.refobjsubid > 0 AND d.classid IN
			('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_publication_rel'::regclass, 'pg_proc'::regclass)
			AND NOT EXISTS (SELECT FROM pg_trigger t WHERE d.classid = 'pg_trigger'::regclass AND t.oid = d.objid AND t.tgisinternal)
			AND NOT EXISTS (SELECT FROM pg_rewrite r WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.ev_class = $1 AND r.rulename = '_RETURN')
		ORDER BY 1, 2`, p.oid)
	for _, r := range rows {
		by := strings.TrimPrefix(r.By, "rule _RETURN on ")
		p.setColumn(r.Name, func(c *Column) { c.UsedBy = append(c.UsedBy, by) })
	}
	return err
}

// postgresIndexQuery reads unique indexes and exclusion constraints. The
// columns of an index over expressions are to be read from its parts.
const postgresIndexQuery = `SELECT ic.relname AS name, i.indisprimary AS primary, COALESCE(pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
		ARRAY(SELECT COALESCE(a.attname, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, pos)
			LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num AND k.num > 0
			WHERE k.pos <= i.indnkeyatts ORDER BY k.pos)::text[] AS columns,
		ARRAY(SELECT pg_get_indexdef(i.indexrelid, pos, true) FROM generate_series(1, i.indnkeyatts) pos ORDER BY pos) AS parts,
		i.indisexclusion AS exclusion, i.indisvalid AS valid, COALESCE(con.oid, 0) AS constraint
	FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
	LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x') AND con.conrelid = i.indrelid
	WHERE i.indrelid = $1 AND (i.indisunique OR i.indisexclusion) ORDER BY i.indisprimary DESC, ic.relname`

func (p *postgresTable) readIndexes() error {
	var rows []struct {
		Name             string
		Primary          bool
		Predicate        string
		Columns, Parts   pq.StringArray
		Exclusion, Valid bool
		Constraint       int64
	}
	if err := p.tx.SelectContext(p.ctx, &rows, postgresIndexQuery, p.oid); err != nil {
		return err
	}
	for _, r := range rows {
		u := Index{Name: r.Name, Primary: r.Primary, Create: p.defs[[2]string{"index", r.Name}]}
		if r.Constraint != 0 {
			u.Create, _ = p.constraint(r.Constraint, p.Schema, p.Name, r.Name)
		}
		var conditions []string
		for i, name := range r.Columns {
			if name != "" {
				u.Columns = append(u.Columns, name)
				continue
			}
			conditions = append(conditions, "over "+r.Parts[i])
			u.Columns = append(u.Columns, p.mentioned(r.Parts[i])...)
		}
		switch {
		case r.Exclusion:
			conditions = []string{p.defs[[2]string{"constraint", strconv.FormatInt(r.Constraint, 10)}]}
		case r.Predicate != "":
			conditions = append(conditions, "where "+r.Predicate)
		}
		if !r.Valid {
			conditions = append(conditions, "not valid")
		}
		if p.children {
			conditions = append(conditions, "not over the tables that inherit from it")
		}
		u.Condition = strings.Join(conditions, " ")
		p.Unique = append(p.Unique, u)
	}
	return nil
}

const postgresConstraintQuery = `SELECT con.oid, con.conname AS name, con.contype AS type, con.conrelid = $1 AS ours, con.confrelid = $1 AS to_us,
		COALESCE(con.conparentid, 0) <> 0 OR NOT con.conislocal AND con.coninhcount > 0 AS inherited, con.convalidated AS checked, con.condeferrable AS deferrable,
		cn.nspname AS child_schema, c.relname AS child, pg_table_is_visible(c.oid) AS child_visible,
		COALESCE(pn.nspname, '') AS parent_schema, COALESCE(pc.relname, '') AS parent, COALESCE(pg_table_is_visible(pc.oid), false) AS parent_visible,
		ARRAY(SELECT a.attname FROM unnest(con.conkey) WITH ORDINALITY k(num, pos) JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.num ORDER BY k.pos)::text[] AS columns,
		ARRAY(SELECT a.attname FROM unnest(con.confkey) WITH ORDINALITY k(num, pos) JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.num ORDER BY k.pos)::text[] AS refers,
		con.confupdtype AS on_update, con.confdeltype AS on_delete, COALESCE(pg_get_expr(con.conbin, con.conrelid), '') AS expression,
		EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = con.oid AND t.tgenabled IN ('D', 'R')) OR COALESCE(to_jsonb(con)->>'conenforced' = 'false', false) AS disabled
	FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
	LEFT JOIN pg_class pc ON pc.oid = con.confrelid LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
	LEFT JOIN pg_constraint up ON up.oid = con.conparentid
	WHERE con.contype = 'f' AND (con.conrelid = $1 AND (up.oid IS NULL OR up.conrelid <> $1) OR con.confrelid = $1 AND (up.oid IS NULL OR up.confrelid <> $1))
		OR con.contype = 'c' AND con.conrelid = $1
	ORDER BY cn.nspname, c.relname, con.conname`

// postgresConstraint is a foreign key or a check of the catalog.
type postgresConstraint struct {
	OID               int64
	Name, Type        string
	Ours              bool
	ToUs              bool `db:"to_us"`
	Inherited         bool
	Checked, Disabled bool
	Deferrable        bool
	ChildSchema       string `db:"child_schema"`
	Child             string
	ChildVisible      bool   `db:"child_visible"`
	ParentSchema      string `db:"parent_schema"`
	Parent            string
	ParentVisible     bool `db:"parent_visible"`
	Columns, Refers   pq.StringArray
	OnUpdate          string `db:"on_update"`
	OnDelete          string `db:"on_delete"`
	Expression        string
}

func (p *postgresTable) readConstraints() error {
	var rows []postgresConstraint
	if err := p.tx.SelectContext(p.ctx, &rows, postgresConstraintQuery, p.oid); err != nil {
		return err
	}
	for _, r := range rows {
		create, drop := "", ""
		if !r.Inherited {
			create, drop = p.constraint(r.OID, r.ChildSchema, r.Child, r.Name)
		}
		if r.Type == "c" {
			p.Checks = append(p.Checks, Check{Name: r.Name, Expression: r.Expression, Columns: r.Columns, Create: create, Drop: drop})
			continue
		}
		fk := ForeignKey{
			Name: r.Name, Columns: r.Columns, Refers: r.Refers, Create: create, Drop: drop,
			Table:    postgresName(r.ChildSchema, r.Child, r.ChildVisible),
			Parent:   postgresName(r.ParentSchema, r.Parent, r.ParentVisible),
			OnUpdate: postgresActions[r.OnUpdate], OnDelete: postgresActions[r.OnDelete],
			Enforced: !r.Disabled, Checked: r.Checked, Deferrable: r.Deferrable,
		}
		if r.Ours {
			p.Foreign = append(p.Foreign, fk)
		}
		if r.ToUs {
			p.Referred = append(p.Referred, fk)
		}
	}
	return nil
}

var postgresActions = map[string]string{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

// readDefinitions reads how things are made, as the catalog writes it when the
// search path leads nowhere: every name with its schema, so that it means the
// same under any search path.
func (p *postgresTable) readDefinitions() error {
	if _, err := p.tx.ExecContext(p.ctx, "SELECT set_config('search_path', 'pg_catalog', true)"); err != nil {
		return err
	}
	var rows []struct{ Kind, Name, Def string }
	err := p.tx.SelectContext(p.ctx, &rows, `SELECT 'column' AS kind, a.attname AS name, pg_get_expr(d.adbin, d.adrelid) AS def
			FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = $1
		UNION ALL
		SELECT 'constraint', oid::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1 OR confrelid = $1
		UNION ALL
		SELECT 'index', c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1`, p.oid)
	if err != nil {
		return err
	}
	p.defs = map[[2]string]string{}
	for _, r := range rows {
		p.defs[[2]string{r.Kind, r.Name}] = r.Def
	}
	_, err = p.tx.ExecContext(p.ctx, "SELECT set_config('search_path', $1, true)", p.searchPath)
	return err
}

// constraint is the statement that makes a constraint of the catalog again.
func (p *postgresTable) constraint(oid int64, schema, table, name string) (create, drop string) {
	alter := "ALTER TABLE " + sqldb.Postgres.Quote(schema) + "." + sqldb.Postgres.Quote(table)
	name = sqldb.Postgres.Quote(name)
	return alter + " ADD CONSTRAINT " + name + " " + p.defs[[2]string{"constraint", strconv.FormatInt(oid, 10)}],
		alter + " DROP CONSTRAINT " + name
}

func (p *postgresTable) readTriggers() error {
	var rows []struct {
		Name     string
		Type     int
		Columns  pq.StringArray
		Disabled bool
		Rule     string
	}
	err := p.tx.SelectContext(p.ctx, &rows, `SELECT t.tgname AS name, t.tgtype AS type, t.tgenabled IN ('D', 'R') AS disabled, '' AS rule,
			ARRAY(SELECT a.attname FROM unnest(t.tgattr::int2[]) WITH ORDINALITY k(num, pos) JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = k.num ORDER BY k.pos)::text[] AS columns
			FROM pg_trigger t WHERE t.tgrelid = $1 AND NOT t.tgisinternal AND t.tgtype & 20 <> 0
		UNION ALL
		SELECT r.rulename, 0, r.ev_enabled IN ('D', 'R'), CASE r.ev_type WHEN '2' THEN 'RULE UPDATE' ELSE 'RULE INSERT' END, '{}'
			FROM pg_rewrite r WHERE r.ev_class = $1 AND r.rulename <> '_RETURN' AND r.ev_type IN ('2', '3')
		ORDER BY 1`, p.oid)
	for _, r := range rows {
		t := Trigger{Name: r.Name, Event: r.Rule, Disabled: r.Disabled}
		if len(r.Columns) > 0 {
			t.Columns = r.Columns
		}
		if t.Event == "" {
			t.Event = postgresEvent(r.Type)
		}
		p.Triggers = append(p.Triggers, t)
	}
	return err
}

// postgresEvent writes out the bits of a trigger's type.
func postgresEvent(bits int) string {
	when := "AFTER"
	switch {
	case bits&2 != 0:
		when = "BEFORE"
	case bits&64 != 0:
		when = "INSTEAD OF"
	}
	var events []string
	for _, e := range []struct {
		bit  int
		name string
	}{{4, "INSERT"}, {8, "DELETE"}, {16, "UPDATE"}} {
		if bits&e.bit != 0 {
			events = append(events, e.name)
		}
	}
	return when + " " + strings.Join(events, " OR ")
}

func (p *postgresTable) readViews() error {
	var rows []struct {
		Schema, Name string
		Visible      bool
	}
	err := p.tx.SelectContext(p.ctx, &rows, `WITH RECURSIVE reader AS (
			SELECT $1::oid AS oid
			UNION
			SELECT r.ev_class FROM reader JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = reader.oid AND d.classid = 'pg_rewrite'::regclass
				JOIN pg_rewrite r ON r.oid = d.objid AND r.rulename = '_RETURN')
		SELECT n.nspname AS schema, c.relname AS name, pg_table_is_visible(c.oid) AS visible
		FROM reader JOIN pg_class c ON c.oid = reader.oid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid <> $1 ORDER BY 1, 2`, p.oid)
	for _, r := range rows {
		p.Views = append(p.Views, postgresName(r.Schema, r.Name, r.Visible))
	}
	return err
}

// readCounters finds the sequences behind identity and serial columns and
// what they give next.
func (p *postgresTable) readCounters() error {
	var rows []struct {
		Column, Sequence string
		Step             int64
		Readable         bool
	}
	err := p.tx.SelectContext(p.ctx, &rows, `SELECT DISTINCT a.attname AS column, quote_ident(n.nspname) || '.' || quote_ident(s.relname) AS sequence,
			q.seqincrement AS step, has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(s.oid, 'SELECT') AS readable
		FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
		JOIN pg_depend d ON f.oid IS NOT NULL AND d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass
		JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S' JOIN pg_sequence q ON q.seqrelid = s.oid JOIN pg_namespace n ON n.oid = s.relnamespace
		WHERE a.attrelid = $1
		UNION
		SELECT a.attname, quote_ident(n.nspname) || '.' || quote_ident(s.relname), q.seqincrement,
			has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(s.oid, 'SELECT')
		FROM pg_attribute a JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
			AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype = 'i'
		JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_sequence q ON q.seqrelid = s.oid JOIN pg_namespace n ON n.oid = s.relnamespace
		WHERE a.attrelid = $1 AND a.attidentity <> '' ORDER BY 1, 2`, p.oid)
	if err != nil {
		return err
	}
	var queries []string
	var args []any
	for _, r := range rows {
		p.setColumn(r.Column, func(c *Column) { c.Counter = true })
		if !r.Readable {
			p.Unseen = append(p.Unseen, "the next number of "+r.Column+" (no right to read sequence "+r.Sequence+")")
			continue
		}
		queries = append(queries, fmt.Sprintf("SELECT $%d AS column, CASE WHEN is_called THEN LEAST(last_value::numeric + $%d, 9223372036854775807)::bigint ELSE last_value END AS next FROM %s",
			len(args)+1, len(args)+2, r.Sequence))
		args = append(args, r.Column, r.Step)
	}
	if len(queries) == 0 {
		return nil
	}
	var next []struct {
		Column string
		Next   int64
	}
	err = p.tx.SelectContext(p.ctx, &next, strings.Join(queries, " UNION ALL "), args...)
	for _, n := range next {
		p.setColumn(n.Column, func(c *Column) { c.Next = n.Next })
	}
	return err
}

// readRows takes the planner's estimate, which knows how much a table has
// grown since it was analysed. It comes last: without the right to read the
// table the transaction is over.
func (p *postgresTable) readRows() error {
	var known struct {
		Empty, Local, Readable bool
		Rows                   float64
	}
	err := p.tx.GetContext(p.ctx, &known, `SELECT relkind IN ('r', 'm') AND pg_relation_size(oid) = 0 OR relkind = 'v' AS empty, relkind <> 'f' AS local,
		reltuples AS rows, has_any_column_privilege(oid, 'SELECT') AND has_schema_privilege(relnamespace, 'USAGE') AS readable FROM pg_class WHERE oid = $1`, p.oid)
	switch {
	case err != nil || known.Empty:
		return err
	case !known.Local:
		p.Rows = max(0, int64(known.Rows))
		return nil
	case !known.Readable:
		p.Rows = max(0, int64(known.Rows))
		p.Unseen = append(p.Unseen, "rows (no right to read the table)")
		return nil
	}
	lines, err := p.tx.QueryxContext(p.ctx, "EXPLAIN SELECT FROM "+sqldb.Postgres.Quote(p.Schema)+"."+sqldb.Postgres.Quote(p.Name))
	if err != nil {
		return err
	}
	defer func() { _ = lines.Close() }()
	if lines.Next() {
		var line string
		if err := lines.Scan(&line); err != nil {
			return err
		}
		if _, after, ok := strings.Cut(line, " rows="); ok {
			_, _ = fmt.Sscanf(after, "%d", &p.Rows)
		}
	}
	return lines.Err()
}
