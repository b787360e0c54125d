package review

import (
	"context"
	"fmt"
	"strings"
)

// UnknownError names reviews that there are not.
type UnknownError struct {
	IDs []string
	// Plan says that the reviews of a plan were looked through.
	Plan bool
}

func (e *UnknownError) Error() string {
	where := "the crosswalk"
	if e.Plan {
		where = "the plan"
	}
	return fmt.Sprintf("%s has no review %s", where, strings.Join(e.IDs, ", "))
}

// Find returns the reviews with the given IDs, in their order and each once,
// also closed ones; the error is an [*UnknownError] where some are missing.
func (d *Desk) Find(ctx context.Context, ids ...string) ([]*Item, error) {
	var wanted, gone []string
	seen := map[string]bool{}
	for _, asked := range ids {
		id := ParseID(asked)
		if seen[id] {
			continue
		}
		seen[id] = true
		wanted = append(wanted, id)
		if _, open := d.at[id]; !open {
			gone = append(gone, id)
		}
	}
	closed, err := d.closed(ctx, gone)
	if err != nil {
		return nil, err
	}
	var found []*Item
	var unknown []string
	for _, id := range wanted {
		if k, open := d.at[id]; open {
			found = append(found, &d.Items[k])
		} else if i := closed[id]; i != nil {
			found = append(found, i)
		} else {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		return nil, &UnknownError{IDs: unknown, Plan: d.plan != nil}
	}
	return found, nil
}

// closed finds reviews that a run has closed, and those that no run ever
// raised: of a plan, and decided before that was applied.
func (d *Desk) closed(ctx context.Context, ids []string) (map[string]*Item, error) {
	if d.snap == nil || len(ids) == 0 {
		return nil, nil
	}
	reviews, err := d.snap.ReviewsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var items []Item
	stored := map[string]bool{}
	for _, r := range reviews {
		i := d.stored(r)
		i.Group, i.Closed = i.ID, r.UntilRun
		items = append(items, i)
		stored[i.ID] = true
	}
	for _, id := range ids {
		if v, ok := d.answered[id]; ok && !stored[id] {
			items = append(items, Item{
				ID: id, Group: id,
				Left: Side{NamedKey: v.Left, SourceID: v.Left.Key}, Right: Side{NamedKey: v.Right, SourceID: v.Right.Key},
			})
		}
	}
	byID := map[string]*Item{}
	for k := range items {
		byID[items[k].ID] = &items[k]
	}
	return byID, d.fill(ctx, items)
}

// ParseID is a review's ID as it was typed or read from a sheet.
func ParseID(text string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), sheetMark)
}

// sheetMark stands before IDs in sheets: a spreadsheet would take 0012345678
// for a number, and 12345e6789 too.
const sheetMark = "r"

// SheetID is a review's ID as sheets have it; [ParseID] reads it.
func SheetID(id string) string { return sheetMark + id }
