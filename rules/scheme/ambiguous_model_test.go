package scheme

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// bruteTokens are tokens as the documentation has them: what they read, of
// least to most characters.
var bruteTokens = map[string]struct {
	least, most int
	shape       func(r rune) bool // of every character
	reads       func(text string) bool
}{
	"{seq:1}": {1, 1, isAny("0123456789"), nil}, "{seq}": {1, maxKey, isAny("0123456789"), nil}, "{seq:1-2}": {1, 2, isAny("0123456789"), nil},
	"{letters:1}":       {1, 1, isAny(capital + small), nil},
	"{hex:1}":           {1, 1, isAny("0123456789ABCDEFabcdef"), nil},
	"{base32:1-2}":      {1, 2, isAny("0123456789ABCDEFGHIJKLMNOPQRSTVWXYZabcdefghijklmnopqrstvwxyz"), nil},
	"{any:1}":           {1, 1, func(rune) bool { return true }, nil},
	"{any}":             {1, maxKey, func(rune) bool { return true }, nil},
	"{date:MM}":         {2, 2, isAny("0123456789"), isTime("01")},
	"{date:YY-MM}":      {5, 5, isAny("0123456789-"), isTime("06-01")},
	"{date:MMDD}":       {4, 4, isAny("0123456789"), isTime("0102")},
	"{code:short}":      {1, 2, isAny("0A"), isOne("0", "A0")},
	"{code:han}":        {1, 2, beyondASCII, isOne("北", "北京")},
	"{code:mixed}":      {1, 3, func(r rune) bool { return r == '1' || beyondASCII(r) }, isOne("1", "京", "1京北")},
	"{code:one}":        {1, 1, beyondASCII, isOne("北", "京")},
	"{check:luhn}":      {1, 1, isAny("0123456789"), nil},
	"{check:gs1-mod10}": {1, 1, isAny("0123456789"), nil},
}

var bruteCodes = Codes{"short": {"0", "A0"}, "han": {"北", "北京"}, "mixed": {"1", "京", "1京北"}, "one": {"北", "京"}}

func isAny(chars string) func(rune) bool {
	return func(r rune) bool { return strings.ContainsRune(chars, r) }
}

func beyondASCII(r rune) bool { return r >= utf8.RuneSelf }

func isOne(texts ...string) func(string) bool {
	return func(text string) bool { return slices.Contains(texts, text) }
}

func isTime(layout string) func(string) bool {
	return func(text string) bool { _, err := time.Parse(layout, text); return err == nil }
}

// brutePart is a literal or a token, and in which bracket it stands: 0 is none.
type brutePart struct {
	text    string
	bracket int
}

// bruteReadings lists the readings of a text: every way in which the tokens
// cover it, and whether each token could have written its part.
func bruteReadings(parts []brutePart, text string) (out []string, valid []bool) {
	brackets := 0
	for _, p := range parts {
		brackets = max(brackets, p.bracket)
	}
	for present := range 1 << brackets {
		var row []string
		for _, p := range parts {
			if p.bracket == 0 || present&(1<<(p.bracket-1)) != 0 {
				row = append(row, p.text)
			}
		}
		var walk func(row []string, rest, before, reading string, ok bool)
		walk = func(row []string, rest, before, reading string, ok bool) {
			if len(row) == 0 {
				if rest == "" {
					out, valid = append(out, fmt.Sprintf("%d:%s", present, reading)), append(valid, ok)
				}
				return
			}
			tok, isToken := bruteTokens[row[0]]
			if !isToken {
				if after, found := strings.CutPrefix(rest, row[0]); found {
					walk(row[1:], after, before+row[0], reading+row[0], ok)
				}
				return
			}
			n := 0
			for i, r := range rest {
				if n++; !tok.shape(r) || n > tok.most {
					return
				}
				part := rest[:i+utf8.RuneLen(r)]
				if n < tok.least {
					continue
				}
				holds := tok.reads == nil || tok.reads(part)
				if alg, isCheck := strings.CutPrefix(row[0], "{check:"); isCheck {
					holds = CheckHolds(strings.TrimSuffix(alg, "}"), "0"+before, part) // no digits count as 0
				}
				walk(row[1:], rest[len(part):], before+part, reading+"<"+part+">", ok && holds)
			}
		}
		walk(row, text, "", "", true)
	}
	return out, valid
}

