package archive

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"strconv"
	"strings"
)

// Reader reads an archive. Its file must not change meanwhile; when it does,
// that is found out before the last row of a table is read.
type Reader struct {
	Manifest Manifest
	in       io.ReaderAt
	size     int64
	files    map[string]*zip.File
}

// Open reads the manifest of an archive of size bytes. An archive in a newer
// format is [ErrNewer]; what is no archive, or one whose end is missing, is a
// [*DamageError].
func Open(in io.ReaderAt, size int64) (*Reader, error) {
	in = &within{in, size}
	z, err := zip.NewReader(in, size)
	if err != nil {
		if broken(err) {
			return nil, &DamageError{Reason: "it is cut off, or no archive of xwalk"}
		}
		return nil, err
	}
	r := &Reader{in: in, size: size, files: map[string]*zip.File{}}
	for _, f := range z.File {
		r.files[f.Name] = f
	}
	f := r.files[manifestFile]
	if f == nil {
		return nil, &DamageError{Reason: "it has no " + manifestFile + ": is it an archive of xwalk?"}
	}
	content, err := f.Open()
	if err != nil {
		return nil, unreadable(manifestFile, 0, err)
	}
	defer func() { _ = content.Close() }()
	text, err := io.ReadAll(content)
	if err != nil {
		return nil, unreadable(manifestFile, 0, err)
	}
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &version); err != nil || version.Format < 1 {
		return nil, &DamageError{File: manifestFile, Reason: "it cannot be read as a manifest"}
	}
	if version.Format > Format {
		return nil, fmt.Errorf("%w (its format is version %d, this one knows %d)", ErrNewer, version.Format, Format)
	}
	if err := json.Unmarshal(text, &r.Manifest); err != nil {
		return nil, &DamageError{File: manifestFile, Reason: err.Error()}
	}
	return r, nil
}

// Check reads all of the archive. What is not as it was written is a
// [*DamageError] that says where. told is called now and then with how many
// rows have been read.
func (r *Reader) Check(ctx context.Context, told func(rows int64)) error {
	n := int64(0)
	for i := range r.Manifest.Tables {
		for _, err := range r.Rows(ctx, &r.Manifest.Tables[i]) {
			if err != nil {
				return err
			}
			if n++; n%50_000 == 0 {
				told(n)
			}
		}
	}
	if len(r.files) != len(r.Manifest.Tables)+1 {
		return &DamageError{Reason: "it holds files that its manifest does not name"}
	}
	return r.checkSeal(ctx)
}

// checkSeal compares the digest of the whole file.
func (r *Reader) checkSeal(ctx context.Context) error {
	end := make([]byte, commentBytes)
	if r.size < int64(commentBytes) {
		return &DamageError{Reason: "it is too short"}
	}
	before := r.size - int64(commentBytes)
	if _, err := r.in.ReadAt(end, before); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	digest, ok := strings.CutPrefix(string(end), comment)
	if !ok {
		return &DamageError{Reason: "its last bytes are not the digest that it was written with; was it packed anew?"}
	}
	sum := sha256.New()
	buf := make([]byte, 1<<20)
	for at := int64(0); at < before; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.in.ReadAt(buf[:min(int64(len(buf)), before-at)], at)
		if n == 0 && err != nil {
			return err
		}
		sum.Write(buf[:n])
		at += int64(n)
	}
	if hex.EncodeToString(sum.Sum(nil)) != digest {
		return &DamageError{Reason: "its digest differs, though all tables are as they were written: a byte beside them was changed"}
	}
	return nil
}

// Cell is a cell of a row: an integer, or the bytes of a text, a blob, or the
// text of a real.
type Cell struct {
	Null bool
	N    int64
	Text string
}

// Rows yields the rows of a table. Its cells are only good until the next
// step; their texts stay. After the last row the table's digest and the number
// of its rows are compared; the first thing that is wrong ends the sequence
// with a [*DamageError].
func (r *Reader) Rows(ctx context.Context, t *Table) iter.Seq2[[]Cell, error] {
	return func(yield func([]Cell, error) bool) {
		name := t.Name + tableSuffix
		damaged := func(line int64, format string, args ...any) {
			yield(nil, &DamageError{File: name, Line: line, Reason: fmt.Sprintf(format, args...)})
		}
		f := r.files[name]
		if f == nil {
			damaged(0, "it is missing")
			return
		}
		content, err := f.Open()
		if err != nil {
			yield(nil, unreadable(name, 0, err))
			return
		}
		defer func() { _ = content.Close() }()
		sum := sha256.New()
		in := bufio.NewReaderSize(io.TeeReader(content, sum), 1<<16)
		row := newRow(t.Columns)
		n := int64(0)
		for {
			line, err := row.read(in)
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil && n%1024 == 0 {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, unreadable(name, n+1, err))
				return
			}
			n++
			if err := row.parse(line); err != nil {
				damaged(n, "%v", err)
				return
			}
			if !yield(row.cells, nil) {
				return
			}
		}
		switch {
		case n != t.Rows:
			damaged(0, "it has %d rows and should have %d", n, t.Rows)
		case hex.EncodeToString(sum.Sum(nil)) != t.SHA256:
			damaged(0, "its SHA-256 is not that of the manifest")
		}
	}
}

