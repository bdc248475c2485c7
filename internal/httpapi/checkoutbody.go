package httpapi

import (
	"encoding/json"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/order"
)

// Bounds of what a checkout's bodies hold.
const (
	maxAddressText  = 255
	maxCustomFields = 50
	maxFieldText    = 1000
)

// readVersion reads the version that a write names; nil means any.
func readVersion(v value) *int64 { return optional(v, intOf(-maxInt, maxInt)) }

// readPostal reads an address: e-mail address and country, and whatever else
// there is (spec/05 §1.2).
func readPostal(v value) cart.Address {
	v.object()
	text := func(name string) string { return v.get(name).text(0, maxAddressText) }
	return cart.Address{
		Email: v.get("email").required().email(), CountryCode: v.get("country_code").required().country(),
		FirstName: text("first_name"), LastName: text("last_name"), Company: text("company"), Address1: text("address1"), Address2: text("address2"),
		City: text("city"), State: text("state_or_province"), StateCode: text("state_or_province_code"), PostalCode: v.get("postal_code").text(0, maxAddressText),
		Phone: v.get("phone").text(0, maxAddressText), Custom: readCustomFields(v.get("custom_fields")),
	}
}

// country reads the ISO code of a country.
func (v value) country() string {
	code := v.text(2, 2)
	if v.null() {
		return ""
	}
	iso, _, ok := merchant.Country(code)
	if !ok {
		v.fail(fault.ExpectedEnum)
	}
	return iso
}

func readCustomFields(v value) []cart.AddressField {
	var out []cart.AddressField
	for _, field := range v.bounded(maxCustomFields) {
		out = append(out, cart.AddressField{
			ID: field.get("field_id").required().text(1, maxAddressText), Value: readFieldValue(field.get("field_value")),
		})
	}
	return out
}

// readFieldValue reads a text or a list of texts and returns it as JSON.
func readFieldValue(v value) string {
	if _, ok := v.raw.([]any); !ok {
		return textJSON(v.text(0, maxFieldText))
	}
	texts := []string{}
	for _, entry := range v.bounded(maxCustomFields) {
		texts = append(texts, entry.required().text(0, maxFieldText))
	}
	return textJSON(texts)
}

func textJSON[T string | []string](texts T) string {
	b, err := json.Marshal(texts)
	if err != nil { // texts always can be
		return `""`
	}
	return string(b)
}

// addressOf returns the address of a consignment, in any of the spellings that
// the vendor's documents have had (spec/05 §1.3).
func addressOf(v value) value {
	for _, name := range []string{"address", "shipping_address", "shippingAddress"} {
		if a := v.get(name); !a.null() {
			return a
		}
	}
	return v.get("address")
}

func readConsigned(v value) []cart.ConsignedItem {
	var out []cart.ConsignedItem
	for _, item := range v.bounded(cart.MaxLines) {
		out = append(out, cart.ConsignedItem{
			LineID:   strings.ToLower(item.get("item_id").required().text(1, 64)),
			Quantity: item.get("quantity").required().int(1, cart.MaxQuantity),
		})
	}
	if out == nil && !v.null() {
		v.fail(fault.MinLength)
	}
	return out
}

func readPickup(v value) *int64 {
	if v.null() {
		return nil
	}
	return optional(v.object().get("pickup_method_id").required(), intOf(1, maxInt))
}

// newConsignments is the body of POST consignments: each entry may name the
// version.
type newConsignments struct {
	parcels []order.Parcel
	version *int64
}

func readConsignments(v value) newConsignments {
	var out newConsignments
	for _, entry := range v.bounded(order.MaxConsignments) {
		p := order.Parcel{Address: readPostal(addressOf(entry).required()), Items: readConsigned(entry.get("line_items").required())}
		if pickup := readPickup(entry.get("pickup_option")); pickup != nil {
			p.PickupID = *pickup
		}
		out.parcels = append(out.parcels, p)
		version := readVersion(entry.get("version"))
		if out.version != nil && version != nil && *version != *out.version {
			entry.get("version").fail(fault.ExpectedEnum)
		}
		if version != nil {
			out.version = version
		}
	}
	if out.parcels == nil {
		v.fail(fault.MinLength)
	}
	return out
}

func readConsignmentUpdate(v value) order.ConsignmentUpdate {
	v.object()
	in := order.ConsignmentUpdate{
		Items: readConsigned(v.get("line_items")), PickupID: readPickup(v.get("pickup_option")),
		OptionID: optional(v.get("shipping_option_id"), textOf(1, maxAddressText)),
	}
	if a := addressOf(v); !a.null() {
		address := readPostal(a)
		in.Address = &address
	}
	if custom := v.get("custom_shipping"); !custom.null() {
		in.Custom = &order.CustomShipping{
			Price: custom.object().get("price").required().amount(), Description: custom.get("description").text(0, maxAddressText),
		}
	}
	return in
}

// readDiscounts reads the body of POST discounts, all of which stands below
// "cart", the version included.
func readDiscounts(v value) order.Discounts {
	var d order.Discounts
	in := v.get("cart").required().object()
	for _, entry := range in.get("discounts").bounded(cart.MaxLines) {
		d.Order = append(d.Order, entry.get("discounted_amount").required().amount())
	}
	for _, entry := range in.get("line_items").bounded(cart.MaxLines) {
		d.Lines = append(d.Lines, order.LineDiscount{
			LineID: strings.ToLower(entry.get("id").required().text(1, 64)), Amount: entry.get("discounted_amount").required().amount(),
		})
	}
	if d.Order == nil && d.Lines == nil && !in.null() {
		in.get("discounts").fail(fault.Missing)
	}
	return d
}

func readFees(v value, withID bool) []cart.Fee {
	var out []cart.Fee
	for _, entry := range v.required().bounded(order.MaxFees) {
		entry.get("type").required().oneOf(feeType)
		fee := cart.Fee{
			Name: entry.get("name").required().text(1, 50), DisplayName: entry.get("display_name").required().text(1, 200),
			Cost: entry.get("cost").required().amount(), Source: entry.get("source").required().text(1, 50),
			TaxClassID: entry.get("tax_class_id").int(0, maxInt),
		}
		if withID {
			fee.ID = strings.ToLower(entry.get("id").required().text(1, 64))
		}
		out = append(out, fee)
	}
	if out == nil && !v.null() {
		v.fail(fault.MinLength)
	}
	return out
}

// feeType is the only type of fees.
const feeType = "custom_fee"

func readFeeIDs(v value) []string {
	var out []string
	for _, entry := range v.required().bounded(maxListed) {
		out = append(out, strings.ToLower(entry.required().text(1, 64)))
	}
	if out == nil && !v.null() {
		v.fail(fault.MinLength)
	}
	return out
}
