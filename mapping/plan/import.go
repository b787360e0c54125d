package plan

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

const ruleImport = "import"

// Given is one line of an existing old-to-new list.
type Given struct {
	Source    string // of the configuration, or SOURCE.NAME for also numbers
	SourceID  string
	Canonical string
	Place     string // "numbers.csv:12"
}

// Import plans to take over given mappings: every source ID gets the number
// that the list says. Lines that cannot be taken are rejects: an unknown
// source, an ID that is no key of its source, a number that is not legal, and
// conflicts with another line or with the crosswalk, each naming the other
// side. Records that are read later find their links as if xwalk had made
// them; the counter steps over the imported numbers.
func Import(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, given []Given, o Options) (*Plan, error) {
	b := &builder{rules: rs, opts: o, snap: snap, plan: &Plan{Rules: rs.Digest(), Environment: o.Environment, Kind: "import"}}
	b.inputs = make([]Input, len(rs.Sources()))
	for i, name := range rs.Sources() {
		b.inputs[i].Name = name
	}
	if err := b.loadState(ctx); err != nil {
		return nil, err
	}
	im := importer{builder: b, counts: map[string]*mapping.Counts{}, own: map[string]bool{}}
	if err := im.read(given); err != nil {
		return nil, err
	}
	if err := im.compare(ctx); err != nil {
		return nil, err
	}
	return im.finish(ctx)
}

// importer holds the state of one call of Import.
type importer struct {
	*builder
	rows   []importRow
	writes []Write
	counts map[string]*mapping.Counts
	order  []string
	own    map[string]bool // numbers that a source ID of the list had before that was undone
}

type importRow struct {
	Given
	space int // in the crosswalk
	key   string
}

func (im *importer) reject(g Given, format string, args ...any) {
	im.plan.Rejects = append(im.plan.Rejects, mapping.Reject{
		Source: g.Source, Place: g.Place, SourceID: g.SourceID, Reason: fmt.Sprintf(format, args...),
	})
	im.count(g.Source).Rejected++
}

func (im *importer) count(source string) *mapping.Counts {
	c := im.counts[source]
	if c == nil {
		c = &mapping.Counts{}
		im.counts[source] = c
		im.order = append(im.order, source)
	}
	return c
}

// read checks each line by itself and sorts the good ones by space and key.
func (im *importer) read(given []Given) error {
	spaces := map[string]rules.Keys{}
	numbers := map[string]int{}
	var names []string
	for _, o := range im.stored {
		keys, err := rules.ParseKeyRule(o.KeyRule)
		if err != nil {
			return err
		}
		spaces[o.Name], numbers[o.Name] = keys, o.No
		names = append(names, o.Name)
	}
	for _, g := range given {
		im.count(g.Source).Read++
		keys, ok := spaces[g.Source]
		if !ok {
			im.reject(g, "unknown source %q; known are %s", g.Source, strings.Join(names, ", "))
			continue
		}
		key, err := im.key(keys, g)
		if err != nil {
			im.reject(g, "%s", err)
			continue
		}
		if err := scheme.Legal(g.Canonical); err != nil {
			im.reject(g, "%q cannot be a canonical ID: %s", g.Canonical, err)
			continue
		}
		im.rows = append(im.rows, importRow{g, numbers[g.Source], key})
	}
	slices.SortStableFunc(im.rows, func(x, y importRow) int {
		if x.space != y.space {
			return x.space - y.space
		}
		return strings.Compare(x.key, y.key)
	})
	return nil
}

// key is a line's key: as a reader of the source makes it, or, where the source
// is no more in the configuration, by the rule that the crosswalk keeps.
func (im *importer) key(keys rules.Keys, g Given) (string, error) {
	if strings.TrimSpace(g.SourceID) == "" {
		return "", errors.New("the ID is missing")
	}
	if key, known, err := im.rules.Key(g.Source, g.SourceID); known {
		return key, err
	}
	key, err := keys.Key(g.SourceID)
	if err != nil {
		return "", fmt.Errorf("the ID %w", err)
	}
	return key, nil
}

// compare settles lines that repeat an ID and walks them side by side with
// the links that exist.
func (im *importer) compare(ctx context.Context) error {
	for i := 0; i < len(im.rows); {
		j := i + 1
		for j < len(im.rows) && im.rows[j].space == im.rows[i].space {
			j++
		}
		if err := im.compareSpace(ctx, im.rows[i:j]); err != nil {
			return err
		}
		i = j
	}
	return nil
}

