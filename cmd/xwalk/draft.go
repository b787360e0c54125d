package main

import (
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/discover"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/report"
)

// draftJSON is what init found, for programs.
type draftJSON struct {
	File      string         `json:"file"`
	Sources   []draftSource  `json:"sources"`
	Totals    mapping.Totals `json:"totals"` // of a plan on the sources as they are
	Unsure    []draftDoubt   `json:"unsure"`
	Variables []string       `json:"variables"` // that must be set
}

type draftSource struct {
	Source    string   `json:"source" csv:"source"`
	Connector string   `json:"connector" csv:"connector"`
	Rows      int64    `json:"rows" csv:"rows"`
	Kind      string   `json:"kind" csv:"kind"`
	ID        []string `json:"id" csv:"-"`
	Schemes   []string `json:"schemes" csv:"-"`
	Fields    []string `json:"fields" csv:"-"`

	IDText     string `json:"-" csv:"id"`
	SchemeText string `json:"-" csv:"schemes"`
	FieldText  string `json:"-" csv:"fields"`
}

type draftDoubt struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

func draftOf(d *discover.Draft, path string) draftJSON {
	out := draftJSON{File: path, Totals: d.Seen.Totals, Unsure: []draftDoubt{}, Variables: []string{}}
	for _, s := range d.Sources {
		src := draftSource{Source: s.Name, Connector: s.Connector(), Rows: s.Rows, Kind: s.Kind.String(), ID: s.ID.Columns, Schemes: s.ID.Texts(), Fields: []string{}}
		for _, f := range s.Fields {
			src.Fields = append(src.Fields, f.Role)
		}
		src.IDText, src.SchemeText, src.FieldText = strings.Join(src.ID, " + "), strings.Join(src.Schemes, " or "), strings.Join(src.Fields, " ")
		out.Sources = append(out.Sources, src)
	}
	for _, t := range d.Doubts() {
		out.Unsure = append(out.Unsure, draftDoubt(t))
	}
	for _, v := range d.Variables {
		out.Variables = append(out.Variables, v.Name)
	}
	return out
}

// printDraft tells what was written, what is unsure, and what to do next.
func (e *env) printDraft(d *discover.Draft, path string) error {
	j := draftOf(d, path)
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, j)
	case "csv":
		return gocsv.MarshalCSV(j.Sources, csv.NewWriter(e.stdout))
	}
	st := e.style()
	fmt.Fprintf(e.stdout, "%s\n\n", st.Bold("Wrote "+path))
	t := &report.Table{Header: []string{"source", "rows", "ID", "scheme", "kind", "fields"}, Right: []bool{false, true}}
	for _, s := range j.Sources {
		t.Add(s.Source, report.Number(s.Rows), s.IDText, s.SchemeText, s.Kind, s.FieldText)
	}
	if err := t.Write(e.stdout, st, "  "); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "\nA plan would make %s of %s: %s another, %s to review, %s rejected.\n",
		count(j.Totals.Customers, "customer"), count(j.Totals.Read, "record"), count(j.Totals.Linked, "record joins", "records join"),
		count(j.Totals.ReviewsOpen, "pair"), report.Number(j.Totals.Rejected))
	e.printDoubts(j.Unsure)
	for _, v := range d.Variables {
		if now, _ := e.getenv(v.Name); now != v.Value {
			fmt.Fprintf(e.stdout, "%s Set the address that the file does not hold: %s\n", st.Cyan("→"), "export "+v.Name+"='"+report.Clean(v.Masked)+"'")
		}
	}
	_, err := fmt.Fprintf(e.stdout, "%s Look through %s, then run %s.\n", st.Cyan("→"), path, e.command("plan"))
	return err
}

// count is "1 record", "1,200 records"; plural is said where an s does not do.
func count(n int64, one string, plural ...string) string {
	many := one + "s"
	if len(plural) > 0 {
		many = plural[0]
	}
	if n != 1 {
		one = many
	}
	return report.Number(n) + " " + one
}

func (e *env) printDoubts(doubts []draftDoubt) {
	st := e.style()
	if len(doubts) == 0 {
		fmt.Fprintln(e.stdout)
		return
	}
	fmt.Fprintf(e.stdout, "\n%s Unsure, please check:\n", st.Magenta("?"))
	for i, t := range doubts {
		who := ""
		if t.Source != "" {
			who = t.Source + ": "
		}
		fmt.Fprintf(e.stdout, "  %2d. %s\n", i+1, strings.ReplaceAll(report.Clean(who+strings.ReplaceAll(t.Text, "\n", " ")), "   ", " "))
	}
	fmt.Fprintln(e.stdout)
}
