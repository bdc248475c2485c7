package cart

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
)

// Change is what a write does beside changing the cart itself.
type Change struct {
	// Events happened in this write, in the vendor's order (spec/04 §5).
	Events []event.Event
	// Redirect is a one-time link to make together with the write.
	Redirect *Redirect
	// Delete says that the cart goes.
	Delete bool
}

// Storage keeps carts. Every method that writes returns once the write is
// durable.
type Storage interface {
	// CreateCart stores a new cart.
	CreateCart(ctx context.Context, c *Cart, ch Change) error
	// FindCart returns a cart, or nil when there is none. The cart must not be
	// changed.
	FindCart(ctx context.Context, store string, cartID ID) (*Cart, error)
	// UpdateCart loads a cart, calls change with a copy and writes what change
	// made of it, if nobody else wrote in between; otherwise it begins again,
	// so change must not do anything but change the cart. It returns a NotFound
	// fault without a title when there is no such cart.
	UpdateCart(ctx context.Context, store string, cartID ID, change func(*Cart) (Change, error)) (*Cart, error)
	RedirectStorage
}

// Shops gives the set-up and catalog of a store, from memory where it can.
type Shops interface {
	Shop(ctx context.Context, store string) (Shop, error)
}

// Customers finds a customer by id; nil when there is none.
type Customers interface {
	FindCustomer(ctx context.Context, store string, customerID int64) (*customer.Customer, error)
	// CountOrders returns how many orders a customer has placed.
	CountOrders(ctx context.Context, store string, customerID int64) (int64, error)
}

// Pricer computes every amount of a cart and how long it holds. It is the
// pricing pipeline.
type Pricer interface {
	Price(c *Cart, shop Shop, now time.Time) error
}

// Service is what the surfaces call.
type Service struct {
	storage   Storage
	shops     Shops
	customers Customers
	pricer    Pricer
	clock     clock.Clock
}

// NewService returns a service on these parts.
func NewService(storage Storage, shops Shops, customers Customers, pricer Pricer, c clock.Clock) *Service {
	return &Service{storage: storage, shops: shops, customers: customers, pricer: pricer, clock: c}
}

// Options are the parts of a write that are not about what it writes.
type Options struct {
	// Version is the version the client believes in; nil means any.
	Version *int64
	// Redirect is a one-time link to make in the same transaction. Its cart
	// and times are filled in.
	Redirect *Redirect
}

// errGone is the vendor's answer for a cart that is not there: 404 without a
// title (spec/00 §5, E4).
func errGone() error { return &fault.Error{Kind: fault.NotFound} }

// Create makes a cart (spec/01 §2).
func (s *Service) Create(ctx context.Context, store string, d Draft, opt Options) (*Cart, error) {
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return nil, err
	}
	now := s.now()
	c := &Cart{ID: ID(id.UUID()), Store: store, Version: 1, Created: now, Updated: now,
		TaxIncluded: shop.Store.PricesIncludeTax}
	if err := setChannel(c, shop, d); err != nil {
		return nil, err
	}
	who, orders, err := s.buyer(ctx, store, d.CustomerID)
	if err != nil {
		return nil, err
	}
	c.belongTo(who, orders)
	t, err := addEntries(c, shop, Entries{Items: d.Items, CustomItems: d.CustomItems, Certificates: d.Certificates})
	if err == nil {
		err = checkText(c)
	}
	if err != nil {
		return nil, err
	}
	if err := s.price(c, shop, now); err != nil {
		return nil, err
	}
	events := []event.Event{{Scope: event.CartCreated}}
	events = append(events, lineEvents(t)...)
	events = append(events, event.Event{Scope: event.CartUpdated})
	events = withAddedLines(events, nil, c.addedLines())
	ch := Change{Events: events, Redirect: opt.redirect(c, now)}
	return c, s.storage.CreateCart(ctx, c, ch)
}

// Get returns a cart with the prices of now. It returns a NotFound fault for
// a cart that is unknown, deleted or expired.
func (s *Service) Get(ctx context.Context, store string, cartID ID) (*Cart, error) {
	c, err := s.find(ctx, store, cartID)
	if err != nil {
		return nil, err
	}
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if c.Priced.stands(shop, now) {
		return c, nil
	}
	fresh := c.Clone()
	if err := s.price(fresh, shop, now); err != nil {
		return nil, err
	}
	return fresh, nil
}

