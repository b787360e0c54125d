package rewrite

import (
	"strings"

	"github.com/lib/pq"
)

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
