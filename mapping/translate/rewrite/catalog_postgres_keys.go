package rewrite

import (
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

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

func (p *postgresTable) readIndexed() error {
	var rows []struct{ Index, Expression string }
	err := p.tx.SelectContext(p.ctx, &rows, `WITH own AS (
			SELECT i.*, c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1)
		SELECT name AS index, pg_get_expr(indpred, indrelid) AS expression FROM own WHERE indpred IS NOT NULL
		UNION ALL
		SELECT name, pg_get_indexdef(indexrelid, pos, true) FROM own, generate_series(1, indnkeyatts) pos WHERE indkey[pos - 1] = 0
		ORDER BY 1, 2`, p.oid)
	for _, r := range rows {
		p.Indexed = append(p.Indexed, Indexed{r.Index, r.Expression, p.mentioned(r.Expression)})
	}
	return err
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
		SELECT 'comment', objoid::text, description FROM pg_description WHERE classoid = 'pg_constraint'::regclass
			AND objoid IN (SELECT oid FROM pg_constraint WHERE conrelid = $1 OR confrelid = $1)
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
	d, id := sqldb.Postgres, strconv.FormatInt(oid, 10)
	on := d.Quote(schema) + "." + d.Quote(table)
	name = d.Quote(name)
	create = "ALTER TABLE " + on + " ADD CONSTRAINT " + name + " " + p.defs[[2]string{"constraint", id}]
	if comment := p.defs[[2]string{"comment", id}]; comment != "" {
		create += "; COMMENT ON CONSTRAINT " + name + " ON " + on + " IS " + literal(d, comment)
	}
	return create, "ALTER TABLE " + on + " DROP CONSTRAINT " + name
}
