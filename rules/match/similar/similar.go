package similar

import (
	"encoding/binary"
	"iter"
	"math"

	"github.com/xwalk-id/xwalk/rules/match"
)

// Kind is what a record is, as package rules counts kinds: 0 a person, 1 a
// company, 2 a household. Only equal kinds are compared.
type Kind uint8

// Input is the records to compare, numbered from 0.
type Input struct {
	Roles []string // what the role number of a trait means
	// Traits are a record's values, as AppendTrait wrote them; none: the
	// record is not compared. Called from several goroutines at once, and
	// again for as long as the Result is used.
	Traits func(rec uint32) []byte
	Kind   func(rec uint32) Kind
	Rank   []uint32 // a total order that breaks every tie
	Open   []bool   // pairs without an open record are not wanted; nil: all are open
	// Placeholder reports whether a value of a role stands for none, beyond
	// the built-in lists. It is asked once per distinct value; may be nil.
	Placeholder func(role int, text string) bool
	// Progress is told how far a step is, in parts of its work; never from
	// two goroutines at once. May be nil.
	Progress func(step string, done, total int64)
}

// Options are the settings of one comparison.
type Options struct {
	Model  *Model  // weigh by this model; nil: estimate one
	Floor  float64 // pairs less probable than this are left out; 0: 0.5
	Budget int64   // candidate pairs that may be compared; 0: in proportion to the records
}

// Result is what Compare found.
type Result struct {
	Pairs    []match.Pair // at or above the floor, by rank of A and then of B; A has the lower rank
	Model    *Model
	Blocking []Blocking
	Shared   []Shared
	// Score is the weight of any two records, also of a pair that no rule
	// proposed; NaN where no role has a value in both, or they are of different
	// kinds. It is safe for concurrent use.
	Score func(a, b uint32) float32
}

// Blocking is what one blocking rule proposed. Pairs counts the pairs of its
// blocks, New those that no earlier rule had. Capped are blocks that were too
// large to compare whole, the largest first.
type Blocking struct {
	Rule   string
	Pairs  int64
	New    int64
	Used   bool
	Capped []Block
}

// Block is one block of a rule: how many records share its key, and what was
// done about it.
type Block struct {
	Records int
	What    string
}

// Shared is a value that implausibly many different people have: it is no
// evidence.
type Shared struct {
	Role    string
	Text    string
	Records int
	People  int // different names among them
}

// AppendTrait appends a value of a role to a record's traits. Values come in
// any order; a role may have several.
func AppendTrait(dst []byte, role int, text string) []byte {
	dst = binary.AppendUvarint(dst, uint64(role))
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	return append(dst, text...)
}

// EachTrait reads what AppendTrait wrote: roles and their values.
func EachTrait(b []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for len(b) > 0 {
			role, text, rest := CutTrait(b)
			if role < 0 || !yield(role, text) {
				return
			}
			b = rest
		}
	}
}

// CutTrait cuts off the first trait. The role is -1 where there is none.
func CutTrait(b []byte) (role int, text, rest []byte) {
	at, n := binary.Uvarint(b)
	if n <= 0 {
		return -1, nil, nil
	}
	size, m := binary.Uvarint(b[n:])
	if m <= 0 || size > uint64(len(b)-n-m) {
		return -1, nil, nil
	}
	b = b[n+m:]
	return int(at), b[:size], b[size:]
}

// Probability is the probability of odds that are given as their log2.
func Probability(weight float64) float64 { return 1 / (1 + math.Exp2(-weight)) }

// Weight is log2 of the odds of a probability.
func Weight(probability float64) float64 { return math.Log2(probability / (1 - probability)) }
