package rules

import (
	"fmt"
	"slices"
)

// Adopted are canonical IDs that a source has for IDs since its key was
// rewritten in place, by their keys, and the records that have them: under
// which IDs these were known before. Several IDs were of one customer.
type Adopted map[string][]Old

// Old is an ID from before a rewrite. RowHash is what the record was like when
// it was last read; it counts only where there are several.
type Old struct {
	Key, Verbatim string
	RowHash       uint64
}

// Adopt lets the reader take records with adopted IDs for those that they were
// before: a rewritten source reads as if nothing had been rewritten, all of it
// or a part. a is not changed.
func (rd *Reader) Adopt(a Adopted) { rd.adopted = a }

// rewritten are the IDs that a record's own may have come in place of; the
// record goes by the first of them until more is known.
func (rd *Reader) rewritten(f *Facts) []Old {
	if len(rd.adopted) == 0 || f.Key == "" {
		return nil
	}
	olds := rd.adopted[f.Key]
	if len(olds) > 0 {
		f.Key, f.Verbatim = olds[0].Key, olds[0].Verbatim
	}
	return olds
}

// become chooses among several IDs that whose record was like this one.
func (f *Facts) become(olds []Old) {
	if len(olds) < 2 {
		return
	}
	if k := slices.IndexFunc(olds, func(o Old) bool { return o.RowHash == f.RowHash }); k > 0 {
		f.Key, f.Verbatim = olds[k].Key, olds[k].Verbatim
	}
}

// pointsTo is the text of a column as it was before the rewrite: where it
// names another record of the source by an adopted ID, the older one.
func (rd *Reader) pointsTo(column int, text string) string {
	s := rd.src
	if s.into < 0 || !slices.ContainsFunc(s.roles[s.into].cols, func(c roleColumn) bool { return c.col == column }) {
		return text
	}
	if key, err := (Keys{s.id.key, s.id.schemes}).Key(text); err == nil && len(rd.adopted[key]) > 0 {
		return rd.adopted[key][0].Verbatim
	}
	return text
}

// Composite reports whether the ID of source i has several parts.
func (r *Ruleset) Composite(i int) bool { return len(r.sources[i].id.cols) > 1 }

// AdoptedKey is the key that a canonical ID has as an ID of source i, whether
// or not the source's schemes read it. The error says why it has none.
func (r *Ruleset) AdoptedKey(i int, id string) (string, error) {
	s := &r.sources[i].id
	key, err := Keys{s.key, s.schemes}.Key(id)
	if err != nil {
		return "", fmt.Errorf("the ID %w", err)
	}
	return key, nil
}

// ours reports whether a key that no scheme of a source's own ID reads is a
// canonical ID.
func (r *Ruleset) ours(id *idReader, key string) bool {
	own := false
	for _, s := range r.sources {
		own = own || &s.id == id && len(id.cols) == 1
	}
	return own && slices.ContainsFunc(r.sources, func(s *source) bool { return s.canonical != nil && s.canonical.Match(key) })
}
