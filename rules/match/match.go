// Package match groups records that are the same customer.
//
// A record brings evidence as keyed hashes: two records with an equal [Join]
// agree on every field of one line of match.same. [Group] sorts the hashes
// into blocks, joins the records of a block, and looks again at every
// cluster that holds a contradiction:
//
//   - two customers that already have numbers (unless merging is automatic),
//   - two values of a `differ` role, which no chain of agreements may join,
//   - values of a `confirm` role that contradict each other inside a block.
//
// A record that fits two sides of a contradiction joins neither: it is in
// doubt, and a [Review] says with whom. The outcome does not depend on the
// order of the records, only on their ranks and evidence.
package match

import "slices"

// Hash is a keyed 128-bit hash.
type Hash struct{ Hi, Lo uint64 }

// NoLine stands for "no line of match.same".
const NoLine = 255

// Join is one piece of evidence: agreement on line Line of match.same.
// Stored evidence has Line [NoLine]; its hash alone tells the line.
type Join struct {
	Line uint8
	Hash Hash
}

// Value is one value of a role that confirms or contradicts. Equal hashes
// mean equal values. Role counts the roles that the ruleset checks.
type Value struct {
	Role uint8
	Hash uint64
}

// Line is what Group needs to know of a line of match.same.
type Line struct {
	Confirm []uint8 // roles that must not contradict
}

// Input is the records to group, numbered from 0. Rank, Customer and Open
// have an entry per record.
type Input struct {
	Lines  []Line
	Differ []uint8 // roles of which two different values mean two customers
	// Joins and Values give a record's evidence; Group calls them from
	// several goroutines at once.
	Joins  func(rec uint32) []Join
	Values func(rec uint32) []Value
	Rank   []uint32 // a total order: the lowest rank of a cluster founds it
	// Customer is 0 for records without a number; equal numbers are records
	// of one customer.
	Customer []uint32
	// Open marks new and changed records. Records that are not open were
	// decided before and are not decided again among themselves.
	Open      []bool
	AutoMerge bool // customers that have numbers may be joined
}

// Review is a possible match that a person must decide.
type Review struct {
	A, B uint32 // A has the lower rank
	Line uint8
	Why  Why
}

// Why says what stands against joining the two records of a review.
type Why uint8

// The reasons for a review.
const (
	Contradicted Why = iota // they agree on the line, but a confirm role contradicts
	TwoCustomers            // both belong to customers that have numbers
	BetweenTwo              // the record fits two different customers
)

// Result is the grouping. Root is the lowest-ranked record of each record's
// cluster. Line is the line of match.same that joined a record to others, or
// NoLine. InDoubt marks roots of clusters without a number that a review
// holds in doubt. Dropped counts blocks whose records were too many and too
// different to be one customer; their value is no evidence.
type Result struct {
	Root    []uint32
	Line    []uint8
	InDoubt map[uint32]bool
	Reviews []Review
	Dropped []Dropped
}

// Dropped is a block that was not joined: Records of line Line share one
// value but fall into Groups that contradict each other.
type Dropped struct {
	Line    uint8
	Records int
	Groups  int
}

// Group clusters the records. Time is linear in the evidence but for the
// sorting of it; memory is about 16 bytes per join and 14 per record.
func Group(in Input) Result {
	g := &grouper{in: in, set: newSet(in.Rank), line: make([]uint8, len(in.Rank)), doubt: map[uint32]bool{}}
	for i := range g.line {
		g.line[i] = NoLine
	}
	g.seedCustomers()
	blocks := sortBlocks(in)
	touched := make([]bool, len(in.Rank))
	blocks.each(func(line uint8, recs []uint32) {
		if !g.anyOpen(recs) {
			return
		}
		clusters := g.resolveBlock(line, recs, true)
		for _, c := range clusters {
			for _, r := range c {
				touched[r] = true
				g.set.union(c[0], r)
				if len(c) > 1 {
					g.line[r] = min(g.line[r], line)
				}
			}
		}
	})
	g.settle(touched)
	return g.result()
}

// grouper holds the state of one call of Group.
type grouper struct {
	in      Input
	set     *set
	root    []uint32 // final roots, filled by settle
	line    []uint8
	reviews []Review
	dropped []Dropped
	doubt   map[uint32]bool // records whose cluster is in doubt
}

// seedCustomers puts the records of one customer into one set, so that what
// is decided about one of them is decided about all.
func (g *grouper) seedCustomers() {
	var first []uint32
	for rec, c := range g.in.Customer {
		if c == 0 {
			continue
		}
		if int(c) >= len(first) {
			first = append(first, make([]uint32, max(int(c)+1-len(first), len(first)))...)
		}
		if first[c] == 0 {
			first[c] = uint32(rec) + 1
		} else {
			g.set.union(first[c]-1, uint32(rec))
		}
	}
}

