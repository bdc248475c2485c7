// Package demo holds a believable store of our own making: Larch & Lantern,
// forty products for evenings outdoors and in the cabin, with drawn pictures.
//
// Nothing in it comes from anywhere else: names, makers, texts and drawings
// are invented. Fill puts it into a database, Pictures serves the drawings.
package demo

import (
	"context"
	"fmt"
	"time"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// Store is the store's hash; Token opens its API. The token is in the README
// for everybody to copy, so it exists in the demo only (decisions 27).
const (
	Store = "demo"
	Token = "demo-token-not-secret"
)

const storeName = "Larch & Lantern"

// Merchants is what Fill needs of merchant.Service.
type Merchants interface {
	CreateStore(ctx context.Context, in merchant.Setup) (*merchant.Store, error)
	Find(ctx context.Context, hash string) (*merchant.Store, error)
	Update(ctx context.Context, hash string, change func(*merchant.Store) error) (*merchant.Store, error)
	AddToken(ctx context.Context, g merchant.Grant, token string) (merchant.Client, error)
	Now() time.Time
}

// Catalog is what Fill needs of catalog.Service.
type Catalog interface {
	Products(ctx context.Context, store string, q catalog.ProductQuery) ([]*catalog.Product, error)
	Import(ctx context.Context, store string, in []catalog.ImportProduct) (catalog.ImportResult, error)
}

// Services is what Fill works with.
type Services struct {
	Merchants  Merchants
	Catalog    Catalog
	Offers     Offers
	Recoveries Recoveries
}

// Fill makes the store and what is in it. A store that was filled before, also
// by an earlier version that had less to put in, stays as somebody may have
// changed it; one that was left half full is filled.
func Fill(ctx context.Context, s Services) error {
	m, c := s.Merchants, s.Catalog
	st, err := m.Find(ctx, Store)
	if err != nil {
		return err
	}
	if st == nil {
		_, err := m.CreateStore(ctx, merchant.Setup{Hash: Store, Name: storeName, EmailFrom: "shop@larch-and-lantern.example"})
		if err != nil && !fault.Is(err, fault.Conflict) { // another server was faster
			return fmt.Errorf("make the demo's store: %w", err)
		}
	} else if full, err := isFull(ctx, c); err != nil || full {
		return err
	}
	if _, err := m.AddToken(ctx, merchant.Grant{Store: Store, Scopes: []string{merchant.ScopeAll}, Name: "demo", ClientID: "demo"}, Token); err != nil {
		return fmt.Errorf("make the demo's token: %w", err)
	}
	if _, err := m.Update(ctx, Store, func(st *merchant.Store) error { return furnish(st, m.Now()) }); err != nil {
		return fmt.Errorf("set up the demo's store: %w", err)
	}
	st, err = m.Find(ctx, Store)
	if err != nil {
		return err
	}
	if err := remind(ctx, s.Recoveries, st); err != nil {
		return fmt.Errorf("set up the mails of the demo's store: %w", err)
	}
	if err := stock(ctx, c, s.Offers); err != nil {
		return fmt.Errorf("fill the demo's shelves: %w", err)
	}
	return nil
}

// isFull reports whether the last thing that stock does was done.
func isFull(ctx context.Context, c Catalog) (bool, error) {
	found, err := c.Products(ctx, Store, catalog.ProductQuery{Name: giftBox})
	return len(found) > 0 && len(found[0].Listed()) > 0, err
}

// euroRate is what a dollar costs in euros here, invented like the rest.
const euroRate = "0.92"

// furnish names the first currency, adds a second one, a second channel, ways to
// ship, a tax and ways to wrap gifts.
func furnish(st *merchant.Store, now time.Time) error {
	if err := furnishShipping(st, now); err != nil {
		return err
	}
	if err := furnishTaxes(st); err != nil {
		return err
	}
	if dollar := st.Currency("USD"); dollar != nil && dollar.Name == dollar.Code {
		name := "US Dollar"
		if err := st.UpdateCurrency(dollar.ID, merchant.CurrencyFields{Name: &name}, now); err != nil {
			return err
		}
	}
	if st.Currency("EUR") == nil {
		rate, err := money.ParseRate(euroRate)
		if err != nil {
			return err
		}
		on, name := true, "Euro"
		if _, err := st.AddCurrency("EUR", merchant.CurrencyFields{Name: &name, Rate: &rate, Enabled: &on, Transactional: &on}, now); err != nil {
			return err
		}
	}
	if len(st.Channels) == 1 {
		name := "Market stall"
		if _, err := st.AddChannel(merchant.NewChannel{Type: "storefront", Platform: "custom", ChannelFields: merchant.ChannelFields{Name: &name}}, now); err != nil {
			return err
		}
	}
	if len(st.GiftWraps) > 0 {
		return nil
	}
	for _, wrap := range []struct {
		name  string
		cents int64
	}{{"Brown paper and twine", 300}, {"Linen cloth to keep", 900}} {
		price := cents(wrap.cents)
		if _, err := st.AddGiftWrap(merchant.GiftWrapFields{Name: &wrap.name, Price: &price}); err != nil {
			return err
		}
	}
	return nil
}

// The first call of the README asks for the product with the id 1, so this one
// is made first: it is simple, in stock and asks for nothing.
const firstItem = "Brass Compass"

// giftBox lets the shopper pick another product, so it is finished last.
const giftBox = "First Night Out Gift Box"

// stock puts the products on the shelves, and the offers beside them.
func stock(ctx context.Context, c Catalog, o Offers) error {
	products := make([]catalog.ImportProduct, 0, len(catalogItems))
	var box *item
	boxPlace := 0
	for i := range catalogItems {
		it := &catalogItems[i]
		p := it.product(i)
		switch it.name {
		case firstItem:
			products = append([]catalog.ImportProduct{p}, products...)
			continue
		case giftBox:
			box, boxPlace = it, i
		}
		products = append(products, p)
	}
	if _, err := c.Import(ctx, Store, products); err != nil {
		return err
	}
	all, err := c.Products(ctx, Store, catalog.ProductQuery{})
	if err != nil {
		return err
	}
	ids := map[string]int64{}
	for _, p := range all {
		ids[p.Name] = p.ID
	}
	if err := offer(ctx, o, ids); err != nil {
		return err
	}
	something, err := pick("Something to go with them", 0, ids, "Fireside Tea", "Long Matches", "Larch Valley Map")
	if err != nil {
		return err
	}
	whole := *box
	whole.choices = append([]catalog.ModifierInput{something}, box.choices...)
	_, err = c.Import(ctx, Store, []catalog.ImportProduct{whole.product(boxPlace)})
	return err
}

// Example returns a command line that makes a cart in the demo's store; it
// works when it is copied.
func Example(publicURL string) string {
	return fmt.Sprintf(`curl -s '%s/stores/%s/v3/carts?include=redirect_urls' -H 'X-Auth-Token: %s' -H 'Content-Type: application/json' -d '{"line_items":[{"product_id":1,"quantity":2}]}'`,
		publicURL, Store, Token)
}
