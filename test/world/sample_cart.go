package world

import (
	"fmt"
	"net/http"
)

var cartSamples = map[string]sample{
	"createCart": func(w *World) Request {
		return post(cartBody(w.Product()), "/v3/carts?include=redirect_urls,line_items.physical_items.options")
	},
	"getCart": func(w *World) Request {
		return get("/v3/carts/%s?include=redirect_urls,promotions.banners", w.Cart())
	},
	"updateCart": func(w *World) Request {
		return put(M{"customer_id": w.customer(), "version": 1}, "/v3/carts/%s", w.Cart())
	},
	"deleteCart": func(w *World) Request { return remove("/v3/carts/%s", w.Cart()) },
	"addCartItems": func(w *World) Request {
		return post(M{"line_items": L{M{"product_id": w.Product(), "quantity": "3"}}}, "/v3/carts/%s/items", w.Cart())
	},
	"updateCartItem": func(w *World) Request {
		product := w.Product()
		data := w.Must(http.MethodPost, "/v3/carts", cartBody(product))
		line := Get(data, "line_items", "physical_items", 0, "id")
		return put(M{"line_item": M{"product_id": product, "quantity": 3, "list_price": 21.5}}, "/v3/carts/%s/items/%s", Get(data, "id"), line)
	},
	"deleteCartItem": func(w *World) Request {
		id, line := w.cart()
		r := remove("/v3/carts/%s/items/%s", id, line)
		r.Body = M{"version": 1}
		return r
	},
	"createCartRedirectURLs": func(w *World) Request {
		return post(M{"query_params": M{"utm_source": "mail", "ref": "42"}}, "/v3/carts/%s/redirect_urls", w.Cart())
	},
	"getCartSettings":    func(*World) Request { return get("/v3/carts/settings") },
	"updateCartSettings": func(*World) Request { return put(M{"allow_purchasing": true}, "/v3/carts/settings") },
	"getChannelCartSettings": func(*World) Request {
		return get("/v3/carts/settings/channels/1")
	},
	"updateChannelCartSettings": func(w *World) Request {
		return put(M{"allow_purchasing": nil}, "/v3/carts/settings/channels/%d", w.channel())
	},
}

var metafieldSamples = map[string]sample{
	"listCartMetafields": func(w *World) Request {
		cart, _ := w.metafield()
		return get("/v3/carts/%s/metafields?limit=1&direction=desc", cart)
	},
	"createCartMetafield": func(w *World) Request {
		return post(w.metafieldBody(), "/v3/carts/%s/metafields", w.Cart())
	},
	"getCartMetafield": func(w *World) Request {
		cart, id := w.metafield()
		return get("/v3/carts/%s/metafields/%s", cart, id)
	},
	"updateCartMetafield": func(w *World) Request {
		cart, id := w.metafield()
		return put(M{"value": "Do not ring"}, "/v3/carts/%s/metafields/%s", cart, id)
	},
	"deleteCartMetafield": func(w *World) Request {
		cart, id := w.metafield()
		return remove("/v3/carts/%s/metafields/%s", cart, id)
	},
	"listAllCartMetafields": func(w *World) Request {
		w.metafield()
		return get("/v3/carts/metafields?include_fields=key,namespace&limit=1")
	},
	"createCartMetafields": func(w *World) Request {
		first, second := w.metafieldBody(), w.metafieldBody()
		first["resource_id"], second["resource_id"] = w.Cart(), w.Cart()
		return post(L{first, second}, "/v3/carts/metafields")
	},
	"updateCartMetafields": func(w *World) Request {
		_, id := w.metafield()
		return put(L{M{"id": id, "value": "Do not ring"}}, "/v3/carts/metafields")
	},
	"deleteCartMetafields": func(w *World) Request {
		_, id := w.metafield()
		r := remove("/v3/carts/metafields")
		r.Body = L{id}
		return r
	},
}

func (w *World) metafieldBody() M {
	return M{"key": w.name("note"), "value": "Ring twice", "namespace": "shipping", "permission_set": "write", "description": "For the driver"}
}

// metafield makes a cart with a metafield.
func (w *World) metafield() (cart, id string) {
	w.Helper()
	cart = w.Cart()
	id, _ = Get(w.Must(http.MethodPost, fmt.Sprintf("/v3/carts/%s/metafields", cart), w.metafieldBody()), "id").(string)
	return cart, id
}
