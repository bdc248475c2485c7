package storefront

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
)

// The bounds of trying codes of gift certificates in one session (spec/06 §2),
// and how many may pay for one order.
const (
	certificateTries   = 20
	certificateWindow  = time.Hour
	maxCertificates    = 10
	maxCertificateCode = 100
)

// certificateView is a gift certificate that the cart is paid with. Its code is
// money, so only its end is shown.
type certificateView struct {
	Shown  string
	Handle string // names it in a form
	Amount string // what it pays, as something that is taken off
}

// bill is what has to be paid for a cart, as the page shows it.
type bill struct {
	order.Quote
	Certificates []certificateView
	// Problem says that a gift certificate of the cart cannot pay; "" is none.
	Problem string
}

// billOf returns what has to be paid for a cart, by what.
func (v *visit) billOf(c *cart.Cart) (bill, error) {
	q, err := v.Orders.Quote(v.ctx(), c)
	b := bill{Quote: q}
	switch f := fault.As(err); {
	case f != nil && f.Kind == fault.Invalid:
		b.Problem = shopperText(f)
		b.Quote = order.Quote{Total: pricing.Sum(c).Grand, Due: pricing.Sum(c).Grand}
	case err != nil:
		return b, err
	}
	if c.Checkout == nil {
		return b, nil
	}
	pays := map[string]money.Amount{}
	for _, charge := range b.Charges {
		pays[order.CertificateKey(charge.Code)] = charge.Amount
	}
	cur := v.shop.Store.ShownCurrency(c.Currency)
	for _, code := range c.Checkout.Certificates {
		b.Certificates = append(b.Certificates, certificateView{Shown: order.MaskedCode(code), Handle: handle(code),
			Amount: cur.Format(-pays[order.CertificateKey(code)])})
	}
	return b, nil
}

// handle names a code without saying it.
func handle(code string) string { return id.Hash("certificate " + code)[:16] }

// useCertificate pays with a gift certificate.
func (v *visit) useCertificate(c *cart.Cart, code string) error {
	code = strings.TrimSpace(code)
	refuse := func(status int, problem string) error {
		return v.checkoutPage(status, attempt{certificate: code, problems: map[string]string{"certificate": problem}})
	}
	if code == "" || len(code) > maxCertificateCode {
		return refuse(http.StatusUnprocessableEntity, "Please enter the code of a gift certificate.")
	}
	s, err := v.loadSession()
	if err != nil {
		return err
	}
	allowed, err := v.Sessions.CountTry(v.ctx(), v.store(), s.hash(), certificateTries, v.now(), certificateWindow)
	if err != nil {
		return err
	}
	if !allowed {
		return refuse(http.StatusTooManyRequests, "Too many codes were tried. Please try again in an hour.")
	}
	found, err := v.Certificates.Find(v.ctx(), v.store(), code, c.Currency)
	if f := fault.As(err); f != nil && (f.Kind == fault.NotFound || f.Kind == fault.Invalid) {
		return refuse(http.StatusUnprocessableEntity, shopperText(f))
	}
	if err != nil {
		return err
	}
	_, err = v.Carts.Apply(v.ctx(), v.store(), c.ID, cart.Options{}, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		if c.Checkout == nil {
			c.Checkout = &cart.Checkout{}
		}
		switch codes := c.Checkout.Certificates; {
		case slices.Contains(codes, found.Code):
		case len(codes) >= maxCertificates:
			return nil, fault.Newf(fault.Invalid, "An order can be paid with at most %d gift certificates.", maxCertificates)
		default:
			c.Checkout.Certificates = append(slices.Clone(codes), found.Code)
		}
		return nil, nil
	})
	if err == nil {
		v.tell(notice{Text: "The gift certificate was added."})
	}
	return v.back(err)
}

// dropCertificate pays with a gift certificate no longer.
func (v *visit) dropCertificate(c *cart.Cart, which string) error {
	_, err := v.Carts.Apply(v.ctx(), v.store(), c.ID, cart.Options{}, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		if c.Checkout != nil {
			c.Checkout.Certificates = slices.DeleteFunc(slices.Clone(c.Checkout.Certificates), func(code string) bool { return handle(code) == which })
		}
		return nil, nil
	})
	return err
}
