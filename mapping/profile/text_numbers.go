package profile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// numbering prints one ID space: its schemes, what is wrong with the
// numbers, then how they spread.
func (t *writer) numbering(n *Numbering, rows int64) {
	title := fmt.Sprintf("Numbers in %s", strings.Join(n.Columns, " + "))
	if n.IDs != rows {
		title += fmt.Sprintf(" (%s of %s)", report.Number(n.IDs), plural(rows, "row", "rows"))
	}
	t.heading(title)
	if d := n.AllDamaged; d != nil {
		t.fact("✗", d.sentence())
	}
	t.schemes(n)
	t.exceptions(n)
	for _, r := range n.Unusable {
		t.fact("✗", fmt.Sprintf("%s × %s", report.Number(r.Rows), r.Reason))
		t.table([][]string{{places(r.Places, r.Rows)}}, nil, 0)
	}
	t.damage(n.Damage)
	t.duplicates(n)
	t.spellings(n.Spellings)
	if len(n.Placeholders) > 0 {
		t.fact("!", plural(int64(len(n.Placeholders)), "number is a placeholder", "numbers are placeholders"))
		t.items(n.Placeholders)
	}
	if n.Blank.Rows > 0 {
		t.fact("!", plural(n.Blank.Rows, "row has", "rows have")+" no number")
		t.table([][]string{{places(n.Blank.Places, n.Blank.Rows)}}, nil, 0)
	}
	for _, d := range n.Components {
		t.distribution(n, d)
	}
	for _, s := range n.Sequences {
		t.sequence(n, s)
	}
	for _, c := range n.Capacity {
		t.room(c)
	}
}

// sentence tells of the damage and what to do about it.
func (d *AllDamaged) sentence() string {
	text := fmt.Sprintf("all numbers look damaged (%s), such as %s: %s", d.Kind, shortID(d.Example), d.Why)
	if len(d.Schemes) > 0 {
		text += "; then they may follow " + strings.Join(d.Schemes, " or ")
	}
	return text
}

func (t *writer) schemes(n *Numbering) {
	var rows [][]string
	add := func(kind string, f Fit) {
		check := ""
		if f.Check != "" && f.CheckFailed > 0 {
			check = fmt.Sprintf("%s check passes in %s", f.Check, percent(shareOf(f.Rows, f.Rows+f.CheckFailed)))
		} else if f.Check != "" && f.Rows > 0 {
			check = f.Check + " check always passes"
		}
		rows = append(rows, []string{kind, f.Scheme, report.Number(f.Rows), percent(f.Share), f.Example, check})
	}
	for _, f := range n.Found {
		add("found", f)
	}
	for _, f := range n.Configured {
		add("configured", f)
	}
	table := &report.Table{Rows: rows, Right: []bool{false, false, true, true}, Paint: func(_, column int, cell string) string {
		switch column {
		case 1:
			return t.Style.Bold(cell)
		case 0, 4, 5:
			return t.Style.Dim(cell)
		}
		return cell
	}}
	_ = table.Write(t.b, t.Style, "    ")
	if g := n.Agreement; g != nil {
		switch g.Verdict {
		case Same:
			t.fact("✓", "the configured schemes are what the numbers follow")
		case Looser:
			t.fact("✓", "the configured schemes read every number that follows a scheme found")
		default:
			t.fact("✗", fmt.Sprintf("the configured schemes refuse %s that %s a scheme found", plural(g.Refused, "number", "numbers"), verb(g.Refused, "follows", "follow")))
		}
	}
}

