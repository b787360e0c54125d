package crosswalk

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
)

// Undone says, by the number of a run that undid another one, which one.
type Undone map[int64]int64

// Undone lists the runs that undid others.
func (v *Snapshot) Undone(ctx context.Context) (Undone, error) {
	undone := Undone{}
	err := v.use(func() error {
		return v.walkBack(ctx, "undid", func(run int64, did *effects) bool {
			if did.Undid > 0 {
				undone[run] = did.Undid
			}
			return false
		})
	})
	return undone, v.store.fail("read the runs", err)
}

// Adopted are the names of the sources whose own key was rewritten in place,
// also where that was undone.
func (v *Snapshot) Adopted(ctx context.Context) (map[string]bool, error) {
	names := map[string]bool{}
	err := v.use(func() error {
		return v.walkBack(ctx, "adopted", func(_ int64, did *effects) bool {
			for _, name := range did.Adopted {
				names[name] = true
			}
			return false
		})
	})
	return names, v.store.fail("read the runs", err)
}

// Trail is the history of one thing, be it a link, a number or a verdict: the
// runs that wrote its versions, oldest first. A run that undid another one
// brought an earlier version back, so a later one may say what an early one
// said.
type Trail struct {
	runs []int64
	from []int // the version that each repeats: itself, an earlier one, or -1 for that there was none
}

// Trail follows the versions that the given runs wrote, oldest first.
func (u Undone) Trail(runs []int64) Trail {
	t := Trail{runs: runs, from: make([]int, len(runs))}
	for i, run := range runs {
		t.from[i] = i
		if target, undid := u[run]; undid {
			if before, ok := t.Before(i-1, target); ok {
				t.from[i] = before
			}
		}
	}
	return t
}

// Before reports whether version i is what a run made of the thing, and which
// version was there before that; -1 is that there was none. A version that an
// undoing brought back is still that of the run that made it first.
func (t Trail) Before(i int, run int64) (before int, ok bool) {
	for i >= 0 {
		if t.runs[i] == run {
			return i - 1, true
		}
		if t.from[i] == i {
			break
		}
		i = t.from[i]
	}
	return 0, false
}

// Origin is the version that version i repeats, i itself unless an undoing
// brought an earlier one back; -1 is that there was none.
func (t Trail) Origin(i int) int {
	for i >= 0 && t.from[i] != i {
		i = t.from[i]
	}
	return i
}

// Under reports whether what a run made of the thing lies under version i:
// others changed it since, and nobody undid the run.
func (t Trail) Under(i int, run int64) bool {
	for {
		if i = t.Origin(i) - 1; i < 0 {
			return false
		}
		if _, ok := t.Before(i, run); ok {
			return true
		}
	}
}

// Superseded yields the versions of links that a run wrote and later ones
// superseded, in the order of (source, key), without Match and Fields. The
// link that is yielded is only good until the next step; its strings stay.
func (v *Snapshot) Superseded(ctx context.Context, run int64) iter.Seq2[*Link, error] {
	return v.ended(ctx, "from_run = ?", run)
}

// EndedBy yields the versions of links that a run superseded, as
// [Snapshot.Superseded] does.
func (v *Snapshot) EndedBy(ctx context.Context, run int64) iter.Seq2[*Link, error] {
	return v.ended(ctx, "until_run = ?", run)
}

