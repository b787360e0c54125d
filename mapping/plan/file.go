package plan

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
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
const fileMagic = "xwalk plan 1\n"

const (
	maxHeader = 4 << 30
	maxRecord = 64 << 20
)

// ErrNotPlan says that a file is no plan of this version of xwalk.
var ErrNotPlan = errors.New("not a plan file of this version of xwalk")

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
		return ErrNotPlan
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
		return ErrNotPlan
	}
	return nil
}

// Open reads a saved plan. The whole file is checked against its checksum at
// once; its link rows are streamed from the file again whenever they are
// needed, so it must stay in place until the plan is done with.
func Open(path string) (*Plan, error) {
	p := &Plan{}
	for _, err := range p.scan(path, sha256.New()) {
		if err != nil {
			return nil, err
		}
	}
	p.body = func(bool) iter.Seq2[*Write, error] { return p.scan(path, nil) }
	return p, nil
}

// scan streams a plan file. With sum it reads the header into p, decodes
// nothing and verifies the checksum.
func (p *Plan) scan(path string, sum hash.Hash) iter.Seq2[*Write, error] {
	return func(yield func(*Write, error) bool) {
		if err := p.scanFile(path, sum, yield); err != nil {
			yield(nil, fmt.Errorf("read plan %s: %w", path, err))
		}
	}
}

func (p *Plan) scanFile(path string, sum hash.Hash, yield func(*Write, error) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	raw := bufio.NewReaderSize(f, 1<<16)
	in := &summed{r: raw, sum: sum}
	magic := make([]byte, len(fileMagic)+8)
	if _, err := io.ReadFull(in, magic); err != nil || !bytes.HasPrefix(magic, []byte(fileMagic)) {
		return ErrNotPlan
	}
	size := binary.BigEndian.Uint64(magic[len(fileMagic):])
	if size > maxHeader {
		return ErrNotPlan
	}
	if sum == nil {
		if _, err := raw.Discard(int(size)); err != nil {
			return err
		}
	} else {
		var header bytes.Buffer
		if _, err := io.CopyN(&header, in, int64(size)); err != nil {
			return damaged(err)
		}
		if err := json.Unmarshal(header.Bytes(), p); err != nil {
			return fmt.Errorf("%w: %w", ErrNotPlan, err)
		}
	}
	stopped, err := scanRecords(in, sum != nil, yield)
	if err != nil || stopped || sum == nil {
		return err
	}
	want := sum.Sum(nil)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(raw, got); err != nil {
		return damaged(err)
	}
	if !bytes.Equal(got, want) {
		return errors.New("the file is damaged: its checksum does not match; make the plan again")
	}
	if _, err := raw.ReadByte(); err != io.EOF {
		return errors.New("the file is damaged: something follows its end; make the plan again")
	}
	return nil
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
			return false, ErrNotPlan
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
		return errors.New("the file is cut short; make the plan again")
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
	if s.sum != nil {
		s.sum.Write(b[:n])
	}
	return n, err
}

func (s *summed) ReadByte() (byte, error) {
	c, err := s.r.ReadByte()
	if err == nil && s.sum != nil {
		s.sum.Write([]byte{c})
	}
	return c, err
}
