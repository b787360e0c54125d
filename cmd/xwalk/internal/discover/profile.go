package discover

import (
	"github.com/xwalk-id/xwalk/mapping/profile"
)

// Profile is what was counted on the way to understanding the source: the
// numbers of its ID and of what finds customers too, and all columns.
func (s *Source) Profile() *profile.Profile {
	p := &profile.Profile{Source: s.String(), Rows: s.Rows, Rejects: s.Rejects, Alike: s.alike}
	for _, r := range s.Recognized {
		p.Settings = append(p.Settings, profile.Setting{Key: r.Key, Value: r.Value})
	}
	numbers := map[string]bool{}
	for _, n := range append([]Number{s.ID}, s.Also...) {
		seen := n.Seen
		seen.Name = s.Name
		if n.Name != "" {
			seen.Name += "." + n.Name
		}
		p.IDs = append(p.IDs, seen)
		for _, c := range n.Columns {
			numbers[c] = true
		}
	}
	for _, c := range s.columns {
		column := c.Column
		if numbers[column.Name] {
			column.Frequent = nil // told of as duplicates
		}
		p.Columns = append(p.Columns, column)
	}
	return p
}
