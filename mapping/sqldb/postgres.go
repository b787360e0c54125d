package sqldb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// streamPostgres lifts the limits that a role may carry and that would end a
// long read in its middle, as pg_dump does. A database of no encoding may
// hold text that is not UTF-8; asked for UTF-8, it would end the statement
// there, so it is asked for the bytes.
const streamPostgres = `; SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;
	SELECT set_config('client_encoding', 'SQL_ASCII', false) WHERE current_setting('server_encoding') = 'SQL_ASCII'`

func openPostgres(ctx context.Context, dsn string, o Options) (*DB, error) {
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		// The cause quotes the DSN, and with it the password.
		return nil, errors.New("the DSN of a postgres database cannot be read; it looks like " +
			"postgres://user:password@host:5432/database, with / ? # @ : % in the password written as %2F %3F %23 %40 %3A %25")
	}
	if cfg.SSLMode == "" {
		cfg.SSLMode = postgresTLS(cfg)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "xwalk"
	}
	database := cfg.Database
	if database == "" {
		database = cfg.User
	}
	label := fmt.Sprintf("postgres database %s on %s", database, postgresHost(cfg))

	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", label, err)
	}
	// extra_float_digits makes floats of old servers round-trip; newer ones
	// do it anyway.
	session := "SET TIME ZONE 'UTC'; SET extra_float_digits = 3; SET bytea_output = 'hex'; SET intervalstyle = 'postgres'"
	if o.ReadOnly {
		session += "; SET default_transaction_read_only = on"
	}
	if o.Stream {
		session += streamPostgres
	}
	db := &DB{
		DB:      sqlx.NewDb(o.open(sessionConnector{connector, session}), "postgres"),
		Dialect: Postgres, Label: label,
	}
	return finish(ctx, db, o, "SELECT 1")
}

// postgresTLS is the mode of a DSN that does not name one: verified
// encryption, except for servers on this machine.
func postgresTLS(cfg pq.Config) pq.SSLMode {
	hosts := []pq.ConfigMultihost{{Host: cfg.Host, Hostaddr: cfg.Hostaddr}}
	for _, h := range append(hosts, cfg.Multi...) {
		host := h.Host
		if h.Hostaddr.IsValid() {
			host = h.Hostaddr.String()
		}
		if !isSocket(host) && !isLoopback(host) {
			return pq.SSLModeVerifyFull
		}
	}
	return pq.SSLModePrefer
}

// postgresHost names the server or servers for people.
func postgresHost(cfg pq.Config) string {
	name := func(host string, port uint16) string {
		if isSocket(host) {
			return host
		}
		return net.JoinHostPort(host, fmt.Sprint(port))
	}
	names := []string{name(cfg.Host, cfg.Port)}
	for _, h := range cfg.Multi {
		names = append(names, name(h.Host, h.Port))
	}
	return strings.Join(names, ",")
}

// isSocket reports whether host is the path of a local socket.
func isSocket(host string) bool { return filepath.IsAbs(host) || strings.HasPrefix(host, "@") }

// isLoopback reports whether host is this machine and nothing else.
func isLoopback(host string) bool {
	if host == "" || strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}
