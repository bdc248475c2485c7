package mail

import (
	"context"
	"crypto/tls"
	"time"
)

// Greeting is how a mail server received this one.
type Greeting struct {
	// Secure says that TLS is spoken; Until is when the server's certificate ends.
	Secure bool
	Until  time.Time
	// Login says that the server took a name and a password.
	Login bool
}

// Check speaks to the mail server as far as to be able to hand a mail over:
// greeting, TLS and authentication. It sends none, and says goodbye.
func (s *SMTP) Check(ctx context.Context) (Greeting, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return Greeting{}, err
	}
	defer c.close()
	g := Greeting{Login: s.server.User != ""}
	var secure tls.ConnectionState
	if secure, g.Secure = c.client.TLSConnectionState(); len(secure.PeerCertificates) > 0 {
		g.Until = secure.PeerCertificates[0].NotAfter
	}
	return g, nil
}
