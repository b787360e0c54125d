package profile

import (
	"fmt"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// columns prints what the columns hold.
func (t *writer) columns(list []Column) {
	if len(list) == 0 {
		return
	}
	t.heading("Columns")
	table := &report.Table{
		Header: []string{"column", "filled", "distinct", "content", "length", "most frequent"},
		Right:  []bool{false, true, true},
		Paint: func(_, column int, cell string) string {
			if column > 2 {
				return t.Style.Dim(cell)
			}
			return cell
		},
	}
	for _, c := range list {
		table.Add(c.Name, percent(shareOf(c.Rows-c.Blank, c.Rows)), c.distinct(), string(c.Content), c.length(), c.frequent())
	}
	_ = table.Write(t.b, t.Style, "  ")
}

func (c *Column) distinct() string {
	if c.Exact {
		return report.Number(c.Distinct)
	}
	return "≈ " + report.Number(rounded(c.Distinct))
}

// rounded keeps two digits, which an estimate is good for.
func rounded(n int64) int64 {
	unit := int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit/2) / unit * unit
}

func (c *Column) length() string {
	switch {
	case c.Blank == c.Rows:
		return ""
	case c.Shortest == c.Longest:
		return fmt.Sprint(c.Shortest)
	}
	return fmt.Sprintf("%d–%d", c.Shortest, c.Longest)
}

// noticeable is the share of a column from which a value stands out.
const noticeable = 0.02

// frequent names the values that stand out.
func (c *Column) frequent() string {
	text := ""
	for _, f := range cut(c.Frequent, textExamples) {
		if !f.Placeholder && (f.Rows < 3 || f.Share < noticeable) {
			continue
		}
		if text != "" {
			text += ", "
		}
		sign := "×"
		if !f.Exact {
			sign = "× ≈"
		}
		text += fmt.Sprintf("%s %s %s", f.Value, sign, report.Number(f.Rows))
		if f.Placeholder {
			text += " (placeholder)"
		}
	}
	return text
}
