package storefront

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
)

type productView struct {
	Name, SKU   string
	Price       priceTag
	Picture     picture
	More        []picture
	Description template.HTML
	Fields      []catalog.CustomField
	Stock       string
	InStock     bool
	Options     []control
	Modifiers   []control
	// Refusal says why the product cannot be bought here; "" when it can.
	Refusal  string
	Problem  string // why the form was refused
	Action   string
	Quantity string
	Limits   string
	Button   string
	// Short says that the form leaves room for the description beside the
	// pictures.
	Short bool
	// Variants says that price, picture or stock depend on the options, so that
	// the page offers to look them up.
	Variants bool
}

type picture struct{ URL, Alt string }

// productRequest serves the page of a product, and puts it into the cart.
func (v *visit) productRequest() error {
	p := v.shelves.of(v.store(), v.shop.Catalog).at(v.path)
	if p == nil {
		return errNoPage()
	}
	if err := v.allow(http.MethodGet, http.MethodHead, http.MethodPost); err != nil {
		return err
	}
	if v.r.Method == http.MethodPost {
		return v.addProduct(p)
	}
	if strings.HasSuffix(p.URL, "/") && !strings.HasSuffix(v.path, "/") {
		return v.redirect(http.StatusMovedPermanently, p.URL, v.r.URL.Query())
	}
	values := v.r.URL.Query()
	if variant := variantBySKU(p, values.Get("sku")); variant != nil {
		for _, ov := range variant.OptionValues {
			values.Set(fieldName(ov.OptionID), strconv.FormatInt(ov.ValueID, 10))
		}
	}
	return v.productPage(http.StatusOK, p, values, nil)
}

func variantBySKU(p *catalog.Product, sku string) *catalog.Variant {
	for i := range p.Variants {
		if sku != "" && p.Variants[i].SKU == sku {
			return &p.Variants[i]
		}
	}
	return nil
}

// addProduct puts what the form says into the cart. What a rule refuses is
// shown in the form, with everything the shopper filled in.
func (v *visit) addProduct(p *catalog.Product) error {
	values, err := v.form()
	if err != nil {
		return err
	}
	item, err := itemOf(p, values)
	if err == nil {
		err = v.addToCart([]cart.Item{item})
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return v.productPage(http.StatusUnprocessableEntity, p, values, err)
	case err != nil:
		return err
	}
	v.tell(notice{Text: added(item.Quantity, p.Name)})
	return v.redirect(http.StatusSeeOther, "/cart.php", nil)
}

func added(quantity int64, name string) string {
	if quantity == 1 {
		return name + " was added to your cart."
	}
	return fmt.Sprintf("%d × %s were added to your cart.", quantity, name)
}

// itemOf reads the form of a product.
func itemOf(p *catalog.Product, values url.Values) (cart.Item, error) {
	quantity, err := quantityOf(values.Get("quantity"))
	if err != nil {
		return cart.Item{}, err
	}
	variant, err := chosenVariant(p, values)
	if err != nil {
		return cart.Item{}, err
	}
	return cart.Item{ProductID: p.ID, VariantID: variant.ID, Quantity: quantity, Selections: modifierChoices(p, values)}, nil
}

// quantityOf reads a quantity; an empty one is 1.
func quantityOf(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 1, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > cart.MaxQuantity {
		return 0, &fault.Error{Kind: fault.Invalid, Title: quantityText, Fields: map[string]string{"quantity": fault.Max}}
	}
	return n, nil
}

// productPage shows a product. values is what is chosen so far, problem why
// the form was refused.
func (v *visit) productPage(status int, p *catalog.Product, values url.Values, problem error) error {
	variant := variantOf(p, values)
	view := productView{
		Name: p.Name, SKU: p.SKU, Price: v.priceOf(p, variant), Fields: p.CustomFields,
		Description: sanitize(p.Description), Action: v.productURL(p),
		Quantity: values.Get("quantity"), Limits: limits(p), Button: "Add to cart", Variants: variantsDiffer(p),
	}
	if variant != nil && variant.SKU != "" {
		view.SKU = variant.SKU
	}
	if p.Availability == catalog.Preorder {
		view.Button = "Pre-order"
	}
	if view.Quantity == "" {
		view.Quantity = strconv.FormatInt(max(1, p.OrderQuantityMinimum), 10)
	}
	view.Picture, view.More = v.pictures(p, variant)
	view.Refusal = v.refusal(p, variant)
	view.Stock, view.InStock = stockText(p, variant)
	view.Options, view.Modifiers = v.optionControls(p, values), v.modifierControls(p, values)
	view.Short = len(view.Options)+len(view.Modifiers) <= 3
	if f := fault.As(problem); f != nil {
		view.Problem = shopperText(f)
		markProblem(view.Options, f, view.Problem)
		markProblem(view.Modifiers, f, view.Problem)
	}
	return v.render(status, productTemplate, v.page(p.Name, view))
}

