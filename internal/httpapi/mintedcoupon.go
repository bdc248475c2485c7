package httpapi

import (
	"net/http"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/money"
	"cartwright/internal/recovery"
)

// mintedCouponRoutes are the coupons that were made for mails, which the vendor
// does not have (decisions 1).
func (a *API) mintedCouponRoutes() []route {
	return []route{
		{"GET", "/v3/recovery/coupons", marketingLogScope, a.listMintedCoupons},
		{"GET", "/v3/recovery/coupons/budget", marketingLogScope, a.getCouponBudget},
	}
}

type mintedCouponJSON struct {
	CouponID int64                `json:"coupon_id"`
	Code     string               `json:"code"`
	Cart     cart.ID              `json:"cart_id"`
	Channel  int64                `json:"channel_id"`
	Episode  int64                `json:"episode_id"`
	Template int64                `json:"template_id"`
	State    recovery.CouponState `json:"state"`
	Currency string               `json:"currency_code"`
	Reserved money.Amount         `json:"reserved"`
	Given    money.Amount         `json:"given"`
	Order    *int64               `json:"order_id"`
	Created  string               `json:"date_created"`
	Expires  string               `json:"date_expires"`
	Closed   *string              `json:"date_closed"`
}

func mintedCouponOf(m *recovery.Minted, currency string) mintedCouponJSON {
	return mintedCouponJSON{
		CouponID: m.CouponID, Code: m.Code, Cart: m.Cart, Channel: m.Channel, Episode: m.Episode, Template: m.Template, State: m.State,
		Currency: currency, Reserved: m.Reserved, Given: m.Given, Order: maybeID(m.Order),
		Created: timeText(m.Created), Expires: timeText(m.Expires), Closed: maybeTimeText(m.Closed),
	}
}

// listMintedCoupons serves GET /v3/recovery/coupons, the latest first.
func (a *API) listMintedCoupons(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	f := recovery.CouponFilter{Cart: cart.ID(strings.ToLower(q.text("cart_id")))}
	f.State = recovery.CouponState(q.oneOf("state", namesOf(recovery.CouponStates)...))
	if err := q.err(); err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	part, err := a.Coupons.List(r.Context(), storeOf(r), f, cursor.Range{Offset: p.offset(), Limit: p.limit, Falling: true})
	if err != nil {
		return err
	}
	currency := s.DefaultCurrency().Code
	out := mapped(part.Entries, func(m *recovery.Minted) mintedCouponJSON { return mintedCouponOf(m, currency) })
	return respond(w, http.StatusOK, p.list(out, len(out), part.Total))
}

// couponBudgetJSON is null in what only a budget has, while there is none.
type couponBudgetJSON struct {
	Currency string        `json:"currency_code"`
	Amount   *money.Amount `json:"amount"`
	Days     *int64        `json:"days"`
	Since    *string       `json:"date_since"`
	Given    money.Amount  `json:"given"`
	Reserved money.Amount  `json:"reserved"`
	Left     *money.Amount `json:"left"`
}

// getCouponBudget serves GET /v3/recovery/coupons/budget.
func (a *API) getCouponBudget(w http.ResponseWriter, r *http.Request) error {
	shop, err := a.storeFor(r)
	if err != nil {
		return err
	}
	options, err := a.Recoveries.Options(r.Context(), storeOf(r))
	if err != nil {
		return err
	}
	s, err := a.Coupons.Standing(r.Context(), storeOf(r), options)
	if err != nil {
		return err
	}
	out := couponBudgetJSON{Currency: shop.DefaultCurrency().Code, Given: s.Given, Reserved: s.Reserved, Since: maybeTimeText(s.Since)}
	if b := s.Budget; b != nil {
		left := s.Left()
		out.Amount, out.Days, out.Left = &b.Amount, &b.Days, &left
	}
	return respond(w, http.StatusOK, one(out))
}
