package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"cartwright/internal/recovery"
)

// Config is what an SMTP is made of.
type Config struct {
	Server Server
	// Hello is the name by which this server calls itself; "" is localhost.
	Hello string
	// Signer signs mails; nil does not.
	Signer *Signer
	// TLS is how the server is trusted; nil trusts whom the machine trusts.
	TLS *tls.Config
}

// SMTP hands mails over to a mail server, over connections that it keeps for a
// while. It is safe for use by many goroutines.
type SMTP struct {
	server Server
	hello  string
	signer *Signer
	tls    *tls.Config
	limits timeouts
	places chan struct{} // one for each connection that may be in use

	mu     sync.Mutex
	idle   []*idle // the one used last at the end
	closed bool
}

// idle is a connection that waits for the next mail, until its timer ends it.
type idle struct {
	*conversation
	timer *time.Timer
}

var _ recovery.Mailer = (*SMTP)(nil)

// NewSMTP returns a mailer that has not connected yet.
func NewSMTP(c Config) *SMTP {
	s := &SMTP{server: c.Server, hello: c.Hello, signer: c.Signer, limits: defaultTimeouts, places: make(chan struct{}, max(1, c.Server.Connections))}
	if s.hello == "" {
		s.hello = "localhost"
	}
	s.tls = &tls.Config{}
	if c.TLS != nil {
		s.tls = c.TLS.Clone()
	}
	s.tls.ServerName, s.tls.MinVersion = c.Server.Host, tls.VersionTLS12
	return s
}

// Connections implements recovery.Mailer.
func (s *SMTP) Connections() int { return cap(s.places) }

// Deliver implements recovery.Mailer. A connection that was kept and turns out
// to be over is replaced by a fresh one, which the caller does not notice.
func (s *SMTP) Deliver(ctx context.Context, m recovery.Mail) error {
	raw, err := s.signer.compose(ctx, m)
	if err != nil {
		return err
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	case <-ctx.Done():
		return failed(recovery.ErrTemporary, "no connection to the mail server became free: "+ctx.Err().Error())
	}
	e := envelope{from: m.From.Address, to: m.To.Address, content: raw}
	for c := s.take(); c != nil; c = s.take() {
		if err := s.over(ctx, c, e); !errors.Is(err, errStale) {
			return err
		}
	}
	c, err := s.dial(ctx)
	if err != nil {
		return failed(recovery.ErrTemporary, fmt.Sprintf("the mail server %s cannot be used: %s", s.server.addr(), said(err)))
	}
	return s.over(ctx, c, e)
}

// over sends a mail over a connection and keeps it for the next.
func (s *SMTP) over(ctx context.Context, c *conversation, e envelope) error {
	reusable, err := c.send(ctx, e)
	if reusable {
		s.keep(c)
	} else {
		_ = c.conn.Close()
	}
	return err
}

// take returns a connection that was kept, the one used last, or nil.
func (s *SMTP) take() *conversation {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		last := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if last.timer.Stop() {
			return last.conversation
		}
	}
	return nil
}

func (s *SMTP) keep(c *conversation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		c.close()
		return
	}
	c.used = true
	i := &idle{conversation: c}
	i.timer = time.AfterFunc(s.limits.idle, func() {
		s.forget(i)
		c.close()
	})
	s.idle = append(s.idle, i)
}

func (s *SMTP) forget(gone *idle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, i := range s.idle {
		if i == gone {
			s.idle = append(s.idle[:n], s.idle[n+1:]...)
			return
		}
	}
}

// Close ends the connections that are kept. Those in use end with their mail.
func (s *SMTP) Close() {
	s.mu.Lock()
	kept := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, i := range kept {
		if i.timer.Stop() {
			i.close()
		}
	}
}
