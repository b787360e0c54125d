package normalize

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// CompanyName is a company's name taken apart.
type CompanyName struct {
	// Core is the name without legal form, place and punctuation, as it is
	// compared. It is empty only where the text has no letter and no digit. A
	// branch (Niederlassung, 上海分公司) keeps what makes it one.
	Core string
	// Words are those of Core, in order; Chinese in words: what it is called,
	// its line of business. A trading name (d/b/a, t/a) follows the name.
	Words []string
	// Form is the legal form in its usual short spelling: gmbh, ltd, 有限公司;
	// empty where none is written.
	Form string
	// Place stands before a Chinese name or in brackets: 上海, uk. It is not
	// part of Core unless nothing distinctive were left (上海银行).
	Place string
}

// Company takes a company's name apart.
func Company(text string) CompanyName {
	t := unbracket(simple(text))
	var c CompanyName
	var named []word
	parts := tradingNames(t.words)
	for i, part := range parts {
		form, words := stripForms(part)
		if i == 0 {
			c.Form, c.Place = form, t.place
		}
		if len(parts) == 1 && hasEastern(words) {
			c.eastern(words)
			return c
		}
		for _, w := range plainWords(words) {
			if i == 0 || !slices.ContainsFunc(named, func(n word) bool { return n.text == w.text }) {
				named = append(named, w)
			}
		}
	}
	c.Core, c.Words = joinWords(named), texts(named)
	return c
}

// tradingNames parts a name where it says that another name follows.
func tradingNames(words []word) [][]word {
	for i := 1; i+1 < len(words); i++ {
		_, n := tradingAs().before(words[i : len(words)-1])
		if n > 0 && (words[i].text != "ta" || words[i].gap == space) {
			return [][]word{words[:i], words[i+n:]}
		}
	}
	return [][]word{words}
}

var tradingAs = sync.OnceValue(func() *formBook {
	return newFormBook(`dba: doing business as
		ta: trading as|handelend onder de naam|nombre comercial
		aka: also known as
		fka: formerly|formerly known as|formerly trading as|previously`)
})

// stripForms takes legal forms off both ends, as long as something is left,
// and plain ones from within. The form is that of the name's end.
func stripForms(words []word) (form string, rest []word) {
	rest = words
	for {
		f, n := legalForms().behind(rest)
		if n == 0 || !worded(rest[:len(rest)-n]) {
			break
		}
		if form == "" {
			form = f
		}
		rest = rest[:len(rest)-n]
	}
	if f, n := leadingForms().before(rest); n > 0 && worded(rest[n:]) {
		rest = rest[n:]
		if form == "" {
			form = f
		}
	}
	switch {
	case form == "":
		if f, n := loneLeading().before(rest); n > 0 && worded(rest[n:]) {
			form, rest = f, rest[n:]
		}
	case rest[0].text == leadingWith[form] && worded(rest[1:]):
		rest = rest[1:]
	}
	return stripWithin(form, rest)
}

// stripWithin takes the forms out that stand before a branch (AG
// Niederlassung Berlin) and the plain ones.
func stripWithin(form string, words []word) (string, []word) {
	for i := 1; i < len(words); i++ {
		end := i + 1
		branch := end < len(words) && branchWords()[words[end].text]
		if !branch && !midForms()[words[i].text] {
			continue
		}
		f, n := legalForms().behind(words[1:end])
		if n == 0 {
			continue
		}
		if form == "" {
			form = f
		}
		kept := make([]word, 0, len(words))
		words = append(append(kept, words[:end-n]...), words[end:]...)
		i -= n
	}
	return form, words
}

var branchWords = lazySet(`branch|niederlassung|zweigniederlassung|filiale|zweigstelle|succursale|sucursal|filial|oddzial|pobocka|bijkantoor|филиал`)

// worded reports whether words are enough for a name of their own.
func worded(words []word) bool {
	for _, w := range words {
		if !fillers()[w.text] && !meaningless(w.text) {
			return true
		}
	}
	return false
}

// fillers are words that tell nothing: articles, and, Messrs.
var fillers = lazySet(`the|and|und|et|y|og|och|и|та|firma|fa|messrs|les|le|la`)

// connecting are fillers between two words only.
var connecting = lazySet(`e|en|i|u`)

