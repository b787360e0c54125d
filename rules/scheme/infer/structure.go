package infer

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// structures explains IDs by what they look like.
func (a *analysis) structures(pool []string) []proposal {
	var out []proposal
	for _, b := range buckets(pool, a.least, func(id string) string { return shape(id, true) }) {
		out = append(out, a.structure(b.ids)...)
	}
	return out
}

// structure explains IDs of one coarse shape: as letters here and digits
// there where that is shorter to say than that letters and digits are mixed.
func (a *analysis) structure(ids []string) []proposal {
	var out []proposal
	rest := ids
	shapes := buckets(ids, a.least, func(id string) string { return shape(id, false) })
	few := 0 // IDs of the three commonest shapes
	for _, b := range shapes[:min(3, len(shapes))] {
		few += len(b.ids)
	}
	regular := float64(few) >= 0.8*float64(len(ids))
	mixed := bitsMixed(ids)
	for _, b := range shapes {
		n := float64(len(b.ids))
		gain := n*(mixed-bitsApart(b.ids)-math.Log2(float64(len(ids))/n)) - 40*float64(len(b.key)+1)
		if !regular && gain <= 0 {
			continue
		}
		out = append(out, a.refine(newTable(b.ids))...)
		rest = without(rest, b.ids)
	}
	// Beside a regular shape a few others are slips.
	if len(rest) >= a.least && (!regular || 12*len(rest) >= len(ids)) {
		out = append(out, a.mixed(rest)...)
	}
	return out
}

// bitsMixed is what an ID costs on average when each letter or digit may be
// any of those that occur.
func bitsMixed(ids []string) float64 {
	seen, n := alphabet{}, 0
	for _, id := range ids {
		n += seen.add(id)
	}
	return float64(n) / float64(len(ids)) * math.Log2(seen.size())
}

// bitsApart is what an ID costs when it is known where letters and where
// digits stand.
func bitsApart(ids []string) float64 {
	letters, digits := alphabet{}, 0
	n := 0
	widths := map[string]int{}
	var rs []run
	var key []byte
	for _, id := range ids {
		rs, key = runs(rs[:0], id), key[:0]
		for _, r := range rs {
			switch r.kind {
			case digitRun:
				digits += r.end - r.start
			case letterRun:
				n += letters.add(id[r.start:r.end])
			}
			key = append(key, byte(r.end-r.start))
		}
		widths[string(key)]++
	}
	bits := float64(digits)*math.Log2(10) + float64(n)*math.Log2(letters.size())
	// What the widths cost: their entropy.
	for _, key := range slices.Sorted(maps.Keys(widths)) {
		k := widths[key]
		bits += float64(k) * math.Log2(float64(len(ids))/float64(k))
	}
	return bits / float64(len(ids))
}

// alphabet counts letters and digits by character.
type alphabet struct{ n [128]int }

// add counts the letters and digits of text and says how many there were.
func (s *alphabet) add(text string) int {
	n := 0
	for i := range len(text) {
		if k := kindOf(text[i]); k == digitRun || k == letterRun {
			s.n[text[i]]++
			n++
		}
	}
	return n
}

// part is the share of the characters that chars lists, of all that were
// counted.
func (s *alphabet) part(chars string) float64 {
	in, all := 0, 0
	for c, n := range s.n {
		all += n
		if strings.IndexByte(chars, byte(c)) >= 0 {
			in += n
		}
	}
	if all == 0 {
		return 0
	}
	return float64(in) / float64(all)
}

// distinct is how many of chars were counted, a character that makes up less
// than a thousandth left out.
func (s *alphabet) distinct(chars string) int {
	all, n := 0, 0
	for _, k := range s.n {
		all += k
	}
	for i := range len(chars) {
		if s.n[chars[i]] > all/1000 {
			n++
		}
	}
	return n
}

const (
	decimals = "0123456789"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smalls   = "abcdefghijklmnopqrstuvwxyz"
)

// size is that of the smallest usual alphabet that holds what was counted.
func (s *alphabet) size() float64 {
	n := 0.0
	for _, part := range []struct {
		chars, few string
		size       float64
	}{{decimals, "", 10}, {capitals, "ABCDEF", 26}, {smalls, "abcdef", 26}} {
		switch all := s.part(part.chars); {
		case all < 0.04:
		case part.few != "" && s.part(part.few) > 0.97*all:
			n += 6
		default:
			n += part.size
		}
	}
	return max(n, 1)
}

// token is the class of characters that fits what was counted best.
func (s *alphabet) token() string {
	switch letters := s.part(capitals + smalls); {
	case letters < 0.03:
		return "seq"
	case letters > 0.97:
		return "letters"
	}
	for _, c := range []struct{ token, letters string }{
		{"hex", "abcdef"},
		{"hex", "ABCDEF"},
		// Y, V and the vowels A and E tell base 32 from alphabets that avoid
		// all vowels.
		{"base32", "ABCDEFGHJKMNPQRSTVWXYZ"},
		{"base32", "abcdefghjkmnpqrstvwxyz"},
	} {
		if s.part(decimals+c.letters) > 0.96 && s.distinct(c.letters) >= len(c.letters)-1-len(c.letters)/20 {
			return c.token
		}
	}
	return "alnum"
}
