package sqlstore_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testkit"
)

func TestBackup(t *testing.T) {
	url := filled(t, engines["SQLite"](t))
	open(t, url) // a server uses it
	want := rowsOf(t, url)
	dir := t.TempDir()
	to := filepath.Join(dir, "backup [1] 'a'.db")
	in, err := sqlstore.Backup(t.Context(), url, to)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(to)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != in.Bytes || in.Stores != 1 || in.Carts != 0 || in.Schema != in.Newest {
		t.Errorf("%+v, %v, %v", in, info, err)
	}
	if got := filesIn(t, dir); len(got) != 1 {
		t.Errorf("there are %q", got)
	}
	if got := rowsOf(t, "sqlite://"+to); !maps.Equal(got, want) {
		t.Errorf("the backup has %v, not %v", got, want)
	}
	if _, err := sqlstore.Backup(t.Context(), url, to); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("the error is %v", err)
	}
	mustCopy(t, "sqlite://"+to, engines["SQLite"](t)) // it is a database like any other
}

func TestBackupRefuses(t *testing.T) {
	good, dir := filled(t, engines["SQLite"](t)), t.TempDir()
	other := filepath.Join(dir, "other.db")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tc := range map[string]struct {
		ctx           context.Context
		url, to, want string
	}{
		"PostgreSQL":      {url: "postgres://db/shop", to: "a.db", want: "pg_dump --format=custom --file="},
		"a missing one":   {url: "sqlite://" + filepath.Join(dir, "none", "cartwright.db"), to: "a.db", want: "there is no file " + filepath.Join(dir, "none")},
		"another program": {url: "sqlite://" + other, to: "a.db", want: "is not a database of cartwright"},
		"no folder":       {url: good, to: "none/a.db", want: "make it first"},
		"interrupted":     {ctx: done, url: good, to: "a.db", want: "context canceled"},
	} {
		ctx := tc.ctx
		if ctx == nil {
			ctx = t.Context()
		}
		if _, err := sqlstore.Backup(ctx, tc.url, filepath.Join(dir, tc.to)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	if got := filesIn(t, dir); !slices.Equal(got, []string{"other.db"}) {
		t.Errorf("there are %q", got)
	}
}

// A backup has everything that was acknowledged before it began, of each cart
// the row and its journal as they belong together, and keeps nobody waiting.
func TestBackupUnderLoad(t *testing.T) {
	const writers = 32
	url := filled(t, engines["SQLite"](t))
	mustExec(t, sqlOf(t, url), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
		INSERT INTO idempotency (store, client_id, name, fingerprint, status, body, created) SELECT 'a', 'load', i, '', 200, hex(randomblob(1000)), i FROM n`)
	db := open(t, url)
	var ids [writers]cart.ID
	var acknowledged [writers]atomic.Int64
	for i := range ids {
		c := storetest.NewCart("a")
		if err := db.CreateCart(t.Context(), c, cart.Change{Events: []event.Event{{Scope: event.CartCreated}}}); err != nil {
			t.Fatal(err)
		}
		ids[i] = c.ID
	}
	var longest atomic.Int64 // in nanoseconds
	stop := make(chan struct{})
	var working sync.WaitGroup
	for i := range ids {
		working.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				began := time.Now()
				c, err := db.UpdateCart(t.Context(), "a", ids[i], func(c *cart.Cart) (cart.Change, error) {
					c.Version++
					return cart.Change{Events: []event.Event{{Scope: event.CartUpdated}}}, nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				acknowledged[i].Store(c.Version)
				for d := int64(time.Since(began)); ; {
					if old := longest.Load(); d <= old || longest.CompareAndSwap(old, d) {
						break
					}
				}
			}
		})
	}
	all := func(more int64) { // until each has written so often again
		t.Helper()
		var want [writers]int64
		for i := range ids {
			want[i] = acknowledged[i].Load() + more
		}
		testkit.Eventually(t, "everybody writes", func() bool {
			for i := range ids {
				if acknowledged[i].Load() < want[i] {
					return false
				}
			}
			return true
		})
	}
	all(20)
	before := time.Duration(longest.Swap(0))
	var least [writers]int64
	for i := range ids {
		least[i] = acknowledged[i].Load()
	}
	behind := testkit.Late()
	to, began := filepath.Join(t.TempDir(), "backup.db"), time.Now()
	if _, err := sqlstore.Backup(t.Context(), url, to); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	all(20) // what the log of SQLite gathered meanwhile is moved into the file
	during := time.Duration(longest.Load())
	close(stop)
	working.Wait()
	late := behind()
	t.Logf("the longest write took %s before, and %s during the backup, which took %s, on a machine that was %s late", before, during, took, late)
	// Whoever waits for the backup waits for most of it. The disk may stand still for
	// others.
	if during > before+2*time.Second+late && during > took/2 {
		t.Errorf("a write took %s during the backup, %s before", during, before)
	}
	copied := open(t, "sqlite://"+to)
	for i, id := range ids {
		c, err := copied.FindCart(t.Context(), "a", id)
		if err != nil || c == nil || c.Version < least[i] {
			t.Fatalf("cart %d is %+v, %v; version %d was acknowledged", i, c, err, least[i])
		}
		journal, err := copied.Journal(t.Context(), "a", id)
		if err != nil || int64(len(journal)) != c.Version || journal[len(journal)-1].Version != c.Version {
			t.Errorf("cart %d has version %d, and a journal of %d entries, %v", i, c.Version, len(journal), err)
		}
	}
}
