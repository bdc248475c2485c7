package pgcluster

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// FreePort returns a port of 127.0.0.1 that nobody listens on. It stays clear of
// those that the kernel gives to outgoing connections: while a cluster is
// stopped, one of its own clients would take its port. No other call returns it
// as long as this process runs, in whatever process: a server may take a while
// until it listens, and it does not listen while it is stopped.
func FreePort() (int, error) {
	const lowest, highest = 20000, 32000
	for range 1000 {
		port := lowest + rand.IntN(highest-lowest)
		if !reserve(port) {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no port between %d and %d is free", lowest, highest)
}

// reservations are sockets whose names say which ports this process has. They
// are names of Linux that no file stands for: they go with the process, and they
// are known as far as the ports are.
var reservations struct {
	mu  sync.Mutex
	all []net.Listener
}

// reserve reports whether a port is this process's from now on.
func reserve(port int) bool {
	l, err := net.Listen("unix", fmt.Sprintf("@cartwright-port-%d", port))
	if err != nil {
		return false // somebody has it
	}
	reservations.mu.Lock()
	defer reservations.mu.Unlock()
	reservations.all = append(reservations.all, l)
	return true
}
