package delimited

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/charset"
)

// edited is what came of an edit.
type edited struct {
	Out, Diverted string
	Stats         Stats
	Err           string
}

// run edits a text.
func run(t *testing.T, text []byte, o Options, edit func(worker int, b *Batch) error) edited {
	t.Helper()
	var out, diverted bytes.Buffer
	o.Diverted = &diverted
	stats, err := Edit(t.Context(), &out, bytes.NewReader(text), "x.csv", o, edit)
	got := edited{Out: out.String(), Diverted: diverted.String(), Stats: stats}
	if err != nil {
		got.Err = err.Error()
	}
	return got
}

// wrap puts <> around every cell of the columns, and the first one into what
// is added.
func wrap(o Options) func(int, *Batch) error {
	return func(_ int, b *Batch) error {
		for i := range b.Len() {
			for c := range o.Columns {
				b.Set(i, c, slices.Concat([]byte("<"), b.Cell(i, c), []byte(">")))
			}
			for c := range o.Add {
				b.Set(i, len(o.Columns)+c, b.Cell(i, 0))
			}
		}
		return nil
	}
}

// TestEdit shows what stays and what becomes of cells, whatever is read at a
// time.
func TestEdit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		o        Options
		want     string
		broken   []string
	}{
		{"plain", "id,name\n1,Ann\n2,Bob\n", Options{Columns: []string{"id"}}, "id,name\n<1>,Ann\n<2>,Bob\n", nil},
		{"nothing is asked for", "id,name\n1,\"Ann\"\r\n\n 2 ,Bob", Options{}, "id,name\n1,\"Ann\"\r\n\n 2 ,Bob", nil},
		{"quotes stay", "id,name\n\"1\",\"a\"\"b\"\n", Options{Columns: []string{"name", "id"}}, "id,name\n\"<1>\",\"<a\"\"b>\"\n", nil},
		{"ends of lines", "id,name\r\n1,a\n2,b\r\n\r\n3,c", Options{Columns: []string{"name"}}, "id,name\r\n1,<a>\n2,<b>\r\n\r\n3,<c>", nil},
		{"CR alone", "id,name\r1,a\r\r2,b\r", Options{Columns: []string{"name"}}, "id,name\r1,<a>\r\r2,<b>\r", nil},
		{"spaces", "id, name \n 1 , a\n", Options{Columns: []string{"name"}}, "id, name \n 1 ,< a>\n", nil},
		{"mark and sep line", BOM + "sep=;\r\nid;name\r\n1;a\r\n", Options{Columns: []string{"id"}, Add: []string{"old"}}, BOM + "sep=;\r\nid;name;old\r\n<1>;a;1\r\n", nil},
		{"headers of several lines", "\"i\r\nd\",n\r\n1,2\r\n", Options{Columns: []string{"i\nd"}}, "\"i\r\nd\",n\r\n<1>,2\r\n", nil},
		{"several lines", "id,name\n\"a\nb\",\"1\r\n\r\n2\"\n", Options{Columns: []string{"id", "name"}}, "id,name\n\"<a\nb>\",\"<1\r\n\r\n2>\"\n", nil},
		{"formula text", "id,n\n=\"001\",1\n\"=\"\"002\"\"\",2\n", Options{Columns: []string{"id"}, Add: []string{"old"}}, "id,n,old\n=\"<001>\",1,001\n\"=\"\"<002>\"\"\",2,002\n", nil},
		{"added to the last line", "id\n1\n2", Options{Columns: []string{"id"}, Add: []string{"a,b", "c"}}, "id,\"a,b\",c\n<1>,1,1\n<2>,2,2", nil},
		{
			"broken records", "id,n\n1\n2,3,4\na\"b,1\n\"x,1\n5,\xff\n6,7\n",
			Options{Columns: []string{"n"}, Charset: charset.UTF8, Add: []string{"o"}},
			"id,n,o\n1\n2,3,4\na\"b,1\n\"x,1\n5,\xff\n6,<7>,7\n",
			[]string{
				"x.csv:2: has 1 field, the header has 2", "x.csv:3: has 3 fields, the header has 2", "x.csv:4: field 1 has a quote in it but does not start with one",
				"x.csv:5: field 1 opens a quote that is not closed (a quote within quotes is written twice)", "x.csv:6: the line is not valid UTF-8",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, chunk := range []int{1, 2, 7, 1000} {
				c.o.chunk, c.o.Workers = chunk, 1+chunk%3
				got := run(t, []byte(c.in), c.o, wrap(c.o))
				if got.Out != c.want || got.Err != "" {
					t.Errorf("%d bytes at a time: %s\ngot  %q\nwant %q", chunk, got.Err, got.Out, c.want)
				}
				if diff := cmp.Diff(c.broken, got.Stats.FirstBroken); diff != "" || got.Stats.Broken != int64(len(c.broken)) {
					t.Errorf("%d broken (-want +got):\n%s", got.Stats.Broken, diff)
				}
			}
		})
	}
}

