// Package rewrite carries out references in databases: columns of other tables
// that hold a source's IDs get the canonical ones.
//
// [Inspect] reads what a database knows of a table: types, keys, foreign keys
// in both directions, triggers. [Survey] counts, per reference, which rows can
// be rewritten and names what stands in the way; it writes nothing. [Apply]
// rewrites in batches in the order of the table's key, each batch and its
// place in a journal within one transaction, so that a run that was killed
// goes on where it stopped and no row is rewritten twice. The journal keeps
// the old values beside the new ones: [Undo] puts them back. [Script] writes
// the same as SQL for others to run. [Suggest] finds references.
//
// The journal is some tables in the rewritten database, whose names begin with
// xwalk_rewrite.
package rewrite
