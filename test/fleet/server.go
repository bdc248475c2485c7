package fleet

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
)

// patience bounds how long a server may take to get ready, and to stop: so long
// only a failure takes, even on a slow machine.
const patience = 90 * time.Second

// Server is one process of the program. Its address stays the same when it is
// started again.
type Server struct {
	Addr string

	t     testing.TB
	fleet *Fleet
	flags []string
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
	log   log
}

// Start starts a server with flags besides those that every test needs, and
// returns it when it is ready.
func (f *Fleet) Start(flags ...string) *Server {
	f.t.Helper()
	port, err := pgcluster.FreePort()
	if err != nil {
		f.t.Fatal(err)
	}
	s := &Server{Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), t: f.t, fleet: f, flags: flags}
	f.servers = append(f.servers, s)
	s.Restart()
	return s
}

// Restart starts a server that was killed or stopped, and returns when it is
// ready.
func (s *Server) Restart() {
	s.t.Helper()
	args := slices.Concat(s.fleet.Wrap, []string{s.fleet.program, "serve", "--listen", s.Addr, "--database", s.fleet.Database}, s.flags)
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env = append(os.Environ(), s.fleet.Env...)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // how it ended shows in what it printed
		close(ended)
	}(s.cmd, s.ended)
	for begun := time.Now(); s.Ready() != http.StatusOK; time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > patience || !s.Running() {
			s.t.Fatal("the server did not get ready")
		}
	}
}

// Running reports whether the process is there.
func (s *Server) Running() bool {
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// Ready returns what /readyz answers, 0 without an answer.
func (s *Server) Ready() int {
	status, _ := s.get("/readyz")
	return status
}

// PID is the number of the process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Kill ends the process with kill -9.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// Freeze stops the process for so long, like a machine that hangs: connections
// stay, and it goes on in the middle of what it did.
func (s *Server) Freeze(d time.Duration) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
	<-time.After(d)
	if err := s.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		s.t.Fatal(err)
	}
}

// Stop ends the process as whoever runs it does, and fails the test when it
// does not end well.
func (s *Server) Stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Fatal("the server does not stop")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("the server stopped with %d", code)
	}
}

// Log returns what the server has logged since it was first started.
func (s *Server) Log() string { return s.log.String() }

// CPU returns the processor time that the process has taken.
func (s *Server) CPU() time.Duration {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.PID()))
	if err != nil {
		s.t.Fatal(err)
	}
	// After the name in parentheses, fields 14 and 15 are user and system time in
	// ticks of 10 ms (proc(5)).
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			s.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// Memory returns how many bytes of memory the process has.
func (s *Server) Memory() int64 {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.PID()))
	if err != nil {
		s.t.Fatal(err)
	}
	var total, resident int64
	if _, err := fmt.Sscan(string(text), &total, &resident); err != nil {
		s.t.Fatal(err)
	}
	return resident * int64(os.Getpagesize())
}

// Metric returns one value of /metrics by its name and labels.
func (s *Server) Metric(name string) float64 {
	s.t.Helper()
	_, text := s.get("/metrics")
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return v
		}
	}
	s.t.Fatalf("/metrics has no %s", name)
	return 0
}

// Goroutines returns how many the process has.
func (s *Server) Goroutines() int {
	s.t.Helper()
	return int(s.Metric("go_goroutines"))
}

var looker = &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}

func (s *Server) get(path string) (status int, body string) {
	resp, err := looker.Get("http://" + s.Addr + path)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(b)
}

// log keeps what a server prints.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
