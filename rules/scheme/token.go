package scheme

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/diag"
)

// maxKey is the longest key in bytes, and so the widest token.
const maxKey = 255

// maxNext is the widest counter: what a signed 64-bit column of a store can
// count in full.
const maxNext = 18

// usage says in which schemes a token may stand.
type usage uint8

const (
	inSource usage = 1 << iota
	inCanonical
)

func (u usage) String() string {
	if u == inCanonical {
		return "canonical schemes"
	}
	return "source schemes"
}

// token is one entry of the language. A name may mean one thing to the IDs of
// a source and another to canonical numbers.
type token struct {
	name string
	in   usage
	// build reads what stands after the colon. It reports its own problems.
	build func(p *parser, a argument) (element, bool)
}

// argument is a token's name, the text after its colon and the column of that
// text's first character; given is false without a colon.
type argument struct {
	token  string
	text   string
	column int
	given  bool
}

// tokens is the language.
var tokens = []token{
	{name: "seq", in: inSource, build: reads(classDigit)},
	{name: "letters", in: inSource, build: reads(classLetter)},
	{name: "alnum", in: inSource, build: reads(classAlnum)},
	{name: "hex", in: inSource, build: reads(classHex)},
	{name: "base32", in: inSource, build: buildBase32},
	{name: "any", in: inSource, build: reads(classAny)},
	{name: "date", in: inSource, build: buildDate},
	{name: "unix", in: inSource, build: buildUnix(9, 10)},
	{name: "unixms", in: inSource, build: buildUnix(12, 13)},
	{name: "code", in: inSource, build: buildCode},
	{name: "uuid", in: inSource, build: buildMachine},
	{name: "ulid", in: inSource, build: buildMachine},
	{name: "snowflake", in: inSource, build: buildMachine},
	{name: "objectid", in: inSource, build: buildMachine},
	{name: "salesforce", in: inSource, build: buildMachine},
	{name: "check", in: inSource | inCanonical, build: buildCheck},

	{name: "next", in: inCanonical, build: buildNext},
	{name: "random", in: inCanonical, build: buildDrawn("random")},
	{name: "hash", in: inCanonical, build: buildDrawn("hash")},
	{name: "seq", in: inCanonical, build: buildCarried},
	{name: "date", in: inCanonical, build: buildCanonicalDate},
	{name: "field", in: inCanonical, build: buildField},
	{name: "source", in: inCanonical, build: buildSource},
}

// reads builds a token that reads characters of one class, in any of the
// width forms.
func reads(c *class) func(*parser, argument) (element, bool) {
	return func(p *parser, a argument) (element, bool) {
		el := element{kind: reader, class: c, min: 1, max: maxKey, open: true}
		if !a.given {
			return el, true
		}
		from, to, isRange := strings.Cut(a.text, "-")
		switch {
		case strings.HasSuffix(a.text, "+"):
			el.min = widthOf(strings.TrimSuffix(a.text, "+"), maxKey)
		case isRange:
			el.min, el.max, el.open = widthOf(from, maxKey), widthOf(to, maxKey), false
		default:
			el.min = widthOf(a.text, maxKey)
			el.max, el.open = el.min, false
		}
		switch {
		case el.min == 0 || el.max == 0:
			p.fail(a.column, len([]rune(a.text)), fmt.Sprintf("%q is not a width", a.text),
				fmt.Sprintf("widths are 5, 3-7 or 4+, from 1 to %d", maxKey))
			return el, false
		case el.min > el.max:
			p.fail(a.column, len(a.text), fmt.Sprintf("the range %s ends before it starts", a.text),
				fmt.Sprintf("write %d-%d", el.max, el.min))
			return el, false
		}
		return el, true
	}
}

// widthOf reads a number from 1 to limit; anything else is 0.
func widthOf(text string, limit int) int {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > limit {
		return 0
	}
	return n
}

// buildBase32 reads Crockford's base 32, whose one spelling has capitals, 1
// for I and L, and 0 for O.
func buildBase32(p *parser, a argument) (element, bool) {
	el, ok := reads(classBase32)(p, a)
	el.spell = func(dst []byte, text string) []byte {
		for i := range len(text) {
			dst = append(dst, crockford[text[i]])
		}
		return dst
	}
	el.same = func(text string) bool {
		for i := range len(text) {
			if crockford[text[i]] != text[i] {
				return false
			}
		}
		return true
	}
	return el, ok
}

// crockford is the one spelling of each character of classBase32.
var crockford = func() (one [256]byte) {
	for i := range one {
		one[i] = byte(i)
		if 'a' <= i && i <= 'z' {
			one[i] -= 'a' - 'A'
		}
		switch one[i] {
		case 'I', 'L':
			one[i] = '1'
		case 'O':
			one[i] = '0'
		}
	}
	return one
}()

func buildDate(p *parser, a argument) (element, bool) {
	d, ok := p.parseLayout(a)
	if !ok {
		return element{}, false
	}
	n := len(d.text)
	return element{kind: reader, class: d.class, min: n, max: n, valid: d.holds, count: d.count(), date: d}, true
}

