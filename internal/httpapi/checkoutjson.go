package httpapi

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

// checkoutIncludes are the values of the include parameter that a checkout
// knows (spec/05 §1). Others are ignored.
type checkoutIncludes struct {
	physicalOptions, digitalOptions bool
	shippingOptions, banners        bool
}

func readCheckoutIncludes(q url.Values) checkoutIncludes {
	return checkoutIncludes{
		physicalOptions: included(q, "cart.line_items.physical_items.options"),
		digitalOptions:  included(q, "cart.line_items.digital_items.options"),
		shippingOptions: included(q, "consignments.available_shipping_options"),
		banners:         included(q, "promotions.banners"),
	}
}

// checkoutJSON is a checkout in the vendor's shape (spec/05 §1.1).
type checkoutJSON struct {
	ID           cart.ID             `json:"id"`
	Cart         checkoutCartJSON    `json:"cart"`
	Billing      addressJSON         `json:"billing_address"`
	Consignments []consignmentJSON   `json:"consignments"`
	Taxes        []taxJSON           `json:"taxes"`
	Coupons      []couponAppliedJSON `json:"coupons"`
	Fees         []feeJSON           `json:"fees"`
	OrderID      *string             `json:"order_id"`
	ShippingInc  money.Amount        `json:"shipping_cost_total_inc_tax"`
	ShippingEx   money.Amount        `json:"shipping_cost_total_ex_tax"`
	HandlingInc  money.Amount        `json:"handling_cost_total_inc_tax"`
	HandlingEx   money.Amount        `json:"handling_cost_total_ex_tax"`
	TaxTotal     money.Amount        `json:"tax_total"`
	SubtotalInc  money.Amount        `json:"subtotal_inc_tax"`
	SubtotalEx   money.Amount        `json:"subtotal_ex_tax"`
	Grand        money.Amount        `json:"grand_total"`
	Created      string              `json:"created_time"`
	Updated      string              `json:"updated_time"`
	Message      string              `json:"customer_message"`
	Promotions   []promotionJSON     `json:"promotions,omitempty"`
	Version      int64               `json:"version"`
}

// checkoutCartJSON is the cart inside a checkout, which differs from the cart
// alone (spec/05 §1.1).
type checkoutCartJSON struct {
	ID          cart.ID             `json:"id"`
	CustomerID  int64               `json:"customer_id"`
	ChannelID   int64               `json:"channel_id"`
	Email       string              `json:"email"`
	Currency    currencyCodeJSON    `json:"currency"`
	TaxIncluded bool                `json:"tax_included"`
	Base        money.Amount        `json:"base_amount"`
	Discount    money.Amount        `json:"discount_amount"`
	Manual      money.Amount        `json:"manual_discount_amount"`
	CartInc     money.Amount        `json:"cart_amount_inc_tax"`
	CartEx      money.Amount        `json:"cart_amount_ex_tax"`
	Coupons     []couponAppliedJSON `json:"coupons"`
	Discounts   []discountJSON      `json:"discounts"`
	Lines       checkoutLinesJSON   `json:"line_items"`
	Created     string              `json:"created_time"`
	Updated     string              `json:"updated_time"`
	Locale      string              `json:"locale"`
}

type currencyCodeJSON struct {
	Code string `json:"code"`
}

type checkoutLinesJSON struct {
	Physical     []checkoutItemJSON `json:"physical_items"`
	Digital      []checkoutItemJSON `json:"digital_items"`
	Certificates []json.RawMessage  `json:"gift_certificates"`
	Custom       []json.RawMessage  `json:"custom_items"`
}

