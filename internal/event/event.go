// Package event names what happens to a cart, in the vendor's webhook scopes.
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
}
