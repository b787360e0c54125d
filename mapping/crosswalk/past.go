package crosswalk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// loadPast reads what only a view of the past needs to know of its run.
func (v *Snapshot) loadPast(ctx context.Context) error {
	if v.head.Run == 0 {
		return nil
	}
	var row struct {
		Environment string `db:"environment"`
		Effects     string `db:"effects"`
	}
	s := v.store
	if err := v.tx.GetContext(ctx, &row, s.sql("SELECT environment, effects FROM @run WHERE run_no = ?"), v.head.Run); err != nil {
		return fmt.Errorf("run %d: %w", v.head.Run, err)
	}
	did, err := parseEffects(v.head.Run, row.Effects)
	if err != nil {
		return err
	}
	// Once the crosswalk belongs to an environment, all runs are of that one.
	v.head.Environment = row.Environment
	if did.Decided == "" {
		return nil
	}
	if err := v.tx.GetContext(ctx, &v.decided, s.sql("SELECT decision_no FROM @decision WHERE digest = ?"), did.Decided); err != nil {
		return fmt.Errorf("the last decision that run %d knew of: %w", v.head.Run, err)
	}
	return nil
}

// parseEffects reads what a run keeps of its effects.
func parseEffects(run int64, text string) (*effects, error) {
	var did effects
	if err := json.Unmarshal([]byte(text), &did); err != nil {
		return nil, fmt.Errorf("run %d: %w", run, err)
	}
	return &did, nil
}

// effectRuns is how many runs are looked at together on the way back.
const effectRuns = 512

// walkBack calls fn with the effects of the runs of a view, the newest first,
// until fn has enough. Only those are looked at whose effects have the given
// member, or have it in some text.
func (v *Snapshot) walkBack(ctx context.Context, member string, fn func(run int64, did *effects) (enough bool)) error {
	for next := v.head.Run; ; {
		var rows []struct {
			No      int64  `db:"run_no"`
			Effects string `db:"effects"`
		}
		if err := v.tx.SelectContext(ctx, &rows, v.store.sql(fmt.Sprintf("SELECT run_no, effects FROM @run WHERE run_no <= ? AND effects LIKE ? "+
			"ORDER BY run_no DESC LIMIT %d", effectRuns)), next, `%"`+member+`":%`); err != nil {
			return err
		}
		for _, row := range rows {
			did, err := parseEffects(row.No, row.Effects)
			if err != nil {
				return err
			}
			if fn(row.No, did) {
				return nil
			}
			next = row.No - 1
		}
		if len(rows) < effectRuns {
			return nil
		}
	}
}

// pastSources are the sources as the runs of a view left them; now are those
// of the present.
func (v *Snapshot) pastSources(ctx context.Context, now []Source) ([]Source, error) {
	known := map[int]Source{}
	if err := v.walkBack(ctx, "sources", func(_ int64, did *effects) bool {
		for _, src := range did.Sources {
			if _, newer := known[src.No]; !newer {
				known[src.No] = src
			}
		}
		return len(known) == len(now)
	}); err != nil {
		return nil, err
	}
	marks, seen := map[int]string{}, map[int]int64{}
	if err := v.walkBack(ctx, "marks", func(_ int64, did *effects) bool {
		for no, mark := range did.Marks {
			if _, newer := marks[no]; !newer {
				marks[no] = mark
			}
		}
		return len(marks) == len(known)
	}); err != nil {
		return nil, err
	}
	for _, src := range now {
		if _, existed := known[src.No]; existed && src.SeenRun <= v.head.Run {
			seen[src.No] = src.SeenRun // nothing changed it since
		}
	}
	if len(seen) < len(known) {
		if err := v.walkBack(ctx, "full", func(run int64, did *effects) bool {
			for _, no := range did.Full {
				if _, newer := seen[no]; !newer {
					seen[no] = run
				}
			}
			return len(seen) == len(known)
		}); err != nil {
			return nil, err
		}
	}
	sources := make([]Source, 0, len(known))
	for _, no := range slices.Sorted(maps.Keys(known)) {
		src := known[no]
		src.Mark, src.SeenRun = marks[no], seen[no]
		sources = append(sources, src)
	}
	return sources, nil
}

// pastCounters are the counters as the runs of a view left them.
func (v *Snapshot) pastCounters(ctx context.Context) (map[string]uint64, error) {
	all, err := v.store.counters(ctx, v.tx)
	if err != nil {
		return nil, err
	}
	counters := map[string]uint64{}
	return counters, v.walkBack(ctx, "counters", func(_ int64, did *effects) bool {
		for prefix, last := range did.Counters {
			if _, newer := counters[prefix]; !newer {
				counters[prefix] = last
			}
		}
		return len(counters) == len(all)
	})
}
