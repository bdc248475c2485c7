// Package recovery is how an abandoned cart comes back: who is written to, by
// what settings, and what the mail says.
//
//	s, err := recoveries.Settings(ctx, "demo")                   // as the store has them
//	set, err := recoveries.Sequence(ctx, "demo", cart.ChannelID) // the mails that count for the channel, in order
//	m, err := recovery.Render(ctx, &set[0], facts)               // subject, HTML and text
//
// An Engine sends what is due: it asks Plan which mail that is, has the gate
// decide about it and claim it, renders it and hands it to a Mailer.
//
//	e := recovery.NewEngine(recovery.EngineConfig{…})
//	go e.Run(ctx)
//
// Five things always hold:
//   - a shopper who ordered, or unsubscribed, before a mail was claimed does not
//     get it;
//   - a mail is claimed before it is handed over, once: a crash may lose one, and
//     repeats none; and the ledger says of each mail why it went out or did not;
//   - a template that was saved can be rendered: what is wrong with it is
//     refused, with its place;
//   - rendering ends, within its limits, whatever the template and the cart;
//   - what shoppers and catalogs call themselves is text, never markup, in every
//     part of a mail.
//
// The rules, Plan and Render are pure. The Service and the Engine touch storage,
// and so do those who give mails their coupons (Coupons), tell merchants
// (Notices) and send mails to try (Tests).
package recovery
