package rewrite

import (
	"fmt"
	"slices"
)

// compareAfter tells what a rewrite should not have changed, of a survey before
// and one after it: as many rows, none that lost its answer, no new orphans.
// Others may have written meanwhile, so it tells and does not judge.
func compareAfter(before, after *Surveyed) []Obstacle {
	var found []Obstacle
	tell := func(code, hint, format string, args ...any) {
		found = append(found, Obstacle{Code: code, Severity: Note.String(), Detail: fmt.Sprintf(format, args...), Hint: hint})
	}
	if before.Rows != after.Rows {
		tell("count_changed", "somebody else writes to the table; a new dry run tells where it stands",
			"%s has %s, there were %d before", after.Name, number(after.Rows, "row", "rows"), before.Rows)
	}
	if after.Resolvable < before.Resolvable && after.Rows >= before.Rows {
		tell("reference_lost", "compare these rows with the journal, or take the run back with --undo",
			"%s of %s referred to a customer before and do not any more", number(before.Resolvable-after.Resolvable, "row", "rows"), after.Name)
	}
	var fresh examples
	if len(before.Missing) < keptOrphans {
		for _, o := range after.Missing {
			if !slices.ContainsFunc(before.Missing, func(b Orphan) bool { return b.Key == o.Key }) {
				fresh.add(func() string { return fmt.Sprintf("%s (%s): %s", o.Key, o.Child, o.Reason) })
			}
		}
	}
	if fresh.rows > 0 || after.Orphans > before.Orphans {
		tell("orphans_new", "they came after the dry run, or were changed by others; a new dry run lists them",
			"%s has %s without an answer, there were %d before: %s", after.Name, number(after.Orphans, "row", "rows"), before.Orphans, fresh.String())
	}
	return found
}
