package migrate_test

import (
	"encoding/csv"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// dataset is a file of fixtures/data, and what its columns mean.
type dataset struct {
	file, id, country string
	columns           map[string][]string // by role
}

var fake1000 = dataset{file: "splink/fake_1000.csv", id: "unique_id", columns: map[string][]string{
	"given_name": {"first_name"}, "family_name": {"surname"}, "birth_date": {"dob"}, "city": {"city"}, "email": {"email"},
}}

func febrl(n string) dataset {
	return dataset{file: "febrl/dataset" + n + ".csv", id: "rec_id", country: "AU", columns: map[string][]string{
		"given_name": {"given_name"}, "family_name": {"surname"}, "birth_date": {"date_of_birth"}, "national_id": {"soc_sec_id"},
		"address": {"street_number", "address_1", "address_2"}, "city": {"suburb"}, "postal_code": {"postcode"}, "region": {"state"},
	}}
}

func (d dataset) sheet(t testing.TB) *sheet {
	t.Helper()
	f, err := os.Open(filepath.Join("../../fixtures/data", d.file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows[0] {
		rows[0][i] = strings.TrimSpace(rows[0][i])
	}
	return &sheet{header: rows[0], rows: rows[1:]}
}

func (d dataset) source(name string) rules.Source {
	s := rules.Source{Name: name, ID: rules.IDRule{Columns: []string{d.id}}, Country: d.country}
	for _, role := range slices.Sorted(maps.Keys(d.columns)) {
		f := rules.Field{Role: role}
		for _, c := range d.columns[role] {
			f.Columns = append(f.Columns, rules.Column{Name: c})
		}
		s.Fields = append(s.Fields, f)
	}
	return s
}

// worldOf is a world of one dataset, matched by likeness alone.
func worldOf(t testing.TB, d dataset) (*world, *sheet) {
	w := newWorld(t, "", rules.Config{
		Matching: true, Similar: &rules.Similar{Merge: 0.99, Review: 0.8}, Sources: []rules.Source{d.source("data")},
	})
	return w, d.sheet(t)
}

func stableSets() map[string]dataset {
	sets := map[string]dataset{"fake_1000": fake1000, "febrl1": febrl("1")}
	if os.Getenv("LONG") != "" {
		sets["febrl2"], sets["febrl3"] = febrl("2"), febrl("3")
	}
	return sets
}

// model is the crosswalk's model.
func (w *world) model() *similar.Model {
	w.t.Helper()
	snap, _, done := w.view()
	defer done()
	text, err := snap.Model(w.t.Context())
	if err != nil || len(text) == 0 {
		w.t.Fatalf("no model: %v", err)
	}
	m, err := similar.Read(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// New records never move old ones, whichever tenth comes later, and are
// weighed by the model that weighed the old ones.
func TestNewRecordsMoveNoOldOnes(t *testing.T) {
	t.Parallel()
	for name, d := range stableSets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for tenth := range 2 {
				w, all := worldOf(t, d)
				first := &sheet{header: all.header}
				for i, row := range all.rows {
					if i%10 != 3*tenth+1 {
						first.rows = append(first.rows, row)
					}
				}
				w.sheets["data"] = first
				w.apply()
				old, version := w.links(), w.model().Version()
				w.sheets["data"] = all
				p := w.apply()
				now := w.links()
				missing := slices.DeleteFunc(slices.Clone(old), func(l string) bool {
					_, found := slices.BinarySearch(now, l)
					return found
				})
				if len(missing) > 0 {
					t.Errorf("%d of %d old links changed, such as %s", len(missing), len(old), missing[0])
				}
				if p.Totals.Linked == 0 || p.Totals.Created == 0 || p.Totals.Merged != 0 {
					t.Errorf("totals are %+v", p.Totals)
				}
				if v := w.model().Version(); v != version {
					t.Errorf("the model was %s and is %s", version, v)
				}
				if p = w.apply(); !p.Empty() {
					t.Errorf("running again changes %d links, %d reviews", p.Links, len(p.Reviews))
				}
			}
		})
	}
}

// The order of rows and the number of processors change nothing.
func TestAnyOrderAndAnyProcessors(t *testing.T) {
	sets := stableSets()
	if os.Getenv("LONG") == "" {
		delete(sets, "febrl1")
	}
	for name, d := range sets {
		var want []string
		random := rand.New(rand.NewPCG(7, 7))
		for _, procs := range []int{1, 2, 4} {
			w, all := worldOf(t, d)
			if procs > 1 {
				random.Shuffle(len(all.rows), func(i, k int) { all.rows[i], all.rows[k] = all.rows[k], all.rows[i] })
			}
			w.sheets["data"] = all
			before := runtime.GOMAXPROCS(procs)
			w.apply()
			runtime.GOMAXPROCS(before)
			store := w.open()
			got, err := state(t.Context(), store)
			if err := errors.Join(err, store.Close()); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: another outcome with %d processors (-one +now):\n%s", name, procs, diff)
			}
		}
	}
}

// A source that is taken out of the file and comes back changes nothing, and
// neither does what else is read in the meantime.
func TestSourceThatLeavesAndComesBack(t *testing.T) {
	t.Parallel()
	w, all := worldOf(t, fake1000)
	w.cfg.Sources = append(w.cfg.Sources, fake1000.source("more"))
	w.policy.Retire = true
	w.sheets["data"], w.sheets["more"] = &sheet{header: all.header, rows: all.rows[:500]}, &sheet{header: all.header, rows: all.rows[450:900]}
	w.apply()
	links, both := w.links(), w.cfg.Sources
	w.cfg.Sources = both[1:]
	if p := w.apply(); !p.Empty() {
		t.Errorf("without the first source %d links and %d reviews change", p.Links, len(p.Reviews))
	}
	w.sheets["more"] = &sheet{header: all.header, rows: all.rows[450:]}
	w.apply()
	w.cfg.Sources = both
	if p := w.apply(); !p.Empty() {
		t.Errorf("with it again %d links and %d reviews change", p.Links, len(p.Reviews))
	}
	now := w.links()
	for _, l := range links {
		if _, found := slices.BinarySearch(now, l); !found {
			t.Errorf("%s is gone", l)
		}
	}
}

// A model is estimated anew once there are twice as many records as it knows.
func TestModelIsEstimatedAnewAfterDoubling(t *testing.T) {
	t.Parallel()
	w, all := worldOf(t, febrl("2"))
	for _, step := range []struct {
		rows  int
		other bool
	}{{1200, true}, {2300, false}, {2500, true}} {
		w.sheets["data"] = &sheet{header: all.header, rows: all.rows[:step.rows]}
		version := ""
		if step.rows > 1200 {
			version = w.model().Version()
		}
		w.apply()
		if m := w.model(); (m.Version() != version) != step.other {
			t.Errorf("%d records: the model, of %d records, was %q and is %q", step.rows, m.Trained, version, m.Version())
		}
	}
}
