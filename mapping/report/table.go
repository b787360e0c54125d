package report

import (
	"io"
	"strings"
)

// Table is text in columns for a terminal. Widths count what is seen, so
// Chinese names line up.
type Table struct {
	Header []string // may be empty
	Right  []bool   // by column: aligned to the right, as numbers are
	Rows   [][]string
	// Paint colours a cell after its width is known; nil leaves all plain.
	Paint func(row, column int, cell string) string
}

// Add appends one row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Write prints the table, each line after indent, columns two spaces apart.
func (t *Table) Write(w io.Writer, s Style, indent string) error {
	if len(t.Header)+len(t.Rows) == 0 {
		return nil
	}
	var widths []int
	measure := func(cells []string) {
		for i, c := range cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], Width(Clean(c)))
		}
	}
	measure(t.Header)
	for _, row := range t.Rows {
		measure(row)
	}
	var b strings.Builder
	line := func(cells []string, paint func(column int, cell string) string) {
		for len(cells) > 0 && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		b.WriteString(indent)
		for i, c := range cells {
			c = Clean(c)
			pad := strings.Repeat(" ", widths[i]-Width(c))
			right := i < len(t.Right) && t.Right[i]
			if i > 0 {
				b.WriteString("  ")
			}
			if right {
				b.WriteString(pad)
			}
			b.WriteString(paint(i, c))
			if !right && i < len(cells)-1 {
				b.WriteString(pad)
			}
		}
		b.WriteByte('\n')
	}
	if len(t.Header) > 0 {
		line(t.Header, func(_ int, c string) string { return s.Dim(c) })
	}
	for r, row := range t.Rows {
		line(row, func(column int, c string) string {
			if t.Paint == nil {
				return c
			}
			return t.Paint(r, column, c)
		})
	}
	_, err := io.WriteString(w, b.String())
	return err
}
