package normalize

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// company writes a name taken apart as core | words | form | place.
func company(text string) string {
	c := Company(text)
	return c.Core + " | " + strings.Join(c.Words, " ") + " | " + c.Form + " | " + c.Place
}

func TestCompany(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Acme, Inc.":                  "acme | acme | inc | ",
		"ACME INCORPORATED":           "acme | acme | inc | ",
		"Acme Co., Ltd.":              "acme | acme | ltd | ",
		"Acme Company Limited":        "acme | acme | ltd | ",
		"Acme (UK) Limited":           "acme | acme | ltd | uk",
		"Acme (Pty) Ltd":              "acme | acme | pty ltd | ",
		"Acme Pty. Limited":           "acme | acme | pty ltd | ",
		"Acme P/L":                    "acme | acme | pty ltd | ",
		"Foo (M) Sdn. Bhd.":           "foo | foo | sdn bhd | malaysia",
		"Foo (S) Pte Ltd":             "foo | foo | pte ltd | singapore",
		"Reliance Pvt. Ltd.":          "reliance | reliance | pvt ltd | ",
		"Reliance (P) Ltd":            "reliance | reliance | pvt ltd | ",
		"M/s. Sharma Traders":         "sharma traders | sharma traders |  | ",
		"The Boston Consulting Group": "boston consulting group | boston consulting group |  | ",
		"J.P. Morgan Chase & Co.":     "jp morgan chase | jp morgan chase | co | ",
		"JP Morgan Chase":             "jp morgan chase | jp morgan chase |  | ",
		"H&M Hennes & Mauritz AB":     "hm hennes mauritz | hm hennes mauritz | ab | ",
		"St. Mary's School":           "st marys school | st marys school |  | ",
		"Saint Mary’s School":         "st marys school | st marys school |  | ",
		"Wells Fargo Bank, N.A.":      "wells fargo bank | wells fargo bank | na | ",
		"Toyota Motor Corp. (Japan)":  "toyota motor | toyota motor | corp | japan",

		"Müller & Söhne GmbH & Co. KG":      "muller sohne | muller sohne | gmbh & co kg | ",
		"Mueller und Soehne GmbH u. Co. KG": "mueller soehne | mueller soehne | gmbh & co kg | ",
		"Siemens AG":                        "siemens | siemens | ag | ",
		"Siemens AG Niederlassung München":  "siemens niederlassung munchen | siemens niederlassung munchen | ag | ",
		"Blitz UG (haftungsbeschränkt)":     "blitz | blitz | ug | ",
		"Verein der Freunde e. V.":          "verein der freunde | verein der freunde | ev | ",
		"Strauß Gesellschaft m.b.H.":        "strauss | strauss | gmbh | ",
		"L'Oréal SA":                        "loreal | loreal | sa | ",
		"Dupont S. A. R. L.":                "dupont | dupont | sarl | ",
		"SARL Dupont":                       "dupont | dupont | sarl | ",
		"Dupont S.à r.l.":                   "dupont | dupont | sarl | ",
		"Société Générale S.A.":             "societe generale | societe generale | sa | ",
		"Gads Hill Center M & E Daycare":    "gads hill center me daycare | gads hill center me daycare |  | ",
		"Bertelsmann Stiftung":              "bertelsmann stiftung | bertelsmann stiftung |  | ",
		"Caixa Geral e Seguros S.A.":        "caixa geral seguros | caixa geral seguros | sa | ",
		"Fiat S.p.A.":                       "fiat | fiat | spa | ",
		"Rossi S.r.l.":                      "rossi | rossi | srl | ",
		"Type A B.V.":                       "type a | type a | bv | ",
		"Novo Nordisk A/S":                  "novo nordisk | novo nordisk | as | ",
		"Maersk ApS":                        "maersk | maersk | aps | ",
		"Nokia Oyj":                         "nokia | nokia | oyj | ",
		"ABC Spółka z o.o.":                 "abc | abc | sp. z o.o. | ",
		"ABC Sp. z o. o.":                   "abc | abc | sp. z o.o. | ",
		"Škoda Auto a.s.":                   "skoda auto | skoda auto | as | ",
		"A.B.C. spol. s r.o.":               "abc | abc | s.r.o. | ",
		"Tisza Kft.":                        "tisza | tisza | kft | ",
		"Krka d.o.o.":                       "krka | krka | d.o.o. | ",
		"S.C. Dacia S.R.L.":                 "dacia | dacia | srl | ",
		"Tüfekçi San. ve Tic. Ltd. Şti.":    "tufekci | tufekci | ltd sti | ",
		"Silva & Filhos, Lda.":              "silva filhos | silva filhos | lda | ",
		"Padaria Ltda - ME":                 "padaria | padaria | ltda | ",
		"Cemex, S.A. de C.V.":               "cemex | cemex | sa de cv | ",
		"Grupo Bimbo, S.A.B. de C.V.":       "group bimbo | group bimbo | sab de cv | ",
		"PT Astra International Tbk":        "astra international | astra international | tbk | ",
		"Công ty TNHH Samsung Việt Nam":     "samsung viet nam | samsung viet nam | tnhh | ",
		"ООО «Ромашка»":                     "ромашка | ромашка | ооо | ",
		"Romashka OOO":                      "romashka | romashka | ооо | ",
		`Общество с ограниченной ответственностью "Ромашка"`: "ромашка | ромашка | ооо | ",
		"ПАО Газпром":                     "газпром | газпром | пао | ",
		"ИП Иванов И.И.":                  "иванов ии | иванов ии | ип | ",
		"ΔΕΗ Α.Ε.":                        "δεη | δεη | αε | ",
		"John Smith t/a Smith's Plumbing": "john smith smiths plumbing | john smith smiths plumbing |  | ",
		"Jones LLC d/b/a Jones Cafe":      "jones cafe | jones cafe | llc | ",

		"上海华为技术有限公司":         "华为技术 | 华为 技术 | 有限公司 | 上海",
		"华为技术（上海）有限公司":       "华为技术 | 华为 技术 | 有限公司 | 上海",
		"华为技术(上海)有限公司":       "华为技术 | 华为 技术 | 有限公司 | 上海",
		"華為技術有限公司":           "华为技术 | 华为 技术 | 有限公司 | ",
		"广东省深圳市腾讯计算机系统有限公司":  "腾讯计算机系统 | 腾讯 计算机 系统 | 有限公司 | 深圳",
		"华为技术有限公司上海分公司":      "华为技术上海分公司 | 华为 技术 上海 分公司 | 分公司 | ",
		"中国工商银行股份有限公司北京分行":   "工商银行北京分行 | 工商 银行 北京 分行 | 分行 | 中国",
		"中国银行股份有限公司":         "中国银行 | 中国 银行 | 股份有限公司 | 中国",
		"上海银行":               "上海银行 | 上海 银行 |  | 上海",
		"北京同仁堂（集团）有限责任公司":    "同仁堂 | 同仁堂 | 集团有限责任公司 | 北京",
		"TCL科技集团股份有限公司":      "tcl科技 | tcl 科技 | 集团股份有限公司 | ",
		"IBM（中国）有限公司":        "ibm | ibm | 有限公司 | 中国",
		"阿里巴巴（中国）网络技术有限公司":   "阿里巴巴网络技术 | 阿里巴巴 网络技术 | 有限公司 | 中国",
		"北京市海淀区红星超市":         "红星超市 | 红星 超市 |  | 北京海淀区",
		"上海希尔顿酒店":            "希尔顿酒店 | 希尔顿 酒店 |  | 上海",
		"南京红星面包店":            "红星面包 | 红星面包 | 店 | 南京",
		"东方航空股份有限公司":         "东方航空 | 东方 航空 | 股份有限公司 | ",
		"昆山市富士康电子有限公司":       "富士康电子 | 富士康 电子 | 有限公司 | 昆山",
		"宁波梅山股权投资合伙企业（有限合伙）": "梅山股权投资 | 梅山股权 投资 | 合伙企业有限合伙 | 宁波",
		"株式会社トヨタ":            "トヨタ | トヨタ | 株式会社 | ",
		"トヨタ自動車株式会社":         "トヨタ自动车 | トヨタ 自动车 | 株式会社 | ",
		"㈱日立製作所":             "日立制作所 | 日立 制作所 | 株式会社 | ",
		"（株）日立製作所":           "日立制作所 | 日立 制作所 | 株式会社 | ",
		"삼성전자 주식회사":          "삼성전자 | 삼성전자 | 주식회사 | ",
		"(주)삼성전자":            "삼성전자 | 삼성전자 | 주식회사 | ",

		// Nothing is left of some names but what others leave out.
		"The Limited": "the | the | ltd | ",
		"Limited":     "limited | limited |  | ",
		"有限公司":        "有限公司 | 有限公司 |  | ",
		"上海":          "上海 | 上海 |  | 上海",
		"科技有限公司":      "科技 | 科技 | 有限公司 | ",
		"...":         " |  |  | ",
		"":            " |  |  | ",
	} {
		if got := company(in); got != want {
			t.Errorf("Company(%q)\n got %s\nwant %s", in, got, want)
		}
	}
}

