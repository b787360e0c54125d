package rewrite

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/delimited"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/where"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// pass is one way through a delimited file: every reference with where its
// cells are among those that are handed out.
type pass struct {
	file    *File
	columns []string // handed out: of references, then of conditions, then the others
	refs    []passReference
	add     []string
	others  int // the first of the columns that no reference is about
	tables  []spaceTable
}

type passReference struct {
	*FileReference
	column translate.Column
	cells  []int
	target int
	filter *where.Filter
	tested []int
}

// spaceTable is a table with the name of its ID space.
type spaceTable struct {
	name  string
	table *translate.Table
}

// newPass finds the columns in a header.
func newPass(f *File, header []string, tables Tables) (*pass, error) {
	p := &pass{file: f}
	at := func(name string) int {
		if i := slices.Index(p.columns, name); i >= 0 {
			return i
		}
		p.columns = append(p.columns, name)
		return len(p.columns) - 1
	}
	for i := range f.References {
		r := &f.References[i]
		if _, err := delimited.Find(f.Name, header, r.Columns); err != nil {
			return nil, err
		}
		pr := passReference{FileReference: r, column: translate.Column{Table: tables[r.RefersTo], Shape: r.Shape, Missing: translate.Keep}}
		for _, c := range r.Columns {
			pr.cells = append(pr.cells, at(delimited.Name([]byte(c))))
		}
		if r.Where != "" {
			var err error
			if pr.filter, err = where.Parse(r.Where, f.Name, header); err != nil {
				return nil, err
			}
		}
		p.refs = append(p.refs, pr)
		if !slices.ContainsFunc(p.tables, func(t spaceTable) bool { return t.name == r.RefersTo }) {
			p.tables = append(p.tables, spaceTable{r.RefersTo, tables[r.RefersTo]})
		}
	}
	referring := len(p.columns)
	for i := range p.refs {
		if p.refs[i].filter != nil {
			for _, c := range p.refs[i].filter.Columns() {
				p.refs[i].tested = append(p.refs[i].tested, at(c))
			}
		}
	}
	p.others = referring
	for i, name := range header { // two columns of one name cannot be told apart
		if name != "" && !slices.Contains(header[:i], name) && !slices.Contains(header[i+1:], name) {
			at(name)
		}
	}
	for i := range p.refs {
		r := &p.refs[i]
		if r.target = r.cells[0]; len(r.cells) > 1 {
			if slices.Contains(header, r.target0()) || slices.Contains(p.add, r.target0()) {
				return nil, fmt.Errorf("%s has a column %s already, which would take the canonical IDs of %s; rename it", f.Name, r.target0(), strings.Join(r.Columns, ", "))
			}
			r.target = len(p.columns) + len(p.add)
			p.add = append(p.add, r.target0())
		}
	}
	return p, nil
}

// target0 is the column that takes the canonical ID of a composite one.
func (r *FileReference) target0() string { return r.Columns[0] + "_canonical" }

// worker is what one goroutine of a pass counts, and its scratch.
type worker struct {
	found  []found
	words  []words // of the columns that no reference is about
	buffer []byte
	values []mapping.Value
	parts  []string
	taken  []bool
}

// found is what became of a reference's cells.
type found struct {
	rows, empty, resolvable, done, redirected, orphans, overlaps int64
	widest                                                       int
	missing                                                      map[string]*Orphan
	lines                                                        map[string]int64
	overlap                                                      int64 // the first line
}

// words are IDs that stand in a column that is no reference.
type words struct {
	cells int64
	line  int64 // of the first one
	space string
}

func (p *pass) newWorker() *worker {
	w := &worker{found: make([]found, len(p.refs)), words: make([]words, len(p.columns)-p.others), taken: make([]bool, len(p.columns))}
	for i := range w.found {
		w.found[i].missing, w.found[i].lines = map[string]*Orphan{}, map[string]int64{}
	}
	return w
}

// run carries the pass out.
func (p *pass) run(ctx context.Context, dst io.Writer, src io.Reader) (delimited.Stats, *worker, error) {
	workers := make([]*worker, runtime.GOMAXPROCS(0))
	for i := range workers {
		workers[i] = p.newWorker()
	}
	stats, err := delimited.Edit(ctx, dst, src, p.file.Name, delimited.Options{
		Delimiter: p.file.Delimiter, Charset: p.file.Charset, Columns: p.columns, Add: p.add, Workers: len(workers),
	}, func(no int, b *delimited.Batch) error {
		for record := range b.Len() {
			p.record(workers[no], b, record)
		}
		return nil
	})
	if err != nil {
		return stats, nil, err
	}
	for _, w := range workers[1:] {
		workers[0].merge(w)
	}
	return stats, workers[0], nil
}

// record translates the cells of one record.
func (p *pass) record(w *worker, b *delimited.Batch, record int) {
	clear(w.taken)
	for i := range p.refs {
		r, f := &p.refs[i], &w.found[i]
		if r.filter != nil && !p.wanted(w, r, b, record) {
			continue
		}
		line := b.Line(record)
		if w.taken[r.cells[0]] {
			if f.overlaps++; f.overlap == 0 || line < f.overlap {
				f.overlap = line
			}
			continue
		}
		w.taken[r.cells[0]] = true
		f.rows++
		var o translate.Outcome
		var changed bool
		text := b.Cell(record, r.cells[0])
		if len(r.cells) == 1 {
			w.buffer, changed = r.column.Translate(w.buffer[:0], text, &o)
		} else {
			text, changed = p.composite(w, r, b, record, &o)
		}
		if changed {
			b.Set(record, r.target, w.buffer)
		}
		f.count(p.file, r, &o, text, w.buffer, line)
	}
	p.look(w, b, record)
}

