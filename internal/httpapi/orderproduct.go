package httpapi

import (
	"slices"
	"strconv"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
	"cartwright/internal/promotion"
)

// orderProductJSON is a line of an order (spec/05 §2).
type orderProductJSON struct {
	ID              int64                 `json:"id"`
	OrderID         int64                 `json:"order_id"`
	ProductID       int64                 `json:"product_id"`
	VariantID       int64                 `json:"variant_id"`
	AddressID       int64                 `json:"order_address_id"`
	Name            string                `json:"name"`
	NameCustomer    string                `json:"name_customer"`
	NameMerchant    string                `json:"name_merchant"`
	SKU             string                `json:"sku"`
	Type            string                `json:"type"`
	BasePrice       v2Money               `json:"base_price"`
	PriceEx         v2Money               `json:"price_ex_tax"`
	PriceInc        v2Money               `json:"price_inc_tax"`
	PriceTax        v2Money               `json:"price_tax"`
	BaseTotal       v2Money               `json:"base_total"`
	TotalEx         v2Money               `json:"total_ex_tax"`
	TotalInc        v2Money               `json:"total_inc_tax"`
	TotalTax        v2Money               `json:"total_tax"`
	Quantity        int64                 `json:"quantity"`
	Refunded        bool                  `json:"is_refunded"`
	QuantityShipped int64                 `json:"quantity_shipped"`
	WrappingID      int64                 `json:"wrapping_id"`
	WrappingName    string                `json:"wrapping_name"`
	WrappingBase    v2Money               `json:"base_wrapping_cost"`
	WrappingEx      v2Money               `json:"wrapping_cost_ex_tax"`
	WrappingInc     v2Money               `json:"wrapping_cost_inc_tax"`
	WrappingTax     v2Money               `json:"wrapping_cost_tax"`
	WrappingMessage string                `json:"wrapping_message"`
	CertificateID   *int64                `json:"gift_certificate_id"`
	Discounts       []appliedDiscountJSON `json:"applied_discounts"`
	Options         []orderOptionJSON     `json:"product_options"`
}

type appliedDiscountJSON struct {
	ID     string  `json:"id"` // coupon, total-coupon, or a promotion's id
	Amount v2Money `json:"amount"`
	Name   string  `json:"name"`
	Code   *string `json:"code"`
	Target string  `json:"target"` // order, product
}

type orderOptionJSON struct {
	ID              int64  `json:"id"`
	OptionID        int64  `json:"option_id"`
	OrderProductID  int64  `json:"order_product_id"`
	ProductOptionID int64  `json:"product_option_id"`
	Name            string `json:"display_name"`
	NameCustomer    string `json:"display_name_customer"`
	NameMerchant    string `json:"display_name_merchant"`
	Shown           string `json:"display_value"`
	ShownCustomer   string `json:"display_value_customer"`
	ShownMerchant   string `json:"display_value_merchant"`
	Value           string `json:"value"`
	Type            string `json:"type"`
	Label           string `json:"name"`
	Style           string `json:"display_style"`
}

// lineTypes are what V2 calls the kinds of lines.
var lineTypes = map[cart.Kind]string{
	cart.Physical: "physical", cart.Custom: "physical", cart.Digital: "digital", cart.Gift: "giftcertificate",
}

// product writes the line of an order at a place.
func (v orderView) product(o *order.Order, at int) orderProductJSON {
	l := &o.Cart.Lines[at]
	unit, sale, wrap := pricing.LineUnit(o.Cart, l), pricing.LineSale(o.Cart, l), pricing.LineWrapping(o.Cart, l)
	j := orderProductJSON{
		ID: o.LineIDs[at], OrderID: o.ID, ProductID: l.ProductID, VariantID: l.VariantID, AddressID: sentTo(o, l), Name: l.Name,
		NameCustomer: l.Name, NameMerchant: l.Name, SKU: l.SKU, Type: lineTypes[l.Kind], BasePrice: v2Money(l.ListPrice),
		PriceEx: v2Money(unit.Ex), PriceInc: v2Money(unit.Inc), PriceTax: v2Money(unit.Tax()), BaseTotal: v2Money(l.ExtendedList),
		TotalEx: v2Money(sale.Ex), TotalInc: v2Money(sale.Inc), TotalTax: v2Money(sale.Tax()), Quantity: l.Quantity,
		Refunded: o.Payment == order.PaymentRefunded, QuantityShipped: shippedUnits(o, l.Quantity), WrappingName: l.WrapName,
		WrappingBase: v2Money(l.WrapPrice), WrappingEx: v2Money(wrap.Ex), WrappingInc: v2Money(wrap.Inc), WrappingTax: v2Money(wrap.Tax()),
		Discounts: v.discounts(o, l), Options: v.options(l, o.LineIDs[at]),
	}
	if l.Wrapping != nil && len(l.Wrapping.Details) > 0 {
		j.WrappingID, j.WrappingMessage = l.Wrapping.Details[0].ID, l.Wrapping.Details[0].Message
	}
	return j
}