// within reads a file of a known size. A damaged directory may lead out of it.
type within struct {
	io.ReaderAt
	size int64
}

func (w *within) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 || at > w.size {
		return 0, zip.ErrFormat
	}
	return w.ReaderAt.ReadAt(p, at)
}

// broken reports whether an error is about what a file holds, and not about
// reading it.
func broken(err error) bool {
	var row *rowError
	return errors.As(err, &row) || errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrAlgorithm) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// unreadable says where a file cannot be read.
func unreadable(file string, line int64, err error) error {
	if broken(err) {
		return &DamageError{File: file, Line: line, Reason: err.Error()}
	}
	return fmt.Errorf("read %s: %w", file, err)
}

// rowError is what is wrong with a line.
type rowError struct{ reason string }

func (e *rowError) Error() string { return e.reason }

func wrong(format string, args ...any) error { return &rowError{fmt.Sprintf(format, args...)} }

// row parses lines, in the one form in which they are written.
type row struct {
	columns []Column
	keys    [][]byte // as `"name":`
	cells   []Cell
	long    []byte // a line that is longer than the reader's buffer
}

func newRow(columns []Column) *row {
	r := &row{columns: columns, cells: make([]Cell, len(columns))}
	for _, c := range columns {
		r.keys = append(r.keys, []byte(strconv.Quote(c.Name)+":"))
	}
	return r
}

// read reads a line, without its end.
func (r *row) read(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		r.long = append(r.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = in.ReadSlice('\n')
			r.long = append(r.long, line...)
		}
		line = r.long
	}
	if err == nil {
		return line[:len(line)-1], nil
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		return nil, wrong("its end is missing")
	}
	return nil, err
}

func (r *row) parse(line []byte) error {
	if len(line) < checkBytes {
		return wrong("it is too short")
	}
	body, check := line[:len(line)-checkBytes], line[len(line)-checkBytes:]
	sum, err := hex.DecodeString(string(check[len(checkMember) : len(checkMember)+8]))
	if err != nil || !bytes.HasPrefix(check, []byte(checkMember)) || !bytes.HasSuffix(check, []byte(`"}`)) {
		return wrong("it does not end in its checksum")
	}
	if is := crc32.Checksum(body, castagnoli); is != uint32(sum[0])<<24|uint32(sum[1])<<16|uint32(sum[2])<<8|uint32(sum[3]) {
		return wrong("its checksum is %08x and should be %x", is, sum)
	}
	if len(body) == 0 || body[0] != '{' {
		return wrong("it is no object")
	}
	at := 1
	for i := range r.columns {
		c, cell := &r.columns[i], &r.cells[i]
		*cell = Cell{}
		rest := body[at:]
		if at > 1 && len(rest) > 0 {
			if rest[0] != ',' {
				return wrong("a comma is missing before %s", c.Name)
			}
			rest = rest[1:]
		}
		if !bytes.HasPrefix(rest, r.keys[i]) {
			if !c.Null {
				return wrong("%s is missing", c.Name)
			}
			cell.Null = true
			continue
		}
		rest = rest[len(r.keys[i]):]
		n, err := cell.parse(c.Type, rest)
		if err != nil {
			return wrong("%s: %v", c.Name, err)
		}
		at = len(body) - len(rest) + n
	}
	if at != len(body) {
		return wrong("it has more members than the table has columns")
	}
	return nil
}

// parse reads a value at the start of text and returns its length.
func (c *Cell) parse(typ Type, text []byte) (n int, err error) {
	switch typ {
	case Int, Real:
		for n < len(text) && text[n] != ',' {
			n++
		}
		if typ == Real {
			c.Text = string(text[:n])
			_, err = strconv.ParseFloat(c.Text, 64)
			return n, err
		}
		c.N, err = strconv.ParseInt(string(text[:n]), 10, 64)
		return n, err
	case Text, Long, Blob:
		if c.Text, n, err = parseString(text); err != nil {
			return 0, err
		}
		if typ == Long {
			c.N, err = strconv.ParseInt(c.Text, 10, 64)
			c.Text = ""
		}
		if typ == Blob {
			var b []byte
			b, err = base64.StdEncoding.DecodeString(c.Text)
			c.Text = string(b)
		}
		return n, err
	}
	return 0, fmt.Errorf("there is no type %q", typ)
}

// parseString reads a JSON string as appendString writes it.
func parseString(text []byte) (string, int, error) {
	if len(text) == 0 || text[0] != '"' {
		return "", 0, errors.New("it is no string")
	}
	escaped := false
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			if !escaped {
				return string(text[1:i]), i + 1, nil
			}
			var s string
			err := json.Unmarshal(text[:i+1], &s)
			return s, i + 1, err
		}
	}
	return "", 0, errors.New("its string does not end")
}
