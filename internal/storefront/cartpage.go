package storefront

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

// cartView is a cart as it is shown. It has no field for an e-mail address:
// whoever holds a link to a cart does not get to see whose it is.
type cartView struct {
	Lines                  []lineView
	Summary                summaryView
	Banners                []string
	Coupons                []couponView
	Coupon                 codeForm
	Units                  int64
	Action, Cart, Checkout string
	Home                   string
}

type lineView struct {
	ID, Name, URL, Picture, SKU string
	Choices                     []cart.Selection
	Details                     []string
	Wrap                        string
	WrapNotes                   []string
	Price, Was, Amount          string
	Quantity                    string
	// Editable says that the quantity may be changed, Removable that the line may
	// be taken out: what an offer put in may not.
	Editable, Removable bool
	Warning             string
	Problem             string
}

// cartRequest serves /cart.php: the cart, what is done to it by form, and the
// vendor's URLs that act on GET (spec/06 §5.1).
func (v *visit) cartRequest() error {
	if err := v.allow(http.MethodGet, http.MethodHead, http.MethodPost); err != nil {
		return err
	}
	action := v.r.URL.Query().Get("action")
	switch action {
	case "load", "loadInCheckout":
		return v.redeem(action)
	case "recover":
		return v.recoverRequest()
	}
	if v.r.Method == http.MethodPost {
		return v.changeCart(action)
	}
	switch action {
	case "add", "buy":
		return v.addByURL(action, v.r.URL.Query())
	}
	return v.cartPage(http.StatusOK, "", "", nil)
}

// changeCart does what a form of the shop's own pages says.
func (v *visit) changeCart(action string) error {
	values, err := v.form()
	if err != nil {
		return err
	}
	if action == "" {
		action = values.Get("action")
	}
	switch action {
	case "update":
		return v.updateLine(values)
	case "remove":
		return v.removeLine(values.Get("line"))
	case "coupon":
		return v.couponOnCart(values.Get("code"))
	case "remove-coupon":
		if err := v.removeCoupon(values.Get("code")); err != nil {
			return err
		}
		return v.redirect(http.StatusSeeOther, "/cart.php", nil)
	case "add", "buy":
		return v.addByURL(action, v.r.Form)
	}
	return fault.New(fault.Malformed, "The form does not say what to do.")
}

// couponOnCart applies a coupon on the cart page; a refusal stands at the field.
func (v *visit) couponOnCart(code string) error {
	problem, err := v.applyCoupon(code)
	if err != nil {
		return err
	}
	if problem == "" {
		return v.redirect(http.StatusSeeOther, "/cart.php", nil)
	}
	c, err := v.currentCart()
	if err != nil {
		return err
	}
	view := v.cartView(c)
	view.Coupon.Typed, view.Coupon.Problem = shorten(code, 200), problem
	return v.render(http.StatusUnprocessableEntity, cartTemplate, v.page("Cart", &view))
}

// updateLine changes the quantity of a line; 0 takes it out.
func (v *visit) updateLine(values url.Values) error {
	lineID, typed := values.Get("line"), strings.TrimSpace(values.Get("quantity"))
	s, err := v.loadSession()
	if err != nil {
		return err
	}
	if typed == "0" {
		return v.removeLine(lineID)
	}
	quantity, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || quantity < 1 || quantity > cart.MaxQuantity {
		return v.cartPage(http.StatusUnprocessableEntity, lineID, typed, fault.New(fault.Invalid, quantityText))
	}
	c, err := v.Carts.UpdateLine(v.ctx(), v.store(), s.cart, lineID, cart.LineUpdate{Quantity: &quantity}, cart.Options{})
	switch {
	case fault.Is(err, fault.Invalid):
		return v.cartPage(http.StatusUnprocessableEntity, lineID, typed, err)
	case fault.Is(err, fault.NotFound):
		v.tell(notice{Text: "That line is not in your cart any more.", Failed: true})
	case err != nil:
		return err
	default:
		v.tell(notice{Text: "The quantity of " + c.Line(lineID).Name + " is now " + strconv.FormatInt(quantity, 10) + "."})
	}
	return v.redirect(http.StatusSeeOther, "/cart.php", nil)
}

