// Package testdb gives a test its database. The same tests run on both engines:
// on SQLite by themselves, and on PostgreSQL where the environment says
//
//	CARTWRIGHT_TEST_DATABASE=postgres go test ./internal/app
//
// as make unit does after everything else.
package testdb

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cartwright/internal/sqlstore"
	"cartwright/internal/testkit"
)

// variable names the engine; without it, it is SQLite.
const variable = "CARTWRIGHT_TEST_DATABASE"

// Postgres reports whether tests run on PostgreSQL.
func Postgres() bool { return os.Getenv(variable) == "postgres" }

// URL returns that of a new database without a store, which goes with the
// test. A package that calls it needs testkit.Main.
func URL(t testing.TB) string {
	t.Helper()
	switch engine := os.Getenv(variable); engine {
	case "", "sqlite":
		return SQLite(t)
	case "postgres":
		return PostgreSQL(t)
	default:
		t.Fatalf("%s is %q: write sqlite or postgres", variable, engine)
		return ""
	}
}

// PostgreSQL returns the URL of a database there, for a test that asks for both
// engines.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	return testkit.PostgresCopy(t, "migrated", migrate)
}

// SQLite returns the URL of a new file, for a test that is about SQLite alone or
// asks for both engines.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite://" + filepath.Join(t.TempDir(), "cartwright.db")
}

// Raw opens a database beside whoever has it open, to look at its rows or to
// write some that no request would. It goes with the test.
func Raw(t testing.TB, address string) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", address
	if file, ok := strings.CutPrefix(address, "sqlite://"); ok {
		driver, dsn = "sqlite", "file:"+file+"?_pragma=busy_timeout(15000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// migrate makes the tables, once for all databases.
func migrate(ctx context.Context, address string) error {
	db, err := sqlstore.Open(ctx, address, sqlstore.Options{Shared: true})
	if err != nil {
		return err
	}
	return db.Close()
}
