package rewrite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// The size of what is measured.
const (
	benchRows      = 1_000_000
	benchCustomers = 200_000
)

// benchCrosswalk is a crosswalk of so many links, as tables for rewrites.
func benchCrosswalk(b testing.TB) rewrite.Tables {
	ctx := b.Context()
	store, err := crosswalk.Open(ctx, filepath.Join(b.TempDir(), "crosswalk.db"), crosswalk.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	lease, err := store.Acquire(ctx, "test", "apply")
	if err != nil {
		b.Fatal(err)
	}
	run, err := lease.Begin(ctx, crosswalk.RunStart{Kind: "apply", Plan: "p", Sources: []crosswalk.Source{{No: 1, Name: "crm"}}})
	if err != nil {
		b.Fatal(err)
	}
	links := make([]crosswalk.Link, benchCustomers)
	for i := range links {
		links[i] = crosswalk.Link{Source: 1, Key: benchID(i), Canonical: benchCanonical(i), Rule: "test"}
	}
	if err := run.WriteLinks(ctx, links); err != nil {
		b.Fatal(err)
	}
	if _, err := run.Publish(ctx, crosswalk.Finish{Changed: true}); err != nil {
		b.Fatal(err)
	}
	snap, err := store.Snapshot(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = snap.Close() }()
	table, err := translate.Load(ctx, snap, translate.Options{From: "crm", Both: true})
	if err != nil {
		b.Fatal(err)
	}
	return rewrite.Tables{"crm": table}
}

func benchID(i int) string        { return fmt.Sprintf("C%07d", i) }
func benchCanonical(i int) string { return fmt.Sprintf("CUST-%08d-%02d", i, i%97) }

// benchOrders makes a table of orders and one that maps their customers.
func benchOrders(ctx context.Context, db *sqldb.DB) error {
	statements := []string{
		"CREATE TABLE orders (id BIGINT PRIMARY KEY, customer_id VARCHAR(20) NOT NULL, status INTEGER NOT NULL, note VARCHAR(100))",
		"CREATE TABLE mapping (old_id VARCHAR(20) PRIMARY KEY, new_id VARCHAR(20) NOT NULL)",
	}
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	tx, err := db.Begin(ctx, nil)
	if err != nil {
		return err
	}
	err = sqldb.BulkInsert(ctx, tx, "orders", []string{"id", "customer_id", "status", "note"}, benchRows, func(i int, row *sqldb.Row) {
		row.Int(int64(i))
		row.Text(benchID(i * 7919 % benchCustomers))
		row.Int(int64(i % 5))
		row.Text("delivered to the address on file, signed for")
	})
	if err == nil {
		err = sqldb.BulkInsert(ctx, tx, "mapping", []string{"old_id", "new_id"}, benchCustomers, func(i int, row *sqldb.Row) {
			row.Text(benchID(i))
			row.Text(benchCanonical(i))
		})
	}
	if err != nil {
		_ = tx.Rollback()
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "CREATE INDEX orders_customer ON orders (customer_id)"); err != nil {
		return err
	}
	if db.Dialect == sqldb.MySQL {
		_, err = db.ExecContext(ctx, "ANALYZE TABLE orders, mapping")
	} else {
		_, err = db.ExecContext(ctx, "ANALYZE")
	}
	return err
}

// byHand are the statements that somebody would write who has the mapping in
// the database.
var byHand = map[sqldb.Dialect]string{
	sqldb.Postgres: "UPDATE orders SET customer_id = m.new_id FROM mapping m WHERE orders.customer_id = m.old_id",
	sqldb.MySQL:    "UPDATE orders JOIN mapping m ON orders.customer_id = m.old_id SET orders.customer_id = m.new_id",
	sqldb.SQLite:   "UPDATE orders SET customer_id = m.new_id FROM mapping m WHERE orders.customer_id = m.old_id",
}

// BenchmarkRewrite measures a rewrite in place beside the hand-written join.
// Each has a table of its own.
func BenchmarkRewrite(b *testing.B) {
	tables := benchCrosswalk(b)
	for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.MySQL, sqldb.SQLite} {
		b.Run(d.String(), func(b *testing.B) {
			var ours, hand time.Duration
			for range b.N {
				hand += benchHand(b, d)
				ours += benchApply(b, d, tables)
			}
			b.ReportMetric(hand.Seconds()/float64(b.N), "hand-s")
			b.ReportMetric(ours.Seconds()/float64(b.N), "ours-s")
			b.ReportMetric(ours.Seconds()/hand.Seconds(), "ratio")
		})
	}
}

func benchDatabase(b *testing.B, d sqldb.Dialect) (*sqldb.DB, string) {
	dsn := dbtest.Database(b, d)
	db, err := sqldb.OpenAs(b.Context(), d, dsn, sqldb.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := benchOrders(b.Context(), db); err != nil {
		b.Fatal(err)
	}
	return db, dsn
}

func benchHand(b *testing.B, d sqldb.Dialect) time.Duration {
	db, _ := benchDatabase(b, d)
	begun := time.Now()
	if _, err := db.ExecContext(b.Context(), byHand[d]); err != nil {
		b.Fatal(err)
	}
	return time.Since(begun)
}

func benchApply(b *testing.B, d sqldb.Dialect, tables rewrite.Tables) time.Duration {
	_, dsn := benchDatabase(b, d)
	ref := &rewrite.Reference{
		Database: rewrite.Database{Name: "shop", Dialect: d, DSN: dsn}, Table: "orders", Columns: []string{"customer_id"},
		RefersTo: "crm", Write: rewrite.InPlace,
	}
	begun := time.Now()
	surveyed, err := rewrite.Survey(b.Context(), []*rewrite.Reference{ref}, tables, nil)
	if err != nil {
		b.Fatal(err)
	}
	looked := time.Since(begun)
	results, err := rewrite.Apply(b.Context(), rewrite.Job{Run: 1, Crosswalk: "bench", Surveyed: surveyed, Tables: tables})
	if err != nil {
		b.Fatal(err)
	}
	if results[0].Written != benchRows || len(results[0].After) > 0 {
		b.Fatalf("%+v", results)
	}
	took := time.Since(begun)
	b.Logf("survey %.1f s of %.1f s", looked.Seconds(), took.Seconds())
	return took
}
