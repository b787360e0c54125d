package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

func asRecordError(err error) (*mapping.RecordError, bool) {
	var re *mapping.RecordError
	ok := errors.As(err, &re)
	return re, ok
}

// compare sorts the records of source i by key, settles IDs that stand more
// than once, and walks them side by side with the crosswalk's links.
func (b *builder) compare(ctx context.Context, i int) error {
	s := &b.sources[i]
	b.table.sortByKey(s.nodes)
	if err := b.settleDamage(ctx, i); err != nil {
		return err
	}
	s.nodes = b.settleRepeats(i, s.nodes)
	for _, n := range s.nodes {
		b.status[n] = fresh
	}
	b.listRepairs(i)
	if b.snap == nil {
		b.bury(i)
		return nil
	}
	refused := make([]string, 0, len(s.rejects))
	for _, r := range s.rejects {
		if r.key != "" {
			refused = append(refused, r.key)
		}
		refused = append(refused, r.damage.Proposals...)
	}
	slices.Sort(refused)
	w := walk{b: b, source: i, nodes: s.nodes, refused: refused, twins: b.rules.Examiner(i).Twins()}
	for l, err := range b.snap.Links(ctx, crosswalk.Query{Sources: []int{s.no}}) {
		if err != nil {
			return err
		}
		if !s.adopted.has(l.Key) {
			w.link(l)
		}
	}
	if err := b.rejectErased(ctx, i); err != nil {
		return err
	}
	b.bury(i)
	if w.twins {
		w.rejectTwins()
	}
	w.dropEnded()
	b.absent = append(b.absent, w.stay...)
	for _, l := range w.stay {
		s.stay = append(s.stay, l.Canonical)
	}
	return b.vanish(i, &w)
}

// walk is the merge of a source's records with its links, both in key order.
type walk struct {
	b           *builder
	source      int
	nodes       []node
	refused     []string
	known       int64            // live links seen
	absent      []crosswalk.Link // live links without a record
	stay        []crosswalk.Link // live links whose record was rejected, or that a person restored
	deleted     []crosswalk.Link // live links whose record says that it is deleted
	waiting     []crosswalk.Link // held links whose record is gone
	deletedHeld []crosswalk.Link // held links whose record says that it is deleted
	twins       bool             // IDs may lose the case of their letters
	past        []string         // where they may: keys of other links without a record
	ended       []node           // records of links that a steward retired
}

func (w *walk) link(l *crosswalk.Link) {
	t := &w.b.table
	for len(w.nodes) > 0 && bytesVsString(t.key(w.nodes[0]), l.Key) < 0 {
		w.nodes = w.nodes[1:]
	}
	if l.State == crosswalk.Live {
		w.known++
	}
	if len(w.nodes) == 0 || string(t.key(w.nodes[0])) != l.Key {
		w.unread(l)
		return
	}
	n := w.nodes[0]
	if w.tomb(n, l) {
		return
	}
	if l.Rule == rules.MergedIntoRule && !w.b.rules.KeepsFields() {
		w.b.told.merged[n] = true
	}
	if l.State == crosswalk.Void { // as if it had never been read, but for the number that it founded
		number := ""
		if founds(l.Rule) {
			number = l.Canonical
		}
		w.b.regain[n] = number
		return
	}
	if l.State == crosswalk.Retired && l.Rule == ruleRetire {
		w.ended = append(w.ended, n)
		return
	}
	batch, row := t.at(n)
	equal := batch.rowHash[row] == l.RowHash && t.verbatimEqual(n, l.Verbatim)
	why := l.Rule
	switch l.State {
	case crosswalk.Live:
		w.b.status[n] = changed
		if equal {
			w.b.status[n] = same
		}
	case crosswalk.Retired:
		w.b.status[n] = gone
		why = ruleRestored
	case crosswalk.Held:
		w.b.status[n] = held
		if !equal {
			w.b.kind[n] = mapping.KindUpdate // the held row itself must be rewritten
		}
	}
	if !equal || l.State != crosswalk.Live {
		if why == ruleRestore && !t.deleted(n) { // it is back by itself
			why = ruleRestored
		}
		w.b.reasons[n] = why
	}
	if l.Canonical != "" {
		w.b.prior[n] = prior{w.b.ids.addString(l.Canonical), uint32(l.SinceRun)}
	}
}

// unread is a link without a record.
func (w *walk) unread(l *crosswalk.Link) {
	_, refused := slices.BinarySearch(w.refused, l.Key)
	switch {
	case l.State == crosswalk.Live && (refused || l.Rule == ruleRestore || l.Rule == ruleRekey):
		w.stay = append(w.stay, *l)
	case l.State == crosswalk.Live:
		w.absent = append(w.absent, *l)
	case l.State == crosswalk.Held && !refused:
		w.waiting = append(w.waiting, *l)
	}
	if w.twins && l.State != crosswalk.Live && l.State != crosswalk.Void {
		w.past = append(w.past, l.Key)
	}
}

