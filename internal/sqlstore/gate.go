package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
	"cartwright/internal/recovery"
)

// NextEpisode implements recovery.EngineStorage. Each store is asked through
// its own part of the index, so that it costs the same among few episodes and
// among many.
func (db *DB) NextEpisode(ctx context.Context) (at time.Time, ok bool, err error) {
	return db.earliest(ctx, `SELECT MIN(next) FROM (
		SELECT (SELECT MIN(next_at) FROM episodes WHERE store = s.hash AND next_at IS NOT NULL) AS next FROM stores s) x`, 0)
}

// PendingEpisodes implements recovery.EngineStorage.
func (db *DB) PendingEpisodes(ctx context.Context, now time.Time) ([]string, error) {
	stores, err := column[string](db.reads.QueryContext(ctx, `SELECT hash FROM stores s
		WHERE EXISTS (SELECT 1 FROM episodes WHERE store = s.hash AND next_at <= $1)
			OR EXISTS (SELECT 1 FROM episode_steps WHERE store = s.hash AND state = 'claimed') ORDER BY hash`, millis(now)))
	if err != nil {
		return nil, fmt.Errorf("find stores with mails: %w", err)
	}
	return stores, nil
}

// DueEpisodes implements recovery.EngineStorage.
func (db *DB) DueEpisodes(ctx context.Context, store string, now time.Time, limit int) ([]int64, error) {
	ids, err := column[int64](db.reads.QueryContext(ctx, `SELECT id FROM episodes WHERE store = $1 AND next_at <= $2 ORDER BY next_at, id LIMIT $3`,
		store, millis(now), limit))
	if err != nil {
		return nil, fmt.Errorf("find due episodes: %w", err)
	}
	return ids, nil
}

// errMovedAway says that an address was another one once it was locked.
var errMovedAway = errors.New("the cart got another address in between")

// newAddress says that an address has no row yet. Where visits run side by side it
// gets one in a transaction before theirs, which is short: in theirs, the counter of
// addresses would stay locked until they end, and they would take turns.
type newAddress struct{ hash string }

// Error implements error.
func (newAddress) Error() string { return "the address has no row yet" }

// visitAttempts bounds how often a visit begins again because of these.
const visitAttempts = 5

// VisitEpisode implements recovery.EngineStorage.
func (db *DB) VisitEpisode(ctx context.Context, of recovery.VisitOf, decide func(recovery.Standing) recovery.Ruling) (*recovery.Ruling, error) {
	for attempt := 1; ; attempt++ {
		r, err := write(ctx, db, func(t *tx) (*recovery.Ruling, error) {
			v := visit{tx: t, of: of}
			if due, err := v.stand(); err != nil || !due {
				return nil, err
			}
			r := decide(v.s)
			return &r, v.keep(&r)
		})
		var made newAddress
		isNew := errors.As(err, &made)
		if !isNew && !errors.Is(err, errMovedAway) || attempt == visitAttempts {
			return r, err
		}
		if isNew {
			if err := db.addAddress(ctx, of.Store, made.hash); err != nil {
				return nil, err
			}
		}
	}
}

// visit is a transaction that looks at one episode.
type visit struct {
	*tx

	of recovery.VisitOf
	s  recovery.Standing
}

// stand locks and reads everything that is known; due is false when there is
// nothing to look at.
func (v *visit) stand() (due bool, err error) {
	e, err := findEpisode(v.ctx, v, v.of.Store, v.of.Episode, "")
	if err != nil || e == nil {
		return false, err
	}
	var c *cart.Cart
	var who *customer.Customer
	if e.Ended.IsZero() {
		if c, who, err = v.lockShopper(e); err != nil {
			return false, err
		}
	}
	if e, err = findEpisode(v.ctx, v, v.of.Store, v.of.Episode, v.dialect.forUpdate); err != nil {
		return false, err
	}
	if e == nil || e.Next.IsZero() || e.Next.After(v.of.Now) {
		return false, nil
	}
	v.s.Episode = *e
	if e.Ended.IsZero() {
		v.s.Cart, v.s.Customer = c, who
	}
	if v.s.Steps, err = episodeSteps(v.ctx, v, v.of.Store, e.ID); err != nil {
		return false, err
	}
	if err := v.readSettings(); err != nil {
		return false, err
	}
	return true, v.readAddress()
}

