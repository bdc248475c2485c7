package cart

import (
	"context"
	"fmt"

	"cartwright/internal/customer"
)

// buyer returns the customer with this id and how many orders he has placed;
// without an id, a guest. It returns an Invalid fault for one who is unknown.
func (s *Service) buyer(ctx context.Context, store string, customerID int64) (who *customer.Customer, orders int64, err error) {
	if customerID == 0 {
		return &customer.Customer{}, 0, nil
	}
	if who, err = s.customers.FindCustomer(ctx, store, customerID); err != nil {
		return nil, 0, err
	}
	if who == nil {
		return nil, 0, required("customer_id", fmt.Sprintf("Customer %d does not exist", customerID))
	}
	orders, err = s.customers.CountOrders(ctx, store, customerID)
	return who, orders, err
}

// belongTo makes the cart a customer's, with the address and with what prices
// need to know; without an id, a guest's, whose address is that of the bill
// (spec/01 §1, 9).
func (c *Cart) belongTo(who *customer.Customer, orders int64) {
	c.CustomerID, c.Email = who.ID, who.Email
	c.Shopper = Shopper{GroupID: who.GroupID, Orders: orders, TaxExempt: who.TaxExemptCategory != ""}
	if who.ID != 0 { // what the owner before did not agree to is nothing to this one
		c.NoMail = false
	}
	if who.ID == 0 && c.Checkout != nil && c.Checkout.Billing != nil {
		c.Email = c.Checkout.Billing.Email
	}
}

// dropDeals drops what was made out with the customer before: coupons, manual
// discounts and shipping (spec/01 §11 C3, spec/07 Q30).
func (c *Cart) dropDeals() {
	c.Coupons, c.Manual, c.ManualOff = nil, false, 0
	for i := range c.Lines {
		c.Lines[i].ManualOff = 0
	}
	if c.Checkout != nil {
		c.Checkout.Consignments = nil
	}
}
