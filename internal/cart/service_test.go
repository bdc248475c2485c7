package cart_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

func TestLifeOfACart(t *testing.T) {
	k := newShop(t)
	ctx := t.Context()
	c := k.create(t, item(mug, 2), item(ebook, 1))
	if c.Version != 1 || c.Created != c.Updated || c.Email != "" || c.Locale != "en" || c.ChannelID != 1 {
		t.Errorf("a new cart is %+v", c)
	}
	if got := k.scopes(); !slices.Equal(got, []string{"created", "lineItem/created", "lineItem/created", "updated"}) {
		t.Errorf("events of create = %v", got)
	}
	k.clock.Advance(time.Hour)

	c, err := k.service.SetCustomer(ctx, "demo", c.ID, 7, cart.Options{})
	if err != nil || c.Email != "ada@example.com" || c.Version != 2 || c.Updated != noon.Add(time.Hour) || c.Created != noon {
		t.Fatalf("set customer = %+v, %v", c, err)
	}
	c, err = k.service.SetCustomer(ctx, "demo", c.ID, 0, cart.Options{})
	if err != nil || c.Email != "" || c.CustomerID != 0 {
		t.Fatalf("set guest = %+v, %v", c, err)
	}
	c, err = k.service.UpdateLine(ctx, "demo", c.ID, c.Lines[0].ID, cart.LineUpdate{Quantity: ref(int64(5))}, cart.Options{})
	if err != nil || c.Lines[0].Quantity != 5 || c.Totals.Cart != amount("55") {
		t.Fatalf("update = %+v, %v", c, err)
	}
	if got := k.scopes(); !slices.Equal(got, []string{"lineItem/updated", "updated"}) {
		t.Errorf("events of update = %v", got)
	}
	first, second := c.Lines[0].ID, c.Lines[1].ID
	if c, err = k.service.RemoveLine(ctx, "demo", c.ID, first, cart.Options{}); err != nil || len(c.Lines) != 1 || c.Version != 5 {
		t.Fatalf("remove = %+v, %v", c, err)
	}
	cartID := c.ID
	if c, err = k.service.RemoveLine(ctx, "demo", cartID, second, cart.Options{}); err != nil || c != nil {
		t.Fatalf("remove the last = %+v, %v", c, err)
	}
	if got := k.scopes(); !slices.Equal(got, []string{"lineItem/deleted", "updated", "deleted"}) {
		t.Errorf("events of the last removal = %v", got)
	}
	if _, err := k.service.Get(ctx, "demo", cartID); !fault.Is(err, fault.NotFound) || fault.As(err).Title != "" {
		t.Errorf("get = %v", err)
	}
}

func TestVersions(t *testing.T) {
	k := newShop(t)
	c := k.create(t, item(mug, 1))
	entries := cart.Entries{Items: []cart.Item{item(mug, 1)}}
	for _, stale := range []int64{0, 2, -1} {
		_, err := k.service.AddLines(t.Context(), "demo", c.ID, entries, cart.Options{Version: ref(stale)})
		wantFault(t, err, fault.Conflict, fault.TitleConflict)
	}
	c, err := k.service.AddLines(t.Context(), "demo", c.ID, entries, cart.Options{Version: ref(int64(1))})
	if err != nil || c.Version != 2 {
		t.Errorf("with the right version: %+v, %v", c, err)
	}
	_, err = k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{}, cart.Options{Version: ref(int64(1))})
	wantFault(t, err, fault.Conflict, fault.TitleConflict) // the version is looked at first
}

// TestWhatIsSaidFirst is the order of checks of spec/00 §2.
func TestWhatIsSaidFirst(t *testing.T) {
	k := newShop(t)
	_, err := k.service.SetCustomer(t.Context(), "demo", cart.ID(id.UUID()), 99, cart.Options{})
	wantFault(t, err, fault.NotFound, "")
	c := k.create(t, item(mug, 1))
	_, err = k.service.SetCustomer(t.Context(), "demo", c.ID, 99, cart.Options{Version: ref(int64(9))})
	wantFault(t, err, fault.Conflict, fault.TitleConflict)
	_, err = k.service.SetCustomer(t.Context(), "demo", c.ID, 99, cart.Options{})
	wantFault(t, err, fault.Invalid, fault.TitleRequired)
}

