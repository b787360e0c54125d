package normalize

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// numberPlan is what it takes to read the numbers of a country without asking
// the library: libphonenumber's own metadata, prepared for bytes.
type numberPlan struct {
	cc       string
	lengths  uint32 // bit n: national numbers of n digits exist
	local    uint32 // bit n: n digits can be dialled within an area only
	longest  int
	shortest int
	// trunk reads what is dialled before a national number ("0" in Germany);
	// nil where there is nothing.
	trunk    *prefix
	rewrites bool // the trunk prefix is replaced by other digits
	general  *regexp.Regexp
	idd      *prefix // what is dialled before a country code
}

// prefix is a pattern at the start of a number, and the three-digit starts
// that it could match.
type prefix struct {
	re     *regexp.Regexp
	starts [1000]bool
}

// planBook holds the plans of all countries, by ISO code and by calling code.
// Each is prepared when it is first needed: all of them would take longer
// than a look-up may.
type planBook struct {
	regions map[string]func() *numberPlan
	codes   [1000]func() *numberPlan // of the calling code's main country
}

var plans = sync.OnceValue(func() *planBook {
	book := &planBook{regions: map[string]func() *numberPlan{}}
	all, err := phonenumbers.MetadataCollection()
	if err != nil { // it is part of the program; without it Phone asks for every number
		return book
	}
	for _, m := range all.GetMetadata() {
		plan := sync.OnceValue(func() *numberPlan { return newPlan(m) })
		if m.GetId() == phonenumbers.GetRegionCodeForCountryCode(int(m.GetCountryCode())) {
			book.codes[m.GetCountryCode()] = plan
		}
		if m.GetId() != phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
			book.regions[m.GetId()] = plan
		}
	}
	return book
})

func newPlan(m *phonenumbers.PhoneMetadata) *numberPlan {
	p := &numberPlan{
		cc:       strconv.Itoa(int(m.GetCountryCode())),
		general:  regexp.MustCompile("^(?:" + m.GetGeneralDesc().GetNationalNumberPattern() + ")$"),
		trunk:    newPrefix(m.GetNationalPrefixForParsing()),
		rewrites: m.GetNationalPrefixTransformRule() != "",
		idd:      newPrefix(m.GetInternationalPrefix()),
	}
	for _, n := range m.GetGeneralDesc().GetPossibleLength() {
		p.lengths |= 1 << n
		p.longest = max(p.longest, int(n))
	}
	for _, n := range m.GetGeneralDesc().GetPossibleLengthLocalOnly() {
		p.local |= 1 << n
	}
	p.shortest = p.longest
	for n := p.longest; n > 0; n-- {
		if p.lengths>>n&1 == 1 {
			p.shortest = n
		}
	}
	return p
}

func newPrefix(pattern string) *prefix {
	if pattern == "" {
		return nil
	}
	re := "^(?:" + pattern + ")"
	p := &prefix{re: regexp.MustCompile(re)}
	tree, err := syntax.Parse(re, syntax.Perl)
	if err != nil {
		return p
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return p
	}
	for i := range p.starts {
		p.starts[i] = couldMatch(prog, [3]byte{byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)})
	}
	return p
}

// couldMatch reports whether the program matches within digits or could go on
// matching behind them.
func couldMatch(prog *syntax.Prog, digits [3]byte) bool {
	type place struct {
		pc uint32
		at int
	}
	seen := map[place]bool{}
	var walk func(place) bool
	walk = func(p place) bool {
		if seen[p] {
			return false
		}
		seen[p] = true
		inst := &prog.Inst[p.pc]
		switch inst.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			return walk(place{inst.Out, p.at}) || walk(place{inst.Arg, p.at})
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			return walk(place{inst.Out, p.at})
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			return p.at == len(digits) || inst.MatchRune(rune(digits[p.at])) && walk(place{inst.Out, p.at + 1})
		default:
			return false
		}
	}
	return walk(place{uint32(prog.Start), 0})
}

// could reports whether a number may start with the prefix.
func (p *prefix) could(digits []byte) bool {
	return p != nil && (len(digits) < 3 || p.starts[number(string(digits[:3]))])
}

// verdict is what the tables say about a number.
type verdict uint8

const (
	unsure verdict = iota // ask the library
	possible
	impossible
)

// read splits a number into its calling code and national part, as the
// library would.
func (b *planBook) read(digits []byte, plus bool, country string) (cc string, national []byte, v verdict) {
	var home *numberPlan
	if plan := b.regions[country]; plan != nil {
		home = plan()
	}
	if !plus && home != nil && home.idd.could(digits) {
		if at := home.idd.re.FindIndex(digits); at != nil {
			digits, plus = digits[at[1]:], true
			if len(digits) < 3 || digits[0] == '0' {
				return "", nil, unsure
			}
		}
	}
	if plus {
		for n := 1; n <= 3 && n < len(digits); n++ {
			if plan := b.codes[number(string(digits[:n]))]; plan != nil && digits[0] != '0' {
				return plan().finish(digits[n:], plan())
			}
		}
		return "", nil, unsure
	}
	switch {
	case home == nil:
		return "", nil, unsure
	case strings.HasPrefix(string(digits), home.cc):
		if len(digits) <= home.longest || home.trunk.could(digits[len(home.cc):]) {
			return "", nil, unsure
		}
		// The library goes on with the plan of the calling code's main country.
		digits = digits[len(home.cc):]
		return home.main(b).finish(digits, home.main(b))
	}
	return home.finish(digits, home.main(b))
}

// main is the plan of the country that stands for the calling code.
func (p *numberPlan) main(b *planBook) *numberPlan { return b.codes[number(p.cc)]() }

// finish strips the trunk prefix, and judges the length by the plan of the
// calling code's main country.
func (p *numberPlan) finish(national []byte, main *numberPlan) (cc string, _ []byte, v verdict) {
	if p.trunk.could(national) {
		if p.rewrites {
			return "", nil, unsure
		}
		if at := p.trunk.re.FindIndex(national); at != nil {
			rest := national[at[1]:]
			lost := p.general.Match(national) && !p.general.Match(rest)
			if n := len(rest); !lost && n >= p.shortest && p.local>>n&1 == 0 && (n > p.longest || p.lengths>>n&1 == 1) {
				national = rest
			}
		}
	}
	if len(national) > 17 || main.lengths>>len(national)&1 == 0 {
		return "", nil, impossible
	}
	return p.cc, national, possible
}
