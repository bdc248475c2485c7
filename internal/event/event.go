// Package event names what happens to a cart and to an order, in the vendor's webhook scopes.
//
// A write keeps its events in the journal, in the same transaction. Webhooks
// and recovery read them there; nothing is sent while a request is answered.
package event

// The scopes of cart events (spec/04 §5).
const (
	CartCreated      = "store/cart/created"
	CartUpdated      = "store/cart/updated"
	CartDeleted      = "store/cart/deleted"
	LineCreated      = "store/cart/lineItem/created"
	LineUpdated      = "store/cart/lineItem/updated"
	LineDeleted      = "store/cart/lineItem/deleted"
	MetafieldCreated = "store/cart/metafield/created"
	MetafieldUpdated = "store/cart/metafield/updated"
	MetafieldDeleted = "store/cart/metafield/deleted"
	CouponApplied    = "store/cart/couponApplied"
	CartAbandoned    = "store/cart/abandoned"
	CartConverted    = "store/cart/converted"
)

// The scopes of order events (spec/04 §4).
const (
	OrderCreated       = "store/order/created"
	OrderUpdated       = "store/order/updated"
	OrderArchived      = "store/order/archived"
	OrderStatusUpdated = "store/order/statusUpdated"
)

// The scopes of customer events (spec/04 §4).
const (
	CustomerCreated = "store/customer/created"
	CustomerUpdated = "store/customer/updated"
	CustomerDeleted = "store/customer/deleted"
)

// The scopes of what concerns a channel besides its carts, {} standing for its
// number (spec/04 §4).
const (
	NotificationsUpdated = "store/channel/{}/notifications/abandonedCart/updated"
	TemplateUpdated      = "store/channel/{}/email/templates/updated"
	TemplateDeleted      = "store/channel/{}/email/templates/deleted"
)

// Event is one thing that happened in a write, in the order in which the
// vendor tells it.
type Event struct {
	Scope string `json:"scope"`
	// Line is the line item's id, for lineItem events.
	Line string `json:"line,omitempty"`
	// Metafield is the metafield's id, for metafield events, and Namespace its
	// namespace, which a deleted one cannot be asked for any more.
	Metafield int64  `json:"metafield,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	// Token is what leads back to a cart that was abandoned.
	Token string `json:"token,omitempty"`
	// Customer is the customer's id, for customer events.
	Customer int64 `json:"customer,omitempty"`
	// Coupon is the id of the coupon that was applied.
	Coupon int64 `json:"coupon,omitempty"`
	// Order is the order's id, for order events and for a cart that became one.
	Order int64 `json:"order,omitempty"`
	// Before and After are the statuses of an order whose status changed.
	Before int64 `json:"before,omitempty"`
	After  int64 `json:"after,omitempty"`
}
