package crosswalk

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strconv"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
)

// gathered is what the runs say that they did to tables which hold only the
// last state.
type gathered struct {
	rules       map[int64]ruleMade
	sources     map[int]sourceMade
	counters    map[string]counterMade
	indexes     map[indexPart]string
	published   map[int64]int64 // entries of the ledger
	models      map[int64]string
	closed      map[uint64]int64 // hash of a review and the run that closed it -> that run
	erased      map[int64]string
	decided     map[string]int64 // digest of a decision -> the first run that knew it
	verdicts    map[int64]int64  // decision -> the run that recorded it
	amended     map[int64]amendment
	redacted    map[int64]string
	environment string
	salt        string         // its digest
	sums        map[int64]bool // runs whose rows all have checksums
	automatic   map[int64]bool // runs that nobody asked to move anything
}

type ruleMade struct {
	rule string
	run  int64
}

type sourceMade struct {
	Source
	from int64
}

type counterMade struct {
	last uint64
	run  int64
}

// indexPart is what a run wrote of an index.
type indexPart struct {
	run  int64
	name string
}

// runsAtATime is how many runs are in memory.
const runsAtATime = 200

// eachRun reads the published runs in their order, and what they did.
func (a *auditor) eachRun(ctx context.Context, each func(row *runCheck, did *effects) error) error {
	for after := int64(-1 << 62); ; {
		rows, err := a.store.auditedRuns(ctx, a.q, "run_no > ?", fmt.Sprintf(" LIMIT %d", runsAtATime), after)
		if err != nil {
			return err
		}
		for i := range rows {
			row := &rows[i]
			after = row.No
			var did effects
			if row.Digest != "" {
				_ = json.Unmarshal([]byte(row.Effects), &did) // the digest tells
			}
			if err := each(row, &did); err != nil {
				return err
			}
		}
		if len(rows) < runsAtATime {
			return nil
		}
	}
}

// chain follows the digests from run to run, and gathers what runs did.
func (a *auditor) chain(ctx context.Context) error {
	a.did = gathered{
		rules: map[int64]ruleMade{}, sources: map[int]sourceMade{}, counters: map[string]counterMade{}, indexes: map[indexPart]string{},
		models: map[int64]string{}, closed: map[uint64]int64{}, erased: map[int64]string{}, decided: map[string]int64{},
		verdicts: map[int64]int64{}, published: map[int64]int64{}, amended: map[int64]amendment{}, redacted: map[int64]string{}, sums: map[int64]bool{}, automatic: map[int64]bool{},
	}
	a.written, a.count = map[int64]*content{}, map[int64]int64{}
	var last runCheck
	return a.eachRun(ctx, func(row *runCheck, did *effects) error {
		place := fmt.Sprintf("run %d", row.No)
		if row.Digest == "" && row.Finished == "" { // one that is being written
			if a.open != nil || row.No != last.No+1 {
				a.breach(8, "run", place, row.No, "it was not published, and only the run after the last one may be unpublished")
				return nil
			}
			open := *row
			a.open, a.found.Writing = &open, row.No
			return nil
		}
		a.found.Runs++
		if row.No != last.No+1 {
			a.breach(3, "run", place, row.No, "the run before it is %d: runs are missing or have another number", last.No)
		}
		if row.Prev != last.Digest {
			a.breach(3, "run", place, row.No, "its digest is not chained to that of run %d", last.No)
		}
		content, err := hex.DecodeString(row.Content)
		digest := ""
		if err == nil {
			digest, err = chain(row.Prev, row.No, content)
		}
		if err != nil || digest != row.Digest {
			a.breach(3, "run", place, row.No, "its digest is not that of the run before and of what it wrote")
		}
		if row.Discarding != 0 || row.State != nil {
			a.breach(8, "run", place, row.No, "it was published and is marked as being written")
		}
		last = *row
		a.head, a.serial = row.No, row.Serial
		a.gather(row.No, did)
		if row.Kind == "apply" || row.Kind == "sync" {
			a.did.automatic[row.No] = true
		}
		return nil
	})
}

// auditSeed makes hashes of reviews and numbers, which last for one audit.
var auditSeed = maphash.MakeSeed()

func closing(review []byte, run int64) uint64 {
	return maphash.Bytes(auditSeed, append(append([]byte{}, review...), strconv.FormatInt(run, 10)...))
}

