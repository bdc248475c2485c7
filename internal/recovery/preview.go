package recovery

import (
	"context"
	"errors"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/handlebars"
	"cartwright/internal/money"
	"cartwright/internal/once"
)

// PreviewOf says what a template is shown with.
type PreviewOf struct {
	TemplateID int64
	CartID     cart.ID // "" is a made-up cart
	Locale     string  // "" is that of the cart
}

// Preview renders a template without sending it. Its links lead nowhere. It
// returns a NotFound fault for an unknown template, and an Invalid one for an
// unknown cart.
func (s *Service) Preview(ctx context.Context, store string, of PreviewOf) (Message, error) {
	m, _, err := s.preview(ctx, store, of)
	if err == nil && once.From(ctx) != nil {
		return s.storage.KeepPreview(ctx, m)
	}
	return m, err
}

// preview renders a template and returns what it was rendered with.
func (s *Service) preview(ctx context.Context, store string, of PreviewOf) (Message, Facts, error) {
	f := Facts{Locale: of.Locale, Now: s.clock.Now()}
	t, err := s.Template(ctx, store, of.TemplateID)
	if err != nil {
		return Message{}, f, err
	}
	if f.Shop, err = s.shops.Shop(ctx, store); err != nil {
		return Message{}, f, err
	}
	if err := s.previewCart(ctx, store, of.CartID, t.Channel, &f); err != nil {
		return Message{}, f, err
	}
	options, err := s.Options(ctx, store)
	if err != nil {
		return Message{}, f, err
	}
	f.Recover = LinkToCart(f.Shop, f.Cart.ChannelID, previewToken, options.UTM)
	f.Unsubscribe = LinkToUnsubscribe(f.Shop, previewToken)
	m, err := Render(ctx, t, f)
	if errors.Is(err, handlebars.ErrTooLarge) || errors.Is(err, handlebars.ErrTooLong) {
		err = fault.New(fault.Invalid, "The template cannot be shown: it renders too much.")
	}
	return m, f, err
}

// previewToken stands in the links of a preview.
var previewToken = strings.Repeat("0", 32)

func (s *Service) previewCart(ctx context.Context, store string, cartID cart.ID, channel int64, f *Facts) (err error) {
	if cartID == "" {
		f.Cart = sampleCart(f.Shop, channel)
		return nil
	}
	f.Cart, err = s.carts.Get(ctx, store, cartID)
	if fault.Is(err, fault.NotFound) {
		return fault.Field("cart_id", fault.ExpectedEnum)
	}
	if err != nil || f.Cart.CustomerID == 0 {
		return err
	}
	f.Customer, err = s.customers.FindCustomer(ctx, store, f.Cart.CustomerID)
	return err
}

// sampleCart is a cart that nobody filled, to show a template with.
func sampleCart(shop cart.Shop, channel int64) *cart.Cart {
	if channel == AllChannels {
		channel = 1
	}
	line := func(name, sku string, quantity int64, price money.Amount, chosen ...cart.Selection) cart.Line {
		return cart.Line{
			Kind: cart.Physical, Name: name, SKU: sku, Quantity: quantity, SalePrice: price, ListPrice: price, Selections: chosen,
			URL: shop.SiteURL(channel) + "/",
		}
	}
	return &cart.Cart{
		ChannelID: channel, Currency: shop.Store.ChannelCurrency(channel).Code, Email: "ada@example.com",
		Lines: []cart.Line{
			line("Desk lamp", "LAMP-BR", 1, 34*money.Unit+9000, cart.Selection{Name: "Finish", Value: "Brass"}),
			line("Notebook", "NOTE-A5", 3, 4*money.Unit+5000),
		},
		Checkout: &cart.Checkout{Billing: &cart.Address{FirstName: "Ada", LastName: "Byron", Email: "ada@example.com"}},
	}
}
