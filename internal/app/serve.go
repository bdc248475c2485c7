package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"cartwright/internal/sqlstore"
)

// shutdownTimeout bounds how long a stop waits for requests that are running.
const shutdownTimeout = 10 * time.Second

// Serve listens and serves until ctx is done, then finishes what is running.
// ready is called with the server once it answers; it may be nil.
func Serve(ctx context.Context, c Config, ready func(*App, net.Addr)) (err error) {
	if err := c.Check(); err != nil {
		return err
	}
	if c.Database, err = c.DatabaseURL(); err != nil {
		return err
	}
	release, err := sqlstore.Lock(c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return listenError(c.Listen, err)
	}
	defer func() { _ = listener.Close() }() // serving closes it too
	if c.PublicURL == "" {
		c.PublicURL = ownURL(listener.Addr(), c.TLSCert != "")
	}
	a, err := Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if c.prepare != nil {
		if err := c.prepare(ctx, a); err != nil {
			if ctx.Err() != nil { // it was told to stop, and begins where it was the next time
				return nil
			}
			return err
		}
	}
	a.warn(listener.Addr())
	return a.serve(ctx, listener, ready)
}

// warn says loudly what whoever runs the server should know.
func (a *App) warn(addr net.Addr) {
	if a.Config.Sandbox && !loopback(addr) {
		a.Config.Log.Warn("THE SANDBOX IS OPEN TO EVERYONE WHO REACHES THIS ADDRESS: it asks for no sign-in, its clock can be wound and "+
			"its mail can be read. Listen on 127.0.0.1, or serve without --sandbox.", "listen", addr.String())
	}
	a.warnMails()
}

func (a *App) serve(ctx context.Context, listener net.Listener, ready func(*App, net.Addr)) error {
	log := a.Config.Log
	server := &http.Server{
		Handler: a.parting(a.handler), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 120 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	pair, err := a.Config.certificate()
	if err != nil {
		return err
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	working.Go(func() { a.work(work) })
	defer working.Wait()
	defer stopWork()

	failed := make(chan error, 1)
	go func() {
		if pair == nil {
			failed <- server.Serve(listener)
			return
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*pair}}
		failed <- server.ServeTLS(listener, "", "")
	}()
	log.Info("serving", "url", a.Config.PublicURL, "listen", listener.Addr().String(), "database", sqlstore.Describe(a.Config.Database), "sandbox", a.Config.Sandbox)
	if ready != nil {
		ready(a, listener.Addr())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	ctx = context.WithoutCancel(ctx)
	if err := a.drain(ctx, failed); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	log.Info("stopping", "wait", shutdownTimeout.String())
	return shutdown(ctx, server)
}

// work does what happens beside the requests, until ctx is done.
func (a *App) work(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { paceCollector(ctx) })
	all.Go(func() { a.Shops.Watch(ctx) })
	all.Go(func() { a.Jobs.Watch(ctx) })
	all.Go(func() { a.Webhooks.Run(ctx) })
	all.Go(func() { a.Mails.Run(ctx) })
	if a.Config.Sandbox {
		all.Go(func() { a.watchClock(ctx) })
	}
	if !a.Config.deaf {
		all.Go(func() { a.DB.Listen(ctx, a.Config.Log, a.wakes()) })
	}
	for _, do := range a.beside {
		all.Go(func() { do(ctx) })
	}
	all.Wait()
}

// wakes says what to do at once when another server has changed something.
func (a *App) wakes() sqlstore.Wakes {
	return sqlstore.Wakes{Shops: a.Shops.Wake, Work: a.Webhooks.Wake, Clock: func() {
		select {
		case a.clockMoved <- struct{}{}:
		default:
		}
	}}
}

// shutdown lets running requests finish, and cuts off those that take too long.
func shutdown(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(ctx, shutdownTimeout)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(fmt.Errorf("some requests were cut off: they did not finish within %s", shutdownTimeout), server.Close())
	}
	return err
}
