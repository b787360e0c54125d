package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

func openSQLite(ctx context.Context, dsn string, o Options) (*DB, error) {
	path, params, err := sqlitePath(dsn)
	if err != nil {
		return nil, err
	}
	label := "SQLite file " + path
	if err := prepareFile(path, o.ReadOnly || o.Guest); err != nil {
		return nil, err
	}
	// Quoted names that match no column are an error, not a text.
	params.Set("_dqs", "0")
	params.Set("_busy_timeout", "10000")
	switch {
	case o.ReadOnly:
		params.Set("mode", "ro")
		params.Set("_query_only", "1")
	case o.Guest:
		params.Set("mode", "rw")
		params.Set("_txlock", "immediate")
	default:
		params.Set("_journal_mode", "WAL")
		params.Set("_synchronous", "NORMAL")
		params.Set("_txlock", "immediate")
		params.Add("_pragma", "cache_size(-8192)")
	}
	db, err := connectSQLite(ctx, path, label, params, o)
	if err == nil || !o.ReadOnly || params.Get("immutable") != "" || !cannotShare(path, err) {
		return db, err
	}
	// A WAL database in a place where nothing can be written: nobody else
	// can be writing to it either.
	params.Set("immutable", "1")
	return connectSQLite(ctx, path, label, params, o)
}

func connectSQLite(ctx context.Context, path, label string, params url.Values, o Options) (*DB, error) {
	connector, err := sqlite.NewConnector("file:" + escapePath(path) + "?" + params.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", label, err)
	}
	db := &DB{DB: sqlx.NewDb(o.open(connector), "sqlite"), Dialect: SQLite, Label: label}
	return finish(ctx, db, o, "PRAGMA schema_version")
}

// cannotShare reports whether err says that the files which readers and
// writers of a WAL database share could not be made, and no changes wait in
// the log that an immutable reader would overlook.
func cannotShare(path string, err error) bool {
	switch code := sqliteCode(err); code & 0xff {
	case sqliteCantOpen, sqliteReadOnly:
	default:
		return false
	}
	wal, statErr := os.Stat(path + "-wal")
	return errors.Is(statErr, fs.ErrNotExist) || (statErr == nil && wal.Size() == 0)
}

// prepareFile makes sure that path can be an SQLite file: there when it
// must exist, and otherwise created so that nobody else may read it.
func prepareFile(path string, mustExist bool) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("open SQLite file %s: it is a folder", path)
	case err == nil:
		return nil
	case mustExist || !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("open SQLite file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create SQLite file: %w", err)
	}
	return f.Close()
}

// sqlitePath splits a DSN into a file's path and SQLite's own URI parameters
// (immutable, nolock, …). Only a file: or sqlite: DSN has parameters; in a
// plain path a question mark is part of the name.
func sqlitePath(dsn string) (string, url.Values, error) {
	rest, ok := cutScheme(dsn, "file:", "sqlite:", "sqlite3:")
	if !ok {
		if dsn == "" {
			return "", nil, errors.New("the path of an SQLite file is empty")
		}
		return dsn, url.Values{}, nil
	}
	path, query, _ := strings.Cut(rest, "?")
	params, err := url.ParseQuery(query)
	if err != nil {
		return "", nil, fmt.Errorf("the parameters of %s cannot be read: %w", dsn, err)
	}
	if path, err = url.PathUnescape(path); err != nil {
		return "", nil, fmt.Errorf("the path of %s cannot be read: %w", dsn, err)
	}
	// file:///abs and file://localhost/abs name the same file as file:/abs;
	// sqlite://rel.db is a relative path, as other programs write it.
	if after, ok := strings.CutPrefix(path, "//"); ok {
		path = strings.TrimPrefix(after, "localhost")
	}
	if len(path) > 2 && path[0] == '/' && path[2] == ':' {
		path = path[1:] // file:///C:/x.db
	}
	if path == "" {
		return "", nil, fmt.Errorf("%s names no file", dsn)
	}
	return path, params, nil
}

func cutScheme(dsn string, schemes ...string) (string, bool) {
	for _, s := range schemes {
		if len(dsn) >= len(s) && strings.EqualFold(dsn[:len(s)], s) {
			return dsn[len(s):], true
		}
	}
	return dsn, false
}

// escapePath writes path so that SQLite's URI reader gets it back unchanged.
func escapePath(path string) string {
	path = filepath.ToSlash(path)
	if len(path) > 1 && path[1] == ':' && os.PathSeparator == '\\' {
		path = "/" + path
	}
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}
