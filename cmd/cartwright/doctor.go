package main

import (
	"os"

	"cartwright/internal/doctor"
)

type doctorCommand struct {
	serverFlags
	Sandbox bool `help:"Examine what serve --sandbox would be."`
	JSON    bool `name:"json" help:"Write the findings as JSON."`
}

// Run examines the installation. What failed makes the command fail; warnings
// do not.
func (c *doctorCommand) Run(r *run) error {
	report := doctor.Examine(r.ctx, doctor.Setup{Config: c.config(r.log, c.Sandbox), Slips: slips(r.model, os.Environ())})
	write := report.Write
	if c.JSON {
		write = report.WriteJSON
	}
	if err := write(r.out); err != nil {
		return err
	}
	return report.Err()
}
