package discover

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// Draft is a configuration in the making.
type Draft struct {
	Sources   []*Source // in order of precedence
	Left      []Doubt   // places that are not in it, and why
	Canonical string
	Same      []Line
	Differ    []string
	Alike     bool // records that are alike are joined too
	Guard     Guard
	Variables []Variable
	Dir       string // of the file to be written
	Seen      Rehearsal

	doubts []string // about the sources together
}

// Variable is an environment variable that holds the address of a database.
type Variable struct {
	Name   string
	Value  string // never to be printed
	Masked string
}

// Doubt is something to check. Source is empty where it is about none.
type Doubt struct{ Source, Text string }

// Compose makes a draft of sources. Its file will be in the folder dir.
func Compose(sources []*Source, dir string) *Draft {
	d := &Draft{Sources: slices.Clone(sources), Dir: dir, Guard: usualGuard}
	slices.SortStableFunc(d.Sources, func(a, b *Source) int { return cmp.Compare(b.known(), a.known()) })
	d.Canonical = canonicalScheme(d.Sources)
	d.Same = sameLines(d.Sources)
	d.Differ = differing(d.Same)
	d.Alike = tellable(d.Sources)
	d.nameVariables()
	return d
}

// known is how many values of the fields by which customers are known a
// source has. The parts of a name are one field.
func (s *Source) known() int64 {
	var n int64
	for _, f := range s.Fields {
		if identifying[f.Role] && (f.Role != "given_name" || s.Field("family_name") == nil) {
			for _, fc := range f.Columns {
				c := s.column(fc.Name)
				n += c.Rows - c.Blank
			}
		}
	}
	return n
}

// Doubts lists what to check, source by source.
func (d *Draft) Doubts() []Doubt {
	var out []Doubt
	for _, s := range d.Sources {
		for _, text := range s.Doubts {
			out = append(out, Doubt{s.Name, text})
		}
	}
	for _, text := range d.doubts {
		out = append(out, Doubt{"", text})
	}
	for _, l := range d.Same {
		if l.Off {
			out = append(out, Doubt{"", "match " + l.String() + ": " + l.Why})
		}
	}
	return append(out, d.Left...)
}

// nameVariables names an environment variable for every address that holds a
// password. The first source of a database gives it its name.
func (d *Draft) nameVariables() {
	byDSN := map[string]string{}
	taken := map[string]bool{}
	for _, s := range d.Sources {
		a, err := splitDSN(s.DSN)
		if s.DSN == "" || s.Variable == "" && err == nil && !a.secret {
			continue
		}
		if s.Variable == "" {
			s.Variable = byDSN[s.DSN]
		}
		if s.Variable == "" {
			s.Variable = variableName(s.Name)
			for taken[s.Variable] {
				s.Variable += "_2"
			}
		}
		if !taken[s.Variable] {
			d.Variables = append(d.Variables, Variable{Name: s.Variable, Value: s.DSN, Masked: masked(s.DSN)})
		}
		taken[s.Variable], byDSN[s.DSN] = true, s.Variable
	}
}

// variableName is SHOP_DSN for shop.
func variableName(source string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return unicode.ToUpper(r)
		}
		return '_'
	}, source)
	if name = strings.Trim(name, "_"); name == "" || name[0] <= '9' {
		name = strings.TrimSuffix("SOURCE_"+name, "_")
	}
	return name + "_DSN"
}

// path is a source's file as the configuration names it: from its own
// folder, unless somebody gave it as an absolute path that lies elsewhere.
func (d *Draft) path(p Place) string {
	dir, err1 := filepath.Abs(d.Dir)
	abs, err2 := filepath.Abs(p.Path)
	rel, err3 := filepath.Rel(dir, abs)
	if err1 != nil || err2 != nil || err3 != nil || filepath.IsAbs(p.Path) && strings.HasPrefix(rel, "..") {
		return p.Path
	}
	return filepath.ToSlash(rel)
}
