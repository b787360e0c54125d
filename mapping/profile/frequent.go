package profile

import "strings"

// frequent finds the few texts that fill a good part of a column of many
// distinct texts, in fixed memory. Texts fall into buckets by their hash.
// Within a bucket every text votes for itself and against the others, after
// Boyer and Moore: one that is the majority there wins in any order. So texts
// are found that are far more frequent than the average bucket is full.
type frequent struct {
	buckets []bucket
	texts   []leader // by bucket; apart, as they are seldom touched
	rows    int64
}

// bucket is small, so that all of them stay in the fastest memory there is.
type bucket struct {
	hash  uint32 // the upper half
	votes uint32
	rows  uint32
}

// leader is a text that once led its bucket by textVotes.
type leader struct {
	hash uint32
	text string
}

const (
	frequentBuckets = 2048
	textVotes       = 8 // leads that are not worth a copy of the text
)

func (f *frequent) add(sum uint64, text string, rows int64) {
	if f.buckets == nil {
		f.buckets, f.texts = make([]bucket, frequentBuckets), make([]leader, frequentBuckets)
	}
	f.rows += rows
	hash, n := uint32(sum>>32), uint32(rows)
	b := &f.buckets[sum%frequentBuckets]
	b.rows += n
	switch {
	case b.hash == hash:
		b.votes += n
	case b.votes >= n:
		b.votes -= n
		return
	default:
		b.hash, b.votes = hash, n-b.votes
	}
	if b.votes >= textVotes {
		if l := &f.texts[sum%frequentBuckets]; l.hash != hash {
			l.hash, l.text = hash, strings.Clone(text)
		}
	}
}

// top lists texts that fill at least one row in a thousand, the most frequent
// first. Their counts are nearly right: the bucket's rows less what
// an average bucket holds.
func (f *frequent) top(n int) []slot {
	usual := f.rows / frequentBuckets
	least := max(4*textVotes, 2*usual)
	found := newTally(frequentBuckets)
	for i, b := range f.buckets {
		if count := int64(b.rows) - usual; count >= least && f.texts[i].hash == b.hash {
			found.add(uint64(b.hash)<<32|uint64(i), f.texts[i].text, count, 0)
		}
	}
	return found.top(n)
}
