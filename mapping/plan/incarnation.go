package plan

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// A source may give an ID that it took away to somebody else. Whether it did
// is judged from what the crosswalk keeps of the record as it was.
//
// The record of an ended link that comes back for plainly somebody else is a
// new incarnation of its ID: a record that nobody has seen before, which the
// rules may join to any customer, and which has a number of its own otherwise.
// What people decided of the one before does not concern it. In doubt it has
// its old number back, and a person is asked. A link that has not ended stays
// whatever its record says, and a person is asked too.

// bearers are the records whose ID stood for somebody else before.
type bearers struct {
	reborn   map[node]string // and the number that it had
	doubtful map[node]bool   // came back, and may be somebody else
	replaced map[node]bool   // linked, and now plainly somebody else
	asked    map[node]bool   // of the last two, those with a review
	untold   int             // came back, and nothing tells
	first    node            // of those
}

// judgeIncarnations compares the records that came back, and those that
// changed, with how they were.
func (b *builder) judgeIncarnations(ctx context.Context) error {
	v := &b.bearers
	v.reborn, v.doubtful, v.replaced, v.asked = map[node]string{}, map[node]bool{}, map[node]bool{}, map[node]bool{}
	if b.snap == nil {
		return nil
	}
	j := judge{builder: b}
	for i := range b.sources {
		s := &b.sources[i]
		var nodes []node
		for _, n := range s.nodes {
			if b.status[n] == gone || b.status[n] == changed && !s.reshaped && b.rules.Keeps() {
				nodes = append(nodes, n)
			}
		}
		for f, err := range b.former(ctx, i, nodes) {
			if err != nil {
				return err
			}
			if err := j.add(ctx, i, f.n, f.link); err != nil {
				return err
			}
		}
		if err := b.lookAtTombs(ctx, i); err != nil {
			return err
		}
	}
	if err := j.flush(ctx); err != nil {
		return err
	}
	return j.settle(ctx)
}

// formerly is a record and its link as it was.
type formerly struct {
	n    node
	link *crosswalk.Link
}

// former streams the links of some records of source i, in the order of their
// keys, with all that the crosswalk keeps of them. A link is only good until
// the next step.
func (b *builder) former(ctx context.Context, i int, nodes []node) iter.Seq2[formerly, error] {
	return func(yield func(formerly, error) bool) {
		s := &b.sources[i]
		if len(nodes) > len(s.nodes)/4 { // reading all of them in order is faster than looking many up
			for l, err := range b.snap.Links(ctx, crosswalk.Query{Sources: []int{s.no}, Match: true, Fields: true}) {
				if err != nil {
					yield(formerly{}, err)
					return
				}
				for len(nodes) > 0 && bytesVsString(b.table.key(nodes[0]), l.Key) < 0 {
					nodes = nodes[1:]
				}
				if len(nodes) == 0 {
					return
				}
				if string(b.table.key(nodes[0])) == l.Key && !yield(formerly{nodes[0], l}, nil) {
					return
				}
			}
			return
		}
		for chunk := range slices.Chunk(nodes, recallRows) {
			keys := make([]crosswalk.SourceKey, len(chunk))
			for k, n := range chunk {
				keys[k] = crosswalk.SourceKey{Source: s.no, Key: string(b.table.key(n))}
			}
			links, err := b.snap.ByKeys(ctx, keys)
			if err != nil {
				yield(formerly{}, err)
				return
			}
			for k := range links {
				for bytesVsString(b.table.key(chunk[0]), links[k].Key) < 0 {
					chunk = chunk[1:]
				}
				if !yield(formerly{chunk[0], &links[k]}, nil) {
					return
				}
			}
		}
	}
}

// judge compares records with how they were, many at a time.
type judge struct {
	*builder
	waiting []node
	pairs   [][2]rules.Kept
	others  []node // came back for plainly somebody else, by what is kept of the records
	buf     []byte
}

// judgedRows is how many records are compared together.
const judgedRows = 1 << 12

