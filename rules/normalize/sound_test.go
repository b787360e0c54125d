package normalize

import "testing"

func TestSound(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"smith", "smyth", "smithe"},
		{"catherine", "katherine", "kathryn", "catharine", "cathrine"},
		{"philip", "phillip", "filip"},
		{"meyer", "maier", "mayer", "meier"},
		{"schmidt", "schmitt", "schmid"},
		{"clark", "clarke"},
		{"stephen", "stefan"},
		{"knight", "nite"},
		{"thompson", "tompson"},
		{"wright", "right"},
		{"hughes", "hewes"},
		{"brown", "braun"},
		{"geoffrey", "jeoffrey"},
		{"jackson", "jaxon"},
		{"erik", "eric", "erick", "aric"},
		{"johnson", "jonson"},
		{"shaw", "shaugh"},
		{"macdonald", "mcdonald"},
		{"robert", "rupert"},
	} {
		for _, w := range same[1:] {
			if Sound(w) != Sound(same[0]) {
				t.Errorf("%s sounds %s, %s %s", same[0], Sound(same[0]), w, Sound(w))
			}
		}
	}
	for _, other := range [][2]string{
		{"smith", "jones"}, {"martin", "morgan"}, {"john", "sean"}, {"wilson", "nelson"}, {"harris", "morris"}, {"anna", "emma"}, {"lee", "ray"},
	} {
		if Sound(other[0]) == Sound(other[1]) {
			t.Errorf("%s and %s both sound %s", other[0], other[1], Sound(other[0]))
		}
	}
	for _, none := range []string{"", "иван", "张", "12", "müller", "o'brien"} {
		if got := Sound(none); got != "" {
			t.Errorf("Sound(%q) = %q", none, got)
		}
	}
}

// TestSoundOfShortWords looks for words of letters that have no key.
func TestSoundOfShortWords(t *testing.T) {
	t.Parallel()
	for a := byte('a'); a <= 'z'; a++ {
		for b := byte('a'); b <= 'z'; b++ {
			if w := string([]byte{a, b}); Sound(w) == "" {
				t.Errorf("Sound(%q) is empty", w)
			}
		}
	}
}
