package admin

import (
	"context"
	"fmt"
	"sort"
	"strconv"

	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
)

// maxCounted bounds how far carts are counted for a page.
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
	Channels []channelView
	Example  string
}

type channelView struct {
	merchant.Channel
	URL string
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

func (p *Pages) storeView(ctx context.Context, hash string) (storeView, error) {
	shop, err := p.Shops.Shop(ctx, hash)
	if err != nil {
		return storeView{}, err
	}
	n, err := p.Stores.CountCarts(ctx, hash, maxCounted+1)
	if err != nil {
		return storeView{}, err
	}
	v := storeView{Store: shop.Store, Shop: shop.SiteURL(merchant.DefaultChannel) + "/",
		Products: shop.Catalog.Len(), Carts: strconv.Itoa(n)}
	if n > maxCounted {
		v.Carts = fmt.Sprintf("over %d", maxCounted)
	}
	shop.Catalog.All(func(product *catalog.Product) bool {
		v.count(product)
		return true
	})
	sort.Strings(v.SoldOut)
	for _, c := range shop.Store.Channels {
		v.Channels = append(v.Channels, channelView{c, shop.SiteURL(c.ID) + "/"})
	}
	v.Example, err = p.Example(ctx, hash)
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
