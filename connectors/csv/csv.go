// Package csv reads customers from comma-separated files and their kin, as
// CRMs export them.
//
// The delimiter (comma, tab, semicolon, pipe) and the encoding (UTF-8,
// UTF-16, GB18030 and GBK, Shift-JIS, Windows-1252) are found out from the
// file; settings overrule that. The first line names the columns. Files may
// be gzipped, lines may end in any way, and quoted fields may span lines.
//
// A row that cannot be used is a [*mapping.RecordError] with its line, and
// costs that row alone: a wrong number of fields, text that is broken in the
// file's encoding, a quote that does not belong. Blank lines are skipped.
//
// Cells come as they stand in the file; an empty one is empty text, as files
// have no NULL. Memory does not grow with the file: it is bounded by the
// longest record, and that by 8 MiB.
package csv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/charset"
	"github.com/xwalk-id/xwalk/mapping/delimited"
	"github.com/xwalk-id/xwalk/mapping/where"
)

// Config is what a CSV source needs to know.
type Config struct {
	Path      string `yaml:"path" doc:"the file; relative to xwalk.yaml; may be gzipped"`
	Delimiter string `yaml:"delimiter" doc:"comma, tab, semicolon, pipe or any one sign; default: found out"`
	Encoding  string `yaml:"encoding" doc:"utf-8, utf-16, gb18030, big5, shift_jis, windows-1252, latin1 and their kin; default: found out"`
}

// Spec registers the connector.
func Spec() connectors.Spec {
	return connectors.Publishing(connectors.Define("csv", "comma-, tab-, semicolon- or pipe-separated files", Config{}, Open), Publish)
}

// headBytes is how much of a file is looked at to find out its dialect.
const headBytes = 64 << 10

// source is one CSV file. It is safe to make passes at the same time.
type source struct {
	file    *file
	dialect delimited.Dialect
	header  []string
	wanted  []int // columns to yield
	filter  *where.Filter
	tested  []int // columns that filter looks at
}

// Open reads the header and checks that the columns are there. A setting
// that cannot be used, a missing file, and one that is no text are errors
// here; a missing column is a [*mapping.ColumnError].
func Open(ctx context.Context, cfg Config, req connectors.Request) (mapping.Source, error) {
	asked, err := charset.Lookup(cfg.Encoding)
	if err != nil {
		return nil, err
	}
	comma, err := delimited.ParseDelimiter(cfg.Delimiter)
	if err != nil {
		return nil, err
	}
	f, err := openFile(cfg.Path, req.Dir)
	if err != nil {
		return nil, err
	}
	head, err := f.head(ctx, headBytes)
	if err != nil {
		return nil, err
	}
	if f.charset, err = charset.Settle(asked, head); err != nil {
		return nil, fmt.Errorf("open %s: %w", f.name, err)
	}
	sample, err := io.ReadAll(f.text(ctx, bytes.NewReader(head)))
	if err != nil {
		return nil, err
	}
	sample = bytes.TrimPrefix(sample, []byte(delimited.BOM))
	s := &source{file: f, dialect: delimited.Detect(sample, comma)}
	if err := s.look(ctx); err != nil {
		return nil, err
	}
	if err := s.ask(req); err != nil {
		return nil, err
	}
	if f.gzip {
		return s, nil
	}
	rows := countRecords(sample, s.dialect) * f.size / int64(max(1, len(head)))
	return counted{s, max(0, rows-1)}, nil
}

// look reads the header.
func (s *source) look(ctx context.Context) error {
	p, err := s.start(ctx)
	if err != nil {
		return err
	}
	defer p.Close()
	for _, name := range p.Fields {
		s.header = append(s.header, delimited.Name(name))
	}
	return nil
}

// ask looks up the columns of a request.
func (s *source) ask(req connectors.Request) (err error) {
	if s.wanted, err = delimited.Find(s.file.name, s.header, req.Columns); err != nil || req.Where == "" {
		return err
	}
	if s.filter, err = where.Parse(req.Where, s.file.name, s.header); err != nil {
		return err
	}
	s.tested, err = delimited.Find(s.file.name, s.header, s.filter.Columns())
	return err
}

// pass is one reading of the file.
type pass struct {
	*delimited.Splitter
	io.Closer
}

