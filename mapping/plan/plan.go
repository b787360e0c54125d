// Package plan works out what a run would change, without changing anything.
//
// [Build] reads every source, compares it with the crosswalk, lets the rules
// decide who is who, allocates numbers in a defined order, and returns a
// [Plan]: the ordered list of links to write, with counts, rejects and
// reviews. [Import] makes a plan from a list of given mappings. A plan can be
// saved with [Plan.WriteTo] and opened again with [Open]; package migrate
// carries it out. The plan that is shown and the plan that is applied are the
// same object.
//
// Memory is a few hundred bytes per record (the table of what was read);
// a plan opened from a file streams from it.
package plan

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Input is one source to read. Filtered says that a filter hides some of its
// records, so that a missing one may still exist. Query is what chooses its
// records beside that, a query or the name of a table; where it is another one
// than in the last run, a missing record may only be hidden.
type Input struct {
	Name     string
	Source   mapping.Source
	Filtered bool
	Query    string
}

// Policy is what the configuration decides once for all runs.
type Policy struct {
	Merges       string  // review | auto: two customers that both have numbers
	Reviews      string  // issue | hold: whether a record in doubt gets a number
	Collisions   string  // refuse (or empty) | reject: numbers carried over from records that clash
	Retire       bool    // a link ends when its record is gone
	RetireAtMost float64 // share of a source's links that may end in one run
	Approve      bool    // a plan is carried out when another person than its author approved it
	Guard        Guard
}

// Guard limits what one run may do; zero is no limit.
type Guard struct {
	Joined   float64 // share of the records read that join another's customer
	Rejected float64 // share of the records read that are rejected
	Cluster  int     // records of one customer
}

// Options are the settings of one plan.
type Options struct {
	Policy      Policy
	Environment string
	Allow       []string // guards to overrule: joined, rejected, cluster, vanished
	Progress    func(Progress)
	Random      io.Reader // for schemes with {random}; nil is the system's own
	NumbersFrom []Promise // the links of a rehearsal, whose customers keep their numbers
	Actor       string    // who makes the plan, or acts
	Reason      string
}

// Progress is how far a long step has come. Total is 0 where it is not known.
type Progress struct {
	Step        string
	Done, Total int64
}

// Plan is what a run would change. Run it with package migrate.
type Plan struct {
	Kind        string               `json:"kind"`   // apply | import | review | redecide | undo | merge | split | …
	Serial      int64                `json:"serial"` // of the crosswalk it was made on
	Head        string               `json:"head"`   // digest of the crosswalk's last run then
	Author      string               `json:"author"` // who made it
	Rules       string               `json:"rules"`  // digest of the rules
	Sections    map[string]string    `json:"sections"`
	Environment string               `json:"environment"`
	Digest      string               `json:"digest"` // SHA-256 of everything it would write
	Sources     []SourceCount        `json:"sources"`
	Totals      mapping.Totals       `json:"totals"`
	Rejects     []mapping.Reject     `json:"rejects"`
	Repairs     []mapping.Repair     `json:"repairs"`
	Notes       []string             `json:"notes"`
	Reviews     []Review             `json:"reviews"`
	Closed      []string             `json:"closed"`    // reviews that this run answers
	Spaces      []crosswalk.Source   `json:"spaces"`    // sources as the crosswalk will number them
	Full        []int                `json:"full"`      // numbers of the sources that were read whole
	Schemes     map[int]string       `json:"schemes"`   // by the number of a source: in which scheme its founders are numbered
	Model       []byte               `json:"model"`     // the matching model to keep from now on; empty: no other than before
	Decisions   int64                `json:"decisions"` // the newest of people's decisions that it knows of
	Decided     []string             `json:"decided"`   // of the merged numbers, those that a person's decision merged
	Told        []string             `json:"told"`      // of the merged numbers, those whose records their source merged
	Reborn      []Reborn             `json:"reborn"`    // IDs that stood for somebody else before, in the order of the links
	Verdicts    []crosswalk.Decision `json:"verdicts"`  // that a steward's act implies, to be recorded with the run
	Numbers     []crosswalk.Number   `json:"numbers"`
	Counters    map[string]uint64    `json:"counters"`
	Links       int64                `json:"links"`           // how many link rows it writes
	Marks       map[int]string       `json:"marks,omitempty"` // by the number of a source: how far it counts as read
	Undo        *Undone              `json:"undo,omitempty"`  // what becomes of the run that it undoes
	// Erase is what it forgets, and Rekeyed the spaces whose keys it makes
	// anew. Such plans are never saved.
	Erase   *Erasure  `json:"-"`
	Rekeyed []Rekeyed `json:"-"`
	// Moved are the keys that change with that, in the order of the old ones.
	Moved []crosswalk.KeyMove `json:"-"`
	// Rewrote is what a rewrite is about, and Adopted are the sources whose own
	// key it rewrites; see [Rewrite]. Undoes is the rewrite that it takes back.
	// Such plans are never saved.
	Rewrote []crosswalk.Rewritten `json:"-"`
	Adopted []string              `json:"-"`
	Undoes  int64                 `json:"-"`
	// body streams the link rows, with what is kept of their records (Match and
	// Fields) only where asked for: that is put together anew each time.
	body func(kept bool) iter.Seq2[*Write, error]
	// entries are those of one of [rules.Indexes] in a plan that takes them
	// from the crosswalk, sorted by hash; nil where they come with the rows.
	entries func(no int) ([]crosswalk.IndexEntry, error)
	// drop gives back the memory of what is kept; nil where there is none.
	drop    func()
	written bool // see Written
	// unindexed says that no row has an entry of an index: there is no need to
	// go through them.
	unindexed bool
	// listed is the list of changes of an act, which tells more than its rows:
	// also what becomes of links that stay as they are.
	listed   []Change
	told     iter.Seq2[Change, error] // the same, where it may be long
	checksum string                   // see Checksum
}

