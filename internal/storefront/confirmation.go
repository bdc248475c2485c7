package storefront

import (
	"net/http"
	"strconv"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/order"
)

// Where the checkout of a frame and the confirmation of an order stand.
const (
	embeddedPath     = "/embedded-checkout"
	confirmationPath = "/order-confirmation/"
)

// confirmationView is an order that was placed. Addresses are shown to the
// session that typed them, and to nobody else who has the link.
type confirmationView struct {
	Number  int64
	Lines   []lineView
	Summary summaryView
	// Standing says how the order stands now.
	Standing string
	// Address, Billing and Message are empty for whoever did not type them.
	Address, Billing []string
	Message          string
	Sent             []string
	Home             string
}

// confirmationRequest serves the confirmation of an order to the session that
// ordered, or to whoever has a checkout token for it (spec/05 §1.7). Anybody
// else learns nothing, not even whether there is such an order.
func (v *visit) confirmationRequest(number string) error {
	if err := v.allow(http.MethodGet, http.MethodHead); err != nil {
		return err
	}
	number = strings.TrimSuffix(number, "/")
	orderID, err := strconv.ParseInt(number, 10, 64)
	if err != nil || orderID < 1 || strconv.FormatInt(orderID, 10) != number {
		return errNoPage()
	}
	o, err := v.Orders.Get(v.ctx(), v.store(), orderID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	known := err == nil && o.Settled
	own, err := v.ordered(o, known)
	if err != nil {
		return err
	}
	if token := v.r.URL.Query().Get("t"); !own && token != "" {
		if !v.acts() {
			return v.withhold()
		}
		checkout, err := v.Checkouts.UseToken(v.ctx(), v.store(), token)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		own = err == nil && known && checkout == o.Cart.ID
	}
	if !own {
		return fault.New(fault.NotFound, "An order can only be seen in the browser that it was placed in.")
	}
	return v.render(http.StatusOK, confirmationTemplate, v.page("Thank you", v.confirmationView(o)))
}

// ordered reports whether this session ordered, or is bound to the cart that
// became the order.
func (v *visit) ordered(o *order.Order, known bool) (bool, error) {
	s, err := v.loadSession()
	if err != nil || !known || !s.found {
		return false, err
	}
	return s.ordered == o.ID || s.cart != "" && s.cart == o.Cart.ID, nil
}

// standing says in a sentence how an order stands: somebody may come back to
// its page after the merchant has moved it.
func standing(o *order.Order) string {
	switch o.Status {
	case order.Cancelled:
		return "This order was cancelled."
	case order.Declined:
		return "The shop could not accept this order."
	case order.Refunded:
		return "This order was paid back."
	}
	switch o.Payment {
	case order.PaymentPending:
		return "Your order is placed and waits for its payment. The shop tells you how to pay. Please quote the order number."
	case order.PaymentAuthorized:
		return "Your order is placed."
	}
	return "Your order is placed and paid."
}

func (v *visit) confirmationView(o *order.Order) confirmationView {
	c := o.Cart
	view := confirmationView{Number: o.ID, Standing: standing(o), Home: v.cartView(nil).Home}
	for i := range c.Lines {
		l := v.lineView(&c.Lines[i], v.shop.Store.ShownCurrency(c.Currency))
		l.Warning = "" // what the catalog says now is not about what was ordered
		view.Lines = append(view.Lines, l)
	}
	b := bill{Quote: order.Quote{Total: o.Total(), Due: o.Total() - o.Charged()}}
	for _, charge := range o.Charges {
		b.Certificates = append(b.Certificates, certificateView{Shown: order.MaskedCode(charge.Code),
			Amount: v.shop.Store.ShownCurrency(c.Currency).Format(-charge.Amount)})
	}
	view.Summary = v.checkoutSummary(c, b)
	switch {
	case b.Due == 0: // the certificates above have paid it
		view.Summary.Due = ""
	case o.Payment == order.PaymentCaptured:
		view.Summary.DueLabel = "Paid"
	}
	co := c.Checkout
	if co == nil {
		return view
	}
	view.Sent = v.sentBy(c)
	var to *cart.Address
	if len(co.Consignments) > 0 {
		to = &co.Consignments[0].Address
	}
	if v.typedHere(to) {
		view.Address = addressLines(to)
	}
	if v.typedHere(co.Billing) && (to == nil || !sameAddress(to, co.Billing)) {
		view.Billing = addressLines(co.Billing)
	}
	if v.messageTypedHere(co.Message) {
		view.Message = co.Message
	}
	return view
}
