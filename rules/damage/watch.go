package damage

import (
	"math"
	"math/bits"
	"strconv"
)

const whyRoundedSource = "it looks rounded, as too many of this source do: a program kept only the first 15 to 17 digits; export the column as text, from the CRM and not from a spreadsheet. If these digits are right, write them into the scheme"

// Numbers of 16 to 20 digits are looked at for the traces of rounding.
const (
	leastLong = exactDigits + 1
	mostLong  = 20
)

// rounded counts long numbers by how rounding would leave them: with zeros
// after 15 digits, as spreadsheets do; with zeros after 17, as the shortest
// text of a 64-bit float has; or as the exact value of such a float.
//
// Each happens by itself: zeros after 15 of d digits in 10^(15-d) of all
// numbers, zeros after 17 in 10^(17-d), which is taken five times, as machine
// IDs are often multiples of powers of two. Values of a float are multiples of
// u, the distance of floats of their size, and half of them are odd ones;
// numbers that are multiples of a power of two by design are not. So the odd
// multiples are counted, of which there are 1/2u.
type rounded struct {
	n          [mostLong + 1]int
	tail15     [mostLong + 1]int
	tail17     [mostLong + 1]int
	large, odd int
	expected   float64 // of odd
}

func (r *rounded) note(id string) {
	if len(id) < leastLong || len(id) > mostLong || !allDigits(id) {
		return
	}
	d := len(id)
	r.n[d]++
	if zeroTail(id) {
		r.tail15[d]++
	} else if shortest(id) {
		r.tail17[d]++
	}
	if v, u := floatStep(id); u > 1 {
		r.large++
		r.expected += 1 / float64(2*u)
		if v%u == 0 && v/u%2 == 1 {
			r.odd++
		}
	}
}

// condemns reports whether a number bears a trace of rounding that too many
// of the source bear.
func (r *rounded) condemns(id string) bool {
	if len(id) < leastLong || len(id) > mostLong || !allDigits(id) {
		return false
	}
	d := len(id)
	n := float64(r.n[d])
	if zeroTail(id) {
		return tooMany(r.tail15[d], n*math.Pow10(exactDigits-d))
	}
	if shortest(id) && tooMany(r.tail17[d], n*min(1, 5*math.Pow10(17-d))) {
		return true
	}
	v, u := floatStep(id)
	return u > 1 && v%u == 0 && tooMany(r.odd, r.expected)
}

// tooMany reports whether n events where so many are expected have a chance
// of less than one in a million (Chernoff's bound), and most of them another
// cause.
func tooMany(n int, expected float64) bool {
	if n == 0 || float64(n) < 2*expected {
		return false
	}
	x := float64(n)
	return x-expected+x*math.Log(expected/x) < negligible
}

// shortest reports whether the number has zeros after its 17th digit, as the
// shortest text of a float.
func shortest(id string) bool { return len(id) > 17 && allZeros(id[17:]) }

// floatStep is the value of a number and the distance of 64-bit floats of its
// size, 0 where it is too large.
func floatStep(id string) (value, step uint64) {
	v, err := strconv.ParseUint(id, 10, 64)
	if err != nil || v == 0 {
		return 0, 0
	}
	return v, 1 << max(0, bits.Len64(v)-53)
}