// TestWhatIsSet shows how new contents are written.
func TestWhatIsSet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, set, want string }{
		{"1,a", "x", "x,a"},
		{"1,a", "x,y", "\"x,y\",a"},
		{"1,a", "x\"y", "\"x\"\"y\",a"},
		{"1,a", "x\ny", "\"x\ny\",a"},
		{"1,a", "x\r", "\"x\r\",a"},
		{"1,a", "", ",a"},
		{"\"1\",a", "", "\"\",a"},
		{"=\"1\",a", "x", "=\"x\",a"},
		{"=\"1\",a", "x,y", "\"=\"\"x,y\"\"\",a"},
		{"=\"1\",a", "x\"y", "\"x\"\"y\",a"},
		{"\"=\"\"1\"\"\",a", "x", "\"=\"\"x\"\"\",a"},
	} {
		o := Options{Columns: []string{"id"}}
		got := run(t, []byte("id,name\n"+c.in+"\n"), o, func(_ int, b *Batch) error {
			b.Set(0, 0, []byte(c.set))
			return nil
		})
		if got.Out != "id,name\n"+c.want+"\n" || got.Err != "" {
			t.Errorf("%q set to %q: got %q %s, want %q", c.in, c.set, got.Out, got.Err, c.want)
		}
		// A reader finds what was set.
		s := SplitterOf([]byte(got.Out), Dialect{EOL: '\n', Delimiter: ','})
		_, _, _ = s.Next()
		if _, f, err := s.Next(); f != "" || err != nil || !strings.Contains(string(s.Fields[0]), strings.ReplaceAll(c.set, "\r", "")) {
			t.Errorf("%q is read as %q, %s %v", got.Out, s.Fields, f, err)
		}
	}
	got := run(t, []byte("id\n1\n"), Options{Columns: []string{"id"}}, func(_ int, b *Batch) error {
		b.Set(0, 0, nil)
		return nil
	})
	if want := "id\n\"\"\n"; got.Out != want {
		t.Errorf("the only cell emptied: got %q, want %q, which is no blank line", got.Out, want)
	}
}

// TestEditStops: what an error concerns is not written, and what comes before is.
func TestEditStops(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("id,n\n")
	for i := range 100 {
		fmt.Fprintf(&text, "%d,x\n", i)
	}
	before := text.String()[:strings.Index(text.String(), "\n50,")+1]
	at := func(cut bool, err error) func(int, *Batch) error {
		return func(_ int, b *Batch) error {
			for i := range b.Len() {
				if string(b.Cell(i, 0)) != "50" {
					continue
				}
				if cut {
					b.Cut(i)
				}
				return err
			}
			return nil
		}
	}
	for _, chunk := range []int{6, 5000} {
		o := Options{Columns: []string{"id"}, chunk: chunk, Workers: 3}
		if got := run(t, []byte(text.String()), o, at(true, nil)); got.Out != before || got.Err != "" || got.Stats.Records != 100 {
			t.Errorf("%d: a cut leaves %q and counts %d, %s", chunk, got.Out, got.Stats.Records, got.Err)
		}
		if got := run(t, []byte(text.String()), o, at(true, errors.New("so"))); got.Out != before || got.Err != "so" {
			t.Errorf("%d: a cut with an error leaves %q, %s", chunk, got.Out, got.Err)
		}
		if got := run(t, []byte(text.String()), o, at(false, errors.New("so"))); !strings.HasPrefix(before, got.Out) || got.Err != "so" {
			t.Errorf("%d: an error leaves %q, %s", chunk, got.Out, got.Err)
		}
	}
}

func TestEditErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		o    Options
		want string
	}{
		{"", Options{}, "there is nothing in x.csv; a header line was expected"},
		{BOM + "\r\n\n", Options{}, "there is nothing in x.csv; a header line was expected"},
		{"id,\"n\n1,2\n", Options{}, "x.csv:1: the header cannot be read: field 2 opens a quote that is not closed (a quote within quotes is written twice)"},
		{"id,\xff\n", Options{Charset: charset.UTF8}, "x.csv:1: the header is not valid UTF-8; name the encoding"},
		{"id,no\n", Options{Columns: []string{"ID"}}, `x.csv has no column "ID"; did you mean "id"? (it has: id, no)`},
		{"id,no,id\n", Options{Columns: []string{"id"}}, `x.csv has two columns named "id", the 1st and the 3rd; rename one of them`},
		{"id,no\n", Options{Add: []string{"no"}}, `x.csv has a column "no" already; name the one that is to be added otherwise`},
		{"id,no\n", Options{Add: []string{"old", "old"}}, `two columns "old" are to be added; name one of them otherwise`},
		{"id,no\n", Options{Columns: []string{"no", " no"}}, `column "no" of x.csv is named twice`},
		{BOM + "id\n", Options{Charset: charset.GB18030}, "read x.csv: the encoding is said to be GB18030, but the file starts with the byte order mark of UTF-8"},
	} {
		if got := run(t, []byte(c.in), c.o, wrap(c.o)); got.Err != c.want {
			t.Errorf("%q: got %s\nwant %s", c.in, got.Err, c.want)
		}
	}
	var ce *mapping.ColumnError
	if _, err := Edit(t.Context(), &bytes.Buffer{}, strings.NewReader("id\n"), "x", Options{Columns: []string{"no"}}, nil); !errors.As(err, &ce) {
		t.Errorf("a missing column is %v", err)
	}
	o := Options{Columns: []string{"id"}, Charset: charset.Latin1}
	if got := run(t, []byte("id,n\n1,\xe9\n2,3\n"), o, func(_ int, b *Batch) error { b.Set(1, 0, []byte("张")); return nil }); got.Err != "x.csv:3: a text that is to be put in has characters that Latin-1 does not have" || got.Out != "id,n\n" {
		t.Errorf("got %q, %s", got.Out, got.Err)
	}
	src := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("id\n")))
	if _, err := Edit(t.Context(), &bytes.Buffer{}, src, "x", Options{}, nil); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("a reader's error becomes %v", err)
	}
	var out bytes.Buffer
	src = iotest.DataErrReader(iotest.TimeoutReader(strings.NewReader("id,n\n1,2\n3,\"4")))
	stats, err := Edit(t.Context(), &out, src, "x", Options{chunk: 5}, func(int, *Batch) error { return nil })
	if !errors.Is(err, iotest.ErrTimeout) && err != nil || !strings.HasPrefix("id,n\n1,2\n3,\"4", out.String()) {
		t.Errorf("got %q, %+v, %v", out.String(), stats, err)
	}
}

// TestSpellingsOfCharacters shows that a text of which a part changes keeps the
// bytes of the others, also where its encoding has several for a character.
func TestSpellingsOfCharacters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in      charset.Charset
		text    string
		content string
	}{
		{charset.ShiftJIS, "\xfb\xfc /1 \x81\xe6", "髙 /1 ∵"}, // as IBM has them
		{charset.ShiftJIS, "\xee\xe0 /1 \x87\x9a", "髙 /1 ∵"}, // as NEC has them
		{charset.GB18030, "\x80 /1 \xcd\xf5\x81\x30\x84\x36", "€ /1 王¥"},
		{charset.Big5, "\xf9\xf9 /1 \xa4\xa4", "═ /1 中"},
		{charset.UTF16LE, "\x2c\x54 \x00/\x001\x00", "听 /1"},
	} {
		o := Options{Columns: []string{"a"}, Charset: c.in, Delimiter: ';'}
		head, _ := c.in.Encode(nil, []byte("a;b\n"))
		tail, _ := c.in.Encode(nil, []byte(";\n"))
		one, _ := c.in.Encode(nil, []byte("1"))
		two, _ := c.in.Encode(nil, []byte("2張"))
		got := run(t, slices.Concat(head, []byte(c.text), tail), o, func(_ int, b *Batch) error {
			if string(b.Cell(0, 0)) != c.content {
				t.Errorf("%s: %q is read as %q", c.in, c.text, b.Cell(0, 0))
			}
			b.Set(0, 0, bytes.Replace(b.Cell(0, 0), []byte("1"), []byte("2張"), 1))
			return nil
		})
		want := string(head) + strings.Replace(c.text, string(one), string(two), 1) + string(tail)
		if got.Out != want || got.Err != "" {
			t.Errorf("%s: got %q %s, want %q", c.in, got.Out, got.Err, want)
		}
	}
}

