package sqlstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"cartwright/internal/fault"
)

// UnreachableError says why a PostgreSQL does not take this program, and what to
// do about it, in one line and without a password.
type UnreachableError struct {
	Database string // its URL, as Describe writes it
	Cause    string // such as: 127.0.0.1:5432 refuses connections
	Advice   string
	Err      error // what the driver said
}

// Error implements error.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("cannot reach the database %s: %s; %s", e.Database, e.Cause, e.Advice)
}

// Unwrap returns what the driver said.
func (e *UnreachableError) Unwrap() error { return e.Err }

// errUnreachable says what to look at when a database does not open.
func errUnreachable(url string, err error) error {
	var o *fault.Outage
	if errors.As(err, &o) && o.Err != nil {
		err = o.Err
	}
	if _, _, file, _ := parseURL(url); file != "" {
		return fmt.Errorf("cannot open the SQLite file %s: %w", file, err)
	}
	u := &UnreachableError{Database: redact(url), Err: err}
	var causes []string
	for _, attempt := range attempts(err) {
		cause, advice := whyUnreachable(attempt)
		if u.Advice == "" {
			u.Advice = advice
		}
		if !slices.Contains(causes, cause) {
			causes = append(causes, cause)
		}
	}
	u.Cause = strings.Join(causes, ", ")
	return u
}

// attempts takes the error of a connection apart into what each attempt failed
// with: one for each address, and each twice where TLS is tried first. That a
// server offers no TLS is nothing where it was asked without it too.
func attempts(err error) []error {
	all := leaves(err)
	told := slices.DeleteFunc(slices.Clone(all), refusedTLS)
	if len(told) > 0 {
		return told
	}
	return all[:1]
}

// leaves returns the errors that were joined into one.
func leaves(err error) []error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		joined, ok := inner.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, leaves(e)...)
		}
		return all
	}
	return []error{err}
}

// refusedTLS recognises a server that offers no TLS, for which the driver has
// only words.
func refusedTLS(err error) bool {
	return strings.Contains(err.Error(), "server refused TLS connection")
}

// whyUnreachable says what one attempt to connect failed with, and what to do.
func whyUnreachable(err error) (cause, advice string) {
	var (
		refused *pgconn.PgError
		name    *net.DNSError
		dial    *net.OpError
		trust   *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &refused):
		return refused.Message, whyRefused(refused)
	case errors.As(err, &name) && name.IsNotFound:
		return "there is no host " + name.Name, "correct the host of the database URL"
	case errors.As(err, &name):
		return fmt.Sprintf("the host %s cannot be looked up now", name.Name), "look at this machine's network and name server"
	case errors.Is(err, syscall.ECONNREFUSED) && errors.As(err, &dial) && dial.Addr != nil:
		return dial.Addr.String() + " refuses connections", "is PostgreSQL running there, and listening on that address (listen_addresses)?"
	case errors.As(err, &trust):
		return "its certificate is not accepted: " + trust.Err.Error(), "name the file of who signed it with sslrootcert=FILE, or correct the host"
	case refusedTLS(err):
		return "it offers no TLS, which the database URL asks for", "turn ssl on in postgresql.conf, or take sslmode out of the database URL where the network can be trusted"
	case strings.Contains(err.Error(), "read only connection"):
		return "it takes no writes", "every host named is a standby: promote one, or name the primary too"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "nothing answers in time", "look at the host name, the port and the firewall"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return strings.Join(strings.Fields(err.Error()), " "), "see that PostgreSQL runs there and that this machine may connect to it, for example with psql"
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// whyRefused says what to do about what a server answers to who connects.
func whyRefused(e *pgconn.PgError) string {
	switch e.Code {
	case "28P01", "28000": // invalid_password, invalid_authorization_specification
		if strings.Contains(e.Message, "pg_hba.conf") {
			return "allow this machine, user and database in pg_hba.conf"
		}
		return "correct user and password of the database URL; special characters in them are percent-encoded"
	case "3D000": // invalid_catalog_name
		return "make the database: createdb -O USER NAME"
	case "42501": // insufficient_privilege
		return "give the user the right: GRANT CONNECT ON DATABASE NAME TO USER, or make it the owner: ALTER DATABASE NAME OWNER TO USER"
	case "42704", "22023": // undefined_object, invalid_parameter_value
		return "correct what the database URL says behind its ?"
	case "53300": // too_many_connections
		return "raise max_connections or the limit of the role or the database, lower --database-connections of the servers, or put pgbouncer in between"
	case "57P03", "57P01", "57P02": // cannot_connect_now, admin_shutdown, crash_shutdown
		return "wait until it is ready, then try again"
	}
	return "see the log of PostgreSQL"
}
