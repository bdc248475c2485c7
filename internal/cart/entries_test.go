package cart_test

import (
	"slices"
	"strings"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// TestWhichVariant is the table of spec/01 §3.1.
func TestWhichVariant(t *testing.T) {
	brass, steel := choose(88, number("142")), choose(88, text("143"))
	tests := map[string]struct {
		item  cart.Item
		want  int64
		field string
		says  string
	}{
		"no options, nothing sent":           {item(mug, 1), 3200, "", ""},
		"no options, the base variant":       {cart.Item{ProductID: mug, VariantID: 3200, Quantity: 1}, 3200, "", ""},
		"no options, another variant":        {cart.Item{ProductID: mug, VariantID: 407, Quantity: 1}, 0, "variant", "Variant 407 does not belong to this product"},
		"a variant id":                       {cart.Item{ProductID: lamp, VariantID: 408, Quantity: 1}, 408, "", ""},
		"a variant of another product":       {cart.Item{ProductID: lamp, VariantID: 3200, Quantity: 1}, 0, "variant", "Variant 3200 does not belong to this product"},
		"selections that cover all options":  {cart.Item{ProductID: lamp, Quantity: 1, Selections: []cart.Choice{steel}}, 408, "", ""},
		"nothing that determines one":        {item(lamp, 1), 0, "variant", "This product has options, variant ID is required"},
		"both, and they agree":               {cart.Item{ProductID: lamp, VariantID: 407, Quantity: 1, Selections: []cart.Choice{brass}}, 407, "", ""},
		"both, and they contradict":          {cart.Item{ProductID: lamp, VariantID: 407, Quantity: 1, Selections: []cart.Choice{steel}}, 0, "option_selections", "The selected options do not belong to variant 407"},
		"a value that the option has not":    {cart.Item{ProductID: lamp, Quantity: 1, Selections: []cart.Choice{choose(88, number("999"))}}, 0, "option_selections", "Option value 999 is not valid for option 88"},
		"an option that the product has not": {cart.Item{ProductID: lamp, VariantID: 407, Quantity: 1, Selections: []cart.Choice{choose(90, number("150"))}}, 0, "option_selections", "Option 90 does not belong to this product"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			k := newShop(t)
			c, err := k.service.Create(t.Context(), "demo", cart.Draft{Items: []cart.Item{tc.item}}, cart.Options{})
			if tc.field != "" {
				wantFault(t, err, fault.Invalid, fault.TitleRequired)
				if f := fault.As(err); f != nil && f.Fields[tc.field] != tc.says {
					t.Errorf("fields = %v", f.Fields)
				}
				return
			}
			if err != nil || c.Lines[0].VariantID != tc.want {
				t.Errorf("got %+v, %v", c, err)
			}
		})
	}
}

