package profile

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestArenaKeepsIDs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type row struct {
			id   string
			line int64
		}
		rows := rapid.SliceOf(rapid.Custom(func(t *rapid.T) row {
			return row{rapid.String().Draw(t, "id"), rapid.Int64().Draw(t, "line")}
		})).Draw(t, "rows")
		var a arena
		for _, r := range rows {
			a.add(r.id, r.line)
		}
		var got []row
		for _, b := range a.blocks {
			for id, line := range b.all() {
				got = append(got, row{id, line})
			}
		}
		if !slices.Equal(got, rows) {
			t.Errorf("got %v, want %v", got, rows)
		}
	})
}

// What a tally ends up with does not depend on the order of its texts, nor on
// how they were spread over tallies that were merged.
func TestTallyForgetsOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.StringMatching(`[a-d]{1,4}`)).Draw(t, "texts")
		limit := rapid.IntRange(1, 20).Draw(t, "limit")
		one, left, right := newTally(limit), newTally(limit), newTally(limit)
		counts := map[string]int64{}
		for _, text := range texts {
			counts[text]++
			one.add(sum64(text), text, 1, 0)
		}
		for i, text := range rapid.Permutation(texts).Draw(t, "other order") {
			part := left
			if i%3 == 0 {
				part = right
			}
			part.add(sum64(text), text, 1, 0)
		}
		left.merge(right)
		if !slices.Equal(one.top(limit), left.top(limit)) || one.distinct() != left.distinct() {
			t.Errorf("%v and %v", one.top(limit), left.top(limit))
		}
		for _, s := range one.top(limit) {
			if s.n != counts[s.text] {
				t.Errorf("%s counts %d, want %d", s.text, s.n, counts[s.text])
			}
		}
		if one.exact() != (len(counts) <= limit) {
			t.Errorf("exact: %v, with %d texts and room for %d", one.exact(), len(counts), limit)
		}
	})
}

func TestSortNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Uint64(), 0, 3).Draw(t, "numbers")
		shift := rapid.IntRange(0, 60).Draw(t, "shift")
		for len(a) > 0 && len(a) < 1500 { // beyond the length from which it sorts by bytes
			a = append(a, a[len(a)-1]*6364136223846793005+uint64(len(a)))
		}
		for i := range a {
			a[i] >>= shift
		}
		want := slices.Sorted(slices.Values(a))
		sortNumbers(a, nil)
		if !slices.Equal(a, want) {
			t.Error("not sorted")
		}
	})
}

func TestBar(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		share       float64
		text, ascii string
	}{
		{0, "", ""}, {0.0001, "▏", "#"}, {0.5, "██", "##"}, {0.55, "██▎", "##"}, {1, "████", "####"},
	} {
		if got := bar(tt.share, 4, false); got != tt.text {
			t.Errorf("bar of %v is %q, want %q", tt.share, got, tt.text)
		}
		if got := bar(tt.share, 4, true); got != tt.ascii {
			t.Errorf("plain bar of %v is %q, want %q", tt.share, got, tt.ascii)
		}
	}
}

func TestPercentNeverRoundsToAllOrNothing(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]string{0: "0 %", 1: "100 %", 0.99999: "> 99.9 %", 0.00001: "< 0.1 %", 0.123: "12.3 %"} {
		if got := percent(share); got != want {
			t.Errorf("percent(%v) is %q, want %q", share, got, want)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	got := fmt.Sprint(tokensOf(`\{x{seq:4}[-{code:gb2260}]{seq}{check:luhn(seq)}`))
	if want := "[{seq seq 4} {code code gb2260} {seq2 seq } {check check luhn(seq)}]"; got != want {
		t.Errorf("tokens %s, want %s", got, want)
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	for content, values := range map[Content][]string{
		Email: {"a@example.org", "b.c@example.com"}, Phone: {"+49 30 901820", "13900990001", "(030) 901820-11"},
		Date: {"2024-01-31", "31.12.2023", "20240131", "2024-01-31 12:00:00"}, Number: {"1", "-2.5", "1,000", "13"},
		Code: {"A1", "K-77", "2024X"}, Flag: {"true", "false"}, Link: {"https://example.org"}, Text: {"Ann Lee", "张伟", "Berlin"},
		Empty: {"N/A", "n/a"},
	} {
		tally := newTally(100)
		for _, v := range values {
			tally.add(sum64(v), v, 1, 0)
		}
		if got := contentOf(tally); got != content {
			t.Errorf("%v are %s, want %s", values, got, content)
		}
	}
}

// Numbers that differ in a digit or two are what is hashed: their hashes are
// to be as good as random ones in every bit that is made use of.
func TestSumSpreads(t *testing.T) {
	t.Parallel()
	const n = 1 << 16
	seen := map[uint64]bool{}
	var low, high [256]int
	for i := range n {
		h := sum64(fmt.Sprintf("C%07d", i))
		seen[h] = true
		low[byte(h)]++
		high[h>>56]++
	}
	if len(seen) != n {
		t.Errorf("%d hashes of %d texts", len(seen), n)
	}
	for i := range 256 { // 256 are expected in each, give or take 16
		if min(low[i], high[i]) < 160 || max(low[i], high[i]) > 352 {
			t.Errorf("byte %d: %d and %d of %d", i, low[i], high[i], n)
		}
	}
	if sum64("") == sum64("\x00") || sum64("abcdefgh") == sum64("abcdefgh\x00") || sum64("ab") != sum64([]byte("ab")) {
		t.Error("length does not count, or the type of the text does")
	}
}
