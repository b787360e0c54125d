package translate

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// tableOf is a table of answers, as ones that were loaded are.
func tableOf(answers map[string]Answer) *Table {
	t := &Table{ids: newIndex(0), key: func(verbatim string) (string, error) { return verbatim, nil }}
	for id, a := range answers {
		s, _ := t.ids.put(id, a.Text)
		s.status = a.Status
	}
	return t
}

// known answers for C1 to C9 and the numbers 1 to 9, but not for all alike: C3
// was merged, C4 is gone, and N1 is its own answer.
func known() *Table {
	answers := map[string]Answer{"N1": {"N1", Live}, "01|A": {"N7", Live}, "C;5": {"N5", Live}}
	for i := 1; i <= 9; i++ {
		answers[fmt.Sprintf("C%d", i)] = Answer{fmt.Sprintf("N%d", i), Live}
		answers[fmt.Sprint(i)] = Answer{fmt.Sprintf("N%d", i), Live}
	}
	answers["C3"] = Answer{"N1", Redirected}
	answers["C4"] = Answer{"", Gone}
	return tableOf(answers)
}

func pattern(tb testing.TB, text string) *regexp.Regexp {
	tb.Helper()
	re, err := ParsePattern(text)
	if err != nil {
		tb.Fatal(err)
	}
	return re
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	list := Shape{Split: ";"}
	urls := Shape{Pattern: pattern(t, `/customers/(\d+)`)}
	tests := []struct {
		name    string
		shape   Shape
		missing Missing
		in      string
		want    string
		out     Outcome
	}{
		{"one ID", Shape{}, Keep, "C1", "N1", Outcome{IDs: 1, Translated: 1}},
		{"merged", Shape{}, Keep, "C3", "N1", Outcome{IDs: 1, Translated: 1, Redirected: 1}},
		{"the answer already", Shape{}, Keep, "N1", "N1", Outcome{IDs: 1, Translated: 1, Unchanged: 1}},
		{"space stays", Shape{}, Keep, " C1\t", " N1\t", Outcome{IDs: 1, Translated: 1}},
		{"full-width space stays", Shape{}, Keep, "\u3000C1\u00a0", "\u3000N1\u00a0", Outcome{IDs: 1, Translated: 1}},
		{"nothing", Shape{}, Keep, "", "", Outcome{}},
		{"blank", Shape{}, Empty, "  ", "  ", Outcome{}},
		{"not found, kept", Shape{}, Keep, "X1", "X1", Outcome{IDs: 1, Lost: []Loss{{"X1", NotFound}}}},
		{"gone, kept", Shape{}, Keep, "C4", "C4", Outcome{IDs: 1, Lost: []Loss{{"C4", Gone}}}},
		{"not found, failing", Shape{}, Fail, "X1", "X1", Outcome{IDs: 1, Lost: []Loss{{"X1", NotFound}}}},
		{"not found, emptied with its space", Shape{}, Empty, " X1 ", "", Outcome{IDs: 1, Lost: []Loss{{"X1", NotFound}}}},
		{"none", Shape{None: []string{"0", " N/A "}}, Empty, " N/A", " N/A", Outcome{}},
		{"not none", Shape{None: []string{"0"}}, Empty, "00", "", Outcome{IDs: 1, Lost: []Loss{{"00", NotFound}}}},
		{"a text that holds an ID", Shape{}, Keep, "see C1", "see C1", Outcome{IDs: 1, Lost: []Loss{{"see C1", NotFound}}}},

		{"a list", list, Keep, "C1; C2 ;;C3;", "N1; N2 ;;N1;", Outcome{IDs: 3, Translated: 3, Redirected: 1}},
		{"a list of one", list, Keep, "C1", "N1", Outcome{IDs: 1, Translated: 1}},
		{"a list with none", Shape{Split: ";", None: []string{"0"}}, Empty, "0;C1; 0", "0;N1; 0", Outcome{IDs: 1, Translated: 1}},
		{"a list, missing kept", list, Keep, "C1;X1", "N1;X1", Outcome{IDs: 2, Translated: 1, Lost: []Loss{{"X1", NotFound}}}},
		{"a list, first gone", list, Empty, "X1; C1; C2", "N1; N2", Outcome{IDs: 3, Translated: 2, Lost: []Loss{{"X1", NotFound}}}},
		{"a list, first two gone", list, Empty, " X1;\tX2 ; C1", " N1", Outcome{IDs: 3, Translated: 1, Lost: []Loss{{"X1", NotFound}, {"X2", NotFound}}}},
		{"a list, middle gone", list, Empty, "C1; X1 ; C2", "N1; N2", Outcome{IDs: 3, Translated: 2, Lost: []Loss{{"X1", NotFound}}}},
		{"a list, last gone", list, Empty, "C1; X1", "N1", Outcome{IDs: 2, Translated: 1, Lost: []Loss{{"X1", NotFound}}}},
		{"a list, all gone", list, Empty, " X1 ; C4 ", "", Outcome{IDs: 2, Lost: []Loss{{"X1", NotFound}, {"C4", Gone}}}},
		{"a list, empty elements stay", list, Empty, "X1;;C1;X2;", ";N1;", Outcome{IDs: 3, Translated: 1, Lost: []Loss{{"X1", NotFound}, {"X2", NotFound}}}},
		{"a long separator", Shape{Split: " and "}, Empty, "C1 and X1 and C2", "N1 and N2", Outcome{IDs: 3, Translated: 2, Lost: []Loss{{"X1", NotFound}}}},
		{"separated by spaces", Shape{Split: " "}, Empty, "X1 C1  C2", "N1  N2", Outcome{IDs: 3, Translated: 2, Lost: []Loss{{"X1", NotFound}}}},
		{"separated by line ends", Shape{Split: "\n"}, Keep, "C1\r\nC2\r\n", "N1\r\nN2\r\n", Outcome{IDs: 2, Translated: 2}},

		{"a suffix", Shape{Pattern: pattern(t, `_(\d+)$`)}, Keep, "Name_1_2", "Name_1_N2", Outcome{IDs: 1, Translated: 1}},
		{"a URL", urls, Keep, "https://crm/customers/1?tab=2", "https://crm/customers/N1?tab=2", Outcome{IDs: 1, Translated: 1}},
		{"two URLs", urls, Keep, "/customers/1 and /customers/2.", "/customers/N1 and /customers/N2.", Outcome{IDs: 2, Translated: 2}},
		{"a URL, missing emptied", urls, Empty, "/customers/77/edit", "/customers//edit", Outcome{IDs: 1, Lost: []Loss{{"77", NotFound}}}},
		{"a pattern that does not match", urls, Empty, "C1", "C1", Outcome{}},
		{"a group that took no part", Shape{Pattern: pattern(t, `x(\d)?`)}, Empty, "x, x1", "x, xN1", Outcome{IDs: 1, Translated: 1}},
		{"a list of patterns", Shape{Split: ",", Pattern: pattern(t, `^\s*user:(\S+)$`)}, Keep, "user:C1, user:C2,team:C1", "user:N1, user:N2,team:C1", Outcome{IDs: 2, Translated: 2}},
		{"a list of patterns, missing emptied", Shape{Split: ",", Pattern: pattern(t, `<(.*)>`)}, Empty, "Ann <X1>,Lee <C2>", "Ann <>,Lee <N2>", Outcome{IDs: 2, Translated: 1, Lost: []Loss{{"X1", NotFound}}}},
		{"none inside a pattern", Shape{Pattern: pattern(t, `_(\d+)$`), None: []string{"0"}}, Empty, "Name_0", "Name_0", Outcome{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := Column{Table: known(), Shape: tt.shape, Missing: tt.missing}
			var o Outcome
			got, changed := c.Translate([]byte("before "), []byte(tt.in), &o)
			if want := "before " + tt.want; string(got) != want || changed != (tt.in != tt.want) {
				t.Errorf("%q becomes %q, changed %t; want %q", tt.in, got, changed, want)
			}
			if diff := cmp.Diff(tt.out, o); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParsePattern(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, err string }{
		{`_(\d+)$`, ""},
		{`(?:a|b)/(\d+)`, ""},
		{`(?P<id>\d+)`, ""},
		{`\d+`, `pattern \d+ has no group: put the ID in parentheses, as in _(\d+)$`},
		{`(a)(b)`, `pattern (a)(b) has 2 groups, one of which is the ID: write the others as (?:…)`},
		{`(\d+`, `pattern (\d+: missing closing ) in (\d+ (the syntax is that of RE2: without look-around and back-references)`},
		{`(?=x)(\d+)`, `pattern (?=x)(\d+): invalid or unsupported Perl syntax in (?= (the syntax is that of RE2: without look-around and back-references)`},
	}
	for _, tt := range tests {
		_, err := ParsePattern(tt.text)
		msg := ""
		if err != nil {
			msg = err.Error()
		}
		if msg != tt.err {
			t.Errorf("ParsePattern(%s):\ngot  %s\nwant %s", tt.text, msg, tt.err)
		}
	}
}

// shapes are drawn with the texts that stand around IDs in them.
func drawColumn(t *rapid.T) (c Column, around *rapid.Generator[string]) {
	c = Column{Table: tableOf(map[string]Answer{
		"C1": {"N1", Live}, "C2": {"N2", Live}, "C3": {"N1", Redirected}, "C4": {"", Gone}, "N1": {"N1", Live}, "N2": {"N2", Live},
	})}
	c.Missing = rapid.SampledFrom([]Missing{Fail, Keep, Empty, Divert}).Draw(t, "missing")
	around = rapid.SampledFrom([]string{"", " ", "\t"})
	if rapid.Bool().Draw(t, "list") {
		c.Shape.Split = rapid.SampledFrom([]string{";", ", ", " ", "||"}).Draw(t, "split")
	}
	if rapid.Bool().Draw(t, "pattern") {
		c.Shape.Pattern = regexp.MustCompile(`#(\w+)!`)
		around = rapid.SampledFrom([]string{"", " ", "x", "客", "#"})
	}
	if rapid.Bool().Draw(t, "none") {
		c.Shape.None = []string{"0"}
	}
	return c, around
}

// drawText puts a text together that has the shape of a column; frame is what
// stands outside of its IDs.
func drawText(t *rapid.T, c *Column, around *rapid.Generator[string]) (text string, frame string) {
	id := rapid.SampledFrom([]string{"C1", "C2", "C3", "C4", "X9", "N1", "0", ""})
	elements := 1
	if c.Shape.Split != "" {
		elements = rapid.IntRange(1, 5).Draw(t, "elements")
	}
	for i := range elements {
		if i > 0 {
			text, frame = text+c.Shape.Split, frame+c.Shape.Split
		}
		before, after := around.Draw(t, "before"), around.Draw(t, "after")
		if c.Shape.Pattern != nil {
			before, after = before+"#", "!"+after
		}
		text, frame = text+before+id.Draw(t, "id")+after, frame+before+after
	}
	return text, frame
}

// TestOutsideOfIDs: what stands outside of IDs never changes, and nothing is
// lost or counted twice.
func TestOutsideOfIDs(t *testing.T) {
	t.Parallel()
	ids := regexp.MustCompile(`[CNX]\d|0`)
	rapid.Check(t, func(t *rapid.T) {
		c, around := drawColumn(t)
		if c.Missing == Empty && c.Shape.Pattern == nil {
			c.Missing = Keep // what Empty takes away beside IDs has tests of its own
		}
		text, frame := drawText(t, &c, around)
		var o Outcome
		out, changed := c.Translate(nil, []byte(text), &o)
		if got := ids.ReplaceAllString(string(out), ""); got != frame {
			t.Fatalf("%q becomes %q: around IDs stood %q, now %q", text, out, frame, got)
		}
		if changed != (string(out) != text) {
			t.Fatalf("%q becomes %q, changed = %t", text, out, changed)
		}
		if o.IDs != o.Translated+len(o.Lost) || o.Unchanged > o.Translated || o.Redirected > o.Translated {
			t.Fatalf("%q: the outcome %+v does not add up", text, o)
		}
	})
}

// TestTwice: a text that was translated stays when it is translated again by a
// table that knows the answers.
func TestTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, around := drawColumn(t)
		text, _ := drawText(t, &c, around)
		var first, second Outcome
		once, _ := c.Translate(nil, []byte(text), &first)
		twice, changed := c.Translate(nil, once, &second)
		if changed || !bytes.Equal(once, twice) {
			t.Fatalf("%q becomes %q, and that becomes %q", text, once, twice)
		}
		if second.Unchanged != first.Translated {
			t.Fatalf("%q: %d IDs were translated, %d are the answer now", text, first.Translated, second.Unchanged)
		}
	})
}

