package recovery

import (
	"time"

	"cartwright/internal/money"
)

// Options are settings that the vendor does not have (decisions 1, 18). They
// live under /v3/recovery/settings. The zero value but for WaitMinutes is what
// a store begins with: everything is off.
type Options struct {
	// WaitMinutes is how long a cart must be left alone to be abandoned.
	WaitMinutes int64 `json:"waiting_minutes"`
	// Cap bounds how many mails an address gets, over all its carts.
	Cap *Cap `json:"frequency_cap"`
	// Quiet is when nobody is written to.
	Quiet *Quiet `json:"quiet_hours"`
	// UTM are parameters that are added to the links of mails.
	UTM *UTM `json:"utm"`
	// Holdouts are the shares of shoppers who get no mail, by set of mails.
	Holdouts []Holdout `json:"hold_outs"`
	// Coupons are made for each mail of a template.
	Coupons []Mint `json:"coupons"`
	// Budget bounds what such coupons may cost.
	Budget *Budget `json:"coupon_budget"`
}

// Cap is a number of mails in a number of days.
type Cap struct {
	Mails int64 `json:"mails"`
	Days  int64 `json:"days"`
}

// Quiet is a part of the day, which may contain midnight. It is meant in the
// time zone of the shopper, of the channel, or of the store, whichever is known
// first.
type Quiet struct {
	From string `json:"from"` // 21:00
	To   string `json:"to"`   // 08:00
	// TimeZone is that of the store: Europe/Berlin.
	TimeZone string        `json:"time_zone"`
	Channels []ChannelZone `json:"channels"`
}

// ChannelZone is the time zone of a channel.
type ChannelZone struct {
	Channel  int64  `json:"channel_id"`
	TimeZone string `json:"time_zone"`
}

// UTM are the parameters of campaigns, without utm_. An empty one is left out.
type UTM struct {
	Source   string `json:"source"`
	Medium   string `json:"medium"`
	Campaign string `json:"campaign"`
	Term     string `json:"term"`
	Content  string `json:"content"`
}

// Holdout is the share of shoppers who get no mail of a set.
type Holdout struct {
	// Channel is whose set of mails; AllChannels is the store's.
	Channel int64 `json:"channel_id"`
	Percent int64 `json:"percent"` // 0 to 90
}

// Mint says which coupon is made for a mail.
type Mint struct {
	Template int64 `json:"template_id"`
	// Type is percentage_discount or per_total_discount, and Amount its percent,
	// or money in the store's default currency.
	Type   string       `json:"type"`
	Amount money.Amount `json:"amount"`
	// Minimum is what the cart must cost for it.
	Minimum money.Amount `json:"min_purchase"`
	// ValidHours is how long it is good for, from the moment of the mail.
	ValidHours int64 `json:"valid_hours"`
}

// Budget is money, in the store's default currency, for a number of days.
type Budget struct {
	Amount money.Amount `json:"amount"`
	Days   int64        `json:"days"`
}

// DefaultWait is how long a cart must be left alone (spec/02 §1).
const DefaultWait = time.Hour

// DefaultOptions are those of a store that never set any.
func DefaultOptions() Options {
	return Options{WaitMinutes: int64(DefaultWait / time.Minute), Holdouts: []Holdout{}, Coupons: []Mint{}}
}

// Wait is how long a cart must be left alone to be abandoned.
func (o Options) Wait() time.Duration { return time.Duration(o.WaitMinutes) * time.Minute }
