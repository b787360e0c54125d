package normalize

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSimplified(t *testing.T) {
	t.Parallel()
	for pair := range strings.FieldsSeq(`陳陈 張张 劉刘 黃黄 吳吴 鄭郑 馮冯 蕭萧 葉叶 鍾钟 鐘钟 龍龙 龜龟 於于 範范 餘余 後后 遊游 週周 嶽岳 峯峰 澤泽 沢泽
		辺边 邊边 邉边 斎斋 齋斋 關关 関关 廣广 広广 濱滨 浜滨 﨑﨑 髙高 豐丰 豊丰 圓圆 円圆 國国 臺台 灣湾 縣县 県县 區区 號号 樓楼 樂乐 楽乐
		有有 乾乾 张张 中中 aa`) {
		from, n := utf8.DecodeRuneInString(pair)
		want, _ := utf8.DecodeRuneInString(pair[n:])
		if got := simplified(from); got != want {
			t.Errorf("simplified(%c) = %c, want %c", from, got, want)
		}
	}
	pairs := 0
	for r := rune(firstHan); r <= lastHan; r++ {
		s := simplified(r)
		if s != r {
			pairs++
		}
		if simplified(s) != s {
			t.Errorf("simplified(%c) = %c, which is not simplified", r, s)
		}
	}
	if pairs < 2500 {
		t.Errorf("%d pairs", pairs)
	}
}

func TestSurnames(t *testing.T) {
	t.Parallel()
	single, compound := 0, 0
	for name := range surnames().chinese {
		if utf8.RuneCountInString(name) == 1 {
			single++
		} else {
			compound++
		}
		if got := surnameReadings(name); len(got) == 0 {
			t.Errorf("the family name %s has no reading", name)
		}
	}
	if single < 500 || compound < 50 {
		t.Errorf("%d family names of one character, %d of more", single, compound)
	}
	for name, readings := range surnames().readings {
		if plain(name) != name {
			t.Errorf("the readings of %s are never found: it is %s in plain characters", name, plain(name))
		}
		if s := surnames(); !s.chinese[name] && !s.korean[name] && name != "长" {
			t.Errorf("%s has readings, but is no family name", name)
		}
		for _, r := range readings {
			if !latinWord(r) {
				t.Errorf("%s has the reading %q", name, r)
			}
		}
	}
}

func TestNicknameTable(t *testing.T) {
	t.Parallel()
	for line := range dataLines(nicknamesData) {
		words := strings.Fields(line)
		if len(words) < 2 {
			t.Errorf("%q is a group of one", line)
		}
		for _, w := range words {
			if plain(w) != w || len(nameWords(nil, w)) != 1 {
				t.Errorf("%q in %q is never found", w, line)
			}
		}
	}
}

func TestWadeGiles(t *testing.T) {
	t.Parallel()
	for pinyin, want := range map[string]string{
		"zhang": "chang", "qian": "chien", "xu": "hsu", "cai": "tsai", "zeng": "tseng", "jiang": "chiang", "deng": "teng", "guo": "kuo", "song": "sung",
		"he": "ho", "ye": "yeh", "xie": "hsieh", "luo": "lo", "shi": "shih", "zi": "tzu", "ruan": "juan", "bai": "pai", "lv": "lu", "li": "li", "an": "an",
	} {
		if got := wadeGiles(pinyin); got != want {
			t.Errorf("wadeGiles(%s) = %s, want %s", pinyin, got, want)
		}
	}
}
