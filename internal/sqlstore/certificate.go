package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/order"
)

var certificates = table[order.Certificate]{
	name: "gift_certificates", columns: "id, balance, doc",
	scan: func(s scanner) (order.Certificate, error) {
		var c order.Certificate
		var doc string
		var balance int64
		if err := s.Scan(&c.ID, &balance, &doc); err != nil {
			return c, err
		}
		if err := json.Unmarshal([]byte(doc), &c); err != nil {
			return c, fmt.Errorf("decode gift certificate %d: %w", c.ID, err)
		}
		c.Balance = money.Amount(balance)
		return c, nil
	},
}

// Certificates implements order.CertificateStorage.
func (db *DB) Certificates(ctx context.Context, store string, f order.CertificateFilter) (cursor.Part[order.Certificate], error) {
	c := inStore(store)
	if f.MinID != 0 {
		c.add("id >= ?", f.MinID)
	}
	if f.MaxID != 0 {
		c.add("id <= ?", f.MaxID)
	}
	if f.OrderID != 0 {
		c.add("order_id = ?", f.OrderID)
	}
	if f.Code != "" {
		c.add("code = ?", order.CertificateKey(f.Code))
	}
	for _, equal := range [][2]string{{"to_name", f.ToName}, {"to_email", f.ToEmail}, {"from_name", f.FromName}, {"from_email", f.FromEmail}} {
		if equal[1] != "" {
			c.add(equal[0]+" = ?", equal[1])
		}
	}
	return certificates.list(ctx, db.reads, c, cursor.Range{Offset: f.Offset, Limit: f.Limit})
}

// FindCertificate implements order.CertificateStorage.
func (db *DB) FindCertificate(ctx context.Context, store string, id int64) (*order.Certificate, error) {
	c := inStore(store)
	c.add("id = ?", id)
	return certificates.one(ctx, db.reads, c, "")
}

// FindCertificateByCode implements order.CertificateStorage.
func (db *DB) FindCertificateByCode(ctx context.Context, store, key string) (*order.Certificate, error) {
	c := inStore(store)
	c.add("code = ?", key)
	return certificates.one(ctx, db.reads, c, "")
}

// CreateCertificate implements order.CertificateStorage.
func (db *DB) CreateCertificate(ctx context.Context, store string, c order.Certificate) (order.Certificate, error) {
	return write(ctx, db, func(t *tx) (order.Certificate, error) {
		out := c
		return out, insertCertificate(t, store, &out)
	})
}

func errCertificateCode() error {
	return fault.New(fault.Conflict, "There is a gift certificate with this code already.")
}

// insertCertificate stores a certificate and gives it its id.
func insertCertificate(t *tx, store string, c *order.Certificate) error {
	var err error
	if c.ID, err = t.nextID(store, "gift_certificate", 1); err != nil {
		return err
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode gift certificate: %w", err)
	}
	n, err := t.exec(`INSERT INTO gift_certificates (store, id, code, order_id, to_name, to_email, from_name, from_email, balance, doc)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (store, code) DO NOTHING`,
		store, c.ID, order.CertificateKey(c.Code), c.OrderID, c.To.Name, c.To.Email, c.From.Name, c.From.Email, int64(c.Balance), string(doc))
	if err != nil {
		return fmt.Errorf("insert gift certificate: %w", err)
	}
	if n == 0 {
		return errCertificateCode()
	}
	return nil
}

// UpdateCertificate implements order.CertificateStorage.
func (db *DB) UpdateCertificate(ctx context.Context, store string, id int64, change func(*order.Certificate) error) (order.Certificate, error) {
	return write(ctx, db, func(t *tx) (order.Certificate, error) {
		c := inStore(store)
		c.add("id = ?", id)
		have, err := certificates.one(t.ctx, t, c, t.dialect.forUpdate)
		if err == nil && have == nil {
			err = errGoneRow()
		}
		if err != nil {
			return order.Certificate{}, err
		}
		if err := change(have); err != nil {
			return order.Certificate{}, err
		}
		return *have, writeCertificate(t, store, have)
	})
}

