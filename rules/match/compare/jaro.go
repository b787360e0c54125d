package compare

// Similarity is the Jaro-Winkler score of a and b in [0,1], 1 for equal texts;
// a common beginning of up to four characters counts more. Both empty is 1,
// one empty is 0.
//
// William Winkler, "String comparator metrics and enhanced decision rules in
// the Fellegi-Sunter model of record linkage" (1990).
func Similarity(a, b string) float64 {
	if a == b {
		return 1
	}
	if a > b { // which of two characters in reach is taken may depend on the side
		a, b = b, a
	}
	var bufA, bufB [room]rune
	x, y := runes(a, &bufA), runes(b, &bufB)
	score := jaro(x, y)
	if score <= 0.7 {
		return score
	}
	prefix := 0
	for prefix < min(4, len(x), len(y)) && x[prefix] == y[prefix] {
		prefix++
	}
	return score + float64(prefix)*0.1*(1-score)
}

func jaro(x, y []rune) float64 {
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 0 {
		return 0
	}
	var bufX, bufY [room]bool
	inX, inY := bufX[:], bufY[:]
	if len(y) > room {
		inX, inY = make([]bool, len(x)), make([]bool, len(y))
	}
	reach := max(len(y)/2-1, 0)
	common := 0
	for i, r := range x {
		for j := max(0, i-reach); j < min(len(y), i+reach+1); j++ {
			if !inY[j] && y[j] == r {
				inX[i], inY[j] = true, true
				common++
				break
			}
		}
	}
	if common == 0 {
		return 0
	}
	moved, j := 0, 0
	for i, r := range x {
		if !inX[i] {
			continue
		}
		for !inY[j] {
			j++
		}
		if y[j] != r {
			moved++
		}
		j++
	}
	c := float64(common)
	return (c/float64(len(x)) + c/float64(len(y)) + (c-float64(moved/2))/c) / 3
}
