package delimited

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestCutInTheMiddle: a compressed file that lacks its end is an error wherever
// it was cut, never a shorter text.
func TestCutInTheMiddle(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("id,no\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, "%d,%d\n", i, i*7919)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, text.String()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	none := func(int, *Batch) error { return nil }
	for _, lost := range []int{0, 1, 8, packed.Len() / 2, packed.Len() - 20, packed.Len() - 5} {
		src, err := Decompress(bytes.NewReader(packed.Bytes()[:packed.Len()-lost]))
		if err == nil {
			_, err = Edit(context.Background(), io.Discard, src, "x.csv.gz", Options{}, none)
		}
		switch {
		case lost == 0 && err != nil:
			t.Errorf("whole: %v", err)
		case lost > 0 && (err == nil || !strings.Contains(err.Error(), "ends in the middle")):
			t.Errorf("%d of %d bytes lost: got %v", lost, packed.Len(), err)
		}
	}
	damaged := bytes.Clone(packed.Bytes())
	damaged[len(damaged)-6] ^= 1
	src, err := Decompress(bytes.NewReader(damaged))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Edit(context.Background(), io.Discard, src, "x.csv.gz", Options{}, none); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged: got %v", err)
	}
}
