package main

import (
	"fmt"

	"cartwright/internal/app"
	"cartwright/internal/mail"
)

type dkimGroup struct {
	Create dkimCreate `cmd:"" help:"Make a key that a store's mails are signed with, and print its DNS record on standard output."`
}

type dkimCreate struct {
	databaseFlags
	Store    string `required:"" placeholder:"HASH" help:"The store whose mails are signed."`
	Domain   string `required:"" placeholder:"DOMAIN" help:"Domain of the sender's address, the part behind its @."`
	Selector string `required:"" placeholder:"NAME" help:"Name of the key in DNS; another one than before makes a new key, for later mails."`
}

// Run makes a key.
func (c *dkimCreate) Run(r *run) error {
	return c.inStore(r, c.Store, func(a *app.Admin) error {
		key, added, err := a.CreateDKIMKey(r.ctx, c.Store, c.Domain, c.Selector)
		if err != nil {
			return err
		}
		name, value, err := key.Record()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(r.out, "%s. IN TXT %s\n", name, mail.TXT(value)); err != nil {
			return err
		}
		said := "A key was made, and mails from %[1]s are signed with it from now on: publish its record first thing.\n"
		if !added {
			said = "The key existed, and is the one that mails from %[1]s are signed with; another --selector makes a new one.\n"
		}
		_, err = fmt.Fprintf(r.err, said+dkimAdvice, key.Domain)
		return err
	})
}

// dkimAdvice is what else mailbox providers look for.
const dkimAdvice = `A form that asks for name and value takes everything before "IN", and the quoted strings as one.
When the selector was another before, leave the old record where it is for a week: mails signed with it are still on their way.
They also look for:
  SPF    a TXT record of %[1]s that names your mail server, such as "v=spf1 include:_spf.mail.example -all"
  DMARC  a TXT record _dmarc.%[1]s, such as "v=DMARC1; p=none; rua=mailto:dmarc@%[1]s"; tighten p once reports are clean
`
