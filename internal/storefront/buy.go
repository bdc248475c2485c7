package storefront

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

// addByURL serves the vendor's add-to-cart URLs: it adds one product to the
// session's cart and sends the browser to the cart, or to the checkout for
// action=buy (spec/06 §5.1). A refusal is told on the cart page.
func (v *visit) addByURL(action string, values url.Values) error {
	if !v.acts() {
		return v.withhold()
	}
	p, variant, err := v.namedProduct(values.Get("product_id"), values.Get("sku"))
	if err != nil {
		return v.refuse(err)
	}
	quantity, err := quantityOf(values.Get("qty"))
	if err != nil {
		return v.refuse(err)
	}
	if variant == nil || needsChoice(p) {
		return v.askForOptions(p, variant, quantity)
	}
	if err := v.addToCart([]cart.Item{{ProductID: p.ID, VariantID: variant.ID, Quantity: quantity}}); err != nil {
		return v.refuse(err)
	}
	about, err := v.couponByURL(v.session.cart, values.Get("couponcode"))
	if err != nil {
		return err
	}
	v.tell(append([]notice{{Text: added(quantity, p.Name)}}, about...)...)
	landing := "/cart.php"
	if action == "buy" {
		landing = "/checkout"
	}
	return v.redirect(http.StatusFound, landing, nil)
}

// refuse tells on the cart page why a product was not added. What is not a
// refusal of the request itself is an error like any other.
func (v *visit) refuse(err error) error {
	f := fault.As(err)
	if f == nil || (f.Kind != fault.Invalid && f.Kind != fault.Malformed) {
		return err
	}
	v.tell(notice{Text: shopperText(f), Failed: true})
	return v.redirect(http.StatusFound, "/cart.php", nil)
}

// namedProduct finds what product_id and sku name. variant is nil when the
// product has options and none was said.
func (v *visit) namedProduct(productID, sku string) (*catalog.Product, *catalog.Variant, error) {
	sku, _, _ = strings.Cut(sku, ",") // only the first counts
	sku = strings.TrimSpace(sku)
	var p *catalog.Product
	var variant *catalog.Variant
	switch {
	case productID != "":
		id, _ := strconv.ParseInt(strings.TrimSpace(productID), 10, 64)
		if p = v.shop.Catalog.Product(id); p != nil {
			variant = variantBySKU(p, sku)
		}
	case sku != "":
		p, variant = v.shop.Catalog.BySKU(sku)
	default:
		return nil, nil, fault.New(fault.Malformed, "The link does not say which product to add.")
	}
	if p == nil {
		return nil, nil, fault.New(fault.Invalid, "The link is for a product that is not sold here.")
	}
	if variant == nil && !p.HasOptions() {
		variant = &p.Variants[0]
	}
	return p, variant, nil
}

// needsChoice reports whether a product cannot be bought without an answer to
// one of its modifiers.
func needsChoice(p *catalog.Product) bool {
	for i := range p.Modifiers {
		m := &p.Modifiers[i]
		answered := hasDefault(m.Values) || m.Type == catalog.Checkbox && m.Config.CheckedByDefault
		if m.Required && !answered {
			return true
		}
	}
	return false
}

// askForOptions sends the shopper to the page where the options can be chosen.
func (v *visit) askForOptions(p *catalog.Product, variant *catalog.Variant, quantity int64) error {
	if !p.Visible {
		return v.refuse(fault.Newf(fault.Invalid, "%s has options, and the link does not say which to take.", p.Name))
	}
	values := url.Values{}
	if quantity > 1 {
		values.Set("quantity", strconv.FormatInt(quantity, 10))
	}
	if variant != nil && variant.SKU != "" {
		values.Set("sku", variant.SKU)
	}
	v.tell(notice{Text: "Please choose the options of " + p.Name + " first.", Failed: true})
	return v.redirect(http.StatusFound, p.URL, values)
}

// buyList makes a new cart of a list such as 31:2,LAMP-BR:1 and shows it at
// the checkout. Each visit makes a cart of its own.
func (v *visit) buyList(landing, list string) error {
	if !v.acts() {
		return v.withhold()
	}
	items, err := v.listedItems(list)
	if err != nil {
		return v.refuse(err)
	}
	c, err := v.newCart(items)
	if err != nil {
		return v.refuse(err)
	}
	if err := v.startSession(c.ID); err != nil {
		return err
	}
	about, err := v.couponByURL(c.ID, v.r.URL.Query().Get("coupon"))
	if err != nil {
		return err
	}
	v.tell(about...)
	return v.redirect(http.StatusFound, landing, v.forwarded("products", "coupon", "order_source", "action"))
}

func (v *visit) listedItems(list string) ([]cart.Item, error) {
	entries := strings.Split(list, ",")
	if len(entries) > cart.MaxLines {
		return nil, fault.Newf(fault.Invalid, "A link can hold at most %d products.", cart.MaxLines)
	}
	var items []cart.Item
	for _, entry := range entries {
		name, amount := strings.TrimSpace(entry), ""
		if n := strings.LastIndexByte(name, ':'); n >= 0 {
			name, amount = name[:n], name[n+1:]
		}
		if name == "" {
			continue
		}
		quantity, err := quantityOf(amount)
		if err != nil {
			return nil, err
		}
		p, variant := v.idOrSKU(name)
		switch {
		case p == nil:
			return nil, fault.Newf(fault.Invalid, "The link names %s, which is not sold here.", shorten(name, 60))
		case variant == nil:
			return nil, fault.Newf(fault.Invalid, "%s has options, and the link does not say which to take.", p.Name)
		}
		items = append(items, cart.Item{ProductID: p.ID, VariantID: variant.ID, Quantity: quantity})
	}
	if len(items) == 0 {
		return nil, fault.New(fault.Malformed, "The link does not say which products to buy.")
	}
	return items, nil
}

// idOrSKU reads a name of digits as a product's id first, then as a SKU.
func (v *visit) idOrSKU(name string) (*catalog.Product, *catalog.Variant) {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		if p := v.shop.Catalog.Product(id); p != nil {
			if p.HasOptions() {
				return p, nil
			}
			return p, &p.Variants[0]
		}
	}
	return v.shop.Catalog.BySKU(name)
}