func drawBrute(t *rapid.T) (parts []brutePart, text string) {
	pieces := []string{"A", "-", "0", "北"}
	pieces = append(pieces, slices.Sorted(maps.Keys(bruteTokens))...)
	bracket := 0
	for range rapid.IntRange(1, 4).Draw(t, "parts") {
		p := brutePart{text: rapid.SampledFrom(pieces).Draw(t, "part")}
		if rapid.IntRange(0, 2).Draw(t, "optional") == 0 {
			bracket++
			p.bracket = bracket
			text += "[" + p.text
			parts = append(parts, p)
			if rapid.Bool().Draw(t, "two") {
				p.text = rapid.SampledFrom(pieces).Draw(t, "part")
				text += p.text
				parts = append(parts, p)
			}
			text += "]"
			continue
		}
		text += p.text
		parts = append(parts, p)
	}
	return parts, text
}

// TestReadingsAgainstBruteForce reads every short text by a reader that tries
// everything: a scheme that compiles has one reading for each, and it is the
// one that Parse finds; a scheme that is refused has a text with two.
func TestReadingsAgainstBruteForce(t *testing.T) {
	t.Parallel()
	var texts []string
	var all func(prefix string, n int)
	all = func(prefix string, n int) {
		if texts = append(texts, prefix); n > 0 {
			for _, c := range []string{"0", "1", "A", "-", "北", "京"} {
				all(prefix+c, n-1)
			}
		}
	}
	all("", 4)
	checks(t, 100, func(t *rapid.T) {
		parts, text := drawBrute(t)
		p := newParser(text, inSource)
		p.codes = bruteCodes
		s := &Scheme{text: text, forms: p.forms(p.parse())}
		if p.err() != nil {
			t.Skip(p.err().Error())
		}
		if ambiguous, found, done := s.witness(); !done {
			t.Fatalf("%s: no proof", text)
		} else if found {
			if readings, _ := bruteReadings(parts, ambiguous); len(readings) < 2 {
				t.Fatalf("%s is refused for %q, which has the readings %q", text, ambiguous, readings)
			}
			if one, other, _ := s.twoReadings(ambiguous); one == "one reading" {
				t.Fatalf("%s: %q is read as %q and %q", text, ambiguous, one, other)
			}
			return
		}
		for _, id := range texts {
			readings, valid := bruteReadings(parts, id)
			if len(readings) > 1 {
				t.Fatalf("%s is taken, and %q has the readings %q", text, id, readings)
			}
			want := len(readings) == 1 && valid[0]
			parsed, err := s.Parse(id)
			if (err == nil) != want {
				t.Fatalf("%s: Parse(%q) gives %v, and the readings are %q %v", text, id, err, readings, valid)
			}
			if err != nil {
				continue
			}
			got, k := "", 0
			for _, el := range s.forms[parsed.Form].elements {
				if el.kind == literal {
					got += el.text
				} else {
					got += "<" + parsed.Parts[k].Text + ">"
					k++
				}
			}
			if _, reading, _ := strings.Cut(readings[0], ":"); got != reading {
				t.Fatalf("%s: %q is read as %s, want %s", text, id, got, reading)
			}
			if again, err := s.Format(parsed); err != nil || again != id {
				t.Fatalf("%s: %q comes back as %q, %v", text, id, again, err)
			}
		}
	})
}

// TestCapacityIsACount writes all IDs of small schemes.
func TestCapacityIsACount(t *testing.T) {
	t.Parallel()
	runes := func(chars string) []string { return strings.Split(chars, "") }
	var months, days, twos []string
	for day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == 2000; day = day.AddDate(0, 0, 1) {
		days = append(days, day.Format("02.01"))
	}
	for i := range 100 {
		if twos = append(twos, fmt.Sprintf("%02d", i)); 1 <= i && i <= 12 {
			months = append(months, twos[i])
		}
	}
	tokens := map[string][]string{
		"{seq:1}": runes(digits), "{seq:1-2}": append(runes(digits), twos...), "{letters:1}": runes(capital + small), "{hex:1}": runes("0123456789abcdef"),
		"{base32:1}": runes("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), "{date:MM}": months, "{date:DD.MM}": days, "{date:YY}": twos,
		"{code:short}": {"0", "A0"}, "{code:mixed}": {"1", "京", "1京北"}, "{check:damm}": {""}, "{check:mod97-10}": {""},
	}
	names := slices.Sorted(maps.Keys(tokens))
	rapid.Check(t, func(t *rapid.T) {
		text, size := "", 1
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			name := rapid.SampledFrom(names).Draw(t, "token")
			if size *= len(tokens[name]); size > 20_000 {
				break
			}
			sep := rapid.SampledFrom([]string{"", "", "-", "A"}).Draw(t, "literal")
			if rapid.IntRange(0, 2).Draw(t, "optional") == 0 {
				name = "[" + name + sep + "]"
			} else {
				name += sep
			}
			text += name
		}
		s, err := Compile(text, bruteCodes)
		if err != nil {
			t.Skip(err.Error())
		}
		ids := map[string]bool{}
		for form := range s.forms {
			var walk func(elements []element, parts []Part)
			walk = func(elements []element, parts []Part) {
				if len(elements) == 0 {
					id, err := s.Format(Parts{form, parts})
					if err != nil || !s.Match(id) {
						t.Fatalf("%s writes %q, %v, and reads it: %v", text, id, err, s.Match(id))
					}
					ids[id] = true
					return
				}
				el := elements[0]
				if el.kind == literal {
					walk(elements[1:], parts)
					return
				}
				token := "{" + el.token + ":" + el.arg + "}"
				for _, choice := range tokens[token] {
					walk(elements[1:], append(slices.Clip(parts), Part{el.name, choice}))
				}
			}
			walk(s.forms[form].elements, nil)
		}
		if n, bounded := s.Capacity(); !bounded || n.Cmp(big.NewInt(int64(len(ids)))) != 0 {
			t.Fatalf("%s has the capacity %v, and writes %d IDs", text, n, len(ids))
		}
	})
}

