package httpapi

import (
	"net/http"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/order"
)

var ordersScope = scopeOf("store_v2_orders")

// orderRoutes are the orders of spec/05 §2: V2, bare objects. The order of a
// checkout is V3 (spec/05 §1.6).
func (a *API) orderRoutes() []route {
	return []route{
		{"POST", "/v3/checkouts/{checkoutId}/orders", checkoutScope, a.createOrder},
		{"GET", "/v2/orders", ordersScope, a.listOrders},
		{"GET", "/v2/orders/count", ordersScope, a.countOrders},
		{"GET", "/v2/orders/{id}", ordersScope, a.getOrder},
		{"PUT", "/v2/orders/{id}", ordersScope, a.updateOrder},
		{"DELETE", "/v2/orders/{id}", ordersScope, a.archiveOrder},
		{"GET", "/v2/orders/{id}/products", ordersScope, a.listOrderProducts},
		{"GET", "/v2/orders/{id}/products/{productId}", ordersScope, a.getOrderProduct},
		{"GET", "/v2/orders/{id}/coupons", ordersScope, a.listOrderCoupons},
		{"GET", "/v2/orders/{id}/shipping_addresses", ordersScope, a.listOrderAddresses},
		{"GET", "/v2/order_statuses", ordersScope, a.listOrderStatuses},
		{"GET", "/v2/order_statuses/{id}", ordersScope, a.getOrderStatus},
	}
}

// createOrder serves POST /v3/checkouts/{checkoutId}/orders.
func (a *API) createOrder(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if err := body.object().err(); err != nil {
		return err
	}
	show := func(o *order.Order) any {
		return one(struct {
			ID int64 `json:"id"`
		}{o.ID})
	}
	o, err := a.Orders.Create(answering(r.Context(), http.StatusOK, show), storeOf(r), checkoutID(r))
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, show(o))
}

// orderSorts are what lists of orders can be sorted by, as the vendor names it.
var orderSorts = []string{
	string(order.ByID), string(order.ByCustomer), string(order.ByCreated), string(order.ByModified), string(order.ByStatus), string(order.ByChannel),
}

// readOrderFilter reads what selects and sorts orders.
func readOrderFilter(q *params) order.Filter {
	p := q.page()
	f := order.Filter{
		CartID: cart.ID(strings.ToLower(q.text("cart_id"))), Email: q.text("email"), PaymentMethod: paymentMethod(q.text("payment_method")),
		MinCreated: q.since("min_date_created"), MaxCreated: q.until("max_date_created"),
		MinModified: q.since("min_date_modified"), MaxModified: q.until("max_date_modified"),
		Limit: p.limit, Offset: p.offset(),
	}
	for name, place := range map[string]*int64{"min_id": &f.MinID, "max_id": &f.MaxID, "channel_id": &f.ChannelID} {
		if id := q.id(name); id != nil {
			*place = *id
		}
	}
	f.CustomerID = q.id("customer_id")
	if id := q.id("status_id"); id != nil {
		status := order.Status(*id)
		f.Status = &status
	}
	if archived := q.bool("is_deleted"); archived != nil {
		f.Archived = *archived
	}
	name, direction, _ := strings.Cut(q.text("sort"), ":")
	if name != "" {
		allowed := false
		for _, s := range orderSorts {
			allowed = allowed || s == name
		}
		if !allowed || direction != "" && direction != "asc" && direction != "desc" {
			q.fail("sort", fault.ExpectedEnum)
		}
		f.Sort, f.Falling = order.Sort(name), direction == "desc"
	}
	return f
}

// listOrders serves GET /v2/orders; an empty list has no body.
func (a *API) listOrders(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	f := readOrderFilter(q)
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Orders.List(r.Context(), storeOf(r), f)
	if err != nil {
		return err
	}
	view, err := a.orderView(r)
	if err != nil {
		return err
	}
	out := make([]orderJSON, len(part.Entries))
	for i, o := range part.Entries {
		out[i] = view.order(o)
	}
	return respondList(w, out)
}

// respondList answers with a V2 list, which has no body when it is empty.
func respondList[T any](w http.ResponseWriter, out []T) error {
	if len(out) == 0 {
		return respond(w, http.StatusNoContent, nil)
	}
	return respond(w, http.StatusOK, out)
}

// countOrders serves GET /v2/orders/count.
func (a *API) countOrders(w http.ResponseWriter, r *http.Request) error {
	counts, err := a.Orders.Count(r.Context(), storeOf(r))
	if err != nil {
		return err
	}
	out := orderCountJSON{Statuses: []statusCountJSON{}}
	for _, s := range order.Statuses {
		n := counts[s.ID]
		out.Count += n
		out.Statuses = append(out.Statuses, statusCountJSON{
			ID: int64(s.ID), Name: s.Name, SystemLabel: s.Name, CustomLabel: s.Name, Description: s.Description, Count: n, SortOrder: s.Order,
		})
	}
	return respond(w, http.StatusOK, out)
}

