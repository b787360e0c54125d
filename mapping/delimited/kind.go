package delimited

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// binaries are files that hold no text, by how they start.
var binaries = []struct{ magic, kind string }{
	{"PK\x03\x04", "an Excel workbook or a zip archive"},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook"},
	{"SQLite format 3\x00", "an SQLite database"},
	{"%PDF-", "a PDF document"},
	{"PAR1", "a Parquet file"},
	{"\x28\xB5\x2F\xFD", "a zstd archive"},
	{"BZh", "a bzip2 archive"},
	{"\xFD7zXZ\x00", "an xz archive"},
}

// KindBytes is how many bytes [Binary] and [Compressed] look at.
const KindBytes = 16

// Binary says what a file is that starts so, such as "a PDF document", where
// it is known to hold no text; else it is empty. gzip is another matter, see
// [Compressed].
func Binary(start []byte) string {
	for _, b := range binaries {
		if bytes.HasPrefix(start, []byte(b.magic)) {
			return b.kind
		}
	}
	return ""
}

// Compressed reports whether a file that starts so is compressed with gzip.
func Compressed(start []byte) bool { return bytes.HasPrefix(start, []byte{0x1F, 0x8B}) }

// Decompress reads what is compressed with gzip. Its errors tell damage from
// an end in the middle.
func Decompress(src io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(src)
	if err != nil {
		return nil, gzipCause(err)
	}
	return decompressed{z}, nil
}

type decompressed struct{ z *gzip.Reader }

func (d decompressed) Read(p []byte) (int, error) {
	n, err := d.z.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = gzipCause(err)
	}
	return n, err
}

// gzipCause says what an error means for the user. An end in the middle is no
// longer an [io.ErrUnexpectedEOF], which readers of text take for its end.
func gzipCause(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the compressed data ends in the middle; the file is incomplete")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("the compressed data is damaged: %w", err)
	}
	return err
}