// TestHeader reads headers of any length.
func TestHeader(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{1, 200_000} {
		text := BOM + "sep=;\r\nid" + strings.Repeat(";\"a \"\"long\"\" name\"", columns) + "\r\n1;2"
		got, err := Header(strings.NewReader(text), "x.csv", Options{})
		if err != nil || len(got) != columns+1 || got[columns] != `a "long" name` {
			t.Errorf("%d names, %v; want %d", len(got), err, columns+1)
		}
	}
}

// TestEncodingShownLate shows that no text gets two encodings: what is put in
// before the text shows its own is UTF-8.
func TestEncodingShownLate(t *testing.T) {
	t.Parallel()
	plain := strings.Repeat("1,a\n", 50_000)
	for _, c := range []struct{ rest, want string }{
		{"2,張小明\n", ""},
		{"2,\xcd\xf5\xd0\xa1\xc3\xf7\n", "x.csv is GB18030, as its text shows further down, but what was put in before was written as UTF-8; name the encoding"},
	} {
		o := Options{Columns: []string{"id"}, Add: []string{"旧"}, chunk: 1 << 10}
		if got := run(t, []byte("id,name\n"+plain+c.rest), o, wrap(o)); got.Err != c.want {
			t.Errorf("got %s, want %s", got.Err, c.want)
		}
		o.Charset = charset.GB18030
		if got := run(t, []byte("id,name\n"+plain+c.rest), o, wrap(o)); got.Err != "" {
			t.Errorf("the encoding is named: %s", got.Err)
		}
	}
}

// texts draws a table of a dialect and an encoding, most of it as it should be
// and some of it not.
func texts(rt *rapid.T) (text string, o Options) {
	o.Charset = rapid.SampledFrom([]charset.Charset{
		charset.UTF8, charset.GB18030, charset.ShiftJIS, charset.Latin1, charset.Windows1252, charset.Big5, charset.Windows1251, charset.UTF16LE, charset.UTF16BE,
	}).Draw(rt, "charset")
	o.Delimiter = rapid.SampledFrom([]byte{',', ';', '\t', '|', '^'}).Draw(rt, "delimiter")
	o.Columns = rapid.SampledFrom([][]string{{"id"}, {"name", "id"}, {"n"}, nil}).Draw(rt, "columns")
	o.Add = rapid.SampledFrom([][]string{nil, {"old"}, {"old", "older"}}).Draw(rt, "add")
	if len(o.Columns) == 0 {
		o.Add = nil
	}
	o.chunk = rapid.SampledFrom([]int{1, 3, 10, 64, 1000}).Draw(rt, "chunk")
	o.Workers = rapid.IntRange(1, 4).Draw(rt, "workers")
	eol := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(rt, "eol")
	d := string(o.Delimiter)
	signs := map[charset.Charset]string{
		charset.UTF8: "张é𠮷", charset.GB18030: "张亅é𠮷", charset.ShiftJIS: "表ソ張", charset.Latin1: "éÿ", charset.Windows1252: "é€", charset.Big5: "張功蓋", charset.Windows1251: "Жя", charset.UTF16LE: "张𠮷∢", charset.UTF16BE: "张𠮷Ⰿ",
	}[o.Charset]
	rough := rapid.StringOfN(rapid.RuneFrom([]rune("ab1 =\"\"\n\r"+d+signs)), 0, 8, -1)
	text = rapid.SampledFrom([]string{"", BOM}).Draw(rt, "mark")
	if o.Charset != charset.UTF8 && o.Charset.Unit() == 1 && o.Charset != charset.GB18030 {
		text = ""
	}
	text += "id" + d + "name" + d + "n" + eol
	for range rapid.IntRange(0, 12).Draw(rt, "records") {
		if rapid.IntRange(0, 3).Draw(rt, "kind") == 0 {
			text += rough.Draw(rt, "rough") + eol
			continue
		}
		cells := rapid.SliceOfN(rapid.OneOf(
			rapid.StringOfN(rapid.RuneFrom([]rune("ab1 "+signs)), 0, 5, -1),
			rapid.Map(rough, func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }),
			rapid.SampledFrom([]string{`="001"`, `"=""001"""`, `="`, `""`}),
		), 3, 3).Draw(rt, "cells")
		text += strings.Join(cells, d) + eol
	}
	if rapid.Bool().Draw(rt, "end") {
		text = strings.TrimSuffix(text, eol)
	}
	return text, o
}

