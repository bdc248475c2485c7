package recovery

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// VisitOf says which episode is looked at.
type VisitOf struct {
	Store   string
	Episode int64
	Now     time.Time
	// CapSince is from when on the mails to the address are counted; zero counts
	// none.
	CapSince time.Time
}

// Settlement is what became of a claimed step.
type Settlement struct {
	Episode Episode
	// Step is the step as it is now. A deferred one whose episode has ended
	// meanwhile is canceled.
	Step   Step
	Reason Reason
	Detail string
	// Suppress is why the address is not written to any more; "" when it is.
	Suppress Suppression
	At       time.Time
	// Next is when the episode is looked at, besides Step.Retry; zero for never.
	Next time.Time
	// Seed is the set of a store that has stored none: counting what was sent
	// stores it.
	Seed []Template
}

// visit deals with one episode: it decides what there is to do now, and sends
// the mail that was claimed.
func (e *Engine) visit(ctx context.Context, store string, episode int64) error {
	shop, err := e.Service.shops.Shop(ctx, store)
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	options, err := e.Service.Options(ctx, store)
	if err != nil {
		return err
	}
	now := e.now()
	of := VisitOf{Store: store, Episode: episode, Now: now}
	if options.Cap != nil {
		of.CapSince = now.AddDate(0, 0, -int(options.Cap.Days))
	}
	from := Sender(shop)
	links := newLinks(shop, options)
	r, err := e.Storage.VisitEpisode(ctx, of, func(s Standing) Ruling {
		r := decide(s, gateRules{DefaultSettings(shop.Store), options, now})
		if r.Claim != nil {
			r.Claim.Tokens = links.tokens(r.Claim, now)
			if r.Claim.Step.MessageID == "" {
				r.Claim.Step.MessageID = messageID(r.Claim, links.random, from)
			}
		}
		return r
	})
	if err != nil || r == nil || r.Claim == nil {
		return err
	}
	return e.send(ctx, shipment{claim: r.Claim, shop: shop, options: options, from: from, links: links, now: now})
}

// mailLinks are the links of one mail.
type mailLinks struct {
	shop                 cart.Shop
	utm                  *UTM
	recover, unsubscribe string // tokens
	random               string // of the Message-ID
}

func newLinks(shop cart.Shop, o Options) mailLinks {
	l := mailLinks{shop: shop, utm: o.UTM, random: id.Hex(8)}
	l.recover, _ = NewToken()
	l.unsubscribe, _ = NewToken()
	return l
}

// tokens are what is kept of the links: their hashes.
func (l mailLinks) tokens(c *Claim, now time.Time) []Token {
	token := func(plain string, p Purpose) Token {
		return Token{Store: c.Episode.Store, Hash: id.Hash(plain), Purpose: p, Cart: c.Episode.Cart, Episode: c.Episode.ID,
			Template: c.Template.ID, Address: c.Step.Address, Created: now}
	}
	return []Token{token(l.recover, Recover), token(l.unsubscribe, Unsubscribe)}
}

// Sender is whom the mails of a store come from. A store that has no address
// of its own writes from this server's.
func Sender(shop cart.Shop) Mailbox {
	address := shop.Store.EmailFrom
	if !cart.ValidEmail(address) {
		host := "localhost.localdomain"
		if u, err := url.Parse(shop.PublicURL); err == nil && strings.Contains(u.Hostname(), ".") {
			host = u.Hostname()
		}
		address = "no-reply@" + host
	}
	return Mailbox{Name: shop.Store.Name, Address: address}
}

// messageID names a mail. A report that it came back says which it was by it
// (ReadMessageID), and nobody can guess it.
func messageID(c *Claim, random string, from Mailbox) string {
	_, domain, _ := strings.Cut(from.Address, "@")
	return fmt.Sprintf("%d.%d.%s@%s", c.Episode.ID, c.Template.ID, random, domain)
}

// ReadMessageID returns which mail a Message-ID may be of. Only a comparison
// with that of the step tells that it is.
func ReadMessageID(s string) (bare string, episode, template int64, ok bool) {
	bare = strings.Trim(strings.TrimSpace(s), "<>")
	local, _, _ := strings.Cut(bare, "@")
	parts := strings.Split(local, ".")
	if len(parts) != 3 {
		return bare, 0, 0, false
	}
	episode, err1 := strconv.ParseInt(parts[0], 10, 64)
	template, err2 := strconv.ParseInt(parts[1], 10, 64)
	return bare, episode, template, err1 == nil && err2 == nil
}

// shipment is a claimed mail on its way.
type shipment struct {
	claim   *Claim
	shop    cart.Shop
	options Options
	from    Mailbox
	links   mailLinks
	now     time.Time
	note    string // what the ledger says of its coupon
}

// result is what became of a mail.
type result struct {
	state    StepState
	reason   Reason
	detail   string
	suppress Suppression
}

// send makes a claimed mail, hands it over and keeps what became of it.
func (e *Engine) send(ctx context.Context, s shipment) error {
	claimed := s.claim.Step
	mail, out, err := e.compose(ctx, &s)
	if err == nil && out == nil && !sameMail(claimed, s.claim.Step) {
		// When the server stops before the answer the mail may have arrived, and
		// its link leads back to what stood in it.
		err = e.Storage.KeepStep(ctx, s.claim.Episode.Store, s.claim.Episode.ID, s.claim.Step)
	}
	if err != nil {
		// Nothing was handed over, so it can be tried again.
		e.Log.Error("a mail could not be made", "store", s.claim.Episode.Store, "episode", s.claim.Episode.ID, "template", s.claim.Template.ID, "error", err)
		out = &result{state: Deferred, reason: TemporaryRefusal, detail: "the mail could not be made; the log of the server says why"}
	}
	if out == nil {
		s.claim.Step.Attempts++
		said := delivered(e.Mailer.Deliver(ctx, mail))
		said.detail = anonymous(said.detail, s.claim.Address)
		if s.note != "" && said.detail == "" {
			said.detail = s.note
		}
		out = &said
	}
	return e.settle(s, *out)
}

