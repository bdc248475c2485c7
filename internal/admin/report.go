package admin

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/human"
	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
)

// Recoveries tells what became of abandoned carts.
type Recoveries interface {
	Report(ctx context.Context, store string, f recovery.ReportFilter) (recovery.Report, error)
	Entries(ctx context.Context, store string, figure recovery.Figure, bots bool, f recovery.ReportFilter, offset int64, limit int) ([]recovery.Entry, int64, error)
	// Timeline returns a NotFound fault for a cart that never was.
	Timeline(ctx context.Context, store string, cartID cart.ID) (recovery.Timeline, error)
	Templates(ctx context.Context, store string, channel int64) ([]recovery.Template, error)
}

// maxLeft bounds the abandoned carts that a page lists.
const maxLeft = 15

// reportView is the report of the last 30 days as a page shows it.
type reportView struct {
	Since   time.Time
	Figures []figureView
	Money   []moneyView
	Chart   chart
	// Holdouts are what comparisons say, in sentences.
	Holdouts []holdoutView
	Left     []leftView
	// Bots is how many more carts were left by programs.
	Bots int64
	Any  bool // whether anything was abandoned at all
}

// figureView is a number with what it counts.
type figureView struct {
	Name, Help string
	N          int64
}

// moneyView is what came back in one currency, written out.
type moneyView struct {
	Currency string
	Rows     []takingsView
}

type takingsView struct {
	Name, Help       string
	Orders           int64
	Amount, Discount string
}

type holdoutView struct{ Set, Verdict, Why string }

// leftView is a cart that was abandoned.
type leftView struct {
	Cart    cart.ID
	At      time.Time
	Value   string
	Channel string
	Address bool
	State   string
}

// reportOf reads the report of the last 30 days.
func (p *Pages) reportOf(ctx context.Context, s *merchant.Store) (reportView, error) {
	r, err := p.Recovery.Report(ctx, s.Hash, recovery.ReportFilter{ByDay: true})
	if err != nil {
		return reportView{}, err
	}
	f := r.Total.Figures
	v := reportView{
		Since: r.Filter.From, Figures: figuresOf(f), Money: moneyOf(s, f), Chart: chartOf(r),
		Bots: r.Total.Bots.Counts[recovery.CountAbandoned], Any: len(r.Groups) > 0,
	}
	for _, c := range r.Comparisons {
		v.Holdouts = append(v.Holdouts, holdoutOf(s, c))
	}
	v.Left, err = p.left(ctx, s)
	return v, err
}

func figuresOf(f recovery.Figures) []figureView {
	n := f.Counts
	return []figureView{
		{"Abandoned", fmt.Sprintf("times that a cart was left alone; %d with an address", n[recovery.CountWithAddress]), n[recovery.CountAbandoned]},
		{"Written to", human.Count(n[recovery.CountMails], "mail") + " in all", n[recovery.CountMailed]},
		{"Clicked", "mails that somebody went on from", n[recovery.CountClicked]},
		{"Came back", "went on, changed the cart, or ordered", n[recovery.CountRecovered]},
		{"Ordered", "orders of carts that had been left", n[recovery.CountConverted]},
	}
}

func moneyOf(s *merchant.Store, f recovery.Figures) []moneyView {
	var all []moneyView
	for _, m := range f.Money {
		row := func(name, help string, c recovery.Credit) takingsView {
			t, cur := m.ByCredit[c], s.ShownCurrency(m.Currency)
			return takingsView{name, help, t.Orders, cur.Format(t.Amount), cur.Format(t.Discount)}
		}
		all = append(all, moneyView{m.Currency, []takingsView{
			row("After a click", "somebody went on from a mail in the seven days before", recovery.CreditClicked),
			row("After a mail", "a mail went out in the seven days before, and nobody clicked", recovery.CreditInfluenced),
			row("By themselves", "neither", recovery.CreditNone),
		}})
	}
	return all
}

// left lists the carts that were abandoned last.
func (p *Pages) left(ctx context.Context, s *merchant.Store) ([]leftView, error) {
	entries, _, err := p.Recovery.Entries(ctx, s.Hash, recovery.CountAbandoned, false, recovery.ReportFilter{}, 0, maxLeft)
	if err != nil {
		return nil, err
	}
	all := make([]leftView, 0, len(entries))
	for _, e := range entries {
		episodes, err := p.Stores.Episodes(ctx, s.Hash, e.Cart)
		if err != nil {
			return nil, err
		}
		for _, ep := range episodes {
			if ep.ID == e.Episode {
				all = append(all, leftView{Cart: e.Cart, At: e.At, Value: s.ShownCurrency(ep.Currency).Format(ep.Value), Channel: channelName(s, e.Channel),
					Address: ep.Address != "", State: stateOf(ep)})
			}
		}
	}
	return all, nil
}

func stateOf(e *recovery.Episode) string {
	if e.Ended.IsZero() {
		return "left alone"
	}
	return map[recovery.End]string{
		recovery.Changed: "changed again", recovery.Continued: "went on from a mail", recovery.Converted: "ordered",
		recovery.Attempted: "tried to pay", recovery.Gone: "gone",
	}[e.How]
}

func channelName(s *merchant.Store, id int64) string {
	if c := s.Channel(id); c != nil {
		return c.Name
	}
	return "channel " + strconv.FormatInt(id, 10)
}

// percent writes a share as a percentage with one digit.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) }

// holdoutOf says what a comparison shows.
func holdoutOf(s *merchant.Store, c recovery.Comparison) holdoutView {
	v := holdoutView{Set: "The store’s mails"}
	if c.Channel != recovery.AllChannels {
		v.Set = "The mails of " + channelName(s, c.Channel)
	}
	arm := func(a recovery.Arm, what string) string {
		rate, ok := a.Rate()
		if !ok {
			return "Nobody who " + what + " has had seven days to order yet."
		}
		return fmt.Sprintf("Of %d who %s, %d ordered within seven days: %s %%.", a.Shoppers, what, a.Ordered, percent(rate))
	}
	v.Why = arm(c.Mailed, "may be written to") + " " + arm(c.HeldOut, "were held out")
	low, high := c.Interval()
	between := func(a, b float64) string { return "between " + percent(a) + " and " + percent(b) }
	switch c.Verdict() {
	case recovery.MailsBringMore:
		v.Verdict = "Mails bring orders: " + between(low, high) + " more of 100 shoppers order."
	case recovery.MailsBringFewer:
		v.Verdict = "Mails cost orders: " + between(-high, -low) + " fewer of 100 shoppers order."
	case recovery.NotEnoughData:
		v.Verdict = "Not enough data yet."
		if c.Mailed.Shoppers > 0 && c.HeldOut.Shoppers > 0 {
			v.Why += " That fits anything from " + percent(low) + " to " + percent(high) + " more of 100."
		}
	}
	return v
}
