package recovery

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
)

// MomentKind is what kind of thing happened to a cart.
type MomentKind string

// The kinds of moments, in the order in which those of one instant are told.
const (
	EventMoment    MomentKind = "event"          // a write: what webhooks are told
	AbandonMoment  MomentKind = "abandoned"      // it was left for the waiting time
	VisitMoment    MomentKind = "visit"          // somebody did something with a mail, or it came back
	EndMoment      MomentKind = "ended"          // it is not abandoned any more
	OrderMoment    MomentKind = "order"          // it became an order
	CancelMoment   MomentKind = "order_canceled" // and is not any more
	DecisionMoment MomentKind = "decision"       // a row of the ledger
	CouponMoment   MomentKind = "coupon"         // a code was made for a mail
	MailMoment     MomentKind = "mail"           // a mail was handed over
	CloseMoment    MomentKind = "coupon_closed"  // a code was redeemed, or became void
	BotMoment      MomentKind = "bot"            // it was said that a program made it
)

var momentOrder = []MomentKind{EventMoment, AbandonMoment, VisitMoment, EndMoment, OrderMoment, CancelMoment, DecisionMoment, CouponMoment, MailMoment, CloseMoment, BotMoment}

// Moment is one thing that happened to a cart. What goes with its kind is set.
type Moment struct {
	At      time.Time
	Kind    MomentKind
	Event   *event.Event
	Episode *Episode
	// Decision and Visit name their episode and mail themselves.
	Decision *Decision
	Visit    *Visit
	// Step is a mail; its episode is InEpisode.
	Step      *Step
	InEpisode int64
	Sale      *Sale
	Coupon    *Minted
}

// CartState is where a cart stands.
type CartState string

// The states of carts.
const (
	CartActive    CartState = "active"
	CartAbandoned CartState = "abandoned"
	CartConverted CartState = "converted"
	CartIsGone    CartState = "gone"
)

// CartPast is everything that is kept of a cart.
type CartPast struct {
	Cart    cart.ID
	Channel int64
	// Alive says that the cart is there, MarkedBot since when a program made it.
	Alive     bool
	MarkedBot time.Time
	// Events are what its journal tells, each with its time. The journal is kept
	// for 90 days after the end of the cart.
	Events    []Moment
	Episodes  []*Episode
	Steps     []EpisodeStep
	Decisions []Decision
	Visits    []Visit
	Sales     []Sale
	Coupons   []Minted
}

// EpisodeStep is a mail of one of a cart's episodes.
type EpisodeStep struct {
	Episode int64
	Step    Step
}

// Timeline is what happened to a cart, in the order of time.
type Timeline struct {
	Cart    cart.ID
	Channel int64
	State   CartState
	Bot     bool
	Moments []Moment
}

// Timeline returns everything that happened to a cart: what was written, when it
// was abandoned and what ended that, what was decided about each mail and why,
// what was sent, what people did with it, and the order that came of it. It
// works when the cart is gone, and returns a NotFound fault for one that never
// was.
func (s *Service) Timeline(ctx context.Context, store string, cartID cart.ID) (Timeline, error) {
	cartID, err := canonical(cartID)
	if err != nil {
		return Timeline{}, err
	}
	p, err := s.storage.CartPast(ctx, store, cartID)
	if err != nil {
		return Timeline{}, err
	}
	if p == nil {
		return Timeline{}, errNotFound()
	}
	return p.timeline(), nil
}

func (p *CartPast) timeline() Timeline {
	all := slices.Clone(p.Events)
	add := func(m Moment) { all = append(all, m) }
	for _, e := range p.Episodes {
		add(Moment{At: e.Abandoned, Kind: AbandonMoment, Episode: e})
		if !e.Ended.IsZero() {
			add(Moment{At: e.Ended, Kind: EndMoment, Episode: e})
		}
	}
	for i := range p.Steps {
		if st := &p.Steps[i]; st.Step.State == Sent {
			add(Moment{At: st.Step.Claimed, Kind: MailMoment, Step: &st.Step, InEpisode: st.Episode})
		}
	}
	for i := range p.Decisions {
		add(Moment{At: p.Decisions[i].At, Kind: DecisionMoment, Decision: &p.Decisions[i]})
	}
	for i := range p.Visits {
		add(Moment{At: p.Visits[i].At, Kind: VisitMoment, Visit: &p.Visits[i]})
	}
	for i := range p.Sales {
		add(Moment{At: p.Sales[i].At, Kind: OrderMoment, Sale: &p.Sales[i]})
		if at := p.Sales[i].Canceled; !at.IsZero() {
			add(Moment{At: at, Kind: CancelMoment, Sale: &p.Sales[i]})
		}
	}
	for i := range p.Coupons {
		add(Moment{At: p.Coupons[i].Created, Kind: CouponMoment, Coupon: &p.Coupons[i]})
		if at := p.Coupons[i].Closed; !at.IsZero() {
			add(Moment{At: at, Kind: CloseMoment, Coupon: &p.Coupons[i]})
		}
	}
	if !p.MarkedBot.IsZero() {
		add(Moment{At: p.MarkedBot, Kind: BotMoment})
	}
	slices.SortStableFunc(all, func(a, b Moment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(slices.Index(momentOrder, a.Kind), slices.Index(momentOrder, b.Kind)))
	})
	return Timeline{Cart: p.Cart, Channel: p.Channel, State: p.state(), Bot: !p.MarkedBot.IsZero(), Moments: all}
}

func (p *CartPast) state() CartState {
	became := func(m Moment) bool { return m.Event != nil && m.Event.Scope == event.CartConverted }
	switch {
	case len(p.Sales) > 0 || slices.ContainsFunc(p.Events, became):
		return CartConverted
	case !p.Alive:
		return CartIsGone
	case slices.ContainsFunc(p.Episodes, func(e *Episode) bool { return e.Ended.IsZero() }):
		return CartAbandoned
	}
	return CartActive
}
