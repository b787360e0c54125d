package crosswalk

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"strconv"
)

// auditRead is a transaction that sees one state of everything.
type auditRead interface {
	queryer
	rawConn
}

// versioned is a table of rows that later runs supersede, with the table that
// they go to then. Both are read together, in the order of the key and then of
// the runs, in pages: at most a few of them are in memory, however many
// versions a key has.
type versioned struct {
	table, past string // no past: all versions are in the one table
	bySource    bool   // the rows of one source alone
	source      int
	key         string // the column that orders them
	cells       string
	strict      bool // texts are never bytes
	encode      func(row *storedRow, buf []byte, cells []driver.Value) []byte
}

// storedRow is a row as it was read.
type storedRow struct {
	text []byte // what its checksum and the digest of its run cover
	// key, id and into are within text: its key; the canonical ID of a link or
	// the survivor of a number; and the number that one was merged into.
	key, id, into []byte
	from, until   int64 // until is 0 in a row that was not superseded
	sum           int64
	past          bool // it stands in the table of past rows
	unsummed      bool // it is of a time before rows had checksums
	state         State
	problem       string // it cannot be what was written
	// Where text, key and id stand in the page, until it is complete.
	textAt, keyAt, idAt, intoAt span
}

type span struct{ begin, end int }

// rowPage is what is read at a time. Pages of past rows follow the page of
// newest rows in whose range of keys they are.
type rowPage struct {
	of   *versioned
	past bool
	last bool // of its range
	rows []storedRow
	buf  []byte
}

// add makes a row of cells, which are only good during the call.
func (p *rowPage) add(cells []driver.Value) error {
	p.rows = append(p.rows, storedRow{past: p.past})
	row := &p.rows[len(p.rows)-1]
	row.textAt.begin = len(p.buf)
	p.buf = p.of.encode(row, p.buf, cells)
	row.textAt.end = len(p.buf)
	if p.past {
		row.until = row.number(cells[len(cells)-1])
	}
	return nil
}

// finish cuts the page's bytes into rows, now that they stay where they are.
func (p *rowPage) finish() {
	for i := range p.rows {
		r := &p.rows[i]
		r.text, r.key, r.id = p.buf[r.textAt.begin:r.textAt.end], p.buf[r.keyAt.begin:r.keyAt.end], p.buf[r.idAt.begin:r.idAt.end]
		r.into = p.buf[r.intoAt.begin:r.intoAt.end]
	}
}

// number is a cell that is a number.
func (r *storedRow) number(v driver.Value) int64 {
	n, err := number(v)
	if err != nil {
		r.problem = "a number in it is none"
	}
	return n
}

// storedSum is the checksum's cell, which old rows do not have.
func (r *storedRow) storedSum(v driver.Value) {
	if r.unsummed = v == nil; !r.unsummed {
		r.sum = r.number(v)
	}
}

// real is a cell that is a fraction.
func (r *storedRow) real(v driver.Value) float64 {
	var f float64
	var err error
	switch v := v.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	case []byte:
		f, err = strconv.ParseFloat(string(v), 64)
	default:
		f, err = strconv.ParseFloat(text(v), 64)
	}
	if err != nil {
		r.problem = "a number in it is none"
	}
	return f
}

// appendCell writes a text as appendText does, and tells where it stands.
// SQLite keeps in a column whatever it is given, and does not find a text that
// is stored as bytes.
func (r *storedRow) appendCell(buf []byte, v driver.Value, t *versioned) ([]byte, span) {
	var size int
	switch v := v.(type) {
	case string:
		buf = appendText(buf, v)
		size = len(v)
	case []byte:
		if t.strict {
			r.problem = "a text in it is stored as bytes"
		}
		buf = append(binary.AppendUvarint(buf, uint64(len(v))), v...)
		size = len(v)
	default:
		r.problem = "a text in it is none"
		buf = append(buf, 0)
	}
	return buf, span{len(buf) - size, len(buf)}
}

// auditPages is how many pages are in memory.
const auditPages = 4

// rowReader reads pages ahead of who takes them.
type rowReader struct {
	store *Store
	q     auditRead
	pages chan *rowPage
	free  chan *rowPage
}

