package profile

import (
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// labelOf is what a value of a component means, where that is known: the
// name of a region.
func labelOf(t token, text string) string {
	if t.kind != "code" {
		return ""
	}
	var words []string
	for _, d := range scheme.Details(t.arg, text) {
		words = append(words, d.Text)
	}
	return strings.Join(words, ", ")
}