func (v *Snapshot) ended(ctx context.Context, where string, run int64) iter.Seq2[*Link, error] {
	return func(yield func(*Link, error) bool) {
		sources, err := v.Sources(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		var page []Link
		for _, src := range sources {
			for after, more := "", true; more; {
				page = page[:0]
				if err := v.readLinks(ctx, &linkRead{
					past: true, ended: true, where: "source_no = ? AND id_key > ? AND " + where, args: []any{int64(src.No), after, run}, limit: pageRows,
				}, &page); err != nil {
					yield(nil, v.store.fail("read the past of links", err))
					return
				}
				for i := range page {
					if !yield(&page[i], nil) {
						return
					}
				}
				if more = len(page) == pageRows; more {
					after = page[len(page)-1].Key
				}
			}
		}
	}
}

// Versions returns all that source IDs ever were, in the order of (source,
// key, FromRun), without Match and Fields.
func (v *Snapshot) Versions(ctx context.Context, keys []SourceKey) ([]Link, error) {
	var links []Link
	for read := range readsOf(keys) {
		err := v.atHead(ctx, read, &links)
		if err == nil {
			read.past, read.ended = true, true
			err = v.readLinks(ctx, read, &links)
		}
		if err != nil {
			return nil, v.store.fail("look up the past of source IDs", err)
		}
	}
	sortVersions(links)
	return links, nil
}

// PastOf returns the versions of the links of the given source IDs that
// published runs superseded, in the order of (source, key, FromRun), with
// Match and Fields.
func (v *Snapshot) PastOf(ctx context.Context, keys []SourceKey) ([]Link, error) {
	var links []Link
	for read := range readsOf(keys) {
		read.past, read.ended, read.match, read.fields = true, true, true, true
		if err := v.readLinks(ctx, read, &links); err != nil {
			return nil, v.store.fail("look up the past of source IDs", err)
		}
	}
	sortVersions(links)
	return links, nil
}

// readsOf are questions for the links of source IDs.
func readsOf(keys []SourceKey) iter.Seq[*linkRead] {
	return func(yield func(*linkRead) bool) {
		for source, chunk := range keyChunks(keys) {
			args := []any{int64(source)}
			for _, key := range chunk {
				args = append(args, key)
			}
			if !yield(&linkRead{where: "source_no = ? AND id_key IN (?" + strings.Repeat(", ?", len(chunk)-1) + ")", args: args}) {
				return
			}
		}
	}
}

func sortVersions(links []Link) {
	slices.SortFunc(links, func(a, b Link) int {
		return cmp.Or(a.ID().Compare(b.ID()), cmp.Compare(a.FromRun, b.FromRun))
	})
}

// NumbersOfRun lists the canonical IDs of which a run noted something, in
// their order.
func (v *Snapshot) NumbersOfRun(ctx context.Context, run int64) (ids []string, err error) {
	for _, table := range [...]string{"number", "number_past"} {
		var found []string
		if err := v.use(func() error {
			return v.tx.SelectContext(ctx, &found, v.store.sql("SELECT canonical FROM @"+table+" WHERE from_run = ?"), run)
		}); err != nil {
			return nil, v.store.fail("read the numbers of a run", err)
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// NumberNotes returns all that was ever noted of canonical IDs, in the
// order of (Canonical, FromRun).
func (v *Snapshot) NumberNotes(ctx context.Context, ids []string) ([]Number, error) {
	versions, err := v.NumbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for in, args := range inLists(ids) {
		var rows []numberRow
		if err := v.use(func() error {
			return v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT "+numberColumns+" FROM @number_past WHERE canonical"+in+" AND until_run <= ?"), append(args, v.head.Run)...)
		}); err != nil {
			return nil, v.store.fail("look up the past of canonical IDs", err)
		}
		for i := range rows {
			versions = append(versions, rows[i].number())
		}
	}
	slices.SortFunc(versions, func(a, b Number) int {
		return cmp.Or(strings.Compare(a.Canonical, b.Canonical), cmp.Compare(a.FromRun, b.FromRun))
	})
	return versions, nil
}

// MeansSince says of merged numbers since which run each means its survivor,
// where that is another than FromRun: an undoing only brought back what it had
// meant before.
func (v *Snapshot) MeansSince(ctx context.Context, merged []Number) (map[string]int64, error) {
	undone, err := v.Undone(ctx)
	if err != nil || len(undone) == 0 {
		return nil, err
	}
	var ids []string
	for i := range merged {
		if undone[merged[i].FromRun] > 0 {
			ids = append(ids, merged[i].Canonical)
		}
	}
	versions, err := v.NumberNotes(ctx, ids)
	if err != nil {
		return nil, err
	}
	since := map[string]int64{}
	for len(versions) > 0 {
		n := 1
		for n < len(versions) && versions[n].Canonical == versions[0].Canonical {
			n++
		}
		runs := make([]int64, n)
		for i := range runs {
			runs[i] = versions[i].FromRun
		}
		t, i := undone.Trail(runs), n-1
		for i > 0 && t.from[i] >= 0 && t.from[i] < i && versions[i].State == versions[t.from[i]].State && versions[i].Survivor == versions[t.from[i]].Survivor {
			i = t.from[i]
		}
		since[versions[0].Canonical] = runs[i]
		versions = versions[n:]
	}
	return since, nil
}

// ReviewsOfRun returns, of every review that a run raised or closed, all the
// times that it was raised, in the order of (ID, FromRun).
func (v *Snapshot) ReviewsOfRun(ctx context.Context, run int64) ([]Review, error) {
	touched, err := v.reviews(ctx, "(from_run = ? OR until_run = ?) ORDER BY review", run, run)
	if err != nil {
		return nil, v.store.fail("read the reviews of a run", err)
	}
	ids := make([]string, len(touched))
	for i := range touched {
		ids[i] = touched[i].ID
	}
	var raised []Review
	for in, args := range inLists(ids) {
		found, err := v.reviews(ctx, "review"+in+" ORDER BY review, from_run", args...)
		if err != nil {
			return nil, v.store.fail("look up reviews", err)
		}
		raised = append(raised, found...)
	}
	return raised, nil
}

// Again opens another view of the crosswalk, as it is by then. It must be
// closed, and may outlive v.
func (v *Snapshot) Again(ctx context.Context) (*Snapshot, error) { return v.store.Snapshot(ctx) }

// AgainAt is [Snapshot.Again] as of a run, see [Store.SnapshotAt].
func (v *Snapshot) AgainAt(ctx context.Context, run int64) (*Snapshot, error) {
	return v.store.SnapshotAt(ctx, run)
}

// InUse lists those of the canonical IDs that stand for somebody or that
// nobody may have again: a live link has them, they were merged or retired, or
// others were merged into them. None of ids may be empty.
func (v *Snapshot) InUse(ctx context.Context, ids []string) ([]string, error) {
	var used []string
	for in, args := range inLists(ids) {
		var links []Link
		if err := v.atHead(ctx, &linkRead{where: "canonical" + in + " AND state = 0", args: args}, &links); err != nil {
			return nil, v.store.fail("look up canonical IDs", err)
		}
		for i := range links {
			used = append(used, links[i].Canonical)
		}
	}
	noted, err := v.NumbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, n := range noted {
		if n.State != Given {
			used = append(used, n.Canonical)
		}
	}
	merged, err := v.MergedInto(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, n := range merged {
		used = append(used, n.Survivor)
	}
	slices.Sort(used)
	return slices.Compact(used), nil
}
