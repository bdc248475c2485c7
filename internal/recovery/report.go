package recovery

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// Figure is something that a report counts. Each thing is counted once, on the
// day (UTC) on which it happened:
//
//   - a cart that was abandoned twice was abandoned twice, since it came back in
//     between; its mails, clicks and orders are counted once each;
//   - what belongs to a mail has the mail's template. A cart that came back has
//     that of the last mail before, if there was one; what had no mail has none.
type Figure string

// The figures, in the order in which they happen.
const (
	CountAbandoned   Figure = "abandoned"    // times that a cart was abandoned
	CountWithAddress Figure = "with_address" // those of which an address was known
	CountMails       Figure = "mails"        // mails that were handed over
	CountMailed      Figure = "mailed"       // abandonments with a mail, on the day of their first
	CountHeldOut     Figure = "held_out"     // abandonments that got no mail, to see what mails bring
	CountClicked     Figure = "clicked"      // mails that somebody went on from, on the day of the first click
	CountRecovered   Figure = "recovered"    // abandonments that ended with somebody coming back
	CountConverted   Figure = "converted"    // orders of carts that had been abandoned, those to be paid later too
	CountClickedSale Figure = "orders_clicked"
	CountInfluenced  Figure = "orders_influenced"
	CountOtherSale   Figure = "orders_unattributed" // of the converted ones, and those that a mail's code alone led to
)

// FigureNames are the names of all figures.
var FigureNames = []string{
	string(CountAbandoned), string(CountWithAddress), string(CountMails), string(CountMailed), string(CountHeldOut), string(CountClicked),
	string(CountRecovered), string(CountConverted), string(CountClickedSale), string(CountInfluenced), string(CountOtherSale),
}

// saleFigures are the figures of orders by whom they are thanked for.
var saleFigures = map[Credit]Figure{CreditClicked: CountClickedSale, CreditInfluenced: CountInfluenced, CreditNone: CountOtherSale}

// ReportFilter is what a report is about.
type ReportFilter struct {
	// From and To bound the time: To does not count any more.
	From, To time.Time
	// Channel is 0 for all of them.
	Channel int64
	// Template picks what belongs to one mail; 0 is what belongs to none. Nil is
	// everything.
	Template *int64
	// ByDay, ByChannel and ByTemplate say what the figures are grouped by.
	ByDay, ByChannel, ByTemplate bool
}

// MaxReportDays bounds the time that a report is about.
const MaxReportDays = 732

// reportDays is the time that a report is about when it does not say.
const reportDays = 30

const day = 24 * time.Hour

// Bounded returns the filter with the times that it did not say: up to now, and
// the 30 days that end with the last one. It refuses a time that ends before it
// begins, or is longer than MaxReportDays.
func (f ReportFilter) Bounded(now time.Time) (ReportFilter, error) {
	if f.To.IsZero() {
		f.To = now.Truncate(time.Millisecond).Add(time.Millisecond)
	}
	if f.From.IsZero() {
		f.From = f.To.Add(-1).Truncate(day).Add(-(reportDays - 1) * day)
	}
	switch {
	case f.To.Before(f.From):
		return f, fault.Field("to", fault.Min)
	case f.To.Sub(f.From) > MaxReportDays*day:
		return f, fault.Field("from", fault.Min)
	}
	return f, nil
}

// Count is how often something was counted, as the storage groups it. What the
// filter does not group by is zero.
type Count struct {
	Figure   Figure
	Day      time.Time // its beginning, UTC
	Channel  int64
	Template int64
	Bot      bool
	Currency string // of orders
	N        int64
	Amount   money.Amount
	Discount money.Amount
}

// Entry is one thing that a figure counts.
type Entry struct {
	At       time.Time
	Cart     cart.ID
	Episode  int64 // 0 for an order of a cart that was never abandoned
	Channel  int64
	Template int64 // 0 for none
	// Order, Currency, Amount and Discount are those of orders.
	Order    int64
	Currency string
	Amount   money.Amount
	Discount money.Amount
}

