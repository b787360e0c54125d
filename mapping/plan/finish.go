package plan

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Rules that are not lines of match.same, as links record them.
const (
	ruleVanished = "policy.vanished"
	ruleRestored = "restored" // the record of an ended link came back
	ruleNew      = "new"
	ruleKeep     = "as: keep"
	ruleClaimed  = "canonical_id"
	ruleHeld     = "policy.reviews"
)

// founds reports whether a link of this rule is that of the record that founded
// its customer.
func founds(rule string) bool {
	return rule == ruleNew || rule == ruleKeep || rule == ruleImport
}

// finish counts, enforces the guards and closes the plan.
func (b *builder) finish(ctx context.Context) (*Plan, error) {
	p := b.plan
	p.Kind = "apply"
	for k := range b.stored {
		for i := range b.sources { // an import, which reads no source, leaves the shapes alone
			if b.stored[k].No == b.sources[i].no {
				b.stored[k].Shape = b.space(i).Shape
			}
		}
	}
	p.Spaces = b.stored
	for i := range b.sources {
		if !b.inputs[i].Filtered {
			p.Full = append(p.Full, b.sources[i].no)
		}
	}
	for _, s := range b.spaces {
		if !b.inputs[s.source].Filtered {
			p.Full = append(p.Full, s.no)
		}
	}
	p.Totals.Customers, p.Totals.ReviewsOpen = b.head.Customers, b.head.ReviewsOpen
	p.Reborn = b.listReborn()
	for i := range b.sources {
		s := &b.sources[i]
		s.counts.Rejected = int64(len(s.rejects))
		slices.SortStableFunc(s.rejects, func(x, y rejected) int { return int(x.row - y.row) })
		for _, r := range s.rejects {
			p.Rejects = append(p.Rejects, r.rej)
		}
		s.rejects = nil // a million of them are hundreds of megabytes
		p.Sources = append(p.Sources, SourceCount{Name: b.inputs[i].Name, Counts: s.counts})
		p.Totals.Add(s.counts)
		if s.reshaped && s.counts.Updated > 0 {
			b.note("%s: its fields are mapped otherwise than in the last run; %d records are refreshed and none of them is decided anew", b.inputs[i].Name, s.counts.Updated)
		}
	}
	if err := b.checkShares(); err != nil {
		return nil, err
	}
	if err := b.settleAdopted(ctx); err != nil {
		return nil, err
	}
	if err := b.loadRetired(ctx); err != nil {
		return nil, err
	}
	if err := b.countCustomers(ctx); err != nil {
		return nil, err
	}
	b.writeMerges()
	p.Schemes = b.schemes()
	p.Totals.ReviewsOpen += int64(len(p.Reviews) - len(p.Closed))
	p.body, p.drop = b.writes, b.dropKept
	if err := p.seal(); err != nil {
		return nil, err
	}
	return p, nil
}

// schemes are the canonical schemes in force, for the run to remember; none
// where it founds no customer.
func (b *builder) schemes() map[int]string {
	if b.plan.Totals.Created == 0 {
		return nil
	}
	schemes := map[int]string{}
	for i := range b.sources {
		schemes[b.sources[i].no] = b.rules.Canonical(i).String()
	}
	return schemes
}

