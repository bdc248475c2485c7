package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/event"
	"cartwright/internal/recovery"
)

// consentAbandoned is the consent of a subscriber that mails about carts need.
const consentAbandoned = "abandoned_cart"

var suppressions = table[recovery.SuppressedAddress]{
	name: "mail_addresses", columns: "id, hash, suppressed, reason",
	scan: func(s scanner) (recovery.SuppressedAddress, error) {
		var a recovery.SuppressedAddress
		var at sql.NullInt64
		err := s.Scan(&a.ID, &a.Hash, &at, &a.Reason)
		a.At = maybeTime(at)
		return a, err
	},
}

// Suppressions implements recovery.LedgerStorage.
func (db *DB) Suppressions(ctx context.Context, store, hash string, r cursor.Range) (cursor.Part[recovery.SuppressedAddress], error) {
	c := inStore(store)
	c.add("suppressed IS NOT NULL")
	if hash != "" {
		c.add("hash = ?", hash)
	}
	return suppressions.list(ctx, db.reads, c, r)
}

// suppress puts an address on the list, and reports whether it is new there.
// Its row is locked. What people asked for themselves takes the place of a
// reason that the merchant may take for a mistake.
func (t *tx) suppress(store string, a *mailAddress, why recovery.Suppression, at time.Time) (bool, error) {
	listed := !a.At.IsZero()
	if listed && (asked(a.Reason) || !asked(why)) {
		return false, nil
	}
	_, err := t.exec(`UPDATE mail_addresses SET suppressed = $1, reason = $2 WHERE store = $3 AND hash = $4`, millis(at), string(why), store, a.Hash)
	if err != nil {
		return false, fmt.Errorf("suppress address: %w", err)
	}
	a.At, a.Reason = at, why
	return !listed, nil
}

// asked reports whether the owner of an address wants no more mail.
func asked(why recovery.Suppression) bool {
	return why == recovery.ByShopper || why == recovery.ByComplaint
}

// Suppress implements recovery.LedgerStorage.
func (db *DB) Suppress(ctx context.Context, store, hash string, why recovery.Suppression, at time.Time) (recovery.SuppressedAddress, error) {
	return write(ctx, db, func(t *tx) (recovery.SuppressedAddress, error) {
		a, err := t.lockAddress(store, hash)
		if err == nil {
			_, err = t.suppress(store, &a, why, at)
		}
		return a.SuppressedAddress, err
	})
}

// Unsuppress implements recovery.LedgerStorage.
func (db *DB) Unsuppress(ctx context.Context, store, hash string) (bool, error) {
	return write(ctx, db, func(t *tx) (bool, error) {
		n, err := t.exec(`UPDATE mail_addresses SET suppressed = NULL, reason = '' WHERE store = $1 AND hash = $2 AND suppressed IS NOT NULL`, store, hash)
		if err != nil {
			return false, fmt.Errorf("take an address off the list: %w", err)
		}
		return n > 0, nil
	})
}

// Unsubscribe implements recovery.LedgerStorage.
func (db *DB) Unsubscribe(ctx context.Context, store, tokenHash string, at time.Time) (*recovery.Token, error) {
	token, err := db.FindRecoveryToken(ctx, store, tokenHash)
	if err != nil || token == nil || token.Purpose != recovery.Unsubscribe {
		return nil, err
	}
	// Anybody may send the form again and again, so that costs no search.
	if done, err := db.hasUnsubscribed(ctx, token); err != nil || done {
		return token, err
	}
	email, err := db.emailBehind(ctx, token)
	if err != nil {
		return nil, err
	}
	return write(ctx, db, func(t *tx) (*recovery.Token, error) {
		a, err := t.lockAddress(store, token.Address)
		if err != nil {
			return nil, err
		}
		if _, err := t.suppress(store, &a, recovery.ByShopper, at); err != nil {
			return nil, err
		}
		if _, err := t.insertVisitOnce(store, visitOf(token, recovery.Unsubscribed, at)); err != nil || email == "" {
			return token, err
		}
		return token, t.withdrawConsent(store, email, at)
	})
}

// hasUnsubscribed reports whether a link has done its work, and that stands.
func (db *DB) hasUnsubscribed(ctx context.Context, k *recovery.Token) (bool, error) {
	var reason recovery.Suppression
	err := db.reads.QueryRowContext(ctx, `SELECT a.reason FROM mail_addresses a JOIN mail_visits v ON v.store = a.store AND v.cart_id = $3
			AND v.episode = $4 AND v.template = $5 AND v.kind = $6
		WHERE a.store = $1 AND a.hash = $2 LIMIT 1`,
		k.Store, k.Address, string(k.Cart), k.Episode, k.Template, string(recovery.Unsubscribed)).Scan(&reason)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look whether an address is on the list: %w", err)
	}
	return asked(reason), nil
}

func visitOf(k *recovery.Token, kind recovery.VisitKind, at time.Time) recovery.Visit {
	return recovery.Visit{Cart: k.Cart, Episode: k.Episode, Template: k.Template, Kind: kind, At: at}
}

// insertVisitOnce notes what came of a mail, and reports whether that is new.
// The row of the address is locked, so that two at once are one.
func (t *tx) insertVisitOnce(store string, v recovery.Visit) (bool, error) {
	var found int
	err := t.QueryRowContext(t.ctx, `SELECT 1 FROM mail_visits WHERE store = $1 AND cart_id = $2 AND episode = $3 AND template = $4 AND kind = $5 LIMIT 1`,
		store, string(v.Cart), v.Episode, v.Template, string(v.Kind)).Scan(&found)
	if err == nil {
		return false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("look for a visit: %w", err)
	}
	return true, t.insertVisit(store, v)
}

