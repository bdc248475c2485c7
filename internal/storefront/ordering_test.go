package storefront_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/order"
	"cartwright/internal/promotion"
)

// counter keeps what a checkout needs and leaves behind.
type counter struct {
	order.Storage            // what the pages never ask for
	order.CertificateStorage // likewise
	orders                   []*order.Order
	certificates             map[string]*order.Certificate
	tokens                   map[string]order.Token
	subscribers              []customer.Subscriber
	tried                    []string // carts and versions that somebody tried to pay for
	// placing is called before an order is stored.
	placing func() error
}

func newCounter() counter {
	return counter{certificates: map[string]*order.Certificate{}, tokens: map[string]order.Token{}}
}

func (m *memory) PlaceOrder(_ context.Context, o order.Order, _ []event.Event) (*order.Order, error) {
	if m.placing != nil {
		if err := m.placing(); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.carts[o.Cart.ID]; c == nil || c.Version != o.Cart.Version {
		return nil, order.ErrMoved
	}
	delete(m.carts, o.Cart.ID)
	o.ID = order.FirstID + int64(len(m.orders))
	m.orders = append(m.orders, &o)
	return &o, nil
}

func (m *memory) UpdateOrder(_ context.Context, store string, id int64, change func(*order.Order) ([]event.Event, error)) (*order.Order, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, o := range m.orders {
		if o.Store == store && o.ID == id {
			changed := *o
			if _, err := change(&changed); err != nil {
				return nil, err
			}
			m.orders[i] = &changed
			return &changed, nil
		}
	}
	return nil, &fault.Error{Kind: fault.NotFound}
}

func (m *memory) PaymentTried(_ context.Context, _ string, cartID cart.ID, version int64, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tried = append(m.tried, fmt.Sprint(cartID, " ", version))
	return nil
}

func (m *memory) FindOrder(_ context.Context, store string, id int64) (*order.Order, error) {
	return m.findOrder(func(o *order.Order) bool { return o.Store == store && o.ID == id }), nil
}

func (m *memory) FindOrderOfCart(_ context.Context, store string, cartID cart.ID) (*order.Order, error) {
	return m.findOrder(func(o *order.Order) bool { return o.Store == store && o.Cart.ID == cartID }), nil
}

func (m *memory) findOrder(is func(*order.Order) bool) *order.Order {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.orders, is); i >= 0 {
		return m.orders[i]
	}
	return nil
}

func (m *memory) FindCertificateByCode(_ context.Context, _, key string) (*order.Certificate, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.certificates[key], nil
}

func (m *memory) AddCheckoutToken(_ context.Context, t order.Token) error {
	m.tokens[t.Hash] = t
	return nil
}

func (m *memory) UseCheckoutToken(_ context.Context, store, hash string, now time.Time) (*order.Token, error) {
	t, ok := m.tokens[hash]
	if !ok || t.Store != store || t.Uses < 1 || !now.Before(t.Expires) {
		return nil, nil
	}
	t.Uses--
	m.tokens[hash] = t
	return &t, nil
}

func (m *memory) FindCode(context.Context, string, string) (*promotion.Code, error) { return nil, nil }

func (m *memory) CountUses(context.Context, string, promotion.Use, promotion.Shopper) (promotion.Uses, error) {
	return promotion.Uses{}, nil
}

func (m *memory) Subscribe(_ context.Context, _ string, f customer.SubscriberFields) (customer.Subscriber, error) {
	for _, s := range m.subscribers {
		if strings.EqualFold(s.Email, *f.Email) && s.ChannelID == *f.ChannelID {
			return s, fault.New(fault.Conflict, "There is a subscriber with this email address already.")
		}
	}
	s := customer.Subscriber{ID: int64(len(m.subscribers) + 1)}
	s.Apply(f, noon)
	m.subscribers = append(m.subscribers, s)
	return s, nil
}

func (m *memory) UpdateSubscriber(_ context.Context, _ string, id int64, f customer.SubscriberFields) (customer.Subscriber, error) {
	m.subscribers[id-1].Apply(f, noon)
	return m.subscribers[id-1], nil
}

func (m *memory) Subscribers(_ context.Context, _ string, f customer.SubscriberFilter, _ cursor.Range) (cursor.Part[customer.Subscriber], error) {
	var part cursor.Part[customer.Subscriber]
	for _, s := range m.subscribers {
		if strings.EqualFold(s.Email, f.Email) {
			part.Entries = append(part.Entries, s)
		}
	}
	return part, nil
}

// Fresh implements order.Shops.
func (w *world) Fresh(ctx context.Context, store string) (cart.Shop, error) {
	return w.Shop(ctx, store)
}

// demoOffers has a coupon and a promotion with a name for shoppers, whose
// banner holds more than text.
func demoOffers() *promotion.Offers {
	return promotion.NewOffers(1, promotion.DefaultSettings, []*promotion.Promotion{{
		ID: 3, Name: "vase-2026", DisplayName: "Two vases, one cheaper", Redemption: promotion.Automatic, Status: promotion.Enabled,
		Currency: "*", Combines: true,
		Rules: []promotion.Rule{{ApplyOnce: true, Condition: &promotion.Condition{Cart: &promotion.CartCondition{
			Items: &promotion.Matcher{Products: []int64{vase}}, MinimumQuantity: 2}},
			Action: promotion.Action{CartValue: &promotion.CartValue{Discount: promotion.Discount{Fixed: ref(amount("5"))}}}}},
		Notifications: []promotion.Notification{{Type: "PROMOTION", Content: `<b>Two</b> vases cost <script>alert(6)</script>$5 less &amp; more`, Locations: []string{"CART_PAGE"}}},
	}}, []*promotion.Coupon{
		{ID: 5, Name: "Spring sale", Code: "SPRING", Type: promotion.Percentage, Amount: amount("10"), Enabled: true},
		{ID: 6, Name: "Over", Code: "OVER", Type: promotion.Percentage, Amount: amount("10"), Enabled: true, Expires: noon.Add(-time.Hour)},
	})
}

// send posts a form without a browser, so that many can go at once, and returns
// the status and where it leads.
func (w *world) send(target string, form url.Values, cookies []*http.Cookie) [2]string {
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	r.TLS = nil
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return [2]string{strconv.Itoa(rec.Code), rec.Header().Get("Location")}
}
