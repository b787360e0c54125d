package normalize

import (
	"strings"
	"sync"
)

// legalForms are the legal forms of companies that stand behind a name, by
// their words, and how many words the longest has.
//
// Source of the forms: ISO 20275 (entity legal forms) and the registers of
// the countries.
var legalForms = sync.OnceValue(func() *formBook { return newFormBook(formsBehind) })

// leadingForms are those that stand before a name whatever stands behind it;
// loneLeading only where no form stands behind it, as they are words too.
var (
	leadingForms = sync.OnceValue(func() *formBook { return newFormBook(formsBefore) })
	loneLeading  = sync.OnceValue(func() *formBook { return newFormBook(formsBeforeAlone) })
)

// leadingWith are forms before a name that go with the form behind it.
var leadingWith = map[string]string{"srl": "sc", "sa": "sc", "tbk": "pt"}

type formBook struct {
	forms   map[string]string // words with a space between -> form
	first   map[string]bool   // words that a form starts with
	last    map[string]bool   // words that a form ends with
	longest int               // words
}

func newFormBook(lines string) *formBook {
	b := &formBook{forms: map[string]string{}, first: map[string]bool{}, last: map[string]bool{}}
	for spelling, form := range lexicon(lines) {
		words := abbreviations(wordsOf(spelling), true)
		b.forms[strings.Join(texts(words), " ")] = form
		b.first[words[0].text], b.last[words[len(words)-1].text] = true, true
		b.longest = max(b.longest, len(words))
	}
	return b
}

// find is the form that words are, all of them.
func (b *formBook) find(words []word) (string, bool) {
	if len(words) == 1 {
		f, ok := b.forms[words[0].text]
		return f, ok
	}
	f, ok := b.forms[strings.Join(texts(words), " ")]
	return f, ok
}

// behind is the longest form at the end of words, and of how many.
func (b *formBook) behind(words []word) (form string, n int) {
	if len(words) == 0 || !b.last[words[len(words)-1].text] {
		return "", 0
	}
	for n = min(b.longest, len(words)); n > 0; n-- {
		if f, ok := b.find(words[len(words)-n:]); ok {
			return f, n
		}
	}
	return "", 0
}

// before is the longest form at the start of words, and of how many.
func (b *formBook) before(words []word) (form string, n int) {
	if len(words) == 0 || !b.first[words[0].text] {
		return "", 0
	}
	for n = min(b.longest, len(words)); n > 0; n-- {
		if f, ok := b.find(words[:n]); ok {
			return f, n
		}
	}
	return "", 0
}

// midForms are forms so plain that they are none of a name's words wherever
// they stand behind its first word.
var midForms = lazySet(`gmbh|ltd|limited|llc|llp|plc|inc|incorporated|pty|pte|pvt|sdn|bhd|sarl|gesmbh|mbh|spzoo|sro|srl|kft|zrt|nyrt|bvba|sprl|eurl|aktiengesellschaft`)

const formsBehind = `inc: incorporated|incorporation|inc|co inc|company inc
	corp: corporation|corp|co corp|corpn
	co: company|co|cie|compagnie|cia|compania|companhia
	llc: l.l.c.|limited liability company|limited liability co|ltd liability co|co llc|company llc
	llp: l.l.p.|limited liability partnership
	lp: l.p.|limited partnership
	lllp: l.l.l.p.
	pllc: p.l.l.c.
	pc: p.c.|professional corporation|professional corp
	pa: p.a.|professional association
	ltd: limited|ltd|co ltd|company limited|co limited|company ltd|corp ltd|corporation limited|cyf|cyfyngedig|teoranta|teo
	plc: p.l.c.|public limited company|public limited co
	cic: c.i.c.|community interest company
	dac: d.a.c.|designated activity company
	clg: company limited by guarantee
	unlimited: ultd
	pty ltd: pty limited|proprietary limited|proprietary ltd|p l|pty|p/l|pty. co ltd
	pvt ltd: private limited|pvt limited|private ltd|p ltd|pvt|opc pvt ltd|opc private limited|p limited|pvt. co ltd
	pte ltd: pte limited|pte|private limited company
	sdn bhd: sendirian berhad|sdn berhad|sdn
	bhd: berhad
	tbk: pt tbk|persero tbk
	gmbh: g.m.b.h.|gesellschaft mit beschrankter haftung|gesellschaft m b h|ges m b h|gesmbh|ges mbh|mbh|m b h|gesellschaft mbh
	ggmbh: gemeinnutzige gmbh|g gmbh
	gmbh & co kg: gmbh co kg|gmbh & co|gmbh und co kg|gmbh u co kg|mbh & co kg|mbh und co kg|gesmbh & co kg|gmbh & cie kg|gmbh & co kommanditgesellschaft
	gmbh & co kgaa: gmbh co kgaa|gmbh und co kgaa
	gmbh & co ohg: gmbh co ohg|gmbh und co ohg
	ag & co kg: ag co kg|ag und co kg|ag & co kgaa|se & co kg|se & co kgaa|ug & co kg|ug haftungsbeschrankt & co kg|ltd & co kg|se und co kg
	ug: ug haftungsbeschrankt|unternehmergesellschaft|unternehmergesellschaft haftungsbeschrankt|haftungsbeschrankt
	ag: a.g.|aktiengesellschaft|akt ges
	kgaa: kommanditgesellschaft auf aktien
	kg: k.g.|kommanditgesellschaft|co kg|& co kg|und co kg
	ohg: o.h.g.|offene handelsgesellschaft|co ohg
	og: offene gesellschaft
	gbr: g.b.r.|gesellschaft burgerlichen rechts
	ek: e.k.|e.kfm.|e.kfr.|eingetragener kaufmann|eingetragene kauffrau|ekfm|e kfm|e kfr
	einzelunternehmen:
	ev: e.v.|eingetragener verein|e v
	eg: e.g.|eingetragene genossenschaft|genossenschaft
	partg: partgmbb|partnerschaftsgesellschaft|partg mbb|part gmbb|partnerschaft
	se: societas europaea|s.e.
	sarl: s.a.r.l.|s.a r.l.|sa rl|s a rl|societe a responsabilite limitee|sarl unipersonnelle
	sarl s: sarls
	sas: s.a.s.|societe par actions simplifiee|sas unipersonnelle
	sasu: s.a.s.u.|societe par actions simplifiee unipersonnelle
	sa: s.a.|societe anonyme|sociedad anonima|sociedade anonima|sociedad anonima unipersonal|s a|s/a
	eurl: e.u.r.l.|entreprise unipersonnelle a responsabilite limitee
	snc: s.n.c.|societe en nom collectif|societa in nome collettivo
	sci: s.c.i.|societe civile immobiliere
	scop: s.c.o.p.
	scs: s.c.s.
	sca: s.c.a.|societe en commandite par actions
	asbl: a.s.b.l.|vzw|v.z.w.
	spa: s.p.a.|societa per azioni
	srl: s.r.l.|societa a responsabilita limitata|sociedad de responsabilidad limitada|s.r.l|societate cu raspundere limitata
	srls: s.r.l.s.|srl semplificata
	sapa: s.a.p.a.
	sas di: s.a.s. di
	scarl: s.c.a.r.l.|soc coop a r l|societa cooperativa|soc coop|scrl|s.c.r.l.
	bv: b.v.|besloten vennootschap|b v
	nv: n.v.|naamloze vennootschap|n v
	vof: v.o.f.|vennootschap onder firma
	cv: c.v.|commanditaire vennootschap
	bvba: b.v.b.a.|sprl|s.p.r.l.
	ab: a.b.|aktiebolag|aktiebolaget|ab publ|ab (publ)|aktiebolag publ
	hb: handelsbolag|kommanditbolag
	asa: a.s.a.|allmennaksjeselskap
	as: a/s|a.s.|aktieselskab|aksjeselskap|a s|as.|akciova spolecnost|akciova spolocnost|anonim sirketi|a.s|aktsiaselts|akciju sabiedriba
	aps: a.p.s.|anpartsselskab|ap s
	ivs: i.v.s.
	ks: k/s|k.s.|kommanditselskab|komanditni spolecnost
	interessentskab:
	ans: ansvarlig selskap
	enk: enkeltpersonforetak
	ehf: einkahlutafelag
	hf: hlutafelag
	oy: o.y.|osakeyhtio|oy ab|o y
	oyj: julkinen osakeyhtio|oyj abp
	ky: kommandiittiyhtio
	tmi: toiminimi
	ou: osauhing|o.u.
	sia: s.i.a.|sabiedriba ar ierobezotu atbildibu
	uab: u.a.b.|uzdaroji akcine bendrove
	sp. z o.o.: sp zoo|sp z oo|sp z o o|spzoo|spolka zoo|spolka z oo|spolka z ograniczona odpowiedzialnoscia|sp z.o.o.|spolka z o.o.
	sp. z o.o. sp. k.: sp zoo sp k|sp z oo sp k|sp zoo spk|sp z oo spk|sp. z o.o. spolka komandytowa|spolka z ograniczona odpowiedzialnoscia spolka komandytowa|sp. z o.o. sp.k.
	sp. k.: spk|sp k|spolka komandytowa
	sp. j.: spj|sp j|spolka jawna
	s.c.: spolka cywilna
	spolka akcyjna: spolka akcyjna
	psa: p.s.a.|prosta spolka akcyjna
	s.r.o.: sro|spol s r o|spol sro|spol. s r.o.|spolecnost s rucenim omezenym|spolocnost s rucenim obmedzenym|s r o|s r.o.
	vos: v.o.s.
	kft: korlatolt felelossegu tarsasag|kft.
	zrt: zartkoruen mukodo reszvenytarsasag
	nyrt: nyilvanosan mukodo reszvenytarsasag
	bt: beteti tarsasag
	rt: reszvenytarsasag
	d.o.o.: doo|d.o.o|drustvo s ogranicenom odgovornoscu|druzba z omejeno odgovornostjo|drustvo sa ogranicenom odgovornoscu|д.о.о.
	d.d.: dd|dionicko drustvo|delniska druzba
	a.d.: ad|akcionarsko drustvo|а.д.
	j.d.o.o.: jdoo
	ood: ооd|оод|o.o.d.|eood|еоод
	ltd sti: limited sirketi|ltd sirketi|san ve tic ltd sti|tic ltd sti|limited sti|sanayi ve ticaret ltd sti|ticaret ltd sti|sanayi ve ticaret limited sirketi
	san ve tic as: sanayi ve ticaret a.s.|san tic a.s.|sanayi ve ticaret anonim sirketi|san ve tic a.s.
	lda: l.da|sociedade por quotas|lda.
	unipessoal lda: sociedade unipessoal lda|unip lda
	ltda: limitada|cia ltda|ltda me|ltda epp|l.t.d.a.
	eireli: e.i.r.e.l.i.|eireli me|eireli epp
	mei: microempreendedor individual
	sl: s.l.|sociedad limitada|s l
	slu: s.l.u.|sociedad limitada unipersonal
	slp: s.l.p.
	sau: s.a.u.
	sociedad colectiva: s.r.c.
	s coop: sociedad cooperativa|s. coop.
	sa de cv: s.a. de c.v.|sociedad anonima de capital variable|s a de c v|sociedad anonima de cv
	s de rl de cv: s. de r.l. de c.v.|s de r l de c v|s. de r.l.|s de rl
	sab de cv: s.a.b. de c.v.
	sapi de cv: s.a.p.i. de c.v.
	sc: s.c.|sociedad civil
	spr: s.p.r. de r.l.
	eirl: e.i.r.l.
	saic: s.a.i.c.|sacif|s.a.c.i.f.
	sac: s.a.c.|sociedad anonima cerrada
	saa: s.a.a.
	kk: k.k.|kabushiki kaisha|kabushikigaisha|kabushiki gaisha
	gk: g.k.|godo kaisha
	yk: y.k.|yugen kaisha
	wll: w.l.l.
	fze: f.z.e.
	fzco: f.z.co|fz co
	fz llc: fzllc|fz-llc
	psc: p.s.c.|pjsc|p.j.s.c.
	saog: s.a.o.g.
	sal: s.a.l.
	na: n.a.
	jsc: j.s.c.|joint stock company|cjsc|ojsc|joint-stock company
	ооо: о.о.о.|общество с ограниченной ответственностью|ooo|o.o.o.
	ао: а.о.|акционерное общество
	пао: публичное акционерное общество
	зао: закрытое акционерное общество|zao
	оао: открытое акционерное общество|oao
	ип: индивидуальный предприниматель
	тов: товариство з обмеженою відповідальністю
	αε: α.ε.|ανωνυμη εταιρεια
	επε: ε.π.ε.
	ικε: ι.κ.ε.
	οε: ο.ε.
	בעמ: בע"מ
	ذمم: ذ.م.م|ش.ذ.م.م|ذ.م.م.
	شمم: ش.م.م|ش.م.ك`

const formsBefore = `ооо: о.о.о.|общество с ограниченной ответственностью|ooo
	пао: публичное акционерное общество
	зао: закрытое акционерное общество|zao
	оао: открытое акционерное общество|oao
	нао: непубличное акционерное общество
	ао: акционерное общество
	ип: индивидуальный предприниматель
	гуп: государственное унитарное предприятие
	мп: муниципальное предприятие
	тоо: товарищество с ограниченной ответственностью
	тов: товариство з обмеженою відповідальністю
	прат: приватне акціонерне товариство
	пат: публічне акціонерне товариство
	фоп: фізична особа підприємець
	чп: частное предприятие|пп
	еоод:
	еад:
	uab: u.a.b.
	sarl: s.a.r.l.|sa rl|societe a responsabilite limitee
	eurl: e.u.r.l.
	sasu: s.a.s.u.
	bvba: b.v.b.a.|sprl
	kabushiki kaisha: kk kabushiki kaisha
	tnhh: cong ty tnhh|cong ty trach nhiem huu han|cong ty tnhh mtv|cong ty tnhh mot thanh vien
	cp: cong ty co phan|cong ty cp|ctcp
	co: compagnie des
	firma: fa firma
	ets: etablissements`

const formsBeforeAlone = `pt: p.t.
	sas: s.a.s.
	sci: s.c.i.
	scp: s.c.p.
	snc: s.n.c.
	ud: u.d.
	ou: osauhing
	sia: s.i.a.
	as: aktsiaselts|a/s`
