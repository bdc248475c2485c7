package recovery

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
)

// token is what a link carries.
var token = strings.Repeat("ab", 16)

// linkShop has a default channel on this server, and channel 2 on a site with
// these routes.
func linkShop(routes ...merchant.Route) cart.Shop {
	return cart.Shop{PublicURL: "https://carts.example", Store: &merchant.Store{Hash: "demo",
		Sites: []merchant.Site{{ID: 1, ChannelID: 2, URL: "https://headless.example/eu", Routes: routes}}}}
}

func back(path string) merchant.Route {
	return merchant.Route{Type: "recover_abandoned_cart", Matching: "*", Route: path}
}

func TestLinkToCart(t *testing.T) {
	campaign := &UTM{Source: "mail & more", Medium: "email", Content: "ü"}
	for name, tt := range map[string]struct {
		routes   []merchant.Route
		channel  int64
		campaign *UTM
		want     string
	}{
		"the channel's own route":     {[]merchant.Route{back("/my-abandoned-cart-page/")}, 2, nil, "https://headless.example/eu/my-abandoned-cart-page/?t=" + token},
		"a route without a slash":     {[]merchant.Route{back("back")}, 2, nil, "https://headless.example/eu/back?t=" + token},
		"a route with slashes":        {[]merchant.Route{back("//evil.example/")}, 2, nil, "https://headless.example/eu/evil.example/?t=" + token},
		"a route with a query":        {[]merchant.Route{back("/back?lang=de")}, 2, nil, "https://headless.example/eu/back?lang=de&t=" + token},
		"a route with a bare ?":       {[]merchant.Route{back("/back?")}, 2, nil, "https://headless.example/eu/back?t=" + token},
		"a route with a bare &":       {[]merchant.Route{back("/back?a=1&")}, 2, nil, "https://headless.example/eu/back?a=1&t=" + token},
		"a route with a fragment":     {[]merchant.Route{back("/#/back")}, 2, nil, "https://headless.example/eu/?t=" + token + "#/back"},
		"a route that is no address":  {[]merchant.Route{back("/%zz")}, 2, nil, "https://headless.example/eu/cart.php?action=recover&t=" + token},
		"a route with quotes":         {[]merchant.Route{back(`/x'"?a="<b> c'`)}, 2, nil, "https://headless.example/eu/x%27%22?a=%22%3Cb%3E%20c%27&t=" + token},
		"a route of another kind":     {[]merchant.Route{{Type: "cart", Matching: "*", Route: "/cart"}}, 2, nil, "https://headless.example/eu/cart.php?action=recover&t=" + token},
		"a route for something else":  {[]merchant.Route{{Type: "recover_abandoned_cart", Matching: "7", Route: "/x"}, back("/y")}, 2, nil, "https://headless.example/eu/y?t=" + token},
		"a site without a route":      {nil, 2, nil, "https://headless.example/eu/cart.php?action=recover&t=" + token},
		"no site":                     {[]merchant.Route{back("/x")}, 1, nil, "https://carts.example/shop/demo/cart.php?action=recover&t=" + token},
		"a channel that has no site":  {[]merchant.Route{back("/x")}, 3, nil, "https://carts.example/shop/demo/cart.php?action=recover&t=" + token},
		"a campaign":                  {nil, 1, campaign, "https://carts.example/shop/demo/cart.php?action=recover&utm_source=mail+%26+more&utm_medium=email&utm_content=%C3%BC&t=" + token},
		"a campaign of a route":       {[]merchant.Route{back("/x")}, 2, campaign, "https://headless.example/eu/x?utm_source=mail+%26+more&utm_medium=email&utm_content=%C3%BC&t=" + token},
		"a route's campaign stays":    {[]merchant.Route{back("/x?utm_source=own")}, 2, campaign, "https://headless.example/eu/x?utm_source=own&utm_medium=email&utm_content=%C3%BC&t=" + token},
		"a campaign without anything": {nil, 2, &UTM{}, "https://headless.example/eu/cart.php?action=recover&t=" + token},
	} {
		t.Run(name, func(t *testing.T) {
			if got := LinkToCart(linkShop(tt.routes...), tt.channel, token, tt.campaign); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A channel without a site uses all that the default channel's site has.
func TestLinkOfAChannelWithoutASite(t *testing.T) {
	shop := linkShop()
	shop.Store.Sites[0] = merchant.Site{ID: 1, ChannelID: merchant.DefaultChannel, URL: "https://shop.example", Routes: []merchant.Route{back("/back/")}}
	if got, want := LinkToCart(shop, 7, token, nil), "https://shop.example/back/?t="+token; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLinkToUnsubscribe(t *testing.T) {
	for _, base := range []string{"https://carts.example", "http://127.0.0.1:8080/below"} {
		shop := linkShop()
		shop.PublicURL = base
		if got, want := LinkToUnsubscribe(shop, token), base+"/shop/demo/unsubscribe?t="+token; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Whatever a merchant writes, the link stays on the site and carries the token.
func TestLinksStayOnTheSite(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.String()
		campaign := &UTM{Source: text.Draw(r, "source"), Term: text.Draw(r, "term")}
		link := LinkToCart(linkShop(back(text.Draw(r, "route"))), 2, token, campaign)
		u, err := url.Parse(link)
		if err != nil {
			r.Fatalf("%q: %v", link, err)
		}
		tokens := u.Query()["t"]
		if u.Scheme != "https" || u.Host != "headless.example" || !strings.HasPrefix(u.Path, "/eu/") || len(tokens) == 0 || tokens[len(tokens)-1] != token {
			r.Fatalf("%q", link)
		}
		if strings.ContainsAny(link, "\"'<> \r\n") {
			r.Fatalf("%q is no text for a mail", link)
		}
	})
}
