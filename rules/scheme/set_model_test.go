package scheme

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The model of a set says what number an ID is: its components in their one
// spelling and its literals, without check characters and separators. It is
// made from Parse and Outlines alone and knows nothing of how keys are
// written.

var modelCodes = Codes{"branch": {"N", "SW", "北京"}, "place": {"北", "上海"}}

// modelPieces are what random schemes are made of.
var modelPieces = []string{
	"A", "B1", "0", "#", "客", "-", ".", `\[`,
	"[-]", "[-]", "[.]", "[ ]", "[A]", "[#]", "[A-]",
	"{seq:1}", "{seq:2}", "{seq:1-2}", "{seq}", "{letters:1}", "{alnum:2}", "{alnum:1-3}", "{hex:2}", "{base32:2}", "{base32:1-2}", "{any:1}", "{any:2}", "{any}",
	"{date:YYMM}", "{date:MMDD}", "{date:DD.MM.YYYY}", "{code:branch}", "{code:place}", "{code:gb2260-2}", "{unix}",
	"[{seq:1}-]", "[-{seq:1}]", "[{alnum:1}.]", "[-{letters:1}]", "[{base32:1}]",
	"{check}", "[{check}]", "[-{check}]",
}

var modelMachines = []string{"{uuid}", "{ulid}", "{objectid}", "{salesforce}", "{snowflake}"}

// modelTexts are what the components of random IDs are drawn from: few, so
// that IDs are often near to each other.
var modelTexts = map[string][]string{
	"date:YYMM": {"2402", "0112"}, "date:MMDD": {"0112", "0229"}, "date:DD.MM.YYYY": {"29.02.2024", "01.12.2001"},
	"code:branch": {"N", "SW", "北京"}, "code:place": {"北", "上海"}, "code:gb2260-2": {"11", "44"}, "unix:": {"110000000", "1100000000"},
	"code:gb2260": {"110105", "440305"}, "date:YYMMDD": {"491231", "000229", "010101"}, "date:YYYYMMDD": {"19491231", "20000229", "19010101"},
	"uuid:": {"017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017F22E279B07CC398C4DC0C0C07398F", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "117f22e279b07cc398c4dc0c0c07398f"},
	"ulid:": {"01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav"}, "objectid:": {"507f1f77bcf86cd799439011", "507F1F77BCF86CD799439011"},
	"salesforce:": {"70130000001tcyI", "70130000001tcyIAAQ", "70130000001tcyi"}, "snowflake:": {"175928847299117063", "1759288472991170631"},
}

func modelText(t *rapid.T, el *element) string {
	if texts := modelTexts[el.token+":"+el.arg]; texts != nil {
		return rapid.SampledFrom(texts).Draw(t, el.name)
	}
	chars := map[string]string{"seq": "012", "letters": "Aa", "alnum": "01Aa", "hex": "0Aa", "base32": "01OoAa", "any": "0A-客"}[el.token]
	return rapid.StringOfN(rapid.RuneFrom([]rune(chars)), el.min, min(el.max, el.min+1), -1).Draw(t, el.name)
}

// modelID is an ID of one of the scheme's forms; empty where a check cannot be
// written.
func modelID(t *rapid.T, s *Scheme) string {
	p := Parts{Form: rapid.IntRange(0, len(s.forms)-1).Draw(t, "form")}
	for i := range s.forms[p.Form].elements {
		switch el := &s.forms[p.Form].elements[i]; el.kind {
		case reader:
			p.Parts = append(p.Parts, Part{el.name, modelText(t, el)})
		case checker:
			p.Parts = append(p.Parts, Part{Name: el.name})
		}
	}
	id, _ := s.Format(p)
	return id
}

