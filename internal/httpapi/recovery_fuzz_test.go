package httpapi

import (
	"slices"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/recovery"
)

// FuzzRecoveryBody reads the bodies of recovery settings and mails.
func FuzzRecoveryBody(f *testing.F) {
	addBodies(f,
		`{"enabled":true,"email_customer_until_cart_is_recovered":true,"marketing_emails_require_customer_consent":false,
			"email_merchant_when_cart_is_converted":true,"email_merchant_when_cart_is_abandoned":true,"merchant_email_address":"a@b.example",
			"merchant_abandoned_cart_email_frequency_type":"digest","merchant_abandoned_cart_digest_email_frequency":"5"}`,
		`{"enable_notification":null,"enabled":1,"merchant_email_address":"","merchant_abandoned_cart_digest_email_frequency":1e3}`,
		`{"is_active":true,"notify_at_minutes":60,"coupon_code":"x","template":{"subject":"s","body":"{{#if}}","translations":[{"locale":"en","keys":{"a":"b"}}]}}`,
		`{"template":{"subject":null,"translations":[null,{"keys":[]},{"keys":{"\u0000":1}}]},"notify_at_minutes":1.5}`,
		`{"use_global":"true","cart_id":5,"locale":"fr_CA"}`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		if in, ok := read(t, body, readRecoverySettings); ok {
			checkText(t, in.MerchantEmail)
			if in.DigestSize < recovery.MinDigest || in.DigestSize > recovery.MaxDigest || !slices.Contains(recovery.Frequencies, in.Frequency) ||
				in.MerchantEmail != "" && !cart.ValidEmail(in.MerchantEmail) {
				t.Fatalf("read %+v", in)
			}
		}
		if in, ok := read(t, body, readRecoveryOverrides); ok && in.DigestSize.To != nil && (!in.DigestSize.Given || *in.DigestSize.To < recovery.MinDigest) {
			t.Fatalf("read %+v", in)
		}
		if in, ok := read(t, body, readNewMailTemplate); ok {
			checkText(t, in.Text.Subject, in.Text.Body)
			for _, tr := range in.Text.Translations {
				checkText(t, tr.Locale)
				for key, words := range tr.Keys {
					checkText(t, key, words)
				}
			}
		}
		read(t, body, readMailTemplate)
		read(t, body, readUseGlobal)
		if of, ok := read(t, body, readPreview); ok {
			checkText(t, string(of.CartID), of.Locale)
		}
		if of, ok := read(t, body, readTestMail); ok && !cart.ValidEmail(of.To) {
			t.Errorf("%q is no address", of.To)
		}
	})
}
