package sqltable

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// decoder makes text of a value as the driver yields it. It is never called
// for NULL.
type decoder func(v driver.Value) (string, error)

// errNotUTF8 is the fault of text that is stored in some other encoding.
var errNotUTF8 = errors.New("is not valid UTF-8")

// convert says how a column of a database type is selected and decoded, so
// that neither the database nor its driver takes anything from it.
func convert(d sqldb.Dialect, typeName, quoted string) (expr string, decode decoder) {
	switch d {
	case sqldb.Postgres:
		return convertPostgres(typeName, quoted)
	case sqldb.MySQL:
		return convertMySQL(typeName, quoted)
	default:
		// The driver turns columns that are declared as dates into times; an
		// expression has no declaration. Values have types of their own.
		return "+" + quoted, decodeAny
	}
}

// convertPostgres has the server print what the driver would make numbers
// and times of. Everything else comes as the server prints it.
func convertPostgres(typeName, quoted string) (string, decoder) {
	switch typeName {
	case "BOOL", "INT2", "INT4", "INT8", "DATE", "TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ":
		return quoted + "::text", decodeText
	case "FLOAT4":
		return quoted + "::text", decodeFloatText(32)
	case "FLOAT8":
		return quoted + "::text", decodeFloatText(64)
	case "BYTEA":
		return quoted, decodeBinary
	default:
		return quoted, decodeText
	}
}

// convertMySQL has the server print numbers, for the driver would drop the
// zeros that ZEROFILL and YEAR put before them.
func convertMySQL(typeName, quoted string) (string, decoder) {
	typeName = strings.TrimPrefix(typeName, "UNSIGNED ")
	switch typeName {
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR":
		return "CAST(" + quoted + " AS CHAR)", decodeText
	case "FLOAT":
		// Printed as it is, a FLOAT has six digits; as a DOUBLE it has all.
		return quoted + " + 0e0", decodeSingle
	case "DOUBLE":
		return quoted, decodeAny
	case "BIT":
		return quoted, decodeBits
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "GEOMETRY", "VECTOR":
		return quoted, decodeBinary
	default:
		return quoted, decodeText
	}
}

// decodeText takes text.
func decodeText(v driver.Value) (string, error) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	default:
		return "", unexpected(v)
	}
	if !utf8.ValidString(s) {
		return "", errNotUTF8
	}
	return s, nil
}

// decodeAny takes values that say what they are.
func decodeAny(v driver.Value) (string, error) {
	switch v := v.(type) {
	case string:
		return decodeText(v)
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return formatFloat(v, 64), nil
	case []byte:
		return formatBinary(v), nil
	default:
		return "", unexpected(v)
	}
}

// decodeSingle takes a single-precision number that came in double precision.
func decodeSingle(v driver.Value) (string, error) {
	f, ok := v.(float64)
	if !ok {
		return "", unexpected(v)
	}
	return formatFloat(f, 32), nil
}

// decodeFloatText takes a float as a server prints it.
func decodeFloatText(bits int) decoder {
	return func(v driver.Value) (string, error) {
		s, err := decodeText(v)
		if err != nil {
			return "", err
		}
		f, err := strconv.ParseFloat(s, bits)
		if err != nil || s == "NaN" || strings.HasSuffix(s, "Infinity") {
			return s, nil
		}
		return formatFloat(f, bits), nil
	}
}

// decodeBinary takes bytes.
func decodeBinary(v driver.Value) (string, error) {
	b, ok := v.([]byte)
	if !ok {
		return "", unexpected(v)
	}
	return formatBinary(b), nil
}

// decodeBits takes a BIT column, which is a number of up to eight bytes.
func decodeBits(v driver.Value) (string, error) {
	b, ok := v.([]byte)
	if !ok || len(b) > 8 {
		return "", unexpected(v)
	}
	var number [8]byte
	copy(number[8-len(b):], b)
	return strconv.FormatUint(binary.BigEndian.Uint64(number[:]), 10), nil
}

func unexpected(v driver.Value) error { return fmt.Errorf("came as %T, which was not expected", v) }

// formatFloat is the shortest text that reads back as f, in plain digits as
// long as they are not too many.
func formatFloat(f float64, bits int) string {
	size := f
	if size < 0 {
		size = -size
	}
	if size != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.FormatFloat(f, 'e', -1, bits)
	}
	return strconv.FormatFloat(f, 'f', -1, bits)
}

// formatBinary is a UUID's text for 16 bytes, else hexadecimal digits.
func formatBinary(b []byte) string {
	s := hex.EncodeToString(b)
	if len(b) != 16 {
		return s
	}
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
