package hook

import (
	"regexp"
	"slices"
	"strings"

	"cartwright/internal/event"
)

// ScopeException is the scope of what goes wrong with deliveries (spec/04 §3).
const ScopeException = "store/hook/deliveryException"

// scopes lists what can be subscribed to in the families that this server
// tells of, {} standing for the number of a channel (spec/04 §4).
var scopes = []string{
	"store/cart/*", event.CartCreated, event.CartUpdated, event.CartDeleted, event.CouponApplied, event.CartAbandoned, event.CartConverted,
	"store/cart/lineItem/*", event.LineCreated, event.LineUpdated, event.LineDeleted,
	"store/cart/metafield/*", event.MetafieldCreated, event.MetafieldUpdated, event.MetafieldDeleted,
	"store/metafield/*",
	"store/channel/*", "store/channel/created", "store/channel/updated",
	"store/channel/{}/cart/*", "store/channel/{}/cart/created", "store/channel/{}/cart/updated", "store/channel/{}/cart/deleted",
	"store/channel/{}/cart/couponApplied", "store/channel/{}/cart/abandoned", "store/channel/{}/cart/converted",
	"store/channel/{}/cart/lineItem/*", "store/channel/{}/cart/lineItem/created", "store/channel/{}/cart/lineItem/updated", "store/channel/{}/cart/lineItem/deleted",
	ScopeException,
}

// families are the documented families whose members are not listed here: a
// subscription to any of them is taken, and most never fire.
var families = []string{
	"app", "brand", "category", "customer", "information", "inventory", "location", "metafield", "modifier", "option", "order", "priceList",
	"priceLists", "product", "promotion", "script", "shipment", "sku", "subscriber", "variant",
}

var (
	channelNumber = regexp.MustCompile(`^store/channel/([1-9][0-9]{0,17})/`)
	familyScope   = regexp.MustCompile(`^store/([A-Za-z]+)((?:/[A-Za-z]+)*)/(?:[A-Za-z]+|\*)$`)
	// channelFamily is what concerns one channel besides its carts.
	channelFamily = regexp.MustCompile(`^store/channel/\{\}/(?:notifications|email|settings|category|product|metafield|script|locale)(?:/[A-Za-z]+)*/(?:[A-Za-z]+|\*)$`)
)

// ValidScope reports whether a hook may have this scope.
func ValidScope(scope string) bool {
	if len(scope) > 255 || strings.Contains(scope, "{") {
		return false
	}
	shape := channelNumber.ReplaceAllString(scope, "store/channel/{}/")
	if slices.Contains(scopes, shape) || channelFamily.MatchString(shape) {
		return true
	}
	m := familyScope.FindStringSubmatch(scope)
	return m != nil && slices.Contains(families, m[1])
}

// Matches reports whether a subscription to a scope, which may be a wildcard,
// is told of a concrete event.
func Matches(scope, concrete string) bool {
	if scope == concrete {
		return true
	}
	prefix, wild := strings.CutSuffix(scope, "*")
	switch {
	case !wild:
		return false
	case scope == "store/metafield/*": // of any resource
		return strings.Contains(concrete, "/metafield/")
	case scope == "store/channel/*": // channels themselves, not what is in them
		return strings.HasPrefix(concrete, prefix) && !channelNumber.MatchString(concrete)
	}
	return strings.HasPrefix(concrete, prefix)
}
