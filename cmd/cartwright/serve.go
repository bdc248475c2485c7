package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"cartwright/internal/app"
)

type serveCommand struct {
	serverFlags
	Sandbox bool `help:"Open the sandbox: a clock that can be wound, an inbox instead of mail, no sign-in. Never on a public address."`
}

// Run serves until interrupted.
func (c *serveCommand) Run(r *run) error {
	return app.Serve(r.ctx, c.config(r.log, c.Sandbox), nil)
}

type demoCommand struct {
	serverFlags
	Quiet bool `help:"Leave the store without a history and without simulated shoppers, as it is with --smtp."`
}

// Run serves the demo until interrupted.
func (c *demoCommand) Run(r *run) error {
	config := c.config(r.log, true)
	config.Quiet = c.Quiet
	return app.Demo(r.ctx, config, app.DemoOutput{Out: r.out, Err: r.err, Terminal: isTerminal(r.err)})
}

type versionCommand struct{}

// version is set when a release is built.
var version string

// Run prints the version.
func (versionCommand) Run(r *run) error {
	v, commit := version, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = ", commit " + s.Value[:min(len(s.Value), 12)]
			}
		}
	}
	_, err := fmt.Fprintf(r.out, "cartwright %s (%s %s/%s%s)\n", v, runtime.Version(), runtime.GOOS, runtime.GOARCH, commit)
	return err
}
