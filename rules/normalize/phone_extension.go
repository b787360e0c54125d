package normalize

import (
	"regexp"
	"strings"
	"sync"
)

// extensions find what stands behind a number that the library does not take
// for an extension, or takes for letters of the number: words for an
// extension with its digits, and remarks in brackets.
var extensions = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\s*(?:(?:转|轉|分机|分機|内线|內線|内線|내선|내선번호|\bapp\.?|\bapparat|\bnst\.?|\bposte|\bramal|\banexo|\binterno|\bwew\.?|\blinje|\btoestel)[\s:.：号號]*\d{1,7}|[(（][^0-9()（）]*[)）])\s*$`)
})

// withoutExtension is a number without its extension and remarks.
func withoutExtension(s string) string {
	if rest := strings.TrimRight(extensions().ReplaceAllLiteralString(s, ""), " ,;-"); rest != "" {
		return rest
	}
	return s
}

// withoutChineseExtension is a Chinese number with its area code without the
// extension that a hyphen joins to it: 021-12345678-801.
func withoutChineseExtension(s string) string {
	at := strings.LastIndexByte(s, '-')
	if at < 0 || !digits(s[at+1:]) || len(s)-at-1 > 6 {
		return s
	}
	area, local, found := strings.Cut(s[:at], "-")
	if !found || !digits(area) || area[0] != '0' || len(area) > 4 || !digits(local) || len(local) < 7 || len(local) > 8 {
		return s
	}
	return s[:at]
}
