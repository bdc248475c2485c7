package recovery

import (
	"context"
	"fmt"
	"time"

	"cartwright/internal/fault"
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

// SetOptions replaces the options of a store. The caller has checked what can be
// checked without it. It returns an Invalid fault for a channel that is not
// there.
func (s *Service) SetOptions(ctx context.Context, store string, in Options) (Options, error) {
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
	if len(unknown) > 0 {
		return Options{}, &fault.Error{Kind: fault.Invalid, Title: fault.TitleSchema, Fields: unknown}
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
var MintTypes = []string{"percentage_discount", "per_total_discount"}

// ValidZone reports whether a time zone is one of the IANA database: Europe/Berlin,
// UTC.
func ValidZone(name string) bool {
	if name == "" || name == "Local" { // Go knows them, and means others by them
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
