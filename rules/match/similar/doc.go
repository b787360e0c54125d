// Package similar finds records that are probably the same customer although
// they agree on nothing exactly.
//
// It is the Fellegi-Sunter model of record linkage. A record brings traits:
// the values of its fields, see [AppendTrait]. [Compare] proposes candidate
// pairs by blocking rules under a counted budget, compares each pair field by
// field in levels ("equal", "one slip", "differs"), and adds up the weight of
// every level: log2 of how much more often it is seen among two records of
// one customer than among two of different ones. Weights are estimated from
// the records themselves, without labels, by expectation maximisation; equal
// values weigh more the rarer they are. The sum with the prior is a pair's
// weight, log2 of the odds that the two are one customer; [Probability] turns
// it into a probability.
//
// What was estimated is a [Model]. It can be saved and used again, so that a
// later run weighs as this one did.
//
// Everything is pure and deterministic: neither the order of the records nor
// the number of workers changes a weight.
//
// Ivan Fellegi and Alan Sunter, "A Theory for Record Linkage", JASA 64 (1969).
package similar
