package storefront

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/order"
)

// sums are the amounts of a cart that are spread over its lines.
type sums struct{ list, discount, coupon money.Amount }

func sumsOf(c *cart.Cart) sums {
	s := sums{discount: c.Totals.Discount}
	for i := range c.Lines {
		l := &c.Lines[i]
		s.list += l.ExtendedList
		s.discount += l.Discount
		s.coupon += l.Coupon
	}
	return s
}

// The steps of the checkout, in their order.
const (
	stepAddress  = "address"
	stepBilling  = "billing"
	stepShipping = "shipping"
	stepPayment  = "payment"
)

// checkoutView is the checkout as it is shown: the steps that are done, the one
// that is open, and what the order costs by now.
type checkoutView struct {
	cartView
	Step    string
	Address doneStep
	Billing doneStep
	// Sent is how it gets there.
	Sent         doneStep
	Form         addressForm
	Ways         []wayView
	NoWay        bool
	Pay          payView
	Certificates []certificateView
	Certificate  codeForm
	Changes      []change
	// Digital says that nothing of the cart is sent.
	Digital bool
	// Due is what has to be paid, as the button says it.
	Due string
}

// doneStep is a step as it is shown when it is not the open one.
type doneStep struct {
	Done   bool
	Lines  []string
	Change string // where it is changed
}

// payView is the form that places the order.
type payView struct {
	Methods                 []order.PaymentMethod
	Chosen                  string
	Message, MessageProblem string
	Problem                 string
	// Seen is what the page shows, for the request that confirms it.
	Seen string
	// Blocked says why the order cannot be placed as the cart stands.
	Blocked []string
}

// attempt is what a request to the checkout tried and why it was refused.
type attempt struct {
	step        string
	values      url.Values        // of the form of an address
	problems    map[string]string // of its fields, and of the others by name
	coupon      string            // a code that was refused
	certificate string
	chosen      string // the payment method
	message     *string
	changes     []change
	notices     []notice
}

// checkoutRequest serves the checkout: with ?products= it makes a new cart first
// (spec/06 §5.2).
func (v *visit) checkoutRequest() error {
	if err := v.allow(http.MethodGet, http.MethodHead, http.MethodPost); err != nil {
		return err
	}
	if v.r.Method == http.MethodPost {
		return v.changeCheckout()
	}
	if list := v.r.URL.Query().Get("products"); list != "" {
		return v.buyList(v.here(), list)
	}
	return v.checkoutPage(http.StatusOK, attempt{step: v.r.URL.Query().Get("step")})
}

// here is the checkout that the request came to: the embedded one or the other.
func (v *visit) here() string { return strings.TrimSuffix(v.path, "/") }

// changeCheckout does what a form of the checkout says. Each form changes one
// step and leads back to the page.
func (v *visit) changeCheckout() error {
	values, err := v.form()
	if err != nil {
		return err
	}
	c, err := v.currentCart()
	if err != nil {
		return err
	}
	action := values.Get("action")
	if action == "place" {
		return v.placeOrder(c, values)
	}
	if c == nil {
		return v.redirect(http.StatusSeeOther, v.here(), nil)
	}
	switch action {
	case "address":
		return v.saveAddress(c, values)
	case "billing":
		return v.saveBilling(c, values)
	case "shipping":
		return v.saveShipping(c, values.Get("way"))
	case "coupon":
		return v.couponOnCheckout(values.Get("code"))
	case "remove-coupon":
		return v.back(v.removeCoupon(values.Get("code")))
	case "certificate":
		return v.useCertificate(c, values.Get("code"))
	case "remove-certificate":
		return v.back(v.dropCertificate(c, values.Get("certificate")))
	}
	return fault.New(fault.Malformed, "The form does not say what to do.")
}

// back leads back to the checkout after a change.
func (v *visit) back(err error) error {
	if err != nil {
		return v.refused(err, attempt{})
	}
	return v.redirect(http.StatusSeeOther, v.here(), nil)
}

// refused shows the checkout with a refusal of the rules above it; of a cart
// that is gone it shows what became of it. What is no refusal of the request
// itself is an error like any other.
func (v *visit) refused(err error, a attempt) error {
	f := fault.As(err)
	if f != nil && f.Kind == fault.NotFound {
		return v.redirect(http.StatusSeeOther, v.here(), nil)
	}
	if f == nil || f.Kind != fault.Invalid && f.Kind != fault.Malformed && f.Kind != fault.Conflict {
		return err
	}
	a.notices = append(a.notices, notice{Text: shopperText(f), Failed: true})
	status, _ := statusOf(f.Kind)
	return v.checkoutPage(status, a)
}

func (v *visit) couponOnCheckout(code string) error {
	problem, err := v.applyCoupon(code)
	if err != nil || problem == "" {
		return v.back(err)
	}
	return v.checkoutPage(http.StatusUnprocessableEntity, attempt{coupon: code, problems: map[string]string{"coupon": problem}})
}

