package normalize

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// easternAddress takes a Chinese or Japanese address apart: divisions from
// the largest to the smallest, street, numbers.
func easternAddress(words []word) AddressLine {
	e := easternReader{rest: rejoin(codeLast(words))}
	for _, p := range e.divisions() {
		e.add(p)
	}
	for e.rest != "" {
		if !e.numbered() {
			e.letter()
		}
	}
	e.flush()
	return AddressLine{Number: strings.Join(e.number, "-"), Unit: unitOf(e.building, e.flats, e.floor), Words: e.words}
}

// codeLast moves a postal code from the start to the end: 〒100-0005 東京都.
func codeLast(words []word) []word {
	n := 0
	for n < len(words) && !words[n].cjk && digits(words[n].text) && (n == 0 || words[n].gap == hyphen) {
		n++
	}
	if n == 0 || n == len(words) || words[n].gap == 0 {
		return words
	}
	code := word{gap: comma}
	for _, w := range words[:n] {
		code.text += w.text
	}
	if len(code.text) < 5 {
		return words
	}
	return append(slices.Clone(words[n:]), code)
}

// rejoin writes words as they stood, hyphens between numbers kept and spaces
// between words of other scripts.
func rejoin(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			switch before := words[i-1]; {
			case w.gap&hyphen != 0 && digital(w.text) && !before.cjk:
				b.WriteByte('-')
			case !w.cjk && !before.cjk || w.gap&comma != 0:
				b.WriteByte(' ')
			}
		}
		b.WriteString(w.text)
	}
	return b.String()
}

// easternReader reads an address from left to right.
type easternReader struct {
	rest string // not read yet
	word string // being put together

	words           []string
	number          []string // lane and house
	building, flats []string
	floor           string
	housed          bool // the number of the house was read
}

// divisions cuts province and city off the start, without 省 and 市, a city
// that is its own province once.
func (e *easternReader) divisions() []string {
	var all []string
	e.rest = strings.TrimLeft(e.rest, " ")
	e.rest = strings.TrimPrefix(e.rest, "中国")
	for range 3 {
		short, n := leadingPlace(e.rest)
		if n == 0 {
			break
		}
		if len(all) == 0 || all[len(all)-1] != short {
			all = append(all, short)
		}
		e.rest = strings.TrimLeft(e.rest[n:], " ")
	}
	for _, p := range []string{"东京都", "大阪府", "京都府", "北海道"} {
		if r, ok := strings.CutPrefix(e.rest, p); ok && len(all) == 0 {
			all, e.rest = []string{p}, r
		}
	}
	return all
}

// letter moves one character to the word, which ends behind the name of a
// division or a street.
func (e *easternReader) letter() {
	r, n := utf8.DecodeRuneInString(e.rest)
	c := e.rest[:n]
	e.rest = e.rest[n:]
	if c == " " {
		e.flush()
		return
	}
	e.word += c
	if !strings.ContainsRune("区县市镇乡村道街路同巷旗州厦场园寓心町", r) || utf8.RuneCountInString(e.word) < 2 {
		return
	}
	next, _ := utf8.DecodeRuneInString(e.rest)
	for _, end := range divisionEnds {
		if strings.HasSuffix(e.word, end.name) && !strings.ContainsRune(end.not, next) {
			e.flush()
			return
		}
	}
}

// divisionEnds end the name of a division or a street, unless one of some
// characters follows: 街道, 市场.
var divisionEnds = []struct{ name, not string }{
	{"区", "间"},
	{"县", ""},
	{"市", "场"},
	{"镇", ""},
	{"乡", ""},
	{"村", "路街"},
	{"街道", ""},
	{"街", "道坊路"},
	{"路", "口"},
	{"大道", ""},
	{"胡同", ""},
	{"巷", ""},
	{"旗", "舰"},
	{"自治州", ""},
	{"地区", ""},
	{"大厦", ""},
	{"广场", ""},
	{"花园", ""},
	{"小区", ""},
	{"公寓", ""},
	{"家园", ""},
	{"中心", ""},
	{"科技园", "区东南西北中路"},
	{"工业园", "区东南西北中路"},
	{"产业园", "区东南西北中路"},
	{"町", ""},
	{"社区", ""},
}

func (e *easternReader) flush() {
	e.add(e.word)
	e.word = ""
}

func (e *easternReader) add(word string) {
	if word != "" {
		e.words = append(e.words, word)
	}
}

