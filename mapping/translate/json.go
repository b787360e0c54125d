package translate

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/charset"
	"github.com/xwalk-id/xwalk/mapping/diag"
)

// JSONLines translates JSON documents: one a line, one after the other, or as
// the elements of one array. The names of its fields are paths from the top of
// such a document: customer.id, lines[].customer_id, ids[] for an array of
// IDs, "a.b".c where a key holds a dot. [] alone is the document itself.
//
// Only the bytes of IDs change. In a string they stay a part of it, escaped
// where they have to be. A number that is an ID becomes a string; it is read
// as it is written, and one with a fraction or an exponent has no answer.
// null, blank strings and what is not there refer to nobody. Anything else is
// told in a note. Under Empty a string becomes empty and a number null, so
// that the elements of an array stay in their places.
//
// Field.Add names a member that the object around the value gets at its end,
// written like a key of a path; the parts of a composite ID are members of one
// object.
//
// A document that is broken passes through as it is, up to the next line that
// starts like the documents before. One document is in memory at a time. A path
// that cannot be read is a [*PathError], one that no document has a
// [*mapping.ColumnError].
func JSONLines(ctx context.Context, dst io.Writer, src io.Reader, s Stream) (*Summary, error) {
	paths, err := compilePaths(s.Fields)
	if err != nil {
		return nil, err
	}
	if s.Charset != charset.Unknown && s.Charset != charset.UTF8 {
		return nil, pathError("%s: JSON is UTF-8 text, not %s; convert it first, for example with iconv", s.Name, s.Charset)
	}
	j := &jsonStream{
		Stream: s, paths: paths, sum: newSummary(s.Fields), src: src,
		out: bufio.NewWriterSize(dst, jsonReadBytes), buf: make([]byte, 0, jsonReadBytes),
		seen: make([]bool, len(s.Fields)), odd: make([]oddValues, len(s.Fields)), line: 1, lead: '{',
	}
	if err := j.run(ctx); err != nil {
		_ = j.out.Flush() // what was good before it
		return j.sum, err
	}
	if err := tableErr(s.Fields); err != nil {
		return j.sum, err
	}
	return j.sum, j.end()
}

// jsonReadBytes is how much is read and written at once.
const jsonReadBytes = 256 << 10

// jsonStream carries documents from src to out.
type jsonStream struct {
	Stream
	paths *pathNode
	sum   *Summary
	out   *bufio.Writer

	src    io.Reader
	buf    []byte // what was read; buf[:mark] is written
	mark   int
	at     int // what comes next
	eof    bool
	line   int64 // that buf[lineAt] stands in
	lineAt int

	// list says that the documents are elements of an array, some that they
	// had an element before, wrote that it was written, and comma that one is
	// due.
	list, some, wrote, comma bool
	blanks                   int  // since the start of the line; -1: more than that
	lead                     byte // the byte that documents start with
	indent                   int  // the blanks before it

	scan   jsonScan
	record jsonRecord
	failed *MissingError
	sample []byte // a document, for messages
	seen   []bool // by field: its path was met
	odd    []oddValues
	alien  int // broken documents that are not UTF-8
}

// more reads on. It writes first what is ready, so that who waits for it does
// not wait for us.
func (j *jsonStream) more(ctx context.Context) error {
	if err := j.out.Flush(); err != nil {
		return err
	}
	j.lineOf(j.mark)
	n := copy(j.buf, j.buf[j.mark:])
	j.buf, j.at, j.lineAt, j.mark = j.buf[:n], j.at-j.mark, j.lineAt-j.mark, 0
	if len(j.buf) == cap(j.buf) {
		j.buf = append(make([]byte, 0, 2*cap(j.buf)), j.buf...)
	}
	// A long document is looked at again when twice as much of it is there.
	enough := len(j.buf) + 1
	if open := len(j.buf) - j.at; open >= jsonReadBytes/2 {
		enough = min(len(j.buf)+open, cap(j.buf))
	}
	for len(j.buf) < enough {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := j.src.Read(j.buf[len(j.buf):cap(j.buf)])
		j.buf = j.buf[:len(j.buf)+n]
		if errors.Is(err, io.EOF) {
			j.eof = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", j.Name, err)
		}
	}
	return nil
}

