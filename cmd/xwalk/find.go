package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/normalize"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// The answers of a look-up.
const (
	statusLive       = "live"
	statusRedirected = "redirected"
	statusGone       = "gone"
	statusNotFound   = "not_found"
)

// How an answer came about.
const (
	matchExact = "exact"
	matchNear  = "near" // one slip away from the ID that was asked for
)

// answer is one row of a look-up, in the words of the contract. Asked is the
// ID that was asked for. Review names the review that a record without a
// number waits for. Contested says that two customers hold the number, so
// that it resolves to neither. Slip says, in a row that is near, what mistake
// makes the ID that was asked for out of this one.
type answer struct {
	Asked        string `json:"asked" csv:"asked"`
	Source       string `json:"source" csv:"source"`
	SourceID     string `json:"source_id" csv:"source_id"`
	CanonicalID  string `json:"canonical_id" csv:"canonical_id"`
	Kind         string `json:"kind" csv:"kind"`
	Name         string `json:"name" csv:"name"`
	Status       string `json:"status" csv:"status"`
	Match        string `json:"match" csv:"match"`
	ResolvedFrom string `json:"resolved_from" csv:"resolved_from"`
	Review       string `json:"review,omitempty" csv:"review"`
	Contested    bool   `json:"contested,omitempty" csv:"-"`
	Slip         string `json:"slip,omitempty" csv:"slip"`
}

// finder answers look-ups from one view of the crosswalk. It asks the store
// for everything that a set of IDs needs at once, never ID by ID.
type finder struct {
	snap    *crosswalk.Snapshot
	names   map[int]string
	spaces  []space // those to search, in the crosswalk's order
	all     bool    // no source was named: canonical IDs are searched too
	reviews map[crosswalk.SourceKey]string
	// survivors says what a merged number means now; customers has the live
	// links of numbers that are in force.
	survivors map[string]string
	customers map[string][]crosswalk.Link
}

// space is an ID space and its key rule, as the crosswalk remembers them.
type space struct {
	no   int
	keys rules.Keys
}

