package merchant

import (
	"slices"
	"time"
)

// Token is what an API token may do. The token itself is known only to its
// owner; Hash is what is stored of it.
type Token struct {
	Store    string
	Hash     string
	ClientID string
	Name     string
	// Scopes are the vendor's names; the single scope "all" grants every one.
	Scopes  []string
	Created time.Time
}

// Client is an API account. It owns metafields and webhooks; its secret signs
// the webhooks.
type Client struct {
	Store   string
	ID      string
	Name    string
	Secret  string
	Created time.Time
}

// ScopeAll grants every scope.
const ScopeAll = "all"

// Scopes lists every scope that a token may carry: the vendor's names, of the
// resources that this server has or will have (spec/00 §2).
var Scopes = []string{
	"store_cart", "store_cart_read_only",
	"store_channel_settings", "store_channel_settings_read_only",
	"store_checkout", "store_checkout_read_only",
	"store_fulfillment_methods_manage", "store_fulfillment_methods_read_only",
	"store_inventory", "store_inventory_read_only",
	"store_metafield_write", "store_metafield_write_all",
	"store_sites", "store_sites_read_only",
	"store_v2_customers", "store_v2_customers_read_only",
	"store_v2_default", "store_v2_information", "store_v2_information_read_only",
	"store_v2_marketing", "store_v2_marketing_read_only",
	"store_v2_orders", "store_v2_orders_read_only",
	"store_v2_products", "store_v2_products_read_only",
}

// ID names the token to whoever looks after it: the beginning of its hash.
func (t *Token) ID() string { return t.Hash[:12] }

// Has reports whether the token carries one of these scopes.
func (t *Token) Has(scopes ...string) bool {
	if slices.Contains(t.Scopes, ScopeAll) {
		return true
	}
	for _, s := range scopes {
		if slices.Contains(t.Scopes, s) {
			return true
		}
	}
	return false
}
