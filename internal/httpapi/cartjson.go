package httpapi

import (
	"slices"
	"strconv"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/jsontext"
	"cartwright/internal/money"
)

// cartJSON writes a cart in the vendor's shape and order (spec/01 §2, §8). It
// is written by hand because a cart is in every answer of the hot path.
type cartJSON struct {
	cart    *cart.Cart
	include includes
	urls    *cart.RedirectURLs
}

// MarshalJSON lets a cart stand inside other values.
func (j cartJSON) MarshalJSON() ([]byte, error) { return j.appendJSON(nil), nil }

func (j cartJSON) appendJSON(b []byte) []byte {
	c := j.cart
	b = append(b, `{"data":{"id":"`...)
	b = append(b, c.ID...)
	b = append(b, `","customer_id":`...)
	b = strconv.AppendInt(b, c.CustomerID, 10)
	b = append(b, `,"channel_id":`...)
	b = strconv.AppendInt(b, c.ChannelID, 10)
	b = appendText(append(b, `,"email":`...), c.Email)
	b = appendText(append(b, `,"currency":{"code":`...), c.Currency)
	b = strconv.AppendBool(append(b, `},"tax_included":`...), c.TaxIncluded)
	b = c.Totals.Base.Append(append(b, `,"base_amount":`...))
	b = c.Totals.Discount.Append(append(b, `,"discount_amount":`...))
	b = c.Totals.Manual.Append(append(b, `,"manual_discount_amount":`...))
	b = c.Totals.Cart.Append(append(b, `,"cart_amount":`...))
	b = appendCoupons(append(b, `,"coupons":[`...), c.Coupons)
	b = append(b, `],"discounts":[`...)
	for i := range c.Lines {
		l := &c.Lines[i]
		b = append(comma(b, i), `{"id":"`...)
		b = append(b, l.ID...)
		b = (l.Discount + l.Shared + l.Coupon).Append(append(b, `","discounted_amount":`...))
		b = append(b, '}')
	}
	b = append(b, `],"line_items":{"physical_items":[`...)
	b = j.appendLines(b, cart.Physical, j.appendItem)
	b = append(b, `],"digital_items":[`...)
	b = j.appendLines(b, cart.Digital, j.appendItem)
	b = append(b, `],"gift_certificates":[`...)
	b = j.appendLines(b, cart.Gift, appendCertificate)
	b = append(b, `],"custom_items":[`...)
	b = j.appendLines(b, cart.Custom, appendCustom)
	b = appendTime(append(b, `]},"created_time":`...), c.Created)
	b = appendTime(append(b, `,"updated_time":`...), c.Updated)
	b = appendText(append(b, `,"locale":`...), c.Locale)
	b = strconv.AppendInt(append(b, `,"version":`...), c.Version, 10)
	if j.include.banners {
		b = appendBanners(append(b, `,"promotions":{"banners":[`...), c.Banners, cartPage)
		b = append(b, `]}`...)
	}
	if j.urls != nil {
		b = appendRedirects(append(b, `,"redirect_urls":`...), *j.urls)
	}
	return append(b, `},"meta":{}}`...)
}

// appendLines writes the lines of one kind.
func (j cartJSON) appendLines(b []byte, kind cart.Kind, write func([]byte, *cart.Line) []byte) []byte {
	n := 0
	for i := range j.cart.Lines {
		if l := &j.cart.Lines[i]; l.Kind == kind {
			b = write(comma(b, n), l)
			n++
		}
	}
	return b
}