func (im *importer) compareSpace(ctx context.Context, rows []importRow) error {
	known := map[string]crosswalk.Link{}
	if im.snap != nil {
		keys := make([]crosswalk.SourceKey, len(rows))
		for i, r := range rows {
			keys[i] = crosswalk.SourceKey{Source: r.space, Key: r.key}
		}
		links, err := im.snap.ByKeys(ctx, keys)
		if err != nil {
			return err
		}
		for _, l := range links {
			known[l.Key] = l
		}
	}
	var forgotten *Forgotten
	if im.snap != nil {
		var err error
		if forgotten, err = LoadForgotten(ctx, im.snap, rows[0].space); err != nil {
			return err
		}
	}
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && rows[j].key == rows[i].key {
			j++
		}
		if e, erased := forgotten.Find(rows[i].key, rows[i].SourceID); erased {
			for _, r := range rows[i:j] {
				im.reject(r.Given, "%s", isErased(e))
			}
		} else {
			im.take(rows[i:j], known)
		}
		i = j
	}
	return nil
}

// take decides the lines of one source ID.
func (im *importer) take(rows []importRow, known map[string]crosswalk.Link) {
	first := rows[0]
	for _, r := range rows[1:] {
		if r.Canonical != first.Canonical {
			for _, r := range rows {
				im.reject(r.Given, "conflict: the list gives this ID %s (%s) and %s (%s)", first.Canonical, first.Place, otherNumber(rows), otherPlace(rows))
			}
			return
		}
	}
	c := im.count(first.Source)
	c.Unchanged += int64(len(rows) - 1)
	l, exists := known[first.key]
	if exists && l.State == crosswalk.Live {
		if im.live(l.Canonical) != im.live(first.Canonical) {
			im.reject(first.Given, "conflict: the crosswalk links this ID to %s since run %d", l.Canonical, l.SinceRun)
			return
		}
		c.Unchanged++
		return
	}
	if exists && l.State == crosswalk.Void && l.Canonical == first.Canonical {
		im.own[l.Canonical] = true
	}
	im.writes = append(im.writes, Write{Kind: mapping.KindLink, Link: crosswalk.Link{
		Source: first.space, Key: first.key, Verbatim: first.SourceID, Canonical: first.Canonical,
		State: crosswalk.Live, Rule: ruleImport, Replaces: exists,
	}})
}

func otherNumber(rows []importRow) string {
	for _, r := range rows {
		if r.Canonical != rows[0].Canonical {
			return r.Canonical
		}
	}
	return ""
}

func otherPlace(rows []importRow) string {
	for _, r := range rows {
		if r.Canonical != rows[0].Canonical {
			return r.Place
		}
	}
	return ""
}

// finish tells new customers from known ones, and closes the plan.
func (im *importer) finish(ctx context.Context) (*Plan, error) {
	p := im.plan
	live := map[string]bool{}
	retired := map[string]bool{}
	if im.snap != nil {
		if err := im.knownNumbers(ctx, live, retired); err != nil {
			return nil, err
		}
	}
	names := map[int]string{}
	for _, o := range im.stored {
		names[o.No] = o.Name
	}
	kept := im.writes[:0]
	for _, w := range im.writes {
		source := names[w.Link.Source]
		switch id := w.Link.Canonical; {
		case retired[id]:
			im.reject(Given{Source: source, SourceID: w.Link.Verbatim}, "conflict: %s was issued before and is retired; a number is never given to anyone else", id)
			continue
		case live[id]:
			im.count(source).Linked++
		default:
			live[id] = true
			w.Kind = mapping.KindCreate
			im.count(source).Created++
		}
		kept = append(kept, w)
	}
	im.writes = kept
	for _, name := range im.order {
		p.Sources = append(p.Sources, SourceCount{Name: name, Counts: *im.counts[name]})
		p.Totals.Add(*im.counts[name])
	}
	p.Spaces = im.stored
	p.Totals.Customers = im.head.Customers + p.Totals.Created
	p.Totals.ReviewsOpen = im.head.ReviewsOpen
	p.body = func(bool) iter.Seq2[*Write, error] { return im.stream }
	return p, p.seal()
}

func (im *importer) stream(yield func(*Write, error) bool) {
	for i := range im.writes {
		if !yield(&im.writes[i], nil) {
			return
		}
	}
}

// knownNumbers finds which of the given numbers the crosswalk already holds.
func (im *importer) knownNumbers(ctx context.Context, live, retired map[string]bool) error {
	var ids []string
	for _, w := range im.writes {
		ids = append(ids, w.Link.Canonical)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	links, err := im.snap.ByCanonical(ctx, ids)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.State == crosswalk.Live {
			live[l.Canonical] = true
		}
	}
	if len(ids) == 0 {
		return nil
	}
	issued, err := im.issuedOf(ctx, ids)
	if err != nil {
		return err
	}
	used, err := im.snap.InUse(ctx, slices.Collect(maps.Keys(im.own)))
	if err != nil {
		return err
	}
	for id := range issued {
		if _, taken := slices.BinarySearch(used, id); !live[id] && (!im.own[id] || taken) {
			retired[id] = true
		}
	}
	return nil
}
