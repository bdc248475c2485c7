package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"cartwright/internal/app"
	"cartwright/internal/csvimport"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

// administer calls do with the services of a database that a server may be
// using at the same time, and that open opens.
func (f databaseFlags) administer(r *run, open func(context.Context, app.Config) (*app.Admin, error), do func(*app.Admin) error) (err error) {
	admin, err := open(r.ctx, app.Config{Data: f.Data, Database: f.Database, Log: r.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	return do(admin)
}

// inStore is administer for a store that must be there.
func (f databaseFlags) inStore(r *run, store string, do func(*app.Admin) error) error {
	return f.administer(r, app.OpenAdmin, func(a *app.Admin) error {
		if err := a.Merchants.MustExist(r.ctx, store); err != nil {
			return fmt.Errorf("%w%s", err, f.again())
		}
		return do(a)
	})
}

type storeGroup struct {
	Create storeCreate `cmd:"" help:"Create a store."`
}

type storeCreate struct {
	Hash string `arg:"" help:"The store's permanent name in every path: lower-case letters and digits."`
	databaseFlags
	Name      string `required:"" placeholder:"NAME" help:"Name that shoppers see."`
	Currency  string `default:"USD" placeholder:"CODE" help:"Default currency, an ISO 4217 code."`
	URL       string `name:"url" placeholder:"URL" help:"Address of the store's own site; without it the hosted pages are under /shop/HASH."`
	EmailFrom string `placeholder:"ADDRESS" help:"Sender of the store's mail."`
}

// Run creates a store.
func (c *storeCreate) Run(r *run) error {
	return c.administer(r, app.MakeAdmin, func(a *app.Admin) error {
		s, err := a.Merchants.CreateStore(r.ctx, merchant.Setup{
			Hash: c.Hash, Name: c.Name, Currency: c.Currency, URL: c.URL, EmailFrom: c.EmailFrom,
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(r.out, "Created the store %s. Make a token for its API: cartwright token create --store %s --scopes all%s\n", s.Hash, s.Hash, c.again())
		return err
	})
}

type tokenGroup struct {
	Create tokenCreate `cmd:"" help:"Create an API token; it is printed alone on standard output, this once."`
	List   tokenList   `cmd:"" help:"List the API tokens of a store, oldest first. The tokens themselves are not kept."`
	Revoke tokenRevoke `cmd:"" help:"Revoke an API token; servers refuse it within two seconds. What was made with it stays."`
}

type tokenCreate struct {
	databaseFlags
	Store    string   `required:"" placeholder:"HASH" help:"The store it opens."`
	Scopes   []string `required:"" placeholder:"SCOPE" help:"What it may do: BigCommerce's names, separated by commas, or all."`
	Name     string   `placeholder:"NAME" help:"A name to know it by."`
	ClientID string   `name:"client-id" placeholder:"ID" help:"The client that owns what the token makes; without it, a new client."`
}

// Run creates a token.
func (c *tokenCreate) Run(r *run) error {
	return c.inStore(r, c.Store, func(a *app.Admin) error {
		token, client, err := a.Merchants.CreateToken(r.ctx, merchant.Grant{Store: c.Store, Scopes: c.Scopes, Name: c.Name, ClientID: c.ClientID})
		if err != nil {
			return err
		}
		if client.Secret != "" {
			_, err = fmt.Fprintf(r.err, "client id: %s\nclient secret: %s\n", client.ID, client.Secret)
		}
		_, printed := fmt.Fprintln(r.out, token)
		return errors.Join(err, printed)
	})
}

type tokenList struct {
	databaseFlags
	Store string `required:"" placeholder:"HASH" help:"The store whose tokens these are."`
}

// Run lists tokens.
func (c *tokenList) Run(r *run) error {
	return c.inStore(r, c.Store, func(a *app.Admin) error {
		all, err := a.Merchants.Tokens(r.ctx, c.Store)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "ID\tCREATED\tNAME\tCLIENT\tSCOPES")
		for _, t := range all {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%q\t%s\t%s\n", t.ID(), t.Created.Format(time.RFC3339), t.Name, t.ClientID, strings.Join(t.Scopes, ","))
		}
		return table.Flush()
	})
}

type tokenRevoke struct {
	Which string `arg:"" name:"token" help:"Its id, as token list prints it, or the token itself."`
	databaseFlags
	Store string `required:"" placeholder:"HASH" help:"The store that it opens."`
}

// Run revokes a token.
func (c *tokenRevoke) Run(r *run) error {
	return c.inStore(r, c.Store, func(a *app.Admin) error {
		t, err := a.Merchants.RevokeToken(r.ctx, c.Store, c.Which)
		if fault.Is(err, fault.NotFound) {
			return fmt.Errorf("%w Those that it has: cartwright token list --store %s%s", err, c.Store, c.again())
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(r.out, "Revoked the token %s %q of %s.\n", t.ID(), t.Name, t.Created.Format(time.RFC3339))
		return err
	})
}

type userGroup struct {
	Create userCreate `cmd:"" help:"Create a user, or give one another store and a new password; the password is read from standard input."`
}

type userCreate struct {
	databaseFlags
	Store string `required:"" placeholder:"HASH" help:"The store the user may see."`
	Email string `required:"" placeholder:"ADDRESS" help:"The user's e-mail address."`
}

// Run creates a user.
func (c *userCreate) Run(r *run) error {
	password, err := readPassword(r.streams)
	if err != nil {
		return err
	}
	return c.inStore(r, c.Store, func(a *app.Admin) error {
		added, err := a.Merchants.PutUser(r.ctx, merchant.Account{Store: c.Store, Email: c.Email, Password: password})
		if err != nil {
			return err
		}
		said := "Created the user %s of the store %s.\n"
		if !added {
			said = "The user %s existed: it may see the store %s too now, and has the new password.\n"
		}
		_, err = fmt.Fprintf(r.out, said, c.Email, c.Store)
		return err
	})
}

type importGroup struct {
	Products importProducts `cmd:"" help:"Import products from a CSV file of Shopify or BigCommerce; all of it or nothing."`
}

type importProducts struct {
	File string `arg:"" name:"file.csv" help:"The file."`
	databaseFlags
	Store  string `required:"" placeholder:"HASH" help:"The store that gets the products."`
	Format string `enum:"auto,bigcommerce,shopify" default:"auto" help:"Layout of the file: bigcommerce, shopify, or auto, which tells by its first row."`
}

// Run imports products.
func (c *importProducts) Run(r *run) error {
	format := csvimport.Format(c.Format)
	if c.Format == "auto" {
		format = csvimport.Auto
	}
	return c.inStore(r, c.Store, func(a *app.Admin) error {
		return csvimport.Run(r.ctx, csvimport.Options{
			Catalog: a.Catalog, Store: c.Store, File: c.File, Format: format, Out: r.out, Err: r.err, Terminal: isTerminal(r.err),
		})
	})
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// readPassword reads one line. At a terminal it asks, and what is typed does
// not show.
func readPassword(std streams) (string, error) {
	if f, ok := std.in.(*os.File); ok && isTerminal(f) {
		_, _ = fmt.Fprint(std.err, "Password: ")
		typed, err := term.ReadPassword(int(f.Fd()))
		_, _ = fmt.Fprintln(std.err)
		return string(typed), err
	}
	line, err := bufio.NewReader(io.LimitReader(std.in, 4<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("the password is read from standard input, which is empty; for example: printf %s \"$PASSWORD\" | cartwright user create …")
	}
	return line, nil
}
