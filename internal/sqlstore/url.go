package sqlstore

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// CheckURL refuses a database URL that cannot be opened, whatever is there, and
// says what to write instead. It asks nobody.
func CheckURL(raw string) error {
	_, _, _, err := parseURL(raw)
	return err
}

// parseURL tells which engine a database URL means and what its driver wants
// to open it: sqlite:///path, or postgres://….
func parseURL(raw string) (d dialect, dsn, file string, err error) {
	switch {
	case isPostgres(raw):
		return postgresDialect, raw, "", checkPostgres(raw)
	case strings.HasPrefix(raw, "sqlite://"):
		path := strings.TrimPrefix(raw, "sqlite://")
		if path == "" || path == "/" {
			return dialect{}, "", "", fmt.Errorf("the database URL %q names no file: write sqlite:///path/to/cartwright.db", raw)
		}
		if !placed(path) {
			return dialect{}, "", "", fmt.Errorf("the database URL %q does not say where the file is: write sqlite:///path/to/%s, or sqlite://./%s for one in the folder in which the command runs",
				raw, filepath.Base(path), path)
		}
		path = filepath.Clean(path)
		return sqliteDialect, (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String(), path, nil
	}
	return dialect{}, "", "", fmt.Errorf("the database URL %q is not understood: write sqlite:///path/to/cartwright.db or postgres://user:password@host/database", redact(raw))
}

// placed reports whether a path says from where it goes. One that does not is
// more likely a URL with a slash too few than a file in the working folder.
func placed(path string) bool {
	return filepath.IsAbs(path) || strings.HasPrefix(path, "/") || strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../")
}

// fileURL names a file, wherever it is.
func fileURL(file string) string {
	if !placed(file) {
		file = "./" + file
	}
	return "sqlite://" + file
}

func isPostgres(raw string) bool {
	return strings.HasPrefix(raw, "postgres://") || strings.HasPrefix(raw, "postgresql://")
}

// errUnencoded is what a password with a slash in it leads to. The URL cannot be
// repeated: nobody knows where in it the password ends.
var errUnencoded = errors.New("the database URL cannot be read: write postgres://user:password@host/database, " +
	"with special characters of the password percent-encoded, such as %2F for /, %40 for @, %3A for :, %23 for #, %3F for ? and %25 for %")

// checkPostgres refuses a URL of PostgreSQL that the driver cannot read.
func checkPostgres(raw string) error {
	if _, err := url.Parse(raw); err != nil || strayAt(raw) {
		return errUnencoded
	}
	_, err := pgxpool.ParseConfig(raw)
	var p *pgconn.ParseConfigError
	if errors.As(err, &p) {
		// Its text repeats the URL, and hides only passwords that it recognises.
		_, said, _ := strings.Cut(err.Error(), "`: ")
		return fmt.Errorf("the database URL %s cannot be used: %s", redact(raw), said)
	}
	if err != nil {
		return fmt.Errorf("the database URL %s cannot be used: %w", redact(raw), err)
	}
	return nil
}

// strayAt reports whether an @ stands where none belongs: what is before it is
// then a piece of a password.
func strayAt(raw string) bool {
	_, rest, found := strings.Cut(raw, "://")
	if !found {
		return strings.ContainsAny(raw, "@=") // also settings as psql takes them
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		return false
	}
	before, _, _ := strings.Cut(rest[end:], "=") // the value of a setting may have one
	return strings.Contains(before, "@")
}

// redact hides a password in a URL that goes into a message, also one that
// stands among the settings.
func redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || !strings.HasPrefix(raw, "sqlite:") && strayAt(raw) {
		return "(not a URL)"
	}
	settings, err := url.ParseQuery(u.RawQuery)
	if err != nil { // what is not understood may be a password too
		return "(not a URL)"
	}
	hidden := false
	for _, name := range []string{"password", "sslpassword"} {
		if settings.Has(name) {
			settings.Set(name, "xxxxx")
			hidden = true
		}
	}
	if hidden {
		u.RawQuery = settings.Encode()
	}
	return u.Redacted()
}
