package rewrite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
		p.readDefinitions, p.readColumns, p.readUsers, p.readIndexes, p.readIndexed, p.readConstraints, p.readTriggers, p.readViews, p.readCounters, p.readRows,
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
