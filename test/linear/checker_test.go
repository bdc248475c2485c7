package linear

import (
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"
)

// lamp is the product of the histories made by hand; it costs 10.00.
const lamp = "p1"

var lampCosts = map[string]int64{lamp: 1000}

// by is an operation of a history made by hand, between two moments.
func by(client int, call, ret int64, in, out any) porcupine.Operation {
	return porcupine.Operation{ClientId: client, Call: call, Return: ret, Input: in, Output: out}
}

func lamps(n int) []entry { return []entry{{name: lamp, quantity: n}} }

func gift(name string) []entry { return []entry{{name: name, quantity: 1, price: 100, custom: true}} }

// shownAs is an answer with a cart: lamps, all in line l1, and custom items
// whose ids are their names.
func shownAs(status int, version int64, lamps int, customs ...string) output {
	v := &cartView{version: version, base: int64(1000*lamps + 100*len(customs))}
	if lamps > 0 {
		v.products = []lineView{{"l1", lamp, lamps, 1000}}
	}
	for _, name := range customs {
		v.customs = append(v.customs, lineView{name, name, 1, 100})
	}
	return output{status, v}
}

// TestTheCheckerTellsGoodFromBad feeds the checker with histories of one cart.
// A proof by a checker that cannot refuse would prove nothing.
func TestTheCheckerTellsGoodFromBad(t *testing.T) {
	made := by(0, 0, 10, input{kind: create, entries: lamps(1)}, shownAs(201, 1, 1))
	addA := input{kind: add, entries: gift("a")}
	addB := input{kind: add, entries: gift("b")}
	look := input{kind: read}
	change := input{kind: setQuantity, line: "l1", quantity: 5}
	remove := input{kind: removeLine, line: "l1"}
	tests := map[string]struct {
		history []porcupine.Operation
		good    bool
	}{
		"one after the other": {[]porcupine.Operation{made,
			by(1, 20, 30, addA, shownAs(201, 2, 1, "a")), by(2, 40, 50, look, shownAs(200, 2, 1, "a"))}, true},
		"at once, in the order of their versions": {[]porcupine.Operation{made,
			by(1, 20, 50, addA, shownAs(201, 3, 1, "b", "a")), by(2, 20, 50, addB, shownAs(201, 2, 1, "b"))}, true},
		"a lost update: both were acknowledged, one is there": {[]porcupine.Operation{made,
			by(1, 20, 50, addA, shownAs(201, 2, 1, "a")), by(2, 20, 50, addB, shownAs(201, 2, 1, "b")),
			by(1, 60, 70, look, shownAs(200, 2, 1, "b"))}, false},
		"a lost update that no answer shows": {[]porcupine.Operation{made,
			by(1, 20, 30, addA, shownAs(201, 2, 1, "a")), by(1, 60, 70, look, shownAs(200, 1, 1))}, false},
		"a stale read": {[]porcupine.Operation{made,
			by(1, 20, 30, addA, shownAs(201, 2, 1, "a")), by(2, 40, 50, look, shownAs(200, 1, 1)),
			by(2, 60, 70, look, shownAs(200, 2, 1, "a"))}, false},
		"a read during the write may show either": {[]porcupine.Operation{made,
			by(1, 20, 50, addA, shownAs(201, 2, 1, "a")), by(2, 30, 40, look, shownAs(200, 1, 1))}, true},
		"two reads during the write do not go back": {[]porcupine.Operation{made,
			by(1, 20, 90, addA, shownAs(201, 2, 1, "a")), by(2, 30, 40, look, shownAs(200, 2, 1, "a")),
			by(3, 50, 60, look, shownAs(200, 1, 1))}, false},
		"a retried key that was applied once": {[]porcupine.Operation{made,
			by(1, 20, 60, addA, shownAs(201, 2, 1, "a")), by(2, 70, 80, look, shownAs(200, 2, 1, "a"))}, true},
		"a retried key that was applied twice": {[]porcupine.Operation{made,
			by(1, 20, 60, addA, shownAs(201, 2, 1, "a")), by(2, 70, 80, look, shownAs(200, 3, 1, "a", "a"))}, false},
		"a retried key that was applied twice, as lamps": {[]porcupine.Operation{made,
			by(1, 20, 60, input{kind: add, entries: lamps(2)}, shownAs(201, 2, 3)), by(2, 70, 80, look, shownAs(200, 3, 5))}, false},
		"no answer, and it happened at once": {[]porcupine.Operation{made,
			by(1, 20, never, addA, nil), by(2, 40, 50, look, shownAs(200, 2, 1, "a"))}, true},
		"no answer, and it happened later": {[]porcupine.Operation{made,
			by(1, 20, never, addA, nil), by(2, 40, 50, look, shownAs(200, 1, 1)), by(2, 60, 70, look, shownAs(200, 2, 1, "a"))}, true},
		"no answer, and it never happened": {[]porcupine.Operation{made,
			by(1, 20, never, addA, nil), by(2, 40, 50, look, shownAs(200, 1, 1))}, true},
		"no answer, and it happened twice": {[]porcupine.Operation{made,
			by(1, 20, never, input{kind: add, entries: lamps(2)}, nil), by(2, 40, 50, look, shownAs(200, 3, 5))}, false},
		"no answer, and it is undone": {[]porcupine.Operation{made,
			by(1, 20, never, addA, nil), by(2, 40, 50, look, shownAs(200, 2, 1, "a")), by(2, 60, 70, look, shownAs(200, 1, 1))}, false},
		"a stale version is refused": {[]porcupine.Operation{made,
			by(1, 20, 30, addA, shownAs(201, 2, 1, "a")),
			by(2, 40, 50, input{kind: add, entries: gift("b"), version: 1}, output{status: 409})}, true},
		"a stale version is taken": {[]porcupine.Operation{made,
			by(1, 20, 30, addA, shownAs(201, 2, 1, "a")),
			by(2, 40, 50, input{kind: add, entries: gift("b"), version: 1}, shownAs(201, 3, 1, "a", "b"))}, false},
		"the version that stands is refused": {[]porcupine.Operation{made,
			by(2, 40, 50, input{kind: add, entries: gift("b"), version: 1}, output{status: 409})}, false},
		"two winners with one version": {[]porcupine.Operation{made,
			by(1, 20, 50, input{kind: setCustomer, version: 1}, shownAs(200, 2, 1)),
			by(2, 20, 50, input{kind: setQuantity, line: "l1", quantity: 5, version: 1}, shownAs(200, 3, 5))}, false},
		"a refusal that changed the cart": {[]porcupine.Operation{made,
			by(1, 20, 30, input{kind: setQuantity, line: "l1", quantity: 5, version: 7}, output{status: 409}),
			by(2, 40, 50, look, shownAs(200, 1, 5))}, false},
		"a quantity": {[]porcupine.Operation{made,
			by(1, 20, 30, change, shownAs(200, 2, 5)), by(2, 40, 50, look, shownAs(200, 2, 5))}, true},
		"a sum that is not that of the lines": {[]porcupine.Operation{made,
			by(1, 20, 30, look, output{200, &cartView{version: 1, base: 999, products: []lineView{{"l1", lamp, 1, 1000}}}})}, false},
		"the last line takes the cart with it": {[]porcupine.Operation{made,
			by(1, 20, 30, remove, output{status: 204}), by(2, 40, 50, look, output{status: 404})}, true},
		"a deleted cart that is read": {[]porcupine.Operation{made,
			by(1, 20, 30, input{kind: deleteCart}, output{status: 204}), by(2, 40, 50, look, shownAs(200, 1, 1))}, false},
		"deleted twice": {[]porcupine.Operation{made,
			by(1, 20, 50, input{kind: deleteCart}, output{status: 204}), by(2, 20, 50, input{kind: deleteCart}, output{status: 204})}, false},
		"a cart that is there and was not found": {[]porcupine.Operation{made,
			by(1, 20, 30, look, output{status: 404})}, false},
		"a line that comes back under the id that it had": {[]porcupine.Operation{made,
			by(1, 20, 30, addA, shownAs(201, 2, 1, "a")), by(1, 40, 50, remove, shownAs(200, 3, 0, "a")),
			by(1, 60, 70, input{kind: add, entries: lamps(1)}, shownAs(201, 4, 1, "a"))}, false},
	}
	model := cartModel(lampCosts)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := explain(model, tt.history); (got == porcupine.Ok) != tt.good {
				t.Errorf("the checker says %s", got)
			}
		})
	}
}

