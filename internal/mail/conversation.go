package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"cartwright/internal/clock"
	"cartwright/internal/recovery"
)

// timeouts bound the parts of a conversation, in real time.
type timeouts struct {
	dial    time.Duration // until the server greets, TLS included
	command time.Duration // for each command and its answer
	content time.Duration // for the answer to a whole mail: servers scan it first
	idle    time.Duration // how long a connection is kept for the next mail
}

var defaultTimeouts = timeouts{dial: 10 * time.Second, command: 30 * time.Second, content: 2 * time.Minute, idle: 30 * time.Second}

// envelope is a mail that is ready to go.
type envelope struct {
	from, to string
	content  []byte
}

// conversation is one connection to a mail server.
type conversation struct {
	conn   net.Conn
	client *smtp.Client
	limits timeouts
	clock  clock.Real
	used   bool // it was kept for another mail, and may be over by now
}

// dial opens a conversation: greeting, TLS and authentication.
func (s *SMTP) dial(ctx context.Context) (*conversation, error) {
	ctx, cancel := context.WithTimeout(ctx, s.limits.dial)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.server.addr())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	c := &conversation{conn: conn, limits: s.limits}
	if err := s.greet(ctx, c); err != nil {
		_ = conn.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("no greeting within %s", s.limits.dial)
		}
		return nil, err
	}
	return c, nil
}

func (s *SMTP) greet(ctx context.Context, c *conversation) error {
	var err error
	conn := c.conn
	if s.server.Implicit {
		secure := tls.Client(conn, s.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return err
		}
		conn = secure
	}
	if c.client, err = smtp.NewClient(conn, s.server.Host); err != nil {
		return err
	}
	if err := c.client.Hello(s.hello); err != nil {
		return err
	}
	secure := s.server.Implicit
	if offered, _ := c.client.Extension("STARTTLS"); offered && !secure {
		if err := c.client.StartTLS(s.tls); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
		secure = true
	}
	if s.server.User == "" {
		return nil
	}
	if !secure && !s.server.local() {
		return errors.New("the mail server offers no STARTTLS, and the password is not sent without; use smtps:// or another port")
	}
	return s.authenticate(c, secure)
}

// ErrLogin says that a mail server did not take the name and the password.
var ErrLogin = errors.New("authentication")

// authenticate takes the best of what the server offers.
func (s *SMTP) authenticate(c *conversation, secure bool) error {
	_, offered := c.client.Extension("AUTH")
	known := map[string]smtp.Auth{
		"PLAIN":    smtp.PlainAuth("", s.server.User, s.server.Password, s.server.Host, true),
		"LOGIN":    smtp.LoginAuth(s.server.User, s.server.Password, s.server.Host, true),
		"CRAM-MD5": smtp.CRAMMD5Auth(s.server.User, s.server.Password),
	}
	order := []string{"PLAIN", "LOGIN", "CRAM-MD5"}
	if !secure {
		order = []string{"CRAM-MD5", "PLAIN", "LOGIN"}
	}
	for _, mechanism := range order {
		for word := range strings.FieldsSeq(offered) {
			if strings.EqualFold(word, mechanism) {
				if err := c.client.Auth(known[mechanism]); err != nil {
					return fmt.Errorf("%w with %s: %s", ErrLogin, mechanism, said(err))
				}
				return nil
			}
		}
	}
	return fmt.Errorf("the mail server offers no authentication that is known here; it offers %q", offered)
}

// errStale says that a connection which was kept turned out to be over before
// anything of the mail was sent.
var errStale = errors.New("the connection is over")

// send hands a mail over. It returns errStale, or an error that is one of
// recovery's; reusable reports whether another mail can go over the connection.
func (c *conversation) send(ctx context.Context, e envelope) (reusable bool, err error) {
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	defer stop()
	c.client.SkipSMTPUTF8(ascii(e.from) && ascii(e.to))
	c.expect(c.limits.command)
	if err := c.client.Mail("<" + e.from + ">"); err != nil {
		return c.refused(ctx, err, sender)
	}
	c.expect(c.limits.command)
	if err := c.client.Rcpt("<" + e.to + ">"); err != nil {
		return c.refused(ctx, err, recipient)
	}
	c.expect(c.limits.command)
	w, err := c.client.Data()
	if err != nil {
		return c.refused(ctx, err, sender)
	}
	c.expect(c.limits.content)
	if _, err := w.Write(e.content); err != nil {
		// Without its final dot a mail is not accepted by anybody.
		return false, failed(recovery.ErrTemporary, "the connection broke before the whole mail was sent: "+cause(ctx, err))
	}
	c.expect(c.limits.content)
	err = w.Close()
	if err == nil {
		return true, nil
	}
	var answer *textproto.Error
	if !errors.As(err, &answer) || answer.Code < 400 {
		return false, failed(recovery.ErrNoAnswer, "the whole mail was sent, and no answer came: "+cause(ctx, err))
	}
	return c.refused(ctx, err, content)
}

// expect bounds how long the next command may take.
func (c *conversation) expect(d time.Duration) { _ = c.conn.SetDeadline(c.clock.Now().Add(d)) }

// stage is what a server refuses.
type stage int

const (
	sender stage = iota
	recipient
	content
)

// refused makes something of an error before or after the mail's content. A
// connection over which an answer came is made ready for the next mail.
func (c *conversation) refused(ctx context.Context, err error, at stage) (reusable bool, _ error) {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		if c.used && at != content && ctx.Err() == nil {
			return false, errStale
		}
		return false, failed(recovery.ErrTemporary, "the connection broke before the mail was sent: "+cause(ctx, err))
	}
	if answer.Code == closing {
		if c.used && at != content {
			return false, errStale
		}
		return false, failed(recovery.ErrTemporary, said(answer))
	}
	if at != content {
		c.expect(c.limits.command)
		reusable = c.client.Reset() == nil
	} else {
		reusable = true
	}
	return reusable, failed(kindOf(answer, at), said(answer))
}

// closing is the code with which a server ends the connection.
const closing = 421

var enhancedCode = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})\b`)

// kindOf sorts an answer. An address does not exist when the server says so:
// by the enhanced code of RFC 3463, or, without one, by refusing the recipient
// with 550, 551 or 553. A policy (5.7.x) says nothing about the address.
func kindOf(answer *textproto.Error, at stage) error {
	if answer.Code < 500 {
		return recovery.ErrTemporary
	}
	if m := enhancedCode.FindStringSubmatch(answer.Msg); m != nil {
		switch m[1] + "." + m[2] + "." + m[3] {
		case "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
			if at != sender {
				return recovery.ErrNoSuchAddress
			}
		}
		return recovery.ErrRefused
	}
	if at == recipient && (answer.Code == 550 || answer.Code == 551 || answer.Code == 553) {
		return recovery.ErrNoSuchAddress
	}
	return recovery.ErrRefused
}

// said writes an error as the mail server put it: 550 5.1.1 no such user.
func said(err error) string {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fmt.Sprintf("%03d %s", answer.Code, answer.Msg)
	}
	return err.Error()
}

// cause says why a connection broke.
func cause(ctx context.Context, err error) string {
	var late net.Error
	switch {
	case ctx.Err() != nil:
		return "this server stops"
	case errors.As(err, &late) && late.Timeout():
		return "the mail server took too long"
	}
	return said(err)
}

// close says goodbye, without waiting long for the answer.
func (c *conversation) close() {
	c.expect(time.Second)
	_ = c.client.Quit()
	_ = c.conn.Close()
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
}
