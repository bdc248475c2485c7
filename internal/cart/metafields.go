package cart

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
)

// Metafields is the service for the notes that clients keep beside carts
// (spec/01 §14).
type Metafields struct {
	storage MetafieldStorage
	carts   *Service
}

// NewMetafields returns a service on this storage; carts says which carts
// there are.
func NewMetafields(storage MetafieldStorage, carts *Service) *Metafields {
	return &Metafields{storage, carts}
}

// life is what is left of a cart.
type life int

const (
	// gone is a cart that was deleted or converted, or never was. What clients
	// noted on it stays.
	gone life = iota
	alive
	// expired is a cart whose time is over: it takes its metafields with it.
	expired
)

// lifeOf returns the canonical id of a cart and what is left of it.
func (m *Metafields) lifeOf(ctx context.Context, store string, cartID ID) (ID, life, error) {
	cartID, err := canonical(cartID)
	if err != nil {
		return cartID, expired, nil //nolint:nilerr // what is no id names no cart
	}
	c, err := m.carts.storage.FindCart(ctx, store, cartID)
	switch {
	case err != nil:
		return cartID, gone, err
	case c == nil:
		return cartID, gone, nil
	case c.Expired(m.carts.now()):
		return cartID, expired, nil
	}
	return cartID, alive, nil
}

// noted returns the canonical id of a cart that may have metafields, or a
// NotFound fault.
func (m *Metafields) noted(ctx context.Context, store string, cartID ID) (ID, error) {
	cartID, left, err := m.lifeOf(ctx, store, cartID)
	if err == nil && left == expired {
		err = errNoMetafield()
	}
	return cartID, err
}

// List returns a part of the metafields that the filter selects and the asker
// may see. A cart that is not there and left none is a NotFound fault.
func (m *Metafields) List(ctx context.Context, store string, f MetafieldFilter, r cursor.Range) (cursor.Part[Metafield], error) {
	if f.Cart == "" {
		return m.storage.Metafields(ctx, store, f, r)
	}
	cartID, left, err := m.lifeOf(ctx, store, f.Cart)
	if err != nil || left == expired {
		return cursor.Part[Metafield]{}, errOr(err, errNoMetafield())
	}
	f.Cart = cartID
	if left == gone {
		noted, err := m.storage.Metafields(ctx, store, MetafieldFilter{Cart: cartID, Asker: f.Asker}, cursor.Range{Limit: 1})
		if err != nil || noted.Total == 0 {
			return cursor.Part[Metafield]{}, errOr(err, errNoMetafield())
		}
	}
	return m.storage.Metafields(ctx, store, f, r)
}

func errOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// Get returns one metafield of a cart.
func (m *Metafields) Get(ctx context.Context, store string, who Asker, cartID ID, metafieldID int64) (*Metafield, error) {
	cartID, err := m.noted(ctx, store, cartID)
	if err != nil {
		return nil, err
	}
	found, err := m.storage.FindMetafield(ctx, store, metafieldID)
	if err != nil {
		return nil, err
	}
	if found == nil || found.Cart != cartID || !who.sees(found) {
		return nil, errNoMetafield()
	}
	return found, nil
}

// Create makes one metafield at a cart that is alive.
func (m *Metafields) Create(ctx context.Context, store string, who Asker, e MetafieldEntry) (Metafield, error) {
	cartID, left, err := m.lifeOf(ctx, store, e.Cart)
	if err != nil || left != alive {
		return Metafield{}, errOr(err, errNoMetafield())
	}
	e.Cart = cartID
	return m.single(ctx, store, who, e, createMetafield)
}

// Update changes one metafield of a cart.
func (m *Metafields) Update(ctx context.Context, store string, who Asker, e MetafieldEntry) (Metafield, error) {
	var err error
	if e.Cart, err = m.noted(ctx, store, e.Cart); err != nil {
		return Metafield{}, err
	}
	return m.single(ctx, store, who, e, updateMetafield)
}

// Delete removes one metafield of a cart.
func (m *Metafields) Delete(ctx context.Context, store string, who Asker, e MetafieldEntry) error {
	var err error
	if e.Cart, err = m.noted(ctx, store, e.Cart); err != nil {
		return err
	}
	_, err = m.single(ctx, store, who, e, deleteMetafield)
	return err
}

// metafieldRule applies one entry.
type metafieldRule func(t MetafieldTx, who Asker, e MetafieldEntry, now time.Time) (Metafield, error)

