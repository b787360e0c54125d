package csv

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors"
)

// FuzzOpen: no file makes Open or a pass panic, and two passes agree.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{
		"id,name\n1,Ann\n", "\xFF\xFEi\x00d\x00\n\x00", "sep=;\nid;name\n", "\x1F\x8B\x08", "id\tname\r1\t\xD5\xC5\r", "\xEF\xBB\xBF",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		src, err := Open(t.Context(), Config{Path: write(t, "f.csv", content)}, connectors.Request{})
		if err != nil {
			return
		}
		first := drain(t.Context(), src)
		if diff := cmp.Diff(first, drain(t.Context(), src)); diff != "" {
			t.Errorf("second pass (-first +second):\n%s", diff)
		}
	})
}