// Takings are orders with what they brought, in one currency.
type Takings struct {
	Orders   int64
	Amount   money.Amount // before gift certificates
	Discount money.Amount // what codes of mails took off
}

// Money is what came back in one currency.
type Money struct {
	Currency string
	ByCredit map[Credit]Takings
}

// Figures are the counts of a group of a report.
type Figures struct {
	Counts map[Figure]int64
	// Money has an entry for each currency, by its code.
	Money []Money
}

// Group is a part of a report. What the report is not grouped by is zero.
type Group struct {
	Day      time.Time
	Channel  int64
	Template int64
	Figures  Figures
	// Bots are the counts of carts that programs made; Figures are without them.
	Bots Figures
}

// Report is what became of abandoned carts.
type Report struct {
	Filter ReportFilter
	Total  Group
	// Groups are by day, channel and template; nil when nothing is grouped by.
	Groups      []Group
	Comparisons []Comparison
}

// reportOf adds counts up.
func reportOf(f ReportFilter, counts []Count) Report {
	r := Report{Filter: f}
	type key struct {
		day               int64
		channel, template int64
	}
	groups := map[key]*Group{}
	for _, c := range counts {
		r.Total.add(c)
		if !f.ByDay && !f.ByChannel && !f.ByTemplate {
			continue
		}
		k := key{c.Day.UnixMilli(), c.Channel, c.Template}
		if groups[k] == nil {
			groups[k] = &Group{Day: c.Day, Channel: c.Channel, Template: c.Template}
		}
		groups[k].add(c)
	}
	for _, g := range groups {
		r.Groups = append(r.Groups, *g)
	}
	slices.SortFunc(r.Groups, func(a, b Group) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Template, b.Template))
	})
	return r
}

func (g *Group) add(c Count) {
	if c.Bot {
		g.Bots.add(c)
		return
	}
	g.Figures.add(c)
}

func (f *Figures) add(c Count) {
	if f.Counts == nil {
		f.Counts = map[Figure]int64{}
	}
	f.Counts[c.Figure] += c.N
	for credit, figure := range saleFigures {
		if figure == c.Figure {
			f.take(credit, c)
		}
	}
}

func (f *Figures) take(credit Credit, c Count) {
	i, found := slices.BinarySearchFunc(f.Money, c.Currency, func(m Money, code string) int { return cmp.Compare(m.Currency, code) })
	if !found {
		f.Money = slices.Insert(f.Money, i, Money{Currency: c.Currency, ByCredit: map[Credit]Takings{}})
	}
	t := f.Money[i].ByCredit[credit]
	f.Money[i].ByCredit[credit] = Takings{t.Orders + c.N, t.Amount + c.Amount, t.Discount + c.Discount}
}

// Report counts what became of abandoned carts in a time, and says what their
// mails bring. The comparisons are of all time: they are right however often one
// looks, and are not when one chooses the days.
func (s *Service) Report(ctx context.Context, store string, f ReportFilter) (Report, error) {
	now := s.clock.Now()
	f, err := f.Bounded(now)
	if err != nil {
		return Report{}, err
	}
	counts, err := s.storage.CountRecovery(ctx, store, f)
	if err != nil {
		return Report{}, err
	}
	r := reportOf(f, counts)
	r.Comparisons, err = s.storage.Holdouts(ctx, store, now)
	return r, err
}

// Entries lists what a figure counts, the latest first: as many entries in all
// as the figure says. bots asks for those of carts that programs made.
func (s *Service) Entries(ctx context.Context, store string, figure Figure, bots bool, f ReportFilter, offset int64, limit int) ([]Entry, int64, error) {
	f, err := f.Bounded(s.clock.Now())
	if err != nil {
		return nil, 0, err
	}
	return s.storage.RecoveryEntries(ctx, store, figure, bots, f, offset, limit)
}
