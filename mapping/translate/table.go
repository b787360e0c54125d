package translate

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/xwalk-id/xwalk/mapping/plan"
)

// Status is what became of an ID that is looked up.
type Status uint8

// The statuses. Those after Redirected have no text to put in the ID's place.
const (
	NotFound   Status = iota // never seen
	Live                     // means a customer
	Redirected               // means a customer that has another number by now
	Gone                     // meant a customer that is gone
	Held                     // waits for a review and has no number yet
	Contested                // two customers hold it
	Several                  // the customer has several IDs where one is wanted
	None                     // the customer has no ID there
)

// String is the status as reports write it: not_found, live, redirected, gone,
// held, contested, several, none.
func (s Status) String() string {
	return [...]string{"not_found", "live", "redirected", "gone", "held", "contested", "several", "none"}[s]
}

// Choice is which ID is taken where a customer has several.
type Choice uint8

// The choices.
const (
	Refuse Choice = iota // none of them: Several
	Oldest               // the one that has been the customer's for longest
	Newest               // the one that became the customer's last
)

// Options say what is translated into what.
type Options struct {
	// From is the ID space of what is looked up, a source or SOURCE.NUMBER;
	// empty: canonical IDs.
	From string
	// To is the ID space of the answers; empty: canonical IDs.
	To string
	// Choose says which ID of To is taken.
	Choose Choice
	// Both makes canonical IDs that were issued answers to themselves, where
	// From has no such ID: a column that was translated in part can be
	// translated again. It does nothing where an ID of one customer of From is
	// written like the number of another, for then looks do not tell.
	Both bool
	// Lazy reads the canonical IDs of Both only when an ID is met that From
	// lacks, for most columns hold none. The view then stays open for as long as
	// the table is used, and [Table.Err] tells whether that reading failed.
	Lazy bool
}

// Answer is what an ID means. Text is empty where the status has none.
type Answer struct {
	Text   string
	Status Status
}

// Table answers what the IDs of one space mean now. It is safe for concurrent
// use and takes at most 150 bytes per link.
type Table struct {
	ids *index
	key func(verbatim string) (string, error)
	// forgotten tells who was erased; one at a time.
	mu        sync.Mutex
	forgotten *plan.Forgotten
	asked     atomic.Bool            // issued was called
	issued    func() (*Table, error) // canonical IDs, with Options.Both
}

// Len is how many IDs the table knows.
func (t *Table) Len() int { return t.ids.used }

// Err is the error of a lazy table that could not read what it needed: some IDs
// that were not found may be known.
func (t *Table) Err() error {
	if t.issued == nil || !t.asked.Load() {
		return nil
	}
	_, err := t.issued()
	return err
}

// Find answers for one ID as it was received: outer space, full-width letters
// and the like do not matter, as the key rule of its space says.
func (t *Table) Find(id []byte) Answer {
	if s := t.ids.find(id, t.ids.hash(id)); s != nil {
		return t.answer(s)
	}
	return t.search(id)
}

// together is how many look-ups wait for memory at the same time.
const together = 64

// FindAll answers for many IDs at once, which is faster than one by one.
// answers is as long as ids.
func (t *Table) FindAll(ids [][]byte, answers []Answer) {
	x := t.ids
	var hashes [together]uint64
	var at [together]int
	var fetched uint16
	for len(ids) > 0 {
		n := min(len(ids), together)
		for i, id := range ids[:n] {
			hashes[i] = x.hash(id)
			at[i] = x.home(hashes[i])
			fetched += x.tags[at[i]]
		}
		for i := range n {
			if at[i] = x.candidate(at[i], tagOf(hashes[i])); at[i] >= 0 {
				fetched += uint16(x.slots[at[i]].flags)
			}
		}
		for i, id := range ids[:n] {
			var s *slot
			if at[i] >= 0 {
				s = &x.slots[at[i]]
				if s.flags&isLong != 0 || string(s.text[:s.key]) != string(id) {
					s = x.findFrom(at[i], id, hashes[i])
				}
			}
			switch {
			case s != nil:
				answers[i] = t.answer(s)
			case len(id) == 0:
				answers[i] = Answer{}
			default:
				answers[i] = t.search(id)
			}
		}
		ids, answers = ids[n:], answers[n:]
	}
	runtime.KeepAlive(fetched) // for what was read only to have it at hand
}

func (t *Table) answer(s *slot) Answer {
	if s.status == Live || s.status == Redirected {
		return Answer{t.ids.valueOf(s), s.status}
	}
	return Answer{"", s.status}
}

// search answers for an ID that is not written like a key.
func (t *Table) search(id []byte) Answer {
	a := t.own(id)
	if a.Status != NotFound || t.issued == nil {
		return a
	}
	t.asked.Store(true)
	issued, err := t.issued()
	if err != nil {
		return a
	}
	return issued.Find(id)
}

// own is Find for the IDs of the space alone, not for canonical ones beside.
func (t *Table) own(id []byte) Answer {
	verbatim := string(id)
	key, err := t.key(verbatim)
	if err != nil {
		key = ""
	} else if s := t.ids.get(key); s != nil {
		return t.answer(s)
	}
	if t.forgotten != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		if _, erased := t.forgotten.Find(key, verbatim); erased {
			return Answer{"", Gone}
		}
	}
	return Answer{}
}

// UnknownSpaceError says that the crosswalk has no such ID space.
type UnknownSpaceError struct {
	Space   string
	Known   []string
	Nearest string // the likeliest of them, if any is like it
}

func (e *UnknownSpaceError) Error() string {
	msg := fmt.Sprintf("the crosswalk has no source %q", e.Space)
	if e.Nearest != "" {
		msg += fmt.Sprintf("; did you mean %q?", e.Nearest)
	}
	if len(e.Known) == 0 {
		return msg + "; it has none yet"
	}
	return msg + " (it has: " + strings.Join(e.Known, ", ") + ")"
}
