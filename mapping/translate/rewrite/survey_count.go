package rewrite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// keptOrphans bounds the values that a survey lists; it counts all.
const keptOrphans = 1000

// keptExamples bounds what an obstacle quotes.
const keptExamples = 3

// reported is after how many rows progress is told.
const reported = 100_000

// value is what stands in a reference: the rows that hold it, what becomes of
// it and, where the target is another column, what stands there.
type value struct {
	parts   []sql.NullString
	present sql.NullString // in the target
	rows    int64
	first   string // the key of a row that has it
	ours    bool   // a rewrite wrote it
}

// count reads a reference's values, each with the number of its rows, and sorts
// them. The database groups them, byte for byte: a table has few values for
// its rows, or is small. Only where a rewrite wrote into the reference before
// and its looks do not tell what is old and what is new, row after row is read
// beside the journal.
func (l *look) count(ctx context.Context, progress func(string, int64)) error {
	l.begin()
	told := int64(0)
	tell := func() {
		if progress != nil && l.Rows-told >= reported {
			told = l.Rows
			progress(l.Name, l.Rows)
		}
	}
	err := l.values(ctx, l.ref.Where, func(v *value) error {
		l.sort(v)
		tell()
		return nil
	})
	if err == nil && l.ambiguous {
		l.begin()
		told = 0
		for r, rowErr := range (&scan{ref: l.ref, table: l.Table, journal: l.journal, upTo: l.upTo}).rows(ctx, l.db) {
			if rowErr != nil {
				return rowErr
			}
			l.sort(l.valueOf(r))
			tell()
		}
	}
	if progress != nil && err == nil {
		progress(l.Name, l.Rows)
	}
	return err
}

// begin forgets what was counted.
func (l *look) begin() {
	l.Rows, l.Empty, l.Resolvable, l.Done, l.Redirected, l.Orphans, l.Widest = 0, 0, 0, 0, 0, 0, 0
	l.Missing, l.missingAt = []Orphan{}, map[string]int{}
	l.sample, l.made, l.occupied, l.overlaps, l.unread = sample{}, made{}, examples{}, examples{}, examples{}
	l.finals.hashes = nil
}

// valueOf is a row as a value of its own.
func (l *look) valueOf(r *row) *value {
	v := &value{rows: 1, ours: r.ours()}
	for i := range r.parts {
		v.parts = append(v.parts, sql.NullString{String: string(r.parts[i].text()), Valid: !r.parts[i].null})
	}
	for i, k := range keyColumns(l.Table) {
		if i > 0 {
			v.first += ", "
		}
		v.first += k + "=" + string(r.key[i].text())
	}
	return v
}

// values yields the values of the rows that meet a condition.
func (l *look) values(ctx context.Context, where string, each func(*value) error) error {
	d := l.db.Dialect
	texts := make([]string, 0, len(l.columns)+1)
	for i := range l.columns {
		texts = append(texts, l.text(&l.columns[i]))
	}
	if l.separate() && l.target != nil {
		texts = append(texts, l.text(l.target))
	}
	list := strings.Join(texts, ", ")
	query := "SELECT " + list + ", COUNT(*), " + firstKey(d, l.Table) + " FROM " + d.Table(l.ref.Table) + condition(where) +
		" GROUP BY " + list + " ORDER BY " + list
	rows, err := l.db.QueryContext(ctx, query)
	if err != nil {
		return l.db.Explain(fmt.Errorf("count the rows of %s: %w", l.Name, err))
	}
	defer func() { _ = rows.Close() }()
	v := &value{parts: make([]sql.NullString, len(l.columns))}
	var first sql.NullString
	dest := make([]any, 0, len(texts)+2)
	for i := range v.parts {
		dest = append(dest, &v.parts[i])
	}
	if len(texts) > len(v.parts) {
		dest = append(dest, &v.present)
	}
	dest = append(dest, &v.rows, &first)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return l.db.Explain(fmt.Errorf("read the rows of %s: %w", l.Name, err))
		}
		v.first = first.String
		if err := each(v); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return l.db.Explain(fmt.Errorf("read the rows of %s: %w", l.Name, err))
	}
	return nil
}