// SetCustomer gives the cart to another customer, or to none with 0
// (spec/01 §11, C3).
func (s *Service) SetCustomer(ctx context.Context, store string, cartID ID, customerID int64, opt Options) (*Cart, error) {
	who, orders, unknown := s.buyer(ctx, store, customerID)
	if unknown != nil && fault.As(unknown) == nil {
		return nil, unknown
	}
	return s.Apply(ctx, store, cartID, opt, func(c *Cart, _ Shop, _ time.Time) ([]event.Event, error) {
		if unknown != nil { // said after a missing cart and a stale version
			return nil, unknown
		}
		c.belongTo(who, orders)
		c.dropDeals()
		return []event.Event{{Scope: event.CartUpdated}}, nil
	})
}

// AddLines adds entries to a cart (spec/01 §11, C5).
func (s *Service) AddLines(ctx context.Context, store string, cartID ID, in Entries, opt Options) (*Cart, error) {
	return s.Apply(ctx, store, cartID, opt, func(c *Cart, shop Shop, _ time.Time) ([]event.Event, error) {
		t, err := addEntries(c, shop, in)
		return append(lineEvents(t), event.Event{Scope: event.CartUpdated}), err
	})
}

// UpdateLine changes one line (spec/01 §11, C6).
func (s *Service) UpdateLine(ctx context.Context, store string, cartID ID, lineID string, in LineUpdate, opt Options) (*Cart, error) {
	return s.Apply(ctx, store, cartID, opt, func(c *Cart, shop Shop, _ time.Time) ([]event.Event, error) {
		err := updateLine(c, shop, lineID, in)
		return []event.Event{{Scope: event.LineUpdated, Line: lineID}, {Scope: event.CartUpdated}}, err
	})
}

// RemoveLine takes a line out. It returns nil when that was the last line and
// the cart is gone (spec/01 §1).
func (s *Service) RemoveLine(ctx context.Context, store string, cartID ID, lineID string, opt Options) (*Cart, error) {
	c, err := s.Apply(ctx, store, cartID, opt, func(c *Cart, _ Shop, _ time.Time) ([]event.Event, error) {
		events := []event.Event{{Scope: event.LineDeleted, Line: lineID}, {Scope: event.CartUpdated}}
		for i := range c.Lines {
			if c.Lines[i].ID != lineID {
				continue
			}
			if c.Lines[i].AddedBy != 0 {
				return nil, errAddedByPromotion()
			}
			c.Lines = append(c.Lines[:i], c.Lines[i+1:]...)
			if c.Empty() {
				c.Lines = nil // what promotions added goes with the last of the rest
				events = append(events, event.Event{Scope: event.CartDeleted})
			}
			return events, nil
		}
		return nil, errGone()
	})
	if err != nil || len(c.Lines) == 0 {
		return nil, err
	}
	return c, nil
}

// Delete removes a cart for good.
func (s *Service) Delete(ctx context.Context, store string, cartID ID) error {
	cartID, err := canonical(cartID)
	if err != nil {
		return err
	}
	now := s.now()
	_, err = s.storage.UpdateCart(ctx, store, cartID, func(c *Cart) (Change, error) {
		if c.Expired(now) {
			return Change{}, errGone()
		}
		c.Version++
		c.Updated = now
		return Change{Events: []event.Event{{Scope: event.CartDeleted}}, Delete: true}, nil
	})
	return err
}

// Apply applies a pure change to the fresh cart, prices it and writes it: the
// one way in which a cart or its checkout is changed. The change returns what
// happened; what promotions put in or took out in consequence is added.
func (s *Service) Apply(ctx context.Context, store string, cartID ID, opt Options,
	change func(*Cart, Shop, time.Time) ([]event.Event, error)) (*Cart, error) {
	cartID, err := canonical(cartID)
	if err != nil {
		return nil, err
	}
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return nil, err
	}
	now := s.now()
	return s.storage.UpdateCart(ctx, store, cartID, func(c *Cart) (Change, error) {
		if c.Expired(now) {
			return Change{}, errGone()
		}
		if opt.Version != nil && *opt.Version != c.Version {
			return Change{}, fault.New(fault.Conflict, fault.TitleConflict)
		}
		before, units := c.addedLines(), c.unsent()
		events, err := change(c, shop, now)
		if err == nil {
			err = checkText(c)
		}
		if err != nil {
			return Change{}, err
		}
		c.joinConsignment(units)
		c.Version++
		c.Updated = now
		if err := s.price(c, shop, now); err != nil {
			return Change{}, err
		}
		events = withAddedLines(events, before, c.addedLines())
		return Change{Events: events, Redirect: opt.redirect(c, now), Delete: len(c.Lines) == 0}, nil
	})
}

