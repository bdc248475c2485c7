package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheManualPlacesEveryTable holds the SQL for Citus in docs/citus.md to
// the tables that the migrations make.
func TestTheManualPlacesEveryTable(t *testing.T) {
	manual, err := os.ReadFile("../../docs/citus.md")
	if err != nil {
		t.Fatal(err)
	}
	want := placement(t)
	if !strings.Contains(string(manual), want) {
		t.Errorf("docs/citus.md does not place every table; it should say:\n\n%s", want)
	}
}

// placement is the SQL that places the tables: those without a store on every
// server, the others by their store, all rows of a store on one server.
func placement(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../sqlstore/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	var tables []string
	for _, file := range files {
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(sql), "-- +goose Down")
		for _, m := range regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`).FindAllStringSubmatch(up, -1) {
			tables = append(tables, m[1])
		}
		for _, m := range regexp.MustCompile(`(?m)^DROP TABLE (\w+)`).FindAllStringSubmatch(up, -1) {
			tables = slices.DeleteFunc(tables, func(name string) bool { return name == m[1] })
		}
	}
	var everywhere, placed strings.Builder
	first := ""
	for _, name := range tables {
		switch {
		case slices.Contains(global, name):
			fmt.Fprintf(&everywhere, "SELECT create_reference_table('%s');\n", name)
		case first == "":
			first = name
			fmt.Fprintf(&placed, "SELECT create_distributed_table('%s', 'store');\n", name)
		default:
			fmt.Fprintf(&placed, "SELECT create_distributed_table('%s', 'store', colocate_with => '%s');\n", name, first)
		}
	}
	return "```sql\n" + everywhere.String() + placed.String() + "```\n"
}
