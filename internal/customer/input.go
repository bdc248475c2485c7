package customer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// MaxBatch is how many customers one request may make or change (spec/05 §3).
const MaxBatch = 10

// Fields is what a request says of a customer. Nil fields stay as they are.
type Fields struct {
	Email                      *string
	FirstName                  *string
	LastName                   *string
	Company                    *string
	Phone                      *string
	Notes                      *string
	TaxExemptCategory          *string
	GroupID                    *int64
	AcceptsAbandonedCartEmails *bool
	OriginChannelID            *int64
	ChannelIDs                 *[]int64 // nil inside means every channel
	RegistrationIP             *string
	ForcePasswordReset         *bool
	StoreCredit                *money.Amount
}

// Change is one entry of an update.
type Change struct {
	ID int64
	Fields
}

// Key is the form in which an e-mail address is compared: two addresses that
// differ in case are one.
func Key(email string) string { return strings.ToLower(email) }

// SearchName is the form in which a customer's name is searched.
func (c *Customer) SearchName() string { return strings.ToLower(c.FirstName + " " + c.LastName) }

// Make makes the customers of a request. It refuses a batch of the wrong size
// and an address that stands in it twice. Ids are given when they are stored.
func Make(in []Fields, now time.Time) ([]Customer, error) {
	if err := checkBatch(len(in)); err != nil {
		return nil, err
	}
	out := make([]Customer, len(in))
	seen := map[string]bool{}
	for i, f := range in {
		c := Customer{OriginChannelID: 1, Created: now, Modified: now}
		c.apply(f)
		if seen[Key(c.Email)] {
			return nil, EmailTaken(i)
		}
		seen[Key(c.Email)] = true
		out[i] = c
	}
	return out, nil
}

// Apply changes customers in place. have holds the customer of each change, or
// nil where there is none. It returns the places of those whose address, group
// or tax exemption is another now: their carts follow.
func Apply(have []*Customer, changes []Change, now time.Time) (moved []int, err error) {
	for i, ch := range changes {
		c := have[i]
		if c == nil {
			return nil, &fault.Error{Kind: fault.NotFound, Title: fault.TitleNotFound,
				Fields: map[string]string{place(i, "id"): fmt.Sprintf("Customer %d does not exist", ch.ID)}}
		}
		before := *c
		c.apply(ch.Fields)
		c.Modified = now
		if c.Email != before.Email || c.GroupID != before.GroupID || c.TaxExemptCategory != before.TaxExemptCategory {
			moved = append(moved, i)
		}
	}
	return moved, nil
}

// CheckChanges refuses a batch of the wrong size, and one that names a
// customer or an address twice.
func CheckChanges(changes []Change) error {
	if err := checkBatch(len(changes)); err != nil {
		return err
	}
	ids, emails := map[int64]bool{}, map[string]bool{}
	for i, ch := range changes {
		if ids[ch.ID] {
			return &fault.Error{Kind: fault.Invalid, Title: fault.TitleSchema,
				Fields: map[string]string{place(i, "id"): "The customer stands in the request twice"}}
		}
		ids[ch.ID] = true
		if ch.Email == nil {
			continue
		}
		if emails[Key(*ch.Email)] {
			return EmailTaken(i)
		}
		emails[Key(*ch.Email)] = true
	}
	return nil
}

func checkBatch(n int) error {
	switch {
	case n == 0:
		return fault.Field("body", fault.MinLength)
	case n > MaxBatch:
		return fault.Newf(fault.TooLarge, "A request can have at most %d customers.", MaxBatch)
	}
	return nil
}

// EmailTaken refuses an entry whose address belongs to another customer.
func EmailTaken(i int) error {
	return &fault.Error{Kind: fault.Invalid, Title: "The email address is in use by another customer.",
		Fields: map[string]string{place(i, "email"): "The email address is already in use"}}
}

// place is the vendor's path of a field of a batch: ".0.email" (spec/05 §3).
func place(i int, field string) string { return fmt.Sprintf(".%d.%s", i, field) }

func (c *Customer) apply(f Fields) {
	set(&c.Email, f.Email)
	set(&c.FirstName, f.FirstName)
	set(&c.LastName, f.LastName)
	set(&c.Company, f.Company)
	set(&c.Phone, f.Phone)
	set(&c.Notes, f.Notes)
	set(&c.TaxExemptCategory, f.TaxExemptCategory)
	set(&c.GroupID, f.GroupID)
	set(&c.AcceptsAbandonedCartEmails, f.AcceptsAbandonedCartEmails)
	set(&c.OriginChannelID, f.OriginChannelID)
	set(&c.ChannelIDs, f.ChannelIDs)
	set(&c.RegistrationIP, f.RegistrationIP)
	set(&c.ForcePasswordReset, f.ForcePasswordReset)
	set(&c.StoreCredit, f.StoreCredit)
}

// set writes a field that a request names.
func set[T any](place, from *T) {
	if from != nil {
		*place = *from
	}
}

// SubscriberFields is what a request says of a subscriber. Nil fields stay as
// they are.
type SubscriberFields struct {
	Email     *string
	FirstName *string
	LastName  *string
	Source    *string
	OrderID   *int64 // 0 means none
	ChannelID *int64
	Consents  *[]string
}

// Consents are what a subscriber may agree to (spec/05 §3).
var Consents = []string{"abandoned_cart", "marketing_newsletter"}

// Apply changes a subscriber in place.
func (s *Subscriber) Apply(f SubscriberFields, now time.Time) {
	set(&s.Email, f.Email)
	set(&s.FirstName, f.FirstName)
	set(&s.LastName, f.LastName)
	set(&s.Source, f.Source)
	set(&s.OrderID, f.OrderID)
	set(&s.ChannelID, f.ChannelID)
	if f.Consents != nil {
		s.Consents = nil
		for _, consent := range *f.Consents {
			if !slices.Contains(s.Consents, consent) {
				s.Consents = append(s.Consents, consent)
			}
		}
	}
	s.Modified = now
}
