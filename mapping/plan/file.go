package plan

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// A plan file is the line below, the length of a JSON header as eight bytes,
// the header, one record per link row (its length as a varint, then its
// fields), a zero length, and the SHA-256 of everything before it.
const (
	fileKind  = "xwalk plan "
	fileMagic = fileKind + "2\n"
)

const (
	maxHeader = 4 << 30
	maxRecord = 64 << 20
)

// ErrNotPlan says that a file is no plan.
var ErrNotPlan = errors.New("not a plan file")

// FileError says that a plan file cannot be trusted: it is damaged, cut
// short, or of another version of xwalk.
type FileError struct{ Why string }

func (e *FileError) Error() string { return e.Why }

func broken(why string) error {
	return &FileError{"the file is " + why + "; nothing was written. Make the plan again with `xwalk plan -o FILE`"}
}

// WriteTo saves the plan. The file holds what the sources hold, so keep it
// as confidential as they are.
func (p *Plan) WriteTo(w io.Writer) (int64, error) {
	if err := p.Whole(); err != nil {
		return 0, err
	}
	sum := sha256.New()
	counted := &counter{w: w}
	out := bufio.NewWriterSize(io.MultiWriter(counted, sum), 1<<16)
	header, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	out.WriteString(fileMagic)
	out.Write(binary.BigEndian.AppendUint64(nil, uint64(len(header))))
	out.Write(header)
	var rec, size []byte
	for write, err := range p.body(true) {
		if err != nil {
			return counted.n, err
		}
		rec = appendWrite(rec[:0], write)
		size = binary.AppendUvarint(size[:0], uint64(len(rec)))
		out.Write(size)
		if _, err := out.Write(rec); err != nil {
			return counted.n, err
		}
	}
	out.WriteByte(0)
	if err := out.Flush(); err != nil {
		return counted.n, err
	}
	_, err = counted.Write(sum.Sum(nil))
	return counted.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// appendWrite encodes one link row.
func appendWrite(b []byte, w *Write) []byte {
	l := &w.Link
	var replaces byte
	if l.Replaces {
		replaces = 1
	}
	b = append(b, byte(w.Kind), byte(l.State), byte(l.Kind), replaces)
	b = binary.AppendUvarint(b, uint64(l.Source))
	b = binary.AppendUvarint(b, uint64(l.SinceRun))
	b = binary.BigEndian.AppendUint64(b, l.RowHash)
	for _, s := range [...]string{l.Key, l.Verbatim, l.Canonical, l.Rule} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, s := range [...][]byte{l.Match, l.Fields} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, x := range w.Index {
		b = append(b, x.Index)
		b = binary.BigEndian.AppendUint64(b, x.Hash)
	}
	return b
}

// decoder reads an encoded link row; a short one sets bad.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.bad = true
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) uvarint() uint64 {
	n, w := binary.Uvarint(d.b)
	if w <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[w:]
	return n
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) text() string { return view(d.take(d.uvarint())) }

func (d *decoder) write(w *Write) error {
	head := d.take(4)
	if head == nil {
		return broken("damaged")
	}
	w.Kind = mapping.Kind(head[0])
	w.Link = crosswalk.Link{State: crosswalk.State(head[1]), Kind: crosswalk.Kind(head[2]), Replaces: head[3] == 1}
	l := &w.Link
	l.Source, l.SinceRun, l.RowHash = int(d.uvarint()), int64(d.uvarint()), d.uint64()
	l.Key, l.Verbatim, l.Canonical, l.Rule = d.text(), d.text(), d.text(), d.text()
	if m := d.take(d.uvarint()); len(m) > 0 {
		l.Match = m
	}
	if f := d.take(d.uvarint()); len(f) > 0 {
		l.Fields = f
	}
	w.Index = w.Index[:0]
	for len(d.b) > 0 && !d.bad {
		if x := d.take(1); x != nil {
			w.Index = append(w.Index, rules.IndexHash{Index: x[0], Hash: d.uint64()})
		}
	}
	if d.bad {
		return broken("damaged")
	}
	return nil
}

