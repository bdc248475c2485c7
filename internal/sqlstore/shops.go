package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
)

// refreshEvery is how often Shops asks the database what others have changed.
// Decision 5 allows what is in memory to be two seconds old.
const refreshEvery = time.Second

// Shops keeps the set-up, the catalog and the tokens of the stores that are in
// use in memory, so that a request reads them without asking the database. A
// store that is not in memory is always looked up.
type Shops struct {
	db        *DB
	publicURL string
	log       *slog.Logger
	mu        sync.RWMutex
	shops     map[string]*shopEntry
	loading   keyedLocks
	wake      chan struct{}
}

// shopEntry is one store in memory. The parts are replaced, never changed.
type shopEntry struct {
	shop  cart.Shop
	seen  revisions
	hooks bool // whether an active hook is told of what happens here

	mu     sync.RWMutex
	tokens map[string]*merchant.Token // by hash
}

// revisions is a row of the table of that name.
type revisions struct{ config, catalog, price, access, offers int64 }

// NewShops returns an empty cache in front of db, which tells it of what this
// process changes. publicURL is where this server is reached.
func NewShops(db *DB, publicURL string, log *slog.Logger) *Shops {
	s := &Shops{db: db, publicURL: publicURL, log: log, shops: map[string]*shopEntry{}, wake: make(chan struct{}, 1)}
	db.shops = s
	return s
}

// Shop implements cart.Shops. It returns a NotFound fault for an unknown
// store.
func (s *Shops) Shop(ctx context.Context, store string) (cart.Shop, error) {
	e, err := s.entry(ctx, store)
	if err != nil {
		return cart.Shop{}, err
	}
	return e.shop, nil
}

// Fresh implements order.Shops: the shop as the database holds it now.
func (s *Shops) Fresh(ctx context.Context, store string) (cart.Shop, error) {
	if _, err := s.entry(ctx, store); err != nil {
		return cart.Shop{}, err
	}
	e, err := s.refresh(ctx, store)
	if err != nil {
		return cart.Shop{}, err
	}
	return e.shop, nil
}

// Token returns what a token of a store may do, or nil when it is unknown.
func (s *Shops) Token(ctx context.Context, store, token string) (*merchant.Token, error) {
	e, err := s.entry(ctx, store)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	hash := id.Hash(token)
	e.mu.RLock()
	t := e.tokens[hash]
	e.mu.RUnlock()
	if t != nil {
		return t, nil
	}
	if t, err = s.db.FindToken(ctx, store, hash); t != nil {
		e.mu.Lock()
		e.tokens[hash] = t
		e.mu.Unlock()
	}
	return t, err
}

func (s *Shops) entry(ctx context.Context, store string) (*shopEntry, error) {
	s.mu.RLock()
	e := s.shops[store]
	s.mu.RUnlock()
	if e != nil {
		return e, nil
	}
	// PostgreSQL fails on text that is not UTF-8 or has a NUL in it.
	if !merchant.ValidHash(store) {
		return nil, fault.New(fault.NotFound, fault.TitleNotFound)
	}
	return s.refresh(ctx, store)
}

// refresh brings what is in memory of a store up to date: a write that must be
// seen by the next request calls it.
func (s *Shops) refresh(ctx context.Context, store string) (*shopEntry, error) {
	release, err := s.loading.acquire(ctx, store)
	if err != nil {
		return nil, err
	}
	defer release()
	s.mu.RLock()
	old := s.shops[store]
	s.mu.RUnlock()
	now, err := s.db.revisions(ctx, store)
	if err != nil {
		return nil, err
	}
	if now == nil {
		return nil, fault.New(fault.NotFound, fault.TitleNotFound)
	}
	if old != nil && old.seen == *now {
		return old, nil
	}
	next, err := s.load(ctx, store, old, *now)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.shops[store] = next
	s.mu.Unlock()
	return next, nil
}

