package damage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// counted is the n-th Salesforce ID of an object, as their numbers count up.
func counted(n int) string {
	const order = tenDigits + capitals + "abcdefghijklmnopqrstuvwxyz"
	b := []byte("0015g0000000000")
	for i := len(b) - 1; n > 0; i, n = i-1, n/62 {
		b[i] = order[n%62]
	}
	return string(b)
}

// TestFoldedCase shows how many IDs tell that their case was folded, and which
// numbers of one case are sound: letters that count up or never change.
func TestFoldedCase(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	spread := func(int) string { return counted(r.IntN(700_000_000)) }
	for _, c := range []struct {
		name string
		n    int
		id   func(n int) string
		want bool
	}{
		{"a dozen in capitals", 12, func(n int) string { return strings.ToUpper(spread(n)) }, true},
		{"a dozen in small letters", 12, func(n int) string { return strings.ToLower(spread(n)) }, true},
		{"padded", 12, func(n int) string { return strings.ToUpper(spread(n)) + "   " }, true},
		{"3,000 that count up in capitals", 3000, func(n int) string { return strings.ToUpper(counted(9_000_000 + n)) }, true},
		{"four", 4, func(n int) string { return strings.ToUpper(spread(n)) }, false},
		{"a dozen as they are", 12, spread, false},
		{"counting through capitals", 26, func(n int) string { return "001000000000A" + counted(10 + n)[13:] }, false},
		{"letters that never change", 3000, func(n int) string { return fmt.Sprintf("001ABCDEFGH%04d", n) }, false},
		{"a letter that hardly changes", 3000, func(n int) string { return fmt.Sprintf("0010000000%04d%c", n, 'A'+n%2) }, false},
		{"digits", 3000, func(n int) string { return fmt.Sprintf("%015d", n) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := examiner(t, "{salesforce}")
			ev := e.Evidence()
			var ids []string
			for n := range c.n {
				ids = append(ids, c.id(n))
				ev.Intact(ids[n])
			}
			verdict := ev.Decide()
			for _, id := range ids {
				if f, got := verdict.Condemns(id); got != c.want || got && f.Kind != Case {
					t.Fatalf("Condemns(%q) = %+v, %v, want %v", id, f, got, c.want)
				}
			}
		})
	}
}

// TestSoundCaseIsNotFolded: of real numbers, however few and far between, none
// are taken for folded.
func TestSoundCaseIsNotFolded(t *testing.T) {
	t.Parallel()
	e := examiner(t, "{salesforce}")
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		ev := e.Evidence()
		start, step, n := r.IntN(50_000_000), 1+r.IntN(300), 1+r.IntN(40)
		prefix := []string{"0010000", "0035g00", "001DN00", "a0B0000"}[r.IntN(4)]
		for i := range n {
			ev.Intact(prefix + counted(start + i*step + r.IntN(step))[7:])
		}
		if ev.folded.proved() {
			t.Fatalf("%d numbers from %d in steps of %d under %s are taken for folded", n, start, step, prefix)
		}
	}
}

// TestOneCase shows which IDs may have lost their case.
func TestOneCase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ id, want string }{
		{"0015G00000XYZAB", "0015g00000xyzab"},
		{"0015g00000xyzab", "0015g00000xyzab"},
		{" 0015G00000XYZAB ", "0015g00000xyzab"},
		{"0015g00000XYZAB", ""},
		{"001500000012345", ""},
		{"0015G00000XYZABAAV", ""},
		{"C-1", ""},
	} {
		if got, ok := examiner(t, "{salesforce}").OneCase(c.id); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("OneCase(%q) = %q, %v, want %q", c.id, got, ok, c.want)
		}
	}
	if _, ok := examiner(t, "{alnum:15}").OneCase("0015G00000XYZAB"); ok {
		t.Error("IDs of another scheme have no twins")
	}
}
