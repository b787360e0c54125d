package csv

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/delimited"
)

// publisher writes a copy of a file, in which one column holds what it is
// told. Everything else of the copy is the file's, byte for byte. What an
// earlier copy holds counts as what the records hold.
//
// The IDs and the fields of the file are in memory, about a hundred bytes a
// record.
type publisher struct {
	*source        // wanted is the ID, and the field where the file has it
	field   string // named as the header does
	added   bool   // the file lacks the field: it comes last
	out     string // the copy as the user named it
	path    string // and where it is
	records map[string]int32
	values  []fieldText
}

// fieldText is what the fields of the records with one ID hold.
type fieldText struct {
	text   string
	differ bool
}

// Publish reads the file, and its copy where there is one. A field that the
// file lacks is added at the end.
func Publish(ctx context.Context, cfg Config, req connectors.PublishRequest) (mapping.Publisher, error) {
	p := &publisher{field: delimited.Name([]byte(req.Field))}
	if slices.ContainsFunc(req.Columns, func(c string) bool { return delimited.Name([]byte(c)) == p.field }) {
		return nil, &mapping.FieldError{Source: cfg.Path, Field: p.field, Why: "it is the source's own ID"}
	}
	var err error
	if p.source, err = openSource(ctx, cfg, req.Request); err != nil {
		return nil, err
	}
	if err := p.place(cfg.Path, req); err != nil {
		return nil, err
	}
	if p.added = !slices.Contains(p.header, p.field); !p.added {
		asked := req.Request
		asked.Columns = append(slices.Clone(req.Columns), p.field)
		if p.source, err = openSource(ctx, cfg, asked); err != nil {
			return nil, err
		}
	}
	if err := p.load(ctx); err != nil {
		return nil, err
	}
	return p, p.loadCopy(ctx, cfg, req)
}

func openSource(ctx context.Context, cfg Config, req connectors.Request) (*source, error) {
	src, err := Open(ctx, cfg, req)
	if err != nil {
		return nil, err
	}
	if c, ok := src.(counted); ok {
		return c.source, nil
	}
	return src.(*source), nil
}

// place settles where the copy is.
func (p *publisher) place(path string, req connectors.PublishRequest) error {
	p.out = req.Out
	if p.out == "" {
		name, packed := path, ""
		if p.file.gzip && strings.EqualFold(filepath.Ext(name), ".gz") {
			packed = filepath.Ext(name)
			name = strings.TrimSuffix(name, packed)
		}
		extension := filepath.Ext(name)
		p.out = strings.TrimSuffix(name, extension) + ".published" + extension + packed
	}
	if p.path = p.out; !filepath.IsAbs(p.out) {
		p.path = filepath.Join(req.Dir, p.out)
	}
	if p.file.gzip != strings.EqualFold(filepath.Ext(p.path), ".gz") && req.Out != "" {
		return fmt.Errorf("the copy %s and %s do not end alike: a gzipped file has a gzipped copy", p.out, p.file.name)
	}
	original, err := os.Stat(p.file.path)
	if err != nil {
		return fmt.Errorf("open %s: %w", p.file.name, cause(err))
	}
	there, err := os.Stat(p.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("open %s: %w", p.out, cause(err))
	case os.SameFile(original, there):
		return fmt.Errorf("%s is the source itself: name another file in publish.out, the source stays as it is", p.out)
	case !there.Mode().IsRegular():
		return fmt.Errorf("%s is no file: name another one in publish.out", p.out)
	}
	return nil
}

// load reads what IDs there are, and what their fields hold.
func (p *publisher) load(ctx context.Context) error {
	p.records = map[string]int32{}
	var key []byte
	ids := len(p.wanted)
	if !p.added {
		ids--
	}
	for rec, err := range p.Records(ctx) {
		switch {
		case mapping.IsRecordError(err):
			continue
		case err != nil:
			return err
		}
		key = appendKey(key[:0], rec.Values[:ids])
		text := ""
		if !p.added {
			text = rec.Values[ids].Text
		}
		if i, known := p.records[string(key)]; known {
			p.values[i].differ = p.values[i].differ || p.values[i].text != text
			continue
		}
		id := rec.Values[0].Text
		if ids > 1 {
			id = string(key)
		}
		p.records[id] = int32(len(p.values))
		p.values = append(p.values, fieldText{text: text})
	}
	return nil
}

// appendKey makes one text of the parts of an ID.
func appendKey(key []byte, parts []mapping.Value) []byte {
	for i, v := range parts {
		if i > 0 {
			key = append(key, 0)
		}
		key = append(key, v.Text...)
	}
	return key
}

// loadCopy reads what an earlier copy holds.
func (p *publisher) loadCopy(ctx context.Context, cfg Config, req connectors.PublishRequest) error {
	if _, err := os.Stat(p.path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	asked := req.Request
	asked.Columns = append(slices.Clone(req.Columns), p.field)
	cfg.Path = p.path
	earlier, err := openSource(ctx, cfg, asked)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s is there and is no copy of %s with column %q: move it away, or name another file in publish.out (%w)", p.out, p.file.name, p.field, err)
	}
	read := make([]bool, len(p.values))
	var key []byte
	for rec, err := range earlier.Records(ctx) {
		switch {
		case mapping.IsRecordError(err):
			continue
		case err != nil:
			return err
		}
		last := len(rec.Values) - 1
		key = appendKey(key[:0], rec.Values[:last])
		i, known := p.records[string(key)]
		if !known {
			continue
		}
		h := fieldText{text: rec.Values[last].Text}
		if read[i] {
			h.differ = p.values[i].differ || p.values[i].text != h.text
		}
		p.values[i], read[i] = h, true
	}
	return nil
}

