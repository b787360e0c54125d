package crosswalk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// linkCursor reads the links of one source that count at the head, from one
// of the two tables, page by page. Where there are many, two connections read
// a page each at the same time.
type linkCursor struct {
	v      *Snapshot
	q      *Query
	source int
	past   bool
	done   bool // there are no more pages
	page   []Link
	next   int
	twin   []Link // the page after it, while that is being read
}

// peek is the next link, or nil at the end.
func (c *linkCursor) peek(ctx context.Context) (*Link, error) {
	if c.next == len(c.page) {
		if c.done {
			return nil, nil
		}
		if err := c.load(ctx); err != nil {
			return nil, err
		}
		if len(c.page) == 0 {
			return nil, nil
		}
	}
	return &c.page[c.next], nil
}

func (c *linkCursor) load(ctx context.Context) error {
	after, twin := "", (*Snapshot)(nil)
	if n := len(c.page); n > 0 {
		after = c.page[n-1].Key
		twin = c.v.twin(ctx)
	}
	c.page, c.next = c.page[:0], 0
	if twin == nil {
		err := c.v.readLinks(ctx, c.read(after), &c.page)
		c.done = len(c.page) < pageRows
		return err
	}
	var wg sync.WaitGroup
	var twinErr error
	wg.Go(func() { twinErr = c.loadTwin(ctx, twin, after) })
	err := c.v.readLinks(ctx, c.read(after), &c.page)
	wg.Wait()
	c.done = len(c.page) < pageRows || len(c.twin) < pageRows
	c.page = append(c.page, c.twin...)
	return errors.Join(err, twinErr)
}

// loadTwin reads the page after the next one, if there is one.
func (c *linkCursor) loadTwin(ctx context.Context, twin *Snapshot, after string) error {
	c.twin = c.twin[:0]
	sel := c.read(after).selection(twin)
	var last string
	err := twin.use(func() error {
		query := fmt.Sprintf("SELECT id_key FROM %s WHERE %s ORDER BY id_key LIMIT 1 OFFSET %d", sel.from, sel.where, pageRows-1)
		return twin.tx.GetContext(ctx, &last, twin.store.sql(query), sel.args...)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return twin.readLinks(ctx, c.read(last), &c.twin)
}

// read asks for the page after a key.
func (c *linkCursor) read(after string) *linkRead {
	where := "source_no = ? AND id_key > ?"
	args := []any{int64(c.source), after}
	if c.q.Live {
		where += " AND state = 0"
	}
	if c.q.Since > 0 {
		where += " AND from_run > ?"
		args = append(args, c.q.Since)
	}
	if c.q.Of > 0 {
		where += " AND from_run = ?"
		args = append(args, c.q.Of)
	}
	return &linkRead{past: c.past, where: where, args: args, limit: pageRows, match: c.q.Match, fields: c.q.Fields}
}

// twin is a second view of the same state on a connection of its own, or nil
// where there is none: something was or is being written since v was opened,
// or no other connection can be had.
func (v *Snapshot) twin(ctx context.Context) *Snapshot {
	v.twins.Do(func() {
		// While a run is being written, its links move from table to table: v
		// would find one in neither of the places where each of the two looks.
		if v.writing {
			return
		}
		t, err := v.store.snapshot(ctx, newest)
		if err != nil {
			return // v itself reads everything then, and fails where it cannot
		}
		if t.head != v.head || t.writing {
			_ = t.Close()
			return
		}
		t.twins.Do(func() {})
		v.second = t
	})
	return v.second
}
