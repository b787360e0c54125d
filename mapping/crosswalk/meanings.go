package crosswalk

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"
)

// Meaning is what a link says of its source ID. Verbatim and SinceRun are left
// out where they were not asked for. It and its texts are only good while it is
// handed over: a copy of each would take longer than the reading.
type Meaning struct {
	Key       string
	Verbatim  string
	Canonical string
	State     State
	SinceRun  int64
}

// twoHalves is the number of links from which on two connections read half of
// them each.
const twoHalves = 20_000

// CountLinks is how many links a source has, nearly: a run that is being
// written may have added some. Source 0 stands for all.
func (v *Snapshot) CountLinks(ctx context.Context, source int) (n int64, err error) {
	where, args := "", []any(nil)
	if source != 0 {
		where, args = " WHERE source_no = ?", []any{source}
	}
	err = v.use(func() error {
		return v.tx.GetContext(ctx, &n, v.store.sql("SELECT COUNT(*) FROM @link"+where), args...)
	})
	return n, v.store.fail("count the links", err)
}

// Meanings hands over the links of a source that count at the head, in no
// order; links is how many [Snapshot.CountLinks] counts, and verbatim asks for
// Verbatim and SinceRun. It calls each from two goroutines; part, 0 or 1, says
// from which.
func (v *Snapshot) Meanings(ctx context.Context, source int, links int64, verbatim bool, each func(part int, m *Meaning) error) error {
	return v.store.fail("read the links", v.meanings(ctx, source, links, verbatim, each))
}

func (v *Snapshot) meanings(ctx context.Context, source int, links int64, verbatim bool, each func(part int, m *Meaning) error) error {
	all := linkRead{where: "source_no = ?", args: []any{int64(source)}}
	low, high := all, all
	twin, middle, err := v.middle(ctx, source, links)
	if err != nil {
		return err
	}
	if twin == nil {
		if err := v.readMeanings(ctx, &all, verbatim, 0, each); err != nil || !v.writing {
			return err
		}
		all.past = true
		return v.readMeanings(ctx, &all, verbatim, 0, each)
	}
	low.where, low.args = low.where+" AND id_key < ?", append(slices.Clone(low.args), middle)
	high.where, high.args = high.where+" AND id_key >= ?", append(slices.Clone(high.args), middle)
	var wg sync.WaitGroup
	var twinErr error
	wg.Go(func() { twinErr = twin.readMeanings(ctx, &high, verbatim, 1, each) })
	err = v.readMeanings(ctx, &low, verbatim, 0, each)
	wg.Wait()
	return errors.Join(err, twinErr)
}

// middle is a twin and the key at which a source's links are halved; no twin
// where one connection reads all.
func (v *Snapshot) middle(ctx context.Context, source int, links int64) (twin *Snapshot, key string, err error) {
	if links < twoHalves {
		return nil, "", nil
	}
	if twin = v.twin(ctx); twin == nil {
		return nil, "", nil
	}
	err = v.use(func() error {
		query := fmt.Sprintf("SELECT id_key FROM @link WHERE source_no = ? ORDER BY id_key LIMIT 1 OFFSET %d", links/2)
		return v.tx.GetContext(ctx, &key, v.store.sql(query), source)
	})
	return twin, key, err
}

func (v *Snapshot) readMeanings(ctx context.Context, read *linkRead, verbatim bool, part int, each func(part int, m *Meaning) error) error {
	sel := read.selection(v)
	sel.cells = "id_key, canonical, state"
	if verbatim {
		sel.cells += ", COALESCE(verbatim, id_key), COALESCE(since_run, from_run)"
	}
	var m Meaning
	return v.use(func() error {
		return v.store.dialect.read(ctx, v.store, v.conn, sel, func(cells []driver.Value) error {
			state, err := number(cells[2])
			if err != nil {
				return err
			}
			m.Key, m.Canonical, m.State = borrowed(cells[0]), borrowed(cells[1]), State(state)
			if verbatim {
				m.Verbatim = borrowed(cells[3])
				if m.SinceRun, err = number(cells[4]); err != nil {
					return err
				}
			}
			return each(part, &m)
		})
	})
}

// borrowed is the text of a cell as long as the cell is good.
func borrowed(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return unsafe.String(unsafe.SliceData(v), len(v))
	default:
		return ""
	}
}

// Issued hands over every canonical ID that was ever issued, whatever became of
// it, some of them several times and in no order; live says that a link that
// is in force has it. The text is only good during the call.
func (v *Snapshot) Issued(ctx context.Context, each func(canonical string, live bool) error) error {
	for _, table := range v.numberTables() {
		sel := &selection{cells: "canonical", from: "@" + table, where: "canonical <> ''"}
		switch table {
		case "link":
			sel.cells += ", state"
		case "link_past":
			sel.cells += fmt.Sprintf(", CASE WHEN until_run > %d THEN state ELSE 1 END", v.head.Run)
		default:
			sel.cells += ", 1"
		}
		if v.writing {
			sel.where += " AND from_run <= ?"
			sel.args = append(sel.args, v.head.Run)
		}
		err := v.use(func() error {
			return v.store.dialect.read(ctx, v.store, v.conn, sel, func(cells []driver.Value) error {
				state, err := number(cells[1])
				if err != nil {
					return err
				}
				return each(borrowed(cells[0]), State(state) == Live)
			})
		})
		if err != nil {
			return v.store.fail("read the canonical IDs", err)
		}
	}
	return nil
}

// Alive tells which of the canonical IDs a link in force has.
func (v *Snapshot) Alive(ctx context.Context, ids []string) (map[string]bool, error) {
	alive := map[string]bool{}
	for in, args := range inLists(ids) {
		for _, past := range []bool{false, true} {
			if past && !v.writing {
				continue
			}
			sel := (&linkRead{past: past, where: "canonical" + in + " AND state = 0", args: args}).selection(v)
			sel.cells = "canonical"
			if err := v.use(func() error {
				return v.store.dialect.read(ctx, v.store, v.conn, sel, func(cells []driver.Value) error {
					alive[text(cells[0])] = true
					return nil
				})
			}); err != nil {
				return nil, v.store.fail("look up canonical IDs", err)
			}
		}
	}
	return alive, nil
}