// lineOf is the line that a byte of buf stands in.
func (j *jsonStream) lineOf(at int) int64 {
	if at >= j.lineAt {
		j.line += int64(bytes.Count(j.buf[j.lineAt:at], []byte{'\n'}))
	} else {
		j.line -= int64(bytes.Count(j.buf[at:j.lineAt], []byte{'\n'}))
	}
	j.lineAt = at
	return j.line
}

// pass writes what was read up to a place as it is.
func (j *jsonStream) pass(to int) {
	j.out.Write(j.buf[j.mark:to])
	j.mark = to
}

// run goes from document to document.
func (j *jsonStream) run(ctx context.Context) error {
	if err := j.start(ctx); err != nil {
		return err
	}
	for {
		if err := j.space(ctx); err != nil {
			return err
		}
		if j.at == len(j.buf) {
			break
		}
		c := j.buf[j.at]
		var err error
		switch {
		case j.list && c == ']' && (j.comma || !j.some):
			j.list, j.comma = false, false
			j.punctuation()
		case j.list && c == ',' && j.comma:
			j.comma, j.blanks = false, -1
			j.at++
		case j.list && c == ']':
			j.countBroken(j.lineOf(j.at), "] where a value was expected")
			j.gap(j.at)
			j.comma = true // as if the one before it were not there
		case j.list && j.comma && c == '[' && j.blanks == 0:
			j.countBroken(j.lineOf(j.at), "[ where , or ] was expected")
			j.list, j.comma = false, false // an array of its own
		case j.list && j.comma:
			err = j.broken(ctx, foundJSON(c)+" where , or ] was expected")
		case !j.list && c == '[':
			j.list, j.some, j.wrote = true, false, false
			j.punctuation()
		default:
			err = j.document(ctx)
		}
		if err != nil {
			return err
		}
	}
	if j.list {
		return j.cut(j.lineOf(j.at), "the text ends in the middle of an array")
	}
	return nil
}

// punctuation writes a bracket of the array around the documents.
func (j *jsonStream) punctuation() {
	j.at++
	j.blanks = -1
	j.pass(j.at)
}

// start looks at the first bytes.
func (j *jsonStream) start(ctx context.Context) error {
	const headBytes = 4
	for len(j.buf) < headBytes && !j.eof {
		if err := j.more(ctx); err != nil {
			return err
		}
	}
	found, err := charset.Settle(j.Charset, j.buf)
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", j.Name, err)
	case found != charset.Unknown && found != charset.UTF8:
		return fmt.Errorf("%s is %s text, but JSON is UTF-8; convert it first, for example with iconv", j.Name, found)
	case bytes.HasPrefix(j.buf, []byte("\xEF\xBB\xBF")):
		j.at = 3
		j.pass(j.at)
	}
	return nil
}

// space skips what stands between documents. Within an array it belongs to the
// document that follows, else it is written.
func (j *jsonStream) space(ctx context.Context) error {
	for {
		for ; j.at < len(j.buf); j.at++ {
			switch j.buf[j.at] {
			case '\n':
				j.blanks = 0
				continue
			case ' ', '\t', '\r':
				if j.blanks >= 0 {
					j.blanks++
				}
				continue
			}
			break
		}
		if !j.list {
			j.pass(j.at)
		}
		if j.at < len(j.buf) || j.eof {
			return nil
		}
		if err := j.more(ctx); err != nil {
			return err
		}
	}
}

// document carries one document over.
func (j *jsonStream) document(ctx context.Context) error {
	var wrong *jsonError
	for {
		err := j.scan.scan(j.buf, j.at, j.eof, j.paths)
		if err == nil {
			err = j.alone()
		}
		switch {
		case err == nil:
			return j.good()
		case errors.As(err, &wrong):
			return j.broken(ctx, wrong.reason)
		case !errors.Is(err, errMore):
			return fmt.Errorf("%s: line %d: %w", j.Name, j.lineOf(j.at), err)
		}
		if err := j.more(ctx); err != nil {
			return err
		}
	}
}

