package plan

import (
	"context"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// giveBack gives founders the numbers back that they founded customers with
// before that was undone, and returns the other founders. Of several that
// shared a number the first gets it. One that stands for somebody, or that is
// merged or retired, stays what it is.
func (num *numbering) giveBack(ctx context.Context, founders []node) (rest []node, err error) {
	if err := num.recallFounders(ctx, founders); err != nil {
		return nil, err
	}
	var ids []string
	for _, n := range founders {
		if id := num.regain[n]; id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return founders, nil
	}
	used, err := num.snap.InUse(ctx, ids)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, id := range used {
		taken[id] = true
	}
	for _, n := range founders {
		id := num.regain[n]
		_, given := num.fixed.find([]byte(id))
		if id == "" || given || taken[id] {
			rest = append(rest, n)
			continue
		}
		num.take(n, id)
		if num.rules.KeepsNumbers(num.sourceOf(n)) && id == string(num.table.key(n)) {
			num.rule[n] = ruleKept
		}
	}
	return rest, nil
}

// take gives a founder a number that is nobody else's.
func (num *numbering) take(n node, id string) {
	num.number[n] = num.ids.addString(id)
	num.fixed.add(num.number[n], n)
}

// recallFounders finds the numbers of founders whose links no longer tell
// them: those held in doubt, which founded a customer, that was undone, and
// then waited for a decision; and new incarnations, whose link says since the
// undo what it said of the one before.
func (num *numbering) recallFounders(ctx context.Context, founders []node) error {
	var keys []crosswalk.SourceKey
	waited := map[crosswalk.SourceKey]node{}
	for _, n := range founders {
		_, void := num.regain[n]
		_, reborn := num.bearers.reborn[n]
		if reborn || num.status[n] == held && !void {
			id := num.id(n)
			keys = append(keys, id)
			waited[id] = n
		}
	}
	if len(keys) == 0 {
		return nil
	}
	past, err := num.snap.Versions(ctx, keys)
	if err != nil {
		return err
	}
	var undos map[int64]bool
	for i := range past { // the last one counts
		l := &past[i]
		n := waited[l.ID()]
		_, reborn := num.bearers.reborn[n]
		switch {
		case !founds(l.Rule):
		case l.State == crosswalk.Void:
			num.regain[n] = l.Canonical
		case reborn && l.State == crosswalk.Live && i+1 < len(past) && past[i+1].ID() == l.ID() && past[i+1].Canonical != l.Canonical:
			if undos == nil {
				if undos, err = num.undos(ctx); err != nil {
					return err
				}
			}
			if undos[past[i+1].FromRun] {
				num.regain[n] = l.Canonical
			}
		}
	}
	return nil
}

// undos finds the runs that reversed another.
func (num *numbering) undos(ctx context.Context) (map[int64]bool, error) {
	runs, err := num.snap.Runs(ctx)
	if err != nil {
		return nil, err
	}
	found := map[int64]bool{}
	for i := range runs {
		if runs[i].Kind == "undo" {
			found[runs[i].Run] = true
		}
	}
	return found, nil
}
