package sqlstore

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"
)

// The copy knows every table that a migration makes, whoever writes it.
func TestCopyKnowsEveryTable(t *testing.T) {
	tables, err := copyTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range tables {
		got = append(got, table.name)
	}
	var want []string
	created := regexp.MustCompile(`(?m)^CREATE TABLE (?:IF NOT EXISTS )?(\w+)`)
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range created.FindAllStringSubmatch(string(text), -1) {
			if found[1] != "leases" {
				want = append(want, found[1])
			}
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("a copy is made of\n%q, the migrations make\n%q", got, want)
	}
	if newest, err := newestSchema(); err != nil || int(newest) < len(names) {
		t.Errorf("the newest schema is %d (%v), there are %d migrations", newest, err, len(names))
	}
}

func TestBatchQuery(t *testing.T) {
	table := copyTable{name: "journal", columns: []string{"store", "events", "n"}, key: []int{0, 2}}
	file, server := &raw{file: "a.db"}, &raw{}
	for _, tc := range []struct {
		side      *raw
		clustered bool
		first     bool
		want      string
	}{
		{server, true, true, "SELECT store, events, n, store, n FROM journal ORDER BY store, n LIMIT $1"},
		{server, false, false, "SELECT store, events, n, store, n FROM journal WHERE (store, n) > ($1, $2) ORDER BY store, n LIMIT $3"},
		{file, true, false, "SELECT store, events, n, store, n FROM journal WHERE (store, n) > ($1, $2) ORDER BY store, n LIMIT $3"},
		{file, false, false, "SELECT store, events, n, rowid FROM journal WHERE (rowid) > ($1) ORDER BY rowid LIMIT $2"},
	} {
		table.clustered = tc.clustered
		if got := table.batchQuery(tc.side.order(&table), tc.first); got != tc.want {
			t.Errorf("%s\nnot %s", got, tc.want)
		}
	}
}

// A fingerprint sees what a row holds and where, and not the order of the rows.
func TestTableSum(t *testing.T) {
	sum := func(rows ...[]any) TableSum {
		var s TableSum
		var buffer []byte
		for _, row := range rows {
			buffer = s.add(row, buffer)
		}
		return s
	}
	a, b := []any{"a", int64(1), nil}, []any{"b", int64(2), "x"}
	if sum(a, b) != sum(b, a) {
		t.Error("the order counts")
	}
	for name, other := range map[string][]any{
		"NULL and empty text":          {"a", int64(1), ""},
		"a number and its text":        {"a", "1", nil},
		"another number":               {"a", int64(2), nil},
		"text that moved its boundary": {"a\x00", int64(1), nil},
		"columns exchanged":            {"a", nil, int64(1)},
	} {
		if sum(a) == sum(other) {
			t.Errorf("%s: the same fingerprint", name)
		}
	}
	if sum(a) == sum(a, a) {
		t.Error("a row twice counts once")
	}
}
