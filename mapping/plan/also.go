package plan

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

const ruleAlso = "also"

// spaceSet is the further numbers of one kind: an ID space of its own.
type spaceSet struct {
	no      int // in the crosswalk
	name    string
	source  int // whose records carry them
	changes []spaceChange
}

type spaceChange struct {
	kind mapping.Kind
	link crosswalk.Link
	was  string // the canonical ID that the number no longer resolves to
}

// claim is a record's further number.
type claim struct {
	key, verbatim string
	n             node
}

// resolveAlso links the further numbers of records to the customers of those
// records. A number that two customers hold resolves to neither.
func (b *builder) resolveAlso(ctx context.Context) error {
	first := 0
	for i := range b.sources {
		count := len(b.rules.AlsoSpaces(i))
		if count == 0 {
			continue
		}
		claims := make([][]claim, count)
		for k, batch := range b.table.batches {
			if batch.source != i {
				continue
			}
			for _, a := range batch.also {
				n := node(k<<batchBits | int(a.row))
				if b.status[n] != dead && b.number[n] != 0 {
					claims[a.space] = append(claims[a.space], claim{a.key, a.verbatim, n})
				}
			}
		}
		for k := range count {
			// The first claim of a number makes its link, so the order must not
			// come from that of the rows.
			slices.SortFunc(claims[k], func(x, y claim) int {
				return cmp.Or(strings.Compare(x.key, y.key), strings.Compare(x.verbatim, y.verbatim),
					bytes.Compare(b.ids.bytes(b.number[x.n]), b.ids.bytes(b.number[y.n])), bytes.Compare(b.table.key(x.n), b.table.key(y.n)))
			})
			if err := b.resolveSpace(ctx, &b.spaces[first+k], claims[k]); err != nil {
				return err
			}
		}
		first += count
	}
	return nil
}

// resolveSpace walks the claims side by side with the links of the space.
func (b *builder) resolveSpace(ctx context.Context, s *spaceSet, claims []claim) error {
	leaving := map[string]bool{} // customers whose record of this source is gone
	source := &b.sources[s.source]
	for _, l := range source.gone {
		leaving[b.live(l.Canonical)] = true
	}
	left := b.leftBehind(s)
	for _, id := range source.stay { // a rejected record may still carry the number
		delete(leaving, b.live(id))
	}
	var forgotten *Forgotten
	until := func(key string, known *crosswalk.Link) {
		for len(claims) > 0 && (known == nil || claims[0].key < key) {
			j := sameKey(claims)
			if e, erased := forgotten.Find(claims[0].key, claims[0].verbatim); erased {
				b.note("a number of %s stays with nobody: it was %s (%s)", s.name, isErased(e), b.place(claims[0].n))
			} else {
				b.claimNumber(s, claims[:j], nil)
			}
			claims = claims[j:]
		}
	}
	if b.snap != nil {
		var err error
		if forgotten, err = LoadForgotten(ctx, b.snap, s.no); err != nil {
			return err
		}
		for l, err := range b.snap.Links(ctx, crosswalk.Query{Sources: []int{s.no}}) {
			if err != nil {
				return err
			}
			until(l.Key, l)
			if len(claims) > 0 && claims[0].key == l.Key {
				j := sameKey(claims)
				b.claimNumber(s, claims[:j], l)
				claims = claims[j:]
			} else if l.State == crosswalk.Live && (leaving[b.live(l.Canonical)] || left[l.Key] != "" && left[l.Key] == b.live(l.Canonical)) {
				gone := *l
				gone.State, gone.Replaces, gone.Rule = crosswalk.Retired, true, ruleVanished
				s.changes = append(s.changes, spaceChange{mapping.KindRetire, gone, l.Canonical})
			}
		}
	}
	until("", nil)
	return nil
}

// leftBehind are the numbers that deleted records carry, and whose they are.
func (b *builder) leftBehind(s *spaceSet) map[string]string {
	left := map[string]string{}
	space := slices.IndexFunc(b.rules.AlsoSpaces(s.source), func(o rules.Space) bool { return o.Name == s.name })
	for _, t := range b.sources[s.source].tombs {
		if t.was != ending {
			continue
		}
		for _, a := range b.table.also(t.n) {
			if int(a.space) == space {
				left[a.key] = b.live(b.liveNumber(t.n))
			}
		}
	}
	return left
}

func sameKey(claims []claim) int {
	j := 1
	for j < len(claims) && claims[j].key == claims[0].key {
		j++
	}
	return j
}

// claimNumber decides one number: claims are all records that carry it now,
// known is the link that the crosswalk has for it, or nil. A link to another
// customer than the one that carries the number now does not move by itself.
func (b *builder) claimNumber(s *spaceSet, claims []claim, known *crosswalk.Link) {
	owner := b.ids.get(b.number[claims[0].n])
	contested := false
	for _, c := range claims[1:] {
		contested = contested || b.live(b.ids.get(b.number[c.n])) != b.live(owner)
	}
	l := crosswalk.Link{
		Source: s.no, Key: claims[0].key, Verbatim: claims[0].verbatim, Canonical: owner,
		State: crosswalk.Live, Rule: ruleAlso, Kind: b.kindOf(claims[0].n), Replaces: known != nil,
	}
	switch {
	case known != nil && known.State == crosswalk.Retired && known.Rule == ruleRetire:
		return // people outrank rules
	case contested && known != nil && known.State == crosswalk.Contested:
		return
	case contested:
		b.note("%s %s is held by two customers and resolves to neither (%s and %s)", s.name, l.Verbatim, b.place(claims[0].n), b.place(claims[len(claims)-1].n))
		l.State, l.Canonical = crosswalk.Contested, ""
		was := ""
		if known != nil && known.State == crosswalk.Live {
			was = known.Canonical
		}
		s.changes = append(s.changes, spaceChange{mapping.KindUpdate, l, was})
	case known == nil || known.State == crosswalk.Void:
		s.changes = append(s.changes, spaceChange{mapping.KindLink, l, ""})
	case known.State == crosswalk.Live && b.live(known.Canonical) == b.live(owner):
	case known.State == crosswalk.Live && b.again != nil:
		s.changes = append(s.changes, spaceChange{mapping.KindSplit, l, known.Canonical})
	case known.State == crosswalk.Live:
		b.note("%s %s belongs to %s and now stands at a record of %s (%s); the link stays", s.name, l.Verbatim, known.Canonical, owner, b.place(claims[0].n))
	default:
		s.changes = append(s.changes, spaceChange{mapping.KindRestore, l, ""})
	}
}

// live is the number that stands for a canonical ID after earlier merges and
// those of this plan.
func (b *builder) live(canonical string) string {
	if b.again != nil && b.again.after != nil {
		return cmp.Or(b.again.after[canonical], canonical)
	}
	if s, ok := b.merged[canonical]; ok {
		canonical = s
	}
	if s, ok := b.mergedNow[canonical]; ok {
		return s
	}
	return canonical
}
