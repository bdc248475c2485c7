package httpapi

import (
	"net/http"

	"cartwright/internal/money"
	"cartwright/internal/recovery"
)

type timelineJSON struct {
	Cart    string             `json:"cart_id"`
	Channel *int64             `json:"channel_id"`
	State   recovery.CartState `json:"state"`
	Bot     bool               `json:"bot"`
	Moments []momentJSON       `json:"timeline"`
}

// momentJSON is one thing that happened; what does not go with its type is left
// out.
type momentJSON struct {
	At   string              `json:"date"`
	Type recovery.MomentKind `json:"type"`

	Scope     string             `json:"scope,omitempty"`
	Line      string             `json:"item_id,omitempty"`
	Episode   int64              `json:"episode_id,omitempty"`
	How       recovery.End       `json:"how,omitempty"`
	Value     *money.Amount      `json:"value,omitempty"`
	Template  int64              `json:"template_id,omitempty"`
	Outcome   recovery.StepState `json:"outcome,omitempty"`
	Reason    recovery.Reason    `json:"reason,omitempty"`
	Detail    string             `json:"detail,omitempty"`
	MessageID string             `json:"message_id,omitempty"`
	Coupon    string             `json:"coupon_code,omitempty"`

	CouponState recovery.CouponState `json:"coupon_state,omitempty"`
	Visit       recovery.VisitKind   `json:"visit,omitempty"`
	Order       int64                `json:"order_id,omitempty"`
	Credit      recovery.Credit      `json:"attribution,omitempty"`
	// MailCart is the cart that the mail was about which the order is thanked for,
	// when that was another one.
	MailCart string        `json:"mail_cart_id,omitempty"`
	Currency string        `json:"currency_code,omitempty"`
	Amount   *money.Amount `json:"amount,omitempty"`
	Discount *money.Amount `json:"discount,omitempty"`
}

func momentOf(m *recovery.Moment) momentJSON {
	out := momentJSON{At: timeText(m.At), Type: m.Kind}
	switch m.Kind {
	case recovery.EventMoment:
		out.Scope, out.Line, out.Order = m.Event.Scope, m.Event.Line, m.Event.Order
	case recovery.AbandonMoment:
		out.Episode, out.Value, out.Currency = m.Episode.ID, &m.Episode.Value, m.Episode.Currency
	case recovery.EndMoment:
		out.Episode, out.How = m.Episode.ID, m.Episode.How
	case recovery.DecisionMoment:
		d := m.Decision
		out.Episode, out.Template, out.Outcome, out.Reason, out.Detail = d.Episode, d.Template, d.Outcome, d.Reason, d.Detail
	case recovery.MailMoment:
		out.Episode, out.Template, out.MessageID, out.Coupon = m.InEpisode, m.Step.Template, m.Step.MessageID, m.Step.Coupon
	case recovery.VisitMoment:
		out.Episode, out.Template, out.Visit = m.Visit.Episode, m.Visit.Template, m.Visit.Kind
	case recovery.CouponMoment, recovery.CloseMoment:
		out.coupon(m)
	case recovery.OrderMoment, recovery.CancelMoment:
		out.order(m.Sale)
	case recovery.BotMoment:
	}
	return out
}

func (m *momentJSON) coupon(of *recovery.Moment) {
	c := of.Coupon
	m.Episode, m.Template, m.Coupon = c.Episode, c.Template, c.Code
	if of.Kind == recovery.CloseMoment {
		m.CouponState, m.Order = c.State, c.Order
	}
}

func (m *momentJSON) order(s *recovery.Sale) {
	m.Episode, m.Template, m.Order, m.Credit, m.Currency = s.Episode, s.Template, s.Order, s.Credit, s.Currency
	m.Amount, m.Discount = &s.Amount, &s.Discount
	if s.Mail.Cart != s.Cart {
		m.MailCart = string(s.Mail.Cart)
	}
}

func timelineOf(t recovery.Timeline) timelineJSON {
	return timelineJSON{Cart: string(t.Cart), Channel: maybeID(t.Channel), State: t.State, Bot: t.Bot, Moments: mapped(t.Moments, momentOf)}
}

// getCartTimeline serves GET /v3/recovery/carts/{cartId}: everything that
// happened to a cart, also to one that is gone.
func (a *API) getCartTimeline(w http.ResponseWriter, r *http.Request) error {
	t, err := a.Recoveries.Timeline(r.Context(), storeOf(r), cartID(r))
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(timelineOf(t)))
}

// updateCartMark serves PUT /v3/recovery/carts/{cartId}: it says whether a
// program made the cart, and answers as getCartTimeline does.
func (a *API) updateCartMark(w http.ResponseWriter, r *http.Request) error {
	bot, err := readAs(r, readCartMark)
	if err != nil {
		return err
	}
	if err := a.Recoveries.MarkBot(r.Context(), storeOf(r), cartID(r), bot); err != nil {
		return err
	}
	return a.getCartTimeline(w, r)
}

func readCartMark(body value) bool { return body.get("bot").required().bool() }
