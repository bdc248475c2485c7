package storefront

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
	"cartwright/internal/order"
)

// paymentMethods lists the ways to pay an amount.
func (s *Storefront) paymentMethods(due money.Amount) []order.PaymentMethod {
	if due == 0 {
		return []order.PaymentMethod{{ID: order.Free, Name: "Nothing to pay"}}
	}
	methods := []order.PaymentMethod{{ID: order.Manual, Name: "Pay later", Help: "Your order is placed now. The shop tells you how to pay."}}
	if p := s.Orders.Payments(); p != nil {
		methods = append(methods, p.Methods()...)
	}
	return methods
}

// paymentMethod returns one of the ways to pay an amount, or nil.
func (s *Storefront) paymentMethod(method string, due money.Amount) *order.PaymentMethod {
	for _, m := range s.paymentMethods(due) {
		if m.ID == method {
			return &m
		}
	}
	return nil
}

// placeAttempts bounds how often placing an order begins again because the cart
// was written to in between.
const placeAttempts = 5

// placeOrder makes an order of the session's cart, if it still is what the form
// showed. Requests that cross, from one browser or from several that share the
// cart, end with one order, and all of them at its confirmation.
func (v *visit) placeOrder(c *cart.Cart, values url.Values) error {
	seen := decodeSnapshot(values.Get("seen"))
	message, problem := readMessage(values.Get("message"))
	for range placeAttempts {
		if c == nil {
			return v.nothingToCheckOut(http.StatusOK)
		}
		a := attempt{chosen: values.Get("payment"), message: &message, problems: map[string]string{"message": problem}}
		b, ready, err := v.confirmed(c, seen, &a)
		if err != nil {
			return err
		}
		switch {
		case !ready:
			return v.checkoutPage(http.StatusConflict, a)
		case problem != "":
			return v.checkoutPage(http.StatusUnprocessableEntity, a)
		case v.paymentMethod(a.chosen, b.Due) == nil:
			a.problems["payment"] = "Please choose how to pay."
			return v.checkoutPage(http.StatusUnprocessableEntity, a)
		}
		o, err := v.tryToPlace(c, b, a.chosen, message)
		if err == nil {
			return v.placed(o)
		}
		if !movedMeanwhile(err) {
			return v.notPlaced(err, a)
		}
		if c, err = v.lookAgain(); err != nil {
			return err
		}
	}
	return v.checkoutPage(http.StatusConflict, attempt{chosen: values.Get("payment"), message: &message, notices: []notice{
		{Text: "The shop is just changing something about this order. Please look at it again.", Failed: true}}})
}

// confirmed reports whether a cart is what the form showed and can be ordered,
// and what has to be paid for it; if not, a gets what changed.
func (v *visit) confirmed(c *cart.Cart, seen snapshot, a *attempt) (b bill, ready bool, err error) {
	if b, err = v.billOf(c); err != nil {
		return b, false, err
	}
	view := checkoutView{cartView: v.cartView(c)}
	view.Summary = v.checkoutSummary(c, b)
	if v.addressed(c) && len(seen.Shown) > 0 {
		a.changes = seen.differences(v.snapshot(c, &view))
	}
	if v.firstOpen(c) != stepPayment {
		a.notices = append(a.notices, notice{Text: "Something is missing for this order now. Please complete it.", Failed: true})
		return b, false, nil
	}
	if len(seen.Shown) == 0 {
		a.notices = append(a.notices, notice{Text: "Please look at your order and place it again.", Failed: true})
		return b, false, nil
	}
	return b, len(a.changes) == 0 && len(blocked(&view.cartView, b)) == 0, nil
}

// tryToPlace makes the order of a cart that its shopper confirmed.
func (v *visit) tryToPlace(c *cart.Cart, b bill, method, message string) (*order.Order, error) {
	c, err := v.leaveMessage(c, message)
	if err != nil {
		return nil, err
	}
	return v.Orders.Place(v.ctx(), v.store(), c.ID, order.Placement{Version: c.Version, Total: b.Total, Due: b.Due, Method: method})
}

// movedMeanwhile reports whether an order was not made because the cart, or what
// it costs, changed after it was read, or because it is gone.
func movedMeanwhile(err error) bool {
	var changed *order.Changed
	f := fault.As(err)
	return errors.As(err, &changed) || errors.Is(err, order.ErrMoved) ||
		f != nil && (f.Kind == fault.NotFound || f.Kind == fault.Conflict && f.Title == fault.TitleConflict)
}

// notPlaced shows the checkout with the reason why no order was made: the
// payment was refused, or something cannot be sold.
func (v *visit) notPlaced(err error, a attempt) error {
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid && f.Kind != fault.Conflict {
		return err
	}
	text := strings.TrimSuffix(shopperText(f), ".") + ". Nothing was ordered and nothing was charged; your cart is as it was."
	if f.Kind == fault.Conflict {
		a.notices = append(a.notices, notice{Text: text, Failed: true})
		return v.checkoutPage(http.StatusConflict, a)
	}
	a.problems["payment"] = text
	return v.checkoutPage(http.StatusUnprocessableEntity, a)
}

// lookAgain returns the session's cart with the shop of now.
func (v *visit) lookAgain() (*cart.Cart, error) {
	shop, err := v.Shops.Shop(v.ctx(), v.store())
	if err != nil {
		return nil, err
	}
	v.shop = shop
	return v.currentCart()
}

// readMessage reads what the shopper has to say about the order.
func readMessage(text string) (message, problem string) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case utf8.RuneCountInString(text) > order.MaxMessage:
		return shorten(text, order.MaxMessage), "Please write at most 2,000 characters."
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return "", "Please enter letters, digits and signs only."
	}
	return text, ""
}

// messageMark stands for a message, as a fingerprint does for an address.
func messageMark(text string) string { return id.Hash("message " + text) }

func (v *visit) messageTypedHere(text string) bool { return text == "" || v.marked(messageMark(text)) }

// leaveMessage puts the message into the checkout. An empty one does not take
// away what was said elsewhere, which the page did not show.
func (v *visit) leaveMessage(c *cart.Cart, message string) (*cart.Cart, error) {
	known := c.Checkout.Message
	if known == message || message == "" && !v.messageTypedHere(known) {
		return c, nil
	}
	if message != "" {
		if err := v.keepMarks(messageMark(message)); err != nil {
			return nil, err
		}
	}
	version := c.Version
	return v.Checkouts.SetMessage(v.ctx(), v.store(), c.ID, message, cart.Options{Version: &version})
}

// placed leads to the confirmation of an order.
func (v *visit) placed(o *order.Order) error {
	s, err := v.loadSession()
	if err != nil {
		return err
	}
	if s.found {
		if err := v.Sessions.KeepOrdered(v.ctx(), v.store(), s.hash(), o.ID); err != nil {
			return err
		}
	}
	return v.redirect(http.StatusSeeOther, v.confirmation(o.ID), nil)
}

// confirmation is the path of an order's confirmation, in the frame or not.
func (v *visit) confirmation(orderID int64) string {
	path := confirmationPath + strconv.FormatInt(orderID, 10)
	if v.embedded {
		return embeddedPath + path
	}
	return path
}
