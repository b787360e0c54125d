package where

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
)

// maxDepth bounds how deep a filter may nest.
const maxDepth = 100

// Parse reads a filter on a source, whose columns it may name. What cannot
// be used is an [*Error].
func Parse(expr, source string, columns []string) (*Filter, error) {
	p := &parser{expr: expr, source: source, known: columns}
	p.advance()
	root := p.or(0)
	if p.tok.kind != end {
		p.fail(p.tok.at, fmt.Sprintf("expected \"and\", \"or\" or the end, found %s", p.tok))
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Filter{columns: p.used, root: root}, nil
}

type tokenKind uint8

const (
	end tokenKind = iota
	word
	quoted // a column in quotes
	text   // a literal in quotes
	number
	symbol
)

type token struct {
	kind tokenKind
	text string
	at   int // byte offset
}

// String is the token as messages name it.
func (t token) String() string {
	switch t.kind {
	case end:
		return "the end"
	case text:
		return "'" + t.text + "'"
	default:
		return fmt.Sprintf("%q", t.text)
	}
}

// is reports whether t is a word or symbol, whatever its case.
func (t token) is(s string) bool {
	return (t.kind == word || t.kind == symbol) && strings.EqualFold(t.text, s)
}

// parser is a recursive descent over tokens. After the first error it only
// reads on to the end.
type parser struct {
	expr   string
	source string
	known  []string
	used   []string
	next   int
	tok    token
	err    *Error
}

func (p *parser) fail(at int, reason string) { p.failWith(at, reason, nil) }

func (p *parser) failWith(at int, reason string, cause error) {
	if p.err == nil {
		p.err = &Error{Expr: p.expr, Column: utf8.RuneCountInString(p.expr[:at]) + 1, Reason: reason, Err: cause}
	}
	p.tok = token{kind: end, at: len(p.expr)}
	p.next = len(p.expr)
}

// take moves on if the token is s.
func (p *parser) take(s string) bool {
	if !p.tok.is(s) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(s string) {
	if !p.take(s) {
		p.fail(p.tok.at, fmt.Sprintf("expected %q, found %s", s, p.tok))
	}
}

func (p *parser) or(depth int) node {
	n := p.and(depth)
	for p.take("or") {
		n = or{n, p.and(depth)}
	}
	return n
}

func (p *parser) and(depth int) node {
	n := p.not(depth)
	for p.take("and") {
		n = and{n, p.not(depth)}
	}
	return n
}

func (p *parser) not(depth int) node {
	if depth > maxDepth {
		p.fail(p.tok.at, fmt.Sprintf("more than %d levels deep", maxDepth))
	}
	switch {
	case p.take("not"):
		return not{p.not(depth + 1)}
	case p.take("("):
		n := p.or(depth + 1)
		p.expect(")")
		return n
	default:
		return p.comparison()
	}
}

func (p *parser) comparison() node {
	column := p.column()
	switch op := p.tok; {
	case p.take("="):
		return equal{column, p.literal()}
	case p.take("<>"), p.take("!="):
		return not{equal{column, p.literal()}}
	case p.take("<"):
		return compare{column: column, literal: p.literal(), less: true}
	case p.take("<="):
		return compare{column: column, literal: p.literal(), less: true, same: true}
	case p.take(">"):
		return compare{column: column, literal: p.literal(), great: true}
	case p.take(">="):
		return compare{column: column, literal: p.literal(), great: true, same: true}
	case p.take("in"):
		return p.list(column)
	case p.take("not"):
		p.expect("in")
		return not{p.list(column)}
	case p.take("is"):
		negated := p.take("not")
		p.expect("null")
		if negated {
			return not{null{column}}
		}
		return null{column}
	default:
		p.fail(op.at, fmt.Sprintf("expected a comparison (= <> < <= > >= in, is null), found %s", op))
		return null{}
	}
}

func (p *parser) list(column int) node {
	p.expect("(")
	n := in{column: column, values: []string{p.literal()}}
	for p.take(",") {
		n.values = append(n.values, p.literal())
	}
	p.expect(")")
	return n
}

// column reads a column's name and answers its place among those used.
func (p *parser) column() int {
	t := p.tok
	if t.kind != quoted && (t.kind != word || reserved(t.text)) {
		p.fail(t.at, fmt.Sprintf("expected a column, found %s", t))
		return 0
	}
	if !slices.Contains(p.known, t.text) {
		err := &mapping.ColumnError{Source: p.source, Missing: t.text, Columns: p.known, Nearest: diag.Nearest(t.text, p.known)}
		p.failWith(t.at, err.Error(), err)
		return 0
	}
	p.advance()
	i := slices.Index(p.used, t.text)
	if i < 0 {
		i = len(p.used)
		p.used = append(p.used, t.text)
	}
	return i
}

func (p *parser) literal() string {
	t := p.tok
	switch t.kind {
	case text, number:
		p.advance()
	case quoted, word:
		p.fail(t.at, fmt.Sprintf("expected a value, found %s; text stands in single quotes: '%s'", t, t.text))
	default:
		p.fail(t.at, fmt.Sprintf("expected a value, found %s", t))
	}
	return t.text
}

func reserved(s string) bool {
	switch strings.ToLower(s) {
	case "and", "or", "not", "in", "is", "null":
		return true
	}
	return false
}

// advance reads the next token into tok.
func (p *parser) advance() {
	rest := strings.TrimLeftFunc(p.expr[p.next:], unicode.IsSpace)
	at := len(p.expr) - len(rest)
	if rest == "" {
		p.tok, p.next = token{kind: end, at: at}, at
		return
	}
	switch rest[0] {
	case '\'':
		p.enclosed(text, '\'', at)
	case '"', '`':
		p.enclosed(quoted, rest[0], at)
	case '[':
		p.enclosed(quoted, ']', at)
	default:
		kind, n := symbol, symbolLen(rest)
		if n == 0 {
			n = len(rest) - len(strings.TrimLeftFunc(rest, inWord))
			kind = word
			if _, ok := parseDecimal(rest[:n]); ok {
				kind = number
			}
		}
		if n == 0 {
			r, _ := utf8.DecodeRuneInString(rest)
			p.fail(at, fmt.Sprintf("%q has no meaning here", r))
			return
		}
		p.tok, p.next = token{kind, rest[:n], at}, at+n
	}
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune("_.$#@-", r)
}

func symbolLen(s string) int {
	for _, sym := range [...]string{"<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ","} {
		if strings.HasPrefix(s, sym) {
			return len(sym)
		}
	}
	return 0
}

// enclosed reads a token between quotes, of which the closing one doubled
// stands for itself.
func (p *parser) enclosed(kind tokenKind, closing byte, at int) {
	var b strings.Builder
	for i := at + 1; i < len(p.expr); i++ {
		if p.expr[i] == closing {
			if i+1 == len(p.expr) || p.expr[i+1] != closing {
				p.tok, p.next = token{kind, b.String(), at}, i+1
				return
			}
			i++
		}
		b.WriteByte(p.expr[i])
	}
	p.fail(at, fmt.Sprintf("%q is never closed", p.expr[at:at+1]))
}
