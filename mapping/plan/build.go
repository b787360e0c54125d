package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// builder works a plan out: read, compare with the crosswalk, match, decide,
// number, write down. Each step is a file of this package.
type builder struct {
	rules   *rules.Ruleset
	inputs  []Input // in the ruleset's order
	opts    Options
	snap    *crosswalk.Snapshot // nil: no crosswalk yet
	head    crosswalk.Head
	stored  []crosswalk.Source // what the crosswalk knows, then what this run adds
	table   table
	sources []sourceState
	ids     idPool

	status      []uint8 // by node
	kind        []mapping.Kind
	prior       []prior           // by node; only where the crosswalk has links
	regain      map[node]string   // records whose link is void: the number that they founded a customer with, or none
	number      []idRef           // by node: the canonical ID it ends with
	rule        []uint8           // by node: line of match.same, or one of the rule… constants
	spaces      []spaceSet        // also numbers
	absent      []crosswalk.Link  // live links without a usable record, which stay
	retired     []crosswalk.Link  // links whose record is gone or deleted, which end
	ghosts      []node            // recalled links that have ended or end now
	merged      map[string]string // canonical IDs merged in earlier runs, and their survivors
	mergedNow   map[string]string // the same for this run
	openReviews []crosswalk.Review
	decided     decisions
	kept        *similar.Model               // of the crosswalk, once it was read; see knownModel
	rank        []uint32                     // by node; see ranks
	strays      []match.Review               // records that nothing holds to their customer any more
	upheld      map[crosswalk.SourceKey]bool // changed records that their customer still holds
	recalled    map[crosswalk.SourceKey]node // links whose records were not read
	told        told
	bearers     bearers
	reasons     map[node]string // the rule of a link that is rewritten
	erased      int64           // records that were forgotten, and are rejected
	carried     carried         // numbers that records carry and that nobody issued
	promised    *promises       // numbers of a rehearsal; nil: none
	again       *again          // everything is decided anew; see Redecide
	plan        *Plan
}

// sourceState is what the builder knows of one source.
type sourceState struct {
	no        int           // in the crosswalk
	place     mapping.Place // of the last record; tells file from table
	nodes     []node        // live ones in key order, once compared
	natural   []node        // the same in natural order
	rejects   []rejected
	counts    mapping.Counts
	reshaped  bool             // the fields are mapped otherwise than last time
	requeried bool             // it is read by another query or table than last time
	tombs     []tomb           // records that take part in nothing, in key order
	gone      []crosswalk.Link // live links without a record, which end
	stay      []string         // canonical IDs of links whose record was rejected
	adopted   adopted
	// adoptedBack are links of adopted IDs that come back or change customers.
	adoptedBack []Write
}

// Node states.
const (
	dead    uint8 = iota // a hole, a reject or a repetition
	fresh                // the crosswalk has no link for it
	same                 // linked, nothing changed
	changed              // linked, the record changed
	gone                 // its link was retired; it came back
	held                 // stored without a number, waiting for a decision
)

// prior is what the crosswalk says of a node's source ID.
type prior struct {
	number idRef
	since  uint32
}

// Build works out what a run would do. It writes nothing. snap is the
// crosswalk's state, or nil when there is none yet. Inputs must hold every
// source of the ruleset, in any order. Errors: [*GuardError] when a guard
// forbids the run, [*CapacityError] when numbers run out, and whatever stops
// a source or the crosswalk from being read.
func Build(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, inputs []Input, o Options) (*Plan, error) {
	b, err := read(ctx, snap, rs, inputs, o)
	if err != nil {
		return nil, err
	}
	if err := b.decide(ctx); err != nil {
		return nil, err
	}
	if err := b.resolveAlso(ctx); err != nil {
		return nil, err
	}
	return b.finish(ctx)
}

