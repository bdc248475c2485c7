package admin

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/catalog"
	"cartwright/internal/human"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// maxCounted bounds how far carts and orders are counted for a page.
const maxCounted = 100_000

// storeView is what the pages show of a store.
type storeView struct {
	Store    *merchant.Store
	Shop     string // where its hosted pages are
	Products int
	Hidden   int
	Variants int
	SoldOut  []string // the names of products of which nothing is left
	Carts    string
	Orders   string // that were placed
	Counts   string // of products and carts, in words
	Channels []channelView
	Example  string
	Coupons  []string   // to try beside the example
	Report   reportView // on the page of the store alone
}

type channelView struct {
	merchant.Channel
	URL string // "" without pages of its own
}

// Amount writes an amount in the store's default currency.
func (v storeView) Amount(a money.Amount) string { return v.Store.DefaultCurrency().Format(a) }

// rate writes an exchange rate without the zeros at its end.
func rate(r money.Rate) string { return strings.TrimSuffix(strings.TrimRight(r.String(), "0"), ".") }

// spoken writes how far the clock is ahead; "" when it is not.
func spoken(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := d / unit.length; n > 0 {
			parts = append(parts, human.Count(int64(n), unit.name))
			d %= unit.length
		}
	}
	if parts == nil && d > 0 {
		return "less than a minute"
	}
	return strings.Join(parts, ", ")
}

// stores returns a view of every store.
func (p *Pages) stores(ctx context.Context) ([]storeView, error) {
	all, err := p.Stores.ListStores(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]storeView, len(all))
	for i, s := range all {
		if views[i], err = p.storeView(ctx, s.Hash); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// counted writes a number that was counted up to maxCounted.
func counted(n int) string {
	if n > maxCounted {
		return fmt.Sprintf("over %d", maxCounted)
	}
	return strconv.Itoa(n)
}

func (p *Pages) storeView(ctx context.Context, hash string) (storeView, error) {
	shop, err := p.Shops.Shop(ctx, hash)
	if err != nil {
		return storeView{}, err
	}
	n, err := p.Stores.CountCarts(ctx, hash, maxCounted+1)
	if err != nil {
		return storeView{}, err
	}
	orders, err := p.Stores.CountPlacedOrders(ctx, hash, maxCounted+1)
	if err != nil {
		return storeView{}, err
	}
	v := storeView{Store: shop.Store, Shop: shop.SiteURL(merchant.DefaultChannel) + "/",
		Products: shop.Catalog.Len(), Carts: counted(n), Orders: counted(orders)}
	shop.Catalog.All(func(product *catalog.Product) bool {
		v.count(product)
		return true
	})
	sort.Strings(v.SoldOut)
	v.Counts = human.Count(v.Products, "product") + ", " + v.Carts + " carts"
	if n == 1 {
		v.Counts = human.Count(v.Products, "product") + ", 1 cart"
	}
	for _, c := range shop.Store.Channels {
		view := channelView{Channel: c}
		if c.ID == merchant.DefaultChannel || shop.Store.SiteOf(c.ID) != nil {
			view.URL = shop.SiteURL(c.ID) + "/"
		}
		v.Channels = append(v.Channels, view)
	}
	if v.Example, err = p.Example(ctx, hash); v.Example != "" {
		v.Coupons = p.Coupons
	}
	return v, err
}

// maxSoldOut bounds how many sold-out products are named.
const maxSoldOut = 20

func (v *storeView) count(p *catalog.Product) {
	v.Variants += len(p.Variants)
	if !p.Visible {
		v.Hidden++
	}
	for i := range p.Variants {
		if level, tracked := p.Available(&p.Variants[i]); !tracked || level > 0 {
			return
		}
	}
	if len(v.SoldOut) < maxSoldOut {
		v.SoldOut = append(v.SoldOut, p.Name)
	}
}
