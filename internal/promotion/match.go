package promotion

import (
	"slices"
	"strings"
)

// matches reports whether a line is one that the matcher selects. A product
// that has been deleted is known by its ids alone.
func (m *Matcher) matches(l *Line) bool {
	switch {
	case m.Products != nil:
		return slices.Contains(m.Products, l.ProductID)
	case m.Variants != nil:
		return slices.Contains(m.Variants, l.VariantID)
	case m.Categories != nil:
		return l.Product != nil && shareOne(m.Categories, l.Product.Categories)
	case m.Brands != nil:
		return l.Product != nil && slices.Contains(m.Brands, l.Product.BrandID)
	case m.Option != nil:
		return m.Option.option(l)
	case m.Field != nil:
		return m.Field.field(l)
	case m.Not != nil:
		return !m.Not.matches(l)
	case m.Or != nil:
		for i := range m.Or {
			if m.Or[i].matches(l) {
				return true
			}
		}
	case m.And != nil:
		for i := range m.And {
			if !m.And[i].matches(l) {
				return false
			}
		}
		return true
	}
	return false
}

func shareOne(a, b []int64) bool {
	for _, id := range b {
		if slices.Contains(a, id) {
			return true
		}
	}
	return false
}

// option reports whether the line was chosen with one of the values. Names and
// values are compared without case.
func (n *Named) option(l *Line) bool {
	for _, o := range l.Options {
		if strings.EqualFold(o.Name, n.Name) && n.hasValue(o.Value) {
			return true
		}
	}
	return false
}

func (n *Named) field(l *Line) bool {
	if l.Product == nil {
		return false
	}
	for _, f := range l.Product.CustomFields {
		if strings.EqualFold(f.Name, n.Name) && n.hasValue(f.Value) {
			return true
		}
	}
	return false
}

func (n *Named) hasValue(value string) bool {
	return slices.ContainsFunc(n.Values, func(v string) bool { return strings.EqualFold(v, value) })
}

// asksOptions reports whether a matcher looks at options.
func (m *Matcher) asksOptions() bool {
	if m == nil {
		return false
	}
	some := func(list []Matcher) bool {
		return slices.ContainsFunc(list, func(sub Matcher) bool { return sub.asksOptions() })
	}
	return m.Option != nil || m.Not.asksOptions() || some(m.And) || some(m.Or)
}

func (c *Condition) asksOptions() bool {
	if c == nil {
		return false
	}
	some := func(list []Condition) bool {
		return slices.ContainsFunc(list, func(sub Condition) bool { return sub.asksOptions() })
	}
	return (c.Cart != nil && c.Cart.Items.asksOptions()) || c.Not.asksOptions() || some(c.And) || some(c.Or)
}

// asksOptions reports whether any rule looks at the options of lines.
func (p *Promotion) asksOptions() bool {
	return slices.ContainsFunc(p.Rules, func(r Rule) bool {
		return r.Condition.asksOptions() || r.Action.items().asksOptions()
	})
}

// items returns which lines an action is for; nil when it does not say.
func (a *Action) items() *Matcher {
	switch {
	case a.CartItems != nil:
		return a.CartItems.Items
	case a.FixedPriceSet != nil:
		return a.FixedPriceSet.Items
	}
	return nil
}

// matches reports whether a coupon is for a line.
func (a *AppliesTo) matches(l *Line) bool {
	if l.Kind != Goods {
		return false
	}
	switch {
	case len(a.IDs) == 0:
		return true
	case a.Entity == "products":
		return slices.Contains(a.IDs, l.ProductID)
	case slices.Contains(a.IDs, 0):
		return true
	}
	return l.Product != nil && shareOne(a.IDs, l.Product.Categories)
}
