package main

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"cartwright/internal/app"
)

// cli is the whole command line. Every flag is also an environment variable
// CARTWRIGHT_NAME and a key of the configuration file; docs/configuration.md
// is made from this grammar.
type cli struct {
	Config    string `placeholder:"FILE" help:"Read settings from this YAML file: one line 'name: value' for each flag."`
	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"What is logged: debug, info, warn or error."`
	LogFormat string `enum:"text,json" default:"text" help:"How it is logged, on standard error: text or json."`

	Serve   serveCommand   `cmd:"" help:"Serve the API and the hosted pages until interrupted."`
	Demo    demoCommand    `cmd:"" help:"Serve a sandbox with a sample store that is already alive."`
	Store   storeGroup     `cmd:"" help:"Manage stores."`
	Token   tokenGroup     `cmd:"" help:"Manage API tokens."`
	User    userGroup      `cmd:"" help:"Manage the users of the administration pages."`
	Import  importGroup    `cmd:"" help:"Import data from files."`
	DKIM    dkimGroup      `cmd:"" name:"dkim" help:"Manage the keys that mails are signed with."`
	Backup  backupCommand  `cmd:"" help:"Write the SQLite database into one file, while a server uses it."`
	Restore restoreCommand `cmd:"" help:"Put a backup in the place of the SQLite database; what was there is kept beside it. Stop the server first."`
	Data    dataGroup      `cmd:"" help:"Move data from one database to another."`
	Doctor  doctorCommand  `cmd:"" help:"Examine an installation and say what to do; set like serve, it changes nothing."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// databaseFlags say where the data is.
type databaseFlags struct {
	Data     string `default:"./data" help:"Folder of the SQLite database; serve, demo and store create make it."`
	Database string `placeholder:"URL" help:"Database to use instead of SQLite in --data: sqlite:///path/to/file.db or postgres://user:password@host/name."`
}

// fileFlags say where the data is of a command that works with files only.
type fileFlags struct {
	Data     string `default:"./data" help:"Folder of the SQLite database."`
	Database string `placeholder:"URL" help:"Another file than cartwright.db in --data: sqlite:///path/to/file.db. PostgreSQL has its own commands, pg_dump and pg_restore."`
}

// again is what the next command needs to find the same database. A database's
// URL may hold a password, so it is not repeated.
func (f databaseFlags) again() string {
	switch {
	case f.Database != "":
		return " (with the same --database)"
	case f.Data == "./data":
		return ""
	}
	return " --data " + f.Data
}

// serverFlags are what serve and demo have in common.
type serverFlags struct {
	databaseFlags
	Connections count `name:"database-connections" default:"16" help:"Connections to PostgreSQL that the server keeps. All servers together must stay below the database's max_connections."`

	Listen    string        `default:"127.0.0.1:8080" help:"Address and port to listen on; :8080 means every address of this machine, port 0 any free port."`
	PublicURL string        `name:"public-url" placeholder:"URL" help:"Where browsers reach this server, for the links it makes; without it, the address it listens on."`
	SMTP      string        `name:"smtp" placeholder:"URL" help:"Mail server: smtp://user:password@host:587 or smtps://user:password@host:465; ?connections=8 at its end opens up to eight connections instead of four. Without it no mail is sent, and the sandbox keeps mails in its inbox."`
	TLSCert   string        `name:"tls-cert" placeholder:"FILE" help:"Certificate chain in PEM form, to serve HTTPS; needs --tls-key."`
	TLSKey    string        `name:"tls-key" placeholder:"FILE" help:"Private key of --tls-cert in PEM form."`
	Quota     count         `default:"0" help:"API requests that a store may make in 30 seconds; 0 means no limit."`
	Drain     time.Duration `default:"0s" help:"How long the server goes on answering after it was told to stop, while /readyz says 503, so that a load balancer turns to others first; 5s suits most."`

	WebhookAllow []string `placeholder:"ORIGIN,..." help:"Where webhooks may go besides https on port 443 at public addresses: scheme, host and port of receivers, as in http://127.0.0.1:9000. In the sandbox they may go anywhere."`
}

func (f serverFlags) config(log *slog.Logger, sandbox bool) app.Config {
	return app.Config{
		Listen: f.Listen, Data: f.Data, Database: f.Database, Connections: int(f.Connections), PublicURL: f.PublicURL, SMTP: f.SMTP, Sandbox: sandbox,
		TLSCert: f.TLSCert, TLSKey: f.TLSKey, Quota: int(f.Quota), Drain: f.Drain, WebhookAllow: f.WebhookAllow, Log: log,
	}
}

// count is a whole number that is not negative.
type count int

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *count) UnmarshalText(text []byte) error {
	v, err := strconv.ParseUint(string(text), 10, 31)
	if err != nil {
		return fmt.Errorf("%q is not a whole number such as 0 or 150", text)
	}
	*n = count(v)
	return nil
}

// newParser returns the parser of the grammar.
func newParser(c *cli, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(c, append([]kong.Option{
		kong.Name("cartwright"),
		kong.Description("A self-hosted shopping-cart server that speaks BigCommerce's V3 API.\n\n" +
			"Every flag can also be set as an environment variable (--public-url as CARTWRIGHT_PUBLIC_URL) and in the file named " +
			"by --config (as public-url). A flag wins over the environment, the environment over the file."),
		kong.DefaultEnvars(envPrefix),
		(&configFile{}).option(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	}, options...)...)
}

func (c *cli) newLog(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // one of the enum's
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
