package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"cartwright/internal/cart"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
)

// v2Money writes money as V2 does: text with four decimals (spec/00 §7).
type v2Money money.Amount

// MarshalJSON implements json.Marshaler.
func (a v2Money) MarshalJSON() ([]byte, error) { return json.Marshal(money.Amount(a).Fixed(4)) }

// orderJSON is an order in the vendor's shape (spec/05 §2).
type orderJSON struct {
	ID              int64       `json:"id"`
	CustomerID      int64       `json:"customer_id"`
	Created         string      `json:"date_created"`
	Modified        string      `json:"date_modified"`
	Shipped         string      `json:"date_shipped"`
	StatusID        int64       `json:"status_id"`
	Status          string      `json:"status"`
	SubtotalEx      v2Money     `json:"subtotal_ex_tax"`
	SubtotalInc     v2Money     `json:"subtotal_inc_tax"`
	SubtotalTax     v2Money     `json:"subtotal_tax"`
	BaseShipping    v2Money     `json:"base_shipping_cost"`
	ShippingEx      v2Money     `json:"shipping_cost_ex_tax"`
	ShippingInc     v2Money     `json:"shipping_cost_inc_tax"`
	ShippingTax     v2Money     `json:"shipping_cost_tax"`
	BaseHandling    v2Money     `json:"base_handling_cost"`
	HandlingEx      v2Money     `json:"handling_cost_ex_tax"`
	HandlingInc     v2Money     `json:"handling_cost_inc_tax"`
	HandlingTax     v2Money     `json:"handling_cost_tax"`
	BaseWrapping    v2Money     `json:"base_wrapping_cost"`
	WrappingEx      v2Money     `json:"wrapping_cost_ex_tax"`
	WrappingInc     v2Money     `json:"wrapping_cost_inc_tax"`
	WrappingTax     v2Money     `json:"wrapping_cost_tax"`
	TotalEx         v2Money     `json:"total_ex_tax"`
	TotalInc        v2Money     `json:"total_inc_tax"`
	TotalTax        v2Money     `json:"total_tax"`
	ItemsTotal      int64       `json:"items_total"`
	ItemsShipped    int64       `json:"items_shipped"`
	PaymentMethod   string      `json:"payment_method"`
	PaymentID       *string     `json:"payment_provider_id"`
	PaymentStatus   string      `json:"payment_status"`
	Refunded        v2Money     `json:"refunded_amount"`
	Digital         bool        `json:"order_is_digital"`
	StoreCredit     v2Money     `json:"store_credit_amount"`
	Certificates    v2Money     `json:"gift_certificate_amount"`
	CurrencyID      int64       `json:"currency_id"`
	Currency        string      `json:"currency_code"`
	Rate            money.Rate  `json:"currency_exchange_rate"`
	DefaultID       int64       `json:"default_currency_id"`
	DefaultCurrency string      `json:"default_currency_code"`
	StoreDefault    string      `json:"store_default_currency_code"`
	StaffNotes      string      `json:"staff_notes"`
	Message         string      `json:"customer_message"`
	Discount        v2Money     `json:"discount_amount"`
	CouponDiscount  v2Money     `json:"coupon_discount"`
	Addresses       int64       `json:"shipping_address_count"`
	Deleted         bool        `json:"is_deleted"`
	CartID          *cart.ID    `json:"cart_id"`
	Billing         v2Address   `json:"billing_address"`
	OptIn           bool        `json:"is_email_opt_in"`
	Source          string      `json:"order_source"`
	ChannelID       int64       `json:"channel_id"`
	ExternalSource  *string     `json:"external_source"`
	ExternalID      *string     `json:"external_id"`
	Locale          string      `json:"customer_locale"`
	CustomStatus    string      `json:"custom_status"`
	Products        elsewhere   `json:"products"`
	ShippingAt      elsewhere   `json:"shipping_addresses"`
	Coupons         elsewhere   `json:"coupons"`
	Fees            []v2FeeJSON `json:"fees"`
}

// elsewhere says where a part of an order is found.
type elsewhere struct {
	URL      string `json:"url"`
	Resource string `json:"resource"`
}

type v2FeeJSON struct {
	ID          string  `json:"id"`
	Type        string  `json:"type"`
	Name        string  `json:"name"`
	DisplayName string  `json:"display_name_customer"`
	Merchant    string  `json:"display_name_merchant"`
	CostInc     v2Money `json:"cost_inc_tax"`
	CostEx      v2Money `json:"cost_ex_tax"`
	CostTax     v2Money `json:"cost_tax"`
	Source      string  `json:"source"`
}

