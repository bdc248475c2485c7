package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/hook"
	"cartwright/internal/mail"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// Config is how a server is set up. Every field but Log is a flag of the
// command line.
type Config struct {
	Listen   string // address and port
	Data     string // folder of the SQLite database when Database is ""
	Database string // sqlite:///path or postgres://…
	// Connections bounds those to PostgreSQL; 0 means sqlstore.DefaultConnections.
	Connections int
	PublicURL   string // where browsers reach this server; "" means http://Listen
	SMTP        string // smtp://… or smtps://…; "" sends no mail, and keeps that of a sandbox in its inbox
	Sandbox     bool
	TLSCert     string
	TLSKey      string
	Quota       int // requests a store may make in 30 seconds; 0 is no limit
	// Drain is for how long a server that was told to stop goes on answering, so
	// that a load balancer can notice; 0 stops at once.
	Drain time.Duration
	// WebhookAllow are origins that webhooks may go to besides https on port 443
	// at public addresses.
	WebhookAllow []string

	// Quiet leaves a demo without a history and without shoppers.
	Quiet bool

	Log *slog.Logger

	// prepare is called before the server answers; nil is nothing to do.
	prepare func(context.Context, *App) error
	// lively has shoppers of the demo come; back is how far behind the clock of an
	// empty database begins, and patience how long the demo waits for it before it
	// opens, 0 being historyPatience.
	lively   bool
	back     time.Duration
	patience time.Duration
	// deaf leaves a server in tests without what wakes it when another changes
	// something.
	deaf bool
	// mailer stands in the place of the mail server in tests, machine in that of
	// the machine's clock.
	mailer  recovery.Mailer
	machine clock.Clock
	// webhookTimeout bounds a webhook in tests; 0 is the time of every server.
	webhookTimeout time.Duration
}

// DatabaseURL returns the database that the configuration names.
func (c Config) DatabaseURL() (string, error) {
	if c.Database != "" {
		return c.Database, nil
	}
	path, err := filepath.Abs(filepath.Join(c.Data, "cartwright.db"))
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	return "sqlite://" + path, nil
}

// Check refuses what cannot work, and says what to write instead. It opens
// nothing but the files of the certificate.
func (c Config) Check() error {
	if all := c.Problems(); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Problems returns everything that Check refuses.
func (c Config) Problems() []error {
	var smtp error
	if c.SMTP != "" {
		_, smtp = parseSMTP(c.SMTP)
	}
	_, webhooks := c.webhookPolicy()
	_, certificate := c.certificate()
	address, database := c.DatabaseURL()
	if database == nil {
		database = sqlstore.CheckURL(address)
	}
	return slices.DeleteFunc([]error{checkListen(c.Listen), database, checkPublicURL(c.PublicURL), smtp, webhooks, certificate, checkDrain(c.Drain)},
		func(err error) bool { return err == nil })
}

// webhookPolicy says where webhooks may go.
func (c Config) webhookPolicy() (hook.Policy, error) {
	p := hook.Policy{Anywhere: c.Sandbox}
	for _, raw := range c.WebhookAllow {
		origin, err := hook.ParseAllowed(raw)
		if err != nil {
			return p, fmt.Errorf("--webhook-allow: %w", err)
		}
		p.Allowed = append(p.Allowed, origin)
	}
	return p, nil
}

func checkDrain(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("--drain=%s: a server cannot have stopped before it was told to; write a time such as 5s, or 0s to stop at once", d)
	}
	return nil
}

func checkListen(listen string) error {
	const write = "write an address and a port, for example 127.0.0.1:8080, or :8080 for every address of this machine"
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %s", listen, write)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("--listen %s: the port must be a number from 0 to 65535; %s", listen, write)
	}
	if strings.ContainsAny(host, "/ ") {
		return fmt.Errorf("--listen %s: %s", listen, write)
	}
	return nil
}

func checkPublicURL(raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		suggestion := "https://shop.example"
		if !strings.Contains(raw, "://") {
			suggestion = "https://" + strings.TrimLeft(raw, "/")
		}
		return fmt.Errorf("--public-url %s: write it with its scheme, for example %s", raw, suggestion)
	}
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("--public-url %s: write only scheme, host, port and path, for example %s://%s%s", u.Redacted(), u.Scheme, u.Host, u.Path)
	}
	return nil
}

// parseSMTP reads the mail server. The value may hold a password, so no error
// repeats it.
func parseSMTP(raw string) (mail.Server, error) {
	server, err := mail.ParseServer(raw)
	if err != nil {
		return server, fmt.Errorf("--smtp: %w", err)
	}
	return server, nil
}

// certificate returns the pair that TLS is served with, or nil for plain HTTP.
func (c Config) certificate() (*tls.Certificate, error) {
	switch {
	case c.TLSCert == "" && c.TLSKey == "":
		return nil, nil
	case c.TLSKey == "":
		return nil, errors.New("--tls-cert needs the private key of the certificate too: add --tls-key FILE")
	case c.TLSCert == "":
		return nil, errors.New("--tls-key needs the certificate too: add --tls-cert FILE")
	}
	for flag, file := range map[string]string{"--tls-cert": c.TLSCert, "--tls-key": c.TLSKey} {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("%s %s: %w; name a readable PEM file", flag, file, cause(err))
		}
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s, --tls-key %s: %w; both must be PEM files that belong together", c.TLSCert, c.TLSKey, err)
	}
	return &pair, nil
}

// cause takes the file's name out of an error that the message names already.
func cause(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// listenError says what to do when the address cannot be listened on.
func listenError(listen string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is used by another program: stop it, or choose another port, for example --listen %s", listen, nextPort(listen))
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen on %s: choose a port of 1024 or more, for example --listen 127.0.0.1:8080", listen)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine: --listen 127.0.0.1:8080 is reached from this machine only, --listen :8080 from everywhere", listen)
	}
	return fmt.Errorf("listen on %s: %w", listen, err)
}

func nextPort(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	n, _ := strconv.Atoi(port)
	if n++; n > 65535 || n < 1024 {
		n = 8080
	}
	return net.JoinHostPort(host, strconv.Itoa(n))
}

// ownURL returns the server's own address, guessed from what it listens on.
func ownURL(addr net.Addr, secure bool) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// loopback reports whether only this machine reaches the address.
func loopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
