package crosswalk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Merged yields the canonical IDs that mean another number now, in their
// order. Links keep the number that they were given; this says what it
// means.
func (v *Snapshot) Merged(ctx context.Context) iter.Seq2[Number, error] {
	return func(yield func(Number, error) bool) {
		for after, more := "", true; more; {
			var rows []numberRow
			err := v.use(func() error {
				query := selectNumber + fmt.Sprintf("state = %d AND canonical > ? ORDER BY canonical LIMIT %d", Merged, pageRows)
				return v.tx.SelectContext(ctx, &rows, v.store.sql(query), after)
			})
			if err != nil {
				yield(Number{}, v.store.fail("read the merged numbers", err))
				return
			}
			for i := range rows {
				if !yield(rows[i].number(), nil) {
					return
				}
				after = rows[i].Canonical
			}
			more = len(rows) == pageRows
		}
	}
}

// NumbersOf is [Snapshot.Number] for many canonical IDs at once: what is noted
// about those of them that are not simply the ID of an ordinary customer, in
// their order.
func (v *Snapshot) NumbersOf(ctx context.Context, ids []string) ([]Number, error) {
	return v.numbersBy(ctx, "canonical", ids)
}

// MergedInto returns the canonical IDs that mean one of survivors now, in
// their order.
func (v *Snapshot) MergedInto(ctx context.Context, survivors []string) ([]Number, error) {
	return v.numbersBy(ctx, "survivor", survivors)
}

func (v *Snapshot) numbersBy(ctx context.Context, column string, ids []string) ([]Number, error) {
	var numbers []Number
	for in, args := range inLists(ids) {
		var rows []numberRow
		err := v.use(func() error {
			return v.tx.SelectContext(ctx, &rows, v.store.sql(selectNumber+column+in), args...)
		})
		if err != nil {
			return nil, v.store.fail("look up canonical IDs", err)
		}
		for i := range rows {
			numbers = append(numbers, rows[i].number())
		}
	}
	slices.SortFunc(numbers, func(a, b Number) int { return strings.Compare(a.Canonical, b.Canonical) })
	return numbers, nil
}
