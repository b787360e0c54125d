package quality

import (
	"strings"

	"github.com/xwalk-id/xwalk/rules/match"
)

// Unknown is the label of records whose truth is not known.
const Unknown = 0

// Labels turns the texts of a truth column into labels, from 1 in the order
// in which they are first seen. The zero value is ready.
type Labels struct{ of map[string]uint32 }

// Label is the label of a text without the space around it; Unknown for a
// blank one.
func (l *Labels) Label(text string) uint32 {
	text = strings.TrimSpace(text)
	if text == "" {
		return Unknown
	}
	n, ok := l.of[text]
	if !ok {
		if l.of == nil {
			l.of = map[string]uint32{}
		}
		n = uint32(len(l.of) + 1)
		l.of[strings.Clone(text)] = n
	}
	return n
}

// Input is a grouping and its truth. Records are numbered from 0, in an order
// that ties are broken by; labels are at most the number of records.
type Input struct {
	Cluster []uint32 // by record
	Truth   []uint32 // by record; [Unknown] where it is not known
	// Pairs are scored pairs, each once; those of at least weight Merge count
	// as said to be one customer. nil: nothing was scored.
	Pairs   []match.Pair
	Merge   float32
	Reviews [][2]uint32 // pairs that a person is asked about
	// Lost says why two records of one customer that no review would join
	// are in two clusters; nil: nobody knows.
	Lost     func(a, b uint32) Loss
	Examples int // how many missed pairs to name of each kind
}

// Loss is where a pair of one customer was lost.
type Loss uint8

// The losses. Only InReview is found without asking Input.Lost.
const (
	InReview   Loss = iota // a review asks for it, or for others that join it
	NoRule                 // it agrees on no line of match.same, and nothing is scored
	Unproposed             // it weighs enough, but no blocking rule proposed it
	TooLight               // it weighs less than a review needs
	Cut                    // it weighs enough, but the clusters were kept apart
	losses
)

var lossNames = [...]string{"in_review", "no_rule", "blocking", "weight", "clustering"}

// String is a word for the loss.
func (l Loss) String() string { return lossNames[l] }

// Losses are all losses, in the order in which they are told.
func Losses() []Loss { return []Loss{InReview, NoRule, Unproposed, TooLight, Cut} }

// Measure is how right a set of statements is. Said, True and Right count
// them; all three are 0 for averages. Where nothing was said the precision is
// 1, where nothing is true the recall is.
type Measure struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Said      int64   `json:"said"`
	True      int64   `json:"true"`
	Right     int64   `json:"right"`
}

func measure(said, truth, right int64) Measure {
	m := Measure{Said: said, True: truth, Right: right, Precision: 1, Recall: 1}
	if said > 0 {
		m.Precision = float64(right) / float64(said)
	}
	if truth > 0 {
		m.Recall = float64(right) / float64(truth)
	}
	m.F1 = harmonic(m.Precision, m.Recall)
	return m
}

func harmonic(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// Outcome is how right a grouping is.
type Outcome struct {
	Closure  Measure `json:"closure"`
	Exact    Measure `json:"exact"`
	BCubed   Measure `json:"b_cubed"`
	Clusters int     `json:"clusters"`
	Largest  int     `json:"largest"` // records of the largest cluster
}

// Report is what Score finds.
type Report struct {
	Records     int // whose truth is known
	Unknown     int // the others
	Customers   int // of the truth
	TrueLargest int // records of the largest of them

	Pairs *Measure // nil: nothing was scored
	Outcome
	FalseMerges []FalseMerge // the worst first

	Reviews  int     // open reviews, also of records whose truth is not known
	Reviewed Outcome // after each of them was decided rightly

	Missed Missed
}

// ReviewShare is how many reviews there are for each record.
func (r *Report) ReviewShare() float64 {
	if n := r.Records + r.Unknown; n > 0 {
		return float64(r.Reviews) / float64(n)
	}
	return 0
}

// FalseMerge is a cluster that holds several customers. Records has those of
// one customer side by side, the customer with most records first.
type FalseMerge struct {
	Records   []uint32
	Customers int
	Pairs     int64 // of records that are not one customer
}

// Missed are the pairs of one customer that are in two clusters. By says
// where they were lost, of the first Asked pairs of Pairs.
type Missed struct {
	Pairs    int64
	Asked    int64
	By       [losses]int64
	Examples []MissedPair // by Loss, one per customer
}

// MissedPair is two records of one customer in two clusters. A is the lesser.
type MissedPair struct {
	A, B uint32
	Loss Loss
}

// Score scores a grouping.
func Score(in Input) *Report {
	s := newScorer(in)
	r := &Report{Records: len(s.order), Unknown: len(in.Truth) - len(s.order), Reviews: len(in.Reviews)}
	for _, size := range s.truthSize {
		if size > 0 {
			r.Customers++
			r.TrueLargest = max(r.TrueLargest, int(size))
		}
	}
	r.Pairs = s.pairs()
	r.Outcome = s.outcome(in.Cluster, func(cells [][]uint32) { r.FalseMerges = append(r.FalseMerges, falseMerge(cells)) })
	sortFalseMerges(r.FalseMerges)
	reviewed := s.review()
	r.Reviewed = s.outcome(reviewed, nil)
	r.Missed = s.missed(reviewed)
	return r
}
