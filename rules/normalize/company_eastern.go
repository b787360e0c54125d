package normalize

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// eastern takes a name apart that has Chinese, Japanese or Korean words:
// place, what it is called, line of business, legal form.
func (c *CompanyName) eastern(words []word) {
	t := joinWords(words)
	head, branch, office := cutBranch(t)
	head, form := cutEasternForms(head)
	if branch != "" && form == "" {
		head, branch = t, "" // no parent is named
	}
	switch {
	case branch != "":
		c.Form = office
	case form != "":
		c.Form = form
	}
	place, name := cutPlace(head)
	if place != "" && !distinctive(name) {
		if name != "" {
			c.Words = append(c.Words, place)
		}
		head, name = place+name, strings.TrimSpace(name)
		if name == "" {
			name = head
		}
	} else {
		head = name
	}
	c.Place = place + c.Place
	c.Core = strings.TrimSpace(head + branch)
	c.Words = append(cutBusiness(c.Words, name), branchWordsOf(branch)...)
}

// distinctive reports whether a name without its place says who it is: more
// than a line of business.
func distinctive(name string) bool {
	words := cutBusiness(nil, name)
	return len(words) > 0 && utf8.RuneCountInString(words[0]) >= 2 && !businesses().has[words[0]]
}

// cutBranch parts the name of a branch from that of its parent, where the
// parent's name ends in 公司: 华为技术有限公司上海分公司. office is what it calls itself.
func cutBranch(t string) (parent, branch, office string) {
	for _, suffix := range []string{"分公司", "分行", "支行", "分店", "分厂", "分部", "办事处", "代表处", "门店", "分院", "分校", "营业部"} {
		if !strings.HasSuffix(t, suffix) {
			continue
		}
		rest := t[:len(t)-len(suffix)]
		if at := strings.LastIndex(rest, "公司"); at > 0 && strings.TrimSpace(rest[:at]) != "" {
			at += len("公司")
			return rest[:at], strings.TrimSpace(rest[at:]) + suffix, suffix
		}
		break
	}
	return t, "", ""
}

// branchWordsOf are the words of a branch: its place and what it is.
func branchWordsOf(branch string) []string {
	if branch == "" {
		return nil
	}
	place, rest := cutPlace(branch)
	if place == "" || rest == "" {
		return []string{branch}
	}
	return []string{place, rest}
}

// cutEasternForms takes the legal forms off a name, as long as a letter or
// digit is left. form is the one at the end, else the one at the start.
func cutEasternForms(t string) (rest, form string) {
	rest = t
	for {
		f, ok := formAtEnd(rest)
		if !ok || meaningless(rest[:len(rest)-len(f)]) {
			break
		}
		form = f + form
		rest = strings.TrimRight(rest[:len(rest)-len(f)], " ")
	}
	for _, f := range easternFormsBefore {
		if after, ok := strings.CutPrefix(rest, f); ok && !meaningless(after) {
			rest = strings.TrimLeft(after, " ")
			if form == "" {
				form = f
			}
			break
		}
	}
	return rest, form
}

// formAtEnd is the longest form that t ends with. Where a longer line of
// business stands there, it is that: 酒店 is a hotel and no 店.
func formAtEnd(t string) (string, bool) {
	known := easternFormsBehind()
	tail := lastRunes(t, known.longest)
	for at := range tail {
		switch suffix := tail[at:]; {
		case known.has[suffix]:
			return suffix, true
		case businesses().has[suffix]:
			return "", false
		}
	}
	return "", false
}

// lastRunes are the last n runes of s, or all.
func lastRunes(s string, n int) string {
	at := len(s)
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	return s[at:]
}

// cutBusiness appends the words of a name: what it is called, which is one
// word for lack of a dictionary of everything, and then each line of business
// (科技, 贸易) at the end of it. Words in other scripts stand for themselves.
func cutBusiness(dst []string, name string) []string {
	for _, w := range wordsOf(name) {
		if !w.cjk {
			dst = append(dst, w.text)
			continue
		}
		start, rest := len(dst), w.text
		for rest != "" {
			tail := lastRunes(rest, businesses().longest)
			found := ""
			for at := range tail {
				if businesses().has[tail[at:]] {
					found = tail[at:]
					break
				}
			}
			if found == "" {
				dst = append(dst, rest)
				break
			}
			dst = append(dst, found)
			rest = rest[:len(rest)-len(found)]
		}
		for i, j := start, len(dst)-1; i < j; i, j = i+1, j-1 {
			dst[i], dst[j] = dst[j], dst[i]
		}
	}
	return dst
}

// suffixes are words to be found at the end of a text.
type suffixes struct {
	has     map[string]bool
	longest int // runes
}

func newSuffixes(lists string) *suffixes {
	s := &suffixes{has: map[string]bool{}}
	for w := range set(lists) {
		w = simple(w)
		s.has[w] = true
		s.longest = max(s.longest, utf8.RuneCountInString(w))
	}
	return s
}

var (
	easternFormsBehind = sync.OnceValue(func() *suffixes { return newSuffixes(easternFormsAtEnd) })
	businesses         = sync.OnceValue(func() *suffixes { return newSuffixes(linesOfBusiness) })
)