func (j *judge) add(ctx context.Context, i int, n node, l *crosswalk.Link) error {
	j.told.look(j.builder, i, n, l)
	if batch, row := j.table.at(n); batch.rowHash[row] == l.RowHash {
		return nil
	}
	j.buf = j.appendFields(j.buf[:0], n)
	if j.status[n] == changed && (sharesRole(l.Fields, j.buf) || j.sharesHash(n, l)) {
		return nil // it is still the same
	}
	was, err := rules.DecodeFields(l.Fields)
	is, err2 := rules.DecodeFields(j.buf)
	if err != nil || err2 != nil || len(was) == 0 || len(is) == 0 {
		joins, values := j.rules.DecodeMatch(l.Match)
		j.found(n, j.rules.LikenessOf(joins, j.table.joins(n), values, j.table.values(n)))
		return nil
	}
	if j.sharesHash(n, l) {
		j.found(n, rules.OneAndSame)
		return nil
	}
	name := j.inputs[i].Name
	j.waiting = append(j.waiting, n)
	j.pairs = append(j.pairs, [2]rules.Kept{
		{Source: name, Key: l.Key, Kind: rules.Kind(l.Kind), Fields: was}, {Source: name, Key: l.Key, Kind: rules.Kind(j.kindOf(n)), Fields: is},
	})
	if len(j.waiting) == judgedRows {
		return j.flush(ctx)
	}
	return nil
}

// tellingRoles are those of which one equal value is enough to see that a
// record is about the same customer.
var tellingRoles = []string{`"email":[`, `"phone":[`, `"name":[`, `"national_id":[`, `"tax_id":[`, `"company":[`}

// sharesRole reports whether two records, as the crosswalk keeps their fields,
// have the same first value of a role that tells who somebody is. Both are
// written by the same code, so that equal values are equal bytes.
func sharesRole(was, is []byte) bool {
	for _, role := range tellingRoles {
		x, ok := after(was, role)
		y, ok2 := after(is, role)
		if ok && ok2 && bytes.Equal(x, y) {
			return true
		}
	}
	return false
}

func after(fields []byte, role string) ([]byte, bool) {
	i := bytes.Index(fields, []byte(role))
	if i < 0 {
		return nil, false
	}
	text := fields[i+len(role):]
	end := bytes.IndexByte(text, ']')
	return text[:max(end, 0)], end > 2
}

// sharesHash reports whether a record agrees with how it was on a line of
// match.same.
func (j *judge) sharesHash(n node, l *crosswalk.Link) bool {
	if len(l.Match) == 0 {
		return false
	}
	joins, _ := j.rules.DecodeMatch(l.Match)
	return sharesJoin(joins, j.table.joins(n))
}

func (j *judge) flush(ctx context.Context) error {
	if len(j.pairs) == 0 {
		return nil
	}
	said, err := j.rules.Likenesses(ctx, j.pairs)
	if err != nil {
		return err
	}
	for k, n := range j.waiting {
		j.found(n, said[k])
	}
	j.waiting, j.pairs = j.waiting[:0], j.pairs[:0]
	return nil
}

func (j *judge) found(n node, v rules.Likeness) {
	switch {
	case j.status[n] == changed:
		if v == rules.Another {
			j.bearers.replaced[n] = true
		}
	case v == rules.Another:
		j.others = append(j.others, n)
	case v == rules.Doubtful:
		j.bearers.doubtful[n] = true
	case v == rules.Untold:
		if j.bearers.untold++; j.bearers.untold == 1 {
			j.bearers.first = n
		}
	}
}

// settle makes new incarnations of the records that came back for somebody
// else, but for those that still have a further number of the one before.
func (j *judge) settle(ctx context.Context) error {
	shared, err := j.sharesNumber(ctx)
	if err != nil {
		return err
	}
	for _, n := range j.others {
		if shared[n] {
			j.bearers.doubtful[n] = true
			continue
		}
		j.bearers.reborn[n] = j.liveNumber(n)
		j.status[n], j.prior[n] = fresh, prior{}
		delete(j.reasons, n)
	}
	return nil
}

// sharesNumber finds the records that came back with a further number that
// stood for the same customer.
func (j *judge) sharesNumber(ctx context.Context) (map[node]bool, error) {
	carriers := map[crosswalk.SourceKey][]node{}
	var keys []crosswalk.SourceKey
	for _, n := range j.others {
		batch, _ := j.table.at(n)
		first := slices.IndexFunc(j.spaces, func(s spaceSet) bool { return s.source == batch.source })
		for _, a := range j.table.also(n) {
			k := crosswalk.SourceKey{Source: j.spaces[first+int(a.space)].no, Key: a.key}
			keys = append(keys, k)
			carriers[k] = append(carriers[k], n)
		}
	}
	links, err := j.snap.ByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	shared := map[node]bool{}
	for i := range links {
		for _, n := range carriers[links[i].ID()] {
			shared[n] = shared[n] || links[i].Canonical != "" && j.survivor(links[i].Canonical) == j.liveNumber(n)
		}
	}
	return shared, nil
}

