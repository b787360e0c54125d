package plan

import (
	"context"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// A source whose key was rewritten in place has canonical IDs where its own
// numbers stood, in all of its records or, after a crash, in some. Its records
// are taken for what they were: they are read under the IDs that they had
// before, so that nothing of them is new, changed or gone. The links of the
// adopted IDs, which answer whoever asks for one, have no records of their own;
// each goes where the links go in whose place it came.

// adopted are the adopted IDs of one source.
type adopted struct {
	ids rules.Adopted
	by  map[string][]string // the adopted IDs by those in whose place they came; see adoptedBy
}

// loadAdopted reads the adopted IDs of source i, where there are any.
func (b *builder) loadAdopted(ctx context.Context, i int, names map[string]bool) error {
	name := b.inputs[i].Name
	if !names[name] {
		return nil
	}
	s := &b.sources[i]
	s.adopted.ids = rules.Adopted{}
	var several []crosswalk.SourceKey
	for l, err := range b.snap.Links(ctx, crosswalk.Query{Sources: []int{s.no}, Fields: true}) {
		if err != nil {
			return err
		}
		from, is := AdoptedFrom(l)
		if !is || l.State != crosswalk.Live && l.State != crosswalk.Retired {
			continue
		}
		olds := make([]rules.Old, 0, len(from))
		for _, verbatim := range from {
			if key, err := b.rules.AdoptedKey(i, verbatim); err == nil {
				olds = append(olds, rules.Old{Key: key, Verbatim: verbatim})
			}
		}
		if s.adopted.ids[l.Key] = olds; len(olds) > 1 {
			for _, o := range olds {
				several = append(several, crosswalk.SourceKey{Source: s.no, Key: o.Key})
			}
		}
	}
	if len(several) == 0 {
		return nil
	}
	links, err := b.snap.ByKeys(ctx, several)
	if err != nil {
		return err
	}
	known := make(map[string]*crosswalk.Link, len(links))
	for k := range links {
		known[links[k].Key] = &links[k]
	}
	for _, olds := range s.adopted.ids {
		if len(olds) < 2 {
			continue
		}
		ended := map[string]bool{}
		for k, o := range olds {
			if l := known[o.Key]; l != nil {
				olds[k].RowHash = l.RowHash
			}
			ended[o.Key] = known[o.Key] == nil || known[o.Key].State != crosswalk.Live
		}
		// A record that is there is likelier one that was there.
		slices.SortStableFunc(olds, func(x, y rules.Old) int {
			switch {
			case ended[x.Key] == ended[y.Key]:
				return 0
			case ended[y.Key]:
				return -1
			}
			return 1
		})
	}
	return nil
}

// has reports whether a key is that of an adopted ID.
func (a *adopted) has(key string) bool {
	if len(a.ids) == 0 {
		return false
	}
	_, has := a.ids[key]
	return has
}

// adoptedBy are the adopted IDs that came in place of one.
func (a *adopted) adoptedBy(old string) []string {
	if a.by == nil {
		a.by = make(map[string][]string, len(a.ids))
		for key, olds := range a.ids {
			for _, o := range olds {
				a.by[o.Key] = append(a.by[o.Key], key)
			}
		}
	}
	return a.by[old]
}

// settleAdopted lets adopted IDs of all sources follow the links in whose
// place they came: where these end, come back, or leave their customer.
func (b *builder) settleAdopted(ctx context.Context) error {
	ended := map[int][]string{}
	for i := range b.retired {
		ended[b.retired[i].Source] = append(ended[b.retired[i].Source], b.retired[i].Key)
	}
	for i := range b.sources {
		s := &b.sources[i]
		if len(s.adopted.ids) == 0 {
			continue
		}
		back := map[string]node{}
		for _, n := range s.nodes {
			if b.kind[n] == mapping.KindRestore || b.moves(n) {
				back[string(b.table.key(n))] = n
			}
		}
		if err := b.followOlds(ctx, i, ended[s.no], back); err != nil {
			return err
		}
	}
	return nil
}

// followOlds is settleAdopted of one source: ended are the keys whose links
// end, back the records whose links come back or leave their customer.
func (b *builder) followOlds(ctx context.Context, i int, ended []string, back map[string]node) error {
	s := &b.sources[i]
	touched := map[string]bool{}
	for _, old := range ended {
		for _, key := range s.adopted.adoptedBy(old) {
			touched[key] = true
		}
	}
	for old := range back {
		for _, key := range s.adopted.adoptedBy(old) {
			touched[key] = true
		}
	}
	if len(touched) == 0 {
		return nil
	}
	var keys []crosswalk.SourceKey
	for key := range touched {
		keys = append(keys, crosswalk.SourceKey{Source: s.no, Key: key})
		for _, o := range s.adopted.ids[key] {
			keys = append(keys, crosswalk.SourceKey{Source: s.no, Key: o.Key})
		}
	}
	links, err := b.snap.ByKeys(ctx, keys)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	for k := range links {
		live[links[k].Key] = links[k].State == crosswalk.Live && !slices.Contains(ended, links[k].Key)
	}
	for k := range links {
		l := &links[k]
		if !touched[l.Key] {
			continue
		}
		olds := s.adopted.ids[l.Key]
		at := slices.IndexFunc(olds, func(o rules.Old) bool { _, is := back[o.Key]; return is })
		stays := slices.ContainsFunc(olds, func(o rules.Old) bool { return live[o.Key] })
		switch {
		case at >= 0 && (l.State == crosswalk.Live || l.Rule == ruleVanished):
			number := b.ids.get(b.number[back[olds[at].Key]])
			if l.State == crosswalk.Live && l.Canonical == number {
				continue
			}
			if l.Canonical != number {
				l.Canonical, l.SinceRun = number, 0
			}
			l.State, l.Rule, l.Replaces = crosswalk.Live, ruleRewrite, true
			s.adoptedBack = append(s.adoptedBack, Write{Kind: mapping.KindRestore, Link: *l})
		case at < 0 && !stays && l.State == crosswalk.Live:
			b.retired = append(b.retired, *l)
		}
	}
	slices.SortFunc(s.adoptedBack, func(x, y Write) int { return strings.Compare(x.Link.Key, y.Link.Key) })
	return nil
}
