package main

import (
	"context"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// tellErased corrects those of the answers, by their places, that found
// nothing because the source ID was erased: it is gone.
func (f *finder) tellErased(ctx context.Context, answers []answer, lost []int) error {
	if len(lost) == 0 {
		return nil
	}
	for _, s := range f.spaces {
		forgotten, err := plan.LoadForgotten(ctx, f.snap, s.no)
		if err != nil {
			return err
		}
		for _, at := range lost {
			a := &answers[at]
			for _, id := range [...]string{a.Asked, strings.TrimPrefix(a.Asked, f.names[s.no]+":")} {
				key, _ := s.keys.Key(id) // where it has none, it may have had one
				if e, erased := forgotten.Find(key, id); erased && a.Status != statusGone {
					a.Source, a.CanonicalID, a.Status = f.names[s.no], e.Canonical, statusGone
				}
			}
		}
	}
	return nil
}

// wasErased reports whether answers are about somebody who was erased: gone,
// with a number that an erase ended, or with none.
func (f *finder) wasErased(ctx context.Context, answers []answer) (bool, error) {
	var numbers []string
	for _, a := range answers {
		if a.Status != statusGone {
			return false, nil
		}
		if a.CanonicalID != "" {
			numbers = append(numbers, a.CanonicalID)
		}
	}
	noted, err := f.snap.NumbersOf(ctx, numbers)
	if err != nil {
		return false, err
	}
	var ended []int64
	for _, n := range noted {
		if n.State == crosswalk.Gone {
			ended = append(ended, n.FromRun)
		}
	}
	runs, err := f.snap.RunsOf(ctx, ended)
	if err != nil || len(ended) < len(numbers) {
		return false, err
	}
	return !slices.ContainsFunc(runs, func(r crosswalk.RunInfo) bool { return r.Kind != plan.KindErase }), nil
}
