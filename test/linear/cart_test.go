package linear

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// kind is what an operation on a cart does.
type kind int

const (
	create kind = iota
	add
	setQuantity
	removeLine
	setCustomer
	deleteCart
	read
)

var kindNames = [...]string{"create", "add", "set quantity", "remove line", "set customer", "delete", "read"}

// entry is a product or a custom item that an operation adds. Adding a product
// again makes its line grow; each custom item is a line of its own, and no two
// of them share a name here.
type entry struct {
	name     string // productName for products
	quantity int
	price    int64 // cents; custom items only, the model knows those of products
	custom   bool
}

// input is an operation as it was sent.
type input struct {
	kind     kind
	entries  []entry // of create and add
	version  int64   // the version that the client believes in; 0 says none
	line     string  // the id that the server gave
	quantity int
	customer int64
}

// output is what an operation was answered. The zero value is no answer.
type output struct {
	status int
	cart   *cartView // nil when the answer shows none
}

// cartView is a cart as an answer shows it.
type cartView struct {
	version  int64
	customer int64
	base     int64 // cents
	products []lineView
	customs  []lineView
}

type lineView struct {
	id       string
	name     string
	quantity int
	price    int64
}

// cartState is a cart between two operations. It is never changed.
type cartState struct {
	life     life
	version  int64
	customer int64
	lines    []lineState
	removed  []string // the ids of lines that are gone: none comes back
}

type life int

const (
	unmade life = iota
	alive
	gone
)

// lineState is a line. Its id is "" while no answer has shown it: whoever added
// it was not answered.
type lineState struct {
	lineView
	custom bool
}

// cartModel is the sequential specification of one cart. Products says what each
// product costs.
func cartModel(products map[string]int64) porcupine.Model {
	return bounded(porcupine.Model{
		Init: func() any { return &cartState{} },
		Step: func(state, in, out any) (bool, any) {
			answer, _ := out.(output) // nil is no answer
			return state.(*cartState).step(in.(input), answer, products)
		},
		Equal: func(a, b any) bool { return a.(*cartState).equal(b.(*cartState)) },
		Hash:  func(s any) uint64 { return s.(*cartState).hash() },
		DescribeOperation: func(in, out any) string {
			answer, _ := out.(output)
			return in.(input).String() + " → " + answer.String()
		},
		DescribeState: func(s any) string { return s.(*cartState).String() },
	})
}

// step reports whether an operation in this state may be answered so, and
// returns the state after it.
func (s *cartState) step(in input, out output, products map[string]int64) (bool, *cartState) {
	status, next := s.apply(in, products)
	switch {
	case out.status == 0:
		return true, next
	case out.status != status, (out.cart != nil) != shows(status):
		return false, nil
	case out.cart == nil:
		return true, next
	}
	return next.shown(out.cart)
}

func shows(status int) bool { return status == 200 || status == 201 }

// apply returns how an operation is answered, and the state after it.
func (s *cartState) apply(in input, products map[string]int64) (status int, next *cartState) {
	switch {
	case in.kind == create && s.life == unmade:
		made := &cartState{life: alive, version: 1}
		made.put(in.entries, products)
		return 201, made
	case s.life != alive:
		return 404, s
	case in.kind == read:
		return 200, s
	case in.kind == deleteCart:
		return 204, &cartState{life: gone}
	case in.version != 0 && in.version != s.version:
		return 409, s
	}
	return s.change(in, products)
}

// change is apply for what moves the version of a cart that is there.
func (s *cartState) change(in input, products map[string]int64) (status int, next *cartState) {
	changed := &cartState{life: alive, version: s.version + 1, customer: s.customer, lines: slices.Clone(s.lines), removed: s.removed}
	status = 200
	switch in.kind {
	case add:
		changed.put(in.entries, products)
		status = 201
	case setCustomer:
		changed.customer = in.customer
	default:
		at := slices.IndexFunc(s.lines, func(l lineState) bool { return l.id == in.line })
		if at < 0 {
			return 404, s
		}
		if in.kind == setQuantity {
			changed.lines[at].quantity = in.quantity
			break
		}
		if changed.lines = slices.Delete(changed.lines, at, at+1); len(changed.lines) == 0 {
			return 204, &cartState{life: gone}
		}
		changed.removed = append(slices.Clip(s.removed), in.line)
	}
	return status, changed
}

