package httpapi

import (
	"testing"

	"cartwright/internal/hook"
)

// FuzzHookBody reads the bodies of webhooks and of their admin information.
func FuzzHookBody(f *testing.F) {
	addBodies(f,
		`{"scope":"store/cart/*","destination":"https://hooks.example.com/bc","is_active":true,"headers":{"X-Shared-Secret":"s3cr3t"}}`,
		`{"scope":"store/channel/1/cart/*","destination":"http://[::1]:9000/?x#y","headers":null}`,
		`{"headers":{"":"","a b":1,"Host":null},"is_active":"yes"}`,
		`{"emails":["a@b.example","A@b.example",5,null]}`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		if in, ok := read(t, body, readNewHook); ok {
			checkText(t, *in.Scope, *in.Destination)
			for _, text := range in.Headers { // the rules look at the names
				checkText(t, text)
			}
			hook.ValidScope(*in.Scope)
			if err := (hook.Policy{}).Check(*in.Destination); err == nil && hook.Origin(*in.Destination) == "" {
				t.Fatalf("%q has no origin", *in.Destination)
			}
		}
		if in, ok := read(t, body, readHook); ok && in.HasHeaders != (in.Headers != nil) && in.Headers != nil {
			t.Fatalf("read %+v", in)
		}
		if emails, ok := read(t, body, readEmails); ok && len(emails) > hook.MaxEmails {
			t.Fatalf("%d addresses", len(emails))
		}
	})
}
