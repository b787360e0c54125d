package rules

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/rules/damage"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/normalize"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// maxJoins bounds the combinations that one line makes of a record's several
// values: 4 phones × 4 names.
const maxJoins = 16

// maxKey is the longest key in bytes, which every store can index.
const maxKey = 255

// Reader turns the records of one source into facts. It keeps scratch space
// and is for one goroutine.
type Reader struct {
	rules   *Ruleset
	src     *source
	cells   [][]cell   // by field of the source
	values  [][]string // by Ruleset.used
	buf     []byte
	parts   []string
	none    map[string]Placeholders // by role
	puzzles map[string]Placeholders // by role; see Unclear

	components scheme.Parts // of the key, where the canonical scheme needs some
	adopted    Adopted
}

// Sources lists the source names in precedence order.
func (r *Ruleset) Sources() []string {
	names := make([]string, len(r.sources))
	for i, s := range r.sources {
		names[i] = s.Name
	}
	return names
}

// Columns lists the columns that records of source i must have, in order.
func (r *Ruleset) Columns(i int) []string { return r.sources[i].columns }

// Reader makes a reader for source i, in the order of Sources.
func (r *Ruleset) Reader(i int) *Reader {
	s := r.sources[i]
	return &Reader{rules: r, src: s, cells: make([][]cell, len(s.roles)), values: make([][]string, len(r.used))}
}

// Read fills f from a record. A record that cannot be used is a
// [*mapping.RecordError]; f then still holds the key where it could be read.
func (rd *Reader) Read(rec mapping.Record, f *Facts) error {
	s := rd.src
	f.Key, f.Verbatim, f.CanonicalID = "", "", ""
	f.Misfit, f.Damage = false, damage.Finding{}
	f.Traits, f.Who = f.Traits[:0], 0
	f.Also, f.Joins, f.Values, f.Index, f.Fields = f.Also[:0], f.Joins[:0], f.Values[:0], f.Index[:0], f.Fields[:0]
	f.Modified = time.Time{}
	reject := func(format string, args ...any) error {
		return &mapping.RecordError{Place: rec.Place, SourceID: f.Verbatim, Reason: fmt.Sprintf(format, args...)}
	}
	var err error
	f.Verbatim, f.Key, err = rd.id(&s.id, rec.Values)
	olds := rd.rewritten(f)
	if err != nil && len(olds) == 0 {
		if err = rd.repair(f, err); err != nil {
			return reject("%s", err)
		}
	}
	if f.Key == "" {
		return reject("the ID is missing")
	}
	f.Kind = s.kind
	if s.kindCol >= 0 {
		v := rec.Values[s.kindCol]
		k, ok := s.kindMap[normalize.Text(v.Text)]
		if !ok {
			return reject("the kind in column %q is not in the map", s.columns[s.kindCol])
		}
		f.Kind = k
	}
	for i := range s.also {
		verbatim, key, err := rd.id(&s.also[i], rec.Values)
		if err != nil {
			return reject("also number %s: %s", s.Also[i].Name, s.also[i].explain(verbatim, err))
		}
		if key != "" {
			f.Also = append(f.Also, AlsoID{Space: i, Key: key, Verbatim: verbatim})
		}
	}
	f.RowHash = rd.rowHash(rec.Values, f.Kind)
	f.become(olds)
	if v, ok := rd.first(s.modified, rec.Values); ok {
		f.Modified, _ = normalize.Time(v, s.loc, s.Dates)
	}
	if v, ok := rd.first(s.ours, rec.Values); ok {
		f.CanonicalID = strings.ToUpper(strings.TrimSpace(v))
	}
	rd.standing(f, rec.Values)
	rd.normalise(rec.Values)
	rd.collect(rec.Values)
	if len(s.needs) > 0 {
		rd.give(f, rec.Values)
	}
	if rd.rules.cfg.Matching {
		rd.evidence(f)
		if rd.rules.names {
			f.Who = rd.who()
		}
	}
	if len(s.traits) > 0 {
		rd.traits(f)
	}
	if rd.rules.cfg.Keep != KeepNothing {
		rd.index(f)
	}
	if rd.rules.cfg.Keep == KeepFields {
		rd.fields(f)
	}
	return nil
}

