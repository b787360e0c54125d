package infer

import (
	"fmt"
	"slices"
	"strings"
)

// field is a literal or a token of a proposed scheme.
type field struct {
	token string // empty: a literal
	arg   string // of the token, or the text of a literal
	// A width, where the token takes one: exactly min, min to max, or, where
	// open, at least min.
	min, max int
	open     bool
	chunk    int // in which chunk of letters and digits it stands
	// opens and closes say that an optional part begins or ends here.
	opens, closes bool
}

func literal(text string) field { return field{arg: text} }

func fixed(token string, width int) field { return field{token: token, min: width, max: width} }

func (f field) String() string {
	switch {
	case f.token == "":
		return escape(f.arg)
	case f.arg != "":
		return "{" + f.token + ":" + f.arg + "}"
	case f.min == 0, f.open && f.min == 1:
		return "{" + f.token + "}"
	case f.open:
		return fmt.Sprintf("{%s:%d+}", f.token, f.min)
	case f.min == f.max:
		return fmt.Sprintf("{%s:%d}", f.token, f.min)
	}
	return fmt.Sprintf("{%s:%d-%d}", f.token, f.min, f.max)
}

var escaper = strings.NewReplacer(`\`, `\\`, `{`, `\{`, `}`, `\}`, `[`, `\[`, `]`, `\]`)

func escape(text string) string { return escaper.Replace(text) }

func text(fields []field) string {
	var b strings.Builder
	for _, f := range fields {
		if f.opens {
			b.WriteByte('[')
		}
		b.WriteString(f.String())
		if f.closes {
			b.WriteByte(']')
		}
	}
	return b.String()
}

// names are the components that the fields are called in a scheme: seq, seq2,
// code …; a literal has none.
func names(fields []field) []string {
	seen := map[string]int{}
	out := make([]string, len(fields))
	for i, f := range fields {
		if f.token == "" {
			continue
		}
		seen[f.token]++
		out[i] = f.token
		if n := seen[f.token]; n > 1 {
			out[i] = fmt.Sprintf("%s%d", f.token, n)
		}
	}
	return out
}

// family names the kind of scheme that the fields make. Separators say
// nothing about it.
func family(fields []field) string {
	var words []string
	add := func(w string) {
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	for i, f := range fields {
		switch {
		case f.token == "" && !strings.ContainsFunc(f.arg, isAlnum) && f.arg < "\x7f":
		case f.token == "" && i == len(fields)-1:
			add("suffix")
		case f.token == "":
			add("prefix")
		default:
			add(f.token)
		}
	}
	return strings.Join(words, "+")
}

func isAlnum(r rune) bool {
	return r < 0x80 && (kindOf(byte(r)) == digitRun || kindOf(byte(r)) == letterRun)
}
