package rewrite

import (
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// text is a column of the reference's table as text, exact to the byte.
func (l *look) text(c *Column) string { return exact(l.db.Dialect, c, l.db.Dialect.Quote(c.Name)) }

// binaryType reports whether a column of MySQL holds bytes.
func binaryType(typ string) bool {
	typ = strings.ToLower(typ)
	return strings.Contains(typ, "binary") || strings.Contains(typ, "blob")
}

// firstKey is the key of the first row of a group, for people: id=7.
func firstKey(d sqldb.Dialect, t *Table) string {
	if len(t.Key) == 0 {
		if t.RowID == "" {
			return "''"
		}
		return labelled(d, t.RowID, "MIN("+t.RowID+")")
	}
	if len(t.Key) == 1 {
		c, _ := t.Column(t.Key[0])
		name := d.Quote(c.Name)
		if c.Kind != Integer {
			name = asText(d, name)
		}
		return labelled(d, c.Name, "MIN("+name+")")
	}
	return "MIN(" + keyText(d, t) + ")"
}

// keyText is the key of a row, for people: order_id=5, line=2.
func keyText(d sqldb.Dialect, t *Table) string {
	if len(t.Key) == 0 {
		if t.RowID == "" {
			return "''"
		}
		return labelled(d, t.RowID, t.RowID)
	}
	parts := make([]string, len(t.Key))
	for i, k := range t.Key {
		label := k
		if i > 0 {
			label = ", " + k
		}
		parts[i] = labelled(d, label, d.Quote(k))
	}
	return concat(d, parts...)
}

// labelled puts a name before a value: name=value.
func labelled(d sqldb.Dialect, label, expr string) string {
	return concat(d, literal(d, label+"="), asText(d, expr))
}

// asText makes text of an expression.
func asText(d sqldb.Dialect, expr string) string {
	if d == sqldb.MySQL {
		return "CAST(" + expr + " AS CHAR)"
	}
	return "CAST(" + expr + " AS TEXT)"
}

// concat joins texts.
func concat(d sqldb.Dialect, parts ...string) string {
	if d == sqldb.MySQL {
		return "CONCAT(" + strings.Join(parts, ", ") + ")"
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

// literal writes a text for a place where a parameter would have no type, such
// as a name of the database's own.
func literal(d sqldb.Dialect, s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\x00", ""), "'", "''")
	if d == sqldb.MySQL {
		s = strings.ReplaceAll(s, `\`, `\\`)
	}
	return "'" + s + "'"
}

// condition is the WHERE of conditions that all must be met. Each may end in a
// comment.
func condition(conditions ...string) string {
	var list []string
	for _, c := range conditions {
		if strings.TrimSpace(c) != "" {
			list = append(list, "("+c+"\n)")
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(list, " AND ")
}

// placeholders are n parameters.
func placeholders(d sqldb.Dialect, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = d.Placeholder(i + 1)
	}
	return strings.Join(list, ", ")
}
