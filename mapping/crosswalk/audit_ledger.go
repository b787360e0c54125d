package crosswalk

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
)

// publications compares the ledger with its checksums, its runs and sources.
// No digest covers what became of its entries, for they are settled while
// other runs come and go.
func (a *auditor) publications(ctx context.Context) error {
	if a.store.tables < ledgerVersion {
		return nil
	}
	there := map[int64]int64{}
	var buf []byte
	if err := queryRaw(ctx, a.q, a.store.sql("SELECT "+publicationList+" FROM @publication"), nil, func(cells []driver.Value) error {
		a.looked()
		p, sum, err := publicationOf(cells)
		place := a.place(p.Source, []byte(p.Key))
		buf = appendPublication(buf[:0], &p)
		_, known := a.names[p.Source]
		writing := a.open != nil && p.Run == a.open.No
		switch {
		case err != nil:
			a.breach(3, publicationTable, place, p.Run, "it cannot be read: %v", err)
		case rowSum(buf, p.Run) != sum:
			a.breach(3, publicationTable, place, p.Run, "it is not what was written")
		case !known:
			a.breach(3, publicationTable, place, p.Run, "there is no such source")
		case !writing && a.did.published[p.Run] == 0:
			a.breach(3, publicationTable, place, p.Run, "run %d published nothing", p.Run)
		case writing && p.State != Intended:
			a.breach(8, publicationTable, place, p.Run, "it is %s, and run %d is not published", p.State, p.Run)
		}
		there[p.Run]++
		return nil
	}); err != nil {
		return err
	}
	for _, run := range slices.Sorted(maps.Keys(a.did.published)) {
		if want := a.did.published[run]; there[run] != want {
			a.breach(3, publicationTable, fmt.Sprintf("run %d", run), run, "it has %d entries in the ledger, and wrote %d", there[run], want)
		}
	}
	return nil
}
