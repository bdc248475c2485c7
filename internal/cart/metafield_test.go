package cart_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// notebook keeps metafields in memory.
type notebook struct {
	notes []cart.Metafield
	last  int64
	told  []string
}

// Metafields implements cart.MetafieldStorage, without cursors.
func (n *notebook) Metafields(_ context.Context, _ string, f cart.MetafieldFilter, _ cursor.Range) (cursor.Part[cart.Metafield], error) {
	var part cursor.Part[cart.Metafield]
	for _, m := range n.notes {
		if (f.Cart == "" || f.Cart == m.Cart) && (f.Asker.All || f.Asker.Client == m.Client || m.PermissionSet != "app_only") {
			part.Entries = append(part.Entries, m)
			part.Total++
		}
	}
	return part, nil
}

// FindMetafield implements cart.MetafieldStorage.
func (n *notebook) FindMetafield(_ context.Context, _ string, id int64) (*cart.Metafield, error) {
	return n.Find(id)
}

// UpdateMetafields implements cart.MetafieldStorage.
func (n *notebook) UpdateMetafields(_ context.Context, _ string, change func(cart.MetafieldTx) (cart.MetafieldResult, error)) (cart.MetafieldResult, error) {
	return change(n)
}

// Find implements cart.MetafieldTx.
func (n *notebook) Find(id int64) (*cart.Metafield, error) {
	for _, m := range n.notes {
		if m.ID == id {
			return &m, nil
		}
	}
	return nil, nil
}

// OfCart implements cart.MetafieldTx.
func (n *notebook) OfCart(cartID cart.ID) ([]cart.Metafield, error) {
	var out []cart.Metafield
	for _, m := range n.notes {
		if m.Cart == cartID {
			out = append(out, m)
		}
	}
	return out, nil
}

// Insert implements cart.MetafieldTx.
func (n *notebook) Insert(m *cart.Metafield) error {
	n.last++
	m.ID = n.last
	n.notes = append(n.notes, *m)
	n.told = append(n.told, fmt.Sprint("created ", m.ID))
	return nil
}

// Update implements cart.MetafieldTx.
func (n *notebook) Update(m cart.Metafield) error {
	for i := range n.notes {
		if n.notes[i].ID == m.ID {
			n.notes[i] = m
		}
	}
	n.told = append(n.told, fmt.Sprint("updated ", m.ID))
	return nil
}

// Delete implements cart.MetafieldTx.
func (n *notebook) Delete(m cart.Metafield, _ time.Time) error {
	for i := range n.notes {
		if n.notes[i].ID == m.ID {
			n.notes = append(n.notes[:i], n.notes[i+1:]...)
			break
		}
	}
	n.told = append(n.told, fmt.Sprint("deleted ", m.ID))
	return nil
}

var (
	mine   = cart.Asker{Client: "mine"}
	theirs = cart.Asker{Client: "theirs"}
	master = cart.Asker{Client: "master", All: true}
)

func metafield(key, permission string) cart.MetafieldFields {
	return cart.MetafieldFields{Namespace: ref("shipping"), Key: &key, Value: ref("x"), PermissionSet: &permission}
}

func newNotebook(t *testing.T) (*shopkeeper, *notebook, *cart.Metafields, cart.ID) {
	t.Helper()
	k, n := newShop(t), &notebook{}
	return k, n, cart.NewMetafields(n, k.service), k.create(t, item(mug, 1)).ID
}

func TestMetafieldPermissions(t *testing.T) {
	const no, unseen = "no", "unseen"
	for set, want := range map[string]struct{ other, master string }{
		"app_only": {unseen, ""}, "read": {no, ""}, "write": {"", ""}, "read_and_sf_access": {no, ""}, "write_and_sf_access": {"", ""},
	} {
		for _, who := range []struct {
			asker cart.Asker
			want  string
		}{{mine, ""}, {theirs, want.other}, {master, want.master}} {
			_, n, fields, at := newNotebook(t)
			made, err := fields.Create(t.Context(), "demo", mine, cart.MetafieldEntry{Cart: at, MetafieldFields: metafield("a", set)})
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%s for %s", set, who.asker.Client)
			_, err = fields.Get(t.Context(), "demo", who.asker, at, made.ID)
			if (err == nil) != (who.want != unseen) {
				t.Errorf("get %s = %v", name, err)
			}
			entry := cart.MetafieldEntry{Cart: at, ID: made.ID, MetafieldFields: cart.MetafieldFields{Value: ref("y")}}
			_, err = fields.Update(t.Context(), "demo", who.asker, entry)
			permitted(t, "update "+name, err, who.want, "Unauthorized to update")
			permitted(t, "delete "+name, fields.Delete(t.Context(), "demo", who.asker, entry), who.want, "Unauthorized to delete")
			if left := len(n.notes); (left == 0) != (who.want == "") {
				t.Errorf("%s: %d are left", name, left)
			}
		}
	}
}

