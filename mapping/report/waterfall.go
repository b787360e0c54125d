package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
)

// waterfallWidth is how many columns the bars of a waterfall have.
const waterfallWidth = 36

// Waterfall draws how the weights of evidence add up to their sum: each bar
// begins where the one before ended, full for what speaks for the match and
// light for what speaks against it; the upright stands at even odds. Before the
// bar stand the weight and the sum so far. What has no weight comes first, as
// sentences.
func Waterfall(w io.Writer, s Style, list []mapping.Evidence, indent string) error {
	low, high, sum := 0.0, 0.0, 0.0
	var weighed []mapping.Evidence
	for _, e := range list {
		if e.Weight == 0 {
			if _, err := fmt.Fprintf(w, "%s%s\n", indent, Clean(strings.TrimSpace(e.On+" "+e.Says))); err != nil {
				return err
			}
			continue
		}
		weighed = append(weighed, e)
		sum += e.Weight
		low, high = min(low, sum), max(high, sum)
	}
	if len(weighed) == 0 {
		return nil
	}
	at := func(weight float64) int { return int(math.Round((weight - low) / (high - low) * (waterfallWidth - 1))) }
	t := &Table{Right: []bool{false, false, true, true}}
	running := 0.0
	for _, e := range weighed {
		from := running
		running += e.Weight
		t.Add(e.On, e.Says, fmt.Sprintf("%+.1f", e.Weight), fmt.Sprintf("%+.1f", running), bar(at(from), at(running), at(0)))
	}
	t.Add("sum", probabilityText(sum), "", fmt.Sprintf("%+.1f", sum), bar(at(0), at(sum), at(0)))
	t.Paint = func(row, column int, cell string) string {
		weight := sum
		if row < len(weighed) {
			weight = weighed[row].Weight
		} else if column < 4 {
			return s.Bold(cell)
		}
		switch {
		case column < 2, column == 3:
			return s.Dim(cell)
		case weight > 0:
			return s.Green(cell)
		}
		return s.Red(cell)
	}
	return t.Write(w, s, indent)
}

// bar is a line with a bar from one column to another.
func bar(from, to, zero int) string {
	fill := '█'
	if to < from {
		from, to, fill = to, from, '░'
	}
	line := make([]rune, max(to, zero)+1)
	for k := range line {
		switch {
		case k >= from && k <= to && (k != zero || from == to):
			line[k] = fill
		case k == zero:
			line[k] = '│'
		default:
			line[k] = ' '
		}
	}
	return string(line)
}

// probabilityText is the probability of odds that are given in bits, with as
// many digits as tell it from certainty, up to three.
func probabilityText(bits float64) string {
	p := 100 / (1 + math.Exp2(-bits))
	switch {
	case p > 99.999:
		return "over 99.999 % likely"
	case p < 0.001:
		return "under 0.001 % likely"
	}
	digits := 1
	for rest := min(p, 100-p); rest < 0.95 && digits < 3; rest *= 10 {
		digits++
	}
	return Likely(p, digits) + " % likely"
}
