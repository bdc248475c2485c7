package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"cartwright/internal/clock"
	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestSQLite(t *testing.T) {
	t.Parallel() // the engines side by side: each test of the suite mostly waits
	storetest.Run(t, func(t *testing.T) *sqlstore.DB {
		return open(t, "sqlite://"+filepath.Join(t.TempDir(), "test.db"))
	})
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *sqlstore.DB { return open(t, testdb.PostgreSQL(t)) })
}

func TestRecovery(t *testing.T) {
	for name, engine := range map[string]struct {
		driver  string
		address func(t *testing.T) (url, dsn string)
	}{
		"SQLite": {"sqlite", func(t *testing.T) (string, string) {
			file := filepath.Join(t.TempDir(), "test.db")
			return "sqlite://" + file, "file:" + file + "?_pragma=busy_timeout(15000)"
		}},
		"Postgres": {"pgx", func(t *testing.T) (string, string) {
			url := testdb.PostgreSQL(t)
			return url, url
		}},
	} {
		t.Run(name, func(t *testing.T) {
			twice := func(t *testing.T) (*sqlstore.DB, *sql.DB) {
				url, dsn := engine.address(t)
				db := open(t, url)
				raw, err := sql.Open(engine.driver, dsn)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = raw.Close() })
				return db, raw
			}
			storetest.Reports(t, twice)
			storetest.Links(t, twice)
			storetest.Abandonments(t, twice)
			t.Run("a copied journal", func(t *testing.T) {
				db, raw := twice(t)
				storetest.CopiedJournal(t, db, raw)
			})
		})
	}
}

func open(t *testing.T, address string) *sqlstore.DB {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{Clock: clock.At(storetest.Noon)})
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

func TestEnginesAgree(t *testing.T) {
	storetest.Agree(t, open(t, "sqlite://"+filepath.Join(t.TempDir(), "test.db")), open(t, testdb.PostgreSQL(t)))
}

func TestServersScanAtOnce(t *testing.T) {
	file := "sqlite://" + filepath.Join(t.TempDir(), "test.db")
	postgres := testdb.PostgreSQL(t)
	for name, address := range map[string]string{"SQLite": file, "PostgreSQL": postgres} {
		t.Run(name, func(t *testing.T) { storetest.ScanRace(t, open(t, address), open(t, address)) })
	}
}

// TestMigrationsGoDownAndUp holds that every migration of recovery can be taken
// back, and that carts of before are waited for afterwards.
func TestMigrationsGoDownAndUp(t *testing.T) {
	for name, address := range map[string]string{"SQLite": "sqlite://" + filepath.Join(t.TempDir(), "test.db"), "PostgreSQL": testkit.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			db := open(t, address)
			before := storetest.Migrated(t, db)
			if err := db.MigrateTo(t.Context(), 8); err != nil {
				t.Fatalf("down: %v", err)
			}
			before(open(t, address))
		})
	}
}
