package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"slices"

	"github.com/gocarina/gocsv"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/mapping/review"
)

// shownJSON is a review with all that there is to know for a verdict.
type shownJSON struct {
	reviewJSON
	Fields  []fieldJSON             `json:"fields"`
	Others  map[string][]reviewSide `json:"others"` // by canonical ID: further records of both customers
	Answers answersJSON             `json:"answers"`
	Members []string                `json:"group_reviews"`
}

type fieldJSON struct {
	Field string `json:"field"`
	Left  string `json:"left"`
	Right string `json:"right"`
	Mark  string `json:"mark"` // equal, similar, different, one_sided
}

// answersJSON says what each answer would lead to.
type answersJSON struct {
	Same      string `json:"same"`
	Different string `json:"different"`
}

func (e *env) showReviews(ctx context.Context, o *reviewOptions, ids []string) error {
	return e.onDesk(ctx, o, func(d *review.Desk) error {
		items, err := d.Find(ctx, ids...)
		if err != nil {
			return err
		}
		return e.printReviews(ctx, d, items)
	})
}

// printReviews prints reviews in full.
func (e *env) printReviews(ctx context.Context, d *review.Desk, items []*review.Item) error {
	others, err := d.Others(ctx, items...)
	if err != nil {
		return err
	}
	switch e.common.format {
	case "json":
		out := make([]shownJSON, len(items))
		for k, i := range items {
			out[k] = shownOf(d, i, others)
		}
		return printJSON(e.stdout, out)
	case "csv":
		rows := make([]reviewRow, len(items))
		for k, i := range items {
			rows[k] = reviewRowOf(i)
		}
		return gocsv.MarshalCSV(rows, csv.NewWriter(e.stdout))
	}
	p := reviewPrinter{printer: printer{w: e.stdout, s: e.style()}, desk: d, others: others}
	var groups []string
	for k, i := range items {
		if k > 0 {
			p.line("")
		}
		p.review(i)
		if members := d.GroupOf(i.Group); len(members) > 1 && !slices.Contains(groups, i.Group) {
			groups = append(groups, i.Group)
			p.group(members)
		}
	}
	return p.err
}

func shownOf(d *review.Desk, i *review.Item, others map[string][]review.Side) shownJSON {
	j := shownJSON{reviewJSON: reviewOf(i), Fields: []fieldJSON{}, Others: map[string][]reviewSide{}, Members: []string{}}
	for _, row := range i.Compare() {
		j.Fields = append(j.Fields, fieldJSON{row.Role, row.Left, row.Right, row.Mark.String()})
	}
	for _, s := range i.Sides() {
		for k := range others[s.Canonical] {
			if k == 0 {
				j.Others[s.Canonical] = nil
			}
			j.Others[s.Canonical] = append(j.Others[s.Canonical], reviewSideOf(&others[s.Canonical][k]))
		}
	}
	j.Answers.Same, j.Answers.Different = d.Outcome(i, others)
	for _, m := range d.GroupOf(i.Group) {
		j.Members = append(j.Members, m.ID)
	}
	return j
}

// reviewPrinter writes reviews for people.
type reviewPrinter struct {
	printer
	desk   *review.Desk
	others map[string][]review.Side
}

func (p *reviewPrinter) review(i *review.Item) {
	p.line(p.heading(i))
	p.sides(i)
	evidence := "Evidence"
	if slices.ContainsFunc(i.Evidence, func(e mapping.Evidence) bool { return e.Weight != 0 }) {
		evidence += ", in bits: each doubles the odds, or halves them"
	}
	p.section(evidence)
	if run := i.Outdated(); run > 0 {
		p.line(p.s.Yellow(fmt.Sprintf("  of before run %d, which found a record changed; as they are now: xwalk explain %s:%s %s:%s", run,
			report.Clean(i.Left.Source), report.Clean(i.Left.SourceID), report.Clean(i.Right.Source), report.Clean(i.Right.SourceID))))
	}
	if p.err == nil {
		p.err = report.Waterfall(p.w, p.s, i.Evidence, "  ")
	}
	p.otherRecords(i)
	p.section("Answers")
	t := &report.Table{}
	same, different := p.desk.Outcome(i, p.others)
	t.Add("same", same)
	t.Add("different", different)
	p.table(t)
}

func (p *reviewPrinter) section(title string) {
	p.line("")
	p.line(title)
}

