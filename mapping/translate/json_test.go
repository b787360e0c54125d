package translate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/charset"
)

// fields are paths that are translated by the known IDs.
func jsonFields(missing Missing, paths ...string) []Field {
	var fields []Field
	table := known()
	for _, p := range paths {
		fields = append(fields, Field{Names: []string{p}, Column: Column{Table: table, Missing: missing}})
	}
	return fields
}

// throughJSON translates text, and also as it trickles in; both have to come
// out alike.
func throughJSON(tb testing.TB, text string, s Stream) (out, diverted string, sum *Summary, err error) {
	tb.Helper()
	var whole, aside bytes.Buffer
	s.Name = "in.json"
	s.Diverted = &aside
	sum, err = JSONLines(context.Background(), &whole, strings.NewReader(text), s)
	out, diverted = whole.String(), aside.String()
	var bytewise, asideToo bytes.Buffer
	s.Diverted = &asideToo
	sum2, err2 := JSONLines(context.Background(), &bytewise, iotest.OneByteReader(strings.NewReader(text)), s)
	if bytewise.String() != out || asideToo.String() != diverted || fmt.Sprint(err) != fmt.Sprint(err2) {
		tb.Errorf("byte by byte:\n%q, %v\nat once:\n%q, %v", bytewise.String(), err2, out, err)
	}
	if diff := cmp.Diff(sum, sum2); diff != "" {
		tb.Errorf("byte by byte counts otherwise: %s", diff)
	}
	return out, diverted, sum, err
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	composite := []Field{{Names: []string{"c.branch", "c.no"}, Add: "new", Column: Column{Table: known(), Missing: Keep}}}
	added := jsonFields(Keep, "lines[].id")
	added[0].Add = "canonical id"
	shaped := jsonFields(Keep, "url")
	shaped[0].Shape.Pattern = pattern(t, `/customers/(\d+)`)
	listed := jsonFields(Empty, "ids")
	listed[0].Shape = Shape{Split: ";", None: []string{"0"}}
	tests := []struct {
		name   string
		fields []Field
		in     string
		want   string
	}{
		{"a member", jsonFields(Keep, "id"), `{"id":"C1","note":"C1"}`, `{"id":"N1","note":"C1"}`},
		{"lines", jsonFields(Keep, "id"), "{\"id\":\"C1\"}\n{\"id\":\"C2\"}\n", "{\"id\":\"N1\"}\n{\"id\":\"N2\"}\n"},
		{
			"CRLF, blank lines, a byte order mark, no last line end", jsonFields(Keep, "id"),
			"\xEF\xBB\xBF\r\n{\"id\":\"C1\"}\r\n\r\n \t{\"id\":\"C2\"} \r\n{\"id\":\"C3\"}", "\xEF\xBB\xBF\r\n{\"id\":\"N1\"}\r\n\r\n \t{\"id\":\"N2\"} \r\n{\"id\":\"N1\"}",
		},
		{
			"space, order of keys, spelling of numbers and escapes", jsonFields(Keep, "id"),
			`{ "z" : 1.50E+02, "a\/b":"\u00e9\/" ,` + "\n\t" + `"id"` + "\t:\n" + `"C1" , "n":-0.0 }`, `{ "z" : 1.50E+02, "a\/b":"\u00e9\/" ,` + "\n\t" + `"id"` + "\t:\n" + `"N1" , "n":-0.0 }`,
		},
		{"deep", jsonFields(Keep, "order.customer.id"), `{"order":{"id":"C9","customer":{"id":"C1"}},"id":"C2"}`, `{"order":{"id":"C9","customer":{"id":"N1"}},"id":"C2"}`},
		{
			"elements", jsonFields(Keep, "lines[].id", "ids[]", "grid[][]"), `{"lines":[{"id":"C1"},{"no":1},{"id":"C2"}],"ids":["C1","X1",null,"C2"],"grid":[["C1"],[],["C2"]]}`,
			`{"lines":[{"id":"N1"},{"no":1},{"id":"N2"}],"ids":["N1","X1",null,"N2"],"grid":[["N1"],[],["N2"]]}`,
		},
		{"quoted keys", jsonFields(Keep, `"a.b".c`), `{"a.b":{"c":"C1"},"a":{"b":{"c":"C2"}}}`, `{"a.b":{"c":"N1"},"a":{"b":{"c":"C2"}}}`},
		{"a key that is escaped", jsonFields(Keep, "客户"), `{"\u5ba2户":"C1"}`, `{"\u5ba2户":"N1"}`},
		{"an ID that is escaped", jsonFields(Keep, "id"), `{"id":"\u00431"}`, `{"id":"N1"}`},
		{"twice the same key", jsonFields(Keep, "id"), `{"id":"C1","id":"C2"}`, `{"id":"N1","id":"N2"}`},
		{"no reference", jsonFields(Empty, "id"), `{"id":null}` + "\n" + `{"id":""}` + "\n" + `{}` + "\n" + `[]`, `{"id":null}` + "\n" + `{"id":""}` + "\n" + `{}` + "\n" + `[]`},
		{"numbers", jsonFields(Keep, "ids[]"), `{"ids":[1,"1",0,1e0,1.0,-1,12345678901234567890]}`, `{"ids":["N1","N1",0,1e0,1.0,-1,12345678901234567890]}`},
		{"numbers without an answer, emptied", jsonFields(Empty, "ids[]"), `{"ids":[77,1.0,"X1","C1"]}`, `{"ids":[null,null,"","N1"]}`},
		{"a URL, the escapes of the rest stay", shaped, `{"url":"https:\/\/x\u002fcustomers\/1?q=\"a\""}`, `{"url":"https:\/\/x\u002fcustomers\/N1?q=\"a\""}`},
		{"a list in a string", listed, `{"ids":"X1; C1;0"}` + "\n" + `{"ids":0}`, `{"ids":"N1;0"}` + "\n" + `{"ids":0}`},
		{"an array of documents", jsonFields(Keep, "id"), "[\n  {\"id\": \"C1\"},\n  {\"id\": \"C2\"}\n]\n", "[\n  {\"id\": \"N1\"},\n  {\"id\": \"N2\"}\n]\n"},
		{"the same with [] written", jsonFields(Keep, "[].id"), `[{"id":"C1"}]`, `[{"id":"N1"}]`},
		{"lines of arrays", jsonFields(Keep, "[]"), "[\"C1\",\"C2\"]\n[]\n[ \"C3\" ]\n", "[\"N1\",\"N2\"]\n[]\n[ \"N1\" ]\n"},
		{"texts alone", jsonFields(Keep, "[]"), "\"C1\"\n2\nnull", "\"N1\"\n\"N2\"\nnull"},
		{"one after the other", jsonFields(Keep, "id"), `{"id":"C1"}{"id":"C2"} {"id":"C3"}`, `{"id":"N1"}{"id":"N2"} {"id":"N1"}`},
		{"on several lines", jsonFields(Keep, "id"), "{\n  \"id\": \"C1\"\n}\n{\n  \"id\": \"C2\"\n}\n", "{\n  \"id\": \"N1\"\n}\n{\n  \"id\": \"N2\"\n}\n"},
		{
			"a member more", added, `{"lines":[{"id":"C1","n":1},{"id":null},{ "id" : "X1" }]}` + "\n{\"lines\": [\n  {\n    \"id\": 2\n  }\n]}",
			`{"lines":[{"id":"C1","n":1,"canonical id":"N1"},{"id":null},{ "id" : "X1", "canonical id" : "X1" }]}` + "\n{\"lines\": [\n  {\n    \"id\": 2,\n    \"canonical id\": \"N2\"\n  }\n]}",
		},
		{
			"a composite ID", composite, `{"c":{"no":"A","branch":" 01","x":[]}}` + "\n" + `{"c":{"no":"A"}}` + "\n" + `{"c":{"no":null,"branch":""}}`,
			`{"c":{"no":"A","branch":" 01","x":[],"new":"N7"}}` + "\n" + `{"c":{"no":"A","new":"|A"}}` + "\n" + `{"c":{"no":null,"branch":""}}`,
		},
		{"nothing", jsonFields(Keep, "id"), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, _, _, err := throughJSON(t, tt.in, Stream{Fields: tt.fields})
			if out != tt.want || err != nil {
				t.Errorf("error %v\n%s\nbecomes\n%s\nwant\n%s", err, tt.in, out, tt.want)
			}
		})
	}
}

