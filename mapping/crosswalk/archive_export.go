package crosswalk

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/archive"
)

// WriteArchive writes the whole crosswalk, as it stood when the view was
// opened, with all of its past, but for the lease and the claims; a run that
// is being written is left out. Equal crosswalks give equal bytes, in whatever
// database they are. Rows pass by one after the other. told is called now and
// then with how many have.
func (v *Snapshot) WriteArchive(ctx context.Context, w io.Writer, told func(rows int64)) (*archive.Manifest, error) {
	if v.past {
		return nil, errors.New("write an archive: it holds the crosswalk as it is, and the view is one of the past")
	}
	a, err := archive.NewWriter(w, archive.Manifest{
		Schema: v.store.tables, Environment: v.head.Environment, Run: v.head.Run, Serial: v.head.Serial, Digest: v.head.Digest,
	})
	if err != nil {
		return nil, err
	}
	n := int64(0)
	for i := range archiveTables {
		t := &archiveTables[i]
		if t.since > v.store.tables {
			continue
		}
		if err := a.Table(t.name, t.columns); err != nil {
			return nil, err
		}
		row := make([]any, len(t.columns))
		if err := v.eachRow(ctx, t, func(cells []driver.Value) error {
			if n++; n%50_000 == 0 {
				told(n)
			}
			for i, c := range cells {
				row[i] = c
			}
			return a.Row(row)
		}); err != nil {
			return nil, v.store.fail("archive table "+t.name, err)
		}
	}
	return a.Close()
}

// eachRow hands over the rows of a table that belong to published runs, in
// the order of its key.
func (v *Snapshot) eachRow(ctx context.Context, t *archived, each func(cells []driver.Value) error) error {
	list := strings.Join(t.names(), ", ")
	query, args := "SELECT "+list+" FROM @"+t.name, []any(nil)
	if t.ours != "" {
		query += " WHERE " + t.ours
	}
	if strings.Contains(t.ours, "?") {
		args = append(args, v.head.Run)
	}
	if t.name == linkTable && v.writing {
		// What the run in the making superseded counts still.
		query += fmt.Sprintf(" WHERE from_run <= ? UNION ALL SELECT %s FROM @link_past WHERE from_run <= ? AND until_run > ?", list)
		args = append(args, v.head.Run, v.head.Run, v.head.Run)
	}
	return v.use(func() error {
		return queryRaw(ctx, v.conn, v.store.sql(query+" ORDER BY "+t.key), args, each)
	})
}