// TestTheCheckerTellsGoodSalesFromBad does so with histories of a product of
// which there are three.
func TestTheCheckerTellsGoodSalesFromBad(t *testing.T) {
	order := func(d deed, id int64, cart, units int) saleInput {
		return saleInput{deed: d, order: id, cart: cart, units: units}
	}
	fine := saleOutput{status: 200}
	few, twice := saleOutput{status: 409, why: tooFew}, saleOutput{status: 409, why: sold}
	left := func(n int) saleOutput { return saleOutput{status: 200, left: n} }
	shows := func(status int) saleOutput { return saleOutput{status: 200, shows: status} }
	first := by(0, 0, 10, order(pay, 1, 1, 2), fine)
	tests := map[string]struct {
		history []porcupine.Operation
		good    bool
	}{
		"whoever comes first": {[]porcupine.Operation{first, by(1, 20, 30, order(pay, 2, 2, 2), few)}, true},
		"oversold":            {[]porcupine.Operation{first, by(1, 20, 30, order(pay, 2, 2, 2), fine)}, false},
		"oversold at once": {[]porcupine.Operation{
			by(0, 0, 50, order(pay, 1, 1, 2), fine), by(1, 0, 50, order(pay, 2, 2, 2), fine)}, false},
		"refused though there are enough": {[]porcupine.Operation{first, by(1, 20, 30, order(pay, 2, 2, 1), few)}, false},
		"given back, and sold again": {[]porcupine.Operation{first, by(0, 20, 30, order(cancel, 1, 1, 2), fine),
			by(1, 40, 50, order(pay, 2, 2, 3), fine), by(2, 60, 70, saleInput{deed: count}, left(0))}, true},
		"given back twice": {[]porcupine.Operation{first, by(0, 20, 30, order(cancel, 1, 1, 2), fine),
			by(0, 40, 50, order(cancel, 1, 1, 2), fine), by(2, 60, 70, saleInput{deed: count}, left(5))}, false},
		"two orders of one cart are paid": {[]porcupine.Operation{
			by(0, 0, 50, order(pay, 1, 1, 1), fine), by(1, 0, 50, order(pay, 2, 1, 1), fine)}, false},
		"one order of a cart is paid": {[]porcupine.Operation{
			by(0, 0, 50, order(pay, 1, 1, 1), fine), by(1, 0, 50, order(pay, 2, 1, 1), twice)}, true},
		"a payment that took stock twice": {[]porcupine.Operation{
			by(0, 0, 10, order(pay, 1, 1, 1), fine), by(2, 20, 30, saleInput{deed: count}, left(1))}, false},
		"a payment without an answer is seen, and lost": {[]porcupine.Operation{
			by(0, 0, never, order(pay, 1, 1, 1), nil), by(2, 20, 30, order(look, 1, 1, 1), shows(statusPaid)),
			by(2, 40, 50, order(look, 1, 1, 1), shows(statusIncomplete))}, false},
		"an acknowledged payment is lost": {[]porcupine.Operation{first, by(2, 20, 30, order(look, 1, 1, 2), shows(statusIncomplete))}, false},
		"stock that comes in": {[]porcupine.Operation{first, by(1, 20, 30, saleInput{deed: restock, units: 1}, fine),
			by(1, 40, 50, order(pay, 2, 2, 2), fine)}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := explain(saleModel(3, true), tt.history); (got == porcupine.Ok) != tt.good {
				t.Errorf("the checker says %s", got)
			}
		})
	}
}

