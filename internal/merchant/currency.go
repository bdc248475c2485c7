package merchant

import (
	"slices"
	"strings"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// CurrencyFields is what a request says of a currency. Nil fields stay as they
// are.
type CurrencyFields struct {
	Name           *string
	Rate           *money.Rate
	Default        *bool
	Enabled        *bool
	Transactional  *bool
	AutoUpdate     *bool
	Country        *string
	DefaultFor     *[]string
	TokenLocation  *string
	Token          *string
	DecimalToken   *string
	ThousandsToken *string
	DecimalPlaces  *int
	UseDefaultName *bool
}

// CurrencyByID returns the currency with this id, or nil. Deleted ones are not
// found.
func (s *Store) CurrencyByID(id int64) *Currency {
	for i := range s.Currencies {
		if s.Currencies[i].ID == id && !s.Currencies[i].Deleted {
			return &s.Currencies[i]
		}
	}
	return nil
}

// ListedCurrencies returns the currencies that are not deleted.
func (s *Store) ListedCurrencies() []Currency {
	return slices.DeleteFunc(slices.Clone(s.Currencies), func(c Currency) bool { return c.Deleted })
}

// AddCurrency adds a currency and returns its id. It returns a Conflict fault
// for one that is there already.
func (s *Store) AddCurrency(code string, f CurrencyFields, now time.Time) (int64, error) {
	cur, err := NewCurrency(strings.ToUpper(code))
	if err != nil {
		return 0, &fault.Error{Kind: fault.Invalid, Title: fault.TitleSchema,
			Fields: map[string]string{"currency_code": fault.ExpectedEnum}}
	}
	if old := s.Currency(cur.Code); old != nil && !old.Deleted {
		return 0, fault.Newf(fault.Conflict, "The store has the currency %s already.", cur.Code)
	}
	s.Currencies = slices.DeleteFunc(s.Currencies, func(c Currency) bool { return c.Code == cur.Code })
	cur.ID = s.NextID("currency")
	s.Currencies = append(s.Currencies, cur)
	return cur.ID, s.UpdateCurrency(cur.ID, f, now)
}

// UpdateCurrency changes a currency. One that becomes the default takes the
// place of the one that was; the default itself can neither lose that place
// nor be switched off (spec/05 §6).
func (s *Store) UpdateCurrency(id int64, f CurrencyFields, now time.Time) error {
	cur := s.CurrencyByID(id)
	if cur == nil {
		return notFound()
	}
	if cur.Default && f.Default != nil && !*f.Default {
		return fault.Field("is_default", fault.ExpectedEnum)
	}
	if cur.Default && f.Rate != nil && *f.Rate != money.RateOne {
		return &fault.Error{Kind: fault.Invalid, Title: "The exchange rate of the default currency is 1.",
			Fields: map[string]string{"currency_exchange_rate": fault.ExpectedEnum}}
	}
	cur.apply(f)
	cur.LastUpdated = now
	if f.Default != nil && *f.Default && !cur.Default {
		if err := s.makeDefault(cur, now); err != nil {
			return err
		}
	}
	return s.checkOffered(cur)
}

func (c *Currency) apply(f CurrencyFields) {
	set(&c.Name, f.Name)
	set(&c.Rate, f.Rate)
	set(&c.Enabled, f.Enabled)
	set(&c.Transactional, f.Transactional)
	set(&c.AutoUpdate, f.AutoUpdate)
	set(&c.Country, f.Country)
	set(&c.DefaultFor, f.DefaultFor)
	set(&c.TokenLocation, f.TokenLocation)
	set(&c.Token, f.Token)
	set(&c.DecimalToken, f.DecimalToken)
	set(&c.ThousandsToken, f.ThousandsToken)
	set(&c.DecimalPlaces, f.DecimalPlaces)
	set(&c.UseDefaultName, f.UseDefaultName)
}

// makeDefault makes a currency the one that catalog prices are in. All rates
// are restated for one unit of it. The vendor makes it enabled and
// transactional by that.
func (s *Store) makeDefault(cur *Currency, now time.Time) error {
	base := cur.Rate
	for i := range s.Currencies {
		c := &s.Currencies[i]
		rate, err := c.Rate.Restate(base)
		if err != nil {
			return &fault.Error{Kind: fault.Invalid, Title: "The exchange rate of " + c.Code + " cannot be stated in " + cur.Code + ".",
				Fields: map[string]string{"is_default": fault.ExpectedEnum}}
		}
		c.Rate, c.Default, c.LastUpdated = rate, c.ID == cur.ID, now
	}
	cur.Enabled, cur.Transactional = true, true
	return nil
}

// checkOffered refuses to switch off a currency in which carts begin: the
// store's default or a channel's.
func (s *Store) checkOffered(cur *Currency) error {
	if cur.Enabled && cur.Transactional {
		return nil
	}
	if cur.Default {
		return fault.New(fault.Conflict, "The default currency must be enabled and transactional.")
	}
	return s.checkChannelDefault(cur.Code)
}

func (s *Store) checkChannelDefault(code string) error {
	for _, c := range s.Channels {
		if c.Currencies != nil && c.Currencies.Default == code && !c.Gone() {
			return fault.Newf(fault.Conflict, "The currency %s is the default of channel %d.", code, c.ID)
		}
	}
	return nil
}

// RemoveCurrency takes a currency off the list and from the channels that
// offer it. Carts in it go on at the rate it had, so it is kept out of sight.
// It returns a Conflict fault for the default of the store or of a channel.
func (s *Store) RemoveCurrency(id int64) error {
	cur := s.CurrencyByID(id)
	if cur == nil {
		return notFound()
	}
	if cur.Default {
		return fault.New(fault.Conflict, "The default currency cannot be deleted.")
	}
	code := cur.Code
	if err := s.checkChannelDefault(code); err != nil {
		return err
	}
	for i := range s.Channels {
		a := s.Channels[i].Currencies
		if a == nil {
			continue
		}
		if a.Default == code { // of a channel that is gone
			s.Channels[i].Currencies = nil
			continue
		}
		a.Enabled = slices.DeleteFunc(a.Enabled, func(c string) bool { return c == code })
	}
	cur.Deleted, cur.Enabled, cur.Transactional = true, false, false
	return nil
}
