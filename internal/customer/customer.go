// Package customer holds the people a store knows: customers with an account,
// and subscribers who only left an address.
package customer

import (
	"time"

	"cartwright/internal/money"
)

// Customer is a person with an account (spec/05 §3).
type Customer struct {
	ID        int64  `json:"id"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Company   string `json:"company,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Notes     string `json:"notes,omitempty"`
	// TaxExemptCategory is a code that tax rules know.
	TaxExemptCategory string `json:"tax_exempt_category,omitempty"`
	// GroupID is 0 for a customer in no group.
	GroupID int64 `json:"customer_group_id,omitempty"`
	// AcceptsAbandonedCartEmails is the consent that recovery mail needs. It is
	// false until the customer or the merchant says otherwise.
	AcceptsAbandonedCartEmails bool    `json:"accepts_abandoned_cart_emails,omitempty"`
	OriginChannelID            int64   `json:"origin_channel_id"`
	ChannelIDs                 []int64 `json:"channel_ids,omitempty"` // nil means every channel
	RegistrationIP             string  `json:"registration_ip_address,omitempty"`
	ForcePasswordReset         bool    `json:"force_password_reset,omitempty"`
	// StoreCredit is in the store's default currency.
	StoreCredit money.Amount `json:"store_credit,omitempty"`

	Created  time.Time `json:"date_created"`
	Modified time.Time `json:"date_modified"`
}

// Subscriber is an address with what its owner agreed to receive.
type Subscriber struct {
	ID        int64    `json:"id"`
	Email     string   `json:"email"`
	FirstName string   `json:"first_name,omitempty"`
	LastName  string   `json:"last_name,omitempty"`
	Source    string   `json:"source,omitempty"`
	OrderID   int64    `json:"order_id,omitempty"`
	ChannelID int64    `json:"channel_id"`
	Consents  []string `json:"consents,omitempty"` // abandoned_cart, marketing_newsletter

	Created  time.Time `json:"date_created"`
	Modified time.Time `json:"date_modified"`
}
