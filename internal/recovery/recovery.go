// Package recovery is how an abandoned cart comes back: who is written to, by
// what settings, and what the mail says.
//
//	s, err := recoveries.Effective(ctx, "demo", cart.ChannelID) // the store's settings, and the channel's own
//	set, err := recoveries.Sequence(ctx, "demo", cart.ChannelID) // the mails that count for the channel, in order
//	m, err := recovery.Render(ctx, &set[0], facts)              // subject, HTML and text
//
// Three things always hold:
//   - a template that was saved can be rendered: what is wrong with it is
//     refused, with its place;
//   - rendering ends, within its limits, whatever the template and the cart;
//   - what shoppers and catalogs call themselves is text, never markup, in every
//     part of a mail.
//
// The rules and Render are pure. Only the Service touches Storage.
package recovery
