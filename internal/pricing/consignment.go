package pricing

import (
	"slices"

	"cartwright/internal/cart"
)

// consignments keeps what is sent where in step with the lines (spec/05 §1.3):
// units that are gone leave their consignments, an empty consignment goes, and
// what promotions put in joins the only consignment that there is. What shoppers
// put in joined it when they did.
func consignments(j *Job) error {
	co := j.Cart.Checkout
	if co == nil || len(co.Consignments) == 0 {
		return nil
	}
	left := make(map[string]int64, len(j.Cart.Lines))
	for i := range j.Cart.Lines {
		if l := &j.Cart.Lines[i]; l.Consignable() {
			left[l.ID] = l.Quantity
		}
	}
	kept := make([]cart.Consignment, 0, len(co.Consignments))
	for _, con := range co.Consignments {
		items := make([]cart.ConsignedItem, 0, len(con.Items))
		for _, item := range con.Items {
			item.Quantity = min(item.Quantity, left[item.LineID])
			if item.Quantity > 0 {
				left[item.LineID] -= item.Quantity
				items = append(items, item)
			}
		}
		if len(items) > 0 {
			con.Items = items
			kept = append(kept, con)
		}
	}
	if len(kept) == 1 {
		kept[0].Items = withAdded(j.Cart, kept[0].Items, left)
	}
	co.Consignments = kept
	return nil
}

// withAdded appends the units of lines that promotions put in and that are in
// no consignment.
func withAdded(c *cart.Cart, items []cart.ConsignedItem, left map[string]int64) []cart.ConsignedItem {
	for i := range c.Lines {
		l := &c.Lines[i]
		if n := left[l.ID]; l.AddedBy != 0 && n > 0 {
			items = cart.Consigned(slices.Clone(items), l.ID, n)
		}
	}
	return items
}
