package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"cartwright/internal/demo"
)

// DemoOutput is where a demo tells how it is doing.
type DemoOutput struct {
	// Out gets where the store is and how to begin, Err how its history goes on;
	// Terminal says that a person is looking at Err.
	Out, Err io.Writer
	Terminal bool
}

// Demo serves a sandbox with the demo's store in it, and writes to out where
// it is and how to begin. Unless it is quiet, the store has a history, and
// shoppers who go on; with a mail server too there are none, so that nothing is
// sent to people who do not exist.
func Demo(ctx context.Context, c Config, out DemoOutput) error {
	c.Sandbox = true
	if c.lively = !c.Quiet && c.SMTP == ""; c.lively {
		c.back = historyDays * day
	}
	c.prepare = func(ctx context.Context, a *App) error {
		if err := demo.Fill(ctx, a.demoServices()); err != nil {
			return err
		}
		return a.liveHistory(ctx, out)
	}
	return Serve(ctx, c, func(a *App, _ net.Addr) { _, _ = io.WriteString(out.Out, welcome(a.publicURL(), a.Clock.Offset() < 0)) })
}

func (a *App) demoServices() demo.Services {
	return demo.Services{Merchants: a.Merchants, Catalog: a.Catalog, Offers: a.Promotions, Recoveries: a.Recoveries}
}

// openShoppers brings the shoppers of a demo.
func (a *App) openShoppers() {
	if !a.Config.lively {
		return
	}
	a.shoppers = demo.NewShoppers(demo.Shop{
		Carts: a.Carts, Checkouts: a.Checkouts, Orders: a.Orders, Recoveries: a.Recoveries, Catalog: a.Catalog, Customers: a.Customers,
		Shops: a.Shops, Clock: a.Clock, Log: a.Config.Log,
	})
}

// publicURL is where browsers reach this server, without a slash at the end.
func (a *App) publicURL() string { return strings.TrimSuffix(a.Config.PublicURL, "/") }

func welcome(base string, behind bool) string {
	history := ""
	if behind {
		history = "Its history is still being lived: the clock runs towards the present, and a cart that you make before it\n" +
			"is there grows old within seconds. A line says when it is complete.\n"
	}
	return fmt.Sprintf(`
Larch & Lantern, a store of its own making, is open.
%[5]s
  start page   %[1]s/
  shop         %[1]s/shop/%[2]s/
  admin        %[1]s/admin/%[2]s
  API          %[1]s/docs
  inbox        %[1]s/sandbox/inbox

  API token    %[3]s   (public: it exists in the demo only)

Make a cart, and open one of the redirect_urls of the answer in a browser:

%[4]s

Ctrl-C stops it; what was done stays.

`, base, demo.Store, demo.Token, demo.Example(base), history)
}

// example returns a command line that makes a cart in a store, if its token is
// one that everybody knows: only the demo's is.
func (a *App) example(ctx context.Context, store string) (string, error) {
	if store != demo.Store {
		return "", nil
	}
	token, err := a.Shops.Token(ctx, demo.Store, demo.Token)
	if err != nil || token == nil {
		return "", err
	}
	return demo.Example(a.publicURL()), nil
}
