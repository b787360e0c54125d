package infer

import "strings"

// mixed explains IDs of one coarse shape whose letters and digits stand in no
// fixed places: of one length character by character, else as a whole.
func (a *analysis) mixed(ids []string) []proposal {
	var out []proposal
	rest := ids
	lengths := buckets(ids, max(a.least, len(ids)/10), func(id string) string { return string(chunkWidths(id)) })
	if len(lengths) <= 3 {
		for _, b := range lengths {
			out = append(out, a.columns(b.ids)...)
			rest = without(rest, b.ids)
		}
		if len(out) > 0 {
			return out
		}
	}
	if len(rest) < a.least {
		return out
	}
	return append(out, anyWidth(rest))
}

func chunkWidths(id string) []byte {
	widths := []byte{0}
	for i := range len(id) {
		if kind := kindOf(id[i]); kind == separatorRun || kind == markRun {
			widths = append(widths, id[i], 0)
			continue
		}
		widths[len(widths)-1]++
	}
	return widths
}

// span is a stretch of an ID, in bytes.
type span struct{ from, to int }

// chunks are the stretches of letters and digits of an ID.
func chunks(id string) []span {
	var out []span
	start := -1
	for i := 0; i <= len(id); i++ {
		in := i < len(id) && kindOf(id[i]) != separatorRun && kindOf(id[i]) != markRun
		if in && start < 0 {
			start = i
		}
		if !in && start >= 0 {
			out = append(out, span{start, i})
			start = -1
		}
	}
	return out
}

// columns explains IDs whose chunks have the same widths.
func (a *analysis) columns(ids []string) []proposal {
	p := proposal{ids: ids}
	end := 0
	for i, c := range chunks(ids[0]) {
		p.fields = append(p.fields, between(ids[0][end:c.from], i)...)
		fields, notes := a.chunk(ids, c)
		for k := range fields {
			fields[k].chunk = i
		}
		p.fields = append(p.fields, fields...)
		p.notes = append(p.notes, notes...)
		end = c.to
	}
	p.fields = append(p.fields, between(ids[0][end:], len(p.fields))...)
	return []proposal{p}
}

// between is the literals of a stretch between chunks: separators, and the
// mark of a check, each on its own.
func between(text string, chunk int) []field {
	var fields []field
	for _, r := range runs(nil, text) {
		fields = append(fields, field{arg: text[r.start:r.end], chunk: chunk})
	}
	return fields
}

// chunk explains the characters of one chunk: as one field where most places
// hold letters as well as digits, else as fields of letters, of digits and of
// both.
func (a *analysis) chunk(ids []string, c span) ([]field, []string) {
	both := 0
	kinds := make([]byte, c.to-c.from)
	for i := range kinds {
		digits := 0
		for _, id := range ids {
			if kindOf(id[c.from+i]) == digitRun {
				digits++
			}
		}
		switch share := float64(digits) / float64(len(ids)); {
		case share > 0.95:
			kinds[i] = digitRun
		case share < 0.05:
			kinds[i] = letterRun
		default:
			kinds[i] = 'M'
			both++
		}
	}
	if 3*both >= 2*len(kinds) || both > 0 && len(ids) < 12 {
		return []field{a.charsAt(ids, c)}, nil
	}
	var fields []field
	var notes []string
	for i := 0; i < len(kinds); {
		start := i
		for i < len(kinds) && kinds[i] == kinds[start] {
			i++
		}
		at := span{c.from + start, c.from + i}
		if kinds[start] != digitRun {
			fields = append(fields, a.charsAt(ids, at))
			continue
		}
		var texts []string
		for _, id := range ids {
			if text := id[at.from:at.to]; strings.Trim(text, decimals) == "" {
				texts = append(texts, text)
			}
		}
		more, why := a.cut(texts, at.to-at.from, false)
		fields, notes = append(fields, more...), append(notes, why...)
	}
	return fields, notes
}

// charsAt is the token for the characters of a span, or the word that stands
// there in nearly all IDs.
func (a *analysis) charsAt(ids []string, at span) field {
	var seen alphabet
	counts := map[string]int{}
	for _, id := range ids {
		text := id[at.from:at.to]
		seen.add(text)
		counts[text]++
	}
	f := fixed(seen.token(), at.to-at.from)
	if f.token == "letters" {
		for text, n := range counts {
			if 10*n >= 9*len(ids) {
				return literal(text)
			}
		}
	}
	return f
}

// anyWidth explains IDs of many lengths: the separators that all have, and
// letters and digits between them.
func anyWidth(ids []string) proposal {
	p := proposal{ids: ids}
	first := chunks(ids[0])
	end := 0
	for i, c := range first {
		p.fields = append(p.fields, between(ids[0][end:c.from], i)...)
		var seen alphabet
		var count [maxKey + 1]int
		for _, id := range ids {
			at := chunks(id)[i]
			seen.add(id[at.from:at.to])
			count[at.to-at.from]++
		}
		f := usualWidths(seen.token(), count[:], len(ids))
		f.chunk = i
		p.fields = append(p.fields, f)
		end = c.to
	}
	p.fields = append(p.fields, between(ids[0][end:], len(first))...)
	return p
}
