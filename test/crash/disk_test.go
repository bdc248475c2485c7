package crash

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"cartwright/internal/testkit"
	"cartwright/test/fleet"
)

// The disk of a SQLite server is full: writes are refused, with an answer that
// says so and without a trace, reads go on, and with room everything is as
// before.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	f := fleet.New(t, fleet.SQLite)
	f.NewStore("crash")
	dir := filepath.Dir(strings.TrimPrefix(f.Database, "sqlite://"))
	// A file system of 8 MB that only the server has, in a namespace of its own.
	f.Wrap = []string{"unshare", "--map-root-user", "--mount", "sh", "-c",
		`mkdir "$0/disk" && mount -t tmpfs -o size=8m none "$0/disk" && cp "$0"/cartwright.db* "$0/disk" && exec "$@"`, dir}
	f.Database = "sqlite://" + filepath.Join(dir, "disk", "cartwright.db")
	s := f.Start()
	disk := filepath.Join("/proc", fmt.Sprint(s.PID()), "root", dir, "disk")
	c := &crowd{t: t, client: f.Client(), servers: []*fleet.Server{s}, log: &acknowledged{lines: map[string]map[string]bool{}}}
	var carts []string
	for i := range 20 {
		line := fmt.Sprintf("first %d", i)
		id, ok := c.insist(0, request{path: "/carts", key: line, line: line})
		if !ok {
			t.Fatal("no cart")
		}
		carts = append(carts, id)
	}

	filler := fillUp(t, disk)
	refused := c.addUntilRefused(carts)
	if refused == 0 {
		t.Fatal("a full disk refuses nothing")
	}
	one := &server{Fleet: f, Server: s, t: t, client: c.client}
	one.checkLines(c.log)

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "writes are taken again", func() bool { return c.client.Send(s, add(carts[0])).OK() })
	c.log.add(carts[0], "more")
	one.checkLines(c.log)
	// SQLite would look for the file of another namespace in this one.
	copied := filepath.Join(dir, "copied")
	if err := os.CopyFS(copied, os.DirFS(disk)); err != nil {
		t.Fatal(err)
	}
	f.Database = "sqlite://" + filepath.Join(copied, "cartwright.db")
	c.log.checkJournal(t, f)
	c.complain()
	t.Logf("%d lines were acknowledged, %d refused", c.log.count(), refused)
}

// fillUp leaves no room on a disk, and returns the file that takes it.
func fillUp(t *testing.T, disk string) string {
	t.Helper()
	path := filepath.Join(disk, "filler")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return path
}

// addUntilRefused has shoppers add to carts until a good part of them was told
// that it cannot be kept, and returns how many were. Writes that find room in
// files that are there already are no failure.
func (c *crowd) addUntilRefused(carts []string) int {
	c.t.Helper()
	refused := 0
	for round := 0; round < 200 && refused < 5*len(carts); round++ {
		var all sync.WaitGroup
		for i, id := range carts {
			line := fmt.Sprintf("line %d of %d", round, i)
			all.Go(func() {
				a := c.client.Send(c.servers[0], fleet.Request{Method: http.MethodPost, Path: "/v3/carts/" + id + "/items",
					Key: line, Body: request{line: line}.body()})
				c.mu.Lock()
				defer c.mu.Unlock()
				if a.OK() {
					c.log.add(id, line)
					return
				}
				refused++
				if why := a.Full(); why != "" {
					c.blame(a, why)
				}
			})
		}
		all.Wait()
	}
	return refused
}

// checkLines looks for the acknowledged lines, and for no others.
func (s *server) checkLines(log *acknowledged) {
	s.t.Helper()
	s.check(log)
	for cartID, lines := range log.lines {
		var cart struct {
			Data struct{ Version int }
		}
		if s.send(http.MethodGet, "/carts/"+cartID, "", "", &cart); cart.Data.Version != len(lines) {
			s.t.Errorf("cart %s has version %d after %d writes that were acknowledged", cartID, cart.Data.Version, len(lines))
		}
	}
}
