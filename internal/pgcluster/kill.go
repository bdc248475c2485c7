package pgcluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Kill ends every process of the server at once, as the loss of its machine
// does. What was committed is there after Restart.
func (c *Cluster) Kill() error {
	pid, err := c.postmaster()
	if err != nil {
		return err
	}
	// A stopped postmaster starts no further processes while they are counted.
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stop the postmaster: %w", err)
	}
	children, err := childrenOf(pid)
	if err != nil {
		return err
	}
	all := append([]int{pid}, children...)
	for _, p := range all {
		if err := syscall.Kill(p, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill process %d: %w", p, err)
		}
	}
	for _, p := range all {
		if err := waitGone(p); err != nil {
			return err
		}
	}
	// Where nobody collects dead processes, their number is never free again and
	// the file would keep the server from starting.
	return os.Remove(filepath.Join(c.data(), "postmaster.pid"))
}

// postmaster returns the process that all others of the server come from.
func (c *Cluster) postmaster() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("find the postmaster: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		return 0, fmt.Errorf("find the postmaster: %w", err)
	}
	return pid, nil
}

func childrenOf(pid int) ([]int, error) {
	found, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var children []int
	for _, path := range found {
		_, parent, alive := readStat(path)
		if !alive || parent != pid {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			return nil, err
		}
		children = append(children, child)
	}
	return children, nil
}

// readStat returns the state of a process and its parent. A process that is
// gone is not alive.
func readStat(path string) (state string, parent int, alive bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", 0, false
	}
	// The name stands in parentheses and may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 2 {
		return "", 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return fields[0], parent, err == nil && fields[0] != "Z"
}

func waitGone(pid int) error {
	for range 6000 {
		if _, _, alive := readStat(fmt.Sprintf("/proc/%d/stat", pid)); !alive {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("process %d does not end", pid)
}
