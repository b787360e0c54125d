package report

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
)

// bucket is records of one source of which the same is to be said. Places are
// the first few of them, or all.
type bucket struct {
	source, what string
	places       []string
	n            int64
}

// buckets groups records in the order in which they come.
type buckets struct {
	order []*bucket
	by    map[[2]string]*bucket
	all   bool
}

// add counts a record under a source and what groups it. The first of a group
// says what the group is about.
func (s *buckets) add(source, group, what, place string) {
	if s.by == nil {
		s.by = map[[2]string]*bucket{}
	}
	key := [2]string{source, group}
	k := s.by[key]
	if k == nil {
		k = &bucket{source: source, what: what}
		s.by[key] = k
		s.order = append(s.order, k)
	}
	k.n++
	if k.n <= Samples || s.all {
		k.places = append(k.places, place)
	}
}

// write prints the groups, the largest first. further is what more of them
// are called.
func (s *buckets) write(b *bufio.Writer, style Style, further string) {
	slices.SortStableFunc(s.order, func(x, y *bucket) int { return int(y.n - x.n) })
	for i, k := range s.order {
		if i == 2*Samples && !s.all {
			more(b, style, int64(len(s.order)-i), further+"; --format json shows them all")
			break
		}
		fmt.Fprintf(b, "    %s %s × %s\n", style.Dim(Clean(k.source)), Number(k.n), Clean(k.what))
		line := strings.Join(k.places, ", ")
		if rest := k.n - int64(len(k.places)); rest > 0 {
			line += fmt.Sprintf(", … %s more", Number(rest))
		}
		fmt.Fprintf(b, "      %s\n", style.Dim(Clean(line)))
	}
}

// writeRejects groups the rejects by source and reason, most frequent first.
// What would fit a damaged ID is no difference.
func (r *Run) writeRejects(b *bufio.Writer, o TextOptions) {
	if len(r.Rejects) == 0 {
		return
	}
	groups := buckets{all: o.All}
	for _, rej := range r.Rejects {
		group := rej.Reason
		for _, p := range rej.Proposals {
			group = strings.ReplaceAll(group, p, "")
		}
		place := rej.Place
		if rej.SourceID != "" {
			place += " " + rej.SourceID
		}
		groups.add(rej.Source, group, rej.Reason, place)
	}
	heading(b, o.Style, Style.Red, "✗", int64(len(r.Rejects)), "record rejected", "records rejected")
	groups.write(b, o.Style, "further reasons")
}

// writeRepairs groups the repaired IDs by source and kind of damage.
func (r *Run) writeRepairs(b *bufio.Writer, o TextOptions) {
	if len(r.Repairs) == 0 {
		return
	}
	groups := buckets{all: o.All}
	for _, rep := range r.Repairs {
		groups.add(rep.Source, rep.Kind, rep.Kind+": "+rep.Why, rep.Place+" "+rep.SourceID+" → "+rep.Repaired)
	}
	heading(b, o.Style, Style.Yellow, "~", int64(len(r.Repairs)), "ID repaired", "IDs repaired")
	groups.write(b, o.Style, "further kinds")
}
