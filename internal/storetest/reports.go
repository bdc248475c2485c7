package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/money"
	"cartwright/internal/recovery"
)

// counted is one thing that a random past made, with the figures that count it.
type counted struct {
	recovery.Entry
	figures []recovery.Figure
	bot     bool
}

// randomPast writes a past of random carts, and returns what a report must
// count of it.
func (p *past) randomPast(rng *rand.Rand, carts int) []counted {
	p.t.Helper()
	var all []counted
	for n := range carts {
		id := cart.ID(fmt.Sprintf("cart-%03d", n))
		bot := rng.IntN(6) == 0
		if bot {
			p.exec(`INSERT INTO recovery_bots (store, cart_id, marked) VALUES ('a', $1, 0)`, string(id))
		}
		channel := 1 + rng.Int64N(2)
		at := Noon.Add(-time.Duration(rng.Int64N(int64(40 * day)))).Truncate(time.Millisecond)
		var last int64
		for range 1 + rng.IntN(3) {
			made, ended := p.randomEpisode(rng, id, channel, at)
			last = made[0].Episode
			all = append(all, made...)
			if at = ended; at.IsZero() {
				break
			}
			at = at.Add(time.Hour)
		}
		if rng.IntN(2) == 0 {
			all = append(all, p.randomSale(rng, int64(n+100), id, channel, last)...)
		}
		for i := range all {
			if all[i].Cart == id {
				all[i].bot = bot
			}
		}
	}
	return all
}

// randomEpisode abandons a cart. ended is zero when it stays so.
func (p *past) randomEpisode(rng *rand.Rand, id cart.ID, channel int64, at time.Time) (all []counted, ended time.Time) {
	email := []string{"", "anna@shop.example", "berta@shop.example"}[rng.IntN(3)]
	ends := []recovery.End{"", recovery.Changed, recovery.Continued, recovery.Converted, recovery.Attempted, recovery.Gone}
	how := ends[rng.IntN(len(ends))]
	if how != "" {
		ended = at.Add(time.Duration(rng.Int64N(int64(4 * day)))).Truncate(time.Millisecond)
	}
	episode := p.abandon(id, channel, email, at, ended, how)
	note := func(at time.Time, template int64, figures ...recovery.Figure) {
		all = append(all, counted{Entry: recovery.Entry{At: at, Cart: id, Episode: episode, Channel: channel, Template: template}, figures: figures})
	}
	note(at, 0, recovery.CountAbandoned)
	if email != "" {
		note(at, 0, recovery.CountWithAddress)
	}
	var lastMail int64
	var mailed, held bool
	for template := int64(1); template <= 3; template++ {
		sent := at.Add(time.Duration(template) * 10 * time.Hour)
		states := []recovery.StepState{recovery.Sent, recovery.Sent, recovery.Skipped, recovery.HeldOut, recovery.Failed, recovery.Unknown}
		state := states[rng.IntN(len(states))]
		p.mail(episode, template, state, email, sent, "")
		switch state {
		case recovery.Sent:
			if note(sent, template, recovery.CountMails); !mailed {
				mailed = true
				note(sent, template, recovery.CountMailed)
			}
			if !ended.IsZero() && !sent.After(ended) {
				lastMail = template
			}
		case recovery.HeldOut:
			if !held {
				held = true
				note(sent, template, recovery.CountHeldOut)
			}
		default:
		}
		kinds := []recovery.VisitKind{recovery.Clicked, recovery.LookedUp, recovery.Unsubscribed, recovery.Bounced}
		first := true
		for i := range rng.IntN(4) {
			kind := kinds[rng.IntN(len(kinds))]
			seen := sent.Add(time.Duration(i) * 9 * time.Hour)
			p.see(id, episode, template, kind, seen)
			if (kind == recovery.Clicked || kind == recovery.LookedUp) && first {
				first = false
				note(seen, template, recovery.CountClicked)
			}
		}
	}
	p.see(id, episode, 0, recovery.LookedUp, at) // an app looks the webhook's token up
	if how != "" && how != recovery.Gone {
		note(ended, lastMail, recovery.CountRecovered)
	}
	return all, ended
}

