package rewrite

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/delimited"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// Copy is what was found out about a file's references, in their order. Of
// JSON Lines, what is counted are not rows but the IDs.
type Copy struct {
	File     *File
	Surveyed []*Surveyed
	// Current says that the copy that is there says all of it already.
	Current bool
}

// ErrSameFile says that a file's copy would be the file itself.
var ErrSameFile = errors.New("the copy is the file itself")

// Survey looks at the file and writes nothing. progress, which may be nil, is
// told bytes. A column that is not there is a [*mapping.ColumnError].
func (f *File) Survey(ctx context.Context, tables Tables, progress func(done, total int64)) (*Copy, error) {
	there, err := f.digestOfOut()
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	c, err := f.translate(ctx, sum, tables, progress)
	if err != nil {
		return nil, err
	}
	c.Current = bytes.Equal(there, sum.Sum(nil))
	if c.Current {
		for _, s := range c.Surveyed {
			s.Done = s.Resolvable
		}
	}
	return c, nil
}

// Rewrite writes the copy: whole, or not at all. The copy has the file's
// permissions.
func (f *File) Rewrite(ctx context.Context, tables Tables, progress func(done, total int64)) ([]Result, error) {
	info, err := os.Stat(f.Path)
	if err != nil {
		return nil, err
	}
	if out, err := os.Stat(f.Out); err == nil && os.SameFile(info, out) {
		return nil, fmt.Errorf("%s: %w", f.Out, ErrSameFile)
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.Out), "."+filepath.Base(f.Out)+".*")
	if err != nil {
		return nil, err
	}
	c, err := f.write(ctx, tmp, info.Mode().Perm(), tables, progress)
	if err == nil {
		err = os.Rename(tmp.Name(), f.Out)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(tmp.Name()))
	}
	var results []Result
	for _, s := range c.Surveyed {
		results = append(results, Result{
			Name: s.Name, Read: s.Rows, Empty: s.Empty, Written: s.Resolvable - s.Done, Unchanged: s.Done, Orphans: s.Orphans,
		})
	}
	return results, nil
}

// write writes the copy's content into tmp and closes it.
func (f *File) write(ctx context.Context, tmp *os.File, mode fs.FileMode, tables Tables, progress func(done, total int64)) (c *Copy, err error) {
	defer func() { err = errors.Join(err, tmp.Close()) }()
	if err := tmp.Chmod(mode); err != nil {
		return nil, err
	}
	buffer := bufio.NewWriterSize(tmp, 1<<20)
	dst := io.Writer(buffer)
	var packed *gzip.Writer
	if strings.HasSuffix(f.Out, ".gz") {
		packed = gzip.NewWriter(buffer)
		dst = packed
	}
	if c, err = f.translate(ctx, dst, tables, progress); err != nil {
		return nil, err
	}
	if packed != nil {
		if err := packed.Close(); err != nil {
			return nil, err
		}
	}
	if err := buffer.Flush(); err != nil {
		return nil, err
	}
	return c, tmp.Sync()
}

// translate copies the file to dst.
func (f *File) translate(ctx context.Context, dst io.Writer, tables Tables, progress func(done, total int64)) (*Copy, error) {
	if f.JSON {
		return f.translateJSON(ctx, dst, tables, progress)
	}
	header, err := f.header()
	if err != nil {
		return nil, err
	}
	p, err := newPass(f, header, tables)
	if err != nil {
		return nil, err
	}
	src, err := openFile(f.Path, progress)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	stats, w, err := p.run(ctx, dst, src)
	if err != nil {
		return nil, err
	}
	c := &Copy{File: f}
	for i := range p.refs {
		c.Surveyed = append(c.Surveyed, f.surveyed(p.refs[i].FileReference, &w.found[i]))
	}
	if notes := p.notes(stats, w); len(c.Surveyed) > 0 {
		c.Surveyed[0].Obstacles = append(c.Surveyed[0].Obstacles, notes...)
	}
	return c, nil
}

