package translate

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// jsonRecord is what becomes of one document. Its slices are used again for
// the next.
type jsonRecord struct {
	edits   []edit // in buf
	some    []edit // in one string
	text    []byte // what a string means
	offsets []int
	result  []byte
	outcome Outcome
	added   []jsonAdded
}

// jsonAdded is a field that its object gets a member for, with the texts of
// its parts.
type jsonAdded struct {
	holder, field int
	from          int // of the first part
	parts         []string
	fraction      bool // a part is a number with a fraction or an exponent
}

// translate works out the edits of the document that was scanned, and says
// what becomes of it: Keep where it is written.
func (j *jsonStream) translate() Missing {
	r := &j.record
	r.edits, r.added = r.edits[:0], r.added[:0]
	fate := Keep
	for i := range j.scan.hits {
		h := &j.scan.hits[i]
		j.seen[h.field] = true
		raw := j.buf[h.from:h.to]
		switch f := &j.Fields[h.field]; {
		case raw[0] == 'n':
		case raw[0] != '"' && raw[0] != '-' && !isDigit(raw[0]):
			j.countOdd(h)
		case f.Add != "":
			j.part(h)
		case raw[0] == '"':
			j.inString(f, h)
			fate = j.count(fate, h.field, h.from)
		default:
			j.inNumber(f, h)
			fate = j.count(fate, h.field, h.from)
		}
	}
	for i := range r.added {
		fate = j.add(fate, &r.added[i])
	}
	slices.SortStableFunc(r.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	return fate
}

// count counts the outcome of a field, and says what becomes of the document.
func (j *jsonStream) count(fate Missing, field, at int) Missing {
	o := &j.record.outcome
	tally, missing := &j.sum.Fields[field], j.Fields[field].Missing
	lost := len(o.Lost) > 0
	var line int64
	if lost {
		line = j.lineOf(at)
	}
	tally.add(o, line)
	if lost && missing == Fail && j.failed == nil {
		j.failed = &MissingError{j.sum, tally.Field, Example{line, o.Lost[0].ID, o.Lost[0].Status.String()}}
	}
	*o = Outcome{Lost: o.Lost[:0]}
	switch {
	case !lost || fate == Fail:
		return fate
	case missing == Fail || missing == Divert:
		return missing
	}
	return fate
}

func (j *jsonStream) countOdd(h *jsonHit) {
	o := &j.odd[h.field]
	if o.count++; o.count == 1 {
		o.first, o.line = j.buf[h.from], j.lineOf(h.from)
	}
}

// meaning is what a string means, and where its bytes come from; offsets is
// nil where it stands as it is.
func (j *jsonStream) meaning(content []byte) (text []byte, offsets []int) {
	if !isEscaped(content) {
		return content, nil
	}
	r := &j.record
	r.text, r.offsets = unescape(r.text[:0], r.offsets[:0], content)
	return r.text, r.offsets
}

// inString translates what stands in a string, in its place.
func (j *jsonStream) inString(f *Field, h *jsonHit) {
	r, base := &j.record, h.from+1
	text, offsets := j.meaning(j.buf[base : h.to-1])
	r.some = f.edits(r.some[:0], text, &r.outcome)
	for _, e := range r.some {
		if offsets != nil {
			e.from, e.to = offsets[e.from], offsets[e.to]
		}
		r.edits = append(r.edits, edit{base + e.from, base + e.to, escaped(e.text)})
	}
}

// inNumber translates a number, in its place.
func (j *jsonStream) inNumber(f *Field, h *jsonHit) {
	r, number := &j.record, j.buf[h.from:h.to]
	r.result = append(r.result[:0], number...)
	if hasFraction(number) {
		f.fraction(number, &r.outcome)
	} else {
		r.result, _ = f.Translate(r.result[:0], number, &r.outcome)
	}
	if r.outcome.Translated > 0 || len(r.outcome.Lost) > 0 && f.Missing == Empty {
		r.edits = append(r.edits, edit{h.from, h.to, jsonText(r.result, r.outcome.Translated == 0)})
	}
}

func hasFraction(number []byte) bool { return bytes.ContainsAny(number, ".eE") }

// fraction counts a number that is no ID as it is written.
func (f *Field) fraction(number []byte, o *Outcome) {
	if !f.Shape.isNone(number) {
		o.count(number, Answer{Status: NotFound})
	}
}

// jsonText is a text as a value in JSON; empty: there is none.
func jsonText(text []byte, empty bool) string {
	if empty {
		return "null"
	}
	return `"` + escaped(string(text)) + `"`
}

// part keeps the text of a field whose object gets a member.
func (j *jsonStream) part(h *jsonHit) {
	r := &j.record
	i := len(r.added) - 1
	for i >= 0 && r.added[i].holder >= h.holder && (r.added[i].holder != h.holder || r.added[i].field != h.field) {
		i--
	}
	if i < 0 || r.added[i].holder != h.holder || r.added[i].field != h.field {
		i = len(r.added)
		r.added = append(r.added, jsonAdded{holder: h.holder, field: h.field, from: h.from, parts: make([]string, len(j.Fields[h.field].Names))})
	}
	raw := j.buf[h.from:h.to]
	if raw[0] == '"' {
		raw, _ = j.meaning(raw[1 : len(raw)-1])
	} else if hasFraction(raw) {
		r.added[i].fraction = true
	}
	r.added[i].parts[h.part] = string(raw)
}

// add gives an object a member with what a field's ID becomes; none where the
// field refers to nobody.
func (j *jsonStream) add(fate Missing, a *jsonAdded) Missing {
	r, f := &j.record, &j.Fields[a.field]
	id := []byte(a.parts[0])
	if len(a.parts) > 1 {
		id = f.composite(a.parts)
	}
	r.result = append(r.result[:0], id...)
	switch {
	case a.fraction:
		f.fraction(id, &r.outcome)
	case len(a.parts) > 1:
		if len(id) > 0 {
			answer := f.Table.Find(id)
			r.outcome.count(id, answer)
			if answer.Text != "" {
				r.result = append(r.result[:0], answer.Text...)
			}
		}
	default:
		r.result, _ = f.Translate(r.result[:0], id, &r.outcome)
	}
	if r.outcome.IDs == 0 {
		return fate
	}
	h := j.scan.holders[a.holder]
	empty := len(r.result) == 0 || r.outcome.Translated == 0 && f.Missing == Empty
	added, _ := memberName(f.Add)
	name := jsonText([]byte(added), false)
	member := "," + string(j.buf[h.lead:h.key]) + name + string(j.buf[h.colon:h.value]) + jsonText(r.result, empty)
	r.edits = append(r.edits, edit{h.end, h.end, member})
	return j.count(fate, a.field, a.from)
}

// composite is the ID that parts make, empty where all of them refer to
// nobody.
func (f *Field) composite(parts []string) []byte {
	trimmed := make([]string, len(parts))
	none := true
	for i, p := range parts {
		trimmed[i] = strings.TrimSpace(p)
		none = none && f.Shape.isNone([]byte(trimmed[i]))
	}
	if none {
		return nil
	}
	return []byte(scheme.JoinParts(trimmed))
}

// apply writes the document up to a place, with its edits.
func (j *jsonStream) apply(to int) {
	for _, e := range j.record.edits {
		j.pass(e.from)
		j.out.WriteString(e.text)
		j.mark = e.to
	}
	j.pass(to)
}
