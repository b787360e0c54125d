// Package damage recognises how customer numbers were damaged on their way:
// spreadsheets that read them as numbers or dates, programs that read them as
// floating point, systems that fold case or pad, people who copy them.
//
// An [Examiner] looks at single IDs. What it proposes is always read by a
// scheme of its set, check characters included. A repair is Certain only when
// nothing else could have become the text by the same kind of damage, and no
// single slip of a key could have made it either.
//
// # Evidence of a whole source
//
// Some damage looks the same as something else, ID by ID. A 123 where five
// digits belong is 00123 without its zeros, or 12345 cut off, or 1234 with a
// slip. Such findings wait ([Finding.Waits]) until the source has been read,
// and [Evidence] decides them together. It accepts where the other
// explanation has a chance of less than one in a million, and refuses
// otherwise.
//
// Zeros that were lost, in a form of a scheme, are accepted when
//
//   - no intact ID has a zero where they were lost: a spreadsheet strips them
//     all, so one that is left says that something else happened here, and so
//     does a short ID that begins with a zero;
//   - no repaired ID meets another ID of the source or another repaired one,
//     not even in a row that is equal: cut numbers repeat in equal rows where
//     a source says little of its records;
//   - and the findings could not all be numbers that were cut off:
//   - the form has a check, and it holds in all n of them. Each holds by
//     chance with p ≤ 0.11 for one character and 0.011 for two: pⁿ < 10⁻⁶.
//   - or they are free of repetitions although they are dense. n numbers of m
//     digits cut at random from others fall on R = 9·10^(m-1) values, so they
//     repeat n²/2R times on average and not at all with a chance of at most
//     exp(-Σ n²/2R); cut numbers that are not spread evenly repeat more often
//     still. Numbers that lost their front instead would begin with a zero
//     one time in ten: 0.9ⁿ. Both sums must reach 14, as exp(-14) < 10⁻⁶.
//     Numbers in steps of ten and more do not repeat when one digit is cut
//     off, but they are all of one length then: where no ID is intact, the
//     length that says most does not count.
//   - or the crosswalk knows them all: each repaired number is one that it
//     holds and that the source seems to lack. If a of R numbers of m digits
//     are lacking, a cut one hits one of them with p = a/R: Πp < 10⁻⁶.
//
// Zeros that were added (C00001 for C0001) are also what one key too many
// makes. A slip leaves a zero in front as often as intact IDs have one, a
// share of q: accepted when qⁿ < 10⁻⁶ and no ID of the source is unexplained.
//
// Look-alikes (a letter O among digits) and Salesforce IDs all in capitals
// are what a slip makes of another character, too: a random letter looks like
// a digit one time in seven. They are accepted when there are eight or more
// and no ID of the source is unexplained: 0.15⁸ < 10⁻⁶. One look-alike is certain where
// the check refutes every other digit in its place.
//
// A number that went through a number type (123.0, 1,234) lost its leading
// zeros there if it had any. Where a scheme takes numbers with and without
// them, it is accepted when no intact ID begins with a zero.
//
// A number like 1,000 is a thousand, or 1 with three decimals. It is accepted
// when others of the source, 1,234, have separators beyond doubt, and those
// that end so are not too many for one number in a thousand.
//
// # IDs that fit and are damaged
//
// Rounded numbers and Salesforce IDs of 15 characters whose case was folded
// still fit their schemes. Only the source as a whole shows them, and nothing
// can restore them, so [Evidence] condemns them: see [Verdict.Condemns].
//
// In Salesforce IDs a letter is of either case as often as not. Where n
// letters that have nothing to do with each other are of one case, and none is
// of the other, that is so by chance with 2·½ⁿ < 10⁻⁶ for n ≥ 21; a dozen IDs
// have as many. Fewer are told by the crosswalk: an ID of one case that is new,
// and a known one but for its case, is taken for that if no record has the
// known one any more; see [Examiner.OneCase].
package damage
