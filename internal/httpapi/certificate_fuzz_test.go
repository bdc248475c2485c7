package httpapi

import (
	"testing"

	"cartwright/internal/order"
)

// FuzzGiftCertificateBody reads the bodies of POST and PUT
// /v2/gift_certificates.
func FuzzGiftCertificateBody(f *testing.F) {
	addBodies(f,
		`{"to_name":"Bob","to_email":"bob@shop.example","from_name":"Ada","from_email":"ada@shop.example","amount":"25","message":"\u0000"}`,
		`{"balance":1e3,"status":"disabled","expiry_date":"Thu, 31 Dec 2037 12:00:00 +0000","purchase_date":null,"template":"boy.html"}`,
		`{"expiry_date":"","currency_code":"usd","code":"x","order_id":"7"}`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		in, ok := read(t, body, readGiftCertificate)
		if !ok {
			return
		}
		for _, text := range []*string{in.Code, in.FromName, in.ToName, in.FromEmail, in.ToEmail, in.Message, in.Currency} {
			if text != nil {
				checkText(t, *text)
			}
		}
		if in.Amount != nil && *in.Amount < 0 || in.Balance != nil && *in.Balance < 0 {
			t.Fatalf("amounts %v %v", in.Amount, in.Balance)
		}
		c := order.Certificate{Code: "x"}
		if in.Expires != nil {
			c.Expires = *in.Expires
		}
		if b, err := encodeJSON(certificateOf(&c, fuzzNow)); err != nil || len(b) == 0 {
			t.Fatal(err)
		}
	})
}
