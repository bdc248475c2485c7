package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// Shelf implements promotion.Shelves.
func (s *Shops) Shelf(ctx context.Context, store string) (promotion.Shelf, error) {
	e, err := s.entry(ctx, store)
	if err != nil {
		return promotion.Shelf{}, err
	}
	return promotion.Shelf{Offers: e.shop.Offers, Store: e.shop.Store, Catalog: e.shop.Catalog}, nil
}

// offersAfter returns the offers of a store at a revision, reading only what
// moved since old, which is nil the first time. What moved since the revision
// was read is read again.
func (db *DB) offersAfter(ctx context.Context, store string, old *promotion.Offers, revision int64) (*promotion.Offers, error) {
	var since int64
	if old != nil {
		since = old.Revision
	}
	promotions, gone, err := offersSince[promotion.Promotion](ctx, db.reads, "promotions", store, since)
	if err != nil {
		return nil, err
	}
	coupons, goneCoupons, err := offersSince[promotion.Coupon](ctx, db.reads, "coupons", store, since)
	if err != nil {
		return nil, err
	}
	settings, err := promotionSettings(ctx, db.reads, store)
	if err != nil {
		return nil, err
	}
	if old == nil {
		return promotion.NewOffers(revision, settings, promotions, coupons), nil
	}
	return old.With(revision, settings, promotions, gone).WithCoupons(revision, coupons, goneCoupons), nil
}

