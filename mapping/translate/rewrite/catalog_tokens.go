package rewrite

import (
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// sqlToken is a piece of SQL. Comments and space are none.
type sqlToken struct {
	kind     tokenKind
	text     string // without quotes
	from, to int    // where it stands
}

type tokenKind uint8

const (
	wordToken  tokenKind = iota // a keyword or a name without quotes
	quotedName                  // a name in quotes
	textToken                   // a string
	otherToken                  // a number, an operator, a parenthesis
)

// is reports whether k is a keyword or a sign, compared without case.
func (k sqlToken) is(word string) bool {
	return (k.kind == wordToken || k.kind == otherToken) && strings.EqualFold(k.text, word)
}

// names reports whether k can be the name of a column or table.
func (k sqlToken) names(d sqldb.Dialect, name string) bool {
	switch k.kind {
	case quotedName:
		return sameName(d, k.text, name)
	case wordToken:
		if d == sqldb.Postgres {
			return strings.ToLower(k.text) == name
		}
		return sameName(d, k.text, name)
	default:
		return false
	}
}

// sqlTokens cuts SQL into pieces. What it cannot make sense of is a piece of
// one character.
func sqlTokens(d sqldb.Dialect, sql string) []sqlToken {
	var out []sqlToken
	for i := 0; i < len(sql); {
		from := i
		k := sqlToken{kind: otherToken}
		switch c := sql[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			i++
			continue
		case strings.HasPrefix(sql[i:], "--"):
			i = endOf(sql, i, "\n")
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			i = endOf(sql, i+2, "*/")
			continue
		case c == '\'' || c == '"' || c == '`':
			k.kind = quotedName
			if c == '\'' || c == '"' && d == sqldb.MySQL {
				k.kind = textToken
			}
			k.text, i = unquote(sql, i, c, d == sqldb.MySQL && c != '`')
		case c == '[' && d == sqldb.SQLite:
			k.kind = quotedName
			i = endOf(sql, i, "]")
			k.text = strings.TrimSuffix(sql[from+1:i], "]")
		case wordStart(c):
			k.kind = wordToken
			for i < len(sql) && (wordStart(sql[i]) || '0' <= sql[i] && sql[i] <= '9' || sql[i] == '$') {
				i++
			}
			k.text = sql[from:i]
		default:
			i++
			k.text = sql[from:i]
		}
		k.from, k.to = from, i
		out = append(out, k)
	}
	return out
}

// wordStart reports whether a name without quotes may begin with c: all that
// is not ASCII counts as a letter.
func wordStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

// endOf is the place after the next mark, or the end.
func endOf(sql string, from int, mark string) int {
	if at := strings.Index(sql[from:], mark); at >= 0 {
		return from + at + len(mark)
	}
	return len(sql)
}

// unquote reads what stands in quotes from i on, and the place after it. A
// quote within is doubled, or follows a backslash where there are escapes.
func unquote(sql string, i int, quote byte, escapes bool) (string, int) {
	var b strings.Builder
	for i++; i < len(sql); i++ {
		switch c := sql[i]; {
		case c == '\\' && escapes && i+1 < len(sql):
			i++
		case c == quote && i+1 < len(sql) && sql[i+1] == quote:
			i++
		case c == quote:
			return b.String(), i + 1
		}
		b.WriteByte(sql[i])
	}
	return b.String(), i
}
