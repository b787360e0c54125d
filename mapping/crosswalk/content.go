package crosswalk

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"strconv"
)

// castagnoli has an instruction of its own on common processors.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendLink writes a version of a link as its checksum and the digest of
// its run cover it: every column but the one that later runs set (until_run),
// and the rule by its text, so that nothing depends on how rows are numbered.
func appendLink(buf []byte, l *Link) []byte {
	buf = binary.AppendUvarint(buf, uint64(l.Source))
	buf = appendText(buf, l.Key)
	if l.Verbatim == "" || l.Verbatim == l.Key {
		buf = append(buf, 0)
	} else {
		buf = appendText(buf, l.Verbatim)
	}
	buf = appendText(buf, l.Canonical)
	buf = append(buf, byte(l.State), byte(l.Kind))
	buf = appendText(buf, l.Rule)
	buf = binary.AppendUvarint(buf, uint64(l.FromRun))
	buf = binary.AppendUvarint(buf, uint64(l.SinceRun))
	buf = binary.BigEndian.AppendUint64(buf, l.RowHash)
	buf = appendOptional(buf, l.Match)
	return appendOptional(buf, l.Fields)
}

func appendText(buf []byte, s string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}

// appendOptional tells nil from empty.
func appendOptional(buf, b []byte) []byte {
	if b == nil {
		return append(buf, 0)
	}
	return append(binary.AppendUvarint(buf, uint64(len(b))+1), b...)
}

// appendNumber and appendReview write rows as the digest of their run covers
// them.
func appendNumber(buf []byte, n *Number) []byte {
	for _, t := range [...]string{"number", n.Canonical, n.State.String(), n.Into, n.Survivor} {
		buf = appendText(buf, t)
	}
	return buf
}

func appendReview(buf []byte, v *Review) []byte {
	for _, t := range [...]string{
		"review", v.ID, strconv.Itoa(v.Left.Source), v.Left.Key, strconv.Itoa(v.Right.Source), v.Right.Key,
		strconv.FormatFloat(v.Score, 'g', -1, 64), v.Evidence,
	} {
		buf = appendText(buf, t)
	}
	return buf
}

// rowSum is the checksum of a row that a run wrote: of what its digest covers
// of it, and of the run's number.
func rowSum(text []byte, run int64) int64 {
	var no [8]byte
	binary.BigEndian.PutUint64(no[:], uint64(run))
	return int64(crc32.Update(crc32.Checksum(no[:], castagnoli), castagnoli, text))
}

// content is the digest of what a run wrote, in the making. Its state is
// saved with each checkpoint, so that a resumed run goes on where it stopped
// and ends with the digest of an uninterrupted one.
type content struct {
	hash hash.Hash
	buf  []byte
}

func newContent() *content { return &content{hash: sha256.New()} }

// resumeContent goes on from a saved state.
func resumeContent(state []byte) (*content, error) {
	c := newContent()
	if len(state) == 0 {
		return c, nil
	}
	if err := c.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return nil, fmt.Errorf("the saved digest of the unfinished run cannot be read: %w", err)
	}
	return c, nil
}

func (c *content) state() ([]byte, error) {
	return c.hash.(encoding.BinaryMarshaler).MarshalBinary()
}

// links adds a batch and returns the checksum of each row.
func (c *content) links(batch []Link, sums []int64) []int64 {
	for i := range batch {
		start := len(c.buf)
		c.buf = appendLink(c.buf, &batch[i])
		sums = append(sums, int64(crc32.Checksum(c.buf[start:], castagnoli)))
		if len(c.buf) > 1<<16 {
			c.flush()
		}
	}
	c.flush()
	return sums
}

// texts adds what Publish writes, piece by piece.
func (c *content) texts(pieces ...string) {
	for _, p := range pieces {
		c.buf = appendText(c.buf, p)
	}
	c.flush()
}

// run adds the row of the run itself.
func (c *content) run(r *runCheck) {
	c.texts("run", r.Kind, fmt.Sprint(r.Base), fmt.Sprint(r.Serial), r.Actor, r.Reason, r.Environment,
		r.Started, r.Finished, r.Rules, r.Plan, r.Totals, r.Effects, fmt.Sprint(r.Done))
}

func (c *content) flush() {
	c.hash.Write(c.buf)
	c.buf = c.buf[:0]
}

func (c *content) sum() []byte { return c.hash.Sum(nil) }

// chain is the digest of a run: of the run before it, its own number and
// what it wrote.
func chain(prev string, run int64, content []byte) (string, error) {
	before, err := hex.DecodeString(prev)
	if err != nil {
		return "", fmt.Errorf("the digest of the run before cannot be read: %w", err)
	}
	buf := binary.BigEndian.AppendUint64(before, uint64(run))
	sum := sha256.Sum256(append(buf, content...))
	return hex.EncodeToString(sum[:]), nil
}
