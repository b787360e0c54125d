package rewrite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// findPrivileges has the database plan an update without carrying it out, for
// which it asks for the same privileges.
func (l *look) findPrivileges(ctx context.Context) error {
	d := l.db.Dialect
	if d == sqldb.SQLite || l.Table.View {
		return nil
	}
	column := l.columns[0].Name
	if l.target != nil {
		column = l.target.Name
	}
	if l.target != nil && l.target.Generated == "" {
		quoted := d.Quote(column)
		err := l.explain(ctx, "UPDATE "+d.Table(l.ref.Table)+" SET "+quoted+" = "+quoted+" WHERE 1 = 0")
		if sqldb.Classify(err) == sqldb.Refused {
			l.add("no_privilege", Blocks, "let the role update the column, or write a script with --emit-sql for somebody who may",
				"this role may not update %s of %s", column, l.ref.Table)
		}
	}
	may, owner := !l.noJournal, true
	if d == sqldb.Postgres {
		err := l.db.QueryRowContext(ctx, `SELECT has_schema_privilege(current_schema(), 'CREATE'), pg_has_role(relowner, 'USAGE')
			FROM pg_class WHERE oid = to_regclass($1)`, d.Table(l.ref.Table)).Scan(&may, &owner)
		if err != nil {
			return l.db.Explain(fmt.Errorf("ask for the privileges on %s: %w", l.ref.Table, err))
		}
	}
	if !may {
		l.add("no_privilege", Blocks, "let it create tables there, or write a script with --emit-sql for somebody who may",
			"this role may not create the journal's tables, %s and others", journalTable)
	}
	if !owner && slices.ContainsFunc(l.Obstacles, func(o Obstacle) bool { return o.Severity == NeedDDL.String() }) {
		l.add("no_privilege", Blocks, "use the table's owner, or write a script with --emit-sql for whom it belongs to",
			"this role does not own %s and may not change its columns and constraints", l.ref.Table)
	}
	return ctx.Err()
}

// explain asks how a statement would be carried out. MySQL does not tell in a
// session that reads only, which this one is again afterwards.
func (l *look) explain(ctx context.Context, statement string) (err error) {
	conn, err := l.db.Connx(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if l.db.Dialect == sqldb.MySQL {
		if _, err := conn.ExecContext(ctx, "SET SESSION TRANSACTION READ WRITE"); err != nil {
			return err
		}
		defer func() {
			_, back := conn.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY")
			err = errors.Join(err, back)
		}()
	}
	rows, err := conn.QueryContext(ctx, "EXPLAIN "+statement)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
	}
	return rows.Err()
}

// findOverlap tells of rows that several references would write, and of new
// numbers that are old ones too.
func (l *look) findOverlap(ctx context.Context) error {
	if l.overlaps.rows > 0 {
		l.add("values_overlap", Note, "read the column with the crosswalk's journal in mind: by its looks, such a number means two customers",
			"canonical IDs of %s are old numbers of other customers: %s", number(l.overlaps.rows, "row", "rows"), l.overlaps.String())
	}
	if l.unread.rows > 0 {
		l.add("pattern_misses", Note, "let the pattern find canonical IDs too, such as [\\w-]+ for \\w+; else only the journal tells which rows are rewritten",
			"what is written is not read again as it should, in %s: %s", number(l.unread.rows, "row", "rows"), l.unread.String())
	}
	for _, o := range l.looks {
		if o == l || o.Table != l.Table || !l.Table.Same(o.ref.Target(), l.ref.Target()) {
			continue
		}
		some := make([]string, len(l.columns))
		for i, c := range l.columns {
			some[i] = l.db.Dialect.Quote(c.Name) + " IS NOT NULL"
		}
		n, example, err := l.rowsThat(ctx, append(some, l.ref.Where, o.ref.Where)...)
		if err != nil {
			return err
		}
		if n > 0 {
			l.add("polymorphic", Blocks, "let the conditions in where exclude each other",
				"%s would be written by %s too, first %s", number(n, "row", "rows"), o.describe(), example)
		}
	}
	return nil
}

// describe names the reference, with what tells it from others of its column.
func (l *look) describe() string {
	text := l.Name + " to " + l.RefersTo
	if l.ref.Where != "" {
		text += " where " + l.ref.Where
	}
	return text
}

// rowsThat counts rows, and names the first.
func (l *look) rowsThat(ctx context.Context, conditions ...string) (n int64, first string, err error) {
	d := l.db.Dialect
	query := "SELECT COUNT(*), COALESCE(" + firstKey(d, l.Table) + ", '') FROM " + d.Table(l.ref.Table) + condition(conditions...)
	if err = l.db.QueryRowContext(ctx, query).Scan(&n, &first); err != nil {
		err = l.db.Explain(fmt.Errorf("count rows of %s: %w", l.ref.Table, err))
	}
	return n, first, err
}