func newFinder(ctx context.Context, snap *crosswalk.Snapshot, source string) (*finder, error) {
	sources, err := snap.Sources(ctx)
	if err != nil {
		return nil, err
	}
	f := &finder{snap: snap, names: map[int]string{}, all: source == ""}
	var names []string
	for _, s := range sources {
		f.names[s.No] = s.Name
		names = append(names, s.Name)
		if source != "" && s.Name != source {
			continue
		}
		keys, err := rules.ParseKeyRule(s.KeyRule)
		if err != nil {
			return nil, fmt.Errorf("key rule of source %s in the crosswalk: %w", s.Name, err)
		}
		f.spaces = append(f.spaces, space{s.No, keys})
	}
	if source != "" && len(f.spaces) == 0 {
		hint := "it has: " + strings.Join(names, ", ")
		if near := diag.Nearest(source, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, usage("the crosswalk has no source %q\n  hint: %s", source, hint)
	}
	return f, nil
}

// byID answers for each ID in turn: as a source ID in every space, or in the
// one that it names, and as a canonical ID.
func (f *finder) byID(ctx context.Context, ids []string) ([]answer, error) {
	var keys []crosswalk.SourceKey
	var numbers []string
	for _, id := range ids {
		keys = append(keys, f.keysOf(id)...)
		if n := canonicalKey(id); f.all && n != "" {
			numbers = append(numbers, n)
		}
	}
	links, err := f.snap.ByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	links = slices.DeleteFunc(links, saysNothing)
	if err := f.learn(ctx, links, numbers); err != nil {
		return nil, err
	}
	byKey := map[crosswalk.SourceKey]*crosswalk.Link{}
	for i := range links {
		byKey[links[i].ID()] = &links[i]
	}
	var out []answer
	var lost []int
	for _, id := range ids {
		before := len(out)
		for _, k := range f.keysOf(id) {
			if l := byKey[k]; l != nil {
				a, err := f.answer(ctx, l)
				if err != nil {
					return nil, err
				}
				a.Asked = id
				out = append(out, a)
			}
		}
		if f.all {
			more, err := f.byCanonical(ctx, id)
			if err != nil {
				return nil, err
			}
			// Where a source's number stayed canonical, id is both.
			for _, a := range more {
				if !slices.Contains(out[before:], a) {
					out = append(out, a)
				}
			}
		}
		if len(out) == before {
			lost = append(lost, len(out))
			out = append(out, answer{Asked: id, SourceID: id, Status: statusNotFound, Match: matchExact})
		}
	}
	return out, f.tellErased(ctx, out, lost)
}

// saysNothing reports whether a link is one that was undone, as if its source
// ID had never been read.
func saysNothing(l crosswalk.Link) bool { return l.State == crosswalk.Void }

// learn asks what the numbers of links, and numbers themselves, mean now, and
// for the customers that an answer has to look at. It forgets what it learnt
// before.
func (f *finder) learn(ctx context.Context, links []crosswalk.Link, numbers []string) error {
	f.survivors, f.customers = map[string]string{}, map[string][]crosswalk.Link{}
	mentioned := slices.Clone(numbers)
	for i := range links {
		if links[i].Canonical != "" {
			mentioned = append(mentioned, links[i].Canonical)
		}
	}
	noted, err := f.snap.NumbersOf(ctx, mentioned)
	if err != nil {
		return err
	}
	for _, n := range noted {
		if n.State == crosswalk.Merged {
			f.survivors[n.Canonical] = n.Survivor
		}
	}
	var wanted []string
	for _, n := range numbers {
		wanted = append(wanted, f.current(n))
	}
	for i := range links {
		if links[i].State == crosswalk.Retired {
			wanted = append(wanted, f.current(links[i].Canonical))
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	// Links keep the numbers that they were given, so a customer's links are
	// also those of the numbers that were merged into its own.
	merged, err := f.snap.MergedInto(ctx, wanted)
	if err != nil {
		return err
	}
	for _, n := range merged {
		f.survivors[n.Canonical] = n.Survivor
		wanted = append(wanted, n.Canonical)
	}
	live, err := f.snap.ByCanonical(ctx, wanted)
	if err != nil {
		return err
	}
	for _, l := range live {
		number := f.current(l.Canonical)
		f.customers[number] = append(f.customers[number], l)
	}
	return nil
}

// current is the number that a canonical ID means now.
func (f *finder) current(number string) string {
	if s := f.survivors[number]; s != "" {
		return s
	}
	return number
}

// canonicalKey is id as canonical IDs are written: in capitals. Empty means
// that no canonical ID looks like it.
func canonicalKey(id string) string {
	key, err := scheme.Keyer{}.Key(strings.ToUpper(id))
	if err != nil {
		return ""
	}
	return key
}

// keysOf are the keys that id can have: as it is written in every space, and
// where it is SOURCE:ID as that of the ID in the space it names. What is no
// key of a space is not in it.
func (f *finder) keysOf(id string) []crosswalk.SourceKey {
	var keys []crosswalk.SourceKey
	for _, s := range f.spaces {
		if key, err := s.keys.Key(id); err == nil {
			keys = append(keys, crosswalk.SourceKey{Source: s.no, Key: key})
		}
	}
	name, rest, _ := strings.Cut(id, ":")
	for _, s := range f.spaces {
		if f.names[s.no] != name {
			continue
		}
		if key, err := s.keys.Key(rest); err == nil {
			keys = append(keys, crosswalk.SourceKey{Source: s.no, Key: key})
		}
	}
	return keys
}

// byCanonical answers for a canonical ID: a row for each live link of the
// customer that it means now.
func (f *finder) byCanonical(ctx context.Context, id string) ([]answer, error) {
	number := canonicalKey(id)
	if number == "" {
		return nil, nil
	}
	current := f.current(number)
	var out []answer
	for i := range f.customers[current] {
		a := f.row(&f.customers[current][i])
		a.Asked, a.CanonicalID, a.Status = id, current, statusLive
		if current != number {
			a.Status, a.ResolvedFrom = statusRedirected, number
		}
		out = append(out, a)
	}
	if len(out) > 0 {
		return out, nil
	}
	known, err := f.snap.Known(ctx, number)
	if err != nil || !known {
		return nil, err
	}
	a := answer{Asked: id, CanonicalID: current, Status: statusGone, Match: matchExact}
	if current != number {
		a.ResolvedFrom = number
	}
	return []answer{a}, nil
}

// answer says what a link means now.
func (f *finder) answer(ctx context.Context, l *crosswalk.Link) (answer, error) {
	a := f.row(l)
	switch l.State {
	case crosswalk.Contested:
		a.Status, a.CanonicalID, a.Contested = statusNotFound, "", true
		return a, nil
	case crosswalk.Void:
		a.Status, a.CanonicalID = statusNotFound, ""
		return a, nil
	case crosswalk.Held:
		a.Status, a.CanonicalID = statusNotFound, ""
		var err error
		a.Review, err = f.review(ctx, l.ID())
		return a, err
	}
	a.Status, a.CanonicalID = statusLive, f.current(l.Canonical)
	if a.CanonicalID != l.Canonical {
		a.ResolvedFrom = l.Canonical
	}
	// A vanished source ID resolves while its customer lives on elsewhere.
	if l.State == crosswalk.Retired && len(f.customers[a.CanonicalID]) == 0 {
		a.Status = statusGone
	}
	return a, nil
}

// row is what a link says of itself.
func (f *finder) row(l *crosswalk.Link) answer {
	a := answer{Source: f.names[l.Source], SourceID: l.Verbatim, CanonicalID: l.Canonical, Kind: l.Kind.String(), Match: matchExact}
	if names := rules.Names(fieldsOf(l)); len(names) > 0 {
		a.Name = normalize.Mask("name", names[0])
	}
	return a
}

// fieldsOf are the fields that the crosswalk keeps of a record; none where
// it keeps none.
func fieldsOf(l *crosswalk.Link) map[string][]string {
	fields := map[string][]string{}
	if len(l.Fields) > 0 {
		// What is not readable is shown as if it were not there; the numbers
		// are what the answer is about.
		_ = json.Unmarshal(l.Fields, &fields)
	}
	return fields
}

// unnamedReview stands for a review that is none of the record's own: it was
// answered since, or is about another record of the same customer.
const unnamedReview = "open"

// waiting says for people what a record without a number waits for.
func waiting(review string) string {
	if review == unnamedReview {
		return "waits for a decision or for the run that reads it next"
	}
	return "waits for review " + review
}

// review is the open review that a record waits for.
func (f *finder) review(ctx context.Context, id crosswalk.SourceKey) (string, error) {
	if f.reviews == nil {
		f.reviews = map[crosswalk.SourceKey]string{}
		reviews, err := f.snap.Reviews(ctx)
		if err != nil {
			return "", err
		}
		for _, r := range reviews {
			f.reviews[r.Left], f.reviews[r.Right] = r.ID, r.ID
		}
	}
	if name := f.reviews[id]; name != "" {
		return name, nil
	}
	return unnamedReview, nil
}

// byField answers a look-up by a value: the index proposes, and where the
// crosswalk keeps fields they confirm.
func (f *finder) byField(ctx context.Context, q rules.Query) ([]answer, error) {
	keys, err := f.snap.ByIndex(ctx, q.Index, q.Hashes())
	if err != nil {
		return nil, err
	}
	links, err := f.snap.ByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	if err := f.learn(ctx, links, nil); err != nil {
		return nil, err
	}
	var out []answer
	for i := range links {
		l := &links[i]
		searched := slices.ContainsFunc(f.spaces, func(s space) bool { return s.no == l.Source })
		if !searched || l.State == crosswalk.Void || len(l.Fields) > 0 && !q.Matches(fieldsOf(l)) {
			continue
		}
		a, err := f.answer(ctx, l)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	if len(out) == 0 {
		out = append(out, answer{Status: statusNotFound, Match: matchExact})
	}
	return out, nil
}
