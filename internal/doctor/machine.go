package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"cartwright/internal/human"
)

// Below fewFiles open files a busy server runs out of connections.
const fewFiles = 4096

// machine says what the server would run on.
func machine(context.Context) []Finding {
	const check = "machine"
	cpus := fmt.Sprintf("%s of %d, %s/%s", human.Count(runtime.GOMAXPROCS(0), "processor"), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	files, known := openFiles()
	if !known {
		return []Finding{ok(check, "%s", cpus)}
	}
	if files < fewFiles {
		return []Finding{{check, Warning, fmt.Sprintf("a program started here may open %d files, and each connection is one", files),
			"ulimit -n 65536, or LimitNOFILE=65536 in the service's unit"}}
	}
	return []Finding{ok(check, "%s; up to %d open files", cpus, files)}
}

// disk is the file system of a folder.
type disk struct {
	free    int64  // bytes that this user may write
	network string // its kind when it is another machine's, such as NFS
}

// A database needs room for its write-ahead log, and for copies of itself.
const (
	leastFree = 100 << 20
	lowFree   = 1 << 30
)

// folder looks at where a SQLite file is, or will be.
func (d *database) folder() []Finding {
	const check = "disk"
	f := d.facts.File
	if f == nil {
		return nil
	}
	dir, err := existing(filepath.Dir(f.Path))
	if err != nil {
		return []Finding{{check, Failed, err.Error(), "name a folder of a local disk with --data"}}
	}
	var found []Finding
	if !writable(dir) {
		found = append(found, Finding{check, Failed, "this user may not write in " + dir, "make it writable for the user that runs cartwright, or ask as that user"})
	}
	here, known := diskOf(dir)
	switch {
	case !known:
	case here.free < leastFree:
		found = append(found, Finding{check, Failed, fmt.Sprintf("%s free in %s: writes will fail soon", human.Bytes(here.free), dir), "make room, or move the folder"})
	case here.free < lowFree || here.free < f.Bytes:
		found = append(found, Finding{check, Warning, fmt.Sprintf("%s free in %s: a copy of the database, or a month's growth, may not fit", human.Bytes(here.free), dir), "make room, or move the folder"})
	default:
		found = append(found, ok(check, "%s free in %s", human.Bytes(here.free), dir))
	}
	if here.network != "" {
		found = append(found, Finding{check, Warning, dir + " is on " + here.network + ": locks and the write-ahead log of SQLite are not safe there",
			"put the folder on a local disk, or use PostgreSQL"})
	}
	return found
}

// existing returns the folder itself, or the nearest above that is there.
func existing(dir string) (string, error) {
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return "", fmt.Errorf("%s is not a folder", dir)
		}
		if err == nil || filepath.Dir(dir) == dir {
			return dir, err
		}
		dir = filepath.Dir(dir)
	}
}

// openFolder reports whether others than its owner can get at what is in a
// folder.
func openFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode().Perm()&fs.FileMode(0o011) != 0
}
