package cart

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cartwright/internal/jsontext"
	"cartwright/internal/money"
)

// ReadDocument reads what AppendDocument wrote, in this version or another one:
// what is not as this one writes it, encoding/json reads, at six times the cost.
// Tests hold the two together.
func ReadDocument(doc string) (*Cart, error) {
	if c := readWritten(doc); c != nil {
		return c, nil
	}
	var c Cart
	err := json.Unmarshal([]byte(doc), &c)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("decode cart: byte %d: %w", syntax.Offset, err)
	case err != nil:
		return nil, fmt.Errorf("decode cart: %w", err)
	}
	return &c, nil
}

// readWritten mirrors AppendDocument, line by line. It returns nil for what
// that does not write.
func readWritten(doc string) *Cart {
	c := new(Cart)
	r := jsontext.Read(doc)
	r.Open()
	r.String("id", (*string)(&c.ID))
	r.String("store", &c.Store)
	r.Int("version", &c.Version)
	r.Int("customer_id", &c.CustomerID)
	r.Int("channel_id", &c.ChannelID)
	r.String("email", &c.Email)
	r.True("no_mail", &c.NoMail)
	r.Part("shopper", &c.Shopper)
	r.String("currency", &c.Currency)
	r.String("locale", &c.Locale)
	r.True("tax_included", &c.TaxIncluded)
	if r.Array("lines") {
		// Lines are what is nearly always behind this, and it is in no text: there a
		// quote is escaped.
		n := strings.Count(doc, `},{"id":"`) + 1
		c.Lines = make([]Line, 0, min(n, MaxLines))
		for r.Next() {
			c.Lines = append(c.Lines, Line{})
			c.Lines[len(c.Lines)-1].read(&r)
		}
	}
	r.Part("coupons", &c.Coupons)
	r.True("manual", &c.Manual)
	r.Amount("manual_off", &c.ManualOff)
	r.Part("banners", &c.Banners)
	r.Part("checkout", &c.Checkout)
	if r.Object("totals") {
		c.Totals.read(&r)
	}
	if r.Object("priced") {
		r.Int("price", &c.Priced.PriceRevision)
		r.Int("store", &c.Priced.StoreRevision)
		r.Time("until", &c.Priced.Until)
		r.Close()
	}
	r.Time("created", &c.Created)
	r.Time("updated", &c.Updated)
	r.Close()
	if !r.Done() {
		return nil
	}
	return c
}

func (t *Totals) read(r *jsontext.Reader) {
	r.Amount("base", &t.Base)
	r.Amount("discount", &t.Discount)
	r.Amount("manual", &t.Manual)
	r.Amount("coupon", &t.Coupon)
	r.Amount("tax", &t.Tax)
	r.Amount("cart", &t.Cart)
	r.Close()
}

func (l *Line) read(r *jsontext.Reader) {
	r.Open()
	r.String("id", &l.ID)
	r.String("kind", (*string)(&l.Kind))
	r.Int("quantity", &l.Quantity)
	r.Int("product_id", &l.ProductID)
	r.Int("variant_id", &l.VariantID)
	if r.Array("selections") {
		l.Selections = []Selection{}
		for r.Next() {
			l.Selections = append(l.Selections, Selection{})
			l.Selections[len(l.Selections)-1].read(r)
		}
	}
	var override money.Amount
	if r.Amount("override", &override) {
		l.Override = new(override)
	}
	r.String("name_set", &l.NameSet)
	r.Part("wrapping", &l.Wrapping)
	r.Part("gift", &l.Gift)
	r.Int("added_by", &l.AddedBy)
	r.Amount("manual_off", &l.ManualOff)
	r.String("name", &l.Name)
	r.String("sku", &l.SKU)
	r.String("url", &l.URL)
	r.String("image_url", &l.ImageURL)
	r.True("taxable", &l.Taxable)
	r.String("wrap_name", &l.WrapName)
	r.Amount("wrap_price", &l.WrapPrice)
	r.Amount("wrap_tax", &l.WrapTax)
	r.Amount("original_price", &l.OriginalPrice)
	r.Amount("list_price", &l.ListPrice)
	r.Amount("sale_price", &l.SalePrice)
	r.Amount("extended_list", &l.ExtendedList)
	r.Amount("extended_sale", &l.ExtendedSale)
	r.Amount("discount", &l.Discount)
	r.Amount("coupon", &l.Coupon)
	r.Amount("shared", &l.Shared)
	r.Part("cuts", &l.Cuts)
	r.Amount("tax", &l.Tax)
	r.Amount("tax_before", &l.TaxBefore)
	r.Close()
}

func (s *Selection) read(r *jsontext.Reader) {
	r.Open()
	r.Int("option_id", &s.OptionID)
	r.Int("value_id", &s.ValueID)
	r.String("input", &s.Input)
	r.String("path", &s.Path)
	r.True("variant", &s.Variant)
	r.String("name", &s.Name)
	r.String("value", &s.Value)
	r.Close()
}
