package linear

import (
	"fmt"
	"maps"

	"github.com/anishathalye/porcupine"
)

// deed is what an operation does with orders that want the same scarce thing: the
// stock of a product, or the uses of a coupon.
type deed int

const (
	pay deed = iota
	cancel
	restock
	look
	count
)

var deedNames = [...]string{"pay", "cancel", "restock", "look", "count"}

// saleInput is such an operation as it was sent.
type saleInput struct {
	deed  deed
	order int64
	cart  int // of which the order was made; several are made of each
	units int // that the order takes, or that are put into stock
}

// saleOutput is what it was answered.
type saleOutput struct {
	status int
	why    refusal
	left   int // of count
	shows  int // of look: the status of the order
}

// refusal is why an order was not paid.
type refusal string

const (
	none     refusal = ""
	tooFew   refusal = "too few are left"
	sold     refusal = "another order of the cart was paid"
	declined refusal = "it was cancelled before it was paid"
)

// orderState is how far an order has come.
type orderState int

const (
	incomplete orderState = iota
	holds                 // it is paid and has taken its units
	gaveBack              // it was cancelled after that
	dead                  // it was cancelled and never paid
)

// The statuses of orders, by number.
const (
	statusIncomplete = 0
	statusCancelled  = 5
	statusPaid       = 11
)

func (o orderState) status() int {
	switch o {
	case incomplete:
		return statusIncomplete
	case holds:
		return statusPaid
	}
	return statusCancelled
}

// saleState is what is left, and the orders that are not incomplete any more.
// It is never changed.
type saleState struct {
	left   int
	orders map[int64]orderOf
}

type orderOf struct {
	cart  int
	state orderState
}

// saleModel is the sequential specification of a thing of which there are so
// many. Returns says that a cancelled order gives back what it took: it gives
// back stock, and no use of a coupon.
func saleModel(many int, returns bool) porcupine.Model {
	return bounded(porcupine.Model{
		Init: func() any { return &saleState{left: many} },
		Step: func(state, in, out any) (bool, any) {
			s := state.(*saleState)
			expected, next := s.apply(in.(saleInput), returns)
			return out == nil || out.(saleOutput) == expected, next
		},
		Equal: func(a, b any) bool {
			x, y := a.(*saleState), b.(*saleState)
			return x.left == y.left && maps.Equal(x.orders, y.orders)
		},
		Hash: func(s any) uint64 {
			h := uint64(s.(*saleState).left)
			for id, o := range s.(*saleState).orders {
				h += uint64(id) * uint64(31+o.state) // in any order
			}
			return h
		},
		DescribeOperation: func(in, out any) string { return in.(saleInput).String() + " → " + describeSale(out) },
		DescribeState:     func(s any) string { return fmt.Sprintf("%d left", s.(*saleState).left) },
	})
}

// apply returns how an operation is answered, and the state after it.
func (s *saleState) apply(in saleInput, returns bool) (saleOutput, *saleState) {
	done := saleOutput{status: 200}
	refused := func(why refusal) (saleOutput, *saleState) { return saleOutput{status: 409, why: why}, s }
	state := s.orders[in.order].state
	switch in.deed {
	case count:
		done.left = s.left
		return done, s
	case look:
		done.shows = state.status()
		return done, s
	case restock:
		return done, &saleState{s.left + in.units, s.orders}
	case cancel:
		switch {
		case state == incomplete:
			return done, s.with(in, dead, 0)
		case state == holds && returns:
			return done, s.with(in, gaveBack, in.units)
		case state == holds:
			return done, s.with(in, gaveBack, 0)
		}
		return done, s
	}
	switch {
	case state == holds:
		return done, s
	case state == dead:
		return refused(declined)
	case state == gaveBack && !returns:
		return done, s.with(in, holds, 0)
	case state == incomplete && s.sold(in.cart):
		return refused(sold)
	case s.left < in.units:
		return refused(tooFew)
	}
	return done, s.with(in, holds, -in.units)
}

// sold reports whether a cart became an order.
func (s *saleState) sold(cart int) bool {
	for _, o := range s.orders {
		if o.cart == cart && o.state != dead {
			return true
		}
	}
	return false
}

func (s *saleState) with(in saleInput, state orderState, back int) *saleState {
	next := &saleState{s.left + back, maps.Clone(s.orders)}
	if next.orders == nil {
		next.orders = map[int64]orderOf{}
	}
	next.orders[in.order] = orderOf{in.cart, state}
	return next
}

func (in saleInput) String() string {
	switch in.deed {
	case count:
		return "count"
	case restock:
		return fmt.Sprintf("restock %d", in.units)
	}
	if in.deed == look {
		return fmt.Sprintf("look at order %d", in.order)
	}
	return fmt.Sprintf("%s order %d of cart %d for %d", deedNames[in.deed], in.order, in.cart, in.units)
}

func describeSale(out any) string {
	o, answered := out.(saleOutput)
	switch {
	case !answered:
		return "no answer"
	case o.why != none:
		return fmt.Sprintf("%d %s", o.status, o.why)
	}
	return fmt.Sprintf("%d, %d left, status %d", o.status, o.left, o.shows)
}