// appendItem writes a physical or digital item.
func (j cartJSON) appendItem(b []byte, l *cart.Line) []byte {
	b = append(b, `{"id":"`...)
	b = append(b, l.ID...)
	b = append(b, `","parent_id":null,"variant_id":`...)
	b = strconv.AppendInt(b, l.VariantID, 10)
	b = strconv.AppendInt(append(b, `,"product_id":`...), l.ProductID, 10)
	b = appendText(append(b, `,"sku":`...), l.SKU)
	b = appendText(append(b, `,"name":`...), l.Name)
	b = appendText(append(b, `,"url":`...), l.URL)
	b = strconv.AppendInt(append(b, `,"quantity":`...), l.Quantity, 10)
	b = strconv.AppendBool(append(b, `,"taxable":`...), l.Taxable)
	b = appendText(append(b, `,"image_url":`...), l.ImageURL)
	b = appendCuts(append(b, `,"discounts":[`...), l.Cuts)
	if l.Coupon == 0 {
		b = append(b, `],"coupons":[]`...)
	} else { // where a coupon touches the line it is a number (spec/01 §7.1)
		b = appendAmount(b, `],"coupons":`, l.Coupon)
	}
	b = appendAmount(b, `,"discount_amount":`, l.Discount)
	b = appendAmount(b, `,"coupon_amount":`, l.Coupon)
	b = appendAmount(b, `,"original_price":`, l.OriginalPrice)
	b = appendAmount(b, `,"list_price":`, l.ListPrice)
	b = appendAmount(b, `,"sale_price":`, l.SalePrice)
	b = appendAmount(b, `,"extended_list_price":`, l.ExtendedList)
	b = appendAmount(b, `,"extended_sale_price":`, l.ExtendedSale)
	b = strconv.AppendBool(append(b, `,"is_require_shipping":`...), l.Kind == cart.Physical)
	b = strconv.AppendBool(append(b, `,"is_mutable":`...), l.AddedBy == 0)
	b = strconv.AppendBool(append(b, `,"added_by_promotion":`...), l.AddedBy != 0)
	if l.Kind == cart.Physical {
		b = appendWrapping(append(b, `,"gift_wrapping":`...), l)
	} else {
		b = append(b, `,"download_file_urls":[],"download_page_url":"","download_size":""`...)
	}
	if (l.Kind == cart.Physical && j.include.physicalOptions) || (l.Kind == cart.Digital && j.include.digitalOptions) {
		b = appendOptions(append(b, `,"options":`...), l.Selections)
	}
	return append(b, '}')
}

// appendCoupons writes the codes of a cart (spec/01 §7.4).
func appendCoupons(b []byte, coupons []cart.Applied) []byte {
	for i := range coupons {
		k := &coupons[i]
		b = strconv.AppendInt(append(comma(b, i), `{"id":"`...), k.ID, 10)
		b = appendText(append(b, `","code":`...), k.Code)
		b = appendText(append(b, `,"coupon_type":`...), k.Type)
		b = appendAmount(b, `,"discounted_amount":`, k.Amount+k.Shipping)
		b = appendText(append(b, `,"display_name":`...), k.DisplayName)
		b = append(b, '}')
	}
	return b
}

// appendCuts writes what was taken off a line: of a promotion by its id, of all
// coupons together, and by the API (spec/01 §7.1).
func appendCuts(b []byte, cuts []cart.Cut) []byte {
	n := 0
	for i := range cuts {
		if slices.ContainsFunc(cuts[:i], func(c cart.Cut) bool { return sameDiscount(&c, &cuts[i]) }) {
			continue
		}
		var sum money.Amount
		for k := i; k < len(cuts); k++ {
			if sameDiscount(&cuts[i], &cuts[k]) {
				sum += cuts[k].Amount
			}
		}
		b = append(comma(b, n), `{"id":`...)
		switch cuts[i].Source {
		case cart.FromCoupon:
			b = append(b, `"coupon"`...)
		case cart.FromManual:
			b = append(b, `"manual-discount"`...)
		default:
			b = strconv.AppendInt(b, cuts[i].ID, 10)
		}
		b = append(appendAmount(b, `,"discounted_amount":`, sum), '}')
		n++
	}
	return b
}

// sameDiscount reports whether two cuts are one discount to clients.
func sameDiscount(a, b *cart.Cut) bool {
	return a.Source == b.Source && (a.Source != cart.FromPromotion || a.ID == b.ID)
}

// The pages whose banners a cart shows, and a checkout (spec/01 §8).
const (
	cartPage     = "cart_page"
	checkoutPage = "checkout_page"
)

