package discover

import (
	"fmt"
	"math"

	"github.com/xwalk-id/xwalk/mapping"
)

// Rehearsal is what a plan with a draft would do to the sources as they are.
type Rehearsal struct {
	Totals  mapping.Totals
	Sources map[string]mapping.Counts
	Lines   map[string]int64 // records joined, by [Line.Name]
	Cluster int              // records of the largest customer
}

// Guard are the limits of policy.guard: shares of the rows, and records of
// one customer.
type Guard struct {
	Joined, Rejected float64
	Cluster          int
}

// usualGuard are the limits where nothing speaks for others.
var usualGuard = Guard{Joined: .3, Rejected: .01, Cluster: 20}

// manyReviews is how many pairs for a person, as a share of the rows, are
// remarked on.
const manyReviews = .05

// Rehearsed takes what a plan showed into the draft: the effect of each line,
// and guards that let this plan pass.
func (d *Draft) Rehearsed(seen Rehearsal) {
	d.Seen = seen
	for i, l := range d.Same {
		d.Same[i].Joined = seen.Lines[l.Name()]
	}
	d.Guard = usualGuard
	joined, rejected := seen.share(seen.Totals.Linked), seen.share(seen.Totals.Rejected)
	if joined > .8*d.Guard.Joined {
		d.Guard.Joined = min(1, math.Ceil(1.25*joined*10)/10)
	}
	// Sources of the same customers join all but those of the first.
	if usual := 1 - 1/float64(len(d.Sources)+1); joined > .8*max(usual, usualGuard.Joined) {
		d.doubt("%s of the rows join another record, which is much: are these the same customers?", Percent(joined))
	}
	if rejected > .8*d.Guard.Rejected {
		d.Guard.Rejected = min(1, math.Ceil(1.25*rejected*100)/100)
		d.doubt("%s of the rows are rejected: xwalk plan lists them with their places", Percent(rejected))
	}
	if seen.share(seen.Totals.ReviewsOpen) > manyReviews {
		d.doubt("%s pairs would wait for a person to decide, which is many: a line of match.same whose confirm contradicts so often is no good evidence here", number(seen.Totals.ReviewsOpen))
	}
	if seen.Cluster > d.Guard.Cluster {
		d.Guard.Cluster = (seen.Cluster + 9) / 10 * 10
		d.doubt("one customer would have %s; guard: cluster lets that pass: look at what they share", records(seen.Cluster))
	}
}

func (r Rehearsal) share(n int64) float64 {
	if r.Totals.Read == 0 {
		return 0
	}
	return float64(n) / float64(r.Totals.Read)
}

func (d *Draft) doubt(format string, args ...any) {
	d.doubts = append(d.doubts, fmt.Sprintf(format, args...))
}

func records(n int) string { return number(int64(n)) + " records" }
