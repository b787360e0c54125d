package normalize

import "strings"

// soundLength bounds a key: misspellings at the end of long names do no harm.
const soundLength = 6

// Sound is a short key of what a Latin word sounds like, for finding names
// that may be misspelled: smith and smyth have one, catherine and kathryn, and
// philips and fillipps. The word is a [Token]'s Text; the key is empty for other scripts
// and for what is no word.
//
// The rules are those of Metaphone (Lawrence Philips, Hanging on the Metaphone,
// Computer Language 7(12), 1990) with the additions of its successor (The Double
// Metaphone Search Algorithm, C/C++ Users Journal, June 2000) that need no
// second key: vowels count only at the start, and there all are one, as are
// sounds with and without voice (b p, d t, g k, v f, z s).
func Sound(word string) string {
	if !latinWord(word) {
		return ""
	}
	var out [soundLength]byte
	n := 0
	s := silentStart(word)
	if strings.IndexByte(s[1:], 'x') >= 0 {
		s = s[:1] + strings.ReplaceAll(s[1:], "x", "ks")
	}
	for i := 0; i < len(s) && n < soundLength; {
		code, used := soundAt(s, i)
		if code != 0 && (n == 0 || out[n-1] != code) {
			out[n] = code
			n++
		}
		i += used
	}
	if n == 0 {
		return string(word[0] - 'a' + 'A') // nothing is heard of hw
	}
	return string(out[:n])
}

func latinWord(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return s != ""
}

// silentStart drops a first letter that nobody hears.
func silentStart(s string) string {
	for _, p := range [...]string{"kn", "gn", "pn", "wr", "ps", "pt", "mn", "ts", "dzh"} {
		if strings.HasPrefix(s, p) && len(s) > len(p) {
			return s[1:]
		}
	}
	return s
}

// soundAt is the code of the sound that starts at i, 0 for none, and how many
// letters it takes.
func soundAt(s string, i int) (code byte, used int) {
	rest := s[i:]
	switch s[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return startOnly(i), 1
	case 'y':
		return startOnly(i), 1
	case 'h':
		if i == 0 && (len(s) == 1 || !vowel(s[1])) || i > 0 || len(s) == 1 {
			return 0, 1
		}
		return 'H', 1
	case 'w':
		return soundW(s, i)
	case 'c':
		return soundC(s, i, rest)
	case 'g':
		return soundG(s, i, rest)
	case 's', 'z':
		return soundS(rest)
	case 't', 'd':
		return soundT(rest)
	case 'b', 'p':
		if strings.HasPrefix(rest, "ph") {
			return 'F', 2
		}
		if rest == "b" && i > 0 && s[i-1] == 'm' {
			return 0, 1
		}
		return 'P', 1
	case 'v', 'f':
		return 'F', 1
	case 'k', 'q':
		return 'K', 1
	case 'j':
		return 'J', 1
	case 'x':
		return 'S', 1 // at the start
	}
	return s[i] - 'a' + 'A', 1 // l, m, n, r
}

// startOnly is the code of a vowel: heard at the start of a word only.
func startOnly(i int) byte {
	if i == 0 {
		return 'A'
	}
	return 0
}

// soundW is heard before a vowel only: not in shaw, knowles, brown.
func soundW(s string, i int) (byte, int) {
	if i == 0 && strings.HasPrefix(s, "wh") {
		return 'W', 2
	}
	if i == 0 || i+1 < len(s) && vowel(s[i+1]) && s[i+1] != 'y' && !vowel(s[i-1]) {
		return 'W', 1
	}
	return 0, 1
}

func soundC(s string, i int, rest string) (byte, int) {
	switch {
	case strings.HasPrefix(rest, "chr"), strings.HasPrefix(rest, "chl"), strings.HasPrefix(rest, "chm"):
		return 'K', 2 // christian
	case strings.HasPrefix(rest, "ch"):
		return 'X', 2
	case strings.HasPrefix(rest, "cz"):
		return 'X', 2
	case strings.HasPrefix(rest, "cia") && len(rest) > 3:
		return 'X', 2
	case strings.HasPrefix(rest, "ck"), strings.HasPrefix(rest, "cq"):
		return 'K', 2
	case len(rest) > 1 && (rest[1] == 'e' || rest[1] == 'i' || rest[1] == 'y') && (i == 0 || s[i-1] != 'm'):
		return 'S', 1
	}
	return 'K', 1
}

func soundG(s string, i int, rest string) (byte, int) {
	switch {
	case strings.HasPrefix(rest, "gh"):
		if i == 0 {
			return 'K', 2
		}
		return 0, 2 // hughes, knight
	case strings.HasPrefix(rest, "gn") && len(rest) == 2, rest == "gne", rest == "gned":
		return 0, 1
	case strings.HasPrefix(rest, "ge") && len(rest) > 2 && rest[2] != 'r', strings.HasPrefix(rest, "gi"), rest == "ge", rest == "gy":
		if i > 0 && s[i-1] == 'g' {
			return 'K', 1
		}
		return 'J', 1
	}
	return 'K', 1
}

// soundS reads s and z: sch and sh as in german and english, sc soft.
func soundS(rest string) (byte, int) {
	switch {
	case strings.HasPrefix(rest, "sch"):
		return 'X', 3
	case strings.HasPrefix(rest, "sh"), strings.HasPrefix(rest, "zh"), strings.HasPrefix(rest, "sz"):
		return 'X', 2
	case strings.HasPrefix(rest, "sio"), strings.HasPrefix(rest, "sia"):
		return 'X', 1
	case strings.HasPrefix(rest, "sce"), strings.HasPrefix(rest, "sci"), strings.HasPrefix(rest, "scy"):
		return 'S', 2
	}
	return 'S', 1
}

// soundT reads t and d.
func soundT(rest string) (byte, int) {
	switch {
	case strings.HasPrefix(rest, "tch"):
		return 'X', 3
	case strings.HasPrefix(rest, "tio"), strings.HasPrefix(rest, "tia"):
		return 'X', 1
	case strings.HasPrefix(rest, "dge"), strings.HasPrefix(rest, "dgi"), strings.HasPrefix(rest, "dgy"):
		return 'J', 2
	case strings.HasPrefix(rest, "tz"), strings.HasPrefix(rest, "ts"), strings.HasPrefix(rest, "dt"):
		if rest[1] == 't' {
			return 'T', 2
		}
		return 'S', 2
	case strings.HasPrefix(rest, "th"):
		return 'T', 2
	}
	return 'T', 1
}
