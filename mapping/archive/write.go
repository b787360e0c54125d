package archive

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Writer writes an archive, table after table.
type Writer struct {
	seal     *sealer
	zip      *zip.Writer
	manifest Manifest
	table    *tableWriter
}

// NewWriter begins an archive. What the manifest says of tables is filled in.
func NewWriter(w io.Writer, m Manifest) (*Writer, error) {
	m.Format, m.Tables = Format, []Table{}
	seal := &sealer{w: bufio.NewWriterSize(w, 1<<18), hash: sha256.New()}
	z := zip.NewWriter(seal)
	// The digest takes the place of this when it is known.
	return &Writer{seal: seal, zip: z, manifest: m}, z.SetComment(strings.Repeat(" ", commentBytes))
}

// tableWriter writes the rows of one table.
type tableWriter struct {
	Table
	out  *bufio.Writer
	hash hash.Hash
	keys []string // of the columns, as `"name":`
	line []byte
}

// Table begins a table; the one before is complete.
func (w *Writer) Table(name string, columns []Column) error {
	if err := w.endTable(); err != nil {
		return err
	}
	f, err := w.create(name + tableSuffix)
	if err != nil {
		return err
	}
	t := &tableWriter{Table: Table{Name: name, Columns: columns}, hash: sha256.New()}
	t.out = bufio.NewWriterSize(io.MultiWriter(f, t.hash), 1<<16)
	for _, c := range columns {
		t.keys = append(t.keys, strconv.Quote(c.Name)+":")
	}
	w.table = t
	return nil
}

// create begins a file. Nothing in its header depends on when and where.
func (w *Writer) create(name string) (io.Writer, error) {
	h := &zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.SetMode(0o600)
	return w.zip.CreateHeader(h)
}

// Row adds a row to the table. A cell is nil, or what its column's type takes:
// an int64 for integers, a float64 for reals, a string or []byte for the
// others; integers and reals may also come as texts. Cells are not kept.
func (w *Writer) Row(cells []any) error {
	t := w.table
	if err := t.encode(cells); err != nil {
		return fmt.Errorf("row %d of table %s: %w", t.Rows+1, t.Name, err)
	}
	t.Rows++
	_, err := t.out.Write(t.line)
	return err
}

func (t *tableWriter) encode(cells []any) error {
	if len(cells) != len(t.Columns) {
		return fmt.Errorf("%d cells for %d columns", len(cells), len(t.Columns))
	}
	line := append(t.line[:0], '{')
	for i, c := range t.Columns {
		if cells[i] == nil {
			if !c.Null {
				return fmt.Errorf("%s is NULL", c.Name)
			}
			continue
		}
		if len(line) > 1 {
			line = append(line, ',')
		}
		line = append(line, t.keys[i]...)
		var err error
		if line, err = appendCell(line, c.Type, cells[i]); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	sum := crc32.Checksum(line, castagnoli)
	line = append(line, checkMember...)
	line = fmt.Appendf(line, "%08x", sum)
	t.line = append(line, "\"}\n"...)
	return nil
}

func appendCell(line []byte, typ Type, cell any) ([]byte, error) {
	switch typ {
	case Int, Long:
		n, err := integer(cell)
		if err != nil {
			return nil, err
		}
		if typ == Int {
			return strconv.AppendInt(line, n, 10), nil
		}
		line = strconv.AppendInt(append(line, '"'), n, 10)
		return append(line, '"'), nil
	case Real:
		f, ok := cell.(float64)
		if !ok {
			var err error
			if f, err = strconv.ParseFloat(text(cell), 64); err != nil {
				return nil, err
			}
		}
		return strconv.AppendFloat(line, f, 'g', -1, 64), nil
	case Blob:
		b, ok := cell.([]byte)
		if !ok {
			b = []byte(text(cell))
		}
		line = base64.StdEncoding.AppendEncode(append(line, '"'), b)
		return append(line, '"'), nil
	}
	switch s := cell.(type) {
	case string:
		return appendString(line, s)
	case []byte:
		return appendString(line, s)
	}
	return nil, fmt.Errorf("a text is %T", cell)
}

func integer(cell any) (int64, error) {
	if n, ok := cell.(int64); ok {
		return n, nil
	}
	return strconv.ParseInt(text(cell), 10, 64)
}

func text(cell any) string {
	switch s := cell.(type) {
	case string:
		return s
	case []byte:
		return string(s)
	}
	return fmt.Sprint(cell)
}

// appendString writes a JSON string in one way only: no escapes but those
// that JSON asks for.
func appendString[S string | []byte](line []byte, s S) ([]byte, error) {
	if !utf8.ValidString(string(s)) {
		return nil, fmt.Errorf("it is not valid UTF-8")
	}
	line = append(line, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		line = append(line, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			line = append(line, '\\', c)
		case '\n':
			line = append(line, `\n`...)
		case '\r':
			line = append(line, `\r`...)
		case '\t':
			line = append(line, `\t`...)
		default:
			line = fmt.Appendf(line, `\u%04x`, c)
		}
	}
	line = append(line, s[from:]...)
	return append(line, '"'), nil
}

func (w *Writer) endTable() error {
	t := w.table
	if t == nil {
		return nil
	}
	w.table = nil
	t.SHA256 = ""
	if err := t.out.Flush(); err != nil {
		return err
	}
	t.SHA256 = hex.EncodeToString(t.hash.Sum(nil))
	w.manifest.Tables = append(w.manifest.Tables, t.Table)
	return nil
}

// Close completes the archive and returns its manifest.
func (w *Writer) Close() (*Manifest, error) {
	if err := w.endTable(); err != nil {
		return nil, err
	}
	f, err := w.create(manifestFile)
	if err != nil {
		return nil, err
	}
	enc := json.NewEncoder(f)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&w.manifest); err != nil {
		return nil, err
	}
	if err := w.zip.Close(); err != nil {
		return nil, err
	}
	return &w.manifest, w.seal.close()
}

// sealer writes what comes, but for the comment at the end, for which it puts
// the digest of what it wrote.
type sealer struct {
	w    *bufio.Writer
	hash hash.Hash
	tail []byte // the last bytes so far, which may be the comment
}

func (s *sealer) Write(p []byte) (int, error) {
	s.tail = append(s.tail, p...)
	if n := len(s.tail) - commentBytes; n > 0 {
		s.hash.Write(s.tail[:n])
		if _, err := s.w.Write(s.tail[:n]); err != nil {
			return 0, err
		}
		s.tail = append(s.tail[:0], s.tail[n:]...)
	}
	return len(p), nil
}

func (s *sealer) close() error {
	if _, err := fmt.Fprintf(s.w, "%s%x", comment, s.hash.Sum(nil)); err != nil {
		return err
	}
	return s.w.Flush()
}
