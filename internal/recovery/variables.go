package recovery

import (
	"net/url"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
	"cartwright/internal/handlebars"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// Facts are what a mail is about.
type Facts struct {
	Shop cart.Shop
	Cart *cart.Cart
	// Customer is nil for a guest.
	Customer *customer.Customer
	// Incentive is the coupon of the mail; nil is the template's own code.
	Incentive *Incentive
	// Recover leads back to the cart, Unsubscribe to no more such mails.
	Recover, Unsubscribe string
	// Locale is the recipient's; "" takes the cart's, then the channel's.
	Locale string
	Now    time.Time
}

// locale is the language of the recipient (spec/03 §3.2).
func (f *Facts) locale() string {
	for _, locale := range []string{f.Locale, f.Cart.Locale, channelLocale(f.Shop.Store, f.Cart.ChannelID)} {
		if name := localeName(locale); name != "" {
			return name
		}
	}
	return "en"
}

// storeLocale is the language in which the store speaks by default.
func storeLocale(s *merchant.Store) string {
	if name := localeName(channelLocale(s, merchant.DefaultChannel)); name != "" {
		return name
	}
	return "en"
}

func channelLocale(s *merchant.Store, channel int64) string {
	if c := s.Channel(channel); c != nil {
		return c.DefaultLocale
	}
	return ""
}

// variables are the names at which a template's paths begin, or a section
// inside one of them (spec/03 §3.1).
var variables = []string{
	"notification", "checkout_link", "unsubscribe_link", "coupon", "code", "type", "amount", "value", "formatted", "cart", "products", "id", "url",
	"name", "quantity", "sku", "thumbnail", "attributes", "price", "store", "domain_name", "address", "phone_number", "logo", "title", "ssl_path",
	"path_normal", "path", "cdn_path", "image_directory", "img_path", "language", "direction", "customer", "first_name", "full_name", "email",
	"group", "misc", "year", "translations", "abandoned_cart", "body",
}

type object = map[string]any

// foreign is text that may come from a stranger: shoppers, apps and imports
// name people, products and stores.
func foreign(s string) handlebars.Foreign { return handlebars.Foreign(s) }

// values makes what a template is filled with.
func values(t *Template, f *Facts) object {
	out := object{
		"notification": object{
			"checkout_link": f.Recover, "unsubscribe_link": f.Unsubscribe,
			"checkout": object{"link": f.Recover}, // a slip of the vendor's own samples
		},
		"cart":         object{"products": products(f)},
		"store":        storeValues(f),
		"customer":     customerValues(f),
		"misc":         object{"year": int64(f.Now.Year())},
		"translations": translationValues(t.Text.Translations),
		// The names of templates for the vendor's older mails.
		"abandoned_cart": object{"body": oldBody(f), "unsubscribe_link": f.Unsubscribe},
	}
	if coupon := couponValues(f.incentive(t), f); coupon != nil {
		out["coupon"] = coupon
	}
	return out
}

// incentive is the coupon that the mail carries.
func (f *Facts) incentive(t *Template) Incentive {
	if f.Incentive != nil {
		return *f.Incentive
	}
	return Incentive{Code: t.CouponCode, Coupon: f.Shop.Offers.CouponByCode(t.CouponCode)}
}

// couponValues is nil without a code. A code that is no coupon of the store
// (any more), or one of a promotion, has no amount to show.
func couponValues(in Incentive, f *Facts) object {
	if in.Code == "" {
		return nil
	}
	out := object{"code": foreign(in.Code)}
	coupon := in.Coupon
	if coupon == nil {
		return out
	}
	out["type"] = object{"value": string(coupon.Type), "formatted": couponWords[coupon.Type]}
	amount := object{"value": number(coupon.Amount), "formatted": ""}
	switch coupon.Type {
	case promotion.FreeShipping, promotion.PromotionCoupon:
	case promotion.Percentage:
		amount["formatted"] = coupon.Amount.String() + "%"
	default:
		amount["formatted"] = foreign(f.Shop.Store.DefaultCurrency().Format(coupon.Amount))
	}
	out["amount"] = amount
	return out
}

var couponWords = map[promotion.CouponType]string{
	promotion.PerItem: "Discount on each item", promotion.Percentage: "Percentage discount", promotion.PerTotal: "Discount on the order",
	promotion.ShippingOff: "Shipping discount", promotion.FreeShipping: "Free shipping", promotion.PromotionCoupon: "Promotion",
}

func number(a money.Amount) handlebars.Number { return handlebars.Number(a.String()) }

// kinds are the vendor's numbers and words for what a line is.
var kinds = map[cart.Kind]object{
	cart.Physical: {"value": int64(1), "formatted": "physical"},
	cart.Digital:  {"value": int64(2), "formatted": "digital"},
	cart.Gift:     {"value": int64(3), "formatted": "gift certificate"},
	cart.Custom:   {"value": int64(4), "formatted": "custom"},
}

func products(f *Facts) []any {
	currency := f.Shop.Store.ShownCurrency(f.Cart.Currency)
	out := make([]any, 0, len(f.Cart.Lines))
	for i := range f.Cart.Lines {
		l := &f.Cart.Lines[i]
		attributes := make([]any, 0, len(l.Selections))
		for _, s := range l.Selections {
			attributes = append(attributes, object{"name": foreign(s.Name), "value": foreign(s.Value)})
		}
		out = append(out, object{
			"id": l.ProductID, "url": address(l.URL), "name": foreign(l.Name), "quantity": l.Quantity, "sku": foreign(l.SKU),
			"thumbnail": address(l.ImageURL), "attributes": attributes, "type": kinds[l.Kind],
			"price": object{"value": number(l.SalePrice), "formatted": foreign(currency.Format(l.SalePrice))},
		})
	}
	return out
}

// address is a link that may stand in a mail; "" for what is none. Clients
// bring pictures of their own, and anything may call itself an address.
func address(raw string) handlebars.Foreign {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return foreign(raw)
}

func storeValues(f *Facts) object {
	site := f.Shop.SiteURL(f.Cart.ChannelID)
	host := ""
	if u, err := url.Parse(site); err == nil {
		host = u.Host
	}
	language, _, _ := strings.Cut(f.locale(), "-")
	direction := "ltr"
	switch language {
	case "ar", "fa", "he", "ur":
		direction = "rtl"
	}
	return object{
		"name": foreign(f.Shop.Store.Name), "domain_name": foreign(host), "address": "", "phone_number": "",
		"logo":     object{"title": foreign(f.Shop.Store.Name), "name": foreign(f.Shop.Store.Name), "url": ""},
		"ssl_path": site, "path_normal": site, "path": site,
		"cdn_path": f.Shop.PublicURL, "image_directory": "", "img_path": f.Shop.PublicURL,
		"language": object{"code": foreign(f.locale()), "direction": direction},
	}
}

// customerValues are the customer's, or what a guest has told by now.
func customerValues(f *Facts) object {
	if c := f.Customer; c != nil {
		out := object{"first_name": foreign(c.FirstName), "full_name": foreign(fullName(c.FirstName, c.LastName)), "email": foreign(c.Email)}
		if c.GroupID != 0 {
			out["group"] = object{"id": c.GroupID, "name": ""}
		}
		return out
	}
	out := object{"first_name": "", "full_name": "", "email": foreign(f.Cart.Email)}
	if co := f.Cart.Checkout; co != nil && co.Billing != nil {
		b := co.Billing
		out["first_name"], out["full_name"] = foreign(b.FirstName), foreign(fullName(b.FirstName, b.LastName))
		if b.Email != "" {
			out["email"] = foreign(b.Email)
		}
	}
	return out
}

func fullName(first, last string) string { return strings.TrimSpace(first + " " + last) }

// translationValues are the words by language and key, for older templates
// that name them so.
func translationValues(all []Translation) object {
	out := object{}
	for _, tr := range all {
		words := object{}
		for key, text := range tr.Keys {
			words[key] = handlebars.HTML(text)
		}
		out[tr.Locale] = words
	}
	return out
}

// oldBody is the paragraph that older templates print whole.
func oldBody(f *Facts) handlebars.HTML {
	link := escape(f.Recover)
	return handlebars.HTML(`<p>` + escape(f.Shop.Store.Name) + `: <a href="` + link + `">` + link + `</a></p>`)
}
