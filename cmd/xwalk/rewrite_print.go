package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// rewriteJSON is a look or a rewrite for programs: what was found, and with a
// run what became of it.
type rewriteJSON struct {
	Run        *int64              `json:"run"`
	Serial     int64               `json:"serial"`
	Applied    bool                `json:"applied"`
	Resumed    bool                `json:"resumed,omitempty"`
	References []*rewrite.Surveyed `json:"references"`
	Results    []rewrite.Result    `json:"results,omitempty"`
	Totals     rewriteTotals       `json:"totals"`
}

type rewriteTotals struct {
	References int   `json:"references"`
	Blocked    int   `json:"blocked"`   // something stands in the way that no option overcomes
	NeedDDL    int   `json:"needs_ddl"` // nothing else does
	Rows       int64 `json:"rows"`
	Empty      int64 `json:"empty"`
	Resolvable int64 `json:"resolvable"`
	Done       int64 `json:"done"`
	Redirected int64 `json:"redirected"`
	Orphans    int64 `json:"orphans"`
	Written    int64 `json:"written"`
}

func totalsOf(all []*rewrite.Surveyed) rewriteTotals {
	t := rewriteTotals{References: len(all)}
	for _, s := range all {
		t.Rows += s.Rows
		t.Empty += s.Empty
		t.Resolvable += s.Resolvable
		t.Done += s.Done
		t.Redirected += s.Redirected
		t.Orphans += s.Orphans
		switch {
		case s.Blocked(true):
			t.Blocked++
		case s.Blocked(false):
			t.NeedDDL++
		}
	}
	return t
}

// pending is how many rows are still to be written.
func (t rewriteTotals) pending() int64 { return t.Resolvable - t.Done }

// referenceRow is a reference as one line of a table.
type referenceRow struct {
	Reference  string `csv:"reference"`
	RefersTo   string `csv:"refers_to"`
	Write      string `csv:"write"`
	Rows       int64  `csv:"rows"`
	Empty      int64  `csv:"empty"`
	Resolvable int64  `csv:"resolvable"`
	Done       int64  `csv:"done"`
	Redirected int64  `csv:"redirected"`
	Orphans    int64  `csv:"orphans"`
	Written    int64  `csv:"written"`
	Obstacles  string `csv:"obstacles"`
}

// orphanRow is a value without an answer as one line of a table.
type orphanRow struct {
	Reference string `csv:"reference"`
	Child     string `csv:"child"`
	Field     string `csv:"field"`
	Key       string `csv:"key"`
	Reason    string `csv:"reason"`
	Rows      int64  `csv:"rows"`
}

func orphanRows(all []*rewrite.Surveyed) []orphanRow {
	rows := []orphanRow{}
	for _, s := range all {
		for _, m := range s.Missing {
			rows = append(rows, orphanRow{report.Neutral(s.Name), report.Neutral(m.Child), report.Neutral(m.Field), report.Neutral(m.Key), m.Reason, m.Rows})
		}
	}
	return rows
}

// writeOrphans writes the values without an answer to a file.
func (e *env) writeOrphans(path string, all []*rewrite.Surveyed) error {
	rows := orphanRows(all)
	if err := writeFile(path, func(w io.Writer) error { return gocsv.MarshalCSV(rows, csv.NewWriter(w)) }); err != nil {
		return err
	}
	told, total := int64(0), totalsOf(all).Orphans
	for _, r := range rows {
		told += r.Rows
	}
	e.tell("wrote %s to %s", count(int64(len(rows)), "value without an answer", "values without an answer"), path)
	if told < total {
		e.tell("%s more rows have other values without an answer; a reference lists no more of them", report.Number(total-told))
	}
	return nil
}

// rewriteReport is what a call of the verb prints.
type rewriteReport struct {
	title   string
	run     int64
	serial  int64
	resumed bool
	found   []*rewrite.Surveyed
	results []rewrite.Result
	next    []string
	changes bool
}

// written is how many rows were written of each of r.found. Results are in its
// order; references of one column have one name.
func (r *rewriteReport) written() []int64 {
	all, at := make([]int64, len(r.found)), 0
	for i, s := range r.found {
		if k := slices.IndexFunc(r.results[at:], func(x rewrite.Result) bool { return x.Name == s.Name }); k >= 0 {
			all[i] = r.results[at+k].Written
			at += k + 1
		}
	}
	return all
}

