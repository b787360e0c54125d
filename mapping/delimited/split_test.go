package delimited

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// item is one step of a splitter. Next is the line after the record.
type item struct {
	Line   int64
	Next   int64
	Fields []string
	Fault  string
}

func splitAll(tb testing.TB, s *Splitter) []item {
	tb.Helper()
	var out []item
	for {
		line, f, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			tb.Fatal(err)
		}
		it := item{Line: line, Next: s.Line, Fault: string(f)}
		if f == "" {
			for _, field := range s.Fields {
				it.Fields = append(it.Fields, string(field))
			}
		}
		out = append(out, it)
	}
}

// FuzzSplitter: whatever the text, the splitter accounts for every line that
// is not blank, in order, however it arrives; and where encoding/csv can
// read all of it, both read the same.
func FuzzSplitter(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a,b\r\n\"x\"\"y\",\"l1\r\nl2\"\r\n\r\n", "a\n\"\n\"\n", "a,b\n1,\"x\n2,y\"\n\"", "\"a\"b\n,\n\r\r\n", "\xff,\"\xff\"\n", "a,b,c\n1,\"2,3\n4,5,6\n7\",8,9\n",
	} {
		f.Add([]byte(s), byte(','), uint8(0))
	}
	f.Fuzz(func(t *testing.T, text []byte, comma byte, width uint8) {
		if _, err := ParseDelimiter(string(rune(comma))); err != nil || comma >= 0x80 || comma == '\n' {
			return
		}
		d := Dialect{EOL: '\n', Delimiter: comma}
		s := SplitterOf(text, d)
		s.Width = int(width % 5)
		got := splitAll(t, s)

		bytewise := NewSplitter(iotest.OneByteReader(bytes.NewReader(text)), d)
		bytewise.Width = s.Width
		bytewise.buf = make([]byte, 1)
		if diff := cmp.Diff(got, splitAll(t, bytewise)); diff != "" {
			t.Fatalf("read byte by byte (-whole +bytewise):\n%s", diff)
		}
		accounted(t, text, got, s.Line)
		if s.Width == 0 && utf8.Valid(text) {
			sameAsStandard(t, text, comma, got)
		}
	})
}

// accounted checks that records come in order, that nothing but blank lines
// is between them, and that a misplaced quote costs one line.
func accounted(t *testing.T, text []byte, got []item, end int64) {
	t.Helper()
	lines := strings.SplitAfter(string(text), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	next := int64(1)
	for _, it := range append(got, item{Line: int64(len(lines)) + 1, Next: end}) {
		for ; next < it.Line; next++ {
			if strings.Trim(lines[next-1], "\r\n") != "" {
				t.Fatalf("line %d is not accounted for: %q", next, lines[next-1])
			}
		}
		if next > it.Line {
			t.Fatalf("line %d was taken twice", it.Line)
		}
		if strings.Contains(it.Fault, "quote") && it.Next != it.Line+1 {
			t.Fatalf("line %d: a misplaced quote costs %d lines", it.Line, it.Next-it.Line)
		}
		next = it.Next
	}
}

func sameAsStandard(t *testing.T, text []byte, comma byte, got []item) {
	t.Helper()
	if bytes.Contains(text, []byte("\r\r")) {
		return // of several CRs the standard keeps all but one
	}
	r := stdcsv.NewReader(bytes.NewReader(text))
	r.Comma = rune(comma)
	r.FieldsPerRecord = -1
	records, err := r.ReadAll()
	if err != nil {
		return
	}
	var want, have [][]string
	want = append(want, records...)
	for _, it := range got {
		have = append(have, it.Fields)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Fatalf("encoding/csv (-) and splitter (+) differ:\n%s", diff)
	}
}

// TestWrittenIsRead: what encoding/csv writes is read back, value for value,
// and one torn row put anywhere between costs itself alone.
func TestWrittenIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.IntRange(2, 6).Draw(rt, "width")
		cell := rapid.StringOf(rapid.RuneFrom([]rune("ab7,;\t|\"\n 张é𠮷'"))).Filter(func(s string) bool {
			// Lines within quotes that look like records are taken for them.
			return !strings.Contains(s, "\n") || !strings.Contains(s, ",")
		})
		torn := rapid.SampledFrom([]string{"torn\n", "\"\n", "x,\"y\n", "\xff,\n", "a\"b,c\n"}).Draw(rt, "torn")
		if strings.Contains(torn, `"`) {
			// A cell that starts with a separator looks like the end of the
			// quote that the torn row opens; nobody can tell them apart.
			cell = cell.Filter(func(s string) bool { return !strings.ContainsAny(s[:min(1, len(s))], ",\"\n") })
		}
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 20).Draw(rt, "rows")
		at := rapid.IntRange(0, len(rows)-1).Draw(rt, "at")

		var b bytes.Buffer
		w := stdcsv.NewWriter(&b)
		header := make([]string, width)
		for i := range header {
			header[i] = string(rune('a' + i))
		}
		put := func(row []string) {
			if err := w.Write(row); err != nil {
				rt.Fatal(err)
			}
			w.Flush()
		}
		put(header)
		for i, row := range rows {
			if i == at {
				b.WriteString(torn)
			}
			put(row)
		}
		d := Dialect{EOL: '\n', Delimiter: ','}
		s := NewSplitter(&b, d)
		if _, _, err := s.Next(); err != nil {
			rt.Fatal(err)
		}
		s.Width = width
		got := splitAll(t, s)
		if len(got) != len(rows)+1 {
			rt.Fatalf("%d rows and a torn one came out as %d: %v", len(rows), len(got), got)
		}
		for i, row := range append(rows[:at:at], append([][]string{nil}, rows[at:]...)...) {
			if diff := cmp.Diff(row, got[i].Fields); diff != "" {
				rt.Fatalf("row %d (-want +got):\n%s", i, diff)
			}
		}
	})
}
