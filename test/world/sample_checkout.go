package world

import (
	"fmt"
	"net/http"
	"strings"

	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

var checkoutSamples = map[string]sample{
	"getCheckoutSettings": func(*World) Request { return get("/v3/checkouts/settings") },
	"updateCheckoutSettings": func(*World) Request {
		return put(M{"custom_checkout_script_url": "https://shop.example/checkout.js", "custom_checkout_supports_uco_settings": true}, "/v3/checkouts/settings")
	},
	"getChannelCheckoutSettings": func(w *World) Request {
		return get("/v3/checkouts/settings/channels/%d", w.channel())
	},
	"updateChannelCheckoutSettings": func(w *World) Request {
		return put(M{"checkout_type": "one_page", "custom_checkout_sri_hash": nil}, "/v3/checkouts/settings/channels/%d", w.channel())
	},
	"getCheckout": func(w *World) Request {
		id, _ := w.consignment()
		return get("/v3/checkouts/%s?include=cart.line_items.physical_items.options,cart.line_items.digital_items.options,"+
			"consignments.available_shipping_options,promotions.banners", id)
	},
	"updateCheckout": func(w *World) Request {
		return put(M{"customer_message": "Ring twice", "version": 1}, "/v3/checkouts/%s", w.Cart())
	},
	"addBillingAddress": func(w *World) Request { return post(AddressBody(), "/v3/checkouts/%s/billing-address", w.Cart()) },
	"updateBillingAddress": func(w *World) Request {
		id := w.Cart()
		data := w.Must(http.MethodPost, fmt.Sprintf("/v3/checkouts/%s/billing-address", id), AddressBody())
		return put(AddressBody(), "/v3/checkouts/%s/billing-address/%s", id, Get(data, "billing_address", "id"))
	},
	"addConsignments": func(w *World) Request {
		id, line := w.cart()
		return post(L{M{"address": AddressBody(), "line_items": L{M{"item_id": line, "quantity": 2}}, "version": 1}}, "/v3/checkouts/%s/consignments", id)
	},
	"updateConsignment": func(w *World) Request {
		id, consignment := w.consignment()
		return put(M{"custom_shipping": M{"price": 7.5, "description": "By bicycle"}}, "/v3/checkouts/%s/consignments/%s", id, consignment)
	},
	"deleteConsignment": func(w *World) Request {
		id, consignment := w.consignment()
		return remove("/v3/checkouts/%s/consignments/%s", id, consignment)
	},
	"addCoupon": func(w *World) Request {
		return post(M{"coupon_code": " " + strings.ToLower(w.coupon()) + " ", "version": 1}, "/v3/checkouts/%s/coupons", w.Cart())
	},
	"deleteCoupon": func(w *World) Request {
		r := remove("/v3/checkouts/%s/coupons/%s", w.Cart(), "SPRING%2020")
		r.Body = M{"version": 1}
		return r
	},
	"addDiscounts": func(w *World) Request {
		id, line := w.cart()
		return post(M{"cart": M{
			"discounts": L{M{"discounted_amount": 5}}, "line_items": L{M{"id": line, "discounted_amount": 2.5}}, "version": 1,
		}}, "/v3/checkouts/%s/discounts", id)
	},
	"addFees": func(w *World) Request { return post(M{"fees": L{feeBody()}}, "/v3/checkouts/%s/fees", w.Cart()) },
	"updateFees": func(w *World) Request {
		id, fee := w.fee()
		body := feeBody()
		body["id"], body["cost"] = fee, 4
		return put(M{"fees": L{body}}, "/v3/checkouts/%s/fees", id)
	},
	"deleteFees": func(w *World) Request {
		id, fee := w.fee()
		r := remove("/v3/checkouts/%s/fees", id)
		r.Body = M{"ids": L{fee}}
		return r
	},
	"createCheckoutToken": func(w *World) Request {
		return post(M{"maxUses": 2, "ttl": 3600}, "/v3/checkouts/%s/token", w.Cart())
	},
}

// AddressBody is an address that an order can be sent to.
func AddressBody() M {
	return M{
		"first_name": "Ada", "last_name": "Byron", "email": "ada@example.com", "company": "", "address1": "1 Main Street", "address2": "",
		"city": "Austin", "state_or_province": "Texas", "state_or_province_code": "TX", "country_code": "US", "postal_code": "78701", "phone": "15125550100",
		"custom_fields": L{M{"field_id": "field_25", "field_value": "Leave"}, M{"field_id": "field_26", "field_value": L{"a", "b"}}},
	}
}

func feeBody() M {
	return M{"type": "custom_fee", "name": "packing", "display_name": "Packing", "cost": 3.5, "source": "warehouse"}
}

// coupon makes a coupon for every cart and returns its code.
func (w *World) coupon() string {
	w.Helper()
	c := &promotion.Coupon{Name: w.name("Spring"), Code: w.sku(), Type: promotion.Percentage, Amount: 20 * money.Unit, Enabled: true}
	made, err := w.App.DB.CreateCoupon(w.Context(), Store, c)
	if err != nil {
		w.Fatalf("create coupon: %v", err)
	}
	return made.Code
}

// consignment makes a cart whose catalog line is sent somewhere.
func (w *World) consignment() (cart, consignment string) {
	w.Helper()
	cart, line := w.cart()
	data := w.Must(http.MethodPost, fmt.Sprintf("/v3/checkouts/%s/consignments", cart),
		L{M{"address": AddressBody(), "line_items": L{M{"item_id": line, "quantity": 2}}}})
	consignment, _ = Get(data, "consignments", 0, "id").(string)
	return cart, consignment
}

// fee makes a cart with a fee.
func (w *World) fee() (cart, fee string) {
	w.Helper()
	cart = w.Cart()
	data := w.Must(http.MethodPost, fmt.Sprintf("/v3/checkouts/%s/fees", cart), M{"fees": L{feeBody()}})
	fee, _ = Get(data, "fees", 0, "id").(string)
	return cart, fee
}
