package crosswalk

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
)

// ReviewsOfKeys are the reviews of source IDs, open and closed, each time that
// they were raised, by ID and run.
func (v *Snapshot) ReviewsOfKeys(ctx context.Context, keys []SourceKey) ([]Review, error) {
	type raised struct {
		id  string
		run int64
	}
	found := map[raised]Review{}
	for source, chunk := range keyChunks(keys) {
		for _, side := range [...]string{"left", "right"} {
			args := []any{int64(source)}
			for _, key := range chunk {
				args = append(args, key)
			}
			list, err := v.reviews(ctx, side+"_source = ? AND "+side+"_key IN (?"+strings.Repeat(", ?", len(chunk)-1)+")", args...)
			if err != nil {
				return nil, v.store.fail("look up the reviews of source IDs", err)
			}
			for _, r := range list {
				found[raised{r.ID, r.FromRun}] = r
			}
		}
	}
	reviews := make([]Review, 0, len(found))
	for _, r := range found {
		reviews = append(reviews, r)
	}
	slices.SortFunc(reviews, func(a, b Review) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.FromRun, b.FromRun))
	})
	return reviews, nil
}

// keyChunks cuts source IDs, sorted and each of them once, into lists of at
// most inList keys of one source.
func keyChunks(keys []SourceKey) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		keys = slices.Compact(slices.SortedFunc(slices.Values(keys), SourceKey.Compare))
		for len(keys) > 0 {
			var chunk []string
			source := keys[0].Source
			for len(keys) > 0 && len(chunk) < inList && keys[0].Source == source {
				chunk = append(chunk, keys[0].Key)
				keys = keys[1:]
			}
			if !yield(source, chunk) {
				return
			}
		}
	}
}
