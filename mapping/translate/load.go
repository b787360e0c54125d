package translate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Load reads a table out of a view of the crosswalk. A space that the
// crosswalk does not know is an [*UnknownSpaceError].
func Load(ctx context.Context, snap *crosswalk.Snapshot, o Options) (*Table, error) {
	sources, err := snap.Sources(ctx)
	if err != nil {
		return nil, err
	}
	l := &loader{snap: snap, options: o}
	from, err := space(sources, o.From)
	if err != nil {
		return nil, err
	}
	to, err := space(sources, o.To)
	if err != nil {
		return nil, err
	}
	if err := l.readSurvivors(ctx); err != nil {
		return nil, err
	}
	if to != nil {
		if err := l.readTarget(ctx, to.No); err != nil {
			return nil, err
		}
	}
	if from == nil {
		return l.canonicalTable(ctx)
	}
	t, err := l.sourceTable(ctx, from)
	if err != nil || !o.Both {
		return t, err
	}
	t.issued = sync.OnceValues(func() (*Table, error) { return l.issuedBeside(ctx, t.ids) })
	if !o.Lazy {
		_, err = t.issued()
	}
	return t, err
}

// space finds an ID space, nil for canonical IDs.
func space(sources []crosswalk.Source, name string) (*crosswalk.Source, error) {
	if name == "" {
		return nil, nil
	}
	var known []string
	for i := range sources {
		if sources[i].Name == name {
			return &sources[i], nil
		}
		known = append(known, sources[i].Name)
	}
	return nil, &UnknownSpaceError{Space: name, Known: known, Nearest: diag.Nearest(name, known)}
}

// loader has what a table is made with.
type loader struct {
	snap      *crosswalk.Snapshot
	options   Options
	survivors *index // of merged numbers
	target    *index // the IDs of Options.To by canonical ID; nil: canonical IDs are wanted
}

func (l *loader) readSurvivors(ctx context.Context) error {
	l.survivors = newIndex(0)
	for n, err := range l.snap.Merged(ctx) {
		if err != nil {
			return err
		}
		l.survivors.put(n.Canonical, n.Survivor)
	}
	return nil
}

// current is the number that a canonical ID means now.
func (l *loader) current(canonical string) string {
	if l.survivors.used > 0 {
		if s := l.survivors.get(canonical); s != nil {
			return l.survivors.valueOf(s)
		}
	}
	return canonical
}

// means says what a customer's canonical ID is translated into.
func (l *loader) means(canonical string, redirected bool) (string, Status) {
	status := Live
	if redirected {
		status = Redirected
	}
	if l.target == nil {
		return canonical, status
	}
	s := l.target.get(canonical)
	switch {
	case s == nil:
		return "", None
	case s.status == Several:
		return "", Several
	}
	return l.target.valueOf(s)[sinceBytes:], status
}

// sourceTable reads the IDs of a source.
func (l *loader) sourceTable(ctx context.Context, from *crosswalk.Source) (*Table, error) {
	keys, err := rules.ParseKeyRule(from.KeyRule)
	if err != nil {
		return nil, fmt.Errorf("key rule of source %s in the crosswalk: %w", from.Name, err)
	}
	n, err := l.snap.CountLinks(ctx, from.No)
	if err != nil {
		return nil, err
	}
	t := &Table{ids: newIndex(int(n)), key: keys.Key}
	in := newFeed(t.ids, l.insert)
	var stayed [len(in.parts)][]string // by goroutine
	if err := l.snap.Meanings(ctx, from.No, n, false, func(part int, m *crosswalk.Meaning) error {
		if key, err := t.key(m.Key); err == nil && key != m.Key && m.State != crosswalk.Void {
			stayed[part] = append(stayed[part], strings.Clone(m.Key))
		}
		return in.add(part, m)
	}); err != nil {
		return nil, err
	}
	in.flush()
	if err := l.revive(ctx, t.ids); err != nil {
		return nil, err
	}
	t.pass(slices.Concat(stayed[:]...))
	t.forgotten, err = plan.LoadForgotten(ctx, l.snap, from.No)
	return t, err
}

// pass lets keys that stayed as an earlier key rule made them, since another
// customer has the key that the rule makes of them now, mean what that one
// means: whoever asks for them asks for it.
func (t *Table) pass(stayed []string) {
	for _, old := range stayed {
		key, err := t.key(old)
		if again, _ := t.key(key); err != nil || again != key {
			continue
		}
		s := t.ids.get(old)
		if to := t.ids.get(key); to != nil {
			t.ids.write(s, old, strings.Clone(t.ids.valueOf(to)))
			s.status = to.status
		} else {
			s.status = NotFound
		}
	}
}

