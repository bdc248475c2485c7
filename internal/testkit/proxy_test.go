package testkit_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"cartwright/internal/testkit"
)

func TestProxy(t *testing.T) {
	p := testkit.StartProxy(t, echo(t))
	old := dial(t, p)
	if err := old.say("one"); err != nil {
		t.Fatalf("it does not pass on: %v", err)
	}

	p.Delay(30 * time.Millisecond)
	begun := time.Now()
	if err := old.say("two"); err != nil || time.Since(begun) < 60*time.Millisecond {
		t.Errorf("delayed by 30 ms each way it takes %v: %v", time.Since(begun), err)
	}
	pass(t, p)

	p.Silence()
	if err := old.within(silence).say("three"); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a silent proxy answers an old connection: %v", err)
	}
	if err := dial(t, p).within(silence).say("four"); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a silent proxy answers a new connection: %v", err)
	}
	pass(t, p)
	if line, err := old.listen(); err != nil || line != "three\n" {
		t.Errorf("what was sent to a silent proxy arrives as %q: %v", line, err)
	}

	p.Cut()
	if err := old.say("five"); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection goes on after it was cut: %v", err)
	}
	fresh := dial(t, p)
	if err := fresh.say("six"); err != nil {
		t.Errorf("a connection after the cut: %v", err)
	}

	p.Refuse()
	if err := fresh.say("seven"); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection goes on through a proxy that refuses: %v", err)
	}
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a proxy that refuses answers %v", err)
	}
	pass(t, p)
	if err := dial(t, p).say("eight"); err != nil {
		t.Errorf("a connection after the refusals: %v", err)
	}
}

// The end of a connection, from either side, arrives at the other.
func TestProxyPassesTheEndOn(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := testkit.StartProxy(t, l.Addr().String())
	client := dial(t, p)
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = client.Close()
	_ = server.SetReadDeadline(time.Now().Add(patience))
	if _, err := server.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the server sees %v after the client's end", err)
	}
	client = dial(t, p)
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	_ = server.Close()
	if _, err := client.listen(); !errors.Is(err, io.EOF) {
		t.Errorf("the client sees %v after the server's end", err)
	}
}

// echo is a server that says what it hears.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	return l.Addr().String()
}

// For how long a caller listens: for an answer until it comes, and when none may
// come as long as one usually takes, many times over.
const (
	patience = time.Minute
	silence  = 200 * time.Millisecond
)

type caller struct {
	net.Conn

	lines *bufio.Reader
	limit time.Duration
}

func (c caller) within(d time.Duration) caller {
	c.limit = d
	return c
}

func dial(t *testing.T, p *testkit.Proxy) caller {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return caller{c, bufio.NewReader(c), patience}
}

// say sends a word and waits for it to come back.
func (c caller) say(word string) error {
	if _, err := io.WriteString(c, word+"\n"); err != nil {
		return err
	}
	line, err := c.listen()
	if err == nil && line != word+"\n" {
		return errors.New("heard " + line)
	}
	return err
}

func (c caller) listen() (string, error) {
	_ = c.SetReadDeadline(time.Now().Add(c.limit))
	return c.lines.ReadString('\n')
}

func pass(t *testing.T, p *testkit.Proxy) {
	t.Helper()
	if err := p.Pass(); err != nil {
		t.Fatal(err)
	}
}
