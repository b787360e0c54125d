// Package publish writes canonical IDs into a field of the sources' own
// records, and takes them back.
//
// The crosswalk keeps a ledger of what was published. [Publish] compares it
// with the live links, looks at the fields of those that are new or mean
// another number by now, and writes down in one run of kind "publish" what it
// intends. Then it delivers, some records at a time: it looks once more, writes,
// reads back, and settles the entries. Whatever is still intended after a crash
// the next publish delivers first, so each number is written at least once, and
// to write it twice does no harm.
//
// What somebody else has put into a field stays there, unless it is asked to
// be overwritten. Fields that hold a canonical ID, also one that is none any
// more, are ours.
//
// A source that is a file stays as it is, and a copy of it is published into.
// The copy may have been thrown away, so all of its records are looked at each
// time.
package publish
