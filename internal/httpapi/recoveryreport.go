package httpapi

import (
	"net/http"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/recovery"
)

// reportRoutes are the report about abandoned carts and what is behind it,
// which are this server's own (decisions 1).
func (a *API) reportRoutes() []route {
	return []route{
		{"GET", "/v3/recovery/report", marketingScope, a.getRecoveryReport},
		{"GET", "/v3/recovery/report/carts", marketingScope, a.listReportCarts},
		{"GET", "/v3/recovery/carts/{cartId}", marketingScope, a.getCartTimeline},
		{"PUT", "/v3/recovery/carts/{cartId}", marketingScope, a.updateCartMark},
	}
}

// The parts that a report can be grouped by.
const (
	byDay      = "day"
	byChannel  = "channel"
	byTemplate = "template"
)

// readReportFilter reads what a report is about.
func readReportFilter(q *params) recovery.ReportFilter {
	f := recovery.ReportFilter{From: q.since("from"), To: q.until("to"), Template: q.int("template_id", 0, maxInt)}
	if id := q.int("channel_id", 1, maxInt); id != nil {
		f.Channel = *id
	}
	for _, by := range q.texts("group_by") {
		switch by {
		case byDay:
			f.ByDay = true
		case byChannel:
			f.ByChannel = true
		case byTemplate:
			f.ByTemplate = true
		default:
			q.fail("group_by", fault.ExpectedEnum)
		}
	}
	return f
}

type reportJSON struct {
	From        string           `json:"from"`
	To          string           `json:"to"`
	TimeZone    string           `json:"time_zone"`
	Totals      totalsJSON       `json:"totals"`
	Groups      []groupJSON      `json:"groups"`
	Comparisons []comparisonJSON `json:"hold_outs"`
}

type totalsJSON struct {
	figuresJSON
	Bots figuresJSON `json:"bots"`
}

// groupJSON leaves out what the report is not grouped by.
type groupJSON struct {
	Day      *string `json:"day,omitempty"`
	Channel  *int64  `json:"channel_id,omitempty"`
	Template *int64  `json:"template_id,omitempty"`
	totalsJSON
}

type figuresJSON struct {
	Abandoned   int64       `json:"abandoned"`
	WithAddress int64       `json:"with_address"`
	Mails       int64       `json:"mails"`
	Mailed      int64       `json:"mailed"`
	HeldOut     int64       `json:"held_out"`
	Clicked     int64       `json:"clicked"`
	Recovered   int64       `json:"recovered"`
	Converted   int64       `json:"converted"`
	Orders      ordersJSON  `json:"orders"`
	Money       []moneyJSON `json:"money"`
}

type ordersJSON struct {
	Clicked      int64 `json:"clicked"`
	Influenced   int64 `json:"influenced"`
	Unattributed int64 `json:"unattributed"`
}

type moneyJSON struct {
	Currency     string      `json:"currency_code"`
	Clicked      takingsJSON `json:"clicked"`
	Influenced   takingsJSON `json:"influenced"`
	Unattributed takingsJSON `json:"unattributed"`
}

type takingsJSON struct {
	Orders   int64        `json:"orders"`
	Amount   money.Amount `json:"amount"`
	Discount money.Amount `json:"discount"`
}

func figuresOf(f recovery.Figures) figuresJSON {
	n := f.Counts
	out := figuresJSON{
		Abandoned: n[recovery.CountAbandoned], WithAddress: n[recovery.CountWithAddress], Mails: n[recovery.CountMails],
		Mailed: n[recovery.CountMailed], HeldOut: n[recovery.CountHeldOut], Clicked: n[recovery.CountClicked],
		Recovered: n[recovery.CountRecovered], Converted: n[recovery.CountConverted],
		Orders: ordersJSON{n[recovery.CountClickedSale], n[recovery.CountInfluenced], n[recovery.CountOtherSale]},
		Money:  make([]moneyJSON, len(f.Money)),
	}
	for i, m := range f.Money {
		of := func(c recovery.Credit) takingsJSON { return takingsJSON(m.ByCredit[c]) }
		out.Money[i] = moneyJSON{m.Currency, of(recovery.CreditClicked), of(recovery.CreditInfluenced), of(recovery.CreditNone)}
	}
	return out
}

