package rewrite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// inPlaceHint is what helps where a reference itself cannot change.
const inPlaceHint = "write the canonical IDs into a column of their own: write: %s_canonical"

// findInColumn tells why a reference that is rewritten in place does not take
// canonical IDs as it is.
func (l *look) findInColumn() {
	if l.separate() {
		return
	}
	if len(l.columns) > 1 {
		l.add("composite_in_place", Blocks, fmt.Sprintf(inPlaceHint, l.columns[0].Name),
			"one canonical ID cannot take the place of %d columns", len(l.columns))
		return
	}
	c := &l.columns[0]
	if c.Generated != "" {
		l.add("column_generated", Blocks, "rewrite the columns that it is made of", "%s is generated as %s", c.Name, c.Generated)
		return
	}
	l.fit(c, "column")
}

// findInTarget tells why a column of its own does not take canonical IDs.
func (l *look) findInTarget() {
	if !l.separate() {
		return
	}
	name := l.ref.Target()
	switch {
	case l.target == nil && l.Table.View:
	case l.target == nil:
		l.add("target_missing", NeedDDL, "", "%s has no column %s yet", l.ref.Table, name)
	case l.target.Generated != "":
		l.add("target_generated", Blocks, "name another column", "%s is generated as %s", name, l.target.Generated)
	default:
		l.fit(l.target, "target")
	}
	if l.occupied.rows == 0 {
		return
	}
	severity, hint := Note, "they are written over, and the journal keeps them"
	if l.isKey(name) {
		severity, hint = Blocks, "name another column: this one is a key"
	}
	l.add("target_occupied", severity, hint, "%s holds something else in %s of %s: %s",
		name, number(l.occupied.rows, "row", "rows"), l.ref.Table, l.occupied.String())
}

// isKey reports whether a column is part of a key of the table, or of a
// foreign key in either direction.
func (l *look) isKey(column string) bool {
	t := l.Table
	return slices.ContainsFunc(t.Unique, func(u Index) bool { return l.anySame(u.Columns, column) }) ||
		slices.ContainsFunc(t.Foreign, func(f ForeignKey) bool { return l.anySame(f.Columns, column) }) ||
		slices.ContainsFunc(t.Referred, func(f ForeignKey) bool { return l.anySame(f.Refers, column) })
}

// fit tells why a column does not take the new texts. Its type can be changed,
// but for what depends on it.
func (l *look) fit(c *Column, what string) {
	if l.Widest == 0 {
		return
	}
	code, detail := "", ""
	switch c.Kind {
	case Text, Any:
		if c.Width > 0 && l.Widest > c.Width {
			code, detail = what+"_narrow", fmt.Sprintf("%s is %s, the longest new text has %d characters", c.Name, c.Type, l.Widest)
		}
	case Integer, Decimal:
		if why := l.made.notNumber(c); why != "" {
			code, detail = what+"_type", fmt.Sprintf("%s is %s, and %s", c.Name, c.Type, why)
		}
	default:
		code, detail = what+"_type", fmt.Sprintf("%s is %s, which does not take %s", c.Name, c.Type, l.sample.new)
	}
	if why := l.made.altered(c); code == "" && why != "" {
		code, detail = what+"_type", fmt.Sprintf("%s is %s, and %s", c.Name, c.Type, why)
	}
	if code == "" {
		if c.Padded && l.db.Dialect == sqldb.Postgres && c.Width > l.made.narrowest {
			l.add(what+"_padded", Note, "", "%s is %s: programs get shorter texts back with spaces behind them", c.Name, c.Type)
		}
		return
	}
	l.change(c, code, detail)
}

// change tells of a column whose type has to change, and whether it can.
func (l *look) change(c *Column, code, detail string) {
	other := fmt.Sprintf(inPlaceHint, l.columns[0].Name)
	switch {
	case l.db.Dialect == sqldb.SQLite:
		l.add(code, Blocks, other, "%s; SQLite cannot change the type of a column", detail)
		return
	case c.Counter:
		l.add(code, Blocks, other, "%s; the database itself gives this column its numbers", detail)
		return
	case l.anySame(l.Table.PartitionBy, c.Name):
		l.add(code, Blocks, other, "%s; rows are partitioned by it", detail)
		return
	}
	l.add(code, NeedDDL, "--allow-ddl widens the column, or "+other, "%s", detail)
	if len(c.UsedBy) > 0 {
		l.add("view_depends", Blocks, "drop what uses the column and make it again afterwards, or "+other,
			"PostgreSQL does not change the type of %s while it is used by %s", c.Name, strings.Join(c.UsedBy, ", "))
	}
	if l.db.Dialect != sqldb.Postgres {
		return
	}
	for _, g := range l.Table.Columns {
		if l.anySame(g.Reads, c.Name) {
			l.add("generated_depends", Blocks, "drop the generated column and make it again afterwards, or "+other,
				"PostgreSQL does not change the type of %s while the column %s is generated from it", c.Name, g.Name)
		}
	}
}

