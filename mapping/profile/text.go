package profile

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// TextOptions shape the text. ASCII draws bars without Unicode.
type TextOptions struct {
	Style report.Style
	ASCII bool
}

// How much of a list the text shows.
const (
	textExamples = 3
	textValues   = 8
	textPeriods  = 24 // months or years
	barWidth     = 24
)

// writer writes one profile as text.
type writer struct {
	b *bufio.Writer
	TextOptions
}

// Text prints the profile for people: first how the source numbers its
// customers, then what is behind that.
func (p *Profile) Text(w io.Writer, o TextOptions) error {
	t := &writer{bufio.NewWriter(w), o}
	fmt.Fprintln(t.b, t.headline(p))
	fmt.Fprintf(t.b, "  %s\n", t.Style.Dim(report.Clean(p.facts())))
	for _, name := range p.Alike {
		t.fact("✗", fmt.Sprintf("several columns are named %q, so none of them can be read; rename them in the export", name))
	}
	t.reasons(p.Rejects.Reasons)
	for i := range p.IDs {
		t.numbering(&p.IDs[i], p.Rows-p.Rejects.Rows)
	}
	t.columns(p.Columns)
	return t.b.Flush()
}

// headline answers how the source numbers its customers.
func (t *writer) headline(p *Profile) string {
	name := t.Style.Bold(report.Clean(p.Source))
	switch {
	case p.Rows == 0:
		return name + " holds no rows"
	case len(p.IDs) == 0:
		return name + " has no column that looks like a customer number; name one with --column"
	}
	return name + " " + t.answer(&p.IDs[0])
}

func (t *writer) answer(n *Numbering) string {
	column := report.Clean(strings.Join(n.Columns, " + "))
	if n.IDs == 0 {
		return fmt.Sprintf("has no numbers in %s", column)
	}
	if d := n.AllDamaged; d != nil && len(n.Configured) == 0 {
		return fmt.Sprintf("has damaged numbers in %s (%s): all %s look so, and what their scheme was cannot be seen", column, d.Kind, report.Number(n.IDs))
	}
	explained := int64(0)
	var schemes []string
	for _, f := range n.best() {
		if f.Scheme == "{any}" {
			continue
		}
		explained += f.Rows
		schemes = append(schemes, t.Style.Bold(report.Clean(f.Scheme)))
	}
	if len(schemes) == 0 {
		return fmt.Sprintf("follows no scheme in %s: its %s are all of their own kind", column, plural(n.IDs, "number", "numbers"))
	}
	more := ""
	if len(schemes) > 3 {
		more = fmt.Sprintf(" and %d more schemes", len(schemes)-3)
		schemes = schemes[:3]
	}
	return fmt.Sprintf("numbers its customers %s%s in %s: %s of %s (%s)", strings.Join(schemes, " or "), more, column,
		report.Number(explained), plural(n.IDs, "number", "numbers"), percent(shareOf(explained, n.IDs)))
}

// best are the schemes that answer in fewer words: those found, unless fewer
// configured ones read as much.
func (n *Numbering) best() []Fit {
	if len(n.Configured) > 0 && len(n.Configured) < len(n.Found) && rowsOf(n.Configured) >= rowsOf(n.Found) {
		return n.Configured
	}
	return n.Found
}

func rowsOf(fits []Fit) (rows int64) {
	for _, f := range fits {
		rows += f.Rows
	}
	return rows
}

// facts is how much there is and how it is written.
func (p *Profile) facts() string {
	list := []string{plural(p.Rows, "row", "rows"), plural(int64(len(p.Columns)), "column", "columns")}
	for _, s := range p.Settings {
		list = append(list, s.Key+" "+s.Value)
	}
	if p.Rejects.Rows > 0 {
		list = append(list, report.Number(p.Rejects.Rows)+" unreadable")
	}
	return strings.Join(list, ", ")
}

func (t *writer) reasons(list []Reason) {
	for _, r := range cut(list, textExamples) {
		fmt.Fprintf(t.b, "  %s %s × %s: %s\n", t.Style.Red("✗"), report.Number(r.Rows), report.Clean(r.Reason), t.Style.Dim(places(r.Places, r.Rows)))
	}
}

// places lists the first of n places.
func places(list []string, n int64) string {
	shown := cut(list, textExamples)
	text := strings.Join(shown, ", ")
	if rest := n - int64(len(shown)); rest > 0 {
		text += fmt.Sprintf(", … %s more", report.Number(rest))
	}
	return report.Clean(text)
}

// percent is a share as people read it; what is not all is never 100 %, what
// is not nothing never 0 %.
func percent(share float64) string {
	switch p := share * 100; {
	case share <= 0:
		return "0 %"
	case share >= 1:
		return "100 %"
	case p > 99.9:
		return "> 99.9 %"
	case p < 0.1:
		return "< 0.1 %"
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Number(n) + " " + many
}

// heading starts a part of the text.
func (t *writer) heading(text string) { fmt.Fprintf(t.b, "\n%s\n", t.Style.Bold(report.Clean(text))) }

// fact is a line under a heading.
func (t *writer) fact(sign, text string) {
	switch sign {
	case "✗":
		sign = t.Style.Red(sign)
	case "!":
		sign = t.Style.Yellow(sign)
	case "✓":
		sign = t.Style.Green(sign)
	}
	fmt.Fprintf(t.b, "  %s %s\n", sign, report.Clean(text))
}

// table prints rows under a fact, the columns named by dim being of less
// importance.
func (t *writer) table(rows [][]string, right []bool, dim ...int) {
	table := &report.Table{Rows: rows, Right: right, Paint: func(_, column int, cell string) string {
		for _, d := range dim {
			if d == column {
				return t.Style.Dim(cell)
			}
		}
		return cell
	}}
	_ = table.Write(t.b, t.Style, "      ")
}
