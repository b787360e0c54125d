package infer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// table is IDs of one shape, cut into runs: column r holds the run r of every
// ID.
type table struct {
	ids   []string
	kinds []byte
	cols  [][]string
	done  [][]field // of a column that is explained
	notes []string
}

func newTable(ids []string) table {
	rs := runs(nil, ids[0])
	t := table{ids: ids, done: make([][]field, len(rs)), cols: make([][]string, len(rs))}
	for _, r := range rs {
		t.kinds = append(t.kinds, r.kind)
	}
	for i := range t.cols {
		t.cols[i] = make([]string, len(ids))
	}
	for k, id := range ids {
		rs = runs(rs[:0], id)
		for i, r := range rs {
			t.cols[i][k] = id[r.start:r.end]
		}
	}
	return t
}

// pick is the table of some of its rows.
func (t *table) pick(rows []int) table {
	p := table{kinds: t.kinds, done: slices.Clone(t.done), notes: slices.Clone(t.notes), cols: make([][]string, len(t.cols))}
	p.ids = make([]string, len(rows))
	for i, row := range rows {
		p.ids[i] = t.ids[row]
	}
	for c := range t.cols {
		p.cols[c] = make([]string, len(rows))
		for i, row := range rows {
			p.cols[c][i] = t.cols[c][row]
		}
	}
	return p
}

// with is the table of some rows, column c explained.
func (t *table) with(c int, rows []int, fields []field, notes []string) table {
	p := t.pick(rows)
	p.done[c] = fields
	p.notes = append(p.notes, notes...)
	return p
}

// refine explains the columns of a table one after the other: separators and
// letters first, since they tell kinds of IDs apart. Where a column has
// several explanations the table parts.
func (a *analysis) refine(t table) []proposal {
	if len(t.ids) < a.least || len(t.cols) > 24 {
		return nil
	}
	for c, kind := range t.kinds {
		if t.done[c] == nil && (kind == separatorRun || kind == markRun) {
			t.done[c] = []field{literal(t.cols[c][0])}
		}
	}
	for c, kind := range t.kinds {
		if t.done[c] == nil && kind == letterRun {
			return a.refineAll(a.letters(&t, c))
		}
	}
	if parts := a.dottedDate(&t); parts != nil {
		return a.refineAll(parts)
	}
	for c, kind := range t.kinds {
		if t.done[c] == nil && kind == digitRun {
			var parts []table
			for _, r := range a.digits(t.cols[c], t.alone(c), t.only(c)) {
				parts = append(parts, t.with(c, r.rows, r.fields, r.notes))
			}
			return a.refineAll(parts)
		}
	}
	p := proposal{ids: t.ids, notes: t.notes}
	chunk := 0
	for c, kind := range t.kinds {
		if kind == separatorRun {
			chunk++
		}
		for _, f := range t.done[c] {
			f.chunk = chunk
			p.fields = append(p.fields, f)
		}
	}
	return []proposal{p}
}

func (a *analysis) refineAll(parts []table) []proposal {
	var out []proposal
	for _, p := range parts {
		out = append(out, a.refine(p)...)
	}
	return out
}

// alone reports whether column c is a chunk between separators, and not the
// whole ID.
func (t *table) alone(c int) bool {
	return len(t.cols) > 1 && (c == 0 || t.kinds[c-1] == separatorRun) && (c == len(t.kinds)-1 || t.kinds[c+1] == separatorRun)
}

// only reports whether nothing but column c varies.
func (t *table) only(c int) bool {
	for i, kind := range t.kinds {
		if i != c && kind == digitRun || i != c && len(t.done[i]) == 1 && t.done[i][0].token != "" {
			return false
		}
	}
	return true
}

// moreThan reports whether anything but column c can vary, so that the column
// may be the same everywhere.
func (t *table) moreThan(c int) bool {
	for i, kind := range t.kinds {
		if i != c && (kind == digitRun || kind == letterRun) && (len(t.done[i]) == 0 || t.done[i][0].token != "") {
			return kind == digitRun || len(t.ids) > 1
		}
	}
	return slices.Contains(t.kinds, markRun)
}

// fewWords is how many prefixes make schemes of their own; more are a code.
const fewWords = 4

