package plan

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/damage"
)

// rawBatch is records on their way from a source to a worker. Values of all
// records stand in one slice, so that the source's slice can be reused.
type rawBatch struct {
	seq    int
	width  int
	values []mapping.Value
	places []mapping.Place
}

// rejected is a record that cannot be used. Key is empty where it could not
// be read; blind says that the record may be any that the crosswalk knows, as
// one is whose ID fits nothing and whose origin is not certain. Misfit says
// that its ID fits no scheme, damage what is known of that.
type rejected struct {
	row    int64
	key    string
	blind  bool
	misfit bool
	damage damage.Finding
	rej    mapping.Reject
}

// readSource streams one source into the table: the source is read here,
// workers turn records into facts side by side, and batches end up in the
// source's order.
func (b *builder) readSource(ctx context.Context, i int) error {
	in := b.inputs[i]
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	total := int64(0)
	if c, ok := in.Source.(mapping.Counter); ok {
		total, _ = c.Count(ctx)
	}
	var (
		mu       sync.Mutex
		results  []*batch
		rejects  []rejected
		panicked error
		none     = map[string]rules.Placeholders{}
		unclear  = map[string]rules.Placeholders{}
		read     atomic.Int64
		wg       sync.WaitGroup
		workers  = max(1, runtime.GOMAXPROCS(0))
		queue    = make(chan *rawBatch, workers)
		free     = make(chan *rawBatch, 2*workers+1)
	)
	for range workers {
		wg.Go(func() {
			rd := b.rules.Reader(i)
			rd.Adopt(b.sources[i].adopted.ids)
			var facts rules.Facts
			var batch batch
			for raw := range queue {
				batch.gathering(i)
				bad := interpret(rd, raw, &facts, in.Name, &batch)
				out := batch.gathered()
				mu.Lock()
				for len(results) <= raw.seq {
					results = append(results, nil)
				}
				results[raw.seq] = out
				rejects = append(rejects, bad...)
				mu.Unlock()
				select {
				case free <- raw:
				default:
				}
			}
			mu.Lock()
			defer mu.Unlock()
			addPlaceholders(none, rd.Placeholders())
			addPlaceholders(unclear, rd.Unclear())
		})
	}
	take := func(seq int) *rawBatch {
		select {
		case raw := <-free:
			raw.seq, raw.values, raw.places = seq, raw.values[:0], raw.places[:0]
			return raw
		default:
			return &rawBatch{seq: seq}
		}
	}
	raw, size := take(0), 0
	var place mapping.Place
	for rec, err := range in.Source.Records(ctx) {
		if n := read.Add(1); n%10_000 == 0 {
			b.progress("reading "+in.Name, n, total)
		}
		if err != nil {
			if re, ok := asRecordError(err); ok {
				place = re.Place
				mu.Lock()
				rejects = append(rejects, rejected{row: re.Place.Row, blind: true, rej: mapping.Reject{
					Source: in.Name, Place: re.Place.String(), SourceID: re.SourceID, Reason: re.Reason,
				}})
				mu.Unlock()
				continue
			}
			panicked = fmt.Errorf("read source %s after %s: %w", in.Name, placeText(place), err)
			break
		}
		place = rec.Place
		raw.width = len(rec.Values)
		raw.values = append(raw.values, rec.Values...)
		raw.places = append(raw.places, rec.Place)
		for _, v := range rec.Values {
			size += len(v.Text)
		}
		if len(raw.places) == batchRows || size >= batchBytes {
			queue <- raw
			raw, size = take(raw.seq+1), 0
		}
	}
	if panicked == nil && ctx.Err() != nil { // whatever the source says: not all of it was read
		panicked = ctx.Err()
	}
	if len(raw.places) > 0 && panicked == nil {
		queue <- raw
	}
	close(queue)
	wg.Wait()
	if panicked != nil {
		return panicked
	}
	b.progress("reading "+in.Name, read.Load(), read.Load())
	b.notePlaceholders(in.Name, none)
	b.noteUnclear(in.Name, unclear)
	slices.SortStableFunc(rejects, func(x, y rejected) int { return int(x.row - y.row) })
	b.sources[i].place = place
	b.sources[i].counts.Read = read.Load()
	b.sources[i].rejects = rejects
	for _, r := range results {
		b.sources[i].nodes = appendNodes(b.sources[i].nodes, len(b.table.batches), r.n)
		b.table.batches = append(b.table.batches, r)
	}
	return nil
}

// addPlaceholders adds what one reader met to what all did.
func addPlaceholders(sum, p map[string]rules.Placeholders) {
	for role, v := range p {
		s := sum[role]
		s.Add(v)
		sum[role] = s
	}
}

// notePlaceholders reports the values that are no evidence.
func (b *builder) notePlaceholders(source string, none map[string]rules.Placeholders) {
	if !b.rules.Matches() {
		return
	}
	for _, role := range slices.Sorted(maps.Keys(none)) {
		p := none[role]
		what := fmt.Sprintf("1 value of %s stands for none and is", role)
		if p.Records > 1 {
			what = fmt.Sprintf("%d values of %s stand for none and are", p.Records, role)
		}
		b.note("%s: %s no evidence, such as %s", source, what, strings.Join(p.Examples, ", "))
	}
}

// noteUnclear reports the values of deleted and merged_into that say neither.
func (b *builder) noteUnclear(source string, unclear map[string]rules.Placeholders) {
	for _, role := range slices.Sorted(maps.Keys(unclear)) {
		p := unclear[role]
		says := "no ID of the source, and is left out"
		if role == "deleted" {
			says = "neither yes nor no nor a time, and counts as no"
		}
		what := fmt.Sprintf("1 value of %s is", role)
		if p.Records > 1 {
			what = fmt.Sprintf("%d values of %s are each", p.Records, role)
		}
		b.note("%s: %s %s, such as %s", source, what, says, strings.Join(p.Examples, ", "))
	}
}

func appendNodes(nodes []node, batch, n int) []node {
	nodes = slices.Grow(nodes, n)
	for row := range n {
		nodes = append(nodes, node(batch<<batchBits|row))
	}
	return nodes
}

func placeText(p mapping.Place) string {
	if p.File == "" {
		return "the start"
	}
	return p.String()
}

// interpret turns records into facts, which it adds to out.
func interpret(rd *rules.Reader, raw *rawBatch, facts *rules.Facts, name string, out *batch) (bad []rejected) {
	for k, place := range raw.places {
		rec := mapping.Record{Place: place, Values: raw.values[k*raw.width : (k+1)*raw.width]}
		if err := rd.Read(rec, facts); err != nil {
			re, ok := asRecordError(err)
			if !ok {
				re = &mapping.RecordError{Place: place, Reason: err.Error()}
			}
			blind := facts.Key == "" && strings.TrimSpace(re.SourceID) != "" || facts.Misfit && !facts.Damage.Certain
			found := facts.Damage.Clone()
			bad = append(bad, rejected{
				row: place.Row, key: clone(facts.Key), blind: blind, misfit: facts.Misfit, damage: found,
				rej: mapping.Reject{
					Source: name, Place: re.Place.String(), SourceID: clone(re.SourceID), Reason: re.Reason,
					Damage: found.Kind, Proposals: found.Proposals,
				},
			})
			continue
		}
		line := place.Line
		if line == 0 {
			line = place.Row
		}
		out.addFacts(facts, line)
	}
	return bad
}
