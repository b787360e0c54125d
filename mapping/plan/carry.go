package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// settle numbers the founders whose numbers are carried over from their
// records, and returns the others. A founder that lacks what its number is
// made of, or whose number is another's, leaves the founding to the next
// record of its customer; where no record can found it, all are rejected.
func (num *numbering) settle(ctx context.Context, founders []node) (rest []node, err error) {
	if !num.takes() {
		return founders, nil
	}
	for len(founders) > 0 {
		var carried []node
		for _, n := range founders {
			batch, row := num.table.at(n)
			c := num.rules.Canonical(batch.source)
			if len(c.Needs()) > 0 {
				if err := c.Check(batch.gives.at(row)); err != nil {
					num.failed.add(n, err.Error())
					continue
				}
			}
			if c.Issue() == scheme.Carried {
				carried = append(carried, n)
			} else {
				rest = append(rest, n)
			}
		}
		if err := num.carry(ctx, carried); err != nil {
			return nil, err
		}
		if len(num.clashes) > 0 && num.opts.Policy.Collisions != "reject" {
			return nil, num.refuse(ctx)
		}
		if founders, err = num.giveBack(ctx, num.inNumberingOrder(num.failed.next(num))); err != nil {
			return nil, err
		}
	}
	return num.inNumberingOrder(rest), nil
}

// takes reports whether some source's numbers take something from its records.
func (num *numbering) takes() bool {
	for i := range num.sources {
		if len(num.rules.Canonical(i).Needs()) > 0 {
			return true
		}
	}
	return false
}

// carry gives founders the numbers that are made of their records alone.
func (num *numbering) carry(ctx context.Context, founders []node) error {
	mark := num.ids.len()
	var buf []byte
	var numbered []node
	for _, n := range founders {
		batch, row := num.table.at(n)
		var err error
		buf, err = num.rules.Canonical(batch.source).Append(buf[:0], batch.gives.at(row), 0)
		switch {
		case errors.Is(err, scheme.ErrSkip):
			num.failed.add(n, "no number can be made for it: its check algorithm has no check character for it")
			continue
		case err != nil:
			return err
		}
		if by, found := num.fixed.find(buf); found {
			num.clash(n, string(buf), num.describe(by))
			continue
		}
		if owner := num.reserved(n, buf); owner != "" {
			num.clash(n, string(buf), owner)
			continue
		}
		num.number[n] = num.ids.add(buf)
		num.fixed.add(num.number[n], n)
		numbered = append(numbered, n)
	}
	hits, err := num.known(ctx, mark)
	if err != nil || len(hits) == 0 {
		return err
	}
	slices.Sort(hits)
	for _, n := range numbered {
		id := num.ids.get(num.number[n])
		if _, issued := slices.BinarySearch(hits, id); issued {
			num.number[n] = 0
			num.clash(n, id, "")
		}
	}
	return nil
}

// clash notes that the number of founder n is another's: of a record of this
// run, or of somebody whom the crosswalk knows (owner is empty).
func (num *numbering) clash(n node, id, owner string) {
	if _, reborn := num.bearers.reborn[n]; !reborn { // its ID makes the number that it had before, so nobody need be surprised
		num.clashes = append(num.clashes, Clash{Number: id, Record: num.describe(n), Owner: owner})
	}
	if owner == "" {
		owner = "a customer of the crosswalk"
	}
	num.failed.add(n, fmt.Sprintf("its number would be %s, which is that of %s", id, owner))
}

// shownClashes is how many clashes a refusal lists.
const shownClashes = 5