func modelScheme(t *rapid.T) *Scheme {
	text := ""
	if rapid.IntRange(0, 9).Draw(t, "machine") == 0 {
		text = rapid.SampledFrom(modelMachines).Draw(t, "token")
	}
	for range rapid.IntRange(1, 5).Draw(t, "parts") {
		piece := rapid.SampledFrom(modelPieces).Draw(t, "part")
		alg := rapid.SampledFrom([]string{"luhn", "damm", "mod97-10", "mod11-2", "gb32100", "crockford37", "noid29", "luhn-mod-16", "sierra-mod11"})
		if strings.Contains(piece, "{check}") {
			piece = strings.Replace(piece, "check", "check:"+alg.Draw(t, "algorithm"), 1)
		}
		text += piece
	}
	if rapid.IntRange(0, 19).Draw(t, "resident") == 0 {
		text = rapid.SampledFrom([]string{"{code:gb2260}{date:YYMMDD}{seq:3}", "{code:gb2260}{date:YYYYMMDD}{seq:3}{check:gb11643}"}).Draw(t, "number")
	}
	s, err := Compile(text, modelCodes)
	if err != nil {
		return nil
	}
	return s
}

func modelSchemes(t *rapid.T, most int) (out []*Scheme) {
	for range rapid.IntRange(1, most).Draw(t, "schemes") {
		if s := modelScheme(t); s != nil {
			out = append(out, s)
		}
	}
	if len(out) > 0 && rapid.Bool().Draw(t, "variant") { // schemes that are nearly alike
		text := out[rapid.IntRange(0, len(out)-1).Draw(t, "of")].String()
		old := rapid.SampledFrom([]string{"[", "]", "-", "A"}).Draw(t, "out")
		if s, err := Compile(strings.Replace(text, old, rapid.SampledFrom([]string{"", "-", "."}).Draw(t, "in"), 1), modelCodes); err == nil {
			out = append(out, s)
		}
		if s, err := Compile(strings.NewReplacer("[", "", "]", "").Replace(text), modelCodes); err == nil {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		t.Skip("no scheme compiles")
	}
	return out
}

// near lists texts that differ little from an ID.
func modelNear(id string) (out []string) {
	for i, r := range id {
		out = append(out, id[:i]+id[i+utf8.RuneLen(r):])
		for _, c := range []string{"-", ".", "0", "A"} {
			out = append(out, id[:i]+c+id[i:])
		}
	}
	for _, c := range []string{"-", "0", "1", "2", "A"} {
		out = append(out, id+c)
	}
	return append(out, strings.ToUpper(id), strings.ToLower(id))
}

// modelNumber says what number an ID is to a scheme that reads it.
func modelNumber(s *Scheme, id string) (string, bool) {
	p, err := s.Parse(id)
	if err != nil {
		return "", false
	}
	out, k := "", 0
	for _, piece := range s.Outlines()[p.Form] {
		if piece.Token == "" {
			out += strings.NewReplacer("-", "", ".", "", " ", "").Replace(piece.Literal)
			continue
		}
		part := p.Parts[k]
		k++
		if !piece.Check {
			out += "\x00" + part.Name + "=" + modelSpelling(piece.Token, part.Text) + "\x00"
		}
	}
	return out, true
}

// modelSpelling is the one spelling of a component, by the table in the
// documentation.
func modelSpelling(token, text string) string {
	switch token {
	case "uuid":
		return strings.NewReplacer("-", "", "{", "", "}", "", "urn:uuid:", "").Replace(strings.ToLower(text))
	case "ulid", "objectid":
		return strings.ToUpper(text)
	case "base32":
		return strings.NewReplacer("I", "1", "L", "1", "O", "0").Replace(strings.ToUpper(text))
	case "salesforce":
		return text[:15]
	}
	return text
}

// century writes old resident numbers as new ones.
func century(number string) string {
	head, date, ok := strings.Cut(number, "\x00date=")
	if day, tail, _ := strings.Cut(date, "\x00"); ok && strings.HasPrefix(head, "\x00code=") && len(day) == 6 {
		return head + "\x00date=19" + day + "\x00" + tail
	}
	return number
}

// checks runs a property as often as rapid likes, and with LONG=1 as many
// times over as it says.
func checks(t *testing.T, long int, property func(*rapid.T)) {
	if os.Getenv("LONG") == "" {
		long = 1
	}
	for range long {
		rapid.Check(t, property)
	}
}

// modelIDs are IDs of the schemes and texts near them.
func modelIDs(t *rapid.T, schemes []*Scheme) (texts []string) {
	for range 4 {
		if id := modelID(t, schemes[rapid.IntRange(0, len(schemes)-1).Draw(t, "scheme")]); id != "" {
			texts = append(append(texts, id), modelNear(id)...)
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// TestOneKeyIsOneNumber reads IDs, and texts near them, by random sets: those
// with one key are one number to the model, the key of a key is that key, and
// what folds nothing may come and go without changing a key.
func TestOneKeyIsOneNumber(t *testing.T) {
	t.Parallel()
	checks(t, 100, func(t *rapid.T) {
		schemes := modelSchemes(t, 3)
		s := NewSet(schemes...)
		leading := 0 // schemes that fold
		for leading < len(s.schemes) && slices.ContainsFunc(s.folds[leading], folding) {
			leading++
		}
		type reading struct{ id, number string }
		first := map[string]reading{} // by key
		for _, id := range modelIDs(t, schemes) {
			key, at := s.Key(id)
			if at < 0 {
				continue
			}
			if again, at := s.Key(key); again != key || at < 0 {
				t.Fatalf("%s: the key of %q is %q, whose key is %q, %d", s, id, key, again, at)
			}
			number, ok := modelNumber(s.schemes[at], id)
			if !ok {
				t.Fatalf("%s: scheme %d does not read %q", s, at, id)
			}
			if at >= leading { // what folds nothing keeps the text, whichever scheme reads it
				number = "text"
				for _, sc := range s.Folding() {
					if other, ok := modelNumber(sc, id); ok {
						number = other
					}
				}
			}
			if was, seen := first[key]; seen && (number == "text" || century(was.number) != century(number)) {
				t.Fatalf("%s: %q is %q and %q is %q, but the key of both is %q", s, was.id, was.number, id, number, key)
			}
			first[key] = reading{id, number}
		}
	})
}

// TestOnlyFoldingSchemesDecideKeys: what folds nothing may come, go and change
// its place without changing a key, and the schemes that fold, in the order in
// which a set lists them, are all that keys need.
func TestOnlyFoldingSchemesDecideKeys(t *testing.T) {
	t.Parallel()
	anyID := compile(t, "{any}")
	texts := func(schemes []*Scheme) (out []string) {
		for _, s := range schemes {
			out = append(out, s.String())
		}
		return out
	}
	checks(t, 50, func(t *rapid.T) {
		schemes := modelSchemes(t, 3)
		s := NewSet(schemes...)
		others := map[string]*Set{"folding": NewSet(s.Folding()...)}
		for _, more := range append(modelSchemes(t, 2), anyID) {
			at := rapid.IntRange(0, len(schemes)).Draw(t, "at")
			if with := NewSet(slices.Insert(slices.Clone(schemes), at, more)...); slices.Equal(texts(with.Folding()), texts(s.Folding())) {
				others["with "+more.String()] = with
			}
		}
		for _, id := range modelIDs(t, schemes) {
			key, at := s.Key(id)
			if at < 0 {
				continue
			}
			for name, other := range others {
				if got, at := other.Key(id); got != key {
					t.Fatalf("%s: the key of %q is %q, and %q, %d, %s", s, id, key, got, at, name)
				}
			}
		}
	})
}

// TestSpellingsFold finds the one number behind the forms of one scheme: its
// IDs with and without checks and separators have one key.
func TestSpellingsFold(t *testing.T) {
	t.Parallel()
	checks(t, 50, func(t *rapid.T) {
		sc := modelScheme(t)
		if sc == nil {
			t.Skip("does not compile")
		}
		s := NewSet(sc)
		keys := map[string]string{} // by number
		for _, id := range modelIDs(t, []*Scheme{sc}) {
			if key, at := s.Key(id); at >= 0 {
				number, _ := modelNumber(sc, id)
				if was, seen := keys[number]; seen && was != key {
					t.Fatalf("%s: the keys of %q are %q and %q", sc, number, was, key)
				}
				keys[number] = key
			}
		}
	})
}
