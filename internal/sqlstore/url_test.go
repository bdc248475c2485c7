package sqlstore

import (
	"os"
	"strings"
	"testing"
)

func TestDatabaseURLs(t *testing.T) {
	const unencoded = "with special characters of the password percent-encoded, such as %2F for /"
	tests := map[string]string{ // what is wrong with it, "" for nothing
		"postgres://shop:secret@db/shop":                           "",
		"postgresql://shop:se%2Fcret@db:5433/shop?sslmode=require": "",
		"postgres://shop:se@cret@db/shop":                          "",
		"postgres://shop@one:5432,two:5433/shop":                   "",
		"postgres:///shop?host=/run/postgresql&user=a@b":           "",
		"postgres://db/shop?pool_max_conns=4":                      "",
		"postgres://shop:se/cret@db/shop":                          unencoded,
		"postgres://shop:1/secret@db/shop":                         unencoded,
		"postgres://shop:1?secret@db/shop":                         unencoded,
		"postgres://shop:1#secret@db/shop":                         unencoded,
		"postgres://shop:secret%@db/shop":                          unencoded,
		"postgres://shop:secret@db/shop?sslmode=maybe":             "cannot be used: failed to configure TLS",
		"postgres://shop:secret@db/shop?pool_max_conns=many":       "cannot be used: ",
		"postgres:/shop:secret@db":                                 `"(not a URL)" is not understood: write sqlite:///path/to/cartwright.db or postgres://user:password@host/database`,
		"postgres:/shop":                                           `"postgres:/shop" is not understood`,
		"host=db password=secret":                                  `"(not a URL)" is not understood`,
		"mysql://shop:secret@db/shop":                              `"mysql://shop:xxxxx@db/shop" is not understood`,
		"sqlite:///var/lib/a@b.db":                                 "",
		"sqlite://./shop.db":                                       "",
		"sqlite://../shop.db":                                      "",
		"sqlite://shop.db":                                         "write sqlite:///path/to/shop.db, or sqlite://./shop.db for one in the folder in which the command runs",
		"sqlite://data/shop.db":                                    "write sqlite:///path/to/shop.db, or sqlite://./data/shop.db for",
		"sqlite://":                                                "names no file",
		"sqlite:///":                                               "names no file",
		"sqlite:shop.db":                                           "is not understood: write sqlite:///path",
	}
	for url, want := range tests {
		err := CheckURL(url)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: the error is %v", url, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: the error is %v, want one with %s", url, err, want)
		}
	}
}

// A file is found under its own name, wherever the command runs.
func TestFileURL(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, file := range []string{"shop.db", "./other.db", "/srv/shop.db"} {
		if _, _, _, err := parseURL(fileURL(file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if err := os.WriteFile("letter.db", []byte("Dear reader"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := inspectFile(t.Context(), "letter.db"); err == nil || !strings.Contains(err.Error(), "SQLite") {
		t.Errorf("the error is %v", err)
	}
}
