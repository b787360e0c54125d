package rewrite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// coverOf is the reference of this configuration to a column, if there is one.
func (s *survey) coverOf(table, column string) *look {
	for _, l := range s.looks {
		if l.Table.Full == table && len(l.columns) == 1 && l.Table.Same(l.columns[0].Name, column) {
			return l
		}
	}
	return nil
}

// rewrittenCover is the one that is rewritten in place.
func (s *survey) rewrittenCover(table, column string) *look {
	if c := s.coverOf(table, column); c != nil && !c.separate() {
		return c
	}
	return nil
}

// counts reports whether somebody checks a foreign key. Whether SQLite does is
// for each program that opens the file to say.
func (l *look) counts(f *ForeignKey) bool { return f.Enforced || l.db.Dialect == sqldb.SQLite }

// describe says what a foreign key is, for people.
func describe(f *ForeignKey) string {
	text := fmt.Sprintf("%s(%s) refers to %s(%s)", f.Table, strings.Join(f.Columns, ", "), f.Parent, strings.Join(f.Refers, ", "))
	if f.OnUpdate != "" && f.OnUpdate != "NO ACTION" {
		text += " on update " + strings.ToLower(f.OnUpdate)
	}
	if f.Name != "" {
		text = f.Name + ": " + text
	}
	return text
}

// findForeign tells of declared foreign keys of the target column, to columns
// that are rewritten in the same go.
func (l *look) findForeign(ctx context.Context) error {
	for i := range l.Table.Foreign {
		f := &l.Table.Foreign[i]
		at := l.at(f.Columns, l.ref.Target())
		if at < 0 || l.separate() {
			continue
		}
		parent := l.rewrittenCover(f.Parent, f.Refers[at])
		switch {
		case parent == nil:
		case parent.RefersTo != l.RefersTo:
			l.add("foreign_key_out", Blocks, "let both say the same refers_to",
				"%s, where IDs of %s are and not of %s", describe(f), parent.RefersTo, l.RefersTo)
		default:
			l.together("foreign_key_out", f, parent)
			if err := l.findBroken(ctx, f, parent); err != nil {
				return err
			}
		}
	}
	return nil
}

// findBroken tells of rows that break a foreign key already, so that it could
// not be made again once it is dropped.
func (l *look) findBroken(ctx context.Context, f *ForeignKey, parent *look) error {
	d := l.db.Dialect
	dropped := d == sqldb.Postgres && f.OnUpdate != "CASCADE" && (l.Pending() || parent.Pending()) || d != sqldb.SQLite && l.retyped()
	if l.Orphans == 0 || !dropped || !f.Enforced || !f.Checked {
		return nil
	}
	var on, some []string
	for i := range f.Columns {
		on = append(on, "c."+d.Quote(f.Columns[i])+" = p."+d.Quote(f.Refers[i]))
		some = append(some, "c."+d.Quote(f.Columns[i])+" IS NOT NULL")
	}
	var n int64
	err := l.db.GetContext(ctx, &n, "SELECT COUNT(*) FROM "+d.Table(f.Table)+" c WHERE "+strings.Join(some, " AND ")+
		" AND NOT EXISTS (SELECT 1 FROM "+d.Table(f.Parent)+" p WHERE "+strings.Join(on, " AND ")+")")
	if err != nil {
		return l.db.Explain(fmt.Errorf("look for rows that break %s: %w", f.Name, err))
	}
	if n > 0 {
		l.add("foreign_key_broken", Blocks, "settle these rows first, or drop the constraint yourself",
			"%s; %s of %s without a parent break it already, and once dropped it could not be made again", describe(f), number(n, "row", "rows"), f.Table)
	}
	return nil
}

// at is where a column stands among names; -1: it does not.
func (l *look) at(names []string, column string) int {
	return slices.IndexFunc(names, func(n string) bool { return l.Table.Same(n, column) })
}

// together tells of a foreign key both ends of which are rewritten; other is
// the other end.
func (l *look) together(code string, f *ForeignKey, other *look) {
	switch {
	case l.db.Dialect == sqldb.MySQL || l.db.Dialect == sqldb.SQLite:
		l.add(code, Note, "", "%s; both are rewritten, with the session's foreign key checks off", describe(f))
	case !f.Enforced:
		l.add(code, Note, "", "%s; the database does not check it", describe(f))
	case f.OnUpdate == "CASCADE":
		l.add(code, Note, "", "%s; the database itself carries the new numbers over", describe(f))
	case !l.Pending() && !other.Pending():
		l.add(code, Note, "", "%s; both say the new numbers already", describe(f))
	case f.Drop == "" || f.Create == "":
		l.add(code, Blocks, "", "%s; both are rewritten, and the constraint cannot be dropped and made again", describe(f))
	default:
		l.add(code, NeedDDL, "--allow-ddl drops the constraint and makes it again afterwards", "%s; both are rewritten", describe(f))
	}
}

// findReferring tells of declared foreign keys of others to a column that is
// rewritten in place.
func (l *look) findReferring(ctx context.Context) error {
	if l.separate() {
		return nil
	}
	for i := range l.Table.Referred {
		f := &l.Table.Referred[i]
		at := l.at(f.Refers, l.ref.Target())
		if at < 0 {
			continue
		}
		child := l.coverOf(f.Table, f.Columns[at])
		switch {
		case child != nil && !child.separate() && child.RefersTo != l.RefersTo:
			l.add("foreign_key_in", Blocks, "let both say the same refers_to",
				"%s, which holds IDs of %s and not of %s", describe(f), child.RefersTo, l.RefersTo)
		case child != nil && !child.separate():
			l.together("foreign_key_in", f, child)
		case child != nil:
			l.add("foreign_key_in", Blocks, "write: in_place for both, or for none",
				"%s; the new numbers of %s go to %s, so the old ones there would refer to nothing", describe(f), child.Name, child.Write)
		default:
			if err := l.uncovered(ctx, f, f.Columns[at]); err != nil {
				return err
			}
		}
	}
	return nil
}

