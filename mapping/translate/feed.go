package translate

import (
	"sync"
	"unsafe"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// feed gathers links that two goroutines read, and puts some at a time into an
// index.
type feed struct {
	mu     sync.Mutex
	into   *index
	insert func(x *index, m *crosswalk.Meaning)
	parts  [2]feedPart
}

// feedPart is what one goroutine has gathered, and the texts of it.
type feedPart struct {
	links []crosswalk.Meaning
	texts []byte
}

const (
	feedLinks = 256       // are put in together,
	feedBytes = 256 << 10 // unless their texts are long
)

func newFeed(into *index, insert func(x *index, m *crosswalk.Meaning)) *feed {
	f := &feed{into: into, insert: insert}
	for i := range f.parts {
		f.parts[i].texts = make([]byte, 0, feedBytes)
	}
	return f
}

// add takes a link from one of the goroutines.
func (f *feed) add(part int, m *crosswalk.Meaning) error {
	p := &f.parts[part]
	if len(p.links) == feedLinks || len(p.texts)+len(m.Key)+len(m.Verbatim)+len(m.Canonical) > cap(p.texts) {
		f.put(p)
	}
	kept := *m
	kept.Key, kept.Verbatim, kept.Canonical = p.keep(m.Key), p.keep(m.Verbatim), p.keep(m.Canonical)
	p.links = append(p.links, kept)
	return nil
}

// keep copies a text to where it is good until the links are put in.
func (p *feedPart) keep(text string) string {
	from := len(p.texts)
	p.texts = append(p.texts, text...)
	return unsafe.String(unsafe.SliceData(p.texts[from:]), len(text))
}

func (f *feed) put(p *feedPart) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range p.links {
		f.insert(f.into, &p.links[i])
	}
	p.links, p.texts = p.links[:0], p.texts[:0]
}

// flush puts the rest in.
func (f *feed) flush() {
	for part := range f.parts {
		f.put(&f.parts[part])
	}
}
