package infer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// joinOptional makes one scheme with an optional part of two that differ in a
// separator or in check characters only: [.]b{seq:7}, {seq:8}[-{check:damm}].
func (a *analysis) joinOptional(found []proposal) []proposal {
	found = slices.DeleteFunc(slices.Clone(found), func(short proposal) bool {
		return slices.ContainsFunc(found, short.isSlipOf)
	})
	for i := 0; i < len(found); i++ {
		for j := 0; j < len(found); {
			joined, ok := a.join(found[i], found[j])
			if !ok {
				j++
				continue
			}
			found[i] = joined
			found = slices.Delete(slices.Clone(found), j, j+1)
			if j < i {
				i--
			}
			j = 0
		}
	}
	return found
}

// isSlipOf reports whether p is what remains of a few of long's IDs when a
// character got lost. Taken for IDs without their check they would be read as
// other customers' IDs.
func (p proposal) isSlipOf(long proposal) bool {
	checked := cmp.Or(long.text, text(long.fields))
	at := strings.LastIndex(checked, "{check")
	return at > 0 && 7*len(p.ids) < len(long.ids) && strings.TrimRight(checked[:at], "-. /") == text(p.fields)
}

// join is the two proposals as one, where short is long without a part.
func (a *analysis) join(long, short proposal) (proposal, bool) {
	n := len(long.fields) - len(short.fields)
	if n < 1 || n > 2 || long.text != "" || short.text != "" {
		return proposal{}, false
	}
	for at := 0; at+n <= len(long.fields); at++ {
		if !omissible(long.fields[at:at+n]) || !equal(long.fields[:at], short.fields[:at]) || !equal(long.fields[at+n:], short.fields[at:]) {
			continue
		}
		p := long
		p.fields = slices.Clone(long.fields)
		p.fields[at].opens = true
		p.fields[at+n-1].closes = true
		for i := range p.fields { // a part that only one of the two may lack
			if i < at {
				p.fields[i].opens, p.fields[i].closes = long.fields[i].opens || short.fields[i].opens, long.fields[i].closes || short.fields[i].closes
			} else if i >= at+n {
				p.fields[i].opens, p.fields[i].closes = long.fields[i].opens || short.fields[i-n].opens, long.fields[i].closes || short.fields[i-n].closes
			}
		}
		if _, err := scheme.Compile(text(p.fields), a.codes); err != nil {
			return proposal{}, false
		}
		p.ids = append(slices.Clone(long.ids), short.ids...)
		for _, note := range short.notes {
			if !slices.Contains(p.notes, note) {
				p.notes = append(slices.Clone(p.notes), note)
			}
		}
		if part := text(long.fields[at : at+n]); strings.Contains(part, "{check") {
			p.notes = append(slices.Clone(p.notes), "Some IDs lack the check characters; those are read as the same customers as the IDs with them.")
		}
		return p, true
	}
	return proposal{}, false
}

// omissible reports whether fields may be left out of an ID without changing
// which customer it means: check characters and common separators.
func omissible(fields []field) bool {
	for _, f := range fields {
		if f.opens || f.closes || f.token != "check" && (f.token != "" || strings.Trim(f.arg, "-. /") != "") {
			return false
		}
	}
	return true
}

// equal compares fields, whether they are optional or not.
func equal(a, b []field) bool {
	return slices.EqualFunc(a, b, func(x, y field) bool { return x.String() == y.String() })
}
