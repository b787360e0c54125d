package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xwalk-id/xwalk/mapping/diag"
)

// document is the text of the file, for positions and snippets.
type document struct {
	file  string // as the user named it
	lines []string
}

func newDocument(file string, content []byte) document {
	return document{file: file, lines: strings.Split(strings.ReplaceAll(string(content), "\r\n", "\n"), "\n")}
}

// line is the text of line no (1-based) with its secrets blotted out.
func (s document) line(no int) string {
	if no < 1 || no > len(s.lines) {
		return ""
	}
	return mask(s.lines[no-1])
}

// at makes a diagnostic about n.
func (s document) at(n *yaml.Node, code, hint, message string) diag.Diagnostic {
	n = follow(n)
	return diag.Diagnostic{
		Pos:  diag.Pos{File: s.file, Line: n.Line, Column: n.Column},
		Code: code, Message: message, Hint: hint,
		Snippet: s.line(n.Line), Width: s.width(n),
	}
}

// width is how many characters of its first line a scalar takes.
func (s document) width(n *yaml.Node) int {
	if n.Kind != yaml.ScalarNode || n.Line < 1 || n.Line > len(s.lines) {
		return 1
	}
	w := len([]rune(n.Value))
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		w += 2
	}
	rest := len([]rune(s.lines[n.Line-1])) - n.Column + 1
	return max(1, min(w, rest))
}

// within narrows a diagnostic about a scalar to the character at offset
// (1-based) of its text. Where the text is not written letter for letter,
// because of escapes or line breaks, the whole scalar stays marked.
func (s document) within(d *diag.Diagnostic, n *yaml.Node, offset, width int) {
	if n.Kind != yaml.ScalarNode || offset < 1 || n.Line < 1 || n.Line > len(s.lines) {
		return
	}
	start := n.Column - 1
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		start++
	}
	line, text := []rune(s.lines[n.Line-1]), []rune(n.Value)
	if start+len(text) > len(line) || string(line[start:start+len(text)]) != n.Value || offset > len(text)+1 {
		return
	}
	d.Pos.Column = start + offset
	d.Width = max(1, min(width, len(text)-offset+1))
}

// syntax turns the parser's error into a diagnostic.
func (s document) syntax(err error) diag.Diagnostic {
	d := diag.Diagnostic{Pos: diag.Pos{File: s.file}, Code: "config.syntax", Message: strings.TrimPrefix(err.Error(), "yaml: ")}
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		return d
	}
	d.Message = "not YAML: " + strings.TrimPrefix(le.Message, "yaml: ")
	if le.ContextMsg != "" {
		d.Message += " " + le.ContextMsg
		if le.ContextMark.Line > 0 && le.ContextMark.Line != le.Mark.Line {
			d.Message += fmt.Sprintf(" that starts on line %d", le.ContextMark.Line)
		}
	}
	if le.Mark.Line > 0 {
		d.Pos.Line, d.Pos.Column = le.Mark.Line, max(1, le.Mark.Column)
		d.Snippet, d.Width = s.line(d.Pos.Line), 1
	}
	switch {
	case strings.Contains(s.lineOf(d.Pos.Line), "\t"):
		d.Hint = "indent with spaces, not tabs"
	case strings.Contains(d.Message, "flow") && strings.Contains(s.lineOf(d.Pos.Line), "${"):
		d.Hint = `within { … } and [ … ] a reference needs quotes: "${NAME}"`
	case strings.Contains(d.Message, "cannot start any token"), strings.Contains(d.Message, "flow"):
		d.Hint = "put quotes around text that starts with one of @ % ` or holds { } [ ] : or #"
	}
	return d
}

func (s document) lineOf(no int) string {
	if no < 1 || no > len(s.lines) {
		return ""
	}
	return s.lines[no-1]
}

var (
	urlPassword = regexp.MustCompile(`(://[^:/@\s]*:)([^\s]*)@`)
	mysqlLogin  = regexp.MustCompile(`([A-Za-z0-9_.-]+:)([^\s@/"']+)(@(?:tcp|unix)\()`)
	secretValue = regexp.MustCompile(`(?i)((?:password|passwd|pwd|secret|token|api_?key|private_key)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,}&]+)`)
)

// mask blots secrets out of one line, each by as many stars as it has
// characters, so that columns stay where they are. References stay readable:
// they are no secrets.
func mask(line string) string {
	stars := func(s string) string {
		if strings.HasPrefix(strings.Trim(s, `"'`), "${") {
			return s
		}
		return strings.Repeat("*", len([]rune(s)))
	}
	line = urlPassword.ReplaceAllStringFunc(line, func(m string) string {
		p := urlPassword.FindStringSubmatch(m)
		return p[1] + stars(p[2]) + "@"
	})
	line = mysqlLogin.ReplaceAllStringFunc(line, func(m string) string {
		p := mysqlLogin.FindStringSubmatch(m)
		return p[1] + stars(p[2]) + p[3]
	})
	return secretValue.ReplaceAllStringFunc(line, func(m string) string {
		p := secretValue.FindStringSubmatch(m)
		return p[1] + stars(p[2])
	})
}

// describe says what stands at n, for "found …". Values of secret keys are
// not quoted.
func (d *decoder) describe(n *yaml.Node, path string) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case isNull(n):
		return "nothing"
	}
	key := path[strings.LastIndexByte(path, '.')+1:]
	if mask(key+": "+n.Value) != key+": "+n.Value {
		return "a value"
	}
	switch n.Tag {
	case "!!int", "!!float":
		return "the number " + shorten(n.Value)
	case "!!bool":
		return n.Value
	}
	return fmt.Sprintf("%q", shorten(n.Value))
}

// locate gives a diagnostic of package rules its place in the file. Its
// Pos.File is a configuration path; the nearest part of it that the file
// spells out is what gets marked.
func (d *decoder) locate(r diag.Diagnostic) diag.Diagnostic {
	path, exact := r.Pos.File, true
	for {
		if n, ok := d.places[path]; ok {
			out := d.at(n, r.Code, r.Hint, r.Message)
			if exact && r.Pos.Column > 0 {
				d.within(&out, n, r.Pos.Column, r.Width)
			}
			return out
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			r.Pos = diag.Pos{File: d.file}
			return r
		}
		// "scheme[0]" of a scheme that is one text, not a list, is that text.
		exact = exact && path[cut:] == "[0]"
		path = path[:cut]
	}
}
