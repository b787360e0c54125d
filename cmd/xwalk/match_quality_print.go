package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/quality"
	"github.com/xwalk-id/xwalk/mapping/report"
)

// rowNames say what a figure counts.
var rowNames = map[string]string{
	"pairwise": "scored pairs", "closure": "pairs in one cluster", "exact": "whole clusters", "b_cubed": "B³",
	"reviewed_closure": "pairs in one cluster", "reviewed_exact": "whole clusters", "reviewed_b_cubed": "B³",
}

func (p *printer) quality(v *qualityView) {
	p.line(p.s.Bold(fmt.Sprintf("Matching against %s", report.Clean(v.Truth))))
	p.line("")
	what := fmt.Sprintf("  %s of %s, %s", count(int64(v.Records), "record"), count(int64(v.Customers), "customer"), count(v.TruePairs, "pair"))
	if v.Unknown > 0 {
		what += fmt.Sprintf("; left out: %s without a truth", report.Number(int64(v.Unknown)))
	}
	if v.Rejected > 0 {
		what += fmt.Sprintf("; rejected: %s", report.Number(v.Rejected))
	}
	p.line(what)
	if v.Model != "" {
		p.line("  model " + v.Model)
	}
	p.line("")
	t := &report.Table{Header: []string{"by itself", "precision", "recall", "F1", "said", "true", "right"}, Right: []bool{false, true, true, true, true, true, true}}
	for _, r := range v.rows() {
		if r.Measure == "reviewed_closure" {
			if v.Reviews.Open == 0 {
				break
			}
			t.Add(fmt.Sprintf("with %s decided (%.2f%% of the records)", count(int64(v.Reviews.Open), "review"), 100*v.Reviews.PerRecord))
		}
		cells := []string{"  " + rowNames[r.Measure], r.Precision, r.Recall, r.F1}
		if r.Said+r.True > 0 {
			cells = append(cells, report.Number(r.Said), report.Number(r.True), report.Number(r.Right))
		}
		t.Add(cells...)
	}
	p.tableOf(t)
	p.line("")
	largest := "  largest cluster: " + count(int64(v.Largest), "record")
	if v.Reviews.Largest != v.Largest {
		largest += fmt.Sprintf(", with the reviews %d", v.Reviews.Largest)
	}
	p.line(largest + fmt.Sprintf("; largest customer: %d", v.TrueLargest))
	p.missed(&v.Missed)
	p.falseMerges(v)
}

func (p *printer) tableOf(t *report.Table) {
	if p.err == nil {
		p.err = t.Write(p.w, p.s, "  ")
	}
}

// lossTexts say where pairs were lost.
var lossTexts = map[quality.Loss]string{
	quality.InReview:   "in review: a person will join them",
	quality.NoRule:     "agree on no line of match.same",
	quality.Unproposed: "never proposed by a blocking rule, though they weigh enough",
	quality.TooLight:   "weigh less than match.similar.review asks for",
	quality.Cut:        "weigh enough, but their clusters are kept apart",
}

func (p *printer) missed(m *missedView) {
	if m.Pairs == 0 {
		return
	}
	p.line("")
	head := p.s.Yellow("-") + " " + p.s.Bold(report.Number(m.Pairs)) + " missed " + plural(m.Pairs, "pair", "pairs")
	if m.Asked < m.Pairs {
		head += fmt.Sprintf("; of the first %s:", report.Number(m.Asked))
	}
	p.line(head)
	for _, l := range quality.Losses() {
		n := m.By[l.String()]
		if n == 0 {
			continue
		}
		p.line(fmt.Sprintf("    %s  %s", p.s.Bold(report.Number(n)), lossTexts[l]))
		for _, x := range m.Examples {
			if x.Lost == l.String() && l != quality.InReview {
				p.sides([]recordView{x.Left, x.Right}, x.Probability)
			}
		}
	}
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (p *printer) falseMerges(v *qualityView) {
	if v.FalseMerged == 0 {
		return
	}
	p.line("")
	p.line(fmt.Sprintf("%s %s %s several customers", p.s.Red("!"), p.s.Bold(report.Number(int64(v.FalseMerged))), plural(int64(v.FalseMerged), "cluster holds", "clusters hold")))
	for _, f := range v.FalseMerges {
		p.line("")
		p.line(fmt.Sprintf("    %s of %s, %d wrong %s", count(int64(len(f.Records)), "record"), count(int64(f.Customers), "customer"), f.Pairs, plural(f.Pairs, "pair", "pairs")))
		if c := f.Closest; c != nil {
			p.sides([]recordView{c.Left, c.Right}, &c.Probability)
		} else {
			p.sides(spread(f.Records), nil)
		}
	}
	if more := v.FalseMerged - len(v.FalseMerges); more > 0 {
		p.line("    " + p.s.Dim(fmt.Sprintf("… and %s more (--limit 0 lists them all)", report.Number(int64(more)))))
	}
}

// besides is how many records stand side by side.
const besides = 4

// spread picks records to show of a false merge: one of each customer first.
func spread(records []recordView) []recordView {
	var first, rest []recordView
	seen := map[string]bool{}
	for _, r := range records {
		if seen[r.Truth] {
			rest = append(rest, r)
		} else {
			seen[r.Truth] = true
			first = append(first, r)
		}
	}
	all := append(first, rest...)
	return all[:min(len(all), besides)]
}

// sides prints records beside each other, a line for each field.
func (p *printer) sides(records []recordView, probability *float64) {
	t := &report.Table{}
	add := func(name string, value func(recordView) string) {
		row := []string{name}
		for _, r := range records {
			row = append(row, cut(value(r)))
		}
		t.Add(row...)
	}
	add("", func(r recordView) string { return r.Source + " " + r.SourceID })
	if records[0].Truth != records[1].Truth {
		add("truth", func(r recordView) string { return r.Truth })
	}
	roles := map[string]bool{}
	for _, r := range records {
		for role := range r.Fields {
			roles[role] = true
		}
	}
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		add(role, func(r recordView) string { return strings.Join(r.Fields[role], ", ") })
	}
	if probability != nil {
		t.Add("probability", probableText(*probability))
	}
	t.Paint = func(row, column int, cell string) string {
		if column == 0 {
			return p.s.Dim(cell)
		}
		if row > 0 && column > 1 && cell == cmp.Or(t.Rows[row][1], cell+"?") {
			return p.s.Dim(cell) // says nothing new
		}
		return cell
	}
	p.line("")
	if p.err == nil {
		p.err = t.Write(p.w, p.s, "      ")
	}
}

// widest is how many characters of a value are shown where values stand side
// by side.
const widest = 34

func cut(text string) string {
	if r := []rune(text); len(r) > widest {
		return string(r[:widest-1]) + "…"
	}
	return text
}
