package infer

import (
	"slices"
	"strings"
)

// site is a place in IDs where check characters may stand.
type site struct {
	first bool // at the front
	chunk int  // at the end of the chunk of this number; -1: of the ID
	width int
}

// at is where the check would be in id; ok is false where there is no room.
func (s site) at(id string) (from int, ok bool) {
	switch {
	case s.first:
		from = 0
	case s.chunk < 0:
		from = len(id) - s.width
	default:
		all := chunks(id)
		if s.chunk >= len(all)-1 {
			return 0, false
		}
		if from = all[s.chunk].to - s.width; from < all[s.chunk].from {
			return 0, false
		}
	}
	return from, from >= 0 && from+s.width <= len(id) && len(id) > s.width+1 && id[from] < 0x80 && id[len(id)-1] < 0x80
}

// zone is what a check covers.
type zone uint8

const (
	zoneBefore zone = iota // all that stands before it
	zoneDigits             // the digits only
	zoneRest               // all but the letters in front
	zoneChunk              // the last chunk only
	zoneAfter              // all that stands behind it
	zoneAfterDigits
	zones
)

// wording of a zone, for notes.
var zoneWords = [zones]string{"all that stands before it", "the digits before it", "what follows the prefix", "the part before it", "all that follows it", "the digits that follow it"}

// of is the part of an ID that the zone covers, the check being at from.
func (z zone) of(id string, from, width int) string {
	before, after := id[:from], id[from+width:]
	switch z {
	case zoneBefore:
		return before
	case zoneDigits:
		return onlyDigits(before)
	case zoneAfterDigits:
		return onlyDigits(after)
	case zoneAfter:
		return after
	case zoneRest:
		i := 0
		for i < len(before) && kindOf(before[i]) == letterRun {
			i++
		}
		return before[i:]
	}
	all := chunks(before)
	if len(all) == 0 {
		return ""
	}
	return before[all[len(all)-1].from:]
}

func onlyDigits(text string) string {
	if strings.Trim(text, decimals) == "" {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if kindOf(text[i]) == digitRun {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// covers reports whether a field of a scheme, of which the check is the field
// at, belongs to the zone.
func (z zone) covers(fields []field, i, at int) bool {
	f := fields[i]
	switch z {
	case zoneDigits:
		return i < at && f.digits()
	case zoneAfterDigits:
		return i > at && f.digits()
	case zoneAfter:
		return i > at
	case zoneRest:
		return i < at && i > 0
	case zoneChunk:
		last := at - 1
		for last > 0 && fields[last].separator() {
			last--
		}
		return i < at && f.chunk == fields[last].chunk
	}
	return i < at
}

// sites are the places to look at: the end, the front, and the ends of the
// chunks in between.
func sites(pool []string) []site {
	most := 0
	for _, id := range pool[:min(len(pool), tried)] {
		most = max(most, len(chunks(id)))
	}
	all := []site{{chunk: -1, width: 2}, {chunk: -1, width: 1}, {first: true, width: 1}, {first: true, width: 2}}
	for c := range min(most-1, 3) {
		all = append(all, site{chunk: c, width: 1}, site{chunk: c, width: 2})
	}
	return all
}

// place puts the check where the fields have its mark, and names what it
// covers where that is not all before it.
func (f found) place(fields []field) ([]field, bool) {
	fields = slices.Clone(fields)
	at := slices.IndexFunc(fields, func(x field) bool { return x.token == "" && x.arg == string(mark) })
	if at < 0 {
		return nil, false
	}
	fields[at] = field{token: "check", arg: f.system, chunk: fields[at].chunk}
	if f.zone == zoneBefore {
		return fields, true
	}
	for i := range fields {
		// A name is needed for what is covered, so that it cannot be a literal.
		if x := &fields[i]; i != at && f.zone.covers(fields, i, at) && x.token == "" && !x.separator() {
			if strings.Trim(x.arg, decimals) == "" {
				*x = field{token: "seq", min: len(x.arg), max: len(x.arg), chunk: x.chunk}
			} else {
				*x = field{token: "letters", min: len(x.arg), max: len(x.arg), chunk: x.chunk}
			}
		}
	}
	var zone []string
	for i, name := range names(fields) {
		if i != at && name != "" && f.zone.covers(fields, i, at) {
			zone = append(zone, name)
		}
	}
	fields[at].arg += "(" + strings.Join(zone, ",") + ")"
	return fields, len(zone) > 0
}

// digits reports whether the field is read as digits.
func (f field) digits() bool {
	switch f.token {
	case "seq", "date", "unix", "unixms":
		return true
	case "code":
		return strings.HasPrefix(f.arg, "gb2260")
	case "":
		return f.arg != "" && strings.Trim(f.arg, decimals) == ""
	}
	return false
}

func (f field) separator() bool { return f.token == "" && !strings.ContainsFunc(f.arg, isAlnum) }
