package cart

import (
	"maps"
	"slices"
	"strconv"

	"cartwright/internal/event"
	"cartwright/internal/id"
)

// FreeLine makes the line that a rule of a promotion puts into a cart: a
// product, or with the product's id 0 a variant. It reports false when there is
// no such product, when it may not be bought, and when somebody would have to
// choose something. The line's id is the same each time (decisions 13).
func FreeLine(shop Shop, cartID ID, promotionID int64, rule int, item Item) (Line, bool) {
	if item.ProductID == 0 {
		p := shop.Catalog.ByVariant(item.VariantID)
		if p == nil {
			return Line{}, false
		}
		item.ProductID = p.ID
	}
	line, err := resolveItem(shop, &item)
	if err != nil {
		return Line{}, false
	}
	line.AddedBy = promotionID
	line.ID = id.Derived(string(cartID), strconv.FormatInt(promotionID, 10), strconv.Itoa(rule), strconv.FormatInt(line.VariantID, 10))
	return line, true
}

// HasRoom reports whether a line that a promotion would put in has room in a
// cart, beside the lines that promotions have given before it: in number and in
// stock. Lines of the cart itself that promotions put in do not count.
func HasRoom(c *Cart, given []Line, shop Shop, l *Line) bool {
	if c.ownLines()+len(given) >= MaxLines {
		return false
	}
	return eachCounter(shop.Catalog, l, func(k counter, available int64) error {
		needed := l.Quantity + drawn(c.Lines, shop, k, ownLine)
		if needed += drawn(given, shop, k, anyLine); needed > available {
			return errOutOfStock(shop, l)
		}
		return nil
	}) == nil
}

// ownLines counts the lines that somebody put in.
func (c *Cart) ownLines() int {
	n := 0
	for i := range c.Lines {
		if ownLine(&c.Lines[i]) {
			n++
		}
	}
	return n
}

func ownLine(l *Line) bool { return l.AddedBy == 0 }

func anyLine(*Line) bool { return true }

// addedLines returns the ids and quantities of the lines that promotions put
// in; nil when there are none.
func (c *Cart) addedLines() map[string]int64 {
	var added map[string]int64
	for i := range c.Lines {
		if l := &c.Lines[i]; l.AddedBy != 0 {
			if added == nil {
				added = map[string]int64{}
			}
			added[l.ID] = l.Quantity
		}
	}
	return added
}

// withAddedLines tells, before the update of the cart, which lines promotions
// put in, changed and took out (spec/04 §5). A write that tells nothing else of
// the cart tells that it was updated, then.
func withAddedLines(events []event.Event, before, after map[string]int64) []event.Event {
	var more []event.Event
	for _, id := range slices.Sorted(maps.Keys(after)) {
		switch n, was := before[id]; {
		case !was:
			more = append(more, event.Event{Scope: event.LineCreated, Line: id})
		case n != after[id]:
			more = append(more, event.Event{Scope: event.LineUpdated, Line: id})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if _, still := after[id]; !still {
			more = append(more, event.Event{Scope: event.LineDeleted, Line: id})
		}
	}
	if more == nil {
		return events
	}
	at := slices.IndexFunc(events, func(e event.Event) bool { return e.Scope == event.CartUpdated })
	if at < 0 {
		return append(append(events, more...), event.Event{Scope: event.CartUpdated})
	}
	return slices.Insert(events, at, more...)
}
