package order

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// readyCart is a cart that can become an order.
func readyCart() *cart.Cart {
	to := cart.Address{Email: "ada@shop.example", FirstName: "Ada", LastName: "Byron", Address1: "1 Main Street", City: "Austin",
		StateCode: "TX", PostalCode: "78701", CountryCode: "US"}
	return &cart.Cart{
		Lines: []cart.Line{{ID: "a", Kind: cart.Physical, Quantity: 2}, {ID: "b", Kind: cart.Digital, Quantity: 1}},
		Checkout: &cart.Checkout{Billing: &to, Consignments: []cart.Consignment{
			{Address: to, Option: &cart.ShippingOption{}, Items: []cart.ConsignedItem{{LineID: "a", Quantity: 2}}},
		}},
	}
}

func TestWhatACheckoutMustHave(t *testing.T) {
	const billing, shipping, option = "A billing address for this order is incomplete", "A shipping address for this order is incomplete",
		"A shipping option for this order is missing"
	con := func(change func(*cart.Consignment)) func(*cart.Cart) {
		return func(c *cart.Cart) { change(&c.Checkout.Consignments[0]) }
	}
	tests := map[string]struct {
		change func(*cart.Cart)
		want   string
	}{
		"everything":                  {func(*cart.Cart) {}, ""},
		"no line":                     {func(c *cart.Cart) { c.Lines = nil }, "The cart is empty."},
		"no checkout":                 {func(c *cart.Cart) { c.Checkout = nil }, billing},
		"no bill":                     {func(c *cart.Cart) { c.Checkout.Billing = nil }, billing},
		"no parcel":                   {func(c *cart.Cart) { c.Checkout.Consignments = nil }, shipping},
		"no parcel for digital goods": {func(c *cart.Cart) { c.Checkout.Consignments, c.Lines = nil, c.Lines[1:] }, ""},
		"no parcel for custom items":  {func(c *cart.Cart) { c.Lines = append(c.Lines, cart.Line{ID: "c", Kind: cart.Custom, Quantity: 1}) }, ""},
		"one unit left out":           {con(func(con *cart.Consignment) { con.Items = []cart.ConsignedItem{{LineID: "a", Quantity: 1}} }), shipping},
		"two parcels": {func(c *cart.Cart) {
			half := c.Checkout.Consignments[0]
			half.Items = []cart.ConsignedItem{{LineID: "a", Quantity: 1}}
			c.Checkout.Consignments = []cart.Consignment{half, half}
		}, ""},
		"no way of shipping":          {con(func(con *cart.Consignment) { con.Option = nil }), option},
		"picked up":                   {con(func(con *cart.Consignment) { con.Option, con.PickupID, con.Address = nil, 1, cart.Address{} }), ""},
		"no name":                     {con(func(con *cart.Consignment) { con.Address.FirstName = " " }), shipping},
		"no street":                   {con(func(con *cart.Consignment) { con.Address.Address1 = "" }), shipping},
		"no state, where there is":    {con(func(con *cart.Consignment) { con.Address.StateCode = "" }), shipping},
		"a state in words":            {con(func(con *cart.Consignment) { con.Address.StateCode, con.Address.State = "", "Texas" }), ""},
		"no state, where there is no": {con(func(con *cart.Consignment) { con.Address.StateCode, con.Address.CountryCode = "", "DE" }), ""},
		"no postal code, where it is": {con(func(con *cart.Consignment) { con.Address.PostalCode, con.Address.CountryCode = "", "DE" }), shipping},
		"no postal code in Hong Kong": {con(func(con *cart.Consignment) { con.Address.PostalCode, con.Address.CountryCode = "", "HK" }), ""},
	}
	for name, tc := range tests {
		c := readyCart()
		tc.change(c)
		err := checkReady(c)
		if f := fault.As(err); tc.want == "" && err != nil || tc.want != "" && (f == nil || f.Title != tc.want || f.Kind != fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMoves(t *testing.T) {
	settled := func(s Status) Order { return Order{Status: s, Settled: true, Held: true, PaymentMethod: Manual} }
	tests := map[string]struct {
		from    Order
		method  string
		to      Status
		kind    fault.Kind // 0 is allowed
		settled bool
		held    bool
		payment PaymentStatus
	}{
		"paid":                             {Order{}, "", AwaitingFulfillment, 0, true, true, PaymentCaptured},
		"paid and sent":                    {Order{}, "card", Shipped, 0, true, true, PaymentCaptured},
		"promised":                         {Order{}, Manual, AwaitingPayment, 0, true, true, PaymentPending},
		"waiting for nobody":               {Order{}, "card", AwaitingPayment, fault.Invalid, false, false, ""},
		"given up":                         {Order{}, "", Cancelled, 0, false, false, ""},
		"paid after it was given up":       {Order{Status: Cancelled}, "", Completed, fault.Conflict, false, false, ""},
		"refunded before it was paid":      {Order{}, "", Refunded, fault.Invalid, false, false, ""},
		"verified before it was paid":      {Order{}, "", ManualVerification, fault.Invalid, false, false, ""},
		"cancelled":                        {settled(AwaitingShipment), Manual, Cancelled, 0, true, false, ""},
		"declined":                         {settled(AwaitingPayment), Manual, Declined, 0, true, false, PaymentDeclined},
		"a part refunded":                  {settled(Shipped), Manual, PartiallyRefunded, 0, true, true, PaymentPartly},
		"not cancelled after all":          {Order{Status: Cancelled, Settled: true}, Manual, AwaitingShipment, 0, true, true, PaymentCaptured},
		"back to the beginning":            {settled(Completed), Manual, Incomplete, fault.Invalid, true, true, ""},
		"waiting for the payment, at last": {settled(AwaitingPayment), Manual, AwaitingFulfillment, 0, true, true, PaymentCaptured},
	}
	for name, tc := range tests {
		o := tc.from
		o.PaymentMethod = tc.method
		err := o.move(tc.to, noon)
		if tc.kind != 0 {
			if !fault.Is(err, tc.kind) || o.Status != tc.from.Status {
				t.Errorf("%s: %v, status %d", name, err, o.Status)
			}
			continue
		}
		if err != nil || o.Status != tc.to || o.Settled != tc.settled || o.Held != tc.held || o.Payment != tc.payment {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
}

// TestMovesKeepStockOnce holds that, however an order moves, it holds stock
// exactly while it is settled and not taken back, and never becomes incomplete
// again.
func TestMovesKeepStockOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Order{PaymentMethod: rapid.SampledFrom([]string{"", Manual, "card"}).Draw(t, "method")}
		for range 20 {
			was := o
			err := o.move(Status(rapid.Int64Range(0, 14).Draw(t, "to")), noon)
			switch {
			case err != nil && !cmp.Equal(was, o):
				t.Fatalf("a refused move changed %+v to %+v", was, o)
			case was.Settled && (!o.Settled || o.Status == Incomplete):
				t.Fatalf("an order was settled and is %+v", o)
			case o.Held != (o.Settled && !o.Status.givesBack()):
				t.Fatalf("stock held: %+v", o)
			case o.Settled && o.PaymentMethod == "":
				t.Fatalf("paid by nothing: %+v", o)
			}
		}
	})
}

func TestStatusesAreTheVendors(t *testing.T) {
	places := map[int64]bool{}
	for i, s := range Statuses {
		if s.ID != Status(i) || s.Name == "" || !strings.HasSuffix(s.Description, ".") || places[s.Order] {
			t.Errorf("status %d: %+v", i, s)
		}
		places[s.Order] = true
	}
	if _, ok := Status(15).Info(); ok || Status(-1).Name() != "" {
		t.Error("there are statuses that there are not")
	}
}

func TestWhatAnOrderRedeems(t *testing.T) {
	o := Order{Cart: &cart.Cart{
		Lines: []cart.Line{
			{Cuts: []cart.Cut{{Source: cart.FromPromotion, ID: 7, Amount: 1}, {Source: cart.FromCoupon, ID: 3, Amount: 1}, {Source: cart.FromManual, Amount: 1}}},
			{Cuts: []cart.Cut{{Source: cart.FromPromotion, ID: 7, Amount: 2}}},
			{AddedBy: 9, Cuts: []cart.Cut{{Source: cart.FromCoupon, ID: 5, Amount: 1}}},
		},
		Coupons: []cart.Applied{
			{Code: "SPRING", ID: 3, Amount: 1 * money.Unit},
			{Code: "LAMP", ID: 5, PromotionID: 9},
			{Code: "NOTHING", ID: 4},
			{Code: "POST", ID: 6, Shipping: 1 * money.Unit},
		},
		Checkout: &cart.Checkout{Consignments: []cart.Consignment{{Cuts: []cart.Cut{{Source: cart.FromPromotion, ID: 8, Amount: 1}}}}},
	}}
	want := []promotion.Use{{PromotionID: 7}, {PromotionID: 8}, {CouponID: 3}, {PromotionID: 9, CodeID: 5}, {CouponID: 6}}
	if diff := cmp.Diff(want, o.Uses()); diff != "" {
		t.Error(diff)
	}
}
