package delimited

import (
	"bytes"
	"errors"
	"io"
)

// span is a part of a text, in its units.
type span struct{ from, to uint32 }

// record is where a record stands in a batch: its cells up to end, its line
// end up to next.
type record struct {
	start, end, next uint32
	line             uint32 // counted from that of the batch
}

// broken is a record that passes through as it is.
type broken struct {
	line   int64
	at     span
	reason Fault
}

// scanner finds records, and their cells, in the outline of a text, of which
// every byte is a character. It takes plain records apart itself and asks a
// [Splitter] about all others, so that both agree on what is broken.
type scanner struct {
	Dialect
	width  int
	wanted []int // places of the columns whose cells are wanted
	line   int64 // of what comes next
	long   bool  // what comes next is the rest of a line that is too long

	judge *Splitter
	cells []span // of the record at hand
}

func newScanner(d Dialect) *scanner {
	judge := SplitterOf(nil, d)
	judge.anyBytes = true
	return &scanner{Dialect: d, line: 1, judge: judge}
}

// scan finds the records at the start of text and answers where the last one
// ends. With more, text goes on, and what comes last may not be complete.
func (s *scanner) scan(text []byte, more bool, b *Batch) int {
	at := 0
	if s.long {
		i := bytes.IndexByte(text, s.EOL)
		if i < 0 {
			return len(text)
		}
		s.long = false
		s.line++
		at = i + 1
	}
	for at < len(text) {
		line := s.line
		end, next, f := s.next(text, at, more)
		switch {
		case next < 0:
			return at
		case f != "":
			b.broken = append(b.broken, broken{line, span{uint32(at), uint32(next)}, f})
		case end > at:
			b.records = append(b.records, record{uint32(at), uint32(end), uint32(next), uint32(line - b.line)})
			for _, w := range s.wanted {
				b.cells = append(b.cells, s.cells[w])
			}
		}
		at = next
	}
	return at
}

// next finds the cells of the record at a place, and where it ends without
// and with its line end. A blank line is a record without cells. A negative
// next says that more text is needed to tell.
func (s *scanner) next(text []byte, at int, more bool) (end, next int, f Fault) {
	next = len(text)
	if i := bytes.IndexByte(text[at:], s.EOL); i >= 0 {
		next = at + i + 1
	} else if more && next-at <= MaxRecordBytes {
		return 0, -1, ""
	}
	if end = at + len(s.judge.trim(text[at:next])); end == at && next-at <= MaxRecordBytes {
		s.cells = s.cells[:0]
		s.line++
		return end, next, ""
	}
	if next-at > MaxRecordBytes || !s.split(text, at, end) {
		return s.ask(text, at, more)
	}
	s.line++
	if s.width != 0 && len(s.cells) != s.width {
		f = wrongWidth(len(s.cells), s.width)
	}
	return end, next, f
}

// split finds the cells between two places, and reports whether all quotes are
// where they belong.
func (s *scanner) split(text []byte, at, end int) bool {
	s.cells = s.cells[:0]
	quotes := bytes.IndexByte(text[at:end], '"') >= 0
	for {
		stop := end
		if at < end && text[at] == '"' {
			if stop = closingQuote(text[:end], at+1); stop < 0 || stop < end && text[stop] != s.Delimiter {
				return false
			}
		} else {
			if i := bytes.IndexByte(text[at:end], s.Delimiter); i >= 0 {
				stop = at + i
			}
			if quotes && bytes.IndexByte(text[at:stop], '"') >= 0 && !isFormulaText(text[at:stop]) {
				return false
			}
		}
		s.cells = append(s.cells, span{uint32(at), uint32(stop)})
		if stop == end {
			return true
		}
		at = stop + 1
	}
}

// closingQuote answers where a quoted text ends, its closing quote included,
// or -1.
func closingQuote(text []byte, at int) int {
	for {
		i := bytes.IndexByte(text[at:], '"')
		if i < 0 {
			return -1
		}
		if at += i + 1; at == len(text) || text[at] != '"' {
			return at
		}
		at++
	}
}

// errMore says that a record goes on beyond the text at hand.
var errMore = errors.New("more")

// ask has the splitter decide about a record that is not plain: it spans
// lines, or is broken.
func (s *scanner) ask(text []byte, at int, more bool) (end, next int, f Fault) {
	j := s.judge
	j.buf, j.pos, j.end, j.Width, j.Line, j.err = text, at, len(text), s.width, 0, io.EOF
	if more {
		j.err = errMore
	}
	_, f, err := j.Next()
	if errors.Is(err, errMore) {
		if f == "" {
			return 0, -1, ""
		}
		s.long = true
	}
	s.line += j.Line
	next = j.pos
	if f != "" {
		return 0, next, f
	}
	end = at + len(j.trim(text[at:next]))
	s.split(text, at, end) // as the splitter found nothing wrong
	return end, next, ""
}