// offersSince returns what changed behind a revision of the offers, and the
// ids of what was deleted.
func offersSince[T any](ctx context.Context, q querier, table, store string, since int64) (changed []*T, deleted []int64, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, doc FROM `+table+` WHERE store = $1 AND revision > $2 ORDER BY id`, store, since)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		var doc *string
		if err := rows.Scan(&id, &doc); err != nil {
			return nil, nil, err
		}
		if doc == nil {
			deleted = append(deleted, id)
			continue
		}
		v := new(T)
		if err := json.Unmarshal([]byte(*doc), v); err != nil {
			return nil, nil, fmt.Errorf("decode %d of %s: %w", id, table, err)
		}
		changed = append(changed, v)
	}
	return changed, deleted, rows.Err()
}

func promotionSettings(ctx context.Context, q querier, store string) (promotion.Settings, error) {
	settings := promotion.DefaultSettings
	var doc string
	err := q.QueryRowContext(ctx, `SELECT doc FROM promotion_settings WHERE store = $1`, store).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return settings, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(doc), &settings)
	}
	if err != nil {
		return settings, fmt.Errorf("read the settings of promotions: %w", err)
	}
	return settings, nil
}

// offersTx is a transaction that changes what a store offers.
type offersTx struct {
	*tx
	store    string
	revision int64 // of the offers, once the transaction is committed
	repriced bool  // carts have to be priced again
	// unchanged says that nothing was to be done after all, so that nobody need
	// look.
	unchanged bool
}

// errUnchanged takes a transaction back that changed nothing but a revision.
var errUnchanged = errors.New("nothing is offered in another way")

// writeOffers runs fn in a transaction that moves the revision of what a store
// offers, and lets the next request see what it wrote.
func writeOffers[T any](ctx context.Context, db *DB, store string, fn func(*offersTx) (T, error)) (T, error) {
	var out T
	_, err := write(ctx, db, func(t *tx) (T, error) {
		o, err := beginOffers(t, store)
		if err != nil {
			return out, err
		}
		if out, err = fn(o); err != nil {
			return out, err
		}
		switch {
		case o.unchanged:
			err = errUnchanged
		case o.repriced:
			err = bump(t, store, "price")
		}
		return out, err
	})
	switch {
	case errors.Is(err, errUnchanged):
		return out, nil
	case err != nil:
		var zero T
		return zero, err
	}
	db.changed(ctx, store)
	return out, nil
}

// beginOffers moves the revision first: that makes those who change the offers
// of one store wait for each other.
func beginOffers(t *tx, store string) (*offersTx, error) {
	o := &offersTx{tx: t, store: store}
	err := t.QueryRowContext(t.ctx, `UPDATE revisions SET offers = offers + 1 WHERE store = $1 RETURNING offers`, store).Scan(&o.revision)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, fault.TitleNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("move revision of the offers: %w", err)
	}
	return o, nil
}

// PutPromotionSettings implements promotion.Storage.
func (db *DB) PutPromotionSettings(ctx context.Context, store string, s promotion.Settings) (promotion.Settings, error) {
	return writeOffers(ctx, db, store, func(o *offersTx) (promotion.Settings, error) {
		doc, err := json.Marshal(s)
		if err != nil {
			return s, fmt.Errorf("encode the settings of promotions: %w", err)
		}
		o.repriced = true
		_, err = o.exec(`INSERT INTO promotion_settings (store, doc) VALUES ($1, $2)
			ON CONFLICT (store) DO UPDATE SET doc = excluded.doc`, store, string(doc))
		return s, err
	})
}

// CreatePromotion implements promotion.Storage.
func (db *DB) CreatePromotion(ctx context.Context, store string, p *promotion.Promotion) (*promotion.Promotion, error) {
	return writeOffers(ctx, db, store, func(o *offersTx) (*promotion.Promotion, error) {
		created := *p
		var err error
		if created.ID, err = o.nextID(store, "promotion", 1); err != nil {
			return nil, err
		}
		return &created, o.putPromotion(&created)
	})
}

// UpdatePromotion implements promotion.Storage.
func (db *DB) UpdatePromotion(ctx context.Context, store string, id int64,
	change func(p *promotion.Promotion, used int64) error) (*promotion.Promotion, error) {
	return writeOffers(ctx, db, store, func(o *offersTx) (*promotion.Promotion, error) {
		p, err := o.promotion(id)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, errGoneRow()
		}
		used, err := usesOf(o.ctx, o, store, usedPromotion, id)
		if err != nil {
			return nil, err
		}
		if err := change(p, used); err != nil {
			return nil, err
		}
		return p, o.putPromotion(p)
	})
}

// promotion reads a promotion, or nil.
func (o *offersTx) promotion(id int64) (*promotion.Promotion, error) {
	return findOffer[promotion.Promotion](o.ctx, o, "promotions", o.store, id)
}

func (o *offersTx) putPromotion(p *promotion.Promotion) error {
	doc, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode promotion: %w", err)
	}
	o.repriced = true
	_, err = o.exec(`INSERT INTO promotions (store, id, revision, doc) VALUES ($1, $2, $3, $4)
		ON CONFLICT (store, id) DO UPDATE SET revision = excluded.revision, doc = excluded.doc`,
		o.store, p.ID, o.revision, string(doc))
	if err != nil {
		return fmt.Errorf("write promotion %d: %w", p.ID, err)
	}
	return nil
}

// findOffer reads a promotion or coupon, or nil.
func findOffer[T any](ctx context.Context, q querier, table, store string, id int64) (*T, error) {
	var doc *string
	err := q.QueryRowContext(ctx, `SELECT doc FROM `+table+` WHERE store = $1 AND id = $2`, store, id).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) || err == nil && doc == nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %d of %s: %w", id, table, err)
	}
	v := new(T)
	if err := json.Unmarshal([]byte(*doc), v); err != nil {
		return nil, fmt.Errorf("decode %d of %s: %w", id, table, err)
	}
	return v, nil
}

// DeletePromotions implements promotion.Storage.
func (db *DB) DeletePromotions(ctx context.Context, store string, ids []int64) (kept []int64, err error) {
	return writeOffers(ctx, db, store, func(o *offersTx) ([]int64, error) {
		var kept []int64
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			codes, err := countCodes(o.ctx, o, store, id)
			if err != nil {
				return nil, err
			}
			if codes > 0 {
				kept = append(kept, id)
				continue
			}
			n, err := o.exec(`UPDATE promotions SET doc = NULL, revision = $1 WHERE store = $2 AND id = $3 AND doc IS NOT NULL`,
				o.revision, store, id)
			if err != nil {
				return nil, fmt.Errorf("delete promotion %d: %w", id, err)
			}
			o.repriced = o.repriced || n > 0
		}
		o.unchanged = !o.repriced
		return kept, nil
	})
}
