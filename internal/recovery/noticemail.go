package recovery

import (
	"context"
	_ "embed" // the page of the mail
	"fmt"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/handlebars"
)

//go:embed default/notice.html
var noticePage string

// The limits of a notice. A digest is of a thousand carts at most, and of so
// many lines of each.
const (
	maxNotice      = 16 << 20 // bytes
	maxNoticeSteps = 10_000_000
)

// message writes the mail. What shoppers, products and the store are called is
// text in every part of it.
func (n *Notice) message(ctx context.Context, shop cart.Shop) (Message, error) {
	page, err := handlebars.Parse(noticePage)
	if err != nil {
		return Message{}, err
	}
	heading, lead := n.words(shop)
	m := Message{Subject: oneLine(shop.Store.Name + ": " + heading)}
	data := object{"subject": foreign(m.Subject), "store": foreign(shop.Store.Name), "lead": lead}
	if c := shop.Store.Channel(n.Channel); c != nil && c.Name != shop.Store.Name {
		data["channel"] = foreign(c.Name)
	}
	if h := n.Hook; h != nil {
		data["hook"] = object{"id": h.ID, "scope": h.Scope, "destination": foreign(h.Destination)}
	}
	carts := make([]any, len(n.Carts))
	for i := range n.Carts {
		carts[i] = n.Carts[i].values(shop)
	}
	data["carts"] = carts
	html, err := page.Render(ctx, data, handlebars.Options{MaxBytes: maxNotice, MaxItems: 2 * MaxDigest, MaxSteps: maxNoticeSteps})
	if err != nil {
		return Message{}, err
	}
	m.HTML = strings.ToValidUTF8(html, "\uFFFD")
	m.Text = plainText(m.HTML)
	return m, nil
}

// words are what the notice says in a sentence, and in one more.
func (n *Notice) words(shop cart.Shop) (heading, lead string) {
	switch {
	case n.Kind == TellHook:
		return "a webhook was deactivated", "Nothing is sent to it any more until it is activated again."
	case n.Kind == TellDigest:
		return fmt.Sprintf("%d carts were abandoned", len(n.Carts)), "These are the carts since the last such mail."
	case n.Kind == TellConverted && len(n.Carts) > 0:
		return fmt.Sprintf("an abandoned cart became order %d", n.Carts[0].Order), "The cart had been abandoned before."
	case len(n.Carts) > 0:
		c := n.Carts[0]
		return "a cart of " + shop.Store.ShownCurrency(c.Currency).Format(c.Total) + " was abandoned", "Somebody filled it and left."
	}
	return "a cart was abandoned", ""
}

// values are what the page shows of a cart.
func (c NoticeCart) values(shop cart.Shop) object {
	currency := shop.Store.ShownCurrency(c.Currency)
	lines := make([]any, len(c.Lines))
	for i, l := range c.Lines {
		line := object{"quantity": l.Quantity, "name": foreign(l.Name), "price": foreign(currency.Format(l.Price))}
		if sum, err := l.Price.Times(l.Quantity); l.Quantity > 1 && err == nil {
			line["unit"], line["price"] = line["price"], foreign(currency.Format(sum))
		}
		lines[i] = line
	}
	when, total := "Abandoned", "Total"
	if c.Order != 0 {
		when, total = "Ordered", "Order total, with shipping and tax"
	}
	return object{
		"id": string(c.Cart), "order": c.Order, "shopper": foreign(c.Name), "email": foreign(c.Email), "when": when, "at": noticeTime(c.At),
		"lines": lines, "more": int64(c.More), "what": total, "total": foreign(currency.Format(c.Total)),
	}
}

func noticeTime(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }
