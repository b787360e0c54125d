package normalize

import (
	"strings"
	"sync"
	"unicode"
)

// Mailbox is an e-mail address as mailboxes are compared: what its provider
// takes for the same (sub-addresses, dots, other domains of one provider) is
// one. Words are those of the local part, without digits and punctuation.
type Mailbox struct {
	Local, Domain string
	Words         []string
	Free          bool // the domain is a public provider's: it tells nothing of its owner
	Role          bool // info@, sales@: a desk, not a person
}

// MailboxOf takes an address apart that [Email] has accepted. What a provider
// ignores is dropped for the providers that are known to ignore it only: at a
// domain that nobody knows, a+b and a may be two people.
func MailboxOf(email string) Mailbox {
	local, domain := email, ""
	if at := strings.LastIndexByte(email, '@'); at >= 0 {
		local, domain = email[:at], strings.TrimSuffix(email[at+1:], ".")
	}
	m := Mailbox{Local: local, Domain: domain}
	m.canonical()
	m.Free = free(m.Domain)
	words := localWords(local)
	m.Role = roleMailbox(words)
	m.Words = words
	return m
}

// provider is what a provider of mailboxes ignores.
type provider struct {
	domain string // the one that its domains stand for; empty: each is its own
	tag    byte   // what starts a sub-address; 0: there is none
	drop   string // characters that do not count
}

// canonical writes local part and domain as the provider's own.
func (m *Mailbox) canonical() {
	p, ok := providers()[m.Domain]
	if !ok {
		m.subdomain()
		return
	}
	local := m.Local
	if at := strings.IndexByte(local, p.tag); p.tag != 0 && at > 0 {
		local = local[:at]
	}
	if strings.ContainsAny(local, p.drop) {
		short := strings.Map(func(r rune) rune {
			if strings.ContainsRune(p.drop, r) {
				return -1
			}
			return r
		}, local)
		if short != "" {
			local = short
		}
	}
	m.Local = local
	if p.domain != "" {
		m.Domain = p.domain
	}
	if m.Domain == "yandex.ru" {
		m.Local = strings.ReplaceAll(m.Local, ".", "-") // a dot and a hyphen are the same there
	}
}

// subdomain reads tag@user.fastmail.com as user@fastmail.com.
func (m *Mailbox) subdomain() {
	for _, d := range []string{"fastmail.com", "fastmail.fm"} {
		if user, ok := strings.CutSuffix(m.Domain, "."+d); ok && user != "" && !strings.Contains(user, ".") {
			m.Local, m.Domain = user, d
		}
	}
}

// providers are those whose rules are published.
//
// Sources: the help pages of the providers on aliases, dots and sub-addresses
// (plus addressing), and RFC 5233 on sub-addresses.
var providers = sync.OnceValue(func() map[string]provider {
	all := map[string]provider{}
	add := func(domains string, p provider) {
		for d := range strings.SplitSeq(domains, " ") {
			all[d] = p
		}
	}
	add("gmail.com googlemail.com", provider{domain: "gmail.com", tag: '+', drop: "."})
	add("icloud.com me.com mac.com", provider{domain: "icloud.com", tag: '+'})
	add("proton.me protonmail.com pm.me protonmail.ch", provider{domain: "proton.me", tag: '+', drop: ".-_"})
	add("yandex.ru ya.ru yandex.com yandex.by yandex.kz yandex.ua yandex.uz narod.ru", provider{domain: "yandex.ru", tag: '+'})
	add("mail.ru inbox.ru list.ru bk.ru internet.ru", provider{tag: '+'})
	add("fastmail.com fastmail.fm zoho.com zohomail.com zohomail.eu mailbox.org posteo.de posteo.net hey.com runbox.com pobox.com aol.com", provider{tag: '+'})
	for _, base := range []string{"outlook", "hotmail", "live"} {
		for _, top := range strings.Fields(microsoftTops) {
			all[base+"."+top] = provider{tag: '+'}
		}
	}
	all["msn.com"] = provider{tag: '+'}
	for _, top := range strings.Fields(yahooTops) {
		all["yahoo."+top] = provider{tag: '-'}
	}
	add("ymail.com rocketmail.com", provider{tag: '-'})
	return all
})

const (
	microsoftTops = `com co.uk fr de it es nl be at dk se no fi pt ie ca com.au com.br com.mx com.ar cl co.jp jp kr co.kr co.th my sg ph in co.in id cz sk hu gr co.il com.tr ru cn com.tw hk co.za`
	yahooTops     = `com co.uk fr de it es nl be at dk se no fi pt ie ca ro pl gr hu cz com.au co.nz com.br com.mx com.ar com.co com.pe com.ve cl co.in in com.sg com.hk com.tw com.ph com.my com.vn co.id co.th co.kr com.tr com.cn cn co.za`
)