// compose makes the mail from the cart as it is now. It returns a result
// instead when there is nothing to send.
func (e *Engine) compose(ctx context.Context, s *shipment) (Mail, *result, error) {
	c := s.claim
	now, err := e.Service.carts.Get(ctx, c.Episode.Store, c.Episode.Cart)
	switch {
	case fault.Is(err, fault.NotFound): // since it was claimed
		return Mail{}, &result{state: Canceled, reason: CartGone}, nil
	case err != nil:
		return Mail{}, nil, err
	case now.Empty():
		return Mail{}, &result{state: Canceled, reason: CartEmpty}, nil
	}
	f := Facts{Shop: s.shop, Cart: now, Customer: c.Customer, Now: s.now}
	if e.Minter != nil {
		in, err := e.Minter.Incentive(ctx, MintOf{Store: c.Episode.Store, Shop: s.shop, Options: s.options, Cart: now,
			Episode: c.Episode.ID, Template: &c.Template, Now: s.now})
		if errors.Is(err, ErrCartGone) { // since it was read
			return Mail{}, &result{state: Canceled, reason: CartGone}, nil
		}
		if err != nil {
			return Mail{}, nil, fmt.Errorf("make a coupon: %w", err)
		}
		f.Incentive, s.note, c.Step.Coupon = &in, in.Detail, in.Code
	} else {
		c.Step.Coupon = c.Template.CouponCode
	}
	f.Recover = LinkToCart(s.shop, c.Episode.Channel, s.links.recover, s.links.utm)
	f.Unsubscribe = LinkToUnsubscribe(s.shop, s.links.unsubscribe)
	m, err := Render(ctx, &c.Template, f)
	if err != nil && ctx.Err() == nil {
		return Mail{}, &result{state: Failed, reason: RenderFailed, detail: err.Error()}, nil
	}
	if err != nil {
		return Mail{}, nil, err
	}
	c.Step.Lines = sentLines(now)
	return Mail{Store: c.Episode.Store, ID: c.Step.MessageID, From: s.from, To: Mailbox{nameOf(now, c.Customer), c.Address},
		Message: m, Unsubscribe: f.Unsubscribe, At: s.now}, nil, nil
}

// nameOf is what the shopper is called, "" when that is not known.
func nameOf(c *cart.Cart, who *customer.Customer) string {
	if who != nil {
		return fullName(who.FirstName, who.LastName)
	}
	if co := c.Checkout; co != nil && co.Billing != nil {
		return fullName(co.Billing.FirstName, co.Billing.LastName)
	}
	return ""
}

// sentLines are the lines of a cart as a mail shows them.
func sentLines(c *cart.Cart) []SentLine {
	lines := make([]SentLine, len(c.Lines))
	for i := range c.Lines {
		l := &c.Lines[i]
		lines[i] = SentLine{ID: l.ID, Name: l.Name, Quantity: l.Quantity, Price: l.SalePrice}
	}
	return lines
}

// delivered puts what a mailer says into words of the ledger.
func delivered(err error) result {
	switch {
	case err == nil:
		return result{state: Sent, reason: Accepted}
	case errors.Is(err, ErrNoSuchAddress):
		return result{Failed, Refused, err.Error(), ByHardBounce}
	case errors.Is(err, ErrRefused):
		return result{state: Failed, reason: Refused, detail: err.Error()}
	case errors.Is(err, ErrTemporary):
		return result{state: Deferred, reason: TemporaryRefusal, detail: err.Error()}
	}
	// What is not known to have failed may have arrived.
	return result{state: Unknown, reason: NoAnswer, detail: err.Error()}
}

// anonymous takes a recipient out of what a mail server said: the ledger
// outlives the account of whoever it was, and knows addresses by hash alone.
func anonymous(said, address string) string {
	if address == "" {
		return said
	}
	return regexp.MustCompile("(?i)"+regexp.QuoteMeta(address)).ReplaceAllLiteralString(said, "(the recipient)")
}

// retries are the pauses after the first attempts to hand a mail over.
var retries = []time.Duration{5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour}

// retryAt returns when a mail is tried again after so many attempts; ok is
// false when it is not.
func retryAt(attempts int, due, now time.Time) (at time.Time, ok bool) {
	if attempts > len(retries) {
		return time.Time{}, false
	}
	at = now.Add(retries[max(attempts, 1)-1])
	return at, !at.After(due.Add(MaxLate))
}

// settle keeps what became of a mail.
func (e *Engine) settle(s shipment, out result) error {
	c, now := s.claim, e.now()
	step := c.Step
	if out.state == Deferred {
		var again bool
		if step.Retry, again = retryAt(step.Attempts, DueTime(c.Episode.Abandoned, &c.Template), now); !again {
			step.Retry, out.state, out.reason = time.Time{}, Failed, AttemptsOver
		}
	}
	step.State = out.state
	err := e.Keep(func(ctx context.Context) error {
		return e.Storage.SettleStep(ctx, Settlement{Episode: c.Episode, Step: step, Reason: out.reason, Detail: out.detail,
			Suppress: out.suppress, At: now, Next: c.Next, Seed: sharedDefaultSet()})
	})
	if err != nil {
		return fmt.Errorf("keep what became of mail %s, which was %s: %w", step.MessageID, out.state, err)
	}
	return nil
}
