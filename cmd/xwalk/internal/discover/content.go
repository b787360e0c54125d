package discover

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/xwalk-id/xwalk/rules/normalize"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// content counts what the distinct values of a column look like. A value may
// count as several things: 19960518 is a date and a number.
type content struct {
	n         int // values looked at: no blanks, no placeholders
	email     int
	emails    map[string]int // values of several addresses, by what stands between them
	phone     int            // digits with what stands in phone numbers, 7 to 15 of them
	surePhone int            // with a country code, or a Chinese mobile
	date      int            // a day, perhaps with a time
	dmy, mdy  int            // dates that this order alone reads: 31/01/2020
	eitherWay int            // dates that both orders read, differently
	clock     int            // a time of day behind the date, or Unix time
	zoned     int            // of these, with a time zone
	resident  int            // Chinese resident identity numbers whose check holds
	credit    int            // unified social credit codes whose check holds
	amount    int            // numbers with a decimal point
	number    int            // digits only
	digits    int            // a digit somewhere
	spaces    int
	long      int // more than 40 characters
	company   int // a word of a company's name
	hanName   int // two to four Chinese characters that start with a common family name
	bool      int // true, false, 0, 1, Y, N, 是, 否
	link      int // http://…, www.…
	countries map[string]int
}

// looked is how many values of a column are looked at: enough to see one in
// a hundred.
const looked = 2000

// lookAt looks at a sample of distinct values, spread evenly if it is long.
func lookAt(sample []string) *content {
	c := &content{emails: map[string]int{}, countries: map[string]int{}}
	step := max(1, len(sample)/looked)
	for i := 0; i < len(sample); i += step {
		v := strings.TrimSpace(sample[i])
		if v != "" && !normalize.Placeholder("", normalize.Text(v)) {
			c.value(v)
		} else if isBool(v) { // 0 and no are placeholders too
			c.n++
			c.bool++
		}
	}
	return c
}

// of reports whether at least share of the values count.
func (c *content) of(count int, share float64) bool {
	return count > 0 && float64(count) >= share*float64(c.n)
}

