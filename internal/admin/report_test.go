package admin

import (
	"strings"
	"testing"
	"time"

	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
)

func TestHoldoutInWords(t *testing.T) {
	s := &merchant.Store{Channels: []merchant.Channel{{ID: 2, Name: "Headless"}}}
	tests := map[string]struct {
		c    recovery.Comparison
		want []string
	}{
		"nobody yet":    {recovery.Comparison{Waiting: 3}, []string{"The store’s mails", "Not enough data yet.", "Nobody who may be written to has had seven days"}},
		"no difference": {recovery.Comparison{Mailed: recovery.Arm{Shoppers: 900, Ordered: 90}, HeldOut: recovery.Arm{Shoppers: 100, Ordered: 10}}, []string{"Not enough data yet.", "Of 900 who may be written to, 90 ordered within seven days: 10.0 %.", "That fits anything from -"}},
		"mails help":    {recovery.Comparison{Channel: 2, Mailed: recovery.Arm{Shoppers: 9000, Ordered: 1350}, HeldOut: recovery.Arm{Shoppers: 1000, Ordered: 60}}, []string{"The mails of Headless", "Mails bring orders: between ", "more of 100 shoppers order."}},
		"mails hurt":    {recovery.Comparison{Channel: 9, Mailed: recovery.Arm{Shoppers: 9000, Ordered: 540}, HeldOut: recovery.Arm{Shoppers: 1000, Ordered: 150}}, []string{"The mails of channel 9", "Mails cost orders: between ", "fewer of 100 shoppers order."}},
	}
	for name, tc := range tests {
		v := holdoutOf(s, tc.c)
		got := v.Set + " " + v.Verdict + " " + v.Why
		for _, part := range tc.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: want %q in %q", name, part, got)
			}
		}
		if low, _, found := strings.Cut(strings.TrimPrefix(v.Verdict, "Mails bring orders: between "), " "); found && strings.HasPrefix(low, "-") {
			t.Errorf("%s: %s", name, v.Verdict)
		}
	}
}

func TestChartOf(t *testing.T) {
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	group := func(day int, left, ordered int64) recovery.Group {
		return recovery.Group{Day: from.AddDate(0, 0, day), Figures: recovery.Figures{Counts: map[recovery.Figure]int64{
			recovery.CountAbandoned: left, recovery.CountConverted: ordered}}}
	}
	r := recovery.Report{Filter: recovery.ReportFilter{From: from, To: from.AddDate(0, 0, 29).Add(15 * time.Hour)},
		Groups: []recovery.Group{group(0, 1000, 1), group(29, 500, 0)}}
	c := chartOf(r)
	if len(c.Days) != 30 || c.Top != 1000 || !c.Last.Equal(from.AddDate(0, 0, 29)) || c.Width != 30*dayWidth {
		t.Fatalf("%d days up to %d, the last %v", len(c.Days), c.Top, c.Last)
	}
	if d := c.Days[0]; d.LeftBar.Height != chartHeight || d.LeftBar.Y != 0 || d.OrderedBar.Height != 2 {
		t.Errorf("the first day is %+v", d)
	}
	if d := c.Days[29]; d.LeftBar.Height != chartHeight/2 || d.OrderedBar.Height != 0 {
		t.Errorf("the last day is %+v", d)
	}
	if d := c.Days[1]; d.Left != 0 || d.LeftBar.Height != 0 {
		t.Errorf("an empty day is %+v", d)
	}
	if c := chartOf(recovery.Report{Filter: r.Filter}); c.Top != 1 || len(c.Days) != 30 {
		t.Errorf("nothing happened: %+v", c)
	}
}

// TestEverythingHasWords: a merchant never reads a code.
func TestEverythingHasWords(t *testing.T) {
	for _, reason := range recovery.Reasons {
		if reasonWords[reason] == "" {
			t.Errorf("no words for the reason %s", reason)
		}
	}
	for _, outcome := range recovery.Outcomes {
		if outcomeWords[outcome] == "" && outcome != recovery.Sent {
			t.Errorf("no words for the outcome %s", outcome)
		}
	}
	for _, how := range []recovery.End{recovery.Changed, recovery.Continued, recovery.Converted, recovery.Attempted, recovery.Gone} {
		if endWords[how] == "" && how != recovery.Converted {
			t.Errorf("no words for the end %s", how)
		}
		if stateOf(&recovery.Episode{Ended: time.Unix(1, 0), How: how}) == "" {
			t.Errorf("no word for a cart that ended as %s", how)
		}
	}
	for _, kind := range []recovery.VisitKind{recovery.Clicked, recovery.LookedUp, recovery.Unsubscribed, recovery.Bounced, recovery.Complained} {
		for _, template := range []int64{0, 1} {
			if v := (teller{}).visit(&recovery.Visit{Kind: kind, Template: template}); strings.Contains(v.What, string(kind)) && kind != recovery.Unsubscribed {
				t.Errorf("%s: %s", kind, v.What)
			}
		}
	}
}
