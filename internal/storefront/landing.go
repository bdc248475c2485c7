package storefront

import (
	"html/template"
	"net/http"
	"strconv"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
)

// landingView is the page behind the link of a mail (spec/02 §6).
type landingView struct {
	cartView
	// GoOn is where the button leads; it carries the parameters of the link.
	GoOn string
	// Changes are what is no longer as the mail said.
	Changes []change
	// Code is the coupon of the mail, which goes onto the cart when the shopper
	// goes on; Over says that it has ended.
	Code string
	Over bool
	// Others counts the items of another cart that the browser has.
	Others int64
}

// recoverRequest serves the built-in page behind the links of mails. GET and
// HEAD show the cart and change nothing, since mail scanners open links; what a
// person does on the page is a POST (decisions 16).
func (v *visit) recoverRequest() error {
	if v.r.Method == http.MethodPost {
		return v.goOn()
	}
	l, err := v.Recovery.Landing(v.ctx(), v.store(), v.r.URL.Query().Get("t"))
	if err != nil {
		return v.deadLink(err)
	}
	return v.landingPage(l)
}

// landingPage shows the cart of a link, or what became of it.
func (v *visit) landingPage(l *recovery.Landing) error {
	if l.Cart == nil {
		return v.lostCart(l.Token.Cart)
	}
	view := landingView{cartView: v.cartView(l.Cart), GoOn: v.href("/cart.php", v.r.URL.Query())}
	for i := range view.Lines {
		keepPrivate(&view.Lines[i], &l.Cart.Lines[i])
	}
	view.Changes = lineChanges(l.Changes, v.shop.Store.ShownCurrency(l.Cart.Currency))
	view.Code, view.Over = v.mailCode(l)
	other, err := v.peekCart()
	if err != nil {
		return err
	}
	if other != nil && other.ID != l.Cart.ID {
		view.Others = other.Quantity()
	}
	return v.sendBeside(other, http.StatusOK, landingTemplate, v.page("Your cart", &view))
}

// keepPrivate takes out of a line what a shopper wrote: whoever holds the link
// may be somebody else.
func keepPrivate(view *lineView, l *cart.Line) {
	view.WrapNotes, view.Choices = nil, nil
	for _, s := range l.Selections {
		if s.Input != "" {
			s.Value = "as you entered it"
		}
		view.Choices = append(view.Choices, s)
	}
}

// lineChanges writes what a mail showed beside what holds now.
func lineChanges(all []recovery.LineChange, cur *merchant.Currency) []change {
	shown := func(l *recovery.SentLine) string {
		return strconv.FormatInt(l.Quantity, 10) + " × " + cur.Format(l.Price)
	}
	var changes []change
	for _, c := range all {
		switch {
		case c.Was == nil:
			changes = append(changes, change{Label: c.Now.Name, Old: "not in the cart", New: shown(c.Now)})
		case c.Now == nil:
			changes = append(changes, change{Label: c.Was.Name, Old: shown(c.Was), New: "no longer in the cart"})
		default:
			changes = append(changes, change{Label: c.Now.Name, Old: shown(c.Was), New: shown(c.Now)})
		}
	}
	return changes
}

// mailCode returns the coupon of a mail, unless the cart has it already.
func (v *visit) mailCode(l *recovery.Landing) (code string, over bool) {
	if l.Coupon == "" {
		return "", false
	}
	coupon := v.shop.Offers.CouponByCode(l.Coupon)
	for _, a := range l.Cart.Coupons {
		if a.Code == l.Coupon || coupon != nil && a.ID == coupon.ID {
			return "", false
		}
	}
	if coupon == nil { // that of a promotion, or gone: trying tells
		return l.Coupon, false
	}
	return l.Coupon, !coupon.Running(v.now())
}

// goOn does what the buttons of the page say: it notes the click, puts the
// mail's coupon onto the cart and binds a session to that cart alone. The
// session is a new one, in which nothing was typed, so it gets to see no stored
// address, not at the checkout either.
func (v *visit) goOn() error {
	values, err := v.form()
	if err != nil {
		return err
	}
	l, err := v.Recovery.Continue(v.ctx(), v.store(), v.r.URL.Query().Get("t"))
	if err != nil {
		return v.deadLink(err)
	}
	if l.Cart == nil {
		return v.lostCart(l.Token.Cart)
	}
	if err := v.startSession(l.Cart.ID); err != nil {
		return err
	}
	if err := v.applyMailed(l); err != nil {
		return err
	}
	next := "/cart.php"
	if values.Get("to") == "checkout" {
		next = "/checkout"
	}
	return v.redirect(http.StatusSeeOther, next, v.forwarded("action", "t", "id", "token", "embedded", "products", "step"))
}

// applyMailed puts the coupon of a mail onto the cart. That it does not go is
// told on the next page, and keeps nobody from going there.
func (v *visit) applyMailed(l *recovery.Landing) error {
	code, _ := v.mailCode(l)
	if code == "" {
		return nil
	}
	about, err := v.couponByURL(l.Cart.ID, code)
	if f := fault.As(err); f != nil {
		about, err = []notice{{Text: "The code " + shorten(code, 60) + " of your mail could not be used. You can enter it yourself.", Failed: true}}, nil
	}
	v.tell(about...)
	return err
}

// lostCart says what became of the cart of a link.
func (v *visit) lostCart(cartID cart.ID) error {
	o, err := v.Orders.OfCart(v.ctx(), v.store(), cartID)
	if err != nil {
		return err
	}
	if o != nil {
		return v.say(http.StatusOK, "This cart has been ordered", "Thank you! There is nothing left to do here.")
	}
	return v.say(http.StatusNotFound, "This cart is no longer there",
		"It was emptied, or kept for 30 days without a change. You are welcome to fill a new one.")
}

// deadLink says that a link leads nowhere. What is no refusal of the link is an
// error like any other.
func (v *visit) deadLink(err error) error {
	if f := fault.As(err); f == nil || f.Kind != fault.NotFound && f.Kind != fault.Malformed {
		return err
	}
	return v.say(http.StatusNotFound, "This link does not work",
		"It may be old, or was not copied in full. Nothing has changed. If it stands in a mail of ours, please try to open it from there again.")
}

// say shows a page that says something and leads to the shop.
func (v *visit) say(status int, heading, text string) error {
	p := v.page(heading, nil)
	p.Body = &errorBody{Heading: heading, Text: text, Home: p.Home}
	return v.sendUnchanged(status, errorTemplate, p)
}

// peekCart returns the cart of the request's session, which it does not
// lengthen; nil when there is none.
func (v *visit) peekCart() (*cart.Cart, error) {
	if v.session == nil {
		s, _, err := v.findSession(v.Clock.Now())
		if err != nil {
			return nil, err
		}
		v.session = s
	}
	return v.currentCart()
}

// sendUnchanged sends a page whose address is a secret, and leaves session and
// notices as they are.
func (v *visit) sendUnchanged(status int, t *template.Template, p page) error {
	c, err := v.peekCart()
	if err != nil {
		return err
	}
	return v.sendBeside(c, status, t, p)
}

// sendBeside is sendUnchanged for who has the session's cart at hand.
func (v *visit) sendBeside(c *cart.Cart, status int, t *template.Template, p page) error {
	if c != nil {
		p.Units = c.Quantity()
	}
	v.w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	return v.send(status, t, p)
}
