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

// definition reads one column or constraint.
func (c *sqliteCreate) definition(text string, tokens []sqlToken) {
	if len(tokens) == 0 {
		return
	}
	var col sqliteColumn
	constraint := tokens[0].is("CONSTRAINT") || tokens[0].is("PRIMARY") || tokens[0].is("UNIQUE") || tokens[0].is("CHECK") || tokens[0].is("FOREIGN")
	name := ""
	for i := 0; i < len(tokens); i = skip(tokens, i) {
		if i == 0 && !constraint {
			continue
		}
		inner := func() string {
			if i+1 == len(tokens) || !tokens[i+1].is("(") {
				return ""
			}
			return strings.TrimSpace(text[tokens[i+1].to:tokens[min(closing(tokens, i+1), len(tokens)-1)].from])
		}
		next := func() string {
			if i+1 < len(tokens) {
				return tokens[i+1].text
			}
			return ""
		}
		switch t := tokens[i]; {
		case t.is("CONSTRAINT"):
			name = next()
			i++
		case t.is("COLLATE") && !constraint:
			col.collation = next()
			i++
		case t.is("AS") && inner() != "":
			col.generated = inner()
		case t.is("CHECK") && inner() != "":
			c.checks = append(c.checks, sqliteCheck{name, inner()})
			name = ""
		case t.is("AUTOINCREMENT"):
			c.autoincrement = true
		case t.is("PRIMARY"):
			c.descending = c.descending || !constraint && i+2 < len(tokens) && tokens[i+2].is("DESC")
		}
	}
	if !constraint {
		c.columns[lowerASCII(tokens[0].text)] = col
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
