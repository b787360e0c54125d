package match

import "slices"

// differ reports whether two records have different values of a differ role.
func (g *grouper) differ(a, b uint32) bool {
	if len(g.in.Differ) == 0 {
		return false
	}
	return contradict(g.in.Values(a), g.in.Values(b), g.in.Differ)
}

// contradict reports whether, for some of the roles, both sides have values
// and share none.
func contradict(a, b []Value, roles []uint8) bool {
	for _, role := range roles {
		var hasA, hasB, shared bool
		for _, va := range a {
			if va.Role != role {
				continue
			}
			hasA = true
			for _, vb := range b {
				if vb.Role == role && vb.Hash == va.Hash {
					shared = true
				}
			}
		}
		for _, vb := range b {
			hasB = hasB || vb.Role == role
		}
		if hasA && hasB && !shared {
			return true
		}
	}
	return false
}

// anyDiffer reports whether a record on one side has another value of a
// differ role than one on the other.
func (g *grouper) anyDiffer(as, bs []uint32) bool {
	if len(g.in.Differ) == 0 {
		return false
	}
	for _, a := range as {
		for _, b := range bs {
			if g.differ(a, b) {
				return true
			}
		}
	}
	return false
}

// mayDiffer reports whether a record has a value of a differ role.
func (g *grouper) mayDiffer(rec uint32) bool {
	return slices.ContainsFunc(g.in.Values(rec), func(v Value) bool { return slices.Contains(g.in.Differ, v.Role) })
}
