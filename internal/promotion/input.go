package promotion

import (
	"slices"
	"strings"
	"time"

	"cartwright/internal/fault"
)

// Fields is what a request says of a promotion. Nil fields stay as they are.
type Fields struct {
	Name        *string
	DisplayName *string
	Redemption  *Redemption
	Channels    *[]int64
	Customer    *Audience
	Rules       *[]Rule
	MaxUses     *int64
	Status      *Status
	Start       *time.Time
	End         *time.Time // zero means no end
	Stop        *bool
	Combines    *bool

	Overrides           *bool
	OverridesWhenBetter *bool

	Currency      *string
	Notifications *[]Notification
	Countries     *[]string
	Schedule      **Schedule // nil inside means none
	Priority      *int64
	CouponType    *CouponKind
}

// New makes a promotion with the vendor's defaults (spec/05 §7.3): enabled from
// now on, without an end, beside others, in the store's default currency.
func New(f Fields, s Shelf, now time.Time) (*Promotion, error) {
	p := &Promotion{Status: Enabled, Start: now, Created: now, Combines: true, Currency: s.Store.DefaultCurrency().Code}
	if f.Redemption != nil {
		p.Redemption = *f.Redemption
	}
	if p.Redemption == ByCoupon {
		p.CouponType = Single
		if f.CouponType != nil {
			p.CouponType = *f.CouponType
		}
	}
	return p, p.apply(f, s)
}

// apply changes what is given and checks the result. What the promotion
// referred to before is not asked again: it may be gone by now.
func (p *Promotion) apply(f Fields, s Shelf) error {
	c := &check{}
	if f.Redemption != nil && *f.Redemption != p.Redemption {
		c.fail("redemption_type", "The redemption type cannot be changed.")
	}
	if f.CouponType != nil && *f.CouponType != p.CouponType {
		c.fail("coupon_type", "The coupon type cannot be changed, and only promotions that are redeemed by coupon have one.")
	}
	p.set(f)
	if f.Currency != nil {
		p.Currency = strings.ToUpper(strings.TrimSpace(*f.Currency))
		if cur := s.Store.Currency(p.Currency); p.Currency != AnyCurrency && (cur == nil || !cur.Enabled) {
			c.fail("currency_code", fault.ExpectedEnum)
		}
	}
	if f.Channels != nil {
		c.channels(p, s)
	}
	if f.Rules != nil {
		c.gifts(p, s)
	}
	c.promotion(p)
	return c.err()
}

func (p *Promotion) set(f Fields) {
	set(&p.Name, f.Name)
	set(&p.DisplayName, f.DisplayName)
	set(&p.Channels, f.Channels)
	set(&p.Customer, f.Customer)
	set(&p.Rules, f.Rules)
	set(&p.MaxUses, f.MaxUses)
	set(&p.Status, f.Status)
	set(&p.Start, f.Start)
	set(&p.End, f.End)
	set(&p.Stop, f.Stop)
	set(&p.Combines, f.Combines)
	set(&p.Overrides, f.Overrides)
	set(&p.OverridesWhenBetter, f.OverridesWhenBetter)
	set(&p.Notifications, f.Notifications)
	set(&p.Countries, f.Countries)
	set(&p.Schedule, f.Schedule)
	set(&p.Priority, f.Priority)
	p.Name, p.DisplayName = strings.TrimSpace(p.Name), strings.TrimSpace(p.DisplayName)
}

// set writes a value that was given.
func set[T any](to *T, given *T) {
	if given != nil {
		*to = *given
	}
}

func (c *check) channels(p *Promotion, s Shelf) {
	slices.Sort(p.Channels)
	p.Channels = slices.Compact(p.Channels)
	for i, id := range p.Channels {
		if !channelThere(s.Store, id) {
			c.fail(at("channels", i)+".id", "Channel "+number(id)+" does not exist")
		}
	}
}

func (c *check) gifts(p *Promotion, s Shelf) {
	for i := range p.Rules {
		g := p.Rules[i].Action.GiftItem
		switch path := at("rules", i) + ".action.gift_item"; {
		case g == nil, giftThere(s.Catalog, g):
		case g.VariantID != 0:
			c.fail(path+".variant_id", "Variant "+number(g.VariantID)+" does not exist")
		case g.ProductID != 0:
			c.fail(path+".product_id", "Product "+number(g.ProductID)+" does not exist")
		}
	}
}
