package plan

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// settle decides who gets which key, among the moves of one space and the
// links that have those keys at present.
func (r *rekeyer) settle(ctx context.Context, list []move, also bool) error {
	if len(list) == 0 {
		return nil
	}
	byNew := make([]int, len(list)) // places in list, by the new key
	for i := range byNew {
		byNew[i] = i
	}
	slices.SortFunc(byNew, func(a, b int) int {
		return cmp.Or(strings.Compare(list[a].new, list[b].new), cmp.Compare(a, b))
	})
	there, err := r.occupants(ctx, list, byNew)
	if err != nil {
		return err
	}
	s := &settling{rekeyer: r, list: list, byNew: byNew, there: there, also: also, kept: map[string]bool{}}
	for at := 0; at < len(byNew); {
		end := at + 1
		for end < len(byNew) && list[byNew[end]].new == list[byNew[at]].new {
			end++
		}
		s.group(byNew[at:end])
		at = end
	}
	s.write()
	return s.review(ctx)
}

// settling is the state of one call of settle.
type settling struct {
	*rekeyer
	list  []move
	byNew []int
	there map[string]move // by key: links that stand where a move goes, and do not move
	kept  map[string]bool // the keys of those that two customers hold now
	also  bool
	lost  []collision
}

// collision is a live link that did not get its key, by its place, and the one
// in whose favour.
type collision struct {
	loser  int
	winner move
}

// occupants are the links that stand under the new keys and keep them.
func (r *rekeyer) occupants(ctx context.Context, list []move, byNew []int) (map[string]move, error) {
	there := map[string]move{}
	for chunk := range slices.Chunk(byNew, rekeyRows) {
		var keys []crosswalk.SourceKey
		for _, i := range chunk {
			if m := &list[i]; !moving(list, m.new) {
				keys = append(keys, m.to())
			}
		}
		links, err := r.snap.ByKeys(ctx, keys)
		if err != nil {
			return nil, err
		}
		for i := range links {
			l := &links[i]
			there[l.Key] = move{l.Source, l.Key, l.Key, l.Canonical, l.SinceRun, l.State, l.Kind, moves}
		}
	}
	return there, nil
}

// moving finds the move of a link by its old key, which list is sorted by.
func moving(list []move, old string) bool {
	_, found := find(list, old)
	return found
}

func find(list []move, old string) (int, bool) {
	return slices.BinarySearchFunc(list, old, func(m move, key string) int { return strings.Compare(m.old, key) })
}

// worth orders links that want one key: those that resolve come first.
func worth(s crosswalk.State) int {
	return [...]int{crosswalk.Live: 0, crosswalk.Contested: 1, crosswalk.Held: 2, crosswalk.Retired: 3, crosswalk.Void: 4}[s]
}

// group gives one key to one of the moves that go there, or to the link that
// has it.
func (s *settling) group(group []int) {
	key := s.list[group[0]].new
	best := slices.MinFunc(group, func(a, b int) int {
		x, y := &s.list[a], &s.list[b]
		return cmp.Or(cmp.Compare(worth(x.state), worth(y.state)), cmp.Compare(x.since, y.since), strings.Compare(x.old, y.old))
	})
	winner := s.list[best]
	if o, taken := s.there[key]; taken && worth(o.state) <= worth(winner.state) {
		winner, best = o, -1
	}
	for _, i := range group {
		if i != best {
			s.lose(i, winner)
		}
	}
}

// lose says what becomes of a move whose key goes to another link. Where it
// stays, whoever was to move to its old key cannot.
func (s *settling) lose(i int, winner move) {
	m := &s.list[i]
	same := m.canonical != "" && winner.canonical != "" && s.customer(m.from(), m.canonical) == s.customer(winner.from(), winner.canonical)
	switch {
	case same:
		m.fate = joins
	case m.state != crosswalk.Live && m.state != crosswalk.Retired:
		m.fate = lapses
	case s.also && m.state == crosswalk.Live:
		m.fate = lapses
		s.contest(winner)
	default:
		m.fate = stays
		if m.state == crosswalk.Live {
			s.lost = append(s.lost, collision{i, winner})
		}
		s.there[m.old] = *m
		s.evict(m.old, *m)
	}
}

