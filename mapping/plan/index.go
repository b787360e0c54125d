package plan

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Index lists, by hash and then in the order of Writes, the n entries by
// which the link rows can be looked up in one of [rules.Indexes]. The keys of
// the entries are good as long as the list is. It takes about 30 bytes for
// each entry.
func (p *Plan) Index(no int) (entries iter.Seq[crosswalk.IndexEntry], n int, err error) {
	if p.entries != nil {
		list, err := p.entries(no)
		return slices.Values(list), len(list), err
	}
	if p.unindexed {
		return func(func(crosswalk.IndexEntry) bool) {}, 0, nil
	}
	order := make([]place, 0, p.Links)
	var keys keyBlocks
	for w, err := range p.body(false) {
		if err != nil {
			return nil, 0, err
		}
		for _, x := range w.Index {
			if int(x.Index) == no {
				order = append(order, place{x.Hash, keys.add(w.Link.Key), uint32(w.Link.Source<<8 | len(w.Link.Key))})
			}
		}
	}
	// Names repeat so often that comparing keys would be most of the sorting.
	sortPlaces(order)
	return func(yield func(crosswalk.IndexEntry) bool) {
		for _, o := range order {
			if !yield(crosswalk.IndexEntry{Hash: o.hash, Source: int(o.of >> 8), Key: keys.at(o.at, int(o.of&255))}) {
				return
			}
		}
	}, len(order), nil
}

// place is an entry of an index in the making: its hash and its key, which
// rises in the order of Writes.
type place struct {
	hash uint64
	at   uint32
	of   uint32 // the source, and in the last byte how long the key is, 255 at most
}

// sortPlaces sorts by hash, then by key. Hashes are spread evenly, so they are
// dealt out by their first byte, and what is sorted then fits into the caches.
func sortPlaces(order []place) {
	var ends, next [257]int
	for i := range order {
		ends[order[i].hash>>56+1]++
	}
	for c := range 256 {
		ends[c+1] += ends[c]
		next[c] = ends[c]
	}
	for c := range 256 {
		for next[c] < ends[c+1] {
			p := order[next[c]]
			home := p.hash >> 56
			order[next[c]], order[next[home]] = order[next[home]], p
			next[home]++
		}
	}
	for c := range 256 {
		slices.SortFunc(order[ends[c]:ends[c+1]], func(x, y place) int {
			if c := cmp.Compare(x.hash, y.hash); c != 0 {
				return c
			}
			return cmp.Compare(x.at, y.at)
		})
	}
}

// keyBlocks keeps keys end to end in blocks that never move.
type keyBlocks struct{ blocks [][]byte }

const keyBlockBits = 20

// add keeps a key, which is shorter than a block, and says where.
func (k *keyBlocks) add(key string) uint32 {
	last := len(k.blocks) - 1
	if last < 0 || len(k.blocks[last])+len(key) > 1<<keyBlockBits {
		k.blocks = append(k.blocks, make([]byte, 0, 1<<keyBlockBits))
		last++
	}
	at := uint32(last<<keyBlockBits | len(k.blocks[last]))
	k.blocks[last] = append(k.blocks[last], key...)
	return at
}

func (k *keyBlocks) at(at uint32, size int) string {
	start := at & (1<<keyBlockBits - 1)
	return view(k.blocks[at>>keyBlockBits][start:][:size])
}

// indexHashBytes is how many bytes an index hash takes in a batch: a third of
// them would be padding otherwise.
const indexHashBytes = 9

func appendIndexHash(dst []byte, x rules.IndexHash) []byte {
	return binary.BigEndian.AppendUint64(append(dst, x.Index), x.Hash)
}

// appendIndexHashes reads what appendIndexHash wrote.
func appendIndexHashes(dst []rules.IndexHash, b []byte) []rules.IndexHash {
	for ; len(b) >= indexHashBytes; b = b[indexHashBytes:] {
		dst = append(dst, rules.IndexHash{Index: b[0], Hash: binary.BigEndian.Uint64(b[1:])})
	}
	return dst
}