// printRewrite prints a look or a rewrite in the format that was asked for.
func (e *env) printRewrite(r *rewriteReport) error {
	totals := totalsOf(r.found)
	for _, x := range r.results {
		totals.Written += x.Written
	}
	switch e.common.format {
	case "json":
		j := rewriteJSON{Serial: r.serial, Applied: r.results != nil, Resumed: r.resumed, References: r.found, Results: r.results, Totals: totals}
		if r.run > 0 {
			j.Run = &r.run
		}
		if j.References == nil {
			j.References = []*rewrite.Surveyed{}
		}
		return printJSON(e.stdout, j)
	case "csv":
		if r.changes {
			return gocsv.MarshalCSV(orphanRows(r.found), csv.NewWriter(e.stdout))
		}
		return gocsv.MarshalCSV(referenceRows(r), csv.NewWriter(e.stdout))
	}
	return e.printRewriteText(r, totals)
}

func referenceRows(r *rewriteReport) []referenceRow {
	rows := []referenceRow{}
	written := r.written()
	for i, s := range r.found {
		var codes []string
		for _, o := range s.Obstacles {
			codes = append(codes, o.Severity+":"+o.Code)
		}
		row := referenceRow{
			report.Neutral(s.Name), s.RefersTo, report.Neutral(s.Write),
			s.Rows, s.Empty, s.Resolvable, s.Done, s.Redirected, s.Orphans, written[i], strings.Join(codes, ";"),
		}
		rows = append(rows, row)
	}
	return rows
}

// printRewriteText prints for people: the counts, then of each reference what
// stands in its way, then what has no answer.
func (e *env) printRewriteText(r *rewriteReport, totals rewriteTotals) error {
	s, w := e.style(), e.stdout
	fmt.Fprintf(w, "%s\n\n", s.Bold(report.Clean(r.title)))
	if err := e.printCounts(r, totals); err != nil {
		return err
	}
	for _, x := range r.found {
		e.printObstacles(x.Name, remaining(x.Obstacles, r.results != nil))
	}
	for _, x := range r.results {
		e.printObstacles(x.Name+", afterwards", x.After)
	}
	e.printDDL(r.results)
	if err := e.printMissing(r.found, totals.Orphans, r.changes); err != nil {
		return err
	}
	if len(r.next) > 0 {
		fmt.Fprintln(w)
	}
	for _, n := range r.next {
		fmt.Fprintf(w, "%s %s\n", s.Cyan("→"), report.Clean(n))
	}
	return nil
}

// printCounts prints a line for each reference. Columns that are all zero and
// not asked for by everybody are left out.
func (e *env) printCounts(r *rewriteReport, totals rewriteTotals) error {
	s := e.style()
	type column struct {
		name  string
		value func(*rewrite.Surveyed) int64
		shown bool
		paint func(report.Style, string) string
	}
	columns := slices.DeleteFunc([]column{
		{"rows", func(x *rewrite.Surveyed) int64 { return x.Rows }, true, nil},
		{"empty", func(x *rewrite.Surveyed) int64 { return x.Empty }, totals.Empty > 0, nil},
		{"resolvable", func(x *rewrite.Surveyed) int64 { return x.Resolvable }, true, report.Style.Green},
		{"done", func(x *rewrite.Surveyed) int64 { return x.Done }, totals.Done > 0, nil},
		{"redirected", func(x *rewrite.Surveyed) int64 { return x.Redirected }, totals.Redirected > 0, report.Style.Yellow},
		{"orphans", func(x *rewrite.Surveyed) int64 { return x.Orphans }, true, report.Style.Red},
		{"written", nil, r.results != nil, report.Style.Green},
	}, func(c column) bool { return !c.shown })
	t := &report.Table{Header: []string{"reference", "refers to", "write"}, Right: []bool{false, false, false}}
	for _, c := range columns {
		t.Header, t.Right = append(t.Header, c.name), append(t.Right, true)
	}
	written := r.written()
	for i, x := range r.found {
		row := []string{x.Name, x.RefersTo, x.Write}
		for _, c := range columns {
			n := written[i]
			if c.value != nil {
				n = c.value(x)
			}
			row = append(row, report.Number(n))
		}
		t.Add(row...)
	}
	t.Paint = func(_, col int, cell string) string {
		switch {
		case col < 3:
			return cell
		case cell == "0":
			return s.Dim(cell)
		case columns[col-3].paint != nil:
			return columns[col-3].paint(s, cell)
		}
		return cell
	}
	return t.Write(e.stdout, s, "  ")
}

