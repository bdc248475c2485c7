package testkit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// SMTPSink is a mail server that keeps what it accepts, and fails as it is
// told to. The fields are set before it starts.
type SMTPSink struct {
	// OnMail, OnRcpt and OnData decide about the sender, a recipient and the
	// whole mail: nil accepts, Answer refuses, ErrHangUp ends the connection
	// without an answer. They may wait, to be slow. Several may run at a time.
	OnMail func(from string) error
	OnRcpt func(to string) error
	OnData func(m SinkMail) error
	// HangUpBeforeDot ends the connection while the mail is still coming.
	HangUpBeforeDot func() bool
	// Kept is called after a mail was kept and before it is answered: what
	// fails here is a mail that has arrived and a client that was not told.
	Kept func(m SinkMail) error

	// User and Password are asked for when they are set, in the way of one of
	// the Mechanisms: PLAIN without any, LOGIN, CRAM-MD5.
	User, Password string
	Mechanisms     []string
	// TLS is offered with STARTTLS, or spoken from the start when Implicit is set.
	TLS      *tls.Config
	Implicit bool

	addr     net.Addr
	mu       sync.Mutex
	mails    []SinkMail
	sessions int
	open     []*smtp.Conn
}

// SinkMail is a mail as it arrived.
type SinkMail struct {
	From   string
	To     []string
	Data   []byte // headers and body, as they came
	Header mail.Header
	// Subject, Text and HTML are decoded.
	Subject, Text, HTML string
	Secure              bool // came over TLS
}

// ErrHangUp ends the connection without an answer when a hook of a sink
// returns it.
var ErrHangUp = errors.New("hang up")

// Answer is a refusal by a mail server: Answer(550, "5.1.1 no such user").
func Answer(code int, text string) error {
	enhanced := smtp.EnhancedCode{}
	if n, _ := fmt.Sscanf(text, "%d.%d.%d ", &enhanced[0], &enhanced[1], &enhanced[2]); n == 3 {
		_, text, _ = strings.Cut(text, " ")
	} else {
		enhanced = smtp.NoEnhancedCode
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// Start listens on a free port of this machine until the test ends, and
// returns the sink.
func (s *SMTPSink) Start(t testing.TB) *SMTPSink {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = listener.Addr()
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "sink.example", true, log.New(io.Discard, "", 0)
	server.TLSConfig = s.TLS
	if s.Implicit {
		server.TLSConfig, listener = nil, tls.NewListener(listener, s.TLS)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return s
}

// URL is what --smtp is set to, to send to the sink.
func (s *SMTPSink) URL() string {
	scheme, user := "smtp", ""
	if s.Implicit {
		scheme = "smtps"
	}
	if s.User != "" {
		user = s.User + ":" + s.Password + "@"
	}
	return scheme + "://" + user + s.addr.String()
}

// Mails returns what was kept, oldest first.
func (s *SMTPSink) Mails() []SinkMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]SinkMail(nil), s.mails...)
}

// Sessions returns how often somebody connected.
func (s *SMTPSink) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// CutOff ends every connection, as a server that has restarted does.
func (s *SMTPSink) CutOff() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		_ = c.Conn().Close()
	}
	s.open = nil
}

func (s *SMTPSink) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	s.open = append(s.open, c)
	session := sinkSession{sink: s, conn: c}
	if s.User != "" {
		return &sinkAuthSession{session}, nil
	}
	return &session, nil
}

type sinkSession struct {
	sink *SMTPSink
	conn *smtp.Conn
	from string
	to   []string
}

// settle carries out what a hook decided.
func (s *sinkSession) settle(err error) error {
	if errors.Is(err, ErrHangUp) {
		_ = s.conn.Conn().Close()
	}
	return err
}

func (s *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	if hook := s.sink.OnMail; hook != nil {
		return s.settle(hook(from))
	}
	return nil
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if hook := s.sink.OnRcpt; hook != nil {
		if err := hook(to); err != nil {
			return s.settle(err)
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	if early := s.sink.HangUpBeforeDot; early != nil && early() {
		return s.settle(ErrHangUp)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := readSinkMail(raw)
	if err != nil {
		return Answer(554, "5.6.0 the sink cannot read this mail: "+err.Error())
	}
	m.From, m.To = s.from, append([]string(nil), s.to...)
	_, m.Secure = s.conn.TLSConnectionState()
	if hook := s.sink.OnData; hook != nil {
		if err := hook(m); err != nil {
			return s.settle(err)
		}
	}
	s.sink.mu.Lock()
	s.sink.mails = append(s.sink.mails, m)
	s.sink.mu.Unlock()
	if hook := s.sink.Kept; hook != nil {
		return s.settle(hook(m))
	}
	return nil
}

func (s *sinkSession) Reset() { s.from, s.to = "", nil }

func (s *sinkSession) Logout() error { return nil }

type sinkAuthSession struct{ sinkSession }

func (s *sinkAuthSession) AuthMechanisms() []string {
	if s.sink.Mechanisms == nil {
		return []string{sasl.Plain}
	}
	return s.sink.Mechanisms
}

func (s *sinkAuthSession) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case "LOGIN":
		return &loginServer{sink: s.sink}, nil
	case "CRAM-MD5":
		return &cramServer{sink: s.sink}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return s.sink.admit(user, password == s.sink.Password) }), nil
}

func (s *SMTPSink) admit(user string, rightPassword bool) error {
	if user != s.User || !rightPassword {
		return smtp.ErrAuthFailed
	}
	return nil
}

// loginServer asks for a name and then for a password.
type loginServer struct {
	sink *SMTPSink
	said []string
}

// Next implements sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return []byte("Username:"), false, nil
	}
	if l.said = append(l.said, string(response)); len(l.said) == 1 {
		return []byte("Password:"), false, nil
	}
	return nil, true, l.sink.admit(l.said[0], l.said[1] == l.sink.Password)
}

// cramServer has the client prove that it knows the password (RFC 2195).
type cramServer struct{ sink *SMTPSink }

const cramChallenge = "<1896.697170952@sink.example>"

// Next implements sasl.Server.
func (c *cramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return []byte(cramChallenge), false, nil
	}
	user, proof, _ := strings.Cut(string(response), " ")
	sum := hmac.New(md5.New, []byte(c.sink.Password))
	_, _ = sum.Write([]byte(cramChallenge))
	return nil, true, c.sink.admit(user, proof == hex.EncodeToString(sum.Sum(nil)))
}

// readSinkMail takes a mail apart.
func readSinkMail(raw []byte) (SinkMail, error) {
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return SinkMail{}, err
	}
	m := SinkMail{Data: raw, Header: parsed.Header}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return m, err
	}
	return m, m.part(parsed.Header.Get, parsed.Body)
}

// part reads a part of a mail, with the parts in it.
func (m *SinkMail) part(header func(string) string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if !strings.HasPrefix(kind, "multipart/") {
		if strings.EqualFold(header("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(body)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		switch text := strings.ReplaceAll(string(b), "\r\n", "\n"); kind {
		case "text/plain":
			m.Text = text
		case "text/html":
			m.HTML = text
		}
		return nil
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := m.part(p.Header.Get, p); err != nil {
			return err
		}
	}
}
