package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// stewarded is a world in which rules, people and a steward have their say.
type stewarded struct {
	*world
	t *rapid.T
}

func drawStewarded(t *rapid.T, tb testing.TB) *stewarded {
	cfg := rules.Config{Matching: true, Sources: []rules.Source{source("crm", "email", "phone", "name"), source("shop", "email", "phone", "name")}}
	lines := same("email?name", "phone", "email")
	for _, k := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(lines)-1), 1, 2, rapid.ID[int]).Draw(t, "lines") {
		cfg.Same = append(cfg.Same, lines[k])
	}
	if rapid.Bool().Draw(t, "also") {
		cfg.Sources[0].Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	}
	w := newWorld(tb, "", cfg)
	w.policy.Merges = rapid.SampledFrom([]string{"auto", "review"}).Draw(t, "merges")
	w.policy.Reviews = rapid.SampledFrom([]string{"issue", "hold"}).Draw(t, "reviews")
	w.policy.Retire = rapid.Bool().Draw(t, "retire")
	s := &stewarded{w, t}
	s.drawSheets()
	return s
}

// drawSheets makes what the sources hold now; codes are nobody else's.
func (s *stewarded) drawSheets() {
	for _, name := range []string{"crm", "shop"} {
		sheet := &sheet{header: []string{"id", "email", "phone", "name", "code"}}
		for i := range 6 {
			if rapid.IntRange(0, 4).Draw(s.t, "there") == 0 {
				continue
			}
			pick := func(label string, n int) string {
				if k := rapid.IntRange(0, n).Draw(s.t, label); k > 0 {
					return fmt.Sprintf("%s%d", label, k)
				}
				return ""
			}
			email := pick("e", 4)
			if email != "" {
				email += "@x.example"
			}
			phone := pick("+4420794600", 4)
			if phone != "" {
				phone += "0"
			}
			sheet.rows = append(sheet.rows, []string{fmt.Sprintf("%c%d", name[0], i), email, phone, pick("n", 3), fmt.Sprintf("K%s%d", name, i)})
		}
		s.sheets[name] = sheet
	}
}

func (s *stewarded) held() bool {
	return slices.ContainsFunc(s.links(), func(l string) bool { return strings.HasSuffix(l, " held") })
}

// ids are the canonical IDs and source IDs that there are.
func (s *stewarded) ids() (numbers, links []string) {
	for _, l := range s.links() {
		id, number, _ := strings.Cut(l, "=")
		number, _, _ = strings.Cut(number, " ")
		if number != "" {
			numbers = append(numbers, number)
		}
		links = append(links, id)
	}
	for _, n := range s.numbers() {
		n, _, _ = strings.Cut(n, ">")
		n, _, _ = strings.Cut(n, " ")
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), links
}

// drawAct draws an act that may or may not make sense.
func (s *stewarded) drawAct() act {
	numbers, links := s.ids()
	number := func() string { return rapid.SampledFrom(numbers).Draw(s.t, "number") }
	link := func() string { return rapid.SampledFrom(links).Draw(s.t, "link") }
	what := number
	if rapid.Bool().Draw(s.t, "of a link") {
		what = link
	}
	switch rapid.IntRange(0, 6).Draw(s.t, "act") {
	case 0, 1:
		keep, override := "", rapid.Bool().Draw(s.t, "override")
		list := []string{number(), number()}
		if rapid.IntRange(0, 2).Draw(s.t, "more") == 0 {
			list = append(list, number())
		}
		if rapid.IntRange(0, 2).Draw(s.t, "keep") == 0 {
			keep = list[0]
		}
		return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Merge(ctx, snap, rs, list, keep, override, o)
		}
	case 2, 3:
		of := number()
		var mine []string
		for _, l := range s.means() {
			id, n, _ := strings.Cut(l, "=")
			if n == s.meaning(of) && rapid.Bool().Draw(s.t, "leaves") {
				mine = append(mine, id)
			}
		}
		return split(of, mine...)
	case 4:
		return renumberTo(number(), rapid.SampledFrom([]string{"", "", "VIP-1", "VIP-2"}).Draw(s.t, "to"))
	case 5:
		return retire(what())
	}
	return restore(what())
}

// meaning is what a number means now.
func (s *stewarded) meaning(number string) string {
	for _, n := range s.numbers() {
		if parts := strings.Split(n, ">"); len(parts) == 3 && parts[0] == number {
			return parts[2]
		}
	}
	return number
}