// emailBehind returns the address to which the mail of a token went, or "" when
// nobody has it any more: then there is no consent to take back either. What is
// kept with the token is a hash, so those are asked who may have it: the cart,
// the customer who left it, and then everybody.
func (db *DB) emailBehind(ctx context.Context, k *recovery.Token) (string, error) {
	matches := func(email string) bool { return recovery.AddressHash(k.Store, email) == k.Address }
	c, err := db.FindCart(ctx, k.Store, k.Cart)
	if err != nil {
		return "", err
	}
	if c != nil {
		who, err := customerOfCart(ctx, db.reads, k.Store, c.CustomerID)
		if err != nil {
			return "", err
		}
		if email := recovery.AddressOf(c, who); matches(email) {
			return email, nil
		}
	}
	who, err := db.customerOf(ctx, k)
	if err != nil {
		return "", err
	}
	if who != nil && matches(who.Email) {
		return who.Email, nil
	}
	for _, query := range []string{`SELECT email FROM customers WHERE store = $1`, `SELECT email FROM subscribers WHERE store = $1`} {
		email, err := db.firstText(ctx, query, k.Store, matches)
		if err != nil || email != "" {
			return email, err
		}
	}
	return "", nil
}

// customerOf returns who had the cart of a token when it was abandoned; nil for
// a guest, and for somebody who is gone.
func (db *DB) customerOf(ctx context.Context, k *recovery.Token) (*customer.Customer, error) {
	e, err := findEpisode(ctx, db.reads, k.Store, k.Episode, "")
	if err != nil || e == nil {
		return nil, err
	}
	return customerOfCart(ctx, db.reads, k.Store, e.CustomerID)
}

// firstText returns the first text of a query that is wanted, or "".
func (db *DB) firstText(ctx context.Context, query, store string, wanted func(string) bool) (string, error) {
	rows, err := db.reads.QueryContext(ctx, query, store)
	if err != nil {
		return "", fmt.Errorf("look for an address: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return "", err
		}
		if wanted(s) {
			return s, nil
		}
	}
	return "", rows.Err()
}

// withdrawConsent takes back what the owner of an address agreed to about mails
// of abandoned carts.
func (t *tx) withdrawConsent(store, email string, at time.Time) error {
	c := inStore(store)
	c.add("email = ?", customer.Key(email))
	who, err := customers.one(t.ctx, t, c, t.dialect.forUpdate)
	if err != nil {
		return err
	}
	if who != nil && who.AcceptsAbandonedCartEmails {
		who.AcceptsAbandonedCartEmails, who.Modified = false, at
		if err := t.updateCustomer(store, 0, who); err != nil {
			return err
		}
		if err := t.tellCustomer(store, who.ID, event.CustomerUpdated, at); err != nil {
			return err
		}
	}
	all, err := subscribers.rows(t.ctx, t, "SELECT "+subscribers.columns+" FROM subscribers"+c.where()+" ORDER BY id"+t.dialect.forUpdate, c.args...)
	if err != nil {
		return err
	}
	for i := range all {
		s := &all[i]
		if !slices.Contains(s.Consents, consentAbandoned) {
			continue
		}
		s.Consents = slices.DeleteFunc(s.Consents, func(consent string) bool { return consent == consentAbandoned })
		s.Modified = at
		if err := t.updateSubscriber(store, s); err != nil {
			return err
		}
	}
	return nil
}

// TakeBounces implements recovery.LedgerStorage. Addresses are locked in the
// order of their hashes, so that requests at once wait for each other in no
// circle.
func (db *DB) TakeBounces(ctx context.Context, store string, all []recovery.Bounce, at time.Time) (recovery.Bounces, error) {
	sorted := slices.Clone(all)
	hash := func(b recovery.Bounce) string { return recovery.AddressHash(store, b.Email) }
	slices.SortStableFunc(sorted, func(a, b recovery.Bounce) int { return strings.Compare(hash(a), hash(b)) })
	return write(ctx, db, func(t *tx) (recovery.Bounces, error) {
		var out recovery.Bounces
		for _, b := range sorted {
			why := b.Suppression()
			if why == "" {
				continue
			}
			a, err := t.lockAddress(store, hash(b))
			if err != nil {
				return out, err
			}
			added, err := t.suppress(store, &a, why, at)
			if err != nil {
				return out, err
			}
			if added {
				out.Suppressed++
			}
			noted, err := t.noteBounce(store, b, a.Hash, at)
			if err != nil {
				return out, err
			}
			if noted {
				out.Recorded++
			}
		}
		return out, nil
	})
}

// noteBounce notes that a mail came back, if it is one of ours to this address,
// and reports whether that is new.
func (t *tx) noteBounce(store string, b recovery.Bounce, hash string, at time.Time) (bool, error) {
	bare, episode, template, ok := recovery.ReadMessageID(b.MessageID)
	if !ok {
		return false, nil
	}
	step, err := t.findStep(store, episode, template)
	if err != nil || step == nil || step.MessageID != bare || step.Address != hash {
		return false, err
	}
	kind := recovery.Bounced
	if b.Kind == recovery.Complaint {
		kind = recovery.Complained
	}
	var cartID string
	err = t.QueryRowContext(t.ctx, `SELECT cart_id FROM episodes WHERE store = $1 AND id = $2`, store, episode).Scan(&cartID)
	if err != nil {
		return false, fmt.Errorf("read episode %d: %w", episode, err)
	}
	return t.insertVisitOnce(store, recovery.Visit{Cart: cart.ID(cartID), Episode: episode, Template: template, Kind: kind, At: at})
}