func totalsOf(g *recovery.Group) totalsJSON {
	return totalsJSON{figuresOf(g.Figures), figuresOf(g.Bots)}
}

func groupOf(g *recovery.Group, f recovery.ReportFilter) groupJSON {
	out := groupJSON{totalsJSON: totalsOf(g)}
	if f.ByDay {
		d := g.Day.Format(time.DateOnly)
		out.Day = &d
	}
	if f.ByChannel {
		out.Channel = &g.Channel
	}
	if f.ByTemplate {
		out.Template = &g.Template
	}
	return out
}

type comparisonJSON struct {
	Channel    int64            `json:"channel_id"`
	Mailed     armJSON          `json:"mailed"`
	HeldOut    armJSON          `json:"held_out"`
	Waiting    int64            `json:"waiting"`
	Difference *float64         `json:"difference"`
	Interval   intervalJSON     `json:"interval"`
	Conclusive bool             `json:"conclusive"`
	Verdict    recovery.Verdict `json:"verdict"`
}

type armJSON struct {
	Shoppers int64    `json:"shoppers"`
	Ordered  int64    `json:"ordered"`
	Rate     *float64 `json:"rate"`
}

type intervalJSON struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
}

// maybeNumber is null when ok is false.
func maybeNumber(n float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &n
}

func armOf(a recovery.Arm) armJSON { return armJSON{a.Shoppers, a.Ordered, maybeNumber(a.Rate())} }

func comparisonOf(c *recovery.Comparison) comparisonJSON {
	low, high := c.Interval()
	verdict := c.Verdict()
	return comparisonJSON{
		Channel: c.Channel, Mailed: armOf(c.Mailed), HeldOut: armOf(c.HeldOut), Waiting: c.Waiting,
		Difference: maybeNumber(c.Difference()), Interval: intervalJSON{low, high, recovery.IntervalLevel()},
		Conclusive: verdict != recovery.NotEnoughData, Verdict: verdict,
	}
}

// getRecoveryReport serves GET /v3/recovery/report.
func (a *API) getRecoveryReport(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	f := readReportFilter(q)
	if err := q.err(); err != nil {
		return err
	}
	report, err := a.Recoveries.Report(r.Context(), storeOf(r), f)
	if err != nil {
		return err
	}
	out := reportJSON{
		From: timeText(report.Filter.From), To: timeText(report.Filter.To), TimeZone: "UTC", Totals: totalsOf(&report.Total),
		Groups:      mapped(report.Groups, func(g *recovery.Group) groupJSON { return groupOf(g, f) }),
		Comparisons: mapped(report.Comparisons, comparisonOf),
	}
	return respond(w, http.StatusOK, one(out))
}

type entryJSON struct {
	At       string        `json:"date"`
	Cart     string        `json:"cart_id"`
	Channel  int64         `json:"channel_id"`
	Episode  *int64        `json:"episode_id"`
	Template *int64        `json:"template_id"`
	Order    *int64        `json:"order_id"`
	Currency *string       `json:"currency_code"`
	Amount   *money.Amount `json:"amount"`
	Discount *money.Amount `json:"discount"`
}

// maybeID is null for 0, which is no id.
func maybeID(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func entryOf(e *recovery.Entry) entryJSON {
	out := entryJSON{At: timeText(e.At), Cart: string(e.Cart), Channel: e.Channel, Episode: maybeID(e.Episode), Template: maybeID(e.Template)}
	if e.Order != 0 {
		out.Order, out.Currency, out.Amount, out.Discount = &e.Order, &e.Currency, &e.Amount, &e.Discount
	}
	return out
}

// listReportCarts serves GET /v3/recovery/report/carts: what a figure counts,
// the latest first.
func (a *API) listReportCarts(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	f := readReportFilter(q)
	figure := q.oneOf("figure", recovery.FigureNames...)
	if q.text("figure") == "" {
		q.fail("figure", fault.Missing)
	}
	bots := q.bool("bots")
	if err := q.err(); err != nil {
		return err
	}
	entries, total, err := a.Recoveries.Entries(r.Context(), storeOf(r), recovery.Figure(figure), bots != nil && *bots, f, p.offset(), p.limit)
	if err != nil {
		return err
	}
	out := mapped(entries, entryOf)
	return respond(w, http.StatusOK, p.list(out, len(out), total))
}
