package profile

import "slices"

// sortNumbers sorts whole numbers byte by byte, from the lowest on, and skips
// the bytes in which all agree. tmp is scratch space, which it returns grown.
func sortNumbers(a, tmp []uint64) []uint64 {
	if len(a) < 1024 {
		slices.Sort(a)
		return tmp
	}
	tmp = slices.Grow(tmp[:0], len(a))[:len(a)]
	var counts [8][256]int
	for _, x := range a {
		for i := range counts {
			counts[i][byte(x>>(8*i))]++
		}
	}
	from, to := a, tmp
	for i := range counts {
		c := &counts[i]
		if c[byte(a[0]>>(8*i))] == len(a) {
			continue
		}
		sum := 0
		for k, n := range c {
			c[k] = sum
			sum += n
		}
		for _, x := range from {
			k := byte(x >> (8 * i))
			to[c[k]] = x
			c[k]++
		}
		from, to = to, from
	}
	if &from[0] != &a[0] {
		copy(a, from)
	}
	return tmp
}