func TestJSONCounts(t *testing.T) {
	t.Parallel()
	in := `{"id":"C1","other":["C3",4]}
{"id":"N1","other":[1.5]}

{"id":{"no":1},"other":true}
{"id":"X1",
 "other":["X2","C4",
  "X3","X4","X5"]}
{"id":[1]}
`
	_, _, sum, err := throughJSON(t, in, Stream{Fields: jsonFields(Keep, "id", "other[]")})
	if err != nil {
		t.Fatal(err)
	}
	want := &Summary{
		Records: 5,
		Fields: []Tally{
			{Field: "id", Cells: 3, Translated: 2, Unchanged: 1, Missing: map[string]int64{"not_found": 1}, Examples: []Example{{5, "X1", "not_found"}}},
			{Field: "other[]", Cells: 8, Translated: 2, Redirected: 1, Missing: map[string]int64{"not_found": 5, "gone": 1}, Examples: []Example{
				{2, "1.5", "not_found"}, {6, "X2", "not_found"}, {6, "C4", "gone"}, {7, "X3", "not_found"},
			}},
		},
		Notes: []string{"id: 2 values that are neither text nor number stay as they are; line 4 holds an object"},
	}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Error(diff)
	}
}

func TestJSONFails(t *testing.T) {
	t.Parallel()
	in := "[{\"id\":\"C1\"},\n {\"id\":\"X1\"},\n {\"id\":\"C2\"}, {\"id\":\"C4\"}]\n"
	out, _, sum, err := throughJSON(t, in, Stream{Fields: jsonFields(Fail, "id")})
	var missing *MissingError
	if !errors.As(err, &missing) || missing.First != (Example{2, "X1", "not_found"}) || missing.Field != "id" {
		t.Fatalf("got %v", err)
	}
	if want := `[{"id":"N1"}`; out != want {
		t.Errorf("written %q, want %q", out, want)
	}
	if sum.Records != 4 || sum.Fields[0].Translated != 2 || sum.Fields[0].Lost() != 2 {
		t.Errorf("the rest is not counted: %+v", sum)
	}
}

