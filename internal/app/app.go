// Package app puts the parts together: the database, the services and the
// surfaces. The command line and the tests use the same wiring.
package app

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/VictoriaMetrics/metrics"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/customer"
	"cartwright/internal/demo"
	"cartwright/internal/hook"
	"cartwright/internal/httpapi"
	"cartwright/internal/jobs"
	"cartwright/internal/mail"
	"cartwright/internal/merchant"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
	"cartwright/internal/webhook"
)

// App is a wired server.
type App struct {
	Config       Config
	Clock        *clock.Wound
	DB           *sqlstore.DB
	Shops        *sqlstore.Shops
	Merchants    *merchant.Service
	Carts        *cart.Service
	Checkouts    *order.Checkouts
	Customers    *customer.Service
	Certificates *order.Certificates
	Orders       *order.Service
	Catalog      *catalog.Service
	Hooks        *hook.Service
	Recoveries   *recovery.Service
	Coupons      *recovery.Coupons
	Notices      *recovery.Notices
	Promotions   *promotion.Service
	Webhooks     *webhook.Dispatcher
	Mails        *recovery.Engine
	mailer       recovery.Mailer // nil sends none
	smtp         *mail.SMTP      // nil without a mail server
	Jobs         *jobs.Runner
	Registry     *metrics.Set

	handler    http.Handler
	stopping   atomic.Bool    // it drains
	clockMoved chan struct{}  // told when another server has wound the clock
	shoppers   *demo.Shoppers // nil outside a lively demo
	// beside is what goes on beside the requests, until its context is done.
	beside []func(context.Context)
}

// Open opens the database and wires the services. PublicURL must be known by
// now; Close gives everything back.
func Open(ctx context.Context, c Config) (*App, error) {
	address, err := c.DatabaseURL()
	if err != nil {
		return nil, err
	}
	policy, err := c.webhookPolicy()
	if err != nil {
		return nil, err
	}
	wound := clock.Ahead(c.machine)
	db, err := sqlstore.Open(ctx, address, sqlstore.Options{Clock: wound, Connections: c.Connections, Log: c.Log})
	if err != nil {
		return nil, err
	}
	a := &App{Config: c, Clock: wound, DB: db, Registry: metrics.NewSet(), clockMoved: make(chan struct{}, 1)}
	if err := a.openClock(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a.Shops = sqlstore.NewShops(db, strings.TrimSuffix(c.PublicURL, "/"), c.Log)
	a.Merchants = merchant.NewService(db, wound)
	a.Carts = cart.NewService(db, a.Shops, db, pricing.Default, wound)
	a.Checkouts = order.NewCheckouts(a.Carts, a.Shops, db, db, db, wound)
	a.Customers = customer.NewService(db, wound)
	a.Certificates = order.NewCertificates(db, a.Shops, wound)
	a.Orders = order.NewService(db, a.Carts, a.Shops, a.payments(), wound)
	a.Catalog = catalog.NewService(db, a.Shops, wound)
	a.Promotions = promotion.NewService(db, a.Shops, wound)
	a.Recoveries = recovery.NewService(db, a.Shops, a.Carts, db, wound)
	a.Coupons, a.Notices = recovery.NewCoupons(db, db, wound), recovery.NewNotices(db, a.Shops)
	a.openWebhooks(policy)
	a.openShoppers()
	if err := a.openMails(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a.Jobs = jobs.New(wound, c.Log, a.tasks()...)
	a.Jobs.Follow(a.Webhooks)
	a.Jobs.Follow(a.Mails)
	countRecovery(a.Registry, db, wound, c.Log)
	a.handler = a.routes()
	return a, nil
}

// payments returns what takes money on the hosted checkout: nothing but the test
// payments of the sandbox, until there is a provider (docs/adr/0011).
func (a *App) payments() order.Payments {
	if a.Config.Sandbox {
		return order.TestPayments{}
	}
	return nil
}

// openWebhooks makes what tells others of what happens here.
func (a *App) openWebhooks(p hook.Policy) {
	a.Hooks = hook.NewService(a.DB, p, a.Clock)
	a.Webhooks = webhook.New(webhook.Config{
		Storage: a.DB, Policy: p, Clock: a.Clock, Log: a.Config.Log, Metrics: webhook.NewMetrics(a.Registry), Timeout: a.Config.webhookTimeout,
	})
	a.DB.WhenTold(a.Webhooks.Wake)
}

// Close ends what is being sent and closes the database.
func (a *App) Close() error {
	err := a.Mails.Close(context.Background())
	if a.smtp != nil {
		a.smtp.Close()
	}
	return errors.Join(err, a.Webhooks.Close(context.Background()), a.DB.Close())
}

// Handler serves every surface.
func (a *App) Handler() http.Handler { return a.handler }

func (a *App) routes() http.Handler {
	api := httpapi.New(httpapi.Config{
		Shops: a.Shops, Answers: a.DB, Carts: a.Carts, Checkouts: a.Checkouts, Clock: clock.Real{}, Log: a.Config.Log,
		Merchants: a.Merchants, Customers: a.Customers, Catalog: a.Catalog, Accounts: cart.NewAccounts(a.DB, a.Carts),
		Metafields: cart.NewMetafields(a.DB, a.Carts), Certificates: a.Certificates, Orders: a.Orders,
		Hooks: a.Hooks, Recoveries: a.Recoveries, MailTests: recovery.NewTests(a.Recoveries, a.mailer), Coupons: a.Coupons, Notices: a.Notices,
		Promotions: a.Promotions,
		Quota:      a.Config.Quota, Metrics: httpapi.NewMetrics(a.Registry),
	})
	mux := http.NewServeMux()
	a.operate(mux)
	docs(mux)
	if a.Config.Sandbox {
		a.sandbox(mux)
	}
	pages := a.shop(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The API answers every path below /stores/ itself: the mux would
		// redirect unclean ones.
		if strings.HasPrefix(r.URL.Path, "/stores/") {
			api.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}
