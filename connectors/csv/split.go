package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

const (
	// maxRecordBytes and maxRecordLines bound one record. A quote that is
	// opened and not closed within them concerns its own line alone.
	maxRecordBytes = 8 << 20
	maxRecordLines = 10_000

	bufferBytes = 256 << 10
)

// splitter takes UTF-8 text apart into records, as RFC 4180 has them.
//
// A broken line costs one record: where a quote does not belong, the line it
// stands in is given up and the text is taken up again at the next line.
// That is why encoding/csv does not do here, which reads on from the quote.
type splitter struct {
	src   io.Reader
	eol   byte // '\n', or '\r' in files that have no other line end
	comma byte
	width int // fields that a record must have; 0: any number

	buf      []byte
	pos, end int   // buf[pos:end] is read and not yet taken
	err      error // of src, once it has ended
	line     int64 // of buf[pos], counted from 1

	fields  [][]byte // of the last record, until the next
	scratch []byte   // text of the fields of a record with quotes
	ends    []int    // where in scratch they end
}

func newSplitter(src io.Reader, d dialect) *splitter {
	return &splitter{src: src, eol: d.eol, comma: d.comma, line: 1, buf: make([]byte, bufferBytes)}
}

// splitterOf splits text that is in memory, and leaves it as it is.
func splitterOf(text []byte, d dialect) *splitter {
	return &splitter{buf: text, end: len(text), err: io.EOF, eol: d.eol, comma: d.comma, line: 1}
}

// fault is why a record cannot be used; empty if it can.
type fault string

// notText is the fault of bytes that mean nothing in the file's encoding. The
// splitter does not know which that is.
const notText fault = "not text"

// next reads a record into fields and answers the line that it starts in.
// The error is io.EOF after the last record; after an error there is nothing
// more to read.
func (s *splitter) next() (line int64, f fault, err error) {
	for {
		size, err := s.lineSize(0)
		line = s.line
		if errors.Is(err, errTooLong) {
			return line, fault(fmt.Sprintf("the line is longer than %d MiB", maxRecordBytes>>20)), s.skipLine()
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
			s.fields = s.fields[:0]
			rest := text
			for i := bytes.IndexByte(rest, s.comma); i >= 0; i = bytes.IndexByte(rest, s.comma) {
				s.fields = append(s.fields, rest[:i])
				rest = rest[i+1:]
			}
			s.fields = append(s.fields, rest)
			s.take(size, 1)
			return line, s.check(text), nil
		}
	}
}

// check looks at a record that was taken apart.
func (s *splitter) check(text []byte) fault {
	switch {
	case !utf8.Valid(text):
		return notText
	case s.width == 0 || len(s.fields) == s.width:
		return ""
	case len(s.fields) == 1:
		return fault(fmt.Sprintf("has 1 field, the header has %d", s.width))
	}
	return fault(fmt.Sprintf("has %d fields, the header has %d", len(s.fields), s.width))
}

// quoted reads the record at pos, whose first line has this size and a quote
// in it.
func (s *splitter) quoted(first int) (fault, error) {
	size, lines := first, 1
	f, open := s.unquote(s.buf[s.pos : s.pos+size])
	if open {
		unclosed := fault(fmt.Sprintf("field %d opens a quote that is not closed (a quote within quotes is written twice)", len(s.ends)+1))
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
		if !utf8.Valid(s.buf[s.pos : s.pos+first]) {
			f = notText
		}
		s.fields = s.fields[:0]
		s.take(first, 1)
		return f, nil
	}
	text := s.buf[s.pos : s.pos+size]
	s.fields = s.fields[:0]
	start := 0
	for _, end := range s.ends {
		s.fields = append(s.fields, s.scratch[start:end])
		start = end
	}
	s.take(size, lines)
	return s.check(text), nil
}

// unquote copies the fields of a record to scratch. It reports open if text
// ends within quotes.
func (s *splitter) unquote(text []byte) (f fault, open bool) {
	text = s.trim(text)
	s.scratch, s.ends = s.scratch[:0], s.ends[:0]
	for {
		if len(text) == 0 || text[0] != '"' {
			field, rest, more := bytes.Cut(text, []byte{s.comma})
			if bytes.IndexByte(field, '"') >= 0 && !isFormulaText(field) {
				return fault(fmt.Sprintf("field %d has a quote in it but does not start with one", len(s.ends)+1)), false
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
			return fault(fmt.Sprintf("field %d goes on after its closing quote", len(s.ends))), false
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
func (s *splitter) appendLines(dst, text []byte) []byte {
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
func (s *splitter) closing(size int) (int, int, error) {
	for lines := 2; lines <= maxRecordLines; lines++ {
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
func (s *splitter) strayQuotes(size, lines int) bool {
	if s.width < 3 || lines < 3 && len(s.ends) == s.width {
		return false
	}
	records := 0
	for line := range bytes.SplitSeq(s.trim(s.buf[s.pos:s.pos+size]), []byte{s.eol}) {
		if bytes.Count(line, []byte{s.comma})+1 == s.width {
			records++
		}
	}
	return 10*records >= 9*lines
}

// trim cuts off the line end.
func (s *splitter) trim(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == s.eol {
		line = line[:n-1]
	}
	for n := len(line); n > 0 && line[n-1] == '\r'; n-- {
		line = line[:n-1]
	}
	return line
}

// take moves past the first size bytes, which are so many lines.
func (s *splitter) take(size, lines int) {
	s.pos += size
	s.line += int64(lines)
}

// errTooLong says that a record would be longer than it may be.
var errTooLong = errors.New("too long")

// lineSize answers where the line that starts at offset from of the unread
// text ends, line end included. The last line may have none. The error is
// that of the source if it ends before, or errTooLong.
func (s *splitter) lineSize(from int) (int, error) {
	seen := from
	for {
		i := bytes.IndexByte(s.buf[s.pos+seen:s.end], s.eol)
		if i >= 0 {
			seen += i + 1
		} else {
			seen = s.end - s.pos
		}
		switch {
		case seen > maxRecordBytes:
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
func (s *splitter) skipLine() error {
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

const bom = "\uFEFF"

// skipBOM moves past a byte order mark at the start.
func (s *splitter) skipBOM() {
	for s.end-s.pos < len(bom) && s.err == nil {
		s.fill()
	}
	if bytes.HasPrefix(s.buf[s.pos:s.end], []byte(bom)) {
		s.pos += len(bom)
	}
}

// fill reads more text behind what there is.
func (s *splitter) fill() {
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
