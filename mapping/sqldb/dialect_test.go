package sqldb

import "testing"

func TestRecognize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dsn  string
		want Dialect
	}{
		{"postgres://u@h/db", Postgres},
		{"postgresql://u@h/db", Postgres},
		{"POSTGRES://u@h/db", Postgres},
		{"mysql://u@h/db", MySQL},
		{"mariadb://u@h/db", MySQL},
		{"crosswalk.db", SQLite},
		{`C:\data\x.db`, SQLite},
		{"file:x.db?immutable=1", SQLite},
		{"sqlite:x.db", SQLite},
		{"sqlite://x.db", SQLite},
		{"", SQLite},
	}
	for _, tt := range tests {
		if got := Recognize(tt.dsn); got != tt.want {
			t.Errorf("Recognize(%q) = %v, want %v", tt.dsn, got, tt.want)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	tests := []struct {
		d          Dialect
		name, want string
	}{
		{SQLite, `a"b`, `"a""b"`},
		{Postgres, `select`, `"select"`},
		{Postgres, `a";drop table b;--`, `"a"";drop table b;--"`},
		{Postgres, "a\x00b", `"ab"`},
		{MySQL, "a`b", "`a``b`"},
		{MySQL, `a"b.c`, "`a\"b.c`"},
	}
	for _, tt := range tests {
		if got := tt.d.Quote(tt.name); got != tt.want {
			t.Errorf("%v.Quote(%q) = %s, want %s", tt.d, tt.name, got, tt.want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		d          Dialect
		name, want string
	}{
		{Postgres, "customers", `"customers"`},
		{Postgres, "crm.customers", `"crm"."customers"`},
		{Postgres, `"my.schema".customers`, `"my.schema"."customers"`},
		{Postgres, `crm."a""b"`, `"crm"."a""b"`},
		{MySQL, "`my.table`", "`my.table`"},
		{MySQL, "shop.`a``b`", "`shop`.`a``b`"},
		{SQLite, `"open`, `"""open"`},
		{SQLite, `"a"b`, `"""a""b"`},
		{SQLite, ``, `""`},
		{SQLite, `a.`, `"a".""`},
	}
	for _, tt := range tests {
		if got := tt.d.Table(tt.name); got != tt.want {
			t.Errorf("%v.Table(%q) = %s, want %s", tt.d, tt.name, got, tt.want)
		}
	}
}

func TestSQLitePath(t *testing.T) {
	t.Parallel()
	tests := []struct{ dsn, path, params string }{
		{"x.db", "x.db", ""},
		{"what?.db", "what?.db", ""},
		{"100%.db", "100%.db", ""},
		{`C:\data\x.db`, `C:\data\x.db`, ""},
		{"file:x.db", "x.db", ""},
		{"file:/tmp/a%20b.db?immutable=1", "/tmp/a b.db", "immutable=1"},
		{"file:///tmp/x.db", "/tmp/x.db", ""},
		{"file://localhost/tmp/x.db", "/tmp/x.db", ""},
		{"file:///C:/x.db", "C:/x.db", ""},
		{"sqlite:x.db", "x.db", ""},
		{"sqlite3:///tmp/x.db", "/tmp/x.db", ""},
		{"sqlite://x.db", "x.db", ""},
	}
	for _, tt := range tests {
		path, params, err := sqlitePath(tt.dsn)
		if err != nil || path != tt.path || params.Encode() != tt.params {
			t.Errorf("%q: got %q, %q, %v; want %q, %q", tt.dsn, path, params.Encode(), err, tt.path, tt.params)
		}
	}
	for _, dsn := range []string{"", "file:", "file:x.db?a=%zz", "file:%zz"} {
		if path, _, err := sqlitePath(dsn); err == nil {
			t.Errorf("%q: got path %q, want an error", dsn, path)
		}
	}
}
