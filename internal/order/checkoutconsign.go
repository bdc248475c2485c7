package order

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

// MaxConsignments bounds the consignments of one checkout.
const MaxConsignments = 100

// Parcel is what a consignment is made of, as a request states it.
type Parcel struct {
	Address cart.Address
	Items   []cart.ConsignedItem
	// PickupID is the pick-up method; 0 means that it is sent.
	PickupID int64
}

// ConsignmentUpdate is a change of one consignment: of its parcel, or the
// choice of how it is sent, not both (spec/05 §1.3). Nil parts stay.
type ConsignmentUpdate struct {
	Address  *cart.Address
	Items    []cart.ConsignedItem
	PickupID *int64

	OptionID *string
	Custom   *CustomShipping
}

// CustomShipping is a way of shipping that the client prices, in the cart's
// currency.
type CustomShipping struct {
	Price       money.Amount
	Description string
}

// AddConsignments adds consignments (spec/05 §1.3).
func (s *Checkouts) AddConsignments(ctx context.Context, store string, checkout cart.ID, parcels []Parcel, opt cart.Options) (*cart.Cart, error) {
	made := make([]cart.Consignment, len(parcels))
	for i, p := range parcels {
		made[i] = cart.Consignment{ID: newAddressID(), Address: p.Address, Items: p.Items, PickupID: p.PickupID}
		made[i].Address.ID = newAddressID()
	}
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, shop cart.Shop, _ time.Time) ([]event.Event, error) {
		if len(made) == 0 {
			return nil, fault.Field("body", fault.MinLength)
		}
		if len(c.Checkout.Consignments)+len(made) > MaxConsignments {
			return nil, fault.Newf(fault.Invalid, "A checkout can have at most %d consignments.", MaxConsignments)
		}
		for i, con := range made {
			if err := consign(c, shop, &con); err != nil {
				return nil, fault.Within(strconv.Itoa(i), err)
			}
			c.Checkout.Consignments = append(c.Checkout.Consignments, con)
		}
		return nil, nil
	})
}

// UpdateConsignment changes one consignment. Another address or other lines
// clear the chosen way of shipping.
func (s *Checkouts) UpdateConsignment(ctx context.Context, store string, checkout cart.ID, consignmentID string, in ConsignmentUpdate,
	opt cart.Options) (*cart.Cart, error) {
	addressID, optionID := newAddressID(), id.Hex(16)
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, shop cart.Shop, _ time.Time) ([]event.Event, error) {
		con := find(c.Checkout, consignmentID)
		if con == nil {
			return nil, missing("Consignment %s not found", consignmentID)
		}
		parcel, choices := in.Address != nil || in.Items != nil || in.PickupID != nil, 0
		for _, chosen := range []bool{parcel, in.OptionID != nil, in.Custom != nil} {
			if chosen {
				choices++
			}
		}
		switch {
		case choices == 0:
			return nil, wrong("shipping_option_id", "One of address, line_items, pickup_option, shipping_option_id and custom_shipping is required")
		case choices > 1:
			return nil, wrong("shipping_option_id", "The way of shipping is chosen in a request of its own")
		case parcel:
			return nil, repack(c, shop, con, in, addressID)
		case con.PickupID != 0:
			return nil, fault.New(fault.Invalid, "A pickup consignment cannot have a shipping option.")
		case in.Custom != nil:
			return nil, priceByHand(c, shop, con, *in.Custom, optionID)
		}
		return nil, choose(c, shop, con, *in.OptionID)
	})
}

// RemoveConsignment takes a consignment out. Its lines belong to none then.
func (s *Checkouts) RemoveConsignment(ctx context.Context, store string, checkout cart.ID, consignmentID string, opt cart.Options) (*cart.Cart, error) {
	return s.apply(ctx, store, checkout, opt, func(c *cart.Cart, _ cart.Shop, _ time.Time) ([]event.Event, error) {
		if find(c.Checkout, consignmentID) == nil {
			return nil, missing("Consignment %s not found", consignmentID)
		}
		c.Checkout.Consignments = slices.DeleteFunc(c.Checkout.Consignments, func(con cart.Consignment) bool { return con.ID == consignmentID })
		return nil, nil
	})
}

func find(co *cart.Checkout, consignmentID string) *cart.Consignment {
	for i := range co.Consignments {
		if co.Consignments[i].ID == consignmentID {
			return &co.Consignments[i]
		}
	}
	return nil
}