// eachRow hands over the rows of tables in their order. Reading and taking go
// on side by side; q is free again when it returns.
func (s *Store) eachRow(ctx context.Context, q auditRead, tables []*versioned, each func(t *versioned, row *storedRow) error) error {
	ctx, cancel := context.WithCancel(ctx)
	r := &rowReader{store: s, q: q, pages: make(chan *rowPage), free: make(chan *rowPage, auditPages)}
	for range auditPages {
		r.free <- &rowPage{}
	}
	done := make(chan error, 1)
	go func() {
		defer close(r.pages)
		done <- r.read(ctx, tables)
	}()
	err := r.take(each)
	cancel()
	for range r.pages {
		continue // until the reader has let go of the connection
	}
	if readErr := <-done; err == nil {
		err = readErr
	}
	return err
}

// take merges newest and past rows.
func (r *rowReader) take(each func(t *versioned, row *storedRow) error) error {
	var newest *rowPage
	at := 0
	handOut := func(all bool, below []byte) error {
		for ; at < len(newest.rows) && (all || bytes.Compare(newest.rows[at].key, below) < 0); at++ {
			if err := each(newest.of, &newest.rows[at]); err != nil {
				return err
			}
		}
		return nil
	}
	for p := range r.pages {
		if !p.past {
			newest, at = p, 0
		} else {
			for i := range p.rows {
				if err := handOut(false, p.rows[i].key); err != nil {
					return err
				}
				if err := each(p.of, &p.rows[i]); err != nil {
					return err
				}
			}
			r.free <- p
		}
		if p.last {
			if err := handOut(true, nil); err != nil {
				return err
			}
			r.free <- newest
		}
	}
	return nil
}

// read sends the pages of all tables.
func (r *rowReader) read(ctx context.Context, tables []*versioned) error {
	for _, t := range tables {
		for from, more := (rowPlace{}), true; more; {
			p, err := r.load(ctx, t, false, from, nil)
			if err != nil {
				return err
			}
			p.last = t.past == ""
			next := p.end() // it is not ours any more once it is sent
			if more = len(p.rows) == pageRows; !more {
				next = rowPlace{}
			}
			if err := r.send(ctx, p); err != nil {
				return err
			}
			if t.past != "" {
				if err := r.readPast(ctx, t, from, next); err != nil {
					return err
				}
			}
			from = next
		}
	}
	return nil
}

// readPast sends the past rows of a range of keys.
func (r *rowReader) readPast(ctx context.Context, t *versioned, from, to rowPlace) error {
	if from.begun {
		from.run = math.MaxInt64 // the range begins after that key
	}
	for last := false; !last; {
		p, err := r.load(ctx, t, true, from, &to)
		if err != nil {
			return err
		}
		last = len(p.rows) < pageRows
		p.last, from = last, p.end()
		if err := r.send(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (r *rowReader) send(ctx context.Context, p *rowPage) error {
	select {
	case r.pages <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rowPlace is where a page ends.
type rowPlace struct {
	begun bool
	key   string
	run   int64
}

// end is the place of the page's last row.
func (p *rowPage) end() rowPlace {
	if len(p.rows) == 0 {
		return rowPlace{}
	}
	last := &p.rows[len(p.rows)-1]
	return rowPlace{true, string(last.key), last.from}
}

// load reads the next page after a place, of past rows up to and including
// the key of to.
func (r *rowReader) load(ctx context.Context, t *versioned, past bool, from rowPlace, to *rowPlace) (*rowPage, error) {
	var p *rowPage
	select {
	case p = <-r.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	*p = rowPage{of: t, past: past, rows: p.rows[:0], buf: p.buf[:0]}
	sel := &selection{cells: t.cells, from: t.table, where: "1 = 1", order: t.key, limit: pageRows}
	if past {
		sel.cells, sel.from = sel.cells+", until_run", t.past
	}
	if past || t.past == "" {
		sel.order += ", from_run"
	}
	if t.bySource {
		sel.where, sel.args = "source_no = ?", []any{int64(t.source)}
	}
	switch {
	case !from.begun:
	case past || t.past == "":
		sel.where += " AND " + t.key + " >= ? AND NOT (" + t.key + " = ? AND from_run <= ?)"
		sel.args = append(sel.args, from.key, from.key, from.run)
	default:
		sel.where += " AND " + t.key + " > ?"
		sel.args = append(sel.args, from.key)
	}
	if to != nil && to.begun {
		sel.where += " AND " + t.key + " <= ?"
		sel.args = append(sel.args, to.key)
	}
	if err := r.store.dialect.read(ctx, r.store, r.q, sel, p.add); err != nil {
		return nil, err
	}
	p.finish()
	return p, nil
}
