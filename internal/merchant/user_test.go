package merchant

import (
	"context"
	"strings"
	"testing"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
)

func TestPasswordHashes(t *testing.T) {
	hash := HashPassword("correct horse")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %s", hash)
	}
	if hash == HashPassword("correct horse") {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	// A test vector of the reference implementation (test.c of phc-winner-argon2).
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	tests := map[string]struct {
		hash, password string
		want           bool
	}{
		"the password":              {hash, "correct horse", true},
		"another":                   {hash, "correct horsf", false},
		"none":                      {hash, "", false},
		"of another implementation": {reference, "password", true},
		"another of that":           {reference, "passwords", false},
		"no hash":                   {"", "", false},
		"not argon2id":              {strings.Replace(reference, "argon2id", "argon2i", 1), "password", false},
		"another version":           {strings.Replace(reference, "v=19", "v=16", 1), "password", false},
		"no cost":                   {strings.Replace(reference, "t=2", "t=0", 1), "password", false},
		"no threads":                {strings.Replace(reference, "p=1", "p=0", 1), "password", false},
		"no key":                    {reference[:strings.LastIndex(reference, "$")+1], "password", false},
		"not base64":                {strings.Replace(reference, "$c29t", "$!!!!", 1), "password", false},
	}
	for name, tc := range tests {
		if got := PasswordMatches(tc.hash, tc.password); got != tc.want {
			t.Errorf("%s: matches is %v", name, got)
		}
	}
}

// users keeps what PutUser is given, for a store named "a".
type users struct {
	Storage
	store string
	user  User
}

func (u *users) FindStore(_ context.Context, hash string) (*Store, error) {
	if hash != "a" {
		return nil, nil
	}
	return &Store{Hash: hash}, nil
}

func (u *users) PutUser(_ context.Context, store string, user User) (bool, error) {
	u.store, u.user = store, user
	return true, nil
}

func TestPutUser(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		account Account
		email   string // stored; "" is a refusal
		kind    fault.Kind
	}{
		"a user":                    {Account{"a", "ada@shop.example", "12345678"}, "ada@shop.example", 0},
		"capitals and spaces":       {Account{"a", " Ada@Shop.Example ", "12345678"}, "ada@shop.example", 0},
		"eight letters not bytes":   {Account{"a", "ada@shop.example", "ééééééé"}, "", fault.Invalid},
		"a short password":          {Account{"a", "ada@shop.example", "1234567"}, "", fault.Invalid},
		"a password beyond measure": {Account{"a", "ada@shop.example", strings.Repeat("x", 257)}, "", fault.Invalid},
		"no address":                {Account{"a", "", "12345678"}, "", fault.Invalid},
		"a name with the address":   {Account{"a", "Ada <ada@shop.example>", "12345678"}, "", fault.Invalid},
		"an unknown store":          {Account{"b", "ada@shop.example", "12345678"}, "", fault.NotFound},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			kept := &users{}
			added, err := NewService(kept, clock.At(noon)).PutUser(t.Context(), tc.account)
			if tc.email == "" {
				if !fault.Is(err, tc.kind) || kept.store != "" {
					t.Errorf("the error is %v, kept %+v", err, kept.user)
				}
				return
			}
			if err != nil || !added || kept.user.Email != tc.email || kept.store != tc.account.Store || !kept.user.Created.Equal(noon) {
				t.Errorf("kept %+v, added %v, error %v", kept.user, added, err)
			}
			if !PasswordMatches(kept.user.Password, tc.account.Password) {
				t.Error("the stored hash is not of the password")
			}
		})
	}
}
