package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// printModel prints what a model weighs; `--save` writes the model itself.
func (e *env) printModel(m *similar.Model) error {
	s := m.Summary()
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, s)
	case "csv":
		return gocsv.Marshal(levelRows(&s), e.stdout)
	}
	p := printer{w: e.stdout, s: e.style()}
	p.model(&s)
	return p.err
}

// levelRow is one level of a model as a line of a table.
type levelRow struct {
	Kind string `csv:"kind"`
	On   string `csv:"on"`
	Says string `csv:"says"`
	Same string `csv:"same"`
	Two  string `csv:"two"`
	Bits string `csv:"bits"`
}

func levelRows(s *similar.Summary) []levelRow {
	rows := []levelRow{}
	for _, k := range s.Kinds {
		rows = append(rows, levelRow{Kind: k.Kind, On: onPrior, Says: "any two records", Bits: fmt.Sprintf("%.2f", k.Prior)})
		for _, c := range k.Comparisons {
			for _, l := range c.Levels {
				rows = append(rows, levelRow{k.Kind, c.On, l.Says, fmt.Sprintf("%.4g", l.Same), fmt.Sprintf("%.4g", l.Two), fmt.Sprintf("%.2f", l.Bits)})
			}
		}
	}
	return rows
}

func (p *printer) model(s *similar.Summary) {
	from := "the shipped weights"
	if s.Trained > 0 {
		from = "estimated from " + count(s.Trained, "record")
	}
	p.line(p.s.Bold("Model "+s.Version) + "  " + from)
	p.line("")
	p.line("Weights are in bits: each one more doubles the odds that two records are one customer.")
	for _, k := range s.Kinds {
		p.kind(&k, s)
	}
	p.values(s)
}

// seen reports whether the records had what a comparison is about.
func seen(s *similar.Summary, on string) bool {
	roles := strings.Split(on, "+")
	if on == "order" {
		roles = []string{"given_name", "family_name"}
	}
	for _, role := range roles {
		if !slices.ContainsFunc(s.Values, func(v similar.ValueSummary) bool { return v.Role == role }) {
			return false
		}
	}
	return true
}

// barWidth is how many columns a bar takes on each side of even odds.
const barWidth = 16

func (p *printer) kind(k *similar.KindSummary, s *similar.Summary) {
	p.line("")
	p.line(p.s.Bold(k.Kind) + fmt.Sprintf("  before anything is compared: %+.1f", k.Prior))
	t := &report.Table{
		Header: []string{"", "", "bits", "", "of one customer", "of two"},
		Right:  []bool{false, false, true, false, true, true},
	}
	most := 1.0
	for _, c := range k.Comparisons {
		for _, l := range c.Levels {
			most = max(most, math.Abs(l.Bits))
		}
	}
	var unseen []string
	for _, c := range k.Comparisons {
		on := c.On
		if !seen(s, on) {
			unseen = append(unseen, on)
			continue
		}
		for _, l := range c.Levels {
			t.Add(on, l.Says, fmt.Sprintf("%+.1f", l.Bits), weightBar(l.Bits, most), share(l.Same), share(l.Two))
			on = ""
		}
	}
	t.Paint = func(_, column int, cell string) string {
		switch {
		case column == 1 || column > 3:
			return p.s.Dim(cell)
		case column == 3 && strings.Contains(cell, "█"):
			return p.s.Green(cell)
		case column == 3:
			return p.s.Red(cell)
		}
		return cell
	}
	p.tableOf(t)
	if len(unseen) > 0 {
		p.line(p.s.Dim("  as shipped, since no record had it: " + strings.Join(unseen, ", ")))
	}
	for _, r := range k.Relations {
		p.line(p.s.Dim(fmt.Sprintf("  may also be %s: %s for each stranger", r.Says, share(r.Odds))))
	}
}

// weightBar grows to the right from even odds for what speaks for a match,
// and to the left, lighter, for what speaks against it.
func weightBar(bits, most float64) string {
	n := int(math.Round(math.Abs(bits) / most * barWidth))
	if bits < 0 {
		return strings.Repeat(" ", barWidth-n) + strings.Repeat("░", n) + "│"
	}
	return strings.Repeat(" ", barWidth) + "│" + strings.Repeat("█", n)
}

// share is a probability in as many digits as matter.
func share(p float64) string {
	if p >= 0.001 {
		return fmt.Sprintf("%.3g%%", 100*p)
	}
	return fmt.Sprintf("1 in %s", report.Number(int64(math.Round(1/max(p, 1e-15)))))
}

func (p *printer) values(s *similar.Summary) {
	if len(s.Values) == 0 {
		return
	}
	p.line("")
	p.line(p.s.Bold("How common values are"))
	t := &report.Table{Header: []string{"", "known one by one", "the commonest", "a rare one"}, Right: []bool{false, true, true, true}}
	for _, v := range s.Values {
		t.Add(v.Role, report.Number(int64(v.Common)), fmt.Sprintf("%+.1f", v.Commonest), fmt.Sprintf("%+.1f", v.Rarest))
	}
	p.tableOf(t)
}
