package crosswalk

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping"
)

// State is what a link is worth at present.
type State uint8

// The states of a link.
const (
	Live      State = iota // resolves
	Retired                // its source record is gone
	Contested              // an `also` number that several customers hold: resolves to none
	Held                   // in doubt, stored without a canonical ID
	// Void says nothing any more: the run that made the link was undone, or
	// its source's keys were made anew. Its canonical ID is the one that the
	// source ID had, so that whoever it founded gets that number again.
	Void
)

var stateNames = [...]string{"live", "retired", "contested", "held", "void"}

// String is the state's name.
func (s State) String() string { return name(stateNames[:], int(s)) }

// Kind is what sort of customer a link belongs to.
type Kind uint8

// The kinds of customers.
const (
	Person Kind = iota
	Company
	Household
)

var kindNames = [...]string{"person", "company", "household"}

// String is the kind's name as the configuration writes it.
func (k Kind) String() string { return name(kindNames[:], int(k)) }

// NumberState is what became of a canonical ID that is not simply the ID of
// a customer.
type NumberState uint8

// The states of a number.
const (
	Given  NumberState = iota // in use: kept or imported, or in force again
	Merged                    // means another number now
	Gone                      // retired; means nobody any more
)

var numberNames = [...]string{"given", "merged", "gone"}

// String is the state's name.
func (s NumberState) String() string { return name(numberNames[:], int(s)) }

func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprint(i)
}

// SourceKey names one source ID: the number of its source and its key.
type SourceKey struct {
	Source int
	Key    string
}

// Compare orders source IDs by source and then by the bytes of the key, which
// is the order of everything in the store.
func (k SourceKey) Compare(o SourceKey) int {
	if c := cmp.Compare(k.Source, o.Source); c != 0 {
		return c
	}
	return strings.Compare(k.Key, o.Key)
}

// Link is one version of one link. Key is what is compared, at most 255
// bytes; Verbatim is the ID as it was received (empty in a link that is
// written means: like the key). Canonical is empty in a held or contested
// link, and in a void one that had none. Match and Fields are opaque to the
// store and nil where nothing is kept; Fields is text, a JSON object.
type Link struct {
	Source    int
	Key       string
	Verbatim  string
	Canonical string
	State     State
	Kind      Kind
	Rule      string
	// FromRun is the run that wrote this version. A run's own number is
	// taken for what it writes, whatever stands here.
	FromRun int64
	// SinceRun is the run from which on the source ID has had this canonical
	// ID; 0 in a link that is written means this run.
	SinceRun int64
	RowHash  uint64
	Match    []byte
	Fields   []byte
	// Replaces says, in a link that is written, that the key has a link
	// already, which this one supersedes.
	Replaces bool
}

// ID is the link's place in the store.
func (l *Link) ID() SourceKey { return SourceKey{l.Source, l.Key} }

// Number is a canonical ID that is not simply the ID of an ordinary
// customer. Into is the number that it was merged into, Survivor the one that
// it means now, at the end of the chain of merges; both are empty unless it
// was merged.
type Number struct {
	Canonical string
	State     NumberState
	Into      string
	Survivor  string
	FromRun   int64
}

// Source is one ID space that the crosswalk knows. No is its number in the
// links. KeyRule (how IDs become keys) and Shape are texts of the caller's;
// only a rekey changes the key rule of a known source. Mark is how far the source
// has been read. SeenRun is the last run that read all of it, 0 for none.
type Source struct {
	No      int
	Name    string
	KeyRule string
	Shape   string
	Mark    string
	SeenRun int64
}

// RunInfo describes a published run. Digest is chained to the digest of the
// run before.
type RunInfo struct {
	Run      int64
	Kind     string
	Serial   int64
	Actor    string
	Reason   string
	Started  time.Time
	Finished time.Time
	Rules    string
	Plan     string
	Digest   string
	Totals   mapping.Totals
	Schemes  map[int]string // see RunStart
	// Verdicts are the numbers of the decisions that the run recorded.
	Verdicts []int64
	Undid    int64 // the run that it undid, 0 for none
	TookBack int64 // the run of which it took back what was published, 0 for none
	Links    int64 // how many link rows it wrote
	// Marks and Shapes are what it noted of sources, by their numbers.
	Marks, Shapes map[int]string
	Approved      []string // see RunStart
	// Rewrote are the references that a run of kind rewrite was about, Adopted
	// the sources whose own key it rewrote, and Published is how many entries of
	// the ledger it wrote.
	Rewrote   []Rewritten
	Adopted   []string
	Published int64
}

// MaxKey is the longest key, in bytes.
const MaxKey = 255

// check refuses what some store could not keep exactly as it is.
func (l *Link) check() error {
	switch {
	case l.Source < 1 || l.Source > 1<<31-1:
		return fmt.Errorf("source number %d is out of range", l.Source)
	case l.Key == "":
		return errors.New("the key is empty")
	case len(l.Verbatim) > 1<<16:
		return fmt.Errorf("the ID has %d bytes", len(l.Verbatim))
	case l.Canonical == "" && l.State != Held && l.State != Contested && l.State != Void:
		return errors.New("it has no canonical ID")
	}
	if err := checkKey(l.Key); err != nil {
		return err
	}
	if err := checkKey(l.Canonical); err != nil {
		return fmt.Errorf("canonical ID: %w", err)
	}
	for _, text := range []string{l.Verbatim, l.Rule} {
		if err := checkText(text); err != nil {
			return err
		}
	}
	if bytes.IndexByte(l.Fields, 0) >= 0 || !utf8.Valid(l.Fields) {
		return errors.New("its fields are not valid UTF-8")
	}
	return nil
}

// checkKey refuses what does not fit a key column.
func checkKey(s string) error {
	if len(s) > MaxKey {
		return fmt.Errorf("%d bytes are more than %d", len(s), MaxKey)
	}
	return checkText(s)
}

// checkText refuses what PostgreSQL cannot hold in a text.
func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return errors.New("it holds a NUL")
	}
	if !utf8.ValidString(s) {
		return errors.New("it is not valid UTF-8")
	}
	return nil
}
