package normalize

import (
	"slices"
	"strings"
	"sync"
)

// nicknames are the groups of the nickname table by name, and familyGroups
// those of family names that are written in several ways (萧 and 肖). Groups
// are numbered from 1 in the order of the files, across both.
var nicknames = sync.OnceValue(func() map[string][]uint16 {
	m, _ := nameGroups()
	return m
})

var familyGroups = sync.OnceValue(func() map[string][]uint16 {
	_, m := nameGroups()
	return m
})

var nameGroups = sync.OnceValues(func() (given, family map[string][]uint16) {
	given, family = make(map[string][]uint16, 4096), map[string][]uint16{}
	group := uint16(0)
	add := func(m map[string][]uint16, line string) {
		group++
		for w := range strings.FieldsSeq(line) {
			w = plain(w)
			if g := m[w]; len(g) == 0 || g[len(g)-1] != group {
				m[w] = append(g, group)
			}
		}
	}
	for line := range dataLines(nicknamesData) {
		add(given, line)
	}
	for line := range dataLines(surnamesData) {
		if names, ok := strings.CutPrefix(line, "group "); ok {
			add(family, names)
		}
	}
	return given, family
})

// groupsOf are the groups of a token's spellings, sorted.
func groupsOf(m map[string][]uint16, t *Token) []uint16 {
	groups, shared := m[t.Text], true // with the table, so not ours to change
	for _, s := range t.Also {
		more := m[s]
		if len(more) == 0 {
			continue
		}
		if len(groups) == 0 {
			groups = more
			continue
		}
		if shared {
			groups, shared = slices.Clone(groups), false
		}
		groups = append(groups, more...)
	}
	if !shared {
		slices.Sort(groups)
		groups = slices.Compact(groups)
	}
	return groups
}
