package sqlstore

import (
	"container/list"
	"context"
	"sync"

	"cartwright/internal/cart"
)

// cartCache keeps the carts that were used last, within a bound of memory. On
// SQLite, where one process writes carts, what it holds is what the database
// holds, and reads are served from it; on PostgreSQL it may be behind, and only
// writes begin with it (docs/adr/0017-carts-on-postgresql.md). A nil cache keeps
// nothing.
type cartCache struct {
	mu      sync.Mutex
	entries map[cartKey]*list.Element
	recent  *list.List // front is the latest
	bytes   int64
	bound   int64
	writes  uint64
}

type cartKey struct {
	store string
	id    cart.ID
}

type cartEntry struct {
	key  cartKey
	cart *cart.Cart
	size int64
}

func newCartCache(bound int64) *cartCache {
	return &cartCache{entries: map[cartKey]*list.Element{}, recent: list.New(), bound: bound}
}

// overhead is roughly how much larger a cart is in memory than its document.
const overhead = 2

// largest is how many times a cart must fit into the cache to be kept there.
const largest = 16

func (cc *cartCache) get(store string, id cart.ID) *cart.Cart {
	if cc == nil {
		return nil
	}
	cc.mu.Lock()
	defer cc.mu.Unlock()
	e, ok := cc.entries[cartKey{store, id}]
	if !ok {
		return nil
	}
	cc.recent.MoveToFront(e)
	return e.Value.(*cartEntry).cart
}

// put keeps what a write has just made durable.
func (cc *cartCache) put(c *cart.Cart, docSize int) {
	if cc == nil {
		return
	}
	cc.mu.Lock()
	defer cc.mu.Unlock()
	cc.writes++
	cc.insert(c, docSize)
}

// generation and putIfUnchanged keep a reader that was overtaken by a write
// from putting the old cart back.
func (cc *cartCache) generation() uint64 {
	if cc == nil {
		return 0
	}
	cc.mu.Lock()
	defer cc.mu.Unlock()
	return cc.writes
}

func (cc *cartCache) putIfUnchanged(c *cart.Cart, docSize int, generation uint64) {
	if cc == nil {
		return
	}
	cc.mu.Lock()
	defer cc.mu.Unlock()
	if cc.writes == generation {
		cc.insert(c, docSize)
	}
}

// insert puts a cart in the place of what is kept of it. It counts as large as
// the largest of those in whose place it came: its strings may be parts of their
// documents, which are then still in memory.
func (cc *cartCache) insert(c *cart.Cart, docSize int) {
	key := cartKey{c.Store, c.ID}
	size := int64(docSize)*overhead + 512
	e, kept := cc.entries[key]
	if kept {
		size = max(size, e.Value.(*cartEntry).size)
	}
	if size > cc.bound/largest { // it would drive too many others out
		if kept {
			cc.remove(e)
		}
		return
	}
	if kept {
		entry := e.Value.(*cartEntry)
		cc.bytes += size - entry.size
		entry.cart, entry.size = c, size
		cc.recent.MoveToFront(e)
	} else {
		cc.entries[key] = cc.recent.PushFront(&cartEntry{key, c, size})
		cc.bytes += size
	}
	for cc.bytes > cc.bound && cc.recent.Len() > 0 {
		cc.remove(cc.recent.Back())
	}
}

func (cc *cartCache) drop(store string, id cart.ID) {
	if cc == nil {
		return
	}
	cc.mu.Lock()
	defer cc.mu.Unlock()
	cc.writes++
	if e, ok := cc.entries[cartKey{store, id}]; ok {
		cc.remove(e)
	}
}

func (cc *cartCache) remove(e *list.Element) {
	entry := e.Value.(*cartEntry)
	delete(cc.entries, entry.key)
	cc.bytes -= entry.size
	cc.recent.Remove(e)
}

// keyedLocks is a lock for each key that is in use.
type keyedLocks struct {
	mu   sync.Mutex
	held map[string]*keyedLock
}

type keyedLock struct {
	turn    chan struct{}
	waiting int
}

// waiting returns how many wait for the lock of a key, or have it.
func (k *keyedLocks) waiting(key string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l := k.held[key]; l != nil {
		return l.waiting
	}
	return 0
}

// acquire waits for the lock of a key and returns what gives it back.
func (k *keyedLocks) acquire(ctx context.Context, key string) (release func(), err error) {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[string]*keyedLock{}
	}
	l := k.held[key]
	if l == nil {
		l = &keyedLock{turn: make(chan struct{}, 1)}
		k.held[key] = l
	}
	l.waiting++
	k.mu.Unlock()

	leave := func() {
		k.mu.Lock()
		if l.waiting--; l.waiting == 0 {
			delete(k.held, key)
		}
		k.mu.Unlock()
	}
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// ForgetCarts empties the cache of hot carts, so that the next read comes from
// the database.
func (db *DB) ForgetCarts() { db.carts.clear() }

func (cc *cartCache) clear() {
	if cc == nil {
		return
	}
	cc.mu.Lock()
	defer cc.mu.Unlock()
	cc.writes++
	clear(cc.entries)
	cc.recent.Init()
	cc.bytes = 0
}
