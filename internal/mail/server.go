package mail

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Server is a mail server that takes mails from this one.
type Server struct {
	Host string
	Port string
	// Implicit says that TLS is spoken from the start (smtps).
	Implicit bool
	User     string
	Password string
	// Connections is how many are open at most.
	Connections int
}

// How many connections there are when the URL does not say so, and at most.
const (
	defaultConnections = 4
	maxConnections     = 100
)

// ParseServer reads smtp://user:password@host:port or smtps://…, with
// ?connections=N. Its errors say what to write, and never repeat the URL: it
// may hold a password.
func ParseServer(raw string) (Server, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return Server{}, errors.New("write smtp://user:password@mail.example:587 or smtps://user:password@mail.example:465, " +
			"with special characters of the password percent-encoded")
	}
	s := Server{Host: u.Hostname(), Port: u.Port(), Implicit: u.Scheme == "smtps", Connections: defaultConnections}
	if s.Port == "" {
		s.Port = "587"
		if s.Implicit {
			s.Port = "465"
		}
	}
	if n, err := strconv.Atoi(s.Port); err != nil || n < 1 || n > 65535 {
		return Server{}, fmt.Errorf("the port %s is none: it is a number from 1 to 65535, such as 587", s.Port)
	}
	if u.User != nil {
		s.User = u.User.Username()
		s.Password, _ = u.User.Password()
	}
	for name, values := range u.Query() {
		if name != "connections" {
			return Server{}, fmt.Errorf("%q is nothing that can be set here; there is only connections, as in ?connections=8", name)
		}
		if s.Connections, err = strconv.Atoi(values[0]); err != nil || s.Connections < 1 || s.Connections > maxConnections || len(values) > 1 {
			return Server{}, fmt.Errorf("connections is a whole number from 1 to %d, as in ?connections=8", maxConnections)
		}
	}
	return s, nil
}

func (s Server) addr() string { return net.JoinHostPort(s.Host, s.Port) }

// local reports whether the server is this machine, so that a password does
// not travel.
func (s Server) local() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}
