package compare

// Distance counts the slips that turn a into b: a character inserted, left
// out, replaced, or two neighbours swapped. It is the optimal string alignment
// distance, which edits no part of a text twice. Beyond most it stops counting
// and returns most+1.
//
// Fred Damerau, "A technique for computer detection and correction of spelling
// errors", CACM 7 (1964).
func Distance(a, b string, most int) int {
	if a == b {
		return 0
	}
	var bufA, bufB [room]rune
	x, y := trim(runes(a, &bufA), runes(b, &bufB))
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > most {
		return most + 1
	}
	if len(x) == 0 {
		return len(y)
	}
	if len(x) == 1 && len(y) == 1 || len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0] {
		return min(1, most+1)
	}
	return align(x, y, most)
}

// align fills the rows of the alignment of x and y, x being the shorter; it
// gives up when no cell of two rows in turn is within most.
func align(x, y []rune, most int) int {
	var buf [3][room + 1]int
	before, last, row := buf[0][:], buf[1][:], buf[2][:]
	if len(x) > room {
		before, last, row = make([]int, len(x)+1), make([]int, len(x)+1), make([]int, len(x)+1)
	}
	for i := range len(x) + 1 {
		last[i] = i
	}
	least := 0 // of the row before
	for j := 1; j <= len(y); j++ {
		row[0] = j
		best := j
		for i := 1; i <= len(x); i++ {
			cost := last[i-1]
			if x[i-1] != y[j-1] {
				cost = min(cost, last[i], row[i-1]) + 1
				if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
					cost = min(cost, before[i-2]+1)
				}
			}
			row[i] = cost
			best = min(best, cost)
		}
		if best > most && least > most {
			return most + 1
		}
		least = best
		before, last, row = last, row, before
	}
	return min(last[len(x)], most+1)
}
