package app

import (
	"fmt"
	"testing"
	"time"

	"cartwright/internal/recovery"
	"cartwright/internal/testdb"
)

type suppressionEntry struct {
	Hash   string `json:"address_hash"`
	Reason string
}

func (p *post) suppressions(query string) []suppressionEntry {
	p.Helper()
	var list struct{ Data []suppressionEntry }
	p.call("GET", "/v3/recovery/suppressions"+query, "", 200, &list)
	return list.Data
}

// Addresses are put on the list and taken off it, by the address or by its
// hash. What its owner asked for takes the place of what the merchant put there,
// and stays.
func TestSuppressions(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	var made struct{ Data suppressionEntry }
	for _, tt := range []struct{ body, want string }{
		{`{"email":"Ada@Example.com"}`, "merchant"},
		{`{"email":"ada@example.com","reason":"hard_bounce"}`, "merchant"},
		{`{"email":"ada@example.com","reason":"complaint"}`, "complaint"},
		{`{"email":"ada@example.com"}`, "complaint"},
	} {
		p.call("POST", "/v3/recovery/suppressions", tt.body, 200, &made)
		if made.Data.Hash != recovery.AddressHash("demo", "ada@example.com") || made.Data.Reason != tt.want {
			t.Errorf("%s made %+v", tt.body, made.Data)
		}
	}
	for query, n := range map[string]int{"": 1, "?email=ADA@example.com": 1, "?email=bob@example.com": 0, "?address_hash=" + made.Data.Hash: 1} {
		if got := p.suppressions(query); len(got) != n {
			t.Errorf("%q lists %+v", query, got)
		}
	}
	for _, bad := range []string{`{}`, `{"email":"nobody"}`, `{"email":"ada@example.com","reason":"because"}`, `{"email":"ada@example.com","reason":null}`, `[]`} {
		p.call("POST", "/v3/recovery/suppressions", bad, 422, nil)
	}
	for _, bad := range []string{"", "?email=nobody", "?address_hash=abc", "?email=ada@example.com&address_hash=" + made.Data.Hash} {
		p.call("DELETE", "/v3/recovery/suppressions"+bad, "", 422, nil)
	}
	p.call("DELETE", "/v3/recovery/suppressions?address_hash="+made.Data.Hash, "", 204, nil)
	p.call("DELETE", "/v3/recovery/suppressions?email=ada@example.com", "", 404, nil)
	if got := p.suppressions(""); len(got) != 0 {
		t.Errorf("%+v is still on the list", got)
	}
}

// What came back is taken once, and only what is one of ours is recorded.
func TestBounces(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	p.guest("ada@example.com")
	p.wind(3 * time.Hour)
	m := p.wantMails("the first", 1)[0]
	report := func(body string, suppressed, recorded int) {
		t.Helper()
		var got struct {
			Data struct{ Suppressed, Recorded int }
		}
		p.call("POST", "/v3/recovery/bounces", body, 200, &got)
		if got.Data.Suppressed != suppressed || got.Data.Recorded != recorded {
			t.Errorf("%s: %+v", body, got.Data)
		}
	}
	report(`{"email":"ada@example.com","type":"soft","message_id":"`+m.ID+`"}`, 0, 0)
	report(fmt.Sprintf(`[{"email":"ada@example.com","type":"hard","message_id":"<%s>"},{"email":"bob@example.com","type":"complaint"}]`, m.ID), 2, 1)
	report(fmt.Sprintf(`[{"email":"ada@example.com","type":"hard","message_id":"<%s>"}]`, m.ID), 0, 0)
	report(`[]`, 0, 0)
	for _, bad := range []string{`{}`, `[{"email":"ada@example.com","type":"hard"},{"email":"x","type":"hard"}]`, `{"email":"ada@example.com","type":"loud"}`, `[null]`} {
		p.call("POST", "/v3/recovery/bounces", bad, 422, nil)
	}
}

// Nothing but taking an address off the list lets mails go there again: not
// what its owner agrees to later.
func TestAgreeingAgainLiftsNothing(t *testing.T) {
	for _, why := range recovery.SuppressionReasons {
		p := newPost(t, testdb.URL(t))
		p.only(1)
		p.call("POST", "/v3/recovery/suppressions", fmt.Sprintf(`{"email":"ada@example.com","reason":%q}`, why), 200, nil)
		p.call("POST", "/v3/customers/subscribers", `{"email":"ada@example.com","consents":["abandoned_cart"]}`, 200, nil)
		id := p.guest("ada@example.com")
		p.wind(3 * time.Hour)
		p.wantLedger(id, "1 skipped suppressed: "+string(why))
		p.call("DELETE", "/v3/recovery/suppressions?email=ada@example.com", "", 204, nil)
		again := p.guest("ada@example.com")
		p.wind(3 * time.Hour)
		p.wantLedger(again, "1 "+claimedDue, "1 "+sentAccepted)
	}
}

// The ledger answers by what it is asked for, in parts.
func TestDecisions(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	p.only(1)
	sent, nobody := p.guest("ada@example.com"), p.cart(0)
	p.wind(3 * time.Hour)
	var list struct {
		Data []struct {
			CartID  string `json:"cart_id"`
			Outcome string
			Reason  string
			Address *string `json:"address_hash"`
		}
	}
	ask := func(query string, n int) {
		t.Helper()
		p.call("GET", "/v3/recovery/decisions"+query, "", 200, &list)
		if len(list.Data) != n {
			t.Errorf("%q lists %+v", query, list.Data)
		}
	}
	ask("", 3)
	ask("?cart_id="+string(sent), 2)
	ask("?outcome=sent&reason=accepted&template_id=1&min_date=2020-01-01", 1)
	ask("?max_date=2020-01-01", 0)
	ask("?limit=2&direction=desc", 2)
	ask("?cart_id="+string(nobody), 1)
	if d := list.Data[0]; d.Outcome != "skipped" || d.Reason != "no_address" || d.Address != nil {
		t.Errorf("%+v", d)
	}
	for _, bad := range []string{"?outcome=x", "?reason=x", "?template_id=x", "?min_date=x", "?limit=0"} {
		p.call("GET", "/v3/recovery/decisions"+bad, "", 422, nil)
	}
}