// Open reads a saved plan. The whole file is checked against its checksum at
// once; its link rows are streamed from the file again whenever they are
// needed, so it must stay in place until the plan is done with. A file that
// changes meanwhile is an error at the end of the stream.
//
// Errors are [ErrNotPlan] and [*FileError], with the path.
func Open(path string) (*Plan, error) {
	p := &Plan{}
	for _, err := range p.scan(path) {
		if err != nil {
			return nil, err
		}
	}
	p.body = func(bool) iter.Seq2[*Write, error] { return p.scan(path) }
	return p, nil
}

// scan streams a plan file and verifies its checksum. The first time it reads
// the header into p and decodes nothing else.
func (p *Plan) scan(path string) iter.Seq2[*Write, error] {
	return func(yield func(*Write, error) bool) {
		if err := p.scanFile(path, yield); err != nil {
			yield(nil, fmt.Errorf("read plan %s: %w", path, err))
		}
	}
}

func (p *Plan) scanFile(path string, yield func(*Write, error) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	first := p.checksum == ""
	raw := bufio.NewReaderSize(f, 1<<16)
	in := &summed{r: raw, sum: sha256.New()}
	size, err := readMagic(in)
	if err != nil {
		return err
	}
	if first {
		var header bytes.Buffer
		if _, err := io.CopyN(&header, in, size); err != nil {
			return damaged(err)
		}
		if err := json.Unmarshal(header.Bytes(), p); err != nil {
			return broken("damaged")
		}
	} else if _, err := io.CopyN(io.Discard, in, size); err != nil {
		return damaged(err)
	}
	stopped, err := scanRecords(in, first, yield)
	if err != nil || stopped {
		return err
	}
	want := in.sum.Sum(nil)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(raw, got); err != nil {
		return damaged(err)
	}
	if !bytes.Equal(got, want) {
		return broken("damaged: its checksum does not match")
	}
	if _, err := raw.ReadByte(); err != io.EOF {
		return broken("damaged: something follows its end")
	}
	checksum := hex.EncodeToString(want)
	if !first && checksum != p.checksum {
		return broken("another than it was a moment ago")
	}
	p.checksum = checksum
	return nil
}

// readMagic tells a plan of this version from other files, and returns the
// length of its header.
func readMagic(in io.Reader) (size int64, err error) {
	magic := make([]byte, len(fileMagic)+8)
	n, err := io.ReadFull(in, magic)
	switch {
	case !bytes.HasPrefix(magic, []byte(fileKind)):
		return 0, ErrNotPlan
	case err != nil:
		return 0, damaged(err)
	case !bytes.HasPrefix(magic[:n], []byte(fileMagic)):
		return 0, broken("a plan of another version of xwalk")
	}
	header := binary.BigEndian.Uint64(magic[len(fileMagic):])
	if header > maxHeader {
		return 0, broken("damaged")
	}
	return int64(header), nil
}

func scanRecords(in *summed, check bool, yield func(*Write, error) bool) (stopped bool, err error) {
	var arena arena
	var w Write
	for {
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return false, damaged(err)
		}
		if n == 0 {
			return false, nil
		}
		if n > maxRecord {
			return false, broken("damaged")
		}
		rec := arena.take(int(n))
		if _, err := io.ReadFull(in, rec); err != nil {
			return false, damaged(err)
		}
		if check {
			continue
		}
		if err := (&decoder{b: rec}).write(&w); err != nil {
			return false, err
		}
		if !yield(&w, nil) {
			return true, nil
		}
	}
}

func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return broken("cut short")
	}
	return err
}

// summed reads and feeds what it reads to a checksum.
type summed struct {
	r   *bufio.Reader
	sum hash.Hash
}

func (s *summed) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.sum.Write(b[:n])
	return n, err
}

func (s *summed) ReadByte() (byte, error) {
	c, err := s.r.ReadByte()
	if err == nil {
		s.sum.Write([]byte{c})
	}
	return c, err
}
