package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/order"
	"cartwright/internal/recovery"
)

// touchReach is how far back the mails of an address are looked for: a link
// leads back for as long as its cart lives, which is 30 days without a change.
const touchReach = 60 * 24 * time.Hour

// noteSale notes what recovery has to do with an order, in the transaction that
// settles it: which mail it is thanked for, and that its shopper ordered.
// addresses are the hashes of those. An order of a cart that was never
// abandoned, to which no mail and no code of one led, is nobody's business here.
func (t *tx) noteSale(o *order.Order, addresses []string) error {
	if err := t.noteHoldoutOrder(o.Store, addresses, o.Modified); err != nil {
		return err
	}
	touches, err := t.touches(o, addresses)
	if err != nil {
		return err
	}
	sale := recovery.Sale{
		Order: o.ID, Cart: o.Cart.ID, Channel: o.Cart.ChannelID, Amount: o.Total(), Currency: o.Currency.Code,
		Discount: recovery.DiscountOf(touches, o.Cart.Coupons), At: o.Modified,
	}
	sale.Credit, sale.Mail = recovery.Attribute(touches, o.Modified)
	sale.Template = sale.Mail.Template
	err = t.QueryRowContext(t.ctx, `SELECT id FROM episodes WHERE store = $1 AND cart_id = $2 ORDER BY id DESC LIMIT 1`,
		o.Store, string(o.Cart.ID)).Scan(&sale.Episode)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("look whether a cart had been abandoned: %w", err)
	}
	if sale.Episode == 0 && sale.Credit == recovery.CreditNone && sale.Discount == 0 {
		return nil
	}
	return t.insertSale(o.Store, sale)
}

// noteHoldoutOrder notes the first order of a shopper since it was drawn who is
// written to. It stands when the order is cancelled: both sides of the
// comparison are counted alike.
func (t *tx) noteHoldoutOrder(store string, addresses []string, at time.Time) error {
	if len(addresses) == 0 {
		return nil
	}
	c := &conditions{args: []any{millis(at)}, parts: []string{"ordered IS NULL", "assigned <= $1"}}
	c.add("store = ?", store)
	in(c, "address", addresses)
	if _, err := t.exec(`UPDATE holdouts SET ordered = $1`+c.where(), c.args...); err != nil {
		return fmt.Errorf("note the order of a shopper: %w", err)
	}
	return nil
}

// touches lists the mails about the cart of an order, and those to its shopper,
// with the last click on each.
func (t *tx) touches(o *order.Order, addresses []string) ([]recovery.Touch, error) {
	near := `SELECT s.episode, s.template FROM episodes e JOIN episode_steps s ON s.store = e.store AND s.episode = e.id
		WHERE e.store = $1 AND e.cart_id = $2`
	c := &conditions{args: []any{o.Store, string(o.Cart.ID)}, parts: []string{"store = $1"}}
	if len(addresses) > 0 {
		c.add("claimed >= ?", millis(o.Modified.Add(-touchReach)))
		in(c, "address", addresses)
		near += ` UNION SELECT episode, template FROM episode_steps` + c.where()
	}
	rows, err := t.QueryContext(t.ctx, `SELECT e.cart_id, s.episode, s.template, s.state, s.claimed, s.doc,
			(SELECT MAX(+v.at) FROM mail_visits v WHERE v.store = $1 AND v.cart_id = e.cart_id AND v.episode = s.episode
				AND v.template = s.template AND v.kind IN `+sqlClicks+`)
		FROM (`+near+`) AS near
		JOIN episode_steps s ON s.store = $1 AND s.episode = near.episode AND s.template = near.template
		JOIN episodes e ON e.store = $1 AND e.id = s.episode
		ORDER BY s.episode, s.template`, c.args...)
	if err != nil {
		return nil, fmt.Errorf("read the mails of a shopper: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []recovery.Touch
	for rows.Next() {
		touch, err := scanTouch(rows)
		if err != nil {
			return nil, fmt.Errorf("read the mails of a shopper: %w", err)
		}
		all = append(all, touch)
	}
	return all, rows.Err()
}

func scanTouch(s scanner) (recovery.Touch, error) {
	var touch recovery.Touch
	var step recovery.Step
	var claimed int64
	var clicked sql.NullInt64
	var doc string
	if err := s.Scan(&touch.Cart, &touch.Episode, &touch.Template, &step.State, &claimed, &doc, &clicked); err != nil {
		return touch, err
	}
	if err := json.Unmarshal([]byte(doc), &step); err != nil {
		return touch, err
	}
	if step.State == recovery.Sent {
		touch.Sent = fromMillis(claimed)
	}
	touch.Clicked, touch.Coupon = maybeTime(clicked), step.Coupon
	return touch, nil
}

func (t *tx) insertSale(store string, s recovery.Sale) error {
	doc, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode sale: %w", err)
	}
	_, err = t.exec(`INSERT INTO recovery_orders (store, order_id, cart_id, channel, episode, template, kind, amount, currency, discount, at, canceled, doc)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, $12)`,
		store, s.Order, string(s.Cart), s.Channel, s.Episode, s.Template, string(s.Credit), int64(s.Amount), s.Currency, int64(s.Discount),
		millis(s.At), string(doc))
	if err != nil {
		return fmt.Errorf("note the sale: %w", err)
	}
	if s.Episode != 0 {
		t.tally(recovery.Tally{Kind: recovery.TallyConverted})
	}
	t.tally(recovery.Tally{Kind: recovery.TallySold, Credit: s.Credit})
	return nil
}

// cancelSale has an order count no longer from an instant on, or again when
// that is zero.
func (t *tx) cancelSale(store string, orderID int64, at time.Time) error {
	if _, err := t.exec(`UPDATE recovery_orders SET canceled = $1 WHERE store = $2 AND order_id = $3`, maybeMillis(at), store, orderID); err != nil {
		return fmt.Errorf("note what became of a sale: %w", err)
	}
	return nil
}

var sales = table[recovery.Sale]{
	name:    "recovery_orders",
	columns: "order_id, cart_id, channel, episode, template, kind, amount, currency, discount, at, canceled, doc",
	scan: func(s scanner) (recovery.Sale, error) {
		var out recovery.Sale
		var at int64
		var canceled sql.NullInt64
		var doc string
		if err := s.Scan(&out.Order, &out.Cart, &out.Channel, &out.Episode, &out.Template, &out.Credit, &out.Amount, &out.Currency,
			&out.Discount, &at, &canceled, &doc); err != nil {
			return out, err
		}
		if err := json.Unmarshal([]byte(doc), &out); err != nil {
			return out, fmt.Errorf("decode sale of order %d: %w", out.Order, err)
		}
		out.At, out.Canceled, out.Mail.Template = fromMillis(at), maybeTime(canceled), out.Template
		return out, nil
	},
}

// Sales implements recovery.ReportStorage.
func (db *DB) Sales(ctx context.Context, store string, f recovery.SaleFilter) ([]recovery.Sale, error) {
	c := inStore(store)
	if f.Order != 0 {
		c.add("order_id = ?", f.Order)
	}
	if f.Cart != "" {
		c.add("cart_id = ?", string(f.Cart))
	}
	return sales.rows(ctx, db.reads, "SELECT "+sales.columns+" FROM recovery_orders"+c.where()+" ORDER BY order_id", c.args...)
}
