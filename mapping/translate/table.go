package translate

import (
	"context"
	"errors"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
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
	// translated again.
	Both bool
}

// Answer is what an ID means. Text is empty where the status has none.
type Answer struct {
	Text   string
	Status Status
}

// Table answers what the IDs of one space mean now. It is safe for concurrent
// use and takes at most 150 bytes per link.
type Table struct {
	_ int
}

// Load reads a table out of a view of the crosswalk. A space that the
// crosswalk does not know is an [*UnknownSpaceError].
func Load(ctx context.Context, snap *crosswalk.Snapshot, o Options) (*Table, error) {
	return nil, errors.New("translate.Load: to be written")
}

// UnknownSpaceError says that the crosswalk has no such ID space.
type UnknownSpaceError struct {
	Space string
	Known []string
}

func (e *UnknownSpaceError) Error() string {
	return "the crosswalk has no source " + e.Space
}

// Find answers for one ID as it was received: outer space, full-width letters
// and the like do not matter, as the key rule of its space says.
func (t *Table) Find(id []byte) Answer { return Answer{} }

// FindAll answers for many IDs at once, which is faster than one by one.
// answers is as long as ids.
func (t *Table) FindAll(ids [][]byte, answers []Answer) {}

// Len is how many IDs the table knows.
func (t *Table) Len() int { return 0 }