// Checksum is the SHA-256 of the plan's file, in hexadecimal: of everything
// that is in it, so that no other plan has it. It is empty for a plan that was
// not opened from a file.
func (p *Plan) Checksum() string { return p.checksum }

// SourceCount is what happens to the records of one source.
type SourceCount struct {
	Name   string         `json:"name"`
	Counts mapping.Counts `json:"counts"`
}

// Reborn is a source ID that its source gave to somebody else: it begins anew.
type Reborn struct {
	Space  int    `json:"space"`
	Key    string `json:"key"`
	Before string `json:"before"` // what its number was or meant
}

// Write is one link row to write, with the kind of change that it means and
// the hashes under which its record can be looked up; these are only good
// until the next step.
type Write struct {
	Kind  mapping.Kind
	Link  crosswalk.Link
	Index []rules.IndexHash
}

// Review is a possible match that a person must decide.
type Review struct {
	ID       string             `json:"review"`
	Score    float64            `json:"score"` // the probability that they are one customer
	Left     ReviewSide         `json:"left"`
	Right    ReviewSide         `json:"right"`
	Rule     string             `json:"rule"` // what proposes them: a line of match.same, or similar
	Evidence []mapping.Evidence `json:"evidence"`
}

// ReviewSide is one of the two records of a review. Fields are there when
// the crosswalk keeps fields.
type ReviewSide struct {
	Source      string              `json:"source"`
	SourceID    string              `json:"source_id"`
	CanonicalID string              `json:"canonical_id,omitempty"`
	Fields      map[string][]string `json:"fields,omitempty"`
	Space       int                 `json:"space"`
	Key         string              `json:"key"`
}

// Change is one entry of the change list.
type Change struct {
	Kind        mapping.Kind
	Source      string
	SourceID    string
	CanonicalID string
	Rule        string
	Detail      string
}

// Writes streams the link rows in the order of the crosswalk's sources and
// the bytes of their keys. The Write is reused by the next step; what it
// refers to stays valid, but for Index.
func (p *Plan) Writes() iter.Seq2[*Write, error] { return p.body(true) }

// Written gives back the memory of what is kept of the records, once all link
// rows are written: from now on Writes tells nothing of it, and the plan can
// neither be saved nor carried out again.
func (p *Plan) Written() {
	p.written = true
	if p.drop != nil {
		p.drop()
		p.drop = nil
	}
}

// Whole is an error once Written was called.
func (p *Plan) Whole() error {
	if p.written {
		return errors.New("the plan was carried out, and what it would keep of the records is forgotten; make a new one")
	}
	return nil
}

// Empty reports whether the plan would change nothing.
func (p *Plan) Empty() bool {
	return p.Links == 0 && len(p.Numbers) == 0 && len(p.Reviews) == 0 && len(p.Closed) == 0 && len(p.Verdicts) == 0 && p.Erase == nil && p.Rekeyed == nil
}

