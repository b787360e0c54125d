// Package review is what people do with possible matches: look at them, take
// turns at them, and say same or different.
//
// [Open] lays out a [Desk]: the open reviews of a crosswalk, or the doubts of
// a plan that nobody has applied, each an [Item] with both records as they
// are, what speaks for and against the match, who works on it, and what has
// been decided. Reviews that have a record or a customer in common are one
// group and stay together in every list.
//
// [Record] writes verdicts down. They change no link: the next plan carries
// them out. [Desk.Export] writes the reviews as a sheet to fill in, and
// [Desk.Import] makes verdicts of what was filled in.
//
// A desk is a copy in memory, a few hundred bytes per review and its fields;
// it does not notice what others decide after it was laid out. [Record] does.
package review
