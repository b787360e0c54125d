package plan

import (
	"context"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Forgotten tells the IDs of one space that were erased, also under the key
// rules that the space had before: of an erased ID nothing is left to make its
// new key of. A nil one knows of none. It is for one goroutine.
type Forgotten struct {
	is    func(key string) (crosswalk.Erased, bool)
	rules []rules.Keys
}

// LoadForgotten reads who was erased of a source of the crosswalk; nil where
// there was nobody.
func LoadForgotten(ctx context.Context, snap *crosswalk.Snapshot, source int) (*Forgotten, error) {
	is, err := snap.Erased(ctx, source)
	if err != nil || is == nil {
		return nil, err
	}
	f := &Forgotten{is: is}
	texts, err := snap.KeyRules(ctx, source)
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		keys, err := rules.ParseKeyRule(text)
		if err != nil {
			return nil, err
		}
		f.rules = append(f.rules, keys)
	}
	return f, nil
}

// Find tells whether an ID was erased. Key is its key, empty where it has
// none, and verbatim what was received.
func (f *Forgotten) Find(key, verbatim string) (crosswalk.Erased, bool) {
	if f == nil {
		return crosswalk.Erased{}, false
	}
	if key != "" {
		if e, ok := f.is(key); ok {
			return e, true
		}
	}
	for _, keys := range f.rules {
		if before, err := keys.Key(verbatim); err == nil && before != key {
			if e, ok := f.is(before); ok {
				return e, true
			}
		}
		if !strings.Contains(verbatim, "|") {
			continue
		}
		if parts, err := scheme.SplitParts(verbatim); err == nil {
			if before, err := keys.Composite(parts); err == nil && before != key {
				if e, ok := f.is(before); ok {
					return e, true
				}
			}
		}
	}
	return crosswalk.Erased{}, false
}

const erasedWords = "erased on request in run %d"

// isErased says why a record is refused that was forgotten.
func isErased(e crosswalk.Erased) string { return fmt.Sprintf(erasedWords, e.Run) }

// rejectErased rejects the new records of a source whose IDs were erased. They
// come again with every run, so they neither trip a guard nor stand in for
// records that could not be read.
func (b *builder) rejectErased(ctx context.Context, i int) error {
	s := &b.sources[i]
	f, err := LoadForgotten(ctx, b.snap, s.no)
	if err != nil || f == nil {
		return err
	}
	left := s.nodes[:0]
	for _, n := range s.nodes {
		if b.status[n] == fresh || b.status[n] == gone { // under another rule, the key may be that of a link that ended
			if e, erased := f.Find(string(b.table.key(n)), b.table.verbatim(n)); erased {
				b.reject(i, n, isErased(e))
				b.status[n] = dead
				delete(b.regain, n)
				b.erased++
				continue
			}
		}
		left = append(left, n)
	}
	s.nodes = left
	return nil
}

// wasErased reports whether a record was rejected because it was forgotten.
func wasErased(r mapping.Reject) bool {
	var run int64
	_, err := fmt.Sscanf(r.Reason, erasedWords, &run)
	return err == nil && r.Reason == fmt.Sprintf(erasedWords, run)
}