// dropEnded takes the records out whose links a steward retired: they are no
// evidence for anything, and no automatic run brings them back.
func (w *walk) dropEnded() {
	if len(w.ended) == 0 {
		return
	}
	b, s := w.b, &w.b.sources[w.source]
	for _, n := range w.ended {
		b.status[n] = dead
	}
	s.nodes = b.living(s.nodes)
	s.counts.Unchanged += int64(len(w.ended))
	records := "records that are retired stand"
	if len(w.ended) == 1 {
		records = "record that is retired stands"
	}
	b.note("%s: %d %s still in the source, the first at %s; `xwalk restore` takes a retirement back", b.inputs[w.source].Name, len(w.ended), records, b.place(w.ended[0]))
}

func (t *table) verbatimEqual(n node, verbatim string) bool {
	b, i := t.at(n)
	if v, ok := b.verbatim[uint16(i)]; ok {
		return v == verbatim
	}
	return string(b.keys.at(i)) == verbatim
}

func bytesVsString(a []byte, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}

// settleRepeats finds IDs that stand several times in a source. Equal rows
// count once more as unchanged. Of different rows the newest wins and the
// others are rejected; where nothing tells which is newest, all are.
func (b *builder) settleRepeats(i int, nodes []node) []node {
	out := nodes[:0]
	for k := 0; k < len(nodes); {
		j := k + 1
		for j < len(nodes) && bytes.Equal(b.table.key(nodes[j]), b.table.key(nodes[k])) {
			j++
		}
		if j-k == 1 {
			out = append(out, nodes[k])
		} else if winner, ok := b.settle(i, nodes[k:j]); ok {
			out = append(out, winner)
		}
		k = j
	}
	return out
}

func (b *builder) settle(i int, nodes []node) (winner node, ok bool) {
	s := &b.sources[i]
	content := func(n node) (uint64, int64) {
		batch, row := b.table.at(n)
		if batch.modified == nil {
			return batch.rowHash[row], 0
		}
		return batch.rowHash[row], batch.modified[row]
	}
	// Among equal rows the one that is kept must not depend on their order; a
	// number that is written as its key is the one that people look for.
	asKey := func(n node) bool { return b.table.verbatim(n) == string(b.table.key(n)) }
	slices.SortFunc(nodes, func(x, y node) int {
		if kx, ky := asKey(x), asKey(y); kx != ky {
			if kx {
				return -1
			}
			return 1
		}
		if c := strings.Compare(b.table.verbatim(x), b.table.verbatim(y)); c != 0 {
			return c
		}
		return int(int64(x) - int64(y))
	})
	winner = nodes[0]
	hash, newest := content(winner)
	for _, n := range nodes[1:] {
		if h, m := content(n); m > newest {
			winner, hash, newest = n, h, m
		}
	}
	decided := true // unless another row is as new, or one of them has no date
	for _, n := range nodes {
		if h, m := content(n); h != hash && (m == 0 || newest == 0 || m == newest) {
			decided = false
		}
	}
	for _, n := range nodes {
		h, _ := content(n)
		switch {
		case decided && n == winner:
		case decided && h == hash:
			s.counts.Unchanged++
		case decided:
			b.reject(i, n, fmt.Sprintf("the ID stands %d times with different content; the newest row wins, at %s", len(nodes), b.place(winner)))
		default:
			hint := " (map `modified` under fields if the source has such a column)"
			if b.rules.Dated(i) {
				hint = ""
			}
			b.reject(i, n, fmt.Sprintf("the ID stands %d times with different content and nothing tells which is newest%s", len(nodes), hint))
		}
	}
	return winner, decided
}

func (b *builder) reject(i int, n node, reason string) {
	s := &b.sources[i]
	batch, row := b.table.at(n)
	s.rejects = append(s.rejects, rejected{row: int64(batch.line[row]), key: string(b.table.key(n)), rej: mapping.Reject{
		Source: b.inputs[i].Name, Place: b.place(n), SourceID: b.table.verbatim(n), Reason: reason,
	}})
}

// place is where a node's record stands, as its source writes places.
func (b *builder) place(n node) string {
	batch, row := b.table.at(n)
	s := &b.sources[batch.source]
	p := mapping.Place{File: s.place.File, Row: int64(batch.line[row])}
	if s.place.Line > 0 {
		p.Line = p.Row
	}
	return p.String()
}
