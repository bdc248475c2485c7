package recovery

import (
	"context"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/event"
	"cartwright/internal/fault"
)

// Storage keeps what the Service works on: settings, options and templates, the
// tokens of links and what came of them, the ledger, and what reports count.
type Storage interface {
	OptionStorage
	TokenStorage
	LandingStorage
	ReportStorage
	LedgerStorage

	// RecoverySettings returns a store's settings, or nil while it set none.
	RecoverySettings(ctx context.Context, store string) (*Settings, error)
	// PutRecoverySettings replaces them and returns them.
	PutRecoverySettings(ctx context.Context, store string, s Settings) (Settings, error)
	// RecoveryChannel returns what a channel has of its own: at first nothing.
	RecoveryChannel(ctx context.Context, store string, channel int64) (Channel, error)
	// UpdateRecoveryChannel calls change with it and writes it back. What change
	// returns is told to those who listen to the channel.
	UpdateRecoveryChannel(ctx context.Context, store string, channel int64, change func(*Channel) []event.Event) (Channel, error)

	// MailTemplates returns the set of a channel, or of the store, by id. stored
	// is false while nobody has changed a template of the store: its set is then
	// the default one, and no channel has any.
	MailTemplates(ctx context.Context, store string, channel int64) (set []Template, stored bool, err error)
	// FindMailTemplate returns a template of any set, or nil. stored is as that of
	// MailTemplates.
	FindMailTemplate(ctx context.Context, store string, id int64) (t *Template, stored bool, err error)
	// ChangeMailTemplates stores seed as the store's set if nothing is stored
	// yet, and calls change with what there is to work on. What change returns is
	// told to those who listen to the channel of the template.
	ChangeMailTemplates(ctx context.Context, store string, seed []Template, change func(TemplateShelf) (Template, []event.Event, error)) (Template, error)

	// KeepPreview stores nothing but the answer of a request that is to be
	// applied once.
	KeepPreview(ctx context.Context, m Message) (Message, error)
	// KeepTest stores nothing but the answer of a request that is to be applied
	// once, and DropTest takes it back.
	KeepTest(ctx context.Context, m TestMail) (TestMail, error)
	DropTest(ctx context.Context) error
}

// TemplateShelf is the templates of a store inside one write.
type TemplateShelf interface {
	// Find returns a template by its id, or nil.
	Find(id int64) (*Template, error)
	// Count returns how many templates the set of a channel has.
	Count(channel int64) (int, error)
	// Add stores a new template and gives it its id.
	Add(t *Template) error
	// Put writes a template back.
	Put(t *Template) error
	// Remove deletes a template.
	Remove(id int64) error
}

// Shops gives a store with its catalog and offers, or a NotFound fault.
type Shops interface {
	Shop(ctx context.Context, store string) (cart.Shop, error)
}

// Carts gives a cart with the prices of now, or a NotFound fault.
type Carts interface {
	Get(ctx context.Context, store string, cartID cart.ID) (*cart.Cart, error)
}

// Service is what the surfaces call.
type Service struct {
	storage   Storage
	shops     Shops
	carts     Carts
	customers cart.Customers
	clock     clock.Clock
}

// NewService returns a service on this storage.
func NewService(s Storage, shops Shops, carts Carts, customers cart.Customers, c clock.Clock) *Service {
	return &Service{s, shops, carts, customers, c}
}

// now is the time in the precision in which it is stored.
func (s *Service) now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

func errNotFound() error { return fault.New(fault.NotFound, "Not Found") }

// Settings returns the settings of a store.
func (s *Service) Settings(ctx context.Context, store string) (Settings, error) {
	own, err := s.storage.RecoverySettings(ctx, store)
	if err != nil {
		return Settings{}, err
	}
	if own != nil {
		return *own, nil
	}
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return Settings{}, err
	}
	return DefaultSettings(shop.Store), nil
}

// SetSettings replaces the settings of a store.
func (s *Service) SetSettings(ctx context.Context, store string, in Settings) (Settings, error) {
	return s.storage.PutRecoverySettings(ctx, store, in)
}