func TestJSONDiverts(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, out, diverted string }{
		{"lines", "{\"id\":\"C1\"}\n{\"id\":\"X1\"} \r\n\n{\"id\":\"C2\"}\n", "{\"id\":\"N1\"}\n\n{\"id\":\"N2\"}\n", "{\"id\":\"X1\"} \r\n"},
		{"the first line", "{\"id\":\"X1\"}\n{\"id\":\"C2\"}\n", "{\"id\":\"N2\"}\n", "{\"id\":\"X1\"}\n"},
		{"the last line", "{\"id\":\"C1\"}\n{\"id\":\"X2\"}", "{\"id\":\"N1\"}\n", "{\"id\":\"X2\"}\n"},
		{"all", "{\"id\":\"X1\"}\n{\"id\":\"X2\"}\n", "", "{\"id\":\"X1\"}\n{\"id\":\"X2\"}\n"},
		{"the first element", `[ {"id":"X1"}, {"id":"C2"} ]`, `[ {"id":"N2"} ]`, "{\"id\":\"X1\"}\n"},
		{"the middle element", `[{"id":"C1"}, {"id":"X2"}, {"id":"C3"}]`, `[{"id":"N1"}, {"id":"N1"}]`, "{\"id\":\"X2\"}\n"},
		{"the last element", "[{\"id\":\"C1\"},\n{\"id\":\"X2\"}\n]\n", "[{\"id\":\"N1\"}\n]\n", "{\"id\":\"X2\"}\n"},
		{"all elements", "[\n{\"id\":\"X1\"},\n{\"id\":\"X2\"}\n]\n", "[\n\n]\n", "{\"id\":\"X1\"}\n{\"id\":\"X2\"}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, diverted, sum, err := throughJSON(t, tt.in, Stream{Fields: jsonFields(Divert, "id")})
			if out != tt.out || diverted != tt.diverted || err != nil {
				t.Errorf("error %v\nwritten  %q, want %q\ndiverted %q, want %q", err, out, tt.out, diverted, tt.diverted)
			}
			if n := int64(strings.Count(diverted, "id")); sum.Diverted != n {
				t.Errorf("%d diverted, want %d", sum.Diverted, n)
			}
		})
	}
}

