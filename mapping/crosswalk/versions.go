package crosswalk

import (
	"cmp"
	"context"
	"slices"
)

// EverMergedInto lists the canonical IDs that mean one of survivors, or once
// did, in their order.
func (v *Snapshot) EverMergedInto(ctx context.Context, survivors []string) (ids []string, err error) {
	for in, args := range inLists(survivors) {
		args = append(args, v.head.Run)
		for _, table := range [...]string{"number", "number_past"} {
			var found []string
			if err := v.use(func() error {
				return v.tx.SelectContext(ctx, &found, v.store.sql("SELECT canonical FROM @"+table+" WHERE survivor"+in+" AND from_run <= ?"), args...)
			}); err != nil {
				return nil, v.store.fail("look up the past of canonical IDs", err)
			}
			ids = append(ids, found...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// ReviewVersions returns the reviews that were ever raised about the given
// source IDs, open or closed, without when they were closed, in the order of
// (review, FromRun).
func (v *Snapshot) ReviewVersions(ctx context.Context, keys []SourceKey) ([]Review, error) {
	asked := make(map[SourceKey]bool, len(keys))
	ids := make([]string, len(keys))
	for i, k := range keys {
		asked[k], ids[i] = true, k.Key
	}
	var reviews []Review
	for in, args := range inLists(ids) {
		found, err := v.reviews(ctx, "(left_key"+in+" OR right_key"+in+")", slices.Concat(args, args)...)
		if err != nil {
			return nil, v.store.fail("look up reviews", err)
		}
		reviews = append(reviews, found...)
	}
	slices.SortFunc(reviews, func(a, b Review) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.FromRun, b.FromRun)) })
	reviews = slices.DeleteFunc(reviews, func(r Review) bool { return !asked[r.Left] && !asked[r.Right] })
	return slices.Compact(reviews), nil
}

// DecisionsOn returns what was ever decided about the given source IDs, oldest
// first.
func (v *Snapshot) DecisionsOn(ctx context.Context, keys []NamedKey) ([]Decision, error) {
	asked := make(map[NamedKey]bool, len(keys))
	ids := make([]string, len(keys))
	for i, k := range keys {
		asked[k], ids[i] = true, k.Key
	}
	var log []Decision
	for in, args := range inLists(ids) {
		where, all := "(left_key"+in+" OR right_key"+in+")", slices.Concat(args, args)
		if v.past {
			where, all = where+" AND decision_no <= ?", append(all, v.decided)
		}
		if err := v.use(func() error {
			found, err := v.store.decisions(ctx, v.tx, where, all...)
			log = append(log, found...)
			return err
		}); err != nil {
			return nil, v.store.fail("look up decisions", err)
		}
	}
	slices.SortFunc(log, func(a, b Decision) int { return cmp.Compare(a.No, b.No) })
	log = slices.DeleteFunc(log, func(d Decision) bool { return !asked[d.Left] && !asked[d.Right] })
	return slices.Compact(log), nil
}

// VerdictRuns says which run recorded each of the decisions with the given
// numbers; those that people gave without a run are left out.
func (v *Snapshot) VerdictRuns(ctx context.Context, decisions []int64) (map[int64]int64, error) {
	by := map[int64]int64{}
	if len(decisions) == 0 {
		return by, nil
	}
	wanted := map[int64]bool{}
	for _, no := range decisions {
		wanted[no] = true
	}
	oldest := slices.Min(decisions)
	err := v.use(func() error {
		return v.walkBack(ctx, "verdicts", func(run int64, did *effects) bool {
			for _, no := range did.Verdicts {
				if wanted[no] {
					by[no] = run
				}
			}
			return len(by) == len(wanted) || len(did.Verdicts) > 0 && slices.Max(did.Verdicts) < oldest
		})
	})
	return by, v.store.fail("read the runs", err)
}

// DecidedBefore says, for each of the runs, the number of the last decision
// that it knew of; 0 is none.
func (v *Snapshot) DecidedBefore(ctx context.Context, runs []int64) (map[int64]int64, error) {
	before := map[int64]int64{}
	for in, args := range inLists(runs) {
		if err := v.use(func() error { return v.decidedBefore(ctx, before, in, args) }); err != nil {
			return nil, v.store.fail("read the runs", err)
		}
	}
	return before, nil
}

func (v *Snapshot) decidedBefore(ctx context.Context, before map[int64]int64, in string, args []any) error {
	var rows []struct {
		No      int64  `db:"run_no"`
		Effects string `db:"effects"`
	}
	if err := v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT run_no, effects FROM @run WHERE run_no"+in), args...); err != nil {
		return err
	}
	digests := map[int64]string{}
	var all []string
	for _, row := range rows {
		did, err := parseEffects(row.No, row.Effects)
		if err != nil {
			return err
		}
		if did.Decided != "" {
			digests[row.No] = did.Decided
			all = append(all, did.Decided)
		}
	}
	byDigest := map[string]int64{}
	for in, args := range inLists(all) {
		var found []struct {
			No     int64  `db:"decision_no"`
			Digest string `db:"digest"`
		}
		if err := v.tx.SelectContext(ctx, &found, v.store.sql("SELECT decision_no, digest FROM @decision WHERE digest"+in), args...); err != nil {
			return err
		}
		for _, d := range found {
			byDigest[d.Digest] = d.No
		}
	}
	for run, digest := range digests {
		before[run] = byDigest[digest]
	}
	return nil
}

// ErasedAs returns what was forgotten of the given canonical IDs, without the
// keys, which nobody knows any more. None of ids may be empty.
func (v *Snapshot) ErasedAs(ctx context.Context, ids []string) ([]Erased, error) {
	var all []Erased
	for in, args := range inLists(ids) {
		rows, _, err := v.erased(ctx, "canonical"+in, args...)
		if err != nil {
			return nil, v.store.fail("look up who was erased", err)
		}
		for _, r := range rows {
			all = append(all, Erased{r.Source, r.Canonical, r.Run})
		}
	}
	slices.SortFunc(all, func(a, b Erased) int {
		return cmp.Or(cmp.Compare(a.Run, b.Run), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Canonical, b.Canonical))
	})
	return all, nil
}
