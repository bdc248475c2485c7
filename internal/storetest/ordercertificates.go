package storetest

import (
	"strings"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/sqlstore"
)

// ordersPayWithCertificates holds that certificates are issued, pay as far as
// they go and never beyond, also when orders race for one.
func ordersPayWithCertificates(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	seller, gift := d.buyCertificate(20 * money.Unit)
	if gift.Balance != 20*money.Unit || seller.ID != order.FirstID {
		t.Fatalf("order %d issued %+v", seller.ID, gift)
	}
	code := gift.Code
	made := make([]*order.Order, 5) // 15 dollars each, of one certificate of 20
	for i := range made {
		made[i] = d.create(d.apply(d.checkout(1), func(c *cart.Cart) { c.Checkout.Certificates = []string{code} }))
		if made[i].Charged() != 15*money.Unit {
			t.Fatalf("charged %v", made[i].Charges)
		}
	}
	won := 0
	for _, err := range inParallel(len(made), func(i int) error {
		_, err := d.orders.SetStatus(t.Context(), "a", made[i].ID, order.AwaitingFulfillment)
		return err
	}) {
		switch {
		case err == nil:
			won++
		case !fault.Is(err, fault.Conflict):
			t.Errorf("a loser got %v", err)
		}
	}
	left, err := db.FindCertificateByCode(t.Context(), "a", order.CertificateKey(code))
	if err != nil || won != 1 || left.Balance != 5*money.Unit {
		t.Errorf("%d orders were paid, %v is left, %v", won, left, err)
	}
	d.wantStock(9)
	c := d.apply(d.checkout(1), func(c *cart.Cart) { c.Checkout.Certificates = []string{code} })
	o, err := d.place(c, order.Manual)
	if err != nil || o.Charged() != 5*money.Unit || o.Status != order.AwaitingPayment {
		t.Errorf("placed %+v, %v", o, err)
	}
	_, err = d.place(d.apply(d.checkout(1), func(c *cart.Cart) { c.Checkout.Certificates = []string{code} }), order.Manual)
	wantKind(t, "an empty certificate", err, fault.Invalid)
}

// cancelledOrdersAndCertificates holds that an order that is cancelled gives back
// once what certificates paid of it, and that those it has bought pay nothing
// meanwhile.
func cancelledOrdersAndCertificates(t *testing.T, db *sqlstore.DB) {
	d := newDesk(t, db)
	seller, gift := d.buyCertificate(20 * money.Unit)
	buy := func() *order.Order {
		o, err := d.place(d.apply(d.checkout(1), func(c *cart.Cart) { c.Checkout.Certificates = []string{gift.Code} }), order.Manual)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	o := buy() // 15 dollars
	for _, step := range []struct {
		to   order.Status
		left money.Amount
	}{
		{order.AwaitingFulfillment, 5}, {order.Cancelled, 20}, {order.Refunded, 20}, {order.AwaitingShipment, 5}, {order.Declined, 20},
	} {
		if _, err := d.orders.SetStatus(t.Context(), "a", o.ID, step.to); err != nil {
			t.Fatalf("to %s: %v", step.to.Name(), err)
		}
		d.wantCertificate(gift.Code, order.CertificateActive, step.left*money.Unit)
	}
	buy()
	_, err := d.orders.SetStatus(t.Context(), "a", o.ID, order.AwaitingShipment)
	wantKind(t, "taking back a cancellation when the certificate has paid something else", err, fault.Conflict)
	if f := fault.As(err); f != nil && strings.Contains(f.Title, gift.Code) {
		t.Errorf("the refusal tells the code: %s", f.Title)
	}
	d.wantCertificate(gift.Code, order.CertificateActive, 5*money.Unit)
	d.wantStock(9)

	if _, err := d.orders.SetStatus(t.Context(), "a", seller.ID, order.Cancelled); err != nil {
		t.Fatal(err)
	}
	d.wantCertificate(gift.Code, order.CertificateDisabled, 5*money.Unit)
	if _, err := d.orders.SetStatus(t.Context(), "a", seller.ID, order.Completed); err != nil {
		t.Fatal(err)
	}
	d.wantCertificate(gift.Code, order.CertificateActive, 5*money.Unit)
	if gone, err := db.DeleteCertificate(t.Context(), "a", gift.ID); err != nil || !gone {
		t.Fatal(gone, err)
	}
	if _, err := d.orders.SetStatus(t.Context(), "a", seller.ID, order.Cancelled); err != nil {
		t.Errorf("cancelling what sold a certificate that is gone: %v", err)
	}
}

// buyCertificate places an order of nothing but a gift certificate and returns
// both.
func (d *counterDesk) buyCertificate(amount money.Amount) (*order.Order, order.Certificate) {
	d.t.Helper()
	bob := cart.Person{Name: "Bob", Email: "bob@shop.example"}
	c := d.checkoutWith(cart.Draft{Certificates: []cart.GiftItem{{Name: "A gift", Quantity: 1,
		Certificate: cart.Certificate{Theme: "Boy", Amount: amount, Sender: bob, Recipient: bob}}}})
	o, err := d.place(d.apply(c, func(c *cart.Cart) { c.Checkout.Consignments = nil }), order.Manual)
	if err != nil {
		d.t.Fatal(err)
	}
	issued, err := d.db.Certificates(d.t.Context(), "a", order.CertificateFilter{OrderID: o.ID, Limit: 10})
	if err != nil || len(issued.Entries) != 1 {
		d.t.Fatalf("issued %+v, %v", issued.Entries, err)
	}
	return o, issued.Entries[0]
}

func (d *counterDesk) wantCertificate(code string, status order.CertificateStatus, balance money.Amount) {
	d.t.Helper()
	c, err := d.db.FindCertificateByCode(d.t.Context(), "a", order.CertificateKey(code))
	if err != nil || c == nil || c.Status != status || c.Balance != balance {
		d.t.Errorf("the certificate is %+v, %v; want %s with %s", c, err, status, balance)
	}
}
