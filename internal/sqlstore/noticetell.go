package sqlstore

import (
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/hook"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
)

// effective returns the settings of recovery as they count for a channel.
func (t *tx) effective(store string, channel int64) (recovery.Settings, error) {
	var own recovery.Settings
	set, err := settingsDoc(t.ctx, t, store, recovery.AllChannels, "", &own)
	if err != nil {
		return own, err
	}
	if !set {
		s, err := findStore(t.ctx, t, store)
		if err != nil || s == nil {
			return own, err
		}
		own = recovery.DefaultSettings(s)
	}
	var c recovery.Channel
	_, err = settingsDoc(t.ctx, t, store, channel, "", &c)
	return own.With(c.Overrides), err
}

// tellOfAbandoned has the merchant told of a cart that was just abandoned.
func (t *tx) tellOfAbandoned(c *cart.Cart, e *recovery.Episode) error {
	s, err := t.effective(c.Store, c.ChannelID)
	if err != nil || !s.TellAbandoned {
		return err
	}
	shown, err := t.noticeCart(c, e.Abandoned)
	if err != nil {
		return err
	}
	return t.tell(c.Store, c.ChannelID, s.TellOfAbandoned(shown), e.Found)
}

// tellOfConverted has the merchant told of an order whose cart had been
// abandoned, in the transaction that settles it.
func (c *settlement) tellOfConverted(o *order.Order) error {
	s, err := c.effective(o.Store, o.Cart.ChannelID)
	if err != nil || !s.TellConverted {
		return err
	}
	of := inStore(o.Store)
	of.add("cart_id = ?", string(o.Cart.ID))
	abandoned, err := episodes.exists(c.ctx, c, of)
	if err != nil {
		return fmt.Errorf("look whether a cart had been abandoned: %w", err)
	}
	if !abandoned {
		return nil
	}
	shown, err := c.noticeCart(o.Cart, o.Modified)
	if err != nil {
		return err
	}
	shown.Order, shown.Total = o.ID, o.Total()
	if o.Email != "" {
		shown.Email = o.Email
	}
	return c.tell(o.Store, o.Cart.ChannelID, s.TellOfConverted(shown), o.Modified)
}

// noticeCart shows a cart with whom it is known to belong to.
func (t *tx) noticeCart(c *cart.Cart, at time.Time) (recovery.NoticeCart, error) {
	who, err := customerOfCart(t.ctx, t, c.Store, c.CustomerID)
	return recovery.NoticeOf(c, who, at), err
}

// tellOfHook has those told of a webhook that was deactivated who want to know
// of it (spec/04 §4).
func (t *tx) tellOfHook(h *hook.Hook, now time.Time) error {
	emails, err := emailsOf(t.ctx, t, hook.Owner{Store: h.Store, Client: h.Client})
	if err != nil {
		return err
	}
	for _, email := range emails {
		n := recovery.Notice{Store: h.Store, Kind: recovery.TellHook, Recipient: email, Created: now,
			Hook: &recovery.NoticeHook{ID: h.ID, Scope: h.Scope, Destination: h.Destination}}
		if err := t.insertNotice(n); err != nil {
			return err
		}
	}
	return nil
}
