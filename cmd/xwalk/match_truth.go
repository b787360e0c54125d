package main

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/quality"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// matchTruth scores what a plan would join against a column of the sources.
func (e *env) matchTruth(ctx context.Context, o *matchOptions) error {
	f, rs, err := e.loadRules()
	if err != nil {
		return err
	}
	if !rs.Matches() {
		return noMatching(f)
	}
	if err := checkTruth(f, rs, o); err != nil {
		return err
	}
	t := &truths{column: o.truth}
	in, err := t.inputs(ctx, f, rs, o.source)
	if err != nil {
		return err
	}
	for _, name := range t.without {
		e.tell("%s has no column %q: what its records are is taken as not known", name, o.truth)
	}
	m, err := e.match(ctx, f, rs, in)
	if err != nil {
		return err
	}
	for _, n := range m.Notes {
		e.tell("note: %s", n)
	}
	s := &truthScore{truth: t, matched: m, limit: o.limit}
	s.score(rs)
	if s.report.Records == 0 {
		return usage("column %q says of no record which customer it is: all its values are blank", o.truth)
	}
	return e.printQuality(s)
}

// checkTruth refuses a source that is not there, and a truth that matching
// would see.
func checkTruth(f *config.File, rs *rules.Ruleset, o *matchOptions) error {
	if o.source != "" && !slices.Contains(f.Names(), o.source) {
		return usage("there is no source %q\n  hint: known: %s", o.source, strings.Join(f.Names(), ", "))
	}
	for i, name := range rs.Sources() {
		if as := rs.Sees(i, o.truth); as != "" {
			return usage("--truth %s: source %s reads this column as %q, so matching would see the truth\n"+
				"  hint: score with a configuration that leaves it out: -c FILE", o.truth, name, as)
		}
	}
	return nil
}

// truths reads a truth column beside the columns that the rules read.
type truths struct {
	column  string
	labels  quality.Labels
	names   []string       // by label, from 1: the truth as it stands
	sources []*truthSource // by source; nil where it has no truth
	without []string       // sources without the column
}

// inputs opens every source, those whose truth counts with its column.
func (t *truths) inputs(ctx context.Context, f *config.File, rs *rules.Ruleset, only string) ([]plan.Input, error) {
	t.names = []string{""}
	var in []plan.Input
	var problems ui.Problems
	var missing error
	for i, s := range f.Sources {
		src, truth, err := t.open(ctx, s, rs.Columns(i), only == "" || only == s.Name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var lacks *mapping.ColumnError
		if errors.As(err, &lacks) && lacks.Missing == t.column && only == "" {
			missing = err
			t.without = append(t.without, s.Name)
			src, truth, err = t.open(ctx, s, rs.Columns(i), false)
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		t.sources = append(t.sources, truth)
		in = append(in, plan.Input{Name: s.Name, Source: src, Filtered: s.Filtered()})
	}
	if len(t.without) == len(f.Sources) { // most likely misspelt
		problems = append(problems, missing)
	}
	return in, problems.Err()
}

func (t *truths) open(ctx context.Context, s config.Source, columns []string, with bool) (mapping.Source, *truthSource, error) {
	if !with {
		src, err := s.Open(ctx, columns)
		return src, nil, err
	}
	at := slices.Index(columns, t.column)
	ask := columns
	if at < 0 {
		at, ask = len(columns), append(slices.Clone(columns), t.column)
	}
	src, err := s.Open(ctx, ask)
	if err != nil {
		return nil, nil, err
	}
	truth := &truthSource{of: t, inner: src, width: len(columns), at: at}
	return truth, truth, nil
}

// label is the label of a truth.
func (t *truths) label(text string) uint32 {
	l := t.labels.Label(text)
	if int(l) == len(t.names) {
		t.names = append(t.names, strings.Clone(strings.TrimSpace(text)))
	}
	return l
}

// of is the label of a record, by its source and row.
func (t *truths) of(source int, row int64) uint32 {
	s := t.sources[source]
	if s == nil {
		return quality.Unknown
	}
	if k, ok := slices.BinarySearch(s.rows, uint32(row)); ok {
		return s.is[k]
	}
	return quality.Unknown
}

// truthSource keeps the truth of each record of a source and passes on the
// columns that the rules asked for, and nothing else.
type truthSource struct {
	of    *truths
	inner mapping.Source
	width int
	at    int
	rows  []uint32 // lines of the file, or rows, ascending
	is    []uint32 // their labels
}

// Records implements [mapping.Source].
func (s *truthSource) Records(ctx context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		s.rows, s.is = s.rows[:0], s.is[:0]
		for rec, err := range s.inner.Records(ctx) {
			if err == nil {
				row := rec.Place.Line
				if row == 0 {
					row = rec.Place.Row
				}
				s.rows = append(s.rows, uint32(row))
				s.is = append(s.is, s.of.label(rec.Values[s.at].Text))
				rec.Values = rec.Values[:s.width:s.width]
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// Count implements [mapping.Counter].
func (s *truthSource) Count(ctx context.Context) (int64, error) {
	if c, ok := s.inner.(mapping.Counter); ok {
		return c.Count(ctx)
	}
	return 0, nil
}

// truthScore is a score with what is needed to show it.
type truthScore struct {
	truth   *truths
	matched *plan.Matched
	limit   int // how many clusters and pairs to show; 0: all
	report  *quality.Report

	labels        []uint32 // by record
	merge, review float32
}

func (s *truthScore) score(rs *rules.Ruleset) {
	m := s.matched
	s.labels = make([]uint32, len(m.Cluster))
	for rec := range s.labels {
		s.labels[rec] = s.truth.of(m.Source(uint32(rec)), m.Row(uint32(rec)))
	}
	in := quality.Input{Cluster: m.Cluster, Truth: s.labels, Pairs: m.Pairs, Examples: s.limit}
	if s.limit == 0 {
		in.Examples = len(s.labels)
	}
	if settings, _, on := rs.Similar(); on {
		s.merge, s.review = float32(similar.Weight(settings.Merge)), float32(similar.Weight(settings.Review))
		in.Merge = s.merge
		in.Lost = s.lost
	}
	for _, r := range m.Reviews {
		in.Reviews = append(in.Reviews, [2]uint32{r.A, r.B})
	}
	s.report = quality.Score(in)
}

// lost says where a pair of one customer was lost.
func (s *truthScore) lost(a, b uint32) quality.Loss {
	m := s.matched
	if m.Score == nil {
		return quality.NoRule
	}
	if !(m.Score(a, b) >= s.review) { // no number where nothing can be compared
		return quality.TooLight
	}
	if m.Proposed(a, b) {
		return quality.Cut
	}
	return quality.Unproposed
}

// shown is how many of n to show.
func (s *truthScore) shown(n int) int {
	if s.limit == 0 {
		return n
	}
	return min(n, s.limit)
}

// probability is that of a pair, or nil where nothing is scored or the two
// have nothing that can be compared.
func (s *truthScore) probability(a, b uint32) *float64 {
	if s.matched.Score == nil {
		return nil
	}
	p := similar.Probability(float64(s.matched.Score(a, b)))
	if math.IsNaN(p) {
		return nil
	}
	return &p
}
