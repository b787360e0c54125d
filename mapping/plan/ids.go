package plan

// idRef refers to a canonical ID in an idPool; 0 is none.
type idRef uint32

// idPool keeps canonical IDs end to end, without a header for each, in blocks
// of batchRows.
type idPool struct {
	blocks []ragged[byte]
	n      int
}

// len is how many IDs there are. The last one added is the idRef of that
// number.
func (p *idPool) len() int { return p.n }

func (p *idPool) add(id []byte) idRef { return addID(p, id) }

func (p *idPool) addString(id string) idRef { return addID(p, id) }

func addID[S string | []byte](p *idPool, id S) idRef {
	last := len(p.blocks) - 1
	if p.n&(batchRows-1) == 0 {
		var block ragged[byte]
		if last >= 0 {
			block.like(&p.blocks[last])
		}
		p.blocks = append(p.blocks, block)
		last++
	}
	b := &p.blocks[last]
	b.data = append(b.data, id...)
	b.ends = append(b.ends, uint32(len(b.data)))
	p.n++
	return idRef(p.n)
}

func (p *idPool) bytes(r idRef) []byte {
	if r == 0 {
		return nil
	}
	return p.blocks[(r-1)>>batchBits].at(int((r - 1) & (batchRows - 1)))
}

func (p *idPool) get(r idRef) string { return string(p.bytes(r)) }

// truncate forgets the IDs added after the first n.
func (p *idPool) truncate(n int) {
	p.n = n
	p.blocks = p.blocks[:(n+batchRows-1)>>batchBits]
	if rest := n & (batchRows - 1); rest > 0 {
		b := &p.blocks[len(p.blocks)-1]
		b.ends = b.ends[:rest]
		b.data = b.data[:b.ends[rest-1]]
	}
}
