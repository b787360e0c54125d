package csv

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/conntest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/delimited"
)

// form is a way to write a table.
type form struct {
	comma    string
	eol      string
	quoteAll bool
	encode   func(tb testing.TB, text string) []byte
	config   Config // what has to be said, as it cannot be found out
}

func in(e encoding.Encoding) func(testing.TB, string) []byte {
	return func(tb testing.TB, text string) []byte {
		tb.Helper()
		b, err := e.NewEncoder().Bytes([]byte(text))
		if err != nil {
			tb.Fatalf("encode: %v", err)
		}
		return b
	}
}

func plainText(_ testing.TB, text string) []byte { return []byte(text) }

func zipped(tb testing.TB, b []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func (f form) row(cells []string) string {
	out := make([]string, len(cells))
	for i, c := range cells {
		if f.quoteAll || strings.ContainsAny(c, f.comma+"\"\n\r") || strings.HasPrefix(c, " ") {
			c = `"` + strings.ReplaceAll(strings.ReplaceAll(c, `"`, `""`), "\n", f.eol) + `"`
		}
		out[i] = c
	}
	return strings.Join(out, f.comma) + f.eol
}

func write(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestConformance reads the common sample in every form that can hold it,
// with broken rows, blank lines and a header that wants trimming.
func TestConformance(t *testing.T) {
	t.Parallel()
	forms := map[string]form{
		"comma, UTF-8":                      {comma: ",", eol: "\n", encode: plainText},
		"comma, UTF-8 with BOM, CRLF":       {comma: ",", eol: "\r\n", encode: func(_ testing.TB, s string) []byte { return []byte(delimited.BOM + s) }},
		"comma, CR alone":                   {comma: ",", eol: "\r", encode: plainText},
		"semicolon, all quoted, UTF-16LE":   {comma: ";", eol: "\r\n", quoteAll: true, encode: in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))},
		"tab, UTF-16BE without BOM":         {comma: "\t", eol: "\n", encode: in(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))},
		"pipe, GB18030, CRLF":               {comma: "|", eol: "\r\n", encode: in(simplifiedchinese.GB18030)},
		"pipe, GB18030, all said":           {comma: "|", eol: "\n", encode: in(simplifiedchinese.GB18030), config: Config{Encoding: "gbk", Delimiter: "pipe"}},
		"comma, GB18030, gzipped":           {comma: ",", eol: "\n", encode: func(tb testing.TB, s string) []byte { return zipped(tb, in(simplifiedchinese.GB18030)(tb, s)) }},
		"sign of its own, UTF-8, gzipped":   {comma: "^", eol: "\n", encode: func(tb testing.TB, s string) []byte { return zipped(tb, []byte(s)) }, config: Config{Delimiter: "^"}},
		"semicolon, spreadsheet's sep line": {comma: ";", eol: "\r\n", encode: func(_ testing.TB, s string) []byte { return []byte("sep=;\r\n" + s) }},
	}
	for name, f := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, lines, bad := sample(f)
			if strings.Contains(name, "sep line") {
				for i := range lines {
					lines[i]++
				}
			}
			path := write(t, "customers.csv", f.encode(t, text))
			conntest.Run(t, conntest.Suite{
				Open: func(tb testing.TB, req connectors.Request) (mapping.Source, error) {
					cfg := f.config
					cfg.Path = path
					return Open(tb.Context(), cfg, req)
				},
				NoNull: true,
				Bad:    bad,
				Place: func(row int64) mapping.Place {
					return mapping.Place{File: path, Line: lines[row-1], Row: row}
				},
			})
		})
	}
}

// sample writes the common sample with a broken row before, in and after it.
func sample(f form) (text string, lines, bad []int64) {
	var b strings.Builder
	line := int64(1)
	add := func(s string) {
		b.WriteString(s)
		line += int64(strings.Count(s, f.eol))
	}
	row := func(s string) {
		lines = append(lines, line)
		add(s)
	}
	broken := func(s string) {
		bad = append(bad, int64(len(lines)+1))
		row(s + f.eol)
	}
	header := conntest.ColumnNames()
	header[0], header[2] = " "+header[0]+" ", header[2]+"\u200B "
	add(f.row(header))
	broken("torn")
	for i, values := range conntest.Rows() {
		cells := make([]string, len(values))
		for j, v := range values {
			cells[j] = v.Text
		}
		row(f.row(cells))
		if i == 2 {
			add(f.eol)
			broken(`9` + f.comma + `"never closed`)
			broken(strings.TrimSuffix(f.row(append(cells, "one too many")), f.eol))
		}
	}
	broken("合计" + f.comma + "6")
	return b.String(), lines, bad
}

