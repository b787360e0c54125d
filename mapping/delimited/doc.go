// Package delimited is text whose cells stand between delimiters: CSV and TSV
// files of any dialect and encoding.
//
// [Detect] finds out the dialect. A [Splitter] takes text apart into records
// and gives a broken line up without what follows it. [Edit] changes cells and
// leaves every other byte as it was: quotes, line ends, encoding, byte order
// mark, and records that are broken.
package delimited
