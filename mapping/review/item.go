package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Item is one review as a person sees it.
type Item struct {
	ID string
	// Group is the smallest ID of the reviews that hang together with this
	// one, its own where it is alone.
	Group    string
	Score    float64 // the probability that both are one customer
	Rule     string  // what proposed the match; may be empty
	Left     Side
	Right    Side
	Evidence []mapping.Evidence
	SinceRun int64 // the run that raised it; 0 in a plan
	// Closed is the run that closed it; 0 is open.
	Closed int64

	ClaimedBy    string // who works on it; may be empty
	ClaimedUntil time.Time
	Skips        []crosswalk.Skip    // who passed it over, oldest first
	Decided      *crosswalk.Decision // the verdict in force; nil: none
	// Follows is the verdict that follows from other pairs' verdicts,
	// Withdrawn where none does.
	Follows crosswalk.Verdict
}

// Side is one of the two records of a review. Kind and State are zero where
// the record has no link and the plan makes none. Fields are nil where the
// crosswalk keeps none.
type Side struct {
	crosswalk.NamedKey
	SourceID  string
	Canonical string // what its number means now; empty where it has none
	Kind      crosswalk.Kind
	State     crosswalk.State
	Since     int64 // the run that gave it its number; 0: a plan would
	Updated   int64 // the last run that found it changed since; 0: none
	Fields    map[string][]string
	rowHash   uint64
}

// Name is what people call the record, or what of it is known; it may be
// empty.
func (s *Side) Name() string {
	for _, names := range [...][]string{rules.Names(s.Fields), s.Fields["given_name"], s.Fields["family_name"]} {
		if len(names) > 0 {
			return names[0]
		}
	}
	return ""
}

// Pending reports whether the review waits for a person.
func (i *Item) Pending() bool {
	return i.Closed == 0 && i.Decided == nil && i.Follows == crosswalk.Withdrawn
}

// Outdated is the last run that found one of the records changed after the
// review was raised: score and evidence are those of before. 0 is none.
func (i *Item) Outdated() int64 {
	if run := max(i.Left.Updated, i.Right.Updated); i.Closed == 0 && i.SinceRun > 0 && run > i.SinceRun {
		return run
	}
	return 0
}

// joined reports whether both records are one customer already.
func (i *Item) joined() bool { return i.Left.Canonical != "" && i.Left.Canonical == i.Right.Canonical }

// Sides are the two records.
func (i *Item) Sides() [2]*Side { return [2]*Side{&i.Left, &i.Right} }

// pair is what decisions are about: two source IDs, the lesser first.
type pair [2]crosswalk.NamedKey

func pairOf(a, b crosswalk.NamedKey) pair {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return pair{a, b}
}

func (i *Item) pair() pair { return pairOf(i.Left.NamedKey, i.Right.NamedKey) }

// Content is a short hash of what both records say, so that it can be told
// whether they still say it. When a record was touched does not count, nor
// does which of the two is on the left. It starts with a letter, and so is no
// number to any spreadsheet.
func (i *Item) Content() string {
	sides := i.Sides()
	if sides[0].Compare(sides[1].NamedKey) > 0 {
		sides[0], sides[1] = sides[1], sides[0]
	}
	type content struct {
		Key    crosswalk.NamedKey
		Fields map[string][]string
		Row    uint64
	}
	var both [2]content
	for k, s := range sides {
		both[k].Key = s.NamedKey
		if s.Fields == nil {
			both[k].Row = s.rowHash // all that is known of it
			continue
		}
		both[k].Fields = maps.Clone(s.Fields)
		delete(both[k].Fields, "modified")
	}
	b, err := json.Marshal(both) // keys of maps come sorted
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	sum := sha256.Sum256(b)
	return "c" + hex.EncodeToString(sum[:8])
}

// roleOrder is the order in which people read fields; attributes follow in
// the order of their names, and what speaks of the record comes last.
var roleOrder = [...]string{
	"name", "given_name", "family_name", "company", "birth_date", "tax_id", "national_id", "email", "phone",
	"address", "city", "region", "postal_code", "country",
}

var lastRoles = [...]string{"created", "modified", "deleted", "merged_into", "canonical_id"}

func rolePlace(role string) int {
	if k := slices.Index(roleOrder[:], role); k >= 0 {
		return k
	}
	if k := slices.Index(lastRoles[:], role); k >= 0 {
		return len(roleOrder) + 1 + k
	}
	return len(roleOrder)
}

// Roles are the fields that any of the sides has a value of, as people read
// them.
func Roles(sides ...*Side) []string {
	seen := map[string]bool{}
	for _, s := range sides {
		for role, values := range s.Fields {
			if len(values) > 0 {
				seen[role] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b string) int {
		return cmp.Or(cmp.Compare(rolePlace(a), rolePlace(b)), strings.Compare(a, b))
	})
}
