package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"cartwright/internal/hook"
)

// Bounds of an answer (spec/04 §2.2).
const (
	maxAnswer      = 64 << 10
	maxHeaders     = 64
	maxHeaderName  = 64
	maxHeaderValue = 8 << 10
)

// sender makes the requests.
type sender struct {
	policy hook.Policy
	client *http.Client
}

// newSender returns a sender that connects to public addresses alone, unless
// the policy makes an exception. What is checked is the address that a name
// led to, when it is connected to, so that a name cannot change its mind.
func newSender(p hook.Policy, timeout time.Duration) sender {
	open := &net.Dialer{Timeout: timeout}
	guarded := &net.Dialer{Timeout: timeout, Control: ssrf.New().Safe}
	excepted := map[string]bool{}
	for _, origin := range p.Allowed {
		if u, err := url.Parse(origin); err == nil {
			excepted[hostPort(u)] = true
		}
	}
	return sender{p, &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			// No proxy: it would connect where we may not.
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if p.Anywhere || excepted[address] {
					return open.DialContext(ctx, network, address)
				}
				return guarded.DialContext(ctx, network, address)
			},
			ForceAttemptHTTP2: true, MaxIdleConnsPerHost: firstPerHook, MaxIdleConns: 256, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: timeout, MaxResponseHeaderBytes: 128 << 10, DisableCompression: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		},
	}}
}

// hostPort is what a request to an origin is dialled as.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (s sender) close() { s.client.CloseIdleConnections() }

// send makes one attempt at the real time now. It returns the status of the
// answer, 0 without one, and why the attempt failed, "" when it did not. The
// failure says nothing about the network here: clients read it.
func (s sender) send(ctx context.Context, r hook.Receiver, d *hook.Delivery, now time.Time) (status int, failure string) {
	if s.policy.Check(r.Hook.Destination) != nil {
		return 0, failedPolicy
	}
	body := d.Body()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Hook.Destination, bytes.NewReader(body))
	if err != nil {
		return 0, failedPolicy
	}
	for name, value := range r.Hook.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/json")
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "Cartwright")
	}
	sign(req.Header, r.Secret, d.MessageID, now, body)
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, reason(err)
	}
	defer func() { _ = resp.Body.Close() }()
	// What it says is read so that the connection can be used again, as far as
	// it is short.
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return resp.StatusCode, "Response status " + strconv.Itoa(resp.StatusCode)
	case tooMuch(resp.Header):
		return resp.StatusCode, "Response headers are too large"
	case err != nil:
		return resp.StatusCode, reason(err)
	}
	return resp.StatusCode, ""
}

// sign adds the headers of Standard Webhooks (spec/04 §2.3). The key is the
// client's secret; without one there is no signature.
func sign(h http.Header, secret, message string, now time.Time, body []byte) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	h.Set("Webhook-Id", message)
	h.Set("Webhook-Timestamp", stamp)
	if secret == "" {
		h.Del("Webhook-Signature")
		return
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(message + "." + stamp + "."))
	mac.Write(body)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// tooMuch reports whether the headers of an answer are beyond the limits.
func tooMuch(h http.Header) bool {
	n := 0
	for name, values := range h {
		n += len(values)
		if len(name) > maxHeaderName {
			return true
		}
		for _, v := range values {
			if len(v) > maxHeaderValue {
				return true
			}
		}
	}
	return n > maxHeaders
}

// The failures that are no answer of the receiver.
const (
	failedPolicy  = "The destination is not allowed"
	failedTimeout = "No answer in time"
	failedName    = "The host name was not found"
	failedRefused = "The connection was refused"
	failedTLS     = "TLS failure"
	failedOther   = "The connection failed"
)

// reason puts an error of the network into one of a few words, which are also
// what failures are counted by.
func reason(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	var alert tls.AlertError
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return failedPolicy
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failedTimeout
	case errors.As(err, &dns):
		return failedName
	case errors.Is(err, syscall.ECONNREFUSED):
		return failedRefused
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &alert):
		return failedTLS
	}
	return failedOther
}
