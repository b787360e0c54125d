package normalize

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// pieces are what the names of the properties are made of.
var pieces = []string{
	"John", "SMITH", "o'Brien", "Jean-Luc", "van", "der", "al-", "bin", "Dr.", "Jr.", ",", "(", ")", "\"", "née", "III", "st", "St.", "1st", "baron", "of",
	"Müller", "Ægir", "ß", "İ", "Иванов", "Иванович", "Παπάς", "张", "張偉", "欧阳", "先生", "様", "さん", "ヽ", "々", "タナカ", "ﾀﾞ", "ー", "김", "민준",
	"님", "محمد", "بن", "ـ", "\u064b", "שָׂ", "प्रि", "ใจดี", "·", "・", "-", "'", "’", ".", "/", "s/o", "\u200b", "\u0301", "\xff", "\xe5\xbc", "𠮷", "12", "٣", "ǅ", "ﬃ", "K.",
}

func anyName() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		}
		words := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pieces), rapid.String()), 0, 6).Draw(t, "words")
		return strings.Join(words, rapid.SampledFrom([]string{" ", "", ", "}).Draw(t, "between"))
	})
}

// checkName fails unless a name taken apart holds what any must.
func checkName(t interface{ Fatalf(string, ...any) }, text string) {
	n := FullNameOf(text)
	for _, part := range [][]Token{append(slices.Clone(n.Given), n.Family...), GivenName(text), FamilyName(text)} {
		if len(part) == 0 && Text(text) != "" {
			t.Fatalf("%q is empty", text)
		}
		for _, token := range part {
			checkToken(t, text, token)
		}
	}
	if diff := cmp.Diff(n, FullNameOf(text)); diff != "" {
		t.Fatalf("%q is not the same again:\n%s", text, diff)
	}
	if slices.Contains(n.Titles, "") {
		t.Fatalf("%q has a blank title", text)
	}
	Generation(text)
}

func checkToken(t interface{ Fatalf(string, ...any) }, text string, token Token) {
	if token.Text == "" || !utf8.ValidString(token.Text) || !meaningless(token.Text) && strings.ContainsAny(token.Text, " \t,") {
		t.Fatalf("%q has the token %q", text, token.Text)
	}
	if plain(token.Text) != token.Text {
		t.Fatalf("%q has the token %q, which is not plain", text, token.Text)
	}
	if again := FamilyName(token.Text); !meaningless(token.Text) && (len(again) != 1 || again[0].Text != token.Text) {
		t.Fatalf("%q has the token %q, and that is %v", text, token.Text, again)
	}
	if !slices.IsSorted(token.Nick) || slices.Contains(token.Also, token.Text) || slices.Contains(token.Also, "") {
		t.Fatalf("%q has the token %+v", text, token)
	}
	for _, r := range Sound(token.Text) {
		if r < 'A' || r > 'Z' {
			t.Fatalf("%q sounds %q", token.Text, Sound(token.Text))
		}
	}
}

func TestNameProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkName(t, anyName().Draw(t, "name")) })
}

// TestPlainProperties checks that the quick ways are the long way.
func TestPlainProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(strings.Fields(anyName().Draw(t, "word")), "")
		p := plain(s)
		if want := plainText(s); p != want {
			t.Fatalf("plain(%q) = %q, want %q", s, p, want)
		}
		if plain(p) != p {
			t.Fatalf("plain(%q) = %q, then %q", s, p, plain(p))
		}
		if p == "" && strings.IndexFunc(s, unicode.IsLetter) >= 0 {
			t.Fatalf("plain(%q) is empty", s)
		}
	})
	for r := rune(firstLetter); r <= lastHan; r++ {
		if s := string(r); plain(s) != plainText(s) {
			t.Errorf("plain(%q) = %q, want %q", s, plain(s), plainText(s))
		}
	}
}

// TestOrdinaryWords checks that words that are names only keep their order and
// none is lost, whatever part they land in.
func TestOrdinaryWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"anna", "bertram", "carlsen", "dorothy", "eriksen", "иван", "петров", "حسن"}), 1, 6).Draw(t, "words")
		text := strings.Join(words, rapid.SampledFrom([]string{" ", "  ", "-"}).Draw(t, "between"))
		if diff := cmp.Diff(words, textsOf(GivenName(text))); diff != "" {
			t.Fatalf("GivenName(%q) (-want +got):\n%s", text, diff)
		}
		n := FullNameOf(text)
		if diff := cmp.Diff(words, append(textsOf(n.Given), textsOf(n.Family)...)); diff != "" {
			t.Fatalf("FullNameOf(%q) (-want +got):\n%s", text, diff)
		}
		if len(words) > 1 && len(n.Family) == 0 {
			t.Fatalf("FullNameOf(%q) has no family name", text)
		}
	})
}

func textsOf(tokens []Token) []string {
	var out []string
	for _, t := range tokens {
		out = append(out, t.Text)
	}
	return out
}

func FuzzFullNameOf(f *testing.F) {
	for _, s := range []string{
		"thomas clifford, 1st baron clifford of chudleigh", "Smith, John, Jr.", "SMITH John", "Conan O’Brien", "山田 太郎様", "김민준 님",
		"张伟(Zhang Wei)", "Иванов Иван Иванович", "محمد بن سلمان", "\xff\xfe", "van 't Hoff", "Ph.D.", "ー々ヽ",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkName(t, s) })
}
