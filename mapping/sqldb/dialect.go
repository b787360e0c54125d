package sqldb

import (
	"fmt"
	"strings"
)

// Dialect is a kind of SQL database.
type Dialect uint8

// The dialects. MySQL stands for MariaDB too.
const (
	SQLite Dialect = iota
	Postgres
	MySQL
)

// String is the dialect's name as the configuration writes it: sqlite,
// postgres or mysql.
func (d Dialect) String() string {
	switch d {
	case Postgres:
		return "postgres"
	case MySQL:
		return "mysql"
	default:
		return "sqlite"
	}
}

// Recognize tells a DSN's dialect by its scheme: postgres:// or
// postgresql://, mysql:// or mariadb://, and otherwise SQLite (a path, file:…
// or sqlite:…, so C:\x.db is a path).
func Recognize(dsn string) Dialect {
	scheme, _, ok := strings.Cut(dsn, "://")
	if !ok {
		return SQLite
	}
	switch strings.ToLower(scheme) {
	case "postgres", "postgresql":
		return Postgres
	case "mysql", "mariadb":
		return MySQL
	default:
		return SQLite
	}
}

// Quote quotes one identifier for d, whatever characters it holds. A NUL,
// which no database allows in a name, is left out, so that the name cannot
// end early.
func (d Dialect) Quote(ident string) string {
	ident = strings.ReplaceAll(ident, "\x00", "")
	if d == MySQL {
		return "`" + strings.ReplaceAll(ident, "`", "``") + "`"
	}
	return `"` + strings.ReplaceAll(ident, `"`, `""`) + `"`
}

// Table quotes a table's name as a person writes it: `table`, `schema.table`,
// or with parts in "double quotes" or `backticks` where they hold a dot.
func (d Dialect) Table(name string) string {
	parts := SplitName(name)
	for i, p := range parts {
		parts[i] = d.Quote(p)
	}
	return strings.Join(parts, ".")
}

// TableName writes a table's name as a person would and as [Dialect.Table]
// takes it: with its schema unless that is empty, quoted where one of them
// holds a dot or a quote.
func (d Dialect) TableName(schema, table string) string {
	if strings.ContainsAny(schema+table, ".\"`") {
		table = d.Quote(table)
		if schema != "" {
			schema = d.Quote(schema)
		}
	}
	if schema == "" {
		return table
	}
	return schema + "." + table
}

// Columns quotes names and joins them with commas.
func (d Dialect) Columns(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = d.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// Placeholder is the n-th parameter of a statement, counted from 1: $1 in
// PostgreSQL, ? elsewhere.
func (d Dialect) Placeholder(n int) string {
	if d == Postgres {
		return fmt.Sprintf("$%d", n)
	}
	return "?"
}

// SplitName cuts a table's name at its dots, taking parts that stand in
// quotes as they are. A quote that is never closed is part of the name.
func SplitName(name string) []string {
	var parts []string
	for rest := name; ; {
		part, after, ok := quotedPart(rest)
		if !ok {
			part, after, _ = strings.Cut(rest, ".")
			if len(part) < len(rest) {
				after = "." + after
			}
		}
		parts = append(parts, part)
		if after == "" {
			return parts
		}
		rest = after[1:]
	}
}

// quotedPart reads a quoted part at the start of s and what follows it,
// which is nothing or starts with a dot.
func quotedPart(s string) (part, after string, ok bool) {
	if s == "" || (s[0] != '"' && s[0] != '`') {
		return "", "", false
	}
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != quote {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		after = s[i+1:]
		return b.String(), after, after == "" || after[0] == '.'
	}
	return "", "", false
}