// v2Address is an address as V2 shows it.
type v2Address struct {
	FirstName  string             `json:"first_name"`
	LastName   string             `json:"last_name"`
	Company    string             `json:"company"`
	Street1    string             `json:"street_1"`
	Street2    string             `json:"street_2"`
	City       string             `json:"city"`
	State      string             `json:"state"`
	Zip        string             `json:"zip"`
	Country    string             `json:"country"`
	CountryISO string             `json:"country_iso2"`
	Phone      string             `json:"phone"`
	Email      string             `json:"email"`
	FormFields []addressFieldJSON `json:"form_fields"`
}

type orderAddressJSON struct {
	ID      int64 `json:"id"`
	OrderID int64 `json:"order_id"`
	v2Address
	ItemsTotal     int64   `json:"items_total"`
	ItemsShipped   int64   `json:"items_shipped"`
	ShippingMethod string  `json:"shipping_method"`
	BaseCost       v2Money `json:"base_cost"`
	CostEx         v2Money `json:"cost_ex_tax"`
	CostInc        v2Money `json:"cost_inc_tax"`
	CostTax        v2Money `json:"cost_tax"`
	BaseHandling   v2Money `json:"base_handling_cost"`
	HandlingEx     v2Money `json:"handling_cost_ex_tax"`
	HandlingInc    v2Money `json:"handling_cost_inc_tax"`
	HandlingTax    v2Money `json:"handling_cost_tax"`
	ZoneID         int64   `json:"shipping_zone_id"`
	ZoneName       string  `json:"shipping_zone_name"`
}

type orderCouponJSON struct {
	ID       int64   `json:"id"`
	CouponID int64   `json:"coupon_id"`
	OrderID  int64   `json:"order_id"`
	Code     string  `json:"code"`
	Amount   v2Money `json:"amount"`
	Type     int64   `json:"type"`
	Discount v2Money `json:"discount"`
}

type orderStatusJSON struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	SystemLabel string `json:"system_label"`
	CustomLabel string `json:"custom_label"`
	Description string `json:"system_description"`
	Order       int64  `json:"order"`
}

type orderCountJSON struct {
	Statuses []statusCountJSON `json:"statuses"`
	Count    int64             `json:"count"`
}

type statusCountJSON struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	SystemLabel string `json:"system_label"`
	CustomLabel string `json:"custom_label"`
	Description string `json:"system_description"`
	Count       int64  `json:"count"`
	SortOrder   int64  `json:"sort_order"`
}

func showOrderStatus(s order.StatusInfo) orderStatusJSON {
	return orderStatusJSON{int64(s.ID), s.Name, s.Name, s.Name, s.Description, s.Order}
}

// orderView shows orders with what the store says now of what they refer to:
// how promotions are called, what kind an option is.
type orderView struct{ shop cart.Shop }

func (a *API) orderView(r *http.Request) (orderView, error) {
	shop, err := a.Shops.Shop(r.Context(), storeOf(r))
	return orderView{shop}, err
}

// order writes an order.
func (v orderView) order(o *order.Order) orderJSON {
	sum := pricing.Sum(o.Cart)
	byCode := couponDiscount(o.Cart)
	shown := func(p pricing.Pair) (ex, inc, tax v2Money) { return v2Money(p.Ex), v2Money(p.Inc), v2Money(p.Tax()) }
	j := orderJSON{
		ID: o.ID, CustomerID: o.Cart.CustomerID, Created: orderTime(o.Created), Modified: orderTime(o.Modified), Shipped: orderTime(o.Shipped),
		StatusID: int64(o.Status), Status: o.Status.Name(), CustomStatus: o.Status.Name(),
		TotalEx: v2Money(sum.Grand - sum.Tax), TotalInc: v2Money(sum.Grand), TotalTax: v2Money(sum.Tax),
		ItemsTotal: o.Units(), ItemsShipped: shippedUnits(o, o.Units()), PaymentMethod: paymentName(o.PaymentMethod), PaymentStatus: string(o.Payment),
		Digital: o.Digital(), Certificates: v2Money(o.Charged()), CurrencyID: o.Currency.ID, Currency: o.Currency.Code, Rate: o.Currency.Rate,
		DefaultID: o.Currency.DefaultID, DefaultCurrency: o.Currency.DefaultCode, StoreDefault: o.Currency.DefaultCode,
		StaffNotes: o.StaffNotes, Message: o.Message, Discount: v2Money(sum.Off() - byCode), CouponDiscount: v2Money(byCode),
		Addresses: int64(len(o.AddressIDs)), Deleted: o.Archived, Source: "checkout_api", ChannelID: o.Cart.ChannelID, Locale: o.Cart.Locale,
		Products: v.part(o, "products"), ShippingAt: v.part(o, "shipping_addresses"), Coupons: v.part(o, "coupons"), Fees: []v2FeeJSON{},
		CartID: &o.Cart.ID, PaymentID: filled(o.Reference), ExternalSource: filled(o.ExternalSource), ExternalID: filled(o.ExternalID),
	}
	j.SubtotalEx, j.SubtotalInc, j.SubtotalTax = shown(sum.Subtotal)
	j.ShippingEx, j.ShippingInc, j.ShippingTax = shown(sum.Shipping)
	j.HandlingEx, j.HandlingInc, j.HandlingTax = shown(sum.Handling)
	j.WrappingEx, j.WrappingInc, j.WrappingTax = shown(sum.Wrapping)
	j.BaseShipping, j.BaseHandling, j.BaseWrapping = j.ShippingEx, j.HandlingEx, j.WrappingEx
	if o.Cart.TaxIncluded { // base amounts are as prices are entered
		j.BaseShipping, j.BaseHandling, j.BaseWrapping = j.ShippingInc, j.HandlingInc, j.WrappingInc
	}
	if o.Payment == order.PaymentRefunded {
		j.Refunded = j.TotalInc
	}
	if co := o.Cart.Checkout; co != nil {
		j.Billing = showV2Address(co.Billing)
		for i := range co.Fees {
			j.Fees = append(j.Fees, showV2Fee(o.Cart, &co.Fees[i]))
		}
	}
	return j
}

