package infer

import (
	"cmp"
	"slices"
	"strings"
)

// mark stands in an ID for the check characters that were recognised there. No
// ID that is looked at holds it.
const mark = '\x01'

// Kinds of runs of characters. A run of any others is a separator.
const (
	digitRun     = 'D'
	letterRun    = 'A'
	separatorRun = 'S'
	markRun      = 'C'
)

// run is a stretch of characters of one kind in an ID, in bytes.
type run struct {
	kind       byte
	start, end int
}

func kindOf(b byte) byte {
	switch {
	case '0' <= b && b <= '9':
		return digitRun
	case 'a' <= b|0x20 && b|0x20 <= 'z':
		return letterRun
	case b == mark:
		return markRun
	}
	return separatorRun
}

// runs appends the runs of id to dst.
func runs(dst []run, id string) []run {
	for i := 0; i < len(id); {
		kind, start := kindOf(id[i]), i
		i++
		for i < len(id) && kindOf(id[i]) == kind && kind != markRun {
			i++
		}
		dst = append(dst, run{kind, start, i})
	}
	return dst
}

// shape is an ID without its widths: D for digits, A for letters, separators
// as they are after S. coarse takes letters and digits together, as X.
func shape(id string, coarse bool) string {
	var buf [64]byte
	dst := buf[:0]
	last := byte(0)
	for i := range len(id) {
		kind := kindOf(id[i])
		if coarse && (kind == digitRun || kind == letterRun) {
			kind = 'X'
		}
		switch {
		case kind == separatorRun:
			dst = append(dst, separatorRun, id[i])
		case kind != last || kind == markRun:
			dst = append(dst, kind)
		}
		last = kind
	}
	return string(dst)
}

// bucket is the IDs that have something in common.
type bucket struct {
	key string
	ids []string
}

// buckets groups ids by key, the largest group first. Groups of fewer than
// least IDs are left out, and so are IDs without a key.
func buckets(ids []string, least int, key func(string) string) []bucket {
	at := map[string]int{}
	var all []bucket
	for _, id := range ids {
		k := key(id)
		if k == "" {
			continue
		}
		i, ok := at[k]
		if !ok {
			i = len(all)
			at[k] = i
			all = append(all, bucket{key: k})
		}
		all[i].ids = append(all[i].ids, id)
	}
	all = slices.DeleteFunc(all, func(b bucket) bool { return len(b.ids) < least })
	slices.SortFunc(all, func(a, b bucket) int {
		return cmp.Or(cmp.Compare(len(b.ids), len(a.ids)), strings.Compare(a.key, b.key))
	})
	return all
}

// without is pool without the IDs of gone.
func without(pool, gone []string) []string {
	if len(gone) == 0 {
		return pool
	}
	set := make(map[string]struct{}, len(gone))
	for _, id := range gone {
		set[id] = struct{}{}
	}
	return slices.DeleteFunc(slices.Clone(pool), func(id string) bool { _, ok := set[id]; return ok })
}
