// Package mapping is xwalk's vocabulary: the words that connectors, rules,
// plans and stores use when they speak to each other.
//
// Reading from the bottom up: a connector yields a [Record] per row of a
// source. The rules turn records into decisions. A plan is the list of
// changes those decisions mean, each of one [Kind]. Applying it writes links
// (source ID -> canonical ID) into the crosswalk, and every run ends with
// [Counts] that balance.
//
// The package imports the standard library only, so anybody can speak its
// words without taking a driver or a CRM client with them.
package mapping