// put adds entries to a state that nobody has seen yet.
func (s *cartState) put(entries []entry, products map[string]int64) {
	for _, e := range entries {
		at := slices.IndexFunc(s.lines, func(l lineState) bool { return !e.custom && l.name == e.name })
		switch {
		case at >= 0:
			s.lines[at].quantity += e.quantity
		case e.custom:
			s.lines = append(s.lines, lineState{lineView{name: e.name, quantity: e.quantity, price: e.price}, true})
		default:
			s.lines = append(s.lines, lineState{lineView{name: e.name, quantity: e.quantity, price: products[e.name]}, false})
		}
	}
}

// shown compares the state with an answer that shows it, and learns from the
// answer the ids of lines that were not known yet.
func (s *cartState) shown(v *cartView) (bool, *cartState) {
	if s.version != v.version || s.customer != v.customer || len(s.lines) != len(v.products)+len(v.customs) {
		return false, nil
	}
	learned := *s
	learned.lines = slices.Clone(s.lines)
	products, customs := v.products, v.customs
	var base int64
	for i := range learned.lines {
		l := &learned.lines[i]
		from := &products
		if l.custom {
			from = &customs
		}
		if len(*from) == 0 {
			return false, nil
		}
		seen := (*from)[0]
		*from = (*from)[1:]
		if l.id == "" && !s.knows(seen.id) {
			l.id = seen.id
		}
		if l.lineView != seen {
			return false, nil
		}
		base += l.price * int64(l.quantity)
	}
	return base == v.base, &learned
}

// knows reports whether a line has, or had, an id.
func (s *cartState) knows(id string) bool {
	return slices.Contains(s.removed, id) || slices.ContainsFunc(s.lines, func(l lineState) bool { return l.id == id })
}

func (s *cartState) equal(o *cartState) bool {
	return s.life == o.life && s.version == o.version && s.customer == o.customer &&
		slices.Equal(s.lines, o.lines) && slices.Equal(s.removed, o.removed)
}

func (s *cartState) hash() uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, s.life, s.version, s.customer)
	for _, l := range s.lines {
		_, _ = h.Write([]byte(l.name))
		_, _ = h.Write([]byte{byte(l.quantity), byte(l.quantity >> 8)})
	}
	return h.Sum64()
}

// String tells an operation in the way of the API.
func (in input) String() string {
	text := kindNames[in.kind]
	for _, e := range in.entries {
		text += fmt.Sprintf(" %d×%s", e.quantity, e.name)
	}
	switch in.kind {
	case setQuantity:
		text += fmt.Sprintf(" %d of %s", in.quantity, short(in.line))
	case removeLine:
		text += " " + short(in.line)
	case setCustomer:
		text += fmt.Sprintf(" %d", in.customer)
	}
	if in.version != 0 {
		text += fmt.Sprintf(" at v%d", in.version)
	}
	return text
}

func (out output) String() string {
	switch {
	case out.status == 0:
		return "no answer"
	case out.cart == nil:
		return fmt.Sprint(out.status)
	}
	v := out.cart
	text := fmt.Sprintf("%d v%d", out.status, v.version)
	if v.customer != 0 {
		text += fmt.Sprintf(" customer %d", v.customer)
	}
	for _, l := range slices.Concat(v.products, v.customs) {
		text += fmt.Sprintf(" %d×%s(%s)", l.quantity, l.name, short(l.id))
	}
	return text
}

func (s *cartState) String() string {
	switch s.life {
	case unmade:
		return "no cart yet"
	case gone:
		return "the cart is gone"
	}
	text := fmt.Sprintf("v%d", s.version)
	if s.customer != 0 {
		text += fmt.Sprintf(" customer %d", s.customer)
	}
	for _, l := range s.lines {
		text += fmt.Sprintf(" %d×%s(%s)", l.quantity, l.name, short(l.id))
	}
	return text
}

// short is enough of a line's id to tell it from others.
func short(id string) string {
	head, _, _ := strings.Cut(id, "-")
	return head
}
