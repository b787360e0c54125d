package plan

// idRef refers to a canonical ID in an idPool; 0 is none.
type idRef uint32

// idPool keeps canonical IDs end to end, without a header for each.
type idPool struct {
	text []byte
	ends []uint64
}

func (p *idPool) add(id []byte) idRef {
	p.text = append(p.text, id...)
	p.ends = append(p.ends, uint64(len(p.text)))
	return idRef(len(p.ends))
}

func (p *idPool) addString(id string) idRef {
	p.text = append(p.text, id...)
	p.ends = append(p.ends, uint64(len(p.text)))
	return idRef(len(p.ends))
}

func (p *idPool) bytes(r idRef) []byte {
	if r == 0 {
		return nil
	}
	start := uint64(0)
	if r > 1 {
		start = p.ends[r-2]
	}
	return p.text[start:p.ends[r-1]]
}

func (p *idPool) get(r idRef) string { return string(p.bytes(r)) }

// truncate forgets the IDs added after the first n.
func (p *idPool) truncate(n int) {
	p.ends = p.ends[:n]
	if n == 0 {
		p.text = p.text[:0]
	} else {
		p.text = p.text[:p.ends[n-1]]
	}
}