// TestAStoryEndsWithWhatFitsNowhere cuts a long history to the answer that
// cannot be explained, though much that is fine comes after it.
func TestAStoryEndsWithWhatFitsNowhere(t *testing.T) {
	history := []porcupine.Operation{by(0, 0, 10, input{kind: create, entries: lamps(1)}, shownAs(201, 1, 1))}
	for n := int64(1); n <= 30; n++ {
		history = append(history, by(1, 100*n, 100*n+10, input{kind: setQuantity, line: "l1", quantity: int(n)}, shownAs(200, n+1, int(n))))
	}
	history = append(history, by(2, 1520, 1530, input{kind: read}, shownAs(200, 15, 14)))
	rec := &recorder{histories: map[string][]porcupine.Operation{"cart 1": history}}
	found := rec.violations(func(string) porcupine.Model { return cartModel(lampCosts) })
	if len(found) != 1 || found[0].of != "cart 1" || found[0].result != porcupine.Illegal {
		t.Fatalf("found %v", found)
	}
	told := story(cartModel(lampCosts), history)
	if want := "fitting nowhere:\n  [0.002–0.002]  read → 200 v15 14×p1(l1)"; !strings.HasSuffix(told, want) {
		t.Errorf("the story does not end with %q:\n%s", want, told)
	}
	if !strings.Contains(told, "which leaves: v16 15×p1(l1)\n") || strings.Contains(told, "16×p1") || strings.Count(told, "\n") > 20 {
		t.Errorf("the story is too long, or too short:\n%s", told)
	}
}
