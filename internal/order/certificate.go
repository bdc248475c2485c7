// Package order is how a cart ends well: its checkout and the order that comes
// out of it, and the gift certificates that orders sell and take.
package order

import (
	"strings"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
)

// CertificateStatus says whether a gift certificate can pay.
type CertificateStatus string

// The statuses of a gift certificate; only an active one pays.
const (
	CertificatePending  CertificateStatus = "pending"
	CertificateActive   CertificateStatus = "active"
	CertificateDisabled CertificateStatus = "disabled"
	CertificateExpired  CertificateStatus = "expired"
)

// Certificate is a gift certificate that was issued: bought with an order, or
// made by the merchant. Its amounts are in Currency, the only one it pays in.
type Certificate struct {
	ID         int64             `json:"id"`
	Code       string            `json:"code"`
	OrderID    int64             `json:"order_id,omitempty"` // that it was bought with; 0 is none
	CustomerID int64             `json:"customer_id,omitempty"`
	From       cart.Person       `json:"from"`
	To         cart.Person       `json:"to"`
	Amount     money.Amount      `json:"amount"`
	Balance    money.Amount      `json:"-"` // kept in a column of its own, which payments move
	Currency   string            `json:"currency"`
	Status     CertificateStatus `json:"status"`
	Template   string            `json:"template,omitempty"` // birthday.html, …
	Message    string            `json:"message,omitempty"`
	Purchased  time.Time         `json:"purchased"`
	Expires    time.Time         `json:"expires,omitzero"` // zero means never
}

// Templates are the vendor's designs of the mail that brings a certificate.
var Templates = []string{"birthday.html", "boy.html", "celebration.html", "christmas.html", "general.html", "girl.html"}

// CertificateKey is what codes of certificates are compared by.
func CertificateKey(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }

// MaskedCode is what may be shown of a code: it is money to whoever reads it,
// and several people may look at one cart.
func MaskedCode(code string) string {
	if len(code) <= 8 {
		return "…"
	}
	return "…" + code[len(code)-4:]
}

// NewCertificateCode returns a code that nobody can guess: 64 random bits in
// groups that can be read to somebody.
func NewCertificateCode() string {
	digits := strings.ToUpper(id.Hex(8))
	return digits[:4] + "-" + digits[4:8] + "-" + digits[8:12] + "-" + digits[12:]
}

// StatusAt returns the status as it is now: an active certificate whose time is
// over has expired.
func (c *Certificate) StatusAt(now time.Time) CertificateStatus {
	if c.Status == CertificateActive && !c.Expires.IsZero() && !now.Before(c.Expires) {
		return CertificateExpired
	}
	return c.Status
}

// Check refuses a certificate that cannot pay for a cart in this currency now.
func (c *Certificate) Check(currency string, now time.Time) error {
	switch status := c.StatusAt(now); {
	case status == CertificateExpired:
		return fault.New(fault.Invalid, "The gift certificate has expired.")
	case status != CertificateActive:
		return fault.New(fault.Invalid, "The gift certificate cannot be used.")
	case c.Currency != currency:
		return fault.Newf(fault.Invalid, "The gift certificate can only be used in %s.", c.Currency)
	case c.Balance <= 0:
		return fault.New(fault.Invalid, "Nothing is left on the gift certificate.")
	}
	return nil
}

// Issue returns the certificates that the lines of a paid order become: one for
// each unit, each with a code of its own (spec/01 §6). Their ids are given when
// they are stored.
func Issue(orderID, customerID int64, lines []cart.Line, currency string, now time.Time) []Certificate {
	var out []Certificate
	for i := range lines {
		l := &lines[i]
		if l.Gift == nil {
			continue
		}
		for range l.Quantity {
			out = append(out, Certificate{
				Code: NewCertificateCode(), OrderID: orderID, CustomerID: customerID, From: l.Gift.Sender, To: l.Gift.Recipient,
				Amount: l.Gift.Amount, Balance: l.Gift.Amount, Currency: currency, Status: CertificateActive,
				Template: strings.ToLower(l.Gift.Theme) + ".html", Message: l.Gift.Message, Purchased: now,
			})
		}
	}
	return out
}

// Charge is what one certificate pays for an order.
type Charge struct {
	CertificateID int64        `json:"certificate_id"`
	Code          string       `json:"code"`
	Amount        money.Amount `json:"amount"`
}

// Charges returns what each of these certificates pays, in their order: as much
// as it holds, until nothing is left to pay. Certificates that the order buys
// cannot be paid with certificates (spec/01 §6): bought is what they cost.
func Charges(certificates []Certificate, payable, bought money.Amount) []Charge {
	left := payable - bought
	var out []Charge
	for i := range certificates {
		c := &certificates[i]
		pays := min(c.Balance, left)
		if pays <= 0 {
			continue
		}
		out = append(out, Charge{CertificateID: c.ID, Code: c.Code, Amount: pays})
		left -= pays
	}
	return out
}