// uncovered tells of a column that refers to this one and that no reference
// covers.
func (l *look) uncovered(ctx context.Context, f *ForeignKey, column string) error {
	line := fmt.Sprintf("add to references: - { in: %s, table: %s, column: %s, refers_to: %s, write: in_place }",
		l.ref.Database.Name, f.Table, column, l.ref.RefersTo)
	if f.OnUpdate != "CASCADE" || l.db.Dialect != sqldb.Postgres || !f.Enforced {
		l.add("foreign_key_in", Blocks, line, "%s; no reference covers it, so it would refer to numbers that are no more", describe(f))
		l.partner(f.Table, column)
		return nil
	}
	t, err := l.tableNamed(ctx, f.Table)
	if err != nil {
		return err
	}
	c, _ := t.Column(column)
	if c.Kind != Text || c.Width > 0 && c.Width < l.Widest {
		l.add("foreign_key_in", Blocks, line, "%s; %s is %s and does not take the new numbers", describe(f), column, c.Type)
		l.partner(f.Table, column)
		return nil
	}
	l.add("foreign_key_in", Note, line, "%s; no reference covers it, the database itself carries the new numbers over, without a count or a journal", describe(f))
	return nil
}

// tableNamed is what the database knows of a table.
func (s *survey) tableNamed(ctx context.Context, name string) (*Table, error) {
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	t, err := Inspect(ctx, s.db, name)
	if err == nil {
		s.tables[name] = t
	}
	return t, err
}

// findStrangers tells of declared foreign keys of the target column whose
// parent is not rewritten: its values must be the new ones already.
func (l *look) findStrangers(ctx context.Context) error {
	for i := range l.Table.Foreign {
		f := &l.Table.Foreign[i]
		at := l.at(f.Columns, l.ref.Target())
		if at < 0 || !l.separate() && l.rewrittenCover(f.Parent, f.Refers[at]) != nil || l.sample.new == "" {
			continue
		}
		stranger, err := l.stranger(ctx, f, f.Refers[at])
		hint := fmt.Sprintf(inPlaceHint, l.columns[0].Name)
		if c := l.coverOf(f.Parent, f.Refers[at]); c != nil {
			hint = "write: in_place for both, or for none"
		} else if !l.separate() {
			hint = fmt.Sprintf("rewrite the parent too: - { in: %s, table: %s, column: %s, refers_to: %s, write: in_place }, or %s",
				l.ref.Database.Name, f.Parent, f.Refers[at], l.ref.RefersTo, hint)
		}
		switch {
		case err != nil:
			return err
		case stranger == "":
			l.add("foreign_key_out", Note, "", "%s, which has all the new numbers already", describe(f))
		case !l.counts(f):
			l.add("foreign_key_out", Note, hint, "%s, where %s is not; the database does not check it", describe(f), stranger)
		default:
			l.add("foreign_key_out", Blocks, hint, "%s, where %s is not", describe(f), stranger)
			if !l.separate() {
				l.partner(f.Parent, f.Refers[at])
			}
		}
	}
	return nil
}

// errFound ends a search.
var errFound = errors.New("found")

// asked is how many values one query asks for, remembered how many are kept in
// mind in order not to ask for them again.
const asked, remembered = 500, 100_000

// stranger is a new text that a parent's column does not have; empty: it has
// all.
func (l *look) stranger(ctx context.Context, f *ForeignKey, column string) (string, error) {
	parent, err := l.tableNamed(ctx, f.Parent)
	if err != nil {
		return "", err
	}
	c, ok := parent.Column(column)
	if !ok || c.Kind == Integer && l.made.other+l.made.zeros != "" || c.Kind == Decimal || c.Kind == UUID || c.Kind == Other {
		return l.sample.new, nil
	}
	var chunk []any
	seen := map[string]bool{}
	found := ""
	look := func() error {
		missing, err := l.firstMissing(ctx, f.Parent, &c, chunk)
		if chunk = chunk[:0]; err == nil && missing != "" {
			found, err = missing, errFound
		}
		return err
	}
	err = l.eachNew(ctx, func(_ *row, _, text []byte) error {
		if seen[string(text)] {
			return nil
		}
		if len(seen) == remembered {
			clear(seen)
		}
		seen[string(text)] = true
		if chunk = append(chunk, string(text)); len(chunk) < asked {
			return nil
		}
		return look()
	})
	if err == nil && len(chunk) > 0 {
		err = look()
	}
	if errors.Is(err, errFound) {
		err = nil
	}
	return found, err
}

// firstMissing is the first of some texts that a column does not have.
func (l *look) firstMissing(ctx context.Context, table string, c *Column, texts []any) (string, error) {
	d := l.db.Dialect
	rows, err := l.db.QueryContext(ctx, "SELECT "+l.text(c)+" FROM "+d.Table(table)+" WHERE "+d.Quote(c.Name)+" IN ("+placeholders(d, len(texts))+")", texts...)
	if err != nil {
		return "", l.db.Explain(fmt.Errorf("look for new numbers in %s: %w", table, err))
	}
	defer func() { _ = rows.Close() }()
	there := map[string]bool{}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return "", l.db.Explain(err)
		}
		there[text] = true
	}
	if err := rows.Err(); err != nil {
		return "", l.db.Explain(err)
	}
	for _, t := range texts {
		if !there[t.(string)] {
			return t.(string), nil
		}
	}
	return "", nil
}