func verb(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (t *writer) exceptions(n *Numbering) {
	e := n.Exceptions
	if e.Rows == 0 || len(n.Found)+len(n.Configured) == 0 {
		return
	}
	rest := e.Rows - e.Damaged
	which := "the schemes"
	if len(n.Configured) > 0 {
		which = "the configured schemes"
	}
	text := fmt.Sprintf("%s outside of %s", plural(e.Rows, "number", "numbers"), which)
	switch {
	case rest == 0:
		text += verb(e.Rows, ", damaged", ", all of them damaged")
	case e.Damaged > 0:
		text += fmt.Sprintf(", %s of them damaged", report.Number(e.Damaged))
	}
	t.fact("✗", text)
	var rows [][]string
	shown := int64(0)
	for _, x := range cut(e.Examples, textExamples) {
		rows = append(rows, []string{shortID(x.ID), times(x.Rows), x.Place, x.Why})
		shown += x.Rows
	}
	t.table(t.rest(rows, rest-shown), nil, 1, 2, 3)
}

// shortID keeps lines readable.
func shortID(id string) string {
	const most = 60
	r := []rune(id)
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	if strings.TrimSpace(id) != id {
		return strconv.Quote(id)
	}
	return id
}

func shortIDs(ids []string) string {
	short := make([]string, len(ids))
	for i, id := range ids {
		short[i] = shortID(id)
	}
	return strings.Join(short, "  ")
}

// times says how often, unless once.
func times(n int64) string {
	if n == 1 {
		return ""
	}
	return "× " + report.Number(n)
}

// rest adds a line that says how many rows are not shown.
func (t *writer) rest(rows [][]string, n int64) [][]string {
	if n > 0 {
		rows = append(rows, []string{fmt.Sprintf("… and %s more", report.Number(n))})
	}
	return rows
}

func (t *writer) items(list []Item) {
	var rows [][]string
	for _, i := range cut(list, textExamples) {
		rows = append(rows, []string{shortID(i.ID), times(i.Rows), i.Place})
	}
	t.table(t.rest(rows, int64(len(list)-len(rows))), nil, 1, 2)
}

func (t *writer) damage(list []Damage) {
	for _, d := range list {
		sign, text := "✗", fmt.Sprintf("%s × %s", report.Number(d.Rows), d.Kind)
		switch {
		case d.Read == d.Rows:
			sign = "!"
			text += ", which the key rule puts right"
		case d.Certain == d.Rows:
			text += ", repairable for certain"
		case d.Certain > 0:
			text += fmt.Sprintf(", %s repairable for certain", report.Number(d.Certain))
		}
		t.fact(sign, text)
		var rows [][]string
		shown := int64(0)
		for _, x := range cut(d.Examples, textExamples) {
			arrow, proposals := "", strings.Join(cut(x.Proposals, textExamples), " or ")
			if proposals != "" {
				arrow = "→"
			}
			rows = append(rows, []string{shortID(x.ID), arrow, proposals, times(x.Rows), x.Place, x.Why})
			shown += x.Rows
		}
		t.table(t.rest(rows, d.Rows-shown), nil, 1, 3, 4, 5)
	}
}

func (t *writer) duplicates(n *Numbering) {
	d := n.Duplicates
	if d.Keys == 0 {
		t.fact("✓", "no number stands twice")
		return
	}
	t.fact("✗", fmt.Sprintf("%s in %s", plural(d.Keys, "number stands", "numbers stand")+" more than once,", plural(d.Rows, "row", "rows")))
	var rows [][]string
	for _, x := range cut(d.Examples, textExamples) {
		rows = append(rows, []string{shortID(x.ID), times(x.Rows), places(x.Places, x.Rows)})
	}
	t.table(t.rest(rows, d.Keys-int64(len(rows))), nil, 1, 2)
}

func (t *writer) spellings(s Spellings) {
	list := func(same bool, n int64) {
		var rows [][]string
		for _, x := range s.Examples {
			if x.SameKey == same && len(rows) < textExamples {
				rows = append(rows, []string{shortIDs(x.IDs), places(x.Places, int64(len(x.Places)))})
			}
		}
		t.table(t.rest(rows, n-int64(len(rows))), nil, 1)
	}
	if s.Alike > 0 {
		t.fact("!", plural(s.Alike, "group of numbers differs", "groups of numbers differ")+" only in case, leading zeros or separators; they count as different customers")
		list(false, s.Alike)
	}
	if s.Folded > 0 {
		t.fact("!", plural(s.Folded, "number is", "numbers are")+" written in several ways; they count as one")
		list(true, s.Folded)
	}
}
