package rewrite

import (
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// sqliteCreate is what only the text of CREATE TABLE tells.
type sqliteCreate struct {
	columns       map[string]sqliteColumn // by lower-case name
	checks        []sqliteCheck
	autoincrement bool
	descending    bool // INTEGER PRIMARY KEY DESC, which is no other name of the rowid
}

type sqliteColumn struct{ collation, generated string }

type sqliteCheck struct{ name, expression string }

func (c *sqliteCreate) column(name string) sqliteColumn { return c.columns[lowerASCII(name)] }

// parseCreateTable reads the definitions of columns and constraints. SQLite
// keeps the text as it was written and has checked it.
func parseCreateTable(text string) sqliteCreate {
	create := sqliteCreate{columns: map[string]sqliteColumn{}}
	tokens := sqlTokens(sqldb.SQLite, text)
	open := 0
	for open < len(tokens) && !tokens[open].is("(") {
		open++
	}
	if open == len(tokens) {
		return create
	}
	end := closing(tokens, open)
	for from := open + 1; from < end; {
		to := from
		for to < end && !tokens[to].is(",") {
			to = skip(tokens, to)
		}
		create.definition(text, tokens[from:to])
		from = to + 1
	}
	return create
}

// closing is the place of the parenthesis that closes the one at open, or the
// end.
func closing(tokens []sqlToken, open int) int {
	depth := 0
	for i := open; i < len(tokens); i++ {
		switch {
		case tokens[i].is("("):
			depth++
		case tokens[i].is(")"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(tokens)
}

// skip is the place after a piece, or after the parentheses that it opens.
func skip(tokens []sqlToken, i int) int {
	if tokens[i].is("(") {
		return min(closing(tokens, i)+1, len(tokens))
	}
	return i + 1
}

// inside is what stands in the parentheses that open at i; empty where none do.
func inside(text string, tokens []sqlToken, i int) string {
	if i >= len(tokens) || !tokens[i].is("(") {
		return ""
	}
	end := tokens[len(tokens)-1].to
	if at := closing(tokens, i); at < len(tokens) {
		end = tokens[at].from
	}
	return strings.TrimSpace(text[tokens[i].to:end])
}

// definition reads one column or constraint.
func (c *sqliteCreate) definition(text string, tokens []sqlToken) {
	if len(tokens) == 0 {
		return
	}
	var col sqliteColumn
	first := tokens[0]
	constraint := first.is("CONSTRAINT") || first.is("PRIMARY") || first.is("UNIQUE") || first.is("CHECK") || first.is("FOREIGN")
	from, name := 1, ""
	if constraint {
		from = 0
	}
	for i := from; i < len(tokens); i = skip(tokens, i) {
		t := tokens[i]
		expression := inside(text, tokens, i+1)
		switch {
		case t.is("CONSTRAINT") && i+1 < len(tokens):
			i++
			if name = ""; i+1 < len(tokens) && tokens[i+1].is("CHECK") {
				name = tokens[i].text
			}
		case t.is("COLLATE") && !constraint && i+1 < len(tokens):
			i++
			col.collation = tokens[i].text
		case t.is("AS") && expression != "":
			col.generated = expression
		case t.is("CHECK") && expression != "":
			c.checks = append(c.checks, sqliteCheck{name, expression})
			name = ""
		case t.is("AUTOINCREMENT"):
			c.autoincrement = true
		case t.is("PRIMARY"):
			c.descending = c.descending || !constraint && i+2 < len(tokens) && tokens[i+2].is("DESC")
		}
	}
	if !constraint {
		c.columns[lowerASCII(first.text)] = col
	}
}

// afterWord is what follows a keyword of CREATE INDEX that stands outside of
// parentheses.
func afterWord(text, word string) string {
	tokens := sqlTokens(sqldb.SQLite, text)
	for i := 0; i < len(tokens); i = skip(tokens, i) {
		if tokens[i].is(word) {
			return strings.TrimSpace(text[tokens[i].to:])
		}
	}
	return ""
}

// indexPart is the n-th part, counted from 0, of what CREATE INDEX indexes.
func indexPart(text string, n int) string {
	tokens := sqlTokens(sqldb.SQLite, text)
	for i, t := range tokens {
		if !t.is("(") {
			continue
		}
		end := closing(tokens, i)
		for from := i + 1; from < end; n-- {
			to := from
			for to < end && !tokens[to].is(",") {
				to = skip(tokens, to)
			}
			if n == 0 {
				return text[tokens[from].from:tokens[to-1].to]
			}
			from = to + 1
		}
		break
	}
	return ""
}

// parseTrigger reads when a trigger fires. One that only deletions set off is
// none.
func parseTrigger(name string, tokens []sqlToken) (Trigger, bool) {
	t := Trigger{Name: name}
	when := "BEFORE"
	for i := 0; i < len(tokens) && !tokens[i].is("ON"); i++ {
		switch k := tokens[i]; {
		case k.is("BEFORE"), k.is("AFTER"):
			when = strings.ToUpper(k.text)
		case k.is("INSTEAD"):
			when = "INSTEAD OF"
			i++
		case k.is("INSERT"), k.is("UPDATE"), k.is("DELETE"):
			t.Event = when + " " + strings.ToUpper(k.text)
		case t.Event != "" && (k.kind == quotedName || k.kind == wordToken && !k.is("OF")):
			t.Columns = append(t.Columns, k.text)
		}
	}
	return t, t.Event != "" && !strings.HasSuffix(t.Event, "DELETE")
}
