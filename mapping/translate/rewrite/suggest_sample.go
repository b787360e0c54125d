package rewrite

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

const (
	sampledRows   = 6000 // of a table at most
	sampledPlaces = 20   // where they are taken from, if there are more
	sampledPages  = 400  // of a table in PostgreSQL, before rows are chosen
	sampledText   = 400  // characters of a value; only lists are longer
)

// sampled are the rows of a sample: texts in the order of the table's columns.
type sampled [][]sql.NullString

// sampler reads samples of tables.
type sampler struct {
	ctx context.Context
	db  *sqldb.DB
}

// rows reads a table as a whole if it is small, and otherwise some rows from
// many places of it. The same table gives the same sample.
func (s *sampler) rows(t *heldTable) (sampled, error) {
	if len(t.columns) == 0 {
		return nil, nil
	}
	d := s.db.Dialect
	columns := make([]string, len(t.columns))
	for i, c := range t.columns {
		columns[i] = sampledColumn(d, d.Quote(c.name), i)
	}
	table := d.Quote(t.schema) + "." + d.Quote(t.name)
	if d == sqldb.Postgres {
		return s.scatter(strings.Join(columns, ", "), table)
	}
	selectAll := "SELECT " + strings.Join(columns, ", ") + " FROM " + table
	var n int64
	if err := s.db.GetContext(s.ctx, &n, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT %d) few", table, sampledRows+1)); err != nil {
		return nil, err
	}
	if n <= sampledRows {
		return s.read(nil, selectAll)
	}
	starts, key, err := s.places(t, table)
	if err != nil {
		return nil, err
	}
	skip := int64(sampledRows / sampledPlaces)
	if starts == nil {
		if skip, err = s.skip(t); err != nil {
			return nil, err
		}
	}
	var parts []string
	for i := range sampledPlaces {
		if starts == nil {
			// Nothing leads into the table but counting rows.
			parts = append(parts, fmt.Sprintf("SELECT * FROM (%s LIMIT %d OFFSET %d) p%d", selectAll, sampledRows/sampledPlaces, int64(i)*skip, i))
			continue
		}
		parts = append(parts, fmt.Sprintf("SELECT * FROM (%s WHERE %s >= ? ORDER BY %[2]s LIMIT %d) p%d", selectAll, key, sampledRows/sampledPlaces, i))
	}
	return s.read(starts, strings.Join(parts, " UNION ALL "))
}

// skippedRows lie at most between places in a table without a key, which are
// reached by reading all before them.
const skippedRows = 25_000

// skip is how many rows lie between places in a table of MySQL without a key.
func (s *sampler) skip(t *heldTable) (int64, error) {
	var rows int64
	err := s.db.GetContext(s.ctx, &rows, "SELECT COALESCE(MAX(table_rows), 0) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", t.schema, t.name)
	// The number is an estimate, so the last places stay well before the end.
	return min(skippedRows, max(sampledRows, rows*4/5)/sampledPlaces), err
}

// sampledColumn is a column as text.
func sampledColumn(d sqldb.Dialect, quoted string, i int) string {
	switch d {
	case sqldb.Postgres:
		return fmt.Sprintf("left(%s::text, %d) AS c%d", quoted, sampledText, i)
	case sqldb.MySQL:
		return fmt.Sprintf("LEFT(%s, %d) AS c%d", quoted, sampledText, i)
	}
	return fmt.Sprintf("SUBSTR(%s, 1, %d) AS c%d", quoted, sampledText, i)
}

// scatter lets PostgreSQL choose pages, and of their rows those whose places
// come first by a hash.
func (s *sampler) scatter(columns, table string) (sampled, error) {
	var pages float64
	err := s.db.GetContext(s.ctx, &pages, `SELECT (pg_relation_size($1::regclass) + COALESCE((SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree($1::regclass)), 0))
		/ current_setting('block_size')::int`, table)
	if err != nil {
		return nil, err
	}
	share := min(100, 100*sampledPages/max(1, pages))
	return s.read(nil, fmt.Sprintf("SELECT %s FROM %s TABLESAMPLE SYSTEM (%.9f) REPEATABLE (1) ORDER BY hashtext(ctid::text), ctid LIMIT %d",
		columns, table, share, sampledRows))
}

// places are values of the table's key from which on rows are taken, and the
// key; nil where it has none that can be divided.
func (s *sampler) places(t *heldTable, table string) ([]any, string, error) {
	key, numeric := "", false
	switch {
	case len(t.key) > 0:
		key = s.db.Dialect.Quote(t.key[0])
		i, ok := t.column(t.key[0])
		numeric = ok && strings.Contains(strings.ToLower(t.columns[i].typ), "int")
	case s.db.Dialect == sqldb.SQLite:
		key, numeric = "rowid", true // a column of this name serves as well
	default:
		return nil, "", nil
	}
	var low, high sql.NullString
	if err := s.db.QueryRowContext(s.ctx, fmt.Sprintf("SELECT MIN(%s), MAX(%[1]s) FROM %s", key, table)).Scan(&low, &high); err != nil {
		return nil, "", err
	}
	places := make([]any, sampledPlaces)
	from, fromOK := new(big.Int).SetString(low.String, 10)
	to, toOK := new(big.Int).SetString(high.String, 10)
	for i := range places {
		if numeric && fromOK && toOK {
			step := new(big.Int).Mul(new(big.Int).Sub(to, from), big.NewInt(int64(i)))
			n := step.Div(step, big.NewInt(sampledPlaces)).Add(step, from)
			places[i] = n.String()
			if n.IsInt64() {
				places[i] = n.Int64()
			}
			continue
		}
		places[i] = between(low.String, high.String, i, sampledPlaces)
	}
	return places, key, nil
}

// alphabet are the characters of keys, in the order that databases give them;
// others count as the one before them.
const alphabet = "-0123456789abcdefghijklmnopqrstuvwxyz"

// alphabetOf is as much of it as texts use, so that digits are followed by no
// letters.
func alphabetOf(texts ...string) string {
	last := strings.IndexByte(alphabet, '9')
	for _, t := range texts {
		for _, c := range []byte(strings.ToLower(t)) {
			last = max(last, strings.IndexByte(alphabet, c))
		}
	}
	return alphabet[:last+1]
}

// between is a text that lies i n-ths of the way from low to high, as near as
// one can tell without their collation.
func between(low, high string, i, n int) string {
	if i == 0 {
		return low
	}
	common := 0
	for common < len(low) && common < len(high) && low[common] == high[common] {
		common++
	}
	alphabet := alphabetOf(low[common:], high[common:])
	const depth = 5
	value := func(s string) (v int64) {
		s = strings.ToLower(s)
		for j := range depth {
			v *= int64(len(alphabet))
			for k := 1; common+j < len(s) && k < len(alphabet) && alphabet[k] <= s[common+j]; k++ {
				v++
			}
		}
		return v
	}
	from, to := value(low), value(high)
	v := from + (to-from)/int64(n)*int64(i)
	text := make([]byte, depth)
	for j := depth - 1; j >= 0; j-- {
		text[j] = alphabet[v%int64(len(alphabet))]
		v /= int64(len(alphabet))
	}
	out := strings.TrimRight(string(text), "-")
	if strings.ToLower(high) != high {
		out = strings.ToUpper(out)
	}
	return strings.ToValidUTF8(low[:common], "") + out
}

func (s *sampler) read(args []any, query string) (sampled, error) {
	rows, err := s.db.QueryContext(s.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out sampled
	dest := make([]any, len(columns))
	for rows.Next() {
		row := make([]sql.NullString, len(columns))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
