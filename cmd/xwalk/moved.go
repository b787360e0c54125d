package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/cmd/xwalk/internal/config"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/report"
	"github.com/xwalk-id/xwalk/rules"
)

// movedSince tells which sources have moved on since a plan was saved: it makes
// the plan anew on the state that it was made on.
func (e *env) movedSince(ctx context.Context, f *config.File, rs *rules.Ruleset, snap *crosswalk.Snapshot, saved *plan.Plan) (map[string]plan.Moved, error) {
	o := &buildOptions{redecide: saved.Kind == "redecide"}
	if err := o.allow.Set(strings.Join(guards, ",")); err != nil {
		return nil, err
	}
	now, err := e.build(ctx, f, rs, snap, nil, o)
	if err != nil {
		return nil, err
	}
	return plan.MovedSince(saved, now)
}

// standStill refuses a saved plan when its sources have moved on, or when that
// cannot be told.
func (e *env) standStill(ctx context.Context, f *config.File, rs *rules.Ruleset, saved *plan.Plan) error {
	snap, done, err := e.openOrNone(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	moved, err := e.movedSince(ctx, f, rs, snap, saved)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	why := ""
	switch {
	case err != nil:
		return errors.Join(&migrate.StaleError{Why: "--strict cannot tell whether the sources have moved on"}, err)
	case len(moved) > 0:
		why = movedText(moved)
	default:
		return nil
	}
	return &migrate.StaleError{Why: why}
}

// tellMoved adds to a report which sources have moved on since its plan was
// saved.
func (e *env) tellMoved(ctx context.Context, f *config.File, rs *rules.Ruleset, saved *plan.Plan, run int64, r *report.Run) error {
	dsn, err := f.Crosswalk()
	if err != nil {
		return err
	}
	store, err := crosswalk.OpenReadOnly(ctx, dsn, crosswalk.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	snap, err := store.SnapshotAt(ctx, run-1)
	if err != nil {
		return err
	}
	defer func() { _ = snap.Close() }()
	moved, err := e.movedSince(ctx, f, rs, snap, saved)
	if err != nil { // the plan is carried out, whatever the sources are like
		r.Notes = append(r.Notes, fmt.Sprintf("whether the sources have moved on since the plan was made cannot be told: %v", err))
		return ctx.Err()
	}
	r.Facts = append(r.Facts, report.Fact{Key: "moved", Value: moved})
	if len(moved) > 0 {
		r.Notes = append(r.Notes, movedText(moved)+"; the next run takes them")
	}
	return nil
}

// movedText is what has moved on, in words.
func movedText(moved map[string]plan.Moved) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(moved)) {
		m := moved[name]
		all := count(m.New+m.Changed+m.Gone, "record of "+name+" has changed", "records of "+name+" have changed")
		parts = append(parts, fmt.Sprintf("%s since the plan was made (%s new, %s changed, %s gone)", all, report.Number(m.New), report.Number(m.Changed), report.Number(m.Gone)))
	}
	return strings.Join(parts, ", ")
}
