package recovery

import (
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
)

// Standing is everything that is known of an episode at one moment: the
// storage reads it under the locks of its address, its cart and itself.
type Standing struct {
	Episode Episode
	Steps   []Step // by template
	// Own are the store's settings, nil while it set none; Channel is what the
	// cart's channel has of its own.
	Own     *Settings
	Channel Channel
	// Set are the templates that go out to the cart's channel, by id.
	// Without Stored nobody has changed a template of the store, and the set is
	// empty.
	Set    []Template
	Stored bool
	// Restored is when the store was taken back from a backup; zero for never.
	Restored time.Time

	// Cart is nil when it is gone. What follows is empty then, and when the
	// episode has ended.
	Cart *cart.Cart
	// Customer is whose cart it is; nil for a guest.
	Customer *customer.Customer
	// Address is whom a mail goes to; "" when nobody is known.
	Address string
	// Suppressed is why the address is not written to; "" when it is.
	Suppressed Suppression
	// Consent says that a subscriber's record agrees to such mails.
	Consent bool
	// Ordered is when an order of the address was last paid.
	Ordered time.Time
	// Claims is how many mails the address got in the days of the cap.
	Claims int64
	// Held says whether the shopper gets no mail of the set; nil while that was
	// not drawn.
	Held *bool
}

// Ruling is what is done about an episode.
type Ruling struct {
	Notes []Note
	// Claim is the mail that is sent now, or nil.
	Claim *Claim
	// Draw is whether the shopper is held out, when that was drawn just now.
	Draw *Draw
	// Next is when to look at the episode again; zero for never. While a mail is
	// claimed it is when its claim is over.
	Next time.Time
}

// Claim is a mail that may be sent by whoever wrote it.
type Claim struct {
	Template Template
	// Step is what is kept of it, and Tokens what its links carry.
	Step   Step
	Tokens []Token
	// Episode, Address and Customer are as the gate saw them.
	Episode  Episode
	Address  string
	Customer *customer.Customer
	// Next is when the episode is looked at once the mail has been dealt with.
	Next time.Time
}

// Draw is a shopper's lot.
type Draw struct {
	// Channel is whose set of mails it is about.
	Channel int64
	Held    bool
}

// sequenceOwner is whose set of mails goes out to a channel.
func sequenceOwner(own Channel, channel int64) int64 {
	if own.OwnTemplates {
		return channel
	}
	return AllChannels
}

// SetOwner is whose set of mails goes out: the channel of the episode, or
// AllChannels.
func (s *Standing) SetOwner() int64 { return sequenceOwner(s.Channel, s.Episode.Channel) }

// sequence is the active mails of a standing, in the order in which they go
// out.
func (s *Standing) sequence() []Template {
	set := s.Set
	if !s.Stored && !s.Channel.OwnTemplates {
		set = sharedDefaultSet()
	}
	return activeByMinutes(set)
}

// gateRules are what the gate goes by, besides what it reads.
type gateRules struct {
	defaults Settings // of a store that set none
	options  Options
	now      time.Time
}

// decide says what is done about an episode: what the plan says, and for the
// mail that is due what the gate says.
func decide(s Standing, r gateRules) Ruling {
	settings := r.defaults
	if s.Own != nil {
		settings = *s.Own
	}
	settings = settings.With(s.Channel.Overrides)
	p := Plan(s.Episode, s.sequence(), !settings.UntilRecovered, s.Steps, s.Restored, r.now)
	v := Ruling{Notes: p.Notes, Next: p.Next}
	if p.Due == nil {
		return v
	}
	note, draw := gate(&s, settings, r)
	v.Draw = draw
	if note != nil {
		note.Template = p.Due.ID
		v.Notes = append(v.Notes, *note)
		v.Next = Earlier(v.Next, note.Retry)
		return v
	}
	step := Step{Template: p.Due.ID}
	for _, had := range s.Steps {
		if had.Template == p.Due.ID {
			step = had
		}
	}
	step.State, step.Address, step.Claimed, step.Retry = Claimed, AddressHash(s.Episode.Store, s.Address), r.now, time.Time{}
	step.Lines = sentLines(s.Cart)
	v.Claim = &Claim{Template: *p.Due, Step: step, Episode: s.Episode, Address: s.Address, Customer: s.Customer, Next: p.Next}
	v.Next = r.now.Add(ClaimTime)
	return v
}

// gate says why a mail that is due is not sent now, or nil when everything
// speaks for it. The checks go from the cart to the shopper, and the first that
// speaks against it is the reason in the ledger:
//
//	the cart is there and something is in it
//	the merchant writes to shoppers at all (spec/02 §4)
//	an address is known, is not on the list, and has not ordered since
//	whose it is has agreed, as far as that is asked for (spec/02 §4)
//	the address did not get too many mails already
//	it is not the middle of the night where the shopper is: then the mail waits
//	the shopper is not among those who are held out
//
// The lot is drawn last, so that it is drawn for none but shoppers who would
// have got a mail.
func gate(s *Standing, settings Settings, r gateRules) (*Note, *Draw) {
	if why := against(s, settings, r); why != "" {
		n := &Note{State: Skipped, Reason: why}
		if why == Suppressed {
			n.Detail = string(s.Suppressed)
		}
		return n, nil
	}
	if until, quiet := r.options.Quiet.until(r.now, s.Cart); quiet {
		return &Note{State: Deferred, Reason: QuietHours, Detail: "until " + until.UTC().Format(time.RFC3339), Retry: until}, nil
	}
	return holdOut(s, r.options)
}

// against returns what speaks against a mail for good, or "".
func against(s *Standing, settings Settings, r gateRules) Reason {
	switch {
	case s.Cart == nil || s.Cart.Expired(r.now):
		return CartGone
	case s.Cart.Empty():
		return CartEmpty
	case !settings.Notify:
		return NotificationsOff
	case s.Address == "":
		return NoAddress
	case s.Suppressed != "":
		return Suppressed
	case !s.Ordered.IsZero() && !s.Ordered.Before(s.Cart.Updated):
		return OrderedElsewhere
	case !consents(s, settings.RequireConsent):
		return NoConsent
	case r.options.Cap != nil && s.Claims >= r.options.Cap.Mails:
		return FrequencyCap
	}
	return ""
}

// consents reports whether the shopper has agreed to such mails, as far as
// that is asked for: the table of spec/02 §4.
func consents(s *Standing, required bool) bool {
	switch {
	case s.Cart.CustomerID != 0 && s.Customer == nil: // the account is gone, and what it agreed to
		return false
	case s.Customer != nil:
		return s.Customer.AcceptsAbandonedCartEmails || required && s.Consent
	}
	return !required && !s.Cart.NoMail || s.Consent
}

// holdOut draws whether the shopper gets no mail of the set, unless that was
// drawn before.
func holdOut(s *Standing, o Options) (*Note, *Draw) {
	owner := s.SetOwner()
	percent := o.holdoutOf(owner)
	if percent == 0 {
		return nil, nil // nobody is held out any more
	}
	var draw *Draw
	held := s.Held
	if held == nil {
		draw = &Draw{Channel: owner, Held: drawn(s.Episode.Store, owner, s.Address, percent)}
		held = &draw.Held
	}
	if *held {
		return &Note{State: HeldOut, Reason: HoldOut}, draw
	}
	return nil, draw
}
