package merchant

import (
	"context"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"cartwright/internal/fault"
)

// User is a person who may sign in to the administration pages. There is one
// account per address, with a membership in each store it may see.
type User struct {
	Email string // lower case
	// Password is the hash in PHC form.
	Password string
	Created  time.Time
}

// Account describes a user to create, or to add to a store.
type Account struct {
	Store    string
	Email    string
	Password string
}

// The bounds of a password. NIST SP 800-63B asks for eight characters at least;
// the upper bound only keeps hashing cheap.
const (
	minPassword = 8
	maxPassword = 256
)

// PutUser makes a user of a store. For an address that has an account already
// it adds the store to it and sets the password; added is then false.
func (s *Service) PutUser(ctx context.Context, in Account) (added bool, err error) {
	email, err := cleanEmail(in.Email)
	if err != nil {
		return false, err
	}
	if n := utf8.RuneCountInString(in.Password); n < minPassword || len(in.Password) > maxPassword {
		return false, fault.Newf(fault.Invalid, "The password must have %d characters at least and %d bytes at most; this one has %d characters.",
			minPassword, maxPassword, n)
	}
	if err := s.MustExist(ctx, in.Store); err != nil {
		return false, err
	}
	return s.storage.PutUser(ctx, in.Store, User{Email: email, Password: HashPassword(in.Password), Created: s.clock.Now()})
}

// MustExist returns a NotFound fault that says how to make the store when there
// is none.
func (s *Service) MustExist(ctx context.Context, store string) error {
	st, err := s.storage.FindStore(ctx, store)
	if err != nil {
		return err
	}
	if st == nil {
		return fault.Newf(fault.NotFound, "There is no store %q. Create it first: cartwright store create %s --name NAME", store, store)
	}
	return nil
}

// cleanEmail checks an address and returns it in lower case, the form in which
// accounts are found.
func cleanEmail(raw string) (string, error) {
	email := strings.ToLower(strings.TrimSpace(raw))
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > 254 {
		return "", fault.Newf(fault.Invalid, "The e-mail address %q must look like name@shop.example", raw)
	}
	return email, nil
}
