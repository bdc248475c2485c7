// Command cartwright is a self-hosted shopping-cart server that speaks
// BigCommerce's V3 API. See cartwright --help and docs/configuration.md.
//
// This package holds flags and configuration, nothing else: what a command
// does stands in internal/app and in the rooms below it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// streams are what a command reads from and writes to.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is what every command gets: where to read and write, and the log.
type run struct {
	streams
	ctx   context.Context
	log   *slog.Logger
	model *kong.Application // the grammar
}

// The exit codes: one for a command that failed, one for a command line, an
// environment or a configuration file that cannot be understood.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	os.Exit(execute(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// execute runs one command line and returns the exit code.
func execute(args []string, std streams) int {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	var c cli
	parser, err := newParser(&c, kong.Writers(std.out, std.err))
	if err != nil {
		return fail(std.err, err, exitFailed) // the grammar itself is wrong; the tests would have shown it
	}
	if err := dropEmptyEnv(parser.Model); err != nil {
		return fail(std.err, err, exitFailed)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return fail(std.err, explain(err), exitUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	log := c.newLog(std.err)
	if command.Command() != "doctor" { // which says it itself
		warnUnknownEnv(log, parser.Model, os.Environ())
	}
	if err := command.Run(&run{std, ctx, log, parser.Model}); err != nil {
		return fail(std.err, err, exitFailed)
	}
	return 0
}

func fail(w io.Writer, err error, code int) int {
	_, _ = fmt.Fprintf(w, "cartwright: %v\n", err)
	return code
}

// explain adds to an error of the command line where to read more.
func explain(err error) error {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil {
		return err
	}
	command := "cartwright"
	if node := parse.Context.Selected(); node != nil {
		command = node.FullPath()
	}
	return fmt.Errorf("%w\nSee %s --help", err, command)
}