// checkNumbers checks that every retired number answers in one step, and that
// no merges go round in a circle.
func (s *stewarded) checkNumbers() {
	into, survivor := map[string]string{}, map[string]string{}
	for _, n := range s.numbers() {
		if parts := strings.Split(n, ">"); len(parts) == 3 {
			into[parts[0]], survivor[parts[0]] = parts[1], parts[2]
		}
	}
	for n := range into {
		at := n
		for steps := 0; into[at] != ""; steps++ {
			if at = into[at]; steps > len(into) {
				s.t.Fatalf("%s was merged in a circle", n)
			}
		}
		if at != survivor[n] || survivor[at] != "" {
			s.t.Fatalf("%s means %s, and its merges lead to %s", n, survivor[n], at)
		}
	}
}

// step does something and then holds the crosswalk to what stewards rely on:
// no later run takes back what they did, nor finds anything else to do.
func (s *stewarded) step() {
	undone := s.export()
	p, err := s.tryAct(s.drawAct())
	var no *plan.ActError
	var nothing *plan.NothingError
	var contrary crosswalk.ContraryErrors
	switch {
	case errors.As(err, &no), errors.As(err, &nothing), errors.As(err, &contrary):
		return
	case err != nil:
		s.t.Fatal(err)
	}
	s.checkNumbers()
	if rapid.IntRange(0, 3).Draw(s.t, "undo") == 0 {
		s.takeBack(p.Kind, undone)
		return
	}
	if got := s.customerCount(); got != p.Totals.Customers {
		s.t.Fatalf("the plan of %s counts %d customers, and there are %d", p.Kind, p.Totals.Customers, got)
	}
	before, held := s.means(), s.held()
	next, err := s.dry()
	if err != nil {
		s.t.Fatal(err)
	}
	if next.Empty() {
		return
	}
	if !held && p.Kind != "restore" { // what waited may fit now, and what was retired may have changed meanwhile
		s.t.Fatalf("after %s there is something to do:\n%s", p.Kind, s.changes(next))
	}
	s.settle()
	after := s.means()
	for _, l := range before {
		if !slices.Contains(after, l) && p.Kind != "restore" { // what changed meanwhile may fit another customer
			s.t.Fatalf("a run took back what %s did (-before +after):\n%s", p.Kind, cmp.Diff(before, after))
		}
	}
}

// takeBack undoes the last run, which leaves what there was before.
func (s *stewarded) takeBack(kind string, before []string) {
	snap, _, done := s.view()
	run := snap.Head().Run
	done()
	p := s.undo(run)
	s.checkNumbers()
	if diff := cmp.Diff(withoutActors(before), withoutActors(s.export())); diff != "" {
		s.t.Fatalf("an undone %s leaves (-before +after):\n%s\n%s%+v", kind, diff, s.changes(p), p.Undo)
	}
}

// withoutActors leaves out whose the verdicts are: one that is put back in
// force is that of who undid.
func withoutActors(export []string) (out []string) {
	for _, l := range export {
		if strings.HasPrefix(l, "verdict ") {
			l = l[:strings.LastIndex(l, " ")]
		}
		out = append(out, l)
	}
	return out
}

// settle applies until nothing is left to do: once, and where records are held
// until all that was found out about them has been asked.
func (s *stewarded) settle() {
	s.apply()
	for range 5 {
		p, err := s.dry()
		if err != nil {
			s.t.Fatal(err)
		}
		if p.Empty() {
			return
		}
		if !s.held() {
			s.t.Fatalf("the next plan is not empty:\n%s", s.changes(p))
		}
		s.apply()
	}
	s.t.Fatal("the runs never come to an end")
}

func (s *stewarded) changes(p *plan.Plan) string {
	text := fmt.Sprintf("closed %v, notes %v\n", p.Closed, p.Notes)
	for c, err := range p.Changes() {
		text += fmt.Sprintf("%s %s %s %s %s %s %v\n", c.Kind, c.Source, c.SourceID, c.CanonicalID, c.Rule, c.Detail, err)
	}
	return text
}

// TestActsStand carries random acts out in random worlds: whatever a steward
// does, the next run agrees.
func TestActsStand(t *testing.T) {
	t.Parallel()
	steps := 8
	if testing.Short() {
		steps = 3
	}
	rapid.Check(t, func(r *rapid.T) {
		s := drawStewarded(r, t)
		s.settle()
		for range steps {
			if rapid.IntRange(0, 4).Draw(r, "life goes on") == 0 {
				s.drawSheets()
				s.settle()
			}
			if numbers, _ := s.ids(); len(numbers) > 0 {
				s.step()
			}
		}
	})
}