// alone checks that a document is not run together with what is none, and
// that the rest of its line is there.
func (j *jsonStream) alone() error {
	if j.list {
		return nil
	}
	for at := j.scan.at; at < len(j.buf); at++ {
		switch j.buf[at] {
		case ' ', '\t', '\r':
			continue
		case '\n', '{', '[':
			return nil
		}
		if at > j.scan.at {
			return nil
		}
		return &jsonError{at, "something follows the end of the document"}
	}
	if j.eof {
		return nil
	}
	return errMore
}

// good translates the document that was scanned, and writes it.
func (j *jsonStream) good() error {
	j.sum.Records++
	if j.blanks >= 0 {
		j.indent = j.blanks
	}
	j.lead = j.buf[j.at]
	if j.sample == nil {
		j.sample = append([]byte{}, j.buf[j.at:min(j.scan.at, j.at+jsonReadBytes)]...)
	}
	from, to := j.at, j.scan.at
	fate := j.translate()
	j.at, j.blanks = to, -1
	if !j.list {
		j.restOfLine()
	}
	switch fate {
	case Fail:
		if err := j.out.Flush(); err != nil {
			return err
		}
		j.out.Reset(io.Discard)
		j.mark = j.at
	case Divert:
		j.sum.Diverted++
		if err := j.divert(j.buf[from:j.at]); err != nil {
			return err
		}
		if !j.some { // the space before the first element stays
			j.pass(from)
		}
		j.mark = j.at
	default:
		j.gap(from)
		j.apply(to)
		j.pass(j.at)
	}
	j.some, j.comma = true, j.list
	return nil
}

// restOfLine skips what belongs to a document behind its end.
func (j *jsonStream) restOfLine() {
	for ; j.at < len(j.buf); j.at++ {
		switch j.buf[j.at] {
		case ' ', '\t', '\r':
			continue
		case '\n':
			j.at++
			j.blanks = 0
		}
		return
	}
}

// gap writes what stands before the element at from, without its comma where
// it is the first to be written.
func (j *jsonStream) gap(from int) {
	if j.wrote || !j.some {
		j.pass(from)
	}
	j.mark, j.wrote = from, true
}

// divert writes a document aside, as a line.
func (j *jsonStream) divert(document []byte) error {
	if document[len(document)-1] != '\n' {
		document = append(append([]byte{}, document...), '\n')
	}
	_, err := j.Diverted.Write(document)
	return err
}

// end says what went wrong with the whole.
func (j *jsonStream) end() error {
	if err := j.out.Flush(); err != nil {
		return err
	}
	if j.sum.Broken > 0 && j.sample == nil {
		return fmt.Errorf("%s holds no JSON document: %s", j.Name, j.sum.FirstBroken[0])
	}
	for i, f := range j.Fields {
		if !j.seen[i] && j.sample != nil {
			known := pathsOf(j.sample)
			path := strings.Join(f.Names, "|")
			return &mapping.ColumnError{Source: j.Name, Missing: path, Columns: known, Nearest: diag.Nearest(path, known)}
		}
		if o := j.odd[i]; o.count > 0 {
			j.sum.Notes = append(j.sum.Notes, o.note(strings.Join(f.Names, "|")))
		}
	}
	if j.failed != nil {
		return j.failed
	}
	return nil
}

// oddValues are values that are neither texts nor numbers.
type oddValues struct {
	count int64
	first byte  // how the first one starts
	line  int64 // where it stands
}

func (o *oddValues) note(path string) string {
	kind := "true or false"
	switch o.first {
	case '{':
		kind = "an object"
	case '[':
		kind = fmt.Sprintf("an array, whose elements are %s[]", path)
	}
	what := "1 value that is neither text nor number stays as it is"
	if o.count > 1 {
		what = fmt.Sprintf("%d values that are neither text nor number stay as they are", o.count)
	}
	return fmt.Sprintf("%s: %s; line %d holds %s", path, what, o.line, kind)
}
