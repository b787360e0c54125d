package discover

import (
	"testing"

	"github.com/xwalk-id/xwalk/mapping/profile"
)

// TestCouldNumber takes a column by its header where that says so, however its
// numbers are written, and not where it holds something else.
func TestCouldNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		header string
		values []string
		want   bool
	}{
		{"customer_id", []string{"C001", "C002"}, true},
		{"customer_id", []string{"001.002", "001.003"}, true},
		{"customer_id", []string{"17.0", "18.0"}, true},
		{"customer_id", []string{"K 0017", "K 0018"}, true},
		{"客户编号", []string{"ABCDEF", "GHIJKL"}, true},
		{"id", []string{"ann", "bob"}, true},
		{"customer_id", []string{"ann@example.com", "bob@example.com"}, false},
		{"customer_no", []string{"13912345678", "13912345679"}, false},
		{"客户编号", []string{"11010519491231002X", "110105194912310038"}, false},
		{"customer", []string{"Ann Ash", "Bob Bush"}, false},
		{"customer", []string{"C001", "C002"}, true},
		{"amount", []string{"17.05", "18.10"}, false},
		{"code", []string{"Ann Ash", "Bob Bush"}, false},
	}
	for _, tt := range tests {
		n := int64(len(tt.values))
		c := column{profile.Column{Name: tt.header, Rows: n, Distinct: n}, lookAt(tt.values)}
		if got := couldNumber(c); got != tt.want {
			t.Errorf("%s with %q could number the customers: %v, want %v", tt.header, tt.values, got, tt.want)
		}
	}
}
