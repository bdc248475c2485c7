package storetest

import (
	"database/sql"
	"strconv"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// past writes rows of recovery as they would have been written, at times that
// no server has to wait for.
type past struct {
	t       *testing.T
	db      *sqlstore.DB
	raw     *sql.DB
	episode int64
	visit   int64
}

func (p *past) exec(query string, args ...any) {
	p.t.Helper()
	if _, err := p.raw.ExecContext(p.t.Context(), query, args...); err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
}

func maybe(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// abandon writes a time that a cart was abandoned, of a shopper with this
// address, and returns its id.
func (p *past) abandon(cartID cart.ID, channel int64, email string, at, ended time.Time, how recovery.End) int64 {
	p.t.Helper()
	p.episode++
	p.exec(`INSERT INTO episodes (store, id, cart_id, channel, abandoned, ended, how, next_at, address, doc)
		VALUES ('a', $1, $2, $3, $4, $5, $6, NULL, $7, '{"value": 10, "currency": "USD"}')`,
		p.episode, string(cartID), channel, at.UnixMilli(), maybe(ended), string(how), recovery.AddressHash("a", email))
	return p.episode
}

// mail writes what became of a mail of an episode.
func (p *past) mail(episode, template int64, state recovery.StepState, email string, at time.Time, coupon string) {
	p.t.Helper()
	p.exec(`INSERT INTO episode_steps (store, episode, template, state, address, claimed, retry_at, doc)
		VALUES ('a', $1, $2, $3, $4, $5, NULL, $6)`,
		episode, template, string(state), recovery.AddressHash("a", email), at.UnixMilli(), `{"coupon": `+strconv.Quote(coupon)+`}`)
}

// see writes that somebody did something with a mail.
func (p *past) see(cartID cart.ID, episode, template int64, kind recovery.VisitKind, at time.Time) {
	p.t.Helper()
	p.visit++
	p.exec(`INSERT INTO mail_visits (store, id, cart_id, episode, template, kind, at) VALUES ('a', $1, $2, $3, $4, $5, $6)`,
		p.visit, string(cartID), episode, template, string(kind), at.UnixMilli())
}

// draw writes that a shopper was drawn.
func (p *past) draw(channel int64, email string, held bool, at, ordered time.Time) {
	p.t.Helper()
	n := 0
	if held {
		n = 1
	}
	p.exec(`INSERT INTO holdouts (store, channel, address, held, assigned, ordered) VALUES ('a', $1, $2, $3, $4, $5)`,
		channel, recovery.AddressHash("a", email), n, at.UnixMilli(), maybe(ordered))
}

// Reports holds what was counted to what happened. open returns a new, empty
// database, and a second way into it.
func Reports(t *testing.T, open func(t *testing.T) (*sqlstore.DB, *sql.DB)) {
	for name, test := range map[string]func(*testing.T, *past){
		"orders are attributed when they are paid": ordersAttributed,
		"a cancelled order does not count":         canceledSales,
		"the first order of a shopper is noted":    firstOrders,
		"figures are as many as what is behind":    reportsAddUp,
		"a report is of one store, and adds up":    reportsOfOthers,
		"hold-outs are compared when it is time":   holdoutsCompared,
	} {
		t.Run(name, func(t *testing.T) {
			db, raw := open(t)
			test(t, &past{t: t, db: db, raw: raw})
		})
	}
}
