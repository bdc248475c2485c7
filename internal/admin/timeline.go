package admin

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
)

// timelineView is what happened to a cart, in words.
type timelineView struct {
	Store   *merchant.Store
	Cart    cart.ID
	Channel string
	State   string
	Bot     bool
	Moments []momentView
}

type momentView struct {
	At     time.Time
	Tone   string // of the dot: left, mail, back, sold, or "" for everything else
	What   string
	Detail string
}

// Cart serves the timeline of the cart that the path names.
func (p *Pages) Cart() http.HandlerFunc {
	return p.serve(func(w http.ResponseWriter, r *http.Request) error {
		v, err := p.timelineOf(r.Context(), r.PathValue("store"), cart.ID(r.PathValue("cart")))
		if err != nil {
			return err
		}
		return p.render(w, http.StatusOK, cartTemplate, "Cart "+string(v.Cart), "stores", v)
	})
}

func (p *Pages) timelineOf(ctx context.Context, hash string, cartID cart.ID) (timelineView, error) {
	shop, err := p.Shops.Shop(ctx, hash)
	if err != nil {
		return timelineView{}, err
	}
	t, err := p.Recovery.Timeline(ctx, hash, cartID)
	if err != nil {
		return timelineView{}, err
	}
	words := teller{store: shop.Store}
	if words.mails, err = p.mailNames(ctx, shop.Store, t.Channel); err != nil {
		return timelineView{}, err
	}
	v := timelineView{Store: shop.Store, Cart: t.Cart, Channel: channelName(shop.Store, t.Channel), Bot: t.Bot, State: map[recovery.CartState]string{
		recovery.CartActive: "in use", recovery.CartAbandoned: "left alone", recovery.CartConverted: "ordered", recovery.CartIsGone: "gone",
	}[t.State]}
	for i, m := range t.Moments {
		if told, ok := words.tell(m, t.Moments[:i], t.Moments[i+1:]); ok {
			told.At = m.At
			v.Moments = append(v.Moments, told)
		}
	}
	return v, nil
}

// mailNames names the mails of the store and of a channel by when they go out.
func (p *Pages) mailNames(ctx context.Context, s *merchant.Store, channel int64) (map[int64]string, error) {
	names := map[int64]string{}
	sets := []int64{recovery.AllChannels}
	if s.Channel(channel) != nil {
		sets = append(sets, channel)
	}
	for _, of := range sets {
		set, err := p.Recovery.Templates(ctx, s.Hash, of)
		if err != nil {
			return nil, err
		}
		for _, t := range set {
			names[t.ID] = "the mail after " + spoken(time.Duration(t.Minutes)*time.Minute)
		}
	}
	return names, nil
}

// teller puts moments into words.
type teller struct {
	store *merchant.Store
	mails map[int64]string
}

func (t teller) mail(id int64) string {
	if name := t.mails[id]; name != "" {
		return name
	}
	return "mail " + strconv.FormatInt(id, 10)
}

// capital begins a sentence.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// tell says what happened. ok is false for what another moment of the same
// instant says better.
func (t teller) tell(m recovery.Moment, before, after []recovery.Moment) (v momentView, ok bool) {
	switch m.Kind {
	case recovery.EventMoment:
		what := eventWords[m.Event.Scope]
		return momentView{What: what}, what != "" && (m.Event.Scope != event.CartUpdated || !detailed(m, before, after))
	case recovery.AbandonMoment:
		return momentView{Tone: "left", What: "It was left alone for the waiting time.", Detail: "It held " + t.store.ShownCurrency(m.Episode.Currency).Format(m.Episode.Value) + "."}, true
	case recovery.EndMoment:
		return momentView{Tone: "back", What: endWords[m.Episode.How]}, m.Episode.How != recovery.Converted
	case recovery.DecisionMoment:
		return t.decision(m.Decision)
	case recovery.MailMoment:
		v = momentView{Tone: "mail", What: capital(t.mail(m.Step.Template)) + " went out."}
		if m.Step.Coupon != "" {
			v.Detail = "With the code " + m.Step.Coupon + "."
		}
		return v, true
	case recovery.VisitMoment:
		return t.visit(m.Visit), true
	case recovery.OrderMoment:
		return t.order(m.Sale), true
	case recovery.CancelMoment:
		return momentView{What: fmt.Sprintf("Order %d was cancelled, declined or refunded: it does not count any more.", m.Sale.Order)}, true
	case recovery.CouponMoment:
		return momentView{What: "The code " + m.Coupon.Code + " was made for " + t.mail(m.Coupon.Template) + "."}, true
	case recovery.CloseMoment:
		if m.Coupon.State == recovery.CouponRedeemed {
			return momentView{What: "The code " + m.Coupon.Code + " was redeemed."}, true
		}
		return momentView{What: "The code " + m.Coupon.Code + " became void."}, true
	case recovery.BotMoment:
		return momentView{What: "It was marked as a bot’s, so reports count it apart."}, true
	}
	return momentView{}, false
}

// detailed reports whether another event of the same write says more.
func detailed(m recovery.Moment, before, after []recovery.Moment) bool {
	says := func(o recovery.Moment) bool {
		return o.Kind == recovery.EventMoment && o.At.Equal(m.At) && o.Event.Scope != m.Event.Scope && eventWords[o.Event.Scope] != ""
	}
	return len(after) > 0 && says(after[0]) || len(before) > 0 && says(before[len(before)-1])
}

var eventWords = map[string]string{
	event.CartCreated: "The cart was made.", event.CartUpdated: "The cart changed.", event.CartDeleted: "The cart was deleted.",
	event.LineCreated: "Something was put in.", event.LineUpdated: "An item changed.", event.LineDeleted: "Something was taken out.",
	event.CouponApplied: "A coupon code was applied.", event.MetafieldCreated: "An app noted something.", event.MetafieldUpdated: "An app changed a note.",
	event.MetafieldDeleted: "An app removed a note.",
}

var endWords = map[recovery.End]string{
	recovery.Changed:   "Somebody came back and changed the cart. The remaining mails are off.",
	recovery.Continued: "Somebody went on to the cart. The remaining mails are off.",
	recovery.Attempted: "Somebody came back and tried to pay. The remaining mails are off.",
	recovery.Gone:      "The cart was deleted, emptied or merged, or it expired. The remaining mails are off.",
}

func (t teller) decision(d *recovery.Decision) (momentView, bool) {
	v := momentView{What: capital(t.mail(d.Template)) + " " + outcomeWords[d.Outcome] + reasonWords[d.Reason] + "."}
	if d.Reason != recovery.EpisodeEnded {
		v.Detail = d.Detail
	}
	return v, outcomeWords[d.Outcome] != "" // those that were sent have a moment of their own
}

var outcomeWords = map[recovery.StepState]string{
	recovery.Claimed: "is being sent: ", recovery.Deferred: "has to wait: ", recovery.Failed: "could not be sent: ",
	recovery.Unknown: "may have gone out, and is not sent again: ", recovery.Skipped: "is left out: ", recovery.HeldOut: "is left out: ",
	recovery.Canceled: "is not needed any more: ",
}

var reasonWords = map[recovery.Reason]string{
	recovery.Due: "it is due, and nothing speaks against it", recovery.Accepted: "the mail server took it",
	recovery.NotificationsOff: "mails to shoppers are switched off", recovery.NoAddress: "nobody knows the shopper’s address",
	recovery.NoConsent: "the shopper did not agree to such mails", recovery.Suppressed: "the address is on the list of those that get none",
	recovery.FirstMailOnly: "only the first mail goes out", recovery.Superseded: "a later mail is due too", recovery.TooLate: "it is a day late",
	recovery.Restored:     "it may have gone before the shop was restored from a backup",
	recovery.FrequencyCap: "the address has had as many mails as it may", recovery.QuietHours: "it is the quiet time of the shopper’s day",
	recovery.HoldOut: "the shopper is among those who get none, to see what mails bring", recovery.OrderedElsewhere: "the shopper ordered with another cart",
	recovery.EpisodeEnded: "the cart is not abandoned any more", recovery.CartGone: "the cart is gone", recovery.CartEmpty: "the cart is empty",
	recovery.TemplateOff: "it was switched off or deleted", recovery.RenderFailed: "its template could not be filled",
	recovery.TemporaryRefusal: "the mail server refused it for now", recovery.Refused: "the mail server refused it",
	recovery.AttemptsOver: "it was tried often enough", recovery.NoAnswer: "the mail server did not answer", recovery.Interrupted: "the server stopped meanwhile",
}

func (t teller) visit(v *recovery.Visit) momentView {
	of := t.mail(v.Template)
	if v.Template == 0 {
		of = "a webhook"
	}
	switch v.Kind {
	case recovery.Clicked:
		return momentView{Tone: "back", What: "Somebody went on from " + of + "."}
	case recovery.LookedUp:
		return momentView{Tone: "back", What: "The link of " + of + " was opened: a storefront looked its cart up."}
	case recovery.Unsubscribed:
		return momentView{What: "Somebody unsubscribed with " + of + "."}
	case recovery.Bounced:
		return momentView{What: capital(of) + " came back: it could not be delivered."}
	case recovery.Complained:
		return momentView{What: capital(of) + " was called spam."}
	}
	return momentView{What: capital(of) + ": " + string(v.Kind) + "."}
}

func (t teller) order(s *recovery.Sale) momentView {
	v := momentView{Tone: "sold", What: fmt.Sprintf("It was ordered: order %d, %s.", s.Order, t.store.ShownCurrency(s.Currency).Format(s.Amount))}
	switch s.Credit {
	case recovery.CreditClicked:
		v.Detail = "Thanks to " + t.mail(s.Template) + ", from which somebody went on in the seven days before."
	case recovery.CreditInfluenced:
		v.Detail = capital(t.mail(s.Template)) + " went out in the seven days before; nobody clicked."
	case recovery.CreditNone:
		v.Detail = "No mail of the seven days before can be thanked for it."
	}
	if s.Mail.Cart != "" && s.Mail.Cart != s.Cart {
		v.Detail += " That mail was about another cart of the shopper."
	}
	if s.Discount != 0 {
		v.Detail += " Codes of mails took off " + t.store.ShownCurrency(s.Currency).Format(s.Discount) + "."
	}
	return v
}