// TestWhatMayNotGoIn is the table of spec/01 §3.4, with the bounds around it.
func TestWhatMayNotGoIn(t *testing.T) {
	mugs := func(n int) []cart.Item {
		items := make([]cart.Item, n)
		for i := range items {
			items[i] = cart.Item{ProductID: mug, Quantity: 1, Name: strings.Repeat("x", i%240+1), ListPrice: ref(money.Amount(i))}
		}
		return items
	}
	offline := "The following product cannot be ordered online, so we could not proceed with the checkout: "
	tests := map[string]struct {
		draft cart.Draft
		title string // "" means that it may
	}{
		"nothing at all":                  {cart.Draft{}, "Missing line_items in request body"},
		"purchasing is off":               {cart.Draft{ChannelID: 3, Items: []cart.Item{item(mug, 1)}}, "Purchasing is disabled on this store."},
		"an unknown product":              {cart.Draft{Items: []cart.Item{item(999, 1)}}, "Product with id 999 could not be found."},
		"a disabled product":              {cart.Draft{Items: []cart.Item{item(retired, 1)}}, offline + "Radio"},
		"a disabled variant":              {cart.Draft{Items: []cart.Item{{ProductID: lamp, VariantID: 409, Quantity: 1}}}, offline + "Desk lamp"},
		"a disabled modifier value":       {cart.Draft{Items: []cart.Item{{ProductID: ring, Quantity: 1, Selections: []cart.Choice{choose(200, number("302"))}}}}, offline + "Ring"},
		"below the minimum":               {cart.Draft{Items: []cart.Item{item(bulk, 1)}}, "You need to purchase a minimum of 2 of the Tile per order."},
		"at the minimum":                  {cart.Draft{Items: []cart.Item{item(bulk, 2)}}, ""},
		"above the maximum":               {cart.Draft{Items: []cart.Item{item(bulk, 6)}}, "You can only purchase a maximum of 5 of the Tile per order."},
		"above the maximum over lines":    {cart.Draft{Items: []cart.Item{item(bulk, 3), {ProductID: bulk, Quantity: 3, Name: "x"}}}, "You can only purchase a maximum of 5 of the Tile per order."},
		"minimum met by two lines":        {cart.Draft{Items: []cart.Item{item(bulk, 1), {ProductID: bulk, Quantity: 1, Name: "x"}}}, ""},
		"the last of the stock":           {cart.Draft{Items: []cart.Item{item(sold, 3)}}, ""},
		"no stock left of a variant":      {cart.Draft{Items: []cart.Item{{ProductID: shoe, VariantID: 421, Quantity: 1}}}, "stock"},
		"more than the stock":             {cart.Draft{Items: []cart.Item{item(sold, 4)}}, "stock"},
		"more than the stock, two lines":  {cart.Draft{Items: []cart.Item{item(sold, 2), {ProductID: sold, Quantity: 2, Name: "x"}}}, "stock"},
		"a picked product takes stock":    {cart.Draft{Items: []cart.Item{item(sold, 2), {ProductID: ring, Quantity: 2, Selections: []cart.Choice{choose(207, number("371"))}}}}, "stock"},
		"wrapping that is not offered":    {cart.Draft{Items: []cart.Item{{ProductID: gifted, Quantity: 1, Wrapping: wrap(true, 1)}}}, "Gift wrapping option 1 is not available for Bowl."},
		"wrapping that is listed":         {cart.Draft{Items: []cart.Item{{ProductID: gifted, Quantity: 1, Wrapping: wrap(true, 2)}}}, ""},
		"wrapping that is hidden":         {cart.Draft{Items: []cart.Item{{ProductID: mug, Quantity: 1, Wrapping: wrap(true, 3)}}}, "Gift wrapping option 3 is not available for Mug."},
		"wrapping of a file":              {cart.Draft{Items: []cart.Item{{ProductID: ebook, Quantity: 1, Wrapping: wrap(true, 1)}}}, "Gift wrapping is not available for Guide."},
		"more wrappings than units":       {cart.Draft{Items: []cart.Item{{ProductID: mug, Quantity: 1, Wrapping: wrap(false, 1, 2)}}}, fault.TitleSchema},
		"a certificate that is too small": {cart.Draft{Certificates: []cart.GiftItem{certificate("0.99")}}, "The amount of a gift certificate must be between 1 and 1000 in USD."},
		"a certificate in another money":  {cart.Draft{Currency: "JPY", Certificates: []cart.GiftItem{certificate("1000")}}, ""},
		"250 lines":                       {cart.Draft{Items: mugs(250)}, ""},
		"251 lines":                       {cart.Draft{Items: mugs(251)}, "A cart can hold at most 250 line items."},
		"an unknown customer":             {cart.Draft{CustomerID: 8, Items: []cart.Item{item(mug, 1)}}, fault.TitleRequired},
		"an unknown channel":              {cart.Draft{ChannelID: 9, Items: []cart.Item{item(mug, 1)}}, fault.TitleRequired},
		"a deleted channel":               {cart.Draft{ChannelID: 4, Items: []cart.Item{item(mug, 1)}}, fault.TitleRequired},
		"a strange locale":                {cart.Draft{Locale: "x;y", Items: []cart.Item{item(mug, 1)}}, fault.TitleRequired},
		"a price beyond all bounds":       {cart.Draft{Items: []cart.Item{{ProductID: mug, Quantity: 1_000_000, ListPrice: ref(money.Max)}}}, "The amount of the cart is too large."},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			k := newShop(t)
			c, err := k.service.Create(t.Context(), "demo", tc.draft, cart.Options{})
			switch {
			case tc.title == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.title == "stock":
				f := fault.As(err)
				if f == nil || !strings.HasPrefix(f.Title, "Item (") || !strings.HasSuffix(f.Title, " is out of stock and can't be added to the cart.") {
					t.Errorf("got %v", err)
				}
			case tc.title != "":
				wantFault(t, err, fault.Invalid, tc.title)
			}
			if err != nil && (c != nil || len(k.carts) != 0) {
				t.Error("a refused request left something behind")
			}
		})
	}
}

func wrap(together bool, ids ...int64) *cart.Wrapping {
	w := &cart.Wrapping{Together: together}
	for _, id := range ids {
		w.Details = append(w.Details, cart.WrapDetail{ID: id})
	}
	return w
}

