// Command cartwright is a self-hosted shopping-cart server that speaks
// BigCommerce's V3 API. See cartwright --help.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"cartwright/internal/app"
	"cartwright/internal/clock"
	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
)

type database struct {
	Data     string `default:"./data" help:"Folder of the SQLite database."`
	Database string `help:"sqlite:///path or postgres://…"`
}

type cli struct {
	Serve struct {
		database
		Listen    string `default:"127.0.0.1:8080"`
		PublicURL string
		Sandbox   bool
	} `cmd:""`
	Store struct {
		Create struct {
			database
			Hash, Name string `arg:""`
		} `cmd:""`
	} `cmd:""`
	_ json.RawMessage
}

func main() {
	var c cli
	k := kong.Parse(&c)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	switch {
	case strings.HasPrefix(k.Command(), "serve"):
		err := app.Serve(ctx, app.Config{Listen: c.Serve.Listen, Data: c.Serve.Data, Database: c.Serve.Database, Log: log}, func(_ *app.App, a net.Addr) { log.Info("listening", "addr", a) })
		fmt.Println(err)
	default:
		u, _ := app.Config{Data: c.Store.Create.Data}.DatabaseURL()
		db, err := sqlstore.Open(ctx, u, sqlstore.Options{Shared: true})
		if err != nil {
			panic(err)
		}
		m := merchant.NewService(db, clock.Real{})
		_, err = m.CreateStore(ctx, merchant.Setup{Hash: c.Store.Create.Hash, Name: c.Store.Create.Name})
		tok, _, err2 := m.CreateToken(ctx, merchant.Grant{Store: c.Store.Create.Hash, Scopes: []string{"all"}})
		fmt.Println(tok, err, err2, db.Close())
	}
}