// letters explains a column of letters: by a word that all IDs have, by a few
// words that each make a scheme, by a code list, or as letters.
func (a *analysis) letters(t *table, c int) []table {
	if l, holds, ok := a.codeOfLetters(t.cols[c]); ok {
		var rows []int
		for i, text := range t.cols[c] {
			if l.reads.Match(text) {
				rows = append(rows, i)
			}
		}
		return []table{t.with(c, rows, []field{{token: "code", arg: l.name}}, []string{l.note(holds)})}
	}
	if !t.moreThan(c) {
		return []table{a.lettersOfWidth(t, c)}
	}
	type word struct {
		text string
		rows []int
	}
	at := map[string]int{}
	var words []word
	for i, text := range t.cols[c] {
		k, ok := at[text]
		if !ok {
			k = len(words)
			at[text] = k
			words = append(words, word{text: text})
		}
		words[k].rows = append(words[k].rows, i)
	}
	slices.SortFunc(words, func(a, b word) int {
		return cmp.Or(cmp.Compare(len(b.rows), len(a.rows)), strings.Compare(a.text, b.text))
	})
	frequent, covered := 0, 0
	for _, w := range words {
		if len(w.rows) < max(a.least, 3, len(t.ids)/33) {
			break
		}
		frequent++
		covered += len(w.rows)
	}
	var out []table
	if top := len(words[0].rows); 10*top >= 9*len(t.ids) {
		frequent, covered = 1, top // the others are slips, unless there are enough of them
	}
	if frequent > 0 && frequent <= fewWords && 100*covered >= 85*len(t.ids) {
		for _, w := range words[:frequent] {
			out = append(out, t.with(c, w.rows, []field{literal(w.text)}, nil))
		}
		return out
	}
	return []table{a.lettersOfWidth(t, c)}
}

// lettersOfWidth reads a column as letters of its usual widths.
func (a *analysis) lettersOfWidth(t *table, c int) table {
	var count [maxKey + 1]int
	for _, text := range t.cols[c] {
		count[len(text)]++
	}
	f := usualWidths("letters", count[:], len(t.ids))
	var rows []int
	for i, text := range t.cols[c] {
		if n := len(text); f.min <= n && (f.open || n <= f.max) {
			rows = append(rows, i)
		}
	}
	return t.with(c, rows, []field{f}, nil)
}

// usualWidths is the token with the widths that at least one in 25 texts has;
// without an upper bound where there are many.
func usualWidths(token string, count []int, total int) field {
	f := field{token: token}
	for w, n := range count {
		if w > 0 && n > 0 && 25*n >= total {
			if f.min == 0 {
				f.min = w
			}
			f.max = w
		}
	}
	if f.min == 0 || f.max-f.min > 7 {
		return field{token: token, min: 1, open: true}
	}
	return f
}

// dotted are the dates with separators, by the widths of their parts.
var dotted = []string{"YYYY-MM-DD", "DD-MM-YYYY", "MM-DD-YYYY", "YY-MM-DD", "DD-MM-YY", "MM-DD-YY", "YYYY-MM", "MM-YYYY"}

// dottedDate recognises a date in columns of digits with one separator
// between them, such as 2024-01-31.
func (a *analysis) dottedDate(t *table) []table {
	for _, text := range dotted {
		words := strings.Split(text, "-")
		for c := 0; c+2*len(words)-1 <= len(t.cols); c++ {
			if p, ok := t.dottedAt(c, words); ok {
				return []table{p}
			}
		}
	}
	return nil
}

func (t *table) dottedAt(c int, words []string) (table, bool) {
	last := c + 2*len(words) - 2
	for i := c; i <= last; i++ {
		switch {
		case (i-c)%2 == 0:
			if t.kinds[i] != digitRun || t.done[i] != nil {
				return table{}, false
			}
		case len(t.cols[i][0]) != 1 || !strings.Contains("-/. ", t.cols[i][0]) || t.cols[i][0] != t.cols[c+1][0]:
			return table{}, false
		}
	}
	var rows []int
	var joined []string
	for k := range t.ids {
		if k == 32 && len(rows) < 24 {
			return table{}, false
		}
		fits := true
		var b strings.Builder
		for i, w := range words {
			fits = fits && len(t.cols[c+2*i][k]) == len(w)
			b.WriteString(t.cols[c+2*i][k])
		}
		if fits {
			rows = append(rows, k)
			joined = append(joined, b.String())
		}
	}
	if float64(len(rows)) < 0.85*float64(len(t.ids)) {
		return table{}, false
	}
	all := readLayouts(strings.Join(words, ""))
	if len(all) == 0 {
		return table{}, false
	}
	d, ok := all[0].judge(joined, 0, len(joined[0]), true)
	if !ok {
		return table{}, false
	}
	layout := strings.Join(words, t.cols[c+1][0])
	p := t.with(c, rows, []field{{token: "date", arg: layout}}, []string{
		fmt.Sprintf("%s %% have a real date %s, where chance would not.", percent(d.holds), layout),
	})
	for i := c + 1; i <= last; i++ {
		p.done[i] = []field{}
	}
	return p, true
}
