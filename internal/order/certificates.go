package order

import (
	"context"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// CertificateFilter selects gift certificates. Zero fields select all.
type CertificateFilter struct {
	MinID, MaxID        int64
	Code                string
	OrderID             int64
	ToName, ToEmail     string
	FromName, FromEmail string
	Limit               int
	Offset              int64
}

// CertificateFields is what a request says of a certificate. Nil fields stay as
// they are.
type CertificateFields struct {
	Code       *string
	CustomerID *int64
	OrderID    *int64
	FromName   *string
	FromEmail  *string
	ToName     *string
	ToEmail    *string
	Amount     *money.Amount
	Balance    *money.Amount
	Currency   *string
	Status     *CertificateStatus
	Template   *string
	Message    *string
	Purchased  *time.Time
	Expires    *time.Time // zero means never
}

// CertificateStorage keeps gift certificates.
type CertificateStorage interface {
	// Certificates returns those that the filter selects, by id.
	Certificates(ctx context.Context, store string, f CertificateFilter) (cursor.Part[Certificate], error)
	// FindCertificate returns a certificate, or nil.
	FindCertificate(ctx context.Context, store string, id int64) (*Certificate, error)
	// FindCertificateByCode returns a certificate by its CertificateKey, or nil.
	FindCertificateByCode(ctx context.Context, store, key string) (*Certificate, error)
	// CreateCertificate stores a certificate and returns it with its id. It
	// returns a Conflict fault for a code that is there.
	CreateCertificate(ctx context.Context, store string, c Certificate) (Certificate, error)
	// UpdateCertificate calls change with a certificate and writes it back. It
	// returns a NotFound fault when there is none, and a Conflict fault when
	// its new code is there.
	UpdateCertificate(ctx context.Context, store string, id int64, change func(*Certificate) error) (Certificate, error)
	// DeleteCertificate removes a certificate and reports whether it was there.
	DeleteCertificate(ctx context.Context, store string, id int64) (bool, error)
}

// Certificates is the service of gift certificates.
type Certificates struct {
	storage CertificateStorage
	shops   cart.Shops
	clock   clock.Clock
}

// NewCertificates returns a service on this storage.
func NewCertificates(storage CertificateStorage, shops cart.Shops, c clock.Clock) *Certificates {
	return &Certificates{storage, shops, c}
}

// Now is the present to the millisecond, the precision that is stored.
func (s *Certificates) Now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

// List returns the certificates that the filter selects.
func (s *Certificates) List(ctx context.Context, store string, f CertificateFilter) (cursor.Part[Certificate], error) {
	return s.storage.Certificates(ctx, store, f)
}

// Get returns a certificate, or a NotFound fault.
func (s *Certificates) Get(ctx context.Context, store string, id int64) (*Certificate, error) {
	c, err := s.storage.FindCertificate(ctx, store, id)
	if err == nil && c == nil {
		err = fault.New(fault.NotFound, fault.TitleNotFound)
	}
	return c, err
}

// Find returns the certificate with a code that can pay for a cart in this
// currency now. What a shopper typed wrong and what was used up are told apart:
// a NotFound fault, and an Invalid one.
func (s *Certificates) Find(ctx context.Context, store, code, currency string) (*Certificate, error) {
	key := CertificateKey(code)
	var c *Certificate
	var err error
	if key != "" && len(key) <= maxCertificateCode {
		c, err = s.storage.FindCertificateByCode(ctx, store, key)
	}
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, fault.New(fault.NotFound, "There is no gift certificate with this code.")
	}
	return c, c.Check(currency, s.Now())
}

// maxCertificateCode is how many characters a code may have.
const maxCertificateCode = 20

// Create makes a certificate by hand. Without a code it gets one; without a
// balance, a status or a currency it is active, full, and in the store's
// default currency.
func (s *Certificates) Create(ctx context.Context, store string, f CertificateFields) (Certificate, error) {
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return Certificate{}, err
	}
	c := Certificate{Code: NewCertificateCode(), Status: CertificateActive, Currency: shop.Store.DefaultCurrency().Code,
		Purchased: s.Now(), Template: "general.html"}
	if f.Amount != nil {
		c.Balance = *f.Amount
	}
	if err := c.apply(f, shop); err != nil {
		return Certificate{}, err
	}
	return s.storage.CreateCertificate(ctx, store, c)
}

// Update changes a certificate.
func (s *Certificates) Update(ctx context.Context, store string, id int64, f CertificateFields) (Certificate, error) {
	shop, err := s.shops.Shop(ctx, store)
	if err != nil {
		return Certificate{}, err
	}
	return s.storage.UpdateCertificate(ctx, store, id, func(c *Certificate) error { return c.apply(f, shop) })
}

// Delete removes a certificate, or returns a NotFound fault.
func (s *Certificates) Delete(ctx context.Context, store string, id int64) error {
	found, err := s.storage.DeleteCertificate(ctx, store, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, fault.TitleNotFound)
	}
	return err
}

// apply writes what a request names, and refuses what does not fit together.
func (c *Certificate) apply(f CertificateFields, shop cart.Shop) error {
	set(&c.Code, f.Code)
	set(&c.CustomerID, f.CustomerID)
	set(&c.OrderID, f.OrderID)
	set(&c.From.Name, f.FromName)
	set(&c.From.Email, f.FromEmail)
	set(&c.To.Name, f.ToName)
	set(&c.To.Email, f.ToEmail)
	set(&c.Amount, f.Amount)
	set(&c.Balance, f.Balance)
	set(&c.Currency, f.Currency)
	set(&c.Status, f.Status)
	set(&c.Template, f.Template)
	set(&c.Message, f.Message)
	set(&c.Purchased, f.Purchased)
	set(&c.Expires, f.Expires)
	switch {
	case c.Amount <= 0:
		return fault.Field("amount", fault.Min)
	case c.Balance > c.Amount:
		return fault.Field("balance", fault.Max)
	case CertificateKey(c.Code) == "":
		return fault.Field("code", fault.MinLength)
	case shop.Store.Currency(c.Currency) == nil:
		return fault.Field("currency_code", fault.ExpectedEnum)
	}
	return nil
}

// set writes a field that a request names.
func set[T any](place, from *T) {
	if from != nil {
		*place = *from
	}
}
