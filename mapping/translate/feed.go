package translate

import (
	"sync"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// feed gathers links that two goroutines read, and puts some at a time into an
// index.
type feed struct {
	mu     sync.Mutex
	into   *index
	insert func(x *index, m *crosswalk.Meaning)
	parts  [2][]crosswalk.Meaning
}

// feedLinks is how many links are put in together.
const feedLinks = 256

func newFeed(into *index, insert func(x *index, m *crosswalk.Meaning)) *feed {
	return &feed{into: into, insert: insert}
}

// add takes a link from one of the goroutines.
func (f *feed) add(part int, m *crosswalk.Meaning) error {
	f.parts[part] = append(f.parts[part], *m)
	if len(f.parts[part]) == feedLinks {
		f.put(part)
	}
	return nil
}

func (f *feed) put(part int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.parts[part] {
		f.insert(f.into, &f.parts[part][i])
	}
	f.parts[part] = f.parts[part][:0]
}

// flush puts the rest in.
func (f *feed) flush() {
	for part := range f.parts {
		f.put(part)
	}
}