type checkoutItemJSON struct {
	ID                 string           `json:"id"`
	ParentID           *int64           `json:"parent_id"`
	VariantID          int64            `json:"variant_id"`
	ProductID          int64            `json:"product_id"`
	SKU                string           `json:"sku"`
	Name               string           `json:"name"`
	URL                string           `json:"url"`
	Quantity           int64            `json:"quantity"`
	Taxable            bool             `json:"is_taxable"`
	ImageURL           string           `json:"image_url"`
	Discounts          json.RawMessage  `json:"discounts"`
	Coupons            any              `json:"coupons"`
	Discount           money.Amount     `json:"discount_amount"`
	Coupon             money.Amount     `json:"coupon_amount"`
	OriginalPrice      money.Amount     `json:"original_price"`
	ListPrice          money.Amount     `json:"list_price"`
	SalePrice          money.Amount     `json:"sale_price"`
	ExtendedList       money.Amount     `json:"extended_list_price"`
	ExtendedSale       money.Amount     `json:"extended_sale_price"`
	Comparison         money.Amount     `json:"comparison_price"`
	ExtendedComparison money.Amount     `json:"extended_comparison_price"`
	RequiresShipping   bool             `json:"is_require_shipping"`
	Mutable            bool             `json:"is_mutable"`
	AddedByPromotion   bool             `json:"added_by_promotion"`
	Wrapping           *json.RawMessage `json:"gift_wrapping,omitempty"`
	DownloadURLs       *[]string        `json:"download_file_urls,omitempty"`
	DownloadPage       *string          `json:"download_page_url,omitempty"`
	DownloadSize       *string          `json:"download_size,omitempty"`
	Options            json.RawMessage  `json:"options,omitempty"`
}

// discountJSON is all that was taken off a line, by the line's id.
type discountJSON struct {
	ID     string       `json:"id"`
	Amount money.Amount `json:"discounted_amount"`
}

type couponAppliedJSON struct {
	ID          int64        `json:"id"`
	Code        string       `json:"code"`
	Type        string       `json:"coupon_type"`
	Amount      money.Amount `json:"discounted_amount"`
	DisplayName string       `json:"display_name"`
}

type addressJSON struct {
	ID          string             `json:"id"`
	FirstName   string             `json:"first_name"`
	LastName    string             `json:"last_name"`
	Email       string             `json:"email"`
	Company     string             `json:"company"`
	Address1    string             `json:"address1"`
	Address2    string             `json:"address2"`
	City        string             `json:"city"`
	State       string             `json:"state_or_province"`
	StateCode   string             `json:"state_or_province_code"`
	Country     string             `json:"country"`
	CountryCode string             `json:"country_code"`
	PostalCode  string             `json:"postal_code"`
	Phone       string             `json:"phone"`
	Custom      []addressFieldJSON `json:"custom_fields"`
}

type addressFieldJSON struct {
	ID    string          `json:"field_id"`
	Value json.RawMessage `json:"field_value"`
}

type consignmentJSON struct {
	ID              string                `json:"id"`
	ShippingInc     money.Amount          `json:"shipping_cost_inc_tax"`
	ShippingEx      money.Amount          `json:"shipping_cost_ex_tax"`
	HandlingInc     money.Amount          `json:"handling_cost_inc_tax"`
	HandlingEx      money.Amount          `json:"handling_cost_ex_tax"`
	CouponDiscounts []codeCutJSON         `json:"coupon_discounts"`
	Discounts       []promotionCutJSON    `json:"discounts"`
	LineIDs         []string              `json:"line_item_ids"`
	Address         addressJSON           `json:"address"`
	ShippingAddress addressJSON           `json:"shipping_address"`
	Selected        *shippingOptionJSON   `json:"selected_shipping_option,omitempty"`
	Pickup          *pickupJSON           `json:"selected_pickup_option,omitempty"`
	Available       *[]shippingOptionJSON `json:"available_shipping_options,omitempty"`
}

type codeCutJSON struct {
	Code   string       `json:"code"`
	Amount money.Amount `json:"amount"`
}

type promotionCutJSON struct {
	ID int64 `json:"id"`
}

type pickupJSON struct {
	MethodID int64 `json:"pickup_method_id"`
}

type shippingOptionJSON struct {
	ID          string       `json:"id"`
	Type        string       `json:"type"`
	Description string       `json:"description"`
	ImageURL    string       `json:"image_url"`
	Cost        money.Amount `json:"cost"`
	TransitTime string       `json:"transit_time"`
	Note        string       `json:"additional_description"`
}

type taxJSON struct {
	Name   string       `json:"name"`
	Amount money.Amount `json:"amount"`
}

type feeJSON struct {
	ID          string       `json:"id"`
	Type        string       `json:"type"`
	Name        string       `json:"name"`
	DisplayName string       `json:"display_name"`
	CostInc     money.Amount `json:"cost_inc_tax"`
	CostEx      money.Amount `json:"cost_ex_tax"`
	Source      string       `json:"source"`
	TaxClassID  *int64       `json:"tax_class_id"`
}

