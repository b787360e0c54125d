package profile

import (
	"math/big"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/normalize"
)

// suspect reports keys that may stand for no number, quickly: their letters
// and digits are one word, or end in digits that are all the same or count.
func suspect(key string) bool {
	start := len(key)
	for start > 0 && key[start-1]-'0' <= 9 {
		start--
	}
	digits := key[start:]
	if digits == "" {
		return len(key) <= 20 && !strings.ContainsAny(key, "0123456789") && word(key)
	}
	if len(digits) < 3 || start > 4 || strings.ContainsAny(key[:start], "0123456789") {
		return false
	}
	return row(digits)
}

// word reports a word that means none or test.
func word(key string) bool {
	return normalize.Placeholder("", normalize.Text(key)) || normalize.Placeholder("national_id", strings.ToUpper(key))
}

// row reports digits that are all the same, or count up or down by one and
// are at least five.
func row(digits string) bool {
	step := (digits[1] - digits[0] + 10) % 10
	if step != 0 && (step != 1 && step != 9 || len(digits) < 5) {
		return false
	}
	for i := 2; i < len(digits); i++ {
		if (digits[i]-digits[i-1]+10)%10 != step {
			return false
		}
	}
	return true
}

// placeholders are the suspects that are none of a running series: words and
// zeros, and rows of digits that several records have or that stand alone.
func (a *analysis) placeholders(n *Numbering, suspects *tally) {
	for _, s := range suspects.top(suspects.limit) {
		if strings.Trim(s.text, "0") != "" && strings.ContainsAny(s.text, "0123456789") && s.n == 1 && a.hasNeighbour(s.text) {
			continue
		}
		n.Placeholders = append(n.Placeholders, Item{s.text, s.n, a.places.place(s.first)})
		n.Duplicates.leaveOut(s)
	}
}

// leaveOut takes a placeholder off the duplicates: nobody's number is not
// somebody's twice.
func (d *Duplicates) leaveOut(s slot) {
	if s.n < 2 {
		return
	}
	d.Keys--
	d.Rows -= s.n
	d.Examples = slices.DeleteFunc(d.Examples, func(x Duplicate) bool { return x.ID == s.text })
}

// hasNeighbour reports whether the number before or after a key's is there.
func (a *analysis) hasNeighbour(key string) bool {
	prefix := strings.TrimRight(key, "0123456789")
	digits := key[len(prefix):]
	n, _ := new(big.Int).SetString(digits, 10)
	for _, by := range []int64{-1, 1} {
		next := new(big.Int).Add(n, big.NewInt(by))
		if next.Sign() < 0 {
			continue
		}
		text := next.String()
		text = prefix + strings.Repeat("0", max(0, len(digits)-len(text))) + text
		if a.has(text) {
			return true
		}
	}
	return false
}
