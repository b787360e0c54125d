package normalize

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Placeholder reports whether a value, as [ByRole] normalised it, stands for
// no value. All that follows is that it is no evidence. Mistaking a placeholder
// for a true value joins strangers; mistaking a true value for a placeholder
// loses a match, and where the value would have contradicted one it joins
// strangers too. So only what nobody has is listed, and not what merely looks
// made up, such as 13812345678 or a@b.com:
//
//   - NA and NAN are not placeholders as a given or family name (both are
//     common in Asia), nor as a country, region or city (Namibia, a Thai
//     province), and NA is none in an attribute either.
//   - In attributes, whose meaning is not known, only words that mean "none"
//     in every field count, and numbers that are all zeros, or 7 and more of
//     one digit, or 8 and more in counting order.
//   - Addresses such as info@ are shared, not placeholders; nor is anything
//     at example.com but the words that mean none or test.
//
// Values that one company's people type into a field belong into
// match.placeholders.
func Placeholder(role, normalised string) bool {
	if normalised == "" || meaningless(normalised) {
		return true
	}
	v := normalised
	switch role {
	case "email":
		return placeholderEmail(v)
	case "phone":
		return nobodys(strings.TrimPrefix(v, "+"), 1) || placeholderPhone(v)
	case "birth_date":
		return anyRole()[v] || placeholderDates()[v]
	case "tax_id", "national_id":
		return placeholderCode(v)
	case "name", "given_name", "family_name":
		return anyRole()[v] || placeholderNames()[v] || role == "name" && naWords()[v]
	case "company":
		return anyRole()[v] || naWords()[v] || placeholderCompanies()[v]
	case "address":
		return anyRole()[v] || naWords()[v] || placeholderAddresses()[v]
	case "postal_code":
		// ZZ99 codes of the United Kingdom stand for places that are none.
		return anyRole()[v] || naWords()[v] || zeros(v) || strings.HasPrefix(v, "zz99") || v == "h0h 0h0" || v == "h0h0h0"
	case "city", "region", "country":
		return anyRole()[v]
	}
	return anyRole()[v] || v == "nan" || zeros(v) || nobodys(v, 7)
}

// lazySet is the set of words with | between them, made when it is first
// asked: a look-up needs none.
func lazySet(words string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool { return set(words) })
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.SplitSeq(words, "|") {
		m[strings.TrimSpace(w)] = true
	}
	return m
}

