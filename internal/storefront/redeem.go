package storefront

import (
	"net/http"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
)

// usedView is the page of a link that does not work any more.
type usedView struct{ Home, Cart string }

// redeem serves a redirect link: it uses the link's token up, binds the
// session to the link's cart and sends the browser on (spec/01 §10). It may
// come as a POST with any body from any site, since merchants put the link
// into forms; only the query counts.
func (v *visit) redeem(action string) error {
	q := v.r.URL.Query()
	v.embedded = q.Get("embedded") == "1" || q.Get("embedded") == "true"
	if !v.acts() {
		return v.withhold()
	}
	c, kept, err := v.Carts.Redeem(v.ctx(), v.store(), cart.ID(q.Get("id")), q.Get("token"))
	if fault.Is(err, fault.NotFound) {
		return v.usedLink()
	}
	if err != nil {
		return err
	}
	if err := v.startSession(c.ID); err != nil {
		return err
	}
	onward := v.forwarded("action", "id", "token", "embedded", "products")
	for name, values := range kept {
		if reserved := name == "action" || name == "id" || name == "token" || name == "embedded" || name == "products"; !reserved && !onward.Has(name) {
			onward[name] = values
		}
	}
	landing := "/cart.php"
	switch {
	case action == "loadInCheckout" && v.embedded:
		landing = "/embedded-checkout"
	case action == "loadInCheckout":
		landing = "/checkout"
	}
	return v.redirect(http.StatusFound, landing, onward)
}

// usedLink says that a link is unknown, used or expired, which are not told
// apart, and leaves the session as it is (decisions 16).
func (v *visit) usedLink() error {
	p := v.page("This link cannot be used", nil)
	p.Body = usedView{Home: p.Home, Cart: p.Cart}
	return v.render(http.StatusGone, usedTemplate, p)
}
