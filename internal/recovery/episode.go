package recovery

import (
	"slices"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
	"cartwright/internal/id"
	"cartwright/internal/money"
)

// Episode is one time that a cart was abandoned, until something ended it
// (spec/02 §1).
type Episode struct {
	Store   string  `json:"-"`
	ID      int64   `json:"-"`
	Cart    cart.ID `json:"-"`
	Channel int64   `json:"-"`
	// Abandoned is the last activity and the waiting time, whenever it was found.
	Abandoned time.Time `json:"-"`
	// Ended is zero while the cart is abandoned; How says what ended it.
	Ended time.Time `json:"-"`
	How   End       `json:"-"`
	// Next is when its mails are looked at again; zero when nothing is left to
	// do.
	Next time.Time `json:"-"`
	// Address is the hash of the shopper's address; "" for a cart without one.
	Address string `json:"-"`

	CustomerID int64 `json:"customer_id,omitempty"`
	// Value is what the items cost when the cart was abandoned.
	Value    money.Amount `json:"value"`
	Currency string       `json:"currency"`
	// Found is when the scanner came by.
	Found time.Time `json:"found"`
}

// End is what ended an episode.
type End string

// The ends of episodes.
const (
	Changed   End = "changed"   // the shopper, or an app, changed the cart again
	Continued End = "continued" // the shopper went on from a link
	Converted End = "converted" // the cart became an order, paid or to be paid later (decisions 14)
	Attempted End = "attempted" // a payment was tried
	Gone      End = "gone"      // the cart was deleted, emptied, merged into another, or has expired
)

// Returns are the ends by which somebody came back to the cart.
var Returns = []End{Changed, Continued, Converted, Attempted}

// CameBack reports whether an episode that ended so ended with somebody coming
// back to the cart.
func (e End) CameBack() bool { return slices.Contains(Returns, e) }

// StepState is where one mail of an episode stands.
type StepState string

// The states of steps. Claimed may go on to Sent, Deferred, Failed and Unknown;
// Deferred is claimed again for the next attempt. The others are final.
const (
	Claimed  StepState = "claimed"  // being sent; a claim that a crash left behind is never sent again
	Sent     StepState = "sent"     // handed over to the mail server
	Deferred StepState = "deferred" // refused for the time being
	Failed   StepState = "failed"   // refused for good, or impossible to make
	Unknown  StepState = "unknown"  // the mail server did not say whether it took the mail
	Skipped  StepState = "skipped"  // decided against
	HeldOut  StepState = "held_out" // not sent, to see what mails bring
	Canceled StepState = "canceled" // the episode ended before its time
)

// Step is what became of one mail of an episode.
type Step struct {
	Template int64     `json:"-"`
	State    StepState `json:"-"`
	Address  string    `json:"-"`
	Claimed  time.Time `json:"-"`
	// Retry is when a deferred step is tried again.
	Retry time.Time `json:"-"`

	// Attempts counts the times that it was handed to a mail server.
	Attempts  int    `json:"attempts,omitempty"`
	MessageID string `json:"message_id,omitempty"`
	// Coupon is the code that stood in the mail.
	Coupon string `json:"coupon,omitempty"`
	// Lines are what the cart held and cost when the mail was made, so that the
	// page behind its link can say what changed since.
	Lines []SentLine `json:"lines,omitempty"`
}

// sameMail reports whether the mail of a step shows the same lines and code as
// that of another.
func sameMail(a, b Step) bool {
	return a.Coupon == b.Coupon && slices.Equal(a.Lines, b.Lines)
}

// SentLine is a line of a cart as a mail showed it.
type SentLine struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Quantity int64        `json:"quantity"`
	Price    money.Amount `json:"price"` // of one unit
}

// Decision is a row of the ledger: why somebody got a mail, or did not.
type Decision struct {
	ID       int64     `json:"-"`
	Episode  int64     `json:"-"`
	Cart     cart.ID   `json:"-"`
	Channel  int64     `json:"-"`
	Template int64     `json:"-"`
	Address  string    `json:"-"` // hash
	At       time.Time `json:"-"`
	// Outcome is what the step became by it, and Reason why.
	Outcome StepState `json:"-"`
	Reason  Reason    `json:"-"`
	// Detail is said to the merchant: the answer of a mail server, until when a
	// mail waits.
	Detail string `json:"detail,omitempty"`
}

// Reason is why a decision was made.
type Reason string

// The reasons of decisions.
const (
	Due              Reason = "due"               // everything speaks for it
	Accepted         Reason = "accepted"          // the mail server took it
	NotificationsOff Reason = "notifications_off" // enable_notification is false
	NoAddress        Reason = "no_address"
	NoConsent        Reason = "no_consent"
	Suppressed       Reason = "suppressed" // unsubscribed, bounced, complained, or put on the list
	FirstMailOnly    Reason = "first_mail_only"
	Superseded       Reason = "superseded" // a later mail of the sequence is due too
	TooLate          Reason = "too_late"
	Restored         Reason = "restored" // it may have gone before a backup was taken back
	FrequencyCap     Reason = "frequency_cap"
	QuietHours       Reason = "quiet_hours"
	HoldOut          Reason = "hold_out"
	OrderedElsewhere Reason = "ordered_elsewhere" // by the same address, from another cart
	EpisodeEnded     Reason = "episode_ended"     // the detail says how
	CartGone         Reason = "cart_gone"
	CartEmpty        Reason = "cart_empty"
	TemplateOff      Reason = "template_off" // inactive or deleted since
	RenderFailed     Reason = "render_failed"
	TemporaryRefusal Reason = "temporary_refusal"
	Refused          Reason = "refused"
	AttemptsOver     Reason = "attempts_over"
	NoAnswer         Reason = "no_answer"
	Interrupted      Reason = "interrupted" // the server stopped between claim and answer
)

// Visit is something that somebody did with a mail.
type Visit struct {
	ID       int64
	Cart     cart.ID
	Episode  int64
	Template int64
	Kind     VisitKind
	At       time.Time
}

// VisitKind is what was done.
type VisitKind string

// The kinds of visits.
const (
	Clicked      VisitKind = "clicked"
	LookedUp     VisitKind = "looked_up"
	Unsubscribed VisitKind = "unsubscribed"
	Bounced      VisitKind = "bounced"
	Complained   VisitKind = "complained"
)

// Clicks are the kinds that count as clicks on a mail: somebody went on from it,
// or the storefront that its link leads to looked its token up (decisions 16).
var Clicks = []VisitKind{Clicked, LookedUp}

// Counts reports whether a visit is a click on a mail. An app that looks a
// webhook's token up is not a shopper.
func (v Visit) Counts() bool { return v.Template != 0 && slices.Contains(Clicks, v.Kind) }

// AddressOf returns to whom mail about a cart goes, or "" for nobody: the
// customer's address before any that a guest left (spec/02 §4). who is nil for
// guests.
func AddressOf(c *cart.Cart, who *customer.Customer) string {
	address := c.Email
	if co := c.Checkout; co != nil && co.Billing != nil && co.Billing.Email != "" {
		address = co.Billing.Email
	}
	if who != nil {
		address = who.Email
	}
	if !cart.ValidEmail(address) {
		return ""
	}
	return address
}

// AddressHash is how an address is known where it must outlive whoever had it,
// or must not be read. It is another in every store.
func AddressHash(store, address string) string {
	if address = strings.TrimSpace(address); address == "" {
		return ""
	}
	return id.Hash(store + " " + customer.Key(address))
}