// writeCertificate writes a certificate that its transaction has locked.
func writeCertificate(t *tx, store string, c *order.Certificate) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode gift certificate: %w", err)
	}
	_, err = t.exec(`UPDATE gift_certificates SET code = $1, order_id = $2, to_name = $3, to_email = $4, from_name = $5,
		from_email = $6, balance = $7, doc = $8 WHERE store = $9 AND id = $10`,
		order.CertificateKey(c.Code), c.OrderID, c.To.Name, c.To.Email, c.From.Name, c.From.Email, int64(c.Balance), string(doc), store, c.ID)
	switch {
	case err != nil && t.dialect.isDuplicate(err):
		return errCertificateCode()
	case err != nil:
		return fmt.Errorf("write gift certificate: %w", err)
	}
	return nil
}

// DeleteCertificate implements order.CertificateStorage. What it has paid stays
// noted.
func (db *DB) DeleteCertificate(ctx context.Context, store string, id int64) (bool, error) {
	return write(ctx, db, func(t *tx) (bool, error) {
		n, err := t.exec(`DELETE FROM gift_certificates WHERE store = $1 AND id = $2`, store, id)
		if err != nil {
			return false, fmt.Errorf("delete gift certificate: %w", err)
		}
		return n > 0, nil
	})
}

// issueCertificates stores the certificates that an order has bought, in the
// transaction that pays it.
func issueCertificates(t *tx, store string, orderID, customerID int64, lines []cart.Line, currency string, now time.Time) error {
	for _, c := range order.Issue(orderID, customerID, lines, currency, now) {
		if err := insertCertificate(t, store, &c); err != nil {
			return err
		}
	}
	return nil
}

// setIssued gives those certificates that an order has bought, and that have one
// status, another.
func setIssued(t *tx, store string, orderID int64, from, to order.CertificateStatus) error {
	c := inStore(store)
	c.add("order_id = ?", orderID)
	issued, err := certificates.rows(t.ctx, t, "SELECT "+certificates.columns+" FROM "+certificates.name+c.where()+" ORDER BY id"+t.dialect.forUpdate, c.args...)
	if err != nil {
		return err
	}
	for i := range issued {
		if issued[i].Status != from {
			continue
		}
		issued[i].Status = to
		if err := writeCertificate(t, store, &issued[i]); err != nil {
			return err
		}
	}
	return nil
}

// chargeCertificates takes what an order is paid with off its certificates, in
// the transaction that pays it. It returns a Conflict fault when one of them
// cannot pay that any more: by then another order has used it.
func chargeCertificates(t *tx, store string, charges []order.Charge, orderID int64, now time.Time) error {
	for _, ch := range charges {
		c := inStore(store)
		c.add("id = ?", ch.CertificateID)
		have, err := certificates.one(t.ctx, t, c, t.dialect.forUpdate)
		if err != nil {
			return err
		}
		if have == nil || have.StatusAt(now) != order.CertificateActive || have.Balance < ch.Amount {
			return fault.Newf(fault.Conflict, "The gift certificate %s cannot pay this order any more.", order.MaskedCode(ch.Code))
		}
		if err := moveBalance(t, store, ch.CertificateID, -ch.Amount); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO gift_charges (store, certificate_id, order_id, amount, at) VALUES ($1, $2, $3, $4, $5)`,
			store, ch.CertificateID, orderID, int64(ch.Amount), millis(now)); err != nil {
			return fmt.Errorf("note what gift certificate %d has paid: %w", ch.CertificateID, err)
		}
	}
	return nil
}

// returnCharges gives back what certificates paid for an order. One that was
// deleted since gets nothing.
func returnCharges(t *tx, store string, charges []order.Charge, orderID int64) error {
	for _, ch := range charges {
		n, err := t.exec(`DELETE FROM gift_charges WHERE store = $1 AND certificate_id = $2 AND order_id = $3`, store, ch.CertificateID, orderID)
		if err != nil {
			return fmt.Errorf("strike out what gift certificate %d has paid: %w", ch.CertificateID, err)
		}
		if n == 0 {
			continue
		}
		if err := moveBalance(t, store, ch.CertificateID, ch.Amount); err != nil {
			return err
		}
	}
	return nil
}

// moveBalance changes what is left on a certificate.
func moveBalance(t *tx, store string, id int64, by money.Amount) error {
	_, err := t.exec(`UPDATE gift_certificates SET balance = balance + $1 WHERE store = $2 AND id = $3`, int64(by), store, id)
	if err != nil {
		return fmt.Errorf("move the balance of gift certificate %d: %w", id, err)
	}
	return nil
}
