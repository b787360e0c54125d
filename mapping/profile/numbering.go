package profile

// Numbering is how the numbers of one ID space look. Numbers are counted by
// rows, unless Distinct says otherwise.
type Numbering struct {
	Name     string   `json:"space"`
	Columns  []string `json:"columns,omitempty"`
	IDs      int64    `json:"ids"`      // rows with a number
	Distinct int64    `json:"distinct"` // different keys
	Blank    Places   `json:"blank"`
	Unusable []Reason `json:"unusable,omitempty"` // numbers that have no key

	AllDamaged *AllDamaged `json:"all_damaged,omitempty"`

	Found      []Fit      `json:"found,omitempty"`      // the proposed schemes, ranked
	Configured []Fit      `json:"configured,omitempty"` // empty where none are
	Agreement  *Agreement `json:"agreement,omitempty"`
	Exceptions Exceptions `json:"exceptions"`

	Damage       []Damage       `json:"damage,omitempty"`
	Duplicates   Duplicates     `json:"duplicates"`
	Spellings    Spellings      `json:"spellings"`
	Placeholders []Item         `json:"placeholders,omitempty"`
	Components   []Distribution `json:"components,omitempty"`
	Sequences    []Sequence     `json:"sequences,omitempty"`
	Capacity     []Capacity     `json:"capacity,omitempty"`
}

// Places counts rows and names the first of them.
type Places struct {
	Rows   int64    `json:"rows"`
	Places []string `json:"places,omitempty"`
}

// Item is a number, how many rows have it, and where it first stands.
type Item struct {
	ID    string `json:"id"`
	Rows  int64  `json:"rows"`
	Place string `json:"place"`
}

// Fit is how well a scheme fits.
type Fit struct {
	Scheme      string   `json:"scheme"`
	Rows        int64    `json:"rows"` // that it reads, and no scheme before it
	Share       float64  `json:"share"`
	CheckFailed int64    `json:"check_failed,omitempty"` // rows that fit but for the check characters
	Check       string   `json:"check,omitempty"`        // the check system
	Family      string   `json:"family,omitempty"`
	Notes       []string `json:"notes,omitempty"`
	Example     string   `json:"example,omitempty"`
}

// Agreement compares the configured schemes with those found. Refused counts
// rows that only the found schemes read, Unexplained those that only the
// configured ones do.
type Agreement struct {
	Verdict     string `json:"verdict"` // same, looser, narrower, different
	Refused     int64  `json:"refused"`
	Unexplained int64  `json:"unexplained"`
}

// Exceptions are numbers that no scheme reads: none of the configured ones
// where there are any, else none of those found.
type Exceptions struct {
	Rows     int64       `json:"rows"`
	Damaged  int64       `json:"damaged"` // of them; they are examples there
	Examples []Exception `json:"examples,omitempty"`
}

// Exception is one of them. Why names the check system that failed, or is
// empty.
type Exception struct {
	Item
	Why string `json:"why,omitempty"`
}

// Damage is one kind of damage. Certain counts the rows that can be repaired
// without a doubt, Read those that the key rule reads as they should be.
type Damage struct {
	Kind     string    `json:"kind"`
	Rows     int64     `json:"rows"`
	Certain  int64     `json:"certain"`
	Read     int64     `json:"read"`
	Examples []Damaged `json:"examples,omitempty"`
}

// Damaged is a number as received, and what it may have been.
type Damaged struct {
	Item
	Proposals []string `json:"proposals,omitempty"`
	Certain   bool     `json:"certain"`
	Why       string   `json:"why"`
}

// Duplicates are keys of several rows, placeholders left out.
type Duplicates struct {
	Keys     int64       `json:"keys"`
	Rows     int64       `json:"rows"` // of all of them, the first ones included
	Examples []Duplicate `json:"examples,omitempty"`
}

// Duplicate is one such key.
type Duplicate struct {
	ID     string   `json:"id"`
	Rows   int64    `json:"rows"`
	Places []string `json:"places,omitempty"`
}

// Spellings are numbers that differ only in how they are written: in the
// case of letters, leading zeros and separators (Alike: different keys, so
// different customers), or in what the key rule takes for the same (Folded:
// one key, written in several ways).
type Spellings struct {
	Alike    int64      `json:"alike"` // groups
	Folded   int64      `json:"folded"`
	Examples []Spelling `json:"examples,omitempty"`
}

// Spelling is a group of them.
type Spelling struct {
	IDs     []string `json:"ids,omitempty"`
	Places  []string `json:"places,omitempty"`
	SameKey bool     `json:"same_key"`
}

// Distribution is how the numbers spread over the values of a component.
type Distribution struct {
	Scheme    string  `json:"scheme"`
	Component string  `json:"component"` // code, letters, date, time …
	Rows      int64   `json:"rows"`
	Distinct  int64   `json:"distinct"`
	First     string  `json:"first,omitempty"` // of dates
	Last      string  `json:"last,omitempty"`
	By        string  `json:"by,omitempty"`     // of dates: month or year
	Values    []Value `json:"values,omitempty"` // dates in their order, others by frequency
	Rest      int64   `json:"rest,omitempty"`
}

// Value is one value of a component.
type Value struct {
	Text  string  `json:"value"`
	Label string  `json:"label,omitempty"`
	Rows  int64   `json:"rows"`
	Share float64 `json:"share"`
}

// Sequence is how the running numbers of a scheme run.
type Sequence struct {
	Scheme    string   `json:"scheme"`
	Component string   `json:"component"`
	Per       []string `json:"per,omitempty"` // the components within which it counts
	Groups    int64    `json:"groups"`
	Numbers   int64    `json:"numbers"`        // distinct ones
	Missing   string   `json:"missing"`        // between smallest and largest, over all groups
	Runs      []Run    `json:"runs,omitempty"` // the largest groups
}

// Run is the numbers of one group. Numbers are texts: they may be longer
// than any machine's.
type Run struct {
	Group   string  `json:"group,omitempty"`
	Numbers int64   `json:"numbers"`
	Min     string  `json:"min"`
	Max     string  `json:"max"`
	Missing string  `json:"missing"`
	Step    string  `json:"step,omitempty"` // where all are this far apart or a multiple
	Filled  float64 `json:"filled"`         // share of the steps between smallest and largest
	Shape   string  `json:"shape"`          // unbroken, gaps, blocks, scattered
	Gaps    int64   `json:"gaps"`
	Largest []Gap   `json:"largest_gaps,omitempty"`
}

// Gap is a row of numbers that nobody has.
type Gap struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Missing string `json:"missing"`
}

// Capacity is how much of a scheme is used.
type Capacity struct {
	Scheme   string  `json:"scheme"`
	Total    string  `json:"total"`
	Used     int64   `json:"used"` // distinct numbers
	Share    float64 `json:"share"`
	Highest  string  `json:"highest,omitempty"` // the largest running number, and what it may be at most
	Limit    string  `json:"limit,omitempty"`
	Left     string  `json:"left,omitempty"`      // between the two
	PerGroup bool    `json:"per_group,omitempty"` // each group may go up to Limit
}