// free reports whether a domain is a public provider's.
func free(domain string) bool {
	_, known := providers()[domain]
	return known || freeDomains()[domain]
}

var freeDomains = lazySet(`qq.com|vip.qq.com|foxmail.com|163.com|vip.163.com|126.com|vip.126.com|yeah.net|188.com|139.com|189.cn|wo.cn|sina.com|sina.cn|vip.sina.com|sohu.com|vip.sohu.com|
		tom.com|21cn.com|aliyun.com|263.net|eyou.com|hainan.net|netease.com|msn.cn|
		gmx.com|gmx.de|gmx.net|gmx.at|gmx.ch|gmx.co.uk|gmx.us|gmx.fr|web.de|t-online.de|freenet.de|arcor.de|online.de|1und1.de|email.de|mail.de|kabelmail.de|vodafone.de|
		aon.at|chello.at|bluewin.ch|hispeed.ch|sunrise.ch|swissonline.ch|
		orange.fr|wanadoo.fr|free.fr|sfr.fr|laposte.net|neuf.fr|bbox.fr|numericable.fr|aliceadsl.fr|club-internet.fr|voila.fr|
		libero.it|virgilio.it|alice.it|tin.it|tiscali.it|iol.it|fastwebnet.it|inwind.it|email.it|pec.it|
		telefonica.net|terra.es|ono.com|ya.com|sapo.pt|iol.pt|mail.pt|netcabo.pt|clix.pt|
		ziggo.nl|kpnmail.nl|planet.nl|xs4all.nl|hetnet.nl|home.nl|chello.nl|upcmail.nl|telenet.be|skynet.be|proximus.be|scarlet.be|
		btinternet.com|btopenworld.com|sky.com|virginmedia.com|ntlworld.com|talktalk.net|talk21.com|tiscali.co.uk|blueyonder.co.uk|o2.co.uk|plusnet.com|eircom.net|
		comcast.net|verizon.net|att.net|sbcglobal.net|bellsouth.net|cox.net|charter.net|earthlink.net|juno.com|netzero.net|optonline.net|roadrunner.com|rr.com|
		windstream.net|frontier.com|centurylink.net|aim.com|prodigy.net|mindspring.com|pacbell.net|mail.com|email.com|usa.com|myself.com|inbox.com|excite.com|lycos.com|
		rogers.com|shaw.ca|sympatico.ca|bell.net|telus.net|videotron.ca|
		bigpond.com|bigpond.net.au|optusnet.com.au|iinet.net.au|tpg.com.au|internode.on.net|westnet.com.au|dodo.com.au|xtra.co.nz|slingshot.co.nz|
		uol.com.br|bol.com.br|terra.com.br|ig.com.br|globo.com|globomail.com|r7.com|oi.com.br|prodigy.net.mx|arnet.com.ar|fibertel.com.ar|speedy.com.ar|
		naver.com|daum.net|hanmail.net|nate.com|kakao.com|korea.com|yahoo.co.jp|docomo.ne.jp|ezweb.ne.jp|softbank.ne.jp|au.com|i.softbank.jp|nifty.com|biglobe.ne.jp|
		ocn.ne.jp|so-net.ne.jp|dion.ne.jp|plala.or.jp|pchome.com.tw|hinet.net|seed.net.tw|netvigator.com|singnet.com.sg|rediffmail.com|sify.com|indiatimes.com|
		rambler.ru|lenta.ru|ro.ru|autorambler.ru|myrambler.ru|ukr.net|i.ua|meta.ua|bigmir.net|tut.by|mail.ua|email.ua|
		wp.pl|o2.pl|onet.pl|onet.eu|op.pl|interia.pl|interia.eu|poczta.fm|gazeta.pl|tlen.pl|vp.pl|poczta.onet.pl|seznam.cz|email.cz|centrum.cz|post.cz|volny.cz|atlas.cz|
		centrum.sk|azet.sk|zoznam.sk|post.sk|freemail.hu|citromail.hu|t-online.hu|indamail.hu|abv.bg|mail.bg|dir.bg|yahoo.gr|in.gr|otenet.gr|hol.gr|
		inbox.lv|inbox.lt|mail.ee|hot.ee|online.no|telia.com|tele2.se|spray.se|comhem.se|bredband.net|tdcadsl.dk|mail.dk|jubii.dk|stofanet.dk|luukku.com|suomi24.fi|kolumbus.fi|elisanet.fi|
		mynet.com|ttmail.com|superonline.com|walla.com|walla.co.il|012.net.il|bezeqint.net|netvision.net.il|
		tutanota.com|tutanota.de|tuta.io|tuta.com|tutamail.com|keemail.me|hushmail.com|hush.com|riseup.net|disroot.org|mailfence.com|startmail.com|ctemplar.com|
		mailinator.com|guerrillamail.com|10minutemail.com|yopmail.com|trashmail.com|tempmail.com|sharklasers.com|dispostable.com|privaterelay.appleid.com|
		facebook.com|duck.com|simplelogin.com|relay.firefox.com|mozmail.com|opayq.com|att.com|windowslive.com|passport.com|outlook.de|rocketmail.com|ymail.com`)