// Changes streams what the plan would do, for people: merges and reviews
// first, then links in the order of Writes, then rejects.
func (p *Plan) Changes() iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		if p.listed != nil {
			for _, c := range p.listed {
				if !yield(c, nil) {
					return
				}
			}
			return
		}
		if p.told != nil {
			p.told(yield)
			return
		}
		decided := map[string]bool{}
		for _, number := range p.Decided {
			decided[number] = true
		}
		told := map[string]bool{}
		for _, number := range p.Told {
			told[number] = true
		}
		for _, n := range p.Numbers {
			rule := "policy.merges"
			switch {
			case decided[n.Canonical]:
				rule = rules.DecidedRule
			case told[n.Canonical]:
				rule = rules.MergedIntoRule
			}
			if n.State == crosswalk.Merged && n.Into == n.Survivor && // else it was merged before
				!yield(Change{Kind: mapping.KindMerge, SourceID: n.Canonical, CanonicalID: n.Into, Rule: rule}, nil) {
				return
			}
		}
		for _, r := range p.Reviews {
			c := Change{Kind: mapping.KindReview, Source: r.Right.Source, SourceID: r.Right.SourceID, CanonicalID: r.Right.CanonicalID, Rule: r.Rule}
			c.Detail = fmt.Sprintf("review %s: %s %s", r.ID, r.Left.Source, r.Left.SourceID)
			if !yield(c, nil) {
				return
			}
		}
		names := map[int]string{}
		for _, s := range p.Spaces {
			names[s.No] = s.Name
		}
		repaired, reborn := p.repaired(), p.Reborn
		for w, err := range p.body(false) {
			if err != nil {
				yield(Change{}, err)
				return
			}
			if w.Link.State == crosswalk.Void && w.Link.Rule == ruleRekey {
				continue // its new key is listed
			}
			c := Change{Kind: w.Kind, Source: names[w.Link.Source], SourceID: w.Link.Verbatim, CanonicalID: w.Link.Canonical, Rule: w.Link.Rule}
			switch w.Link.State {
			case crosswalk.Contested:
				c.Detail = "held by two customers"
			case crosswalk.Held:
				c.Detail = "held back until a person decides"
			}
			if len(reborn) > 0 && reborn[0].Space == w.Link.Source && reborn[0].Key == w.Link.Key {
				c.Detail = strings.TrimPrefix(c.Detail+", used before by "+cmp.Or(reborn[0].Before, "a record without a number")+", for somebody else", ", ")
				reborn = reborn[1:]
			}
			if kind := repaired(c.Source, w.Link.Key); kind != "" && w.Kind != mapping.KindRetire {
				c.Detail = strings.TrimPrefix(c.Detail+", repaired to "+w.Link.Key+" ("+kind+")", ", ")
			}
			if !yield(c, nil) {
				return
			}
		}
		for _, r := range p.Rejects {
			if !yield(Change{Kind: mapping.KindReject, Source: r.Source, SourceID: r.SourceID, Detail: r.Place + ": " + r.Reason}, nil) {
				return
			}
		}
	}
}

// repaired looks repairs up: the kind of damage of a repaired ID, empty for one
// that was received as it is.
func (p *Plan) repaired() func(source, id string) string {
	compare := func(r *mapping.Repair, source, id string) int {
		return cmp.Or(strings.Compare(r.Source, source), strings.Compare(r.Repaired, id))
	}
	order := make([]uint32, len(p.Repairs))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int {
		return compare(&p.Repairs[x], p.Repairs[y].Source, p.Repairs[y].Repaired)
	})
	return func(source, id string) string {
		k, ok := slices.BinarySearchFunc(order, struct{}{}, func(i uint32, _ struct{}) int { return compare(&p.Repairs[i], source, id) })
		if !ok {
			return ""
		}
		return p.Repairs[order[k]].Kind
	}
}

// GuardError says that a guard of the configuration forbids the run.
type GuardError struct {
	Guard string // joined, rejected, cluster or vanished
	What  string
	Limit string
}

func (e *GuardError) Error() string {
	return fmt.Sprintf("guard %s: %s; the limit is %s. Nothing was written. Look at the report of `xwalk plan --allow %s`, and apply with --allow %s if it is right",
		e.Guard, e.What, e.Limit, e.Guard, e.Guard)
}

// KeyRuleError says that a source's key rule is not the one under which the
// crosswalk holds its keys. The texts are as [rules.ParseKeyRule] reads them.
type KeyRuleError struct{ Source, Was, Is string }

func (e *KeyRuleError) Error() string {
	name := func(rule string) string {
		if rule == "" {
			return "the default rule"
		}
		return rule
	}
	return fmt.Sprintf("the keys of %s are in the crosswalk under another key rule (%s, now %s): its known numbers would not be found again, so nothing is planned. Put `key` and `scheme` back as they were, or make its keys anew with `xwalk rekey %s`, which keeps every number",
		e.Source, name(e.Was), name(e.Is), e.Source)
}