// header is the file's, with its names trimmed.
func (f *File) header() ([]string, error) {
	src, err := openFile(f.Path, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	return delimited.Header(src, f.Name, delimited.Options{Delimiter: f.Delimiter, Charset: f.Charset})
}

// surveyed is what was counted of a reference, as reports tell it.
func (f *File) surveyed(r *FileReference, x *found) *Surveyed {
	s := f.empty(r)
	s.Rows, s.Empty, s.Resolvable, s.Done = x.rows, x.empty, x.resolvable, x.done
	s.Redirected, s.Orphans, s.Widest = x.redirected, x.orphans, x.widest
	for _, m := range x.missing {
		s.Missing = append(s.Missing, *m)
	}
	slices.SortFunc(s.Missing, func(a, b Orphan) int {
		return cmp.Or(cmp.Compare(x.lines[a.Key], x.lines[b.Key]), cmp.Compare(a.Key, b.Key))
	})
	if len(s.Missing) > keptOrphans {
		s.Missing = s.Missing[:keptOrphans]
	}
	if x.overlaps > 0 {
		s.Obstacles = append(s.Obstacles, Obstacle{
			Code: "conditions_overlap", Severity: Blocks.String(),
			Detail: fmt.Sprintf("%s fulfil the condition of another reference of this column too, the first in line %d", rowsOf(x.overlaps), x.overlap),
			Hint:   "make the conditions exclude each other",
		})
	}
	return s
}

// empty is a report of a reference without counts.
func (f *File) empty(r *FileReference) *Surveyed {
	return &Surveyed{Name: f.NameOf(r), RefersTo: r.RefersTo, Write: filepath.Base(f.Out), Missing: []Orphan{}, Obstacles: []Obstacle{}}
}

// notes are what there is to tell of the file as a whole.
func (p *pass) notes(stats delimited.Stats, w *worker) []Obstacle {
	var notes []Obstacle
	if stats.Broken > 0 {
		notes = append(notes, Obstacle{
			Code: "broken_rows", Severity: Note.String(),
			Detail: fmt.Sprintf("%s cannot be read and stay as they are: %s", rowsOf(stats.Broken), strings.Join(stats.FirstBroken, "; ")),
		})
	}
	for i, x := range w.words {
		if x.cells > 0 {
			column := p.columns[p.others+i]
			notes = append(notes, Obstacle{
				Code: "ids_in_text", Severity: Note.String(),
				Detail: fmt.Sprintf("column %s is left alone, although %s an ID as a word; the first is one of %s, in line %d", column, cellsHold(x.cells), x.space, x.line),
				Hint:   "if it is a reference, name it among the references, with split or pattern where the ID is not all of the text",
			})
		}
	}
	return notes
}

func rowsOf(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

func cellsHold(cells int64) string {
	if cells == 1 {
		return "1 cell holds"
	}
	return fmt.Sprintf("%d cells hold", cells)
}

// translateJSON copies a file of JSON Lines to dst.
func (f *File) translateJSON(ctx context.Context, dst io.Writer, tables Tables, progress func(done, total int64)) (*Copy, error) {
	src, err := openFile(f.Path, progress)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	s := translate.Stream{Name: f.Name, Charset: f.Charset}
	for _, r := range f.References {
		field := translate.Field{Names: r.Columns, Column: translate.Column{Table: tables[r.RefersTo], Shape: r.Shape, Missing: translate.Keep}}
		if len(r.Columns) > 1 {
			field.Add = r.Columns[0][strings.LastIndexByte(r.Columns[0], '.')+1:] + "_canonical"
		}
		s.Fields = append(s.Fields, field)
	}
	summary, err := translate.JSONLines(ctx, dst, src, s)
	if err != nil {
		return nil, err
	}
	c := &Copy{File: f}
	for i, t := range summary.Fields {
		x := f.empty(&f.References[i])
		x.Resolvable, x.Done, x.Redirected, x.Orphans = t.Translated, t.Unchanged, t.Redirected, t.Lost()
		x.Rows = x.Resolvable + x.Orphans
		for _, e := range t.Examples {
			x.Missing = append(x.Missing, Orphan{
				Child: fmt.Sprintf("%s:%d", f.Name, e.Line), Field: t.Field, Key: e.ID, Reason: strings.ReplaceAll(e.Status, "_", " "), Rows: 1,
			})
		}
		c.Surveyed = append(c.Surveyed, x)
	}
	if summary.Broken > 0 {
		c.Surveyed[0].Obstacles = append(c.Surveyed[0].Obstacles, Obstacle{
			Code: "broken_rows", Severity: Note.String(),
			Detail: fmt.Sprintf("%s cannot be read and stay as they are: %s", rowsOf(summary.Broken), strings.Join(summary.FirstBroken, "; ")),
		})
	}
	return c, nil
}

// digestOfOut is the digest of what the copy that is there says; nil where
// there is none.
func (f *File) digestOfOut() ([]byte, error) {
	out, err := openFile(f.Out, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(hash.Hash(sum), out); err != nil {
		return nil, nil // it is damaged, so it is not what it is to be
	}
	return sum.Sum(nil), nil
}

// input is a file that is read; one that is gzipped comes unpacked.
type input struct {
	file     *os.File
	text     io.Reader
	progress func(done, total int64)
	done     int64
	size     int64
}

func openFile(path string, progress func(done, total int64)) (*input, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in := &input{file: file, progress: progress}
	if info, err := file.Stat(); err == nil {
		in.size = info.Size()
	}
	head := bufio.NewReaderSize(counting{in}, 1<<20)
	in.text = head
	if magic, _ := head.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if in.text, err = gzip.NewReader(head); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), file.Close())
		}
	}
	return in, nil
}

func (in *input) Read(p []byte) (int, error) { return in.text.Read(p) }

func (in *input) Close() error { return in.file.Close() }

// counting reads an input's file and tells how far it is.
type counting struct{ in *input }

func (c counting) Read(p []byte) (int, error) {
	n, err := c.in.file.Read(p)
	c.in.done += int64(n)
	if c.in.progress != nil {
		c.in.progress(c.in.done, c.in.size)
	}
	return n, err
}
