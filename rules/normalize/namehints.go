package normalize

import (
	"strings"
	"unicode/utf8"
)

// patronymic reports whether a word is made of a father's name in the Russian
// or Ukrainian way.
func patronymic(word string) bool {
	for _, end := range [...]string{
		"ovich", "evich", "ovna", "evna", "ichna", "ovych", "yovych", "ivna", "ович", "евич", "овна", "евна", "ична", "івна", "ьич",
	} {
		if len(word) > len(end)+1 && strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// russian reports whether a word looks like a Russian or Ukrainian family
// name: any in Cyrillic, and in Latin letters those with the usual ends.
func russian(word string) bool {
	if word[0] >= utf8.RuneSelf {
		return true
	}
	for _, end := range [...]string{
		"ov", "ev", "in", "yn", "ova", "eva", "ina", "yna", "sky", "skiy", "skii", "skaya", "skaia", "ska", "ko", "uk", "yuk", "chuk", "ykh", "ikh", "off",
	} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// vietnamese reports whether a name starts with a Vietnamese family name and
// goes on as one: with a usual middle name, or in Vietnamese letters.
func vietnamese(w []nameWord) bool {
	switch w[0].text {
	case "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong", "ly", "dinh",
		"trinh", "truong", "lam", "mai", "dao", "doan", "luong", "ta", "cao", "chau":
	default:
		return false
	}
	switch w[1].text {
	case "van", "thi", "huu", "duc", "ngoc", "quoc", "xuan", "dinh", "thanh", "minh", "hong", "kim", "cong", "quang", "anh", "bao", "gia":
		return true
	}
	for i := range w {
		for _, r := range w[i].raw {
			if r >= 0x1ea0 && r <= 0x1ef9 || strings.ContainsRune("ăĂđĐơƠưƯ", r) {
				return true
			}
		}
	}
	return false
}

// eastRoman reports whether a word is a common Chinese or Korean family name
// in Latin letters.
func eastRoman(word string) bool {
	switch word {
	case "kim", "lee", "park", "choi", "jung", "jeong", "kang", "cho", "yoon", "jang", "lim", "han", "oh", "seo", "shin", "kwon", "hwang",
		"ahn", "song", "yoo", "hong", "chen", "lin", "wang", "li", "zhang", "huang", "wu", "liu", "cai", "tsai", "yang", "hsu", "cheng", "hsieh",
		"kuo", "chang", "chan", "wong", "leung", "cheung", "lau", "ng", "tan", "goh", "ong", "teo", "koh", "chua", "yeo", "ho", "chew", "tay",
		"rhee", "ryu", "chiang", "chou", "tseng", "yeh", "lai", "su", "chu", "chow", "kwok", "lam", "tsang", "yip", "tang", "ma":
		return true
	}
	return false
}
