package recovery

import (
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
	"cartwright/internal/money"
)

// Notice is a mail to a merchant (spec/02 §7).
type Notice struct {
	Store   string     `json:"-"`
	ID      int64      `json:"-"`
	Kind    NoticeKind `json:"-"`
	Channel int64      `json:"-"` // 0 for none
	// Recipient is an address.
	Recipient string      `json:"-"`
	State     NoticeState `json:"-"`
	Created   time.Time   `json:"-"`
	// Due is when it is tried next, or given up while claimed; zero once it is over.
	Due      time.Time `json:"-"`
	Finished time.Time `json:"-"`

	Attempts  int    `json:"attempts,omitempty"`
	MessageID string `json:"message_id,omitempty"`
	// Detail is what the mail server said last.
	Detail string `json:"detail,omitempty"`
	// Carts are those that it tells of, as they were.
	Carts []NoticeCart `json:"carts,omitempty"`
	// Hook is the webhook that it tells of.
	Hook *NoticeHook `json:"hook,omitempty"`
}

// NoticeKind is what a notice tells of.
type NoticeKind string

// The kinds of notices.
const (
	TellAbandoned NoticeKind = "abandoned"
	TellDigest    NoticeKind = "digest"    // of so many abandoned carts
	TellConverted NoticeKind = "converted" // a cart that had been abandoned became an order
	TellHook      NoticeKind = "webhook"   // a webhook was deactivated (spec/04 §4)
)

// NoticeKinds lists them.
var NoticeKinds = []NoticeKind{TellAbandoned, TellDigest, TellConverted, TellHook}

// NoticeState is where a notice stands.
type NoticeState string

// The states of notices. Waiting and deferred ones are tried when they are due;
// the others but claimed are final.
const (
	NoticeWaiting  NoticeState = "waiting"
	NoticeClaimed  NoticeState = "claimed"
	NoticeDeferred NoticeState = "deferred"
	NoticeSent     NoticeState = "sent"
	NoticeFailed   NoticeState = "failed"
	NoticeUnknown  NoticeState = "unknown" // whether it arrived
)

// NoticeStates lists them.
var NoticeStates = []NoticeState{NoticeWaiting, NoticeClaimed, NoticeDeferred, NoticeSent, NoticeFailed, NoticeUnknown}

// NoticeLifetime is how long a notice is kept.
const NoticeLifetime = 90 * 24 * time.Hour

// NoticeCart is a cart as a notice shows it.
type NoticeCart struct {
	Cart     cart.ID      `json:"cart_id"`
	Name     string       `json:"name,omitempty"` // of the shopper
	Email    string       `json:"email,omitempty"`
	Currency string       `json:"currency"`
	Total    money.Amount `json:"total"`
	Lines    []SentLine   `json:"lines"`
	// More is how many lines are left out.
	More int `json:"more,omitempty"`
	// At is when it was abandoned, or became the order.
	At    time.Time `json:"at"`
	Order int64     `json:"order_id,omitempty"`
}

// NoticeHook is a webhook as a notice shows it.
type NoticeHook struct {
	ID          int64  `json:"id"`
	Scope       string `json:"scope"`
	Destination string `json:"destination"`
}

// digestLines bounds the lines of one cart in a digest, which may be of a
// thousand carts.
const digestLines = 5

// NoticeOf shows a cart as it is at that time. who is nil for a guest.
func NoticeOf(c *cart.Cart, who *customer.Customer, at time.Time) NoticeCart {
	return NoticeCart{Cart: c.ID, Name: nameOf(c, who), Email: AddressOf(c, who), Currency: c.Currency, Total: c.Totals.Cart,
		Lines: sentLines(c), At: at}
}

// brief is the cart as a digest shows it.
func (c NoticeCart) brief() NoticeCart {
	if n := len(c.Lines) - digestLines; n > 0 {
		c.Lines, c.More = c.Lines[:digestLines], n
	}
	return c
}

// Telling is what is to be told the merchant of a cart.
type Telling struct {
	Kind      NoticeKind
	Recipient string
	// Every is how many carts make a digest.
	Every int64
	Cart  NoticeCart
}

// TellOfAbandoned returns what the merchant is told of a cart that was
// abandoned, or nil. It asks neither whether shoppers are written to nor
// whether this one can be (spec/02 §7).
func (s Settings) TellOfAbandoned(c NoticeCart) *Telling {
	switch {
	case !s.TellAbandoned || s.MerchantEmail == "":
		return nil
	case s.Frequency == Digest:
		return &Telling{TellDigest, s.MerchantEmail, s.DigestSize, c.brief()}
	}
	return &Telling{Kind: TellAbandoned, Recipient: s.MerchantEmail, Cart: c}
}

// TellOfConverted returns what the merchant is told of a cart that became an
// order after it had been abandoned, or nil.
func (s Settings) TellOfConverted(c NoticeCart) *Telling {
	if !s.TellConverted || s.MerchantEmail == "" {
		return nil
	}
	return &Telling{Kind: TellConverted, Recipient: s.MerchantEmail, Cart: c}
}

// tooLate reports whether what the notice tells is no news any more: there was
// no mail server to send it.
func (n *Notice) tooLate(now time.Time) bool { return now.After(n.Created.Add(MaxLate)) }

// giveUp makes the notice one that is not sent.
func (n *Notice) giveUp(now time.Time, why string) {
	n.State, n.Detail, n.Due, n.Finished = NoticeFailed, why, time.Time{}, now
}

// settle puts what became of a notice into it.
func (n *Notice) settle(now time.Time, said error) {
	n.Attempts++
	r := delivered(said)
	n.State, n.Detail = NoticeState(r.state), r.detail // what a mailer can say is named alike
	if n.State == NoticeDeferred {
		if at, again := retryAt(n.Attempts, n.Created, now); again {
			n.Due = at
			return
		}
		n.State = NoticeFailed
	}
	n.Due, n.Finished = time.Time{}, now
}