func permitted(t *testing.T, name string, err error, want, title string) {
	t.Helper()
	switch want {
	case "":
		if err != nil {
			t.Errorf("%s = %v", name, err)
		}
	case "unseen":
		wantFault(t, err, fault.NotFound, fault.TitleNotFound)
	default:
		wantFault(t, err, fault.Forbidden, title)
	}
}

func TestMetafieldRules(t *testing.T) {
	k, n, fields, at := newNotebook(t)
	ctx := t.Context()
	create := func(who cart.Asker, key string) (cart.Metafield, error) {
		return fields.Create(ctx, "demo", who, cart.MetafieldEntry{Cart: at, MetafieldFields: metafield(key, "write")})
	}
	first, err := create(mine, "a")
	want := cart.Metafield{ID: 1, Cart: at, Client: "mine", Namespace: "shipping", Key: "a", Value: "x", PermissionSet: "write", Created: noon, Modified: noon}
	if diff := cmp.Diff(want, first); diff != "" || err != nil {
		t.Error(diff, err)
	}
	_, err = create(mine, "a")
	wantFault(t, err, fault.Conflict, "A metafield with this key, namespace and permission set already exists for this resource.")
	if _, err := create(theirs, "a"); err != nil {
		t.Errorf("the same key of another client = %v", err)
	}
	if _, err := create(mine, "b"); err != nil {
		t.Fatal(err)
	}

	k.clock.Advance(time.Hour)
	change := func(who cart.Asker, id int64, f cart.MetafieldFields) (cart.Metafield, error) {
		return fields.Update(ctx, "demo", who, cart.MetafieldEntry{Cart: cart.ID(strings.ToUpper(string(at))), ID: id, MetafieldFields: f})
	}
	_, err = change(mine, 3, cart.MetafieldFields{Key: ref("a")})
	wantFault(t, err, fault.Conflict, "A metafield with this key, namespace and permission set already exists for this resource.")
	_, err = change(theirs, 3, cart.MetafieldFields{Key: ref("a")}) // it stays the owner's
	wantFault(t, err, fault.Conflict, "A metafield with this key, namespace and permission set already exists for this resource.")
	got, err := change(theirs, 1, cart.MetafieldFields{Description: ref("d")})
	if err != nil || got.Client != "mine" || got.Description != "d" || got.Value != "x" || !got.Modified.Equal(noon.Add(time.Hour)) || !got.Created.Equal(noon) {
		t.Errorf("changed %+v, %v", got, err)
	}
	_, err = change(mine, 99, cart.MetafieldFields{})
	wantFault(t, err, fault.NotFound, fault.TitleNotFound)
	other := k.create(t, item(mug, 1)).ID
	_, err = fields.Update(ctx, "demo", mine, cart.MetafieldEntry{Cart: other, ID: 1})
	wantFault(t, err, fault.NotFound, fault.TitleNotFound)
	if _, err := fields.Get(ctx, "demo", mine, other, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("at another cart = %v", err)
	}
	if diff := cmp.Diff([]string{"created 1", "created 2", "created 3", "updated 1"}, n.told); diff != "" {
		t.Error(diff)
	}
}

func TestMetafieldLimits(t *testing.T) {
	_, n, fields, at := newNotebook(t)
	add := func(who cart.Asker, key int) error {
		_, err := fields.Create(t.Context(), "demo", who, cart.MetafieldEntry{Cart: at, MetafieldFields: metafield(fmt.Sprint(key), "read")})
		return err
	}
	for i := range cart.MaxMetafieldsOfClient {
		if err := add(mine, i); err != nil {
			t.Fatal(err)
		}
	}
	wantFault(t, add(mine, 99), fault.Invalid, "A client can have at most 10 metafields at one cart.")
	for i := len(n.notes); i < cart.MaxMetafields; i++ {
		if err := add(cart.Asker{Client: fmt.Sprint("client ", i/10)}, i); err != nil {
			t.Fatal(err)
		}
	}
	wantFault(t, add(theirs, 1), fault.Invalid, "A cart can have at most 250 metafields.")
}