func TestTranslateAllocatesNothing(t *testing.T) {
	c := Column{Table: known(), Shape: Shape{None: []string{"0"}}}
	list := Column{Table: known(), Shape: Shape{Split: ";"}}
	text, ids, none := []byte(" C1 "), []byte("C1;C2;N1"), []byte("0")
	dst := make([]byte, 0, 64)
	var o Outcome
	if n := testing.AllocsPerRun(100, func() {
		dst, _ = c.Translate(dst[:0], text, &o)
		dst, _ = c.Translate(dst[:0], none, &o)
		dst, _ = list.Translate(dst[:0], ids, &o)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzTranslate: no text makes a column panic or lose what is no ID.
func FuzzTranslate(f *testing.F) {
	f.Add("C1; X1 ;;C2", ";", uint8(Empty))
	f.Add("\xff\u3000C1\u00a0,", ",", uint8(Keep))
	f.Fuzz(func(t *testing.T, text, split string, missing uint8) {
		c := Column{Table: known(), Shape: Shape{Split: split}, Missing: Missing(missing % 4)}
		var o Outcome
		out, changed := c.Translate(nil, []byte(text), &o)
		if changed == (string(out) == text) && o.IDs > 0 && strings.TrimSpace(text) != "" {
			t.Errorf("%q becomes %q, changed = %t", text, out, changed)
		}
		if o.IDs != o.Translated+len(o.Lost) {
			t.Errorf("%q: the outcome %+v does not add up", text, o)
		}
		if o.IDs == len(o.Lost) && c.Missing != Empty && string(out) != text {
			t.Errorf("%q becomes %q, though nothing has an answer", text, out)
		}
	})
}
