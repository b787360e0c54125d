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

// recallFounders finds the numbers of founders that were held in doubt, whose
// links no longer tell them: they founded a customer, that was undone, and
// then they waited for a decision.
func (num *numbering) recallFounders(ctx context.Context, founders []node) error {
	var keys []crosswalk.SourceKey
	waited := map[crosswalk.SourceKey]node{}
	for _, n := range founders {
		if _, void := num.regain[n]; num.status[n] == held && !void {
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
	for i := range past { // the last one counts
		if l := &past[i]; l.State == crosswalk.Void && founds(l.Rule) {
			num.regain[waited[l.ID()]] = l.Canonical
		}
	}
	return nil
}