// plainWords drops fillers, joins letters that stand alone then, and writes
// common abbreviations in full. Of nothing but fillers all stay.
func plainWords(words []word) []word {
	if !worded(words) {
		return words
	}
	out := make([]word, 0, len(words))
	for i, w := range words {
		switch {
		case (w.text == "la" || w.text == "le" || w.text == "les") && i > 0:
		case fillers()[w.text], i > 0 && i+1 < len(words) && w.gap == space && connecting()[w.text]:
			continue
		}
		if full, ok := businessWords()[w.text]; ok {
			w.text = full
		}
		w.gap &= space // of the gaps only nearness counts from here
		out = append(out, w)
	}
	if len(out) == 0 {
		return words
	}
	return abbreviations(out, true)
}

// businessWords are abbreviations in names of companies, in full.
var businessWords = sync.OnceValue(func() map[string]string {
	return lexicon(`international: intl|int'l|internat|internacional
		center: ctr|centre|cntr
		manufacturing: mfg|manuf|mfrs
		association: assn|assoc|asso
		national: natl|nat'l
		brothers: bros
		services: svcs|svc|service|serv
		management: mgmt|mgt
		group: grp|gruppe|groupe|grupo|gruppo|gruppen|koncern
		holding: holdings|hldg|hldgs
		university: univ
		department: dept
		hospital: hosp
		school: sch|schl
		elementary: elem
		technology: tech|technologies|tec|technol
		st: saint|sankt|sainte|ste
		institute: inst
		laboratory: lab|labs|laboratories
		pharmaceutical: pharma|pharmaceuticals|pharm
		engineering: engg|engrg
		industries: inds|industry|indus
		enterprises: ent|enterprise|entpr
		solutions: solution|soln
		systems: system|sys
		trading: trdg|tdg
		construction: constr|const
		development: dev|devt
		community: comm|commty
		children: childrens
		insurance: ins
		transport: transp|transportation`)
})

// bracketed is a name whose brackets were looked into: place is what stood in
// them where that was a place; anything else stays among the words.
type bracketed struct {
	words []word
	place string
}

func unbracket(t string) bracketed {
	var b bracketed
	if r, ok := strings.CutPrefix(t, "m/s"); ok {
		t = strings.TrimLeft(r, ". ")
	}
	out, rest := "", t
	for {
		from, to, found := bracket(rest)
		if !found {
			break
		}
		before, inside, after := rest[:from], rest[from:to], rest[to:]
		_, n := utf8.DecodeRuneInString(after)
		rest = after[n:]
		_, n = utf8.DecodeLastRuneInString(before)
		before = before[:len(before)-n]
		switch place, ok := bracketPlace(strings.TrimSpace(inside)); {
		case ok && b.place == "" && meaningful(out+before+rest):
			b.place = place
			out += before
			if !endsEastern(out) {
				out += " "
			}
		case easternForms[inside] != "":
			out += before + easternForms[inside]
		case endsEastern(inside) && companyInBrackets()[inside]:
			out += before + inside
		default:
			out += before + " " + inside + " "
		}
	}
	b.words = abbreviations(wordsOf(strings.TrimSpace(out+rest)), true)
	return b
}

// easternForms are abbreviations of forms in brackets.
var easternForms = map[string]string{
	"株": "株式会社", "有": "有限会社", "合": "合同会社", "주": "주식회사", "유": "유한회사",
}

// companyInBrackets are parts of a form that brackets surround at will.
var companyInBrackets = lazySet(`集团|控股|有限合伙|普通合伙|特殊普通合伙|个体工商户|个人独资|个人独资企业`)

// bracket finds the inside of the first pair of brackets.
func bracket(s string) (from, to int, found bool) {
	open := strings.IndexAny(s, "([{【〔")
	if open < 0 {
		return 0, 0, false
	}
	_, n := utf8.DecodeRuneInString(s[open:])
	length := strings.IndexAny(s[open+n:], ")]}】〕")
	if length < 0 {
		return 0, 0, false
	}
	return open + n, open + n + length, true
}

func meaningful(s string) bool { return !meaningless(s) }

func endsEastern(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return eastern(r)
}

func hasEastern(words []word) bool {
	for _, w := range words {
		if w.cjk {
			return true
		}
	}
	return false
}