// easternFormsBefore stand before a name, as they do in Japan and Korea. They
// are written as simple writes them.
var easternFormsBefore = []string{"株式会社", "有限会社", "合同会社", "合资会社", "合名会社", "주식회사", "유한회사", "유한책임회사", "사단법인", "재단법인"}

const easternFormsAtEnd = `有限公司|有限责任公司|股份有限公司|股份公司|集团有限公司|集团有限责任公司|集团股份有限公司|集团公司|集团|总公司|公司|责任公司|
	有限责任总公司|控股有限公司|控股集团有限公司|企业集团有限公司|企业集团|股份合作公司|股份合作制|
	合伙企业|合伙企业有限合伙|合伙企业普通合伙|合伙企业特殊普通合伙|有限合伙|有限合伙企业|普通合伙|特殊普通合伙|特殊普通合伙企业|
	个人独资企业|个人独资|个体工商户|个体户|个体经营|个体|有限责任合伙|
	厂|总厂|店|商行|经营部|经销部|服务部|门市部|工作室|事务所|合作社|专业合作社|农民专业合作社|股份合作社|
	株式会社|有限会社|合同会社|合资会社|合名会社|一般社团法人|公益社团法人|一般财团法人|财团法人|社团法人|医疗法人|学校法人|特定非营利活动法人|
	주식회사|유한회사|유한책임회사|합자회사|합명회사|股份|有限`

// linesOfBusiness are what companies do and call themselves by. Those that
// end like a form (酒店, 工厂) keep it from being taken for one.
const linesOfBusiness = `科技|技术|高科技|信息|信息技术|信息科技|网络|网络科技|网络技术|软件|计算机|电脑|系统|数码|数据|大数据|云计算|互联网|智能|人工智能|物联网|
	电子|电子商务|电子科技|电气|电器|电力|电机|电缆|光电|半导体|通信|通讯|电信|移动|仪器|仪表|自动化|机器人|
	贸易|国际贸易|商贸|经贸|工贸|外贸|进出口|进出口贸易|国际|商业|商务|商事|百货|超市|便利店|零售|批发|销售|营销|供应链|供应链管理|采购|
	实业|产业|工业|企业|企业管理|管理|管理咨询|咨询|咨询服务|顾问|服务|代理|策划|发展|开发|制造|制品|制作|制作所|生产|加工|控股|
	投资|投资管理|资产|资产管理|资本|金融|金融服务|融资租赁|租赁|保险|保险代理|银行|证券|基金|基金管理|信托|期货|担保|小额贷款|保理|支付|
	文化|文化传媒|文化传播|文化艺术|传媒|传播|广告|广告传媒|影视|影业|娱乐|游戏|动漫|出版|出版社|印刷|包装|会展|展览|艺术|设计|创意|摄影|
	建筑|建设|建设工程|建筑工程|工程|工程技术|工程咨询|装饰|装饰工程|装修|装潢|建材|建筑材料|房地产|房地产开发|地产|置业|物业|物业管理|不动产|市政|园林|绿化|监理|
	医药|药业|制药|药房|大药房|药店|医疗|医疗器械|医疗科技|医院|诊所|门诊部|健康|健康管理|健康科技|生物|生物科技|生物技术|生物医药|器械|养老|保健|美容|美发|
	食品|饮料|餐饮|餐饮管理|酒业|茶业|茶叶|饭店|酒店|酒楼|宾馆|旅馆|商店|书店|粮油|农业|农业科技|农业发展|农产品|畜牧|养殖|种业|水产|林业|园艺|
	物流|运输|货运|货运代理|国际货运代理|国际物流|快递|速递|仓储|航空|航运|船舶|港务|铁路|公路|交通|客运|出租汽车|供应|
	机械|机械设备|机械制造|机电|机电设备|设备|设备制造|装备|重工|精密|模具|五金|五金制品|塑料|塑胶|塑料制品|橡胶|金属|金属制品|金属材料|钢铁|钢结构|不锈钢|铝业|矿业|
	化工|化学|化学工业|石油|石化|天然气|燃气|能源|新能源|能源科技|太阳能|光伏|环保|环保科技|环境|环境工程|水务|材料|新材料|材料科技|玻璃|陶瓷|水泥|涂料|
	纺织|纺织品|服装|服饰|制衣|鞋业|皮革|家具|家居|家居用品|日用品|用品|玩具|礼品|工艺品|珠宝|化妆品|纸业|造纸|木业|门窗|照明|灯饰|
	汽车|汽车销售|汽车销售服务|汽车服务|汽车维修|汽车零部件|汽车租赁|汽配|电动车|自动车|
	教育|教育科技|教育咨询|培训|学校|大学|学院|幼儿园|研究院|研究所|设计院|检测|检测技术|认证|人力资源|劳务|劳务派遣|人才|律师|会计师|税务师|税务|财务|知识产权|商标|
	旅行社|旅游|国际旅行社|旅行|体育|体育文化|健身|俱乐部|家政|保安|保安服务|保洁|清洁|婚庆|工厂|电厂|水厂|印刷厂|分店|总店|门店|连锁店|专卖店|加油站|协会|商会|基金会`
