package scheme

import (
	"slices"
	"strings"
)

// spelling says how the IDs of a form are written as keys.
type spelling struct {
	folds bool  // their keys may differ from them
	into  *form // the form that the key has
	from  []int // by element of into: the element whose text it has; own: its own
	old   bool  // an old resident number, of the 20th century
}

// own marks an element of a key whose text is not that of its ID: a literal, or
// a check, which covers the key's spelling and not the ID's.
const own = -1

func folding(sp spelling) bool { return sp.folds }

// owns reports whether f is a form of the scheme.
func (s *Scheme) owns(f *form) bool {
	for i := range s.forms {
		if f == &s.forms[i] {
			return true
		}
	}
	return false
}

// already reports whether an ID that f reads is its own key, where that can be
// told without writing it.
func (sp *spelling) already(f *form, id string, ends *layout) bool {
	if sp.into != f {
		return false
	}
	for i := range f.elements {
		if el := &f.elements[i]; el.spell != nil && (el.same == nil || !el.same(f.part(i, id, ends))) {
			return false
		}
	}
	return true
}

// write is the key of an ID that f reads as ends says. It fails for an old
// resident number whose date the 20th century did not have.
func (sp *spelling) write(f *form, id string, ends *layout) (string, bool) {
	var out layout
	dst := make([]byte, 0, len(id)+8)
	for i := range sp.into.elements {
		el := &sp.into.elements[i]
		from := sp.from[i]
		switch {
		case el.kind == literal:
			dst = append(dst, el.text...)
		case from == own:
			dst = append(dst, make([]byte, el.min)...)
		default:
			text := f.part(from, id, ends)
			if sp.old && el.date != nil {
				dst = append(dst, "19"...)
			}
			if el.spell != nil {
				dst = el.spell(dst, text)
			} else {
				dst = append(dst, text...)
			}
		}
		if len(dst) > maxKey {
			return id, true // no spelling is as long; {any} beside it is
		}
		out[i] = uint8(len(dst))
	}
	for _, c := range sp.into.checks {
		alg := sp.into.elements[c.element].alg
		want := alg.final(zoneOf(c, alg, dst, &out))
		if want[0] == 0 {
			return id, true // the number has no check, so it stays as it is
		}
		copy(dst[int(out[c.element])-alg.width:], want[:alg.width])
	}
	if string(dst) == id {
		return id, true
	}
	key := string(dst)
	return key, !sp.old || sp.into.validAll(key, &out)
}

// keySeparators are the characters that people put between the parts of a number
// or leave out. Others, such as # and @, tell kinds of numbers apart.
const keySeparators = "-. "

// group is forms that are spellings of one another.
type group struct {
	skeleton string
	members  []member
}

type member struct {
	scheme, form int
	f            *form
	old          bool
}

// spellings finds, for each form of each scheme, how its IDs are written as
// keys.
func spellings(schemes []*Scheme) [][]spelling {
	var all, olds []member
	out := make([][]spelling, len(schemes))
	for i, sc := range schemes {
		out[i] = make([]spelling, len(sc.forms))
		for k := range sc.forms {
			m := member{i, k, &sc.forms[k], sc.forms[k].oldResident()}
			if m.old {
				olds = append(olds, m)
			} else {
				all = append(all, m)
			}
		}
	}
	var groups []group
	for _, m := range append(all, olds...) {
		groups = join(groups, m)
	}
	for _, g := range groups {
		into := g.into()
		for _, m := range g.members {
			out[m.scheme][m.form] = m.spelling(into)
		}
	}
	return out
}

// join adds a form to the group that it is a spelling in, or to one of its
// own.
func join(groups []group, m member) []group {
	skeleton := m.f.skeleton()
	if m.old {
		skeleton = strings.Replace(skeleton, oldResidentDate, newResidentDate, 1)
	}
	for i := range groups {
		if g := &groups[i]; g.skeleton == skeleton && g.takes(m) {
			g.members = append(g.members, m)
			return groups
		}
	}
	m.old = false // there is no new form that it could be written in
	return append(groups, group{m.f.skeleton(), []member{m}})
}

// takes reports whether m can be told from every member of the group: a text
// that two forms could read has no one spelling.
func (g *group) takes(m member) bool {
	if m.old && !slices.ContainsFunc(g.members, func(o member) bool { return o.f.newResident() }) {
		return false
	}
	for _, o := range g.members {
		if o.scheme == m.scheme {
			continue // Compile has proved it
		}
		both := &Scheme{forms: []form{*o.f, *m.f}}
		if _, found, done := both.witness(); found || !done {
			return false
		}
	}
	return true
}

// into is the form in which the group's keys are written: the new one of
// resident numbers, else the shortest.
func (g *group) into() *form {
	best := g.members[0].f
	for _, m := range g.members {
		if m.old {
			continue
		}
		if slices.ContainsFunc(g.members, func(o member) bool { return o.old }) {
			if m.f.newResident() {
				return m.f
			}
		} else if m.f.minLen < best.minLen {
			best = m.f
		}
	}
	return best
}

func (m member) spelling(into *form) spelling {
	sp := spelling{into: into, old: m.old, folds: m.f != into}
	var readers []int
	for i, el := range m.f.elements {
		if el.kind == reader {
			readers = append(readers, i)
		}
		sp.folds = sp.folds || el.spell != nil
	}
	for _, el := range into.elements {
		if el.kind != reader {
			sp.from = append(sp.from, own)
			continue
		}
		sp.from = append(sp.from, readers[0])
		readers = readers[1:]
	}
	return sp
}

// skeleton is what a form says of a number: its elements without check
// characters and separators.
func (f *form) skeleton() string {
	var b strings.Builder
	for i := range f.elements {
		switch el := &f.elements[i]; el.kind {
		case checker:
		case literal:
			for _, r := range el.text {
				if !strings.ContainsRune(keySeparators, r) {
					b.WriteRune(r)
				}
			}
		default:
			b.WriteString(el.skeleton())
		}
	}
	return b.String()
}

// skeleton of a token is its component and its width, between characters that
// no ID has. The name tells apart the optional components of {seq}[-{seq:2}][.{seq:2}].
func (el *element) skeleton() string { return "\x00" + el.name + ":" + el.arg + "\x00" }

// Resident numbers of China: region, date of birth and order. The old ones
// have two digits of the year and no check character.
var (
	oldResidentDate = (&element{name: "date", arg: "YYMMDD"}).skeleton()
	newResidentDate = (&element{name: "date", arg: "YYYYMMDD"}).skeleton()
)

func (f *form) oldResident() bool { return f.resident(oldResidentDate) && len(f.elements) == 3 }

func (f *form) newResident() bool {
	return f.resident(newResidentDate) && len(f.elements) == 4 && f.elements[3].kind == checker && f.elements[3].alg.name == "gb11643"
}

func (f *form) resident(date string) bool {
	return len(f.elements) >= 3 && f.elements[0].token == "code" && f.elements[1].skeleton() == date &&
		f.elements[2].token == "seq" && f.elements[2].arg == "3"
}