func certificate(value string) cart.GiftItem {
	return cart.GiftItem{Name: "Gift", Quantity: 1, Certificate: cart.Certificate{Theme: "Birthday", Amount: amount(value),
		Sender: cart.Person{Name: "A", Email: "a@example.com"}, Recipient: cart.Person{Name: "B", Email: "b@example.com"}}}
}

func TestCurrencyOfACart(t *testing.T) {
	tests := map[string]struct {
		draft cart.Draft
		want  string
		kind  fault.Kind
	}{
		"none named":                     {cart.Draft{}, "USD", 0},
		"in small letters":               {cart.Draft{Currency: "eur"}, "EUR", 0},
		"the channel's default":          {cart.Draft{ChannelID: 2}, "EUR", 0},
		"not one of the channel's":       {cart.Draft{ChannelID: 2, Currency: "USD"}, "", fault.Malformed},
		"only for display":               {cart.Draft{Currency: "GBP"}, "", fault.Malformed},
		"one that the store has not got": {cart.Draft{Currency: "CHF"}, "", fault.Malformed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.draft.Items = []cart.Item{item(mug, 1)}
			c, err := newShop(t).service.Create(t.Context(), "demo", tc.draft, cart.Options{})
			if tc.kind != 0 {
				wantFault(t, err, tc.kind, "Input is invalid")
				return
			}
			if err != nil || c.Currency != tc.want {
				t.Errorf("got %v, %v", c, err)
			}
		})
	}
}

// TestSameItemTwice is spec/01 §3.2.
func TestSameItemTwice(t *testing.T) {
	engraved := cart.Item{ProductID: ring, Quantity: 1, Selections: []cart.Choice{choose(202, text("AB"))}}
	other := cart.Item{ProductID: ring, Quantity: 1, Selections: []cart.Choice{choose(202, text("CD"))}}
	tests := map[string]struct {
		first, second cart.Item
		lines         int
	}{
		"the same product":     {item(mug, 1), item(mug, 2), 1},
		"the same engraving":   {engraved, engraved, 1},
		"another engraving":    {engraved, other, 2},
		"another price":        {item(mug, 1), cart.Item{ProductID: mug, Quantity: 1, ListPrice: ref(amount("10"))}, 2},
		"the same price twice": {cart.Item{ProductID: mug, Quantity: 1, ListPrice: ref(amount("3"))}, cart.Item{ProductID: mug, Quantity: 1, ListPrice: ref(amount("3"))}, 1},
		"another name":         {item(mug, 1), cart.Item{ProductID: mug, Quantity: 1, Name: "Becher"}, 2},
		"wrapped and not":      {item(mug, 1), cart.Item{ProductID: mug, Quantity: 1, Wrapping: wrap(true, 1)}, 2},
		"a variant either way": {cart.Item{ProductID: lamp, VariantID: 407, Quantity: 1}, cart.Item{ProductID: lamp, Quantity: 1, Selections: []cart.Choice{choose(88, number("142"))}}, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			k := newShop(t)
			c := k.create(t, tc.first)
			c, err := k.service.AddLines(t.Context(), "demo", c.ID, cart.Entries{Items: []cart.Item{tc.second}}, cart.Options{})
			if err != nil || len(c.Lines) != tc.lines || c.Quantity() != tc.first.Quantity+tc.second.Quantity {
				t.Fatalf("got %+v, %v", c, err)
			}
			want := []string{"lineItem/updated", "updated"}
			if tc.lines == 2 {
				want[0] = "lineItem/created"
			}
			if got := k.scopes(); !slices.Equal(got, want) {
				t.Errorf("events = %v", got)
			}
			both := k.create(t, tc.first, tc.second)
			if len(both.Lines) != tc.lines {
				t.Errorf("in one request: %d lines", len(both.Lines))
			}
		})
	}
}

func TestThemes(t *testing.T) {
	for in, want := range map[string]string{"birthday.html": "Birthday", "GIRL": "Girl", "General": "General", "easter": "", "": ""} {
		if got := cart.Theme(in); got != want {
			t.Errorf("Theme(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEmailAddresses(t *testing.T) {
	for in, want := range map[string]bool{
		"ada@example.com": true, "a.b+c@shop.example": true, "": false, "ada": false, "ada@localhost": false,
		"Ada <ada@example.com>": false, "ada@example.com\r\nBcc: x@y.z": false, "a b@example.com": false, "a@b.c,d@e.f": false,
	} {
		if got := cart.ValidEmail(in); got != want {
			t.Errorf("ValidEmail(%q) = %v", in, got)
		}
	}
}
