package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// KindRekey is the kind of the runs that make the keys of a source anew.
const KindRekey = "rekey"

// ruleRekey is the rule of the links that a rekey writes other than under
// their new key: those that say nothing any more, and those that stay under
// their old key because another customer has the new one.
const ruleRekey = "rekey"

// Rekeyed is what a plan does to the keys of one space.
type Rekeyed struct {
	Space      string `json:"space"`
	Was        string `json:"was"` // key rules, as [rules.ParseKeyRule] reads them
	Is         string `json:"is"`
	Links      int64  `json:"links"`      // looked at
	Rekeyed    int64  `json:"rekeyed"`    // get another key
	Joined     int64  `json:"joined"`     // say what another link of the same customer says under that key
	Collided   int64  `json:"collided"`   // keep their old key, since another customer has the new one
	Unreadable int64  `json:"unreadable"` // have no key under the new rule, and keep the old one
}

// Rekey plans to give the links of a source, and those of its further numbers,
// the keys that the rules make of their IDs, after an edit of the key rule.
// Numbers stay: a link moves to its new key with all that it holds. Where two
// links would get one key, one of them has it: a live one before others, one
// that has it already, then the one that was issued first. The other says
// nothing any more if it is of the same customer; else it stays as it is under
// its old key, and a review asks who is who. What people have decided, and
// what they are being asked, is carried over.
//
// Open opens a view of the crosswalk as it is at present; the plan reads the
// links through it whenever it is walked. Memory is some 200 bytes for each
// link whose key changes. A source that the rules do not have is an error. A
// plan that is empty says that no key rule has changed.
func Rekey(ctx context.Context, snap *crosswalk.Snapshot, open func(context.Context) (*crosswalk.Snapshot, error), rs *rules.Ruleset, source string, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, KindRekey, o)
	if err != nil {
		return nil, err
	}
	r := &rekeyer{draft: d, open: open, survivors: map[string]string{}}
	spaces, err := r.changed(source)
	if err != nil {
		return nil, err
	}
	for n, err := range snap.Merged(ctx) {
		if err != nil {
			return nil, err
		}
		r.survivors[n.Canonical] = n.Survivor
	}
	for _, space := range spaces {
		if err := r.space(ctx, space); err != nil {
			return nil, err
		}
	}
	return r.finish(ctx)
}

// rekeyer works out new keys. Moves are those of all spaces, in the order of
// (source, old key).
type rekeyer struct {
	*draft
	open      func(context.Context) (*crosswalk.Snapshot, error)
	survivors map[string]string // of the merged numbers
	moves     []move
	written   []placed // what is written, in the order of (source, key)
}

// move is a link whose key changes, or would.
type move struct {
	source    int
	old, new  string
	canonical string
	since     int64
	state     crosswalk.State
	kind      crosswalk.Kind
	fate      fate
}

func (m *move) from() crosswalk.SourceKey { return crosswalk.SourceKey{Source: m.source, Key: m.old} }

func (m *move) to() crosswalk.SourceKey { return crosswalk.SourceKey{Source: m.source, Key: m.new} }

// fate is what becomes of a move.
type fate uint8

const (
	moves     fate = iota // it gets the new key
	joins                 // another link of its customer has the new key
	stays                 // another customer has the new key
	lapses                // it said nothing, or waited for a number, and another link has the new key
	contested             // a further number that two customers hold now: it gets the new key, and resolves to neither
)

// changed are the spaces of a source whose key rule is not that of the
// crosswalk: all of SOURCE, or the one that SOURCE.NUMBER names.
func (r *rekeyer) changed(source string) (list []spaceRule, err error) {
	found := false
	for i := range r.rules.Sources() {
		own := r.rules.Space(i)
		for _, s := range append([]rules.Space{own}, r.rules.AlsoSpaces(i)...) {
			if s.Name != source && own.Name != source {
				continue
			}
			found = true
			for k := range r.plan.Spaces {
				if o := &r.plan.Spaces[k]; o.Name == s.Name && o.KeyRule != s.Key {
					list = append(list, spaceRule{place: k, was: o.KeyRule, also: s.Name != own.Name})
					o.KeyRule = s.Key
				}
			}
		}
	}
	if !found {
		return nil, refused("the sources of the configuration are "+strings.Join(r.rules.Sources(), ", "), "there is no source %s", source)
	}
	slices.SortFunc(list, func(a, b spaceRule) int { return cmp.Compare(a.place, b.place) })
	return list, nil
}

// spaceRule is a space of the plan, by its place, that has another rule now.
type spaceRule struct {
	place int
	was   string
	also  bool
}

// space works out the moves of one space.
func (r *rekeyer) space(ctx context.Context, s spaceRule) error {
	stored := r.plan.Spaces[s.place]
	was, err := rules.ParseKeyRule(s.was)
	if err != nil {
		return err
	}
	done := Rekeyed{Space: stored.Name, Was: s.was, Is: stored.KeyRule}
	forgotten, err := r.snap.Erased(ctx, stored.No)
	if err != nil {
		return err
	}
	first := len(r.moves)
	example := ""
	for l, err := range r.snap.Links(ctx, crosswalk.Query{Sources: []int{stored.No}}) {
		if err != nil {
			return err
		}
		done.Links++
		if l.State == crosswalk.Void && l.Rule == ruleRekey {
			continue // it moved away before
		}
		key, err := r.newKey(stored.Name, was, l)
		if err == nil && key != l.Key && forgotten != nil {
			if e, erased := forgotten(key); erased { // else a record of theirs would be taken for this one's
				err = errors.New("the ID that has this key was " + isErased(e))
			}
		}
		switch {
		case err != nil:
			if done.Unreadable++; example == "" {
				example = l.Verbatim + ": " + err.Error()
			}
		case key != l.Key:
			r.moves = append(r.moves, move{stored.No, l.Key, key, l.Canonical, l.SinceRun, l.State, l.Kind, moves})
		}
	}
	if done.Unreadable > 0 {
		r.note("%s: %d IDs have no key under the new rule and keep the old one, such as %s", stored.Name, done.Unreadable, example)
	}
	if err := r.settle(ctx, r.moves[first:], s.also); err != nil {
		return err
	}
	for i := range r.moves[first:] {
		switch r.moves[first+i].fate {
		case moves, contested:
			done.Rekeyed++
		case joins, lapses:
			done.Joined++
		case stays:
			done.Collided++
		}
	}
	r.plan.Rekeyed = append(r.plan.Rekeyed, done)
	return nil
}

// newKey is the key of a link under the rules: that of its ID, unless its key
// was not made of that but of what a damaged ID was repaired to.
func (r *rekeyer) newKey(space string, was rules.Keys, l *crosswalk.Link) (string, error) {
	key, _, err := r.rules.Key(space, l.Verbatim)
	if old, oldErr := was.Key(l.Verbatim); err != nil || oldErr != nil || old != l.Key {
		if repaired, _, keyErr := r.rules.Key(space, l.Key); keyErr == nil && (err != nil || old != l.Key && !composite(l.Verbatim)) {
			return repaired, nil
		}
	}
	return key, err
}

// composite tells the IDs of several parts, whose keys are made part by part.
func composite(verbatim string) bool { return strings.Contains(verbatim, "|") }

// customer is who a link is of: a number, and for a link without one itself.
func (r *rekeyer) customer(id crosswalk.SourceKey, canonical string) string {
	if canonical == "" {
		return fmt.Sprintf("\x00%d %s", id.Source, id.Key)
	}
	return cmp.Or(r.survivors[canonical], canonical)
}
