package profile

import "testing"

// TestShown quotes IDs, and masks what got into their column by mistake.
func TestShown(t *testing.T) {
	t.Parallel()
	tests := []struct{ id, want string }{
		{"K-0007", "K-0007"},
		{"1234567", "1234567"},
		{"客2024001", "客2024001"},
		{"n/a", "n/a"},
		{"TEST", "TEST"},
		{"Total", "Total"},
		{"BE", "BE"},
		{"Li", "L*"},
		{"合计", "合计"},
		{"Mona Lisa", "M*** L***"},
		{"张三丰", "张**"},
		{"mona.lisa@example.com", "m***@e***.com"},
		{"12 Hidden Street", "1* H***** S*****"},
		{"13912345678", "*******5678"},
		{"+44 20 7946 0001", "+** ** **** 0001"},
		{"11010519491231002X", "**************002X"},
	}
	for _, tt := range tests {
		if got := Shown(tt.id); got != tt.want {
			t.Errorf("%q is shown as %q, want %q", tt.id, got, tt.want)
		}
	}
}
