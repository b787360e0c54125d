package crosswalk

import (
	"cmp"
	"context"
	"slices"
)

// History returns the links of canonical IDs with all that they were before:
// links are those that stand at the head, in whatever state, in the order of
// (source, key), with Fields; past are the versions that later runs
// superseded, in the order of (source, key, FromRun). None of ids may be
// empty.
func (v *Snapshot) History(ctx context.Context, ids []string) (links, past []Link, err error) {
	for in, args := range inLists(ids) {
		if err := v.atHead(ctx, &linkRead{where: "canonical" + in, args: args, fields: true}, &links); err != nil {
			return nil, nil, v.store.fail("look up canonical IDs", err)
		}
		if err := v.readLinks(ctx, &linkRead{past: true, ended: true, where: "canonical" + in, args: args}, &past); err != nil {
			return nil, nil, v.store.fail("look up the past of canonical IDs", err)
		}
	}
	sortLinks(links)
	slices.SortFunc(past, func(a, b Link) int {
		return cmp.Or(a.ID().Compare(b.ID()), cmp.Compare(a.FromRun, b.FromRun))
	})
	return links, past, nil
}

// IssuedIn is the run that issued each canonical ID, also of those that no
// live link has; unknown ones are left out. None of ids may be empty.
func (v *Snapshot) IssuedIn(ctx context.Context, ids []string) (map[string]int64, error) {
	issued := make(map[string]int64, len(ids))
	for in, args := range inLists(ids) {
		args = append(args, v.head.Run)
		for _, table := range [...]string{"link", "link_past"} {
			var rows []struct {
				Canonical string `db:"canonical"`
				Run       int64  `db:"run"`
			}
			if err := v.use(func() error {
				return v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT canonical, MIN(COALESCE(since_run, from_run)) AS run FROM @"+table+
					" WHERE canonical"+in+" AND from_run <= ? GROUP BY canonical"), args...)
			}); err != nil {
				return nil, v.store.fail("look up when canonical IDs were issued", err)
			}
			for _, r := range rows {
				if was, known := issued[r.Canonical]; !known || r.Run < was {
					issued[r.Canonical] = r.Run
				}
			}
		}
	}
	return issued, nil
}

// RunsOf returns the published runs with the given numbers, oldest first.
func (v *Snapshot) RunsOf(ctx context.Context, numbers []int64) (runs []RunInfo, err error) {
	for in, args := range inLists(numbers) {
		err := v.use(func() error {
			more, err := v.runs(ctx, "run_no"+in+" AND run_no <= ?", append(args, v.head.Run)...)
			runs = append(runs, more...)
			return err
		})
		if err != nil {
			return nil, v.store.fail("read the runs", err)
		}
	}
	return runs, nil
}
