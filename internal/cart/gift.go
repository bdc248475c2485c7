package cart

import (
	"strconv"

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
