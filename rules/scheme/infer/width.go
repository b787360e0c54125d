package infer

import (
	"slices"
	"strconv"
)

// widthPlan explains some runs of digits: which widths are of one kind of
// number, and which token reads those.
type widthPlan struct {
	field field
	has   [maxKey + 1]bool // the widths that it takes
}

// ofWidth is what is known of the runs of one width.
type ofWidth struct {
	n, zeros   int // runs; with a leading zero
	low, high  uint64
	dense      float64 // runs per possible number between low and high
	everything []uint64
}

// planWidths explains runs of digits by counters that grow ({seq}, {seq:4+})
// and by fixed widths, the most frequent first. Rarer ones than least are left
// out.
func planWidths(runs []string, least int) []widthPlan {
	var by [maxKey + 1]ofWidth
	for _, r := range runs {
		w := &by[len(r)]
		w.n++
		if len(r) > 1 && r[0] == '0' {
			w.zeros++
		}
		if v, err := strconv.ParseUint(r, 10, 64); err == nil {
			w.everything = append(w.everything, v)
		}
	}
	for i := range by {
		by[i].measure()
	}
	least = max(least, 1, len(runs)/25)
	var plans []widthPlan
	for {
		top := 0
		for w := range by {
			if by[w].n > by[top].n {
				top = w
			}
		}
		if by[top].n < least {
			break
		}
		plan := grow(&by, top)
		plans = append(plans, plan)
		for w, in := range plan.has {
			if in {
				by[w].n = 0
			}
		}
	}
	return plans
}

// measure looks at the numbers between the first and the last hundredth, so
// that a few wrong ones do not stretch the range.
func (w *ofWidth) measure() {
	n := len(w.everything)
	if n == 0 {
		return
	}
	slices.Sort(w.everything)
	w.low, w.high = w.everything[n/100], w.everything[n-1-n/100]
	w.dense = float64(n-2*(n/100)) / (float64(w.high-w.low) + 1)
}

func pow10(n int) float64 {
	p := 1.0
	for range n {
		p *= 10
	}
	return p
}

// padded reports whether the numbers of the width were filled up with zeros.
func (w *ofWidth) padded() bool { return w.zeros > w.n/20 }

// grow explains the runs of width top, and those of neighbouring widths where
// one counter can have made both.
func grow(by *[maxKey + 1]ofWidth, top int) widthPlan {
	low, high := top, top
	for low > 1 && !by[low].padded() && by[low-1].n > 0 {
		expected := by[top].dense * 0.9 * pow10(low-1)
		if !(expected < 3 || float64(by[low-1].n) >= 0.5*expected) {
			break
		}
		low--
	}
	for high+1 < len(by) && high < 19 && by[high+1].continues(&by[high], high) {
		high++
	}
	p := widthPlan{field: fixed("seq", top)}
	for w := low; w <= high; w++ {
		p.has[w] = true
	}
	switch {
	case low < high && !by[low].padded() && (low == 1 || by[top].dense*pow10(low-1) < 12):
		p.field = field{token: "seq", min: 1, open: true}
	case low < high:
		p.field = field{token: "seq", min: low, open: true}
	case top == 1 && by[1].n <= 10 && !by[1].padded():
		// Nine numbers say nothing about the tenth.
		p.field = field{token: "seq", min: 1, open: true}
	}
	return p
}

// continues reports whether these runs are what came after a counter had used
// up width digits: no zeros in front, and about as dense from 10^width on.
func (w *ofWidth) continues(before *ofWidth, width int) bool {
	if before.n < 20 && w.n > 0 && w.zeros == 0 && !before.padded() {
		return true // few numbers tell nothing else
	}
	if w.n < 3 || w.zeros > w.n/20 || len(w.everything) == 0 {
		return false
	}
	last := w.everything[len(w.everything)*9/10]
	dense := 0.9 * float64(w.n) / (float64(last) - pow10(width) + 1)
	return dense >= 0.3*before.dense && float64(before.high) >= 0.9*pow10(width)
}

// joinWidths makes one token of fixed widths that are next to one another.
func joinWidths(plans []widthPlan) []widthPlan {
	var out []widthPlan
	for _, p := range plans {
		joined := false
		for i := range out {
			q := &out[i]
			if p.field.open || q.field.open || p.field.min > q.field.max+1 || p.field.max < q.field.min-1 {
				continue
			}
			q.field.min, q.field.max = min(q.field.min, p.field.min), max(q.field.max, p.field.max)
			for w, in := range p.has {
				q.has[w] = q.has[w] || in
			}
			joined = true
			break
		}
		if !joined {
			out = append(out, p)
		}
	}
	return out
}
