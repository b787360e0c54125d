package infer

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Options say what a sample may be explained with beside the language itself.
type Options struct {
	// Codes are the code lists of the configuration; the built-in ones need
	// not be in it.
	Codes scheme.Codes
}

// Candidate is one scheme that a sample was numbered with.
type Candidate struct {
	// Scheme is the text of the scheme, which [scheme.Compile] accepts.
	Scheme string
	// Covers counts the distinct IDs of the sample that the scheme reads and
	// no candidate before it does; Share is that part of the distinct IDs.
	Covers int
	Share  float64
	// Family is a stable word for the kind of scheme: the name of a known one
	// (uuid, salesforce, resident, uscc …), or what it is made of, such as
	// "prefix+seq" and "code+date+seq+check".
	Family string
	// Notes are plain sentences about what was concluded from the sample.
	Notes []string
}

const (
	// leastShare of the sample has to be of one scheme before it is proposed:
	// what is rarer is an exception, until somebody says that it is not.
	leastShare = 0.03
	// unexplained is the share of exceptions from which {any} is proposed.
	unexplained = 0.35
	maxKey      = 255
)

// Schemes proposes the schemes that explain a sample of IDs, keys of one
// source: the one that explains most comes first, save that a scheme stands
// before another that would read its IDs too. What no candidate reads is an
// exception.
//
// An ID that is given twice counts once, and neither the order of ids nor a
// clock plays a part. Some hundred IDs tell most schemes; 20,000 are plenty.
func Schemes(ids []string, o Options) []Candidate {
	all := sample(ids)
	if len(all) == 0 {
		return nil
	}
	a := &analysis{codes: o.Codes, least: max(1, int(leastShare*float64(len(all))))}
	if len(all) >= 10 {
		a.least = max(2, a.least)
	}
	pool := slices.DeleteFunc(slices.Clone(all), unreadable)
	found, pool := a.known(pool)
	checked, pool := a.checked(pool)
	found = append(found, checked...)
	found = append(found, a.structures(pool)...)
	return a.rank(a.joinOptional(found), all)
}

// analysis is what the steps of one inference share.
type analysis struct {
	codes scheme.Codes
	least int // IDs that a scheme has to explain
	// listed are the code lists, once they have been asked for.
	listed []list
}

// proposal is a scheme in the making: the fields, what was noticed, and the
// IDs that led to it.
type proposal struct {
	fields []field
	text   string // of a well-known scheme, which has no fields here
	family string // empty: named after the fields
	notes  []string
	ids    []string
}

// sample is the distinct IDs in an order that has nothing to do with how they
// are numbered, so that the first n of any part of them are a fair sample of
// that part.
func sample(ids []string) []string {
	all := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
	type hashed struct {
		hash uint64
		id   string
	}
	keyed := make([]hashed, len(all))
	for i, id := range all {
		keyed[i] = hashed{hash(id), id}
	}
	slices.SortFunc(keyed, func(a, b hashed) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), strings.Compare(a.id, b.id))
	})
	all = all[:0]
	for i, k := range keyed {
		if i == 0 || k.id != keyed[i-1].id {
			all = append(all, k.id)
		}
	}
	return all
}

// hash is FNV-1a with the finish of SplitMix64, which spreads the last
// characters, where IDs differ most, over all bits.
func hash(id string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// unreadable reports IDs that no key rule lets through.
func unreadable(id string) bool {
	if len(id) > maxKey || !utf8.ValidString(id) {
		return true
	}
	return strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f })
}
