package scheme

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// slips damage a number, body and checks check characters together, as people
// do: every damaged number that differs from it is given to yield.
var slips = map[string]func(r *rand.Rand, alphabet string, checks int, id []byte, yield func(wrong []byte)){
	"single_substitution": func(_ *rand.Rand, alphabet string, _ int, id []byte, yield func([]byte)) {
		for i, was := range id {
			for _, b := range []byte(alphabet) {
				if b != was {
					id[i] = b
					yield(id)
				}
			}
			id[i] = was
		}
	},
	"adjacent_transposition": func(_ *rand.Rand, _ string, _ int, id []byte, yield func([]byte)) { swaps(id, 1, yield) },
	"jump_transposition":     func(_ *rand.Rand, _ string, _ int, id []byte, yield func([]byte)) { swaps(id, 2, yield) },
	"twin_error": func(r *rand.Rand, alphabet string, _ int, id []byte, yield func([]byte)) {
		for i := range len(id) - 1 {
			if was := id[i]; was == id[i+1] {
				b := alphabet[r.IntN(len(alphabet))]
				if b != was {
					id[i], id[i+1] = b, b
					yield(id)
				}
				id[i], id[i+1] = was, was
			}
		}
	},
	"left_circular_shift": func(_ *rand.Rand, _ string, _ int, id []byte, yield func([]byte)) {
		wrong := append(id[1:len(id):len(id)], id[0])
		if string(wrong) != string(id) {
			yield(wrong)
		}
	},
	"unrelated_body": func(r *rand.Rand, alphabet string, checks int, id []byte, yield func([]byte)) {
		was := string(id)
		for i := range len(id) - checks {
			id[i] = alphabet[r.IntN(len(alphabet))]
		}
		if string(id) != was {
			yield(id)
		}
	},
}

func swaps(id []byte, distance int, yield func([]byte)) {
	for i := range len(id) - distance {
		if j := i + distance; id[i] != id[j] {
			id[i], id[j] = id[j], id[i]
			yield(id)
			id[i], id[j] = id[j], id[i]
		}
	}
}

// TestErrorDetection measures which slips each system misses and compares the
// shares with testdata/error_detection.csv: 0 and all are exact, the others
// agree within four standard errors of the two samples.
func TestErrorDetection(t *testing.T) {
	t.Parallel()
	rows := readCSV(t, "testdata/error_detection.csv")
	if len(rows) != 78 {
		t.Fatalf("%d rows, want 78", len(rows))
	}
	for _, row := range rows {
		trials, errT := strconv.Atoi(row[4])
		undetected, errU := strconv.Atoi(row[5])
		size, errS := strconv.Atoi(row[1])
		length, errL := strconv.Atoi(row[2])
		if errT != nil || errU != nil || errS != nil || errL != nil {
			t.Fatalf("row %v", row)
		}
		name := vectorSchemes[row[0]]
		t.Run(name+"/"+row[3], func(t *testing.T) {
			t.Parallel()
			missed, n := measure(name, row[3], size, length, trials)
			switch undetected {
			case 0:
				if missed > 0 {
					t.Errorf("missed %d of %d, want none", missed, n)
				}
			case trials:
				if missed < n {
					t.Errorf("missed %d of %d, want all", missed, n)
				}
			default:
				want, got := float64(undetected)/float64(trials), float64(missed)/float64(n)
				both := float64(undetected+missed) / float64(trials+n)
				tolerance := 4 * math.Sqrt(both*(1-both)*(1/float64(trials)+1/float64(n)))
				if math.Abs(got-want) > tolerance {
					t.Errorf("missed %.3f %% of %d, want %.3f ± %.3f %%", 100*got, n, 100*want, 100*tolerance)
				}
			}
		})
	}
}

// measure damages random numbers, whose bodies are of the first size
// characters of the alphabet, until so many slips have been tried. A slip that
// puts another character into the body, such as the X of mod11-2, is no trial:
// any reader refuses it.
func measure(name, slip string, size, length, trials int) (missed, n int) {
	a := findAlgorithm(name)
	alphabet := a.body[:size]
	r := rand.New(rand.NewPCG(uint64(length), uint64(len(name)+100*len(slip))))
	id := make([]byte, length+a.width)
	for n < trials {
		for i := range length {
			id[i] = alphabet[r.IntN(size)]
		}
		check := a.of(string(id[:length]))
		copy(id[length:], check[:a.width])
		slips[slip](r, alphabet, a.width, id, func(wrong []byte) {
			body := string(wrong[:length])
			if strings.Trim(body, alphabet) != "" {
				return
			}
			n++
			if CheckHolds(name, body, string(wrong[length:])) {
				missed++
			}
		})
	}
	return missed, n
}