// printObstacles prints what stands in a reference's way.
func (e *env) printObstacles(name string, obstacles []rewrite.Obstacle) {
	if len(obstacles) == 0 {
		return
	}
	s, w := e.style(), e.stdout
	fmt.Fprintf(w, "\n%s\n", s.Bold(report.Clean(name)))
	for _, o := range obstacles {
		sign, tail := s.Dim("·"), ""
		switch o.Severity {
		case rewrite.Blocks.String():
			sign = s.Red("✗")
		case rewrite.NeedDDL.String():
			sign, tail = s.Yellow("!"), " (--allow-ddl)"
		}
		fmt.Fprintf(w, "  %s %s %s%s\n", sign, report.Clean(o.Detail), s.Dim("["+o.Code+"]"), tail)
		if o.Hint != "" {
			fmt.Fprintf(w, "    %s\n", s.Dim("hint: "+report.Clean(o.Hint)))
		}
	}
}

// remaining are the obstacles that a rewrite did not overcome.
func remaining(obstacles []rewrite.Obstacle, applied bool) []rewrite.Obstacle {
	if !applied {
		return obstacles
	}
	return slices.DeleteFunc(slices.Clone(obstacles), func(o rewrite.Obstacle) bool { return o.Severity != rewrite.Note.String() })
}

// printDDL lists the statements that changed columns and constraints.
func (e *env) printDDL(results []rewrite.Result) {
	first := true
	for _, r := range results {
		for _, statement := range r.DDL {
			if first {
				fmt.Fprintf(e.stdout, "\n%s\n", e.style().Bold("Columns and constraints were changed"))
				first = false
			}
			fmt.Fprintf(e.stdout, "    %s\n", report.Clean(statement))
		}
	}
}

// printMissing lists values without an answer, or the first few.
func (e *env) printMissing(found []*rewrite.Surveyed, rows int64, all bool) error {
	if rows == 0 {
		return nil
	}
	s := e.style()
	fmt.Fprintf(e.stdout, "\n%s %s\n", s.Red("✗"), s.Bold(count(rows, "row has", "rows have")+" no answer"))
	t := &report.Table{Right: []bool{false, false, false, false, true}}
	left := rows
	for _, x := range found {
		for i, m := range x.Missing {
			if i == report.Samples && !all {
				break
			}
			left -= m.Rows
			times := ""
			if m.Rows > 1 {
				times = report.Number(m.Rows) + " rows"
			}
			t.Add(m.Child, m.Field, fmt.Sprintf("%q", m.Key), m.Reason, times)
		}
	}
	t.Paint = func(_, col int, cell string) string {
		if col == 2 {
			return cell
		}
		return s.Dim(cell)
	}
	if err := t.Write(e.stdout, s, "    "); err != nil {
		return err
	}
	if left > 0 {
		how := "--changes lists more, --orphans FILE writes a list"
		if all {
			how = "a reference lists no more values"
		}
		fmt.Fprintf(e.stdout, "    %s\n", s.Dim(fmt.Sprintf("… and %s more (%s)", count(left, "row"), how)))
	}
	return nil
}

// printLook prints what was found, and what to do next.
func (e *env) printLook(w *rewriting, o *rewriteOptions) error {
	found := w.reports()
	return e.printRewrite(&rewriteReport{
		title: title("Rewrite, not carried out", w.f), serial: w.serial, found: found, changes: o.changes, next: e.afterLook(totalsOf(found), o),
	})
}

// afterLook says what there is to do after a look.
func (e *env) afterLook(t rewriteTotals, o *rewriteOptions) []string {
	var next []string
	again := append([]string{"rewrite"}, o.names...)
	switch {
	case t.Blocked > 0:
		next = append(next, fmt.Sprintf("Something stands in the way of %s (✗). Settle it, or name the references that can go ahead.", count(int64(t.Blocked), "reference")))
	case t.pending() == 0:
		return append(next, "Nothing to do: every reference that has an answer says it already.")
	case t.NeedDDL > 0:
		next = append(next, fmt.Sprintf("Run %s to carry this out; columns or constraints of %s change (!).", e.command(append(again, "--apply", "--allow-ddl")...), count(int64(t.NeedDDL), "reference")))
	default:
		next = append(next, "Run "+e.command(append(again, "--apply")...)+" to carry this out.")
	}
	if t.Orphans > 0 {
		next = append(next, "Rows without an answer will stay as they are.")
	}
	if o.apply || o.emit != "" {
		return append(next, "Refused: nothing was written.")
	}
	return append(next, "Nothing was written.")
}
