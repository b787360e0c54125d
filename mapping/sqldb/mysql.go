package sqldb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// errMySQLDSN stands for every fault of a DSN, because the driver's own words
// may quote the password.
var errMySQLDSN = errors.New("the DSN of a MySQL database cannot be read; it looks like " +
	"mysql://user:password@host:3306/database, with / ? # @ : % in the password written as %2F %3F %23 %40 %3A %25")

func openMySQL(ctx context.Context, dsn string, o Options) (*DB, error) {
	cfg, err := mysqlConfig(dsn)
	if err != nil {
		return nil, err
	}
	label := fmt.Sprintf("mysql database %s on %s", cfg.DBName, cfg.Addr)
	if cfg.DBName == "" {
		label = "mysql server " + cfg.Addr
	}

	// These decide what the rest of the program can rely on, so the DSN does
	// not get a say: values stay text, one statement is one statement, no
	// server may ask for files of this machine, and an UPDATE counts the rows
	// it matched.
	cfg.ParseTime = false
	cfg.MultiStatements = false
	cfg.AllowAllFiles = false
	cfg.ColumnsWithAlias = false
	cfg.ClientFoundRows = true
	cfg.InterpolateParams = true
	cfg.Logger = &mysql.NopLogger{}
	if cfg.Timeout == 0 {
		cfg.Timeout = connectTimeout
	}
	if err := cfg.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin")); err != nil {
		return nil, err
	}
	session := map[string]string{"time_zone": "'+00:00'"}
	if !o.ReadOnly {
		session["sql_mode"] = "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"
	}
	if o.Stream {
		// How long the server waits for a reader that is busy elsewhere.
		session["net_write_timeout"] = "86400"
	}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	for name, value := range session {
		cfg.Params[name] = value
	}

	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", label, errMySQLDSN)
	}
	if o.ReadOnly {
		connector = sessionConnector{connector, "SET SESSION TRANSACTION READ ONLY"}
	}
	db := &DB{DB: sqlx.NewDb(o.open(connector), "mysql"), Dialect: MySQL, Label: label}
	return finish(ctx, db, o, "SELECT 1")
}

// mysqlConfig reads mysql://user:password@host:port/database?param=value or
// the driver's own form. Beside the driver's parameters it knows `socket`, a
// local socket's path, and `ssl-ca`, a file of certificates to trust.
func mysqlConfig(dsn string) (*mysql.Config, error) {
	cfg, params, err := parseMySQL(dsn)
	if err != nil {
		return nil, err
	}
	if socket := params.Get("socket"); socket != "" {
		cfg.Net, cfg.Addr = "unix", socket
	}
	if file := params.Get("ssl-ca"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read ssl-ca: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ssl-ca: %s holds no certificate", file)
		}
		cfg.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	if cfg.TLSConfig == "" && cfg.TLS == nil && cfg.Net == "tcp" {
		if host, _, err := net.SplitHostPort(cfg.Addr); err != nil || !isLoopback(host) {
			cfg.TLSConfig = "true"
		}
	}
	return cfg, nil
}

// parseMySQL splits a DSN into the driver's settings and the parameters that
// are ours.
func parseMySQL(dsn string) (*mysql.Config, url.Values, error) {
	_, rest, isURL := strings.Cut(dsn, "://")
	if !isURL {
		cfg, err := mysql.ParseDSN(dsn)
		if err != nil {
			return nil, nil, errMySQLDSN
		}
		return cfg, url.Values{}, nil
	}
	u, err := url.Parse("mysql://" + rest)
	if err != nil {
		return nil, nil, errMySQLDSN
	}
	params, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, nil, errMySQLDSN
	}
	ours := url.Values{}
	for _, name := range []string{"socket", "ssl-ca"} {
		if params.Has(name) {
			ours.Set(name, params.Get(name))
			params.Del(name)
		}
	}
	cfg, err := mysql.ParseDSN("/?" + params.Encode())
	if err != nil {
		return nil, nil, errMySQLDSN
	}
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.DBName = strings.TrimPrefix(u.Path, "/")
	host, port := u.Hostname(), u.Port()
	if host == "" {
		host = "127.0.0.1"
	}
	if port == "" {
		port = "3306"
	}
	cfg.Addr = net.JoinHostPort(host, port)
	return cfg, ours, nil
}
