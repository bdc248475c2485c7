package sqlstore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Lock makes this process the one server of a SQLite file until release is
// called: a server keeps hot carts in memory, so that a second one would
// answer with what is old. Whoever administers the store beside it asks for no
// lock. For an engine that any number of servers may share it does nothing.
//
// The lock belongs to the process, so one that was killed leaves none behind;
// the file beside the database only names its holder.
func Lock(url string) (release func() error, err error) {
	return lock(url, "stop that one first, name another folder with --data, or use PostgreSQL, which any number of servers may share")
}

// lock is Lock with what to do when another process has the lock.
func lock(url, advice string) (release func() error, err error) {
	_, _, file, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if file == "" {
		return func() error { return nil }, nil
	}
	if err := prepareFolder(filepath.Dir(file)); err != nil {
		return nil, err
	}
	// Two names of one file must meet at one lock.
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	f, err := os.OpenFile(file+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the database: %w", err)
	}
	held, err := tryLock(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the database: %w", err), f.Close())
	}
	if !held {
		return nil, errors.Join(errServed(file, advice, f), f.Close())
	}
	if err := writeHolder(f); err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock of the database: %w", err), f.Close())
	}
	return f.Close, nil
}

// errServed says who serves the file already, and what to do about it.
func errServed(file, advice string, lock io.Reader) error {
	who := ""
	if pid, err := io.ReadAll(io.LimitReader(lock, 20)); err == nil && len(pid) > 0 {
		who = " (process " + strings.TrimSpace(string(pid)) + ")"
	}
	return fmt.Errorf("%s is served already by another cartwright%s: %s", file, who, advice)
}

func writeHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// prepareFolder makes the folder of a database and proves that files can be
// made in it, because SQLite's own message says neither which nor why.
func prepareFolder(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(dir, ".writable-*"); err == nil {
			err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		}
	}
	if err != nil {
		return fmt.Errorf("cannot write in the data folder %s: %w; make it writable for the user that runs cartwright, "+
			"or name another folder with --data", dir, err)
	}
	return nil
}

// prepareFile makes the file of a database, so that it is its owner's alone: it
// holds addresses, and the keys that mails are signed with. SQLite would let
// everybody read it, and gives the files beside it the same mode.
func prepareFile(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	return f.Close()
}

// Describe returns a database URL as it may stand in a log: without a password.
func Describe(url string) string { return redact(url) }
