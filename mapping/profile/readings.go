package profile

import "context"

// readings is what one worker found out about the numbers.
type readings struct {
	found                []*reading
	configured           []*reading
	refused, unexplained int64
	excepted             int64
	exceptions           *tally // IDs as received
	folded               *tally // IDs as received that are not their own keys
	suspects             *tally // keys that look like placeholders
	buf                  []byte
}

func (a *analysis) newReadings() *readings {
	r := &readings{exceptions: newTally(exceptionLimit), folded: newTally(tallyLimit), suspects: newTally(tallyLimit)}
	for _, s := range a.foundSet.Schemes() {
		r.found = append(r.found, newReading(s))
	}
	for _, s := range a.set.Schemes() {
		r.configured = append(r.configured, newReading(s))
	}
	for i, d := range a.described(r) {
		d.describe(a.counters[i])
	}
	return r
}

// described are the readings whose components are told of.
func (a *analysis) described(r *readings) []*reading {
	if a.own {
		return r.configured
	}
	return r.found
}

// read reads all numbers by their schemes. similar are the loose forms that
// several keys share.
func (a *analysis) read(ctx context.Context, similar *repeats) (*result, error) {
	out := &result{similar: int64(len(similar.keys))}
	alike := similar.worst()
	var folded map[uint64]bool
	folded, out.foldedKeys = a.repeats.folded()
	all := make([]*readings, workers())
	for i := range all {
		all[i] = a.newReadings()
	}
	err := a.each(ctx, func(w int, b *block) {
		r := all[w]
		for text, line := range b.all() {
			key, err := a.key(text)
			if err != nil {
				continue
			}
			a.readOne(r, text, key, line)
			if len(alike) > 0 {
				r.buf = appendLoose(r.buf[:0], key)
				if h := sum64(r.buf); alike[h] {
					out.alike.add(h, key, line)
				}
			}
			if len(folded) > 0 {
				if h := sum64(key); folded[h] {
					out.spelled.add(h, text, line)
				}
			}
		}
	})
	out.readings = all[0]
	for i, r := range all[1:] {
		out.merge(r)
		all[i+1] = nil
	}
	return out, err
}

// result is what all workers found out.
type result struct {
	*readings
	similar, foldedKeys int64
	alike, spelled      groups
}

func (a *analysis) readOne(r *readings, text, key string, line int64) {
	_, at := a.foundSet.Key(key)
	known := at >= 0 && len(r.found) > 0
	if known {
		r.found[at].add(key)
	}
	fits := known
	if len(r.configured) > 0 {
		_, at := a.set.Key(key)
		if fits = at >= 0; fits {
			r.configured[at].add(key)
		}
		switch {
		case known && !fits:
			r.refused++
		case fits && !known:
			r.unexplained++
		}
	}
	switch {
	case !fits:
		r.excepted++
		r.exceptions.add(sum64(text), text, 1, line)
	case text != key:
		r.folded.add(sum64(text), text, 1, line)
	}
	if suspect(key) {
		r.suspects.add(sum64(key), key, 1, line)
	}
}

func (r *readings) merge(o *readings) {
	r.refused += o.refused
	r.unexplained += o.unexplained
	r.excepted += o.excepted
	for i := range r.found {
		r.found[i].merge(o.found[i])
	}
	for i := range r.configured {
		r.configured[i].merge(o.configured[i])
	}
	r.exceptions.merge(o.exceptions)
	r.folded.merge(o.folded)
	r.suspects.merge(o.suspects)
}
