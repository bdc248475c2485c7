package httpapi

import (
	"context"
	"net/http"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/order"
)

var checkoutScope = scopeOf("store_checkout")

// checkoutRoutes are the operations of spec/05 §1 on one checkout, whose id is
// that of its cart.
func (a *API) checkoutRoutes() []route {
	const at = "/v3/checkouts/{checkoutId}"
	return []route{
		{"GET", at, checkoutScope, a.getCheckout},
		{"PUT", at, checkoutScope, a.updateCheckout},
		{"POST", at + "/billing-address", checkoutScope, a.addBillingAddress},
		{"PUT", at + "/billing-address/{addressId}", checkoutScope, a.updateBillingAddress},
		{"POST", at + "/consignments", checkoutScope, a.addConsignments},
		{"PUT", at + "/consignments/{consignmentId}", checkoutScope, a.updateConsignment},
		{"DELETE", at + "/consignments/{consignmentId}", checkoutScope, a.deleteConsignment},
		{"POST", at + "/coupons", checkoutScope, a.addCoupon},
		{"DELETE", at + "/coupons/{couponCode}", checkoutScope, a.deleteCoupon},
		{"POST", at + "/discounts", checkoutScope, a.addDiscounts},
		{"POST", at + "/fees", checkoutScope, a.addFees},
		{"PUT", at + "/fees", checkoutScope, a.updateFees},
		{"DELETE", at + "/fees", checkoutScope, a.deleteFees},
		{"POST", at + "/token", checkoutScope, a.createCheckoutToken},
	}
}

func checkoutID(r *http.Request) cart.ID { return cart.ID(r.PathValue("checkoutId")) }

// checkoutReply is how a checkout is sent back: with which extras.
type checkoutReply struct {
	include checkoutIncludes
	// shop is set when it was asked how consignments can be sent.
	shop *cart.Shop
	// orderID is the latest order's; 0 is none.
	orderID int64
}

// checkoutReply reads the includes of a request, and what stands beside the
// cart.
func (a *API) checkoutReply(r *http.Request) (reply checkoutReply, err error) {
	reply.include = readCheckoutIncludes(r.URL.Query())
	if reply.orderID, err = a.Checkouts.LatestOrder(r.Context(), storeOf(r), checkoutID(r)); err != nil {
		return reply, err
	}
	if reply.include.shippingOptions {
		shop, err := a.Shops.Shop(r.Context(), storeOf(r))
		if err != nil {
			return reply, err
		}
		reply.shop = &shop
	}
	return reply, nil
}

// of wraps a checkout with the extras.
func (reply checkoutReply) of(c *cart.Cart) any { return one(reply.show(c)) }

// writeCheckout does what the writes of a checkout have in common: everything
// that is wrong with the body is told, the version of the body is kept to, and
// the answer is the whole checkout.
func (a *API) writeCheckout(w http.ResponseWriter, r *http.Request, body value, version *int64,
	write func(context.Context, cart.Options) (*cart.Cart, error)) error {
	if err := body.err(); err != nil {
		return err
	}
	reply, err := a.checkoutReply(r)
	if err != nil {
		return err
	}
	c, err := write(answering(r.Context(), http.StatusOK, reply.of), cart.Options{Version: version})
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, reply.of(c))
}

// getCheckout serves GET /v3/checkouts/{checkoutId}.
func (a *API) getCheckout(w http.ResponseWriter, r *http.Request) error {
	reply, err := a.checkoutReply(r)
	if err != nil {
		return err
	}
	c, err := a.Checkouts.Get(r.Context(), storeOf(r), checkoutID(r))
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, reply.of(c))
}

// updateCheckout serves PUT /v3/checkouts/{checkoutId}.
func (a *API) updateCheckout(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	message, version := body.get("customer_message").required().text(0, order.MaxMessage), readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.SetMessage(ctx, storeOf(r), checkoutID(r), message, opt)
	})
}

// addBillingAddress serves POST /v3/checkouts/{checkoutId}/billing-address.
func (a *API) addBillingAddress(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	address, version := readPostal(body), readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.AddBilling(ctx, storeOf(r), checkoutID(r), address, opt)
	})
}

// updateBillingAddress serves PUT /v3/checkouts/{checkoutId}/billing-address/{addressId}.
func (a *API) updateBillingAddress(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	address, version := readPostal(body), readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.UpdateBilling(ctx, storeOf(r), checkoutID(r), r.PathValue("addressId"), address, opt)
	})
}

