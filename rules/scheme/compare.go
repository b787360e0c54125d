package scheme

import "strings"

// Compare puts keys in the order that people expect: runs of digits compare
// as numbers, everything else byte by byte, so C9 is before C10. Keys that
// differ only in leading zeros are ordered by their bytes; 0 means that a and
// b are equal. It is a total order and allocates nothing.
func Compare(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		x, y := a[i], b[j]
		if !isDigit(x) || !isDigit(y) {
			if x != y {
				if x < y {
					return -1
				}
				return 1
			}
			i++
			j++
			continue
		}
		startA, endA := number(a, i)
		startB, endB := number(b, j)
		if d := (endA - startA) - (endB - startB); d != 0 {
			return sign(d)
		}
		if c := strings.Compare(a[startA:endA], b[startB:endB]); c != 0 {
			return c
		}
		i, j = endA, endB
	}
	if d := (len(a) - i) - (len(b) - j); d != 0 {
		return sign(d)
	}
	return strings.Compare(a, b)
}

// number is where the run of digits at s[i] starts to count and where it ends.
func number(s string, i int) (start, end int) {
	start = i
	for start < len(s) && s[start] == '0' {
		start++
	}
	end = start
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	return start, end
}

func isDigit(b byte) bool { return b-'0' <= 9 }

func sign(d int) int {
	if d < 0 {
		return -1
	}
	return 1
}
