package plan

import (
	"cmp"
	"context"
	"slices"

	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// Matched is what matching alone makes of the records of some sources, before
// any of them has a number. Records count from 0 in the order in which
// customers are numbered; repetitions and rejected records are not among them.
type Matched struct {
	Read     int64 // records read
	Rejected int64
	// Cluster is the first record of each record's cluster.
	Cluster []uint32
	Reviews []match.Review
	Pairs   []match.Pair // scored pairs, by A and then by B; nil where nothing is scored
	// Score is the weight of any two records; nil where nothing is scored.
	Score func(a, b uint32) float32
	Model *similar.Model // nil where nothing is scored
	Notes []string

	b     *builder
	nodes []node // by record
}

// Match reads the sources and does with them what Build would do if there was
// no crosswalk yet, up to the clusters. Of o, only Policy and Progress matter.
// Errors are those of Build.
func Match(ctx context.Context, rs *rules.Ruleset, inputs []Input, o Options) (*Matched, error) {
	b, err := read(ctx, nil, rs, inputs, o)
	if err != nil {
		return nil, err
	}
	b.orderNaturally()
	open := b.openNodes()
	m := &Matched{b: b}
	var res match.Result
	var sc *scored
	if open != nil {
		customers, err := b.customers(ctx, open)
		if err != nil {
			return nil, err
		}
		if res, sc, err = b.group(ctx, open, customers); err != nil {
			return nil, err
		}
	}
	m.fill(res, sc)
	return m, nil
}

// fill turns nodes into records.
func (m *Matched) fill(res match.Result, sc *scored) {
	record := make([]uint32, m.b.table.size())
	for i := range m.b.sources {
		s := &m.b.sources[i]
		m.Read += s.counts.Read
		m.Rejected += int64(len(s.rejects))
		for _, n := range s.natural {
			record[n] = uint32(len(m.nodes))
			m.nodes = append(m.nodes, n)
		}
	}
	m.Cluster = make([]uint32, len(m.nodes))
	for rec, n := range m.nodes {
		m.Cluster[rec] = uint32(rec)
		if res.Root != nil {
			m.Cluster[rec] = record[res.Root[n]]
		}
	}
	m.Reviews, m.Notes = res.Reviews, m.b.plan.Notes
	for i := range m.Reviews {
		r := &m.Reviews[i]
		r.A, r.B = record[r.A], record[r.B]
	}
	if sc == nil {
		return
	}
	m.Model, m.Pairs = sc.Model, sc.Pairs
	for i := range m.Pairs {
		p := &m.Pairs[i]
		p.A, p.B = record[p.A], record[p.B]
	}
	if m.Pairs == nil {
		m.Pairs = []match.Pair{}
	}
	m.Score = func(a, b uint32) float32 { return sc.Score(m.nodes[a], m.nodes[b]) }
}

// Proposed reports whether a blocking rule proposed two records and they are
// among Pairs.
func (m *Matched) Proposed(a, b uint32) bool {
	want := match.Pair{A: min(a, b), B: max(a, b)}
	_, found := slices.BinarySearchFunc(m.Pairs, want, func(p, w match.Pair) int {
		return cmp.Or(cmp.Compare(p.A, w.A), cmp.Compare(p.B, w.B))
	})
	return found
}

// Source is the place of a record's source among those of the ruleset.
func (m *Matched) Source(rec uint32) int {
	batch, _ := m.b.table.at(m.nodes[rec])
	return batch.source
}

// Row is the line of its file in which a record stands, or its row where the
// source has no lines.
func (m *Matched) Row(rec uint32) int64 {
	batch, row := m.b.table.at(m.nodes[rec])
	return int64(batch.line[row])
}

// Side is a record as reviews show it.
func (m *Matched) Side(rec uint32) ReviewSide { return m.b.side(m.nodes[rec]) }
