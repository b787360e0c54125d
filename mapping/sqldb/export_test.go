package sqldb

// RefuseLocalInfile has db load as for a server that refuses LOAD DATA LOCAL.
func (db *DB) RefuseLocalInfile() { db.noLocalInfile.Store(true) }
