package promotion_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartwright/internal/promotion"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		panic(err)
	}
	return t
}

func scheduled(s promotion.Schedule) *promotion.Offers {
	return offers(half(1, func(p *promotion.Promotion) { p.Start, p.Schedule = at("2026-03-04 10:00:00"), &s }))
}

func counts(o *promotion.Offers, now time.Time) bool {
	return o.Evaluate(dollars(goods(1, "10", 1)), now).Lines[0].Discount != 0
}

// TestSchedule: weekly hours in UTC, from the week in which the promotion
// starts; 4 March 2026 is a Wednesday.
func TestSchedule(t *testing.T) {
	type s = promotion.Schedule
	tests := map[string]struct {
		schedule promotion.Schedule
		now      string
		open     bool
		next     string // "" is never
	}{
		"always":                       {s{}, "2026-03-04 12:00:00", true, "2026-03-05 00:00:00"},
		"before the promotion starts":  {s{}, "2026-03-04 09:00:00", false, "2026-03-04 10:00:00"},
		"before its hours":             {s{DailyStart: "13:00:00", DailyEnd: "14:00:00"}, "2026-03-04 12:59:59", false, "2026-03-04 13:00:00"},
		"as they begin":                {s{DailyStart: "13:00:00", DailyEnd: "14:00:00"}, "2026-03-04 13:00:00", true, "2026-03-04 14:00:00"},
		"as they end":                  {s{DailyStart: "13:00:00", DailyEnd: "14:00:00"}, "2026-03-04 14:00:00", false, "2026-03-05 13:00:00"},
		"on a day":                     {s{WeekDays: []string{"Monday", "Friday"}, DailyStart: "13:00:00", DailyEnd: "14:00:00"}, "2026-03-04 13:30:00", false, "2026-03-06 13:00:00"},
		"on the last second":           {s{WeekDays: []string{"Wednesday"}, DailyStart: "01:20:00", DailyEnd: "23:59:00"}, "2026-03-04 23:59:59", true, "2026-03-05 00:00:00"},
		"on the last second, too":      {s{WeekDays: []string{"Wednesday"}, DailyStart: "01:20:00", DailyEnd: "23:59:59"}, "2026-03-04 23:59:59", true, "2026-03-05 00:00:00"},
		"past midnight":                {s{WeekDays: []string{"Wednesday"}, DailyStart: "22:00:00", DailyEnd: "02:00:00"}, "2026-03-05 01:00:00", true, "2026-03-05 02:00:00"},
		"long past midnight":           {s{WeekDays: []string{"Wednesday"}, DailyStart: "22:00:00", DailyEnd: "02:00:00"}, "2026-03-05 02:00:00", false, "2026-03-11 22:00:00"},
		"every second week, the first": {s{WeekFrequency: 2, WeekDays: []string{"Sunday"}}, "2026-03-08 12:00:00", true, "2026-03-09 00:00:00"},
		"every second week, the other": {s{WeekFrequency: 2, WeekDays: []string{"Sunday"}}, "2026-03-15 12:00:00", false, "2026-03-22 00:00:00"},
		"every fiftieth week":          {s{WeekFrequency: 50, WeekDays: []string{"Monday"}, DailyStart: "08:00"}, "2026-03-04 12:00:00", false, "2027-02-15 08:00:00"},
		"on no day":                    {s{WeekDays: []string{"Someday"}}, "2026-03-04 12:00:00", false, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			o, now := scheduled(tc.schedule), at(tc.now)
			if got := counts(o, now); got != tc.open {
				t.Errorf("open = %t", got)
			}
			var next time.Time
			if tc.next != "" {
				next = at(tc.next)
			}
			if got := o.NextChange(&promotion.Basket{}, now); !got.Equal(next) {
				t.Errorf("next change = %s", got)
			}
		})
	}
}

// TestNothingChangesBeforeNextChange tries random schedules: until the instant
// that NextChange names, the answer is the one of now.
func TestNothingChangesBeforeNextChange(t *testing.T) {
	days := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	rapid.Check(t, func(t *rapid.T) {
		clock := rapid.Custom(func(t *rapid.T) string {
			return time.Unix(rapid.Int64Range(0, 86399).Draw(t, "second"), 0).UTC().Format(time.TimeOnly)
		})
		o := scheduled(promotion.Schedule{WeekFrequency: rapid.Int64Range(0, 4).Draw(t, "frequency"),
			WeekDays:   rapid.SliceOfDistinct(rapid.SampledFrom(days), rapid.ID[string]).Draw(t, "days"),
			DailyStart: clock.Draw(t, "start"), DailyEnd: clock.Draw(t, "end")})
		now := at("2026-02-20 00:00:00").Add(time.Duration(rapid.Int64Range(0, 100*86400).Draw(t, "now")) * time.Second)
		next := o.NextChange(&promotion.Basket{}, now)
		if !next.After(now) {
			t.Fatalf("next change %s is not after %s", next, now)
		}
		between := now.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(now))-1).Draw(t, "between")))
		if counts(o, now) != counts(o, between) {
			t.Fatalf("it changed between %s and %s, before %s", now, between, next)
		}
	})
}

// TestUntil: an outcome says until when it holds.
func TestUntil(t *testing.T) {
	o := with(nil, []*promotion.Promotion{
		half(1, func(p *promotion.Promotion) { p.End = noon.Add(3 * time.Hour) }),
		half(2, func(p *promotion.Promotion) { p.Start = noon.Add(2 * time.Hour) }),
		half(3, func(p *promotion.Promotion) { p.End, p.Status = noon.Add(time.Minute), promotion.Disabled }),
		half(4, func(p *promotion.Promotion) { p.End = noon.Add(-time.Minute) }),
	}, &promotion.Coupon{ID: 5, Code: "A", Expires: noon.Add(time.Hour), Enabled: true},
		&promotion.Coupon{ID: 6, Code: "B", Expires: noon.Add(time.Minute), Enabled: true})
	b := dollars(goods(1, "10", 1))
	if got := o.Evaluate(b, noon).Until; !got.Equal(noon.Add(2 * time.Hour)) {
		t.Errorf("until = %s", got)
	}
	b.Codes = []promotion.Redeemed{{Code: "A", CouponID: 5}}
	if got := o.Evaluate(b, noon).Until; !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("until = %s", got)
	}
	if got := offers(half(1, nil)).Evaluate(b, noon).Until; !got.IsZero() {
		t.Errorf("until = %s", got)
	}
}
