package crosswalk

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// pageRows is how many rows a sequence reads at a time. Between two pages
// the snapshot's connection is free for other questions.
const pageRows = 8192

// Query narrows what [Snapshot.Links] yields.
type Query struct {
	Sources []int // nil: all
	Live    bool  // only links in state Live
	Since   int64 // when above 0: only versions of later runs
	Of      int64 // when above 0: only versions of this run
	Match   bool  // load Match
	Fields  bool  // load Fields
}

// Links yields the links of the head in the order of (source, key). The link
// that is yielded is only good until the next step; its strings stay. A few
// pages of links are in memory.
func (v *Snapshot) Links(ctx context.Context, q Query) iter.Seq2[*Link, error] {
	return func(yield func(*Link, error) bool) {
		sources := slices.Clone(q.Sources)
		if q.Sources == nil {
			all, err := v.Sources(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, src := range all {
				sources = append(sources, src.No)
			}
		}
		slices.Sort(sources)
		for _, source := range slices.Compact(sources) {
			newest := &linkCursor{v: v, q: &q, source: source}
			past := &linkCursor{v: v, q: &q, source: source, past: true, done: !v.writing}
			for {
				l, err := nextLink(ctx, newest, past)
				if err != nil {
					yield(nil, v.store.fail("read the links", err))
					return
				}
				if l == nil {
					break
				}
				if !yield(l, nil) {
					return
				}
			}
		}
	}
}

// nextLink takes the next link, by key, of those that are the newest version
// and those that a run in the making has superseded.
func nextLink(ctx context.Context, newest, past *linkCursor) (*Link, error) {
	a, err := newest.peek(ctx)
	if err != nil {
		return nil, err
	}
	b, err := past.peek(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case a == nil && b == nil:
		return nil, nil
	case b == nil || (a != nil && a.Key < b.Key):
		newest.next++
		return a, nil
	default:
		past.next++
		return b, nil
	}
}

// linkRead is a question for links, those that count at the head unless it
// says otherwise.
type linkRead struct {
	past          bool // superseded by a run in the making, else the newest
	ended         bool // with past: superseded by a published run
	where         string
	args          []any
	limit         int // 0: all; otherwise the first so many by key, of one source
	match, fields bool
}

// linkCells are the columns that make a link, small numbers packed into one:
// each column that a database hands over costs.
const linkCells = "source_no, id_key, verbatim, canonical, state + 16 * kind + 256 * rule_no, from_run, since_run, row_hash"

// The places of linkCells.
const (
	cellSource = iota
	cellKey
	cellVerbatim
	cellCanonical
	cellPacked
	cellFrom
	cellSince
	cellHash
	cellMore // match_keys and fields, where they are wanted
)

// selection is the question as a SELECT.
func (read *linkRead) selection(v *Snapshot) *selection {
	sel := &selection{cells: linkCells, from: "@link", where: read.where, args: slices.Clone(read.args), order: "id_key", limit: read.limit}
	if read.match {
		sel.cells += ", match_keys"
	}
	if read.fields {
		sel.cells += ", fields"
	}
	if v.writing {
		sel.where += " AND from_run <= ?"
		sel.args = append(sel.args, v.head.Run)
	}
	if read.past {
		sel.from = "@link_past"
		if read.ended {
			sel.where += " AND until_run <= ?"
		} else {
			sel.where += " AND until_run > ?"
		}
		sel.args = append(sel.args, v.head.Run)
	}
	return sel
}

// readLinks appends the answer to links.
func (v *Snapshot) readLinks(ctx context.Context, read *linkRead, links *[]Link) error {
	return v.use(func() error {
		return v.store.dialect.read(ctx, v.store, v.conn, read.selection(v), func(cells []driver.Value) error {
			*links = append(*links, Link{})
			return v.decode(cells, read, &(*links)[len(*links)-1])
		})
	})
}

// decode makes a link of its cells, none of which it keeps.
func (v *Snapshot) decode(cells []driver.Value, read *linkRead, l *Link) error {
	packed, err := number(cells[cellPacked])
	if err != nil {
		return err
	}
	l.State, l.Kind = State(packed&15), Kind(packed>>4&15)
	var ok bool
	if l.Rule, ok = v.rules[packed>>8]; !ok {
		return fmt.Errorf("rule number %d of a link is not in the table of rules", packed>>8)
	}
	source, err0 := number(cells[cellSource])
	from, err1 := number(cells[cellFrom])
	since := from
	var err2 error
	if cells[cellSince] != nil {
		since, err2 = number(cells[cellSince])
	}
	hash, err3 := number(cells[cellHash])
	if err := errors.Join(err0, err1, err2, err3); err != nil {
		return err
	}
	l.Source, l.FromRun, l.SinceRun, l.RowHash = int(source), from, since, uint64(hash)
	l.Key, l.Canonical = text(cells[cellKey]), text(cells[cellCanonical])
	l.Verbatim = l.Key
	if cells[cellVerbatim] != nil {
		l.Verbatim = text(cells[cellVerbatim])
	}
	rest := cells[cellMore:]
	if read.match {
		l.Match, rest = bytesOf(rest[0]), rest[1:]
	}
	if read.fields {
		l.Fields = bytesOf(rest[0])
	}
	return nil
}

func number(v driver.Value) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case []byte:
		return parseInt(string(v))
	case string:
		return parseInt(v)
	default:
		return 0, fmt.Errorf("a number of a link is %T", v)
	}
}

