package main

import (
	"fmt"
	"math"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/quality"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// qualityView is a score as programs read it.
type qualityView struct {
	Truth       string           `json:"truth"`
	Read        int64            `json:"read"`
	Rejected    int64            `json:"rejected"`
	Records     int              `json:"records"` // that are scored
	Unknown     int              `json:"unknown"` // without a truth
	Customers   int              `json:"customers"`
	TruePairs   int64            `json:"true_pairs"`
	TrueLargest int              `json:"true_largest"`
	Model       string           `json:"model,omitempty"`
	Pairwise    *quality.Measure `json:"pairwise"` // null where nothing is scored
	quality.Outcome
	FalseMerged int          `json:"false_merged_clusters"`
	FalseMerges []falseMerge `json:"false_merges"`
	Missed      missedView   `json:"missed"`
	Reviews     reviewedView `json:"reviews"`
}

// falseMerge is a cluster that holds several customers. Closest are the two of
// different customers that are most alike, nil where nothing is scored: they
// are what joined the customers, or nearly.
type falseMerge struct {
	Pairs     int64        `json:"pairs"`
	Customers int          `json:"customers"`
	Closest   *closest     `json:"closest,omitempty"`
	Records   []recordView `json:"records"`
}

// closest is a pair of records of different customers.
type closest struct {
	Probability float64    `json:"probability"`
	Left        recordView `json:"left"`
	Right       recordView `json:"right"`
}

type recordView struct {
	Source   string              `json:"source"`
	SourceID string              `json:"source_id"`
	Truth    string              `json:"truth"`
	Fields   map[string][]string `json:"fields,omitempty"`
}

type missedView struct {
	Pairs    int64            `json:"pairs"`
	Asked    int64            `json:"asked"`
	By       map[string]int64 `json:"by"`
	Examples []missedPair     `json:"examples"`
}

type missedPair struct {
	Lost        string     `json:"lost"`
	Probability *float64   `json:"probability,omitempty"`
	Left        recordView `json:"left"`
	Right       recordView `json:"right"`
}

type reviewedView struct {
	Open      int     `json:"open"`
	PerRecord float64 `json:"per_record"`
	quality.Outcome
}

func (e *env) printQuality(s *truthScore) error {
	v := s.view()
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, v)
	case "csv":
		return gocsv.Marshal(v.rows(), e.stdout)
	}
	p := printer{w: e.stdout, s: e.style()}
	p.quality(v)
	return p.err
}

func (s *truthScore) view() *qualityView {
	r, m := s.report, s.matched
	v := &qualityView{
		Truth: s.truth.column, Read: m.Read, Rejected: m.Rejected, Records: r.Records, Unknown: r.Unknown, Customers: r.Customers,
		TruePairs: r.Closure.True, TrueLargest: r.TrueLargest, Pairwise: r.Pairs, Outcome: r.Outcome,
		FalseMerged: len(r.FalseMerges), FalseMerges: []falseMerge{},
		Missed:  missedView{Pairs: r.Missed.Pairs, Asked: r.Missed.Asked, By: map[string]int64{}, Examples: []missedPair{}},
		Reviews: reviewedView{Open: r.Reviews, PerRecord: r.ReviewShare(), Outcome: r.Reviewed},
	}
	if m.Model != nil {
		v.Model = m.Model.Version()
	}
	for _, f := range r.FalseMerges[:s.shown(len(r.FalseMerges))] {
		view := falseMerge{Pairs: f.Pairs, Customers: f.Customers, Closest: s.closest(f.Records)}
		for _, rec := range f.Records {
			view.Records = append(view.Records, s.record(rec))
		}
		v.FalseMerges = append(v.FalseMerges, view)
	}
	for _, l := range quality.Losses() {
		v.Missed.By[l.String()] = r.Missed.By[l]
	}
	for _, p := range r.Missed.Examples {
		v.Missed.Examples = append(v.Missed.Examples, missedPair{
			Lost: p.Loss.String(), Probability: s.probability(p.A, p.B), Left: s.record(p.A), Right: s.record(p.B),
		})
	}
	return v
}

// mostCrossed is how many records of a false merge are compared with each
// other.
const mostCrossed = 200

// closest finds the two of a cluster's records of different customers that
// are most alike.
func (s *truthScore) closest(records []uint32) *closest {
	if s.matched.Score == nil {
		return nil
	}
	records = records[:min(len(records), mostCrossed)]
	var a, b uint32
	best := float32(math.Inf(-1))
	for i, x := range records {
		for _, y := range records[i+1:] {
			if s.labels[x] == s.labels[y] {
				continue
			}
			if w := s.matched.Score(x, y); w > best {
				a, b, best = x, y, w
			}
		}
	}
	if a == b { // one customer has all of the first records
		return nil
	}
	return &closest{Probability: similar.Probability(float64(best)), Left: s.record(a), Right: s.record(b)}
}

func (s *truthScore) record(rec uint32) recordView {
	side := s.matched.Side(rec)
	return recordView{Source: side.Source, SourceID: side.SourceID, Truth: s.truth.names[s.labels[rec]], Fields: side.Fields}
}

// measureRow is a figure as a line of a table.
type measureRow struct {
	Measure   string `csv:"measure"`
	Precision string `csv:"precision"`
	Recall    string `csv:"recall"`
	F1        string `csv:"f1"`
	Said      int64  `csv:"said"`
	True      int64  `csv:"true"`
	Right     int64  `csv:"right"`
}

// rows are the figures by itself and then those with a reviewer.
func (v *qualityView) rows() []measureRow {
	var rows []measureRow
	add := func(name string, m quality.Measure) {
		rows = append(rows, measureRow{name, figure(m.Precision), figure(m.Recall), figure(m.F1), m.Said, m.True, m.Right})
	}
	if v.Pairwise != nil {
		add("pairwise", *v.Pairwise)
	}
	outcome := func(prefix string, o quality.Outcome) {
		add(prefix+"closure", o.Closure)
		add(prefix+"exact", o.Exact)
		add(prefix+"b_cubed", o.BCubed)
	}
	outcome("", v.Outcome)
	outcome("reviewed_", v.Reviews.Outcome)
	return rows
}

// figure rounds down, so that only what is perfect reads 1.
func figure(x float64) string {
	text := fmt.Sprintf("%.4f", x)
	if x < 1 && text == "1.0000" {
		return "0.9999"
	}
	return text
}
