package csv

import (
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/xwalk-id/xwalk/connectors"
)

// benchRows makes a file of about 89 MB.
const benchRows = 1_000_000

func benchFile(b *testing.B, e encoding.Encoding, name string) string {
	b.Helper()
	var s strings.Builder
	s.WriteString("customer_no,full_name,email,mobile,birth_date,city,updated_at\n")
	for i := range benchRows {
		fmt.Fprintf(&s, "C%07d,%s,customer%07d@example.com,139%08d,19%02d-03-12,London,2019-03-12 08:30\n", i, name, i, i, i%100)
	}
	return write(b, "customers.csv", in(e)(b, s.String()))
}

// BenchmarkRead reads a million customers, to be compared with
// BenchmarkEncodingCSV, which does nothing but split the same file.
func BenchmarkRead(b *testing.B) {
	files := []struct {
		name string
		path string
	}{
		{"ASCII", benchFile(b, encoding.Nop, "Ann Lee")},
		{"UTF-8", benchFile(b, encoding.Nop, "张伟")},
		{"GB18030", benchFile(b, simplifiedchinese.GB18030, "张伟")},
		{"quoted", benchFile(b, encoding.Nop, `"Lee, Ann"`)},
	}
	for _, f := range files {
		b.Run(f.name, func(b *testing.B) {
			size(b, f.path)
			b.ReportAllocs()
			for b.Loop() {
				src, err := Open(b.Context(), Config{Path: f.path}, connectors.Request{Columns: []string{"customer_no", "full_name", "email", "mobile", "birth_date"}})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for _, err := range src.Records(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != benchRows {
					b.Fatalf("read %d rows", n)
				}
			}
		})
	}
}

func BenchmarkEncodingCSV(b *testing.B) {
	path := benchFile(b, encoding.Nop, "Ann Lee")
	size(b, path)
	b.ReportAllocs()
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		r := stdcsv.NewReader(f)
		r.ReuseRecord = true
		for {
			_, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		f.Close()
	}
}

func size(b *testing.B, path string) {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
}