// numberMarks say what the number before them counts, longer ones first.
var numberMarks = []struct {
	mark string
	as   mark
}{
	{"号楼", asBuilding},
	{"号院", asHouse},
	{"号室", asFlat},
	{"号房", asFlat},
	{"号铺", asFlat},
	{"单元", asBuilding},
	{"丁目", asLane},
	{"番地", asLane},
	{"番", asLane},
	{"栋", asBuilding},
	{"幢", asBuilding},
	{"座", asBuilding},
	{"棟", asBuilding},
	{"弄", asLane},
	{"巷", asLane},
	{"号", asHouse},
	{"层", asFloor},
	{"楼", asFloor},
	{"阶", asFloor},
	{"階", asFloor},
	{"室", asFlat},
	{"房", asFlat},
	{"户", asFlat},
	{"铺", asFlat},
	{"호", asFlat},
	{"층", asFloor},
}

type mark uint8

const (
	asBuilding mark = iota
	asHouse
	asLane
	asFloor
	asFlat
)

// numbered reads a number and what it counts. A number that counts nothing
// known is part of a name (3组), but for the first with hyphens, which is that
// of a Japanese house, and those behind the house's, which are flats.
func (e *easternReader) numbered() bool {
	size := numberSize(e.rest)
	if size == 0 {
		return false
	}
	value, rest := strings.ToUpper(e.rest[:size]), e.rest[size:]
	plain := digital(value)
	value = strings.ToLower(chineseDigits(value))
	for _, m := range numberMarks {
		after, ok := strings.CutPrefix(rest, m.mark)
		if !ok || m.as == asLane && e.housed || m.mark == "座" && e.word != "" && plain {
			continue
		}
		e.flush()
		e.rest = e.count(m.as, value, after)
		return true
	}
	switch {
	case !plain:
		return false
	case len(value) > 5 && digits(value):
		e.flush()
		e.add(value) // a postal code
		e.rest = rest
		return true
	case e.housed, len(e.number) > 0 && !strings.Contains(value, "-"):
		if r, _ := utf8.DecodeRuneInString(rest); eastern(r) && r != '之' {
			break
		}
		e.flush()
		if e.housed {
			e.flats = append(e.flats, value)
		} else {
			e.number, e.housed = append(e.number, value), true
		}
		e.rest = rest
		return true
	case strings.Contains(value, "-") || rest == "" || rest[0] == ' ':
		e.flush()
		e.number, e.housed, e.rest = append(e.number, value), true, rest
		return true
	}
	e.word += e.rest[:size]
	e.rest = rest
	return true
}

// count notes a number, and is what follows it.
func (e *easternReader) count(as mark, value, rest string) string {
	switch {
	case as == asHouse && !e.housed:
		e.number, e.housed = append(e.number, value), true
		if after, ok := strings.CutPrefix(rest, "之"); ok && digital(after) { // 12号之3
			n := leading(after)
			e.number, rest = append(e.number, after[:n]), after[n:]
		}
	case as == asLane:
		e.number = append(e.number, value)
	case as == asBuilding || as == asHouse:
		e.building = append(e.building, value)
	case as == asFloor:
		e.floor = value
	default:
		e.flats = append(e.flats, value)
	}
	return rest
}

// numberSize is how many bytes a number at the start of s has: digits and
// letters with hyphens, or Chinese digits. A letter alone is one where a mark
// stands behind it (A座).
func numberSize(s string) int {
	n := 0
	for n < len(s) && ('0' <= s[n] && s[n] <= '9' || 'a' <= s[n] && s[n] <= 'z' && (n > 0 || len(s) > 1 && s[1] >= utf8.RuneSelf) || s[n] == '-' && n > 0) {
		n++
	}
	if n > 0 {
		return len(strings.TrimRight(s[:n], "-"))
	}
	for i, r := range s {
		if !strings.ContainsRune(chineseNumerals, r) {
			return i
		}
	}
	return len(s)
}

const chineseNumerals = "〇零一二三四五六七八九十百"

// chineseDigits writes a number in Chinese digits in digits, and any other
// text as it is: 十二 12, 二〇三 203, 一百零五 105.
func chineseDigits(s string) string {
	if s == "" || s[0] < utf8.RuneSelf {
		return s
	}
	numerals := []rune(chineseNumerals)
	total, digit, places := 0, 0, false
	var row strings.Builder
	for _, r := range s {
		at := slices.Index(numerals, r)
		switch {
		case at < 0:
			return s
		case at >= 11: // 十, 百
			places = true
			total += max(digit, 1) * []int{10, 100}[at-11]
			digit = 0
		default:
			digit = max(at-1, 0)
			row.WriteByte(byte('0' + digit))
		}
	}
	if !places {
		return row.String()
	}
	return strconv.Itoa(total + digit)
}
