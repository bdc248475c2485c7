package doctor

import (
	"golang.org/x/sys/unix"
)

// networks are the file systems that are another machine's, by statfs(2).
var networks = map[int64]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "CIFS", unix.SMB2_SUPER_MAGIC: "SMB",
	unix.CEPH_SUPER_MAGIC: "Ceph", unix.AFS_SUPER_MAGIC: "AFS", unix.CODA_SUPER_MAGIC: "Coda",
}

// diskOf looks at the file system of a folder.
func diskOf(dir string) (d disk, known bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return disk{}, false
	}
	return disk{free: int64(s.Bavail) * s.Bsize, network: networks[s.Type]}, true
}

// writable reports whether this user may make files in a folder.
func writable(dir string) bool { return unix.Access(dir, unix.W_OK|unix.X_OK) == nil }

// openFiles is how many files a program of this user may have open. Go takes
// all it is allowed when it starts.
func openFiles() (n uint64, known bool) {
	var r unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r)
	return r.Max, err == nil
}

// clockKept asks the kernel whether a time service keeps the machine's clock
// right. What a web or mail server writes as its Date is no better than that
// server's own clock, so none is asked.
func clockKept() (synchronized, known bool) {
	var t unix.Timex // all modes 0: it reads
	state, err := unix.Adjtimex(&t)
	return state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0, err == nil
}
