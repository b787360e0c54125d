package scheme

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestDefaultScheme holds a million numbers of the scheme that the
// documentation recommends against spreadsheets and against every slip of the
// common kinds: half of them the first ones, half spread over the capacity.
// Without LONG=1 it takes one in 250 of them.
func TestDefaultScheme(t *testing.T) {
	t.Parallel()
	c := canonical(t, "CUST-{next:8}-{check:mod97-10}")
	million := uint64(1_000_000)
	if os.Getenv("LONG") == "" {
		million /= 250
	}
	half := million / 2
	stride := c.Capacity() / half
	var slips atomic.Int64
	var wg sync.WaitGroup
	workers := uint64(runtime.GOMAXPROCS(0))
	for w := range workers {
		wg.Go(func() {
			tried := int64(0)
			for i := w; i < million; i += workers {
				n := i + 1
				if i >= half {
					n = (i - half + 1) * stride
				}
				id, err := c.Append(nil, nil, n)
				if err != nil {
					t.Error(err)
					return
				}
				if what := spreadsheetReading(string(id)); what != "" {
					t.Errorf("%s is a %s to a spreadsheet", id, what)
				}
				tried += passes(id, func(slip []byte) {
					if _, ok := c.Counter(string(slip)); ok {
						t.Errorf("%s passes for %s", slip, id)
					}
				})
			}
			slips.Add(tried)
		})
	}
	wg.Wait()
	if got := uint64(slips.Load()); got < million*600 {
		t.Errorf("%d slips of %d numbers were tried", got, million)
	}
	t.Logf("%d numbers, %d slips", million, slips.Load())
}

// passes hands every slip of id to try: each single character replaced by
// another of A-Z, 0-9 and the hyphen, neighbours swapped, characters swapped
// around another, twins replaced by other twins, and a hyphen left out. The
// text is good until try returns.
func passes(id []byte, try func([]byte)) (tried int64) {
	const alphabet = digits + capital + "-"
	var buf [MaxCanonical]byte
	slip := func(at int, with ...byte) {
		s := append(buf[:0], id...)
		if copy(s[at:], with); string(s) != string(id) {
			tried++
			try(s)
		}
	}
	for i := range id {
		twin := i+1 < len(id) && id[i] == id[i+1]
		for k := range len(alphabet) {
			slip(i, alphabet[k])
			if twin {
				slip(i, alphabet[k], alphabet[k])
			}
		}
		if i+1 < len(id) {
			slip(i, id[i+1], id[i])
		}
		if i+2 < len(id) {
			slip(i, id[i+2], id[i+1], id[i])
		}
		if id[i] == '-' {
			tried++
			try(append(append(buf[:0], id[:i]...), id[i+1:]...))
		}
	}
	return tried
}