// filled returns a text, or nil for none.
func filled(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// paymentName is what V2 calls a payment method.
func paymentName(method string) string {
	switch method {
	case order.Manual:
		return "Manual"
	case order.ByCertificate:
		return "Gift Certificate"
	case order.Free:
		return "Free"
	case order.TestApproved, order.TestDeclined:
		return "Test Payment Gateway"
	}
	return method
}

// part says where a part of an order is found.
func (v orderView) part(o *order.Order, name string) elsewhere {
	resource := fmt.Sprintf("/orders/%d/%s", o.ID, name)
	return elsewhere{URL: v.shop.PublicURL + "/stores/" + o.Store + "/v2" + resource, Resource: resource}
}

// shippedUnits says how many of these units were sent: all or none, since
// shipments are not kept one by one.
func shippedUnits(o *order.Order, units int64) int64 {
	if o.Shipped.IsZero() {
		return 0
	}
	return units
}

// couponDiscount is what all codes take off, shipping included.
func couponDiscount(c *cart.Cart) money.Amount {
	var off money.Amount
	for _, applied := range c.Coupons {
		off += applied.Amount + applied.Shipping
	}
	return off
}

func showV2Fee(c *cart.Cart, f *cart.Fee) v2FeeJSON {
	cost := pricing.FeeCost(c, f)
	return v2FeeJSON{
		ID: f.ID, Type: "custom_fee", Name: f.Name, DisplayName: f.DisplayName, Merchant: f.DisplayName,
		CostInc: v2Money(cost.Inc), CostEx: v2Money(cost.Ex), CostTax: v2Money(cost.Tax()), Source: f.Source,
	}
}

func showV2Address(a *cart.Address) v2Address {
	if a == nil {
		return v2Address{FormFields: []addressFieldJSON{}}
	}
	shown := showAddress(a)
	j := v2Address{
		FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, Street1: a.Address1, Street2: a.Address2, City: a.City, State: a.State,
		Zip: a.PostalCode, Country: shown.Country, CountryISO: a.CountryCode, Phone: a.Phone, Email: a.Email, FormFields: shown.Custom,
	}
	if j.State == "" {
		j.State = a.StateCode
	}
	return j
}

// showOrderAddress writes what one consignment of an order is sent to.
func showOrderAddress(o *order.Order, i int) orderAddressJSON {
	con := &o.Cart.Checkout.Consignments[i]
	cost, handling := pricing.ConsignmentShipping(o.Cart, con), pricing.ConsignmentHandling(o.Cart, con)
	j := orderAddressJSON{
		ID: o.AddressIDs[i], OrderID: o.ID, v2Address: showV2Address(&con.Address), BaseCost: v2Money(con.Shipping), BaseHandling: v2Money(con.Handling),
		CostEx: v2Money(cost.Ex), CostInc: v2Money(cost.Inc), CostTax: v2Money(cost.Tax()),
		HandlingEx: v2Money(handling.Ex), HandlingInc: v2Money(handling.Inc), HandlingTax: v2Money(handling.Tax()),
	}
	for _, item := range con.Items {
		j.ItemsTotal += item.Quantity
	}
	j.ItemsShipped = shippedUnits(o, j.ItemsTotal)
	if con.Option != nil {
		j.ShippingMethod, j.ZoneID = con.Option.Description, con.Option.ZoneID
	}
	if con.PickupID != 0 {
		j.ShippingMethod = "Pickup In Store"
	}
	return j
}
