package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
)

// TextOptions shapes the text report.
type TextOptions struct {
	Style Style
	All   bool // list every change instead of the first few of each kind
}

// Samples is how many changes of each kind the text report shows.
const Samples = 5

// group is one kind of change in the text report. Changes of a record's
// further numbers belong to none but the last: they are not records, so the
// counts do not speak of them.
type group struct {
	kinds []mapping.Kind
	sign  string
	one   string // "1 new customer"
	many  string // "%s new customers"
	paint func(Style, string) string
	total func(mapping.Totals) int64 // how many there are; nil: not counted apart
}

var groups = []group{
	{[]mapping.Kind{mapping.KindCreate}, "+", "new customer", "new customers", Style.Green, func(t mapping.Totals) int64 { return t.Created }},
	{[]mapping.Kind{mapping.KindLink}, "=", "record joins a customer", "records join a customer", Style.Cyan, func(t mapping.Totals) int64 { return t.Linked }},
	{[]mapping.Kind{mapping.KindUpdate, mapping.KindRestore}, "~", "updated record", "updated records", Style.Yellow, func(t mapping.Totals) int64 { return t.Updated }},
	{[]mapping.Kind{mapping.KindMerge, mapping.KindSplit, mapping.KindRedirect, mapping.KindRenumber}, "~", "customer becomes another", "customers become others", Style.Yellow, nil},
	{[]mapping.Kind{mapping.KindRetire}, "-", "record gone from its source", "records gone from their sources", Style.Red, func(t mapping.Totals) int64 { return t.Retired }},
	{nil, "=", "change of further numbers", "changes of further numbers", Style.Cyan, nil},
}

// Text prints the report for people.
func (r *Run) Text(w io.Writer, o TextOptions) error {
	b := bufio.NewWriter(w)
	s := o.Style
	fmt.Fprintf(b, "%s\n", s.Bold(Clean(r.Title)))
	if !r.Act {
		fmt.Fprintln(b)
	}
	if len(r.Sources) > 0 || len(r.Facts) == 0 {
		if err := r.counts(s).Write(b, s, "  "); err != nil {
			return err
		}
	}
	if err := r.facts().Write(b, s, "  "); err != nil {
		return err
	}
	if err := r.writeChanges(b, o); err != nil {
		return err
	}
	r.writeRepairs(b, o)
	r.writeReviews(b, o)
	r.writeRejects(b, o)
	for i, n := range r.Notes {
		if i == 0 {
			fmt.Fprintln(b)
		}
		if i == 2*Samples && !o.All {
			more(b, s, int64(len(r.Notes)-i), "--changes lists them all")
			break
		}
		fmt.Fprintf(b, "%s %s\n", s.Yellow("!"), Clean(n))
	}
	r.writeEnd(b, s)
	return b.Flush()
}

// facts is the table of what is told of the run.
func (r *Run) facts() *Table {
	t := &Table{}
	for _, f := range r.Facts {
		if f.Text != "" {
			t.Add(f.Label, f.Text)
		}
	}
	return t
}

