package testkit

import (
	"context"
	"net"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"cartwright/internal/pgcluster"
)

// Proxy stands between clients and a server on TCP and does to their
// connections what networks do. It passes everything on until it is told
// otherwise, and again after Pass.
type Proxy struct {
	addr, target string

	mu       sync.Mutex
	listener net.Listener // nil while it refuses
	gate     chan struct{}
	silent   bool // the gate is shut
	delay    time.Duration
	conns    map[net.Conn]bool
	closed   bool
	running  sync.WaitGroup
}

// StartProxy starts a proxy before target, an address and a port, that ends
// with the test.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	port, err := pgcluster.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), target: target,
		gate: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(p.gate)
	if err := p.listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

// Addr is where clients reach the proxy.
func (p *Proxy) Addr() string { return p.addr }

// Through returns the URL of a server with the proxy before it.
func (p *Proxy) Through(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.addr
	return u.String()
}

// Cut closes every connection. New ones are passed on.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Refuse closes every connection and refuses new ones, like a machine on which
// nobody listens.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.mu.Unlock()
	p.Cut()
}

// Silence lets nothing through any more, like a network that loses everything:
// connections stay, new ones are accepted, and nobody answers. What was sent
// meanwhile, the end of a connection too, arrives after Pass.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.silent {
		p.silent, p.gate = true, make(chan struct{})
	}
}

// Delay holds everything for so long in each direction: a question and its
// answer take twice that.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Pass ends what Refuse, Silence and Delay began.
func (p *Proxy) Pass() error {
	p.Delay(0)
	p.mu.Lock()
	if p.silent {
		p.silent = false
		close(p.gate)
	}
	refusing := p.listener == nil && !p.closed
	p.mu.Unlock()
	if refusing {
		return p.listen()
	}
	return nil
}

func (p *Proxy) close() {
	p.Refuse()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.Pass()
	p.Cut()
	p.running.Wait()
}

func (p *Proxy) listen() error {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", p.addr)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener = l
	p.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // it refuses now
			}
			p.running.Go(func() { p.serve(c) })
		}
	})
	return nil
}

// serve passes one connection on.
func (p *Proxy) serve(client net.Conn) {
	if !p.keep(client) {
		return
	}
	defer p.drop(client)
	p.wait()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil || !p.keep(server) {
		return // the client sees that its connection ends
	}
	defer p.drop(server)
	var both sync.WaitGroup
	both.Go(func() { p.pump(server, client) })
	both.Go(func() { p.pump(client, server) })
	both.Wait()
}

// pump passes on what comes from one side, and its end.
func (p *Proxy) pump(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.wait()
		if n > 0 {
			if _, errTo := to.Write(buffer[:n]); err == nil {
				err = errTo
			}
		}
		if err != nil {
			_, _ = to.Close(), from.Close()
			return
		}
	}
}

// wait returns when what has arrived may go on.
func (p *Proxy) wait() {
	p.mu.Lock()
	delay := p.delay
	p.mu.Unlock()
	time.Sleep(delay)
	p.mu.Lock()
	gate := p.gate
	p.mu.Unlock()
	<-gate
}

// keep takes a connection into what Cut closes.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *Proxy) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	_ = c.Close()
}