const maxInt64 = "9223372036854775807"

// limits are the largest numbers of integer types, by how they begin.
var limits = []struct{ typ, signed, unsigned string }{
	{"tinyint", "127", "255"},
	{"smallint", "32767", "65535"},
	{"mediumint", "8388607", "16777215"},
	{"bigint", maxInt64, "18446744073709551615"},
	{"int", "2147483647", "4294967295"},
}

// notNumber says why the new texts cannot be kept as numbers; empty: they can.
func (m *made) notNumber(c *Column) string {
	switch {
	case m.other != "":
		return m.other + " is no number"
	case m.zeros != "":
		return "a number would lose the zeros of " + m.zeros
	case c.Kind == Decimal:
		if len(m.longest) > 15 {
			return m.longest + " may be rounded"
		}
		return ""
	}
	typ := strings.ToLower(c.Type)
	for _, l := range limits {
		if !strings.HasPrefix(typ, l.typ) {
			continue
		}
		most := l.signed
		if strings.Contains(typ, "unsigned") {
			most = l.unsigned
		}
		if compareDigits(m.longest, most) > 0 {
			return fmt.Sprintf("%s is more than %s", m.longest, most)
		}
		break
	}
	return ""
}

// altered says which of the new texts a column of SQLite's would make another
// number of, without a word; empty: none. It leaves alone what reads as no
// number, and whole numbers of 64 bits unless its affinity is REAL.
func (m *made) altered(c *Column) string {
	if !c.Numeric {
		return ""
	}
	lost := cmp.Or(m.zeros, m.power)
	typ := strings.ToUpper(c.Type)
	floats := !strings.Contains(typ, "INT") && slices.ContainsFunc([]string{"REAL", "FLOA", "DOUBLE"}, func(word string) bool { return strings.Contains(typ, word) })
	if lost == "" && (floats || compareDigits(m.longest, maxInt64) > 0) {
		lost = m.longest
	}
	if lost == "" {
		return ""
	}
	return "SQLite would make another number of " + lost
}

// compareDigits compares numbers without leading zeros.
func compareDigits(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// advance is the statement that lets an automatic number go on behind a number.
func advance(t *Table, column, number string) string {
	d := t.Dialect
	if d == sqldb.Postgres {
		return fmt.Sprintf("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", literal(d, d.Table(t.Full)), literal(d, column), number)
	}
	next, _ := new(big.Int).SetString(number, 10)
	return fmt.Sprintf("ALTER TABLE %s AUTO_INCREMENT = %s", d.Table(t.Full), next.Add(next, big.NewInt(1)))
}

// findDependents tells which columns follow the target by themselves.
func (l *look) findDependents() {
	if l.target == nil {
		return
	}
	for _, c := range l.Table.Columns {
		if c.OnUpdate != "" && !l.anySame(c.Reads, l.target.Name) {
			l.add("on_update", Note, "", "%s changes whenever a row does; it is kept as it is", c.Name)
		}
	}
	if len(l.Table.Views) > 0 && !l.separate() {
		l.add("views", Note, "see that whoever reads them expects the new numbers",
			"%s is shown by %s", l.ref.Table, strings.Join(l.Table.Views, ", "))
	}
}

// findChecks tries CHECK constraints with a new text.
func (l *look) findChecks(ctx context.Context) error {
	name := l.ref.Target()
	for _, c := range l.Table.Checks {
		if l.target == nil || l.sample.new == "" || !l.anySame(c.Columns, name) {
			continue
		}
		passes, err := l.try(ctx, "NOT ("+c.Expression+"\n)")
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && (l.retyped() || errors.Is(err, errWarned)):
			l.add("check", Blocks, "drop the check and make another afterwards, or name another column to write to",
				"the check %s does not work with %s: %s", c.Name, l.sample.new, c.Expression)
		case err != nil:
			l.add("check", Note, "", "the check %s mentions %s and could not be tried: %s", c.Name, name, c.Expression)
		case passes:
			l.add("check", Note, "", "the check %s mentions %s; %s passes it", c.Name, name, l.sample.new)
		default:
			l.add("check", Blocks, "change the check, or name another column to write to",
				"the check %s does not let %s into %s: %s", c.Name, l.sample.new, name, c.Expression)
		}
	}
	return nil
}

