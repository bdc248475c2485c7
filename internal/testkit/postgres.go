// Package testkit holds what tests of several rooms need: temporary databases
// and a store with something in it.
package testkit

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
)

// One throw-away PostgreSQL serves a whole test binary.
var (
	shared    *pgcluster.Cluster
	sharedErr error
	startOnce sync.Once
)

// Main runs the tests of a package and then stops the PostgreSQL that they may
// have started. A package that calls Postgres needs it as its TestMain.
func Main(m *testing.M) {
	code := m.Run()
	for _, do := range atExit {
		do()
	}
	if shared != nil {
		_ = shared.Remove()
	}
	os.Exit(code)
}

var atExit []func()

// AtExit has Main call f when all tests have run, for what they share. It must
// not be called by two tests at once.
func AtExit(f func()) { atExit = append(atExit, f) }

// Postgres returns the URL of a new, empty database. A machine without
// PostgreSQL fails the test: skipping would hide that one engine is untested.
func Postgres(t testing.TB) string {
	t.Helper()
	startOnce.Do(func() { shared, sharedErr = pgcluster.Start(pgcluster.Options{}) })
	if sharedErr != nil {
		t.Fatalf("PostgreSQL is needed: %v", sharedErr)
	}
	address, err := shared.CreateDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// Deadline returns a context that ends well before the test would be killed.
func Deadline(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
