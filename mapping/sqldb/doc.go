// Package sqldb is what every SQL store and SQL connector shares: opening a
// database from a DSN, quoting names, loading many rows at once, reading a
// table's columns, and telling one kind of failure from another.
//
// Three dialects are known, see [Dialect]. [Open] recognises them by the
// DSN's scheme; anything without one is the path of an SQLite file.
//
//	db, err := sqldb.Open(ctx, "postgres://sync@db.example/crm", sqldb.Options{})
//	tx, err := db.Begin(ctx, nil)
//	err = sqldb.BulkInsert(ctx, tx, "xwalk_link", []string{"id_key", "canonical"}, len(links),
//		func(i int, row *sqldb.Row) {
//			row.Text(links[i].Key)
//			row.Text(links[i].Canonical)
//		})
//
// Connections to servers are encrypted and verified unless the DSN says
// otherwise or the server is on this machine. No error and no label of this
// package holds a password.
package sqldb