var (
	// anyRole are the words for "none" in every field.
	anyRole = lazySet(`n/a|n.a.|n.a|#n/a|#na|#null!|#value!|#ref!|<na>|null|(null)|<null>|\n|nil|none|(none)|<none>|undefined|unknown|
		unk|unspecified|not available|not applicable|not provided|not specified|not known|not set|no data|missing|blank|empty|tbd|tba|
		to be determined|xxx|xxxx|xxxxx|xxxxxx|无|暂无|没有|無|未知|不详|不詳|不明|未填|未填写|未提供|未设置|空|空白|待定|待补充|待完善|
		保密|なし|不明|未入力|未設定|없음|미상|inconnu|desconocido|unbekannt|sconosciuto|неизвестно`)
	// naWords mean "none" where they cannot be a name or a place.
	naWords = lazySet(`na|nan|no|k.a.|s/n`)

	placeholderNames = lazySet(`test|tester|testing|test test|test user|test customer|test account|test name|demo|demo user|sample|dummy|
		fake|asdf|qwerty|no name|noname|name|full name|first name|last name|firstname|lastname|
		first last|firstname lastname|unknown unknown|n/a n/a|na na|none none|anonymous|anon|guest|guest user|user|customer|client|new customer|
		cash customer|walk-in|walk-in customer|walk in customer|do not use|delete|deleted|deleted user|duplicate|
		测试|测试用户|测试客户|测试账号|测试数据|测试人员|匿名|匿名用户|匿名客户|游客|散客|用户|新用户|微信用户|客户|新客户|顾客|姓名|
		先生|女士|小姐|某某|某某某|佚名|已注销|用户已注销|已删除|テスト|テストユーザー|匿名希望|ゲスト|名無し|테스트`)
	placeholderCompanies = lazySet(`test|test company|company|company name|demo|sample|dummy|asdf|self|myself|self employed|self-employed|
		selfemployed|freelance|freelancer|individual|private|private person|personal|person|home|retired|unemployed|student|housewife|
		none given|no company|not employed|individual customer|private individual|privat|privatperson|privatkunde|particulier|particular|privato|
		consumidor final|consumidor|cliente final|público en general|publico en general|cash sale|cash sales|cash customer|walk-in|walk in|walk-in customer|
		walk in customer|one-time customer|various|laufkundschaft|barverkauf|other|others|sole trader|sole proprietor|freelancer|
		selbständig|selbstständig|indépendant|autónomo|autonomo|физлицо|физическое лицо|частное лицо|розничный покупатель|
		其他|零售|零售客户|现金客户|散客|个人客户|客户|无单位|自由人|个体经营|个人|个体|个体户|私人|自由职业|自由职业者|无业|学生|退休|待业|公司|公司名称|测试|测试公司|某公司|
		個人|会社名|自営業`)
	placeholderAddresses = lazySet(`test|address|test address|no address|no fixed address|no fixed abode|homeless|same|same as above|
		as above|see above|see notes|moved|moved away|return to sender|address unknown|unknown address|unknown at this address|not at this address|same address|
		no permanent address|of no fixed address|ohne festen wohnsitz|wohnsitzlos|unbekannt verzogen|keine angabe|sans domicile fixe|sans domicile|sin dirección|sin direccion|
		sin domicilio|domicilio conocido|conocido|senza fissa dimora|sem endereço|sem morada|адрес не указан|не указан|без адреса|
		地址不详|地址未知|无地址|暂无地址|自提|到店自提|门店自提|上门自提|住所不定|住所不詳|주소불명|地址|详细地址|同上|测试|测试地址|住所|住所不明`)

	// placeholderDates are the zeros of calendars and of programs, and what
	// people type to get past a required field.
	placeholderDates = lazySet(`0000-00-00|0001-01-01|1000-01-01|1111-11-11|
		1899-12-30|1899-12-31|1900-01-00|1900-01-01|1970-01-01|2099-12-31|2222-02-22|2999-12-31|
		4000-01-01|9999-01-01|9999-09-09|9999-12-30|9999-12-31|0000-00-00 00:00:00`)

	// noMailbox are mailboxes that nobody reads, at whatever domain.
	noMailbox = lazySet(`none|no|na|n/a|nil|null|undefined|unknown|nobody|noone|no-one|nomail|no-mail|no_mail|noemail|no-email|no_email|
		no.email|noreply|no-reply|no_reply|no.reply|donotreply|do-not-reply|do_not_reply|donotemail|notprovided|not-provided|
		noaddress|nothing|blank|dummy|fake|invalid|xxx|xxxx|asdf|qwerty|anonymous|mailer-daemon|placeholder|dontemail|wu`)
	// noDomain are domains that hold no mailboxes.
	noDomain = lazySet(`none|none.com|no.com|nomail.com|noemail.com|no-email.com|nomail.net|noemail.net|noemail.org|na.com|n/a|null|null.com|
		test|unknown.com|noreply.com|invalid|example|localhost|fake.com|xxx.com|donotreply.com|nodomain.com|nowhere.com|placeholder.com`)
	placeholderEmails = lazySet(`test@test.com|test@test.de|test@test.cn|test@example.com|test@gmail.com|test@mail.com|test@qq.com|test@163.com|
		test@126.com|test@abc.com|test@123.com|test1@test.com|test123@test.com|test@yahoo.com|test@hotmail.com|a@a.com|a@a.a|a@a|
		aa@aa.com|aaa@aaa.com|abc@abc.com|abc@123.com|abc@xyz.com|x@x.com|xx@xx.com|1@1.com|1@qq.com|11@11.com|
		111@111.com|111@qq.com|123@123.com|123@qq.com|123@163.com|123456@qq.com|12345678@qq.com|123456789@qq.com|111111@qq.com|
		000000@qq.com|email@email.com|mail@mail.com|user@user.com|name@domain.com|user@domain.com|
		your@email.com|foo@bar.com|foo@foo.com|asd@asd.com|asdf@asdf.com|qwe@qwe.com`)

	// placeholderPhones are numbers that stand in forms and examples.
	placeholderPhones = lazySet(`+8613800138000|13800138000|+8613900139000|13900139000|+8613300133000|13300133000|+8618888888888|18888888888`)

	// placeholderCodes stand on specimen cards and in manuals.
	placeholderCodes = lazySet(`078051120|219099999|123456789X|XAXX010101000|XEXX010101000|00000000T|QQ123456C|
		NA|NAN|NONE|NULL|NIL|UNKNOWN|UNDEFINED|TEST|TESTING|NOTAVAILABLE|NOTAPPLICABLE|NOTPROVIDED|PENDING|APPLIEDFOR|FOREIGN|EXEMPT|TBD|TBA|
		无|暂无|没有|未知|不详|未填|保密|待定|测试|无效|个人`)
)

// meaningless reports whether v holds no letter and no digit.
func meaningless(v string) bool {
	for _, r := range v {
		if r < utf8.RuneSelf {
			if '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
				return false
			}
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

func placeholderEmail(v string) bool {
	local, domain, found := strings.Cut(v, "@")
	return !found || noMailbox()[local] || noDomain()[domain] || strings.HasSuffix(domain, ".invalid") || placeholderEmails()[v]
}

// placeholderPhone looks at the end of a number, whatever its country: seven
// digits the same are typed, not assigned.
func placeholderPhone(v string) bool {
	if placeholderPhones()[v] {
		return true
	}
	return len(v) >= 8 && strings.Trim(v[len(v)-7:], v[len(v)-1:]) == ""
}

func placeholderCode(v string) bool {
	if placeholderCodes()[v] || strings.Trim(v, "X") == "" || zeros(v) || nobodys(v, 5) {
		return true
	}
	// A country prefix in front of zeros is no number either.
	if len(v) > 6 && v[0] >= 'A' && v[1] >= 'A' && v[0] <= 'Z' && v[1] <= 'Z' {
		return nobodys(v[2:], 5)
	}
	return false
}

// zeros reports whether v is a row of zeros.
func zeros(v string) bool { return strings.Trim(v, "0") == "" }

// nobodys reports whether v is a row of at least least digits that are all
// the same, or that count up or down from one to the next (0 follows 9) for
// five and more.
func nobodys(v string, least int) bool {
	if len(v) < least || !digits(v) {
		return false
	}
	same, up, down := true, true, true
	for i := 1; i < len(v); i++ {
		step := (v[i] - v[i-1] + 10) % 10
		same, up, down = same && step == 0, up && step == 1, down && step == 9
	}
	return same || (up || down) && len(v) >= max(5, least)
}