// repack changes what a consignment holds and where it goes.
func repack(c *cart.Cart, shop cart.Shop, con *cart.Consignment, in ConsignmentUpdate, addressID string) error {
	next := cart.Consignment{ID: con.ID, Address: con.Address, Items: con.Items, PickupID: con.PickupID}
	if in.Address != nil {
		next.Address = *in.Address
		next.Address.ID = addressID
	}
	if in.Items != nil {
		next.Items = in.Items
	}
	if in.PickupID != nil {
		next.PickupID = *in.PickupID
	}
	if err := consign(c, shop, &next); err != nil {
		return err
	}
	*con = next
	return nil
}

// priceByHand chooses a way of shipping that the client prices.
func priceByHand(c *cart.Cart, shop cart.Shop, con *cart.Consignment, custom CustomShipping, optionID string) error {
	if custom.Price < 0 {
		return fault.Field("custom_shipping.price", fault.Min)
	}
	if custom.Description == "" {
		custom.Description = "Custom"
	}
	con.Option = &cart.ShippingOption{ID: optionID, Type: pricing.CustomShipping, Description: custom.Description,
		Cost: custom.Price.Round(decimals(c, shop))}
	return nil
}

// choose takes one of the ways in which the consignment can be sent now.
func choose(c *cart.Cart, shop cart.Shop, con *cart.Consignment, optionID string) error {
	options := pricing.ShippingOptions(c, shop, con)
	i := slices.IndexFunc(options, func(o cart.ShippingOption) bool { return o.ID == optionID })
	if i < 0 {
		return wrong("shipping_option_id", "The shipping option is not available for this consignment")
	}
	con.Option = &options[i]
	return nil
}

// consign checks the parcel of a consignment against the cart and the other
// consignments, and brings it into the form in which it is kept.
func consign(c *cart.Cart, shop cart.Shop, con *cart.Consignment) error {
	address, err := checkAddress(con.Address)
	if err != nil {
		return fault.Within("address", err)
	}
	con.Address = address
	if con.PickupID != 0 && shop.Store.Pickup(con.PickupID) == nil {
		return wrong("pickup_option.pickup_method_id", "The store has no pick-up method with this id")
	}
	if len(con.Items) == 0 {
		return fault.Field("line_items", fault.MinLength)
	}
	items := make([]cart.ConsignedItem, 0, len(con.Items))
	for i, item := range con.Items {
		path := fmt.Sprintf("line_items.%d", i)
		l := c.Line(item.LineID)
		switch {
		case l == nil:
			return wrong(path+".item_id", "The line item is not in the cart")
		case !l.Consignable():
			return wrong(path+".item_id", "Only physical and custom items can be shipped")
		case item.Quantity < 1:
			return fault.Field(path+".quantity", fault.Min)
		case item.Quantity > l.Quantity:
			return wrong(path+".quantity", tooMany(l))
		}
		if n := slices.IndexFunc(items, func(other cart.ConsignedItem) bool { return other.LineID == item.LineID }); n >= 0 {
			items[n].Quantity += item.Quantity
		} else {
			items = append(items, item)
		}
	}
	con.Items = items
	return checkUnits(c, con)
}

// checkUnits refuses to send more units of a line than the cart has. A line
// that a promotion added moves over from the consignment it was put into.
func checkUnits(c *cart.Cart, con *cart.Consignment) error {
	for i, item := range con.Items {
		l := c.Line(item.LineID)
		if l.AddedBy != 0 {
			takeOut(c.Checkout, l.ID, con.ID)
		}
		if item.Quantity > l.Quantity-consigned(c.Checkout, l.ID, con.ID) {
			return wrong(fmt.Sprintf("line_items.%d.quantity", i), tooMany(l))
		}
	}
	return nil
}

// consigned returns how many units of a line the other consignments hold.
func consigned(co *cart.Checkout, lineID, except string) int64 {
	var n int64
	for i := range co.Consignments {
		for _, item := range co.Consignments[i].Items {
			if item.LineID == lineID && co.Consignments[i].ID != except {
				n += item.Quantity
			}
		}
	}
	return n
}

// takeOut takes a line out of the other consignments. The items are made anew:
// copies of the cart share them. Pricing drops what is empty then.
func takeOut(co *cart.Checkout, lineID, except string) {
	for i := range co.Consignments {
		if con := &co.Consignments[i]; con.ID != except {
			con.Items = slices.DeleteFunc(slices.Clone(con.Items), func(item cart.ConsignedItem) bool { return item.LineID == lineID })
		}
	}
}

func tooMany(l *cart.Line) string {
	return fmt.Sprintf("The cart has %d of this line item, with those of other consignments", l.Quantity)
}

// decimals returns how many decimal places amounts of the cart have.
func decimals(c *cart.Cart, shop cart.Shop) int {
	if currency := shop.Store.Currency(c.Currency); currency != nil {
		return currency.DecimalPlaces
	}
	return 2
}
