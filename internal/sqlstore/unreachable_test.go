package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"cartwright/internal/sqlstore"
	"cartwright/internal/testkit"
)

// refuser answers everyone who connects as PostgreSQL does that refuses them with
// an error of this code, and offers no TLS.
func refuser(t *testing.T, code, message string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			backend := pgproto3.NewBackend(c, c)
			for {
				first, err := backend.ReceiveStartupMessage()
				if err != nil {
					break
				}
				if _, asks := first.(*pgproto3.SSLRequest); asks {
					_, _ = c.Write([]byte{'N'})
					continue
				}
				backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: message})
				_ = backend.Flush()
				break
			}
			_ = c.Close()
		}
	}()
	return "postgres://shop:hunter2@" + l.Addr().String() + "/shop"
}

// afterwards runs statements when the test has ended.
func afterwards(t *testing.T, db *sql.DB, statements string) {
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), statements); err != nil {
			t.Errorf("%s: %v", statements, err)
		}
	})
}

// What keeps this program from a PostgreSQL is said in one line: the cause, and
// what to do about just that.
func TestWhyADatabaseCannotBeReached(t *testing.T) {
	address := testkit.Postgres(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	at := func(change func(u *url.URL, settings url.Values)) string {
		other, settings := *u, url.Values{}
		change(&other, settings)
		other.RawQuery = settings.Encode()
		return other.String()
	}
	full := "full" + strings.Trim(u.Path, "/")
	admin := sqlOf(t, address)
	mustExec(t, admin, `CREATE ROLE `+full+` LOGIN CONNECTION LIMIT 0`)
	afterwards(t, admin, `DROP ROLE `+full)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	const credentials = "correct user and password of the database URL; special characters in them are percent-encoded"
	tests := map[string]struct{ url, cause, advice string }{
		"refused": {"postgres://u:hunter2@127.0.0.1:1/x", "127.0.0.1:1 refuses connections",
			"is PostgreSQL running there, and listening on that address (listen_addresses)?"},
		"refused twice": {"postgres://u:hunter2@127.0.0.1:1,127.0.0.1:2/x", "127.0.0.1:1 refuses connections, 127.0.0.1:2 refuses connections",
			"is PostgreSQL running there, and listening on that address (listen_addresses)?"},
		"an unknown host": {"postgres://u:hunter2@nowhere.invalid/x", "host nowhere.invalid", ""},
		"silence":         {"postgres://u:hunter2@" + silent.Addr().String() + "/x?sslmode=disable&connect_timeout=1", "nothing answers in time", "look at the host name, the port and the firewall"},
		"an unknown user": {at(func(u *url.URL, _ url.Values) { u.User = url.UserPassword("nobody", "hunter2") }), `role "nobody" does not exist`, credentials},
		"a wrong password": {refuser(t, "28P01", `password authentication failed for user "shop"`),
			`password authentication failed for user "shop"`, credentials},
		"not let in": {refuser(t, "28000", `no pg_hba.conf entry for host "10.0.0.9", user "shop", database "shop", no encryption`),
			`no pg_hba.conf entry for host "10.0.0.9", user "shop", database "shop", no encryption`, "allow this machine, user and database in pg_hba.conf"},
		"a missing database": {at(func(u *url.URL, _ url.Values) { u.Path = "/none" }), `database "none" does not exist`, "make the database: createdb -O USER NAME"},
		"no TLS": {at(func(_ *url.URL, s url.Values) { s.Set("sslmode", "require") }), "it offers no TLS, which the database URL asks for",
			"turn ssl on in postgresql.conf, or take sslmode out of the database URL where the network can be trusted"},
		"an unknown setting": {at(func(_ *url.URL, s url.Values) { s.Set("colour", "red") }), `unrecognized configuration parameter "colour"`,
			"correct what the database URL says behind its ?"},
		"too many connections": {at(func(u *url.URL, _ url.Values) { u.User = url.User(full) }), `too many connections for role "` + full + `"`,
			"raise max_connections or the limit of the role or the database, lower --database-connections of the servers, or put pgbouncer in between"},
		"a start": {refuser(t, "57P03", "the database system is starting up"), "the database system is starting up", "wait until it is ready, then try again"},
		"a standby": {address + "&default_transaction_read_only=on&target_session_attrs=read-write", "it takes no writes",
			"every host named is a standby: promote one, or name the primary too"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, opened := sqlstore.Open(ctx, tc.url, sqlstore.Options{Shared: true})
			_, examined := sqlstore.Examine(ctx, tc.url)
			for by, err := range map[string]error{"Open": opened, "Examine": examined} {
				var u *sqlstore.UnreachableError
				if !errors.As(err, &u) {
					t.Errorf("%s: the error is %v", by, err)
					continue
				}
				said := fmt.Sprint(err)
				if tc.advice == "" { // a machine without a name server says another thing of a name
					if !strings.Contains(u.Cause, tc.cause) || u.Advice == "" {
						t.Errorf("%s: the error is %v", by, err)
					}
				} else if u.Cause != tc.cause || u.Advice != tc.advice {
					t.Errorf("%s: the error is %v,\nwant %s; %s", by, err, tc.cause, tc.advice)
				}
				if strings.Contains(said, "hunter2") || strings.Contains(said, "\n") || strings.Contains(said, "refused TLS") {
					t.Errorf("%s: the error is %s", by, said)
				}
			}
		})
	}
}

// A user that may connect and not make tables is told how to be allowed, and that
// helps.
func TestNoRightToMakeTables(t *testing.T) {
	address := testkit.Postgres(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Trim(u.Path, "/")
	admin := sqlOf(t, address)
	mustExec(t, admin, `CREATE ROLE poor`+name+` LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	afterwards(t, admin, `REASSIGN OWNED BY poor`+name+` TO postgres; DROP OWNED BY poor`+name+`; DROP ROLE poor`+name)
	u.User = url.UserPassword("poor"+name, "hunter2")
	_, err = sqlstore.Open(t.Context(), u.String(), sqlstore.Options{Shared: true})
	owner := "ALTER DATABASE " + name + " OWNER TO poor" + name
	if err == nil || !strings.Contains(err.Error(), "permission denied for schema public") || !strings.Contains(err.Error(), owner) ||
		strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("the error is %v", err)
	}
	mustExec(t, admin, owner)
	db, err := sqlstore.Open(t.Context(), u.String(), sqlstore.Options{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