func TestACartExpires(t *testing.T) {
	k := newShop(t)
	c := k.create(t, item(mug, 1))
	k.clock.Advance(cart.Lifetime - time.Millisecond)
	if _, err := k.service.Get(t.Context(), "demo", c.ID); err != nil {
		t.Errorf("just before: %v", err)
	}
	k.clock.Advance(time.Millisecond)
	if _, err := k.service.Get(t.Context(), "demo", c.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("reading did not keep it, got %v", err)
	}
	_, err := k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{Items: []cart.Item{item(mug, 1)}}, cart.Options{})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("add = %v", err)
	}
	if err := k.service.Delete(t.Context(), "demo", c.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("delete = %v", err)
	}
}

// TestUpdateLine is operation C6 of spec/01 §11.
func TestUpdateLine(t *testing.T) {
	custom := cart.Entries{CustomItems: []cart.CustomItem{{Name: "Work", Quantity: 1, ListPrice: amount("5")}}}
	gift := cart.Entries{Certificates: []cart.GiftItem{certificate("20")}}
	engraving := []cart.Choice{choose(202, text("AB"))}
	tests := map[string]struct {
		have   cart.Entries
		update cart.LineUpdate
		title  string
		check  func(*cart.Line) bool
	}{
		"a quantity":                  {items(item(mug, 1)), cart.LineUpdate{ProductID: mug, Quantity: ref(int64(4))}, "", func(l *cart.Line) bool { return l.Quantity == 4 }},
		"no quantity keeps it":        {items(item(mug, 3)), cart.LineUpdate{ProductID: mug}, "", func(l *cart.Line) bool { return l.Quantity == 3 }},
		"a price":                     {items(item(mug, 2)), cart.LineUpdate{ListPrice: ref(amount("21.5"))}, "", func(l *cart.Line) bool { return l.ExtendedSale == amount("43") && l.OriginalPrice == amount("10") }},
		"another product":             {items(item(mug, 1)), cart.LineUpdate{ProductID: lamp}, fault.TitleRequired, nil},
		"another variant":             {items(cart.Item{ProductID: lamp, VariantID: 407, Quantity: 1}), cart.LineUpdate{VariantID: 408}, fault.TitleRequired, nil},
		"another variant by option":   {items(cart.Item{ProductID: lamp, VariantID: 407, Quantity: 1}), cart.LineUpdate{Selections: []cart.Choice{choose(88, number("143"))}}, fault.TitleRequired, nil},
		"another engraving":           {items(cart.Item{ProductID: ring, Quantity: 1, Selections: engraving}), cart.LineUpdate{Selections: []cart.Choice{choose(202, text("XY"))}}, "", func(l *cart.Line) bool { return l.Selections[0].Value == "XY" }},
		"more than the stock":         {items(item(sold, 3)), cart.LineUpdate{Quantity: ref(int64(4))}, "stock", nil},
		"above the maximum":           {items(item(bulk, 2)), cart.LineUpdate{Quantity: ref(int64(6))}, "You can only purchase a maximum of 5 of the Tile per order.", nil},
		"wrapping":                    {items(item(mug, 2)), cart.LineUpdate{SetWrapping: true, Wrapping: wrap(false, 1, 2)}, "", func(l *cart.Line) bool { return l.WrapPrice == amount("6.5") && l.ExtendedSale == amount("20") }},
		"no wrapping any more":        {items(cart.Item{ProductID: mug, Quantity: 1, Wrapping: wrap(true, 1)}), cart.LineUpdate{SetWrapping: true}, "", func(l *cart.Line) bool { return l.Wrapping == nil && l.WrapPrice == 0 }},
		"a custom item":               {custom, cart.LineUpdate{Quantity: ref(int64(2))}, "Custom items cannot be updated.", nil},
		"a custom item's own field":   {items(item(mug, 1)), cart.LineUpdate{Custom: true}, "Custom items cannot be updated.", nil},
		"a certificate":               {gift, cart.LineUpdate{Certificate: ref(certificate("30"))}, "", func(l *cart.Line) bool { return l.ExtendedSale == amount("30") }},
		"a certificate beyond bounds": {gift, cart.LineUpdate{Certificate: ref(certificate("1001"))}, "The amount of a gift certificate must be between 1 and 1000 in USD.", nil},
		"a certificate without one":   {gift, cart.LineUpdate{Quantity: ref(int64(2))}, fault.TitleSchema, nil},
		"a certificate for a product": {items(item(mug, 1)), cart.LineUpdate{Certificate: ref(certificate("30"))}, fault.TitleSchema, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			k := newShop(t)
			c, err := k.service.Create(t.Context(), "demo", cart.Draft{Items: tc.have.Items, CustomItems: tc.have.CustomItems, Certificates: tc.have.Certificates}, cart.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.service.UpdateLine(t.Context(), "demo", c.ID, c.Lines[0].ID, tc.update, cart.Options{})
			switch {
			case tc.title == "stock":
				if f := fault.As(err); f == nil || !strings.Contains(f.Title, c.Lines[0].ID) || !strings.Contains(f.Title, "out of stock") {
					t.Errorf("got %v", err)
				}
			case tc.title != "":
				wantFault(t, err, fault.Invalid, tc.title)
			case err != nil:
				t.Errorf("refused: %v", err)
			case !tc.check(&got.Lines[0]):
				t.Errorf("line = %+v", got.Lines[0])
			}
			if err != nil && k.carts[c.ID].Version != 1 {
				t.Error("a refused update changed the cart")
			}
		})
	}
	k := newShop(t)
	c := k.create(t, item(mug, 1))
	if _, err := k.service.UpdateLine(t.Context(), "demo", c.ID, id.UUID(), cart.LineUpdate{}, cart.Options{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown line = %v", err)
	}
	if _, err := k.service.RemoveLine(t.Context(), "demo", c.ID, id.UUID(), cart.Options{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("removing an unknown line = %v", err)
	}
}

func items(all ...cart.Item) cart.Entries { return cart.Entries{Items: all} }

// TestLessIsAlwaysAllowed is spec/05 §8.2: a shortage blocks more, never less.
func TestLessIsAlwaysAllowed(t *testing.T) {
	k := newShop(t)
	c := k.create(t, item(sold, 3))
	p := *k.shop.Catalog.Product(sold)
	p.InventoryLevel = 1
	k.shop.Catalog = k.shop.Catalog.With(2, 2, []*catalog.Product{&p}, nil)
	got, err := k.service.UpdateLine(t.Context(), "demo", c.ID, c.Lines[0].ID, cart.LineUpdate{Quantity: ref(int64(2))}, cart.Options{})
	if err != nil || got.Lines[0].Quantity != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestReadsShowThePricesOfNow is design.md: a read stays cheap and stays true.
func TestReadsShowThePricesOfNow(t *testing.T) {
	k := newShop(t)
	c := k.create(t, item(mug, 2), item(ebook, 1))
	p := *k.shop.Catalog.Product(mug)
	p.Price = amount("12")
	k.shop.Catalog = k.shop.Catalog.With(2, 2, []*catalog.Product{&p}, []int64{ebook})
	got, err := k.service.Get(t.Context(), "demo", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Totals.Cart != amount("29") || got.Version != 1 || got.Lines[1].Name != "Guide" {
		t.Errorf("got %+v", got)
	}
	if stored := k.carts[c.ID]; stored.Totals.Cart != amount("25") {
		t.Error("the read changed what is stored")
	}
}

func TestRedirectLinks(t *testing.T) {
	k := newShop(t)
	ctx := t.Context()
	c := k.create(t, item(mug, 1))
	query := url.Values{"utm_source": {"mail & more"}}
	link, err := k.service.NewLink(ctx, "demo", c.ID, query)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.service.KeepLink(ctx, link); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link.URLs.EmbeddedCheckout)
	if err != nil {
		t.Fatal(err)
	}
	token := u.Query().Get("token")
	want := "https://shop.example/cart.php?embedded=1&action=loadInCheckout&id=" + string(c.ID) + "&token=" + token + "&utm_source=mail+%26+more"
	if link.URLs.EmbeddedCheckout != want || len(token) != 64 || !strings.Contains(link.URLs.Cart, "cart.php?action=load&id=") || !strings.Contains(link.URLs.Checkout, token) {
		t.Errorf("links = %+v", link.URLs)
	}
	if _, _, err := k.service.Redeem(ctx, "demo", c.ID, strings.Repeat("0", 64)); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown token = %v", err)
	}
	got, params, err := k.service.Redeem(ctx, "demo", c.ID, token)
	if err != nil || got.ID != c.ID || params.Get("utm_source") != "mail & more" {
		t.Errorf("redeem = %v, %v, %v", got, params, err)
	}
	if _, _, err := k.service.Redeem(ctx, "demo", c.ID, token); !fault.Is(err, fault.NotFound) {
		t.Errorf("second redeem = %v", err)
	}
	if k.carts[c.ID].Version != 1 {
		t.Error("a link changed the cart's version")
	}
}

func TestIDsThatAreNone(t *testing.T) {
	k := newShop(t)
	for _, bad := range []cart.ID{"", "100", "../x", cart.ID(strings.Repeat("a", 36)), cart.ID(strings.Repeat("0", 10_000))} {
		if _, err := k.service.Get(t.Context(), "demo", bad); !fault.Is(err, fault.NotFound) {
			t.Errorf("get %q = %v", bad, err)
		}
		if err := k.service.Delete(t.Context(), "demo", bad); !fault.Is(err, fault.NotFound) {
			t.Errorf("delete %q = %v", bad, err)
		}
	}
	c := k.create(t, item(mug, 1))
	if _, err := k.service.Get(t.Context(), "demo", cart.ID(strings.ToUpper(string(c.ID)))); err != nil {
		t.Errorf("in capitals: %v", err)
	}
}

// TestWhatIsOffSaleCannotGrow is spec/01 §3.4 for updates: units may always be
// taken out, everything else is buying.
func TestWhatIsOffSaleCannotGrow(t *testing.T) {
	const offline = "The following product cannot be ordered online, so we could not proceed with the checkout: Mug"
	disable := func(k *shopkeeper) {
		p := *k.shop.Catalog.Product(mug)
		p.Availability = catalog.Disabled
		k.shop.Catalog = k.shop.Catalog.With(2, 2, []*catalog.Product{&p}, nil)
	}
	remove := func(k *shopkeeper) { k.shop.Catalog = k.shop.Catalog.With(2, 2, nil, []int64{mug}) }
	shut := func(k *shopkeeper) { k.shop.Store.CartSettings.AllowPurchasing = false }
	more, fewer := cart.LineUpdate{Quantity: ref(int64(5))}, cart.LineUpdate{Quantity: ref(int64(1))}
	cheaper := cart.LineUpdate{ListPrice: ref(amount("0.5"))}
	wrapped := cart.LineUpdate{SetWrapping: true, Wrapping: wrap(true, 1)}
	for name, tc := range map[string]struct {
		change func(*shopkeeper)
		update cart.LineUpdate
		title  string
	}{
		"a disabled product, more":    {disable, more, offline},
		"a disabled product, cheaper": {disable, cheaper, offline},
		"a disabled product, wrapped": {disable, wrapped, offline},
		"a disabled product, fewer":   {disable, fewer, ""},
		"a deleted product, more":     {remove, more, "Product with id 32 could not be found."},
		"a deleted product, fewer":    {remove, fewer, ""},
		"purchasing off, more":        {shut, more, "Purchasing is disabled on this store."},
		"purchasing off, wrapped":     {shut, wrapped, "Purchasing is disabled on this store."},
		"purchasing off, fewer":       {shut, fewer, ""},
	} {
		t.Run(name, func(t *testing.T) {
			k := newShop(t)
			c := k.create(t, item(mug, 2))
			tc.change(k)
			_, err := k.service.UpdateLine(t.Context(), "demo", c.ID, c.Lines[0].ID, tc.update, cart.Options{})
			if tc.title != "" {
				wantFault(t, err, fault.Invalid, tc.title)
			} else if err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

func TestWrappingsGoWithTheirUnits(t *testing.T) {
	k := newShop(t)
	c := k.create(t, cart.Item{ProductID: mug, Quantity: 2, Wrapping: wrap(false, 1, 2)})
	got, err := k.service.UpdateLine(t.Context(), "demo", c.ID, c.Lines[0].ID, cart.LineUpdate{Quantity: ref(int64(1))}, cart.Options{})
	if err != nil || len(got.Lines[0].Wrapping.Details) != 1 || got.Lines[0].WrapPrice != amount("2.5") {
		t.Errorf("got %+v, %v", got, err)
	}
	if stored := c.Lines[0].Wrapping; len(stored.Details) != 2 {
		t.Error("the cart that was read has changed")
	}
}

// TestSelectionsThatAreNotNamedStay is spec/01 §11, C6.
func TestSelectionsThatAreNotNamedStay(t *testing.T) {
	k := newShop(t)
	all := []cart.Choice{
		choose(200, number("300")), choose(202, text("AB")), choose(204, number("52")), choose(205, text("2020-02-01")),
		choose(206, cart.OptionInput{Kind: cart.InputObject, Fields: map[string]string{"originalName": "a.png", "temporaryPath": "/tmp/1"}}),
	}
	c := k.create(t, cart.Item{ProductID: ring, Quantity: 1, Selections: all})
	before := slices.Clone(c.Lines[0].Selections)
	got, err := k.service.UpdateLine(t.Context(), "demo", c.ID, c.Lines[0].ID,
		cart.LineUpdate{Selections: []cart.Choice{choose(202, text("XY"))}}, cart.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before[1].Input, before[1].Value = "XY", "XY"
	if !slices.Equal(got.Lines[0].Selections, before) || got.Lines[0].ListPrice != amount("125.5") {
		t.Errorf("got %+v, want %+v", got.Lines[0].Selections, before)
	}
	got, err = k.service.UpdateLine(t.Context(), "demo", c.ID, c.Lines[0].ID,
		cart.LineUpdate{Selections: []cart.Choice{{OptionID: 200}}}, cart.Options{})
	if err != nil || len(got.Lines[0].Selections) != 4 || got.Lines[0].ListPrice != amount("100") {
		t.Errorf("clearing one: %+v, %v", got, err)
	}
}

// TestTextsHaveABound keeps a shopper from making a cart as large as he likes.
func TestTextsHaveABound(t *testing.T) {
	k := newShop(t)
	letter := func(s string) cart.Item {
		return cart.Item{ProductID: ring, Quantity: 1, Selections: []cart.Choice{choose(203, text(s))}}
	}
	for name, bad := range map[string]string{"too long": strings.Repeat("x", 70_000), "control characters": "a\x01b", "bad UTF-8": "a\xffb"} {
		_, err := k.service.Create(t.Context(), "demo", cart.Draft{Items: []cart.Item{letter(bad)}}, cart.Options{})
		if f := fault.As(err); f == nil || f.Title != fault.TitleRequired {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := k.create(t, letter("hello"))
	var err error
	for i := 0; err == nil && i < 20; i++ {
		long := letter(strings.Repeat(string(rune('a'+i)), 60_000))
		_, err = k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{Items: []cart.Item{long}}, cart.Options{})
	}
	wantFault(t, err, fault.Invalid, "The texts of the cart are too long together.")
}
