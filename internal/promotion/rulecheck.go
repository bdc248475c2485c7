package promotion

import (
	"slices"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// tooDeep is said of what stands deeper inside others than MaxDepth.
const tooDeep = "error.maxDepth"

func (c *check) condition(d *Condition, path string, depth int) {
	if depth > MaxDepth {
		c.fail(path, tooDeep)
		return
	}
	c.matchers++
	c.exactly(path, d.Cart != nil, d.And != nil, d.Or != nil, d.Not != nil)
	switch {
	case d.Cart != nil:
		c.cart(d.Cart, path+".cart")
	case d.Not != nil:
		c.condition(d.Not, path+".not", depth+1)
	}
	c.conditions(d.And, path+".and", depth+1)
	c.conditions(d.Or, path+".or", depth+1)
}

func (c *check) conditions(list []Condition, path string, depth int) {
	c.need(list == nil || len(list) > 0, path, fault.MinLength)
	for i := range list {
		c.condition(&list[i], at(path, i), depth)
	}
}

func (c *check) cart(d *CartCondition, path string) {
	c.need(d.MinimumQuantity >= 0, path+".minimum_quantity", fault.Min)
	c.amount(d.MinimumSpend, path+".minimum_spend")
	if d.Items != nil {
		c.matcher(d.Items, path+".items", 1)
		c.need(d.MinimumQuantity > 0 || d.MinimumSpend > 0, path+".minimum_quantity", fault.Missing)
	}
}

func (c *check) matcher(m *Matcher, path string, depth int) {
	if depth > MaxDepth {
		c.fail(path, tooDeep)
		return
	}
	c.matchers++
	c.exactly(path, m.Brands != nil, m.Categories != nil, m.Products != nil, m.Variants != nil, m.Option != nil, m.Field != nil,
		m.And != nil, m.Or != nil, m.Not != nil)
	c.listed(m.Brands, path+".brands")
	c.listed(m.Categories, path+".categories")
	c.listed(m.Products, path+".products")
	c.listed(m.Variants, path+".variants")
	c.named(m.Option, path+".product_option")
	c.named(m.Field, path+".product_custom_field")
	if m.Option != nil {
		c.need(m.Option.Type == StringMatch, path+".product_option.type", fault.ExpectedEnum)
	}
	c.matchersOf(m.And, path+".and", depth+1)
	c.matchersOf(m.Or, path+".or", depth+1)
	if m.Not != nil {
		c.matcher(m.Not, path+".not", depth+1)
	}
}

func (c *check) matchersOf(list []Matcher, path string, depth int) {
	c.need(list == nil || len(list) > 0, path, fault.MinLength)
	for i := range list {
		c.matcher(&list[i], at(path, i), depth)
	}
}

// listed checks a list of ids, which names one at least when it is given.
func (c *check) listed(ids []int64, path string) {
	c.ids += len(ids)
	c.need(ids == nil || len(ids) > 0, path, fault.MinLength)
}

// StringMatch is the only way in which options are compared.
const StringMatch = "string_match"

func (c *check) named(n *Named, path string) {
	if n == nil {
		return
	}
	c.ids += len(n.Values)
	c.need(n.Name != "", path+".name", fault.MinLength)
	c.need(len(n.Values) > 0, path+".values", fault.MinLength)
}

func (c *check) action(a *Action, path string) {
	c.exactly(path, a.CartValue != nil, a.CartItems != nil, a.FixedPriceSet != nil, a.GiftItem != nil, a.Shipping != nil)
	switch {
	case a.CartValue != nil:
		c.discount(&a.CartValue.Discount, path+".cart_value.discount")
		c.amount(a.CartValue.Maximum, path+".cart_value.maximum_allowed_discount_amount")
	case a.CartItems != nil:
		c.cartItems(a.CartItems, path+".cart_items")
	case a.FixedPriceSet != nil:
		set := a.FixedPriceSet
		path += ".fixed_price_set"
		c.need(set.Quantity >= 1, path+".quantity", fault.Min)
		c.fixed(set.FixedPrice, path+".fixed_price")
		c.strategy(set.Strategy, path)
		if set.Items != nil {
			c.matcher(set.Items, path+".items", 1)
		}
	case a.GiftItem != nil:
		path += ".gift_item"
		c.need(a.GiftItem.Quantity >= 1, path+".quantity", fault.Min)
		c.need(a.GiftItem.Quantity <= MaxGift, path+".quantity", fault.Max)
		c.exactly(path+".product_id", a.GiftItem.ProductID != 0, a.GiftItem.VariantID != 0)
	case a.Shipping != nil:
		zones := a.Shipping.ZoneIDs
		c.need(zones == nil || len(zones) > 0, path+".shipping.zone_ids", fault.MinLength)
		c.ids += len(zones)
	}
}

// MaxGift bounds the units that one rule gives away.
const MaxGift = 1000

func (c *check) cartItems(a *CartItems, path string) {
	c.discount(&a.Discount, path+".discount")
	c.amount(a.Maximum, path+".maximum_allowed_discount_amount")
	c.need(a.Quantity >= 0, path+".quantity", fault.Min)
	c.strategy(a.Strategy, path)
	if a.Items != nil {
		c.matcher(a.Items, path+".items", 1)
	}
}

func (c *check) discount(d *Discount, path string) {
	c.exactly(path, d.Fixed != nil, d.Percent != nil)
	if d.Fixed != nil {
		c.need(*d.Fixed > 0, path+".fixed_amount", fault.Min)
		c.fixed(*d.Fixed, path+".fixed_amount")
	}
	if d.Percent != nil {
		c.need(*d.Percent > 0, path+".percentage_amount", fault.Min)
		c.need(*d.Percent <= 100*money.Unit, path+".percentage_amount", fault.Max)
	}
}

func (c *check) strategy(s Strategy, path string) {
	c.need(s == "" || slices.Contains(Strategies, s), path+".strategy", fault.ExpectedEnum)
}