// counts is the table of the sources. A column that is all zero tells
// nothing and is left out, but for the first four.
func (r *Run) counts(s Style) *Table {
	if r.Act {
		return &Table{}
	}
	type column struct {
		name  string
		value func(mapping.Counts) int64
		keep  bool
		paint func(Style, string) string
	}
	columns := []column{
		{"read", func(c mapping.Counts) int64 { return c.Read }, true, nil},
		{"created", func(c mapping.Counts) int64 { return c.Created }, true, Style.Green},
		{"linked", func(c mapping.Counts) int64 { return c.Linked }, true, Style.Cyan},
		{"unchanged", func(c mapping.Counts) int64 { return c.Unchanged }, true, nil},
		{"updated", func(c mapping.Counts) int64 { return c.Updated }, false, Style.Yellow},
		{"review", func(c mapping.Counts) int64 { return c.Review }, false, Style.Magenta},
		{"rejected", func(c mapping.Counts) int64 { return c.Rejected }, true, Style.Red},
		{"retired", func(c mapping.Counts) int64 { return c.Retired }, false, Style.Red},
	}
	columns = slices.DeleteFunc(columns, func(c column) bool { return !c.keep && c.value(r.Totals.Counts) == 0 })
	t := &Table{Header: []string{"source"}, Right: []bool{false}}
	for _, c := range columns {
		t.Header = append(t.Header, c.name)
		t.Right = append(t.Right, true)
	}
	add := func(name string, counts mapping.Counts) {
		row := []string{name}
		for _, c := range columns {
			row = append(row, Number(c.value(counts)))
		}
		t.Add(row...)
	}
	for _, src := range r.Sources {
		add(src.Name, src.Counts)
	}
	if len(r.Sources) != 1 {
		add("total", r.Totals.Counts)
	}
	last := len(r.Sources)
	t.Paint = func(row, col int, cell string) string {
		switch {
		case col > 0 && cell == "0":
			return s.Dim(cell)
		case col > 0 && columns[col-1].paint != nil:
			return columns[col-1].paint(s, cell)
		case row == last:
			return s.Bold(cell)
		}
		return cell
	}
	return t
}

// writeChanges prints the groups.
func (r *Run) writeChanges(b *bufio.Writer, o TextOptions) error {
	if r.Changes == nil {
		return nil
	}
	if r.Act {
		return r.writeAct(b, o.Style)
	}
	records := map[string]bool{}
	for _, src := range r.Sources {
		records[src.Name] = true
	}
	// groupOf is -1 for reviews and rejects, which have places of their own.
	groupOf := func(c Change) int {
		i := slices.IndexFunc(groups, func(g group) bool { return slices.Contains(g.kinds, c.Kind) })
		if i >= 0 && c.Source != "" && !records[c.Source] {
			return len(groups) - 1
		}
		return i
	}
	if r.Reversal {
		return r.writeReversal(b, o)
	}
	if o.All {
		return r.writeAll(b, o.Style, groupOf)
	}
	return r.writeSamples(b, o.Style, groupOf)
}

