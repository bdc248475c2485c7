package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"cartwright/internal/testkit"
)

// postgresCommand makes a new, empty database of PostgreSQL and sets $NAME to its
// URL, whatever the other scripts use.
func postgresCommand(t testing.TB) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 1 {
			ts.Fatalf("usage: postgres NAME")
		}
		ts.Setenv(args[0], testkit.Postgres(t))
	}
}