// TestDatesAgainstTime reads all texts of up to six digits as dates.
func TestDatesAgainstTime(t *testing.T) {
	t.Parallel()
	for layout, std := range map[string]string{
		"MM": "01", "YY": "06", "MMDD": "0102", "DDMM": "0201", "YYMM": "0601", "YYYY": "2006", "YYMMDD": "060102", "DDMMYY": "020106", "YYYYMM": "200601", "MMYYYY": "012006",
	} {
		s := compile(t, "{date:"+layout+"}")
		n := int64(0)
		limit := 1
		for range layout {
			limit *= 10
		}
		for i := range limit {
			text := fmt.Sprintf("%0*d", len(layout), i)
			day, err := time.Parse(std, text)
			want := err == nil && (day.Year() >= 1000 || !strings.Contains(layout, "YY"))
			if s.Match(text) != want {
				t.Fatalf("%s: %s is a date: %v, want %v", layout, text, !want, want)
			}
			if want {
				n++
			}
		}
		if got, _ := s.Capacity(); got.Int64() != n {
			t.Errorf("%s: %d dates, want %d", layout, got, n)
		}
	}
}

// TestCompileTakesAnyText puts the words of the language into any order.
func TestCompileTakesAnyText(t *testing.T) {
	t.Parallel()
	words := []string{
		"{", "}", "[", "]", `\`, ":", "(", ")", ",", "-", "+", "0", "255", "256", "3-7", "客", "\x00", "\xff", " ", "{seq}", "{any:255}", "{date:", "YYYY", "MMDD", "hh",
		"{code:gb2260}", "{code:branch", "{uuid}", "{salesforce}", "{unix", "{base32:4}", "{check:luhn", "{check:mod97-10(seq)}", "{next:", "{field:region}", "{hash:3}", "A",
	}
	checks(t, 100, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 12).Draw(t, "words"), "")
		id := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 6).Draw(t, "ID"), "")
		compileAny(t, text, id)
	})
}

// compileAny compiles whatever text and reads whatever ID.
func compileAny(t interface{ Fatalf(string, ...any) }, text, id string) {
	if _, err := CompileCanonical(text); err != nil && err.Error() == "" {
		t.Fatalf("%q: an error without a text", text)
	}
	s, err := Compile(text, bruteCodes)
	if err != nil {
		var list Errors
		if !errors.As(err, &list) || len(list) == 0 {
			t.Fatalf("%q: error %v", text, err)
		}
		for _, e := range list {
			if n := utf8.RuneCountInString(text) + 1; e.Column < 1 || e.Column > n || e.Width < 1 || e.Message == "" {
				t.Fatalf("%q: column %d, width %d: %s", text, e.Column, e.Width, e.Message)
			}
		}
		return
	}
	s.Capacity()
	s.Outlines()
	p, err := s.Parse(id)
	if (err == nil) != s.Match(id) {
		t.Fatalf("%q: Parse(%q) is %v, Match is %v", text, id, err, s.Match(id))
	}
	key, at := NewSet(s).Key(id)
	if (at < 0) != (err != nil) {
		t.Fatalf("%q: Parse(%q) is %v, and its key is %q, %d", text, id, err, key, at)
	}
	if err != nil {
		return
	}
	if again, err := s.Format(p); err != nil || again != id {
		t.Fatalf("%q: %q comes back as %q, %v", text, id, again, err)
	}
	if again, at := NewSet(s).Key(key); again != key || at < 0 {
		t.Fatalf("%q: the key of %q is %q, whose key is %q, %d", text, id, key, again, at)
	}
}
