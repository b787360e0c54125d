package delimited

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// What bounds a record. A quote that is opened and not closed within it concerns
// its own line alone.
const (
	MaxRecordBytes = 8 << 20
	MaxRecordLines = 10_000
)

const bufferBytes = 256 << 10

// Splitter takes UTF-8 text apart into records, as RFC 4180 has them.
//
// A broken line costs one record: where a quote does not belong, the line it
// stands in is given up and the text is taken up again at the next line.
// That is why encoding/csv does not do here, which reads on from the quote.
type Splitter struct {
	src   io.Reader
	eol   byte // '\n', or '\r' in files that have no other line end
	comma byte
	// Width is how many fields a record must have; 0: any number.
	Width int
	// Fields are those of the last record, until the next.
	Fields [][]byte
	// Line is the line that comes next, counted from 1.
	Line int64

	buf      []byte
	pos, end int   // buf[pos:end] is read and not yet taken
	err      error // of src, once it has ended

	anyBytes bool   // whether they are text is somebody else's question
	scratch  []byte // text of the fields of a record with quotes
	ends     []int  // where in scratch they end
}

// NewSplitter splits the text that src yields.
func NewSplitter(src io.Reader, d Dialect) *Splitter {
	return &Splitter{src: src, eol: d.EOL, comma: d.Delimiter, Line: 1, buf: make([]byte, bufferBytes)}
}

// SplitterOf splits text that is in memory, and leaves it as it is.
func SplitterOf(text []byte, d Dialect) *Splitter {
	return &Splitter{buf: text, end: len(text), err: io.EOF, eol: d.EOL, comma: d.Delimiter, Line: 1}
}

// Fault is why a record cannot be used; empty if it can.
type Fault string

// NotText is the fault of bytes that mean nothing in the text's encoding. The
// splitter does not know which that is.
const NotText Fault = "not text"

// Next reads a record into Fields and answers the line that it starts in.
// The error is io.EOF after the last record; after an error there is nothing
// more to read.
func (s *Splitter) Next() (line int64, f Fault, err error) {
	for {
		size, err := s.lineSize(0)
		line = s.Line
		if errors.Is(err, errTooLong) {
			return line, Fault(fmt.Sprintf("the line is longer than %d MiB", MaxRecordBytes>>20)), s.skipLine()
		}
		if err != nil {
			return line, "", err
		}
		text := s.trim(s.buf[s.pos : s.pos+size])
		switch {
		case len(text) == 0:
			s.take(size, 1)
		case bytes.IndexByte(text, '"') >= 0:
			f, err = s.quoted(size)
			return line, f, err
		default:
			s.Fields = s.Fields[:0]
			rest := text
			for i := bytes.IndexByte(rest, s.comma); i >= 0; i = bytes.IndexByte(rest, s.comma) {
				s.Fields = append(s.Fields, rest[:i])
				rest = rest[i+1:]
			}
			s.Fields = append(s.Fields, rest)
			s.take(size, 1)
			return line, s.check(text), nil
		}
	}
}

// check looks at a record that was taken apart.
func (s *Splitter) check(text []byte) Fault {
	switch {
	case !s.anyBytes && !utf8.Valid(text):
		return NotText
	case s.Width == 0 || len(s.Fields) == s.Width:
		return ""
	}
	return wrongWidth(len(s.Fields), s.Width)
}

func wrongWidth(fields, want int) Fault {
	if fields == 1 {
		return Fault(fmt.Sprintf("has 1 field, the header has %d", want))
	}
	return Fault(fmt.Sprintf("has %d fields, the header has %d", fields, want))
}

// quoted reads the record at pos, whose first line has this size and a quote
// in it.
func (s *Splitter) quoted(first int) (Fault, error) {
	size, lines := first, 1
	f, open := s.unquote(s.buf[s.pos : s.pos+size])
	if open {
		unclosed := Fault(fmt.Sprintf("field %d opens a quote that is not closed (a quote within quotes is written twice)", len(s.ends)+1))
		more, n, err := s.closing(size)
		switch {
		case errors.Is(err, errOpen):
			f = unclosed
		case err != nil:
			return "", err
		default:
			size, lines = more, n
			if f, _ = s.unquote(s.buf[s.pos : s.pos+size]); f != "" || s.strayQuotes(size, lines) {
				f = unclosed
			}
		}
	}
	if f != "" { // the first line is given up, the others are not
		if !s.anyBytes && !utf8.Valid(s.buf[s.pos:s.pos+first]) {
			f = NotText
		}
		s.Fields = s.Fields[:0]
		s.take(first, 1)
		return f, nil
	}
	text := s.buf[s.pos : s.pos+size]
	s.Fields = s.Fields[:0]
	start := 0
	for _, end := range s.ends {
		s.Fields = append(s.Fields, s.scratch[start:end])
		start = end
	}
	s.take(size, lines)
	return s.check(text), nil
}

