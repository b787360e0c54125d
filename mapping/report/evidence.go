package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
)

const (
	shownFor     = 3 // how many reasons for a match a line shows, the strongest
	shownAgainst = 2
)

// reasons is what speaks for and against a match, on one line: what is said
// of the whole, then the strongest weights.
func (v *Review) reasons() string {
	var said, on, against []string
	weighed := slices.Clone(v.Evidence)
	slices.SortStableFunc(weighed, func(a, b mapping.Evidence) int {
		return -cmp.Compare(max(a.Weight, -a.Weight), max(b.Weight, -b.Weight))
	})
	for _, e := range weighed {
		text := strings.TrimSpace(e.On + " " + e.Says)
		switch {
		case e.On == "prior" || e.On == mapping.OnRule:
		case e.Weight == 0 && e.On == "":
			said = append(said, e.Says)
		case e.Weight > 0 && len(on) < shownFor:
			on = append(on, text)
		case e.Weight < 0 && len(against) < shownAgainst:
			against = append(against, text)
		}
	}
	if len(on) > 0 {
		said = append(said, strings.Join(on, ", "))
	}
	if len(against) > 0 {
		said = append(said, "but "+strings.Join(against, ", "))
	}
	text := strings.Join(said, "; ")
	if v.Score > 0 {
		text = Likely(v.Score, 2) + "  " + text
	}
	return text
}

// Likely is a probability in so many digits, cut off and not rounded: what is
// held back for being below a limit must not read as if it had reached it, nor
// as certain.
func Likely(probability float64, digits int) string {
	unit := math.Pow10(digits)
	return strconv.FormatFloat(math.Floor(probability*unit+1e-6)/unit, 'f', digits, 64)
}
