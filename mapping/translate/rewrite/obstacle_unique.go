package rewrite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/translate"
)

// uniqueKey is what must stay unique: the target together with other columns.
type uniqueKey struct {
	name   string
	others []Column
}

// uniqueKeys are the unique keys that the target is part of, declared or not.
func (l *look) uniqueKeys() []uniqueKey {
	var keys []uniqueKey
	for _, u := range l.Table.Unique {
		if u.Condition == "" && l.target != nil && l.anySame(u.Columns, l.target.Name) {
			name := u.Name
			if u.Primary || name == "" {
				name = "the primary key"
			}
			keys = append(keys, uniqueKey{name, l.but(u.Columns, l.target.Name)})
		}
	}
	if len(l.ref.UniqueWith) > 0 {
		keys = append(keys, uniqueKey{"unique_with", l.but(l.ref.UniqueWith, "")})
	}
	return keys
}

// but are the columns of names other than one.
func (l *look) but(names []string, other string) []Column {
	var list []Column
	for _, n := range names {
		if c, ok := l.Table.Column(n); ok && !l.Table.Same(n, other) {
			list = append(list, c)
		}
	}
	return list
}

// eachNew yields the rows that are rewritten, each with its old and its new
// text, those that are done included.
func (l *look) eachNew(ctx context.Context, do func(r *row, old, text []byte) error) error {
	return l.each(ctx, func(r *row) error {
		old, text, o := l.translate(r)
		if o.IDs == 0 || len(o.Lost) > 0 {
			return nil
		}
		return do(r, old, text)
	})
}

// holder is an old text of a customer that several have, and a row of it.
type holder struct{ text, first string }

// findClashes tells of unique keys that the customers break who have several
// old numbers.
func (l *look) findClashes(ctx context.Context) error {
	keys := l.uniqueKeys()
	if len(keys) == 0 || !l.finals.settle() {
		return nil
	}
	for _, k := range keys {
		clashes, err := l.clashes(ctx, k)
		if err != nil {
			return err
		}
		if clashes.rows > 0 {
			l.tellClashes(k, &clashes)
		}
	}
	return nil
}

// clash says of two rows that they would become one. A row of which the number
// is the key needs no other name.
func (l *look) clash(a, b holder) string {
	name := func(h holder) string {
		if h.first == l.columns[0].Name+"="+h.text {
			return h.text
		}
		return fmt.Sprintf("%s (%s)", h.text, h.first)
	}
	var o translate.Outcome
	became, _ := l.column.Translate(nil, []byte(a.text), &o)
	return fmt.Sprintf("%s and %s are %s", name(a), name(b), became)
}

func (l *look) tellClashes(k uniqueKey, clashes *examples) {
	names := []string{l.ref.Target()}
	for _, c := range k.others {
		names = append(names, c.Name)
	}
	name := strings.Join(names, ", ")
	hint := "join these rows first, or write the canonical IDs into a column of their own"
	if l.ref.OwnKey {
		hint = "join these records in the source first, or write the canonical IDs into a column of their own: the customer would need one key twice"
	} else if k.name == "unique_with" {
		hint = "join these rows first, or take unique_with away if it may be so"
	}
	l.add("unique_broken", Blocks, hint, "%s would hold the same in (%s), which %s keeps unique: %s",
		number(clashes.rows, "group of rows", "groups of rows"), name, k.name, clashes.String())
}

// clashes finds rows of different old numbers and one new one that agree in
// the other columns of a unique key.
func (l *look) clashes(ctx context.Context, k uniqueKey) (found examples, err error) {
	d := l.db.Dialect
	var list, some []string
	for i := range l.columns {
		list = append(list, l.text(&l.columns[i]))
		some = append(some, d.Quote(l.columns[i].Name)+" IS NOT NULL")
	}
	for i := range k.others {
		list = append(list, l.text(&k.others[i]))
		some = append(some, d.Quote(k.others[i].Name)+" IS NOT NULL")
	}
	rows, err := l.db.QueryContext(ctx, "SELECT "+strings.Join(list, ", ")+", "+keyText(d, l.Table)+" FROM "+d.Table(l.ref.Table)+
		condition(l.ref.Where, strings.Join(some, " AND ")))
	if err != nil {
		return found, l.db.Explain(fmt.Errorf("look for rows of %s that would become one: %w", l.Name, err))
	}
	defer func() { _ = rows.Close() }()
	cells := make([]sql.NullString, len(list))
	var key string
	dest := make([]any, 0, len(list)+1)
	for i := range cells {
		dest = append(dest, &cells[i])
	}
	dest = append(dest, &key)
	first := map[string]holder{}
	told := map[string]bool{}
	r := &row{parts: make([]field, len(l.columns)), last: field{null: true}}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return found, l.db.Explain(err)
		}
		for i := range r.parts {
			r.parts[i] = field{null: !cells[i].Valid, bytes: []byte(cells[i].String)}
		}
		old, text, o := l.translate(r)
		if o.IDs == 0 || len(o.Lost) > 0 || !l.finals.collides(text) {
			continue
		}
		look := string(l.finals.fold.text(text))
		for i := range k.others {
			look += "\x00" + string(foldOf(d, &k.others[i]).text([]byte(cells[len(r.parts)+i].String)))
		}
		switch h, ok := first[look]; {
		case !ok:
			first[look] = holder{string(old), key}
		case h.text != string(old) && !told[look]:
			told[look] = true
			found.add(func() string { return l.clash(h, holder{string(old), key}) })
		}
	}
	return found, l.db.Explain(rows.Err())
}