func (v *visit) removeLine(lineID string) error {
	c, err := v.currentCart()
	if err != nil {
		return err
	}
	name := ""
	if c != nil && c.Line(lineID) != nil {
		name = c.Line(lineID).Name
		_, err = v.Carts.RemoveLine(v.ctx(), v.store(), c.ID, lineID, cart.Options{})
	}
	switch {
	case name == "" || fault.Is(err, fault.NotFound): // somebody was faster
		v.tell(notice{Text: "That line is not in your cart any more.", Failed: true})
	case fault.Is(err, fault.Invalid):
		return v.cartPage(http.StatusUnprocessableEntity, lineID, "", err)
	case err != nil:
		return err
	default:
		v.tell(notice{Text: name + " was removed from your cart."})
	}
	return v.redirect(http.StatusSeeOther, "/cart.php", nil)
}

// cartPage shows the session's cart. A refused change is shown at its line,
// with what the shopper typed.
func (v *visit) cartPage(status int, lineID, typed string, problem error) error {
	c, err := v.currentCart()
	if err != nil {
		return err
	}
	view := v.cartView(c)
	p := v.page("Cart", &view)
	if f := fault.As(problem); f != nil {
		shown := false
		for i := range view.Lines {
			if l := &view.Lines[i]; l.ID == lineID {
				l.Problem, shown = shopperText(f), true
				if typed != "" {
					l.Quantity = typed
				}
			}
		}
		if !shown {
			p.Notices = append(p.Notices, notice{Text: shopperText(f), Failed: true})
		}
	}
	return v.render(status, cartTemplate, p)
}

// cartView returns a cart as it is shown; nil is an empty one.
func (v *visit) cartView(c *cart.Cart) cartView {
	view := cartView{Action: v.href("/cart.php", nil), Cart: v.href("/cart.php", nil), Checkout: v.href("/checkout", nil), Home: v.href("/", nil)}
	if v.elsewhere {
		view.Home = v.shop.SiteURL(v.channel) + "/"
	}
	if c == nil {
		return view
	}
	cur := v.shop.Store.ShownCurrency(c.Currency)
	view.Summary, view.Units = v.cartSummary(c), c.Quantity()
	view.Banners, view.Coupons = banners(c, onCart), couponViews(c)
	view.Coupon = codeForm{Action: view.Action}
	for i := range c.Lines {
		view.Lines = append(view.Lines, v.lineView(&c.Lines[i], cur))
	}
	return view
}

func (v *visit) lineView(l *cart.Line, cur *merchant.Currency) lineView {
	view := lineView{
		ID: l.ID, Name: l.Name, SKU: l.SKU, Picture: l.ImageURL, Choices: l.Selections,
		Price: cur.Format(l.SalePrice), Amount: cur.Format(l.ExtendedSale),
		Quantity: strconv.FormatInt(l.Quantity, 10), Editable: l.IsCatalog() && l.AddedBy == 0, Removable: l.AddedBy == 0,
	}
	if l.OriginalPrice > l.SalePrice {
		view.Was = cur.Format(l.OriginalPrice)
	}
	if view.Picture == "" {
		view.Picture = v.picture("")
	}
	if l.AddedBy != 0 {
		view.Details = append(view.Details, "Added to your cart by an offer")
	}
	if l.Gift != nil {
		view.Details = append(view.Details, "Gift certificate, design "+l.Gift.Theme)
	}
	if l.Wrapping != nil {
		view.Wrap = l.WrapName + " (" + cur.Format(l.WrapPrice) + ")"
		for _, d := range l.Wrapping.Details {
			if d.Message != "" {
				view.WrapNotes = append(view.WrapNotes, d.Message)
			}
		}
	}
	if l.IsCatalog() {
		v.describeProduct(&view, l)
	}
	return view
}

// describeProduct adds what the catalog says now: the product's page, and
// whether the line can still be bought.
func (v *visit) describeProduct(view *lineView, l *cart.Line) {
	p := v.shop.Catalog.Product(l.ProductID)
	if p == nil {
		view.Warning = "This product is no longer sold."
		return
	}
	if p.Visible {
		view.URL = v.productURL(p)
		if v.elsewhere {
			view.URL = l.URL
		}
	}
	variant := p.Variant(l.VariantID)
	if variant == nil || p.Availability == catalog.Disabled || variant.PurchasingDisabled {
		view.Warning = "This product cannot be bought at the moment."
		return
	}
	if level, tracked := p.Available(variant); tracked && level < l.Quantity {
		view.Warning = "This product is out of stock."
		if level > 0 {
			view.Warning = "Only " + strconv.FormatInt(level, 10) + " left in stock."
		}
	}
}
