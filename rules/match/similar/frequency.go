package similar

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// mostCommon is how many values of a role a model lists.
const mostCommon = 2048

// frequencies is how common the values of a role are. The common ones are
// listed as hashes, all others are taken for equally rare.
type frequencies struct {
	usual  float64 // log2 of how often two records agree by chance
	rare   float64 // log2 of the share of a value that is not listed
	common map[uint64]uint8
}

// step is how finely the shares of common values are kept: in eighths of bits.
const step = 8

// newFrequencies counts values: how many records have each. A customer has own
// records, which is no sign that its values are common; no value is rarer than
// least. Values that are equally common are all listed or none.
func newFrequencies(counts []uint32, hash func(i int) uint64, least, own float64) frequencies {
	f := frequencies{usual: math.Log2(least), rare: math.Log2(least), common: map[uint64]uint8{}}
	values := map[uint32]int{} // how many have a count
	var total float64
	for _, n := range counts {
		values[n]++
		total += float64(n)
	}
	if total == 0 {
		return f
	}
	share := func(n uint32) float64 { return max(least, (float64(n)-own)/(total+50)) }
	fewest, listed := uint32(math.MaxUint32), 0 // the least count that is listed
	var usual, rare, unlisted float64
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(values))) {
		p := float64(n) * float64(values[n])
		usual += p * share(n)
		if listed += values[n]; listed <= mostCommon && share(n) > least {
			fewest = n
		} else {
			rare, unlisted = rare+p*share(n), unlisted+p
		}
	}
	for i, n := range counts {
		if n >= fewest {
			f.common[hash(i)] = uint8(min(255, math.Round(-math.Log2(share(n))*step)))
		}
	}
	f.usual = math.Log2(max(least, usual/total))
	f.rare = math.Log2(max(least, rare/max(unlisted, 1)))
	return f
}

// logs is log2 of the shares of n values.
func (f *frequencies) logs(n int, hash func(i int) uint64) []float32 {
	var maybe [1 << 10]uint64 // hashes that may be listed, which few are
	for h := range f.common {
		maybe[h>>6&(1<<10-1)] |= 1 << (h & 63)
	}
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(f.rare)
		h := hash(i)
		if maybe[h>>6&(1<<10-1)]>>(h&63)&1 == 0 {
			continue
		}
		if q, ok := f.common[h]; ok {
			list[i] = -float32(q) / step
		}
	}
	return list
}

// valueHash is the 48-bit hash by which a model knows a value.
func valueHash(key uint64, text string) uint64 {
	h := uint64(14695981039346656037) ^ key
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return h >> 16
}

type frequenciesJSON struct {
	Usual  float64 `json:"usual"`
	Rare   float64 `json:"rare"`
	Common string  `json:"common,omitempty"` // base64 of seven bytes per value: six of its hash, one of its share
}

// MarshalJSON implements json.Marshaler.
func (f frequencies) MarshalJSON() ([]byte, error) {
	list := make([]uint64, 0, len(f.common))
	for h, q := range f.common {
		list = append(list, h<<8|uint64(q))
	}
	slices.Sort(list)
	b := make([]byte, 0, 7*len(list))
	for _, v := range list {
		b = append(b, binary.BigEndian.AppendUint64(nil, v)[1:]...)
	}
	return json.Marshal(frequenciesJSON{f.usual, f.rare, base64.StdEncoding.EncodeToString(b)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *frequencies) UnmarshalJSON(data []byte) error {
	var j frequenciesJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	b, err := base64.StdEncoding.DecodeString(j.Common)
	if err != nil || len(b)%7 != 0 {
		return fmt.Errorf("read the common values of a model: %d bytes that are no list of hashes", len(b))
	}
	*f = frequencies{usual: j.Usual, rare: j.Rare, common: make(map[uint64]uint8, len(b)/7)}
	for ; len(b) > 0; b = b[7:] {
		var eight [8]byte
		copy(eight[1:], b[:7])
		v := binary.BigEndian.Uint64(eight[:])
		f.common[v>>8] = uint8(v)
	}
	return nil
}