// change is the text that a cell gets; none where it stays.
func change(text string) (string, bool) {
	switch len(text) % 4 {
	case 0:
		return "", true
	case 1:
		return "<" + text + ",;|\t^>", true
	case 2:
		return text + "\"", true
	}
	return "", false
}

func diverts(first string) bool { return strings.Contains(first, "b1") }

// TestEditAgainstReference edits random tables of all encodings and compares
// with what a plain reading of the whole text makes of it.
func TestEditAgainstReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text, o := texts(rt)
		if head, _, _ := strings.Cut(text, string(Detect([]byte(text), o.Delimiter).EOL)); strings.Contains(strings.TrimRight(head, "\r"), "\r") {
			rt.Skip("a stray quote hides how lines end")
		}
		raw, ok := o.Charset.Encode(nil, []byte(text))
		if !ok {
			rt.Fatalf("%s cannot write %q", o.Charset, text)
		}
		got := run(t, raw, o, func(_ int, b *Batch) error {
			for i := range b.Len() {
				for c := range o.Columns {
					if to, ok := change(string(b.Cell(i, c))); ok {
						b.Set(i, c, []byte(to))
					}
					if diverts(string(b.Cell(i, 0))) {
						b.Divert(i)
					}
				}
				for c := range o.Add {
					b.Set(i, len(o.Columns)+c, b.Cell(i, 0))
				}
			}
			return nil
		})
		want := reference(text, o)
		if got.Err != "" {
			rt.Fatal(got.Err)
		}
		got.Out, got.Diverted = string(o.Charset.Decode(nil, []byte(got.Out))), string(o.Charset.Decode(nil, []byte(got.Diverted)))
		got.Stats = Stats{Records: got.Stats.Records, Broken: got.Stats.Broken, Diverted: got.Stats.Diverted}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%q in %s (-reference +got):\n%s", text, o.Charset, diff)
		}
	})
}

// reference is Edit as a splitter and string functions have it.
func reference(text string, o Options) (want edited) {
	mark := ""
	if strings.HasPrefix(text, BOM) {
		mark, text = BOM, text[len(BOM):]
	}
	d := Detect([]byte(text), o.Delimiter)
	s := SplitterOf([]byte(text), d)
	if _, _, err := s.Next(); err != nil {
		return want
	}
	var header []string
	for _, f := range s.Fields {
		header = append(header, string(f))
	}
	columns, _ := Find("x", header, o.Columns)
	delimiter := string(o.Delimiter)
	head := text[:s.pos]
	s.Width = len(header)
	names := strings.TrimRight(head, "\r\n")
	want.Out = mark + names
	for _, add := range o.Add {
		want.Out += delimiter + add
	}
	want.Out += head[len(names):]
	want.Diverted = mark + head
	for s.pos < len(text) {
		size, _ := s.lineSize(0)
		if line := text[s.pos : s.pos+size]; len(s.trim([]byte(line))) == 0 {
			want.Out += line
			s.take(size, 1)
			continue
		}
		from := s.pos
		_, f, _ := s.Next()
		record := text[from:s.pos]
		want.Stats.Records++
		if f != "" {
			want.Stats.Broken++
			want.Out += record
			continue
		}
		body := string(s.trim([]byte(record)))
		cells := cut(body, o.Delimiter)
		if len(columns) > 0 && diverts(content(cells[columns[0]])) {
			want.Diverted += record
			want.Stats.Diverted++
			continue
		}
		first := ""
		if len(columns) > 0 {
			first = content(cells[columns[0]])
		}
		for _, c := range columns {
			if to, ok := change(content(cells[c])); ok {
				cells[c] = rewritten(cells[c], to, delimiter)
			}
		}
		for range o.Add {
			cells = append(cells, rewritten("", first, delimiter))
		}
		want.Out += strings.Join(cells, delimiter) + record[len(body):]
	}
	return want
}