// Copy is where the copy is.
func (p *publisher) Copy() string { return p.out }

// Read says what the records hold, or will once the copy is made.
func (p *publisher) Read(ctx context.Context, ids [][]string) ([]mapping.FieldValue, error) {
	values := make([]mapping.FieldValue, len(ids))
	for i, id := range ids {
		if at, ok := p.find(id); ok {
			values[i] = mapping.FieldValue{Text: p.values[at].text, Differ: p.values[at].differ, Found: true}
		}
	}
	return values, ctx.Err()
}

func (p *publisher) find(id []string) (int32, bool) {
	parts := len(p.wanted)
	if !p.added {
		parts--
	}
	at, ok := p.records[strings.Join(id, "\x00")]
	return at, ok && len(id) == parts
}

// Write keeps what the copy is to hold.
func (p *publisher) Write(ctx context.Context, writes []mapping.FieldWrite) ([]error, error) {
	refused := make([]error, len(writes))
	if err := ctx.Err(); err != nil {
		return refused, err
	}
	for i, w := range writes {
		if at, ok := p.find(w.ID); ok {
			p.values[at] = fieldText{text: w.Value.Text}
		} else {
			refused[i] = mapping.ErrNoRecord
		}
	}
	return refused, nil
}

// Close makes the copy, whole or not at all. One that is the same already
// stays.
func (p *publisher) Close(ctx context.Context, abandon bool) (err error) {
	if abandon {
		return nil
	}
	info, err := os.Stat(p.file.path)
	if err != nil {
		return fmt.Errorf("open %s: %w", p.file.name, cause(err))
	}
	f, err := os.CreateTemp(filepath.Dir(p.path), "."+filepath.Base(p.path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", p.out, cause(err))
	}
	defer func() {
		if err != nil {
			_, _ = f.Close(), os.Remove(f.Name())
		}
	}()
	if err := p.copyTo(ctx, f); err != nil {
		return fmt.Errorf("write %s: %w", p.out, err)
	}
	if err := errors.Join(f.Chmod(info.Mode().Perm()), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", p.out, cause(err))
	}
	if same, err := equalFiles(f.Name(), p.path); err != nil || same {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), p.path)
}

// copyTo writes the copy.
func (p *publisher) copyTo(ctx context.Context, dst io.Writer) error {
	src, err := p.file.open(ctx)
	if err != nil {
		return err
	}
	defer src.Close()
	if !p.file.gzip {
		return p.edit(ctx, dst, src)
	}
	z := gzip.NewWriter(dst)
	return errors.Join(p.edit(ctx, z, src), z.Close())
}

func (p *publisher) edit(ctx context.Context, dst io.Writer, src io.Reader) error {
	names := func(at []int) (list []string) {
		for _, i := range at {
			list = append(list, p.header[i])
		}
		return list
	}
	o := delimited.Options{
		Delimiter: p.dialect.Delimiter, Charset: p.file.encoding(), Workers: runtime.GOMAXPROCS(0),
		Columns: append(names(p.wanted), names(p.tested)...),
	}
	field := len(p.wanted) - 1
	ids := field
	if p.added {
		o.Add, field, ids = []string{p.field}, len(o.Columns), len(p.wanted)
	}
	keys := make([][]byte, o.Workers)
	_, err := delimited.Edit(ctx, dst, src, p.file.name, o, func(worker int, b *delimited.Batch) error {
		for r := range b.Len() {
			if !p.counts(b, r) {
				continue
			}
			key := keys[worker][:0]
			for i := range ids {
				if i > 0 {
					key = append(key, 0)
				}
				key = append(key, b.Cell(r, i)...)
			}
			keys[worker] = key
			at, ok := p.records[string(key)]
			if !ok || p.values[at].differ || !p.added && string(b.Cell(r, field)) == p.values[at].text {
				continue
			}
			b.Set(r, field, []byte(p.values[at].text))
		}
		return nil
	})
	return err
}

// counts reports whether a record is in the source's filter.
func (p *publisher) counts(b *delimited.Batch, record int) bool {
	if p.filter == nil {
		return true
	}
	tested := make([]mapping.Value, len(p.tested))
	for i := range tested {
		tested[i].Text = string(b.Cell(record, len(p.wanted)+i))
	}
	return p.filter.Match(tested)
}

// equalFiles compares files byte by byte; one that is not there is another.
func equalFiles(a, b string) (bool, error) {
	x, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer x.Close()
	y, err := os.Open(b)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer y.Close()
	bufX, bufY := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errX := io.ReadFull(x, bufX)
		m, errY := io.ReadFull(y, bufY)
		if !bytes.Equal(bufX[:n], bufY[:m]) {
			return false, nil
		}
		end := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
		switch {
		case end(errX) && end(errY):
			return true, nil
		case errX != nil && !end(errX), errY != nil && !end(errY):
			return false, errors.Join(errX, errY)
		}
	}
}
