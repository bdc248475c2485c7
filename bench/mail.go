package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"cartwright/internal/app"
	"cartwright/internal/mail"
	"cartwright/internal/merchant"
)

const (
	mailStore = "mails"
	// mailShoppers fill carts at once.
	mailShoppers = 8
	// mailDomain is that of the sender; its mails are signed.
	mailDomain = "shop.example"
)

// mailSink is a mail server that takes every mail and keeps none.
type mailSink struct {
	signed, unsigned atomic.Int64
}

func (s *mailSink) NewSession(*smtp.Conn) (smtp.Session, error) { return mailSession{s}, nil }

type mailSession struct{ sink *mailSink }

func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (mailSession) Reset()                               {}
func (mailSession) Logout() error                        { return nil }

func (m mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if bytes.HasPrefix(raw, []byte("DKIM-Signature:")) {
		m.sink.signed.Add(1)
	} else {
		m.sink.unsigned.Add(1)
	}
	return err
}

// mailRows measures the whole way of a mail: the engine finds episodes whose mail
// is due, decides and claims each in a durable transaction, reads the cart as
// it is now, renders the default mail, signs it (RSA, 2048 bits), hands it over
// on eight connections of SMTP, and keeps durably what became of it. Engine and
// mail server share this process, so nobody is asked over HTTP.
func (b *bench) mailRows(ctx context.Context) (rows []row, err error) {
	sink := &mailSink{}
	server := smtp.NewServer(sink)
	server.Domain, server.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() { _ = server.Serve(listener) }()
	defer func() { err = errors.Join(err, server.Close()) }()
	own, err := b.engine.another(ctx, "mails")
	if err != nil {
		return nil, err
	}
	a, err := app.Open(ctx, app.Config{
		Database: own.databaseURL(), PublicURL: "https://carts.example", Sandbox: true,
		SMTP: "smtp://" + listener.Addr().String() + "?connections=8", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := leaveCarts(ctx, a, b.cfg.mails); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := a.Mails.Settle(ctx); err != nil {
		return nil, err
	}
	took := time.Since(began)
	if signed, unsigned := sink.signed.Load(), sink.unsigned.Load(); signed != int64(b.cfg.mails) || unsigned != 0 {
		return nil, fmt.Errorf("%d mails arrived signed and %d unsigned, and not %d", signed, unsigned, b.cfg.mails)
	}
	return []row{plain("recovery mails, from decision to SMTP", "per s", float64(b.cfg.mails)/took.Seconds(), b.engine.goals.mails)}, nil
}

// leaveCarts makes a store whose shoppers have left so many carts, so that the
// first mail about each is due.
func leaveCarts(ctx context.Context, a *app.App, carts int) error {
	if _, err := a.Merchants.CreateStore(ctx, merchant.Setup{Hash: mailStore, Name: "Mails", EmailFrom: "hello@" + mailDomain}); err != nil {
		return err
	}
	const token = "bench"
	if _, err := a.Merchants.AddToken(ctx, merchant.Grant{Store: mailStore, Scopes: []string{merchant.ScopeAll}, ClientID: token}, token); err != nil {
		return err
	}
	if _, _, err := mail.CreateKey(ctx, a.DB, mailStore, mailDomain, "bench", a.Clock.Now()); err != nil {
		return err
	}
	var all sync.WaitGroup
	errs := make([]error, mailShoppers)
	for i := range errs {
		all.Go(func() {
			for n := i; n < carts && errs[i] == nil; n += mailShoppers {
				errs[i] = leaveCart(ctx, a.Handler(), token, n)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := jump(ctx, a); err != nil {
		return err
	}
	for {
		if n, err := a.DB.ScanCarts(ctx, mailStore, a.Clock.Now()); err != nil {
			return err
		} else if n == 0 {
			return jump(ctx, a)
		}
	}
}

// leaveCart fills a cart and leaves an address in it.
func leaveCart(ctx context.Context, h http.Handler, token string, n int) error {
	made, err := callHandler(ctx, h, token, "/v3/carts", `{"custom_items":[{"name":"Lamp","quantity":1,"list_price":30},`+
		`{"name":"Shade","quantity":2,"list_price":10},{"name":"Bulb","quantity":4,"list_price":5}]}`)
	if err != nil {
		return err
	}
	_, id, _ := strings.Cut(made, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	_, err = callHandler(ctx, h, token, "/v3/checkouts/"+id+"/billing-address", fmt.Sprintf(
		`{"first_name":"Ada","email":"ada%d@shopper.example","country_code":"US"}`, n))
	return err
}

// jump moves the clock past an hour without doing what falls due on the way: it
// is to be done at once.
func jump(ctx context.Context, a *app.App) error {
	offset, err := a.DB.AdvanceClock(ctx, 61*time.Minute)
	if err == nil {
		a.Clock.SetOffset(offset)
	}
	return err
}

// callHandler makes a POST without a network and returns the answer's body.
func callHandler(ctx context.Context, h http.Handler, token, path, body string) (string, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/stores/"+mailStore+path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code >= http.StatusMultipleChoices {
		return "", fmt.Errorf("%s answers %d: %s", path, w.Code, w.Body)
	}
	return w.Body.String(), nil
}
