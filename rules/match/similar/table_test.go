package similar

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestTable reads random values back.
func TestTable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]string{"a", "b", "ab", "ba", "Ä", "张伟", "a b", "0", "00"})
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.SliceOfN(value, 0, 3), 2, 2), 1, 40).Draw(t, "records, roles, values")
		in := Input{Roles: []string{"city", "region"}, Rank: make([]uint32, len(rows))}
		in.Traits = func(rec uint32) (b []byte) {
			for role, values := range rows[rec] {
				for _, v := range values {
					b = AppendTrait(b, role, v)
				}
			}
			return b
		}
		tab, err := newTable(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for c := range tab.cols {
			col := &tab.cols[c]
			records := map[string]uint32{}
			for rec, row := range rows {
				var want, got []string
				for _, v := range row[c] {
					if !slices.Contains(want, v) {
						want = append(want, v)
						records[v]++
					}
				}
				id, several := tab.first(uint32(rec), c)
				if id != 0 {
					got = append(got, col.text(id))
				}
				if several {
					for _, m := range tab.rest(uint32(rec), c) {
						got = append(got, col.text(uint32(m)))
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("record %d has %q, want %q", rec, got, want)
				}
			}
			for id := uint32(1); int(id) < col.size(); id++ {
				if col.count[id] != records[col.text(id)] {
					t.Fatalf("%q is counted %d times, want %d", col.text(id), col.count[id], records[col.text(id)])
				}
			}
		}
	})
}

func TestAddressParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want []string }{
		{[]string{"193", "finniss crescent"}, []string{"193 finniss crescent"}},
		{[]string{"193", "finniss crescent", "brentwood vlge"}, []string{"193 finniss crescent brentwood vlge"}},
		{[]string{"12 Main St", "Oak Park"}, []string{"12 Main St Oak Park"}},
		{[]string{"12 Main St", "55 Oak Ave"}, []string{"12 Main St", "55 Oak Ave"}},
		{[]string{"finniss crescent"}, []string{"finniss crescent"}},
		{[]string{"上海市浦东新区", "世纪大道100号"}, []string{"上海市浦东新区 世纪大道100号"}},
	} {
		in := Input{Roles: []string{"address"}, Rank: []uint32{0}}
		in.Traits = func(uint32) (b []byte) {
			for _, v := range c.in {
				b = AppendTrait(b, 0, v)
			}
			return b
		}
		tab, err := newTable(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for id := uint32(1); int(id) < tab.cols[0].size(); id++ {
			got = append(got, tab.cols[0].text(id))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("the address %q is read as %q, want %q", c.in, got, c.want)
		}
	}
}
