// Package rules decides who is who.
//
// [Compile] turns the configuration into a [Ruleset]. A ruleset hands out one
// [Reader] per source and worker, which turns a record into [Facts]: its key,
// its kind, a hash of the row, the further numbers it carries, and evidence:
// keyed hashes that are equal when two records agree on a line of
// match.same, and hashes of the values that confirm or contradict it.
// Package match groups records by that evidence; package scheme reads and
// writes numbers; package normalize says which texts mean the same.
//
// Everything here is pure: no database, no network, no clock. The same
// configuration and the same records give the same facts on every host.
package rules