// checkoutPage shows the checkout of the session's cart.
func (v *visit) checkoutPage(status int, a attempt) error {
	c, err := v.currentCart()
	if err != nil {
		return err
	}
	if c == nil || c.Empty() {
		return v.nothingToCheckOut(status)
	}
	b, err := v.billOf(c)
	if err != nil {
		return err
	}
	view := checkoutView{cartView: v.cartView(c), Digital: !ships(c), Changes: a.changes}
	view.Action = v.href(v.here(), nil)
	view.Banners = banners(c, onCheckout)
	view.Coupon = codeForm{Action: view.Action, Typed: shorten(a.coupon, 200), Problem: a.problems["coupon"]}
	view.Certificate = codeForm{Action: view.Action, Typed: shorten(a.certificate, 200), Problem: a.problems["certificate"]}
	view.Certificates, view.Due = b.Certificates, v.shop.Store.ShownCurrency(c.Currency).Format(b.Due)
	view.Summary = v.checkoutSummary(c, b)
	view.Step = v.openStep(c, a.step)
	v.showDone(&view, c)
	switch view.Step {
	case stepAddress, stepBilling:
		view.Form = v.addressForm(c, view.Step, a)
	case stepShipping:
		view.Ways = v.ways(c)
		view.NoWay = len(view.Ways) == 0
	case stepPayment:
		v.showPayment(&view, c, b, a)
	}
	p := v.page("Checkout", &view)
	p.Notices = a.notices
	return v.render(status, checkoutTemplate, p)
}

// nothingToCheckOut is the checkout of an empty cart, or leads to the
// confirmation when the cart has just become an order.
func (v *visit) nothingToCheckOut(status int) error {
	s, err := v.loadSession()
	if err != nil {
		return err
	}
	if s.cart != "" {
		o, err := v.Orders.OfCart(v.ctx(), v.store(), s.cart)
		if err != nil {
			return err
		}
		if o != nil {
			return v.redirect(http.StatusSeeOther, v.confirmation(o.ID), nil)
		}
	}
	view := checkoutView{cartView: v.cartView(nil)}
	return v.render(status, checkoutTemplate, v.page("Checkout", &view))
}

// openStep is the step that is shown open: the one asked for when it can be
// reached, or the first that is not done.
func (v *visit) openStep(c *cart.Cart, asked string) string {
	first := v.firstOpen(c)
	switch asked {
	case stepAddress:
		return stepAddress
	case stepBilling:
		if first != stepAddress {
			return stepBilling
		}
	case stepShipping:
		if first != stepAddress && first != stepBilling && ships(c) {
			return stepShipping
		}
	}
	return first
}

// firstOpen is the first step that is not done.
func (v *visit) firstOpen(c *cart.Cart) string {
	switch {
	case !v.addressed(c):
		return stepAddress
	case !chosenShipping(c):
		return stepShipping
	}
	return stepPayment
}

// addressed reports whether the cart has the addresses that its order needs, and
// this session typed them.
func (v *visit) addressed(c *cart.Cart) bool {
	if c.Checkout == nil || !complete(c.Checkout.Billing) || !v.typedHere(c.Checkout.Billing) {
		return false
	}
	if !ships(c) {
		return true
	}
	for i := range c.Checkout.Consignments {
		a := &c.Checkout.Consignments[i].Address
		if !complete(a) || !v.typedHere(a) {
			return false
		}
	}
	return consigned(c)
}

// showDone fills in the steps that are done. Only what was typed in this session
// is shown.
func (v *visit) showDone(view *checkoutView, c *cart.Cart) {
	change := func(step string) string { return v.href(v.here(), url.Values{"step": {step}}) }
	if !v.addressed(c) {
		return
	}
	billing := c.Checkout.Billing
	view.Address = doneStep{Done: true, Lines: addressLines(billing), Change: change(stepAddress)}
	if ships(c) {
		to := c.Checkout.Consignments[0].Address
		view.Address.Lines = addressLines(&to)
		view.Billing = doneStep{Done: true, Lines: []string{"The same address"}, Change: change(stepBilling)}
		if !sameAddress(&to, billing) {
			view.Billing.Lines = addressLines(billing)
		}
	}
	if ships(c) && chosenShipping(c) {
		view.Sent = doneStep{Done: true, Lines: v.sentBy(c), Change: change(stepShipping)}
	}
}

// showPayment fills in the form that places the order.
func (v *visit) showPayment(view *checkoutView, c *cart.Cart, b bill, a attempt) {
	methods := v.paymentMethods(b.Due)
	view.Pay = payView{Methods: methods, Chosen: methods[0].ID, Message: c.Checkout.Message,
		Problem: a.problems["payment"], MessageProblem: a.problems["message"], Blocked: blocked(&view.cartView, b)}
	if a.message != nil {
		view.Pay.Message = *a.message
	} else if !v.messageTypedHere(c.Checkout.Message) {
		view.Pay.Message = ""
	}
	if v.paymentMethod(a.chosen, b.Due) != nil {
		view.Pay.Chosen = a.chosen
	}
	view.Pay.Seen = v.snapshot(c, view).encode()
}

// now is the time of the request.
func (v *visit) now() time.Time { return v.Clock.Now().Truncate(time.Millisecond) }
