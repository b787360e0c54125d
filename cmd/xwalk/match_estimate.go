package main

import (
	"fmt"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// forecast is what matching would have to do, before it does anything.
type forecast struct {
	Records int         `json:"records"`
	Open    int         `json:"open"`         // new and changed ones
	Pairs   int64       `json:"pairs"`        // to compare
	Memory  int64       `json:"memory_bytes"` // at the peak, roughly
	Time    string      `json:"time"`         // seconds, minutes or hours
	Rules   []ruleCount `json:"rules"`
}

// ruleCount is what one rule would look at. New are the pairs that no earlier
// rule of its kind has.
type ruleCount struct {
	Kind     string       `json:"kind" csv:"kind"` // same or similar
	Rule     string       `json:"rule" csv:"rule"`
	Used     bool         `json:"used" csv:"used"`
	Pairs    int64        `json:"pairs" csv:"pairs"`
	New      int64        `json:"new" csv:"new"`
	Capped   int          `json:"oversized_blocks" csv:"oversized_blocks"`
	Largest  int          `json:"largest_block" csv:"largest_block"` // of the oversized
	Oversize []blockCount `json:"oversized,omitempty" csv:"-"`
}

// blockCount is an oversized block and what would be done about it.
type blockCount struct {
	Records int    `json:"records"`
	What    string `json:"what"`
}

// What matching costs, roughly: seconds of one core at 2.1 GHz, and bytes at
// the peak. A million persons took 1.3 GB.
const (
	recordSeconds   = 5e-6
	pairSeconds     = 0.5e-6
	programBytes    = 30 << 20
	recordBytes     = 400  // with exact rules alone
	comparableBytes = 1300 // with match.similar
)

func forecastOf(f *plan.Forecast) *forecast {
	out := &forecast{Records: f.Records, Open: f.Open, Memory: programBytes + int64(f.Records)*recordBytes, Rules: []ruleCount{}}
	if f.Similar != nil {
		out.Memory = programBytes + int64(f.Records)*comparableBytes
	}
	for _, b := range f.Exact {
		out.Rules = append(out.Rules, countOf("same", b))
	}
	for _, b := range f.Similar {
		out.Rules = append(out.Rules, countOf("similar", b))
		if b.Used {
			out.Pairs += b.New
		}
	}
	switch s := float64(f.Records)*recordSeconds + float64(out.Pairs)*pairSeconds; {
	case s < 60:
		out.Time = "seconds"
	case s < 3600:
		out.Time = "minutes"
	default:
		out.Time = "hours"
	}
	return out
}

func countOf(kind string, b similar.Blocking) ruleCount {
	c := ruleCount{Kind: kind, Rule: b.Rule, Used: b.Used, Pairs: b.Pairs, New: b.New, Capped: len(b.Capped)}
	for _, block := range b.Capped {
		c.Largest = max(c.Largest, block.Records)
		c.Oversize = append(c.Oversize, blockCount(block))
	}
	return c
}

func (e *env) printForecast(f *forecast) error {
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, f)
	case "csv":
		return gocsv.Marshal(f.Rules, e.stdout)
	}
	p := printer{w: e.stdout, s: e.style()}
	p.forecast(f)
	return p.err
}

func (p *printer) forecast(f *forecast) {
	p.line(p.s.Bold("What matching would compare"))
	p.line("")
	if f.Open == 0 {
		p.line("  nothing is new or changed, so nothing is compared")
		return
	}
	what := "  " + count(int64(f.Records), "record")
	if f.Open < f.Records {
		what += fmt.Sprintf(", %s of them new or changed: only their pairs count", report.Number(int64(f.Open)))
	}
	p.line(what)
	if len(f.Rules) > 0 {
		p.line("")
		p.rules(f)
	}
	p.line("")
	if f.Pairs > 0 {
		p.line(fmt.Sprintf("  %s to weigh, %.1f for each record", count(f.Pairs, "pair"), float64(f.Pairs)/float64(max(f.Open, 1))))
	}
	p.line(fmt.Sprintf("  about %s of memory, %s", memoryText(f.Memory), f.Time))
}

func (p *printer) rules(f *forecast) {
	t := &report.Table{Header: []string{"rule", "pairs", "new", "", "oversized blocks"}, Right: []bool{false, true, true}}
	for _, r := range f.Rules {
		not, large := "", ""
		if !r.Used {
			not = "not used"
		}
		if r.Capped > 0 {
			large = fmt.Sprintf("%s, the largest of %s: %s", report.Number(int64(r.Capped)), report.Number(int64(r.Largest)), r.Oversize[0].What)
		}
		name := r.Rule
		if r.Kind == "similar" {
			name = "similar: " + name
		}
		t.Add(name, report.Number(r.Pairs), report.Number(r.New), not, large)
	}
	t.Paint = func(row, _ int, cell string) string {
		if !f.Rules[row].Used {
			return p.s.Dim(cell)
		}
		return cell
	}
	p.tableOf(t)
}

// memoryText is a size as people say it.
func memoryText(n int64) string {
	if n >= 1<<30 {
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%d MB", n>>20)
}
