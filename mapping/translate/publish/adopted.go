package publish

import (
	"context"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// Records of a source whose own key was rewritten in place have canonical IDs
// where their own ones stood, all of them or, after an interruption, some. The
// ledger goes on knowing a record by the ID that it had first; the links of the
// adopted IDs have no records of their own.

// adopt reads the IDs that the records of t have by now, by those that they
// had. Memory is about 150 bytes for each.
func (t *target) adopt(ctx context.Context, snap *crosswalk.Snapshot, rewritten map[string]bool) error {
	t.adopted = nil
	if t.no == 0 || !rewritten[t.Source] {
		return nil
	}
	t.adopted = map[string]string{}
	for l, err := range snap.Links(ctx, crosswalk.Query{Sources: []int{t.no}, Fields: true}) {
		if err != nil {
			return err
		}
		if l.State != crosswalk.Live && l.State != crosswalk.Retired { // the record of one that was retired is there
			continue
		}
		olds, _ := plan.AdoptedFrom(l)
		for _, old := range olds {
			t.adopted[old] = l.Verbatim
		}
	}
	return nil
}

// stands reports whether a link of a source whose key was rewritten is of an
// adopted ID.
func (t *target) stands(l *crosswalk.Link) bool {
	if t.adopted == nil {
		return false
	}
	_, adopted := plan.AdoptedFrom(l)
	return adopted
}

// fields reads the fields of the records with the given IDs, and says under
// which ID the source has each of them.
func (t *target) fields(ctx context.Context, verbatims []string) ([]mapping.FieldValue, [][]string, error) {
	ids := make([][]string, len(verbatims))
	for i, v := range verbatims {
		if now, ok := t.adopted[v]; ok {
			v = now
		}
		ids[i] = parts(v, t.Parts)
	}
	values, err := t.Read(ctx, ids)
	if err != nil || t.adopted == nil {
		return values, ids, err
	}
	var again [][]string
	var at []int
	for i, v := range verbatims {
		if _, ok := t.adopted[v]; ok && !values[i].Found {
			again, at = append(again, parts(v, t.Parts)), append(at, i)
		}
	}
	if len(again) == 0 {
		return values, ids, nil
	}
	found, err := t.Read(ctx, again)
	for i := range found {
		values[at[i]], ids[at[i]] = found[i], again[i]
	}
	return values, ids, err
}
