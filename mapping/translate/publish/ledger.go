package publish

import (
	"context"
	"iter"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// ledger goes through the entries in force of a source, beside something else
// that comes in the order of the keys.
type ledger struct {
	next  func() (*crosswalk.Publication, error, bool)
	close func()
	entry *crosswalk.Publication // nil before the first and after the last one
	met   bool                   // it was handed out
	ended bool
}

func openLedger(ctx context.Context, snap *crosswalk.Snapshot, source int) *ledger {
	l := &ledger{}
	l.next, l.close = iter.Pull2(snap.Publications(ctx, source))
	return l
}

// afterAll is greater than any key, which is UTF-8.
const afterAll = "\xff"

// at is the entry of a key, nil where there is none; it is good until the next
// call. passed, which may be nil, is told of the entries before it that were
// never asked for.
func (l *ledger) at(key string, passed func(*crosswalk.Publication)) (*crosswalk.Publication, error) {
	for !l.ended && (l.entry == nil || l.entry.Key < key) {
		if l.entry != nil && !l.met && passed != nil {
			passed(l.entry)
		}
		entry, err, more := l.next()
		if err != nil {
			return nil, err
		}
		l.entry, l.met, l.ended = entry, false, !more
	}
	if l.ended || l.entry.Key != key {
		return nil, nil
	}
	l.met = true
	return l.entry, nil
}
