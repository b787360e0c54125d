package crosswalk

import (
	"testing"
)

// TestTrail follows a thing through undoing: which version is that of a run,
// and what was there before it.
func TestTrail(t *testing.T) {
	t.Parallel()
	const none = -2 // it is not the run's
	for name, tc := range map[string]struct {
		undone Undone
		runs   []int64
		run    int64
		before int  // by the newest version
		under  bool // others changed it since
	}{
		"made by the run":                   {nil, []int64{3}, 3, -1, false},
		"changed by the run":                {nil, []int64{1, 3}, 3, 0, false},
		"changed since":                     {nil, []int64{1, 3}, 1, none, true},
		"changed since, and that undone":    {Undone{4: 3}, []int64{1, 3, 4}, 1, -1, false},
		"undone":                            {Undone{4: 3}, []int64{1, 3, 4}, 3, none, false},
		"the undo":                          {Undone{4: 3}, []int64{1, 3, 4}, 4, 1, false},
		"redone":                            {Undone{4: 3, 5: 4}, []int64{1, 3, 4, 5}, 3, 0, false},
		"redone and undone":                 {Undone{4: 3, 5: 4, 6: 3}, []int64{1, 3, 4, 5, 6}, 1, -1, false},
		"undone, then changed":              {Undone{4: 3}, []int64{1, 3, 4, 6}, 3, none, false},
		"undone, then changed: the undo":    {Undone{4: 3}, []int64{1, 3, 4, 6}, 4, none, true},
		"undone, changed, and that undone":  {Undone{4: 3, 7: 6}, []int64{1, 3, 4, 6, 7}, 4, 1, false},
		"all undone":                        {Undone{4: 3, 5: 1}, []int64{1, 3, 4, 5}, 1, none, false},
		"made, undone, and made again":      {Undone{2: 1}, []int64{1, 2, 3}, 3, 1, false},
		"made again: the first time":        {Undone{2: 1}, []int64{1, 2, 3}, 1, none, false},
		"the run left it alone":             {nil, []int64{1, 3}, 2, none, false},
		"an undo that did not concern it":   {Undone{4: 2}, []int64{1, 4}, 1, none, true},
		"several ways back, the newest one": {Undone{3: 2, 5: 4}, []int64{1, 2, 3, 4, 5}, 1, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trail, last := tc.undone.Trail(tc.runs), len(tc.runs)-1
			before, ok := trail.Before(last, tc.run)
			if !ok {
				before = none
			}
			if before != tc.before {
				t.Errorf("before run %d it was version %d, want %d", tc.run, before, tc.before)
			}
			if under := !ok && trail.Under(last, tc.run); under != tc.under {
				t.Errorf("changed since run %d: %v, want %v", tc.run, under, tc.under)
			}
		})
	}
}
