package compare

import (
	"math"
	"math/bits"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b       string
		most, want int
	}{
		{"", "", 3, 0},
		{"", "abc", 3, 3},
		{"smith", "smith", 0, 0},
		{"smith", "smiht", 2, 1},
		{"smith", "smth", 2, 1},
		{"smith", "smyth", 2, 1},
		{"smith", "smithe", 2, 1},
		{"smith", "smyth", 0, 1},
		{"ca", "abc", 5, 3}, // no part is edited twice; without that rule 2
		{"kitten", "sitting", 5, 3},
		{"kitten", "sitting", 2, 3},
		{"kitten", "sitting", 1, 2},
		{"a cat", "an abct", 5, 4},
		{"张伟", "张卫", 1, 1},
		{"张伟", "伟张", 1, 1},
		{"张伟", "李娜", 5, 2},
		{"müller", "muller", 1, 1},
		{"żółć", "zolc", 9, 4},
		{"abcdef", "badcfe", 9, 3},
		{strings.Repeat("界", 70), strings.Repeat("界", 70) + "!", 3, 1},
		{strings.Repeat("ab", 50), strings.Repeat("ba", 50), 9, 2},
		{"x" + strings.Repeat("ab", 50), "y" + strings.Repeat("ba", 50), 9, 3},
	} {
		if got := Distance(c.a, c.b, c.most); got != c.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", c.a, c.b, c.most, got, c.want)
		}
	}
}

func TestSimilarity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"", "", 1},
		{"a", "", 0},
		{"martha", "marhta", 0.9611},
		{"dwayne", "duane", 0.84},
		{"dixon", "dicksonx", 0.8133},
		{"jones", "johnson", 0.8324},
		{"abc", "xyz", 0},
		{"张伟", "张卫", 0.6667},
		{"张伟", "张伟", 1},
		{"王小明", "王小朋", 0.8222},
	} {
		if got := Similarity(c.a, c.b); math.Abs(got-c.want) > 0.0001 {
			t.Errorf("Similarity(%q, %q) = %.4f, want %.4f", c.a, c.b, got, c.want)
		}
	}
}

// slow is the distance by its definition.
func slow(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abcé张伟 ")), 0, 80, -1)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		most := rapid.IntRange(0, 90).Draw(t, "most")
		want := slow([]rune(a), []rune(b))
		if got := Distance(a, b, most); got != min(want, most+1) {
			t.Fatalf("Distance(%q, %q, %d) = %d, want %d", a, b, most, got, min(want, most+1))
		}
		if n := bits.OnesCount64(Signature(a) ^ Signature(b)); n > 2*want {
			t.Fatalf("signatures of %q and %q are %d bits apart at distance %d", a, b, n, want)
		}
		s := Similarity(a, b)
		if s != Similarity(b, a) || s < 0 || s > 1 || (s == 1) != (a == b) && !sameLetters(a, b) {
			t.Fatalf("Similarity(%q, %q) = %v, the other way round %v", a, b, s, Similarity(b, a))
		}
	})
}

// sameLetters reports whether Jaro may take two different texts for equal: a
// single pair of letters out of order is half a transposition, which it drops.
func sameLetters(a, b string) bool { return Distance(a, b, 100) <= 2 }

func TestNothingAllocates(t *testing.T) {
	long := strings.Repeat("张伟ab", 16)
	other := strings.Repeat("李伟ab", 16)
	var set uint64
	if n := testing.AllocsPerRun(100, func() {
		Distance(long, other, 20)
		Similarity(long, "smith")
		set |= Signature(long)
	}); n != 0 || set == 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkDistance(b *testing.B) {
	for _, p := range [][2]string{{"smith", "smyth"}, {"katherine", "catharina"}, {"张伟", "张卫"}, {"12 george street", "12 st george st"}} {
		b.Run(p[0], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Distance(p[0], p[1], 2)
			}
		})
	}
}

func BenchmarkSimilarity(b *testing.B) {
	for _, p := range [][2]string{{"smith", "smyth"}, {"katherine", "catharina"}, {"张伟", "张卫"}} {
		b.Run(p[0], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Similarity(p[0], p[1])
			}
		})
	}
}