// pictures returns the main picture, which is the variant's when it has one,
// and the others.
func (v *visit) pictures(p *catalog.Product, variant *catalog.Variant) (main picture, more []picture) {
	thumbnail := p.Thumbnail()
	main = picture{URL: v.picture(thumbnail), Alt: p.Name}
	for _, img := range p.Images {
		alt := img.Description
		if alt == "" {
			alt = p.Name
		}
		if img.URL == thumbnail {
			main.Alt = alt
			continue
		}
		more = append(more, picture{URL: v.picture(img.URL), Alt: alt})
	}
	if variant != nil && variant.ImageURL != "" && variant.ImageURL != thumbnail {
		if thumbnail != "" {
			more = append([]picture{main}, more...)
		}
		main = picture{URL: v.picture(variant.ImageURL), Alt: p.Name}
	}
	return main, more
}

// refusal says why nothing can be bought, whatever the shopper chooses.
func (v *visit) refusal(p *catalog.Product, variant *catalog.Variant) string {
	if !v.shop.Store.AllowPurchasing(v.channel) {
		return "Nothing can be bought in this shop at the moment."
	}
	if p.Availability == catalog.Disabled {
		return "This product cannot be bought online."
	}
	if variant == nil && !p.HasOptions() {
		variant = &p.Variants[0]
	}
	if variant != nil && variant.PurchasingDisabled {
		if variant.PurchasingDisabledMessage != "" {
			return variant.PurchasingDisabledMessage
		}
		return "This product cannot be bought online in this form."
	}
	for i := range p.Modifiers {
		if m := &p.Modifiers[i]; m.Type == catalog.File && m.Required {
			return "This product needs a file (" + m.DisplayName + "). Files can only be sent through the API, so it cannot be bought on this page."
		}
	}
	return ""
}

// stockText says what is left; the second result is false when nothing is.
func stockText(p *catalog.Product, variant *catalog.Variant) (string, bool) {
	if variant == nil && p.InventoryTracking == catalog.TrackVariant && p.HasOptions() {
		if !inStock(p) {
			return "Out of stock", false
		}
		return "", true
	}
	if variant == nil {
		variant = &p.Variants[0]
	}
	level, tracked := p.Available(variant)
	warn := p.InventoryWarningLevel
	if p.InventoryTracking == catalog.TrackVariant {
		warn = variant.InventoryWarningLevel
	}
	switch {
	case tracked && level <= 0:
		return "Out of stock", false
	case tracked && level <= warn:
		return fmt.Sprintf("Only %d left", level), true
	case p.Availability == catalog.Preorder:
		return "Pre-order", true
	}
	return "In stock", true
}

func limits(p *catalog.Product) string {
	low, high := p.OrderQuantityMinimum, p.OrderQuantityMaximum
	switch {
	case low > 1 && high > 0:
		return fmt.Sprintf("Between %d and %d per order.", low, high)
	case low > 1:
		return fmt.Sprintf("At least %d per order.", low)
	case high > 0:
		return fmt.Sprintf("At most %d per order.", high)
	}
	return ""
}

// descriptions is what a merchant's HTML may hold: text with structure, links
// and pictures; no scripts, styles, forms or ids.
var descriptions = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowStandardURLs()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup",
		"blockquote", "pre", "code", "span", "div", "dl", "dt", "dd", "figure", "figcaption")
	p.AllowLists()
	p.AllowTables()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.RequireNoFollowOnLinks(true)
	return p
}()

func sanitize(html string) template.HTML { return template.HTML(descriptions.Sanitize(html)) }