// writeReversal prints what an undo changes, or the first of it.
func (r *Run) writeReversal(b *bufio.Writer, o TextOptions) error {
	var rows []Change
	total := int64(0)
	for c, err := range r.Changes {
		if err != nil {
			return err
		}
		if total++; total == 1 {
			fmt.Fprintln(b)
		}
		if !o.All && total > Samples {
			continue
		}
		if rows = append(rows, c); len(rows) == chunk {
			if err := writeRows(b, o.Style, rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	if err := writeRows(b, o.Style, rows); err != nil {
		return err
	}
	if !o.All {
		more(b, o.Style, total-Samples, "--changes lists them all")
	}
	return nil
}

// writeSamples prints the first changes of each group. The list is walked
// only until every group has what it shows, and without further numbers.
func (r *Run) writeSamples(b *bufio.Writer, s Style, groupOf func(Change) int) error {
	shown := make([][]Change, len(groups)-1)
	totals := make([]int64, len(shown))
	for i, g := range groups[:len(shown)] {
		totals[i] = r.Totals.Merged + r.Totals.Split
		if g.total != nil {
			totals[i] = g.total(r.Totals)
		}
	}
	satisfied := func() bool {
		for i := range shown {
			if int64(len(shown[i])) < min(Samples, totals[i]) {
				return false
			}
		}
		return true
	}
	if !satisfied() {
		for c, err := range r.Changes {
			if err != nil {
				return err
			}
			i := groupOf(c)
			if i < 0 || i == len(shown) || len(shown[i]) == Samples {
				continue
			}
			if shown[i] = append(shown[i], c); satisfied() {
				break
			}
		}
	}
	for i, g := range groups[:len(shown)] {
		total := max(totals[i], int64(len(shown[i])))
		if len(shown[i]) < Samples { // there are no more, although records may count that are listed elsewhere
			total = int64(len(shown[i]))
		}
		if total == 0 {
			continue
		}
		heading(b, s, g.paint, g.sign, total, g.one, g.many)
		if err := writeRows(b, s, shown[i]); err != nil {
			return err
		}
		more(b, s, total-int64(len(shown[i])), "--changes lists them all")
	}
	return nil
}

// chunk is how many changes are lined up with each other in a long list, so
// that a list of millions is never held as a whole.
const chunk = 1000

// writeAll prints every change, walking the list once for each group.
func (r *Run) writeAll(b *bufio.Writer, s Style, groupOf func(Change) int) error {
	totals := make([]int64, len(groups))
	for c, err := range r.Changes {
		if err != nil {
			return err
		}
		if i := groupOf(c); i >= 0 {
			totals[i]++
		}
	}
	for i, g := range groups {
		if totals[i] == 0 {
			continue
		}
		heading(b, s, g.paint, g.sign, totals[i], g.one, g.many)
		var rows []Change
		for c, err := range r.Changes {
			if err != nil {
				return err
			}
			if groupOf(c) != i {
				continue
			}
			if rows = append(rows, c); len(rows) == chunk {
				if err := writeRows(b, s, rows); err != nil {
					return err
				}
				rows = rows[:0]
			}
		}
		if err := writeRows(b, s, rows); err != nil {
			return err
		}
	}
	return nil
}

func writeRows(b *bufio.Writer, s Style, changes []Change) error {
	t := &Table{}
	for _, c := range changes {
		why := c.Rule
		if c.Kind == mapping.KindCreate && why == "new" { // says no more than the heading
			why = ""
		}
		if c.Detail != "" {
			why = strings.TrimPrefix(why+": "+c.Detail, ": ")
		}
		arrow := "→"
		if c.CanonicalID == "" {
			arrow = ""
		}
		t.Add(c.Source, c.SourceID, arrow, c.CanonicalID, why)
	}
	t.Paint = func(_, col int, cell string) string {
		if col == 0 || col == 2 || col == 4 {
			return s.Dim(cell)
		}
		return cell
	}
	return t.Write(b, s, "    ")
}

func heading(b *bufio.Writer, s Style, paint func(Style, string) string, sign string, n int64, one, many string) {
	words := many
	if n == 1 {
		words = one
	}
	fmt.Fprintf(b, "\n%s %s %s\n", paint(s, sign), s.Bold(Number(n)), words)
}

func more(b *bufio.Writer, s Style, n int64, how string) {
	if n > 0 {
		fmt.Fprintf(b, "    %s\n", s.Dim(fmt.Sprintf("… and %s more (%s)", Number(n), how)))
	}
}

func (r *Run) writeReviews(b *bufio.Writer, o TextOptions) {
	s := o.Style
	n := max(r.Totals.Review, int64(len(r.Reviews)))
	if n == 0 {
		return
	}
	heading(b, s, Style.Magenta, "?", n, "possible match to decide", "possible matches to decide")
	t := &Table{}
	for i, v := range r.Reviews {
		if i == Samples && !o.All {
			break
		}
		t.Add(v.Left.Source, v.Left.SourceID, "↔", v.Right.Source, v.Right.SourceID, v.reasons())
	}
	t.Paint = func(_, col int, cell string) string {
		if col == 1 || col == 4 {
			return cell
		}
		return s.Dim(cell)
	}
	_ = t.Write(b, s, "    ")
	more(b, s, n-int64(len(t.Rows)), "--format json shows them all")
}

func (r *Run) writeEnd(b *bufio.Writer, s Style) {
	fmt.Fprintln(b)
	customers := "customers"
	if r.Totals.Customers == 1 {
		customers = "customer"
	}
	end := fmt.Sprintf("%s %s", Number(r.Totals.Customers), customers)
	if !r.Applied {
		end += " after this run"
	}
	if n := r.Totals.ReviewsOpen; n == 1 {
		end += ", 1 review open"
	} else if n > 1 {
		end += fmt.Sprintf(", %s reviews open", Number(n))
	}
	fmt.Fprintf(b, "%s.\n", end)
	for _, n := range r.Next {
		fmt.Fprintf(b, "%s %s\n", s.Cyan("→"), Clean(n))
	}
}