// load makes the next entry of a store from the one before, reading only what
// moved. The revisions were read first: what moved since is read again.
func (s *Shops) load(ctx context.Context, store string, old *shopEntry, now revisions) (*shopEntry, error) {
	next := &shopEntry{seen: now, tokens: map[string]*merchant.Token{}}
	next.shop.PublicURL = s.publicURL
	if old != nil {
		next.shop = old.shop
		if old.seen.access == now.access {
			old.mu.RLock()
			for hash, t := range old.tokens {
				next.tokens[hash] = t
			}
			old.mu.RUnlock()
		}
	}
	var err error
	if old == nil || old.seen.access != now.access {
		if next.hooks, err = anyHook(ctx, s.db.reads, store); err != nil {
			return nil, err
		}
	} else {
		next.hooks = old.hooks
	}
	if old == nil || old.seen.config != now.config {
		if next.shop.Store, err = s.db.FindStore(ctx, store); err != nil {
			return nil, err
		}
		if next.shop.Store == nil {
			return nil, fault.New(fault.NotFound, fault.TitleNotFound)
		}
	}
	if old == nil || old.seen.catalog != now.catalog || old.seen.price != now.price {
		base, since := catalog.NewSnapshot(0, 0, nil), int64(0)
		if old != nil {
			base, since = old.shop.Catalog, old.seen.catalog
		}
		changed, deleted, err := s.db.productsSince(ctx, store, since)
		if err != nil {
			return nil, err
		}
		next.shop.Catalog = base.With(now.catalog, now.price, changed, deleted)
	}
	if old == nil || old.seen.offers != now.offers {
		if next.shop.Offers, err = s.db.offersAfter(ctx, store, next.shop.Offers, now.offers); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// Wake has Watch look at once.
func (s *Shops) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Watch follows what other processes change until ctx is done.
func (s *Shops) Watch(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		}
		if err := s.refreshAll(ctx); err != nil && ctx.Err() == nil && !fault.IsOutage(err) {
			s.log.Error("cannot follow changes of stores", "error", err)
		}
	}
}

// refreshAll brings every store in memory up to date. One that cannot be read
// does not keep the others from it.
func (s *Shops) refreshAll(ctx context.Context) error {
	all, err := s.db.allRevisions(ctx)
	if err != nil {
		return err
	}
	s.mu.RLock()
	var moved []string
	for store, e := range s.shops {
		if now, ok := all[store]; ok && now != e.seen {
			moved = append(moved, store)
		}
	}
	s.mu.RUnlock()
	var errs []error
	for _, store := range moved {
		if ctx.Err() != nil {
			break
		}
		if _, err := s.refresh(ctx, store); err != nil {
			errs = append(errs, fmt.Errorf("store %s: %w", store, err))
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

func (db *DB) revisions(ctx context.Context, store string) (*revisions, error) {
	all, err := db.readRevisions(ctx, `SELECT store, config, catalog, price, access, offers FROM revisions WHERE store = $1`, store)
	if err != nil {
		return nil, err
	}
	if r, ok := all[store]; ok {
		return &r, nil
	}
	return nil, nil
}

func (db *DB) allRevisions(ctx context.Context) (map[string]revisions, error) {
	return db.readRevisions(ctx, `SELECT store, config, catalog, price, access, offers FROM revisions`)
}

func (db *DB) readRevisions(ctx context.Context, query string, args ...any) (map[string]revisions, error) {
	rows, err := db.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read revisions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]revisions{}
	for rows.Next() {
		var store string
		var r revisions
		if err := rows.Scan(&store, &r.config, &r.catalog, &r.price, &r.access, &r.offers); err != nil {
			return nil, err
		}
		all[store] = r
	}
	return all, rows.Err()
}

// productsSince returns the products that changed behind a catalog revision,
// with their stock, and the ids of those that were deleted.
func (db *DB) productsSince(ctx context.Context, store string, since int64) (changed []*catalog.Product, deleted []int64, err error) {
	rows, err := db.reads.QueryContext(ctx, `SELECT id, revision, doc FROM products WHERE store = $1 AND revision > $2 ORDER BY id`, store, since)
	if err != nil {
		return nil, nil, fmt.Errorf("read products: %w", err)
	}
	defer func() { _ = rows.Close() }()
	byID := map[int64]*catalog.Product{}
	for rows.Next() {
		var productID, revision int64
		var doc *string
		if err := rows.Scan(&productID, &revision, &doc); err != nil {
			return nil, nil, err
		}
		if doc == nil {
			deleted = append(deleted, productID)
			continue
		}
		p := &catalog.Product{Revision: revision}
		if err := json.Unmarshal([]byte(*doc), p); err != nil {
			return nil, nil, fmt.Errorf("decode product %d: %w", productID, err)
		}
		byID[p.ID] = p
		changed = append(changed, p)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	return changed, deleted, db.fillStock(ctx, store, since, byID)
}

func (db *DB) fillStock(ctx context.Context, store string, since int64, products map[int64]*catalog.Product) error {
	if len(products) == 0 {
		return nil
	}
	rows, err := db.reads.QueryContext(ctx, `SELECT s.product_id, s.variant_id, s.level FROM stock s
		JOIN products p ON p.store = s.store AND p.id = s.product_id
		WHERE p.store = $1 AND p.revision > $2`, store, since)
	if err != nil {
		return fmt.Errorf("read stock: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var productID, variantID, level int64
		if err := rows.Scan(&productID, &variantID, &level); err != nil {
			return err
		}
		setLevel(products[productID], variantID, level)
	}
	return rows.Err()
}

func setLevel(p *catalog.Product, variantID, level int64) {
	if p == nil {
		return
	}
	if variantID == 0 {
		p.InventoryLevel = level
		p.ShareStock()
		return
	}
	if v := p.Variant(variantID); v != nil {
		v.InventoryLevel = level
	}
}