// start opens the file and reads up to the end of the header, whose names
// are then in fields.
func (s *source) start(ctx context.Context) (*pass, error) {
	content, err := s.file.open(ctx)
	if err != nil {
		return nil, err
	}
	sp := delimited.NewSplitter(s.file.text(ctx, content), s.dialect)
	sp.SkipBOM()
	if s.dialect.SepLine {
		_, _, err = sp.Next()
	}
	var line int64
	var f delimited.Fault
	if err == nil {
		line, f, err = sp.Next()
	}
	switch {
	case errors.Is(err, io.EOF):
		err = fmt.Errorf("open %s: there is nothing in the file; a header line was expected", s.file.name)
	case err != nil:
		err = s.readError(ctx, sp, err)
	case f == delimited.NotText:
		err = fmt.Errorf("%s:%d: the header is not valid %s; name the file's encoding with the setting encoding", s.file.name, line, s.file.encoding())
	case f != "":
		err = fmt.Errorf("%s:%d: the header cannot be read: %s", s.file.name, line, f)
	default:
		sp.Width = len(sp.Fields)
		return &pass{sp, content}, nil
	}
	content.Close()
	return nil, err
}

func (s *source) readError(ctx context.Context, sp *delimited.Splitter, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("read %s from line %d: %w", s.file.name, sp.Line, err)
}

// Columns lists the header in its order.
func (s *source) Columns(context.Context) ([]string, error) { return slices.Clone(s.header), nil }

// Records streams the rows of the file.
func (s *source) Records(ctx context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		if err := s.read(ctx, yield); err != nil {
			yield(mapping.Record{}, err)
		}
	}
}

// read yields record by record. An error ends the stream and is still to be
// yielded; there is none when yield said to stop.
func (s *source) read(ctx context.Context, yield func(mapping.Record, error) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, err := s.start(ctx)
	if err != nil {
		return err
	}
	defer p.Close()
	if !slices.EqualFunc(p.Fields, s.header, func(a []byte, b string) bool { return delimited.Name(a) == b }) {
		return fmt.Errorf("read %s: the file was changed since it was opened: its header is another one", s.file.name)
	}
	var (
		texts  arena
		values = make([]mapping.Value, len(s.wanted))
		tested = make([]mapping.Value, len(s.tested))
		place  = mapping.Place{File: s.file.name}
	)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, f, err := p.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return s.readError(ctx, p.Splitter, err)
		}
		place.Line = line
		place.Row++
		if f != "" {
			if !yield(mapping.Record{}, &mapping.RecordError{Place: place, Reason: s.reason(f, p.Fields)}) {
				return nil
			}
			continue
		}
		if s.filter != nil {
			if texts.fill(tested, p.Fields, s.tested); !s.filter.Match(tested) {
				continue
			}
		}
		texts.fill(values, p.Fields, s.wanted)
		if !yield(mapping.Record{Place: place, Values: values}, nil) {
			return nil
		}
	}
}

// reason is a fault as people read it.
func (s *source) reason(f delimited.Fault, fields [][]byte) string {
	if f != delimited.NotText {
		return string(f)
	}
	for i, field := range fields {
		if !utf8.Valid(field) && i < len(s.header) {
			return fmt.Sprintf("column %q is not valid %s", s.header[i], s.file.encoding())
		}
	}
	return fmt.Sprintf("the line is not valid %s", s.file.encoding())
}

// counted is a source that can estimate its records, from the size of the
// file and the records in its first part.
type counted struct {
	*source
	rows int64
}

// Count is exact for small files.
func (c counted) Count(context.Context) (int64, error) { return c.rows, nil }

func countRecords(sample []byte, d delimited.Dialect) (n int64) {
	s := delimited.SplitterOf(sample, d)
	for {
		if _, _, err := s.Next(); err != nil {
			return n
		}
		n++
	}
}

// arenaBytes is how many cells share one allocation. It is small, as a cell
// that is kept keeps all of it.
const arenaBytes = 16 << 10

// arena copies cells out of the splitter's buffer.
type arena struct{ b strings.Builder }

// fill sets values to the fields at these places.
func (a *arena) fill(values []mapping.Value, fields [][]byte, at []int) {
	for i, j := range at {
		values[i].Text = a.text(fields[j])
	}
}

func (a *arena) text(cell []byte) string {
	if len(cell) > a.b.Cap()-a.b.Len() {
		a.b = strings.Builder{}
		a.b.Grow(max(arenaBytes, len(cell)))
	}
	start := a.b.Len()
	a.b.Write(cell)
	return a.b.String()[start:]
}
