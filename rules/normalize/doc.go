// Package normalize says which texts mean the same.
//
// [Text] is what two values must share to be equal in general: outer space
// and invisible characters gone, inner space single, full-width forms
// ordinary, NFC, case folded. [Email], [Phone] and [Date] know their kinds of
// value, and [ByRole] gives the one that a field role uses. A value that no
// normaliser can make sense of is not equal to anything.
//
// Names of people are taken apart for a closer look: [GivenName], [FamilyName]
// and [FullNameOf] give the [Token]s of a name in whatever script and order it
// is written, with other spellings, readings and nicknames, and [Sound] a key
// that misspellings share. No name is ever emptied.
//
// A [Placeholder] is a value that stands for none ("n/a", 13800138000,
// 1900-01-01). It is text like any other, but no evidence that two records
// are the same customer. [Mask] makes a value fit to be shown.
//
// Everything is deterministic, knows no clock and no locale but what it is
// given, and is safe for concurrent use.
package normalize
