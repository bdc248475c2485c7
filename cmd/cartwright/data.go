package main

import (
	"cartwright/internal/app"
)

func (r *run) output() app.Output {
	return app.Output{Out: r.out, Err: r.err, Terminal: isTerminal(r.err)}
}

type dataGroup struct {
	Copy dataCopy `cmd:"" help:"Copy a whole database into an empty one of either engine, and compare both; all servers must be stopped."`
}

type dataCopy struct {
	From string `required:"" placeholder:"URL" help:"Database to read: sqlite:///path/to/file.db or postgres://user:password@host/name. It is not changed."`
	To   string `required:"" placeholder:"URL" help:"Empty database to fill, written in the same way; a SQLite file is made."`
}

// Help is what else its own help page says.
func (*dataCopy) Help() string {
	return "It goes from SQLite to PostgreSQL, back, or within one engine. What a server writes meanwhile would be missing from the copy. " +
		"A copy that was interrupted is run again."
}

// Run copies a database.
func (c *dataCopy) Run(r *run) error {
	return app.CopyData(r.ctx, c.From, c.To, r.output())
}

type backupCommand struct {
	fileFlags
	To string `required:"" placeholder:"FILE" help:"File to make; one that is there is not written over."`
}

// Run makes a backup.
func (c *backupCommand) Run(r *run) error {
	return app.Backup(r.ctx, app.Config{Data: c.Data, Database: c.Database}, c.To, r.output())
}

type restoreCommand struct {
	fileFlags
	From         string `required:"" placeholder:"FILE" help:"File that cartwright backup made."`
	SendDueMails bool   `help:"Let mails to shoppers go that fell due before now, up to 24 hours back. Without it they are skipped, because they may have gone after the backup was made."`
}

// Run takes a backup back.
func (c *restoreCommand) Run(r *run) error {
	return app.Restore(r.ctx, app.Config{Data: c.Data, Database: c.Database}, c.From, c.SendDueMails, r.output())
}
