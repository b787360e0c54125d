package plan

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// reversal is the links that go back, in two lists that are each in the order
// of the crosswalk: those whose newest version is the run's own, and those
// whose newest one brings the run's back. Rows are packed; what else a version
// held is read again when it is written.
type reversal struct {
	lists [2]packed
	rules []string
	known map[string]int // places in rules
}

// packed is rows end to end, and where each begins. Kept rows are not written
// after all.
type packed struct {
	rows []byte
	at   []int
	kept map[int]bool
}

// row is one link that goes back. Link says what is to be written, From is the
// run that wrote the version which says so, 0 where the link becomes void, and
// lost the number that the run had given it and it has no more, empty where
// there is none such.
type row struct {
	Write
	from int64
	lost string
}

func (r *reversal) rule(text string) int {
	if no, ok := r.known[text]; ok {
		return no
	}
	if r.known == nil {
		r.known = map[string]int{}
	}
	r.known[text] = len(r.rules)
	r.rules = append(r.rules, text)
	return len(r.rules) - 1
}

func (r *reversal) add(list int, w *row) {
	p := &r.lists[list]
	p.at = append(p.at, len(p.rows))
	l := &w.Link
	b := append(p.rows, byte(w.Kind), byte(l.State), byte(l.Kind))
	b = binary.AppendUvarint(b, uint64(l.Source))
	b = binary.AppendUvarint(b, uint64(l.SinceRun))
	b = binary.AppendUvarint(b, uint64(w.from))
	b = binary.AppendUvarint(b, uint64(r.rule(l.Rule)))
	b = binary.BigEndian.AppendUint64(b, l.RowHash)
	verbatim := l.Verbatim
	if verbatim == l.Key {
		verbatim = ""
	}
	for _, s := range [...]string{l.Key, verbatim, l.Canonical, w.lost} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	p.rows = b
}

// read unpacks row i of a list.
func (r *reversal) read(list, i int, w *row) {
	p := &r.lists[list]
	d := decoder{b: p.rows[p.at[i]:]}
	head := d.take(3)
	l := &w.Link
	w.Kind = mapping.Kind(head[0])
	*l = crosswalk.Link{State: crosswalk.State(head[1]), Kind: crosswalk.Kind(head[2]), Replaces: true}
	l.Source, l.SinceRun, w.from = int(d.uvarint()), int64(d.uvarint()), int64(d.uvarint())
	l.Rule = r.rules[d.uvarint()]
	l.RowHash = d.uint64()
	l.Key, l.Verbatim, l.Canonical, w.lost = d.text(), d.text(), d.text(), d.text()
	if l.Verbatim == "" {
		l.Verbatim = l.Key
	}
}

func (r *reversal) len() int64 {
	n := 0
	for i := range r.lists {
		n += len(r.lists[i].at) - len(r.lists[i].kept)
	}
	return int64(n)
}

// all yields the rows that go back, in order. The row is reused.
func (r *reversal) all() iter.Seq[*row] {
	return func(yield func(*row) bool) {
		var at [2]int
		var next [2]row
		load := func(list int) {
			p := &r.lists[list]
			for at[list] < len(p.at) && p.kept[at[list]] {
				at[list]++
			}
			if at[list] < len(p.at) {
				r.read(list, at[list], &next[list])
			}
		}
		load(0)
		load(1)
		for {
			first := 0
			switch {
			case at[0] == len(r.lists[0].at) && at[1] == len(r.lists[1].at):
				return
			case at[0] == len(r.lists[0].at), at[1] < len(r.lists[1].at) && next[1].Link.ID().Compare(next[0].Link.ID()) < 0:
				first = 1
			}
			if !yield(&next[first]) {
				return
			}
			at[first]++
			load(first)
		}
	}
}

// has reports whether a link goes back.
func (r *reversal) has(id crosswalk.SourceKey) bool {
	for list := range r.lists {
		p := &r.lists[list]
		i, found := slices.BinarySearchFunc(p.at, id, func(at int, id crosswalk.SourceKey) int {
			d := decoder{b: p.rows[at+3:]}
			source := int(d.uvarint())
			for range 3 {
				d.uvarint()
			}
			d.uint64()
			return crosswalk.SourceKey{Source: source, Key: d.text()}.Compare(id)
		})
		if found && !p.kept[i] {
			return true
		}
	}
	return false
}

// versionRows is how many versions are read again at a time.
const versionRows = 8192

