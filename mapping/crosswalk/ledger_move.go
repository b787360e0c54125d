package crosswalk

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// KeyMove is a source ID whose key becomes another.
type KeyMove struct {
	Source   int
	From, To string
}

// movePublications lets the entries of the ledger follow the keys of their
// source IDs. Where the new key has an entry of the same run already, the old
// one stays where it is: both were one record's.
func (s *Store) movePublications(ctx context.Context, tx *sqldb.Tx, moves []KeyMove) error {
	if len(moves) == 0 {
		return nil
	}
	to := make(map[SourceKey]string, len(moves))
	keys := make([]SourceKey, len(moves))
	for i, m := range moves {
		keys[i] = SourceKey{m.Source, m.From}
		to[keys[i]] = m.To
	}
	for source, chunk := range keyChunks(keys) {
		found, err := s.publicationsOf(ctx, tx, source, chunk)
		if err != nil {
			return err
		}
		targets := make([]string, len(chunk))
		for i, key := range chunk {
			targets[i] = to[SourceKey{source, key}]
		}
		there, err := s.publicationsOf(ctx, tx, source, targets)
		if err != nil {
			return err
		}
		if err := s.replaceKeys(ctx, tx, found, there, to); err != nil {
			return err
		}
	}
	return nil
}

// replaceKeys moves entries of one source, but for those whose place is taken.
func (s *Store) replaceKeys(ctx context.Context, tx *sqldb.Tx, found, there []Publication, to map[SourceKey]string) error {
	type place struct {
		key string
		run int64
	}
	taken := map[place]bool{}
	for _, p := range there {
		taken[place{p.Key, p.Run}] = true
	}
	found = slices.DeleteFunc(found, func(p Publication) bool {
		at := place{to[p.ID()], p.Run}
		was := taken[at]
		taken[at] = true
		return was
	})
	slices.SortFunc(found, comparePublications)
	for rest := found; len(rest) > 0; {
		n := 1
		for n < len(rest) && n < inList && rest[n].Run == rest[0].Run {
			n++
		}
		if err := s.takePublications(ctx, tx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	for i := range found {
		found[i].Key = to[found[i].ID()]
	}
	return s.insertPublications(ctx, tx, found)
}

// publicationsOf are the entries of some keys of a source, not too many.
func (s *Store) publicationsOf(ctx context.Context, tx *sqldb.Tx, source int, keys []string) (found []Publication, err error) {
	query, args, err := s.in("SELECT "+publicationList+" FROM @publication WHERE source_no = ? AND id_key IN (?) ORDER BY id_key, run_no", source, keys)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryxContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		cells, err := rows.SliceScan()
		if err != nil {
			return nil, err
		}
		values := make([]driver.Value, len(cells))
		for i, c := range cells {
			values[i] = c
		}
		p, _, err := publicationOf(values)
		if err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, rows.Err()
}
