package rules

import "github.com/xwalk-id/xwalk/rules/scheme"

// Config is everything in xwalk.yaml that decides who is who and which
// number they get. Connection settings are not in it, so that its digest
// stays the same on another host.
type Config struct {
	Canonical Canonical
	Sources   []Source // in precedence order
	// Matching is false when the file has no `match`: then nothing is joined.
	Matching     bool
	Same         []Same
	Differ       []string            // roles
	Similar      *Similar            `json:",omitempty"` // nil: probabilistic matching is off
	Placeholders map[string][]string // role -> values that are no evidence
	Codes        scheme.Codes        `json:",omitempty"` // the lists that {code:NAME} names
	Keep         Keep
	Secret       string // keys the stored hashes; empty: a fixed key
}

// Canonical says how canonical IDs look and where counting starts.
type Canonical struct {
	Scheme   string
	Start    uint64
	Reserved []Range // never issued
	Secret   string  `json:"-"` // the key of {hash}
}

// Similar are the settings of probabilistic matching: pairs at least as
// probable as Merge join, those from Review on are shown to a person. Model is
// a saved model to weigh by, as [similar.Read] reads it; empty: one is
// estimated.
type Similar struct {
	Merge, Review float64
	Model         []byte `json:",omitempty"`
}

// Range is an inclusive range of counter values.
type Range struct{ From, To uint64 }

// Keep is how much the crosswalk remembers about a record for matching.
type Keep uint8

// The settings of privacy.keep.
const (
	KeepFields  Keep = iota // normalised fields and keyed hashes
	KeepKeys                // keyed hashes only
	KeepNothing             // neither
)

// Source says how one source's records are understood.
type Source struct {
	Name   string
	Kind   KindRule
	ID     IDRule
	Also   []Also
	Fields []Field // sorted by role
	// As is "" (the canonical scheme), "keep" (its numbers stay canonical
	// where legal and free) or a canonical scheme of its own.
	As       string
	Country  string // ISO 3166 alpha-2, for phones without a country; may be empty
	TimeZone string // IANA name; empty is UTC
	Dates    string // order of digits in ambiguous dates: YMD (default), DMY or MDY
	// Repair is "" (damaged IDs are rejected, with what would fit) or "safe"
	// (those are repaired of which nothing else can be the origin).
	Repair string `json:",omitempty"`
}

// KindRule gives a record's kind: Const, or the value of Column looked up in
// Map (values that are not in Map make the record a reject).
type KindRule struct {
	Const  string
	Column string
	Map    map[string]string
}

// IDRule says where an ID stands and how it is written. Several Columns make
// a composite ID. No Schemes means {any}.
type IDRule struct {
	Columns []string
	Schemes []string
	Key     scheme.KeyRule
}

// Also is a further number of the same record, an ID space of its own named
// SOURCE.NAME.
type Also struct {
	Name string
	ID   IDRule
}

// Field maps columns to a role. Several columns, or a split list, are
// several values of the role.
type Field struct {
	Role    string
	Columns []Column
}

// Column is one column of a field; Split cuts its text into several values
// when it is not empty.
type Column struct {
	Name  string
	Split string
}

// Same is one line of match.same: agreeing on every field is being the same
// customer, unless the Confirm fields contradict.
type Same struct {
	Fields  []string
	Confirm []string
	Sources []string // empty: all
	Kind    string   // empty: every kind, each among its own
}
