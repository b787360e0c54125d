package sqltable

import (
	"encoding/hex"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// match says how a part of an ID finds the column that reads as it. In cast and
// exact a question mark stands for the part.
type match struct {
	left  string                   // the column, or what is made of it
	cast  string                   // makes the parameter comparable with it
	exact string                   // what tells texts apart that the column takes for equal
	param func(string) (any, bool) // false where no value of the column reads as the text
}

// matchOf is the match of a column. Where the type is none of those that are
// known, the column is compared as the text that it reads as, for which no
// index serves.
func matchOf(d sqldb.Dialect, table string, c column, described sqldb.Column) match {
	quoted := table + "." + d.Quote(c.name)
	switch d {
	case sqldb.Postgres:
		return matchPostgres(quoted, c)
	case sqldb.MySQL:
		return matchMySQL(quoted, c.typeName, described)
	default:
		return match{left: quoted, exact: "typeof(" + quoted + ") = typeof(?) AND " + quoted + " = ? COLLATE BINARY"}
	}
}

func matchPostgres(quoted string, c column) match {
	m := match{left: quoted, exact: quoted + `::text COLLATE "C" = ?::text COLLATE "C"`, param: asText}
	switch c.typeName {
	case "TEXT", "VARCHAR":
		m.cast = "?"
	case "BPCHAR":
		m.cast = "?::bpchar"
	case "UUID":
		m.cast, m.param = "?::uuid", textOf(uuidText)
	case "INT2", "INT4", "INT8":
		m.cast, m.param = "?::bigint", integerText
	case "NUMERIC":
		m.cast, m.param = "?::numeric", textOf(decimalText)
	case "FLOAT4":
		m.cast, m.param = "?::float4", floatText
	case "FLOAT8":
		m.cast, m.param = "?::float8", floatText
	case "BYTEA":
		m.cast = "decode(?, 'hex')"
		m.param = func(s string) (any, bool) {
			b, ok := binaryOf(s)
			return hex.EncodeToString(b), ok
		}
	default:
		m.left, m.cast, m.exact = quoted+`::text COLLATE "C"`, "?", ""
		if !strings.HasSuffix(c.expr, "::text") { // it is read as the server prints it, not as it casts it
			m.left = "format('%s', " + quoted + `) COLLATE "C"`
		}
	}
	return m
}

func matchMySQL(quoted, typeName string, c sqldb.Column) match {
	if c.Charset != "" {
		return match{
			left: quoted, cast: "CONVERT(? USING " + c.Charset + ") COLLATE " + c.Collation,
			exact: "CAST(" + quoted + " AS BINARY) = CAST(? AS BINARY)", param: asText,
		}
	}
	switch typeName = strings.TrimPrefix(typeName, "UNSIGNED "); typeName {
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR", "BIT":
		return match{left: quoted, cast: "?", param: func(s string) (any, bool) {
			if n, err := strconv.ParseInt(s, 10, 64); err == nil {
				return n, true
			}
			n, err := strconv.ParseUint(s, 10, 64)
			return n, err == nil
		}}
	case "DECIMAL":
		return match{left: quoted, cast: "CAST(? AS " + decimalType().FindString(c.Type) + ")", param: textOf(decimalText)}
	case "FLOAT":
		return match{left: quoted + " + 0e0", cast: "? + 0e0", param: floatOf(32)}
	case "DOUBLE":
		return match{left: quoted, cast: "? + 0e0", param: floatOf(64)}
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB":
		return match{left: quoted, cast: "?", param: func(s string) (any, bool) {
			b, ok := binaryOf(s)
			return b, ok
		}}
	}
	if c.Type == "uuid" {
		return match{left: quoted, cast: "CAST(? AS UUID)", param: textOf(uuidText)}
	}
	return match{left: "CAST(CAST(" + quoted + " AS CHAR CHARACTER SET utf8mb4) AS BINARY)", cast: "CAST(CONVERT(? USING utf8mb4) AS BINARY)", param: asText}
}

var (
	uuidText    = lazy(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	decimalText = lazy(`^-?[0-9]{1,200}(\.[0-9]{1,200})?$`)
	decimalType = lazy(`decimal\([0-9]+,[0-9]+\)`)
)

// lazy compiles a pattern when it is first needed: every start of the program
// would wait for it, also where nothing is published.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

func asText(s string) (any, bool) { return s, true }

// textOf takes texts that a database can read as the type.
func textOf(pattern func() *regexp.Regexp) func(string) (any, bool) {
	return func(s string) (any, bool) { return s, pattern().MatchString(s) }
}

func integerText(s string) (any, bool) {
	_, err := strconv.ParseInt(s, 10, 64)
	return s, err == nil
}

func floatText(s string) (any, bool) {
	_, err := strconv.ParseFloat(s, 64)
	return s, err == nil
}

func floatOf(bits int) func(string) (any, bool) {
	return func(s string) (any, bool) {
		f, err := strconv.ParseFloat(s, bits)
		return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
	}
}

// binaryOf undoes [formatBinary].
func binaryOf(s string) ([]byte, bool) {
	digits := s
	if uuidText().MatchString(s) {
		digits = strings.ReplaceAll(s, "-", "")
	}
	b, err := hex.DecodeString(digits)
	return b, err == nil && formatBinary(b) == s
}

// candidates are the values that SQLite can hold in any column and that read
// as a text.
func candidates(s string) []any {
	all := []any{s}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && strconv.FormatInt(n, 10) == s {
		all = append(all, n) // equals the same number with a point
	} else if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) && formatFloat(f, 64) == s {
		all = append(all, f)
	}
	if b, ok := binaryOf(s); ok {
		all = append(all, b)
	}
	return slices.Clip(all)
}