// addConsignments serves POST /v3/checkouts/{checkoutId}/consignments.
func (a *API) addConsignments(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in := readConsignments(body)
	return a.writeCheckout(w, r, body, in.version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.AddConsignments(ctx, storeOf(r), checkoutID(r), in.parcels, opt)
	})
}

// updateConsignment serves PUT /v3/checkouts/{checkoutId}/consignments/{consignmentId}.
func (a *API) updateConsignment(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in, version := readConsignmentUpdate(body), readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.UpdateConsignment(ctx, storeOf(r), checkoutID(r), r.PathValue("consignmentId"), in, opt)
	})
}

// deleteConsignment serves DELETE /v3/checkouts/{checkoutId}/consignments/{consignmentId}.
func (a *API) deleteConsignment(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	version := readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.RemoveConsignment(ctx, storeOf(r), checkoutID(r), r.PathValue("consignmentId"), opt)
	})
}

// addCoupon serves POST /v3/checkouts/{checkoutId}/coupons.
func (a *API) addCoupon(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	code, version := body.get("coupon_code").required().text(1, maxAddressText), readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.ApplyCoupon(ctx, storeOf(r), checkoutID(r), code, opt)
	})
}

// deleteCoupon serves DELETE /v3/checkouts/{checkoutId}/coupons/{couponCode}.
func (a *API) deleteCoupon(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	version := readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.RemoveCoupon(ctx, storeOf(r), checkoutID(r), r.PathValue("couponCode"), opt)
	})
}

// addDiscounts serves POST /v3/checkouts/{checkoutId}/discounts. Its version
// stands below "cart".
func (a *API) addDiscounts(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in, version := readDiscounts(body), readVersion(body.get("cart").get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.Discount(ctx, storeOf(r), checkoutID(r), in, opt)
	})
}

// addFees serves POST /v3/checkouts/{checkoutId}/fees.
func (a *API) addFees(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fees, version := readFees(body.get("fees"), false), readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.AddFees(ctx, storeOf(r), checkoutID(r), fees, opt)
	})
}

// updateFees serves PUT /v3/checkouts/{checkoutId}/fees.
func (a *API) updateFees(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fees, version := readFees(body.get("fees"), true), readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.UpdateFees(ctx, storeOf(r), checkoutID(r), fees, opt)
	})
}

// deleteFees serves DELETE /v3/checkouts/{checkoutId}/fees.
func (a *API) deleteFees(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	ids, version := readFeeIDs(body.get("ids")), readVersion(body.get("version"))
	return a.writeCheckout(w, r, body, version, func(ctx context.Context, opt cart.Options) (*cart.Cart, error) {
		return a.Checkouts.RemoveFees(ctx, storeOf(r), checkoutID(r), ids, opt)
	})
}

// tokenJSON has the token where the vendor's schema has it, and where its
// example does (spec/05 §1.7).
type tokenJSON struct {
	Data  checkoutTokenJSON `json:"data"`
	Token string            `json:"checkoutToken"`
	Meta  struct{}          `json:"meta"`
}

type checkoutTokenJSON struct {
	Token string `json:"checkoutToken"`
}

// createCheckoutToken serves POST /v3/checkouts/{checkoutId}/token.
func (a *API) createCheckoutToken(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	uses, life := readTokenBounds(body)
	if err := body.err(); err != nil {
		if f := fault.As(err); f != nil {
			f.Title = "Invalid input"
		}
		return err
	}
	token, kept, err := a.Checkouts.NewToken(r.Context(), storeOf(r), checkoutID(r), uses, life)
	if err != nil {
		return err
	}
	reply := tokenJSON{Data: checkoutTokenJSON{token}, Token: token}
	if err := a.Checkouts.KeepToken(answering(r.Context(), http.StatusOK, func(order.Token) any { return reply }), kept); err != nil {
		return err
	}
	return respond(w, http.StatusOK, reply)
}

func readTokenBounds(v value) (uses int64, life time.Duration) {
	uses, life = order.DefaultTokenUses, order.DefaultTokenLife
	if n := optional(v.object().get("maxUses"), intOf(1, order.MaxTokenUses)); n != nil {
		uses = *n
	}
	if n := optional(v.get("ttl"), intOf(1, int64(order.MaxTokenLife/time.Second))); n != nil {
		life = time.Duration(*n) * time.Second
	}
	return uses, life
}