// writes is the body of the plan. What the versions held besides is read from
// the crosswalk as it is by then: versions of the past never change.
func (r *reversal) writes(snap *crosswalk.Snapshot) func(fields bool) iter.Seq2[*Write, error] {
	return func(fields bool) iter.Seq2[*Write, error] {
		return func(yield func(*Write, error) bool) {
			if !fields {
				for w := range r.all() {
					if !yield(&w.Write, nil) {
						return
					}
				}
				return
			}
			ctx := context.Background()
			again, err := snap.Again(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			defer func() { _ = again.Close() }()
			rows := make([]row, 0, versionRows)
			flush := func() (stopped bool, err error) {
				if err := refill(ctx, again, rows); err != nil {
					return false, err
				}
				for i := range rows {
					if !yield(&rows[i].Write, nil) {
						return true, nil
					}
				}
				rows = rows[:0]
				return false, nil
			}
			for w := range r.all() {
				if rows = append(rows, *w); len(rows) < versionRows {
					continue
				}
				if stopped, err := flush(); err != nil {
					yield(nil, err)
					return
				} else if stopped {
					return
				}
			}
			if _, err := flush(); err != nil {
				yield(nil, err)
			}
		}
	}
}

// refill reads what the versions that come back held besides.
func refill(ctx context.Context, snap *crosswalk.Snapshot, rows []row) error {
	var keys []crosswalk.SourceKey
	for i := range rows {
		if rows[i].from > 0 {
			keys = append(keys, rows[i].Link.ID())
		}
	}
	if len(keys) == 0 {
		return nil
	}
	past, err := snap.PastOf(ctx, keys)
	if err != nil {
		return err
	}
	for i := range rows {
		w := &rows[i]
		if w.from == 0 {
			continue
		}
		k, found := slices.BinarySearchFunc(past, w, func(l crosswalk.Link, w *row) int {
			if c := l.ID().Compare(w.Link.ID()); c != 0 {
				return c
			}
			return int(l.FromRun - w.from)
		})
		if !found {
			return fmt.Errorf("the version of a link that run %d wrote is not in the crosswalk any more", w.from)
		}
		w.Link.Match, w.Link.Fields = past[k].Match, past[k].Fields
	}
	return nil
}

// findLinks finds what goes back of the links that the run wrote.
func (u *undoing) findLinks(ctx context.Context) error {
	if u.run.Links == 0 {
		return nil
	}
	ended, stop := iter.Pull2(u.snap.EndedBy(ctx, u.run.Run))
	defer stop()
	before, err, more := ended()
	for l, err2 := range u.snap.Links(ctx, crosswalk.Query{Of: u.run.Run}) {
		if err2 != nil {
			return err2
		}
		for more && err == nil && before.ID().Compare(l.ID()) < 0 {
			before, err, more = ended()
		}
		if err != nil {
			return err
		}
		if more && before.ID() == l.ID() {
			u.goBack(0, l, before)
		} else {
			u.goBack(0, l, nil)
		}
	}
	if err != nil {
		return err
	}
	var superseded []crosswalk.SourceKey
	for l, err := range u.snap.Superseded(ctx, u.run.Run) {
		if err != nil {
			return err
		}
		if superseded = append(superseded, l.ID()); len(superseded) == versionRows {
			if err := u.findOlder(ctx, superseded); err != nil {
				return err
			}
			superseded = superseded[:0]
		}
	}
	return u.findOlder(ctx, superseded)
}

// findOlder looks at links whose newest version is of a later run: it may say
// what the undone run said, because the runs between were undone.
func (u *undoing) findOlder(ctx context.Context, keys []crosswalk.SourceKey) error {
	if len(keys) == 0 {
		return nil
	}
	versions, err := u.snap.Versions(ctx, keys)
	if err != nil {
		return err
	}
	for len(versions) > 0 {
		n := 1
		for n < len(versions) && versions[n].ID() == versions[0].ID() {
			n++
		}
		link := versions[:n]
		versions = versions[n:]
		runs := make([]int64, n)
		for i := range link {
			runs[i] = link[i].FromRun
		}
		trail, last := u.undone.Trail(runs), n-1
		switch before, ok := trail.Before(last, u.run.Run); {
		case ok && before >= 0:
			u.goBack(1, &link[last], &link[before])
		case ok:
			u.goBack(1, &link[last], nil)
		case trail.Under(last, u.run.Run):
			u.keep(link[last].Source, link[last].Verbatim, link[last].Canonical, runs[max(0, trail.Origin(last))], "changed since")
		}
	}
	return nil
}

// goBack notes that a link goes back from what it says now to the version
// before, or to nothing where before is nil.
func (u *undoing) goBack(list int, now, before *crosswalk.Link) {
	w := row{}
	if before == nil {
		w.Kind, w.Link = mapping.KindRetire, *now
		w.Link.State, w.Link.SinceRun, w.Link.RowHash = crosswalk.Void, 0, 0
	} else {
		w.Kind, w.Link, w.from = backKind(now, before), *before, before.FromRun
	}
	switch {
	case before != nil && before.Canonical != "" && before.Canonical != now.Canonical:
		w.lost = now.Canonical
	case now.State == crosswalk.Live && founds(now.Rule) && w.Link.State != crosswalk.Live:
		w.lost = now.Canonical
	}
	u.links.add(list, &w)
}

// backKind is what kind of change it is to go back.
func backKind(now, before *crosswalk.Link) mapping.Kind {
	live := func(l *crosswalk.Link) bool { return l.State == crosswalk.Live }
	switch {
	case live(before) && live(now) && before.Canonical != now.Canonical:
		return mapping.KindLink
	case live(before) && !live(now):
		return mapping.KindRestore
	case live(now) && !live(before):
		return mapping.KindRetire
	}
	return mapping.KindUpdate
}

// hashes is a set of numbers, by their hashes.
type hashes struct {
	seed maphash.Seed
	list []uint64
}

func newHashes() *hashes { return &hashes{seed: maphash.MakeSeed()} }

func (h *hashes) add(id string) { h.list = append(h.list, maphash.String(h.seed, id)) }

func (h *hashes) sort() {
	slices.Sort(h.list)
	h.list = slices.Clip(slices.Compact(h.list))
}

// find is the place of a number in the sorted set. Rarely it takes another
// number for one of the set.
func (h *hashes) find(id string) (int, bool) {
	return slices.BinarySearch(h.list, maphash.String(h.seed, id))
}
