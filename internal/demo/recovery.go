package demo

import (
	"context"
	"fmt"

	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
)

// Recoveries is what Fill needs of recovery.Service.
type Recoveries interface {
	Settings(ctx context.Context, store string) (recovery.Settings, error)
	SetSettings(ctx context.Context, store string, in recovery.Settings) (recovery.Settings, error)
	Options(ctx context.Context, store string) (recovery.Options, error)
	SetOptions(ctx context.Context, store string, in recovery.Options) (recovery.Options, error)
	Sequence(ctx context.Context, store string, channel int64) ([]recovery.Template, error)
	Templates(ctx context.Context, store string, channel int64) ([]recovery.Template, error)
	CreateTemplate(ctx context.Context, store string, channel int64, f recovery.TemplateFields) (recovery.Template, error)
	SetUsesGlobal(ctx context.Context, store string, channel int64, global bool) (bool, error)
}

// remind sets up the mails about abandoned carts, for a new store. The store's
// own set has a coupon in its last mail. The market stall has a set of its own,
// of which a share of the shoppers gets nothing, so that it shows what mails
// bring.
func remind(ctx context.Context, r Recoveries, st *merchant.Store) error {
	settings, err := r.Settings(ctx, Store)
	if err != nil {
		return err
	}
	settings.TellConverted, settings.TellAbandoned = true, true
	settings.Frequency, settings.DigestSize = recovery.Digest, 10
	settings.MerchantEmail = "owner@larch-and-lantern.example"
	if _, err := r.SetSettings(ctx, Store, settings); err != nil {
		return err
	}
	set, err := r.Sequence(ctx, Store, st.Channels[0].ID)
	if err != nil || len(set) == 0 {
		return err
	}
	options, err := r.Options(ctx, Store)
	if err != nil {
		return err
	}
	options.Coupons = []recovery.Mint{{Template: set[len(set)-1].ID, Type: string(promotion.Percentage), Amount: 10 * money.Unit, ValidHours: 72}}
	options.Budget = &recovery.Budget{Amount: 400 * money.Unit, Days: 30}
	stall := channel(st, 1)
	options.Holdouts = []recovery.Holdout{{Channel: stall, Percent: 30}}
	if _, err := r.SetOptions(ctx, Store, options); err != nil {
		return err
	}
	return stallMails(ctx, r, stall)
}

// stallMails writes the mails of the market stall: two of them.
func stallMails(ctx context.Context, r Recoveries, stall int64) error {
	have, err := r.Templates(ctx, Store, stall)
	if err != nil || len(have) > 0 {
		return err
	}
	for _, minutes := range []int64{60, 1440} {
		on, text := true, recovery.DefaultText()
		if _, err := r.CreateTemplate(ctx, Store, stall, recovery.TemplateFields{Active: &on, Minutes: &minutes, Text: &text}); err != nil {
			return fmt.Errorf("write the mails of the market stall: %w", err)
		}
	}
	_, err = r.SetUsesGlobal(ctx, Store, stall, false)
	return err
}
