// Package conntest is the conformance suite that every connector passes, and
// the fault wrappers that tests of plan and apply use.
//
// A connector's test makes the sample table "customers" in its own form (a
// CSV file, a table in PostgreSQL, a simulated CRM) out of [Columns] and
// [Rows], and hands the suite a way to open it:
//
//	func TestConformance(t *testing.T) {
//		dsn := sample(t) // creates the table and fills it
//		conntest.Run(t, conntest.Suite{
//			Open: func(tb testing.TB, req connectors.Request) (mapping.Source, error) {
//				return Open(tb.Context(), Config{DSN: dsn, Table: "customers"}, req)
//			},
//		})
//	}
//
// What a connector cannot do is stated in the [Suite], never skipped inside.
//
// [Table] is a source in memory, for tests that need records and no
// connector. [FailAfter], [StallAfter], [CancelAfter], [RepeatRecord] and
// [BadRecordAt] wrap any source with one fault.
package conntest
