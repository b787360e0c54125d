package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// translationRow is a field in the CSV form of the count.
type translationRow struct {
	Field      string `csv:"field"`
	Cells      int64  `csv:"cells"`
	Translated int64  `csv:"translated"`
	Unchanged  int64  `csv:"unchanged"`
	Redirected int64  `csv:"redirected"`
	Missing    int64  `csv:"missing"`
	NotFound   int64  `csv:"not_found"`
	Gone       int64  `csv:"gone"`
}

// tellTranslation ends the work: the count, which is the result where the text
// went to a file, and what was missing.
func (e *env) tellTranslation(t *translation, sum *translate.Summary, err error) error {
	var missing *translate.MissingError
	if err != nil && !errors.As(err, &missing) {
		return err
	}
	w, s := e.stderr, e.messages()
	if t.options.out != "" && (missing == nil || e.common.format != "text") {
		w, s = e.stdout, e.style()
	} else if e.common.quiet && missing == nil {
		return nil
	}
	switch e.common.format {
	case "json":
		err = printJSON(w, sum)
	case "csv":
		err = gocsv.MarshalCSV(translationRows(sum), csv.NewWriter(w))
	default:
		to := ""
		if t.options.out != "" && missing == nil {
			to = " → " + t.options.out
		}
		err = t.writeText(w, s, to, sum)
	}
	if err != nil || missing == nil {
		return err
	}
	return t.failed(e, sum)
}

func translationRows(sum *translate.Summary) []translationRow {
	var rows []translationRow
	for i := range sum.Fields {
		f := &sum.Fields[i]
		rows = append(rows, translationRow{
			Field: f.Field, Cells: f.Cells, Translated: f.Translated, Unchanged: f.Unchanged, Redirected: f.Redirected,
			Missing: f.Lost(), NotFound: f.Missing[translate.NotFound.String()], Gone: f.Missing[translate.Gone.String()],
		})
	}
	return rows
}

// failed says that IDs were missing where none may be.
func (t *translation) failed(e *env, sum *translate.Summary) error {
	var n int64
	for i := range sum.Fields {
		n += sum.Fields[i].Lost()
	}
	what := count(n, "ID") + " " + plural(n, "has", "have") + " no answer"
	written := "nothing was written"
	if t.options.out == "" {
		written = "nothing was written from the first of them on"
	}
	fmt.Fprintf(e.stderr, "%s %s, and %s\n  hint: --missing keep leaves them, empty empties their places, divert:FILE takes their records out; xwalk lookup tells more of an ID\n",
		e.messages().Red("error:"), what, written)
	return codeError(exitFailed)
}

// writeText tells people what became of the text, which went to a file.
func (t *translation) writeText(w io.Writer, s report.Style, to string, sum *translate.Summary) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s%s: %s\n", report.Clean(t.in.name), report.Clean(to), count(sum.Records, "record"))
	table := &report.Table{
		Header: []string{"", "translated", "of them already", "merged since", "missing"},
		Right:  []bool{false, true, true, true, true},
	}
	for i := range sum.Fields {
		f := &sum.Fields[i]
		table.Add(f.Field, report.Number(f.Translated), report.Number(f.Unchanged), report.Number(f.Redirected), report.Number(f.Lost()))
	}
	if err := table.Write(b, s, "  "); err != nil {
		return err
	}
	for i := range sum.Fields {
		t.writeMissing(b, s, &sum.Fields[i])
	}
	if sum.Diverted > 0 {
		fmt.Fprintf(b, "%s with missing IDs went to %s\n", count(sum.Diverted, "record"), report.Clean(t.options.aside))
	}
	if sum.Broken > 0 {
		fmt.Fprintf(b, "%s %s cannot be read and passed through unchanged:\n", s.Yellow("warning:"), count(sum.Broken, "record"))
		for _, place := range sum.FirstBroken {
			fmt.Fprintf(b, "  %s\n", report.Clean(place))
		}
		if more := sum.Broken - int64(len(sum.FirstBroken)); more > 0 {
			fmt.Fprintf(b, "  and %s more\n", report.Number(more))
		}
	}
	for _, note := range sum.Notes {
		fmt.Fprintf(b, "note: %s\n", report.Clean(note))
	}
	return b.Flush()
}

// writeMissing lists what is missing of a field, status by status.
func (t *translation) writeMissing(b *bufio.Writer, s report.Style, f *translate.Tally) {
	for status := translate.NotFound; status <= translate.None; status++ {
		n := f.Missing[status.String()]
		if n == 0 {
			continue
		}
		var examples []string
		for _, e := range f.Examples {
			if e.Status == status.String() {
				examples = append(examples, fmt.Sprintf("%s (line %d)", report.Clean(e.ID), e.Line))
			}
		}
		if int64(len(examples)) < n {
			examples = append(examples, "…")
		}
		fmt.Fprintf(b, "  %s: %s %s%s: %s\n", report.Clean(f.Field), report.Number(n), s.Yellow(t.why(status)), t.fate(), strings.Join(examples, ", "))
	}
}

// why says in words why an ID has no answer.
func (t *translation) why(status translate.Status) string {
	switch status {
	case translate.NotFound:
		return "not found"
	case translate.Held:
		return "waiting for a review"
	case translate.Contested:
		return "held by two customers"
	case translate.Several:
		return "with several IDs in " + t.options.to + " (--several chooses)"
	case translate.None:
		return "without an ID in " + t.options.to
	}
	return status.String()
}

// fate says what became of what is missing.
func (t *translation) fate() string {
	return [...]string{translate.Fail: "", translate.Keep: ", kept", translate.Empty: ", emptied", translate.Divert: ", diverted"}[t.options.policy]
}