func (g *grouper) anyOpen(recs []uint32) bool {
	for _, r := range recs {
		if g.in.Open[r] {
			return true
		}
	}
	return false
}

// settle looks at every cluster that was touched, splits those that hold a
// contradiction, and fixes the final roots.
func (g *grouper) settle(touched []bool) {
	n := len(g.in.Rank)
	g.root = make([]uint32, n)
	active := make([]bool, n)
	for i := range g.root {
		g.root[i] = g.set.find(uint32(i))
		if touched[i] {
			active[g.root[i]] = true
		}
	}
	var members []uint32
	for i, r := range g.root {
		if active[r] {
			members = append(members, uint32(i))
		}
	}
	slices.SortFunc(members, func(a, b uint32) int {
		if ra, rb := g.in.Rank[g.root[a]], g.in.Rank[g.root[b]]; ra != rb {
			return cmp32(ra, rb)
		}
		return cmp32(g.in.Rank[a], g.in.Rank[b])
	})
	for i := 0; i < len(members); {
		j := i + 1
		for j < len(members) && g.root[members[j]] == g.root[members[i]] {
			j++
		}
		if c := members[i:j]; len(c) > 1 && g.contradicts(c) {
			g.split(c)
		}
		i = j
	}
}

// contradicts reports whether a cluster holds two numbered customers that
// may not be joined, or two values of a differ role.
func (g *grouper) contradicts(recs []uint32) bool {
	var customer uint32
	var seen [256]uint64 // differ role -> first value, 0 for none
	for _, r := range recs {
		if c := g.in.Customer[r]; c != 0 && !g.in.AutoMerge {
			if customer != 0 && customer != c {
				return true
			}
			customer = c
		}
		if len(g.in.Differ) == 0 {
			continue
		}
		for _, v := range g.in.Values(r) {
			if !slices.Contains(g.in.Differ, v.Role) {
				continue
			}
			if seen[v.Role] != 0 && seen[v.Role] != v.Hash|1 {
				return true
			}
			seen[v.Role] = v.Hash | 1
		}
	}
	return false
}

// result drops reviews that the outcome has answered and marks doubts.
func (g *grouper) result() Result {
	res := Result{Root: g.root, Line: g.line, InDoubt: map[uint32]bool{}, Dropped: g.dropped}
	if len(g.reviews) == 0 {
		return res
	}
	numbered := make([]bool, len(g.root)) // by root
	for rec, c := range g.in.Customer {
		if c != 0 {
			numbered[g.root[rec]] = true
		}
	}
	seen := map[[2]uint32]bool{}
	slices.SortFunc(g.reviews, func(a, b Review) int {
		if c := cmp32(g.in.Rank[a.A], g.in.Rank[b.A]); c != 0 {
			return c
		}
		if c := cmp32(g.in.Rank[a.B], g.in.Rank[b.B]); c != 0 {
			return c
		}
		return int(a.Line) - int(b.Line)
	})
	for _, r := range g.reviews {
		pair := [2]uint32{g.root[r.A], g.root[r.B]}
		if pair[0] == pair[1] || seen[pair] || g.sameCustomer(r.A, r.B) || g.differ(r.A, r.B) {
			continue
		}
		seen[pair] = true
		res.Reviews = append(res.Reviews, r)
		switch {
		case !numbered[pair[1]]:
			res.InDoubt[pair[1]] = true
		case !numbered[pair[0]]:
			res.InDoubt[pair[0]] = true
		}
	}
	for rec := range g.doubt {
		if root := g.root[rec]; !numbered[root] {
			res.InDoubt[root] = true
		}
	}
	return res
}

func (g *grouper) sameCustomer(a, b uint32) bool {
	return g.in.Customer[a] != 0 && g.in.Customer[a] == g.in.Customer[b]
}

// differ reports whether two records have different values of a differ role.
func (g *grouper) differ(a, b uint32) bool {
	if len(g.in.Differ) == 0 {
		return false
	}
	return contradict(g.in.Values(a), g.in.Values(b), g.in.Differ)
}

// contradict reports whether, for some of the roles, both sides have values
// and share none.
func contradict(a, b []Value, roles []uint8) bool {
	for _, role := range roles {
		var hasA, hasB, shared bool
		for _, va := range a {
			if va.Role != role {
				continue
			}
			hasA = true
			for _, vb := range b {
				if vb.Role == role && vb.Hash == va.Hash {
					shared = true
				}
			}
		}
		for _, vb := range b {
			hasB = hasB || vb.Role == role
		}
		if hasA && hasB && !shared {
			return true
		}
	}
	return false
}

func cmp32(a, b uint32) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