// seal counts and digests what the plan writes.
func (p *Plan) seal() error {
	sum := sha256.New()
	var buf []byte
	names := map[int]string{}
	for _, s := range p.Spaces {
		names[s.No] = s.Name
	}
	p.Links, p.unindexed = 0, true
	for w, err := range p.body(false) {
		if err != nil {
			return err
		}
		p.Links++
		p.unindexed = p.unindexed && len(w.Index) == 0
		l := &w.Link
		for _, s := range [...]string{names[l.Source], l.Key, l.Verbatim, l.Canonical, l.Rule} {
			buf = binary.AppendUvarint(buf, uint64(len(s)))
			buf = append(buf, s...)
		}
		buf = append(buf, byte(l.State), byte(l.Kind))
		buf = binary.BigEndian.AppendUint64(buf, l.RowHash)
		buf = binary.AppendUvarint(buf, uint64(l.SinceRun))
		if len(buf) > 1<<15 {
			sum.Write(buf)
			buf = buf[:0]
		}
	}
	for _, r := range p.Rekeyed {
		buf = fmt.Appendf(buf, "rekey %s %s\n", r.Space, r.Is)
	}
	if p.Erase != nil {
		for _, k := range p.Erase.Keys {
			buf = fmt.Appendf(buf, "erase %d %s\n", k.Source, k.Key)
		}
	}
	if p.Kind == "rewrite" {
		buf = fmt.Appendf(buf, "rewrite %+v %q %d\n", p.Rewrote, p.Adopted, p.Undoes)
	}
	if p.Empty() { // a model is kept with the decisions that it made
		p.Model = nil
	}
	rest, err := json.Marshal([]any{
		p.Numbers, p.Reviews, p.Closed, p.Verdicts, p.Counters, p.Spaces, p.Full, p.Schemes, p.Totals, p.Model, p.Erase,
	})
	if err != nil {
		return err
	}
	buf = append(buf, rest...)
	sum.Write(buf)
	p.Digest = hex.EncodeToString(sum.Sum(nil))
	return nil
}

func (b *builder) allowed(guard string) bool { return slices.Contains(b.opts.Allow, guard) }

func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'f', -1, 64) + "%"
}

func (b *builder) checkShares() error {
	t := b.plan.Totals
	check := func(guard, what string, n int64, limit float64) error {
		if limit == 0 || float64(n) <= limit*float64(t.Read) || b.allowed(guard) {
			return nil
		}
		text := fmt.Sprintf("%d of %d records %s", n, t.Read, what)
		if k := slices.IndexFunc(b.plan.Rejects, func(r mapping.Reject) bool { return !wasErased(r) }); guard == "rejected" && k >= 0 {
			r := b.plan.Rejects[k]
			text += fmt.Sprintf(", the first at %s (%s)", r.Place, r.Reason)
		}
		return &GuardError{Guard: guard, What: text, Limit: percent(limit)}
	}
	if err := check("joined", "would join another record's customer", t.Linked+b.joining(), b.opts.Policy.Guard.Joined); err != nil {
		return err
	}
	return check("rejected", "are rejected", t.Rejected-b.erased, b.opts.Policy.Guard.Rejected)
}

// loadRetired fetches the whole rows of links that end, so that they end
// with everything they held.
func (b *builder) loadRetired(ctx context.Context) error {
	if len(b.retired) == 0 {
		return nil
	}
	keys := make([]crosswalk.SourceKey, len(b.retired))
	for i, l := range b.retired {
		keys[i] = crosswalk.SourceKey{Source: l.Source, Key: l.Key}
	}
	links, err := b.snap.ByKeys(ctx, keys)
	if err != nil {
		return err
	}
	for i := range links {
		l := &links[i]
		l.Replaces, l.Rule = true, ruleVanished
		if l.State != crosswalk.Held {
			l.State = crosswalk.Retired
		} else if number := b.mergedAway(l.ID()); number != "" { // an alias from now on
			l.State, l.Canonical, l.Rule = crosswalk.Retired, number, rules.MergedIntoRule
		} else { // there never was a number that could answer
			l.State = crosswalk.Void
		}
	}
	b.retired = links
	return nil
}

// mergedAway is the number of the customer whom a deleted record was merged
// into, if it got one in this run.
func (b *builder) mergedAway(id crosswalk.SourceKey) string {
	for i := range b.sources {
		if b.sources[i].no != id.Source {
			continue
		}
		if n, found := b.findTomb(i, id.Key); found && b.number[n] != 0 {
			return b.ids.get(b.number[n])
		}
	}
	return ""
}

