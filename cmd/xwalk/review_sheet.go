package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/connectors/all"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/review"
)

// exportReviews writes reviews as a sheet to fill in.
func (e *env) exportReviews(ctx context.Context, o *reviewOptions, args []string) error {
	if e.common.format == "json" {
		return usage("review export writes CSV; xwalk review list --format json is for programs")
	}
	return e.onDesk(ctx, o, func(d *review.Desk) error {
		items := o.cut(d.Select(o.filter(e.actor())), false)
		write := func(w io.Writer) error { return review.Export(w, items) }
		if len(args) == 0 || args[0] == "-" {
			return write(e.stdout)
		}
		if err := writeFile(args[0], write); err != nil {
			return err
		}
		e.tell("wrote %s to %s: fill in the column verdict (same, different, skip; empty is left open), then %s",
			count(int64(len(items)), "review"), args[0], e.command(o.words("import", args[0])...))
		return nil
	})
}

// importedJSON is what became of a sheet.
type importedJSON struct {
	Rows      int              `json:"rows"`
	Same      int              `json:"same"`
	Different int              `json:"different"`
	Skipped   int              `json:"skipped"`
	Unchanged int              `json:"unchanged"` // in force already
	Blank     int              `json:"blank"`     // without a verdict
	Refused   []review.Refused `json:"refused"`
}

// importReviews records the verdicts of a sheet that was filled in.
func (e *env) importReviews(ctx context.Context, o *reviewOptions, file string) error {
	actor, err := e.decider()
	if err != nil {
		return err
	}
	rows, err := readSheet(ctx, file, o.reason)
	if err != nil {
		return err
	}
	var f *config.File
	var sheet *review.Sheet
	err = e.atDesk(ctx, o, func(file *config.File, d *review.Desk, store *crosswalk.Store) error {
		f = file
		if sheet, err = d.Import(ctx, rows, actor, o.override); err != nil {
			return err
		}
		if err := sheet.Record(ctx, store, actor, o.override); err != nil {
			return err
		}
		e.warnDecided(d, sheet.Answers)
		return nil
	})
	if err != nil {
		return err
	}
	if o.now {
		e.tell("%s", importedText(importedOf(sheet)))
		e.tellRefused(sheet)
		return e.carryOut(ctx, f, o)
	}
	if err := e.printImported(sheet); err != nil {
		return err
	}
	if len(sheet.Answers) > 0 {
		e.tellRecorded(o, len(sheet.Answers))
	}
	return nil
}

func importedOf(s *review.Sheet) importedJSON {
	j := importedJSON{Rows: s.Rows, Skipped: len(s.Skip), Unchanged: len(s.Again), Blank: s.Blank, Refused: s.Refused}
	for _, a := range s.Answers {
		if a.Verdict == crosswalk.Same {
			j.Same++
		} else {
			j.Different++
		}
	}
	if j.Refused == nil {
		j.Refused = []review.Refused{}
	}
	return j
}

func importedText(j importedJSON) string {
	text := fmt.Sprintf("%s: recorded %d same and %d different", count(int64(j.Rows), "row"), j.Same, j.Different)
	for _, part := range []struct {
		n    int
		what string
	}{{j.Skipped, "passed over"}, {j.Unchanged, "as recorded before"}, {j.Blank, "left open"}, {len(j.Refused), "refused"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	return text
}

func (e *env) printImported(s *review.Sheet) error {
	j := importedOf(s)
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, j)
	case "csv":
		return gocsv.MarshalCSV(s.Refused, csv.NewWriter(e.stdout))
	}
	if _, err := fmt.Fprintln(e.stdout, importedText(j)); err != nil {
		return err
	}
	style := e.style()
	for _, r := range s.Refused {
		if _, err := fmt.Fprintf(e.stdout, "%s %s: review %s: %s\n", style.Red("✗"), report.Clean(r.Place), report.Clean(r.Review), report.Clean(r.Reason)); err != nil {
			return err
		}
	}
	return nil
}

func (e *env) tellRefused(s *review.Sheet) {
	for _, r := range s.Refused {
		e.tell("%s %s: review %s: %s", e.messages().Red("✗"), report.Clean(r.Place), report.Clean(r.Review), report.Clean(r.Reason))
	}
}

// readSheet reads a sheet with the csv connector, so that what any
// spreadsheet saved is understood: its encoding and its separator. Where a row
// gives no reason, reason stands for it.
func readSheet(ctx context.Context, file, reason string) ([]review.Filled, error) {
	src, err := config.OpenFile(ctx, all.Registry()["csv"], file, []string{
		review.ColumnReview, review.ColumnContent, review.ColumnVerdict, review.ColumnReason,
	})
	if err != nil {
		var missing *mapping.ColumnError
		if errors.As(err, &missing) {
			err = fmt.Errorf("%w\n  hint: keep the columns of the export, above all review, content, verdict and reason", err)
		}
		return nil, err
	}
	var rows []review.Filled
	var broken diag.List
	for rec, err := range src.Records(ctx) {
		var bad *mapping.RecordError
		if errors.As(err, &bad) {
			broken = append(broken, diag.Diagnostic{
				Pos: diag.Pos{File: bad.Place.File, Line: int(bad.Place.Line)}, Code: "review.row", Message: bad.Reason, Hint: "take the row from the export again",
			})
			continue
		}
		if err != nil {
			return nil, err
		}
		r := review.Filled{Place: rec.Place, Review: rec.Values[0].Text, Content: rec.Values[1].Text, Verdict: rec.Values[2].Text, Reason: rec.Values[3].Text}
		if r.Reason == "" {
			r.Reason = reason
		}
		rows = append(rows, r)
	}
	return rows, broken.Err()
}
