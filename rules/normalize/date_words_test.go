package normalize

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDateInWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2 Jan 2006":                 "2006-01-02",
		"2 January 2006":             "2006-01-02",
		"02-JAN-2006":                "2006-01-02",
		"Jan 2, 2006":                "2006-01-02",
		"January 2nd, 2006":          "2006-01-02",
		"2006 Jan 2":                 "2006-01-02",
		"the 1st of March 2006":      "2006-03-01",
		"Mon, 2 Jan 2006 15:04:05":   "2006-01-02",
		"Mon, 02 Jan 2006 15:04 GMT": "2006-01-02",
		"2. Januar 2006":             "2006-01-02",
		"2. März 2006":               "2006-03-02",
		"2 Maerz 2006":               "2006-03-02",
		"1er août 2006":              "2006-08-01",
		"2 févr. 2006":               "2006-02-02",
		"2 de enero de 2006":         "2006-01-02",
		"1º de maio de 2006":         "2006-05-01",
		"2 gennaio 2006":             "2006-01-02",
		"2 maart 2006":               "2006-03-02",
		"2 stycznia 2006":            "2006-01-02",
		"2 января 2006 г.":           "2006-01-02",
		"2 Января 2006 года":         "2006-01-02",
		"2 Mayıs 2006":               "2006-05-02",
		"2. ledna 2006":              "2006-01-02",
		"2006. január 2.":            "2006-01-02",
		"2 Ιανουαρίου 2006":          "2006-01-02",
		"二〇〇六年一月二日":                  "2006-01-02",
		"二零零六年十二月三十一日":               "2006-12-31",
		"2006年1月2号":                  "2006-01-02",
		"2006年01月02日 15:04":          "2006-01-02",
		"2006年 1月 2日":                "2006-01-02",
		"平成18年1月2日":                  "2006-01-02",
		"令和元年5月1日":                   "2019-05-01",
		"昭和五十五年三月四日":                 "1980-03-04",
		"民國95年1月2日":                  "2006-01-02",
		"2006년 1월 2일":                "2006-01-02",

		"2 Jan 06":         "",
		"Jan 2006":         "",
		"31 Feb 2006":      "",
		"2 Foo 2006":       "",
		"2 Jan Feb 2006":   "",
		"2 listopada 2006": "",
		"Jan":              "",
		"06年1月2日":          "",
		"38718":            "", // a spreadsheet's number of 2006-01-02
		"2 Jan 2006 noon":  "",
		"May be":           "",
	} {
		got, ok := Date(in, YMD)
		if got != want || ok != (want != "") {
			t.Errorf("Date(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
	if got, ok := Time("2 Jan 2006 3:04 pm", nil, YMD); !ok || !got.Equal(time.Date(2006, 1, 2, 15, 4, 0, 0, time.UTC)) {
		t.Errorf("Time reads %v, %v", got, ok)
	}
}

func TestDateOfAnything(t *testing.T) {
	t.Parallel()
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"2", "31", "2006", "06", "jan", "März", "mon", "de", "年", "月", "日", "元", "平成", "二", "十", "百", "년", " ", ".", "-", "15:04", "pm", "г"}), 1, 8)
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
			s := ""
			for _, w := range words.Draw(t, "words") {
				s += w + rapid.SampledFrom([]string{"", " "}).Draw(t, "space")
			}
			return s
		})).Draw(t, "date")
		got, ok := Date(in, DMY)
		if _, err := time.Parse(time.DateOnly, got); ok != (err == nil) {
			t.Fatalf("Date(%q) = %q, %v", in, got, ok)
		}
		if again, _ := Date(got, DMY); ok && again != got {
			t.Fatalf("Date(%q) = %q, and again %q", in, got, again)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2 Jan 2006", "平成18年1月2日", "2006년 1월 2일", "1er août 2006 15:04"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if got, ok := Date(in, YMD); ok && len(got) != len(time.DateOnly) {
			t.Fatalf("Date(%q) = %q", in, got)
		}
	})
}
