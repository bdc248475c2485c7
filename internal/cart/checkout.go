package cart

import (
	"cartwright/internal/money"
)

// Checkout is what a cart gathers on its way to an order: addresses, shipping,
// fees (spec/05 §1). It has the cart's id and version. A cart whose Checkout is
// nil has none of it yet.
type Checkout struct {
	Billing      *Address      `json:"billing,omitempty"`
	Consignments []Consignment `json:"consignments,omitempty"`
	Fees         []Fee         `json:"fees,omitempty"`
	Message      string        `json:"message,omitempty"`
	// Certificates are the codes of gift certificates that the shopper pays
	// with. What each pays is settled when the order is paid.
	Certificates []string `json:"certificates,omitempty"`

	// Taxes add up what the pricing pipeline found, by name.
	Taxes []Tax `json:"taxes,omitempty"`
}

// Address is where an order is billed or sent to (spec/05 §1.2).
type Address struct {
	ID          string         `json:"id"` // 13 hex digits
	Email       string         `json:"email"`
	FirstName   string         `json:"first_name,omitempty"`
	LastName    string         `json:"last_name,omitempty"`
	Company     string         `json:"company,omitempty"`
	Address1    string         `json:"address1,omitempty"`
	Address2    string         `json:"address2,omitempty"`
	City        string         `json:"city,omitempty"`
	State       string         `json:"state,omitempty"`
	StateCode   string         `json:"state_code,omitempty"`
	CountryCode string         `json:"country_code"` // ISO 3166, two upper-case letters
	PostalCode  string         `json:"postal_code,omitempty"`
	Phone       string         `json:"phone,omitempty"`
	Custom      []AddressField `json:"custom,omitempty"`
}

// AddressField is a field of the merchant's own. Value is the JSON that the
// client sent.
type AddressField struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// Consignment is what is sent to one address (spec/05 §1.3).
type Consignment struct {
	ID      string          `json:"id"`
	Address Address         `json:"address"`
	Items   []ConsignedItem `json:"items"`
	// PickupID is the pick-up method; 0 means that it is sent.
	PickupID int64 `json:"pickup_id,omitempty"`
	// Option is the chosen way of shipping; nil until there is one.
	Option *ShippingOption `json:"option,omitempty"`

	// The rest is filled in by the pricing pipeline. Shipping and Handling are
	// before discounts, as prices are entered: with tax or without.
	Shipping money.Amount `json:"shipping,omitempty"`
	Handling money.Amount `json:"handling,omitempty"`
	// ShippingTax and HandlingTax are contained in those when prices include
	// tax, and come on top when not. They are the tax after discounts.
	ShippingTax money.Amount `json:"shipping_tax,omitempty"`
	HandlingTax money.Amount `json:"handling_tax,omitempty"`
	// ShippingTaxBefore is the tax of Shipping before discounts.
	ShippingTaxBefore money.Amount `json:"shipping_tax_before,omitempty"`
	// Cuts took something off Shipping; they never exceed it.
	Cuts []Cut `json:"cuts,omitempty"`
}

// Off is what all cuts take off Shipping.
func (con *Consignment) Off() money.Amount {
	var off money.Amount
	for _, cut := range con.Cuts {
		off += cut.Amount
	}
	return off
}

// ConsignedItem is a number of units of a line.
type ConsignedItem struct {
	LineID   string `json:"line_id"`
	Quantity int64  `json:"quantity"`
}

// ShippingOption is one way of shipping a consignment.
type ShippingOption struct {
	ID          string       `json:"id"`   // 32 hex digits; the same for the same method
	Type        string       `json:"type"` // shipping_flatrate, shipping_freeshipping, …
	Description string       `json:"description"`
	Cost        money.Amount `json:"cost,omitempty"` // in the cart's currency
	ImageURL    string       `json:"image_url,omitempty"`
	TransitTime string       `json:"transit_time,omitempty"`
	Note        string       `json:"note,omitempty"` // the vendor's additional_description
	// ZoneID and MethodID say where it comes from; 0 for a custom price.
	ZoneID   int64 `json:"zone_id,omitempty"`
	MethodID int64 `json:"method_id,omitempty"`
}

// Fee is an amount that a client adds to the order (spec/05 §1.5).
type Fee struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	DisplayName string       `json:"display_name"`
	Cost        money.Amount `json:"cost"`
	Source      string       `json:"source,omitempty"`
	TaxClassID  int64        `json:"tax_class_id,omitempty"`

	Tax money.Amount `json:"tax,omitempty"` // filled in by the pricing pipeline
}

// Tax is the sum of one tax over the order.
type Tax struct {
	Name   string       `json:"name"`
	Amount money.Amount `json:"amount"`
}
