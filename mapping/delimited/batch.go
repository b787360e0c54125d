package delimited

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/charset"
)

// Batch is some records one after the other. It and what it hands out are
// good until the function that it is given to returns, and for one goroutine.
type Batch struct {
	layout *layout

	// What the reader says of it. text is the outline of raw, which is raw
	// itself where every byte of it can be told from a part of a character.
	charset charset.Charset
	raw     []byte
	text    []byte
	line    int64
	records []record
	cells   []span // the columns of each record
	broken  []broken
	err     error

	// What is to be done.
	columns, added int
	set            []setting // by record and column; none until the first
	texts          []byte    // of all settings
	diverted       []bool    // by record; none until the first
	cut            int       // the record before which writing ends
	then           func()

	outline, decoded, out, aside []byte // room
	guessed                      bool   // out has more than ASCII, written as UTF-8 while the encoding was Unknown
	done                         chan struct{}
}

// setting is a new text of a cell.
type setting struct {
	from, to uint32
	is       bool
}

func (b *Batch) reset() {
	b.records, b.cells, b.broken, b.err = b.records[:0], b.cells[:0], b.broken[:0], nil
	b.set, b.texts, b.diverted, b.cut, b.then = b.set[:0], b.texts[:0], b.diverted[:0], -1, nil
	b.decoded, b.out, b.aside, b.guessed = b.decoded[:0], b.out[:0], b.aside[:0], false
}

// Len is how many records there are. Broken ones are not among them: they
// pass through as they are.
func (b *Batch) Len() int { return len(b.records) }

// Line is the line that a record starts in, counted from 1.
func (b *Batch) Line(record int) int64 { return b.line + int64(b.records[record].line) }

// Cell is the text of a cell in UTF-8, without its quotes and without what
// keeps spreadsheets from reading a text as a number, ="00123". Line ends in it
// are as they are written. column counts Options.Columns.
func (b *Batch) Cell(record, column int) []byte {
	return b.content(b.cells[record*b.columns+column])
}

// Set makes text, in UTF-8, the content of a cell: column counts
// Options.Columns and goes on with Options.Add. What was quoted stays quoted,
// and what has to be is. The batch keeps no text.
func (b *Batch) Set(record, column int, text []byte) {
	if len(b.set) == 0 {
		b.set = cleared(b.set, len(b.records)*(b.columns+b.added))
	}
	from := uint32(len(b.texts))
	b.texts = append(b.texts, text...)
	b.set[record*(b.columns+b.added)+column] = setting{from, uint32(len(b.texts)), true}
}

// Divert takes a record out, into Options.Diverted.
func (b *Batch) Divert(record int) {
	if len(b.diverted) == 0 {
		b.diverted = cleared(b.diverted, len(b.records))
	}
	b.diverted[record] = true
}

// Cut ends what is written before a record: neither it nor anything after it
// is. Later batches are still handed out, unless the function answers an error.
func (b *Batch) Cut(record int) { b.cut = record }

// Then has fn called when the batch was written: batch by batch in their
// order, by the goroutine that called Edit.
func (b *Batch) Then(fn func()) { b.then = fn }

func cleared[T any](room []T, n int) []T {
	if cap(room) < n {
		return make([]T, n)
	}
	room = room[:n]
	clear(room)
	return room
}

// offset is where a unit of the outline stands in raw.
func (b *Batch) offset(unit uint32) int {
	return min(int(unit)*b.charset.Unit(), len(b.raw))
}

// form is how the content of a cell is written.
type form uint8

const (
	plain         form = iota
	quoted             // "a"
	formula            // ="00123"
	quotedFormula      // "=""00123"""
)

// form answers how a cell is written, and where its content is.
func (b *Batch) form(cell span) (form, span) {
	text := b.text[cell.from:cell.to]
	switch {
	case len(text) == 0:
		return plain, cell
	case text[0] == '"':
		inner := text[1 : len(text)-1]
		if bytes.HasPrefix(inner, []byte(`=""`)) && len(inner) >= 5 && bytes.HasSuffix(inner, []byte(`""`)) &&
			bytes.IndexByte(inner[3:len(inner)-2], '"') < 0 {
			return quotedFormula, span{cell.from + 4, cell.to - 3}
		}
		return quoted, span{cell.from + 1, cell.to - 1}
	case text[0] == '=' && isFormulaText(text):
		return formula, span{cell.from + 2, cell.to - 1}
	}
	return plain, cell
}

// content is the text of a cell.
func (b *Batch) content(cell span) []byte {
	form, inner := b.form(cell)
	text := b.raw[b.offset(inner.from):b.offset(inner.to)]
	if b.charset != charset.UTF8 && charset.ASCII(text) < len(text) || b.charset.Unit() > 1 {
		start := len(b.decoded)
		b.decoded = b.charset.Decode(b.decoded, text)
		text = b.decoded[start:len(b.decoded):len(b.decoded)]
	}
	if form == quoted && bytes.IndexByte(text, '"') >= 0 {
		text = bytes.ReplaceAll(text, []byte(`""`), []byte(`"`))
	}
	return text
}

// judge takes out the records that are no text in their encoding.
func (b *Batch) judge() {
	if b.isText(span{0, uint32(len(b.text))}) {
		return
	}
	left := 0
	for i, r := range b.records {
		if !b.isText(span{r.start, r.next}) {
			b.broken = append(b.broken, broken{b.line + int64(r.line), span{r.start, r.next}, NotText})
			continue
		}
		b.records[left] = r
		copy(b.cells[left*b.columns:(left+1)*b.columns], b.cells[i*b.columns:])
		left++
	}
	b.records, b.cells = b.records[:left], b.cells[:left*b.columns]
}

// isText reports whether a part of the batch means something in its encoding.
func (b *Batch) isText(part span) bool {
	raw := b.raw[b.offset(part.from):b.offset(part.to)]
	if b.charset.Unit() == 1 && charset.ASCII(raw) == len(raw) {
		return true
	}
	if b.charset == charset.UTF8 || b.charset == charset.Unknown {
		return utf8.Valid(raw)
	}
	b.decoded = b.charset.Decode(b.decoded[:0], raw)
	valid := utf8.Valid(b.decoded)
	b.decoded = b.decoded[:0]
	return valid
}

// reason says of a broken record what is wrong.
func (b *Batch) reason(r broken) string {
	if r.reason == NotText || !b.isText(r.at) {
		c := b.charset
		if c == charset.Unknown {
			c = charset.UTF8
		}
		return fmt.Sprintf("the line is not valid %s", c)
	}
	return string(r.reason)
}
