package httpapi

import (
	"slices"
	"testing"

	"cartwright/internal/cart"
	"cartwright/internal/recovery"
)

// FuzzLedgerBody reads reports of mails that came back, and entries of the list
// of who gets none.
func FuzzLedgerBody(f *testing.F) {
	addBodies(f,
		`{"email":"ada@example.com","reason":"complaint"}`,
		`{"email":"ada@example.com","type":"hard","message_id":"<1.2.abc@shop.example>"}`,
		`[{"email":"ada@example.com","type":"soft"},{"email":"x","type":null},null,[],1]`,
		`[]`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		if all, ok := read(t, body, readBounces); ok {
			for _, b := range all {
				checkText(t, b.Email, b.MessageID)
				if !cart.ValidEmail(b.Email) || !slices.Contains(recovery.BounceKinds, b.Kind) {
					t.Fatalf("read %+v", b)
				}
			}
		}
		if in, ok := read(t, body, readSuppression); ok && (!cart.ValidEmail(in.email) || !slices.Contains(recovery.SuppressionReasons, in.why)) {
			t.Fatalf("read %+v", in)
		}
	})
}
