package profile

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// distribution prints how customers spread over the values of a component.
func (t *writer) distribution(n *Numbering, d Distribution) {
	name := n.part(d.Scheme, d.Component)
	switch {
	case d.By != "":
		t.fact("·", fmt.Sprintf("%s: %s to %s, customers per %s", name, d.First, d.Last, d.By))
	case d.Distinct == 1:
		t.fact("·", strings.TrimSpace(fmt.Sprintf("%s: always %s %s", name, d.Values[0].Text, d.Values[0].Label)))
		return
	default:
		t.fact("·", fmt.Sprintf("%s: %s", name, plural(d.Distinct, "value", "values")))
	}
	values := d.Values
	rest := d.Rest
	most := textValues
	if d.By != "" {
		most = textPeriods
	}
	if len(values) > most {
		if d.By != "" {
			// The latest tell how fast numbers are used.
			for _, v := range values[:len(values)-most] {
				rest += v.Rows
			}
			values = values[len(values)-most:]
		} else {
			for _, v := range values[most:] {
				rest += v.Rows
			}
			values = values[:most]
		}
	}
	peak := 0.0
	for _, v := range values {
		peak = max(peak, v.Share)
	}
	var rows [][]string
	for i := 0; i < len(values); i++ {
		v := values[i]
		if none := emptyRun(values[i:]); none > 2 {
			i += none - 1
			rows = append(rows, []string{v.Text + " to " + values[i].Text, "", "0"})
			continue
		}
		rows = append(rows, []string{v.Text, v.Label, report.Number(v.Rows), percent(v.Share), bar(v.Share/peak, barWidth, t.ASCII)})
	}
	if rest > 0 {
		what := "others"
		if d.By != "" {
			what = "earlier"
		}
		rows = append(rows, []string{what, "", report.Number(rest), percent(shareOf(rest, d.Rows))})
	}
	t.table(rows, []bool{false, false, true, true}, 1, 3)
}

// emptyRun is how many of the first values have no rows.
func emptyRun(values []Value) (n int) {
	for n < len(values) && values[n].Rows == 0 {
		n++
	}
	return n
}

// sequence prints how the numbers run, and what is left above them.
func (t *writer) sequence(n *Numbering, s Sequence) {
	name := n.part(s.Scheme, s.Component)
	if len(s.Per) == 0 && len(s.Runs) == 1 {
		r := s.Runs[0]
		sign, left := "·", ""
		if c := n.capacity(s.Scheme); c != nil && c.Left != "" {
			sign, left = c.sign(), fmt.Sprintf("; %s left up to %s", thousands(c.Left), c.Limit)
		}
		t.fact(sign, fmt.Sprintf("%s: %s from %s to %s, %s%s", name, plural(r.Numbers, "number", "numbers"), r.Min, r.Max, r.words(), left))
		t.gaps(r)
		return
	}
	t.fact("·", fmt.Sprintf("%s counts within %s: %s, %s missing in between", name, strings.Join(s.Per, " and "), plural(s.Groups, "group", "groups"), thousands(s.Missing)))
	var rows [][]string
	for _, r := range cut(s.Runs, textExamples) {
		rows = append(rows, []string{r.Group, plural(r.Numbers, "number", "numbers"), fmt.Sprintf("%s to %s", r.Min, r.Max), r.words()})
	}
	t.table(t.rest(rows, s.Groups-int64(len(rows))), []bool{false, true}, 3)
}

// gaps prints the largest gaps of a run, unless it is full of them.
func (t *writer) gaps(r Run) {
	if r.Shape == Scattered {
		return
	}
	var rows [][]string
	for _, g := range cut(r.Largest, textExamples) {
		span := g.From
		if g.To != g.From {
			span += " to " + g.To
		}
		rows = append(rows, []string{span, thousands(g.Missing) + " missing"})
	}
	t.table(t.rest(rows, r.Gaps-int64(len(rows))), []bool{false, true}, 1)
}

// words says how a run runs.
func (r Run) words() string {
	steps := ""
	if r.Step != "" {
		steps = "in steps of " + r.Step + ", "
	}
	switch r.Shape {
	case Unbroken:
		return steps + "without a gap"
	case Scattered:
		return steps + "scattered: " + percent(r.Filled) + " of them there"
	case InBlocks:
		steps += "in blocks, "
	}
	return fmt.Sprintf("%s%s in %s, %s there", steps, thousands(r.Missing)+" missing", plural(r.Gaps, "gap", "gaps"), percent(r.Filled))
}

// part names a component, with its scheme where there are several.
func (n *Numbering) part(scheme, component string) string {
	for _, c := range n.Capacity {
		if c.Scheme != scheme {
			return scheme + " " + component
		}
	}
	return component
}

func (n *Numbering) capacity(scheme string) *Capacity {
	for i := range n.Capacity {
		if n.Capacity[i].Scheme == scheme {
			return &n.Capacity[i]
		}
	}
	return nil
}

// thousands writes a number of any size with its thousands apart.
func thousands(digits string) string {
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// room prints how much of a scheme is used, where its end is in sight.
func (t *writer) room(c Capacity) {
	if c.Share < leastUse || c.Left != "" && !c.PerGroup && c.Share < nearlyFull {
		return
	}
	t.fact(c.sign(), fmt.Sprintf("room: %s of the %s numbers of %s are used", percent(c.Share), thousands(c.Total), c.Scheme))
}

const (
	leastUse   = 0.001 // of a scheme, from which its end is worth a word
	nearlyFull = 0.8   // from which it is worth a warning
)

// sign warns where a scheme is nearly used up.
func (c *Capacity) sign() string {
	highest, ok1 := new(big.Int).SetString(c.Highest, 10)
	limit, ok2 := new(big.Int).SetString(c.Limit, 10)
	if c.Share >= nearlyFull || ok1 && ok2 && portion(highest, limit) >= nearlyFull {
		return "!"
	}
	return "·"
}