func TestJSONBroken(t *testing.T) {
	t.Parallel()
	pretty := func(ids ...string) string {
		var b strings.Builder
		for _, id := range ids {
			fmt.Fprintf(&b, "{\n  \"id\": %s,\n  \"more\": {\n    \"id\": \"C1\"\n  }\n}\n", id)
		}
		return b.String()
	}
	tests := []struct {
		name, in, want string
		broken         string
	}{
		{"a line", "{\"id\":\"C1\"}\n{\"id\":C2}\n{\"id\":\"C3\"}\n", "{\"id\":\"N1\"}\n{\"id\":C2}\n{\"id\":\"N1\"}\n", "in.json:2: something else where a value was expected"},
		{"a line that was cut", "{\"id\":\"C1\"}\n{\"id\":\"C2\",\"x\n{\"id\":\"C3\"}\n", "{\"id\":\"N1\"}\n{\"id\":\"C2\",\"x\n{\"id\":\"N1\"}\n", "in.json:2: a control character (0xa) inside a string"},
		{"a line that lacks its end", "{\"id\":\"C1\"}\n{\"id\":\"C2\",\"x\":{\n{\"id\":\"C3\"}\n", "{\"id\":\"N1\"}\n{\"id\":\"C2\",\"x\":{\n{\"id\":\"N1\"}\n", "in.json:2: { where a key in quotes was expected"},
		{"the first line", "id\n{\"id\":\"C1\"}\n", "id\n{\"id\":\"N1\"}\n", "in.json:1: something else where a value was expected"},
		{"the last line", "{\"id\":\"C1\"}\n{\"id\":\"C2\"", "{\"id\":\"N1\"}\n{\"id\":\"C2\"", "in.json:2: the text ends in the middle of a value"},
		{"something behind a document", "{\"id\":\"C1\"};\n{\"id\":\"C2\"}\n", "{\"id\":\"C1\"};\n{\"id\":\"N2\"}\n", "in.json:1: something follows the end of the document"},
		{"bytes that are no UTF-8", "{\"id\":\"C1\",\"x\":\"\xff\"}\n{\"id\":\"C2\"}\n", "{\"id\":\"C1\",\"x\":\"\xff\"}\n{\"id\":\"N2\"}\n", "in.json:1: the text is not valid UTF-8"},
		{"a document of several lines", pretty(`"C1"`, `C2"`, `"C3"`), pretty(`"N1"`, `C2"`, `"N1"`), "in.json:7: something else where a value was expected; passed through up to line 12"},
		{"an element", "[\n  {\"id\":\"C1\"},\n  {\"id\":C2\"},\n  {\"id\":\"C3\"}\n]\n", "[\n  {\"id\":\"N1\"},\n  {\"id\":C2\"},\n  {\"id\":\"N1\"}\n]\n", "in.json:3: something else where a value was expected"},
		{"the last element", "[\n{\"id\":\"C1\"},\n{\"id\":C2\"}\n]\n", "[\n{\"id\":\"N1\"},\n{\"id\":C2\"}\n]\n", "in.json:3: something else where a value was expected"},
		{"a comma too much", "[\n{\"id\":\"C1\"},\n]\n", "[\n{\"id\":\"N1\"},\n]\n", "in.json:3: ] where a value was expected"},
		{"a comma too few", "[\n{\"id\":\"C1\"}\n{\"id\":\"C2\"},\n{\"id\":\"C3\"}]\n", "[\n{\"id\":\"N1\"}\n{\"id\":\"C2\"},\n{\"id\":\"N1\"}]\n", "in.json:3: { where , or ] was expected"},
		{"a line of lines of arrays", "[\"C1\"]\n[\"C2\"\n[\"C3\"]\n", "[\"N1\"]\n[\"N2\"\n[\"N1\"]\n", "in.json:3: [ where , or ] was expected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := "id"
			if strings.HasPrefix(tt.in, `["`) {
				path = "[]"
			}
			out, _, sum, err := throughJSON(t, tt.in, Stream{Fields: jsonFields(Keep, path)})
			if out != tt.want || err != nil {
				t.Errorf("error %v\n%s\nbecomes\n%s\nwant\n%s", err, tt.in, out, tt.want)
			}
			if diff := cmp.Diff([]string{tt.broken}, sum.FirstBroken); diff != "" || sum.Broken != 1 {
				t.Errorf("%d broken: %s", sum.Broken, diff)
			}
		})
	}
}