// id reads one ID: its text as received and its key. A blank ID has an empty
// key; a composite ID with a NULL part is an error.
func (rd *Reader) id(id *idReader, values []mapping.Value) (verbatim, key string, err error) {
	if len(id.cols) == 1 {
		v := values[id.cols[0]]
		if v.Null || strings.TrimSpace(v.Text) == "" {
			return v.Text, "", nil
		}
		key, at, err := id.schemes.ReadAs(id.key, nil, v.Text)
		switch {
		case err != nil:
			return v.Text, "", fmt.Errorf("the ID %w", err)
		case at < 0:
			return v.Text, key, id.misfitOf(key)
		}
		return v.Text, key, nil
	}
	if verbatim, key, err = rd.composite(id, values); err != nil || key == "" {
		return verbatim, key, err
	}
	key, at := id.schemes.Key(key)
	if at < 0 {
		return verbatim, key, id.misfitOf(key)
	}
	return verbatim, key, nil
}

func (rd *Reader) composite(id *idReader, values []mapping.Value) (verbatim, key string, err error) {
	blank := 0
	rd.parts = rd.parts[:0]
	for _, c := range id.cols {
		if values[c].Null {
			return "", "", fmt.Errorf("part %q of the ID is NULL", rd.src.columns[c])
		}
		rd.parts = append(rd.parts, values[c].Text)
		if strings.TrimSpace(values[c].Text) == "" {
			blank++
		}
	}
	verbatim = scheme.JoinParts(rd.parts)
	if blank == len(id.cols) {
		return verbatim, "", nil
	}
	for i, part := range rd.parts {
		if strings.TrimSpace(part) == "" {
			rd.parts[i] = ""
			continue
		}
		if rd.parts[i], err = id.key.Key(part); err != nil {
			return verbatim, "", fmt.Errorf("part %q of the ID %w", rd.src.columns[id.cols[i]], err)
		}
	}
	key = scheme.JoinParts(rd.parts)
	if len(key) > maxKey {
		return verbatim, "", fmt.Errorf("the ID is longer than %d bytes", maxKey)
	}
	return verbatim, key, nil
}

// rowHash tells whether a record has changed. NULL differs from empty.
func (rd *Reader) rowHash(values []mapping.Value, kind Kind) uint64 {
	b := append(rd.buf[:0], byte(kind))
	for _, c := range rd.src.rowCols {
		if values[c].Null {
			b = append(b, 0)
			continue
		}
		text := values[c].Text
		if len(rd.adopted) > 0 {
			text = rd.pointsTo(c, text)
		}
		b = binary.AppendUvarint(b, uint64(len(text))+1)
		b = append(b, text...)
	}
	rd.buf = b
	return rd.rules.hash.sum64(b)
}

// first is the first value of a field that is not blank.
func (rd *Reader) first(ro int, values []mapping.Value) (string, bool) {
	if ro < 0 {
		return "", false
	}
	for _, c := range rd.src.roles[ro].cols {
		if v := values[c.col]; !v.Null && v.Text != "" {
			return v.Text, true
		}
	}
	return "", false
}

// cell is one single value of a field: its text, split off where the field
// is a list, and its normal form where it has one.
type cell struct {
	text, normal string
	ok           bool
}

// normalise fills rd.cells: the values of every field of the record that is
// not blank, each normalised once for all that needs it.
func (rd *Reader) normalise(values []mapping.Value) {
	for i := range rd.src.roles {
		ro := &rd.src.roles[i]
		if ro.idle {
			continue
		}
		cells := rd.cells[i][:0]
		for _, c := range ro.cols {
			v := values[c.col]
			if v.Null || v.Text == "" {
				continue
			}
			if c.split == "" {
				cells = ro.add(cells, v.Text, rd.src.ctx)
				continue
			}
			for part := range strings.SplitSeq(v.Text, c.split) {
				cells = ro.add(cells, part, rd.src.ctx)
			}
		}
		rd.cells[i] = cells
	}
}

func (ro *role) add(cells []cell, text string, ctx normalize.Context) []cell {
	if text = strings.TrimSpace(text); text == "" {
		return cells
	}
	c := cell{text: text}
	if ro.used || ro.keep {
		c.normal, c.ok = ro.norm(text, ctx)
	}
	return append(cells, c)
}

