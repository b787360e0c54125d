package conntest

import "github.com/xwalk-id/xwalk/mapping"

// Column is one column of the sample table. Type says what a connector with
// types should store it as.
type Column struct {
	Name string
	Type Type
}

// Type is a kind of column that databases and files tell apart.
type Type uint8

// The column types of the sample.
const (
	Bigint    Type = iota // 64-bit integer, the primary key and the order of the rows
	Text                  // Unicode text of any length
	Decimal               // 38 digits, 20 of them after the point; text where there is no such type
	Date                  // a day: 1980-02-29
	Timestamp             // microseconds, no zone: 2019-03-12 08:30:00.123456
	UUID                  // the native type, else 16 bytes of binary
)

// Columns is the sample table, in its order.
func Columns() []Column {
	return []Column{
		{"id", Bigint},
		{"code", Text},
		{"name", Text},
		{"email", Text},
		{"balance", Decimal},
		{"note", Text},
		{"born", Date},
		{"updated_at", Timestamp},
		{"uid", UUID},
	}
}

// ColumnNames is the names of [Columns].
func ColumnNames() []string {
	cols := Columns()
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names
}

// Rows is the sample's content in ascending order of id, each value as the
// very text that a connector must yield for it. Every column but id and code
// may be NULL.
func Rows() [][]mapping.Value {
	t := func(s string) mapping.Value { return mapping.Value{Text: s} }
	null := mapping.Value{Null: true}
	return [][]mapping.Value{
		{
			t("-9223372036854775808"), t("C001"), t("Ann Lee"), t("ann@example.com"), t("-0.50000000000000000000"),
			t("plain"), t("1999-12-31"), t("2024-12-31 23:59:59.999999"), t("00000000-0000-0000-0000-000000000001"),
		},
		{
			t("0"), t("c001"), t("O'Brien, \"Mick\""), t("mick@example.com"), t("0.00000000000000000001"),
			t("two\nlines; one | pipe"), t("1970-01-01"), t("1970-01-01 00:00:00.000001"), t("ffffffff-ffff-ffff-ffff-ffffffffffff"),
		},
		{
			t("7"), t("007"), t("张伟"), t("zhang.wei@example.com"), t("1234567890.12345678901234567890"),
			t(""), t("1980-02-29"), t("2019-03-12 08:30:00.123456"), t("0190b5f2-7c1e-7d4a-9b1c-3f2e8a6d5c4b"),
		},
		{t("8"), t("1E5"), null, null, null, null, null, null, null},
		{
			t("9007199254740993"), t("007"), t("𠮷田 太郎"), t(""), t("99999999999999999.99999999999999999999"),
			t("  outer space stays  "), t("0099-01-01"), t("2000-02-29 12:00:00.100001"), t("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
		},
		{
			t("9223372036854775807"), t("Ｃ００１"), t("Zoë Müller-Łódź"), t("zoe@example.com"), t("0.10000000000000000000"),
			null, t("9999-12-31"), t("9999-12-31 23:59:59.123456"), t("0a0d0022-0027-2c7c-5c00-ff0000000000"),
		},
	}
}

const (
	sampleFilter = "code = '007'"
	sampleCode   = "007"
)
