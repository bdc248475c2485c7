package app

import (
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/order"
)

// checkCode lets every code that exists be applied, until the engine of
// promotions is there to ask.
func checkCode(*cart.Cart, cart.Shop, order.FoundCode, time.Time) error { return nil }