type promotionJSON struct {
	Banners json.RawMessage `json:"banners"`
}

// show writes a checkout with the extras of a reply.
func (reply checkoutReply) show(c *cart.Cart) checkoutJSON {
	sum := pricing.Sum(c)
	co := c.Checkout
	if co == nil {
		co = &cart.Checkout{}
	}
	j := checkoutJSON{
		ID: c.ID, Cart: reply.showCart(c, sum), Billing: showAddress(co.Billing), Consignments: reply.showConsignments(c, co),
		Taxes: []taxJSON{}, Coupons: showCoupons(c), Fees: []feeJSON{},
		ShippingInc: sum.Shipping.Inc, ShippingEx: sum.Shipping.Ex, HandlingInc: sum.Handling.Inc, HandlingEx: sum.Handling.Ex,
		TaxTotal: sum.Tax, SubtotalInc: sum.Subtotal.Inc, SubtotalEx: sum.Subtotal.Ex, Grand: sum.Grand,
		Created: timeText(c.Created), Updated: timeText(c.Updated), Message: co.Message, Version: c.Version,
	}
	for _, t := range sum.Taxes {
		j.Taxes = append(j.Taxes, taxJSON{t.Name, t.Amount})
	}
	for i := range co.Fees {
		j.Fees = append(j.Fees, showFee(c, &co.Fees[i]))
	}
	if reply.orderID != 0 {
		id := strconv.FormatInt(reply.orderID, 10)
		j.OrderID = &id
	}
	if reply.include.banners {
		j.Promotions = []promotionJSON{{Banners: append(appendBanners([]byte{'['}, c.Banners, checkoutPage), ']')}}
	}
	return j
}

func (reply checkoutReply) showCart(c *cart.Cart, sum pricing.Sums) checkoutCartJSON {
	j := checkoutCartJSON{
		ID: c.ID, CustomerID: c.CustomerID, ChannelID: c.ChannelID, Email: c.Email, Currency: currencyCodeJSON{c.Currency},
		TaxIncluded: c.TaxIncluded, Base: c.Totals.Base, Discount: c.Totals.Discount, Manual: c.Totals.Manual,
		CartInc: sum.Cart.Inc, CartEx: sum.Cart.Ex, Coupons: showCoupons(c), Discounts: []discountJSON{},
		Lines: checkoutLinesJSON{Physical: []checkoutItemJSON{}, Digital: []checkoutItemJSON{},
			Certificates: []json.RawMessage{}, Custom: []json.RawMessage{}},
		Created: timeText(c.Created), Updated: timeText(c.Updated), Locale: c.Locale,
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		j.Discounts = append(j.Discounts, discountJSON{l.ID, l.Discount + l.Shared + l.Coupon})
		switch l.Kind {
		case cart.Physical:
			j.Lines.Physical = append(j.Lines.Physical, reply.showItem(l))
		case cart.Digital:
			j.Lines.Digital = append(j.Lines.Digital, reply.showItem(l))
		case cart.Gift:
			j.Lines.Certificates = append(j.Lines.Certificates, appendCertificate(nil, l))
		case cart.Custom:
			j.Lines.Custom = append(j.Lines.Custom, appendCustom(nil, l))
		}
	}
	return j
}

func (reply checkoutReply) showItem(l *cart.Line) checkoutItemJSON {
	j := checkoutItemJSON{
		ID: l.ID, VariantID: l.VariantID, ProductID: l.ProductID, SKU: l.SKU, Name: l.Name, URL: l.URL, Quantity: l.Quantity,
		Taxable: l.Taxable, ImageURL: l.ImageURL, Discounts: append(appendCuts([]byte{'['}, l.Cuts), ']'), Coupons: []any{}, Discount: l.Discount, Coupon: l.Coupon,
		OriginalPrice: l.OriginalPrice, ListPrice: l.ListPrice, SalePrice: l.SalePrice, ExtendedList: l.ExtendedList, ExtendedSale: l.ExtendedSale,
		Comparison: l.OriginalPrice, RequiresShipping: l.Kind == cart.Physical, Mutable: l.AddedBy == 0, AddedByPromotion: l.AddedBy != 0,
	}
	// A price of one unit that is no amount of money any more for all of them is
	// not struck through.
	j.ExtendedComparison, _ = l.OriginalPrice.Times(l.Quantity)
	if l.Coupon != 0 {
		j.Coupons = l.Coupon
	}
	options := reply.include.physicalOptions
	if l.Kind == cart.Physical {
		wrapping := json.RawMessage(appendWrapping(nil, l))
		j.Wrapping = &wrapping
	} else {
		options = reply.include.digitalOptions
		none := ""
		j.DownloadURLs, j.DownloadPage, j.DownloadSize = &[]string{}, &none, &none
	}
	if options {
		j.Options = appendOptions(nil, l.Selections)
	}
	return j
}