// findGenerated tries the columns that are generated from the target with a
// new text.
func (l *look) findGenerated(ctx context.Context) error {
	for i := range l.Table.Columns {
		c := &l.Table.Columns[i]
		if l.target == nil || !l.anySame(c.Reads, l.target.Name) {
			continue
		}
		var tooWide bool
		var err error
		if l.sample.new != "" && !l.has("generated_depends") {
			found, wide := madeOf(l.db.Dialect, c)
			var none bool
			none, err = l.try(ctx, found)
			tooWide = wide && !none
		}
		hint := "drop the column and make it again otherwise, or " + fmt.Sprintf(inPlaceHint, l.columns[0].Name)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			l.add("generated", Blocks, hint, "the column %s is generated from %s, which does not work with %s: %s", c.Name, l.target.Name, l.sample.new, c.Generated)
		case tooWide:
			l.add("generated", Blocks, hint, "the column %s is generated from %s, and is too narrow (%s) for what becomes of %s", c.Name, l.target.Name, c.Type, l.sample.new)
		default:
			l.add("generated", Note, "", "the column %s is generated from %s and changes with it", c.Name, l.target.Name)
		}
	}
	return nil
}

// madeOf is a condition that fails where what a generated column is made of
// does; wide: it finds what the column has no room for.
func madeOf(d sqldb.Dialect, c *Column) (found string, wide bool) {
	made := "(" + c.Generated + "\n)"
	switch {
	case d != sqldb.SQLite && c.Kind == Text && c.Width > 0: // SQLite keeps to no width
		return fmt.Sprintf("CHAR_LENGTH(%s) > %d", made, c.Width), true
	case d == sqldb.MySQL && (c.Kind == Integer || c.Kind == Decimal):
		made += " + 0"
	}
	return made + " IS NULL", false
}

func (l *look) has(code string) bool {
	return slices.ContainsFunc(l.Obstacles, func(o Obstacle) bool { return o.Code == code })
}

// findIndexed tries the expressions of indexes with a new text, where the
// target has to become another type.
func (l *look) findIndexed(ctx context.Context) error {
	for _, x := range l.Table.Indexed {
		if !l.retyped() || l.sample.new == "" || !l.anySame(x.Columns, l.ref.Target()) {
			continue
		}
		_, err := l.try(ctx, "("+x.Expression+"\n) IS NULL")
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			l.add("index_depends", Blocks, "drop the index and make another afterwards, or "+fmt.Sprintf(inPlaceHint, l.columns[0].Name),
				"the index %s does not work on texts: %s", x.Index, x.Expression)
		}
	}
	return nil
}

// retyped reports whether the target has to become another type.
func (l *look) retyped() bool {
	return slices.ContainsFunc(l.Obstacles, func(o Obstacle) bool { return strings.HasSuffix(o.Code, "_type") })
}

// errWarned says that a statement would fail where rows are written.
var errWarned = errors.New("the database warns of it")

// try asks the database whether a row that holds the sample would be none of
// those that a condition finds, had it the new text.
func (l *look) try(ctx context.Context, found string) (none bool, err error) {
	d := l.db.Dialect
	list := make([]string, len(l.Table.Columns))
	for i, col := range l.Table.Columns {
		list[i] = d.Quote(col.Name)
		if l.Table.Same(col.Name, l.target.Name) {
			list[i] = asText(d, d.Placeholder(1)) + " AS " + list[i]
		}
	}
	query := "SELECT COUNT(*) FROM (SELECT " + strings.Join(list, ", ") + " FROM " + d.Table(l.ref.Table) +
		condition(l.ref.Where, l.text(&l.columns[0])+" = "+d.Placeholder(2)) + " LIMIT 1) AS x WHERE " + found
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	var rows, warnings int64
	if err := conn.QueryRowContext(ctx, query, l.sample.new, l.sample.part).Scan(&rows); err != nil {
		return false, err
	}
	if d == sqldb.MySQL { // what it only warns of here is an error when a row is written
		err = conn.QueryRowContext(ctx, "SELECT @@warning_count").Scan(&warnings)
	}
	if err == nil && warnings > 0 {
		err = errWarned
	}
	return rows == 0, err
}
