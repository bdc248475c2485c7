package hook

import (
	"crypto/sha1" // the vendor's hash: it tells repetitions apart, it proves nothing
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/event"
)

// Row is one row of the journal: what one write told.
type Row struct {
	Store      string
	Subject    string // the id of a cart, or order/75, customer/12
	Version, N int64
	Channel    int64
	At         time.Time
	Events     []event.Event
}

// Notice is one concrete event as it goes out: its scope and its data.
type Notice struct {
	// Event is the place of the event in its row.
	Event int
	Scope string
	Data  json.RawMessage
}

// Expand returns what a row tells, in the order in which it happened. An event
// of a cart is told twice: to the store, and to those who follow the cart's
// channel (spec/04 §5).
func Expand(r Row) []Notice {
	var out []Notice
	for i, e := range r.Events {
		data := dataOf(r, e)
		if data == nil {
			continue
		}
		out = append(out, Notice{i, strings.Replace(e.Scope, "{}", strconv.FormatInt(r.Channel, 10), 1), encode(data)})
		if scope, data := ofChannel(r, e); data != nil {
			out = append(out, Notice{i, scope, encode(data)})
		}
	}
	return out
}

// cartData is the data of most cart events.
type cartData struct {
	Type     string `json:"type"`
	ID       string `json:"id"`
	Token    string `json:"token,omitempty"`
	OrderID  int64  `json:"orderId,omitempty"`
	CouponID int64  `json:"couponId,omitempty"`
}

type lineData struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	CartID string `json:"cartId"`
}

type metafieldData struct {
	ID        int64  `json:"metafield_id"`
	Resource  string `json:"resource_id"`
	Namespace string `json:"namespace,omitempty"`
}

// entityData is the data of orders and customers.
type entityData struct {
	Type   string      `json:"type"`
	ID     int64       `json:"id"`
	Status *statusData `json:"status,omitempty"`
}

// templateData says which template of a channel changed.
type templateData struct {
	Kind string `json:"template_kind"`
}

type statusData struct {
	Before int64 `json:"previous_status_id"`
	After  int64 `json:"new_status_id"`
}

// dataOf returns the data of an event in its store-wide form, or nil for one
// that nobody is told of.
func dataOf(r Row, e event.Event) any {
	switch e.Scope {
	case event.CartCreated, event.CartUpdated, event.CartDeleted:
		return cartData{Type: "cart", ID: r.Subject}
	case event.CartAbandoned:
		return cartData{Type: "cart", ID: r.Subject, Token: e.Token}
	case event.CartConverted:
		return cartData{Type: "cart", ID: r.Subject, OrderID: e.Order}
	case event.CouponApplied:
		return cartData{Type: "cart", ID: r.Subject, CouponID: e.Coupon}
	case event.LineCreated, event.LineUpdated, event.LineDeleted:
		return lineData{"cart_line_item", e.Line, r.Subject}
	case event.MetafieldCreated, event.MetafieldUpdated, event.MetafieldDeleted:
		return metafieldData{e.Metafield, r.Subject, e.Namespace}
	case event.OrderCreated, event.OrderUpdated, event.OrderArchived:
		return entityData{Type: "order", ID: e.Order}
	case event.OrderStatusUpdated:
		return entityData{Type: "order", ID: e.Order, Status: &statusData{e.Before, e.After}}
	case event.CustomerCreated, event.CustomerUpdated, event.CustomerDeleted:
		return entityData{Type: "customer", ID: e.Customer}
	case event.NotificationsUpdated:
		return struct{}{}
	case event.TemplateUpdated, event.TemplateDeleted:
		return templateData{"abandoned_cart_email"}
	}
	return nil
}

// ofChannel returns the form of a cart's event for the followers of its
// channel; of a metafield there is none.
func ofChannel(r Row, e event.Event) (scope string, data any) {
	rest, ok := strings.CutPrefix(e.Scope, "store/cart/")
	if !ok || strings.HasPrefix(rest, "metafield/") {
		return "", nil
	}
	scope = "store/channel/" + strconv.FormatInt(r.Channel, 10) + "/cart/" + rest
	if strings.HasPrefix(rest, "lineItem/") {
		return scope, struct {
			Cart string `json:"cart_id"`
			Line string `json:"cart_item_id"`
		}{r.Subject, e.Line}
	}
	return scope, struct {
		Cart string `json:"cart_id"`
	}{r.Subject}
}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // structs of strings and numbers
	}
	return b
}

// payload is the body of a callback (spec/04 §2).
type payload struct {
	Scope    string          `json:"scope"`
	StoreID  string          `json:"store_id"`
	Data     json.RawMessage `json:"data"`
	Hash     string          `json:"hash,omitempty"`
	Created  int64           `json:"created_at"`
	Producer string          `json:"producer"`
}

// hashOf is the vendor's duplicate mark: SHA-1 of the payload without it
// (spec/04 §2.1).
func (p payload) hashOf() string {
	p.Hash = ""
	sum := sha1.Sum(encode(p))
	return hex.EncodeToString(sum[:])
}

// StoreID is the number that callbacks carry for a store, as text. Stores here
// have a hash and no number, so it is made of the hash.
func StoreID(hash string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(hash))
	return strconv.FormatUint(uint64(h.Sum32()), 10)
}

// Deliveries makes what a row causes for these hooks, of one store: for each
// event, in order, one delivery to each hook that it concerns. A hook is not
// told of what happened before it was there.
func Deliveries(r Row, hooks []Hook, now time.Time) []Delivery {
	var out []Delivery
	for _, n := range Expand(r) {
		for i := range hooks {
			h := &hooks[i]
			if h.Active && Matches(h.Scope, n.Scope) && !r.At.Before(h.Created) {
				out = append(out, newDelivery(h, r, n, now))
			}
		}
	}
	return out
}

func newDelivery(h *Hook, r Row, n Notice, now time.Time) Delivery {
	d := Delivery{
		Store: r.Store, Client: h.Client, HookID: h.ID, Subject: r.Subject, Version: r.Version, N: r.N, Event: int64(n.Event),
		Scope: n.Scope, Data: n.Data, Created: r.At, State: Waiting, Due: now,
	}
	d.Hash = d.payload().hashOf()
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s/%d/%d/%d", d.Store, d.HookID, d.Subject, d.Version, d.N, d.Event))
	d.MessageID = "msg_" + hex.EncodeToString(sum[:16])
	return d
}
