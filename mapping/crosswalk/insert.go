package crosswalk

import (
	"context"
	"strings"
	"unsafe"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// linkColumns are the columns of xwalk_link, in the order of linkRows.cell.
var linkColumns = []string{
	"source_no", "id_key", "verbatim", "canonical", "state", "kind", "rule_no",
	"from_run", "since_run", "row_hash", "row_sum", "match_keys", "fields",
}

var linkColumnList = strings.Join(linkColumns, ", ")

// The columns that linkRows tells apart.
const (
	colSource = iota
	colKey
	colVerbatim
	colCanonical
	colState
	colKind
	colRule
	colFrom
	colSince
	colHash
	colSum
	colMatch
	colFields
)

// linkRows are links of one run as rows: links[i] has the checksum sums[i],
// and its rule the number rules[links[i].Rule].
type linkRows struct {
	links []Link
	sums  []int64
	rules map[string]int64
}

// cell is what stands in a column of row i: a string, []byte, int64 or nil.
func (r *linkRows) cell(i, column int) any {
	l := &r.links[i]
	switch column {
	case colSource:
		return int64(l.Source)
	case colKey:
		return l.Key
	case colVerbatim:
		if l.Verbatim == "" || l.Verbatim == l.Key {
			return nil
		}
		return l.Verbatim
	case colCanonical:
		return l.Canonical
	case colState:
		return int64(l.State)
	case colKind:
		return int64(l.Kind)
	case colRule:
		return r.rules[l.Rule]
	case colFrom:
		return l.FromRun
	case colSince:
		if l.SinceRun == l.FromRun {
			return nil
		}
		return l.SinceRun
	case colHash:
		return int64(l.RowHash)
	case colSum:
		return r.sums[i]
	case colMatch:
		if l.Match == nil {
			return nil
		}
		return l.Match
	default:
		if l.Fields == nil {
			return nil
		}
		return unsafe.String(unsafe.SliceData(l.Fields), len(l.Fields)) // as long as the batch it does not change
	}
}

// bulkLinks inserts rows the way that servers like.
func bulkLinks(ctx context.Context, s *Store, tx *sqldb.Tx, rows *linkRows) error {
	return sqldb.BulkInsert(ctx, tx, s.table("link"), linkColumns, len(rows.links), func(i int, dst *sqldb.Row) {
		for c := range linkColumns {
			switch v := rows.cell(i, c).(type) {
			case string:
				dst.Text(v)
			case int64:
				dst.Int(v)
			case []byte:
				dst.Bytes(v)
			default:
				dst.Null()
			}
		}
	})
}