// buildUnix reads seconds or milliseconds since 1970: from 1973, when they
// have least digits, on. More digits than most are the 23rd century.
func buildUnix(least, most int) func(*parser, argument) (element, bool) {
	return func(p *parser, a argument) (element, bool) {
		el := element{kind: reader, class: classDigit, min: least, max: most}
		if !p.bare(a) {
			return el, false
		}
		el.valid = func(text string) bool { return text[0] != '0' }
		el.count = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(most)), nil)
		el.count.Sub(el.count, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(least-1)), nil))
		return el, true
	}
}

// buildCode reads a member of a code list.
func buildCode(p *parser, a argument) (element, bool) {
	list, ok := p.codes.list(a.text)
	if !ok {
		hint := "known are " + strings.Join(p.codes.names(), ", ") + "; lists of your own stand under codes:"
		if near := diag.Nearest(a.text, p.codes.names()); near != "" {
			hint = fmt.Sprintf("did you mean {code:%s}?", near)
		}
		if a.text == "" {
			p.fail(a.column, 1, "{code} needs the name of a code list", hint)
		} else {
			p.fail(a.column, len([]rune(a.text)), fmt.Sprintf("unknown code list %q", a.text), hint)
		}
		return element{}, false
	}
	if list.size == 0 {
		p.fail(a.column, len([]rune(a.text)), fmt.Sprintf("the code list %s is empty", a.text), "add its members under codes:")
		return element{}, false
	}
	return element{kind: reader, class: list.class, min: list.min, max: list.max, valid: list.has, count: big.NewInt(list.size)}, true
}

// buildMachine reads a machine ID of the token's name.
func buildMachine(p *parser, a argument) (element, bool) {
	m := findMachine(a.token)
	el := element{kind: reader, class: m.class, min: m.min, max: m.max}
	if !p.bare(a) {
		return el, false
	}
	el.valid = func(text string) bool { return m.same(text) || m.fits(text) }
	el.spell = func(dst []byte, text string) []byte {
		dst, _ = m.spell(dst, text)
		return dst
	}
	el.same = m.same
	return el, true
}

// findMachine is the machine ID of that name, or nil.
func findMachine(name string) *machine {
	for i := range machines {
		if machines[i].name == name {
			return &machines[i]
		}
	}
	return nil
}

// bare reports a problem where a token that takes no argument has one.
func (p *parser) bare(a argument) bool {
	if a.given {
		p.fail(a.column, max(1, len([]rune(a.text))), "the token takes no width: it is always as long as it is", "leave out the colon and what follows")
	}
	return !a.given
}

func buildNext(p *parser, a argument) (element, bool) {
	el := element{kind: counter, class: classDigit, min: 1, max: maxNext, open: true}
	if !a.given {
		return el, true
	}
	n := widthOf(a.text, maxNext)
	if n == 0 {
		p.fail(a.column, len([]rune(a.text)), fmt.Sprintf("%q is not a width for {next}", a.text),
			fmt.Sprintf("write {next:8} for exactly 8 digits (1 to %d), or {next} for as many as it takes", maxNext))
		return el, false
	}
	el.min, el.max, el.open = n, n, false
	return el, true
}

func buildCheck(p *parser, a argument) (element, bool) {
	name, list, named := strings.Cut(a.text, "(")
	alg := findAlgorithm(name)
	if alg == nil {
		p.failAlgorithm(name, a)
		return element{}, false
	}
	el := element{kind: checker, class: alg.class, min: alg.width, max: alg.width, alg: alg}
	if alg.spell != nil {
		el.spell = func(dst []byte, text string) []byte {
			for i := range len(text) {
				dst = append(dst, alg.spell(text[i]))
			}
			return dst
		}
		el.same = func(text string) bool {
			for i := range len(text) {
				if alg.spell(text[i]) != text[i] {
					return false
				}
			}
			return true
		}
	}
	if !named {
		return el, true
	}
	at := a.column + len([]rune(name)) + 1
	body, closed := strings.CutSuffix(list, ")")
	if !closed {
		p.fail(at-1, 1, "the list of components is not closed", fmt.Sprintf("write {check:%s(seq)}", alg.name))
		return el, false
	}
	for part := range strings.SplitSeq(body, ",") {
		lead := len(part) - len(strings.TrimLeft(part, " "))
		el.zone = append(el.zone, zoneName{strings.TrimSpace(part), at + lead})
		at += len([]rune(part)) + 1
	}
	return el, true
}

func (p *parser) failAlgorithm(name string, a argument) {
	known := CheckSystems()
	choice := "use " + strings.Join(known, ", ")
	width := max(1, len([]rune(name)))
	if name == "" {
		p.fail(a.column, width, "{check} needs an algorithm", "write {check:mod97-10}; "+choice)
		return
	}
	if near := diag.Nearest(name, known); near != "" {
		choice = fmt.Sprintf("did you mean %s?", near)
	}
	p.fail(a.column, width, fmt.Sprintf("unknown check algorithm %q", name), choice)
}
