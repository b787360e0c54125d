package mapping

// Kind is what a change does to the crosswalk.
type Kind uint8

// The change kinds of a plan. Unchanged records are counted, not listed.
const (
	KindUnchanged Kind = iota
	KindCreate         // founds a customer
	KindLink           // a source ID joins a customer
	KindUpdate         // fields changed, link same
	KindMerge          // two customers become one
	KindSplit          // one customer becomes two
	KindRedirect       // a canonical ID now means another
	KindRetire         // the source record is gone
	KindRestore        // a retired source ID came back
	KindRenumber       // a customer gets another canonical ID
	KindReview         // a possible match that a person must decide
	KindReject         // a record that cannot be used
)

var kindNames = [...]string{
	"unchanged", "create", "link", "update", "merge", "split", "redirect",
	"retire", "restore", "renumber", "review", "reject",
}

// String is the word that reports and plans use.
func (k Kind) String() string { return kindNames[k] }

// Counts says what happened to the records of one source in one run. Every
// record read is counted once, so
// Read = Created + Linked + Unchanged + Updated + Review + Rejected.
// Retired counts links whose record was gone; they were not read.
type Counts struct {
	Read      int64 `json:"read"`
	Created   int64 `json:"created"`
	Linked    int64 `json:"linked"`
	Unchanged int64 `json:"unchanged"`
	Updated   int64 `json:"updated"`
	Review    int64 `json:"review"`
	Rejected  int64 `json:"rejected"`
	Retired   int64 `json:"retired"`
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Read += o.Read
	c.Created += o.Created
	c.Linked += o.Linked
	c.Unchanged += o.Unchanged
	c.Updated += o.Updated
	c.Review += o.Review
	c.Rejected += o.Rejected
	c.Retired += o.Retired
}

// Balanced reports whether every record read is accounted for.
func (c Counts) Balanced() bool {
	return c.Read == c.Created+c.Linked+c.Unchanged+c.Updated+c.Review+c.Rejected
}

// Changes reports whether the run would write anything.
func (c Counts) Changes() bool {
	return c.Created+c.Linked+c.Updated+c.Review+c.Retired > 0
}

// Totals sums a run. Customers is how many live customers the crosswalk has
// after it, ReviewsOpen how many reviews wait for a person.
type Totals struct {
	Counts
	Merged      int64 `json:"merged"`
	Split       int64 `json:"split"`
	Customers   int64 `json:"customers"`
	ReviewsOpen int64 `json:"reviews_open"`
}

// Reject is a record that a run could not use. Damage is the kind of damage
// that its ID shows, and Proposals are IDs that would fit; they are empty where
// nothing is known.
type Reject struct {
	Source    string   `json:"source" csv:"source"`
	Place     string   `json:"place" csv:"place"`
	SourceID  string   `json:"source_id" csv:"source_id"`
	Reason    string   `json:"reason" csv:"reason"`
	Damage    string   `json:"damage,omitempty" csv:"-"`
	Proposals []string `json:"proposals,omitempty" csv:"-"`
}

// Repair is a record whose ID was received damaged and goes on as another.
type Repair struct {
	Source   string `json:"source"`
	Place    string `json:"place"`
	SourceID string `json:"source_id"` // as it was received
	Repaired string `json:"repaired"`
	Kind     string `json:"kind"` // of damage, such as leading-zeros
	Why      string `json:"why"`
}
