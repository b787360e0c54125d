package main

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// golden is what survives of a customer's records: of each field the value
// of the first source that has one, in the order of precedence.
type golden struct {
	kind   string
	fields map[string]string
}

// bookkeeping are the roles that speak of a record, not of the customer.
var bookkeeping = []string{"modified", "created", "deleted", "merged_into", "canonical_id"}

// exportCustomers writes one row per live customer. The customers are
// gathered in memory: their records lie in as many places as there are
// sources.
func (e *env) exportCustomers(ctx context.Context, snap *crosswalk.Snapshot, w io.Writer) error {
	customers := map[string]*golden{}
	roles := map[string]bool{}
	survivors, err := survivorsOf(ctx, snap)
	if err != nil {
		return err
	}
	kept := false
	progress := e.progress()
	defer progress.Done()
	n := int64(0)
	for l, err := range snap.Links(ctx, crosswalk.Query{Live: true, Fields: true}) {
		if err != nil {
			return err
		}
		if n++; n%50_000 == 0 {
			progress.Tell("gathering customers", n, 0)
		}
		id := cmp.Or(survivors[l.Canonical].canonical, l.Canonical)
		c := customers[id]
		if c == nil {
			c = &golden{kind: l.Kind.String(), fields: map[string]string{}}
			customers[id] = c
		}
		if _, adopted := plan.AdoptedFrom(l); adopted {
			continue // its record is told by the ID in whose place it came
		}
		kept = kept || len(l.Fields) > 0
		for role, values := range fieldsOf(l) {
			if len(values) > 0 && c.fields[role] == "" && !slices.Contains(bookkeeping, role) {
				c.fields[role] = values[0]
				roles[role] = true
			}
		}
	}
	if len(customers) > 0 && !kept {
		return usage("--customers needs fields, and the crosswalk keeps none (privacy.keep)")
	}
	names := slices.Sorted(maps.Keys(roles))
	rows := rowWriter(w, e.common.format, append([]string{"canonical_id", "kind"}, names...))
	for _, id := range slices.Sorted(maps.Keys(customers)) {
		c := customers[id]
		row := []string{id, c.kind}
		for _, role := range names {
			row = append(row, c.fields[role])
		}
		if err := rows.write(row); err != nil {
			return err
		}
	}
	return rows.end()
}