// randomSale orders a cart.
func (p *past) randomSale(rng *rand.Rand, orderID int64, id cart.ID, channel, episode int64) []counted {
	credit := []recovery.Credit{recovery.CreditClicked, recovery.CreditInfluenced, recovery.CreditNone}[rng.IntN(3)]
	e := recovery.Entry{
		At: Noon.Add(-time.Duration(rng.Int64N(int64(20 * day)))).Truncate(time.Millisecond), Cart: id, Channel: channel, Order: orderID,
		Currency: []string{"USD", "EUR"}[rng.IntN(2)], Amount: money.Amount(rng.Int64N(1_000_000)), Discount: money.Amount(rng.Int64N(1000)),
	}
	if rng.IntN(4) > 0 {
		e.Episode = episode
	}
	if credit != recovery.CreditNone {
		e.Template = 1 + rng.Int64N(3)
	}
	var canceled any
	if rng.IntN(5) == 0 {
		canceled = Noon.UnixMilli()
	}
	p.exec(`INSERT INTO recovery_orders (store, order_id, cart_id, channel, episode, template, kind, amount, currency, discount, at, canceled, doc)
		VALUES ('a', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '{}')`, orderID, string(id), channel, e.Episode, e.Template, string(credit),
		int64(e.Amount), e.Currency, int64(e.Discount), e.At.UnixMilli(), canceled)
	if canceled != nil {
		return nil
	}
	figure := map[recovery.Credit]recovery.Figure{recovery.CreditClicked: recovery.CountClickedSale,
		recovery.CreditInfluenced: recovery.CountInfluenced, recovery.CreditNone: recovery.CountOtherSale}[credit]
	all := []counted{{Entry: e, figures: []recovery.Figure{figure}}}
	if e.Episode != 0 {
		all = append(all, counted{Entry: e, figures: []recovery.Figure{recovery.CountConverted}})
	}
	return all
}

// reportsAddUp holds the figures of a report, its groups and the lists behind
// them to a random past.
func reportsAddUp(t *testing.T, p *past) {
	rng := rand.New(rand.NewPCG(7, 8))
	made := p.randomPast(rng, 70)
	mustCreate(t, p.db, NewCart("b")) // another store has nothing of it
	two, none := int64(2), int64(0)
	filters := map[string]recovery.ReportFilter{
		"everything":   {From: Noon.Add(-60 * day), To: Noon.Add(30 * day)},
		"a week":       {From: Noon.Add(-20 * day), To: Noon.Add(-13 * day)},
		"a channel":    {From: Noon.Add(-60 * day), To: Noon.Add(30 * day), Channel: 2},
		"a mail":       {From: Noon.Add(-60 * day), To: Noon.Add(30 * day), Template: &two},
		"no mail":      {From: Noon.Add(-60 * day), To: Noon.Add(30 * day), Template: &none},
		"no time":      {From: Noon, To: Noon},
		"days":         {From: Noon.Add(-60 * day), To: Noon.Add(30 * day), ByDay: true},
		"channels":     {From: Noon.Add(-60 * day), To: Noon.Add(30 * day), ByChannel: true},
		"mails":        {From: Noon.Add(-60 * day), To: Noon.Add(30 * day), ByTemplate: true},
		"all of these": {From: Noon.Add(-30 * day), To: Noon.Add(-day), ByDay: true, ByChannel: true, ByTemplate: true},
	}
	for name, f := range filters {
		t.Run(name, func(t *testing.T) { wantReport(t, p, f, made) })
	}
}

func inReport(f recovery.ReportFilter, c counted) bool {
	return !c.At.Before(f.From) && c.At.Before(f.To) && (f.Channel == 0 || f.Channel == c.Channel) && (f.Template == nil || *f.Template == c.Template)
}

func wantReport(t *testing.T, p *past, f recovery.ReportFilter, made []counted) {
	t.Helper()
	counts, err := p.db.CountRecovery(t.Context(), "a", f)
	if err != nil {
		t.Fatal(err)
	}
	want := map[recovery.Count]recovery.Count{}
	for _, c := range made {
		if !inReport(f, c) {
			continue
		}
		for _, figure := range c.figures {
			k := recovery.Count{Figure: figure, Bot: c.bot, Currency: c.Currency}
			if figure == recovery.CountConverted || c.Order != 0 {
				k.Currency = c.Currency
			}
			if f.ByDay {
				k.Day = c.At.Truncate(day)
			}
			if f.ByChannel {
				k.Channel = c.Channel
			}
			if f.ByTemplate {
				k.Template = c.Template
			}
			sum := want[k]
			want[k] = recovery.Count{N: sum.N + 1, Amount: sum.Amount + c.Amount, Discount: sum.Discount + c.Discount}
		}
	}
	got := map[recovery.Count]recovery.Count{}
	for _, c := range counts {
		k := c
		k.N, k.Amount, k.Discount = 0, 0, 0
		if _, twice := got[k]; twice {
			t.Errorf("counted twice: %+v", c)
		}
		got[k] = recovery.Count{N: c.N, Amount: c.Amount, Discount: c.Discount}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("counts: %s", diff)
	}
	for _, name := range recovery.FigureNames {
		for _, bots := range []bool{false, true} {
			wantEntries(t, p, recovery.Figure(name), bots, f, made, counts)
		}
	}
}