// lockShopper locks the address of the cart's shopper and then the cart, and
// returns the cart as it is under the locks, nil for one that is gone.
func (v *visit) lockShopper(e *recovery.Episode) (*cart.Cart, *customer.Customer, error) {
	c, who, err := v.shopper(e.Cart, "")
	if err != nil || c == nil {
		return nil, nil, err
	}
	expected := recovery.AddressOf(c, who)
	if expected != "" {
		a, err := v.addressRow(e.Store, recovery.AddressHash(e.Store, expected))
		if err != nil {
			return nil, nil, err
		}
		v.s.Ordered = a.ordered
		v.s.Suppressed = a.Reason
	}
	if c, who, err = v.shopper(e.Cart, v.dialect.forUpdate); err != nil || c == nil {
		return nil, nil, err
	}
	if v.s.Address = recovery.AddressOf(c, who); v.s.Address != expected {
		return nil, nil, errMovedAway
	}
	return c, who, nil
}

// addressRow locks the row of an address. One that has none gets it, or where visits
// run side by side the visit ends with a newAddress.
func (v *visit) addressRow(store, hash string) (mailAddress, error) {
	if v.dialect.oneWriter {
		return v.lockAddress(store, hash)
	}
	a, found, err := v.findAddress(store, hash)
	if err == nil && !found {
		err = newAddress{hash}
	}
	return a, err
}

// addAddress makes the row of an address.
func (db *DB) addAddress(ctx context.Context, store, hash string) error {
	_, err := write(ctx, db, func(t *tx) (string, error) { return hash, t.addAddress(store, hash) })
	return err
}

// shopper reads a cart and whose it is. The customer's row is not locked: its
// consent is taken back with the address locked.
func (v *visit) shopper(cartID cart.ID, suffix string) (*cart.Cart, *customer.Customer, error) {
	var doc string
	err := v.QueryRowContext(v.ctx, sqlSelectCart+suffix, v.of.Store, string(cartID)).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read cart: %w", err)
	}
	c, err := cart.ReadDocument(doc)
	if err != nil {
		return nil, nil, fmt.Errorf("cart %s: %w", cartID, err)
	}
	who, err := customerOfCart(v.ctx, v, v.of.Store, c.CustomerID)
	return c, who, err
}

// readSettings reads the settings and the set of mails that count for the
// episode's channel.
func (v *visit) readSettings() error {
	e := &v.s.Episode
	var own recovery.Settings
	ok, err := settingsDoc(v.ctx, v, e.Store, recovery.AllChannels, "", &own)
	if err != nil {
		return err
	}
	if ok {
		v.s.Own = &own
	}
	if _, err := settingsDoc(v.ctx, v, e.Store, e.Channel, "", &v.s.Channel); err != nil {
		return err
	}
	if v.s.Restored, err = v.restored(e.Store); err != nil {
		return err
	}
	if v.s.Stored, err = templatesStored(v.ctx, v, e.Store); err != nil || !v.s.Stored {
		return err
	}
	v.s.Set, err = readTemplates.rows(v.ctx, v, `SELECT `+readTemplates.columns+` FROM mail_templates
		WHERE store = $1 AND channel = $2 ORDER BY id`, e.Store, v.s.SetOwner())
	return err
}

