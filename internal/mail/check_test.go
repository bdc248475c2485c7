package mail

import (
	"strings"
	"testing"
	"time"

	"cartwright/internal/testkit"
)

func TestCheck(t *testing.T) {
	server, client := certificate(t)
	tests := map[string]struct {
		sink *testkit.SMTPSink
		want Greeting
		says string // "" is no error
	}{
		"plain":              {&testkit.SMTPSink{}, Greeting{}, ""},
		"STARTTLS":           {&testkit.SMTPSink{TLS: server}, Greeting{Secure: true}, ""},
		"TLS from the start": {&testkit.SMTPSink{TLS: server, Implicit: true, User: "u", Password: "p"}, Greeting{Secure: true, Login: true}, ""},
		"a name":             {&testkit.SMTPSink{User: "u", Password: "p"}, Greeting{Login: true}, ""},
		"a wrong password":   {&testkit.SMTPSink{User: "u", Password: "wrong"}, Greeting{}, "authentication with PLAIN: 535 5.7.8"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.sink.OnMail = func(string) error { t.Error("a mail was begun"); return nil }
			sink := tc.sink.Start(t)
			got, err := mailer(t, strings.Replace(sink.URL(), "u:wrong@", "u:p@", 1), client).Check(t.Context())
			if tc.says != "" {
				if err == nil || !strings.Contains(err.Error(), tc.says) {
					t.Fatalf("the error is %v, want one with %q", err, tc.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if left := time.Until(got.Until); tc.want.Secure && (left < 50*time.Minute || left > time.Hour) {
				t.Errorf("the certificate ends in %s", left)
			}
			got.Until = time.Time{}
			if got != tc.want {
				t.Errorf("found %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestCheckTrustsNobodyUnknown(t *testing.T) {
	server, _ := certificate(t)
	sink := (&testkit.SMTPSink{TLS: server}).Start(t)
	if _, err := mailer(t, sink.URL(), nil).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the error is %v", err)
	}
}