// sort finds out what becomes of a value and counts its rows there.
func (l *look) sort(v *value) {
	l.Rows += v.rows
	text, some := v.text()
	if !some {
		l.Empty += v.rows
		return
	}
	column := &l.column
	if v.ours {
		if column = &l.canonical; column.Table == nil { // nobody says what became of canonical IDs
			l.Resolvable += v.rows
			l.facts(v, text, text)
			return
		}
	}
	var o translate.Outcome
	var changed bool
	l.buffer, changed = column.Translate(l.buffer[:0], text, &o)
	lost := len(o.Lost) > 0
	l.ambiguous = l.ambiguous || l.journal != "" && (changed || lost && !l.plain()) && l.maybeNew(text)
	switch {
	case v.ours && (lost || o.IDs == 0) && !l.plain(): // the pattern finds old numbers alone
		l.Resolvable += v.rows
		l.facts(v, text, text)
	case o.IDs == 0:
		l.Empty += v.rows
	case lost:
		l.Orphans += v.rows
		l.orphan(v, string(text), &o)
	default:
		l.Resolvable += v.rows
		if o.Redirected > 0 {
			l.Redirected += v.rows
		}
		l.facts(v, text, l.buffer)
	}
}

// maybeNew reports whether a text that means an old number may be a new one.
func (l *look) maybeNew(text []byte) bool {
	return l.canonical.Table == nil || !l.plain() || l.canonical.Table.Find(text).Status != translate.NotFound
}

// text is the ID that a row holds, as the translation takes it. A composite
// one of which a part is NULL refers to nobody.
func (v *value) text() ([]byte, bool) {
	if len(v.parts) == 1 {
		return []byte(v.parts[0].String), v.parts[0].Valid
	}
	parts := make([]string, len(v.parts))
	for i, p := range v.parts {
		if !p.Valid {
			return nil, false
		}
		parts[i] = strings.TrimSpace(p.String)
	}
	return []byte(scheme.JoinParts(parts)), true
}

// orphan keeps a value without an answer, if there is room.
func (l *look) orphan(v *value, text string, o *translate.Outcome) {
	if at, ok := l.missingAt[text]; ok {
		l.Missing[at].Rows += v.rows
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
		Child: l.ref.Table + " " + v.first, Field: strings.Join(l.ref.Columns, ", "), Key: text, Reason: reason, Rows: v.rows,
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
func (l *look) facts(v *value, old, text []byte) {
	l.Widest = max(l.Widest, utf8.RuneCount(text))
	l.made.add(text)
	l.finals.add(foldedText(text, l.foldsNew()))
	if l.sample.new == "" {
		l.sample = sample{old: string(old), new: string(text), part: v.parts[0].String, key: v.first}
	}
	if l.separate() {
		l.present(v, text)
		return
	}
	if string(old) == string(text) {
		l.Done += v.rows
		return
	}
	switch {
	case v.ours:
	case !l.plain():
		l.missed(text)
	default:
		if a := l.column.Table.Find(text); a.Text != "" && a.Text != strings.TrimSpace(string(text)) {
			l.overlaps.add(v.rows, fmt.Sprintf("%s is an old number of %s", text, a.Text))
		}
	}
}

// missed looks whether what is written can be read again: a pattern may find
// old numbers alone.
func (l *look) missed(text []byte) {
	var o translate.Outcome
	_, _ = l.column.Translate(nil, text, &o)
	if o.IDs == 0 || len(o.Lost) > 0 {
		l.unread.add(1, string(text))
	}
}

// plain says that a text of the reference is one ID.
func (l *look) plain() bool { return l.ref.Shape.Split == "" && l.ref.Shape.Pattern == nil }

// present looks at what stands in a target of its own.
func (l *look) present(v *value, text []byte) {
	present := strings.TrimSpace(v.present.String)
	switch {
	case present == "":
	case v.present.String == string(text):
		l.Done += v.rows
	case l.plain() && l.column.Table.Find([]byte(present)).Text == strings.TrimSpace(string(text)): // a number that it had
	default:
		l.occupied.add(v.rows, fmt.Sprintf("%s holds %q", v.first, present))
	}
}
