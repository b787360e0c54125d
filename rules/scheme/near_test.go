package scheme_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

func TestNeighbours(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, wrote, meant string
		kind               scheme.SlipKind
		says               string
	}{
		{"small letters", "cust-42", "CUST-42", scheme.SlipCase, "small letters for capitals"},
		{"capitals", "AbC-42", "abc-42", scheme.SlipCase, "capitals for small letters"},
		{"one letter's case", "XaB42", "xaB42", scheme.SlipCase, "X for x at character 1"},
		{"hyphen left out", "CUST42", "CUST-42", scheme.SlipSeparator, "a hyphen left out before character 5"},
		{"two hyphens left out", "CUST0000000181", "CUST-00000001-81", scheme.SlipSeparator, "hyphens left out"},
		{"hyphen added", "C-42", "C42", scheme.SlipSeparator, "a hyphen too many at character 2"},
		{"written in groups", "6222 0210 1234 5678", "6222021012345678", scheme.SlipSeparator, "hyphens or other separators added"},
		{"space for hyphen", "CUST 42", "CUST-42", scheme.SlipSeparator, "a space for a hyphen at character 5"},
		{"leading zero dropped", "42", "042", scheme.SlipZeros, "a leading zero left out before character 1"},
		{"leading zeros dropped", "C42", "C00042", scheme.SlipZeros, "3 leading zeros left out before character 2"},
		{"leading zeros added", "00042", "42", scheme.SlipZeros, "3 leading zeros too many at character 1"},
		{"zero stays", "C0", "C", scheme.SlipExtra, "0 too many at character 2"},
		{"O for 0", "C0O1", "C001", scheme.SlipLookalike, "O for 0 at character 3"},
		{"every O for 0", "COO1", "C001", scheme.SlipLookalike, "every O for 0"},
		{"l for 1", "Cl2", "C12", scheme.SlipLookalike, "l for 1 at character 2"},
		{"I for L", "PIK7", "PLK7", scheme.SlipLookalike, "I for L at character 2"},
		{"swap", "C00132", "C00123", scheme.SlipSwap, "3 and 2 swapped at character 5"},
		{"swap of Chinese characters", "客京001", "京客001", scheme.SlipSwap, "客 and 京 swapped at character 1"},
		{"jump", "C321", "C123", scheme.SlipJump, "3 and 1 swapped around character 3"},
		{"twin", "C2213", "C3313", scheme.SlipTwin, "22 for 33 at character 2"},
		{"substitution", "C17", "C14", scheme.SlipSubstitute, "7 for 4 at character 3"},
		{"small letters are tried where there are some", "a17", "b17", scheme.SlipSubstitute, "a for b at character 1"},
		{"one too many", "C1774", "C174", scheme.SlipExtra, "7 too many at character 3"},
		{"one too many at the end", "C174X", "C174", scheme.SlipExtra, "X too many at character 5"},
		{"one too many at the start", "XC174", "C174", scheme.SlipExtra, "X too many at character 1"},
		{"one left out in the middle", "C14", "C174", scheme.SlipMissing, "7 left out before character 3"},
		{"one left out at the end", "C17", "C174", scheme.SlipMissing, "4 left out before character 4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for s := range scheme.Neighbours(test.wrote) {
				if strings.Trim(s.ID, " ") == test.meant { // as a look-up compares
					if s.Kind != test.kind || s.String() != test.says {
						t.Errorf("%s written for %s is slip %d, %q; want %d, %q", test.wrote, test.meant, s.Kind, s, test.kind, test.says)
					}
					return
				}
			}
			t.Errorf("%s is no neighbour of %s", test.meant, test.wrote)
		})
	}
}

// TestNeighboursBounded holds the number of neighbours within what a few
// queries can ask for, also for hostile texts.
func TestNeighboursBounded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		id   string
		most int
	}{
		{"", 60},
		{"7", 200},
		{"C0000042", 1_000},
		{"CUST-00000042-81", 1_900},
		{strings.Repeat("7", 50), 6_100},
		{strings.Repeat("1O", 25), 6_000},
		{strings.Repeat("-", 50), 6_100},
		{strings.Repeat("1O", 127), 1_100},
		{strings.Repeat("客", 85), 200},
	} {
		n := 0
		for range scheme.Neighbours(test.id) {
			n++
		}
		if n > test.most {
			t.Errorf("%q has %d neighbours, want at most %d", test.id, n, test.most)
		}
	}
}

// plain draws numbers as most canonical and source IDs are.
var plain = rapid.StringOfN(rapid.SampledFrom([]rune("000112OIL85SABCZ-")), 1, 14, -1)