// gather notes what a run did.
func (a *auditor) gather(run int64, did *effects) {
	g := &a.did
	for no, rule := range did.Rules {
		g.rules[no] = ruleMade{rule, run}
	}
	for _, src := range did.Sources {
		made := g.sources[src.No]
		if made.from == 0 {
			made.from = run
		}
		made.No, made.Name, made.KeyRule, made.Shape = src.No, src.Name, src.KeyRule, src.Shape
		g.sources[src.No] = made
	}
	for no, mark := range did.Marks {
		made := g.sources[no]
		made.Mark = mark
		g.sources[no] = made
	}
	for _, no := range did.Full {
		made := g.sources[no]
		made.SeenRun = run
		g.sources[no] = made
	}
	for prefix, value := range did.Counters {
		g.counters[prefix] = counterMade{value, run}
	}
	for name, digest := range did.Indexes {
		g.indexes[indexPart{run, name}] = digest
	}
	if did.Model != "" {
		g.models[run] = did.Model
	}
	for _, id := range did.Closed {
		g.closed[closing([]byte(id), run)] = run
	}
	if did.Published > 0 {
		g.published[run] = did.Published
	}
	if did.Salt != "" {
		g.salt = did.Salt
	}
	if did.Erased != "" {
		g.erased[run] = did.Erased
	}
	if did.Decided != "" {
		if _, known := g.decided[did.Decided]; !known {
			g.decided[did.Decided] = run
		}
	}
	for _, no := range did.Verdicts {
		g.verdicts[no] = run
	}
	for no, left := range did.Amended {
		g.amended[no] = left
		if _, published := g.published[no]; published {
			g.published[no] = left.Published
		}
		for name, digest := range left.Indexes {
			g.indexes[indexPart{no, name}] = digest
		}
		for _, id := range left.Closed {
			delete(g.closed, closing([]byte(id), no))
		}
	}
	for no, digest := range did.Redacted {
		g.redacted[no] = digest
	}
	if did.Environment != "" {
		g.environment = did.Environment
	}
	g.sums[run] = did.Sums
}

// contents compares what runs wrote with what they said, once all rows of
// theirs have been read.
func (a *auditor) contents(ctx context.Context) error {
	return a.eachRun(ctx, func(row *runCheck, did *effects) error {
		if a.open != nil && row.No == a.open.No {
			a.unfinished(row)
			return nil
		}
		place := fmt.Sprintf("run %d", row.No)
		c := a.written[row.No]
		if c == nil {
			c = newContent()
		}
		want := row.Content
		amended, erased := a.did.amended[row.No]
		if erased {
			want = amended.Content
		}
		if row.content(c) != want {
			what := "what it wrote, or what it says of itself, is not what its digest is of"
			if n := a.count[row.No]; n != row.Done && !erased {
				what += fmt.Sprintf(" (%d links of its are there, of %d)", n, row.Done)
			}
			a.breach(3, "run", place, row.No, "%s", what)
		}
		delete(a.written, row.No)
		info, err := row.info(did)
		if err != nil {
			a.breach(3, "run", place, row.No, "it cannot be read: %v", err)
		}
		if row.No == a.head {
			a.found.Head, a.found.Run, a.found.Serial = info, row.No, row.Serial
		}
		if !info.Totals.Balanced() {
			a.breach(6, "run", place, row.No, "of %d records that it read, %d are accounted for", info.Totals.Read,
				info.Totals.Created+info.Totals.Linked+info.Totals.Unchanged+info.Totals.Updated+info.Totals.Review+info.Totals.Rejected)
		}
		return nil
	})
}

// info is what a run says of itself.
func (r *runCheck) info(did *effects) (info RunInfo, err error) {
	info = RunInfo{
		Run: r.No, Kind: r.Kind, Serial: r.Serial, Actor: r.Actor, Reason: r.Reason, Rules: r.Rules, Plan: r.Plan, Digest: r.Digest,
		Schemes: did.Schemes, Verdicts: did.Verdicts,
	}
	if info.Started, err = time.Parse(time.RFC3339, r.Started); err != nil {
		return info, err
	}
	if info.Finished, err = time.Parse(time.RFC3339, r.Finished); err != nil {
		return info, err
	}
	var totals mapping.Totals
	err = json.Unmarshal([]byte(r.Totals), &totals)
	info.Totals = totals
	return info, err
}

// unfinished looks at a run that is being written.
func (a *auditor) unfinished(row *runCheck) {
	if row.Discarding != 0 {
		return // its rows are going, in no order
	}
	if n := a.count[row.No]; n != row.Done {
		a.breach(8, "run", fmt.Sprintf("run %d", row.No), row.No, "it is being written and has %d links, of %d that it says it has", n, row.Done)
	}
}
