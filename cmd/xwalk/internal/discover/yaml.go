package discover

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// Percent is a share as people say it: 100 % only for all, 0 % only for
// nothing.
func Percent(share float64) string {
	switch {
	case share == 0:
		return "0 %"
	case share == 1:
		return "100 %"
	case share < .001:
		return "less than 0.1 %"
	case share > .999:
		return "more than 99.9 %"
	case share < .1 || share > .9:
		return fmt.Sprintf("%.1f %%", math.Floor(share*1000)/10)
	}
	return fmt.Sprintf("%.0f %%", share*100)
}

// limit is a share as the configuration writes it.
func limit(share float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.1f", share*100), "0"), ".") + "%"
}

var (
	plainText = lazily(`^[\p{L}_/.][\p{L}\p{N}\p{M}_ ./&+-]*$`)
	flowText  = lazily(`^[\p{L}_][\p{L}\p{N}\p{M}_ ./+-]*$`)
	reserved  = wordSet("true false null yes no on off y n nan inf")
)

// plain writes text as a value of a line of its own, in quotes where it
// needs them.
func plain(text string) string { return scalar(text, plainText()) }

// Flow writes text as a value between brackets.
func Flow(text string) string { return scalar(text, flowText()) }

func scalar(text string, safe *regexp.Regexp) string {
	if safe.MatchString(text) && strings.TrimSpace(text) == text && !reserved()[strings.ToLower(strings.Trim(text, "."))] {
		return text
	}
	return quote(text)
}

// quote writes text in double quotes. A literal ${ is doubled, so that it
// refers to nothing.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ReplaceAll(text, "${", "$${") {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case report.Clean(string(r)) != string(r) || r == '\u0085' || r == '\u2028' || r == '\u2029' || r == '\ufeff':
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// writer writes lines and aligns the remarks of neighbours.
type writer struct {
	b    strings.Builder
	rows [][2]string
}

// remarkColumn is how far right remarks are pushed at most.
const remarkColumn = 60

func (w *writer) line(text string) {
	w.flush()
	w.b.WriteString(text + "\n")
}

func (w *writer) row(text, remark string) { w.rows = append(w.rows, [2]string{text, remark}) }

func (w *writer) flush() {
	width := 0
	for _, r := range w.rows {
		if n := report.Width(r[0]); r[1] != "" && n <= remarkColumn {
			width = max(width, n)
		}
	}
	for _, r := range w.rows {
		w.b.WriteString(r[0])
		if r[1] != "" {
			w.b.WriteString(strings.Repeat(" ", max(0, width-report.Width(r[0]))) + " # " + oneLine(r[1]))
		}
		w.b.WriteByte('\n')
	}
	w.rows = nil
}

// remarkWidth is where long remarks are broken.
const remarkWidth = 110

// remark writes a remark on lines of its own.
func (w *writer) remark(indent, text string) {
	w.flush()
	line := indent + "#"
	for word := range strings.FieldsSeq(oneLine(text)) {
		if report.Width(line)+1+report.Width(word) > remarkWidth && line != indent+"#" {
			w.b.WriteString(line + "\n")
			line = indent + "#   " + word
			continue
		}
		line += " " + word
	}
	w.b.WriteString(line + "\n")
}

// oneLine keeps what data say from ending a remark.
func oneLine(text string) string {
	return report.Clean(strings.NewReplacer("\n", " ", "\r", " ", "\t", " ", "\u0085", " ", "\u2028", " ", "\u2029", " ").Replace(text))
}
