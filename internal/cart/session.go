package cart

import "time"

// Session is what a shop knows of a browser. Only the hash of its token is
// stored.
type Session struct {
	// Cart is the cart that the session is bound to; "" is none.
	Cart    ID
	Expires time.Time
	// Typed are fingerprints of the addresses that were typed in this session,
	// the only ones that it gets to see.
	Typed string
	// Ordered is the latest order that was placed in this session; 0 is none.
	Ordered int64
}