// readAll lists what a file yields: "line: values" or "line! reason".
func readAll(tb testing.TB, content []byte, cfg Config, req connectors.Request) []string {
	tb.Helper()
	cfg.Path = write(tb, "legacy.csv", content)
	src, err := Open(tb.Context(), cfg, req)
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	return drain(tb.Context(), src)
}

func drain(ctx context.Context, src mapping.Source) []string {
	var out []string
	for rec, err := range src.Records(ctx) {
		var re *mapping.RecordError
		switch {
		case errors.As(err, &re):
			out = append(out, fmt.Sprintf("%d! %s", re.Place.Line, re.Reason))
		case err != nil:
			out = append(out, "error: "+err.Error())
		default:
			cells := make([]string, len(rec.Values))
			for i, v := range rec.Values {
				cells[i] = v.Text
			}
			out = append(out, fmt.Sprintf("%d: %s", rec.Place.Line, strings.Join(cells, "|")))
		}
	}
	return out
}

func TestRecords(t *testing.T) {
	t.Parallel()
	const unclosed = " opens a quote that is not closed (a quote within quotes is written twice)"
	gbk := func(s string) string { return string(in(simplifiedchinese.GBK)(t, s)) }
	sjis := func(s string) string { return string(in(japanese.ShiftJIS)(t, s)) }
	tests := []struct {
		name    string
		content string
		columns string
		cfg     Config
		want    []string
	}{
		{"plain", "id,name\n1,Ann\n2,Bob\n", "id name", Config{}, []string{"2: 1|Ann", "3: 2|Bob"}},
		{"no line end at the end", "id,name\n1,Ann", "id name", Config{}, []string{"2: 1|Ann"}},
		{"header alone", "id,name\n", "id name", Config{}, nil},
		{"header alone without line end", "id,name", "id name", Config{}, nil},
		{"blank lines", "\n\nid,name\n\n1,Ann\n\r\n\n2,Bob\n\n", "id name", Config{}, []string{"5: 1|Ann", "8: 2|Bob"}},
		{"one column", "id\n1\n\n2\n", "id", Config{}, []string{"2: 1", "4: 2"}},
		{"empty cells", "id,a,b\n1,,\n,,\n", "id a b", Config{}, []string{"2: 1||", "3: ||"}},
		{"quotes", "id,name\n1,\"Lee, Ann\"\n2,\"Bob \"\"B\"\"\"\n3,\"\"\n", "id name", Config{}, []string{"2: 1|Lee, Ann", `3: 2|Bob "B"`, "4: 3|"}},
		{"spaces stay", "id,name\n 1 , Ann \n", "id name", Config{}, []string{"2:  1 | Ann "}},
		{"quoted line breaks", "id,note\n1,\"a\nb\n\nc\"\n2,x\n", "id note", Config{}, []string{"2: 1|a\nb\n\nc", "6: 2|x"}},
		{"quoted line breaks, CRLF", "id,note\r\n1,\"a\r\nb\"\r\n2,x\r\n", "id note", Config{}, []string{"2: 1|a\nb", "4: 2|x"}},
		{"quoted line breaks, CR", "id,note\r1,\"a\rb\"\r2,x\r", "id note", Config{}, []string{"2: 1|a\nb", "4: 2|x"}},
		{"LF within quotes, lines end in CR", "id,note\r1,\"a\nb\"\r2,x\r", "id note", Config{}, []string{"2: 1|a\nb", "3: 2|x"}},
		{"lone CR is text", "id,note\n1,a\rb\n", "id note", Config{}, []string{"2: 1|a\rb"}},
		{"CR CR LF", "id,note\r\r\n1,a\r\r\n", "id note", Config{}, []string{"2: 1|a"}},
		{"multi-line header", "id,\"full\nname\"\n1,Ann\n", "id", Config{}, []string{"3: 1"}},
		{"numbers stay text", "id,n\n007,1E5\n9007199254740993,0.10\n", "id n", Config{}, []string{"2: 007|1E5", "3: 9007199254740993|0.10"}},

		{"too few and too many fields", "id,name\n1\n2,a,b\n3,c\n", "id name", Config{}, []string{"2! has 1 field, the header has 2", "3! has 3 fields, the header has 2", "4: 3|c"}},
		{"total line", "id,name,n\n1,Ann,5\n合计,5\n", "id", Config{}, []string{"2: 1", "3! has 2 fields, the header has 3"}},
		{"formulas that are texts", "id,name\n=\"001\",=\"\"\n=\"002\"x,b\n=\"00\"\"3\",c\n=\"4,d\n5,\"e\"\n", "id name", Config{}, []string{`2: ="001"|=""`, "3! field 1 has a quote in it but does not start with one", "4! field 1 has a quote in it but does not start with one", "5! field 1 has a quote in it but does not start with one", "6: 5|e"}},
		{"quote within a field", "id,name\n1,Mick \"Mo\" O\n2,b\n", "id name", Config{}, []string{"2! field 2 has a quote in it but does not start with one", "3: 2|b"}},
		{"text after a quote", "id,name\n1,\"a\"b\n2,b\n", "id name", Config{}, []string{"2! field 2 goes on after its closing quote", "3: 2|b"}},
		{"stray quote, no other", "id,name\n1,\"a\n2,b\n3,c\n", "id name", Config{}, []string{"2! field 2" + unclosed, "3: 2|b", "4: 3|c"}},
		{"stray quote at the very end", "id,name\n1,a\n2,\"", "id name", Config{}, []string{"2: 1|a", "3! field 2" + unclosed}},
		{"stray quote before quoted rows", "id,name\n1,\"a\n\"2\",\"b\"\n\"3\",\"c\"\n", "id name", Config{}, []string{"2! field 2" + unclosed, "3: 2|b", "4: 3|c"}},
		{
			"two stray quotes with records between", "id,a,b\n1,\"a,x\n2,b,x\n3,c,x\n4,d\",x\n5,e,x\n", "id a",
			Config{},
			[]string{"2! field 2" + unclosed, "3: 2|b", "4: 3|c", "5! field 2 has a quote in it but does not start with one", "6: 5|e"},
		},
		{
			"two stray quotes in rows that follow", "id,a,b\n1,\"a,x\n2,b,x\"\n3,c,x\n", "id a",
			Config{},
			[]string{"2! field 2" + unclosed, "3! field 3 has a quote in it but does not start with one", "4: 3|c"},
		},
		{"long notes with commas are no stray quotes", "id,a,note\n1,x,\"Rose House,\n12 High St, Leeds\nUK\"\n2,y,z\n", "id note", Config{}, []string{"2: 1|Rose House,\n12 High St, Leeds\nUK", "5: 2|z"}},
		{"record of several lines with too few fields", "id,a,b\n1,\"x\ny\"\n2,c,d\n", "id", Config{}, []string{"2! has 2 fields, the header has 3", "4: 2"}},

		{"tab", "id\tname\n1\tLee, Ann\n", "id name", Config{}, []string{"2: 1|Lee, Ann"}},
		{"semicolon with decimal commas", "id;n\n1;0,5\n2;1,5\n", "id n", Config{}, []string{"2: 1|0,5", "3: 2|1,5"}},
		{"pipe", "id|name\n1|a,b\n", "id name", Config{}, []string{"2: 1|a,b"}},
		{"comma wins where others are text", "id,name|nick,x;y\n1,a|b,c;d\n", "id", Config{}, []string{"2: 1"}},
		{"commas in a header of semicolons", "id;\"name, given\";tel\n1;Ann;5\n", "id tel", Config{}, []string{"2: 1|5"}},
		{"delimiter said", "a,b;c\n1,2;3\n", "c", Config{Delimiter: ";"}, []string{"2: 3"}},
		{"tab said", "a,b\tc\n1,2\t3\n", "c", Config{Delimiter: `\t`}, []string{"2: 3"}},
		{"sep line", "sep=|\r\nid|name\r\n1|a\r\n", "id name", Config{}, []string{"3: 1|a"}},

		{
			"GBK, torn character", gbk("编号,姓名,省\n1,张伟,京\n2,李") + "\xC3" + gbk(",沪\n3,王芳,津\n"), "编号 姓名",
			Config{},
			[]string{"2: 1|张伟", `3! column "姓名" is not valid GB18030`, "4: 3|王芳"},
		},
		{
			"GBK, torn at the end of the line", gbk("编号,姓名\n1,张伟\n2,李") + "\xC3\r\n" + gbk("3,王芳\n"), "编号 姓名",
			Config{},
			[]string{"2: 1|张伟", `3! column "姓名" is not valid GB18030`, "4: 3|王芳"},
		},
		{
			"GBK, torn within quotes", gbk("编号,姓名\n1,\"张伟") + "\xC3" + gbk("\"\n2,\"王芳\"\n3,李\n"), "编号 姓名",
			Config{},
			[]string{`2! column "姓名" is not valid GB18030`, "3: 2|王芳", "4: 3|李"},
		},
		{"GBK, pipe as a trail byte", gbk("编号|姓名\n1|亅\n2|張\n"), "编号 姓名", Config{}, []string{"2: 1|亅", "3: 2|張"}},
		{"GBK, torn in a column that nobody asked for", gbk("编号,姓名\n1,张") + "\xC3\n", "编号", Config{}, []string{`2! column "姓名" is not valid GB18030`}},
		{"torn and a stray quote", "id,name\n1,\"\xC3\n2,b\n", "id", Config{Encoding: "gbk"}, []string{"2! the line is not valid GB18030", "3: 2"}},
		{"UTF-8, torn", "id,name\n1,张\xE4\xBC\n2,李\n", "id name", Config{}, []string{`2! column "name" is not valid UTF-8`, "3: 2|李"}},
		{"UTF-8, its own replacement character", "id,name\n1,张\uFFFD\n", "id name", Config{}, []string{"2: 1|张\uFFFD"}},
		{"Shift-JIS", sjis("番号,氏名\n1,表太郎\n") + "2,\x93\n3,c\n", "番号 氏名", Config{}, []string{"2: 1|表太郎", `3! column "氏名" is not valid Shift-JIS`, "4: 3|c"}},
		{"Windows-1252", "id,name\n1,Zo\xEB M\xFCller\n2,\x80 5\n3,\x81\n", "id name", Config{}, []string{"2: 1|Zoë Müller", "3: 2|€ 5", `4! column "name" is not valid Windows-1252`}},
		{"encoding said", "id,name\n1,\xD5\xC5\n", "name", Config{Encoding: "latin1"}, []string{"2: ÕÅ"}},
		{
			"UTF-16 with half a pair", string(in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))(t, "id,name\n1,a")) + "\x42\xD8\n\x002\x00,\x00b\x00", "id name",
			Config{},
			[]string{`2! column "name" is not valid UTF-16LE`, "3: 2|b"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := readAll(t, []byte(tt.content), tt.cfg, connectors.Request{Columns: strings.Fields(tt.columns)})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	got := readAll(t, []byte("id,status,n\n1,live,5\n2,test,6\n3,,7\ntorn\n4,live,10\n"), Config{},
		connectors.Request{Columns: []string{"id"}, Where: "status <> 'test' and n > 5"})
	if diff := cmp.Diff([]string{"4: 3", "5! has 1 field, the header has 3", "6: 4"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLateText: the first character beyond ASCII comes after megabytes.
func TestLateText(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]encoding.Encoding{"GBK": simplifiedchinese.GBK, "UTF-8": encoding.Nop, "GBK gzipped": simplifiedchinese.GBK} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rows = 100_000
			content := "id,name\n" + strings.Repeat("12345,Ann Lee\n", rows) + "1,张伟\n"
			b := in(e)(t, content)
			if strings.Contains(name, "gzipped") {
				b = zipped(t, b)
			}
			got := readAll(t, b, Config{}, connectors.Request{Columns: []string{"name"}})
			if len(got) != rows+1 || got[rows] != fmt.Sprintf("%d: 张伟", rows+2) {
				t.Errorf("got %d records, the last %q", len(got), got[len(got)-1])
			}
		})
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", delimited.MaxRecordBytes)
	fits := strings.Repeat("y", 1<<20)
	got := readAll(t, []byte("id,note\n1,"+long+long+"\n2,\""+fits+"\"\n3,\""+long+"\n4,z\n"), Config{}, connectors.Request{Columns: []string{"id"}})
	want := []string{"2! the line is longer than 8 MiB", "3: 2", "4! the line is longer than 8 MiB", "5: 4"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStrayQuoteInLongFile: a quote that is never closed costs one row, not
// the rest of the file.
func TestStrayQuoteInLongFile(t *testing.T) {
	t.Parallel()
	const rows = 3 * delimited.MaxRecordLines
	var b strings.Builder
	b.WriteString("id,name\n")
	for i := range rows {
		if i == rows/3 {
			b.WriteString("bad,\"Ann\n")
			continue
		}
		fmt.Fprintf(&b, "%d,Ann\n", i)
	}
	got := readAll(t, []byte(b.String()), Config{}, connectors.Request{Columns: []string{"id"}})
	bad := 0
	for _, g := range got {
		if strings.Contains(g, "!") {
			bad++
		}
	}
	if len(got) != rows || bad != 1 || !strings.HasPrefix(got[rows/3], fmt.Sprintf("%d! field 2 opens a quote", rows/3+2)) {
		t.Errorf("got %d records, %d of them bad, %q", len(got), bad, got[rows/3])
	}
}

// TestStrayQuotesFarApart: two quotes too many do not make the records
// between them the text of one field, not even if one of those is torn.
func TestStrayQuotesFarApart(t *testing.T) {
	t.Parallel()
	content := "id,name,size\n1,\"Ann,5\n" + strings.Repeat("2,Bob,6\n", 50) + "torn\n" + strings.Repeat("3,Cy,7\n", 50) + "4,Di,12\"\n5,Ed,8\n"
	good, bad := 0, []string{}
	for _, g := range readAll(t, []byte(content), Config{}, connectors.Request{Columns: []string{"id", "name"}}) {
		if strings.Contains(g, "!") {
			bad = append(bad, g)
		} else {
			good++
		}
	}
	want := []string{
		"2! field 2 opens a quote that is not closed (a quote within quotes is written twice)",
		"53! has 1 field, the header has 3",
		"104! field 3 has a quote in it but does not start with one",
	}
	if diff := cmp.Diff(want, bad); diff != "" || good != 101 {
		t.Errorf("%d good records, want 101; bad ones (-want +got):\n%s", good, diff)
	}
}

func TestStreamErrors(t *testing.T) {
	t.Parallel()
	content := "id,name\n" + strings.Repeat("1,Ann\n", 50_000)
	whole := zipped(t, []byte(content))
	noise := bytes.Clone(whole)
	noise[len(noise)-5]++ // the checksum
	tests := []struct {
		name string
		b    []byte
		want string
	}{
		{"truncated gzip", whole[:len(whole)-20], "the compressed data ends in the middle; the file is incomplete"},
		{"damaged gzip", noise, "the compressed data is damaged: gzip: invalid checksum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := readAll(t, tt.b, Config{}, connectors.Request{Columns: []string{"id", "name"}})
			last := got[len(got)-1]
			if !strings.HasPrefix(last, "error: read ") || !strings.HasSuffix(last, tt.want) {
				t.Errorf("the stream ends with %q, want %q", last, tt.want)
			}
			for _, g := range got[:len(got)-1] {
				if !strings.HasSuffix(g, ": 1|Ann") {
					t.Fatalf("before the error: %q", g)
				}
			}
		})
	}
}

func TestHeaderChangedSinceOpen(t *testing.T) {
	t.Parallel()
	path := write(t, "legacy.csv", []byte("id,name\n1,Ann\n"))
	src, err := Open(t.Context(), Config{Path: path}, connectors.Request{Columns: []string{"name"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("name,id\nAnn,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"error: read " + path + ": the file was changed since it was opened: its header is another one"}
	if diff := cmp.Diff(want, drain(t.Context(), src)); diff != "" {
		t.Error(diff)
	}
}

// TestClosesFile looks for the file among those that the process has open.
func TestClosesFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("open files are listed on Linux only")
	}
	path := write(t, "legacy.csv", []byte("id,name\n1,Ann\n2,Bob\n"))
	src, err := Open(t.Context(), Config{Path: path}, connectors.Request{Columns: []string{"name"}})
	if err != nil {
		t.Fatal(err)
	}
	if held(t, path) {
		t.Error("open after Open")
	}
	for _, err := range src.Records(t.Context()) {
		if err != nil || !held(t, path) {
			t.Errorf("not open while it is read (%v)", err)
		}
		break
	}
	if held(t, path) {
		t.Error("open after a break")
	}
	drain(t.Context(), src)
	if held(t, path) {
		t.Error("open after a pass")
	}
}

func held(t *testing.T, path string) bool {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && to == path {
			return true
		}
	}
	return false
}

func TestCount(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{0, 1, 1000, 100_000} {
		path := write(t, "legacy.csv", []byte("id,note\n"+strings.Repeat("12345,\"two\nlines\"\n", rows)))
		src, err := Open(t.Context(), Config{Path: path}, connectors.Request{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := src.(mapping.Counter).Count(t.Context())
		if want := int64(rows); err != nil || got < want*95/100 || got > want*105/100 {
			t.Errorf("got %d, %v; want about %d", got, err, want)
		}
	}
}

func TestCancelledWhileGuessing(t *testing.T) {
	t.Parallel()
	path := write(t, "legacy.csv", []byte("id,name\n"+strings.Repeat("1,Ann\n", 50_000)+"2,\xD5\xC5\n"))
	src, err := Open(t.Context(), Config{Path: path}, connectors.Request{Columns: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := src.(counted).file.guess(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want ctx.Err()", err)
	}
	if got := drain(t.Context(), src); got[len(got)-1] != "50002: 2" {
		t.Errorf("after a cancelled guess, the last is %q", got[len(got)-1])
	}
}
