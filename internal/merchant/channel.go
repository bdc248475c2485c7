package merchant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cartwright/internal/fault"
)

// A store is one row, so what clients may put into it is bounded.
const (
	MaxChannels  = 500
	MaxRoutes    = 500 // of one site
	MaxGiftWraps = 250
)

// The statuses of a channel that rules ask about (spec/05 §4).
const (
	ChannelActive     = "active"
	ChannelArchived   = "archived"
	ChannelDeleted    = "deleted"
	ChannelTerminated = "terminated"
)

// ChannelTypes are the types a channel may have (spec/05 §4).
var ChannelTypes = []string{"storefront", "pos", "marketplace", "marketing"}

// ChannelStatuses are the statuses a client may set. terminated is the
// vendor's own, and deleted makes no sense for a new channel.
var ChannelStatuses = []string{ChannelActive, "prelaunch", "inactive", "connected", "disconnected", ChannelArchived, ChannelDeleted}

// ChannelFields is what a request says of a channel. Nil fields stay as they
// are.
type ChannelFields struct {
	Name         *string
	Status       *string
	ExternalID   *string
	ListableInUI *bool
	Visible      *bool
	// ConfigMeta is the client's own JSON object; "" clears it.
	ConfigMeta *string
}

// NewChannel is what a request says of a channel to make. Its type and
// platform never change.
type NewChannel struct {
	Type     string
	Platform string
	ChannelFields
}

// Available reports whether the channel is neither archived nor gone.
func (c *Channel) Available() bool { return !c.Gone() && c.Status != ChannelArchived }

// Gone reports whether the channel is deleted or terminated. It stays in the
// store, so that the carts and orders of it still have a channel.
func (c *Channel) Gone() bool { return c.Status == ChannelDeleted || c.Status == ChannelTerminated }

// AddChannel makes a channel and returns its id. It has no site, and offers
// the currencies of the store.
func (s *Store) AddChannel(in NewChannel, now time.Time) (int64, error) {
	if len(s.Channels) >= MaxChannels {
		return 0, fault.Newf(fault.Invalid, "A store can have at most %d channels.", MaxChannels)
	}
	if in.Status != nil && *in.Status == ChannelDeleted {
		return 0, fault.Field("status", fault.ExpectedEnum)
	}
	c := Channel{
		ID: s.NextID("channel"), Type: in.Type, Platform: in.Platform, Status: ChannelActive,
		ListableInUI: true, Visible: true, Created: now, Modified: now,
	}
	c.apply(in.ChannelFields)
	s.Channels = append(s.Channels, c)
	return c.ID, nil
}

// UpdateChannel changes a channel. The default channel cannot be deleted.
func (s *Store) UpdateChannel(id int64, f ChannelFields, now time.Time) error {
	c := s.Channel(id)
	if c == nil {
		return notFound()
	}
	if id == DefaultChannel && f.Status != nil && *f.Status == ChannelDeleted {
		return &fault.Error{Kind: fault.Invalid, Title: "The default channel cannot be deleted.",
			Fields: map[string]string{"status": fault.ExpectedEnum}}
	}
	c.apply(f)
	c.Modified = now
	return nil
}

func (c *Channel) apply(f ChannelFields) {
	set(&c.Name, f.Name)
	set(&c.Status, f.Status)
	set(&c.ExternalID, f.ExternalID)
	set(&c.ListableInUI, f.ListableInUI)
	set(&c.Visible, f.Visible)
	set(&c.ConfigMeta, f.ConfigMeta)
}

// set writes a field that a request names.
func set[T any](place, from *T) {
	if from != nil {
		*place = *from
	}
}

func notFound() error { return fault.New(fault.NotFound, fault.TitleNotFound) }

// ChannelCurrencies returns the currencies a channel offers: those assigned to
// it, else every enabled one of the store.
func (s *Store) ChannelCurrencies(channel int64) CurrencyAssignment {
	if c := s.Channel(channel); c != nil && c.Currencies != nil {
		return *c.Currencies
	}
	a := CurrencyAssignment{Enabled: []string{}, Default: s.DefaultCurrency().Code}
	for _, cur := range s.Currencies {
		if cur.Enabled {
			a.Enabled = append(a.Enabled, cur.Code)
		}
	}
	return a
}

// AssignCurrencies narrows a channel to some currencies of the store. The
// default must be one of them, and one can pay in it.
func (s *Store) AssignCurrencies(channel int64, in CurrencyAssignment, now time.Time) error {
	c := s.Channel(channel)
	if c == nil {
		return notFound()
	}
	a := CurrencyAssignment{Default: strings.ToUpper(in.Default)}
	for i, code := range in.Enabled {
		code = strings.ToUpper(code)
		if cur := s.Currency(code); cur == nil || !cur.Enabled {
			return fault.Field(fmt.Sprintf("enabled_currencies.%d", i), fault.ExpectedEnum)
		}
		if !slices.Contains(a.Enabled, code) {
			a.Enabled = append(a.Enabled, code)
		}
	}
	if cur := s.Currency(a.Default); cur == nil || !cur.Transactional || !slices.Contains(a.Enabled, a.Default) {
		return fault.Field("default_currency", fault.ExpectedEnum)
	}
	c.Currencies, c.Modified = &a, now
	return nil
}

// UnassignCurrencies lets a channel offer what the store does.
func (s *Store) UnassignCurrencies(channel int64, now time.Time) error {
	c := s.Channel(channel)
	if c == nil {
		return notFound()
	}
	if c.Currencies != nil {
		c.Currencies, c.Modified = nil, now
	}
	return nil
}

// SetPurchasing opens or closes a channel for carts; nil lets it do as the
// store does (spec/01 §15).
func (s *Store) SetPurchasing(channel int64, allow *bool) error {
	if s.Channel(channel) == nil {
		return notFound()
	}
	if allow == nil {
		delete(s.CartSettings.Channels, channel)
		return nil
	}
	if s.CartSettings.Channels == nil {
		s.CartSettings.Channels = map[int64]bool{}
	}
	s.CartSettings.Channels[channel] = *allow
	return nil
}

// Purchasing returns a channel's own setting, nil when it has none.
func (s *Store) Purchasing(channel int64) *bool {
	if v, ok := s.CartSettings.Channels[channel]; ok {
		return &v
	}
	return nil
}
