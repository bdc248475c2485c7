// Package app puts the parts together: the database, the services and the
// surfaces. The command line and the tests use the same wiring.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/httpapi"
	"cartwright/internal/merchant"
	"cartwright/internal/pricing"
	"cartwright/internal/sqlstore"
)

// Config is how a server is set up. Every field but Log and Clock is a flag of
// the command line.
type Config struct {
	Listen    string // address and port
	Data      string // folder of the SQLite database when Database is ""
	Database  string // sqlite:///path or postgres://…
	PublicURL string // where browsers reach this server; "" means http://Listen
	Sandbox   bool
	TLSCert   string
	TLSKey    string
	Quota     int // requests a store may make in 30 seconds; 0 is no limit

	Log *slog.Logger
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

// App is a wired server.
type App struct {
	Config    Config
	Clock     *clock.Wound
	DB        *sqlstore.DB
	Shops     *sqlstore.Shops
	Merchants *merchant.Service
	Carts     *cart.Service
	Registry  *prometheus.Registry

	handler http.Handler
}

// Open opens the database and wires the services. PublicURL must be known by
// now; Close gives everything back.
func Open(ctx context.Context, c Config) (*App, error) {
	address, err := c.DatabaseURL()
	if err != nil {
		return nil, err
	}
	wound := &clock.Wound{}
	db, err := sqlstore.Open(ctx, address, sqlstore.Options{Clock: wound})
	if err != nil {
		return nil, err
	}
	a := &App{Config: c, Clock: wound, DB: db, Registry: prometheus.NewRegistry()}
	a.Shops = sqlstore.NewShops(db, strings.TrimSuffix(c.PublicURL, "/"), c.Log)
	a.Merchants = merchant.NewService(db, wound)
	a.Carts = cart.NewService(db, a.Shops, db, pricing.Default, wound)
	a.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.handler = a.routes()
	return a, nil
}

// Close closes the database.
func (a *App) Close() error { return a.DB.Close() }

// Handler serves every surface.
func (a *App) Handler() http.Handler { return a.handler }

func (a *App) routes() http.Handler {
	api := httpapi.New(httpapi.Config{
		Shops: a.Shops, Answers: a.DB, Carts: a.Carts, Clock: clock.Real{}, Log: a.Config.Log,
		Quota: a.Config.Quota, Metrics: httpapi.NewMetrics(a.Registry),
	})
	mux := http.NewServeMux()
	mux.Handle("/stores/", api)
	a.operate(mux)
	docs(mux)
	return mux
}

// shutdownTimeout bounds how long a stop waits for requests that are running.
const shutdownTimeout = 10 * time.Second

// Serve listens and serves until ctx is done, then finishes what is running.
// ready is called with the server once it answers.
func Serve(ctx context.Context, c Config, ready func(*App, net.Addr)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	if c.PublicURL == "" {
		c.PublicURL = publicURL(listener.Addr(), c.TLSCert != "")
	}
	a, err := Open(ctx, c)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { _ = a.Close() }()

	work, stop := context.WithCancel(context.Background())
	defer stop()
	go a.Shops.Watch(work)

	server := &http.Server{
		Handler: a.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 120 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() {
		if c.TLSCert != "" {
			failed <- server.ServeTLS(listener, c.TLSCert, c.TLSKey)
		} else {
			failed <- server.Serve(listener)
		}
	}()
	if ready != nil {
		ready(a, listener.Addr())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	return server.Shutdown(deadline)
}

// publicURL guesses the server's own address from what it listens on.
func publicURL(addr net.Addr, secure bool) string {
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