// readAddress reads what is known of the address besides its row.
func (v *visit) readAddress() error {
	if v.s.Cart == nil || v.s.Address == "" {
		return nil
	}
	store, hash := v.of.Store, recovery.AddressHash(v.of.Store, v.s.Address)
	var err error
	if v.s.Consent, err = consented(v.ctx, v, store, v.s.Address); err != nil {
		return err
	}
	if !v.of.CapSince.IsZero() {
		err := v.QueryRowContext(v.ctx, `SELECT COUNT(*) FROM episode_steps WHERE store = $1 AND address = $2 AND claimed > $3
			AND state IN ('claimed', 'sent', 'unknown')`, store, hash, millis(v.of.CapSince)).Scan(&v.s.Claims)
		if err != nil {
			return fmt.Errorf("count the mails of an address: %w", err)
		}
	}
	var held int64
	err = v.QueryRowContext(v.ctx, `SELECT held FROM holdouts WHERE store = $1 AND channel = $2 AND address = $3`, store, v.s.SetOwner(), hash).Scan(&held)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("read a lot: %w", err)
	}
	yes := held != 0
	v.s.Held = &yes
	return nil
}

// consented reports whether a subscriber's record of an address agrees to mails
// about carts.
func consented(ctx context.Context, q querier, store, email string) (bool, error) {
	c := inStore(store)
	c.add("email = ?", customer.Key(email))
	all, err := subscribers.rows(ctx, q, "SELECT "+subscribers.columns+" FROM subscribers"+c.where()+" ORDER BY id", c.args...)
	if err != nil {
		return false, err
	}
	for _, s := range all {
		for _, consent := range s.Consents {
			if consent == consentAbandoned {
				return true, nil
			}
		}
	}
	return false, nil
}

// keep writes what was decided.
func (v *visit) keep(r *recovery.Ruling) error {
	e := &v.s.Episode
	hash := recovery.AddressHash(e.Store, v.s.Address)
	if d := r.Draw; d != nil {
		if err := v.insertLot(d, hash); err != nil {
			return err
		}
	}
	for _, n := range r.Notes {
		if err := v.keepNote(n, hash); err != nil {
			return err
		}
	}
	if c := r.Claim; c != nil {
		if err := v.putStep(e.Store, e.ID, c.Step); err != nil {
			return err
		}
		if err := v.decided(e, c.Step, v.of.Now, recovery.Due, ""); err != nil {
			return err
		}
		for _, k := range c.Tokens {
			if err := v.insertToken(k); err != nil {
				return err
			}
		}
	}
	_, err := v.exec(`UPDATE episodes SET next_at = $1 WHERE store = $2 AND id = $3`, maybeMillis(r.Next), e.Store, e.ID)
	if err != nil {
		return fmt.Errorf("put off an episode: %w", err)
	}
	return nil
}

// keepNote writes what a step became without being sent.
func (v *visit) keepNote(n recovery.Note, hash string) error {
	step := recovery.Step{Template: n.Template, Address: hash}
	for _, had := range v.s.Steps {
		if had.Template == n.Template {
			step = had
		}
	}
	step.State, step.Retry = n.State, n.Retry
	if n.State != recovery.Unknown { // of one that may have been sent it stays when that was
		step.Claimed = v.of.Now
	}
	if err := v.putStep(v.of.Store, v.s.Episode.ID, step); err != nil {
		return err
	}
	if step.Coupon != "" && n.State != recovery.Deferred && n.State != recovery.Unknown {
		if err := v.withdrawCoupon(v.of.Store, v.s.Episode.ID, n.Template, v.of.Now); err != nil {
			return err
		}
	}
	return v.decided(&v.s.Episode, step, v.of.Now, n.Reason, n.Detail)
}

func (v *visit) insertLot(d *recovery.Draw, hash string) error {
	held := 0
	if d.Held {
		held = 1
	}
	_, err := v.exec(`INSERT INTO holdouts (store, channel, address, held, assigned, ordered) VALUES ($1, $2, $3, $4, $5, NULL)
		ON CONFLICT (store, channel, address) DO NOTHING`, v.of.Store, d.Channel, hash, held, millis(v.of.Now))
	if err != nil {
		return fmt.Errorf("keep a lot: %w", err)
	}
	return nil
}