func (c *content) value(v string) {
	c.n++
	add := func(into *int, yes bool) {
		if yes {
			*into++
		}
	}
	letters, digits := 0, 0
	for _, r := range v {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	c.mail(v)
	c.telephone(v, letters)
	c.day(v)
	add(&c.resident, isResident(v))
	add(&c.credit, isCredit(v))
	add(&c.number, letters == 0 && digits == len(v))
	add(&c.amount, letters == 0 && digits > 0 && strings.ContainsAny(v, ".,") && strings.Trim(v, "-+0123456789.,¥$€£ ") == "")
	add(&c.digits, digits > 0)
	add(&c.spaces, strings.ContainsRune(v, ' '))
	add(&c.long, len([]rune(v)) > 40)
	add(&c.company, isCompany(v))
	add(&c.hanName, isHanName(v))
	add(&c.bool, isBool(v))
	add(&c.link, strings.HasPrefix(v, "http") || strings.HasPrefix(v, "www."))
}

// separators stand between several e-mail addresses of one cell.
var separators = []string{";", ",", "|", "/", "\n", " "}

func (c *content) mail(v string) {
	if !strings.Contains(v, "@") {
		return
	}
	if isEmail(v) {
		c.email++
		return
	}
	for _, sep := range separators {
		parts := strings.Split(strings.Trim(v, sep), sep)
		all := len(parts) > 1
		for _, p := range parts {
			all = all && (strings.TrimSpace(p) == "" || isEmail(p))
		}
		if all {
			c.email++
			c.emails[sep]++
			return
		}
	}
}

func isEmail(v string) bool {
	mail, ok := normalize.Email(v)
	return ok && strings.Count(mail, "@") == 1 && !strings.ContainsAny(mail, ";,|/") && strings.Contains(mail[strings.IndexByte(mail, '@'):], ".")
}

// mobileOf are countries' own ways of writing mobile numbers that no other
// country shares.
var mobileOf = map[string]string{"13": "CN", "14": "CN", "15": "CN", "16": "CN", "17": "CN", "18": "CN", "19": "CN"}

// callingCodes are the countries that a calling code stands for alone.
var callingCodes = map[string]string{
	"86": "CN", "852": "HK", "886": "TW", "81": "JP", "82": "KR", "65": "SG", "60": "MY", "91": "IN", "61": "AU", "64": "NZ", "44": "GB", "353": "IE", "49": "DE",
	"43": "AT", "41": "CH", "33": "FR", "32": "BE", "31": "NL", "34": "ES", "351": "PT", "39": "IT", "48": "PL", "46": "SE", "47": "NO",
	"45": "DK", "358": "FI", "420": "CZ", "55": "BR", "52": "MX", "54": "AR", "56": "CL", "57": "CO", "27": "ZA", "971": "AE", "90": "TR",
}

func (c *content) telephone(v string, letters int) {
	number, digits := "", 0
	for _, r := range normalize.Text(v) {
		switch {
		case '0' <= r && r <= '9':
			number += string(r)
			digits++
		case r == '+' && number == "":
			number = "+"
		case strings.ContainsRune(" -./()", r):
		case r == 'x' || r == 'e' || r == 't' || r == '#': // an extension
		default:
			return
		}
	}
	if digits < 7 || digits > 15 || letters > 3 || isDay(v) {
		return
	}
	c.phone++
	switch {
	case number[0] == '+':
		c.surePhone++
		for n := 3; n >= 2; n-- {
			if country := callingCodes[number[1:min(len(number), n+1)]]; country != "" {
				c.countries[country]++
				break
			}
		}
	case len(number) == 11 && mobileOf[number[:2]] != "" && !strings.ContainsAny(v, "()."):
		c.surePhone++
		c.countries[mobileOf[number[:2]]]++
	}
}

// isDay reports whether a date of a year that customers or records may have
// stands in v.
func isDay(v string) bool {
	for _, order := range []string{normalize.YMD, normalize.DMY, normalize.MDY} {
		if d, ok := normalize.Date(v, order); ok && d >= "1500" && d < "2101" {
			return true
		}
	}
	return false
}

// yearLast is a date in which the order of day and month does not show by
// itself. Where dots stand between, the day is first everywhere.
var yearLast = lazily(`^(\d{1,2})[/-](\d{1,2})[/-]\d{4}\b`)

func (c *content) day(v string) {
	if !isDay(v) {
		if t, ok := normalize.Time(v, time.UTC, ""); ok && t.Year() >= 1990 && t.Year() <= 2100 {
			c.clock++
			c.zoned++
		}
		return
	}
	c.date++
	if at := strings.IndexByte(v, ':'); at > 0 {
		c.clock++
		if strings.ContainsAny(v[at:], "Z+-") {
			c.zoned++
		}
	}
	m := yearLast().FindStringSubmatch(v)
	if m == nil {
		return
	}
	first, _ := strconv.Atoi(m[1])
	second, _ := strconv.Atoi(m[2])
	switch {
	case first > 12:
		c.dmy++
	case second > 12:
		c.mdy++
	case first != second:
		c.eitherWay++
	}
}

// isResident holds for a Chinese resident identity number of 18 characters
// whose check holds.
func isResident(v string) bool {
	return len(v) == 18 && scheme.CheckHolds("gb11643", v[:17], strings.ToUpper(v[17:])) && isDay(v[6:14])
}

// isCredit holds for a unified social credit code whose check holds.
func isCredit(v string) bool {
	v = strings.ToUpper(v)
	return len(v) == 18 && scheme.CheckHolds("gb32100", v[:17], v[17:])
}

// companyWords end, or stand in, the names of companies.
var companyWords = wordSet(`inc llc ltd limited corp corporation co company gmbh ag kg ohg ug ev sa sas sarl srl bv nv plc pty llp oy ab spa holding holdings group
	international industries enterprises solutions services systems technologies consulting associates partners school college university academy church hospital
	clinic center centre foundation association institute society bank insurance university agency council stiftung verein schule`)

func isCompany(v string) bool {
	for _, w := range []string{"公司", "集团", "工厂", "有限", "商店", "商行", "中心", "医院", "学校", "银行", "合作社", "事务所", "株式会社"} {
		if strings.Contains(v, w) {
			return true
		}
	}
	for w := range strings.FieldsFuncSeq(normalize.Text(v), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if companyWords()[w] {
			return true
		}
	}
	return false
}

// familyNames are the Chinese family names that three in four people have.
const familyNames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔"

func isHanName(v string) bool {
	runes := []rune(v)
	if len(runes) < 2 || len(runes) > 4 || !strings.ContainsRune(familyNames, runes[0]) {
		return false
	}
	for _, r := range runes {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return true
}

var bools = wordSet("true false yes no y n t f 0 1 on off 是 否 ja nein oui non si j")

func isBool(v string) bool { return bools()[strings.ToLower(v)] }

// separator is what stands between several e-mail addresses of one cell, or
// "" where each cell has one.
func (c *content) separator() string {
	best := ""
	for _, sep := range separators {
		if c.emails[sep] > c.emails[best] {
			best = sep
		}
	}
	return best
}