// countCustomers works out how many live customers there will be.
func (b *builder) countCustomers(ctx context.Context) error {
	if b.again != nil {
		return b.recount(ctx)
	}
	t := &b.plan.Totals
	t.Merged = int64(len(b.mergedNow))
	t.Customers += t.Created
	touched, ended := b.touched()
	names := slices.Collect(maps.Keys(touched)) // and what they were called before
	for old := range b.merged {
		if touched[b.live(old)] {
			names = append(names, old)
		}
	}
	for loser, s := range b.mergedNow {
		if touched[s] {
			names = append(names, loser)
		} else {
			t.Customers-- // both had live links
		}
	}
	if len(touched) == 0 {
		return nil
	}
	links, err := b.snap.ByCanonical(ctx, names)
	if err != nil {
		return err
	}
	before, after := map[string]bool{}, map[string]bool{}
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			if b.kind[n] == mapping.KindRestore || b.kind[n] == mapping.KindLink {
				if id := b.live(b.ids.get(b.number[n])); touched[id] {
					after[id] = true
				}
			}
		}
	}
	for _, l := range links {
		was := l.Canonical
		if s, ok := b.merged[was]; ok {
			was = s
		}
		before[was] = true
		if !ended[crosswalk.SourceKey{Source: l.Source, Key: l.Key}] {
			after[b.live(was)] = true
		}
	}
	t.Customers += int64(len(after) - len(before))
	return nil
}

// touched lists the customers that lose or regain a link, by the number that
// stands for them after this run, and the links that end.
func (b *builder) touched() (customers map[string]bool, ended map[crosswalk.SourceKey]bool) {
	customers, ended = map[string]bool{}, map[crosswalk.SourceKey]bool{}
	for _, l := range b.retired {
		ended[crosswalk.SourceKey{Source: l.Source, Key: l.Key}] = true
		if l.Canonical != "" {
			customers[b.live(l.Canonical)] = true
		}
	}
	for _, n := range b.ghosts {
		customers[b.endNumber(n)] = true
	}
	for i := range b.sources {
		for _, t := range b.sources[i].tombs {
			if b.liveNumber(t.n) != "" && b.table.into(t.n) != "" {
				customers[b.endNumber(t.n)] = true
			}
		}
		for _, n := range b.sources[i].nodes {
			if b.kind[n] == mapping.KindRestore {
				customers[b.live(b.ids.get(b.number[n]))] = true
			}
		}
	}
	for _, s := range b.spaces {
		for _, c := range s.changes {
			if c.was != "" {
				ended[crosswalk.SourceKey{Source: c.link.Source, Key: c.link.Key}] = true
				customers[b.live(c.was)] = true
			}
		}
	}
	return customers, ended
}

// writeMerges turns merges into numbers that redirect. Numbers that had been
// merged into a loser are pointed at the new survivor, so that every retired
// number answers in one step.
func (b *builder) writeMerges() {
	if b.again != nil {
		b.writeRenamed()
		return
	}
	for _, loser := range slices.SortedFunc(maps.Keys(b.mergedNow), scheme.Compare) {
		s := b.mergedNow[loser]
		b.plan.Numbers = append(b.plan.Numbers, crosswalk.Number{Canonical: loser, State: crosswalk.Merged, Into: s, Survivor: s})
	}
	for _, old := range slices.SortedFunc(maps.Keys(b.merged), scheme.Compare) {
		into := b.merged[old]
		if s, again := b.mergedNow[into]; again {
			b.plan.Numbers = append(b.plan.Numbers, crosswalk.Number{Canonical: old, State: crosswalk.Merged, Into: into, Survivor: s})
		}
	}
}

// writes streams the link rows, source by source as the crosswalk numbers
// them and by key within each, with or without what is kept of the records.
func (b *builder) writes(kept bool) iter.Seq2[*Write, error] {
	return func(yield func(*Write, error) bool) { b.eachWrite(kept, yield) }
}

func (b *builder) eachWrite(kept bool, yield func(*Write, error) bool) {
	order := slices.Clone(b.stored)
	slices.SortFunc(order, func(x, y crosswalk.Source) int { return x.No - y.No })
	for _, o := range order {
		if i := slices.IndexFunc(b.sources, func(s sourceState) bool { return s.no == o.No }); i >= 0 {
			if !b.sourceWrites(i, kept, yield) {
				return
			}
		} else if k := slices.IndexFunc(b.spaces, func(s spaceSet) bool { return s.no == o.No }); k >= 0 {
			for _, c := range b.spaces[k].changes {
				if !yield(&Write{Kind: c.kind, Link: c.link}, nil) {
					return
				}
			}
		}
	}
}

