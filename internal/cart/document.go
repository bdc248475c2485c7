package cart

import (
	"encoding/json"

	"time"

	"cartwright/internal/jsontext"
	"cartwright/internal/money"
)

// AppendDocument writes the cart as it is stored: the JSON that encoding/json
// would write, at a tenth of its cost. A test holds the two together.
func (c *Cart) AppendDocument(b []byte) []byte {
	o := jsontext.Open(b)
	o.String("id", string(c.ID))
	o.String("store", c.Store)
	o.Int("version", c.Version)
	o.IntOmit("customer_id", c.CustomerID)
	o.Int("channel_id", c.ChannelID)
	o.StringOmit("email", c.Email)
	o.TrueOmit("no_mail", c.NoMail)
	if c.Shopper != (Shopper{}) {
		o.Done(appendRare(o.Key("shopper"), c.Shopper))
	}
	o.String("currency", c.Currency)
	o.String("locale", c.Locale)
	o.TrueOmit("tax_included", c.TaxIncluded)
	lines := append(o.Key("lines"), '[')
	for i := range c.Lines {
		if i > 0 {
			lines = append(lines, ',')
		}
		lines = c.Lines[i].appendDocument(lines)
	}
	o.Done(append(lines, ']'))
	if len(c.Coupons) > 0 {
		o.Done(appendRare(o.Key("coupons"), c.Coupons))
	}
	o.TrueOmit("manual", c.Manual)
	amountOmit(&o, "manual_off", c.ManualOff)
	if len(c.Banners) > 0 {
		o.Done(appendRare(o.Key("banners"), c.Banners))
	}
	if c.Checkout != nil {
		o.Done(appendRare(o.Key("checkout"), c.Checkout))
	}
	totals := jsontext.Open(o.Key("totals"))
	amountKey(&totals, "base", c.Totals.Base)
	amountOmit(&totals, "discount", c.Totals.Discount)
	amountOmit(&totals, "manual", c.Totals.Manual)
	amountOmit(&totals, "coupon", c.Totals.Coupon)
	amountOmit(&totals, "tax", c.Totals.Tax)
	amountKey(&totals, "cart", c.Totals.Cart)
	o.Done(totals.Close())
	priced := jsontext.Open(o.Key("priced"))
	priced.Int("price", c.Priced.PriceRevision)
	priced.Int("store", c.Priced.StoreRevision)
	if !c.Priced.Until.IsZero() {
		priced.Done(jsontext.AppendTime(priced.Key("until"), c.Priced.Until, time.RFC3339Nano))
	}
	o.Done(priced.Close())
	o.Done(jsontext.AppendTime(o.Key("created"), c.Created, time.RFC3339Nano))
	o.Done(jsontext.AppendTime(o.Key("updated"), c.Updated, time.RFC3339Nano))
	return o.Close()
}

func (l *Line) appendDocument(b []byte) []byte {
	o := jsontext.Open(b)
	o.String("id", l.ID)
	o.String("kind", string(l.Kind))
	o.Int("quantity", l.Quantity)
	o.IntOmit("product_id", l.ProductID)
	o.IntOmit("variant_id", l.VariantID)
	if len(l.Selections) > 0 {
		list := append(o.Key("selections"), '[')
		for i := range l.Selections {
			if i > 0 {
				list = append(list, ',')
			}
			list = l.Selections[i].appendDocument(list)
		}
		o.Done(append(list, ']'))
	}
	if l.Override != nil {
		amountKey(&o, "override", *l.Override)
	}
	o.StringOmit("name_set", l.NameSet)
	if l.Wrapping != nil {
		o.Done(appendRare(o.Key("wrapping"), l.Wrapping))
	}
	if l.Gift != nil {
		o.Done(appendRare(o.Key("gift"), l.Gift))
	}
	o.IntOmit("added_by", l.AddedBy)
	amountOmit(&o, "manual_off", l.ManualOff)
	o.String("name", l.Name)
	o.StringOmit("sku", l.SKU)
	o.StringOmit("url", l.URL)
	o.StringOmit("image_url", l.ImageURL)
	o.TrueOmit("taxable", l.Taxable)
	o.StringOmit("wrap_name", l.WrapName)
	amountOmit(&o, "wrap_price", l.WrapPrice)
	amountOmit(&o, "wrap_tax", l.WrapTax)
	amountKey(&o, "original_price", l.OriginalPrice)
	amountKey(&o, "list_price", l.ListPrice)
	amountKey(&o, "sale_price", l.SalePrice)
	amountKey(&o, "extended_list", l.ExtendedList)
	amountKey(&o, "extended_sale", l.ExtendedSale)
	amountOmit(&o, "discount", l.Discount)
	amountOmit(&o, "coupon", l.Coupon)
	amountOmit(&o, "shared", l.Shared)
	if len(l.Cuts) > 0 {
		o.Done(appendRare(o.Key("cuts"), l.Cuts))
	}
	amountOmit(&o, "tax", l.Tax)
	amountOmit(&o, "tax_before", l.TaxBefore)
	return o.Close()
}

func (s *Selection) appendDocument(b []byte) []byte {
	o := jsontext.Open(b)
	o.Int("option_id", s.OptionID)
	o.IntOmit("value_id", s.ValueID)
	o.StringOmit("input", s.Input)
	o.StringOmit("path", s.Path)
	o.TrueOmit("variant", s.Variant)
	o.String("name", s.Name)
	o.String("value", s.Value)
	return o.Close()
}

// appendRare writes the parts that few carts and lines have.
func appendRare(b []byte, v any) []byte {
	doc, err := json.Marshal(v)
	if err != nil { // plain data always can be
		return append(b, "null"...)
	}
	return append(b, doc...)
}

func amountKey(o *jsontext.Object, name string, a money.Amount) { o.Done(a.Append(o.Key(name))) }

func amountOmit(o *jsontext.Object, name string, a money.Amount) {
	if a != 0 {
		amountKey(o, name, a)
	}
}