// collect gathers the values of every used role, normalised, without blanks,
// placeholders and repetitions.
func (rd *Reader) collect(values []mapping.Value) {
	for u := range rd.rules.used {
		rd.values[u] = rd.values[u][:0]
		if ro := rd.src.used[u]; ro >= 0 {
			for _, c := range rd.cells[ro] {
				if c.ok {
					rd.addValue(u, c.normal)
				}
			}
		}
		if u == nameIndex && rd.rules.used[u].needed && len(rd.values[u]) == 0 {
			given, _ := rd.first(rd.src.given, values)
			family, _ := rd.first(rd.src.family, values)
			if given != "" && family != "" {
				rd.addValue(u, normalize.Text(normalize.FullName(given, family)))
			}
		}
	}
}

func (rd *Reader) addValue(u int, n string) {
	used := &rd.rules.used[u]
	if n == "" || slices.Contains(rd.values[u], n) {
		return
	}
	if used.placeholders[n] || normalize.Placeholder(used.name, n) {
		rd.placeholder(u, n)
		return
	}
	rd.values[u] = append(rd.values[u], n)
}

// placeholder counts a value that stands for none.
func (rd *Reader) placeholder(u int, n string) {
	if rd.none == nil {
		rd.none = map[string]Placeholders{}
	}
	role := rd.rules.used[u].name
	p := rd.none[role]
	p.Records++
	p.example(n)
	rd.none[role] = p
}

// evidence hashes what the record agrees and disagrees by.
func (rd *Reader) evidence(f *Facts) {
	for i := range rd.rules.lines {
		l := &rd.rules.lines[i]
		if (l.sources == nil || l.sources[rd.src.Name]) && (l.kind < 0 || Kind(l.kind) == f.Kind) {
			rd.joins(f, uint8(i), l)
		}
	}
	for u, used := range rd.rules.used {
		if used.check < 0 {
			continue
		}
		for _, v := range rd.values[u] {
			rd.buf = append(append(append(rd.buf[:0], used.name...), 0), v...)
			f.Values = append(f.Values, match.Value{Role: uint8(used.check), Hash: rd.rules.hash.sum64(rd.buf)})
		}
	}
}

// who is a hash of the record's name, 0 where it has none.
func (rd *Reader) who() uint64 {
	for _, u := range [...]int{nameIndex, companyUsed} {
		if len(rd.values[u]) > 0 {
			return rd.indexHash("name", rd.values[u][0]) | 1
		}
	}
	return 0
}

// joins adds a hash for every combination of the values of a line's fields.
func (rd *Reader) joins(f *Facts, no uint8, l *line) {
	total := 1
	for _, u := range l.fields {
		if u != idField {
			total *= len(rd.values[u])
		}
	}
	for combo := range min(total, maxJoins) {
		b := append(append(rd.buf[:0], l.id...), byte(f.Kind))
		rest := combo
		for _, u := range l.fields {
			if u == idField {
				b = appendText(b, f.Key)
				continue
			}
			vals := rd.values[u]
			b = appendText(b, vals[rest%len(vals)])
			rest /= len(vals)
		}
		rd.buf = b
		f.Joins = append(f.Joins, match.Join{Line: no, Hash: rd.rules.hash.sum128(b)})
	}
}

// index hashes the values by which people look a customer up. A company's
// name counts as a name.
func (rd *Reader) index(f *Facts) {
	for i, name := range Indexes {
		for _, v := range rd.values[i] {
			f.Index = append(f.Index, IndexHash{Index: uint8(i), Hash: rd.indexHash(name, v)})
		}
	}
	for _, v := range rd.values[companyUsed] {
		f.Index = append(f.Index, IndexHash{Index: nameIndex, Hash: rd.indexHash("name", v)})
	}
}

func (rd *Reader) indexHash(index, value string) uint64 {
	rd.buf = appendIndexText(rd.buf[:0], index, value)
	return rd.rules.hash.sum64(rd.buf)
}

func appendIndexText(b []byte, index, value string) []byte {
	return append(append(append(b, index...), 1), value...)
}
