package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/event"
	"cartwright/internal/id"
	"cartwright/internal/sqlstore"
)

func note(cartID cart.ID, client, key string) cart.Metafield {
	return cart.Metafield{Cart: cartID, Client: client, Namespace: "shipping", Key: key, Value: "Ring twice ☂",
		PermissionSet: "read", Created: Noon, Modified: Noon}
}

// keepMetafield stores a metafield.
func keepMetafield(t *testing.T, db *sqlstore.DB, m cart.Metafield) cart.Metafield {
	t.Helper()
	res, err := db.UpdateMetafields(t.Context(), "a", func(tx cart.MetafieldTx) (cart.MetafieldResult, error) {
		err := tx.Insert(&m)
		return cart.MetafieldResult{Done: []cart.Metafield{m}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return res.Done[0]
}

// metafieldEvents holds that a metafield is stored with an event in the
// journal of its cart: under the cart's version, behind what stands there.
func metafieldEvents(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, addUnit); err != nil {
		t.Fatal(err)
	}
	m := keepMetafield(t, db, note(c.ID, "app", "note"))
	got, err := db.FindMetafield(t.Context(), "a", m.ID)
	if diff := cmp.Diff(&m, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if other, err := db.FindMetafield(t.Context(), "b", m.ID); other != nil || err != nil {
		t.Errorf("in another store = %v, %v", other, err)
	}
	if _, err := db.UpdateCart(t.Context(), "a", c.ID, addUnit); err != nil {
		t.Fatal(err)
	}
	later := Noon.Add(time.Hour)
	_, err = db.UpdateMetafields(t.Context(), "a", func(tx cart.MetafieldTx) (cart.MetafieldResult, error) {
		m, err := tx.Find(m.ID)
		if err != nil {
			return cart.MetafieldResult{}, err
		}
		m.Value, m.Modified = "Ring once", later
		if err := tx.Update(*m); err != nil {
			return cart.MetafieldResult{}, err
		}
		return cart.MetafieldResult{}, tx.Delete(*m, later)
	})
	if err != nil {
		t.Fatal(err)
	}
	journal, err := db.Journal(t.Context(), "a", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range journal {
		told = append(told, fmt.Sprintf("%d.%d %s %d %s", e.Version, e.N, e.Events[0].Scope, e.Events[0].Metafield, e.Events[0].Namespace))
	}
	want := []string{
		"1.0 " + event.CartCreated + " 0 ", "2.0 " + event.CartUpdated + " 0 ", "2.1 " + event.MetafieldCreated + " 1 shipping",
		"3.0 " + event.CartUpdated + " 0 ", "3.1 " + event.MetafieldUpdated + " 1 shipping", "3.2 " + event.MetafieldDeleted + " 1 shipping",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	if last := journal[5]; !last.At.Equal(later) || last.Channel != 1 {
		t.Errorf("last entry = %+v", last)
	}
}

// metafieldsOutliveCarts holds that a deleted cart leaves its metafields, and
// that they can still be written.
func metafieldsOutliveCarts(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	m := keepMetafield(t, db, note(c.ID, "app", "note"))
	_, err := db.UpdateCart(t.Context(), "a", c.ID, func(*cart.Cart) (cart.Change, error) {
		return cart.Change{Delete: true, Events: []event.Event{{Scope: event.CartDeleted}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	keepMetafield(t, db, note(c.ID, "app", "after"))
	stray := cart.ID(id.UUID()) // a cart whose journal is gone
	keepMetafield(t, db, note(stray, "app", "note"))
	keepMetafield(t, db, note(stray, "app", "more"))
	part, err := db.Metafields(t.Context(), "a", cart.MetafieldFilter{Cart: c.ID}, cursor.Range{Limit: 9})
	if err != nil || part.Total != 2 || part.Entries[0].ID != m.ID {
		t.Errorf("left %+v, %v", part, err)
	}
	journal, err := db.Journal(t.Context(), "a", c.ID)
	if err != nil || len(journal) != 4 || journal[3].Version != 2 || journal[3].N != 1 {
		t.Errorf("journal = %+v, %v", journal, err)
	}
	journal, err = db.Journal(t.Context(), "a", stray)
	if err != nil || len(journal) != 2 || journal[0].Channel != 1 || journal[1].N != 1 {
		t.Errorf("journal of the stray = %+v, %v", journal, err)
	}
}

func metafieldFilters(t *testing.T, db *sqlstore.DB) {
	c, d := mustCreate(t, db, NewCart("a")), mustCreate(t, db, NewCart("a"))
	secret := note(c.ID, "app", "secret")
	secret.PermissionSet = "app_only"
	keepMetafield(t, db, secret)
	keepMetafield(t, db, note(c.ID, "other", "note"))
	late := note(d.ID, "app", "note")
	late.Namespace, late.Created, late.Modified = "till", Noon.Add(time.Hour), Noon.Add(2*time.Hour)
	keepMetafield(t, db, late)
	app := cart.Asker{Client: "app"}
	for name, tt := range map[string]struct {
		filter cart.MetafieldFilter
		want   string
	}{
		"all of the owner":       {cart.MetafieldFilter{Asker: app}, "[1 2 3]"},
		"what others may see":    {cart.MetafieldFilter{Asker: cart.Asker{Client: "third"}}, "[2 3]"},
		"everything":             {cart.MetafieldFilter{Asker: cart.Asker{All: true}}, "[1 2 3]"},
		"of a cart":              {cart.MetafieldFilter{Asker: app, Cart: d.ID}, "[3]"},
		"keys":                   {cart.MetafieldFilter{Asker: app, Keys: []string{"note", "x"}}, "[2 3]"},
		"a key in another case":  {cart.MetafieldFilter{Asker: app, Keys: []string{"NOTE"}}, "[]"},
		"namespaces":             {cart.MetafieldFilter{Asker: app, Namespaces: []string{"till"}}, "[3]"},
		"no namespaces":          {cart.MetafieldFilter{Asker: app, Namespaces: []string{}}, "[]"},
		"key of another's":       {cart.MetafieldFilter{Asker: cart.Asker{Client: "third"}, Keys: []string{"secret"}}, "[]"},
		"made from":              {cart.MetafieldFilter{Asker: app, CreatedMin: Noon.Add(time.Hour)}, "[3]"},
		"made before":            {cart.MetafieldFilter{Asker: app, CreatedBefore: Noon.Add(time.Hour)}, "[1 2]"},
		"changed from":           {cart.MetafieldFilter{Asker: app, ModifiedMin: Noon.Add(2 * time.Hour)}, "[3]"},
		"changed before":         {cart.MetafieldFilter{Asker: app, ModifiedBefore: Noon}, "[]"},
		"key and namespace both": {cart.MetafieldFilter{Asker: app, Keys: []string{"note"}, Namespaces: []string{"shipping"}}, "[2]"},
	} {
		part, err := db.Metafields(t.Context(), "a", tt.filter, cursor.Range{Limit: 9})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := []int64{}
		for _, m := range part.Entries {
			got = append(got, m.ID)
		}
		if fmt.Sprint(got) != tt.want {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
}

// metafieldWritersWait holds that whoever counts a cart's metafields in a
// transaction counts right, and that the journal keeps an event of each.
func metafieldWritersWait(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	full := errors.New("full")
	const writers, most = 24, 5
	errs := inParallel(writers, func(i int) error {
		_, err := db.UpdateMetafields(t.Context(), "a", func(tx cart.MetafieldTx) (cart.MetafieldResult, error) {
			have, err := tx.OfCart(c.ID)
			if err == nil && len(have) >= most {
				err = full
			}
			if err != nil {
				return cart.MetafieldResult{}, err
			}
			m := note(c.ID, "app", fmt.Sprint("key ", i))
			return cart.MetafieldResult{}, tx.Insert(&m)
		})
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, full) {
			t.Errorf("a writer got %v", err)
		}
	}
	journal, err := db.Journal(t.Context(), "a", c.ID)
	if won != most || len(journal) != 1+most || err != nil {
		t.Errorf("%d were made, the journal has %d rows, %v", won, len(journal), err)
	}
}

// metafieldsWhole holds that a change which fails leaves nothing.
func metafieldsWhole(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	refuse := errors.New("refused")
	_, err := db.UpdateMetafields(t.Context(), "a", func(tx cart.MetafieldTx) (cart.MetafieldResult, error) {
		m := note(c.ID, "app", "note")
		if err := tx.Insert(&m); err != nil {
			return cart.MetafieldResult{}, err
		}
		return cart.MetafieldResult{}, refuse
	})
	if !errors.Is(err, refuse) {
		t.Errorf("error = %v", err)
	}
	part, err := db.Metafields(t.Context(), "a", cart.MetafieldFilter{Asker: cart.Asker{All: true}}, cursor.Range{Limit: 9})
	if err != nil || part.Total != 0 {
		t.Errorf("left %+v, %v", part, err)
	}
	if journal, err := db.Journal(t.Context(), "a", c.ID); err != nil || len(journal) != 1 {
		t.Errorf("journal = %+v, %v", journal, err)
	}
}
