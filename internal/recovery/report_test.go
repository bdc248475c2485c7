package recovery

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/fault"
)

func TestReportBounded(t *testing.T) {
	now := time.Date(2026, 3, 30, 15, 4, 5, 6, time.UTC)
	date := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }
	soon := now.Truncate(time.Millisecond).Add(time.Millisecond)
	tests := map[string]struct {
		from, to         time.Time
		wantFrom, wantTo time.Time // zero for a refusal
	}{
		"nothing said":             {time.Time{}, time.Time{}, date(3, 1), soon},
		"from a day":               {date(3, 28), time.Time{}, date(3, 28), soon},
		"up to the end of a day":   {time.Time{}, date(3, 11), date(2, 9), date(3, 11)},
		"both":                     {date(1, 1), date(2, 1), date(1, 1), date(2, 1)},
		"no time at all":           {date(1, 1), date(1, 1), date(1, 1), date(1, 1)},
		"the end before the start": {date(2, 1), date(1, 1), time.Time{}, time.Time{}},
		"from the future":          {date(4, 1), time.Time{}, time.Time{}, time.Time{}},
		"the longest":              {date(1, 1).Add(-MaxReportDays * day), date(1, 1), date(1, 1).Add(-MaxReportDays * day), date(1, 1)},
		"too long":                 {date(1, 1).Add(-MaxReportDays*day - 1), date(1, 1), time.Time{}, time.Time{}},
	}
	for name, tc := range tests {
		f, err := ReportFilter{From: tc.from, To: tc.to}.Bounded(now)
		if tc.wantTo.IsZero() {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, %v", name, f, err)
			}
			continue
		}
		if diff := cmp.Diff(ReportFilter{From: tc.wantFrom, To: tc.wantTo}, f); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
}

func TestReportOf(t *testing.T) {
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	r := reportOf(ReportFilter{ByDay: true}, []Count{
		{Figure: CountAbandoned, Day: monday.Add(day), N: 3},
		{Figure: CountAbandoned, Day: monday, N: 2},
		{Figure: CountAbandoned, Day: monday, N: 7, Bot: true},
		{Figure: CountConverted, Day: monday, N: 2, Currency: "USD", Amount: 50},
		{Figure: CountClickedSale, Day: monday, N: 1, Currency: "USD", Amount: 30, Discount: 4},
		{Figure: CountInfluenced, Day: monday.Add(day), N: 1, Currency: "USD", Amount: 20},
		{Figure: CountClickedSale, Day: monday.Add(day), N: 1, Currency: "EUR", Amount: 9, Discount: 1},
	})
	want := Group{
		Figures: Figures{
			Counts: map[Figure]int64{CountAbandoned: 5, CountConverted: 2, CountClickedSale: 2, CountInfluenced: 1},
			Money: []Money{
				{"EUR", map[Credit]Takings{CreditClicked: {1, 9, 1}}},
				{"USD", map[Credit]Takings{CreditClicked: {1, 30, 4}, CreditInfluenced: {1, 20, 0}}},
			},
		},
		Bots: Figures{Counts: map[Figure]int64{CountAbandoned: 7}},
	}
	if diff := cmp.Diff(want, r.Total); diff != "" {
		t.Error(diff)
	}
	if len(r.Groups) != 2 || !r.Groups[0].Day.Equal(monday) || r.Groups[0].Figures.Counts[CountAbandoned] != 2 || r.Groups[0].Bots.Counts[CountAbandoned] != 7 {
		t.Errorf("groups %+v", r.Groups)
	}
	if r := reportOf(ReportFilter{}, []Count{{Figure: CountMails, N: 1}}); r.Groups != nil {
		t.Errorf("ungrouped: %+v", r.Groups)
	}
}
