package normalize

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown is a name as the tables below write it: given / family / titles, the
// words of each with a space between, a + for each spelling in Also.
func shown(n Name) string {
	parts := []string{shownTokens(n.Given), shownTokens(n.Family), strings.Join(n.Titles, ", ")}
	s := strings.Join(parts, " / ")
	if n.Sure {
		s += " !"
	}
	return s
}

func shownTokens(tokens []Token) string {
	var words []string
	for _, t := range tokens {
		w := t.Text
		for _, a := range t.Also {
			w += "+" + a
		}
		if t.Initial {
			w += "."
		}
		if t.Title {
			w = "(" + w + ")"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

func TestFullNameOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		// Order.
		"":                     " /  / ",
		"  \u3000":             " /  / ",
		"Smith":                " / smith / ",
		"John Smith":           "john / smith / ",
		"JOHN SMITH":           "john / smith / ",
		"john paul smith":      "john paul / smith / ",
		"Smith, John":          "john / smith /  !",
		"SMITH John":           "john / smith /  !",
		"John SMITH":           "john / smith /  !",
		"SMITH JONES Mary Ann": "mary ann / smith jones /  !",
		"JP Morgan":            "jp / morgan / ",
		"García López, José":   "jose / garcia lopez /  !",
		"Kim Min-jun":          "min jun / kim / ",
		"Nguyễn Văn An":        "van an / nguyen /  !",
		"An Nguyễn":            "an / nguyen / ",
		"Wheatley F.":          "f. / wheatley / ",
		"John F.":              "john / f. / ",
		// Initials.
		"J. Smith":          "j. / smith / ",
		"J.R.R. Tolkien":    "j. r. r. / tolkien / ",
		"Tolkien, J. R. R.": "j. r. r. / tolkien /  !",
		"J.Smith":           "j. / smith / ",
		"John D Smith":      "john d. / smith / ",
		"M.A. Jinnah":       "m. a. / jinnah / ",
		// Titles.
		"Dr. John Smith":             "john / smith / dr",
		"Prof. Dr. Hans Maier":       "hans / maier / prof, dr",
		"Mary":                       "mary /  / ",
		"Sir John":                   "john /  / sir",
		"Mr John":                    " / john / mr",
		"John Smith (Dr.)":           "john / smith / dr",
		"Mr Smith":                   " / smith / mr",
		"Sir":                        " / (sir) / ",
		"Lord":                       " / lord / ",
		"John Smith, PhD":            "john / smith / phd",
		"John Smith Ph.D.":           "john / smith / phd",
		"John Smith, Jr.":            "john / smith / jr",
		"John Smith Jr":              "john / smith / jr",
		"Smith Jr., John":            "john / smith / jr !",
		"Smith, Dr. John, MD":        "john / smith / md, dr !",
		"John Smith III":             "john / smith / iii",
		"John Smith 3rd":             "john / smith / 3rd",
		"Sr. José García":            "jose / garcia / sr",
		"Don Johnson":                "don / johnson / ",
		"Don José García López":      "jose garcia / lopez / don",
		"Frau Dr. Anna Weiß":         "anna / weiss / frau, dr",
		"Herr Müller":                " / muller+mueller / herr",
		"Mme Le Goff":                " / legoff+goff / mme",
		"Maj.-Gen. Arthur Smith":     "arthur / smith / maj, gen",
		"Pan Wei":                    "pan / wei / ",
		"Col Smith":                  "col / smith / ",
		"Col. Smith":                 " / smith / col",
		"Ma Jun":                     "ma / jun / ",
		"Jun Ma":                     "jun / ma / ",
		"Li, Ma":                     "ma / li /  !",
		"Warren, Earl":               "earl / warren /  !",
		"João Silva Neto":            "joao / silva / neto",
		"Pedro Neto":                 "pedro / neto / ",
		"Mr & Mrs Smith":             " / smith / mr, mrs",
		"Robert (Bob) Smith":         "robert bob / smith / ",
		"Robert \"Bob\" Smith":       "robert bob / smith / ",
		"Jane Smith (née Jones)":     "jane / smith jones / ",
		"Jane Smith geb. Jones":      "jane / smith jones /  !",
		"John Smith 1st Baronet":     "john / smith / 1st baronet",
		"john frederick leary fsa":   "john frederick / leary / fsa",
		"the rt hon john smith":      "john / smith / the, rt, hon",
		"John Smith, 12 345":         "john / smith / 12 345",
		"daniel hamilton, salisbury": "daniel / hamilton / salisbury",
		"thomas clifford, 1st baron clifford of chudleigh": "thomas / clifford / 1st baron clifford of chudleigh",
		"alfred douglas-hamilton, 13th duke of hamilton":   "alfred / douglas hamilton / 13th duke of hamilton",
		// Particles, hyphens, apostrophes.
		"Vincent van Gogh":            "vincent / vangogh+gogh / ",
		"Vincent VAN GOGH":            "vincent / vangogh+gogh /  !",
		"van Gogh, Vincent":           "vincent / vangogh+gogh /  !",
		"Ludwig van der Meer":         "ludwig / vandermeer+meer / ",
		"van der Meer":                " / vandermeer+meer / ",
		"Pieter van 't Hoff":          "pieter / vanthoff+hoff / ",
		"Maria de la Cruz":            "maria / delacruz+cruz / ",
		"Leonardo da Vinci":           "leonardo / davinci+vinci / ",
		"José Ortega y Gasset":        "jose / ortega ygasset+gasset / ",
		"Van Morrison":                "van / morrison / ",
		"Di Wu":                       "di / wu / ",
		"Al Pacino":                   "al / pacino / ",
		"Harun al-Rashid":             "harun / alrashid+rashid / ",
		"Abd al-Rahman al-Kawakibi":   "abdalrahman / alkawakibi+kawakibi / ",
		"Mohammed bin Salman al-Saud": "mohammed / binsalman+salman alsaud+saud /  !",
		"Raju s/o Muthu":              "raju / muthu /  !",
		"Jean-Luc Picard":             "jean luc / picard / ",
		"Jean Luc Picard":             "jean luc / picard / ",
		"Anna Smith-Jones":            "anna / smith jones / ",
		"Conan O'Brien":               "conan / obrien+brien / ",
		"Conan O’Brien":               "conan / obrien+brien / ",
		"Conan O Brien":               "conan / obrien+brien / ",
		"Conan OBrien":                "conan / obrien / ",
		"Mary D'Angelo":               "mary / dangelo+angelo / ",
		"Ronald McDonald":             "ronald / mcdonald / ",
		"Ronald MacDonald":            "ronald / macdonald+mcdonald / ",
		"Ronald Mac Donald":           "ronald / macdonald+mcdonald / ",
		"Ronald Mc Donald":            "ronald / mcdonald / ",
		"Peter St. John":              "peter / stjohn / ",
		"Peter Saint John":            "peter / stjohn / ",
		"Ana Machado":                 "ana / machado / ",
		// Accents and letters of their own.
		"Jürgen Müller":          "jurgen+juergen / muller+mueller / ",
		"Juergen Mueller":        "juergen+jurgen / mueller+muller / ",
		"JÜRGEN MÜLLER":          "jurgen+juergen / muller+mueller / ",
		"Michael Miguel":         "michael / miguel / ",
		"Søren Ægisson":          "soren+soeren / aegisson / ",
		"Łukasz Żółć":            "lukasz / zolc / ",
		"Þór Ðuro Đilas":         "thor duro / dilas / ",
		"Ｊｏｈｎ　Ｓｍｉｔｈ":             "john / smith / ",
		"Jose\u0301 Nún\u0303ez": "jose / nunez / ",
	} {
		if got := shown(FullNameOf(in)); got != want {
			t.Errorf("FullNameOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFullNameOfOtherScripts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		// Cyrillic and Greek stay, with Latin spellings beside them.
		"Иван Иванов":           "иван+ivan / иванов+ivanov / ",
		"Иванов Иван Иванович":  "иван+ivan иванович+ivanovich / иванов+ivanov /  !",
		"Иван Иванович Иванов":  "иван+ivan иванович+ivanovich / иванов+ivanov /  !",
		"Ivanov Ivan Ivanovich": "ivan ivanovich / ivanov /  !",
		"Mary Ann Popovich":     "mary ann / popovich / ",
		"Юлия Щербакова":        "юлия+yuliya+iuliia / щербакова+shcherbakova / ",
		"Фёдор":                 " / федор+fedor / ",
		"Γεώργιος Παπαδόπουλος": "γεωργιοσ+georgios / παπαδοπουλοσ+papadopoulos+papadopulos / ",
		// Scripts that have no Latin spelling here.
		"محمد بن سلمان": "محمد / بنسلمان+سلمان /  !",
		"أَحْمَد":       "احمد /  / ",
		"שָׂרָה כהן":    "שרה / כהן / ",
		"प्रिया शर्मा":  "प्रिया / शर्मा / ",
		"สมชาย ใจดี":    "สมชาย / ใจดี / ",
		// Chinese.
		"张伟":            "伟 / 张 /  !",
		"張偉":            "伟 / 张 /  !",
		"张 伟":           "伟 / 张 /  !",
		"张　小　明":         "小明 / 张 /  !",
		"张":             " / 张 /  !",
		"欧阳娜娜":          "娜娜 / 欧阳 /  !",
		"歐陽修":           "修 / 欧阳 /  !",
		"欧阳":            " / 欧阳 /  !",
		"诸葛亮":           "亮 / 诸葛 /  !",
		"尉迟恭":           "恭 / 尉迟 /  !",
		"陈方安生":          "安生 / 陈 方 / ",
		"王小姐":           " / 王 / 小姐 !",
		"翟志刚 先生":        "志刚 / 翟 / 先生 !",
		"張醫生":           " / 张 / 医生 !",
		"约翰·史密斯":        "约翰 / 史密斯 /  !",
		"David 张":       "david / 张 /  !",
		"张伟 David":      "伟 david / 张 /  !",
		"张伟(Zhang Wei)": "伟 / 张 /  !",
		// Japanese.
		"山田太郎":    "太郎 / 山田 /  !",
		"山田 太郎様":  "太郎 / 山田 / 样 !",
		"佐々木 希":   "希 / 佐佐木 /  !",
		"渡邊 健":    "健 / 渡边 /  !",
		"高橋かおり":   "かおり+kaori / 高桥 /  !",
		"タナカ タロウ": "たろう+taro+tarou / たなか+tanaka /  !",
		"ﾀﾅｶ ﾀﾛｳ": "たろう+taro+tarou / たなか+tanaka /  !",
		"ジョン・スミス": "じょん+jon / すみす+sumisu /  !",
		"田中さん":    " / 田中 / さん",
		// Korean.
		"김민준":   "민준+minjoon+minjun / 김+kim+gim+ghim /  !",
		"김 민준":  "민준+minjoon+minjun / 김+kim+gim+ghim /  !",
		"남궁민수":  "민수+minsoo+minsu / 남궁+namgung+namkung+namgoong /  !",
		"김민준 님": "민준+minjoon+minjun / 김+kim+gim+ghim / 님 !",
		"박":     " / 박+park+bak+pak /  !",
	} {
		if got := shown(FullNameOf(in)); got != want {
			t.Errorf("FullNameOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{ // as given name, as family name
		"":                {"", ""},
		"John":            {"john", "john"},
		"Mary Ann":        {"mary ann", "mary ann"},
		"Dr. John":        {"john", "john"},
		"hon.":            {"(hon)", "(hon)"},
		"Lord":            {"(lord)", "lord"},
		"Smith Jr.":       {"smith", "smith"},
		"Smith, PhD":      {"smith", "smith"},
		"Van":             {"van", "van"},
		"van der Meer":    {"van dermeer+meer", "vandermeer+meer"},
		"Al Rashid":       {"al rashid", "alrashid+rashid"},
		"Abdul Rahman":    {"abdulrahman", "abdulrahman"},
		"O Brien":         {"o. brien", "obrien+brien"},
		"Jones (née Roe)": {"jones roe", "jones roe"},
		"小 明":             {"小明", "小明"},
		"欧阳":              {"欧阳", "欧阳"},
		"김":               {"김+kim+gim", "김+kim+gim+ghim"},
		"先生":              {"先生", "先生"},
		"?!":              {"?!", "?!"},
	} {
		if got := shownTokens(GivenName(in)); got != want[0] {
			t.Errorf("GivenName(%q) = %q, want %q", in, got, want[0])
		}
		if got := shownTokens(FamilyName(in)); got != want[1] {
			t.Errorf("FamilyName(%q) = %q, want %q", in, got, want[1])
		}
	}
}

func TestGeneration(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]uint8{
		"John Smith":       0,
		"John Smith Sr.":   1,
		"John Smith Jr":    2,
		"John Smith, Jr.":  2,
		"Smith, John, Jr.": 2,
		"Smith II":         2,
		"Smith Junior":     2,
		"John Smith III":   3,
		"John Smith 4th":   4,
		"João Silva Neto":  3,
		"Sr. José García":  0,
		"Junior":           0,
		"张伟":               0,
		"":                 0,
	} {
		if got := Generation(in); got != want {
			t.Errorf("Generation(%q) = %d, want %d", in, got, want)
		}
		if got := FullNameOf(in).Generation; got != want {
			t.Errorf("FullNameOf(%q).Generation = %d, want %d", in, got, want)
		}
	}
}

func TestPinyin(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{ // the first of them
		"曾": {"zeng", "ceng"}, "单": {"shan", "chan", "dan"}, "解": {"xie", "jie"}, "仇": {"qiu", "chou"}, "查": {"zha", "cha"},
		"区": {"ou", "qu"}, "朴": {"piao", "pu", "park"}, "翟": {"zhai", "di"}, "尉迟": {"yuchi"}, "长孙": {"zhangsun"}, "万俟": {"moqi"},
		"陳": {"chen", "chan", "tan"}, "吕": {"lv", "lui", "lu"}, "徐": {"xu", "tsui"},
	} {
		got := FamilyName(in)[0].Pinyin
		if diff := cmp.Diff(want, got[:min(len(got), len(want))]); diff != "" {
			t.Errorf("readings of the family name %s (-want +got):\n%s", in, diff)
		}
	}
	for in, want := range map[string][]string{
		"伟":  {"wei"},
		"志强": {"zhiqiang", "zhijiang", "chihchiang"},
		"绿":  {"lv", "lu", "lyu"},
		"雪芹": {"xueqin", "hsuehchin"},
		"𠮷":  nil,
	} {
		if diff := cmp.Diff(want, GivenName(in)[0].Pinyin); diff != "" {
			t.Errorf("readings of the given name %s (-want +got):\n%s", in, diff)
		}
	}
}

func TestNicknames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Robert", "Bob", true},
		{"Rob", "Robert", true},
		{"William", "Liam", true},
		{"Margaret", "Peggy", true},
		{"Александр", "Саша", true},
		{"Александр", "Sasha", true},
		{"Mohammed", "Muhammad", true},
		{"محمّد", "Mohamed", true},
		{"José", "Pepe", true},
		{"Giuseppe", "Beppe", true},
		{"Johannes", "Hans", true},
		{"Wilhelmus", "Wim", true},
		{"Małgorzata", "Gosia", true},
		{"François", "Fanfan", true},
		{"Francisco", "Chico", true},
		{"Robert", "William", false},
		{"Mary", "John", false},
		{"伟", "明", false},
	} {
		if got := sharesGroup(GivenName(c.a), GivenName(c.b)); got != c.same {
			t.Errorf("%s and %s may be one: %v", c.a, c.b, got)
		}
	}
	if !sharesGroup(FamilyName("蕭"), FamilyName("肖")) || sharesGroup(FamilyName("Bob"), FamilyName("Robert")) {
		t.Error("groups of family names")
	}
	if n := len(nicknames()); n < 2500 {
		t.Errorf("%d names in the table", n)
	}
}

func sharesGroup(a, b []Token) bool {
	for _, g := range a[0].Nick {
		for _, h := range b[0].Nick {
			if g == h {
				return true
			}
		}
	}
	return false
}