// insert adds a link to the index. What a retired one means is told later: it
// keeps its customer's number until then.
func (l *loader) insert(x *index, m *crosswalk.Meaning) {
	var value string
	var status Status
	current := l.current(m.Canonical)
	switch m.State {
	case crosswalk.Void:
		return
	case crosswalk.Live:
		value, status = l.means(current, current != m.Canonical)
	case crosswalk.Held:
		status = Held
	case crosswalk.Contested:
		status = Contested
	default:
		value, status = current, Gone
	}
	s, _ := x.put(m.Key, value)
	s.status = status
	if current != m.Canonical {
		s.flags |= wasElse
	}
}

// revived is how many retired links are looked at together.
const revived = 10_000

// revive finds the retired links whose customer lives on elsewhere: they mean
// it still.
func (l *loader) revive(ctx context.Context, x *index) error {
	var some []*slot
	for s := range x.all() {
		if s.status != Gone {
			continue
		}
		if some = append(some, s); len(some) == revived {
			if err := l.reviveSome(ctx, x, some); err != nil {
				return err
			}
			some = some[:0]
		}
	}
	return l.reviveSome(ctx, x, some)
}

func (l *loader) reviveSome(ctx context.Context, x *index, some []*slot) error {
	if len(some) == 0 {
		return nil
	}
	var numbers []string
	for _, s := range some {
		numbers = append(numbers, x.valueOf(s))
	}
	// Links keep the numbers that they were given, so a customer's links are
	// also those of the numbers that were merged into its own.
	merged, err := l.snap.MergedInto(ctx, numbers)
	if err != nil {
		return err
	}
	for _, n := range merged {
		numbers = append(numbers, n.Canonical)
	}
	found, err := l.snap.Alive(ctx, numbers)
	if err != nil {
		return err
	}
	alive := map[string]bool{}
	for canonical := range found {
		alive[l.current(canonical)] = true
	}
	for _, s := range some {
		current := strings.Clone(x.valueOf(s))
		if !alive[current] {
			continue
		}
		value, status := l.means(current, s.flags&wasElse != 0)
		x.write(s, string(x.keyOf(s)), value)
		s.status = status
	}
	return nil
}

// canonicalTable reads every canonical ID that was ever issued.
func (l *loader) canonicalTable(ctx context.Context) (*Table, error) {
	n, err := l.snap.CountLinks(ctx, 0)
	if err != nil {
		return nil, err
	}
	x := newIndex(int(n) + l.survivors.used)
	if err := l.snap.Issued(ctx, func(canonical string, live bool) error {
		s, _ := x.put(canonical, "")
		if live {
			s.flags |= isAlive
			s, _ = x.put(l.current(canonical), "")
			s.flags |= isAlive
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for s := range x.all() {
		number := string(x.keyOf(s))
		current := l.current(number)
		s.status = Gone
		if c := x.get(current); c != nil && c.flags&isAlive != 0 {
			value, status := l.means(current, current != number)
			x.write(s, number, value)
			s.status = status
		}
	}
	return &Table{ids: x, key: canonicalKey}, nil
}

// issuedBeside reads the canonical IDs for what a source lacks. There are none
// where an ID of one of its customers is written like the number of another:
// looks then do not tell which of the two an ID is that the source does not
// know yet, and to take it for a number would make it somebody else's.
func (l *loader) issuedBeside(ctx context.Context, own *index) (*Table, error) {
	t, err := l.canonicalTable(ctx)
	if err != nil {
		return nil, err
	}
	for s := range own.all() {
		key := own.keyOf(s)
		n := t.ids.find(key, t.ids.hash(key))
		if n == nil {
			continue
		}
		// The texts alone count: an own ID may be redirected to the very number
		// that it is written like.
		as, is := (&Table{ids: own}).answer(s), t.answer(n)
		if as.Text != is.Text || as.Text == "" && as.Status != is.Status {
			return &Table{ids: newIndex(0), key: canonicalKey}, nil
		}
	}
	return t, nil
}

// canonicalKey is an ID as canonical IDs are written: in capitals.
func canonicalKey(id string) (string, error) {
	return scheme.Keyer{}.Key(strings.ToUpper(id))
}
