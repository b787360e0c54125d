package similar

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// chains is in how many places the companies of a name are, by hash of the
// name, for names that are in several. The more there are, the likelier are
// two records of the name two branches.
type chains map[uint64]uint8

// mostChains is how many names a model lists, those in most places first.
const mostChains = 8192

// countChains counts in how many cities, or else postal codes, there are
// companies of a name.
func (t *table) countChains(key uint64) chains {
	company := t.slot("company")
	if company < 0 || t.kinds == nil {
		return nil
	}
	sl := &t.slots[company]
	own, parent := make([]uint64, len(sl.forms)), make([]uint64, len(sl.forms))
	for i := 1; i < len(sl.forms); i++ {
		own[i], parent[i] = sl.chainHashes(&sl.forms[i], key)
	}
	places := map[uint64]int{}
	for _, role := range [2]string{"city", "postal_code"} {
		slot := t.slot(role)
		if slot < 0 {
			continue
		}
		var list [][2]uint64
		for r := range uint32(t.n) {
			name, _ := t.form(r, company)
			at, _ := t.form(r, slot)
			if name == 0 || at == 0 || t.kind(r) != 1 {
				continue
			}
			list = append(list, [2]uint64{own[name], uint64(at)})
			if parent[name] != 0 && sl.branchAt(&sl.forms[name], t.slots[slot].forms[at].text) {
				list = append(list, [2]uint64{parent[name], uint64(at)})
			}
		}
		slices.SortFunc(list, func(a, b [2]uint64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
		list = slices.Compact(list)
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n][0] == list[0][0] {
				n++
			}
			places[list[0][0]] = max(places[list[0][0]], n)
			list = list[n:]
		}
	}
	return mostPlaces(places)
}

// mostPlaces leaves the names that are in several places, and no more of them
// than a model lists: all that are in as many places, or none.
func mostPlaces(places map[uint64]int) chains {
	var names [256]int // by number of places
	for _, n := range places {
		names[min(n, 255)]++
	}
	fewest, listed := 256, 0
	for fewest > 2 && listed+names[fewest-1] <= mostChains {
		fewest--
		listed += names[fewest]
	}
	c := chains{}
	for h, n := range places {
		if n = min(n, 255); n >= fewest {
			c[h] = uint8(n)
		}
	}
	return c
}

// chainHashes are the hashes of a company's name without spaces and, if its
// last word may say which branch it is, of the name without that; 0 if not.
func (s *slot) chainHashes(f *form, key uint64) (own, parent uint64) {
	words := s.wordsOf(f)
	rest := len(words) - 1
	if rest >= 2 && s.chineseBranch(f) { // Shanghai, branch
		rest--
	}
	var b strings.Builder
	for i, w := range words {
		if i == rest && (i > 1 || rest < len(words)-1) { // one word may be anybody's
			parent = valueHash(key, b.String())
		}
		b.WriteString(s.words[w].text)
	}
	return valueHash(key, b.String()), parent
}

// chineseBranch reports whether a name ends like that of a branch: 分公司.
func (s *slot) chineseBranch(f *form) bool {
	words := s.wordsOf(f)
	return len(words) > 0 && strings.HasPrefix(s.words[words[len(words)-1]].text, "分")
}

// branchAt reports whether a name tells that it is the branch at a place.
func (s *slot) branchAt(f *form, place string) bool {
	words := s.wordsOf(f)
	return s.chineseBranch(f) || len(words) > 1 && s.words[words[len(words)-1]].text == place
}

// readChains looks up in how many places the names of companies are.
func (s *scorer) readChains() {
	if s.company < 0 {
		return
	}
	sl := &s.t.slots[s.company]
	s.places = make([]uint8, len(sl.forms))
	for i := 1; i < len(sl.forms) && len(s.model.Chains) > 0; i++ {
		own, parent := sl.chainHashes(&sl.forms[i], s.model.Key)
		s.places[i] = max(s.model.Chains[own], s.model.Chains[parent])
	}
}

// spread is in how many places the companies of a name are that both records
// have; 0 where their names differ. Two addresses are two places.
func (o *outcome) spread() uint8 {
	if o.places == 1 && o.level[onAddress] >= lineStreet {
		return 2
	}
	return o.places
}

// branches is how many times likelier than usual another record of a name that
// is in so many places is a branch.
func branches(places uint8) float64 {
	switch places {
	case 0: // the names differ
		return 1
	case 1:
		return 0.008
	case 2:
		return 0.07
	}
	return float64(places - 1)
}

// MarshalJSON writes seven bytes per name, six of its hash, one of its number
// of places.
func (c chains) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 7*len(c))
	for _, h := range slices.Sorted(maps.Keys(c)) {
		b = append(b, binary.BigEndian.AppendUint64(nil, h<<8|uint64(c[h]))[1:]...)
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(b))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *chains) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b)%7 != 0 {
		return fmt.Errorf("read the names of a model that are in several places: %d bytes that are no list of hashes", len(b))
	}
	*c = make(chains, len(b)/7)
	for ; len(b) > 0; b = b[7:] {
		var eight [8]byte
		copy(eight[1:], b[:7])
		v := binary.BigEndian.Uint64(eight[:])
		(*c)[v>>8] = uint8(v)
	}
	return nil
}
