package rewrite

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// lookForParts looks for references to IDs of several parts: by declared keys,
// and columns that are called like the parts.
func (s *search) lookForParts(t *heldTable, rows sampled, sp *space) {
	if sp.own == nil || len(sp.own.Columns) < 2 {
		return
	}
	for _, k := range t.foreign {
		if !sp.refersToOwn(k) {
			continue
		}
		columns := make([]string, len(sp.own.Columns))
		for i, own := range sp.own.Columns {
			columns[i] = k.columns[slices.IndexFunc(k.refers, func(r string) bool { return sameName(t.dialect, r, own) })]
		}
		e := sp.weighParts(t, rows, columns)
		s.add(t, columns, sp, e, declared(e.share()), "")
	}
	if sp.held == t || slices.ContainsFunc(t.foreign, sp.refersToOwn) {
		return
	}
	if e := sp.weighParts(t, rows, sp.own.Columns); e.share() >= likelyShare && e.answered >= fewIDs {
		s.add(t, slices.Clone(sp.own.Columns), sp, e, verdict{2 + e.share(), []string{"name", "values"}}, "")
	}
}

// weighParts weighs the IDs that columns make together.
func (sp *space) weighParts(t *heldTable, rows sampled, columns []string) evidence {
	at := make([]int, len(columns))
	for i, name := range columns {
		var ok bool
		if at[i], ok = t.column(name); !ok {
			return evidence{}
		}
	}
	ids := map[string]int64{}
	parts := make([]string, len(columns))
	for _, row := range rows {
		whole, empty := true, true
		for i, c := range at {
			whole = whole && row[c].Valid
			parts[i] = strings.TrimSpace(row[c].String)
			empty = empty && parts[i] == ""
		}
		if whole && !empty {
			ids[scheme.JoinParts(parts)]++
		}
	}
	return sp.lookUp(ids)
}