// cut takes the cells of a record apart.
func cut(record string, delimiter byte) (cells []string) {
	from, within := 0, false
	for i := range len(record) {
		switch {
		case record[i] == '"' && (within || i == from):
			within = !within
		case record[i] == '"' && i > from && record[i-1] == '"' && record[from] == '"':
			within = true // the second one of a pair
		case record[i] == delimiter && !within:
			cells = append(cells, record[from:i])
			from = i + 1
		}
	}
	return append(cells, record[from:])
}

// formulas are the ways to write a text that is no number.
var formulas = [][2]string{{`"=""`, `"""`}, {`="`, `"`}}

func content(cell string) string {
	for _, f := range formulas {
		if inner, ok := strings.CutPrefix(cell, f[0]); ok && strings.HasSuffix(inner, f[1]) && !strings.Contains(strings.TrimSuffix(inner, f[1]), `"`) {
			return strings.TrimSuffix(inner, f[1])
		}
	}
	if !strings.HasPrefix(cell, `"`) {
		return cell
	}
	return strings.ReplaceAll(cell[1:len(cell)-1], `""`, `"`)
}

func rewritten(cell, to, delimiter string) string {
	special := strings.ContainsAny(to, "\"\r\n"+delimiter)
	for i, f := range formulas {
		if inner, ok := strings.CutPrefix(cell, f[0]); ok && strings.HasSuffix(inner, f[1]) && !strings.Contains(strings.TrimSuffix(inner, f[1]), `"`) {
			switch {
			case strings.Contains(to, `"`):
				return `"` + strings.ReplaceAll(to, `"`, `""`) + `"`
			case i == 0 || special:
				return `"=""` + to + `"""`
			}
			return `="` + to + `"`
		}
	}
	if special || strings.HasPrefix(cell, `"`) {
		return `"` + strings.ReplaceAll(to, `"`, `""`) + `"`
	}
	return to
}

// FuzzEdit: whatever the bytes, nothing panics, an edit that changes nothing
// leaves them as they are, and the same comes out however they are read.
func FuzzEdit(f *testing.F) {
	for _, s := range []string{
		"id,name\n1,Ann\n", "\xFF\xFEi\x00d\x00\n\x001\x00\n\x00\x00", "sep=;\nid;name\n1;\"\n", "id|n\n\xD5|\xC5\xC5|2\n", "\xEF\xBB\xBFa\r\"\r\"\r", "a,b\n1,\"2\n3\",4\n\"\n\"\"\n", "a\n=\"\n=\"1\"\n",
	} {
		f.Add([]byte(s), byte(0), byte(0))
		f.Add([]byte(s), byte(charset.GB18030), byte('|'))
	}
	f.Fuzz(func(t *testing.T, text []byte, in, delimiter byte) {
		o := Options{Charset: charset.Charset(in % (byte(charset.Windows1258) + 1)), Workers: 2}
		if c, err := ParseDelimiter(string(rune(delimiter & 0x7F))); err == nil {
			o.Delimiter = c
		}
		cells := func(_ int, b *Batch) error {
			for i := range b.Len() {
				for c := range b.columns {
					b.Cell(i, c)
				}
			}
			return nil
		}
		whole := run(t, text, o, cells)
		if whole.Err == "" && whole.Out != string(text) {
			t.Fatalf("%q became %q", text, whole.Out)
		}
		if len(whole.Stats.Header) > 0 {
			o.Columns = whole.Stats.Header[:1]
		}
		o.Add = []string{"added"}
		want := run(t, text, o, wrap(o))
		for _, o.chunk = range []int{1, 5} {
			if diff := cmp.Diff(want, run(t, text, o, wrap(o))); diff != "" {
				t.Fatalf("%d bytes at a time (-whole +pieces):\n%s", o.chunk, diff)
			}
		}
	})
}
