package scheme

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func compile(t testing.TB, text string) *Scheme {
	t.Helper()
	s, err := Compile(text, nil)
	if err != nil {
		t.Fatalf("Compile(%q): %v", text, err)
	}
	return s
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scheme, id string
		want       string // "name=text …", or empty: does not fit
	}{
		{"C{seq:4}", "C0001", "seq=0001"},
		{"C{seq:4}", "C001", ""},
		{"C{seq:4}", "C00001", ""},
		{"C{seq:4}", "c0001", ""},
		{"C{seq:4}", "C000A", ""},
		{"C{seq:4}", "", ""},
		{"{seq}", "7", "seq=7"},
		{"{seq}", "７", ""},
		{"{seq}", strings.Repeat("1", 255), "seq=" + strings.Repeat("1", 255)},
		{"{seq}", strings.Repeat("1", 256), ""},
		{"U{seq:3-7}", "U12", ""},
		{"U{seq:3-7}", "U123", "seq=123"},
		{"U{seq:3-7}", "U1234567", "seq=1234567"},
		{"U{seq:3-7}", "U12345678", ""},
		{"U{seq:4+}", "U123", ""},
		{"U{seq:4+}", "U12345", "seq=12345"},
		{"{letters:2}{alnum:3}", "abX9z", "letters=ab alnum=X9z"},
		{"{letters:2}{alnum:3}", "a1X9z", ""},
		{"#{letters:1}{seq:3}", "#A001", "letters=A seq=001"},
		{"客户{seq:4}", "客户0001", "seq=0001"},
		{"客户{seq:4}", "客0001", ""},
		{"{any:2}{seq:4}", "客户0001", "any=客户 seq=0001"},
		{"{any:2}{seq:4}", "AB0001", "any=AB seq=0001"},
		{"{any:2}{seq:4}", "客0001", ""},
		{"{any}", "émile-1", "any=émile-1"},
		{"{any}", "a\xffb", ""},
		{"{seq}{seq:4}", "123456", "seq=12 seq2=3456"},
		{"{seq}{check:luhn}", "79927398713", "seq=7992739871 check=3"},
		{"{seq}{check:luhn}", "79927398714", ""},
		{"{seq}{check:luhn}", "8", ""},
		{"{any}-{seq}", "a-b-1", "any=a-b seq=1"},
		{"{alnum}-{alnum}-{seq}", "a-b-1", "alnum=a alnum2=b seq=1"},
		{"{seq}.{seq:2+}.{seq}", "1.2.3", ""},
		{"{seq}.{seq:2+}.{seq}", "1.22.3", "seq=1 seq2=22 seq3=3"},
		{"[K-]{seq:4}", "K-0001", "seq=0001"},
		{"[K-]{seq:4}", "0001", "seq=0001"},
		{"{seq:4}[-{seq:2}[/{letters:1}]]", "0001", "seq=0001"},
		{"{seq:4}[-{seq:2}[/{letters:1}]]", "0001-22", "seq=0001 seq2=22"},
		{"{seq:4}[-{seq:2}[/{letters:1}]]", "0001-22/A", "seq=0001 seq2=22 letters=A"},
		{"{seq:4}[-{seq:2}[/{letters:1}]]", "0001/A", ""},
		{`\{{seq}\}`, "{12}", "seq=12"},
		{`\[{seq}\]\\`, `[12]\`, "seq=12"},
		{"AB{seq:4}-{letters:2}{check:mod97-10(seq)}", "AB0794-ZZ44", "seq=0794 letters=ZZ check=44"},
		{"{check:luhn(seq)}-{seq:4}", "9-7894", "check=9 seq=7894"},
		{"P{date:YYYYMMDD}{seq:2}", "P2024022901", "date=20240229 seq=01"},
		{"P{date:YYYYMMDD}{seq:2}", "P2023022901", ""},
		{"P{date:YYYYMMDD}{seq:2}", "P2024130101", ""},
		{"P{date:YYYYMMDD}{seq:2}", "P0999010101", ""},
		{"P{date:YYYYMMDD}{seq:2}", "P1900022901", ""},
		{"P{date:YYYYMMDD}{seq:2}", "P2000022901", "date=20000229 seq=01"},
		{"{date:YYMM}-{seq}", "2412-7", "date=2412 seq=7"},
		{"{date:YYMM}-{seq}", "2413-7", ""},
		{"{date:DD.MM.YYYY}/{seq}", "31.12.2024/7", "date=31.12.2024 seq=7"},
		{"{date:DD.MM.YYYY}/{seq}", "31-12-2024/7", ""},
		{"{date:DD.MM.YYYY}/{seq}", "31.11.2024/7", ""},
		{"{date:MMDD}{seq:3}", "0229001", "date=0229 seq=001"},
		{"{date:MMDD}{seq:3}", "0230001", ""},
		{"{date:YYMMDD}{seq:3}", "000229001", "date=000229 seq=001"},
		{"{date:YYMMDD}{seq:3}", "010229001", ""},
		{"{date:YYYY-MM-DDThh:mm:ss}Z", "2024-01-31T23:59:59Z", "date=2024-01-31T23:59:59"},
		{"{date:YYYY-MM-DDThh:mm:ss}Z", "2024-01-31T24:00:00Z", ""},
		{"{seq}{date:YYYYMMDD}", "120240229", "seq=1 date=20240229"},
		{"{seq}{date:YYYYMMDD}", "120230229", ""},
		{"U{unix}", "U1700000000", "unix=1700000000"},
		{"U{unix}", "U999999999", "unix=999999999"},
		{"U{unix}", "U0700000000", ""},
		{"U{unix}", "U17000000000", ""},
		{"U{unixms}", "U1700000000123", "unixms=1700000000123"},
		{"{hex:4}", "00fF", "hex=00fF"},
		{"{hex:4}", "00fg", ""},
		{"{base32:4}", "0oIl", "base32=0oIl"},
		{"{base32:4}", "0U11", ""},
		{"{check:luhn(seq2,seq)}-{seq:2}/{seq:2}", "9-94/78", "check=9 seq=94 seq2=78"},
	} {
		s := compile(t, c.scheme)
		p, err := s.Parse(c.id)
		var got []string
		for _, part := range p.Parts {
			got = append(got, part.Name+"="+part.Text)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: Parse(%q) %v (-want +got):\n%s", c.scheme, c.id, err, diff)
		}
		if (err == nil) != (c.want != "") || s.Match(c.id) != (c.want != "") {
			t.Errorf("%s: Parse(%q) is %v and Match is %v", c.scheme, c.id, err, s.Match(c.id))
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := compile(t, "K-{seq:4}{check:luhn}")
	_, err := s.Parse("K-00019")
	var m *MatchError
	if !errors.As(err, &m) || m.Check != "luhn" {
		t.Errorf("wrong check: %v", err)
	}
	_, err = s.Parse("secret")
	if !errors.As(err, &m) || m.Check != "" || strings.Contains(err.Error(), "secret") {
		t.Errorf("wrong shape: %v", err)
	}
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want string // column: message (hint) of each problem, parts of it
	}{
		{"", "1: the scheme is empty"},
		{"C{sqe:4}", "3: unknown token {sqe} (did you mean {seq}?)"},
		{"客户{SEQ:4}", "4: unknown token {SEQ} (did you mean {seq}?)"},
		{"C{}", "3: the token has no name"},
		{"C{date}", "8: {date} needs a layout"},
		{"C{date:YYYYXX}", "12: 'X' is not a part of a date"},
		{"C{date:YYYYYY}", "12: the date has YY twice"},
		{"C{date:YYYYDD}", "8: the date has a smaller part without the larger one"},
		{"C{date:--}", "8: the date has neither year nor month"},
		{"C{unix:10}", "8: the token takes no width"},
		{"{code:region}{seq}", "7: unknown code list \"region\" (known are gb2260"},
		{"{code:gb2261}{seq}", "7: unknown code list \"gb2261\" (did you mean {code:gb2260}?"},
		{"{code}{seq}", "{code} needs the name of a code list"},
		{"{uuid:8}", "the token takes no width"},
		{"C{next:8}", "3: {next} belongs into canonical schemes only"},
		{"C{random:8}", "3: {random} belongs into canonical schemes only"},
		{"C{seq:0}", `7: "0" is not a width`},
		{"C{seq:x}", `7: "x" is not a width`},
		{"C{seq:}", `7: "" is not a width`},
		{"C{seq:256}", `7: "256" is not a width`},
		{"C{seq:7-3}", "7: the range 7-3 ends before it starts (write 3-7)"},
		{"C{seq", "2: { is never closed"},
		{"C[{seq}", "2: [ is never closed"},
		{"C]{seq}", "2: ] closes no optional part"},
		{"C}{seq}", "2: } closes no token"},
		{"C[]{seq}", "2: the optional part is empty"},
		{`C\d{seq}`, "2: a backslash stands before"},
		{`{seq}\`, "6: a backslash stands before"},
		{"[{seq}]", "1: the whole scheme is optional"},
		{"{seq}{check:lunh}", `13: unknown check algorithm "lunh" (did you mean luhn?)`},
		{"{seq}{check}", "{check} needs an algorithm"},
		{"{seq}{check:luhn(sec)}", `18: the scheme has no component "sec" for the check to cover (did you mean seq?)`},
		{"{seq}{check:luhn(seq, seq)}", "23: the check names seq twice"},
		{"{seq}{check:luhn(seq}", "17: the list of components is not closed"},
		{"{letters:4}{check:luhn}", "12: the check luhn covers nothing: it reads digits"},
		{"{check:luhn}{seq}", "1: the check luhn covers nothing"},
		{"[{seq:4}-]{letters:2}{check:luhn}", "22: the check luhn covers nothing"},
		{"{foo}{seq:x}]", "2: unknown token {foo}|11: \"x\" is not a width|13: ] closes"},
		{"{alnum}{seq}", `8: ambiguous: "111" is alnum=1 seq=11 as well as alnum=11 seq=1`},
		{"{seq:3-7}{seq:2-3}", "10: ambiguous"},
		{"[0]{seq}", `ambiguous: "01" is 0 seq=1 as well as seq=01`},
		{"{any}-{any}", "ambiguous"},
		{"{seq:4}[{seq:2}]{seq}", "ambiguous"},
		{"[A]{seq:1}[A]", ""},
		{"[A][A]{seq:1}", "ambiguous"},
		{"{seq:5-8}[{check:luhn}]", "ambiguous"},
		{strings.Repeat("[{seq:1}-]", 7) + "{letters}", "too many optional parts"},
		{strings.Repeat("{seq:1}-", 20) + "{letters}", "too many parts"},
		{"{seq:200}-{seq:200}", "no ID of at most 255 bytes"},
	} {
		_, err := Compile(c.text, nil)
		var list Errors
		if err != nil && !errors.As(err, &list) {
			t.Fatalf("Compile(%q): %T", c.text, err)
		}
		var got []string
		for _, e := range list {
			line := fmt.Sprintf("%d: %s", e.Column, e.Message)
			if e.Hint != "" {
				line += " (" + e.Hint + ")"
			}
			got = append(got, line)
			if n := len([]rune(c.text)) + 1; e.Column < 1 || e.Column > n || e.Width < 1 {
				t.Errorf("Compile(%q): column %d width %d", c.text, e.Column, e.Width)
			}
		}
		for i, want := range strings.Split(c.want, "|") {
			if want == "" && len(got) == 0 {
				continue
			}
			if i >= len(got) || want == "" || !strings.Contains(got[i], want) {
				t.Errorf("Compile(%q) = %q, want %q", c.text, got, c.want)
			}
		}
		if len(got) > len(strings.Split(c.want, "|")) {
			t.Errorf("Compile(%q) has %d problems: %q", c.text, len(got), got)
		}
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scheme string
		rule   KeyRule
		want   string
	}{
		{"C{seq:4}", KeyRule{}, ""},
		{"客户-{seq:4}[ x]", KeyRule{}, ""},
		{"c{seq:4}", KeyRule{Case: "upper"}, `character 1: 'c' (U+0063) stands in no key, so no ID fits (write 'C',`},
		{"[AB-]C{seq:4}", KeyRule{Case: "lower"}, "character 2: 'A'"},
		{"AB–{seq:4}", KeyRule{}, "character 3: '–' (U+2013) stands in no key, so no ID fits (write '-',"},
		{"ABＣ{seq:4}", KeyRule{}, "character 3"},
		{"ABＣ{seq:4}", KeyRule{Width: "exact"}, ""},
		{"{seq:4}\u200b", KeyRule{}, "(leave it out,"},
		{"C\u00a0{seq:4}", KeyRule{}, "(write ' ',"},
		{"{salesforce}", KeyRule{Case: "upper"}, "character 1: the case of a Salesforce ID tells customers apart"},
		{"{salesforce}", KeyRule{}, ""},
		{"{letters:2}{uuid}", KeyRule{Case: "upper"}, ""},
		{"b{seq:7}{check:sierra-mod11}", KeyRule{Case: "lower"}, ""},
		{"B{seq:7}{check:sierra-mod11}", KeyRule{Case: "upper"}, "character 9: {check} reads 'x', which stands in no key"},
		{"C\u00a0{seq:4}", KeyRule{Space: "exact"}, ""},
		{" C{seq:4}", KeyRule{}, "character 1: no key starts or ends with a space"},
		{"客{seq:4} ", KeyRule{}, "character 9: no key starts or ends with a space"},
		{" C{seq:4} ", KeyRule{Space: "exact"}, ""},
		{"[ ]C{seq:4}[ ]", KeyRule{}, ""},
	} {
		err := compile(t, c.scheme).CheckKey(keyer(t, c.rule))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s under %+v: %v, want %q", c.scheme, c.rule, err, c.want)
		}
	}
}

func TestFormatRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	s := compile(t, "[K-]{seq:4}{check:luhn}")
	for name, p := range map[string]Parts{
		"form":      {Form: 2, Parts: []Part{{"seq", "0001"}, {"check", "8"}}},
		"negative":  {Form: -1},
		"too few":   {Parts: []Part{{"seq", "0001"}}},
		"too many":  {Parts: []Part{{"seq", "0001"}, {"check", "8"}, {"seq2", "1"}}},
		"name":      {Parts: []Part{{"sec", "0001"}, {"check", "8"}}},
		"width":     {Parts: []Part{{"seq", "001"}, {"check", "8"}}},
		"character": {Parts: []Part{{"seq", "00O1"}, {"check", "8"}}},
		"check":     {Parts: []Part{{"seq", "0001"}, {"check", "7"}}},
	} {
		if id, err := s.Format(p); err == nil {
			t.Errorf("%s: Format gives %q", name, id)
		}
	}
	for form, want := range []string{"K-00018", "00018"} {
		got, err := s.Format(Parts{Form: form, Parts: []Part{{"seq", "0001"}, {"check", ""}}})
		if err != nil || got != want {
			t.Errorf("form %d: %q, %v, want %q", form, got, err, want)
		}
	}
	if _, err := compile(t, "{any:255}").Format(Parts{Parts: []Part{{"any", strings.Repeat("é", 255)}}}); err == nil {
		t.Error("an ID of 510 bytes is written")
	}
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"C{seq:4}":                   "10000",
		"C{seq:1-2}":                 "110",
		"C{seq:4}{check:luhn}":       "10000",
		"[K-]{seq:4}":                "20000",
		"{seq:4}[-{letters:1}]":      "530000",
		"{alnum:20}":                 new(big.Int).Exp(big.NewInt(62), big.NewInt(20), nil).String(),
		"constant":                   "1",
		"{date:YYYYMMDD}":            "3287182",
		"{date:YYMM}{seq:2}":         "120000",
		"{date:YYMMDD}":              "36525",
		"{date:MMDD}":                "366",
		"{date:YYYY}":                "9000",
		"{date:YYYYMMDDhhmmss}":      "284012524800",
		"{unix}":                     "9900000000",
		"{hex:2}":                    "256",
		"{base32:2}":                 "1024",
		"{seq}":                      "",
		"{seq:3+}":                   "",
		"{any:3}":                    "",
		"[{letters}]{seq:4}-{seq:2}": "",
	} {
		n, bounded := compile(t, text).Capacity()
		got := ""
		if bounded {
			got = n.String()
		}
		if got != want {
			t.Errorf("%s: capacity %q, want %q", text, got, want)
		}
	}
}

// drawScheme makes the text of a scheme and a regular expression that reads
// the same, checks apart.
func drawScheme(t *rapid.T, depth int) (text, expr string) {
	for range rapid.IntRange(1, 4).Draw(t, "parts") {
		switch k := rapid.IntRange(0, 5).Draw(t, "part"); {
		case k == 0 && depth > 0:
			inText, inExpr := drawScheme(t, depth-1)
			text += "[" + inText + "]"
			expr += "(?:" + inExpr + ")?"
		case k <= 1:
			lit := rapid.SampledFrom([]string{"A", "-", "0", "客", `\[`, "1B"}).Draw(t, "literal")
			text += lit
			expr += regexp.QuoteMeta(strings.ReplaceAll(lit, `\`, ""))
		default:
			tok := rapid.SampledFrom([][2]string{
				{"seq", "[0-9]"}, {"letters", "[A-Za-z]"}, {"alnum", "[0-9A-Za-z]"}, {"any", `(?s:.)`},
			}).Draw(t, "token")
			w := rapid.SampledFrom([][2]string{{"", "{1,255}"}, {":1", "{1}"}, {":2", "{2}"}, {":1-2", "{1,2}"}, {":2+", "{2,255}"}}).Draw(t, "width")
			text += "{" + tok[0] + w[0] + "}"
			expr += tok[1] + w[1]
		}
	}
	return text, expr
}

// drawID makes an ID of one of the scheme's forms.
func drawID(t *rapid.T, s *Scheme) (string, error) {
	p := Parts{Form: rapid.IntRange(0, len(s.forms)-1).Draw(t, "form")}
	for _, el := range s.forms[p.Form].elements {
		text := ""
		switch el.kind {
		case literal:
			continue
		case reader:
			chars := map[*class]string{
				classDigit: "019", classLetter: "Az", classAlnum: "0Az", classAny: "0A-客é",
			}[el.class]
			text = rapid.StringOfN(rapid.RuneFrom([]rune(chars)), el.min, min(el.max, el.min+2), -1).Draw(t, el.name)
		}
		p.Parts = append(p.Parts, Part{el.name, text})
	}
	return s.Format(p)
}

func TestParseFormatIsIdentity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, expr := drawScheme(t, 2)
		if rapid.Bool().Draw(t, "check") {
			text += "{check:" + rapid.SampledFrom([]string{"luhn", "mod97-10", "damm"}).Draw(t, "algorithm") + "}"
			expr += "[0-9]{1,2}"
		}
		s, err := Compile(text, nil)
		if err != nil {
			t.Skip(err.Error())
		}
		id, err := drawID(t, s)
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Parse(id)
		if err != nil {
			t.Fatalf("%s writes %q but does not read it: %v", text, id, err)
		}
		again, err := s.Format(p)
		if err != nil || again != id {
			t.Fatalf("%s: %q is read as %v and written as %q, %v", text, id, p, again, err)
		}
		if !s.Match(id) || !regexp.MustCompile("^(?:"+expr+")$").MatchString(id) {
			t.Fatalf("%s: %q does not match", text, id)
		}
	})
}

func TestMatchAgreesWithRegexp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, expr := drawScheme(t, 2)
		s, err := Compile(text, nil)
		if err != nil {
			t.Skip(err.Error())
		}
		re := regexp.MustCompile("^(?:" + expr + ")$")
		id := rapid.StringOfN(rapid.RuneFrom([]rune("01ABz-客[")), 0, 9, -1).Draw(t, "id")
		if got, want := s.Match(id), re.MatchString(id); got != want {
			t.Fatalf("%s: Match(%q) = %v, want %v", text, id, got, want)
		}
	})
}

// TestAmbiguityIsExact counts the readings of every short text over a small
// alphabet: more than one exactly for the schemes that are refused.
func TestAmbiguityIsExact(t *testing.T) {
	t.Parallel()
	var texts []string
	var all func(prefix string)
	all = func(prefix string) {
		texts = append(texts, prefix)
		if len([]rune(prefix)) < 6 {
			for _, c := range "0A-" {
				all(prefix + string(c))
			}
		}
	}
	all("")
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			text += rapid.SampledFrom([]string{
				"A", "-", "0", "[A]", "[-]", "[0]", "{seq:1}", "{seq}", "{letters:1}", "{letters}", "{alnum:1-2}", "{any:1}", "[{seq:1}-]", "[-{any:2}]",
			}).Draw(t, "part")
		}
		p := newParser(text, inSource)
		s := &Scheme{text: text, forms: p.forms(p.parse())}
		if p.err() != nil {
			t.Skip(p.err().Error())
		}
		p.refuseAmbiguous(s)
		most := 0
		for _, id := range texts {
			n := 0
			for i := range s.forms {
				s.forms[i].readings(id, func([]int) bool { n++; return true })
			}
			most = max(most, n)
		}
		if refused := p.err() != nil; refused != (most > 1) {
			t.Fatalf("%s: some text has %d readings, and Compile says %v", text, most, p.err())
		}
	})
}

func TestReadingDoesNotAllocate(t *testing.T) {
	for _, c := range [][2]string{
		{"C{seq:4}", "C0001"},
		{"{seq}{check:luhn}", "79927398713"},
		{"{any}-{seq}", "客户-1"},
		{"[K-]{alnum:2}{check:mod97-10(alnum)}", "K-A158"},
	} {
		s := compile(t, c[0])
		if n := testing.AllocsPerRun(100, func() { s.Match(c[1]) }); n != 0 {
			t.Errorf("%s: Match allocates %v times", c[0], n)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, c := range [][2]string{
		{"C{seq:4}", "C0001"},
		{"[K-]{letters:2}{seq:4+}{check:luhn}", "K-AB00018"},
		{`\{{any}\}`, "{x}"},
		{"{check:mod97-10(seq, alnum)}{seq:2}-{alnum}", "0312-A"},
		{"{", ""},
		{"[[", ""},
		{"{seq:3-7}{any:255}", "1"},
		{"[客]{hex:8}[.]{base32:2}", "客0a1b2c3d.oI"},
		{"{date:DD.MM.YYYY}/{date:hh}", "29.02.2024/23"},
		{"{unix}-{unixms}", "1700000000-1700000000000"},
		{"{code:gb2260}{date:YYYYMMDD}{seq:3}{check:gb11643}", "11010519491231002X"},
		{"{code:han}-[{code:mixed}]", "北京-1京北"},
		{"{uuid}[{ulid}]", "017F22E279B07CC398C4DC0C0C07398F"},
		{"{snowflake}|{objectid}", "175928847299117063|507f1f77bcf86cd799439011"},
		{"[-]{salesforce}", "70130000001tcyIAAQ"},
		{"[.]b{seq:7}[{check:sierra-mod11}]", ".b12345672"},
		{"{base32:3}[-{check:crockford37}]", "AO1-*"},
		{"C{field:region}{date:YYMM}{next:4}{check:mod11-2}", ""},
		{"N-{hash:6}", ""},
		{"{source}{random:8}", ""},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, text, id string) { compileAny(t, text, id) })
}
