package delimited

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"sync"

	"github.com/xwalk-id/xwalk/mapping/charset"
)

// Options say how a text is edited.
type Options struct {
	// Delimiter is one ASCII sign; 0: the text shows it.
	Delimiter byte
	// Charset is the text's encoding; Unknown: the text shows it.
	Charset charset.Charset
	// Columns are the cells that are handed out, by the names in the header.
	Columns []string
	// Add are names of columns that every record gets at its end, in this order.
	Add []string
	// Diverted takes, where it is not nil, the header and the records that
	// [Batch.Divert] takes out, byte for byte.
	Diverted io.Writer
	// Workers is how many batches are edited at once; 0: as many as there are
	// processors.
	Workers int

	chunk int // bytes that are read at a time; 0: chunkBytes
}

// Stats say what was done.
type Stats struct {
	Records  int64 // without the header
	Broken   int64 // passed through as they are
	Diverted int64
	Header   []string
	// FirstBroken are the first few, each with its place and reason.
	FirstBroken []string
}

const (
	chunkBytes  = 1 << 20
	brokenShown = 5
)

// Edit copies src to dst and lets edit change cells. It calls edit from
// several goroutines; worker counts from 0 up to Workers and says which, so
// that each can have scratch of its own. Batches are written in their order:
// what an error of edit concerns is not written, and what comes before it is.
//
// A column that the header lacks is a [*mapping.ColumnError], one that is there
// twice, or already, a [*NamesError]; text that the
// encoding cannot write is an error that names the line. A few batches of a
// MiB, or as long as the longest record, are in memory. After an error src may
// be read from once more.
func Edit(ctx context.Context, dst io.Writer, src io.Reader, name string, o Options, edit func(worker int, b *Batch) error) (Stats, error) {
	if err := ctx.Err(); err != nil {
		return Stats{}, err
	}
	r, err := newReader(src, name, &o)
	if err != nil {
		return Stats{}, err
	}
	e := &editor{reader: r, dst: dst, diverted: o.Diverted, edit: edit, layout: layout{
		name: name, Dialect: r.scanner.Dialect, width: len(r.header) + len(o.Add),
	}}
	if r.scanner.wanted, err = Find(name, r.header, o.Columns); err != nil {
		return Stats{}, err
	}
	for i, added := range o.Add {
		switch {
		case slices.Contains(r.header, Name([]byte(added))):
			return Stats{}, wrongNames("%s has a column %q already; name the one that is to be added otherwise", name, added)
		case slices.Contains(o.Add[:i], added):
			return Stats{}, wrongNames("two columns %q are to be added; name one of them otherwise", added)
		}
	}
	for i, column := range o.Columns {
		if slices.Contains(r.scanner.wanted[:i], r.scanner.wanted[i]) {
			return Stats{}, wrongNames("column %q of %s is named twice", Name([]byte(column)), name)
		}
		e.layout.order = append(e.layout.order, i)
	}
	slices.SortFunc(e.layout.order, func(a, b int) int { return cmp.Compare(r.scanner.wanted[a], r.scanner.wanted[b]) })
	e.stats.Header = slices.Concat(r.header, o.Add)
	if err := e.writeHeader(o.Add); err != nil {
		return e.stats, err
	}
	err = e.run(ctx, len(o.Columns), len(o.Add), cmp.Or(o.Workers, runtime.GOMAXPROCS(0)))
	return e.stats, err
}

// editor is one call of Edit.
type editor struct {
	reader   *reader
	layout   layout
	dst      io.Writer
	diverted io.Writer
	edit     func(worker int, b *Batch) error
	stats    Stats
	closed   bool // nothing more is written
	guessed  bool // as in Batch, of what was written so far
}

func (e *editor) writeHeader(add []string) error {
	r := e.reader
	b := &Batch{layout: &e.layout, charset: r.charset}
	out := slices.Clone(r.head[:r.headEnd])
	for _, name := range add {
		ok := false
		if out, ok = b.appendAdded(out, []byte(name)); !ok {
			return fmt.Errorf("%s:1: %w", e.layout.name, b.unwritable())
		}
	}
	e.guessed = b.guessed
	if _, err := e.dst.Write(append(out, r.head[r.headEnd:]...)); err != nil {
		return err
	}
	if e.diverted == nil {
		return nil
	}
	_, err := e.diverted.Write(r.head)
	return err
}

// run reads, edits and writes batches at the same time. No more of them exist
// than are on their way.
func (e *editor) run(ctx context.Context, columns, added, workers int) error {
	ctx, cancel := context.WithCancel(ctx)
	var editing sync.WaitGroup
	defer editing.Wait()
	defer cancel()
	n := workers + 2
	free, work, order := make(chan *Batch, n), make(chan *Batch, n), make(chan *Batch, n)
	for range n {
		free <- &Batch{layout: &e.layout, columns: columns, added: added, done: make(chan struct{}, 1)}
	}
	go e.read(ctx, free, work, order)
	for worker := range workers {
		editing.Go(func() {
			for b := range batches(ctx, work) {
				b.err = cmp.Or(e.work(worker, b), b.err)
				b.done <- struct{}{}
			}
		})
	}
	for b := range batches(ctx, order) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.done:
		}
		if err := e.write(b); err != nil {
			return err
		}
		free <- b
	}
	return ctx.Err()
}

// batches yields what comes out of a channel, until ctx ends.
func batches(ctx context.Context, from <-chan *Batch) iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		for {
			select {
			case <-ctx.Done():
				return
			case b, more := <-from:
				if !more || !yield(b) {
					return
				}
			}
		}
	}
}

// read hands batches out until the text ends.
func (e *editor) read(ctx context.Context, free <-chan *Batch, work, order chan<- *Batch) {
	defer close(work)
	defer close(order)
	for b := range batches(ctx, free) {
		more := e.reader.fill(b)
		order <- b
		work <- b
		if !more {
			return
		}
	}
}

// work edits a batch and makes its text.
func (e *editor) work(worker int, b *Batch) error {
	b.judge()
	var err error
	if b.Len() > 0 {
		err = e.edit(worker, b)
	}
	if err == nil || b.cut >= 0 {
		err = cmp.Or(b.render(), err)
	}
	return err
}

// write writes a batch and counts.
func (e *editor) write(b *Batch) error {
	if e.guessed = e.guessed || b.guessed; e.guessed && b.charset != charset.Unknown && b.charset != charset.UTF8 {
		return fmt.Errorf("%s is %s, as its text shows further down, but what was put in before was written as UTF-8; name the encoding", e.layout.name, b.charset)
	}
	if !e.closed {
		if _, err := e.dst.Write(b.out); err != nil {
			return err
		}
		if e.diverted != nil && len(b.aside) > 0 {
			if _, err := e.diverted.Write(b.aside); err != nil {
				return err
			}
		}
	}
	e.closed = e.closed || b.cut >= 0
	e.stats.Records += int64(len(b.records) + len(b.broken))
	e.stats.Broken += int64(len(b.broken))
	for _, d := range b.diverted {
		if d {
			e.stats.Diverted++
		}
	}
	slices.SortFunc(b.broken, func(x, y broken) int { return cmp.Compare(x.line, y.line) })
	for _, r := range b.broken[:min(len(b.broken), brokenShown-len(e.stats.FirstBroken))] {
		e.stats.FirstBroken = append(e.stats.FirstBroken, fmt.Sprintf("%s:%d: %s", e.layout.name, r.line, b.reason(r)))
	}
	if b.then != nil {
		b.then()
	}
	return b.err
}