// wanted reports whether a record fulfils the reference's condition.
func (p *pass) wanted(w *worker, r *passReference, b *delimited.Batch, record int) bool {
	w.values = w.values[:0]
	for _, c := range r.tested {
		w.values = append(w.values, mapping.Value{Text: string(b.Cell(record, c))})
	}
	return r.filter.Match(w.values)
}

// composite translates an ID of several parts into w.buffer; text is the ID.
// One of which a part is blank refers to nobody.
func (p *pass) composite(w *worker, r *passReference, b *delimited.Batch, record int, o *translate.Outcome) (text []byte, some bool) {
	w.parts, w.buffer = w.parts[:0], w.buffer[:0]
	for _, c := range r.cells {
		part := bytes.TrimSpace(b.Cell(record, c))
		if len(part) == 0 {
			return nil, false
		}
		w.parts = append(w.parts, string(part))
	}
	text = []byte(scheme.JoinParts(w.parts))
	w.buffer, _ = r.column.Translate(w.buffer, text, o)
	return text, o.Translated > 0
}

func (f *found) count(file *File, r *passReference, o *translate.Outcome, old, text []byte, line int64) {
	switch {
	case o.IDs == 0:
		f.empty++
	case len(o.Lost) > 0:
		f.orphans++
		f.orphan(file, r, o, old, line)
	default:
		f.resolvable++
		f.widest = max(f.widest, utf8.RuneCount(text))
		if o.Redirected > 0 {
			f.redirected++
		}
		if o.Unchanged == o.IDs && len(r.cells) == 1 {
			f.done++
		}
	}
}

// orphan keeps a text without an answer.
func (f *found) orphan(file *File, r *passReference, o *translate.Outcome, text []byte, line int64) {
	m := f.missing[string(text)]
	if m == nil {
		if len(f.missing) == 100*keptOrphans {
			return
		}
		lost := o.Lost[0]
		reason := reasonOf(lost.Status)
		if o.IDs > 1 || lost.ID != string(text) {
			reason = fmt.Sprintf("%q is %s", lost.ID, reason)
		}
		m = &Orphan{Field: strings.Join(r.Columns, ", "), Key: string(text), Reason: reason}
		f.missing[m.Key] = m
	}
	if m.Rows++; m.Rows == 1 || line < f.lines[m.Key] {
		m.Child, f.lines[m.Key] = fmt.Sprintf("%s:%d", file.Name, line), line
	}
}

// look looks for IDs in the cells that no reference is about.
func (p *pass) look(w *worker, b *delimited.Batch, record int) {
	for c := p.others; c < len(p.columns); c++ {
		space, some := p.mentions(b.Cell(record, c))
		if !some {
			continue
		}
		seen := &w.words[c-p.others]
		if seen.cells++; seen.line == 0 || b.Line(record) < seen.line {
			seen.line, seen.space = b.Line(record), space
		}
	}
}

// shortestWord is the length of the shortest word that is taken for an ID; of
// nothing but digits it is one more, for years and amounts would be meant.
const shortestWord = 4

// mentions reports whether a text has a word that is an ID, and of which space.
func (p *pass) mentions(text []byte) (space string, some bool) {
	for word := range bytes.FieldsFuncSeq(text, func(r rune) bool { return !inWord(r) }) {
		digits := 0
		for _, c := range word {
			if '0' <= c && c <= '9' {
				digits++
			}
		}
		if digits == 0 || len(word) < shortestWord || digits == len(word) && len(word) == shortestWord {
			continue
		}
		for _, t := range p.tables {
			if a := t.table.Find(word); a.Text != "" {
				return t.name, true
			}
		}
	}
	return "", false
}

func inWord(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= 0x80 && r != 0xa0
}

// merge adds what another goroutine counted.
func (w *worker) merge(o *worker) {
	for i := range w.found {
		w.found[i].merge(&o.found[i])
	}
	for i := range w.words {
		a, b := &w.words[i], &o.words[i]
		if a.cells += b.cells; b.line > 0 && (a.line == 0 || b.line < a.line) {
			a.line, a.space = b.line, b.space
		}
	}
}

func (f *found) merge(o *found) {
	f.rows += o.rows
	f.empty += o.empty
	f.resolvable += o.resolvable
	f.done += o.done
	f.redirected += o.redirected
	f.orphans += o.orphans
	f.overlaps += o.overlaps
	f.widest = max(f.widest, o.widest)
	if o.overlap > 0 && (f.overlap == 0 || o.overlap < f.overlap) {
		f.overlap = o.overlap
	}
	for key, m := range o.missing {
		mine := f.missing[key]
		if mine == nil {
			f.missing[key], f.lines[key] = m, o.lines[key]
			continue
		}
		mine.Rows += m.Rows
		if o.lines[key] < f.lines[key] {
			mine.Child, f.lines[key] = m.Child, o.lines[key]
		}
	}
}
