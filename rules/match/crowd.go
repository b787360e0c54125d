package match

import "slices"

// manyNames is how many different people must share a value before it may be
// nobody's own: a switchboard, a shared mailbox, a placeholder.
const manyNames = 10

// crowd is how many different names the records of a block have, if they are
// so many, and so few the same, that the value they share is no evidence;
// otherwise 0. Lines that look at names themselves need no such care.
func (g *grouper) crowd(line uint8, recs []uint32) int {
	if g.in.Who == nil || line == NoLine || g.in.Lines[line].Named || len(recs) < manyNames {
		return 0
	}
	who := make([]uint64, 0, len(recs))
	for _, r := range recs {
		if w := g.in.Who(r); w != 0 {
			who = append(who, w)
		}
	}
	named := len(who)
	slices.Sort(who)
	names := len(slices.Compact(who))
	if names < manyNames || 2*names <= named {
		return 0
	}
	return names
}
