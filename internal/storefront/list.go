package storefront

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// perPage is how many products a page of the list shows.
const perPage = 24

// maxQuery bounds what is searched for.
const maxQuery = 100

type listView struct {
	Heading  string
	Query    string
	Count    int
	Products []card
	Page     int
	Pages    int
	Previous string
	Next     string
	Home     string
}

// card is one product of the list.
type card struct {
	Name, URL, Picture string
	Price              priceTag
	Note               string
}

// listPage serves the product list: pages of 24, searched by name.
func (v *visit) listPage() error {
	if err := v.allow(http.MethodGet, http.MethodHead); err != nil {
		return err
	}
	params := v.r.URL.Query()
	query := strings.TrimSpace(params.Get("q"))
	if len(query) > maxQuery {
		query = strings.ToValidUTF8(query[:maxQuery], "")
	}
	found := v.shelves.of(v.store(), v.shop.Catalog).search(query)
	view := listView{Query: query, Count: len(found), Heading: "All products", Home: v.href("/", nil)}
	view.Pages = max(1, (len(found)+perPage-1)/perPage)
	n, _ := strconv.Atoi(params.Get("page"))
	view.Page = min(max(n, 1), view.Pages)
	for _, p := range found[(view.Page-1)*perPage : min(view.Page*perPage, len(found))] {
		view.Products = append(view.Products, v.card(p))
	}
	if view.Page > 1 {
		view.Previous = v.listURL(query, view.Page-1)
	}
	if view.Page < view.Pages {
		view.Next = v.listURL(query, view.Page+1)
	}
	title := ""
	if query != "" {
		view.Heading = "Results for “" + query + "”"
		title = view.Heading
	}
	p := v.page(title, view)
	p.Search = query
	return v.render(http.StatusOK, listTemplate, p)
}

func (v *visit) listURL(query string, page int) string {
	params := url.Values{}
	if query != "" {
		params.Set("q", query)
	}
	if page > 1 {
		params.Set("page", strconv.Itoa(page))
	}
	return v.href("/", params)
}

func (v *visit) card(p *catalog.Product) card {
	c := card{Name: p.Name, URL: v.productURL(p), Picture: v.picture(p.Thumbnail()), Price: v.priceOf(p, nil)}
	switch {
	case p.Availability == catalog.Disabled:
		c.Note = "Not available"
	case !inStock(p):
		c.Note = "Out of stock"
	case p.Availability == catalog.Preorder:
		c.Note = "Pre-order"
	case c.Price.Was != "":
		c.Note = "Sale"
	}
	return c
}

func inStock(p *catalog.Product) bool {
	for i := range p.Variants {
		if level, tracked := p.Available(&p.Variants[i]); !tracked || level > 0 {
			return true
		}
	}
	return false
}

func (v *visit) productURL(p *catalog.Product) string { return v.href(p.URL, nil) }

// picture returns the address that a page shows for a picture's.
func (v *visit) picture(address string) string {
	switch {
	case address == "":
		return v.href("/theme/placeholder.svg", nil)
	case strings.HasPrefix(address, "/"):
		return v.PublicURL + address
	}
	return address
}

// priceTag is a price as it is shown.
type priceTag struct {
	Now string
	Was string // before the sale, "" when there is none
	// From says that other variants cost more.
	From bool
}

// priceOf returns the price of a variant, or of the cheapest one.
func (v *visit) priceOf(p *catalog.Product, variant *catalog.Variant) priceTag {
	in := v.prices()
	if variant != nil {
		return tag(in, p.SellingPrice(variant), p.BasePrice(variant), false)
	}
	lowest, highest := p.SellingPrice(&p.Variants[0]), p.SellingPrice(&p.Variants[0])
	base := p.BasePrice(&p.Variants[0])
	for i := range p.Variants {
		price := p.SellingPrice(&p.Variants[i])
		if price < lowest {
			lowest, base = price, p.BasePrice(&p.Variants[i])
		}
		highest = max(highest, price)
	}
	return tag(in, lowest, base, lowest < highest)
}

func tag(in prices, now, was money.Amount, from bool) priceTag {
	t := priceTag{Now: in.show(now), From: from}
	if was > now {
		t.Was = in.show(was)
	}
	return t
}
