package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/ui"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
)

// reportOf is what there is to tell of a plan.
func reportOf(p *plan.Plan) *report.Run {
	r := &report.Run{Serial: p.Serial, Totals: p.Totals, Rejects: p.Rejects, Repairs: p.Repairs, Notes: p.Notes, Changes: changesOf(p)}
	for _, s := range p.Sources {
		r.Sources = append(r.Sources, report.Source{Name: s.Name, Counts: s.Counts})
	}
	for _, v := range p.Reviews {
		r.Reviews = append(r.Reviews, report.Review{
			ID: v.ID, Score: v.Score, Evidence: v.Evidence, Left: sideOf(v.Left), Right: sideOf(v.Right),
		})
	}
	return r
}

func sideOf(s plan.ReviewSide) report.Side {
	return report.Side{Source: s.Source, SourceID: s.SourceID, Fields: s.Fields}
}

func changesOf(p *plan.Plan) iter.Seq2[report.Change, error] {
	return func(yield func(report.Change, error) bool) {
		for c, err := range p.Changes() {
			if !yield(report.Change(c), err) {
				return
			}
		}
	}
}

// printRun prints a run in the format that was asked for.
func (e *env) printRun(r *report.Run, changes bool) error {
	switch e.common.format {
	case "json":
		return r.JSON(e.stdout, changes)
	case "csv":
		return r.CSV(e.stdout, changes)
	}
	return r.Text(e.stdout, report.TextOptions{Style: e.style(), All: changes})
}

// command is an xwalk command line that works on the same configuration.
func (e *env) command(words ...string) string {
	line := append([]string{"xwalk"}, words...)
	if e.common.config != "xwalk.yaml" {
		line = append(line, "-c", e.common.config)
	}
	for i, w := range line {
		if strings.ContainsAny(w, " \t\"'$&|;<>()*?`\\") {
			line[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return "`" + strings.Join(line, " ") + "`"
}

// title is the first line of a report.
func title(what string, f *config.File) string {
	if name, err := f.Environment(); err == nil && name != "" {
		return fmt.Sprintf("%s for %s", what, name)
	}
	return what
}

// tellProgress feeds the progress line.
func tellProgress(p *ui.Progress) func(plan.Progress) {
	return func(s plan.Progress) { p.Tell(s.Step, s.Done, s.Total) }
}

// guards are what --allow may name.
var guards = []string{"joined", "rejected", "cluster", "vanished"}

// checkAllow refuses misspelt guards, which would otherwise not be overruled.
func checkAllow(allow []string) error {
	for _, a := range allow {
		if !slices.Contains(guards, a) {
			return usage("--allow %s: expected %s", a, strings.Join(guards, ", "))
		}
	}
	return nil
}
