package world

import (
	"fmt"
	"net/http"
)

var orderSamples = map[string]sample{
	"createOrderFromCheckout": func(w *World) Request { return post(nil, "/v3/checkouts/%s/orders", w.Checkout()) },
	"listOrders": func(w *World) Request {
		w.Order()
		return get("/v2/orders?limit=1&min_id=1&status_id=0&email=ada@example.com&sort=date_created:desc&is_deleted=false&min_date_created=2020-01-01")
	},
	"countOrders": func(w *World) Request {
		w.Order()
		return get("/v2/orders/count")
	},
	"getOrder":     func(w *World) Request { return get("/v2/orders/%d", w.Order()) },
	"archiveOrder": func(w *World) Request { return remove("/v2/orders/%d", w.Order()) },
	"updateOrder": func(w *World) Request {
		return put(M{"status_id": 7, "payment_method": "Manual", "staff_notes": "Call first", "external_source": "POS"}, "/v2/orders/%d", w.Order())
	},
	"listOrderProducts": func(w *World) Request { return get("/v2/orders/%d/products?limit=2", w.Order()) },
	"getOrderProduct": func(w *World) Request {
		id := w.Order()
		lines, _ := w.Must(http.MethodGet, fmt.Sprintf("/v2/orders/%d/products", id), nil).([]any)
		return get("/v2/orders/%d/products/%d", id, number(Get(lines, 0, "id")))
	},
	"listOrderCoupons":           func(w *World) Request { return get("/v2/orders/%d/coupons", w.Order()) },
	"listOrderShippingAddresses": func(w *World) Request { return get("/v2/orders/%d/shipping_addresses", w.Order()) },
	"listOrderStatuses":          func(*World) Request { return get("/v2/order_statuses") },
	"getOrderStatus":             func(*World) Request { return get("/v2/order_statuses/11") },
}

// Checkout makes a cart that can be ordered, with a coupon, and returns its id.
func (w *World) Checkout() string {
	w.Helper()
	id, consignment := w.consignment()
	w.Must(http.MethodPost, fmt.Sprintf("/v3/checkouts/%s/billing-address", id), AddressBody())
	w.Must(http.MethodPost, fmt.Sprintf("/v3/checkouts/%s/coupons", id), M{"coupon_code": w.coupon()})
	w.Must(http.MethodPut, fmt.Sprintf("/v3/checkouts/%s/consignments/%s", id, consignment),
		M{"custom_shipping": M{"price": 7.5, "description": "By bicycle"}})
	return id
}

// Order makes an incomplete order and returns its id.
func (w *World) Order() int64 {
	w.Helper()
	return w.make(fmt.Sprintf("/v3/checkouts/%s/orders", w.Checkout()), nil)
}
