package discover

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// idHeaders are the headers of customer numbers, written as [plainHeader]
// does.
var idHeaders = wordSet(`id customerid customerno customernumber customernr customercode customerkey customer custid custno custnumber custnum
	clientid clientno clientnumber clientcode contactid contactno accountid accountno accountnumber memberid memberno membernumber membercode
	userid userno usernumber uid recid recordid recno uniqueid uniquekey personid personno partyid partyno partnerid partnerno crmid
	subscriberid patientid leadid businesspartner bp
	kundennummer kundennr kundenid kdnr kundeid mitgliedsnummer mitgliedsnr partnernummer partnernr debitorennummer debitor
	numclient numeroclient nclient idclient codeclient numerodeclient numerocliente nocliente idcliente codigocliente codigodecliente
	客户编号 客户号 客户号码 客户id 客户代码 客户编码 会员号 会员编号 会员id 会员卡号 会员号码 用户编号 用户id 用户号 顾客编号 顾客号 联系人编号 客户编码 客户代号 档案号 档案编号 顧客番号 会員番号`)

// weakIDHeaders may be customer numbers where nothing better is there.
var weakIDHeaders = wordSet(`no nr num number code key ref reference identifier guid uuid rowid pk recordnumber nummer numero codigo
	编号 编码 代码 号码 卡号 账号 序号 番号`)

// formerWords say that a number was given by somebody else or before.
var formerWords = []string{"old", "former", "previous", "legacy", "external", "ext", "parent", "alt", "ancien", "anterior", "alte", "原", "旧", "外部", "上级", "推荐"}

// truthHeaders hold the answer that matching is to find: they are for
// scoring and are never evidence.
var truthHeaders = wordSet(`cluster clusterid truth trueid trueentityid trueentity truematch matchid goldlabel groundtruth entityid label duplicateof`)

// wordSet is a set of words, made when it is first asked for: most commands
// never do.
func wordSet(words string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		set := map[string]bool{}
		for w := range strings.FieldsSeq(words) {
			set[w] = true
		}
		return set
	})
}

// The ranks of headers as names of a customer number.
const (
	idNone   = iota
	idFormer // a number of another system
	idWeak
	idEndsSo // ends in id, no, 编号 …
	idSurely
)

// idRank says how well a header names the customer number.
func idRank(header string) int {
	h := plainHeader(header)
	switch {
	case truthHeaders()[h]:
		return idNone
	case idHeaders()[h]:
		return idSurely
	case weakIDHeaders()[h]:
		return idWeak
	}
	if !endsInNumber(header) {
		return idNone
	}
	for _, w := range formerWords {
		if strings.HasPrefix(h, w) {
			return idFormer
		}
	}
	return idEndsSo
}

// lazily compiles an expression when it is first asked for.
func lazily(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// shortEndings need something before them that ends a word: valid is no ID.
var (
	shortEndings = lazily(`(?:[^A-Za-z](?i:id|no|nr|num|key|ref|pk)|[a-z](?:Id|ID|No|Nr|Num|Key|Ref))[^A-Za-z0-9]*$`)
	longEndings  = []string{"number", "nummer", "code", "guid", "uuid", "编号", "号", "编码", "代码", "号码"}
)

func endsInNumber(header string) bool {
	h := plainHeader(header)
	return shortEndings().MatchString(header) || slices.ContainsFunc(longEndings, func(end string) bool { return strings.HasSuffix(h, end) })
}

// namesNumber reports whether a header means the number and nothing else; a
// column "customer" may hold names.
func namesNumber(header string) bool { return plainHeader(header) == "id" || endsInNumber(header) }

// branchHeaders are parts of numbers that are unique only together.
var branchHeaders = wordSet(`branch branchno branchid branchcode store storeno storeid shop shopno office officeno company companycode companyid site siteid
	region regioncode district districtcode mandant mandt filiale filialnr agence sucursal tenant tenantid bank bankcode
	网点 网点号 网点编号 网点代码 机构 机构号 机构代码 机构编号 门店 门店号 门店编号 分公司 支局 局所 区号 地区代码 局号`)
