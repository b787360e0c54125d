// Package scheme understands how customers are numbered.
//
// # Schemes
//
// A scheme is text with tokens in braces and optional parts in brackets. It
// reads the IDs of a source into components, writes components back, and
// knows how many IDs it can write:
//
//	s, err := scheme.Compile("[K-]{letters:2}{seq:4}{check:luhn}", nil)
//	s.Match("K-AB00018")            // true
//	p, err := s.Parse("K-AB00018")  // letters=AB seq=0001 check=8
//	s.Format(p)                     // "K-AB00018" again
//
// A backslash makes a brace, bracket or backslash stand for itself: \{ \} \[
// \] \\. Everything else outside of braces and brackets stands for itself
// anyway. {seq} reads decimal digits, {letters} and {alnum} read ASCII
// letters of both cases (and digits), {any} reads any character of any
// script. Widths count characters: {seq:5} is exactly 5, {seq:3-7} is 3 to 7,
// {seq:4+} is at least 4, and {seq} is at least 1. A component is named after
// its token; the second of one name is seq2, the third seq3.
//
// A text has one reading or none. Compile proves it, so {seq}{check:luhn} is
// fine (the last digit is the check) and {alnum}{seq} is refused, with a text
// that has two readings.
//
// # Check characters
//
// {check:ALGO} covers what stands before it, {check:ALGO(seq,letters)} the
// named components in that order. A check covers the characters of its
// alphabet and skips the others. The alphabet of mod97-10 is 0-9 A-Z, letters
// counting 10 to 35, so in CUST-{next:8}-{check:mod97-10} the letters CUST
// take part and the hyphens do not: number 1 is CUST-00000001-81. The alphabet
// of luhn and damm is 0-9, so they skip letters too. There is one spelling:
// where a congruence would accept two check values (mod97-10: 97 and 00), the
// high one is written and the low one is refused.
//
// # Canonical numbers
//
// [CompileCanonical] takes the same language for the numbers that are issued:
// literals, {check:ALGO}, one of {next:8}, {random:10} and {hash:12}, and what
// the record has that founds a customer: {seq}, {field:region}, {date:YYYYMM}
// and {source}. They use [A-Z0-9-] and at most 50 characters, which is what
// every CRM's external-ID field takes, and [Canonical.Append] never widens nor
// cuts a number that does not fit. A scheme that can write a number which a
// spreadsheet would change beyond repair is refused: all that it can write is
// compared with what spreadsheets read as numbers, dates and truth values.
//
// # Keys
//
// A [Keyer] turns a source ID as received into the key by which it is
// compared, [Compare] puts keys in the order people expect, and [JoinParts]
// makes one ID of several columns.
package scheme
