package crosswalk

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestArchiveTables makes sure that an archive has every column of every
// table that is not about the present alone.
func TestArchiveTables(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), t.TempDir()+"/crosswalk.db", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var tables []string
	if err := s.db.SelectContext(t.Context(), &tables, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'xwalk_%' "+
		"AND name NOT IN ('xwalk_lease', 'xwalk_claim') ORDER BY name"); err != nil {
		t.Fatal(err)
	}
	var archived []string
	for i := range archiveTables {
		at := &archiveTables[i]
		archived = append(archived, "xwalk_"+at.name)
		var stored []string
		if err := s.db.SelectContext(t.Context(), &stored, "SELECT name FROM pragma_table_info(?)", "xwalk_"+at.name); err != nil {
			t.Fatal(err)
		}
		names := at.names()
		slices.Sort(names)
		slices.Sort(stored)
		if diff := cmp.Diff(stored, names); diff != "" {
			t.Errorf("columns of %s (-stored +archived):\n%s", at.name, diff)
		}
	}
	slices.Sort(archived)
	if diff := cmp.Diff(tables, archived); diff != "" {
		t.Errorf("tables (-stored +archived):\n%s", diff)
	}
}
