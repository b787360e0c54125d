package translate

import (
	"context"
	"encoding/binary"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// sinceBytes stand before the ID in the values of the target: since which run
// it has been the customer's.
const sinceBytes = 8

// readTarget reads the IDs of the space that is translated into, by what their
// customers' canonical IDs are now.
func (l *loader) readTarget(ctx context.Context, source int) error {
	n, err := l.snap.CountLinks(ctx, source)
	if err != nil {
		return err
	}
	l.target = newIndex(int(n))
	in := newFeed(l.target, func(x *index, m *crosswalk.Meaning) {
		if m.State == crosswalk.Live {
			l.offer(x, l.current(m.Canonical), m)
		}
	})
	if err := l.snap.Meanings(ctx, source, n, true, in.add); err != nil {
		return err
	}
	in.flush()
	return nil
}

// offer makes an ID that of a customer, or decides which of several is. Of two
// that became the customer's in the same run, the first by its bytes is taken,
// whatever the order in which they are read.
func (l *loader) offer(x *index, canonical string, m *crosswalk.Meaning) {
	var since [sinceBytes]byte
	binary.BigEndian.PutUint64(since[:], uint64(m.SinceRun))
	value := string(since[:]) + m.Verbatim
	s, fresh := x.put(canonical, value)
	if fresh {
		s.status = Live
		return
	}
	other := x.valueOf(s)
	better := value[:sinceBytes] < other[:sinceBytes]
	switch {
	case l.options.Choose == Refuse:
		s.status = Several
		return
	case value[:sinceBytes] == other[:sinceBytes]:
		better = value < other
	case l.options.Choose == Newest:
		better = !better
	}
	if better {
		x.write(s, canonical, value)
	}
}
