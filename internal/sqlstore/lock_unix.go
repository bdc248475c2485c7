//go:build unix

package sqlstore

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock of a file for as long as the file is open; held is
// false when another process has it.
func tryLock(f *os.File) (held bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
