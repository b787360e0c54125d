package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Options say what to look for. All may be left out.
type Options struct {
	Source   string // its name in the profile
	IDs      []ID   // the columns that hold numbers
	Codes    scheme.Codes
	Progress func(done, total int64) // total 0: unknown
}

// ID is an ID space of the source. Its Rule names the columns, and the
// schemes as far as they are configured.
type ID struct {
	Name string // "legacy", or "legacy.code" for a further number
	Rule rules.IDRule
}

// Profile is what there is to know about a source.
type Profile struct {
	Source   string      `json:"source"`
	Settings []Setting   `json:"settings,omitempty"` // what was recognised in the source; filled in by the caller
	Rows     int64       `json:"rows"`               // all that were read, unreadable ones included
	Rejects  Rejects     `json:"unreadable"`
	IDs      []Numbering `json:"numbers,omitempty"`
	Columns  []Column    `json:"columns,omitempty"`
	Alike    []string    `json:"columns_alike,omitempty"` // headers of several columns, none of which can be read; filled in by the caller
}

// Setting is a fact about how the source is written: encoding gb18030.
type Setting struct {
	Key   string `json:"setting"`
	Value string `json:"value"`
}

// Rejects are the rows that could not be read.
type Rejects struct {
	Rows    int64    `json:"rows"`
	Reasons []Reason `json:"reasons,omitempty"`
}

// Reason is why some rows or IDs could not be read, and where the first are.
type Reason struct {
	Reason string   `json:"reason"`
	Rows   int64    `json:"rows"`
	Places []string `json:"places,omitempty"`
}

const (
	batchRows  = 512
	maxReasons = 100
	maxPlaces  = 5
)

// batch is rows on their way to the observers. Every observer sees every
// batch, one after the other, and the last one gives it back.
type batch struct {
	width   int
	values  []mapping.Value
	lines   []int64
	pending atomic.Int32
}

func (b *batch) column(row, col int) mapping.Value { return b.values[row*b.width+col] }

// observer looks at some of the values of each row.
type observer interface {
	observe(b *batch)
}

// Look reads src, whose records have the named columns, and profiles it. Rows
// that cannot be read are counted; any other error of the source ends it. A
// wrong scheme or key rule of an ID is an error too.
func Look(ctx context.Context, src mapping.Source, columns []string, o Options) (*Profile, error) {
	p := &Profile{Source: o.Source}
	sketches := make([]*sketch, len(columns))
	var observers []observer
	for i := range columns {
		sketches[i] = newSketch(i)
		observers = append(observers, sketches[i])
	}
	ids := make([]*collector, len(o.IDs))
	for i, id := range o.IDs {
		var err error
		if ids[i], err = newCollector(id, columns, o.Codes); err != nil {
			return nil, err
		}
		observers = append([]observer{ids[i]}, observers...) // the most work first
	}
	total := int64(0)
	if c, ok := src.(mapping.Counter); ok {
		total, _ = c.Count(ctx)
	}
	for _, c := range ids {
		c.expect(total)
	}
	progress := func(done int64) {
		if o.Progress != nil {
			o.Progress(done, total)
		}
	}
	places, err := p.read(ctx, src, len(columns), observers, progress)
	if err != nil {
		return nil, err
	}
	sortReasons(p.Rejects.Reasons)
	for i, s := range sketches {
		id := slices.ContainsFunc(o.IDs, func(id ID) bool { return slices.Contains(id.Rule.Columns, columns[i]) })
		p.Columns = append(p.Columns, s.column(columns[i], p.Rows-p.Rejects.Rows, id))
	}
	for _, c := range ids {
		n, err := c.numbering(ctx, places, o.Codes)
		if err != nil {
			return nil, err
		}
		p.IDs = append(p.IDs, *n)
	}
	return p, nil
}

// placer turns the lines that observers keep back into places.
type placer struct {
	file  string
	lines bool // else rows
}

func (p placer) place(line int64) string {
	if p.lines {
		return mapping.Place{File: p.file, Line: line}.String()
	}
	return mapping.Place{File: p.file, Row: line}.String()
}

// read streams src through the observers, which work beside it.
func (p *Profile) read(ctx context.Context, src mapping.Source, width int, observers []observer, progress func(done int64)) (placer, error) {
	workers := max(1, min(runtime.GOMAXPROCS(0), len(observers)))
	queues := make([]chan *batch, workers)
	free := make(chan *batch, 4*workers+2)
	var wg sync.WaitGroup
	for i := range queues {
		queues[i] = make(chan *batch, 4)
		wg.Go(func() {
			for b := range queues[i] {
				for k := i; k < len(observers); k += workers {
					observers[k].observe(b)
				}
				if b.pending.Add(-1) == 0 {
					select {
					case free <- b:
					default:
					}
				}
			}
		})
	}
	send := func(b *batch) {
		b.pending.Store(int32(workers))
		for _, q := range queues {
			q <- b
		}
		progress(p.Rows)
	}
	places, err := p.fill(ctx, src, width, free, send)
	for _, q := range queues {
		close(q)
	}
	wg.Wait()
	return places, err
}

// fill cuts the stream into batches.
func (p *Profile) fill(ctx context.Context, src mapping.Source, width int, free chan *batch, send func(*batch)) (placer, error) {
	var places placer
	b := &batch{width: width}
	for rec, err := range src.Records(ctx) {
		if err != nil {
			if !p.reject(err) {
				return places, err
			}
			continue
		}
		p.Rows++
		line := rec.Place.Line
		if places.file == "" {
			places = placer{rec.Place.File, line > 0}
		}
		if !places.lines {
			line = rec.Place.Row
		}
		b.values = append(b.values, rec.Values...)
		if b.lines = append(b.lines, line); len(b.lines) == batchRows {
			send(b)
			select {
			case b = <-free:
				b.values, b.lines = b.values[:0], b.lines[:0]
			default:
				b = &batch{width: width}
			}
		}
	}
	send(b)
	return places, ctx.Err()
}

// reject counts a row that cannot be read. It is false for an error that
// ends the stream.
func (p *Profile) reject(err error) bool {
	var re *mapping.RecordError
	if !errors.As(err, &re) {
		return false
	}
	p.Rows++
	p.Rejects.Rows++
	p.Rejects.Reasons = addReason(p.Rejects.Reasons, re.Reason, re.Place.String())
	return true
}

// addReason counts one row for a reason. Places are added in their order.
func addReason(list []Reason, reason, place string) []Reason {
	i := slices.IndexFunc(list, func(r Reason) bool { return r.Reason == reason })
	if i < 0 {
		if len(list) == maxReasons {
			return list
		}
		i = len(list)
		list = append(list, Reason{Reason: reason})
	}
	list[i].Rows++
	if len(list[i].Places) < maxPlaces {
		list[i].Places = append(list[i].Places, place)
	}
	return list
}

// sortReasons puts the most frequent ones first.
func sortReasons(list []Reason) {
	slices.SortFunc(list, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Reason, b.Reason))
	})
}

// columnsOf finds the columns of an ID.
func columnsOf(id ID, columns []string) ([]int, error) {
	at := make([]int, len(id.Rule.Columns))
	for i, name := range id.Rule.Columns {
		if at[i] = slices.Index(columns, name); at[i] < 0 {
			return nil, fmt.Errorf("profile %s: the column %q of its ID is not among those read", id.Name, name)
		}
	}
	return at, nil
}
