package app

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/human"
	"cartwright/internal/sqlstore"
)

// Output is where a command that keeps or moves data says what it does.
type Output struct {
	// Out gets what came of it, Err how it goes on; Terminal says that a person is
	// looking at Err.
	Out, Err io.Writer
	Terminal bool
}

func (o Output) say(format string, args ...any) { _, _ = fmt.Fprintf(o.Out, format+"\n", args...) }

// CopyData copies one database into another, and says of every table whether
// both sides hold the same. See sqlstore.Copy.
func CopyData(ctx context.Context, from, to string, out Output) error {
	began := clock.Real{}.Now()
	progress := &copyProgress{Output: out, clock: clock.Real{}}
	report, err := sqlstore.Copy(ctx, from, to, progress)
	progress.end()
	if report != nil {
		printCopy(out.Out, report)
	}
	if err != nil {
		return err
	}
	if report.Already {
		out.say("The target holds the same already: nothing was copied.")
		return nil
	}
	out.say("Copied %s in %s. Both sides hold the same. Serve the copy with --database %s",
		human.Count(report.Rows(), "row"), elapsed(began), sqlstore.Describe(to))
	return nil
}

// printCopy writes a line for each table that holds something on either side.
func printCopy(w io.Writer, report *sqlstore.CopyReport) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "TABLE\tSOURCE\tTARGET\tCHECKSUMS\t")
	var empty int64
	for _, t := range report.Tables {
		if t.Same() && t.From.Rows == 0 {
			empty++
			continue
		}
		sums := t.From.Checksum() + "\tsame"
		if !t.Same() {
			sums = t.From.Checksum() + " " + t.To.Checksum() + "\tDIFFERENT"
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%s\n", t.Name, t.From.Rows, t.To.Rows, sums)
	}
	_ = table.Flush()
	if empty > 0 {
		_, _ = fmt.Fprintf(w, "and %s\n", human.Count(empty, "empty table"))
	}
}

// Backup writes the SQLite database that the configuration names into a new
// file, whether a server uses it or not.
func Backup(ctx context.Context, c Config, to string, out Output) error {
	url, err := c.DatabaseURL()
	if err != nil {
		return err
	}
	began := clock.Real{}.Now()
	in, err := sqlstore.Backup(ctx, url, to)
	if err != nil {
		return err
	}
	out.say("Wrote %s: %s, %s, %s, in %s. It holds keys and addresses: keep it as one keeps keys.",
		to, human.Count(in.Stores, "store"), human.Count(in.Carts, "cart"), human.Bytes(in.Bytes), elapsed(began))
	return nil
}

// Restore puts a backup in the place of the SQLite database that the
// configuration names, which no server may be using. sendAgain has mails go
// that fell due before now.
func Restore(ctx context.Context, c Config, from string, sendAgain bool, out Output) error {
	url, err := c.DatabaseURL()
	if err != nil {
		return err
	}
	began := clock.Real{}.Now()
	r, err := sqlstore.Restore(ctx, from, url, sqlstore.RestoreOptions{Now: began, SendAgain: sendAgain})
	if err != nil {
		return err
	}
	out.say("Restored %s: %s, %s, %s, in %s.", from, human.Count(r.Stores, "store"), human.Count(r.Carts, "cart"), human.Bytes(r.Bytes), elapsed(began))
	if r.Kept != "" {
		out.say("What was there before is in %s; remove it when you need it no more.", r.Kept)
	}
	if r.Schema < r.Newest {
		out.say("It is of an earlier version: the next start brings its schema from version %d to %d.", r.Schema, r.Newest)
	}
	if sendAgain {
		out.say("Mails that fell due within the last 24 hours go when the server starts, also those that went after the backup was made.")
	} else {
		out.say("Mails to shoppers that were due by now are not sent: they may have gone after the backup was made.")
	}
	return nil
}

// elapsed says how long it is since an instant.
func elapsed(began time.Time) string { return human.Duration(clock.Real{}.Now().Sub(began)) }