// sentTo returns the id of the address that a line, or the first part of it,
// is sent to; 0 is none.
func sentTo(o *order.Order, l *cart.Line) int64 {
	if o.Cart.Checkout == nil {
		return 0
	}
	for i := range o.Cart.Checkout.Consignments {
		if slices.ContainsFunc(o.Cart.Checkout.Consignments[i].Items, func(item cart.ConsignedItem) bool { return item.LineID == l.ID }) {
			return o.AddressIDs[i]
		}
	}
	return 0
}

// discounts writes what was taken off a line, by whom. A promotion that is gone
// has no name any more.
func (v orderView) discounts(o *order.Order, l *cart.Line) []appliedDiscountJSON {
	out := []appliedDiscountJSON{}
	for _, cut := range l.Cuts {
		j := appliedDiscountJSON{Amount: v2Money(cut.Amount), Target: "product"}
		if cut.Order {
			j.Target = "order"
		}
		switch cut.Source {
		case cart.FromPromotion:
			j.ID = strconv.FormatInt(cut.ID, 10)
			if p := v.shop.Offers.Promotion(cut.ID); p != nil {
				if j.Name = p.DisplayName; j.Name == "" {
					j.Name = p.Name
				}
			}
		case cart.FromCoupon:
			j.ID, j.Code = "coupon", &cut.Code
			for _, applied := range o.Cart.Coupons {
				if applied.Code != cut.Code {
					continue
				}
				j.Name = applied.DisplayName
				if applied.Type == string(promotion.PerTotal) {
					j.ID = "total-coupon"
				}
			}
		case cart.FromManual:
			j.ID = "manual-discount"
		}
		out = append(out, j)
	}
	return out
}

// options writes what was chosen for a line.
func (v orderView) options(l *cart.Line, lineID int64) []orderOptionJSON {
	out := []orderOptionJSON{}
	product := v.shop.Catalog.Product(l.ProductID)
	for i, sel := range l.Selections {
		kind, style := optionKind(product, sel)
		value := sel.Input
		if sel.ValueID != 0 {
			value = strconv.FormatInt(sel.ValueID, 10)
		}
		out = append(out, orderOptionJSON{
			ID: lineID*100 + int64(i) + 1, OptionID: sel.OptionID, OrderProductID: lineID, ProductOptionID: sel.OptionID,
			Name: sel.Name, NameCustomer: sel.Name, NameMerchant: sel.Name, Shown: sel.Value, ShownCustomer: sel.Value, ShownMerchant: sel.Value,
			Value: value, Type: kind, Label: sel.Name, Style: style,
		})
	}
	return out
}

// optionKinds are what V2 calls the types of options, and how they look.
var optionKinds = map[string][2]string{
	"checkbox": {"Checkbox", ""}, "date": {"Date field", ""}, "file": {"File Upload", ""}, "multi_line_text": {"Multi-line text field", ""},
	"text": {"Text field", ""}, "numbers_only_text": {"Text field", ""}, "swatch": {"Swatch", ""},
	"product_list": {"Product Pick List", ""}, "product_list_with_images": {"Product Pick List", ""},
	"dropdown": {"Multiple choice", "Dropdown"}, "radio_buttons": {"Multiple choice", "Radio"}, "rectangles": {"Multiple choice", "Rectangle"},
}

func optionKind(p *catalog.Product, sel cart.Selection) (kind, style string) {
	if p != nil {
		for i := range p.Options {
			if p.Options[i].ID == sel.OptionID && sel.Variant {
				k := optionKinds[p.Options[i].Type]
				return k[0], k[1]
			}
		}
		if m := p.Modifier(sel.OptionID); m != nil && !sel.Variant {
			k := optionKinds[m.Type]
			return k[0], k[1]
		}
	}
	if sel.ValueID == 0 {
		return "Text field", ""
	}
	return "Multiple choice", ""
}

// couponTypes are the numbers of the types of coupons (spec/01 §7.4).
var couponTypes = map[promotion.CouponType]int64{
	promotion.PerItem: 0, promotion.Percentage: 1, promotion.PerTotal: 2, promotion.ShippingOff: 3, promotion.FreeShipping: 4, promotion.PromotionCoupon: 5,
}

// coupons writes the codes of an order. The amount is the coupon's own,
// as the store has it now; of one that is gone it is what it took off.
func (v orderView) coupons(o *order.Order) []orderCouponJSON {
	out := make([]orderCouponJSON, 0, len(o.Cart.Coupons))
	for i, applied := range o.Cart.Coupons {
		off := applied.Amount + applied.Shipping
		amount := off
		if c := v.shop.Offers.Coupon(applied.ID); c != nil && applied.PromotionID == 0 {
			amount = c.Amount
		}
		out = append(out, orderCouponJSON{
			ID: o.CouponIDs[i], CouponID: applied.ID, OrderID: o.ID, Code: applied.Code, Amount: v2Money(amount),
			Type: couponTypes[promotion.CouponType(applied.Type)], Discount: v2Money(off),
		})
	}
	return out
}