func (p *reviewPrinter) heading(i *review.Item) string {
	text := "Review " + p.s.Bold(i.ID) + "  score " + scoreText(i.Score)
	if i.Rule != "" {
		text += "  by " + report.Clean(i.Rule)
	}
	if i.SinceRun > 0 {
		text += fmt.Sprintf("  since run %d", i.SinceRun)
	}
	if i.Closed > 0 {
		text += fmt.Sprintf("  closed by run %d", i.Closed)
	}
	if r := remark(i); r != "" {
		text += "  " + p.s.Yellow(report.Clean(r))
	}
	if i.Decided != nil && i.Decided.Reason != "" {
		text += ": " + report.Clean(i.Decided.Reason)
	}
	return text
}

// sides puts both records side by side.
func (p *reviewPrinter) sides(i *review.Item) {
	t := &report.Table{Header: []string{"", "", i.Left.Source + " " + i.Left.SourceID, i.Right.Source + " " + i.Right.SourceID}}
	t.Add("customer", "", numberText(&i.Left), numberText(&i.Right))
	if i.Left.Kind != i.Right.Kind {
		t.Add("kind", review.Different.Sign(), i.Left.Kind.String(), i.Right.Kind.String())
	}
	rows := i.Compare()
	for _, r := range rows {
		t.Add(r.Role, r.Mark.Sign(), cmp.Or(r.Left, "–"), cmp.Or(r.Right, "–"))
	}
	if p.err == nil {
		t.Paint = p.paintSides(rows, len(t.Rows)-len(rows))
		p.err = t.Write(p.w, p.s, "  ")
	}
	if len(rows) == 0 {
		p.line("  " + p.s.Yellow("The crosswalk keeps no values (privacy.keep), so look the two records up in their sources."))
	}
}

// paintSides colours the fields by how they compare; the first row of them is
// number first.
func (p *reviewPrinter) paintSides(rows []review.Row, first int) func(row, column int, cell string) string {
	return func(row, column int, cell string) string {
		if column == 0 {
			return p.s.Dim(cell)
		}
		if row < first {
			return cell
		}
		switch rows[row-first].Mark {
		case review.Equal:
			return p.s.Green(cell)
		case review.Similar:
			return p.s.Yellow(cell)
		case review.Different:
			return p.s.Red(cell)
		}
		return cell
	}
}

// numberText is the canonical ID of a record, and where it stands.
func numberText(s *review.Side) string {
	text := cmp.Or(s.Canonical, "no number yet")
	if s.State == crosswalk.Retired {
		text += ", its record is gone"
	}
	return text
}

// maxOthers is how many further records of a customer the screen shows.
const maxOthers = 20

func (p *reviewPrinter) otherRecords(i *review.Item) {
	t := &report.Table{}
	for _, s := range i.Sides() {
		for k, other := range p.others[s.Canonical] {
			if k == maxOthers {
				t.Add(s.Canonical, fmt.Sprintf("… and %s more", report.Number(int64(len(p.others[s.Canonical])-k))))
				break
			}
			t.Add(append([]string{s.Canonical, other.Source + " " + other.SourceID}, summary(&other)...)...)
		}
		if i.Left.Canonical == i.Right.Canonical {
			break
		}
	}
	if len(t.Rows) > 0 {
		p.section("Other records of these customers")
		p.table(t)
	}
}

// summary is what tells a record from others at a glance.
func summary(s *review.Side) []string {
	cells := []string{s.Name()}
	for _, role := range []string{"birth_date", "email", "phone", "city"} {
		text := ""
		if values := s.Fields[role]; len(values) > 0 {
			text = values[0]
		}
		cells = append(cells, text)
	}
	return cells
}

// maxGroup is how many pairs of a group the screen shows.
const maxGroup = 40

// group shows the records of a group, numbered, and the pairs between them.
func (p *reviewPrinter) group(members []*review.Item) {
	p.section(fmt.Sprintf("Group %s: %s hang together", p.s.Bold(members[0].Group), count(int64(len(members)), "review")))
	shown := members[:min(len(members), maxGroup)]
	letters := map[crosswalk.NamedKey]string{}
	records := &report.Table{Right: []bool{true}}
	pairs := &report.Table{Right: []bool{false, true}}
	for _, i := range shown {
		for _, s := range i.Sides() {
			if letters[s.NamedKey] == "" {
				letters[s.NamedKey] = fmt.Sprint(len(letters) + 1)
				records.Add(append([]string{letters[s.NamedKey], s.Source + " " + s.SourceID, cmp.Or(s.Canonical, "no number yet")}, summary(s)...)...)
			}
		}
		pairs.Add(i.ID, scoreText(i.Score), letters[i.Left.NamedKey]+" ↔ "+letters[i.Right.NamedKey], i.Rule, remark(i))
	}
	p.table(records)
	p.line("")
	p.table(pairs)
	if n := len(members) - len(shown); n > 0 {
		p.line(fmt.Sprintf("  … and %s more (--format json lists them)", report.Number(int64(n))))
	}
}