func TestJSONRefuses(t *testing.T) {
	t.Parallel()
	ids := jsonFields(Keep, "id")
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(strings.Repeat("{\"id\":\"C1\",\"姓名\":\"王小明是一个好人\"}\n", 20))
	if err != nil {
		t.Fatal(err)
	}
	inArray, taken, apart := jsonFields(Keep, "ids[]"), jsonFields(Keep, "id"), []Field{{Names: []string{"a.x", "b.y"}, Add: "z"}}
	inArray[0].Add, taken[0].Add = "new", "new"
	tests := []struct {
		name string
		s    Stream
		in   string
		err  string
	}{
		{"an encoding", Stream{Fields: ids, Charset: charset.GB18030}, "{}", "in.json: JSON is UTF-8 text, not GB18030; convert it first, for example with iconv"},
		{"UTF-16", Stream{Fields: ids}, "\xFF\xFE{\x00}\x00", "in.json is UTF-16LE text, but JSON is UTF-8; convert it first, for example with iconv"},
		{"text of another encoding", Stream{Fields: ids}, gb, "in.json is not UTF-8 as JSON has to be, it looks like GB18030; convert it first, for example with iconv"},
		{"no JSON", Stream{Fields: ids}, "id,name\nC1,Ann\n", "in.json holds no JSON document: in.json:1: something else where a value was expected; passed through up to line 2"},
		{"an array on one line that breaks", Stream{Fields: ids}, `[{"id":"C1"},{"id":C2},{"id":"C3"}]`, "in.json:1: something else where a value was expected; from there on the documents of the array cannot be told apart"},
		{"an array without an end", Stream{Fields: ids}, `[{"id":"C1"}`, "in.json:1: the text ends in the middle of an array; from there on the documents of the array cannot be told apart"},
		{"a path that is nowhere", Stream{Fields: jsonFields(Keep, "customer.idd")}, `{"customer":{"id":"C1"},"no":1}`, `in.json has no column "customer.idd"; did you mean "customer.id"? (it has: customer.id, no)`},
		{"a member for an element", Stream{Fields: inArray}, `{}`, "path ids[] ends in an array, which takes no member new beside the old ID"},
		{"a member that is there", Stream{Fields: taken}, "{}\n" + `{"id":"C1","new":1}`, "in.json: line 2: there is a member new already; add the new IDs under another name"},
		{"parts of different objects", Stream{Fields: apart}, `{}`, "a.x and b.y are the parts of one ID, but are not members of the same object"},
		{"a member that is a path", Stream{Fields: []Field{{Names: []string{"a.x"}, Add: "a.z"}}}, `{}`, "a.z is to be added: a member of the object around the old ID, so its name is written alone, in quotes where it holds a dot"},
		{"parts in place", Stream{Fields: []Field{{Names: []string{"a", "b"}}}}, `{}`, "a and b are the parts of one ID: the name of a member that takes the answer is missing"},
		{"a path twice", Stream{Fields: jsonFields(Keep, "id", "[].id")}, `{}`, "path [].id is named twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := throughJSON(t, tt.in, tt.s)
			if err == nil || err.Error() != tt.err {
				t.Errorf("got  %v\nwant %s", err, tt.err)
			}
		})
	}
	_, _, _, err = throughJSON(t, `{"no":1}`, Stream{Fields: ids})
	var column *mapping.ColumnError
	if !errors.As(err, &column) {
		t.Errorf("a missing path is %T, want a ColumnError", err)
	}
}