// TestMetafieldsAndTheLifeOfCarts: what is left of a cart decides what can be
// done with its metafields.
func TestMetafieldsAndTheLifeOfCarts(t *testing.T) {
	k, _, fields, at := newNotebook(t)
	ctx := t.Context()
	entry := cart.MetafieldEntry{Cart: at, MetafieldFields: metafield("a", "app_only")}
	made, err := fields.Create(ctx, "demo", mine, entry)
	if err != nil {
		t.Fatal(err)
	}
	list := func(who cart.Asker, at cart.ID) error {
		_, err := fields.List(ctx, "demo", cart.MetafieldFilter{Cart: at, Asker: who}, cursor.Range{Limit: 1})
		return err
	}
	stranger := cart.ID(id.UUID())
	for name, at := range map[string]cart.ID{"a stranger": stranger, "no id": "100"} {
		e := entry
		e.Cart = at
		if _, err := fields.Create(ctx, "demo", mine, e); !fault.Is(err, fault.NotFound) {
			t.Errorf("create at %s = %v", name, err)
		}
		wantFault(t, list(mine, at), fault.NotFound, fault.TitleNotFound)
	}
	if err := k.service.Delete(ctx, "demo", at); err != nil {
		t.Fatal(err)
	}
	if err := list(mine, at); err != nil {
		t.Errorf("list of a deleted cart = %v", err)
	}
	wantFault(t, list(theirs, at), fault.NotFound, fault.TitleNotFound)
	if _, err := fields.Get(ctx, "demo", mine, at, made.ID); err != nil {
		t.Errorf("get of a deleted cart = %v", err)
	}
	if _, err := fields.Update(ctx, "demo", mine, cart.MetafieldEntry{Cart: at, ID: made.ID}); err != nil {
		t.Errorf("update of a deleted cart = %v", err)
	}
	if _, err := fields.Create(ctx, "demo", mine, entry); !fault.Is(err, fault.NotFound) {
		t.Errorf("create at a deleted cart = %v", err)
	}

	old := k.create(t, item(mug, 1)).ID
	e := cart.MetafieldEntry{Cart: old, MetafieldFields: metafield("a", "read")}
	if made, err = fields.Create(ctx, "demo", mine, e); err != nil {
		t.Fatal(err)
	}
	k.clock.Advance(cart.Lifetime)
	e.ID = made.ID
	_, err = fields.Get(ctx, "demo", mine, old, made.ID)
	wantFault(t, err, fault.NotFound, fault.TitleNotFound)
	_, err = fields.Update(ctx, "demo", mine, e)
	wantFault(t, err, fault.NotFound, fault.TitleNotFound)
	wantFault(t, fields.Delete(ctx, "demo", mine, e), fault.NotFound, fault.TitleNotFound)
	wantFault(t, list(mine, old), fault.NotFound, fault.TitleNotFound)
}

func TestMetafieldBatches(t *testing.T) {
	_, n, fields, at := newNotebook(t)
	ctx := t.Context()
	entry := func(key string) cart.MetafieldEntry {
		return cart.MetafieldEntry{Cart: at, MetafieldFields: metafield(key, "read")}
	}
	unread, stray := entry("c"), entry("d")
	unread.Wrong, stray.Cart = "key: error.path.missing", cart.ID(id.UUID())
	res, err := fields.CreateAll(ctx, "demo", mine, []cart.MetafieldEntry{entry("a"), unread, stray, entry("a"), entry("b")})
	if err != nil || len(res.Done) != 2 || res.Done[0].Key != "a" || res.Done[1].Key != "b" {
		t.Errorf("made %+v, %v", res.Done, err)
	}
	if diff := cmp.Diff(map[int]string{
		1: "key: error.path.missing", 2: "Cart does not exist",
		3: "A metafield with this key, namespace and permission set already exists for this resource",
	}, res.Refused); diff != "" {
		t.Error(diff)
	}
	value := cart.MetafieldFields{Value: ref("y")}
	res, err = fields.UpdateAll(ctx, "demo", theirs, []cart.MetafieldEntry{{ID: 1, MetafieldFields: value}, {ID: 9, MetafieldFields: value}})
	if diff := cmp.Diff(map[int]string{0: "Unauthorized to update", 1: "Metafield does not exist"}, res.Refused); diff != "" || err != nil {
		t.Error(diff, err)
	}
	res, err = fields.DeleteAll(ctx, "demo", master, []cart.MetafieldEntry{{ID: 2}, {ID: 2}, {ID: 1}})
	if diff := cmp.Diff(map[int]string{1: "Metafield does not exist"}, res.Refused); diff != "" || err != nil || len(res.Done) != 2 {
		t.Error(diff, err, res.Done)
	}
	if diff := cmp.Diff([]string{"created 1", "created 2", "deleted 2", "deleted 1"}, n.told); diff != "" {
		t.Error(diff)
	}
	for _, size := range []int{0, cart.MaxMetafieldBatch + 1} {
		if _, err := fields.DeleteAll(ctx, "demo", mine, make([]cart.MetafieldEntry, size)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a batch of %d = %v", size, err)
		}
	}
}