// forgetVerdicts takes back what people decided of the ones who had the IDs of
// new incarnations before, and leaves out of list what they decided.
func (b *builder) forgetVerdicts(list []crosswalk.Decision) []crosswalk.Decision {
	if len(b.bearers.reborn) == 0 {
		return list
	}
	return slices.DeleteFunc(list, func(d crosswalk.Decision) bool {
		if !b.isReborn(b.named(d.Left)) && !b.isReborn(b.named(d.Right)) {
			return false
		}
		if d.Verdict != crosswalk.Withdrawn {
			b.plan.Verdicts = append(b.plan.Verdicts, crosswalk.Decision{
				Left: d.Left, Right: d.Right, Verdict: crosswalk.Withdrawn, Actor: cmp.Or(b.opts.Actor, "xwalk"),
				Reason: "it was about somebody else, who had the ID before",
			})
		}
		return true
	})
}

// isReborn reports whether a source ID is a new incarnation.
func (b *builder) isReborn(k crosswalk.SourceKey) bool {
	if len(b.bearers.reborn) == 0 {
		return false
	}
	n, found := b.find(k)
	_, reborn := b.bearers.reborn[n]
	return found && reborn
}

// noteIncarnations reports what became of such records.
func (b *builder) noteIncarnations() {
	v := &b.bearers
	if nodes := inOrder(b, v.reborn); len(nodes) > 0 {
		b.note("%s for somebody else: %s. Nothing of the one before agrees, so a new incarnation of the ID does not get that one's number. If it is the same customer after all, merge the two numbers with `xwalk merge`",
			idsCame(len(nodes)), b.examples(nodes, func(n node) string { return ", " + cmp.Or(v.reborn[n], "no number") + " before" }))
	}
	if v.untold > 0 {
		b.note("%s, and nothing is kept that tells whether for the same customers: %s; each has its number back", idsCame(v.untold), b.describe(v.first))
	}
	alone := func(all map[node]bool) []node {
		return slices.DeleteFunc(inOrder(b, all), func(n node) bool { return v.asked[n] })
	}
	had := func(n node) string { return ", " + b.liveNumber(n) }
	if nodes := alone(v.doubtful); len(nodes) > 0 {
		b.note("%s so changed that it may be for somebody else: %s. Each has its number back; look at them with `xwalk history ID`, and take apart what is wrong with `xwalk split`",
			idsCame(len(nodes)), b.examples(nodes, had))
	}
	if nodes := alone(v.replaced); len(nodes) > 0 {
		what := "1 linked record is"
		if len(nodes) > 1 {
			what = fmt.Sprintf("%d linked records are", len(nodes))
		}
		b.note("%s now plainly about somebody else: %s. A link never moves by itself, so each keeps its number: look at them with `xwalk history ID`, and if the source gave the ID to somebody else, take it apart with `xwalk split`",
			what, b.examples(nodes, had))
	}
}

func idsCame(n int) string {
	if n == 1 {
		return "1 source ID came back"
	}
	return fmt.Sprintf("%d source IDs came back", n)
}

// shownExamples is how many records a note names.
const shownExamples = 3

// examples names the first of some records, each with what is said of it.
func (b *builder) examples(nodes []node, with func(node) string) string {
	var list []string
	for _, n := range nodes[:min(len(nodes), shownExamples)] {
		list = append(list, b.describe(n)+with(n))
	}
	text := strings.Join(list, "; ")
	if more := len(nodes) - len(list); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// inOrder lists records in the order of numbering.
func inOrder[V any](b *builder, set map[node]V) []node {
	nodes := make([]node, 0, len(set))
	for n := range set {
		nodes = append(nodes, n)
	}
	return b.inNumberingOrder(nodes)
}

// listReborn lists the new incarnations in the order of the links.
func (b *builder) listReborn() (list []Reborn) {
	for n, before := range b.bearers.reborn {
		id := b.id(n)
		list = append(list, Reborn{Space: id.Source, Key: id.Key, Before: before})
	}
	slices.SortFunc(list, func(x, y Reborn) int { return cmp.Or(cmp.Compare(x.Space, y.Space), strings.Compare(x.Key, y.Key)) })
	return list
}
