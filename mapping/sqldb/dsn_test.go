package sqldb

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lib/pq"
)

// TestPostgresTLS checks which mode a DSN without one gets.
func TestPostgresTLS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dsn  string
		want pq.SSLMode
	}{
		{"postgres://u@db.example/crm", pq.SSLModeVerifyFull},
		{"postgres://u@10.0.0.7/crm", pq.SSLModeVerifyFull},
		{"postgres://u@localhost/crm", pq.SSLModePrefer},
		{"postgres://u@127.0.0.1/crm", pq.SSLModePrefer},
		{"postgres://u@[::1]/crm", pq.SSLModePrefer},
		{"postgres://u@/crm?host=/run/postgresql", pq.SSLModePrefer},
		{"host=/run/postgresql dbname=crm user=u", pq.SSLModePrefer},
		{"host=localhost,db.example dbname=crm user=u", pq.SSLModeVerifyFull},
		{"host=localhost hostaddr=10.0.0.7 dbname=crm user=u", pq.SSLModeVerifyFull},
	}
	for _, tt := range tests {
		cfg, err := pq.NewConfig(tt.dsn)
		if err != nil {
			t.Fatal(err)
		}
		if got := postgresTLS(cfg); got != tt.want {
			t.Errorf("%s: got sslmode %q, want %q", tt.dsn, got, tt.want)
		}
	}
}

func TestMySQLConfig(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dsn                           string
		user, password, addr, db, tls string
	}{
		{"mysql://u:p%40%2F%3A%3F@db.example:3307/crm", "u", "p@/:?", "db.example:3307", "crm", "true"},
		{"mariadb://u@db.example/crm", "u", "", "db.example:3306", "crm", "true"},
		{"mysql://u@db.example/crm?tls=false", "u", "", "db.example:3306", "crm", "false"},
		{"mysql://u@db.example/crm?tls=skip-verify&timeout=3s", "u", "", "db.example:3306", "crm", "skip-verify"},
		{"mysql://u@localhost/crm", "u", "", "localhost:3306", "crm", ""},
		{"mysql://u@[::1]:3308/", "u", "", "[::1]:3308", "", ""},
		{"mysql://u@localhost/crm?socket=/run/mysqld/mysqld.sock", "u", "", "/run/mysqld/mysqld.sock", "crm", ""},
		{"u:p@tcp(db.example:3306)/crm", "u", "p", "db.example:3306", "crm", "true"},
		{"u:p@unix(/tmp/mysql.sock)/crm", "u", "p", "/tmp/mysql.sock", "crm", ""},
		{"mysql://u@db.example/%E5%AE%A2%E6%88%B7", "u", "", "db.example:3306", "客户", "true"},
	}
	for _, tt := range tests {
		cfg, err := mysqlConfig(tt.dsn)
		if err != nil {
			t.Errorf("%s: %v", tt.dsn, err)
			continue
		}
		got := [5]string{cfg.User, cfg.Passwd, cfg.Addr, cfg.DBName, cfg.TLSConfig}
		if want := [5]string{tt.user, tt.password, tt.addr, tt.db, tt.tls}; got != want {
			t.Errorf("%s: got %q, want %q", tt.dsn, got, want)
		}
	}
	missing := filepath.Join(t.TempDir(), "ca.pem")
	if _, err := mysqlConfig("mysql://u@db.example/crm?ssl-ca=" + missing); err == nil {
		t.Error("a missing ssl-ca file: got no error")
	}
}

// TestBrokenDSN checks that a DSN with a slip in it is refused without its
// password being told.
func TestBrokenDSN(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"postgres://u:top/secret@h/db",
		"postgres://u:top%zzsecret@h/db",
		"postgres://u:topsecret@h:port/db",
		"postgres://u:topsecret@h/db?sslmode=topsecret",
		"postgres://u:topsecret@h/db?connect_timeout=secret",
		"mysql://u:top/secret@h/db",
		"mysql://u:top%zzsecret@h/db",
		"mysql://u:topsecret@h:port/db",
		"mysql://u:topsecret@h/db?tls=secret",
		"mysql://u:topsecret@h/db?timeout=secret",
	} {
		db, err := Open(t.Context(), dsn, Options{})
		if err == nil {
			_ = db.Close()
			t.Errorf("%s was opened", dsn)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", dsn, err)
		}
	}
	for _, dsn := range []string{"password=topsecret host", "host='topsecret"} {
		if _, err := OpenAs(t.Context(), Postgres, dsn, Options{}); err == nil || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%s: got %v, want an error without the password", dsn, err)
		}
	}
	if _, err := OpenAs(t.Context(), MySQL, "u:topsecret@tcp(h", Options{}); err == nil || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("got %v, want an error without the password", err)
	}
}