func (m *Metafields) single(ctx context.Context, store string, who Asker, e MetafieldEntry, rule metafieldRule) (Metafield, error) {
	now := m.carts.now()
	res, err := m.storage.UpdateMetafields(ctx, store, func(t MetafieldTx) (MetafieldResult, error) {
		done, err := rule(t, who, e, now)
		return MetafieldResult{Done: []Metafield{done}}, err
	})
	if err != nil {
		return Metafield{}, err
	}
	return res.Done[0], nil
}

// CreateAll makes the metafields of many carts. Entries that are refused do
// not keep the others from being made.
func (m *Metafields) CreateAll(ctx context.Context, store string, who Asker, entries []MetafieldEntry) (MetafieldResult, error) {
	entries = slices.Clone(entries)
	looked := map[ID]life{}
	for i := range entries[:min(len(entries), MaxMetafieldBatch)] {
		e := &entries[i]
		if e.Wrong != "" {
			continue
		}
		left, ok := looked[e.Cart]
		if !ok {
			var err error
			if _, left, err = m.lifeOf(ctx, store, e.Cart); err != nil {
				return MetafieldResult{}, err
			}
			looked[e.Cart] = left
		}
		if left != alive {
			e.Wrong = "Cart does not exist"
			continue
		}
		e.Cart, _ = canonical(e.Cart)
	}
	return m.batch(ctx, store, who, entries, createMetafield)
}

// UpdateAll changes metafields of many carts; see CreateAll.
func (m *Metafields) UpdateAll(ctx context.Context, store string, who Asker, entries []MetafieldEntry) (MetafieldResult, error) {
	entries, err := m.withoutExpired(ctx, store, entries)
	if err != nil {
		return MetafieldResult{}, err
	}
	return m.batch(ctx, store, who, entries, updateMetafield)
}

// DeleteAll removes metafields of many carts; see CreateAll.
func (m *Metafields) DeleteAll(ctx context.Context, store string, who Asker, entries []MetafieldEntry) (MetafieldResult, error) {
	entries, err := m.withoutExpired(ctx, store, entries)
	if err != nil {
		return MetafieldResult{}, err
	}
	return m.batch(ctx, store, who, entries, deleteMetafield)
}

// withoutExpired refuses the entries whose metafields went with an expired
// cart that is not swept yet. It looks before the write begins, since a
// metafield never changes its cart.
func (m *Metafields) withoutExpired(ctx context.Context, store string, entries []MetafieldEntry) ([]MetafieldEntry, error) {
	entries = slices.Clone(entries)
	looked := map[ID]life{}
	for i := range entries[:min(len(entries), MaxMetafieldBatch)] {
		e := &entries[i]
		if e.Wrong != "" {
			continue
		}
		found, err := m.storage.FindMetafield(ctx, store, e.ID)
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		left, ok := looked[found.Cart]
		if !ok {
			if _, left, err = m.lifeOf(ctx, store, found.Cart); err != nil {
				return nil, err
			}
			looked[found.Cart] = left
		}
		if left == expired {
			e.Wrong = noMetafield
		}
	}
	return entries, nil
}

func (m *Metafields) batch(ctx context.Context, store string, who Asker, entries []MetafieldEntry, rule metafieldRule) (MetafieldResult, error) {
	switch n := len(entries); {
	case n == 0:
		return MetafieldResult{}, fault.Field("body", fault.MinLength)
	case n > MaxMetafieldBatch:
		return MetafieldResult{}, fault.Field("body", fault.MaxLength)
	}
	now := m.carts.now()
	return m.storage.UpdateMetafields(ctx, store, func(t MetafieldTx) (MetafieldResult, error) {
		res := MetafieldResult{Refused: map[int]string{}}
		for i, e := range entries {
			if e.Wrong != "" {
				res.Refused[i] = e.Wrong
				continue
			}
			done, err := rule(t, who, e, now)
			if f := fault.As(err); f != nil {
				res.Refused[i] = refusal(f)
				continue
			}
			if err != nil {
				return res, fmt.Errorf("entry %d: %w", i, err)
			}
			res.Done = append(res.Done, done)
		}
		return res, nil
	})
}

// noMetafield is the refusal of an entry that names nothing.
const noMetafield = "Metafield does not exist"

// refusal is what a batch says of an entry: one line, in the vendor's words
// where they are known (spec/01 §14).
func refusal(f *fault.Error) string {
	if f.Kind == fault.NotFound {
		return noMetafield
	}
	return strings.TrimSuffix(f.Title, ".")
}
