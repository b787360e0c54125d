package review

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/report"
)

// The columns of a sheet that are read back.
const (
	ColumnReview  = "review"
	ColumnContent = "content"
	ColumnVerdict = "verdict"
	ColumnReason  = "reason"
)

// Export writes items as a sheet for a spreadsheet: a row for each, the
// fields of both records side by side, and empty columns for verdict and
// reason, which are filled where there is a verdict. What a spreadsheet would
// execute is neutralised.
func Export(w io.Writer, items []*Item) error {
	var sides []*Side
	for _, i := range items {
		sides = append(sides, &i.Left, &i.Right)
	}
	roles := Roles(sides...)
	header := []string{ColumnReview, "group", "score", "rule", "left_source", "left_id", "left_canonical", "right_source", "right_id", "right_canonical"}
	for _, role := range roles {
		header = append(header, "left_"+role, "right_"+role)
	}
	header = append(header, "evidence", "claimed_by", ColumnVerdict, ColumnReason, ColumnContent)
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	for _, i := range items {
		row := []string{SheetID(i.ID), SheetID(i.Group), SheetScore(i.Score), i.Rule}
		for _, s := range i.Sides() {
			row = append(row, s.Source, s.SourceID, s.Canonical)
		}
		for _, role := range roles {
			row = append(row, joined(i.Left.Fields[role]), joined(i.Right.Fields[role]))
		}
		verdict, reason := "", ""
		if i.Decided != nil {
			verdict, reason = i.Decided.Verdict.String(), i.Decided.Reason
		}
		row = append(row, EvidenceText(i.Evidence), i.ClaimedBy, verdict, reason, i.Content())
		for k := range row {
			row[k] = report.Neutral(row[k])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// SheetScore is a score as sheets have it, empty where nothing was weighed.
func SheetScore(score float64) string {
	if score == 0 {
		return ""
	}
	return report.Likely(score, 4)
}

// EvidenceText is evidence on one line.
func EvidenceText(list []mapping.Evidence) string {
	words := make([]string, len(list))
	for k, e := range list {
		words[k] = e.String()
	}
	return strings.Join(words, ", ")
}
