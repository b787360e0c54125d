package translate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/delimited"
)

// CSV translates delimited text; see package delimited for what stays. Where
// an ID is missing whose field has to fail, nothing is written from its record
// on, but all of src is read and counted.
func CSV(ctx context.Context, dst io.Writer, src io.Reader, s Stream) (*Summary, error) {
	j, o, err := newCSVJob(&s)
	if err != nil {
		return nil, err
	}
	stats, err := delimited.Edit(ctx, dst, src, s.Name, o, func(worker int, b *delimited.Batch) error {
		j.edit(&j.workers[worker], b)
		return tableErr(s.Fields)
	})
	j.sum.Records, j.sum.Broken, j.sum.Diverted, j.sum.FirstBroken = stats.Records, stats.Broken, stats.Diverted, stats.FirstBroken
	if err == nil && j.failed != nil {
		err = j.failed
	}
	return j.sum, err
}

// tableErr is the error of a table that could not read what it needed.
func tableErr(fields []Field) error {
	for i := range fields {
		if err := fields[i].Table.Err(); err != nil {
			return err
		}
	}
	return nil
}

// csvJob is one call of CSV.
type csvJob struct {
	*Stream
	fields  []csvField
	workers []csvWorker
	sum     *Summary
	failed  *MissingError // the first
}

// csvField is a field and its place in the batches.
type csvField struct {
	*Field
	columns []int
	target  int  // where the translation goes
	single  bool // every text is one ID
}

// csvWorker is the room that one goroutine needs.
type csvWorker struct {
	ids     [][]byte
	answers [atOnce]Answer
	text    []byte
	parts   []string
	outcome Outcome
}

func newCSVJob(s *Stream) (*csvJob, delimited.Options, error) {
	o := delimited.Options{Delimiter: s.Delimiter, Charset: s.Charset, Diverted: s.Diverted, Workers: runtime.GOMAXPROCS(0)}
	j := &csvJob{Stream: s, workers: make([]csvWorker, o.Workers), sum: newSummary(s.Fields)}
	inPlace := map[string]bool{}
	for i := range s.Fields {
		f := csvField{Field: &s.Fields[i]}
		for _, name := range f.Names {
			at := slices.Index(o.Columns, name)
			if at < 0 {
				at = len(o.Columns)
				o.Columns = append(o.Columns, name)
			}
			f.columns = append(f.columns, at)
		}
		switch name := f.Names[0]; {
		case f.Missing == Divert && s.Diverted == nil:
			return nil, o, errors.New("records are to be diverted, but nothing says where to")
		case f.Add != "":
			o.Add = append(o.Add, f.Add)
		case len(f.Names) > 1:
			return nil, o, &delimited.NamesError{Why: fmt.Sprintf("%s make one ID; name a column to add that takes its translation", strings.Join(f.Names, " and "))}
		case inPlace[name]:
			return nil, o, &delimited.NamesError{Why: fmt.Sprintf("column %s is to be translated twice; name a column to add for one of them", name)}
		default:
			inPlace[name] = true
		}
		f.single = len(f.Names) == 1 && f.Shape.Split == "" && f.Shape.Pattern == nil && len(f.Shape.None) == 0
		j.fields = append(j.fields, f)
	}
	added := len(o.Columns)
	for i := range j.fields {
		f := &j.fields[i]
		if f.target = f.columns[0]; f.Add != "" {
			f.target = added
			added++
		}
	}
	return j, o, nil
}

// edit translates a batch.
func (j *csvJob) edit(w *csvWorker, b *delimited.Batch) {
	tallies := newSummary(j.Fields).Fields
	first := b.Len()
	var failed *MissingError
	for i := range j.fields {
		record := j.fields[i].edit(w, b, &tallies[i])
		if record >= 0 && record < first {
			first = record
			failed = &MissingError{Summary: j.sum, Field: tallies[i].Field, First: tallies[i].Examples[0]}
		}
	}
	if failed != nil {
		b.Cut(first)
	}
	b.Then(func() {
		for i := range tallies {
			j.sum.Fields[i].merge(&tallies[i])
		}
		if j.failed == nil {
			j.failed = failed
		}
	})
}

// atOnce is how many cells are looked up together and put in before the next,
// while what was found is still near.
const atOnce = 256

// edit translates a field of a batch, and answers the first record that makes
// the translation fail, or -1.
func (f *csvField) edit(w *csvWorker, b *delimited.Batch, t *Tally) int {
	failed := -1
	for from := 0; from < b.Len(); from += atOnce {
		to := min(from+atOnce, b.Len())
		if f.single {
			w.ids = w.ids[:0]
			for i := from; i < to; i++ {
				w.ids = append(w.ids, b.Cell(i, f.columns[0]))
			}
			f.Table.FindAll(w.ids, w.answers[:len(w.ids)])
		}
		for i := from; i < to; i++ {
			if f.single && w.answers[i-from].Text != "" && isBare(w.ids[i-from]) {
				f.set(b, i, w.ids[i-from], w.answers[i-from], t)
				continue
			}
			if !f.editOne(w, b, i, t) && f.Missing == Fail && failed < 0 {
				failed = i
			}
		}
	}
	return failed
}

// isBare reports whether an ID has surely no space around it.
func isBare(id []byte) bool {
	first, last := id[0], id[len(id)-1]
	return ' ' < first && first < utf8.RuneSelf && ' ' < last && last < utf8.RuneSelf
}

// set puts the answer in the place of a text that is one ID.
func (f *csvField) set(b *delimited.Batch, record int, id []byte, a Answer, t *Tally) {
	t.Cells++
	t.Translated++
	if a.Status == Redirected {
		t.Redirected++
	}
	same := a.Text == string(id)
	if same {
		t.Unchanged++
	}
	if !same || f.Add != "" {
		b.Set(record, f.target, bytesOf(a.Text))
	}
}

// editOne translates a cell, or several that make one ID. It reports false if
// an ID is missing.
func (f *csvField) editOne(w *csvWorker, b *delimited.Batch, record int, t *Tally) bool {
	o := &w.outcome
	*o = Outcome{Lost: o.Lost[:0]}
	changed := false
	if len(f.columns) == 1 {
		w.text, changed = f.Translate(w.text[:0], b.Cell(record, f.columns[0]), o)
	} else {
		f.join(w, b, record)
	}
	if o.IDs == 0 {
		return true
	}
	if changed || f.Add != "" {
		b.Set(record, f.target, w.text)
	}
	if len(o.Lost) == 0 {
		t.add(o, 0)
		return true
	}
	t.add(o, b.Line(record))
	if f.Missing == Divert {
		b.Divert(record)
	}
	return false
}

// join translates a composite ID.
func (f *csvField) join(w *csvWorker, b *delimited.Batch, record int) {
	w.parts, w.text = w.parts[:0], w.text[:0]
	for _, c := range f.columns {
		w.parts = append(w.parts, string(b.Cell(record, c)))
	}
	id := f.composite(w.parts)
	if len(id) == 0 {
		return
	}
	answer := f.Table.Find(id)
	w.outcome.count(id, answer)
	switch {
	case answer.Text != "":
		w.text = append(w.text, answer.Text...)
	case f.Missing != Empty:
		w.text = append(w.text, id...)
	}
}