// read reads the crosswalk's state and every source, and compares the two.
func read(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, inputs []Input, o Options) (*builder, error) {
	b := &builder{rules: rs, opts: o, snap: snap, plan: &Plan{Rules: rs.Digest(), Sections: rs.Sections(), Environment: o.Environment, Notes: rs.Warnings()}}
	for _, name := range rs.Sources() {
		k := slices.IndexFunc(inputs, func(in Input) bool { return in.Name == name })
		if k < 0 {
			return nil, errors.New("plan: no input for source " + name)
		}
		b.inputs = append(b.inputs, inputs[k])
	}
	if err := b.loadState(ctx); err != nil {
		return nil, err
	}
	for i := range b.inputs {
		if err := b.readSource(ctx, i); err != nil {
			return nil, err
		}
	}
	b.growColumns()
	for i := range b.sources {
		if err := b.compare(ctx, i); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// growColumns makes the columns by node as long as the table.
func (b *builder) growColumns() {
	old, n := len(b.status), b.table.size()
	b.status = append(b.status, make([]uint8, n-old)...)
	b.kind = append(b.kind, make([]mapping.Kind, n-old)...)
	b.number = append(b.number, make([]idRef, n-old)...)
	b.rule = append(b.rule, make([]uint8, n-old)...)
	for i := old; i < n; i++ {
		b.rule[i] = ruleNone
	}
	if b.snap != nil {
		b.prior = append(b.prior, make([]prior, n-old)...)
	}
}

func (b *builder) progress(step string, done, total int64) {
	if b.opts.Progress != nil {
		b.opts.Progress(Progress{Step: step, Done: done, Total: total})
	}
}

// loadState reads what the crosswalk knows and gives numbers to new sources,
// each followed by its also numbers.
func (b *builder) loadState(ctx context.Context) error {
	if err := b.loadHead(ctx); err != nil {
		return err
	}
	b.sources = make([]sourceState, len(b.inputs))
	var rewritten map[string]bool
	if b.snap != nil {
		var err error
		if rewritten, err = b.snap.Adopted(ctx); err != nil {
			return err
		}
	}
	for i := range b.sources {
		own := b.space(i)
		k, known, err := b.register(own)
		if err != nil {
			return err
		}
		b.sources[i].no = b.stored[k].No
		if known {
			was, wasRead, _ := strings.Cut(b.stored[k].Shape, shapeMark)
			is, isRead, _ := strings.Cut(own.Shape, shapeMark)
			b.sources[i].reshaped, b.sources[i].requeried = was != is, wasRead != isRead
			if err := b.loadAdopted(ctx, i, rewritten); err != nil {
				return err
			}
		}
		for _, also := range b.rules.AlsoSpaces(i) {
			k, _, err := b.register(also)
			if err != nil {
				return err
			}
			b.spaces = append(b.spaces, spaceSet{no: b.stored[k].No, name: also.Name, source: i})
		}
	}
	return nil
}

// shapeMark parts how a source's fields are mapped from what it is read by.
const shapeMark = "/"

// space is source i as the crosswalk knows it. Its shape tells how the fields
// are mapped and by which query or table the records are read.
func (b *builder) space(i int) rules.Space {
	s := b.rules.Space(i)
	if q := b.inputs[i].Query; q != "" {
		sum := sha256.Sum256([]byte(q))
		s.Shape += shapeMark + hex.EncodeToString(sum[:8])
	}
	return s
}

// loadHead reads where the crosswalk stands: sources, open reviews, merges.
func (b *builder) loadHead(ctx context.Context) error {
	if b.snap != nil {
		b.head = b.snap.Head()
		var err error
		if b.openReviews, err = b.snap.Reviews(ctx); err != nil {
			return err
		}
		if b.stored, err = b.snap.Sources(ctx); err != nil {
			return err
		}
		log, err := b.snap.DecisionLog(ctx)
		if err != nil {
			return err
		}
		if len(log) > 0 {
			b.plan.Decisions, b.decided.last = log[len(log)-1].No, crosswalk.Last(log)
		}
	}
	b.merged, b.mergedNow, b.reasons = map[string]string{}, map[string]string{}, map[node]string{}
	b.regain = map[node]string{}
	b.told.merged, b.told.retargeted = map[node]bool{}, map[node]bool{}
	if b.snap != nil {
		for num, err := range b.snap.Numbers(ctx) {
			if err != nil {
				return err
			}
			if num.State == crosswalk.Merged {
				b.merged[num.Canonical] = num.Survivor
			}
		}
	}
	b.plan.Serial, b.plan.Head, b.plan.Author = b.head.Serial, b.head.Digest, b.opts.Actor
	return nil
}

// register finds a space among those that the crosswalk knows, or adds it.
func (b *builder) register(s rules.Space) (index int, known bool, err error) {
	no := 1
	for k, o := range b.stored {
		no = max(no, o.No+1)
		if o.Name != s.Name {
			continue
		}
		if o.KeyRule != s.Key {
			return 0, false, &KeyRuleError{Source: s.Name, Was: o.KeyRule, Is: s.Key}
		}
		return k, true, nil
	}
	b.stored = append(b.stored, crosswalk.Source{No: no, Name: s.Name, KeyRule: s.Key, Shape: s.Shape})
	return len(b.stored) - 1, false, nil
}