// order returns the order that the path names, and how to show it.
func (a *API) order(r *http.Request) (*order.Order, orderView, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return nil, orderView{}, err
	}
	o, err := a.Orders.Get(r.Context(), storeOf(r), id)
	if err != nil {
		return nil, orderView{}, err
	}
	view, err := a.orderView(r)
	return o, view, err
}

// getOrder serves GET /v2/orders/{id}.
func (a *API) getOrder(w http.ResponseWriter, r *http.Request) error {
	o, view, err := a.order(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, view.order(o))
}

// updateOrder serves PUT /v2/orders/{id}. The status of a paid order pays an
// incomplete one.
func (a *API) updateOrder(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "id", readOrder)
	if err != nil {
		return err
	}
	o, err := a.Orders.Update(r.Context(), storeOf(r), id, fields)
	if err != nil {
		return err
	}
	view, err := a.orderView(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, view.order(o))
}

// archiveOrder serves DELETE /v2/orders/{id}: the order is taken off the lists.
func (a *API) archiveOrder(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if err := a.Orders.Archive(r.Context(), storeOf(r), id); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// listOrderProducts serves GET /v2/orders/{id}/products.
func (a *API) listOrderProducts(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	o, view, err := a.order(r)
	if err != nil {
		return err
	}
	lines := pageOf(p, o.LineIDs)
	first := p.offset()
	out := make([]orderProductJSON, len(lines))
	for i := range lines {
		out[i] = view.product(o, int(first)+i)
	}
	return respondList(w, out)
}

// getOrderProduct serves GET /v2/orders/{id}/products/{productId}, where the
// product is a line of the order.
func (a *API) getOrderProduct(w http.ResponseWriter, r *http.Request) error {
	o, view, err := a.order(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "productId")
	if err != nil {
		return err
	}
	for i, line := range o.LineIDs {
		if line == id {
			return respond(w, http.StatusOK, view.product(o, i))
		}
	}
	return errNotFound()
}

// listOrderCoupons serves GET /v2/orders/{id}/coupons.
func (a *API) listOrderCoupons(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	o, view, err := a.order(r)
	if err != nil {
		return err
	}
	return respondList(w, pageOf(p, view.coupons(o)))
}

// listOrderAddresses serves GET /v2/orders/{id}/shipping_addresses.
func (a *API) listOrderAddresses(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	o, _, err := a.order(r)
	if err != nil {
		return err
	}
	out := make([]orderAddressJSON, len(o.AddressIDs))
	for i := range out {
		out[i] = showOrderAddress(o, i)
	}
	return respondList(w, pageOf(p, out))
}

// listOrderStatuses serves GET /v2/order_statuses.
func (a *API) listOrderStatuses(w http.ResponseWriter, _ *http.Request) error {
	out := make([]orderStatusJSON, len(order.Statuses))
	for i, s := range order.Statuses {
		out[i] = showOrderStatus(s)
	}
	return respond(w, http.StatusOK, out)
}

// getOrderStatus serves GET /v2/order_statuses/{id}.
func (a *API) getOrderStatus(w http.ResponseWriter, r *http.Request) error {
	id := int64(0) // which is a status, while pathID knows no zero
	if r.PathValue("id") != "0" {
		var err error
		if id, err = pathID(r, "id"); err != nil {
			return err
		}
	}
	s, ok := order.Status(id).Info()
	if !ok {
		return errNotFound()
	}
	return respond(w, http.StatusOK, showOrderStatus(s))
}

// readOrder reads what a request changes of an order.
func readOrder(v value) order.Fields {
	v.object()
	f := order.Fields{
		PaymentMethod:  optional(v.get("payment_method"), readPaymentMethod),
		StaffNotes:     optional(v.get("staff_notes"), textOf(0, 65_535)),
		Message:        optional(v.get("customer_message"), textOf(0, 65_535)),
		ExternalSource: optional(v.get("external_source"), textOf(0, 255)),
		ExternalID:     optional(v.get("external_id"), textOf(0, 255)),
	}
	if id := optional(v.get("status_id"), intOf(0, int64(order.PartiallyRefunded))); id != nil {
		status := order.Status(*id)
		f.Status = &status
	}
	return f
}

func readPaymentMethod(v value) string { return paymentMethod(v.text(0, 255)) }

// paymentMethod returns the payment method that V2 calls so, in any case: the
// vendor writes Manual, and clients write manual.
func paymentMethod(name string) string {
	for _, method := range []string{order.Manual, order.ByCertificate, order.Free} {
		if strings.EqualFold(name, method) || strings.EqualFold(name, paymentName(method)) {
			return method
		}
	}
	return name
}

// orderTime writes a time as V2 does; "" while there is none.
func orderTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(v2Time)
}
