package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"cartwright/internal/demo"
)

// Demo serves a sandbox with the demo's store in it, and writes to out where
// it is and how to begin.
func Demo(ctx context.Context, c Config, out io.Writer) error {
	c.Sandbox = true
	c.prepare = func(ctx context.Context, a *App) error { return demo.Fill(ctx, a.Merchants, a.Catalog, a.Promotions) }
	return Serve(ctx, c, func(a *App, _ net.Addr) { _, _ = io.WriteString(out, welcome(a.publicURL())) })
}

// publicURL is where browsers reach this server, without a slash at the end.
func (a *App) publicURL() string { return strings.TrimSuffix(a.Config.PublicURL, "/") }

func welcome(base string) string {
	return fmt.Sprintf(`
Larch & Lantern, a store of its own making, is open.

  start page   %[1]s/
  shop         %[1]s/shop/%[2]s/
  admin        %[1]s/admin/%[2]s
  API          %[1]s/docs
  inbox        %[1]s/sandbox/inbox

  API token    %[3]s   (public: it exists in the demo only)

Make a cart, and open one of the redirect_urls of the answer in a browser:

%[4]s

Ctrl-C stops it; what was done stays.

`, base, demo.Store, demo.Token, demo.Example(base))
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
