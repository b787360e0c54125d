package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
)

func (e *env) printExplanations(all []explanation) error {
	switch e.common.format {
	case "json":
		return printJSON(e.stdout, all)
	case "csv":
		rows := []reasonRow{}
		for i := range all {
			rows = append(rows, all[i].rows()...)
		}
		return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
	}
	p := printer{w: e.stdout, s: e.style()}
	for i := range all {
		if i > 0 {
			p.line("")
		}
		p.explanation(&all[i])
	}
	return p.err
}

// reasonRow is one source ID of an explanation as a line of a table, with how
// its customer's number came about.
type reasonRow struct {
	Asked        string `csv:"asked"`
	CanonicalID  string `csv:"canonical_id"`
	Status       string `csv:"status"`
	ResolvedFrom string `csv:"resolved_from"`
	Kind         string `csv:"kind"`
	Name         string `csv:"name"`
	Scheme       string `csv:"scheme"`
	IssuedBy     string `csv:"issued_rule"`
	IssuedRun    int64  `csv:"issued_run"`
	Issued       string `csv:"issued"`
	Actor        string `csv:"actor"`
	Rules        string `csv:"rules"`
	RulesNow     string `csv:"rules_now"`
	Before       string `csv:"before"`
	Source       string `csv:"source"`
	SourceID     string `csv:"source_id"`
	LinkStatus   string `csv:"link_status"`
	Rule         string `csv:"rule"`
	SinceRun     int64  `csv:"since_run"`
	Since        string `csv:"since"`
	Components   string `csv:"components"`
	With         string `csv:"compared_with"`
	Probability  string `csv:"probability"`
	Evidence     string `csv:"evidence"`
}

func (x *explanation) rows() []reasonRow {
	row := reasonRow{
		Asked: x.Asked, CanonicalID: x.CanonicalID, Status: x.Status, ResolvedFrom: x.ResolvedFrom, Kind: x.Kind, Name: x.Name,
	}
	if i := x.Issued; i != nil {
		row.Scheme, row.IssuedBy, row.IssuedRun, row.Issued = i.Scheme, i.Rule, i.Run, i.At
		row.Actor, row.Rules, row.RulesNow = report.Neutral(i.Actor), i.Rules, i.RulesNow
	}
	var before []string
	for _, i := range x.Before {
		before = append(before, i.CanonicalID)
	}
	row.Before = strings.Join(before, " ")
	var rows []reasonRow
	for _, l := range x.Links {
		r := row
		r.Source, r.SourceID, r.LinkStatus, r.Rule = l.Source, l.SourceID, l.Status, l.Rule
		r.SinceRun, r.Since, r.Components = l.Since.Run, l.Since.At, componentText(l.Components)
		r.With, r.Probability, r.Evidence = l.Because.texts()
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		rows = append(rows, row)
	}
	return rows
}

// componentText is "seq 0001, check 8", with what is inside a component in
// brackets.
func componentText(components []component) string {
	texts := make([]string, len(components))
	for i, c := range components {
		texts[i] = c.Name + " " + c.Text
		if len(c.Details) > 0 {
			texts[i] += " (" + componentText(c.Details) + ")"
		}
	}
	return strings.Join(texts, ", ")
}

// printer writes explanations for people.
type printer struct {
	w   io.Writer
	s   report.Style
	err error
}

func (p *printer) line(text string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, text)
	}
}

func (p *printer) table(t *report.Table) {
	t.Paint = func(_, column int, cell string) string {
		if column == 0 {
			return p.s.Dim(cell)
		}
		return cell
	}
	if p.err == nil {
		p.err = t.Write(p.w, p.s, "  ")
	}
}

func (p *printer) explanation(x *explanation) {
	p.line(p.heading(x))
	if x.Issued != nil {
		p.issue(x.Issued)
	}
	if len(x.Links) > 0 {
		p.line("")
		p.line("Source IDs")
		t := &report.Table{}
		for _, l := range x.Links {
			t.Add(linkCells(&l, x.CanonicalID)...)
		}
		p.table(t)
	}
	p.becauses(x)
	p.reviewReasons(x.Reviews)
	if len(x.Before) > 0 {
		p.line("")
		p.line("Numbers before")
		t := &report.Table{}
		for _, i := range x.Before {
			t.Add(i.CanonicalID, i.Scheme, "issued by "+i.text(), "merged by "+i.Merged.text())
		}
		p.table(t)
	}
}

// heading is what a look-up would say of the ID.
func (p *printer) heading(x *explanation) string {
	status := strings.ReplaceAll(x.Status, "_", " ")
	switch {
	case x.Review != "":
		status += ", " + waiting(x.Review)
	case x.Contested:
		status += ", two customers hold it"
	}
	words := []string{report.Clean(x.Asked)}
	if x.CanonicalID != "" && x.CanonicalID != x.Asked {
		words = append(words, "→", p.s.Bold(x.CanonicalID))
	}
	words = append(words, paintStatus(p.s, x.Status, status))
	for _, w := range []string{x.Kind, report.Clean(x.Name)} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, "  ")
}

func (p *printer) issue(i *issue) {
	t := &report.Table{}
	if i.Kind == plan.KindErase { // all that is known of it
		t.Add("erased by", i.text())
	} else {
		t.Add("issued by", i.text())
	}
	if i.Reason != "" {
		t.Add("reason", i.Reason)
	}
	switch scheme := i.Scheme; {
	case scheme == "" && i.Rule == "new":
		t.Add("scheme", "not recorded")
	case scheme != "":
		if i.SchemeNow != "" {
			scheme += ", today " + i.SchemeNow
		}
		t.Add("scheme", scheme)
	}
	if i.Source != "" {
		t.Add("first ID", i.Source+" "+i.SourceID+": "+i.Why)
	}
	rules := i.Rules
	switch i.RulesNow {
	case "unchanged":
		rules += ", unchanged since"
	case "changed":
		rules += ", changed since; that changes no number"
	}
	t.Add("rules", rules)
	p.table(t)
}

// linkCells are the cells of a source ID: what it is, why and since when, and
// what stands in it.
func linkCells(l *linkReason, current string) []string {
	reason := l.Why
	if l.CanonicalID != current {
		reason += " " + l.CanonicalID
	}
	since := l.Since.text()
	switch {
	case l.Retired != nil:
		since += "; gone since " + l.Retired.text()
	case l.Undone != nil:
		since += "; undone by " + l.Undone.text()
	case l.Status == "moved":
		since += "; belongs to another customer now"
	}
	if p := l.Published; p != nil {
		what := "; published"
		if p.State != crosswalk.Delivered.String() {
			what += " (" + p.State + ")"
		}
		if p.CanonicalID != current {
			what += " as " + p.CanonicalID
		}
		since += what + " by " + p.text()
	}
	return []string{l.Source, l.SourceID, reason, since, componentText(l.Components)}
}

// text is "run 3, 2026-01-31T12:00:00Z, ann".
func (a *act) text() string {
	kind := ""
	if a.Kind != "apply" {
		kind = " (" + a.Kind + ")"
	}
	return fmt.Sprintf("run %d%s, %s, %s", a.Run, kind, a.At, cmp.Or(a.Actor, "nobody named"))
}