// TestNeighboursAreOneSlipAway takes each slip back by what it says of
// itself, and holds it to a definition of its own.
func TestNeighboursAreOneSlipAway(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wrote := rapid.OneOf(plain, rapid.StringOfN(rapid.SampledFrom([]rune("aAbB01- 京客/")), 1, 9, -1)).Draw(t, "wrote")
		seen := map[string]bool{wrote: true}
		last := scheme.SlipCase
		for s := range scheme.Neighbours(wrote) {
			switch {
			case seen[s.ID]:
				t.Fatalf("%q comes twice", s.ID)
			case s.Kind < last:
				t.Fatalf("%v comes after a less likely slip", s)
			case s.At > 0 && splice(t, wrote, s) != s.ID:
				t.Fatalf("%q with %v is %q, not %q", wrote, s, splice(t, wrote, s), s.ID)
			case !isSlip(wrote, s):
				t.Fatalf("%q for %q is no %v (kind %d)", wrote, s.ID, s, s.Kind)
			}
			seen[s.ID], last = true, s.Kind
		}
	})
}

// splice puts what was meant in the place of what was written.
func splice(t *rapid.T, wrote string, s scheme.Slip) string {
	r := []rune(wrote)
	at := s.At - 1
	end := at + len([]rune(s.Wrote))
	if string(r[at:end]) != s.Wrote {
		t.Fatalf("%q has no %q at character %d", wrote, s.Wrote, s.At)
	}
	return string(r[:at]) + s.Meant + string(r[end:])
}

// isSlip says what each kind of slip is.
func isSlip(wrote string, s scheme.Slip) bool {
	w, m := []rune(s.Wrote), []rune(s.Meant)
	only := func(text, of string) bool { return strings.Trim(text, of) == "" }
	switch s.Kind {
	case scheme.SlipCase:
		return strings.EqualFold(wrote, s.ID)
	case scheme.SlipSeparator:
		return strip(wrote) == strip(s.ID)
	case scheme.SlipZeros:
		return only(s.Wrote+s.Meant, "0") && (s.Wrote == "") != (s.Meant == "")
	case scheme.SlipLookalike:
		if s.At == 0 {
			return strings.ReplaceAll(wrote, s.Wrote, s.Meant) == s.ID && !strings.Contains(wrote, s.Meant)
		}
		return len(w) == 1 && len(m) == 1
	case scheme.SlipSwap:
		return len(w) == 2 && len(m) == 2 && w[0] == m[1] && w[1] == m[0]
	case scheme.SlipJump:
		return len(w) == 3 && len(m) == 3 && w[0] == m[2] && w[1] == m[1] && w[2] == m[0]
	case scheme.SlipTwin:
		return len(w) == 2 && len(m) == 2 && w[0] == w[1] && m[0] == m[1]
	case scheme.SlipSubstitute:
		return len(w) == 1 && len(m) == 1
	case scheme.SlipExtra:
		return len(w) == 1 && len(m) == 0
	case scheme.SlipMissing:
		return len(w) == 0 && len(m) == 1
	}
	return false
}

func strip(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-./_ ", r) {
			return -1
		}
		return r
	}, s)
}

// TestNeighboursGoBothWays finds the number that was meant from the slips that
// people make of it. Where several separators differ it need not be found
// again: there are too many places where they could have stood.
func TestNeighboursGoBothWays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		meant := rapid.StringOfN(rapid.SampledFrom([]rune("0012OILAZ-")), 1, 8, -1).Draw(t, "meant")
		slips := slices.Collect(scheme.Neighbours(meant))
		s := rapid.SampledFrom(slips).Draw(t, "slip")
		if s.Kind == scheme.SlipSeparator && s.At == 0 {
			return // several hyphens left out or added
		}
		for back := range scheme.Neighbours(s.ID) {
			if back.ID == meant {
				return
			}
		}
		t.Fatalf("%q is a neighbour of %q (%v), but not the other way round", s.ID, meant, s)
	})
}

func TestNeighboursStop(t *testing.T) {
	t.Parallel()
	n := 0
	for range scheme.Neighbours("C001") {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d neighbours after leaving the loop at 3", n)
	}
}

func ExampleNeighbours() {
	for s := range scheme.Neighbours("C0O1") {
		if s.Kind == scheme.SlipLookalike {
			fmt.Printf("%s: %v\n", s.ID, s)
		}
	}
	// Output:
	// C001: O for 0 at character 3
	// COO1: 0 for O at character 2
	// C0OI: 1 for I at character 4
	// C0OL: 1 for L at character 4
	// CQO1: 0 for Q at character 2
	// CDO1: 0 for D at character 2
}
