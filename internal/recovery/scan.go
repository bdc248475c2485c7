package recovery

import (
	"time"

	"cartwright/internal/cart"
)

// Finding is what a look at a cart that is due comes to.
type Finding int

// The findings.
const (
	// Leave says that nobody need look again until the cart is changed.
	Leave Finding = iota
	// Later says when to look again: the cart was touched since.
	Later
	// Abandoned says when the cart was.
	Abandoned
)

// Look judges a cart that is due at now (spec/02 §1). It was last touched when
// it was changed, or when somebody went on from a link to it, whichever is
// later; continued is zero when nobody did. The moment of abandonment is that
// and the waiting time, whenever it is found, and not before the cart was due.
//
// A cart with nothing in it that somebody put there is nobody's, and one that
// expired before it was found is not abandoned any more.
func Look(c *cart.Cart, due, continued time.Time, wait time.Duration, now time.Time) (Finding, time.Time) {
	if c.Empty() || c.Expired(now) {
		return Leave, time.Time{}
	}
	at := c.Updated
	if continued.After(at) {
		at = continued
	}
	if at = at.Add(wait); due.After(at) {
		at = due
	}
	if at.After(now) {
		return Later, at
	}
	return Abandoned, at
}
