// Package cart is the cart aggregate: lines, quantities and versions, the
// rules that say what may go into a cart, and the Service that the surfaces
// call.
//
//	carts.Create(ctx, "demo", cart.Draft{Items: []cart.Item{{ProductID: 31, Quantity: 2}}})
//
// Three things always hold:
//   - every write is a compare-and-swap on the version; a request that names no
//     version is applied to the fresh cart until it fits, so no update is lost;
//   - a request is applied whole or not at all;
//   - a cart and the journal of what happened to it are written together.
//
// The rules are pure and take the time, the store and its catalog snapshot as
// arguments. Only the Service touches Storage.
package cart

import (
	"slices"
	"time"

	"cartwright/internal/money"
)

// Lifetime is how long a cart lives after its last change; reads do not count
// (spec/01 §1).
const Lifetime = 30 * 24 * time.Hour

// MaxLines bounds the lines of one cart, MaxQuantity those of one line.
const (
	MaxLines    = 250
	MaxQuantity = 1_000_000
)

// ID is a cart's id, a lower-case UUID, which is its checkout's id too.
type ID string

// Cart is one shopper's cart. All amounts are in its own currency.
type Cart struct {
	ID    ID     `json:"id"`
	Store string `json:"store"`
	// Version starts at 1 and grows by one with each change (spec/01 §1).
	Version    int64  `json:"version"`
	CustomerID int64  `json:"customer_id,omitempty"`
	ChannelID  int64  `json:"channel_id"`
	Email      string `json:"email,omitempty"`
	// NoMail is set on the cart of a guest that was a customer's who did not agree
	// to mails about carts and whose account is gone: the address of the bill may
	// still be theirs.
	NoMail bool `json:"no_mail,omitempty"`
	// Shopper is what prices need to know of the customer.
	Shopper  Shopper `json:"shopper,omitzero"`
	Currency string  `json:"currency"`
	Locale   string  `json:"locale"`
	// TaxIncluded says that amounts include tax, as the store enters them.
	TaxIncluded bool `json:"tax_included,omitempty"`

	// Lines are in the order in which they were added, all kinds mixed.
	Lines []Line `json:"lines"`

	// Coupons are the codes that were applied, in that order.
	Coupons []Applied `json:"coupons,omitempty"`
	// Manual is set while discounts of the API stand in place of every promotion
	// and coupon (spec/05 §1.4). ManualOff is what they take off the whole order;
	// what they take off lines is Line.ManualOff.
	Manual    bool         `json:"manual,omitempty"`
	ManualOff money.Amount `json:"manual_off,omitempty"`
	// Banners are what promotions have to say about this cart now.
	Banners []Banner `json:"banners,omitempty"`
	// Checkout is nil until the cart has an address or another part of it.
	Checkout *Checkout `json:"checkout,omitempty"`

	Totals Totals `json:"totals"`
	Priced Priced `json:"priced"`

	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// Totals are the amounts of a whole cart (spec/01 §7.3).
type Totals struct {
	Base     money.Amount `json:"base"`               // before every discount
	Discount money.Amount `json:"discount,omitempty"` // order-level only, manual ones included
	Manual   money.Amount `json:"manual,omitempty"`   // the manual part of Discount
	Coupon   money.Amount `json:"coupon,omitempty"`   // what coupons take off items
	// Tax is that of the items. It is contained in their prices when the cart's
	// amounts include tax, and comes on top when not.
	Tax  money.Amount `json:"tax,omitempty"`
	Cart money.Amount `json:"cart"` // what the items cost together, with Tax
}

// Priced says which prices a cart's amounts were computed from. While the
// store, its catalog and its offers still stand there, a read serves what is
// stored.
type Priced struct {
	PriceRevision int64 `json:"price"`
	StoreRevision int64 `json:"store"`
	// Until is the first instant at which a promotion begins or ends; zero when
	// none will.
	Until time.Time `json:"until,omitzero"`
}

// stands reports whether amounts that were computed then are those of now.
func (p Priced) stands(shop Shop, now time.Time) bool {
	return p.PriceRevision == shop.Catalog.PriceRevision && p.StoreRevision == shop.Store.Revision &&
		(p.Until.IsZero() || now.Before(p.Until))
}

// Kind is the kind of a line.
type Kind string

// The kinds of lines, each an array of its own in the vendor's cart.
const (
	Physical Kind = "physical"
	Digital  Kind = "digital"
	Custom   Kind = "custom"
	Gift     Kind = "gift"
)

// Line is one line of a cart. The first group is what the shopper chose; the
// rest is filled in by the pricing pipeline.
type Line struct {
	ID       string `json:"id"`
	Kind     Kind   `json:"kind"`
	Quantity int64  `json:"quantity"`

	ProductID  int64         `json:"product_id,omitempty"`
	VariantID  int64         `json:"variant_id,omitempty"`
	Selections []Selection   `json:"selections,omitempty"`
	Override   *money.Amount `json:"override,omitempty"` // list price of the request, spec/01 §7.2
	NameSet    string        `json:"name_set,omitempty"` // name of the request
	Wrapping   *Wrapping     `json:"wrapping,omitempty"` // physical lines only
	Gift       *Certificate  `json:"gift,omitempty"`     // gift lines only
	// AddedBy is the promotion that put the line into the cart, or 0. Such a line
	// comes and goes with the promotion and cannot be changed.
	AddedBy int64 `json:"added_by,omitempty"`
	// ManualOff is what the API takes off the whole line (spec/05 §1.4).
	ManualOff money.Amount `json:"manual_off,omitempty"`

	Name      string       `json:"name"`
	SKU       string       `json:"sku,omitempty"`
	URL       string       `json:"url,omitempty"`
	ImageURL  string       `json:"image_url,omitempty"`
	Taxable   bool         `json:"taxable,omitempty"`
	WrapName  string       `json:"wrap_name,omitempty"`
	WrapPrice money.Amount `json:"wrap_price,omitempty"` // of the whole line; not part of its totals
	WrapTax   money.Amount `json:"wrap_tax,omitempty"`   // contained in WrapPrice, or on top of it, as Tax is

	OriginalPrice money.Amount `json:"original_price"` // one unit, before sale and override
	ListPrice     money.Amount `json:"list_price"`     // one unit, before promotions
	SalePrice     money.Amount `json:"sale_price"`     // one unit, after product-level discounts
	ExtendedList  money.Amount `json:"extended_list"`
	ExtendedSale  money.Amount `json:"extended_sale"`
	Discount      money.Amount `json:"discount,omitempty"` // product-level, whole line
	Coupon        money.Amount `json:"coupon,omitempty"`   // share of all coupons
	Shared        money.Amount `json:"shared,omitempty"`   // share of what is taken off the whole order
	// Cuts say what made up Discount, Coupon and Shared.
	Cuts []Cut `json:"cuts,omitempty"`
	// Tax is that of what is paid for the line, TaxBefore that of ExtendedSale.
	Tax       money.Amount `json:"tax,omitempty"`
	TaxBefore money.Amount `json:"tax_before,omitempty"`
}

// Selection is one option or modifier value of a line. What is shown is kept
// beside what was chosen, so that a line still reads well after its product
// has gone.
type Selection struct {
	OptionID int64 `json:"option_id"`
	// ValueID is 0 for values that are typed, not chosen.
	ValueID int64 `json:"value_id,omitempty"`
	// Input is the canonical text of a typed value: the text, the number, the
	// date as YYYY-MM-DD, the file's name.
	Input string `json:"input,omitempty"`
	// Path is where an uploaded file lies.
	Path string `json:"path,omitempty"`
	// Variant says that the option is a variant option, not a modifier.
	Variant bool   `json:"variant,omitempty"`
	Name    string `json:"name"`
	Value   string `json:"value"`
}

// Wrapping is the gift wrapping a shopper chose (spec/01 §3.3).
type Wrapping struct {
	Together bool         `json:"together"`
	Details  []WrapDetail `json:"details"`
}

// WrapDetail is one wrapping with its message.
type WrapDetail struct {
	ID      int64  `json:"id"`
	Message string `json:"message,omitempty"`
}

// Certificate is what a gift line will become once it is paid.
type Certificate struct {
	Theme     string       `json:"theme"`
	Amount    money.Amount `json:"amount"`
	Sender    Person       `json:"sender"`
	Recipient Person       `json:"recipient"`
	Message   string       `json:"message,omitempty"`
}

// Person is a name with an e-mail address.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Line returns the line with this id, or nil.
func (c *Cart) Line(id string) *Line {
	for i := range c.Lines {
		if c.Lines[i].ID == id {
			return &c.Lines[i]
		}
	}
	return nil
}

// Quantity returns the number of units over all lines.
func (c *Cart) Quantity() int64 {
	var n int64
	for i := range c.Lines {
		n += c.Lines[i].Quantity
	}
	return n
}

// Expired reports whether the cart's life is over (spec/01 §1).
func (c *Cart) Expired(now time.Time) bool { return !now.Before(c.Updated.Add(Lifetime)) }

// Clone returns a copy that can be changed without touching c. The parts of a
// line that rules replace but never edit are shared.
func (c *Cart) Clone() *Cart {
	d := *c
	d.Lines = slices.Clone(c.Lines)
	d.Coupons = slices.Clone(c.Coupons)
	if c.Checkout != nil {
		co := *c.Checkout
		co.Consignments, co.Fees = slices.Clone(co.Consignments), slices.Clone(co.Fees)
		d.Checkout = &co
	}
	return &d
}

// Empty reports whether nothing is left that somebody put in.
func (c *Cart) Empty() bool {
	for i := range c.Lines {
		if c.Lines[i].AddedBy == 0 {
			return false
		}
	}
	return true
}

// IsCatalog reports whether the line comes from the catalog.
func (l *Line) IsCatalog() bool { return l.Kind == Physical || l.Kind == Digital }
