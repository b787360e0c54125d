package delimited

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/charset"
)

// layout is what writing needs to know of all batches.
type layout struct {
	Dialect
	name  string
	order []int // of the columns, as they stand in the text
	width int   // cells of a record
}

// render makes the batch's text with everything that was set, and that of the
// diverted records. What stands between cells is copied.
func (b *Batch) render() error {
	end := len(b.raw)
	records := b.records
	if b.cut >= 0 {
		end = b.offset(b.records[b.cut].start)
		records = records[:b.cut]
	}
	if len(b.set) == 0 && len(b.diverted) == 0 && b.added == 0 {
		b.out = append(b.out, b.raw[:end]...)
		return nil
	}
	b.out = slices.Grow(b.out, end+len(b.texts))
	at := 0
	for i, r := range records {
		if len(b.diverted) > 0 && b.diverted[i] {
			b.out = append(b.out, b.raw[at:b.offset(r.start)]...)
			at = b.offset(r.next)
			b.aside = append(b.aside, b.raw[b.offset(r.start):at]...)
			continue
		}
		var err error
		if at, err = b.renderRecord(i, at); err != nil {
			b.out, b.aside = b.out[:0], b.aside[:0]
			return fmt.Errorf("%s:%d: %w", b.layout.name, b.Line(i), err)
		}
	}
	b.out = append(b.out, b.raw[at:end]...)
	return nil
}

// renderRecord writes the text from a place up to the last change of a record.
func (b *Batch) renderRecord(i, at int) (int, error) {
	var ok bool
	if len(b.set) > 0 {
		set := b.set[i*(b.columns+b.added):]
		for _, c := range b.layout.order {
			if !set[c].is {
				continue
			}
			cell := b.cells[i*b.columns+c]
			b.out = append(b.out, b.raw[at:b.offset(cell.from)]...)
			form, inner := b.form(cell)
			if b.out, ok = b.appendCell(b.out, form, b.texts[set[c].from:set[c].to], b.raw[b.offset(inner.from):b.offset(inner.to)]); !ok {
				return at, b.unwritable()
			}
			at = b.offset(cell.to)
		}
	}
	if b.added == 0 {
		return at, nil
	}
	end := b.offset(b.records[i].end)
	b.out = append(b.out, b.raw[at:end]...)
	for c := b.columns; c < b.columns+b.added; c++ {
		var text []byte
		if len(b.set) > 0 {
			s := b.set[i*(b.columns+b.added)+c]
			text = b.texts[s.from:s.to]
		}
		if b.out, ok = b.appendAdded(b.out, text); !ok {
			return at, b.unwritable()
		}
	}
	return end, nil
}

func (b *Batch) unwritable() error {
	return fmt.Errorf("a text that is to be put in has characters that %s does not have", b.charset)
}

// appendAdded appends a cell at the end of a record.
func (b *Batch) appendAdded(dst, text []byte) ([]byte, bool) {
	dst, _ = b.charset.Encode(dst, []byte{b.layout.Delimiter})
	return b.appendCell(dst, plain, text, nil)
}

// appendCell appends a text as a cell of a form, quoted where it has to be.
// What it has in common with was, in the text's encoding, is written likewise.
func (b *Batch) appendCell(dst []byte, f form, text, was []byte) ([]byte, bool) {
	inner := bytes.IndexByte(text, '"') >= 0
	switch {
	case f == plain && (needsQuotes(text, b.layout.Delimiter) || len(text) == 0 && b.layout.width == 1):
		f = quoted
	case f == formula && (inner || needsQuotes(text, b.layout.Delimiter)):
		f = quotedFormula
	}
	if f == quotedFormula && inner {
		f = quoted
	}
	open, shut := "", ""
	switch f {
	case quoted:
		open, shut = `"`, `"`
	case formula:
		open, shut = `="`, `"`
	case quotedFormula:
		open, shut = `"=""`, `"""`
	}
	if inner {
		text = bytes.ReplaceAll(text, []byte(`"`), []byte(`""`))
	}
	if b.charset.Unit() == 1 && charset.ASCII(text) == len(text) {
		return append(append(append(dst, open...), text...), shut...), true
	}
	b.guessed = b.guessed || b.charset == charset.Unknown
	return b.charset.EncodeLike(dst, slices.Concat([]byte(open), text, []byte(shut)), was)
}

// needsQuotes reports whether a text would not be one cell without quotes.
func needsQuotes(text []byte, delimiter byte) bool {
	for _, c := range text {
		if c == delimiter || c == '"' || c == '\n' || c == '\r' {
			return true
		}
	}
	return false
}
