package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a server that was started for measuring, in a process of its own.
type process struct {
	cmd    *exec.Cmd
	addr   string
	first  time.Duration // from start to the first answer of /readyz
	output *tail
	ended  chan struct{} // closed when the process is gone
}

// freeAddr names a port that was free a moment ago.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// startProcess runs a server that listens on addr and waits until /readyz
// answers 200.
func startProcess(ctx context.Context, addr, binary string, args ...string) (*process, error) {
	p := &process{
		cmd:    exec.CommandContext(ctx, binary, args...),
		addr:   addr,
		output: &tail{},
		ended:  make(chan struct{}),
	}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended shows in what it printed
		close(p.ended)
	}()
	if err := p.awaitReady(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w: %s", binary, err, p.output), p.stop())
	}
	p.first = time.Since(began)
	return p, nil
}

// awaitReady asks every millisecond: the interval is the error of the measured
// time to the first answer.
func (p *process) awaitReady(ctx context.Context) error {
	const patience = 20 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	probe := newCall("GET", p.addr, "/readyz", "", "", http.StatusOK, "")
	var last error
	for {
		if _, last = ask(probe); last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), last)
		case <-p.ended:
			return errors.New("it ended instead of listening")
		case <-time.After(time.Millisecond):
		}
	}
}

// stop asks politely first, so that the database is left as in daily life.
func (p *process) stop() error {
	const patience = 15 * time.Second
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("%s did not stop within %s of SIGTERM", p.cmd.Path, patience)
	}
}

// restart runs the same command on the same address.
func restart(ctx context.Context, p *process) (*process, error) {
	return startProcess(ctx, p.addr, p.cmd.Path, p.cmd.Args[1:]...)
}

// errNoProc says that this system does not tell of a process's memory and time.
var errNoProc = errors.New("this system has no such /proc")

// rss returns the resident memory in bytes.
func (p *process) rss() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, errNoProc
	}
	return parseRSS(status)
}

func parseRSS(status []byte) (int64, error) {
	for line := range bytes.Lines(status) {
		value, found := bytes.CutPrefix(line, []byte("VmRSS:"))
		if !found {
			continue
		}
		digits, found := bytes.CutSuffix(bytes.TrimSpace(value), []byte(" kB"))
		if !found {
			break
		}
		kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(digits)), 10, 64)
		return kilobytes << 10, err
	}
	return 0, errNoProc
}

// cpu returns the time that the process has computed for so far.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, errNoProc
	}
	return parseCPU(stat)
}

// parseCPU adds the user's and the system's time, which Linux counts in
// hundredths of a second. The name of the program, in brackets before them, may
// hold anything.
func parseCPU(stat []byte) (time.Duration, error) {
	const user, system, tick = 11, 12, time.Second / 100 // fields after the name
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= system {
		return 0, errNoProc
	}
	u, errU := strconv.ParseInt(string(fields[user]), 10, 64)
	s, errS := strconv.ParseInt(string(fields[system]), 10, 64)
	return time.Duration(u+s) * tick, errors.Join(errU, errS)
}

// tail keeps the end of what a server prints, for the message when it fails.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const enough = 4 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - enough; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
