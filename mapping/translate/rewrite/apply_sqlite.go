package rewrite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// lockSuffix is what the name of the file that keeps other processes out of an
// SQLite database ends with.
const lockSuffix = "-xwalk-lock"

// enterFile keeps other processes out of an SQLite database until leave is
// called or this process ends. The database keeps a write-ahead log meanwhile,
// so that it can be read and written at once; leave gives it back the kind of
// journal that it had.
func enterFile(ctx context.Context, dsn string) (leave func(), err error) {
	guest, err := sqldb.OpenAs(ctx, sqldb.SQLite, dsn, sqldb.Options{Guest: true, MaxConns: 1})
	if err != nil {
		return nil, err
	}
	var path, mode string
	if err = guest.GetContext(ctx, &path, "SELECT file FROM pragma_database_list WHERE name = 'main'"); err == nil {
		err = guest.GetContext(ctx, &mode, "PRAGMA journal_mode")
	}
	if err != nil {
		err = guest.Explain(err)
	}
	if err := errors.Join(err, guest.Close()); err != nil {
		return nil, err
	}
	unlock, err := lockFile(ctx, path+lockSuffix, "SQLite file "+path)
	if err != nil {
		return nil, err
	}
	return func() {
		if !strings.EqualFold(mode, "wal") {
			restoreJournal(context.WithoutCancel(ctx), dsn, mode)
		}
		unlock()
	}, nil
}

// restoreJournal gives an SQLite file back the kind of journal that it had.
// Where others have it open it keeps the write-ahead log, which harms nobody.
func restoreJournal(ctx context.Context, dsn, mode string) {
	guest, err := sqldb.OpenAs(ctx, sqldb.SQLite, dsn, sqldb.Options{Guest: true, MaxConns: 1})
	if err != nil {
		return
	}
	_, _ = guest.ExecContext(ctx, "PRAGMA journal_mode = "+mode)
	_ = guest.Close()
}

// lockFile locks a file of this name with SQLite's own locks, which end with
// their process: a lock of the database itself would end with every
// transaction. The file goes with the lock.
func lockFile(ctx context.Context, path, database string) (unlock func(), err error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("lock the %s against other rewrites: %w", database, err)
		}
		_ = file.Close()
		held, unlock, err := tryLock(ctx, path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // its holder has just taken it away
			continue
		case sqldb.Classify(err) == sqldb.Locked:
			return nil, &LockedError{database}
		case err != nil:
			return nil, fmt.Errorf("lock the %s against other rewrites: %w", database, err)
		}
		// Whoever waited for a file that its holder took away has a lock that
		// nobody else sees.
		now, statErr := os.Stat(path)
		if statErr == nil && os.SameFile(held, now) {
			return unlock, nil
		}
		unlock()
	}
}

// tryLock locks the file that is there by this name, and says which it is.
func tryLock(ctx context.Context, path string) (held os.FileInfo, unlock func(), err error) {
	if held, err = os.Stat(path); err != nil {
		return nil, nil, err
	}
	db, err := sqldb.OpenAs(ctx, sqldb.SQLite, path, sqldb.Options{Guest: true, MaxConns: 1})
	if err != nil {
		return nil, nil, err
	}
	if _, err = db.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", patience.Milliseconds())); err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	return held, func() {
		if now, err := os.Stat(path); err == nil && os.SameFile(held, now) {
			_ = os.Remove(path)
		}
		_ = tx.Rollback()
		_ = db.Close()
	}, nil
}
