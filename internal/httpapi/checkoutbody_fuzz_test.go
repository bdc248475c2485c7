package httpapi

import (
	"encoding/json"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/order"
)

// checkoutSeeds are bodies that were sent to checkouts in earnest, and some that
// were not.
var checkoutSeeds = []string{
	`{"email":"ada@example.com","country_code":"us","first_name":"Ada","postal_code":"78701","custom_fields":[{"field_id":"25","field_value":"Leave"},{"field_id":"26","field_value":["a","b"]}],"version":3}`,
	`[{"address":{"email":"ada@example.com","country_code":"US"},"line_items":[{"item_id":"B0C56C1F-20A5-4BD5-A5A4-6F6B83A86F31","quantity":2}],"version":1}]`,
	`[{"shippingAddress":{"email":"ada@example.com","country_code":"DE"},"line_items":[{"item_id":"x","quantity":"1"}],"pickup_option":{"pickup_method_id":1}}]`,
	`{"shipping_address":{"email":"a@b.example","country_code":"XX"},"line_items":[]}`,
	`{"shipping_option_id":"89e7b9a1","custom_shipping":{"price":7.5,"description":"By bicycle"}}`,
	`{"cart":{"discounts":[{"discounted_amount":10},{"discounted_amount":0}],"line_items":[{"id":"x","discounted_amount":"2.5"}],"version":4}}`,
	`{"cart":{"discounts":[{"discounted_amount":-1}]}}`, `{"cart":{}}`, `{"cart":null}`,
	`{"fees":[{"type":"custom_fee","name":"n","display_name":"d","cost":3.5,"source":"s","tax_class_id":null,"id":"x"}]}`,
	`{"fees":[{"type":"other"},{},{},{},{},{}]}`, `{"ids":["a","b"]}`, `{"ids":[]}`,
	`{"maxUses":1,"ttl":2592000}`, `{"maxUses":0,"ttl":1e9}`, `{"customer_message":"x","version":"1"}`,
	`{"checkout_type":"one_page","custom_checkout_sri_hash":null,"should_redirect_to_storefront_for_auth":true}`,
}

func seedCheckouts(f *testing.F) {
	f.Helper()
	seed(f)
	for _, s := range checkoutSeeds {
		f.Add([]byte(s))
	}
}

func checkAddress(t *testing.T, a cart.Address) {
	t.Helper()
	checkText(t, a.Email, a.FirstName, a.LastName, a.Company, a.Address1, a.Address2, a.City, a.State, a.StateCode, a.PostalCode, a.Phone)
	if iso, _, ok := merchant.Country(a.CountryCode); !ok || iso != a.CountryCode || !cart.ValidEmail(a.Email) {
		t.Fatalf("the address is in %q, of %q", a.CountryCode, a.Email)
	}
	for _, field := range a.Custom {
		checkText(t, field.ID, field.Value)
		if !json.Valid([]byte(field.Value)) || field.ID == "" {
			t.Fatalf("the custom field %q is %q", field.ID, field.Value)
		}
	}
}

func checkConsigned(t *testing.T, items []cart.ConsignedItem) {
	t.Helper()
	for _, item := range items {
		checkQuantity(t, item.Quantity)
		checkText(t, item.LineID)
	}
}

// FuzzAddressBody reads the body of POST …/billing-address.
func FuzzAddressBody(f *testing.F) {
	seedCheckouts(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if a, ok := read(t, body, readPostal); ok {
			checkAddress(t, a)
		}
	})
}

// FuzzConsignmentBodies reads the bodies of POST and PUT …/consignments.
func FuzzConsignmentBodies(f *testing.F) {
	seedCheckouts(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if in, ok := read(t, body, readConsignments); ok {
			if len(in.parcels) == 0 || len(in.parcels) > order.MaxConsignments {
				t.Fatalf("%d consignments", len(in.parcels))
			}
			for _, p := range in.parcels {
				checkAddress(t, p.Address)
				checkConsigned(t, p.Items)
				if len(p.Items) == 0 || p.PickupID < 0 {
					t.Fatalf("%d lines, pick-up %d", len(p.Items), p.PickupID)
				}
			}
		}
		if in, ok := read(t, body, readConsignmentUpdate); ok {
			checkConsigned(t, in.Items)
			if in.Address != nil {
				checkAddress(t, *in.Address)
			}
			if in.Custom != nil {
				checkPrice(t, in.Custom.Price)
				checkText(t, in.Custom.Description)
			}
		}
	})
}

// FuzzCheckoutBodies reads the smaller bodies of checkouts.
func FuzzCheckoutBodies(f *testing.F) {
	seedCheckouts(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if d, ok := read(t, body, readDiscounts); ok {
			if d.Order == nil && d.Lines == nil {
				t.Fatal("no discount")
			}
			for _, a := range d.Order {
				checkPrice(t, a)
			}
			for _, l := range d.Lines {
				checkPrice(t, l.Amount)
				checkText(t, l.LineID)
			}
		}
		for _, withID := range []bool{false, true} {
			fees, ok := read(t, body, func(v value) []cart.Fee { return readFees(v.get("fees"), withID) })
			if !ok {
				continue
			}
			if len(fees) == 0 || len(fees) > order.MaxFees {
				t.Fatalf("%d fees", len(fees))
			}
			for _, fee := range fees {
				checkPrice(t, fee.Cost)
				checkText(t, fee.Name, fee.DisplayName, fee.Source, fee.ID)
				if withID == (fee.ID == "") {
					t.Fatalf("the id of a fee is %q", fee.ID)
				}
			}
		}
		if ids, ok := read(t, body, func(v value) []string { return readFeeIDs(v.get("ids")) }); ok && len(ids) == 0 {
			t.Fatal("no ids")
		}
		_, _ = read(t, body, func(v value) int64 {
			uses, life := readTokenBounds(v)
			if v.err() == nil && (uses < 1 || uses > order.MaxTokenUses || life < 1 || life > order.MaxTokenLife) {
				t.Fatalf("a token with %d uses for %v", uses, life)
			}
			return uses
		})
		for _, channel := range []int64{storeLevel, 1} {
			if change, ok := read(t, body, readCheckoutSettings(channel)); ok {
				checkSettings(t, change)
			}
		}
	})
}

func checkSettings(t *testing.T, change merchant.CheckoutChange) {
	t.Helper()
	for name, text := range change.Texts {
		if checkText(t, name); text != nil {
			checkText(t, *text)
		}
	}
}
