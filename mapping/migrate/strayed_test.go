package migrate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Records of one customer that change at once stray from how each other was;
// what a person called the same does not stray.
func TestRecordsThatStrayTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email")}})
	w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,a@x.example\nC3,c@x.example\nC4,c@x.example\nC5,c@x.example")
	w.apply()
	w.say(crosswalk.Same, "crm C4", "crm C5", "")
	w.sheets["crm"] = table("id,email\nC1,new@x.example\nC2,other@x.example\nC3,c@x.example\nC4,d@x.example\nC5,c@x.example")
	w.apply()
	expectReviews(t, w, "crm C2, crm C1: strayed")
	if p := w.apply(); !p.Empty() {
		t.Errorf("a second run changes %+v", p)
	}
}

// A review of a stray arises exactly where a changed record agreed with one
// of its customer before, and agrees with none now.
func TestStrays(t *testing.T) {
	t.Parallel()
	lines := [][]int{{1}, {2, 3}} // columns
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		defer os.RemoveAll(dir)
		w := newWorld(t, filepath.Join(dir, "x.db"), rules.Config{
			Matching: true, Same: same("email", "phone+name"), Keep: rapid.SampledFrom([]rules.Keep{rules.KeepFields, rules.KeepKeys}).Draw(rt, "keep"),
			Sources: []rules.Source{source("crm", "email", "phone", "name")},
		})
		cells := [][]string{nil, {"a@x.example", "b@x.example", ""}, {"+8613912784406", ""}, {"Al", "Bea"}}
		draw := func() (row []string) {
			for _, values := range cells[1:] {
				row = append(row, rapid.SampledFrom(values).Draw(rt, "cell"))
			}
			return row
		}
		var old, now [][]string
		for i := range rapid.IntRange(2, 6).Draw(rt, "rows") {
			row := append([]string{fmt.Sprintf("C%d", i+1)}, draw()...)
			old, now = append(old, row), append(now, row)
			if rapid.IntRange(0, 2).Draw(rt, "changes") == 0 {
				now[i] = append(slices.Clone(row[:1]), draw()...)
			}
		}
		// Whatever is drawn, one strays.
		old = append(old, []string{"C8", "s@x.example", "", "Al"}, []string{"C9", "s@x.example", "", "Al"})
		now = append(now, []string{"C8", "s@x.example", "", "Al"}, []string{"C9", "t@x.example", "", "Bea"})
		agree := func(a, b []string) bool {
			return slices.ContainsFunc(lines, func(l []int) bool {
				return !slices.ContainsFunc(l, func(c int) bool { return a[c] == "" || a[c] != b[c] })
			})
		}
		group := make([]int, len(old)) // by chains, as the first run joins them
		for i := range group {
			group[i] = i
		}
		for range old {
			for i := range old {
				for k := range old {
					if agree(old[i], old[k]) {
						group[i], group[k] = min(group[i], group[k]), min(group[i], group[k])
					}
				}
			}
		}
		want := map[string]bool{}
		for i := range old {
			did, does := false, false
			for k := range old {
				if k != i && group[k] == group[i] {
					did, does = did || agree(old[i], old[k]), does || agree(now[i], now[k])
				}
			}
			if did && !does && !slices.Equal(old[i], now[i]) {
				want[now[i][0]] = true
			}
		}
		header := []string{"id", "email", "phone", "name"}
		w.sheets["crm"] = &sheet{header, old}
		w.apply()
		w.sheets["crm"] = &sheet{header, now}
		p := w.apply()
		got := map[string]bool{}
		for _, r := range p.Reviews {
			if r.Rule != rules.StrayedRule {
				continue
			}
			if !want[r.Left.Key] && !want[r.Right.Key] {
				rt.Fatalf("%s and %s: nothing strayed from %v to %v", r.Left.Key, r.Right.Key, old, now)
			}
			got[r.Left.Key], got[r.Right.Key] = true, true
		}
		for id := range want {
			if !got[id] {
				rt.Fatalf("%s strayed from %v to %v, and nobody is asked: %+v", id, old, now, p.Reviews)
			}
		}
		if p = w.apply(); !p.Empty() {
			rt.Fatalf("running again changes %+v", p)
		}
	})
}
