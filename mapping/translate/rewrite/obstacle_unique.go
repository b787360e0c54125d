package rewrite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
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

// foldsNew says that the target takes new texts that differ in case or accents
// for one.
func (l *look) foldsNew() bool { return l.target != nil && l.target.Folds && !l.target.OnlyBlanks }

// foldedText is how a unique key sees a text, near enough to find what it may
// take for one.
func foldedText(text []byte, folds bool) []byte {
	text = bytes.TrimRight(text, " ")
	if folds {
		return bytes.ToLower(text)
	}
	return text
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
type holder struct{ text, part, first string }

// shared are the new texts that several old ones become, as the target
// compares them.
func (l *look) shared(ctx context.Context) (map[string][]holder, error) {
	l.finals.settle()
	if len(l.finals.shared) == 0 {
		return nil, nil
	}
	shared := map[string][]holder{}
	err := l.eachNew(ctx, func(r *row, old, text []byte) error {
		if !l.finals.shared[l.finals.hash(text, l.foldsNew())] {
			return nil
		}
		folded := string(foldedText(text, l.foldsNew()))
		list := shared[folded]
		if !slices.ContainsFunc(list, func(h holder) bool { return h.text == string(old) }) {
			shared[folded] = append(list, holder{string(old), string(r.parts[0].text()), l.keyOf(r)})
		}
		return nil
	})
	return shared, err
}

// findClashes tells of unique keys that the customers break who have several
// old numbers.
func (l *look) findClashes(ctx context.Context) error {
	keys := l.uniqueKeys()
	if len(keys) == 0 {
		return nil
	}
	shared, err := l.shared(ctx)
	if err != nil || len(shared) == 0 {
		return err
	}
	texts := make([]string, 0, len(shared))
	for text := range shared {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	for _, k := range keys {
		var clashes examples
		if len(k.others) == 0 {
			for _, text := range texts {
				h := shared[text]
				clashes.add(func() string { return l.clash(h[0], h[1]) })
			}
		} else if clashes, err = l.clashes(ctx, k, texts, shared); err != nil {
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
func (l *look) clashes(ctx context.Context, k uniqueKey, texts []string, shared map[string][]holder) (examples, error) {
	var found examples
	for len(texts) > 0 {
		newOf := map[string]string{}
		var parts []any
		n := 0
		for ; n < len(texts) && len(parts) < asked; n++ {
			for _, h := range shared[texts[n]] {
				newOf[h.text] = texts[n]
				parts = append(parts, h.part)
			}
		}
		texts = texts[n:]
		if err := l.clashesAmong(ctx, k, newOf, parts, &found); err != nil {
			return found, err
		}
	}
	return found, nil
}

// clashesAmong does so for the rows that hold some old texts; newOf is what
// these become.
func (l *look) clashesAmong(ctx context.Context, k uniqueKey, newOf map[string]string, parts []any, found *examples) error {
	d := l.db.Dialect
	var list, some []string
	for i := range l.columns {
		list = append(list, l.text(&l.columns[i]))
	}
	for i := range k.others {
		list = append(list, l.text(&k.others[i]))
		some = append(some, d.Quote(k.others[i].Name)+" IS NOT NULL")
	}
	in := l.text(&l.columns[0]) + " IN (" + placeholders(d, len(parts)) + ")"
	rows, err := l.db.QueryContext(ctx, "SELECT "+strings.Join(list, ", ")+", "+keyText(d, l.Table)+" FROM "+d.Table(l.ref.Table)+
		condition(l.ref.Where, in, strings.Join(some, " AND ")), parts...)
	if err != nil {
		return l.db.Explain(fmt.Errorf("look for rows of %s that would become one: %w", l.Name, err))
	}
	defer func() { _ = rows.Close() }()
	r := &row{parts: make([]field, len(l.columns))}
	cells := make([]sql.NullString, len(l.columns))
	others := make([]sql.NullString, len(k.others))
	dest := make([]any, 0, len(list)+1)
	for i := range cells {
		dest = append(dest, &cells[i])
	}
	for i := range others {
		dest = append(dest, &others[i])
	}
	var key string
	dest = append(dest, &key)
	first := map[string]holder{}
	told := map[string]bool{}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return l.db.Explain(err)
		}
		for i, p := range cells {
			r.parts[i] = field{null: !p.Valid, bytes: []byte(p.String)}
		}
		old, _ := r.id()
		text, ok := newOf[string(old)]
		if !ok {
			continue
		}
		for i, o := range others {
			text += "\x00" + string(foldedText([]byte(o.String), k.others[i].Folds && !k.others[i].OnlyBlanks))
		}
		switch h, ok := first[text]; {
		case !ok:
			first[text] = holder{text: string(old), first: key}
		case h.text != string(old) && !told[text]:
			told[text] = true
			found.add(func() string { return l.clash(h, holder{text: string(old), first: key}) })
		}
	}
	return l.db.Explain(rows.Err())
}