// refuse is the error of a run whose carried numbers clash.
func (num *numbering) refuse(ctx context.Context) error {
	e := &ClashError{Total: len(num.clashes), First: num.clashes[:min(len(num.clashes), shownClashes)]}
	var issued []string
	for _, c := range e.First {
		if c.Owner == "" {
			issued = append(issued, c.Number)
		}
	}
	if len(issued) == 0 {
		return e
	}
	links, err := num.snap.ByCanonical(ctx, issued)
	if err != nil {
		return err
	}
	names := map[int]string{}
	for _, s := range num.stored {
		names[s.No] = s.Name
	}
	for i := range e.First {
		c := &e.First[i]
		if c.Owner != "" {
			continue
		}
		c.Owner = "a customer whose records are gone"
		if k := slices.IndexFunc(links, func(l crosswalk.Link) bool { return l.Canonical == c.Number }); k >= 0 {
			c.Owner = fmt.Sprintf("%s %s, issued in run %d", names[links[k].Source], links[k].Verbatim, links[k].SinceRun)
		}
	}
	return e
}

// failures are founders that got no number, and why.
type failures struct {
	why     map[node]string
	fresh   []node          // since the last call of next
	members map[node][]node // by root: the records that could found the customer, in order
}

func (f *failures) add(n node, why string) {
	if f.why == nil {
		f.why = map[node]string{}
	}
	f.why[n] = why
	f.fresh = append(f.fresh, n)
}

// next names, for each customer whose founder failed, the record that founds
// it instead, where there is one.
func (f *failures) next(num *numbering) (founders []node) {
	f.gather(num)
	for _, n := range f.fresh {
		num.kind[n] = mapping.KindUnchanged
		all := f.members[num.root(n)]
		if at := slices.Index(all, n); at >= 0 && at+1 < len(all) {
			founders = append(founders, all[at+1])
			num.kind[all[at+1]] = mapping.KindCreate
		}
	}
	f.fresh = nil
	return founders
}

// gather lists the records of customers whose founder failed for the first
// time.
func (f *failures) gather(num *numbering) {
	if f.members == nil {
		f.members = map[node][]node{}
	}
	added := false
	for _, n := range f.fresh {
		if r := num.root(n); f.members[r] == nil {
			f.members[r] = []node{}
			added = true
		}
	}
	if !added {
		return
	}
	lists := map[node][]node{}
	for i := range num.sources {
		for _, n := range num.sources[i].natural {
			if s := num.status[n]; s == fresh || s == held || num.again != nil && s != dead {
				if known, ok := f.members[num.root(n)]; ok && len(known) == 0 {
					lists[num.root(n)] = append(lists[num.root(n)], n)
				}
			}
		}
	}
	for r, list := range lists {
		f.members[r] = list
	}
}

// close gives records whose founding failed the number of the record that
// founds instead of them, and rejects those whose customer has no number.
func (f *failures) close(num *numbering) {
	dropped := make([]bool, len(num.sources))
	late, first := 0, node(0)
	for i := range num.sources {
		for _, n := range num.sources[i].natural {
			why, failed := f.why[n]
			if !failed {
				continue
			}
			r := num.root(n)
			founder, found := f.founder(r)
			if found {
				if n == r { // the others take the number of their root
					num.number[r], num.rule[r] = num.number[founder], num.res.Line[founder]
					if late++; late == 1 {
						first = n
					}
				}
				continue
			}
			num.reject(i, n, why)
			num.status[n] = dead
			dropped[i] = true
		}
	}
	for i, any := range dropped {
		if any {
			s := &num.sources[i]
			s.nodes, s.natural = num.living(s.nodes), num.living(s.natural)
		}
	}
	if late > 0 {
		num.note("%s founded by a later record, since the first cannot be (%s: %s)", customersAre(late), num.describe(first), f.why[first])
	}
}

func customersAre(n int) string {
	if n == 1 {
		return "1 customer is"
	}
	return fmt.Sprintf("%d customers are", n)
}

// founder is the record of a customer that got a number.
func (f *failures) founder(root node) (node, bool) {
	for _, n := range f.members[root] {
		if _, failed := f.why[n]; !failed {
			return n, true
		}
	}
	return 0, false
}

func (b *builder) living(nodes []node) []node {
	var out []node
	for _, n := range nodes {
		if b.status[n] != dead {
			out = append(out, n)
		}
	}
	return out
}