func text(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return strings.Clone(v)
	case []byte:
		return string(v)
	default:
		return ""
	}
}

// bytesOf copies, as text does: the driver may use its buffer again.
func bytesOf(v driver.Value) []byte {
	switch v := v.(type) {
	case string:
		return []byte(v)
	case []byte:
		return append(make([]byte, 0, len(v)), v...)
	default:
		return nil
	}
}

// atHead collects links of both tables that meet a condition.
func (v *Snapshot) atHead(ctx context.Context, read *linkRead, links *[]Link) error {
	if err := v.readLinks(ctx, read, links); err != nil || !v.writing {
		return err
	}
	read.past = true
	return v.readLinks(ctx, read, links)
}

// ByKeys returns the links of the given source IDs, as far as there are any,
// in the order of (source, key), with Match and Fields.
func (v *Snapshot) ByKeys(ctx context.Context, keys []SourceKey) ([]Link, error) {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, SourceKey.Compare)
	keys = slices.Compact(keys)
	var links []Link
	for len(keys) > 0 {
		n := 1
		for n < len(keys) && n < inList && keys[n].Source == keys[0].Source {
			n++
		}
		args := []any{int64(keys[0].Source)}
		for _, k := range keys[:n] {
			args = append(args, k.Key)
		}
		keys = keys[n:]
		if err := v.atHead(ctx, &linkRead{
			where: "source_no = ? AND id_key IN (?" + strings.Repeat(", ?", n-1) + ")", args: args,
			match: true, fields: true,
		}, &links); err != nil {
			return nil, v.store.fail("look up source IDs", err)
		}
	}
	sortLinks(links)
	return links, nil
}

// ByCanonical returns the live links to the given canonical IDs, in the
// order of (source, key), with Match and Fields.
func (v *Snapshot) ByCanonical(ctx context.Context, ids []string) ([]Link, error) {
	var links []Link
	for in, args := range inLists(ids) {
		if err := v.atHead(ctx, &linkRead{where: "canonical" + in + " AND state = 0", args: args, match: true, fields: true}, &links); err != nil {
			return nil, v.store.fail("look up canonical IDs", err)
		}
	}
	sortLinks(links)
	return links, nil
}

// inLists cuts ids, sorted and each of them once, into conditions of at most
// inList values: " IN (?, …)" and what stands for the question marks.
func inLists[T cmp.Ordered](ids []T) iter.Seq2[string, []any] {
	return func(yield func(string, []any) bool) {
		ids = slices.Compact(slices.Sorted(slices.Values(ids)))
		for chunk := range slices.Chunk(ids, inList) {
			args := make([]any, len(chunk))
			for i, id := range chunk {
				args[i] = id
			}
			if !yield(" IN (?"+strings.Repeat(", ?", len(chunk)-1)+")", args) {
				return
			}
		}
	}
}

func sortLinks(links []Link) {
	slices.SortFunc(links, func(a, b Link) int { return a.ID().Compare(b.ID()) })
}