func showCoupons(c *cart.Cart) []couponAppliedJSON {
	out := make([]couponAppliedJSON, len(c.Coupons))
	for i, a := range c.Coupons {
		out[i] = couponAppliedJSON{ID: a.ID, Code: a.Code, Type: a.Type, Amount: a.Amount + a.Shipping, DisplayName: a.DisplayName}
	}
	return out
}

// showAddress writes an address; one that is not there has empty texts.
func showAddress(a *cart.Address) addressJSON {
	a = cmp.Or(a, &cart.Address{})
	_, country, _ := merchant.Country(a.CountryCode)
	j := addressJSON{
		ID: a.ID, FirstName: a.FirstName, LastName: a.LastName, Email: a.Email, Company: a.Company, Address1: a.Address1, Address2: a.Address2,
		City: a.City, State: a.State, StateCode: a.StateCode, Country: country, CountryCode: a.CountryCode, PostalCode: a.PostalCode,
		Phone: a.Phone, Custom: []addressFieldJSON{},
	}
	for _, f := range a.Custom {
		j.Custom = append(j.Custom, addressFieldJSON{f.ID, json.RawMessage(f.Value)})
	}
	return j
}

func (reply checkoutReply) showConsignments(c *cart.Cart, co *cart.Checkout) []consignmentJSON {
	out := make([]consignmentJSON, len(co.Consignments))
	for i := range co.Consignments {
		con := &co.Consignments[i]
		out[i] = showConsignment(c, con)
		if reply.shop == nil {
			continue
		}
		available := []shippingOptionJSON{}
		for _, o := range pricing.ShippingOptions(c, *reply.shop, con) {
			available = append(available, *showShippingOption(&o))
		}
		out[i].Available = &available
	}
	return out
}

func showConsignment(c *cart.Cart, con *cart.Consignment) consignmentJSON {
	shipping, handling := pricing.ConsignmentShipping(c, con), pricing.ConsignmentHandling(c, con)
	address := showAddress(&con.Address)
	j := consignmentJSON{
		ID: con.ID, ShippingInc: shipping.Inc, ShippingEx: shipping.Ex, HandlingInc: handling.Inc, HandlingEx: handling.Ex,
		CouponDiscounts: []codeCutJSON{}, Discounts: []promotionCutJSON{}, LineIDs: []string{}, Address: address, ShippingAddress: address,
		Selected: showShippingOption(con.Option),
	}
	for _, cut := range con.Cuts {
		switch cut.Source {
		case cart.FromCoupon:
			j.CouponDiscounts = append(j.CouponDiscounts, codeCutJSON{cut.Code, cut.Amount})
		case cart.FromPromotion:
			j.Discounts = append(j.Discounts, promotionCutJSON{cut.ID})
		case cart.FromManual:
		}
	}
	for _, item := range con.Items {
		j.LineIDs = append(j.LineIDs, item.LineID)
	}
	if con.PickupID != 0 {
		j.Pickup = &pickupJSON{con.PickupID}
	}
	return j
}

func showShippingOption(o *cart.ShippingOption) *shippingOptionJSON {
	if o == nil {
		return nil
	}
	return &shippingOptionJSON{ID: o.ID, Type: o.Type, Description: o.Description, ImageURL: o.ImageURL, Cost: o.Cost,
		TransitTime: o.TransitTime, Note: o.Note}
}

func showFee(c *cart.Cart, f *cart.Fee) feeJSON {
	cost := pricing.FeeCost(c, f)
	j := feeJSON{ID: f.ID, Type: feeType, Name: f.Name, DisplayName: f.DisplayName, CostInc: cost.Inc, CostEx: cost.Ex, Source: f.Source}
	if f.TaxClassID != 0 {
		j.TaxClassID = &f.TaxClassID
	}
	return j
}
