package main

import (
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/report"
)

// becauses prints what was compared to join the records of a customer.
func (p *printer) becauses(x *explanation) {
	head := false
	for _, l := range x.Links {
		b := l.Because
		if b == nil {
			continue
		}
		if !head {
			p.line("")
			p.line("Why they are one customer")
			head = true
		}
		p.because(l.Source+" "+l.SourceID, b)
	}
}

func (p *printer) because(who string, b *because) {
	with := ""
	if b.With != nil {
		with = " and " + b.With.text()
	}
	p.line("  " + p.s.Bold(report.Clean(who+with)))
	if d := b.Decision; d != nil {
		p.line("    " + report.Clean(d.text()))
	}
	if len(b.Agree) > 0 {
		p.agreements("    ", "=", b.Agree)
	}
	if b.weighed != nil {
		p.waterfall(b.weighed)
	} else if b.Unable != "" {
		p.line("    " + b.Unable)
	}
}

// text is "ann decided same, at 2026-01-31T12:00:00Z: called him".
func (d *decided) text() string {
	text := d.Actor + " decided " + d.Verdict + ", at " + d.At
	if d.Reason != "" {
		text += ": " + d.Reason
	}
	return text
}

// text names a record.
func (s *party) text() string { return s.Source + " " + s.SourceID }

func (p *printer) agreements(indent, sign string, list []agree) {
	t := &report.Table{}
	for _, a := range list {
		t.Add(a.On, cut(a.Left), sign, cut(a.Right))
	}
	t.Paint = func(_, column int, cell string) string {
		if column%2 == 0 {
			return p.s.Dim(cell)
		}
		return cell
	}
	if p.err == nil {
		p.err = t.Write(p.w, p.s, indent)
	}
}

// waterfall draws how a weight came about, with the values that were compared.
func (p *printer) waterfall(x *weighed) {
	list := make([]mapping.Evidence, len(x.Evidence))
	for i, e := range x.Evidence {
		list[i] = e
		if e.Left+e.Right != "" {
			list[i].Says += ": " + cut(e.Left) + " | " + cut(e.Right)
		}
	}
	if p.err == nil {
		p.err = report.Waterfall(p.w, p.s, list, "    ")
	}
	if x.Model != "" {
		p.line("    " + p.s.Dim("model "+x.Model+", weights in bits: each one more doubles the odds"))
	}
}

// reviewReasons prints why a person is asked.
func (p *printer) reviewReasons(list []reviewReason) {
	for _, r := range list {
		p.line("")
		p.line(fmt.Sprintf("%s Review %s, since %s", p.s.Magenta("?"), p.s.Bold(r.Review), r.Since.text()))
		p.line("  " + p.s.Bold(report.Clean(r.Left.text()+" and "+r.Right.text())))
		if r.Rule != "" {
			p.line("    proposed by " + report.Clean(r.Rule))
		}
		for _, d := range r.Doubts {
			p.line("    " + report.Clean(d))
		}
		if r.weighed != nil {
			p.waterfall(r.weighed)
		}
	}
}

// texts are the cells of a table for what was compared.
func (b *because) texts() (with, probability, evidence string) {
	if b == nil {
		return "", "", ""
	}
	if b.With != nil {
		with = report.Neutral(b.With.text())
	}
	var words []string
	if b.Decision != nil {
		words = append(words, b.Decision.text())
	}
	for _, a := range b.Agree {
		words = append(words, a.On)
	}
	if b.weighed != nil {
		probability = fmt.Sprintf("%.6f", b.Probability)
		for _, e := range b.Evidence {
			words = append(words, e.String())
		}
	}
	return with, probability, report.Neutral(strings.Join(words, ", "))
}
