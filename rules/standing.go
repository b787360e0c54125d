package rules

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/rules/normalize"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// What a source itself says of its records: that one is deleted, and that it
// was merged into another.

// standing reads both. Values that cannot be understood say neither.
func (rd *Reader) standing(f *Facts, values []mapping.Value) {
	f.Deleted = rd.deleted(values)
	f.MergedInto = rd.mergedInto(values)
	if f.MergedInto == f.Key {
		f.MergedInto = ""
	}
}

// deleted reports whether a record is flagged as deleted: by a word that means
// yes, by a time at which it was deleted, in any of the role's columns.
func (rd *Reader) deleted(values []mapping.Value) bool {
	s := rd.src
	if s.deleted < 0 {
		return false
	}
	for _, c := range s.roles[s.deleted].cols {
		v := values[c.col]
		text := strings.TrimSpace(v.Text)
		if v.Null || text == "" {
			continue
		}
		switch word := normalize.Text(text); {
		case deletedWord(word):
			return true
		case keptWord(word) || strings.Trim(word, "0-/.: t") == "": // 0000-00-00 is no time
		default:
			if _, ok := normalize.Time(text, s.loc, s.Dates); ok {
				return true
			}
			rd.unclear("deleted", word)
		}
	}
	return false
}

// deletedWord reports whether a word in a deleted column says yes.
func deletedWord(word string) bool {
	switch word {
	case "true", "t", "yes", "y", "1", "on", "x", "deleted", "removed", "ja", "j", "oui", "o", "si", "sí", "s", "sim", "是", "已删除", "はい", "예":
		return true
	}
	return false
}

// keptWord reports whether a word in a deleted column says no.
func keptWord(word string) bool {
	switch word {
	case "false", "f", "no", "n", "0", "off", "-", "active", "nein", "non", "não", "否", "未删除", "いいえ", "아니요":
		return true
	}
	return normalize.Placeholder("deleted", word)
}

// mergedInto is the key of the source ID that a record was merged into; empty
// where it names none.
func (rd *Reader) mergedInto(values []mapping.Value) string {
	s := rd.src
	if s.into < 0 {
		return ""
	}
	cols := s.roles[s.into].cols
	if n := len(s.id.cols); n > 1 && len(cols) == n { // a column for each part of the ID
		parts := make([]string, n)
		for i, c := range cols {
			if parts[i] = values[c.col].Text; values[c.col].Null || noID(parts[i]) {
				return ""
			}
		}
		return rd.intoKey(scheme.JoinParts(parts))
	}
	for _, c := range cols {
		if v := values[c.col]; !v.Null && !noID(v.Text) {
			return rd.intoKey(v.Text)
		}
	}
	return ""
}

// noID reports whether a text in a column of source IDs stands for none.
func noID(text string) bool {
	text = strings.TrimSpace(text)
	return strings.Trim(text, "0-.") == "" || normalize.Placeholder("merged_into", normalize.Text(text))
}

// intoKey is the key of a source ID that a record names.
func (rd *Reader) intoKey(text string) string {
	key, _, err := rd.rules.Key(rd.src.Name, text)
	if err != nil {
		rd.unclear("merged_into", text)
		return ""
	}
	if olds := rd.adopted[key]; len(olds) > 0 {
		return olds[0].Key
	}
	return key
}

// unclear counts a value that cannot be understood.
func (rd *Reader) unclear(role, text string) {
	if rd.puzzles == nil {
		rd.puzzles = map[string]Placeholders{}
	}
	p := rd.puzzles[role]
	p.Records++
	p.example(text)
	rd.puzzles[role] = p
}

// Unclear are the values of the roles deleted and merged_into that the reader
// could not understand so far, by role. They count as none.
func (rd *Reader) Unclear() map[string]Placeholders { return rd.puzzles }

// TellsDeleted reports whether records of source i say that they are deleted.
func (r *Ruleset) TellsDeleted(i int) bool { return r.sources[i].deleted >= 0 }

// MergedIntoKey is the key that a kept record of source names as the one that
// it was merged into; empty where it names none.
func (r *Ruleset) MergedIntoKey(name string, fields map[string][]string) string {
	values := fields["merged_into"]
	k := slices.IndexFunc(r.sources, func(s *source) bool { return s.Name == name })
	if k < 0 || len(values) == 0 {
		return ""
	}
	text := values[0]
	if n := len(r.sources[k].id.cols); n > 1 && len(values) == n {
		text = scheme.JoinParts(values)
	}
	if noID(text) {
		return ""
	}
	key, _, err := r.Key(name, text)
	if err != nil {
		return ""
	}
	return key
}