// canonical returns the id in the lower case that carts are stored under. What
// is not a UUID is no cart (spec/01 §11, C2).
func canonical(cartID ID) (ID, error) {
	if !id.IsUUID(string(cartID)) {
		return "", errGone()
	}
	return ID(strings.ToLower(string(cartID))), nil
}

func (s *Service) find(ctx context.Context, store string, cartID ID) (*Cart, error) {
	cartID, err := canonical(cartID)
	if err != nil {
		return nil, err
	}
	c, err := s.storage.FindCart(ctx, store, cartID)
	if err != nil {
		return nil, err
	}
	if c == nil || c.Expired(s.now()) {
		return nil, errGone()
	}
	return c, nil
}

// price computes the amounts of a cart that is about to be answered or written.
func (s *Service) price(c *Cart, shop Shop, now time.Time) error {
	err := s.pricer.Price(c, shop, now)
	if errors.Is(err, money.ErrOverflow) {
		return fault.New(fault.Invalid, "The amount of the cart is too large.")
	}
	if err != nil {
		return fmt.Errorf("price cart %s: %w", c.ID, err)
	}
	c.Priced.PriceRevision, c.Priced.StoreRevision = shop.Catalog.PriceRevision, shop.Store.Revision
	return nil
}

// now is the present to the millisecond, the precision that carts keep.
func (s *Service) now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

var localePattern = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$`)

// setChannel fills in channel, currency and locale (spec/01 §9).
func setChannel(c *Cart, shop Shop, d Draft) error {
	c.ChannelID = d.ChannelID
	if c.ChannelID == 0 {
		c.ChannelID = 1
	}
	channel := shop.Store.Channel(c.ChannelID)
	if channel == nil || channel.Status == "deleted" || channel.Status == "terminated" {
		return required("channel_id", fmt.Sprintf("Channel %d does not exist", c.ChannelID))
	}
	c.Currency = strings.ToUpper(strings.TrimSpace(d.Currency))
	if c.Currency == "" {
		c.Currency = shop.Store.ChannelCurrency(c.ChannelID).Code
	}
	if err := checkCurrency(shop, c); err != nil {
		return err
	}
	c.Locale = d.Locale
	if c.Locale == "" {
		c.Locale = channel.DefaultLocale
	}
	if c.Locale == "" {
		c.Locale = "en"
	}
	if !localePattern.MatchString(c.Locale) {
		return required("locale", "The locale must look like en or en-US")
	}
	return nil
}

func checkCurrency(shop Shop, c *Cart) error {
	currency := shop.Store.Currency(c.Currency)
	usable := currency != nil && currency.Enabled && currency.Transactional
	if a := shop.Store.Channel(c.ChannelID).Currencies; usable && a != nil {
		usable = false
		for _, code := range a.Enabled {
			usable = usable || code == c.Currency
		}
	}
	if !usable {
		return &fault.Error{Kind: fault.Malformed, Title: "Input is invalid",
			Detail: fmt.Sprintf("The currency %s is not available for transactions on channel %d.", c.Currency, c.ChannelID)}
	}
	return nil
}

func lineEvents(t touched) []event.Event {
	events := make([]event.Event, 0, len(t.created)+len(t.updated)+2)
	for _, lineID := range t.created {
		events = append(events, event.Event{Scope: event.LineCreated, Line: lineID})
	}
	for _, lineID := range t.updated {
		events = append(events, event.Event{Scope: event.LineUpdated, Line: lineID})
	}
	return events
}

func (o Options) redirect(c *Cart, now time.Time) *Redirect {
	if o.Redirect == nil {
		return nil
	}
	r := *o.Redirect
	r.Store, r.Cart, r.Expires = c.Store, c.ID, now.Add(RedirectLifetime)
	return &r
}
