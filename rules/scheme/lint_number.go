package scheme

import (
	"regexp"
	"strings"
	"sync"
)

// lasting are the harms of which nothing shows afterwards: the number is
// another one then, or none.
type lasting struct {
	any  *regexp.Regexp
	each []*regexp.Regexp
	what []string
}

var lastingHarms = sync.OnceValue(func() (l lasting) {
	var all []string
	for _, h := range harms {
		if h.fatal || strings.HasPrefix(h.pattern, "0") {
			all = append(all, h.pattern)
			l.each = append(l.each, regexp.MustCompile("^(?:"+h.pattern+")$"))
			l.what = append(l.what, h.what)
		}
	}
	l.any = regexp.MustCompile("^(?:" + strings.Join(all, "|") + ")$")
	return l
})

// Harm says what a spreadsheet does to a canonical ID beyond repair, empty for
// nothing. Schemes are judged by all that they can write when they are
// compiled; Harm judges a number that comes from elsewhere.
func Harm(number string) string {
	l := lastingHarms()
	if !l.any.MatchString(number) {
		return ""
	}
	for i, re := range l.each {
		if re.MatchString(number) {
			return l.what[i]
		}
	}
	return ""
}
