package diag

import "strings"

// Nearest is the candidate most like word, compared without case, or "" when
// none is close enough to be what was meant.
func Nearest(word string, candidates []string) string {
	best, bestDist := "", 1+max(1, len([]rune(word))/3)
	w := []rune(strings.ToLower(word))
	for _, c := range candidates {
		if d := distance(w, []rune(strings.ToLower(c))); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// distance is the number of single-character edits and adjacent swaps
// between a and b (optimal string alignment).
func distance(a, b []rune) int {
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
