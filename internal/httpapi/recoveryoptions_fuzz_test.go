package httpapi

import (
	"testing"

	"cartwright/internal/money"
	"cartwright/internal/promotion"
	"cartwright/internal/recovery"
)

// FuzzRecoveryOptions reads the body of our own settings.
func FuzzRecoveryOptions(f *testing.F) {
	addBodies(f,
		`{"waiting_minutes":15,"frequency_cap":{"mails":3,"days":7},"quiet_hours":{"from":"21:00","to":"08:00","time_zone":"Europe/Berlin",
			"channels":[{"channel_id":3,"time_zone":"Asia/Tokyo"}]},"utm":{"source":"x","medium":null},"hold_outs":[{"channel_id":0,"percent":10}],
			"coupons":[{"template_id":2,"type":"percentage_discount","amount":"10","min_purchase":5.5,"valid_hours":72}],"coupon_budget":{"amount":500,"days":30}}`,
		`{"quiet_hours":{"from":"24:00","to":"8:00","time_zone":"Local","channels":[null]},"hold_outs":{},"coupons":[5],"utm":[]}`,
		`{"waiting_minutes":1e3,"frequency_cap":null,"quiet_hours":null,"utm":null,"hold_outs":null,"coupons":null,"coupon_budget":null}`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		o, ok := read(t, body, readRecoveryOptions)
		if !ok || o.Check() != nil {
			return
		}
		if o.WaitMinutes < 1 || o.WaitMinutes > recovery.MaxWaitMinutes || o.Holdouts == nil || o.Coupons == nil {
			t.Fatalf("read %+v", o)
		}
		if q := o.Quiet; q != nil {
			checkText(t, q.From, q.To, q.TimeZone)
			if q.From == q.To || !recovery.ValidZone(q.TimeZone) {
				t.Fatalf("read %+v", q)
			}
		}
		if u := o.UTM; u != nil {
			checkText(t, u.Source, u.Medium, u.Campaign, u.Term, u.Content)
		}
		for _, m := range o.Coupons {
			if m.Amount <= 0 || m.Minimum < 0 || m.Type == string(promotion.Percentage) && m.Amount > 100*money.Unit {
				t.Fatalf("read %+v", m)
			}
		}
	})
}
