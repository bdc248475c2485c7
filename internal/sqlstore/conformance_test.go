package sqlstore_test

import (
	"path/filepath"
	"testing"

	"cartwright/internal/clock"
	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *sqlstore.DB {
		return open(t, "sqlite://"+filepath.Join(t.TempDir(), "test.db"))
	})
}

func TestPostgres(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *sqlstore.DB { return open(t, testkit.Postgres(t)) })
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
	storetest.Agree(t, open(t, "sqlite://"+filepath.Join(t.TempDir(), "test.db")), open(t, testkit.Postgres(t)))
}