// Effective returns the settings as they count for a channel now.
func (s *Service) Effective(ctx context.Context, store string, channel int64) (Settings, error) {
	all, err := s.Settings(ctx, store)
	if err != nil {
		return Settings{}, err
	}
	own, err := s.storage.RecoveryChannel(ctx, store, channel)
	return all.With(own.Overrides), err
}

// channel returns what a channel of the store has of its own, or a NotFound
// fault.
func (s *Service) channel(ctx context.Context, store string, channel int64) (Channel, error) {
	if err := s.mustHave(ctx, store, channel); err != nil {
		return Channel{}, err
	}
	return s.storage.RecoveryChannel(ctx, store, channel)
}

func (s *Service) mustHave(ctx context.Context, store string, channel int64) error {
	shop, err := s.shops.Shop(ctx, store)
	if err == nil && shop.Store.Channel(channel) == nil {
		err = errNotFound()
	}
	return err
}

// Overrides returns the settings that a channel has of its own, or a NotFound
// fault for an unknown channel.
func (s *Service) Overrides(ctx context.Context, store string, channel int64) (Overrides, error) {
	c, err := s.channel(ctx, store, channel)
	return c.Overrides, err
}

// SetOverrides changes the settings of a channel. Who listens to the channel
// is told if they are others now.
func (s *Service) SetOverrides(ctx context.Context, store string, channel int64, in OverridesChange) (Overrides, error) {
	if err := s.mustHave(ctx, store, channel); err != nil {
		return Overrides{}, err
	}
	c, err := s.storage.UpdateRecoveryChannel(ctx, store, channel, func(c *Channel) []event.Event {
		if !c.Overrides.apply(in) {
			return nil
		}
		return []event.Event{{Scope: event.NotificationsUpdated}}
	})
	return c.Overrides, err
}

// UsesGlobal reports whether a channel sends the store's set of mails.
func (s *Service) UsesGlobal(ctx context.Context, store string, channel int64) (bool, error) {
	c, err := s.channel(ctx, store, channel)
	return !c.OwnTemplates, unknownChannel(err)
}

// SetUsesGlobal switches between the store's set and the channel's own.
func (s *Service) SetUsesGlobal(ctx context.Context, store string, channel int64, global bool) (bool, error) {
	if err := s.mustHave(ctx, store, channel); err != nil {
		return false, unknownChannel(err)
	}
	c, err := s.storage.UpdateRecoveryChannel(ctx, store, channel, func(c *Channel) []event.Event {
		c.OwnTemplates = !global
		return nil
	})
	return !c.OwnTemplates, err
}

// unknownChannel is how a channel that is not there is told where a query
// names it.
func unknownChannel(err error) error {
	if fault.Is(err, fault.NotFound) {
		return refused("channel_id", "there is no such channel")
	}
	return err
}

// ErrChannelMissing is the refusal of a request that names no channel.
func ErrChannelMissing() error { return refused("channel_id", "is required") }

// Templates returns the set of a channel, or of the store, by id.
func (s *Service) Templates(ctx context.Context, store string, channel int64) ([]Template, error) {
	if channel != AllChannels {
		if err := s.mustHave(ctx, store, channel); err != nil {
			return nil, unknownChannel(err)
		}
	}
	return s.set(ctx, store, channel)
}

func (s *Service) set(ctx context.Context, store string, channel int64) ([]Template, error) {
	set, stored, err := s.storage.MailTemplates(ctx, store, channel)
	if err == nil && !stored && channel == AllChannels {
		return DefaultSet(), nil
	}
	return set, err
}

// Sequence returns the active mails that go out to carts of a channel, in the
// order in which they do (spec/02 §5.2).
func (s *Service) Sequence(ctx context.Context, store string, channel int64) ([]Template, error) {
	own, err := s.storage.RecoveryChannel(ctx, store, channel)
	if err != nil {
		return nil, err
	}
	set, err := s.set(ctx, store, sequenceOwner(own, channel))
	if err != nil {
		return nil, err
	}
	return activeByMinutes(set), nil
}

// activeByMinutes returns the active templates of a set in the order in which
// they go out.
func activeByMinutes(set []Template) []Template {
	active := make([]Template, 0, len(set))
	for _, t := range set {
		if t.Active {
			active = append(active, t)
		}
	}
	byMinutes(active)
	return active
}
