package merchant

import (
	"testing"

	"cartwright/internal/fault"
)

// TestCheckoutSettings: a channel has what it set itself, and else what the
// store has; null takes its own setting away (spec/05 §1.8).
func TestCheckoutSettings(t *testing.T) {
	s := &Store{Channels: []Channel{{ID: 1}, {ID: 2}}}
	texts := func(v *string) CheckoutChange {
		return CheckoutChange{Texts: map[string]*string{"custom_checkout_sri_hash": v}}
	}
	flag := func(v *bool) CheckoutChange {
		return CheckoutChange{Flags: map[string]*bool{"custom_checkout_supports_uco_settings": v}}
	}
	store, own, yes, no := "store", "own", true, false
	for i, step := range []struct {
		channel int64
		change  CheckoutChange
		text    string
		flag    bool
	}{
		{2, CheckoutChange{}, "", false},
		{0, texts(&store), "store", false},
		{2, texts(&own), "own", false},
		{0, flag(&yes), "own", true},
		{2, flag(&no), "own", false},
		{2, texts(nil), "store", false},
		{2, flag(nil), "store", true},
		{0, texts(nil), "", true},
	} {
		if step.channel == 0 {
			s.SetCheckout(step.change)
		} else if err := s.SetChannelCheckout(step.channel, step.change); err != nil {
			t.Fatal(err)
		}
		text, flag := s.CheckoutText(2, "custom_checkout_sri_hash"), s.CheckoutFlag(2, "custom_checkout_supports_uco_settings")
		if text != step.text || flag != step.flag {
			t.Errorf("step %d: channel 2 has %q and %v", i, text, flag)
		}
	}
	if err := s.SetChannelCheckout(9, texts(&own)); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown channel: %v", err)
	}
}
