package sqlstore

import (
	"os"
	"path/filepath"
	"testing"
)

// TestCloseLeavesOneFile holds that everything is in the database's own file
// once it was closed, so that whoever copies it then has it whole.
func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), "sqlite://"+filepath.Join(dir, "shop.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := write(t.Context(), db, func(t *tx) (int64, error) { return t.nextID("s", "product", 1) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.FindCart(t.Context(), "s", "none"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
}
