package plan

import (
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/damage"
)

// rejectTwins rejects new records whose ID is a known one but for the case of
// its letters, where no record has the known one any more: they are more
// likely that record than another.
func (w *walk) rejectTwins() {
	b := w.b
	e := b.rules.Examiner(w.source)
	known := map[string][]string{} // keys by what is left without case
	for _, n := range b.sources[w.source].nodes {
		if b.status[n] != fresh {
			continue
		}
		if twin, ok := e.OneCase(b.received(n)); ok {
			known[twin] = nil
		}
	}
	if len(known) == 0 {
		return
	}
	add := func(key string) bool {
		twin := damage.Twin(key)
		keys, wanted := known[twin]
		if wanted {
			known[twin] = append(keys, key)
		}
		return wanted
	}
	for _, key := range w.past {
		add(key)
	}
	for _, l := range w.stay {
		add(l.Key)
	}
	w.absent = slices.DeleteFunc(w.absent, func(l crosswalk.Link) bool {
		if !add(l.Key) {
			return false
		}
		w.stay = append(w.stay, l)
		return true
	})
	w.rejectLike(e, known)
}

func (w *walk) rejectLike(e *damage.Examiner, known map[string][]string) {
	b := w.b
	s := &b.sources[w.source]
	s.nodes = slices.DeleteFunc(s.nodes, func(n node) bool {
		if b.status[n] != fresh {
			return false
		}
		twin, ok := e.OneCase(b.received(n))
		if !ok || len(known[twin]) == 0 {
			return false
		}
		slices.Sort(known[twin])
		f := damage.CaseLost(known[twin])
		b.status[n] = dead
		b.reject(w.source, n, "the ID fits, but "+f.Why)
		last := &s.rejects[len(s.rejects)-1]
		last.damage = f
		last.rej.Damage, last.rej.Proposals = f.Kind, f.Proposals
		return true
	})
}
