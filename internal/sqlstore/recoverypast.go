package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/recovery"
)

// CartPast implements recovery.ReportStorage.
func (db *DB) CartPast(ctx context.Context, store string, cartID cart.ID) (*recovery.CartPast, error) {
	known, err := knownCart(ctx, db.reads, store, cartID)
	if err != nil || !known {
		return nil, err
	}
	p := &recovery.CartPast{Cart: cartID}
	for _, read := range []func(context.Context, string, *recovery.CartPast) error{
		db.pastLife, db.pastEvents, db.pastEpisodes, db.pastSteps, db.pastDecisions, db.pastVisits, db.pastSales, db.pastCoupons,
	} {
		if err := read(ctx, store, p); err != nil {
			return nil, fmt.Errorf("read the past of cart %s: %w", cartID, err)
		}
	}
	return p, nil
}

// latest ends a query for the latest rows of a cart: $1 is the store, $2 the
// cart, $3 how many.
const latest = ` DESC LIMIT $3`

// pastRows reads the latest rows of a cart, and returns them oldest first.
func pastRows[T any](ctx context.Context, db *DB, query, store string, cartID cart.ID, scan func(scanner) (T, error)) ([]T, error) {
	all, err := table[T]{name: "the past of a cart", scan: scan}.rows(ctx, db.reads, query+latest, store, string(cartID), recovery.MaxMoments)
	slices.Reverse(all)
	return all, err
}

func (db *DB) pastLife(ctx context.Context, store string, p *recovery.CartPast) error {
	var alive int
	err := db.reads.QueryRowContext(ctx, `SELECT COUNT(*) FROM carts WHERE store = $1 AND id = $2`, store, string(p.Cart)).Scan(&alive)
	if err != nil {
		return err
	}
	p.Alive = alive > 0
	var marked int64
	err = db.reads.QueryRowContext(ctx, `SELECT marked FROM recovery_bots WHERE store = $1 AND cart_id = $2`, store, string(p.Cart)).Scan(&marked)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	p.MarkedBot = fromMillis(marked)
	return err
}

func (db *DB) pastEvents(ctx context.Context, store string, p *recovery.CartPast) error {
	entries, err := journalEntries(ctx, db.reads, sqlJournalOf+" ORDER BY version DESC, n"+latest, store, string(p.Cart), recovery.MaxMoments)
	entries = entries[max(len(entries)-recovery.MaxMoments, 0):] // a row may hold several
	for _, entry := range entries {
		p.Channel = entry.Channel
		for i := range entry.Events {
			// A cart that is abandoned is told by its episode, which has more to say.
			if entry.Events[i].Scope != event.CartAbandoned {
				p.Events = append(p.Events, recovery.Moment{At: entry.At, Kind: recovery.EventMoment, Event: &entry.Events[i]})
			}
		}
	}
	return err
}

func (db *DB) pastEpisodes(ctx context.Context, store string, p *recovery.CartPast) (err error) {
	p.Episodes, err = pastRows(ctx, db, "SELECT "+episodes.columns+" FROM episodes WHERE store = $1 AND cart_id = $2 ORDER BY id",
		store, p.Cart, episodes.scan)
	for _, e := range p.Episodes {
		p.Channel = e.Channel
	}
	return err
}

func (db *DB) pastSteps(ctx context.Context, store string, p *recovery.CartPast) (err error) {
	p.Steps, err = pastRows(ctx, db, `SELECT s.episode, s.template, s.state, s.address, s.claimed, s.retry_at, s.doc
		FROM episodes e JOIN episode_steps s ON s.store = e.store AND s.episode = e.id
		WHERE e.store = $1 AND e.cart_id = $2 ORDER BY s.episode DESC, s.template`, store, p.Cart,
		func(s scanner) (recovery.EpisodeStep, error) {
			var out recovery.EpisodeStep
			var claimed int64
			var retry sql.NullInt64
			var doc string
			if err := s.Scan(&out.Episode, &out.Step.Template, &out.Step.State, &out.Step.Address, &claimed, &retry, &doc); err != nil {
				return out, err
			}
			out.Step.Claimed, out.Step.Retry = fromMillis(claimed), maybeTime(retry)
			return out, json.Unmarshal([]byte(doc), &out.Step)
		})
	return err
}

func (db *DB) pastDecisions(ctx context.Context, store string, p *recovery.CartPast) (err error) {
	p.Decisions, err = pastRows(ctx, db, "SELECT "+decisions.columns+" FROM decisions WHERE store = $1 AND cart_id = $2 ORDER BY id",
		store, p.Cart, decisions.scan)
	return err
}

func (db *DB) pastVisits(ctx context.Context, store string, p *recovery.CartPast) (err error) {
	p.Visits, err = pastRows(ctx, db, `SELECT id, cart_id, episode, template, kind, at FROM mail_visits
		WHERE store = $1 AND cart_id = $2 ORDER BY id`, store, p.Cart,
		func(s scanner) (recovery.Visit, error) {
			var v recovery.Visit
			var at int64
			err := s.Scan(&v.ID, &v.Cart, &v.Episode, &v.Template, &v.Kind, &at)
			v.At = fromMillis(at)
			return v, err
		})
	return err
}

func (db *DB) pastSales(ctx context.Context, store string, p *recovery.CartPast) (err error) {
	p.Sales, err = db.Sales(ctx, store, recovery.SaleFilter{Cart: p.Cart})
	for i := range p.Sales {
		p.Channel = p.Sales[i].Channel
	}
	return err
}

func (db *DB) pastCoupons(ctx context.Context, store string, p *recovery.CartPast) (err error) {
	minted := mintedAt(db.clock.Now())
	p.Coupons, err = pastRows(ctx, db, "SELECT "+minted.columns+" FROM recovery_coupons WHERE store = $1 AND cart_id = $2 ORDER BY id",
		store, p.Cart, minted.scan)
	return err
}
