package discover

import (
	"net/url"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// isServer reports whether an argument is the address of a database server.
func isServer(arg string) bool { return sqldb.Recognize(arg) != sqldb.SQLite }

// variable takes ${NAME} apart, and ${NAME}#TABLE.
func variable(arg string) (name, table string, ok bool) {
	name, ok = strings.CutPrefix(arg, "${")
	if !ok {
		return "", "", false
	}
	name, rest, ok := strings.Cut(name, "}")
	table, isTable := strings.CutPrefix(rest, "#")
	return name, table, ok && (isTable || rest == "")
}

// cutTable takes ?table=NAME or #NAME off a path.
func cutTable(path string) (rest, table string) {
	if at := strings.LastIndex(path, "?table="); at > 0 {
		return path[:at], path[at+len("?table="):]
	}
	if at := strings.LastIndexByte(path, '#'); at > 0 {
		return path[:at], path[at+1:]
	}
	return path, ""
}

// address is a DSN taken apart as far as is needed.
type address struct {
	dsn    string // without the table
	table  string
	label  string // host and database
	secret bool   // a password is, or may be, in it
}

// splitDSN takes ?table=NAME or #NAME off an address.
func splitDSN(dsn string) (address, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		scheme, _, _ := strings.Cut(dsn, "://")
		return address{}, &ArgumentError{ // the cause would quote the password
			Argument: scheme + "://…", Problem: "the address cannot be read",
			Hint: "it looks like " + scheme + "://user:password@host/database, with / ? # @ : % in the password written as %2F %3F %23 %40 %3A %25",
		}
	}
	a := address{table: u.Fragment}
	u.Fragment, u.RawFragment = "", ""
	query := u.Query()
	if t := query.Get("table"); t != "" {
		a.table = t
		query.Del("table")
		u.RawQuery = query.Encode()
	}
	_, a.secret = u.User.Password()
	for key := range query {
		a.secret = a.secret || isSecret(key)
	}
	if a.dsn = dsn; a.table != "" {
		a.dsn = u.String()
	}
	a.label = u.Scheme + "://" + u.Host + u.Path
	return a, nil
}

// masked is an address without its password.
func masked(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return "…"
	}
	query := u.Query()
	for key := range query {
		if isSecret(key) {
			query.Set(key, "…")
		}
	}
	if len(query) > 0 {
		u.RawQuery = query.Encode()
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "…")
	}
	text, err := url.PathUnescape(u.String())
	if err != nil {
		return u.String()
	}
	return text
}

// mayHoldPassword reports whether a text that is no file and no address looks
// like an address of another kind: user:password@host or password=….
func mayHoldPassword(text string) bool {
	if strings.Contains(text, "://") {
		return false // known by what stands before it
	}
	user, _, at := strings.Cut(text, "@")
	return at && strings.Contains(user, ":") || strings.Contains(strings.ToLower(text), "password=")
}

// isSecret reports whether a parameter of an address holds a secret.
func isSecret(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "pass") || strings.Contains(key, "secret") || strings.Contains(key, "token")
}