// sourceWrites merges a source's changed records with its links that end.
func (b *builder) sourceWrites(i int, kept bool, yield func(*Write, error) bool) bool {
	s := &b.sources[i]
	ends := append(b.aliases(i), s.adoptedBack...)
	for _, l := range b.retired {
		if l.Source == s.no {
			ends = append(ends, Write{Kind: mapping.KindRetire, Link: l})
		}
	}
	slices.SortFunc(ends, func(x, y Write) int { return strings.Compare(x.Link.Key, y.Link.Key) })
	var w Write
	var space arena
	var buf []byte
	for _, n := range s.nodes {
		if b.kind[n] == mapping.KindUnchanged {
			continue
		}
		for len(ends) > 0 && bytesVsString(b.table.key(n), ends[0].Link.Key) > 0 {
			if !yield(&ends[0], nil) {
				return false
			}
			ends = ends[1:]
		}
		b.fillWrite(&w, n)
		if kept {
			buf = b.fillKept(&w.Link, n, &space, buf[:0])
		}
		if !yield(&w, nil) {
			return false
		}
	}
	for k := range ends {
		if !yield(&ends[k], nil) {
			return false
		}
	}
	return true
}

func (b *builder) fillWrite(w *Write, n node) {
	batch, row := b.table.at(n)
	key := view(batch.keys.at(row))
	w.Kind = b.kind[n]
	w.Index = appendIndexHashes(w.Index[:0], batch.index.at(row))
	w.Link = crosswalk.Link{
		Source: b.sources[batch.source].no, Key: key, Verbatim: key, Canonical: view(b.ids.bytes(b.number[n])),
		State: crosswalk.Live, Kind: b.kindOf(n), Rule: b.ruleText(n), RowHash: batch.rowHash[row],
		Replaces: b.status[n] != fresh,
	}
	if _, void := b.regain[n]; void {
		w.Link.Replaces = true
	}
	if _, reborn := b.bearers.reborn[n]; reborn {
		w.Link.Replaces = true
	}
	if v, ok := batch.verbatim[uint16(row)]; ok {
		w.Link.Verbatim = v
	}
	switch b.status[n] {
	case changed, gone:
		if !b.moves(n) {
			w.Link.SinceRun = int64(b.prior[n].since)
		}
	}
	if b.number[n] == 0 {
		w.Link.State = crosswalk.Held
	}
}

// fillKept adds what the crosswalk keeps of a record to its link. It works in
// buf and returns it.
func (b *builder) fillKept(l *crosswalk.Link, n node, space *arena, buf []byte) []byte {
	if b.rules.Remembers() {
		batch, row := b.table.at(n)
		buf = b.rules.AppendMatch(buf, batch.joins.at(row), batch.values.at(row))
		l.Match = append(space.take(len(buf))[:0], buf...)
	}
	if buf = b.appendFields(buf[:0], n); len(buf) > 0 {
		l.Fields = append(space.take(len(buf))[:0], buf...)
	}
	return buf
}

// dropKept gives back what the crosswalk keeps of the records.
func (b *builder) dropKept() {
	for _, batch := range b.table.batches {
		batch.fields, batch.traits = ragged[byte]{}, ragged[byte]{}
		batch.joins, batch.values = ragged[match.Join]{}, ragged[match.Value]{}
	}
}

// appendFields appends a record's fields as the crosswalk keeps them.
func (b *builder) appendFields(dst []byte, n node) []byte {
	batch, row := b.table.at(n)
	if batch.source < 0 {
		return append(dst, batch.fields.at(row)...)
	}
	return b.rules.AppendFields(dst, batch.source, batch.fields.at(row), batch.traits.at(row))
}

func (b *builder) kindOf(n node) crosswalk.Kind {
	batch, row := b.table.at(n)
	return crosswalk.Kind(batch.kind[row])
}

// ruleText is why a record has its number, as the link records it.
func (b *builder) ruleText(n node) string {
	if old, ok := b.reasons[n]; ok && b.number[n] != 0 && b.status[n] != held {
		return old
	}
	switch {
	case b.number[n] == 0:
		return ruleHeld
	case b.rule[n] == ruleKept:
		return ruleKeep
	case b.kind[n] == mapping.KindCreate:
		return ruleNew
	case b.rule[n] == ruleOurs:
		return ruleClaimed
	case b.rule[n] == ruleNone:
		return ruleNew
	}
	return b.rules.LineName(b.rule[n])
}