// appendBanners writes the banners of a page.
func appendBanners(b []byte, banners []cart.Banner, page string) []byte {
	n := 0
	for i := range banners {
		banner := &banners[i]
		if !slices.Contains(banner.Pages, page) {
			continue
		}
		b = strconv.AppendInt(append(comma(b, n), `{"id":"`...), banner.PromotionID, 10)
		b = appendText(append(b, `","type":`...), banner.Type)
		b = append(b, `,"page":[`...)
		for k, shown := range banner.Pages {
			b = appendText(comma(b, k), shown)
		}
		b = append(appendText(append(b, `],"text":`...), banner.Text), '}')
		n++
	}
	return b
}

func appendWrapping(b []byte, l *cart.Line) []byte {
	if l.Wrapping == nil {
		return append(b, "null"...)
	}
	b = appendText(append(b, `{"name":`...), l.WrapName)
	b = appendText(append(b, `,"message":`...), l.Wrapping.Details[0].Message)
	b = appendAmount(b, `,"amount":`, l.WrapPrice)
	return append(b, '}')
}

// appendOptions writes the chosen options. Their ids are in camel case inside
// an answer that is otherwise not (spec/01 §4).
func appendOptions(b []byte, selections []cart.Selection) []byte {
	b = append(b, '[')
	for i, sel := range selections {
		b = appendText(append(comma(b, i), `{"name":`...), sel.Name)
		b = strconv.AppendInt(append(b, `,"nameId":`...), sel.OptionID, 10)
		b = appendText(append(b, `,"value":`...), sel.Value)
		b = append(b, `,"valueId":`...)
		if sel.ValueID == 0 {
			b = append(b, "null}"...)
		} else {
			b = append(strconv.AppendInt(b, sel.ValueID, 10), '}')
		}
	}
	return append(b, ']')
}

func appendCustom(b []byte, l *cart.Line) []byte {
	b = append(append(b, `{"id":"`...), l.ID...)
	b = appendText(append(b, `","sku":`...), l.SKU)
	b = appendText(append(b, `,"name":`...), l.Name)
	b = strconv.AppendInt(append(b, `,"quantity":`...), l.Quantity, 10)
	b = appendAmount(b, `,"list_price":`, l.ListPrice)
	b = appendAmount(b, `,"extended_list_price":`, l.ExtendedList)
	b = appendText(append(b, `,"image_url":`...), l.ImageURL)
	return append(b, '}')
}

func appendCertificate(b []byte, l *cart.Line) []byte {
	g := l.Gift
	b = append(append(b, `{"id":"`...), l.ID...)
	b = appendText(append(b, `","name":`...), l.Name)
	b = appendText(append(b, `,"theme":`...), g.Theme)
	b = appendAmount(b, `,"amount":`, g.Amount)
	b = strconv.AppendInt(append(b, `,"quantity":`...), l.Quantity, 10)
	b = append(b, `,"taxable":false`...)
	b = appendPerson(b, `,"sender":`, g.Sender)
	b = appendPerson(b, `,"recipient":`, g.Recipient)
	b = appendText(append(b, `,"message":`...), g.Message)
	return append(b, '}')
}

func appendPerson(b []byte, key string, p cart.Person) []byte {
	b = appendText(append(append(b, key...), `{"name":`...), p.Name)
	b = appendText(append(b, `,"email":`...), p.Email)
	return append(b, '}')
}

func appendRedirects(b []byte, u cart.RedirectURLs) []byte {
	b = appendText(append(b, `{"cart_url":`...), u.Cart)
	b = appendText(append(b, `,"checkout_url":`...), u.Checkout)
	b = appendText(append(b, `,"embedded_checkout_url":`...), u.EmbeddedCheckout)
	return append(b, '}')
}

// redirectJSON writes the three addresses alone.
type redirectJSON cart.RedirectURLs

// MarshalJSON implements json.Marshaler.
func (u redirectJSON) MarshalJSON() ([]byte, error) {
	return appendRedirects(nil, cart.RedirectURLs(u)), nil
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

func appendAmount(b []byte, key string, a money.Amount) []byte {
	return a.Append(append(b, key...))
}

// apiTime is the form of times in V3 carts: an offset and no fraction
// (spec/00 §7).
const apiTime = "2006-01-02T15:04:05-07:00"

func appendTime(b []byte, t time.Time) []byte { return jsontext.AppendTime(b, t, apiTime) }

func appendText(b []byte, s string) []byte { return jsontext.AppendString(b, s) }