// TestJSONStops: an interrupt and an error of either end stop the work.
func TestJSONStops(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := Stream{Name: "in.json", Fields: jsonFields(Keep, "id")}
	if _, err := JSONLines(ctx, io.Discard, strings.NewReader(`{}`), s); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	src := io.MultiReader(strings.NewReader("{\"id\":\"C1\"}\n"), iotest.ErrReader(gone))
	if _, err := JSONLines(context.Background(), io.Discard, src, s); !errors.Is(err, gone) {
		t.Errorf("an error of reading: %v", err)
	}
	if _, err := JSONLines(context.Background(), failingWriter{gone}, strings.NewReader(`{}`), s); !errors.Is(err, gone) {
		t.Errorf("an error of writing: %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// TestJSONIsWrittenWhileItIsRead: what was translated does not wait for more.
func TestJSONIsWrittenWhileItIsRead(t *testing.T) {
	t.Parallel()
	in, feed := io.Pipe()
	out, sink := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := JSONLines(context.Background(), sink, in, Stream{Name: "pipe", Fields: jsonFields(Keep, "id")})
		done <- errors.Join(err, sink.Close())
	}()
	for _, id := range []string{"1", "2", "5"} {
		if _, err := io.WriteString(feed, `{"id":"C`+id+"\"}\n"); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len("{\"id\":\"N1\"}\n"))
		if _, err := io.ReadFull(out, got); err != nil || string(got) != `{"id":"N`+id+"\"}\n" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if err := errors.Join(feed.Close(), <-done); err != nil {
		t.Error(err)
	}
}

// TestJSONMeansTheSame: on documents of any make, what comes out is what
// encoding/json makes of the same change, and whatever is no ID keeps its
// bytes.
func TestJSONMeansTheSame(t *testing.T) {
	t.Parallel()
	id := rapid.SampledFrom([]string{`"C1"`, `"\u00431"`, `"C2"`, `"X1"`, `null`, `2`, `77`, `""`, `"x\"y"`})
	space := rapid.SampledFrom([]string{"", "", " ", "\n\t", "\r\n"})
	var value func(t *rapid.T, depth int) string
	value = func(t *rapid.T, depth int) string {
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		if depth > 3 {
			kind = min(kind, 2)
		}
		s := func() string { return space.Draw(t, "space") }
		switch kind {
		case 0, 1, 2:
			return id.Draw(t, "id")
		case 3:
			var parts []string
			for range rapid.IntRange(0, 3).Draw(t, "elements") {
				parts = append(parts, s()+value(t, depth+1)+s())
			}
			return "[" + strings.Join(parts, ",") + "]"
		}
		var parts []string
		for _, key := range []string{"id", "a", "lines", "other"}[:rapid.IntRange(0, 4).Draw(t, "members")] {
			parts = append(parts, s()+`"`+key+`"`+s()+":"+s()+value(t, depth+1)+s())
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	rapid.Check(t, func(t *rapid.T) {
		var in strings.Builder
		in.WriteString(`{"id":"C1","a":{"id":"C2"},"lines":[{"id":1},"C1"]}` + "\n") // every path is there
		for range rapid.IntRange(0, 4).Draw(t, "documents") {
			in.WriteString(`{"v":1,"id":` + value(t, 0) + `,"a":` + value(t, 0) + `,"lines":` + value(t, 0) + "}\n")
		}
		var out bytes.Buffer
		s := Stream{Name: "in", Fields: jsonFields(Keep, "id", "a.id", "lines[].id", "lines[]")}
		if _, err := JSONLines(context.Background(), &out, strings.NewReader(in.String()), s); err != nil {
			t.Fatalf("%s: %v", in.String(), err)
		}
		before, after := documents(t, in.String()), documents(t, out.String())
		for i := range before {
			want := model(before[i])
			if diff := cmp.Diff(want, after[i]); diff != "" {
				t.Fatalf("%s\nbecomes\n%s\n%s", in.String(), out.String(), diff)
			}
		}
	})
}

func documents(t *rapid.T, text string) []any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var list []any
	for {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		list = append(list, v)
	}
}

// model does to a document what the four paths of TestJSONMeansTheSame ask for.
func model(document any) any {
	answers := map[string]string{"C1": "N1", "C2": "N2", "1": "N1", "2": "N2"}
	one := func(v any) any {
		if to, ok := answers[fmt.Sprint(v)]; ok {
			return to
		}
		return v
	}
	leaf := func(v any) any {
		switch v.(type) {
		case string, json.Number:
			return one(v)
		}
		return v
	}
	member := func(v any) {
		if o, ok := v.(map[string]any); ok && o["id"] != nil {
			o["id"] = leaf(o["id"])
		}
	}
	member(document)
	o := document.(map[string]any)
	member(o["a"])
	if lines, ok := o["lines"].([]any); ok {
		for i := range lines {
			member(lines[i])
			lines[i] = leaf(lines[i])
		}
	}
	return document
}

// FuzzJSONLines: whatever the bytes, nothing panics; and where no ID is known,
// what comes out is what went in.
func FuzzJSONLines(f *testing.F) {
	for _, seed := range []string{"{\"id\":\"C1\"}\n{\"id\":", "[{\"id\":1},\n{\"x\"]\n{\"id\":2}", "[[1]]\n[", "]", ",", "\xEF\xBB\xBF{}", "[1,\n[2\n]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := Stream{Name: "in", Fields: []Field{{Names: []string{"id"}, Column: Column{Table: tableOf(nil), Missing: Keep}}}}
		var out bytes.Buffer
		_, err := JSONLines(context.Background(), &out, strings.NewReader(text), s)
		var missing *mapping.ColumnError
		if (err == nil || errors.As(err, &missing)) && out.String() != text {
			t.Errorf("%q comes out as %q", text, out.String())
		}
		if !strings.HasPrefix(text, out.String()) {
			t.Errorf("%q comes out as %q", text, out.String())
		}
	})
}
