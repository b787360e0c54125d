package scheme

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/xwalk-id/xwalk/mapping/diag"
)

// Error is a problem in the text of a scheme. Column counts its characters
// from 1; Width, at least 1, is how many of them are at fault. Hint says what
// to try and may be empty.
type Error struct {
	Scheme  string
	Column  int
	Width   int
	Message string
	Hint    string
}

func (e *Error) Error() string {
	msg := fmt.Sprintf("scheme %q, character %d: %s", e.Scheme, e.Column, e.Message)
	if e.Hint != "" {
		msg += " (" + e.Hint + ")"
	}
	return msg
}

// Errors are all problems of one scheme, in the order of their columns. It is
// what Compile and CompileCanonical return; errors.As finds the first *Error.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, p := range e {
		errs[i] = p
	}
	return errs
}

// kind is what an element of a scheme does.
type kind uint8

const (
	literal kind = iota
	reader       // reads characters of a class
	checker      // check characters
	counter      // {next}
)

// element is a literal or a token. Its width is min to max: bytes for a
// literal, characters for a token. Open says that the scheme gave no maximum.
type element struct {
	kind   kind
	name   string // of the component; empty for a literal
	text   string // of a literal
	class  *class
	min    int
	max    int
	open   bool
	whole  bool // takes all that it can: what follows starts with none of its characters
	token  string
	arg    string // what stands after its colon
	alg    *algorithm
	zone   []zoneName // what the check names; empty: all that stands before it
	column int
	// valid is what the class cannot say of a text; nil: nothing.
	valid func(text string) bool
	// spell appends the one spelling of a text; nil: it has one only. It is
	// called with valid texts.
	spell func(dst []byte, text string) []byte
	// same reports whether a text is its one spelling; nil: write it to see.
	same  func(text string) bool
	count *big.Int    // of the texts that it reads; nil: by class and width
	date  *dateLayout // of {date}
}

// zoneName is a component that a check names, and where.
type zoneName struct {
	name   string
	column int
}

// node is an element, or an optional part that holds nodes.
type node struct {
	element
	optional bool
	inner    []node
}

// parser reads the text of a scheme into nodes.
type parser struct {
	text     string
	runes    []rune
	pos      int
	use      usage
	codes    Codes
	seen     map[string]int // tokens of a name so far
	problems Errors
}

func newParser(text string, use usage) *parser {
	return &parser{text: text, runes: []rune(text), use: use, seen: map[string]int{}}
}

func (p *parser) fail(column, width int, msg, hint string) {
	p.problems = append(p.problems, &Error{p.text, column, max(1, width), msg, hint})
}

// err is what Compile returns for the problems found, nil without any.
func (p *parser) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(p.problems, func(a, b *Error) int { return a.Column - b.Column })
	return p.problems
}

func (p *parser) parse() []node {
	switch {
	case p.text == "":
		p.fail(1, 1, "the scheme is empty", "write {any} to take every ID")
		return nil
	case !utf8.ValidString(p.text):
		p.fail(1, 1, "the scheme is not valid UTF-8", "")
		return nil
	}
	return p.sequence(0)
}

// sequence reads nodes up to the end, or up to the bracket that closes the
// optional part opened at column open (0: none).
func (p *parser) sequence(open int) []node {
	var nodes []node
	var lit strings.Builder
	litColumn := 0
	flush := func() {
		if lit.Len() > 0 {
			text := norm.NFC.String(lit.String()) // as keys are
			nodes = append(nodes, node{element: element{kind: literal, text: text, class: classNone, min: len(text), max: len(text), column: litColumn}})
			lit.Reset()
		}
	}
	for p.pos < len(p.runes) {
		r, column := p.runes[p.pos], p.pos+1
		p.pos++
		switch r {
		case '{':
			flush()
			if n, ok := p.token(column); ok {
				nodes = append(nodes, n)
			}
			continue
		case '[':
			flush()
			inner := p.sequence(column)
			if len(inner) == 0 && len(p.problems) == 0 {
				p.fail(column, 2, "the optional part is empty", `write \[ for a bracket that belongs to the ID`)
			}
			nodes = append(nodes, node{optional: true, inner: inner, element: element{column: column}})
			continue
		case ']':
			if open > 0 {
				flush()
				return nodes
			}
			p.fail(column, 1, "] closes no optional part", `write \] for a bracket that belongs to the ID`)
			continue
		case '}':
			p.fail(column, 1, "} closes no token", `write \} for a brace that belongs to the ID`)
			continue
		case '\\':
			var ok bool
			if r, ok = p.escape(column); !ok {
				continue
			}
		}
		if lit.Len() == 0 {
			litColumn = column
		}
		lit.WriteRune(r)
	}
	flush()
	if open > 0 {
		p.fail(open, 1, "[ is never closed", `close the optional part with ], or write \[ for a bracket that belongs to the ID`)
	}
	return nodes
}

func (p *parser) escape(column int) (rune, bool) {
	if p.pos < len(p.runes) && strings.ContainsRune(`{}[]\`, p.runes[p.pos]) {
		r := p.runes[p.pos]
		p.pos++
		return r, true
	}
	p.fail(column, 1, `a backslash stands before { } [ ] or \ only`, `write \\ for a backslash that belongs to the ID`)
	return 0, false
}

// token reads from behind the opening brace at column.
func (p *parser) token(column int) (node, bool) {
	end := slices.Index(p.runes[p.pos:], '}')
	if end < 0 {
		p.fail(column, 1, "{ is never closed", `close the token with }, or write \{ for a brace that belongs to the ID`)
		p.pos = len(p.runes)
		return node{}, false
	}
	body := string(p.runes[p.pos : p.pos+end])
	nameColumn := p.pos + 1
	p.pos += end + 1
	name, arg, given := strings.Cut(body, ":")
	width := max(1, len([]rune(name)))
	t := p.find(name, nameColumn, width)
	if t == nil {
		return node{}, false
	}
	el, ok := t.build(p, argument{name, arg, nameColumn + len([]rune(name)) + 1, given})
	if !ok {
		return node{}, false
	}
	el.column, el.token, el.arg = column, name, arg
	p.seen[name]++
	el.name = name
	if n := p.seen[name]; n > 1 {
		el.name = fmt.Sprintf("%s%d", name, n)
	}
	return node{element: el}, true
}

// find is the token of that name where it may be used, or nil with the
// problem noted.
func (p *parser) find(name string, column, width int) *token {
	var usable, known []string
	for i := range tokens {
		t := &tokens[i]
		if t.in&p.use != 0 {
			if t.name == name {
				return t
			}
			usable = append(usable, t.name)
		}
		known = append(known, t.name)
	}
	choice := "use {" + strings.Join(usable, "}, {") + "}"
	switch {
	case name == "":
		p.fail(column, 1, "the token has no name", choice)
	case slices.Contains(known, name):
		p.fail(column, width, fmt.Sprintf("{%s} belongs into %s only", name, (inSource|inCanonical)&^p.use), choice)
	default:
		if near := diag.Nearest(name, known); near != "" {
			choice = fmt.Sprintf("did you mean {%s}?", near)
		}
		p.fail(column, width, fmt.Sprintf("unknown token {%s}", name), choice)
	}
	return nil
}