// contest lets a further number resolve to neither of two customers.
func (s *settling) contest(winner move) {
	if at, found := find(s.list, winner.old); found {
		s.list[at].fate = contested
	} else {
		s.kept[winner.old] = true
	}
}

// evict takes a key back from the move that was given it, since the link that
// has it stays.
func (s *settling) evict(key string, stayer move) {
	stayer.new = key
	for at := s.going(key); at < len(s.byNew) && s.list[s.byNew[at]].new == key; at++ {
		if i := s.byNew[at]; s.list[i].fate == moves && worth(stayer.state) <= worth(s.list[i].state) {
			s.lose(i, stayer)
		}
	}
}

// going is the place in byNew of the first move to a key.
func (s *settling) going(key string) int {
	at, _ := slices.BinarySearchFunc(s.byNew, key, func(i int, key string) int { return strings.Compare(s.list[i].new, key) })
	return at
}

// taken reports whether a move gets a key.
func (s *settling) taken(key string) bool {
	for at := s.going(key); at < len(s.byNew) && s.list[s.byNew[at]].new == key; at++ {
		if f := s.list[s.byNew[at]].fate; f == moves || f == contested {
			return true
		}
	}
	return false
}

// write lists the rows that come of the moves.
func (s *settling) write() {
	var out []placed
	for i := range s.list {
		m := &s.list[i]
		void := placed{key: m.from(), from: m.from(), how: asVoid, replaces: true}
		switch m.fate {
		case moves, contested:
			_, there := s.there[m.new]
			p := placed{key: m.to(), from: m.from(), how: asMoved, replaces: there || moving(s.list, m.new)}
			if m.fate == contested {
				p.how = asContested
			}
			out = append(out, p)
		case stays:
			if void.how = asStaying; m.state != crosswalk.Live {
				continue
			}
		}
		if m.state != crosswalk.Void && !s.taken(m.old) {
			out = append(out, void)
		}
	}
	for key := range s.kept {
		id := crosswalk.SourceKey{Source: s.list[0].source, Key: key}
		out = append(out, placed{key: id, from: id, how: asContested, replaces: true})
	}
	slices.SortFunc(out, func(a, b placed) int { return a.key.Compare(b.key) })
	s.written = append(s.written, out...)
}

// review raises a review of every two customers of whom each has an ID with
// the same key.
func (s *settling) review(ctx context.Context) error {
	open, err := s.snap.Reviews(ctx)
	if err != nil {
		return err
	}
	asked := map[string]bool{}
	for i := range open {
		asked[open[i].ID] = true
	}
	for chunk := range slices.Chunk(s.lost, rekeyRows) {
		keys := make([]crosswalk.SourceKey, 0, 2*len(chunk))
		for _, c := range chunk {
			keys = append(keys, s.list[c.loser].from(), c.winner.from())
		}
		links, err := s.snap.ByKeys(ctx, keys)
		if err != nil {
			return err
		}
		byKey := map[crosswalk.SourceKey]*crosswalk.Link{}
		for i := range links {
			byKey[links[i].ID()] = &links[i]
		}
		for _, c := range chunk {
			left, right := s.side(byKey[c.winner.from()]), s.side(byKey[s.list[c.loser].from()])
			if at, found := find(s.list, c.winner.old); found && s.list[at].fate == moves {
				left.Key = s.list[at].new
			}
			id := reviewID(left, right)
			if asked[id] {
				continue
			}
			asked[id] = true
			s.plan.Reviews = append(s.plan.Reviews, Review{
				ID: id, Left: left, Right: right, Rule: ruleRekey, Score: 0.5,
				Evidence: []mapping.Evidence{{Says: "two IDs that the new key rule takes for one", Left: left.SourceID, Right: right.SourceID}},
			})
		}
	}
	return nil
}

// side is a link as one side of a review.
func (r *rekeyer) side(l *crosswalk.Link) ReviewSide {
	side := ReviewSide{
		Source: r.names[l.Source], SourceID: l.Verbatim, CanonicalID: r.customer(l.ID(), l.Canonical), Space: l.Source, Key: l.Key,
	}
	side.Fields, _ = rules.DecodeFields(l.Fields) // our own encoding
	return side
}
