package sqldb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
	"modernc.org/sqlite"
)

// Fault is what kind of failure a database reported, as far as callers act
// on it.
type Fault uint8

// The faults. Other is everything that is not told apart, nil included.
const (
	Other       Fault = iota
	Unreachable       // the server is not there, not ready, or its certificate is not trusted
	Refused           // the login or the permission was refused
	Cut               // the connection was lost; what it did is undone or unknown
	Locked            // somebody else holds a lock, or a deadlock was broken: it can be tried again
	ReadOnly          // the database cannot be written
	Full              // the disk, or a quota, is full
	NoTable           // a table (or view, or database) is missing
	NoColumn          // a column is missing
	Duplicate         // a unique key is there already, or a table that was to be created
	Syntax            // the statement itself is wrong
)

// The result codes of SQLite that are told apart. The low byte of a code is
// the primary one.
const (
	sqliteError      = 1
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteReadOnly   = 8
	sqliteFull       = 13
	sqliteCantOpen   = 14
	sqliteNotADB     = 26
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
	sqliteRowID      = 2579
)

// Classify tells what kind of failure err is.
func Classify(err error) Fault {
	var pgErr *pq.Error
	var myErr *mysql.MySQLError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Other
	case errors.As(err, &pgErr):
		return classifyPostgres(string(pgErr.Code))
	case errors.As(err, &myErr):
		return classifyMySQL(myErr.Number)
	}
	if code := sqliteCode(err); code != 0 {
		return classifySQLite(code, err.Error())
	}
	var opErr *net.OpError
	var dnsErr *net.DNSError
	var certErr *tls.CertificateVerificationError
	var hostErr x509.HostnameError
	switch {
	case errors.As(err, &dnsErr), errors.As(err, &certErr), errors.As(err, &hostErr),
		errors.Is(err, mysql.ErrNoTLS), errors.Is(err, pq.ErrSSLNotSupported):
		return Unreachable
	case errors.As(err, &opErr) && opErr.Op == "dial":
		return Unreachable
	case errors.As(err, &opErr), errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return Cut
	default:
		return Other
	}
}

// classifyPostgres sorts SQLSTATE codes.
func classifyPostgres(code string) Fault {
	switch code {
	case "57P03", "53300", "08001", "08004":
		return Unreachable
	case "3D000", "42501":
		return Refused
	case "57P01", "57P02", "57P05", "25P03":
		return Cut
	case "55P03", "40001", "40P01":
		return Locked
	case "25006":
		return ReadOnly
	case "53100":
		return Full
	case "42P01", "3F000":
		return NoTable
	case "42703":
		return NoColumn
	case "23505", "42P07", "42710":
		return Duplicate
	}
	switch {
	case strings.HasPrefix(code, "28"):
		return Refused
	case strings.HasPrefix(code, "08"):
		return Cut
	case strings.HasPrefix(code, "42"):
		return Syntax
	default:
		return Other
	}
}

// classifyMySQL sorts the error numbers of MySQL and MariaDB.
func classifyMySQL(number uint16) Fault {
	switch number {
	case 1040, 1129, 1130, 1203:
		return Unreachable
	case 1044, 1045, 1049, 1142, 1143, 1227, 1698, 3118, 4151:
		return Refused
	case 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1927:
		return Cut
	case 1205, 1213, 3572:
		return Locked
	case 1290, 1792, 1836, 1874:
		return ReadOnly
	case 1021, 1114:
		return Full
	case 1146, 1051:
		return NoTable
	case 1054:
		return NoColumn
	case 1050, 1061, 1062, 1586:
		return Duplicate
	case 1064:
		return Syntax
	default:
		return Other
	}
}

// classifySQLite sorts SQLite's result codes. A wrong statement has one code
// for all, so there the words decide.
func classifySQLite(code int, msg string) Fault {
	switch code {
	case sqlitePrimaryKey, sqliteUnique, sqliteRowID:
		return Duplicate
	}
	switch code & 0xff {
	case sqliteBusy, sqliteLocked:
		return Locked
	case sqliteReadOnly:
		return ReadOnly
	case sqliteFull:
		return Full
	case sqliteError:
		switch {
		case strings.Contains(msg, "no such table"):
			return NoTable
		case strings.Contains(msg, "no such column"), strings.Contains(msg, "has no column"):
			return NoColumn
		case strings.Contains(msg, "already exists"):
			return Duplicate
		case strings.Contains(msg, "syntax error"), strings.Contains(msg, "incomplete input"):
			return Syntax
		}
	}
	return Other
}

// sqliteCode is the extended result code of an SQLite error, or 0.
func sqliteCode(err error) int {
	var liteErr *sqlite.Error
	if errors.As(err, &liteErr) {
		return liteErr.Code()
	}
	return 0
}

// explainOpen adds what to do about an encryption that failed.
func explainOpen(d Dialect, err error) error {
	var certErr *tls.CertificateVerificationError
	var hostErr x509.HostnameError
	failed := errors.As(err, &certErr) || errors.As(err, &hostErr)
	missing := errors.Is(err, mysql.ErrNoTLS) || errors.Is(err, pq.ErrSSLNotSupported)
	switch {
	case failed && d == Postgres:
		return fmt.Errorf("%w; name the server's certificate authority with sslrootcert=FILE in the DSN, "+
			"or encrypt without checking with sslmode=require", err)
	case failed:
		return fmt.Errorf("%w; name the server's certificate authority with ssl-ca=FILE in the DSN, "+
			"or encrypt without checking with tls=skip-verify", err)
	case missing && d == Postgres:
		return fmt.Errorf("%w; sslmode=disable in the DSN allows an unencrypted connection", err)
	case missing:
		return fmt.Errorf("%w; tls=false in the DSN allows an unencrypted connection", err)
	default:
		return err
	}
}