// wantEntries holds that a figure is as large as the list behind it, and that
// the list is what happened.
func wantEntries(t *testing.T, p *past, figure recovery.Figure, bots bool, f recovery.ReportFilter, made []counted, counts []recovery.Count) {
	t.Helper()
	var want []recovery.Entry
	for _, c := range made {
		if inReport(f, c) && c.bot == bots && slices.Contains(c.figures, figure) {
			want = append(want, c.Entry)
		}
	}
	var n int64
	for _, c := range counts {
		if c.Figure == figure && c.Bot == bots {
			n += c.N
		}
	}
	var got []recovery.Entry
	for offset := int64(0); ; offset += 40 {
		part, total, err := p.db.RecoveryEntries(t.Context(), "a", figure, bots, f, offset, 40)
		if err != nil {
			t.Fatal(err)
		}
		if total != n {
			t.Errorf("%s, bots %v: the report says %d, the list has %d", figure, bots, n, total)
		}
		if got = append(got, part...); len(part) < 40 {
			break
		}
	}
	sorted := func(all []recovery.Entry) []recovery.Entry {
		slices.SortFunc(all, func(a, b recovery.Entry) int {
			return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Episode, a.Episode), cmp.Compare(b.Template, a.Template), cmp.Compare(b.Order, a.Order))
		})
		return all
	}
	if diff := gocmp.Diff(sorted(want), got); diff != "" {
		t.Errorf("%s, bots %v: %s", figure, bots, diff)
	}
}

// reportsOfOthers holds that a store sees nothing of another one, and that the
// service adds up what the storage counts.
func reportsOfOthers(t *testing.T, p *past) {
	p.randomPast(rand.New(rand.NewPCG(9, 10)), 20)
	f := recovery.ReportFilter{From: Noon.Add(-60 * day), To: Noon.Add(30 * day), ByDay: true}
	for store, some := range map[string]bool{"a": true, "b": false} {
		r, err := recovery.NewService(p.db, nil, nil, nil, clock.At(Noon)).Report(t.Context(), store, f)
		if err != nil || (len(r.Groups) > 0) != some {
			t.Fatalf("%s: %+v, %v", store, r, err)
		}
		for _, name := range recovery.FigureNames {
			var n int64
			for _, g := range r.Groups {
				n += g.Figures.Counts[recovery.Figure(name)] + g.Bots.Counts[recovery.Figure(name)]
			}
			if total := r.Total.Figures.Counts[recovery.Figure(name)] + r.Total.Bots.Counts[recovery.Figure(name)]; n != total {
				t.Errorf("%s: the groups have %d, the total is %d", name, n, total)
			}
		}
	}
}

// holdoutsCompared holds that only shoppers whose seven days are over count, and
// only orders within them.
func holdoutsCompared(t *testing.T, p *past) {
	long, edge := Noon.Add(-30*day), Noon.Add(-recovery.HoldoutWindow)
	for i, s := range []struct {
		channel int64
		held    bool
		at      time.Time
		ordered time.Time
	}{
		{0, false, long, time.Time{}}, {0, false, long, long.Add(day)}, {0, false, long, long.Add(recovery.HoldoutWindow)},
		{0, false, long, long.Add(recovery.HoldoutWindow + time.Millisecond)}, // too late
		{0, true, long, time.Time{}}, {0, true, edge, edge.Add(time.Hour)},
		{0, true, edge.Add(time.Millisecond), edge.Add(time.Hour)}, // its time is not over
		{0, false, Noon, time.Time{}},
		{2, false, long, long.Add(day)}, {2, true, Noon, time.Time{}},
	} {
		p.draw(s.channel, fmt.Sprintf("s%d@shop.example", i), s.held, s.at, s.ordered)
	}
	got, err := p.db.Holdouts(t.Context(), "a", Noon)
	want := []recovery.Comparison{
		{Channel: 0, Mailed: recovery.Arm{Shoppers: 4, Ordered: 2}, HeldOut: recovery.Arm{Shoppers: 2, Ordered: 1}, Waiting: 2},
		{Channel: 2, Mailed: recovery.Arm{Shoppers: 1, Ordered: 1}, Waiting: 1},
	}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if got, err := p.db.Holdouts(t.Context(), "b", Noon); len(got) != 0 || err != nil {
		t.Errorf("another store: %v, %v", got, err)
	}
}
