// Package crosswalk is the store: it keeps the links from source IDs to
// canonical IDs, with their history, in SQLite, PostgreSQL or MySQL/MariaDB.
//
// [Open] opens one for writing and makes its tables where they are missing;
// [OpenReadOnly] creates nothing. Reading goes through a [Snapshot], a
// consistent view of the last published run. Writing takes a [Lease], then a
// [Run]:
//
//	lease, err := store.Acquire(ctx, "host/4711", "apply")
//	run, err := lease.Begin(ctx, crosswalk.RunStart{…})
//	for len(links) > 0 { // in (source, key) order, from run.Done on
//		err = run.WriteLinks(ctx, batch)
//	}
//	serial, err := run.Publish(ctx, crosswalk.Finish{…})
//	err = lease.Release(ctx)
//
// # What the tables hold
//
// xwalk_link has the newest version of every link, xwalk_link_past the ones
// that it superseded. A version counts from run from_run up to, not
// including, until_run (the newest: for ever). So "what did this number mean
// at run R" is the row with from_run <= R < until_run. xwalk_number holds
// only the numbers that are something else than the ID of an ordinary
// customer: given from outside, merged, retired. Everything that is not a
// link, a rule's name or a match page is written by Publish alone.
//
// # How a run becomes visible
//
// Rows carry their run's number. Readers ignore what is newer than the head,
// which is a row of xwalk_meta, and take a superseded version for as long as
// its successor is not published. Publish moves the head. A run that was not
// published is taken up again by Begin when the plan is the same, and
// otherwise undone, row by row, until nothing tells that it ever was.
//
// # What people decide
//
// xwalk_decision is a log of verdicts on pairs of source IDs; the last one of
// a pair is in force. Verdicts are about source IDs, so that they can be given
// before there are links and outlive what becomes of these. They are recorded
// at once, beside a run that is being written, and change nothing by
// themselves: the next plan reads them. Their digests are a chain like that of
// the runs, and each run's digest takes in the last of them. xwalk_claim says
// who is looking at which review at present.
//
// # What was published
//
// xwalk_publication is the ledger of what runs of kind publish wrote into
// fields of the sources' own records. Its entries are written with such a run,
// as intended, and settled later, outside of any run, when the source has
// answered. They have checksums, and their number stands with their run; what
// became of them is in no digest.
//
// # Who may write
//
// Decisions and claims take turns at one row of xwalk_meta and need no lease.
// Runs are written by one process at a time: the holder of the lease. Each
// lease has a higher token than the one before, and every writing transaction
// locks the lease's row and compares the token first. A process that was
// paused and lost its lease gets [ErrLost] and writes nothing.
package crosswalk
