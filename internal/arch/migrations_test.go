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

// global lists the tables that belong to no store, so that their keys need not
// begin with one. There are few, and they stay small (decisions 6).
var global = []string{"stores", "hosts", "users", "clock"}

func TestEveryKeyBeginsWithTheStore(t *testing.T) {
	files, err := filepath.Glob("../sqlstore/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	tables := 0
	for _, file := range files {
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n, wrong := checkMigration(string(sql))
		tables += n
		for _, complaint := range wrong {
			t.Errorf("%s: %s", filepath.Base(file), complaint)
		}
	}
	if tables < 10 {
		t.Errorf("only %d tables were read: the test does not understand the migrations any more", tables)
	}
}

var (
	comments     = regexp.MustCompile(`--[^\n]*`)
	spaces       = regexp.MustCompile(`\s+`)
	createTable  = regexp.MustCompile(`^CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*)\)$`)
	createUnique = regexp.MustCompile(`^CREATE UNIQUE INDEX (?:IF NOT EXISTS )?\w+ ON (\w+) \((.*?)\)(?: WHERE .*)?$`)
	alterTable   = regexp.MustCompile(`^ALTER TABLE (\w+) ADD (.*)$`)
	tableKey     = regexp.MustCompile(`^(?:CONSTRAINT \w+ )?(?:PRIMARY KEY|UNIQUE|FOREIGN KEY) ?\((.*?)\)`)
	columnKey    = regexp.MustCompile(`\b(?:PRIMARY KEY|UNIQUE|REFERENCES)\b`)
	notPortable  = regexp.MustCompile(`\b(?:SERIAL|BIGSERIAL|AUTOINCREMENT|IDENTITY|SEQUENCE|TRIGGER)\b`)
)

// checkMigration reads the upward half of a migration, counts its tables and
// returns what is wrong with their keys: one that does not begin with the
// store cannot be sharded by it.
func checkMigration(sql string) (tables int, wrong []string) {
	up, _, _ := strings.Cut(sql, "-- +goose Down")
	for _, statement := range strings.Split(comments.ReplaceAllString(up, ""), ";") {
		statement = strings.TrimSpace(spaces.ReplaceAllString(statement, " "))
		if m := notPortable.FindString(strings.ToUpper(statement)); m != "" {
			wrong = append(wrong, m+" is not there on every engine")
		}
		switch {
		case createTable.MatchString(statement):
			m := createTable.FindStringSubmatch(statement)
			tables++
			wrong = append(wrong, checkTable(m[1], splitTop(m[2]), true)...)
		case createUnique.MatchString(statement):
			m := createUnique.FindStringSubmatch(statement)
			wrong = append(wrong, checkKey(m[1], m[2])...)
		case alterTable.MatchString(statement):
			m := alterTable.FindStringSubmatch(statement)
			wrong = append(wrong, checkTable(m[1], []string{strings.TrimPrefix(m[2], "COLUMN ")}, false)...)
		case strings.Contains(strings.ToUpper(statement), "UNIQUE"), strings.HasPrefix(statement, "CREATE TABLE"):
			wrong = append(wrong, fmt.Sprintf("not understood: %s", statement))
		}
	}
	return tables, wrong
}

// checkTable checks the keys among the parts of a table. A whole table must
// have a primary key.
func checkTable(table string, parts []string, whole bool) []string {
	var wrong []string
	primary := false
	for _, part := range parts {
		primary = primary || strings.Contains(part, "PRIMARY KEY")
		if m := tableKey.FindStringSubmatch(part); m != nil {
			wrong = append(wrong, checkKey(table, m[1])...)
		} else if columnKey.MatchString(part) {
			column, _, _ := strings.Cut(part, " ")
			wrong = append(wrong, checkKey(table, column)...)
		}
	}
	if whole && !primary {
		wrong = append(wrong, table+" has no primary key")
	}
	return wrong
}

func checkKey(table, columns string) []string {
	first, _, _ := strings.Cut(columns, ",")
	if strings.TrimSpace(first) == "store" || slices.Contains(global, table) {
		return nil
	}
	return []string{fmt.Sprintf("a key of %s is (%s): it must begin with the store", table, columns)}
}

// splitTop splits at the commas that are not inside parentheses.
func splitTop(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}

func TestCheckMigrationFindsWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		sql  string
		want string // "" is nothing wrong
	}{
		"a key with the store":          {"CREATE TABLE a (store TEXT, id TEXT, PRIMARY KEY (store, id));", ""},
		"the store alone":               {"CREATE TABLE a (store TEXT NOT NULL PRIMARY KEY, n BIGINT);", ""},
		"a global table":                {"CREATE TABLE users (email TEXT NOT NULL PRIMARY KEY);", ""},
		"a key without the store":       {"CREATE TABLE a (store TEXT, id TEXT, PRIMARY KEY (id));", "a key of a is (id)"},
		"the store in the wrong place":  {"CREATE TABLE a (store TEXT, id TEXT, PRIMARY KEY (id, store));", "a key of a is (id, store)"},
		"a column as key":               {"CREATE TABLE a (id TEXT NOT NULL PRIMARY KEY, store TEXT);", "a key of a is (id)"},
		"no key":                        {"CREATE TABLE a (store TEXT);", "a has no primary key"},
		"a unique column":               {"CREATE TABLE a (store TEXT, id TEXT UNIQUE, PRIMARY KEY (store, id));", "a key of a is (id)"},
		"a unique constraint":           {"CREATE TABLE a (store TEXT, id TEXT, PRIMARY KEY (store, id), CONSTRAINT u UNIQUE (id));", "a key of a is (id)"},
		"a unique index":                {"CREATE UNIQUE INDEX i ON a (id);", "a key of a is (id)"},
		"a unique index with the store": {"CREATE UNIQUE INDEX i ON a (store, id) WHERE id > '';", ""},
		"an index":                      {"CREATE INDEX i ON a (id);", ""},
		"a foreign key":                 {"CREATE TABLE a (store TEXT, id TEXT, PRIMARY KEY (store, id), FOREIGN KEY (id) REFERENCES b (id));", "a key of a is (id)"},
		"a reference":                   {"CREATE TABLE a (store TEXT, id TEXT REFERENCES b (id), PRIMARY KEY (store, id));", "a key of a is (id)"},
		"an added key":                  {"ALTER TABLE a ADD CONSTRAINT u UNIQUE (id);", "a key of a is (id)"},
		"an added column":               {"ALTER TABLE a ADD COLUMN id TEXT UNIQUE;", "a key of a is (id)"},
		"in a comment":                  {"-- CREATE UNIQUE INDEX i ON a (id);\nCREATE INDEX i ON a (id);", ""},
		"what goes down again":          {"CREATE INDEX i ON a (id);\n-- +goose Down\nCREATE UNIQUE INDEX i ON a (id);", ""},
		"a sequence":                    {"CREATE TABLE a (store TEXT, id BIGSERIAL, PRIMARY KEY (store, id));", "BIGSERIAL"},
		"what it cannot read":           {"CREATE UNIQUE INDEX ON a USING btree (id);", "not understood"},
	}
	for name, tc := range tests {
		_, wrong := checkMigration(tc.sql)
		got := strings.Join(wrong, "\n")
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
