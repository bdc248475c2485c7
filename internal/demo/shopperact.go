package demo

import (
	"context"
	"regexp"
	"slices"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/order"
	"cartwright/internal/pricing"
	"cartwright/internal/recovery"
)

// errand is a visit under way.
type errand struct {
	visit
	who  *shopper
	shop *Shoppers
	cart cart.ID
}

// fill puts the first things into a cart.
func (e *errand) fill(ctx context.Context) error {
	shop, err := e.shop.Shops.Shop(ctx, Store)
	if err != nil {
		return err
	}
	items := items(shop, e.wishes)
	if len(items) == 0 {
		return nil
	}
	draft := cart.Draft{CustomerID: e.shop.customerID(e.who), ChannelID: channel(shop.Store, e.channel), Locale: e.who.locale,
		Currency: e.who.currency, Items: items}
	if e.bot {
		draft.CustomerID = 0
	}
	c, err := e.shop.Carts.Create(ctx, Store, draft, cart.Options{})
	if err != nil {
		return err
	}
	e.cart = c.ID
	if e.later > 0 {
		e.shop.in(e.later, e.addMore)
	}
	switch r := e.later + time.Minute; {
	case e.bot:
		e.shop.in(10*time.Minute, func(ctx context.Context) error { return e.shop.Recoveries.MarkBot(ctx, Store, e.cart, true) })
	case e.end != leavesAtCart:
		e.shop.in(r, e.checkOut)
	}
	if e.back > 0 {
		e.shop.in(e.back, e.comeBack)
	}
	return nil
}

// addMore puts another thing in.
func (e *errand) addMore(ctx context.Context) error {
	shop, err := e.shop.Shops.Shop(ctx, Store)
	if err != nil {
		return err
	}
	more := items(shop, []wish{{e.wishes[0].item>>8 + 1, 1}})
	_, err = e.shop.Carts.AddLines(ctx, Store, e.cart, cart.Entries{Items: more}, cart.Options{})
	return err
}

// checkOut goes as far as the visit goes.
func (e *errand) checkOut(ctx context.Context) error {
	if e.end == leavesAtAddress {
		_, err := e.shop.Checkouts.AddBilling(ctx, Store, e.cart, e.who.address, cart.Options{})
		return err
	}
	code := ""
	if e.coded {
		code = CodeTenOff
	}
	switch e.end {
	case leavesAtPayment:
		_, err := e.shop.ready(ctx, e.who, e.cart, code)
		return err
	case declined:
		return e.shop.buy(ctx, e.who, e.cart, code, order.TestDeclined)
	}
	return e.shop.buy(ctx, e.who, e.cart, code, order.TestApproved)
}

// comeBack looks in again, without having been asked to.
func (e *errand) comeBack(ctx context.Context) error {
	if e.buys {
		return e.shop.buy(ctx, e.who, e.cart, "", order.TestApproved)
	}
	return e.addMore(ctx)
}

// buy orders what is in a cart, and pays.
func (s *Shoppers) buy(ctx context.Context, p *shopper, id cart.ID, code, method string) error {
	c, err := s.ready(ctx, p, id, code)
	if err != nil {
		return err
	}
	q, err := s.Orders.Quote(ctx, c)
	if err != nil {
		return err
	}
	o, err := s.Orders.Place(ctx, Store, id, order.Placement{Version: c.Version, Total: q.Total, Due: q.Due, Method: method})
	if err != nil {
		return err
	}
	s.in(time.Duration(20+o.ID%30)*time.Hour, func(ctx context.Context) error {
		_, err := s.Orders.SetStatus(ctx, Store, o.ID, order.Shipped)
		return err
	})
	return nil
}

// ready takes a cart to the last step of its checkout, with a code when there is
// one that counts.
func (s *Shoppers) ready(ctx context.Context, p *shopper, id cart.ID, code string) (*cart.Cart, error) {
	c, err := s.Checkouts.AddBilling(ctx, Store, id, p.address, cart.Options{})
	if err != nil {
		return nil, err
	}
	if code != "" {
		if with, err := s.Checkouts.ApplyCoupon(ctx, Store, id, code, cart.Options{}); err == nil {
			c = with
		}
	}
	for _, con := range c.Checkout.Consignments { // of an earlier visit, which may lack what was added since
		if c, err = s.Checkouts.RemoveConsignment(ctx, Store, id, con.ID, cart.Options{}); err != nil {
			return nil, err
		}
	}
	parcel := order.Parcel{Address: p.address}
	for i := range c.Lines {
		if l := &c.Lines[i]; l.Consignable() {
			parcel.Items = append(parcel.Items, cart.ConsignedItem{LineID: l.ID, Quantity: l.Quantity})
		}
	}
	if len(parcel.Items) == 0 { // files only
		return c, nil
	}
	if c, err = s.Checkouts.AddConsignments(ctx, Store, id, []order.Parcel{parcel}, cart.Options{}); err != nil {
		return nil, err
	}
	shop, err := s.Shops.Shop(ctx, Store)
	if err != nil {
		return nil, err
	}
	con := &c.Checkout.Consignments[0]
	ways := pricing.ShippingOptions(c, shop, con)
	if len(ways) == 0 {
		return c, nil // placing the order will say so
	}
	return s.Checkouts.UpdateConsignment(ctx, Store, id, con.ID, order.ConsignmentUpdate{OptionID: &ways[0].ID}, cart.Options{})
}

