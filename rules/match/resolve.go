package match

import (
	"cmp"
	"encoding/binary"
	"slices"
)

const (
	// maxClasses bounds the pairwise comparison of kinds of records within a
	// block or a cluster. More kinds that contradict each other than this is
	// a value that everybody uses, not a customer.
	maxClasses = 256
	// maxPairs bounds the records of one block whose agreements are listed
	// pair by pair; above it each is paired with the first.
	maxPairs = 64
)

// resolveBlock splits the records of one block into clusters. Without a
// confirm role they are one. With one, records of equal confirm values are a
// class; classes that contradict each other stay apart, and a class that
// could belong to several of them (a blank name) joins none of them.
// Reviews are noted when note is set.
func (g *grouper) resolveBlock(line uint8, recs []uint32, note bool) [][]uint32 {
	if line == NoLine || len(g.in.Lines[line].Confirm) == 0 {
		return [][]uint32{recs}
	}
	confirm := g.in.Lines[line].Confirm
	classes := g.classes(recs, confirm)
	if len(classes) == 1 {
		return [][]uint32{recs}
	}
	if len(classes) > maxClasses {
		if note {
			g.dropped = append(g.dropped, Dropped{Line: line, First: recs[0], Records: len(recs), Groups: len(classes)})
		}
		return classes
	}
	against := func(i, j int) bool {
		return contradict(g.in.Values(classes[i][0]), g.in.Values(classes[j][0]), confirm)
	}
	groups, torn := separate(len(classes), against)
	var clusters [][]uint32
	for _, grp := range groups {
		var c []uint32
		for _, k := range grp {
			c = append(c, classes[k]...)
		}
		g.sortByRank(c)
		clusters = append(clusters, c)
	}
	slices.SortFunc(clusters, func(a, b []uint32) int { return cmp32(g.in.Rank[a[0]], g.in.Rank[b[0]]) })
	if note {
		for i := 1; i < len(clusters); i++ {
			g.reviewBetween(clusters[0], clusters[i], line, Contradicted)
		}
	}
	if len(torn) > 0 {
		first := clusters[0]
		for _, k := range torn {
			for _, r := range classes[k] {
				if note {
					g.reviewBetween(first, []uint32{r}, line, BetweenTwo)
					g.torn[r] = true
				}
				clusters = append(clusters, []uint32{r})
			}
		}
	}
	return clusters
}

// separate sorts n classes into groups without a contradiction. Classes that
// nothing contradicts join the one group there is; when there are several
// they are torn between them.
func separate(n int, against func(i, j int) bool) (groups [][]int, torn []int) {
	matrix := make([][]bool, n)
	anchored := make([]bool, n)
	for i := range matrix {
		matrix[i] = make([]bool, n)
	}
	for i := range n {
		for j := i + 1; j < n; j++ {
			if against(i, j) {
				matrix[i][j], matrix[j][i] = true, true
				anchored[i], anchored[j] = true, true
			}
		}
	}
	for i := range n {
		if !anchored[i] {
			torn = append(torn, i)
			continue
		}
		placed := false
		for k, grp := range groups {
			if !slices.ContainsFunc(grp, func(j int) bool { return matrix[i][j] }) {
				groups[k] = append(grp, i)
				placed = true
				break
			}
		}
		if !placed {
			groups = append(groups, []int{i})
		}
	}
	if len(groups) == 0 {
		return [][]int{torn}, nil
	}
	return groups, torn
}

// classes sorts records by their values of the roles; recs come in rank
// order and so do the classes and their records.
func (g *grouper) classes(recs []uint32, roles []uint8) [][]uint32 {
	index := map[string]int{}
	var out [][]uint32
	var sig []byte
	for _, r := range recs {
		sig = g.signature(sig[:0], r, roles)
		k, ok := index[string(sig)]
		if !ok {
			k = len(out)
			index[string(sig)] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], r)
	}
	return out
}

func (g *grouper) signature(dst []byte, rec uint32, roles []uint8) []byte {
	var vals []Value
	for _, v := range g.in.Values(rec) {
		if slices.Contains(roles, v.Role) {
			vals = append(vals, v)
		}
	}
	slices.SortFunc(vals, func(a, b Value) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Hash, b.Hash))
	})
	for _, v := range vals {
		dst = append(dst, v.Role)
		dst = binary.BigEndian.AppendUint64(dst, v.Hash)
	}
	return dst
}

func (g *grouper) sortByRank(recs []uint32) {
	slices.SortFunc(recs, func(a, b uint32) int { return cmp32(g.in.Rank[a], g.in.Rank[b]) })
}
