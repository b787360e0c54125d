package rewrite

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/translate"
)

// keptOrphans bounds the values that a survey lists; it counts all.
const keptOrphans = 1000

// keptExamples bounds what an obstacle quotes.
const keptExamples = 3

// reported is after how many rows progress is told.
const reported = 100_000

// count reads a reference's rows and sorts them.
func (l *look) count(ctx context.Context, progress func(string, int64)) error {
	l.Missing, l.missingAt = []Orphan{}, map[string]int{}
	err := l.each(ctx, func(r *row) error {
		l.Rows++
		l.sort(r)
		if progress != nil && l.Rows%reported == 0 {
			progress(l.Name, l.Rows)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(l.Missing, func(a, b Orphan) int { return strings.Compare(a.Key, b.Key) })
	if progress != nil {
		progress(l.Name, l.Rows)
	}
	return nil
}

// each yields the reference's rows in the order of their keys.
func (l *look) each(ctx context.Context, do func(*row) error) error {
	s := &scan{ref: l.ref, table: l.Table, journal: l.journal, upTo: l.upTo}
	for r, err := range s.rows(ctx, l.db) {
		if err == nil {
			err = do(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// translate says what becomes of a row's text: another one, none because it
// refers to nobody, or none because an ID in it has no answer.
func (l *look) translate(r *row) (old, text []byte, o translate.Outcome) {
	old, some := r.id()
	if !some {
		return nil, nil, o
	}
	column, ours := &l.column, r.ours()
	if ours {
		column = &l.canonical
	}
	if column.Table != nil {
		l.buffer, _ = column.Translate(l.buffer[:0], old, &o)
	}
	if ours && (column.Table == nil || !l.plain() && (o.IDs == 0 || len(o.Lost) > 0)) {
		// Nobody says what became of it since, or the pattern finds old numbers alone.
		return old, old, translate.Outcome{IDs: 1, Translated: 1, Unchanged: 1}
	}
	return old, l.buffer, o
}

// sort finds out what becomes of a row and counts it there.
func (l *look) sort(r *row) {
	old, text, o := l.translate(r)
	if o.IDs > 0 {
		l.folded.add(old, text)
	}
	switch {
	case o.IDs == 0:
		l.Empty++
	case len(o.Lost) > 0:
		l.Orphans++
		l.orphan(r, string(old), &o)
	default:
		l.Resolvable++
		if o.Redirected > 0 {
			l.Redirected++
		}
		l.facts(r, old, text)
	}
}

// keyOf is the key of a row, for people: order_id=5, line=2.
func (l *look) keyOf(r *row) string {
	var b strings.Builder
	for i, k := range keyColumns(l.Table) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(k + "=")
		b.Write(r.key[i].text())
	}
	return b.String()
}

// orphan keeps a text without an answer, if there is room.
func (l *look) orphan(r *row, text string, o *translate.Outcome) {
	if at, ok := l.missingAt[text]; ok {
		l.Missing[at].Rows++
		return
	}
	if len(l.Missing) == keptOrphans {
		return
	}
	lost := o.Lost[0]
	reason := reasonOf(lost.Status)
	if o.IDs > 1 || lost.ID != strings.TrimSpace(text) {
		reason = fmt.Sprintf("%q: %s", lost.ID, reason)
	}
	l.missingAt[text] = len(l.Missing)
	l.Missing = append(l.Missing, Orphan{
		Child: strings.TrimSpace(l.ref.Table + " " + l.keyOf(r)), Field: strings.Join(l.ref.Columns, ", "), Key: text, Reason: reason, Rows: 1,
	})
}

// reasonOf says why an ID has no answer.
func reasonOf(s translate.Status) string {
	switch s {
	case translate.Gone:
		return "gone"
	case translate.Held:
		return "held for a review"
	case translate.Contested:
		return "held by two customers"
	default:
		return strings.ReplaceAll(s.String(), "_", " ")
	}
}

// facts gathers what obstacles are told by: how wide the new texts are, what
// they are made of, and what stands in their place.
func (l *look) facts(r *row, old, text []byte) {
	l.Widest = max(l.Widest, utf8.RuneCount(text))
	l.made.add(text)
	l.finals.add(text, old)
	if l.sample.new == "" {
		l.sample = sample{part: string(r.parts[0].text()), new: string(text)}
	}
	if l.separate() {
		l.present(r, text)
		return
	}
	if string(old) == string(text) {
		l.Done++
		return
	}
	if !l.plain() {
		l.missed(text)
		return
	}
	if a := l.column.Table.Find(text); a.Text != "" && a.Text != strings.TrimSpace(string(text)) {
		l.overlaps.add(func() string { return fmt.Sprintf("%s is an old number of %s", text, a.Text) })
	}
}

// missed looks whether what is written can be read again: a pattern may find
// old numbers alone.
func (l *look) missed(text []byte) {
	var o translate.Outcome
	l.again, _ = l.column.Translate(l.again[:0], text, &o)
	if o.IDs == 0 || len(o.Lost) > 0 {
		l.unread.add(func() string { return string(text) })
	}
}

// plain says that a text of the reference is one ID.
func (l *look) plain() bool { return l.ref.Shape.Split == "" && l.ref.Shape.Pattern == nil }

// present looks at what stands in a target of its own.
func (l *look) present(r *row, text []byte) {
	present := r.present.text()
	switch trimmed := bytes.TrimSpace(present); {
	case len(trimmed) == 0:
	case bytes.Equal(present, text):
		l.Done++
	case l.plain() && l.column.Table.Find(trimmed).Text == strings.TrimSpace(string(text)): // a number that it had
	default:
		l.occupied.add(func() string { return fmt.Sprintf("%s holds %q", l.keyOf(r), trimmed) })
	}
}
