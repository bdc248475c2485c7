package sqlstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// draft is a file that is made beside the one whose place it takes when it is
// complete, so that nobody ever sees half of it.
type draft struct {
	path string // "" once it has its place
	file string // whose place it takes
}

// newDraft makes an empty one, which only its owner may read: databases hold
// keys and addresses.
func newDraft(file, purpose string) (*draft, error) {
	// What a link leads to is replaced, not the link.
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	f, err := os.CreateTemp(filepath.Dir(file), draftPrefix(file, purpose)+"*")
	if err != nil {
		return nil, fmt.Errorf("cannot write in the folder %s: %w", filepath.Dir(file), cause(err))
	}
	return &draft{path: f.Name(), file: file}, f.Close()
}

// draftPrefix is nothing that somebody would name a file by hand, as is
// cartwright.db.copy-20260304.
func draftPrefix(file, purpose string) string {
	return filepath.Base(file) + ".unfinished-" + purpose + "-"
}

// clearDrafts removes those that a process left behind when it was killed. The
// caller holds the lock of the file, so that nobody else is making one.
func clearDrafts(file, purpose string) error {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), draftPrefix(file, purpose)) {
			if err := os.Remove(filepath.Join(filepath.Dir(file), e.Name())); err != nil {
				return fmt.Errorf("remove what an interrupted %s left: %w", purpose, err)
			}
		}
	}
	return nil
}

// cause takes the name of a file out of an error whose message has it already.
func cause(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func (d *draft) url() string { return fileURL(d.path) }

// place has the disk keep the draft, and puts it in the place of its file.
func (d *draft) place() error {
	if err := syncFile(d.path); err != nil {
		return fmt.Errorf("write %s to the disk: %w", d.path, err)
	}
	// A log of the file that was there would be read into the new one.
	if err := removeLogs(d.file); err != nil {
		return err
	}
	if err := os.Rename(d.path, d.file); err != nil {
		return err
	}
	d.path = ""
	return syncFolder(filepath.Dir(d.file))
}

// discard removes a draft that did not get its place.
func (d *draft) discard() error {
	if d.path == "" {
		return nil
	}
	return errors.Join(removeLogs(d.path), os.Remove(d.path))
}

// removeLogs removes what SQLite keeps beside a file.
func removeLogs(file string) error {
	for _, end := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(file + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncFolder has the disk keep what its entries lead to. Windows knows no such
// thing.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sameFile reports whether two URLs name one SQLite file.
func sameFile(a, b string) (bool, error) {
	_, _, fileA, err := parseURL(a)
	if err != nil {
		return false, err
	}
	_, _, fileB, err := parseURL(b)
	if err != nil {
		return false, err
	}
	infoA, errA := os.Stat(fileA) // "" is PostgreSQL, which is no file either
	infoB, errB := os.Stat(fileB)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB), nil
}