// items finds on the shelves what somebody wishes for. The last few of anything
// are left for whoever tries the demo.
func items(shop cart.Shop, wishes []wish) []cart.Item {
	var shelf []cart.Item
	for p := range shop.Catalog.All {
		if !p.Visible || slices.ContainsFunc(p.Modifiers, func(m catalog.Modifier) bool { return m.Required }) {
			continue
		}
		for i := range p.Variants {
			v := &p.Variants[i]
			if level, tracked := p.Available(v); !tracked || level > kept {
				shelf = append(shelf, cart.Item{ProductID: p.ID, VariantID: v.ID, Quantity: max(1, p.OrderQuantityMinimum)})
			}
		}
	}
	slices.SortFunc(shelf, func(a, b cart.Item) int { return int(a.VariantID - b.VariantID) })
	var in []cart.Item
	for _, w := range wishes {
		if len(shelf) == 0 {
			break
		}
		it := shelf[w.item%uint64(len(shelf))]
		if it.Quantity == 1 && w.quantity <= kept {
			it.Quantity = w.quantity
		}
		if !slices.ContainsFunc(in, func(other cart.Item) bool { return other.ProductID == it.ProductID }) {
			in = append(in, it)
		}
	}
	return in
}

// kept is how many of each thing shoppers of the demo leave on the shelf.
const kept = 4

// restock fills the shelves up each morning, but for what is sold out on
// purpose.
func (s *Shoppers) restock(ctx context.Context) error {
	shop, err := s.Shops.Shop(ctx, Store)
	if err != nil {
		return err
	}
	var low []catalog.StockItem
	for p := range shop.Catalog.All {
		for i := range p.Variants {
			v := &p.Variants[i]
			if level, tracked := p.Available(v); tracked && level > 0 && level <= 2*kept {
				item := catalog.StockItem{LocationID: 1, Quantity: full}
				if p.InventoryTracking == catalog.TrackProduct {
					item.ProductID = p.ID
				} else {
					item.VariantID = v.ID
				}
				low = append(low, item)
			}
		}
	}
	for batch := range slices.Chunk(low, 10) {
		if _, err := s.Catalog.Adjust(ctx, Store, batch, true); err != nil {
			return err
		}
	}
	return nil
}

// full is how many of a thing are on its shelf after restocking.
const full = 30

// accounts returns the ids of customers by their number, and makes those who are
// not there.
func accounts(ctx context.Context, service Customers, who []shopper) ([]int64, error) {
	emails := make([]string, len(who))
	for i := range who {
		emails[i] = who[i].email
	}
	found, err := service.List(ctx, Store, customer.Filter{Emails: emails}, cursor.Range{Limit: len(who)})
	if err != nil {
		return nil, err
	}
	ids, missing := make([]int64, len(who)), []customer.Fields(nil)
	keep := func(all []customer.Customer) {
		for i := range all {
			if n := slices.Index(emails, all[i].Email); n >= 0 {
				ids[n] = all[i].ID
			}
		}
	}
	keep(found.Entries)
	for i := range who {
		if p := &who[i]; ids[i] == 0 {
			missing = append(missing, customer.Fields{Email: &p.email, FirstName: &p.first, LastName: &p.last, AcceptsAbandonedCartEmails: &p.agrees})
		}
	}
	for batch := range slices.Chunk(missing, customer.MaxBatch) {
		made, err := service.Create(ctx, Store, batch)
		if err != nil {
			return nil, err
		}
		keep(made)
	}
	return ids, nil
}

// Reading returns a mailer whose mails the shoppers of the demo read: those that
// are for them, and were accepted.
func (s *Shoppers) Reading(next recovery.Mailer) recovery.Mailer { return reader{next, s} }

type reader struct {
	recovery.Mailer
	shoppers *Shoppers
}

// Deliver implements recovery.Mailer.
func (r reader) Deliver(ctx context.Context, m recovery.Mail) error {
	err := r.Mailer.Deliver(ctx, m)
	if err == nil && m.Store == Store {
		r.shoppers.read(m)
	}
	return err
}

// linkToken is the token in the links of a mail.
var linkToken = regexp.MustCompile(`[?&]t=([0-9a-f]{32})`)

// tokenIn returns the token of the first link in a text, or "".
func tokenIn(text string) string {
	if found := linkToken.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// read decides what becomes of a mail.
func (s *Shoppers) read(m recovery.Mail) {
	p := s.of[m.To.Address]
	if p == nil {
		return
	}
	token := tokenIn(m.Message.Text)
	switch r := reactionTo(p, m.ID); r.does {
	case looks:
		s.in(r.after, func(ctx context.Context) error {
			_, err := s.Recoveries.Continue(ctx, Store, token)
			return err
		})
	case buys:
		s.in(r.after, func(ctx context.Context) error { return s.continueAndBuy(ctx, p, token) })
	case unsubscribes:
		s.in(r.after, func(ctx context.Context) error {
			_, err := s.Recoveries.UnsubscribeToken(ctx, Store, tokenIn(m.Unsubscribe))
			return err
		})
	case complains, bounces:
		kind := recovery.HardBounce
		if r.does == complains {
			kind = recovery.Complaint
		}
		s.in(r.after, func(ctx context.Context) error {
			_, err := s.Recoveries.TakeBounces(ctx, Store, []recovery.Bounce{{Email: m.To.Address, Kind: kind, MessageID: m.ID}})
			return err
		})
	}
}

// continueAndBuy comes through the link of a mail and orders, with the code that
// stood in the mail.
func (s *Shoppers) continueAndBuy(ctx context.Context, p *shopper, token string) error {
	l, err := s.Recoveries.Continue(ctx, Store, token)
	if err != nil || l.Cart == nil { // the cart may be gone by now
		return err
	}
	s.in(5*time.Minute, func(ctx context.Context) error { return s.buy(ctx, p, l.Cart.ID, l.Coupon, order.TestApproved) })
	return nil
}
