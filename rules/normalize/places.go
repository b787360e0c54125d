package normalize

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// chinesePlaces are the names of provinces and prefectures of China, and of
// some cities below them, in full and short: name -> short name.
var chinesePlaces = sync.OnceValue(func() *placeBook {
	places := map[string]string{}
	wordlike := set(placesLikeWords)
	for _, name := range scheme.Regions() {
		short := name
		for _, suffix := range []string{"特别行政区", "地区", "林区", "省", "市"} {
			if s, ok := strings.CutSuffix(name, suffix); ok {
				short = s
				break
			}
		}
		if utf8.RuneCountInString(name) < 3 || strings.HasSuffix(name, "区划") || name == "市辖区" {
			continue
		}
		places[name] = short
		if !wordlike[short] {
			places[short] = short
		}
	}
	for line := range strings.Lines(autonomousPlaces) {
		short, long, _ := strings.Cut(strings.TrimSpace(line), " ")
		places[short], places[long] = short, short
	}
	for short := range set(countyCities) {
		places[short], places[short+"市"] = short, short
	}
	for short := range set(wellKnownDistricts) {
		places[short], places[short+"区"], places[short+"新区"] = short, short, short
	}
	book := &placeBook{short: places, longest: map[rune]int{}}
	for name := range places {
		r, _ := utf8.DecodeRuneInString(name)
		book.longest[r] = max(book.longest[r], len(name))
	}
	return book
})

// placeBook are names of places: name -> short name, and by their first
// character how many bytes the longest has.
type placeBook struct {
	short   map[string]string
	longest map[rune]int
}

// placesLikeWords are prefectures whose short names are words of their own:
// they need 市 behind them to be a place.
const placesLikeWords = `白银|安康|朝阳|大同|大庆|天水|丽水|来宾|中卫|长治|宜春|吉安|永川|永吉|海东|新界|三明|平凉|固原|黄山|东方|铜川|百色|保山|金昌|阿里`

const autonomousPlaces = `内蒙古 内蒙古自治区
	广西 广西壮族自治区
	西藏 西藏自治区
	宁夏 宁夏回族自治区
	新疆 新疆维吾尔自治区
	延边 延边朝鲜族自治州
	恩施 恩施土家族苗族自治州
	湘西 湘西土家族苗族自治州
	阿坝 阿坝藏族羌族自治州
	甘孜 甘孜藏族自治州
	凉山 凉山彝族自治州
	黔西南 黔西南布依族苗族自治州
	黔东南 黔东南苗族侗族自治州
	黔南 黔南布依族苗族自治州
	楚雄 楚雄彝族自治州
	红河 红河哈尼族彝族自治州
	文山 文山壮族苗族自治州
	西双版纳 西双版纳傣族自治州
	大理 大理白族自治州
	德宏 德宏傣族景颇族自治州
	怒江 怒江傈僳族自治州
	迪庆 迪庆藏族自治州
	临夏 临夏回族自治州
	甘南 甘南藏族自治州
	海西 海西蒙古族藏族自治州
	昌吉 昌吉回族自治州
	伊犁 伊犁哈萨克自治州
	巴音郭楞 巴音郭楞蒙古自治州
	博尔塔拉 博尔塔拉蒙古自治州`

// countyCities are cities below a prefecture that many companies have in
// their names.
const countyCities = `台北|新北|台中|台南|高雄|基隆|新竹|昆山|常熟|张家港|太仓|江阴|宜兴|义乌|慈溪|余姚|海宁|桐乡|诸暨|温岭|乐清|瑞安|晋江|石狮|福清|启东|如皋|靖江|滕州|寿光|龙口|莱州|邹平|巩义|都江堰`

const wellKnownDistricts = `浦东|顺德|增城|从化|滨海`

// cutPlace cuts the names of places off the beginning of a Chinese text:
// 广东省深圳市南山区 is 深圳南山区. No district is looked for unless a city stands
// before it.
func cutPlace(s string) (place, rest string) {
	rest = s
	if r, ok := strings.CutPrefix(rest, "中国"); ok {
		place, rest = "中国", r
	}
	for range 3 { // province, city, county city
		p, n := leadingPlace(rest)
		if n == 0 {
			p, n = leadingUnit(rest, "市县", 2, 3)
			p = strings.TrimSuffix(p, "市")
		}
		if n == 0 {
			break
		}
		place, rest = p, rest[n:]
	}
	if place != "" && place != "中国" {
		if d, n := leadingUnit(rest, "区县镇", 2, 4); n > 0 {
			place, rest = place+d, rest[n:]
		}
	}
	return place, rest
}

