package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// audited is [History] made whole: what it leaves keeps every promise.
func audited() []*Job {
	jobs := History()
	jobs[3].Finish.Totals.Counts = mapping.Counts{Read: 17, Created: 5, Updated: 12}
	return append(jobs, &Job{
		Start: crosswalk.RunStart{Kind: "restore", Actor: "ann", Rules: "r2", Plan: "p5", Base: 3, Environment: "production"},
		Finish: crosswalk.Finish{
			Changed: true, Numbers: []crosswalk.Number{{Canonical: "K-7"}}, ClosedReviews: []string{"v2"},
			Totals: mapping.Totals{ReviewsOpen: 1},
		},
	})
}

// audit checks the crosswalk.
func (w *world) audit() (crosswalk.Audited, []crosswalk.Breach) {
	w.t.Helper()
	var breaches []crosswalk.Breach
	found, err := w.store.Audit(context.WithoutCancel(w.t.Context()), func(b crosswalk.Breach) { breaches = append(breaches, b) }, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return found, breaches
}

func testAudit(t *testing.T, s Suite) {
	w := newWorld(t, s)
	if _, breaches := w.audit(); len(breaches) > 0 {
		t.Errorf("an empty crosswalk: %v", breaches)
	}
	for i, j := range audited() {
		w.apply(j)
		_, breaches := w.audit()
		if i == 1 || i == 2 || i == 3 { // a number is gone and has live links
			breaches = slices.DeleteFunc(breaches, func(b crosswalk.Breach) bool { return b.Promise == 2 })
		}
		if len(breaches) > 0 {
			t.Errorf("after run %d: %v", i+1, breaches)
		}
	}
	want, _ := w.audit()
	if want.Runs != 5 || want.Links != 60 || want.Past != 23 || want.Numbers != 4 || want.Reviews != 3 || want.ReviewsOpen != 1 ||
		want.Pages != 4 || want.Decisions != 2 || want.Customers != 24 || want.Run != 5 || want.Serial != 4 || want.Head.Actor != "ann" {
		t.Errorf("found %+v", want)
	}

	// A run in the making is not looked at, but it has to be one that can go on.
	lease := w.acquire("apply")
	run, err := lease.Begin(t.Context(), crosswalk.RunStart{Kind: "apply", Plan: "p6", Base: 4, Environment: "production"})
	if err != nil {
		t.Fatal(err)
	}
	next := crosswalk.Link{Source: 1, Key: "C0004", Canonical: "CUST-00000012", Rule: "new", Replaces: true}
	if err := run.WriteLinks(t.Context(), []crosswalk.Link{next}); err != nil {
		t.Fatal(err)
	}
	got, breaches := w.audit()
	if got.Writing, want.Past = 0, want.Past+1; len(breaches) > 0 {
		t.Errorf("beside a run: %v", breaches)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("beside a run (-want +got):\n%s", diff)
	}
	w.exec("UPDATE xwalk_run SET done = 7 WHERE run_no = 6")
	if _, breaches := w.audit(); len(breaches) != 1 || breaches[0].Promise != 8 {
		t.Errorf("a run in the making has other rows than it says: %v", breaches)
	}
}

// testMoved tells an automatic run that moved a live link from a person's act.
func testMoved(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, j := range audited() {
		w.apply(j)
	}
	for i, kind := range []string{"split", "apply"} {
		moved := crosswalk.Link{Source: 1, Key: "C0015", Canonical: fmt.Sprintf("CUST-%08d", 9000+i), Rule: "moved", Replaces: true}
		w.apply(&Job{
			Start:   crosswalk.RunStart{Kind: kind, Actor: "ann", Plan: kind, Base: 4 + int64(i), Environment: "production"},
			Batches: [][]crosswalk.Link{{moved}}, Finish: crosswalk.Finish{Changed: true},
		})
		_, breaches := w.audit()
		if want := i; len(breaches) != want {
			t.Fatalf("after a run of kind %s: %v", kind, breaches)
		}
		for _, b := range breaches {
			if b.Promise != 12 || b.Table != "xwalk_link" || b.Run != 7 || !strings.Contains(b.Row, "C0015") {
				t.Errorf("after a run of kind %s: %+v", kind, b)
			}
		}
	}
}

// flip is a value to be changed in a table.
type flip struct {
	table, column string
	row           []any
	keys, columns []string
	value         any
}

// testFlips changes one value of each column of each table, outside of the
// store, and wants it found.
func testFlips(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.erasable()
	w.published()
	w.apply(erasing())
	if _, breaches := w.audit(); len(breaches) > 0 {
		t.Fatalf("nothing was changed: %v", breaches)
	}
	seed := rand.Uint64()
	if os.Getenv("SEED") != "" {
		_, _ = fmt.Sscan(os.Getenv("SEED"), &seed)
	}
	rnd := rand.New(rand.NewPCG(seed, 0))
	var flips []flip
	for _, table := range tables {
		flips = append(flips, w.flips(rnd, table.name, table.columns, table.order)...)
	}
	n := len(flips)
	switch {
	case os.Getenv("LONG") != "":
	case testing.Short():
		n = 40
	default:
		n = 200
	}
	rnd.Shuffle(len(flips), func(i, j int) { flips[i], flips[j] = flips[j], flips[i] })
	for _, f := range flips[:min(n, len(flips))] {
		if !w.set(&f, f.value, f.row) {
			continue // the database refuses it
		}
		_, breaches := w.audit()
		where := func(b crosswalk.Breach) bool { return b.Table == "xwalk_"+f.table && strings.Contains(b.Row, f.name()) }
		if !slices.ContainsFunc(breaches, where) {
			t.Errorf("seed %d: %s of %v in %s set to %v: not found there but in %v", seed, f.column, f.row, f.table, show(f.value), breaches)
		}
		w.restore(&f)
		if _, breaches := w.audit(); len(breaches) > 0 {
			t.Fatalf("seed %d: %s of %v in %s put back: %v", seed, f.column, f.row, f.table, breaches)
		}
	}
	t.Logf("%d values changed of %d, seed %d", min(n, len(flips)), len(flips), seed)
}

// flips are the changes to a few rows of a table.
func (w *world) flips(rnd *rand.Rand, table, columns, order string) (flips []flip) {
	w.t.Helper()
	w.exec("SELECT 1")
	names := strings.Split(columns, ", ")
	keys := strings.Split(order, ", ")
	rows, err := w.raw.QueryxContext(w.t.Context(), w.raw.Rebind("SELECT "+columns+" FROM xwalk_"+table+" WHERE 1 = ? ORDER BY "+order), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all [][]any
	for rows.Next() {
		row, err := rows.SliceScan()
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, row := range all[:min(6, len(all))] {
		for i, name := range names {
			for _, value := range changed(rnd, row[i]) {
				flips = append(flips, flip{table: table, column: name, row: row, keys: keys, columns: names, value: value})
			}
		}
	}
	return flips
}

// changed are other values of a column that holds value.
func changed(rnd *rand.Rand, value any) []any {
	flipped := func(b []byte) []byte {
		b = slices.Clone(b)
		if at := slices.IndexFunc(b, func(c byte) bool { return c >= '0' && c <= 'z' }); at >= 0 {
			b[at] ^= 1 << rnd.IntN(2) // of one printing character
			return b
		}
		return append(b, 'x')
	}
	switch v := value.(type) {
	case nil:
		return []any{int64(1), "x"}
	case int64:
		return []any{v + 1, v - 1, nil}
	case float64:
		return []any{v + 1, v / 2}
	case string:
		return []any{string(flipped([]byte(v))), v + "x", "", nil}
	case []byte:
		return []any{flipped(v), append(slices.Clone(v), 'x'), []byte{}, nil}
	default:
		return nil
	}
}

// name is what tells the row, as far as the change leaves it.
func (f *flip) name() string {
	switch key := f.row[slices.Index(f.columns, f.keyColumn())].(type) {
	case []byte:
		if f.column != f.keyColumn() {
			return string(key)
		}
	case string:
		if f.column != f.keyColumn() {
			return key
		}
	}
	return ""
}

// keyColumn is the column that names a row to people.
func (f *flip) keyColumn() string {
	switch f.table {
	case "link", "link_past", "publication":
		return "id_key"
	case "source", "index":
		return "name"
	default:
		return f.keys[0]
	}
}

// set writes a value into the row that is like row; it is false where the
// database has no room for such a value or would have a row twice.
func (w *world) set(f *flip, value any, row []any) bool {
	query := "UPDATE xwalk_" + f.table + " SET " + f.column + " = ? WHERE 1 = 1"
	args := []any{value}
	for _, key := range f.keys {
		query += " AND " + key + " = ?"
		args = append(args, row[slices.Index(f.columns, key)])
	}
	if value != nil && fmt.Sprint(value) == fmt.Sprint(row[slices.Index(f.columns, f.column)]) {
		return false
	}
	res, err := w.raw.ExecContext(w.t.Context(), w.raw.Rebind(query), args...)
	if err != nil {
		return false
	}
	n, err := res.RowsAffected()
	return err == nil && n == 1
}

// restore undoes a set.
func (w *world) restore(f *flip) {
	w.t.Helper()
	at := slices.Index(f.columns, f.column)
	row := slices.Clone(f.row)
	row[at] = f.value
	if !w.set(f, f.row[at], row) {
		w.t.Fatalf("%s of %v cannot be put back", f.column, f.row)
	}
}

func show(v any) string {
	if b, ok := v.([]byte); ok {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%#v", v)
}