// findOutside tells of rows that hold something and that no condition covers.
// Where both ends of a foreign key are rewritten, they would be left behind.
func (l *look) findOutside(ctx context.Context) error {
	d := l.db.Dialect
	if l.ref.Where == "" || len(l.columns) > 1 {
		return nil
	}
	conditions := []string{d.Quote(l.columns[0].Name) + " IS NOT NULL"}
	for _, o := range l.looks {
		if o.Table == l.Table && len(o.columns) == 1 && o.columns[0].Name == l.columns[0].Name {
			if o.ref.Where == "" {
				return nil
			}
			conditions = append(conditions, "NOT COALESCE(("+o.ref.Where+"\n), FALSE)")
		}
	}
	for _, none := range append([]string{""}, l.ref.Shape.None...) {
		conditions = append(conditions, "TRIM("+asText(d, d.Quote(l.columns[0].Name))+") <> "+literal(d, strings.TrimSpace(none)))
	}
	n, first, err := l.rowsThat(ctx, conditions...)
	if err != nil || n == 0 {
		return err
	}
	l.add("rows_outside", Note, "see that where means all rows that it should, also in how they are spelt",
		"no where covers %s of %s with something in %s, first %s; they are left as they are",
		number(n, "row", "rows"), l.ref.Table, l.columns[0].Name, first)
	l.leftBehind(l.Table.Foreign, "foreign_key_out", func(f *ForeignKey, at int) *look { return l.rewrittenCover(f.Parent, f.Refers[at]) })
	l.leftBehind(l.Table.Referred, "foreign_key_in", func(f *ForeignKey, at int) *look { return l.rewrittenCover(f.Table, f.Columns[at]) })
	return nil
}

// leftBehind tells of foreign keys to which rows that are left as they are
// would be untrue, because their other end is rewritten.
func (l *look) leftBehind(keys []ForeignKey, code string, other func(f *ForeignKey, at int) *look) {
	for i := range keys {
		f := &keys[i]
		at := l.at(f.Columns, l.columns[0].Name)
		if code == "foreign_key_in" {
			at = l.at(f.Refers, l.columns[0].Name)
		}
		if !l.separate() && l.counts(f) && at >= 0 && other(f, at) != nil {
			l.add(code, Blocks, "take where away", "%s; rows that meet no where keep their old numbers, and the other end changes", describe(f))
		}
	}
}

// findSelves tells of rows that would point at themselves: they refer to
// another record of what turned out to be the same customer.
func (l *look) findSelves(ctx context.Context) error {
	own := l.ownColumn()
	if own == nil || !l.plain() {
		return nil
	}
	d, c := l.db.Dialect, &l.columns[0]
	rows, err := l.db.QueryContext(ctx, "SELECT "+l.text(c)+", "+l.text(own)+", "+keyText(d, l.Table)+" FROM "+d.Table(l.ref.Table)+
		condition(l.ref.Where, d.Quote(c.Name)+" IS NOT NULL", d.Quote(own.Name)+" IS NOT NULL"))
	if err != nil {
		return l.db.Explain(fmt.Errorf("look for rows of %s that would point at themselves: %w", l.Name, err))
	}
	defer func() { _ = rows.Close() }()
	var selves examples
	for rows.Next() {
		var to, self []byte
		var key string
		if err := rows.Scan(&to, &self, &key); err != nil {
			return l.db.Explain(err)
		}
		if string(to) == string(self) {
			continue
		}
		if a := l.column.Table.Find(to); a.Text != "" && a.Text == l.column.Table.Find(self).Text {
			selves.add(func() string { return fmt.Sprintf("%s of %s becomes %s", to, key, a.Text) })
		}
	}
	if err := rows.Err(); err != nil {
		return l.db.Explain(err)
	}
	if selves.rows == 0 {
		return nil
	}
	severity, hint := Note, "join these records first where a program would follow such a row for ever"
	for _, k := range l.Table.Checks {
		if !l.separate() && l.anySame(k.Columns, c.Name) && l.anySame(k.Columns, own.Name) {
			severity, hint = Blocks, fmt.Sprintf("join these records first: the check %s forbids it", k.Name)
		}
	}
	l.add("self_reference", severity, hint, "%s of %s would point at themselves: %s",
		number(selves.rows, "row", "rows"), l.ref.Table, selves.String())
	return nil
}

// ownColumn is the column of the same table that holds its own IDs, if the
// reference is another one.
func (l *look) ownColumn() *Column {
	if len(l.columns) > 1 || l.ref.OwnKey {
		return nil
	}
	for _, o := range l.looks {
		if o.ref.OwnKey && o.Table == l.Table && o.RefersTo == l.RefersTo && len(o.columns) == 1 {
			return &o.columns[0]
		}
	}
	for _, f := range l.Table.Foreign {
		if f.Parent == l.Table.Full && len(f.Columns) == 1 && l.anySame(f.Columns, l.columns[0].Name) {
			if c, ok := l.Table.Column(f.Refers[0]); ok {
				return &c
			}
		}
	}
	return nil
}

// findFolded tells of old numbers of different customers that are one to the
// column's collation: a join by hand would mix them up.
func (l *look) findFolded(ctx context.Context) error {
	if !l.folded.wanted || !l.folded.settle() {
		return nil
	}
	first := map[string]string{}
	told := map[string]bool{}
	var found examples
	err := l.each(ctx, func(r *row) error {
		old, _, o := l.translate(r)
		if o.IDs == 0 || !l.folded.collides(old) {
			return nil
		}
		look := string(l.folded.fold.text(old))
		switch other, ok := first[look]; {
		case !ok:
			first[look] = string(old)
		case !told[look] && l.column.Table.Find([]byte(other)).Text != l.column.Table.Find(old).Text:
			told[look] = true
			found.add(func() string { return fmt.Sprintf("%q and %q", other, old) })
		}
		return nil
	})
	if err == nil && found.rows > 0 {
		c := &l.columns[0]
		l.add("collation_folds", Note, "nothing to do here: numbers are compared byte for byte; a join by hand would have to do so too",
			"%s of different meaning are one to %s of %s: %s",
			number(found.rows, "pair of numbers", "pairs of numbers"), cmp.Or(c.Collation, c.Type), c.Name, found.String())
	}
	return err
}
