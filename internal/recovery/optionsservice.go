package recovery

import (
	"context"
	"fmt"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// OptionStorage keeps the settings that the vendor does not have.
type OptionStorage interface {
	// RecoveryOptions returns a store's options, or nil while it set none.
	RecoveryOptions(ctx context.Context, store string) (*Options, error)
	// PutRecoveryOptions replaces them and returns them. When the waiting time
	// becomes shorter, carts that wait already are brought forward by the next
	// scan.
	PutRecoveryOptions(ctx context.Context, store string, o Options) (Options, error)
}

// Options returns the options of a store: those of every new store while it
// set none.
func (s *Service) Options(ctx context.Context, store string) (Options, error) {
	own, err := s.storage.RecoveryOptions(ctx, store)
	if err != nil {
		return Options{}, err
	}
	if own == nil {
		return DefaultOptions(), nil
	}
	return *own, nil
}

// Check returns an Invalid fault for options that do not go together. The bounds
// of each are the caller's to check.
func (o Options) Check() error {
	wrong := map[string]string{}
	if o.Quiet != nil {
		if o.Quiet.From == o.Quiet.To {
			wrong["quiet_hours.to"] = "must not be the time at which they begin"
		}
		twice(wrong, "quiet_hours.channels.%d.channel_id", o.Quiet.Channels, func(z ChannelZone) int64 { return z.Channel })
	}
	twice(wrong, "hold_outs.%d.channel_id", o.Holdouts, func(h Holdout) int64 { return h.Channel })
	twice(wrong, "coupons.%d.template_id", o.Coupons, func(m Mint) int64 { return m.Template })
	for i, m := range o.Coupons {
		if m.Type == string(promotion.Percentage) && m.Amount > 100*money.Unit {
			wrong[fmt.Sprintf("coupons.%d.amount", i)] = fault.Max
		}
	}
	return optionsFault(wrong)
}

// twice finds what a list has again; path says where an entry has its id.
func twice[T any](wrong map[string]string, path string, list []T, id func(T) int64) {
	seen := map[int64]bool{}
	for i, entry := range list {
		if seen[id(entry)] {
			wrong[fmt.Sprintf(path, i)] = "must be there once"
		}
		seen[id(entry)] = true
	}
}

func optionsFault(wrong map[string]string) error {
	if len(wrong) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Title: fault.TitleSchema, Fields: wrong}
}

// SetOptions replaces the options of a store. It returns an Invalid fault for
// what Check refuses, and for a channel that is not there.
func (s *Service) SetOptions(ctx context.Context, store string, in Options) (Options, error) {
	if err := in.Check(); err != nil {
		return Options{}, err
	}
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return Options{}, err
	}
	unknown := map[string]string{}
	check := func(list string, i int, channel int64) {
		if shop.Store.Channel(channel) == nil {
			unknown[fmt.Sprintf("%s.%d.channel_id", list, i)] = "there is no such channel"
		}
	}
	for i, h := range in.Holdouts {
		if h.Channel != AllChannels {
			check("hold_outs", i, h.Channel)
		}
	}
	if in.Quiet != nil {
		for i, c := range in.Quiet.Channels {
			check("quiet_hours.channels", i, c.Channel)
		}
	}
	if err := optionsFault(unknown); err != nil {
		return Options{}, err
	}
	return s.storage.PutRecoveryOptions(ctx, store, in)
}

// The bounds of the options.
const (
	MaxWaitMinutes = 7 * 24 * 60
	MaxCapMails    = 100
	MaxCapDays     = 90
	MaxHoldout     = 90 // percent: some must get mail, or there is nothing to compare with
	MaxValidHours  = 365 * 24
	MaxBudgetDays  = 366
	MaxUTM         = 255 // characters
	MaxOptionLists = 1000
)

// MintTypes lists the kinds of coupons that are made for mails.
var MintTypes = []string{string(promotion.Percentage), string(promotion.PerTotal)}

// ValidZone reports whether a time zone is one of the IANA database: Europe/Berlin,
// UTC.
func ValidZone(name string) bool {
	if name == "" || name == "Local" { // Go knows them, and means others by them
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
