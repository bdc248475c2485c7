package cart_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
)

// TestMetafieldBatchesOfExpiredCarts: an expired cart takes its metafields with
// it, also before it is swept; a deleted one leaves them.
func TestMetafieldBatchesOfExpiredCarts(t *testing.T) {
	for name, batch := range map[string]func(*cart.Metafields, []cart.MetafieldEntry) (cart.MetafieldResult, error){
		"update": func(m *cart.Metafields, e []cart.MetafieldEntry) (cart.MetafieldResult, error) {
			return m.UpdateAll(t.Context(), "demo", mine, e)
		},
		"delete": func(m *cart.Metafields, e []cart.MetafieldEntry) (cart.MetafieldResult, error) {
			return m.DeleteAll(t.Context(), "demo", mine, e)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k, _, fields, old := newNotebook(t)
			deleted := k.create(t, item(mug, 1)).ID
			add := func(at cart.ID) {
				t.Helper()
				if _, err := fields.Create(t.Context(), "demo", mine, cart.MetafieldEntry{Cart: at, MetafieldFields: metafield("a", "read")}); err != nil {
					t.Fatal(err)
				}
			}
			add(old)
			add(deleted)
			if err := k.service.Delete(t.Context(), "demo", deleted); err != nil {
				t.Fatal(err)
			}
			k.clock.Advance(cart.Lifetime)
			young := k.create(t, item(mug, 1)).ID
			add(young)
			value := cart.MetafieldFields{Value: ref("y")}
			entries := []cart.MetafieldEntry{{ID: 1, MetafieldFields: value}, {ID: 2, MetafieldFields: value},
				{ID: 3, MetafieldFields: value}, {ID: 1, Wrong: "unread"}, {ID: 9}}
			res, err := batch(fields, entries)
			if err != nil || len(res.Done) != 2 || res.Done[0].ID != 2 || res.Done[1].ID != 3 {
				t.Errorf("done %+v, %v", res.Done, err)
			}
			if diff := cmp.Diff(map[int]string{0: "Metafield does not exist", 3: "unread", 4: "Metafield does not exist"}, res.Refused); diff != "" {
				t.Error(diff)
			}
			if entries[0].Wrong != "" {
				t.Error("the caller's entries were changed")
			}
		})
	}
}
