package crosswalk

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"hash"
)

// indexes reads the pages of the indexes, and the tables that list them.
func (a *auditor) indexes(ctx context.Context) error {
	names, err := a.indexNames(ctx)
	if err != nil {
		return err
	}
	if err := a.segments(ctx, names); err != nil {
		return err
	}
	pages := &pagePass{auditor: a, names: names, seen: map[indexPart]bool{}}
	if err := queryRaw(ctx, a.q, a.store.sql("SELECT index_no, from_run, low, page_no, page, row_sum FROM @match ORDER BY index_no, from_run, low, page_no"), nil, pages.row); err != nil {
		return err
	}
	pages.end()
	empty := hex.EncodeToString(sha256.New().Sum(nil))
	for part, want := range a.did.indexes {
		if !pages.seen[part] && want != empty {
			a.breach(3, "match", "index "+part.name, part.run, "the pages that run %d wrote are missing", part.run)
		}
	}
	return nil
}

// indexNames are the names of the indexes by their numbers, which begin at 1
// and leave none out.
func (a *auditor) indexNames(ctx context.Context) (map[int64]string, error) {
	var rows []struct {
		No   int64  `db:"index_no"`
		Name string `db:"name"`
		Run  int64  `db:"from_run"`
	}
	if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT index_no, name, from_run FROM @index ORDER BY index_no")); err != nil {
		return nil, err
	}
	first := map[string]int64{}
	for part := range a.did.indexes {
		if run, known := first[part.name]; !known || part.run < run {
			first[part.name] = part.run
		}
	}
	names := make(map[int64]string, len(rows))
	for i, row := range rows {
		names[row.No] = row.Name
		run, known := first[row.Name]
		switch {
		case row.No != int64(i)+1:
			a.breach(3, "index", row.Name, row.Run, "it has the number %d and should have %d", row.No, i+1)
		case known && run < row.Run, known && run > row.Run && a.complete(row.Run), !known && a.complete(row.Run):
			a.breach(3, "index", row.Name, row.Run, "run %d did not make it", row.Run)
		}
		delete(first, row.Name)
	}
	for name, run := range first {
		a.breach(3, "index", name, run, "it is missing; run %d wrote to it", run)
	}
	return names, nil
}

// complete reports whether all that a run wrote is on record. One that is
// being written has none yet.
func (a *auditor) complete(run int64) bool {
	return (a.open == nil || run != a.open.No) && (a.did.sums[run] || run < 1 || run > a.head)
}

func (a *auditor) segments(ctx context.Context, names map[int64]string) error {
	var rows []segment
	if err := a.q.SelectContext(ctx, &rows, a.store.sql("SELECT index_no, from_run FROM @segment ORDER BY index_no, from_run")); err != nil {
		return err
	}
	there := make(map[indexPart]bool, len(rows))
	for _, row := range rows {
		part := indexPart{row.Run, names[row.Index]}
		there[part] = true
		if _, made := a.did.indexes[part]; !made && a.complete(row.Run) {
			a.breach(3, "segment", fmt.Sprintf("index %d, run %d", row.Index, row.Run), row.Run, "run %d did not write to index %d", row.Run, row.Index)
		}
	}
	for part := range a.did.indexes {
		if !there[part] {
			a.breach(3, "segment", fmt.Sprintf("index %s, run %d", part.name, part.run), part.run, "it is missing, so what run %d wrote is not found", part.run)
		}
	}
	return nil
}

// pagePass reads the pages in the order of their key.
type pagePass struct {
	*auditor
	names map[int64]string
	seen  map[indexPart]bool
	of    segment
	sum   hash.Hash // of the segment; nil before the first
}

func (p *pagePass) row(cells []driver.Value) error {
	p.looked()
	p.found.Pages++
	var row storedRow
	seg := segment{row.number(cells[0]), row.number(cells[1])}
	low := row.number(cells[2])
	data, ok := cells[4].([]byte)
	at := page{low: uint64(low) ^ 1<<63, no: int(row.number(cells[3])), data: data}
	row.storedSum(cells[5])
	if p.sum == nil || seg != p.of {
		p.end()
		p.of, p.sum = seg, sha256.New()
	}
	p.sum.Write(data)
	what := ""
	switch {
	case !ok || row.problem != "":
		what = "it is not what was written: a number or a page in it is none"
	case !row.unsummed && at.sum(seg) != row.sum:
		what = "it is not what was written: its checksum is of something else"
	case row.unsummed && p.complete(seg.Run):
		what = "its checksum is missing"
	case row.unsummed:
		first, begun := uint64(0), false
		if err := decodePage(data, func(hash uint64, _ int, _ []byte) {
			if !begun {
				first, begun = hash, true
			}
		}); err != nil || first != at.low {
			what = "it is not what was written: its entries are damaged"
		}
	}
	if what != "" {
		p.breach(3, "match", fmt.Sprintf("index %s, run %d, low %d, page %d", p.names[seg.Index], seg.Run, low, at.no), seg.Run, "%s", what)
	}
	return nil
}

// end compares the digest of a segment.
func (p *pagePass) end() {
	if p.sum == nil {
		return
	}
	part := indexPart{p.of.Run, p.names[p.of.Index]}
	want, made := p.did.indexes[part]
	p.seen[part] = true
	switch {
	case made && want != hex.EncodeToString(p.sum.Sum(nil)):
		p.breach(3, "match", fmt.Sprintf("index %s", part.name), part.run, "the pages that run %d wrote are not those that are there", part.run)
	case !made && p.complete(p.of.Run):
		p.breach(3, "match", fmt.Sprintf("index %d", p.of.Index), part.run, "run %d wrote no such pages", part.run)
	}
}