// leadingPlace is the longest listed place at the start of s, and its bytes.
// A short name is none where it is that of a street or a district: 南京路, 中山区.
func leadingPlace(s string) (short string, size int) {
	places := chinesePlaces()
	first, n := utf8.DecodeRuneInString(s)
	for end := min(places.longest[first], len(s)); end > n; end-- {
		p, ok := places.short[s[:end]]
		if !ok {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(s[end:]); p != s[:end] || !strings.ContainsRune("路街道大区县镇", next) {
			return p, end
		}
	}
	return "", 0
}

// leadingUnit is a name at the start of s that ends in one of the characters
// of kinds, of least to most characters with it.
func leadingUnit(s, kinds string, least, most int) (name string, size int) {
	runes, before := 0, rune(0)
	for i, r := range s {
		runes++
		if runes > most+1 || !eastern(r) {
			return "", 0
		}
		if runes > least && strings.ContainsRune(kinds, r) {
			if strings.ContainsRune("超城都门夜股菜集上社园小地特景片街校厂林矿展", before) {
				return "", 0 // 超市, 社区: no place
			}
			end := i + utf8.RuneLen(r)
			return s[:end], end
		}
		before = r
	}
	return "", 0
}

// bracketPlace is a place that stands in brackets in a company's name.
func bracketPlace(s string) (string, bool) {
	if p, rest := cutPlace(s); p != "" && (rest == "" || rest == "市" || rest == "区") {
		return p, true
	}
	p, ok := latinPlaces()[s]
	return p, ok
}

// latinPlaces are countries and cities as they stand in brackets in names of
// companies.
var latinPlaces = sync.OnceValue(func() map[string]string {
	places := lexicon(placeSpellings)
	for line := range strings.SplitSeq(placeNames, "|") {
		name := strings.TrimSpace(line)
		places[name] = name
	}
	return places
})

const placeSpellings = `uk: gb|u.k.|united kingdom|great britain|g.b.
	usa: us|u.s.|u.s.a.|america|united states|united states of america
	hong kong: hk|hongkong|h.k.
	china: prc|p.r.c.|p.r. china|cn|pr china|p.r.china
	uae: u.a.e.|united arab emirates
	europe: eu|emea
	asia: apac|asia pacific|asia-pacific
	germany: de|deutschland
	austria: osterreich
	switzerland: ch|schweiz|suisse|svizzera
	netherlands: nl|the netherlands|holland|nederland
	spain: espana
	italy: italia
	brazil: brasil
	mexico: mx
	poland: polska|pl
	australia: aust|au
	new zealand: nz|n.z.
	south africa: sa|rsa|za
	malaysia: m|my
	singapore: s|sg
	india: i
	ireland: irl|roi
	taiwan: tw
	japan: jp
	korea: kr|south korea
	france: fr
	canada: ca`

const placeNames = `argentina|bahrain|bangladesh|belgium|cambodia|chile|colombia|cyprus|czech republic|denmark|egypt|england|england and wales|estonia|far east|finland|
	gibraltar|greece|guernsey|hungary|iceland|indonesia|international|isle of man|israel|jersey|kenya|latvia|lithuania|luxembourg|macau|macao|malta|
	mauritius|middle east|morocco|nigeria|northern ireland|norway|oman|pakistan|peru|philippines|portugal|qatar|romania|russia|saudi arabia|scotland|
	serbia|slovakia|slovenia|sri lanka|sweden|thailand|turkey|ukraine|vietnam|wales|zimbabwe|
	beijing|shanghai|shenzhen|guangzhou|tianjin|chongqing|chengdu|hangzhou|suzhou|nanjing|wuhan|ningbo|qingdao|dalian|xiamen|dongguan|foshan|xian|wuxi|
	london|manchester|birmingham|paris|berlin|munich|hamburg|frankfurt|vienna|zurich|amsterdam|rotterdam|brussels|milan|rome|madrid|barcelona|
	new york|los angeles|california|texas|chicago|delaware|toronto|vancouver|quebec|sydney|melbourne|brisbane|perth|queensland|nsw|victoria|
	tokyo|osaka|seoul|taipei|dubai|abu dhabi|mumbai|delhi|bangalore|johannesburg|cape town|moscow|sao paulo|москва|санкт-петербург|спб|россия`
