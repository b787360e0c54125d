package normalize

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// easternDate writes a date in Chinese, Japanese or Korean words with hyphens:
// 二〇〇六年一月二日, 平成18年1月2日, 2006년 1월 2일. A text of another form stays.
func easternDate(s string) string {
	if !strings.ContainsAny(s, "年년") {
		return s
	}
	s = numeralsToDigits(s)
	for _, e := range eras {
		rest, ok := strings.CutPrefix(s, e.name)
		if !ok {
			continue
		}
		if first, ok := strings.CutPrefix(rest, "元年"); ok {
			rest = "1年" + first
		}
		if n := leading(rest); n > 0 && n <= 3 {
			s = fmt.Sprintf("%04d%s", e.before+int(number(rest[:n])), rest[n:])
		}
		break
	}
	for _, end := range []string{"日", "号", "號", "일"} {
		if before, after, found := strings.Cut(s, end); found {
			s = before + " " + strings.TrimSpace(after)
			break
		}
	}
	s = strings.NewReplacer("年", "-", "月", "-", "년", "-", "월", "-").Replace(s)
	return strings.TrimSpace(strings.ReplaceAll(s, "- ", "-"))
}

// eras are those of Japan since 1868 and that of the Republic of China; before
// is the year before the first.
var eras = []struct {
	name   string
	before int
}{
	{"明治", 1867}, {"大正", 1911}, {"昭和", 1925}, {"平成", 1988}, {"令和", 2018}, {"民国", 1911}, {"民國", 1911},
}

// numeralsToDigits writes each number in Chinese digits in digits.
func numeralsToDigits(s string) string {
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(chineseNumerals, r) })
		if n < 0 {
			n = len(s)
		}
		if n > 0 {
			b.WriteString(chineseDigits(s[:n]))
			s = s[n:]
			continue
		}
		_, size := utf8.DecodeRuneInString(s)
		b.WriteString(s[:size])
		s = s[size:]
	}
	return b.String()
}

// namedMonth writes a date whose month is a name as YYYY-MM-DD, a time of day
// behind it kept: 2 January 2006, Jan. 2nd, 2006, 2-JAN-2006 15:04, Mo. 2.
// Januar 2006, 2 de enero de 2006, 2 января 2006 г. The year has four digits.
func namedMonth(s string) (string, bool) {
	if len(s) > 64 || !strings.ContainsFunc(s, unicode.IsDigit) || !strings.ContainsFunc(s, unicode.IsLetter) {
		return "", false
	}
	s = simple(s)
	var d day
	for s != "" && (d.year == 0 || d.month == 0 || d.day == 0) {
		r, size := utf8.DecodeRuneInString(s)
		n := leading(s)
		switch {
		case n == 4 && d.year == 0:
			d.year, s = int(number(s[:4])), s[4:]
		case (n == 1 || n == 2) && d.day == 0:
			d.day, s = int(number(s[:n])), afterOrdinal(s[n:])
		case unicode.IsLetter(r):
			end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
			if end < 0 {
				end = len(s)
			}
			m := dateWords()[s[:end]]
			if m == 0 || m > 0 && d.month > 0 {
				return "", false
			}
			d.month, s = max(d.month, m), s[end:]
		case strings.ContainsRune(" ,.-/'", r):
			s = s[size:]
		default:
			return "", false
		}
	}
	if !d.real() {
		return "", false
	}
	s = strings.TrimLeft(s, " ,.")
	for _, year := range []string{"года", "год", "г.", "г", "р."} {
		s = strings.TrimSpace(strings.TrimPrefix(s, year))
	}
	if s == "" {
		return d.String(), true
	}
	return d.String() + " " + strings.ToUpper(s), true
}

// afterOrdinal drops what makes a number the number of a day: 2nd, 1er, 1o.
func afterOrdinal(s string) string {
	for _, suffix := range []string{"st", "nd", "rd", "th", "er", "o", "e", "a"} {
		if rest, ok := strings.CutPrefix(s, suffix); ok && (rest == "" || strings.ContainsRune(" ,.-", rune(rest[0]))) {
			return rest
		}
	}
	return s
}

// dateWords are the names of months, 1 to 12, and, -1, words that stand in
// dates and tell nothing, such as days of the week. Listopad is not there: it
// is November in Polish and Czech and October in Croatian.
var dateWords = sync.OnceValue(func() map[string]int {
	words := map[string]int{}
	for m, names := range strings.Split(monthNames, "\n") {
		for name := range strings.FieldsSeq(names) {
			words[simple(name)] = m + 1
		}
	}
	for w := range strings.FieldsSeq(dateFillers) {
		words[simple(w)] = -1
	}
	return words
})

const monthNames = `january jan januar jänner jaenner jän janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty leden ledna január januára januar январь января янв січень січня ianuarie ian ocak oca tammikuu tammikuuta január ιανουαριος ιανουαριου
	february feb februar feber février févr fév fevr febrero febbraio fevereiro fev februari luty lutego lut únor února február februára февраль февраля фев лютий лютого februarie şubat sub helmikuu helmikuuta φεβρουαριος φεβρουαριου pebruari
	march mar märz mrz maerz mars marzo março marco maart mrt marzec marca březen března marec март марта мар березень березня martie mart maaliskuu maaliskuuta március μαρτιος μαρτιου maret marts
	april apr avril avr abril abr aprile kwiecień kwietnia kwi duben dubna apríl apríla апрель апреля апр квітень квітня aprilie nisan nis huhtikuu huhtikuuta április απριλιος απριλιου
	may mai mayo maggio mag maio mei maj maja květen května máj mája май мая травень травня mayıs toukokuu toukokuuta május μαιος μαιου
	june jun juni juin junio giugno giu junho czerwiec czerwca cze červen června jún júna июнь июня июн червень червня iunie haziran haz kesäkuu kesäkuuta június ιουνιος ιουνιου
	july jul juli juillet juil julio luglio lug julho lipiec lipca lip červenec července júl júla июль июля июл липень липня iulie temmuz tem heinäkuu heinäkuuta július ιουλιος ιουλιου
	august aug août aout agosto ago augustus sierpień sierpnia sie srpen srpna augusta август августа авг серпень серпня ağustos agu elokuu elokuuta augusztus αυγουστος αυγουστου agustus augusti
	september sep sept septembre septiembre settembre set setembro wrzesień września wrz září zari septembra сентябрь сентября сен сент вересень вересня septembrie eylül eyl syyskuu syyskuuta szeptember σεπτεμβριος σεπτεμβριου
	october oct oktober okt octobre octubre ottobre ott outubro out październik października paź říjen října október októbra октябрь октября окт жовтень жовтня octombrie ekim eki lokakuu lokakuuta οκτωβριος οκτωβριου
	november nov novembre noviembre novembro novembra ноябрь ноября ноя листопад листопада noiembrie kasım kas marraskuu marraskuuta νοεμβριος νοεμβριου nopember
	december dec dezember dez décembre déc diciembre dic dicembre dezembro desember des grudzień grudnia gru prosinec prosince decembra декабрь декабря дек грудень грудня decembrie aralık ara joulukuu joulukuuta δεκεμβριος δεκεμβριου`

const dateFillers = `de del of the den le el il na
	monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday sat sunday sun
	montag mo dienstag di mittwoch mi donnerstag do freitag fr samstag sa sonnabend sonntag so
	lundi lun mardi mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim
	lunes martes miércoles jueves viernes sábado domingo lunedì martedì mercoledì giovedì venerdì sabato domenica
	segunda terça quarta quinta sexta maandag dinsdag woensdag donderdag vrijdag zaterdag zondag`
