package rewrite

import (
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

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