// unquote copies the fields of a record to scratch. It reports open if text
// ends within quotes.
func (s *Splitter) unquote(text []byte) (f Fault, open bool) {
	text = s.trim(text)
	s.scratch, s.ends = s.scratch[:0], s.ends[:0]
	for {
		if len(text) == 0 || text[0] != '"' {
			field, rest, more := bytes.Cut(text, []byte{s.comma})
			if bytes.IndexByte(field, '"') >= 0 && !isFormulaText(field) {
				return Fault(fmt.Sprintf("field %d has a quote in it but does not start with one", len(s.ends)+1)), false
			}
			s.scratch = append(s.scratch, field...)
			s.ends = append(s.ends, len(s.scratch))
			if !more {
				return "", false
			}
			text = rest
			continue
		}
		text = text[1:]
		for {
			i := bytes.IndexByte(text, '"')
			if i < 0 {
				return "", true
			}
			s.scratch = s.appendLines(s.scratch, text[:i])
			if text = text[i+1:]; len(text) == 0 || text[0] != '"' {
				break
			}
			s.scratch = append(s.scratch, '"')
			text = text[1:]
		}
		s.ends = append(s.ends, len(s.scratch))
		if len(text) == 0 {
			return "", false
		}
		if text[0] != s.comma {
			return Fault(fmt.Sprintf("field %d goes on after its closing quote", len(s.ends))), false
		}
		text = text[1:]
	}
}

// isFormulaText reports whether a field is ="00123", with which programs keep
// spreadsheets from reading a text as a number. It stays as it is.
func isFormulaText(field []byte) bool {
	inner, starts := bytes.CutPrefix(field, []byte(`="`))
	inner, ends := bytes.CutSuffix(inner, []byte(`"`))
	return starts && ends && bytes.IndexByte(inner, '"') < 0
}

// appendLines appends text with its line ends as "\n", so that a file means
// the same whichever system it was written on.
func (s *Splitter) appendLines(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\r')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i+1:]
		switch {
		case s.eol == '\r':
			dst = append(dst, '\n')
		case len(text) == 0 || text[0] != '\n':
			dst = append(dst, '\r')
		}
	}
}

// errOpen says that no line closes a quote.
var errOpen = errors.New("open")

// closing takes further lines into a record of one line in which a quote is
// open, up to the one that closes it: the first with an odd number of
// quotes. It answers the record's size and number of lines.
func (s *Splitter) closing(size int) (int, int, error) {
	for lines := 2; lines <= MaxRecordLines; lines++ {
		next, err := s.lineSize(size)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, errTooLong):
			return 0, 0, errOpen
		case err != nil:
			return 0, 0, err
		}
		odd := bytes.Count(s.buf[s.pos+size:s.pos+next], []byte{'"'})%2 == 1
		if size = next; odd {
			return size, lines, nil
		}
	}
	return 0, 0, errOpen
}

// strayQuotes reports whether a record of several lines is a mistake: two
// quotes too many in different records, and everything between them taken
// for the text of one field. It shows in the lines, nearly all of them, being
// records of the right width by themselves.
func (s *Splitter) strayQuotes(size, lines int) bool {
	if s.Width < 3 || lines < 3 && len(s.ends) == s.Width {
		return false
	}
	records := 0
	for line := range bytes.SplitSeq(s.trim(s.buf[s.pos:s.pos+size]), []byte{s.eol}) {
		if bytes.Count(line, []byte{s.comma})+1 == s.Width {
			records++
		}
	}
	return 10*records >= 9*lines
}

// trim cuts off the line end.
func (s *Splitter) trim(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == s.eol {
		line = line[:n-1]
	}
	for n := len(line); n > 0 && line[n-1] == '\r'; n-- {
		line = line[:n-1]
	}
	return line
}

// take moves past the first size bytes, which are so many lines.
func (s *Splitter) take(size, lines int) {
	s.pos += size
	s.Line += int64(lines)
}

// errTooLong says that a record would be longer than it may be.
var errTooLong = errors.New("too long")

// lineSize answers where the line that starts at offset from of the unread
// text ends, line end included. The last line may have none. The error is
// that of the source if it ends before, or errTooLong.
func (s *Splitter) lineSize(from int) (int, error) {
	seen := from
	for {
		i := bytes.IndexByte(s.buf[s.pos+seen:s.end], s.eol)
		if i >= 0 {
			seen += i + 1
		} else {
			seen = s.end - s.pos
		}
		switch {
		case seen > MaxRecordBytes:
			return 0, errTooLong
		case i >= 0, errors.Is(s.err, io.EOF) && seen > from:
			return seen, nil
		case s.err != nil:
			return 0, s.err
		}
		s.fill()
	}
}

// skipLine moves past a line of any length.
func (s *Splitter) skipLine() error {
	for {
		if i := bytes.IndexByte(s.buf[s.pos:s.end], s.eol); i >= 0 {
			s.take(i+1, 1)
			return nil
		}
		s.pos = s.end
		switch {
		case errors.Is(s.err, io.EOF):
			return nil
		case s.err != nil:
			return s.err
		}
		s.fill()
	}
}

// BOM is the byte order mark, in UTF-8.
const BOM = "\uFEFF"

// SkipBOM moves past a byte order mark at the start.
func (s *Splitter) SkipBOM() {
	for s.end-s.pos < len(BOM) && s.err == nil {
		s.fill()
	}
	if bytes.HasPrefix(s.buf[s.pos:s.end], []byte(BOM)) {
		s.pos += len(BOM)
	}
}

// fill reads more text behind what there is.
func (s *Splitter) fill() {
	if s.pos > 0 {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
	if s.end == len(s.buf) {
		s.buf = slices.Grow(s.buf, len(s.buf))[:2*len(s.buf)]
	}
	n, err := s.src.Read(s.buf[s.end:])
	s.end += n
	s.err = err
}
