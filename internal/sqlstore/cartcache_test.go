package sqlstore

import (
	"strings"
	"testing"

	"cartwright/internal/cart"
)

// A cart that was read keeps the text of its document in memory as long as one of
// its strings is left, so it must not count as small when its lines are gone.
func TestCartCountsForTheTextItKeeps(t *testing.T) {
	for name, opt := range map[string]Options{"in memory": {}, "not in memory": {CacheBytes: 1}} {
		t.Run(name, func(t *testing.T) {
			db, err := Open(t.Context(), "sqlite://"+t.TempDir()+"/test.db", opt)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			c := docCart(250)
			if err := db.CreateCart(t.Context(), c, cart.Change{}); err != nil {
				t.Fatal(err)
			}
			db.ForgetCarts()
			if _, err := db.FindCart(t.Context(), c.Store, c.ID); err != nil {
				t.Fatal(err)
			}
			db.carts.bound = 24 << 20
			if _, err := db.UpdateCart(t.Context(), c.Store, c.ID, func(c *cart.Cart) (cart.Change, error) {
				c.Version++
				c.Lines = c.Lines[:1:1]
				return cart.Change{}, nil
			}); err != nil {
				t.Fatal(err)
			}
			text := int64(len(document(c)))
			if got := db.carts.bytes; db.carts.get(c.Store, c.ID) == nil || got < text || got > 3*text {
				t.Errorf("counts for %d bytes, and keeps %d", got, text)
			}
		})
	}
}

// The largest that a cart was in the cache counts until it leaves.
func TestCartCacheGivesBackWhatItCounted(t *testing.T) {
	cc := newCartCache(1 << 20)
	for _, size := range []int{1000, 20_000, 10, 1 << 20, 500} {
		cc.put(&cart.Cart{Store: strings.Repeat("s", 3), ID: "a"}, size)
	}
	if cc.bytes != 500*overhead+512 {
		t.Errorf("counts %d bytes for a cart that came back", cc.bytes)
	}
	cc.drop("sss", "a")
	if cc.bytes != 0 || len(cc.entries) != 0 {
		t.Errorf("%d bytes and %d carts are left", cc.bytes, len(cc.entries))
	}
}