// localWords are the words of a local part: letters in a row, as simple
// writes them; a sub-address is none.
func localWords(local string) []string {
	if at := strings.IndexByte(local, '+'); at > 0 {
		local = local[:at]
	}
	return strings.FieldsFunc(simple(local), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r)
	})
}

// roleMailbox reports whether the words of a local part name a desk: all of
// them do, or the first does and the others are short, such as countries.
func roleMailbox(words []string) bool {
	if len(words) == 0 {
		return false
	}
	desks := roleNames()
	if len(words) > 1 && desks[strings.Join(words, "")] {
		return true
	}
	if !desks[words[0]] {
		return false
	}
	for _, w := range words[1:] {
		if !desks[w] && len(w) > 3 {
			return false
		}
	}
	return true
}

// roleNames are names of desks in major languages, besides those of RFC 2142.
var roleNames = lazySet(`info|infos|information|sales|sale|salesteam|office|offices|contact|contacts|contactus|support|helpdesk|help|service|services|customerservice|customercare|customersupport|
		customer|customers|care|admin|administrator|administration|administracion|administracao|amministrazione|postmaster|hostmaster|webmaster|abuse|noc|security|root|
		enquiries|enquiry|inquiries|inquiry|hello|hi|hola|hallo|mail|email|team|accounts|account|accounting|accountspayable|billing|invoice|invoices|finance|payments|payroll|
		order|orders|ordering|purchasing|purchase|procurement|buyer|booking|bookings|reservation|reservations|reservas|reception|frontdesk|frontoffice|backoffice|
		hr|jobs|job|career|careers|recruiting|recruitment|personal|bewerbung|marketing|press|presse|media|pr|news|newsletter|legal|privacy|compliance|datenschutz|gdpr|
		export|import|logistics|shipping|warehouse|dispatch|delivery|returns|store|shop|boutique|general|main|management|manager|director|directeur|direccion|direction|geschaeftsfuehrung|
		secretary|secretariat|secretaria|segreteria|sekretariat|sekretariatet|kontakt|kontor|buero|buro|bestellung|bestellungen|rechnung|rechnungen|buchhaltung|vertrieb|verkauf|einkauf|zentrale|
		kundenservice|kundendienst|kundenbetreuung|anfrage|anfragen|poststelle|empfang|verwaltung|
		contacto|contato|contatti|contatto|ventas|vendas|vendite|venta|comercial|commerciale|commercial|compras|achats|acquisti|facturacion|facturas|facturation|fatturazione|compta|comptabilite|contabilidad|
		contabilidade|contabilita|atencion|atencionalcliente|atendimento|sac|informacion|informacoes|informazioni|accueil|bonjour|servicio|servizio|serviceclient|assistenza|suporte|soporte|rrhh|
		verkoop|inkoop|klantenservice|administratie|boekhouding|receptie|salg|myynti|asiakaspalvelu|toimisto|forsaljning|kundtjanst|order|ordre|kundeservice|
		biuro|sklep|sprzedaz|handlowy|serwis|obchod|prodej|podpora|ertekesites|ugyfelszolgalat|iroda|vanzari|satis|bilgi|destek|muhasebe|iletisim|
		zakaz|prodazhi|otdel|buh|kadry|kefu|xiaoshou|caigou|shichang|renshi|hr|kf|yewu|bangong|soumu|eigyo|
		noreply|donotreply|notifications|notification|alerts|system|robot|bot|daemon|test|api|it|edv|tech|technical|dev|ops|web|website|online|
		客服|销售|售后|市场|财务|人事|采购|办公室|总务|营业`)