// A branch and another place are another core or another place.
func TestCompanyKeepsApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"华为技术有限公司上海分公司", "华为技术有限公司"},
		{"华为技术有限公司上海分公司", "华为技术有限公司北京分公司"},
		{"华为技术（上海）有限公司", "华为技术（北京）有限公司"},
		{"北京市海淀区红星超市", "北京市朝阳区红星超市"},
		{"Siemens AG Niederlassung München", "Siemens AG"},
		{"Barclays Bank PLC, UK Branch", "Barclays Bank PLC"},
		{"Acme (UK) Ltd", "Acme (Ireland) Ltd"},
		{"上海银行", "北京银行"},
		{"Acme Group Ltd", "Acme Ltd"},
	} {
		a, b := Company(pair[0]), Company(pair[1])
		if a.Core == b.Core && a.Place == b.Place {
			t.Errorf("%s and %s are both %+v", pair[0], pair[1], a)
		}
	}
}

// names are texts of words that names and addresses are made of, and of
// anything.
var names = rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
	parts := rapid.SliceOfN(rapid.SampledFrom(strings.Fields(`acme the and & ltd . , ( ) GmbH Co KG sp z o.o. A/S 上海 华为 技术 有限公司 （ ） 分公司 集团 株式会社 ООО d/b/a t/a Müller
		12 5th st street unit 号 楼 室 路 c/o no # - / po box étage ① ﬁ ë 𝔄 ก์ ١ 서울 3층 e.V. 有限 S A R L`)), 0, 9).Draw(t, "parts")
	return strings.Join(parts, rapid.SampledFrom([]string{"", " ", ", ", "-"}).Draw(t, "between"))
}))

// tells reports whether a text has a letter or a digit.
func tells(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func TestCompanyNeverEmpty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := names.Draw(t, "name")
		c := Company(in)
		if tells(simple(in)) && (!tells(c.Core) || len(c.Words) == 0) {
			t.Fatalf("Company(%q) = %+v", in, c)
		}
		if diff := cmp.Diff(c, Company(Text(in))); diff != "" {
			t.Fatalf("Company(%q) differs from that of its normal form:\n%s", in, diff)
		}
	})
}

func FuzzCompany(f *testing.F) {
	for _, s := range []string{"Acme (UK) Ltd", "上海华为技术有限公司", "（株）", "\xff(\xff", "a/s t/a b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if c := Company(in); tells(simple(in)) && !tells(c.Core) {
			t.Fatalf("Company(%q) = %+v", in, c)
		}
	})
}

func BenchmarkCompany(b *testing.B) {
	for _, name := range []string{"Acme Trading (UK) Limited", "上海华为技术有限公司", "Müller & Söhne GmbH & Co. KG"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				Company(name)
			}
		})
	}
}
