// Package match groups records that are the same customer.
//
// A record brings evidence as keyed hashes: two records with an equal [Join]
// agree on every field of one line of match.same. [Group] sorts the hashes
// into blocks, joins the records of a block, and looks again at every
// cluster that holds a contradiction:
//
//   - two customers that already have numbers (unless merging is automatic),
//   - two values of a `differ` role, which no chain of agreements may join,
//   - values of a `confirm` role that contradict each other inside a block,
//   - two records that a person has said are different customers.
//
// Scored pairs then join clusters, the strongest first. Every join must bear
// a look at the other records on both sides: one link between two clusters
// that are otherwise unlike is a question, not an answer.
//
// A record that fits two sides of a contradiction joins neither: it is in
// doubt, and a [Review] says with whom. What a person said is the same is
// never taken apart by a rule, and neither is a customer that has a number.
// The outcome does not depend on the order of the records, only on their
// ranks and evidence.
package match

import "slices"

// Hash is a keyed 128-bit hash.
type Hash struct{ Hi, Lo uint64 }

// What stands in place of a line of match.same.
const (
	NoLine      = 255 // no line
	SimilarLine = 250 // a scored pair
	DecidedLine = 249 // a person's decision
	MergedLine  = 248 // the source merged the two
)

// Pair is two records that are probably the same customer. Weight is log2 of
// the odds that they are. A has the lower rank.
type Pair struct {
	A, B   uint32
	Weight float32
}

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
	Named   bool    // it asks for a name too, so that no value of it is shared by strangers
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

	// Similar are scored pairs, by rank of A and then of B. A pair of at
	// least weight Merge joins, one of at least Review is a review. Score is
	// the weight of any two records, NaN where they have nothing to compare;
	// nil where nothing is scored. Group calls it from several goroutines.
	Similar       []Pair
	Merge, Review float32
	Score         func(a, b uint32) float32
	// Same and Different are what people decided of two records. Different
	// holds through every chain of agreements; where it stands against a
	// chain of Same, it wins.
	Same, Different [][2]uint32
	// Merged are pairs of which the source says that it merged the first into
	// the second. They join like Same, after it, unless a differ role
	// contradicts; who asks may tell that by the roots.
	Merged [][2]uint32
	// Asked are pairs of records, not open, of which people are still to say
	// whether they are one customer.
	Asked [][2]uint32
	// Who is a hash of a record's name, 0 where it has none; nil where names
	// are not known. A value that very many different people share is no
	// evidence.
	Who func(rec uint32) uint64
}

// Review is a possible match that a person must decide. Weight is that of the
// two records where Line is [SimilarLine].
type Review struct {
	A, B   uint32 // A has the lower rank
	Line   uint8
	Why    Why
	Weight float32
}

// Why says what stands against joining the two records of a review.
type Why uint8

// The reasons for a review.
const (
	Contradicted Why = iota // they agree on the line, but a confirm role contradicts
	TwoCustomers            // both belong to customers that have numbers
	BetweenTwo              // the record fits two different customers
	Unsure                  // alike, but not enough
	WeakBridge              // one link alone holds two clusters together that are otherwise unlike
	TooLarge                // the cluster would be larger than any customer is likely to be
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
// value but fall into Groups that contradict each other, or have so many
// different Names that the value is nobody's own. Groups or Names is 0. First
// is the lowest-ranked of the records.
type Dropped struct {
	Line    uint8
	First   uint32
	Records int
	Groups  int
	Names   int
}

// Group clusters the records. Time is linear in the evidence but for the
// sorting of it; memory is about 16 bytes per join and 28 per record, and with
// scored pairs 24 more per record and per pair.
func Group(in Input) Result {
	g := &grouper{
		in: in, line: make([]uint8, len(in.Rank)), order: byRank(in.Rank),
		spent: map[Hash]bool{}, torn: map[uint32]bool{}, doubt: map[uint32]bool{},
	}
	for i := range g.line {
		g.line[i] = NoLine
	}
	g.own()
	g.set = &set{parent: slices.Clone(g.kept), rank: in.Rank}
	g.settle(g.joinBlocks())
	g.joinSimilar()
	return g.result()
}

// grouper holds the state of one call of Group.
type grouper struct {
	in      Input
	order   []uint32            // the records by rank
	kept    []uint32            // by record: the first record of what is never taken apart: customers, and what people said is the same
	foes    map[uint32][]uint32 // by root of kept: records that people said are another customer
	set     *set                // what agrees on a line, by chains
	root    []uint32            // roots of the clusters so far
	final   members             // of the clusters in the end, where they are asked for
	line    []uint8
	spent   map[Hash]bool   // values that are no evidence
	torn    map[uint32]bool // records that fit two sides of a contradiction of lines
	doubt   map[uint32]bool // records that hold their cluster in doubt
	reviews []Review
	dropped []Dropped
}

// joinBlocks joins the records that agree on a line, and marks those that it
// looked at.
func (g *grouper) joinBlocks() (touched []bool) {
	touched = make([]bool, len(g.in.Rank))
	sortBlocks(g.in).each(func(h Hash, line uint8, recs []uint32) {
		if !g.anyOpen(recs) {
			return
		}
		if names := g.crowd(line, recs); names > 0 {
			g.spent[h] = true
			g.dropped = append(g.dropped, Dropped{Line: line, First: recs[0], Records: len(recs), Names: names})
			return
		}
		for _, c := range g.resolveBlock(line, recs, true) {
			for _, r := range c {
				touched[r] = true
				g.set.union(c[0], r)
				if len(c) > 1 {
					g.line[r] = min(g.line[r], line)
				}
			}
		}
	})
	return touched
}

func (g *grouper) anyOpen(recs []uint32) bool {
	for _, r := range recs {
		if g.in.Open[r] {
			return true
		}
	}
	return false
}
