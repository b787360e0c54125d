package plan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Rules of the links that a steward's acts write.
const (
	ruleMerge    = "merge" // of a change, no link has it
	ruleSplit    = "split"
	ruleRenumber = "renumber" // of a change, no link has it
	ruleRetire   = "retire"   // stays retired, though its record is still there
	ruleRestore  = "restore"  // stays live, though its record is gone
	ruleRewrite  = "rewrite"  // of a canonical ID that came in place of a source ID
)

// ActError says why an act cannot be carried out on what the crosswalk holds.
type ActError struct{ Why, Hint string }

func (e *ActError) Error() string {
	if e.Hint == "" {
		return e.Why
	}
	return e.Why + "\n  hint: " + e.Hint
}

func refused(hint, format string, args ...any) error {
	return &ActError{Why: fmt.Sprintf(format, args...), Hint: hint}
}

// NothingError says that an act would change nothing. The plan that comes
// with it is empty.
type NothingError struct{ Why string }

func (e *NothingError) Error() string { return e.Why }

// nothing is the end of an act that finds its work done.
func (d *draft) nothing(ctx context.Context, format string, args ...any) (*Plan, error) {
	p, err := d.close(ctx)
	if err != nil {
		return nil, err
	}
	return p, &NothingError{Why: fmt.Sprintf(format, args...)}
}

// customer is one that an act is about.
type customer struct {
	number string                      // in force, or gone
	noted  map[string]crosswalk.Number // what is noted of its numbers, also of those that were merged into it
	links  []crosswalk.Link            // live and retired ones, with all that they hold
}

// live are the links that resolve.
func (c *customer) live() (links []*crosswalk.Link) {
	for i := range c.links {
		if c.links[i].State == crosswalk.Live {
			links = append(links, &c.links[i])
		}
	}
	return links
}

// merged are the numbers that mean the customer, but for the one in force.
func (c *customer) merged() (numbers []crosswalk.Number) {
	for _, id := range slices.Sorted(maps.Keys(c.noted)) {
		if id != c.number {
			numbers = append(numbers, c.noted[id])
		}
	}
	return numbers
}

// customersOf loads the customers that canonical IDs mean, each once, in the
// order of ids.
func (d *draft) customersOf(ctx context.Context, ids ...string) ([]*customer, error) {
	survivors, all, err := d.meanings(ctx, ids)
	if err != nil {
		return nil, err
	}
	means := func(id string) string { return cmp.Or(survivors[id], id) }
	byNumber := map[string]*customer{}
	var list []*customer
	for _, id := range ids {
		if n := means(id); byNumber[n] == nil {
			byNumber[n] = &customer{number: n, noted: map[string]crosswalk.Number{}}
			list = append(list, byNumber[n])
		}
	}
	noted, err := d.snap.NumbersOf(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, n := range noted {
		byNumber[means(n.Canonical)].noted[n.Canonical] = n
	}
	links, err := d.snap.LinksOf(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if l.State == crosswalk.Live || l.State == crosswalk.Retired {
			c := byNumber[means(l.Canonical)]
			c.links = append(c.links, l)
		}
	}
	return list, nil
}

// inForce loads the customers of ids, and refuses those that are gone.
func (d *draft) inForce(ctx context.Context, ids ...string) ([]*customer, error) {
	list, err := d.customersOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		switch {
		case len(c.live()) > 0:
		case len(c.links) > 0:
			return nil, refused("take it back first with `xwalk restore "+c.number+"`", "%s is retired: none of its records is live", c.number)
		default:
			return nil, refused("", "%s has no record any more", c.number)
		}
	}
	return list, nil
}

// also reports whether links of a source are further numbers of another
// source's records.
func (d *draft) also(source int) bool { return strings.Contains(d.names[source], ".") }

// carrier is the name of the source whose records carry the IDs of a source.
func (d *draft) carrier(source int) string {
	name, _, _ := strings.Cut(d.names[source], ".")
	return name
}

// key names a link as decisions do.
func (d *draft) key(l *crosswalk.Link) crosswalk.NamedKey {
	return crosswalk.NamedKey{Source: d.names[l.Source], Key: l.Key}
}

// text names a link for people.
func (d *draft) text(l *crosswalk.Link) string { return d.names[l.Source] + " " + l.Verbatim }

// inOrder sorts links as customers are numbered: by the precedence of their
// sources and the natural order of their keys; further numbers come last.
func (d *draft) inOrder(links []*crosswalk.Link) {
	sources := d.rules.Sources()
	precedence := func(l *crosswalk.Link) int {
		at := slices.Index(sources, d.names[l.Source])
		switch {
		case d.also(l.Source):
			return len(sources) + 1
		case at < 0:
			return len(sources) // no longer configured
		}
		return at
	}
	slices.SortStableFunc(links, func(x, y *crosswalk.Link) int {
		return cmp.Or(cmp.Compare(precedence(x), precedence(y)), cmp.Compare(x.Source, y.Source), scheme.Compare(x.Key, y.Key))
	})
}

// records are the links among links that are no further numbers, the one that
// founded the customer called number first.
func (d *draft) records(links []*crosswalk.Link, number string) []*crosswalk.Link {
	out := slices.DeleteFunc(slices.Clone(links), func(l *crosswalk.Link) bool { return d.also(l.Source) })
	d.inOrder(out)
	if k := slices.IndexFunc(out, func(l *crosswalk.Link) bool { return l.Canonical == number && founds(l.Rule) }); k > 0 {
		founder := out[k]
		out = slices.Insert(slices.Delete(out, k, k+1), 0, founder)
	}
	return out
}

// follows reports whether a further number goes where records of its source
// go: it stood at one of them, which one is not known. Where only some of
// those that may have carried it go, it stays, and unsure is set.
func (d *draft) follows(also *crosswalk.Link, records []*crosswalk.Link, goes func(*crosswalk.Link) bool) (follows, unsure bool) {
	var same, all []*crosswalk.Link
	for _, l := range records {
		if d.names[l.Source] != d.carrier(also.Source) || d.also(l.Source) {
			continue
		}
		all = append(all, l)
		if l.Canonical == also.Canonical {
			same = append(same, l)
		}
	}
	if len(same) > 0 {
		all = same
	}
	going := 0
	for _, l := range all {
		if goes(l) {
			going++
		}
	}
	return going > 0 && going == len(all), going > 0 && going < len(all)
}

// rewrite adds a link that takes the place of what the crosswalk has.
func (d *draft) rewrite(kind mapping.Kind, l crosswalk.Link) {
	l.Replaces = true
	d.write(kind, l)
}

// listLink adds a link to the list of changes.
func (d *draft) listLink(kind mapping.Kind, l *crosswalk.Link, number, rule, detail string) {
	d.list(Change{Kind: kind, Source: d.names[l.Source], SourceID: l.Verbatim, CanonicalID: number, Rule: rule, Detail: detail})
}

// redirect makes a number mean another, and lists it unless it did before.
func (d *draft) redirect(n crosswalk.Number, into, survivor string) {
	was := n
	n.State, n.Into, n.Survivor = crosswalk.Merged, into, survivor
	d.number(n)
	if was.State == crosswalk.Merged {
		d.list(Change{Kind: mapping.KindRedirect, SourceID: n.Canonical, CanonicalID: survivor, Rule: d.plan.Kind, Detail: "meant " + was.Survivor})
	}
}
