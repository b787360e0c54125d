package charset

import (
	"bytes"
	"io"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const (
	// sampleBytes is how many bytes beyond ASCII a guess looks at. Runs of
	// ASCII before and between them do not count, so that one Chinese name
	// at the end of a long file is found.
	sampleBytes = 16 << 10
	// contextBytes bounds how much of a line is judged at once.
	contextBytes = 64 << 10
)

// Guess reads src until it knows enough, and answers the likeliest encoding.
// Text that is ASCII throughout is UTF-8. A broken src is judged by what
// could be read.
//
// Each encoding is scored by how many characters it can make of the bytes,
// and how common those are in text: hanzi that children learn first, kana,
// accented letters within a word. Broken characters weigh heavily but do not
// rule an encoding out, as a file may have a torn row.
func Guess(src io.Reader) Charset {
	buf := make([]byte, 0, 2*contextBytes)
	var total [len(candidates)]int
	seen := 0
	for seen < sampleBytes {
		n, err := io.ReadFull(src, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		piece := buf
		if err == nil { // more to come: leave the last line for the next time
			if cut := bytes.LastIndexByte(buf, '\n'); cut >= 0 {
				piece = buf[:cut+1]
			}
		}
		seen += score(piece, sampleBytes-seen, &total)
		if err != nil {
			break
		}
		buf = buf[:copy(buf, buf[len(piece):])]
	}
	best := 0
	for i := range total {
		if total[i] > total[best] {
			best = i
		}
	}
	return candidates[best].c
}

// candidates are in the order that decides a draw.
var candidates = [...]struct {
	c     Charset
	score func(line []byte) int
}{
	{UTF8, scoreUTF8},
	{GB18030, scoreGB18030},
	{Windows1252, scoreWindows1252},
	{ShiftJIS, scoreShiftJIS},
}

// score adds the scores of those lines of text that are not plain ASCII,
// until limit bytes beyond ASCII were seen, and says how many were.
func score(text []byte, limit int, total *[len(candidates)]int) int {
	seen := 0
	for seen < limit {
		at := firstHigh(text)
		if at == len(text) {
			break
		}
		start := bytes.LastIndexByte(text[:at], '\n') + 1
		stop := len(text)
		if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
			stop = at + n
		}
		line := text[start:min(stop, start+contextBytes)]
		for _, b := range line {
			if b >= 0x80 {
				seen++
			}
		}
		for i, c := range candidates {
			total[i] += c.score(line)
		}
		text = text[stop:]
	}
	return seen
}

// The points are odds in steps of about two, found by trying them on names
// and addresses; a character that cannot be decoded outweighs a short word.
const brokenPoints = -20

func scoreUTF8(line []byte) int {
	points := 0
	for i := 0; i < len(line); {
		if line[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(line[i:])
		switch {
		case n == 1:
			points += brokenPoints
		case n >= 3:
			points += 12
		case r < 0xA0:
			points -= 5
		case r < 0xC0:
			points += 7
		case r < 0x250: // Latin: mostly inside a word
			if i > 0 && isLetter(line[i-1]) || i+n < len(line) && isLetter(line[i+n]) {
				points += 8
			} else {
				points += 3
			}
		case unicode.In(r, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic):
			points += 5
		default:
			points++
		}
		i += n
	}
	return points
}

// isLetter reports ASCII letters, and bytes of further UTF-8 characters.
func isLetter(b byte) bool { return b >= 0x80 || 'a' <= b|0x20 && b|0x20 <= 'z' }

func isASCIILetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// multiByteScore walks over the characters of an encoding and adds their
// points. A character is alone if both its neighbours are ASCII.
func multiByteScore(m multiByte, line []byte, points func(b []byte, alone bool) int) int {
	sum := 0
	for i := 0; i < len(line); {
		if line[i] < 0x80 {
			i++
			continue
		}
		_, n := m.char(line[i:])
		if n <= 0 {
			sum += brokenPoints
			i++
			continue
		}
		alone := (i == 0 || line[i-1] < 0x80) && (i+n == len(line) || line[i+n] < 0x80)
		sum += points(line[i:i+n], alone)
		i += n
	}
	return sum
}

func scoreGB18030(line []byte) int {
	common := commonHanzi()
	return multiByteScore(gb18030(), line, func(b []byte, _ bool) int {
		switch {
		case len(b) == 1: // the euro sign of code page 936
			return -5
		case len(b) == 4:
			return 2
		case common[[2]byte(b)]:
			return 6
		case b[1] < 0xA1 || b[0] < 0xA1: // added by GBK: rare
			return -1
		case b[0] <= 0xA3: // full-width punctuation, letters and digits
			return 2
		case b[0] <= 0xA9: // kana, Greek, Cyrillic, frames
			return 0
		case b[0] < 0xB0 || b[0] > 0xF7: // private use
			return -10
		case b[0] <= 0xD7: // level 1
			return 4
		default: // level 2
			return 1
		}
	})
}

func scoreShiftJIS(line []byte) int {
	return multiByteScore(shiftJIS(), line, func(b []byte, alone bool) int {
		switch {
		case len(b) == 1 && alone:
			return -4
		case len(b) == 1: // half-width katakana
			return 0
		case b[0] == 0x82 && b[1] >= 0x9F: // hiragana
			return 6
		case b[0] == 0x83 && b[1] <= 0x96: // katakana
			return 5
		case b[0] == 0x81, b[0] == 0x82: // punctuation, full-width letters and digits
			return 2
		case b[0] >= 0xF0 && b[0] <= 0xF9: // private use
			return -10
		case b[0] >= 0x89 && b[0] <= 0x97, b[0] == 0x88 && b[1] >= 0x9F, b[0] == 0x98 && b[1] <= 0x72: // level 1
			return 3
		default: // level 2, the makers' own
			return -1
		}
	})
}

// frequent1252 are the accented letters of Western European languages.
var frequent1252 = func() (set [256]bool) {
	for _, b := range []byte("\xE0\xE1\xE2\xE3\xE4\xE5\xE6\xE7\xE8\xE9\xEA\xEB\xEC\xED\xEE\xEF\xF1\xF2\xF3\xF4\xF5\xF6\xF8\xF9\xFA\xFB\xFC\xDF\x9A\x9C\x9E") {
		set[b] = true
	}
	return set
}()

func scoreWindows1252(line []byte) int {
	points := 0
	for i := 0; i < len(line); {
		if line[i] < 0x80 {
			i++
			continue
		}
		run := i
		for i < len(line) && line[i] >= 0x80 {
			i++
		}
		inWord := run > 0 && isASCIILetter(line[run-1]) || i < len(line) && isASCIILetter(line[i])
		afterLower := run > 0 && 'a' <= line[run-1] && line[run-1] <= 'z'
		for _, b := range line[run:i] {
			points += points1252(b, i-run, inWord, afterLower)
		}
	}
	return points
}

// points1252 scores one byte of a run of bytes beyond ASCII.
func points1252(b byte, run int, inWord, afterLower bool) int {
	upper := b >= 0xC0 && b <= 0xDD && b != 0xD0 && b != 0xD7
	switch {
	case b == 0x81, b == 0x8D, b == 0x8F, b == 0x90, b == 0x9D:
		return brokenPoints
	case run > 2:
		return -4
	case frequent1252[b] && inWord:
		return 4
	case upper && inWord && !afterLower:
		return 2
	case run == 1 && !upper && !frequent1252[b]: // a lone quote, dash or sign
		return 1
	default:
		return -2
	}
}

// commonHanzi are the characters that make up most of Chinese text, names
// and addresses, as GB 2312 writes them.
var commonHanzi = sync.OnceValue(func() map[[2]byte]bool {
	const hanzi = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严" +
		"李刘陈杨赵黄吴徐孙胡朱郭梁宋郑谢韩唐冯董萧曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田姜范姚谭廖邹熊陆郝孔崔康邱秦顾侯邵孟龙段雷钱汤尹黎常武乔贺赖龚" +
		"伟芳娜敏静丽磊洋艳勇军杰娟涛超霞秀刚桂兰英梅鹏辉玲婷雪琳宇浩轩梓涵欣怡佳俊豪鑫" +
		"街巷村镇乡州室楼栋幢座弄店园城桥湖河港岛限司客户姓性男女邮箱址编码备注册状态冻销正测试深圳苏杭宁波武汉成渝津沪粤闽浙湘鄂豫鲁晋陕甘青藏蒙辽吉黑皖赣桂琼川贵云"
	set := make(map[[2]byte]bool, 1000)
	enc := simplifiedchinese.GBK.NewEncoder()
	for _, r := range hanzi {
		if b, err := enc.Bytes([]byte(string(r))); err == nil && len(b) == 2 {
			set[[2]byte(b)] = true
		}
	}
	return set
})
