package similar

import "unicode/utf8"

// sound is a hash of how a word begins and sounds. Words of other scripts than
// Latin sound as their reading does where there is one, else they are
// themselves.
func (w *word) sound() uint32 {
	if len(w.pinyin) > 0 {
		return soundOf(w.pinyin[0])
	}
	return soundOf(w.text)
}

// soundOf keeps the first letter of a word and the classes of the first three
// consonants after it, as Soundex does (Robert Russell, US patent 1,261,167),
// but takes first letters that sound alike for one.
func soundOf(s string) uint32 {
	if s == "" {
		return 0
	}
	if s[0] >= utf8.RuneSelf || s[0] < 'a' || s[0] > 'z' {
		return hash(s)
	}
	var code [4]byte
	code[0] = leading(s)
	last, n := classes[s[0]-'a'], 1
	for i := 1; i < len(s) && n < len(code); i++ {
		if s[i] < 'a' || s[i] > 'z' {
			continue
		}
		c := classes[s[i]-'a']
		if c != 0 && c != last {
			code[n] = c
			n++
		}
		if s[i] != 'h' && s[i] != 'w' {
			last = c
		}
	}
	return hash(string(code[:]))
}

// classes are those of consonants by letter from a; 0 for vowels and h, w, y.
var classes = [26]byte{0, 1, 2, 3, 0, 1, 2, 0, 0, 2, 2, 4, 5, 5, 0, 1, 2, 6, 2, 3, 0, 1, 0, 2, 0, 2}

// leading is the first letter of a word, or the one that stands for its sound.
func leading(s string) byte {
	switch s[0] {
	case 'c', 'q':
		return 'k'
	case 'p':
		if len(s) > 1 && s[1] == 'h' {
			return 'f'
		}
	case 'y', 'j':
		return 'i'
	case 'z':
		return 's'
	case 'e':
		return 'a'
	}
	return s[0]
}
