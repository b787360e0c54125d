package delimited

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/charset"
)

const (
	// headBytes is how much of a text is looked at to find out its dialect.
	headBytes = 64 << 10
	// guessBytes is how much text from the first character on that is not
	// ASCII shows the encoding.
	guessBytes = 4 << 20
)

// reader cuts a text into batches of whole records.
type reader struct {
	src     io.Reader
	name    string
	charset charset.Charset // Unknown until text beyond ASCII was met
	scanner *scanner
	chunk   int    // bytes that are read at a time
	rest    []byte // read and not yet in a batch
	err     error  // of src, once it has ended

	head    []byte // everything up to the end of the header
	headEnd int    // where the header's line end starts in it
	header  []string
}

// Header reads the names of a text's columns, as [Edit] has them, and some of
// what follows.
func Header(src io.Reader, name string, o Options) ([]string, error) {
	r, err := newReader(src, name, &o)
	if err != nil {
		return nil, err
	}
	return r.header, nil
}

// newReader reads up to the end of the header.
func newReader(src io.Reader, name string, o *Options) (*reader, error) {
	r := &reader{src: src, name: name, chunk: o.chunk}
	if r.chunk == 0 {
		r.chunk = chunkBytes
	}
	r.rest = r.more(nil, headBytes, headBytes)
	var err error
	if r.charset, err = charset.Settle(o.Charset, r.rest); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	r.rest = r.guess(r.rest)
	sample := r.charset.Decode(nil, r.rest[:min(len(r.rest), headBytes)])
	r.scanner = newScanner(Detect(bytes.TrimPrefix(sample, []byte(BOM)), o.Delimiter))
	if err := r.readHeader(); err != nil {
		return nil, err
	}
	return r, nil
}

// more appends text from the source: at least so many bytes, unless it ends,
// and at most so many.
func (r *reader) more(to []byte, least, most int) []byte {
	if r.err != nil {
		return to
	}
	to = slices.Grow(to, most)
	n, err := io.ReadAtLeast(r.src, to[len(to):len(to)+most], least)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	r.err = err
	return to[:len(to)+n]
}

// guess finds out the encoding once text shows more than ASCII. It may read
// more text for that.
func (r *reader) guess(text []byte) []byte {
	if r.charset != charset.Unknown {
		return text
	}
	high := charset.ASCII(text)
	if high == len(text) {
		return text
	}
	if have := len(text) - high; have < guessBytes {
		text = r.more(text, guessBytes-have, guessBytes-have)
	}
	start := bytes.LastIndexByte(text[:high], '\n') + 1
	r.charset = charset.Guess(bytes.NewReader(text[start:min(len(text), high+guessBytes)]))
	return text
}

// outline makes the text in which the scanner looks for records, in dst's room
// if it is not text itself.
func (r *reader) outline(dst, text []byte) []byte {
	if !r.charset.Hides(r.scanner.Delimiter) {
		return text
	}
	if r.err == nil {
		text = text[:len(text)-len(text)%r.charset.Unit()]
	}
	return r.charset.Outline(dst[:0], text)
}

// readHeader finds the first record that is not blank, which names the columns.
func (r *reader) readHeader() error {
	s, unit := r.scanner, r.charset.Unit()
	for {
		outline := r.outline(nil, r.rest)
		at := 0
		if mark := r.charset.Mark(); bytes.HasPrefix(r.rest, mark) {
			at = len(mark) / unit
		}
		s.line = 1
		end, next, f := at, at, Fault("")
		skip := s.SepLine
		for at < len(outline) {
			if end, next, f = s.next(outline, at, r.err == nil); next < 0 || f != "" || end > at && !skip {
				break
			}
			skip = skip && end == at
			at = next
		}
		if (next < 0 || at == len(outline)) && r.err == nil {
			r.rest = r.more(r.rest, 1, max(len(r.rest), headBytes))
			r.rest = r.guess(r.rest)
			continue
		}
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			return fmt.Errorf("read %s: %w", r.name, r.err)
		}
		switch {
		case f != "":
			return fmt.Errorf("%s:%d: the header cannot be read: %s", r.name, s.line-1, f)
		case at == len(outline):
			return fmt.Errorf("there is nothing in %s; a header line was expected", r.name)
		}
		return r.takeHeader(outline, end, next)
	}
}

// takeHeader takes the header out of the text, which ends at these places of
// the outline.
func (r *reader) takeHeader(outline []byte, end, next int) error {
	s := r.scanner
	b := Batch{layout: &layout{Dialect: s.Dialect}, charset: r.charset, raw: r.rest, text: outline}
	for _, cell := range s.cells {
		name := b.content(cell)
		if !utf8.Valid(name) {
			return fmt.Errorf("%s:%d: the header is not valid %s; name the encoding", r.name, s.line-1, r.charset)
		}
		r.header = append(r.header, Name(s.judge.appendLines(nil, name)))
	}
	s.width = len(s.cells)
	r.head = bytes.Clone(r.rest[:b.offset(uint32(next))])
	r.headEnd = b.offset(uint32(end))
	// What was read beyond the header is read again, in batches.
	r.src, r.rest, r.err = charset.Again(r.rest[len(r.head):], r.src, r.err), nil, nil
	return nil
}

// fill makes b the next batch. It reports false at the end of the text, and
// after an error, which b has then.
func (r *reader) fill(b *Batch) bool {
	b.reset()
	b.line = r.scanner.line
	b.raw = append(b.raw[:0], r.rest...)
	for least := 1; ; least = len(b.raw) {
		b.raw = r.guess(r.more(b.raw, least, max(least, r.chunk)))
		b.charset = r.charset
		more := !errors.Is(r.err, io.EOF)
		if b.text = r.outline(b.outline, b.raw); r.charset.Hides(r.scanner.Delimiter) {
			b.outline = b.text
		}
		used := r.scanner.scan(b.text, more, b)
		if used == 0 && r.err == nil {
			continue
		}
		if r.err != nil && more {
			b.err = fmt.Errorf("read %s from line %d: %w", r.name, r.scanner.line, r.err)
		}
		b.text = b.text[:used]
		r.rest = append(r.rest[:0], b.raw[b.offset(uint32(used)):]...)
		b.raw = b.raw[:b.offset(uint32(used))]
		return r.err == nil
	}
}
