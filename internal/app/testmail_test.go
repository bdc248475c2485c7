package app

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"cartwright/internal/testkit"
)

const testPath = "/v3/recovery/templates/1/test"

// TestTestMails is our own test-send: a mail as it would be sent, to one
// address, that nothing counts.
func TestTestMails(t *testing.T) {
	sink := (&testkit.SMTPSink{}).Start(t)
	s := mailShop(t, Config{SMTP: sink.URL()})
	s.walk(
		step{"", "POST", testPath, `{"to":"owner@shop.example","locale":"de"}`, 200, []string{`"to":"owner@shop.example"`, `"message_id":"test.`, `"subject":"`}},
		step{"reader", "POST", testPath, `{"to":"owner@shop.example"}`, 403, nil},
		step{"", "POST", testPath, `{}`, 422, []string{`"to"`}},
		step{"", "POST", testPath, `{"to":"a@shop.example, b@shop.example"}`, 422, []string{`"to"`}},
		step{"", "POST", testPath, `{"to":["a@shop.example"]}`, 422, []string{`"to"`}},
		step{"", "POST", testPath, `{"to":"owner@shop.example\r\nBcc: eve@shop.example"}`, 422, []string{`"to"`}},
		step{"", "POST", testPath, `{"to":"owner@shop.example","cart_id":"nowhere"}`, 422, []string{`"cart_id"`}},
		step{"", "POST", "/v3/recovery/templates/99/test", `{"to":"owner@shop.example"}`, 404, nil},
		step{"", "GET", "/v3/marketing/abandoned-cart-emails/1", "", 200, []string{`"sent_num":0`}},
		step{"", "GET", "/v3/recovery/decisions", "", 200, []string{`"data":[]`}},
	)
	got := sink.Mails()
	if len(got) != 1 || got[0].To[0] != "owner@shop.example" || got[0].Header.Get("X-Cartwright-Test") != "true" {
		t.Fatalf("arrived: %+v", got)
	}
	if !strings.Contains(got[0].HTML, `lang="de"`) || !strings.Contains(got[0].HTML, "&lt;b&gt;Lämp") {
		t.Errorf("arrived: %s", got[0].HTML)
	}
}

func TestTestMailsGoOnce(t *testing.T) {
	var mu sync.Mutex
	var answers []error // of the next mails
	next := func(testkit.SinkMail) error {
		mu.Lock()
		defer mu.Unlock()
		if len(answers) == 0 {
			return nil
		}
		first := answers[0]
		answers = answers[1:]
		return first
	}
	sink := (&testkit.SMTPSink{OnData: next}).Start(t)
	s := mailShop(t, Config{SMTP: sink.URL()})
	send := func(key string, status int, part string) {
		t.Helper()
		w := s.send("all", "POST", testPath, `{"to":"owner@shop.example"}`, http.Header{"Idempotency-Key": {key}})
		if w.Code != status || !strings.Contains(w.Body.String(), part) {
			t.Errorf("%s answers %d %s, want %d with %s", key, w.Code, w.Body, status, part)
		}
	}
	arrived := func(want int) {
		t.Helper()
		if got := len(sink.Mails()); got != want {
			t.Errorf("%d mails arrived, want %d", got, want)
		}
	}
	send("a", 200, "message_id")
	send("a", 200, "message_id")
	arrived(1)

	// What was certainly not sent can be tried again with its key.
	answers = []error{testkit.Answer(451, "4.3.0 later"), testkit.Answer(554, "5.7.1 spam")}
	send("b", 503, "451 4.3.0 later")
	send("b", 422, "554 5.7.1 spam")
	send("b", 200, "message_id")
	send("b", 200, "message_id")
	arrived(2)

	// What may have been sent is not.
	answers = []error{testkit.ErrHangUp}
	send("c", 503, "may have been sent")
	send("c", 200, "message_id")
	arrived(2)
}

func TestTestMailsNeedAMailServer(t *testing.T) {
	s := newStreet(t)
	s.do(step{"", "POST", testPath, `{"to":"owner@shop.example"}`, 503, []string{"--smtp"}})
}
