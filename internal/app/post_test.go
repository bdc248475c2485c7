package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/merchant"
	"cartwright/internal/recovery"
	"cartwright/internal/testkit"
)

// post is a sandbox whose mails are kept, and its clock, which windings alone
// move.
type post struct {
	testing.TB

	app      *App
	machine  clock.Clock
	mailer   *testkit.Mailer
	database string
	guide    int64 // a product that needs no shipping
}

const postToken = "post-token"

func newPost(t testing.TB, database string) *post {
	t.Helper()
	p := &post{TB: t, machine: standing(), mailer: &testkit.Mailer{}, database: database}
	p.open()
	if _, err := p.app.Merchants.CreateStore(t.Context(), merchant.Setup{Hash: "demo", Name: "Lamps & more", URL: "https://shop.example", EmailFrom: "hello@shop.example"}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.app.Merchants.AddToken(t.Context(), merchant.Grant{Store: "demo", Scopes: []string{"all"}, ClientID: "post"}, postToken); err != nil {
		t.Fatal(err)
	}
	var made struct{ Data struct{ ID int64 } }
	p.call("POST", "/v3/catalog/products", `{"name":"Guide","type":"digital","weight":0,"price":5}`, 200, &made)
	p.guide = made.Data.ID
	return p
}

// config is that of each server of the post.
func (p *post) config() Config {
	return Config{Database: p.database, PublicURL: "https://carts.example", Sandbox: true, Log: slog.New(slog.DiscardHandler), mailer: p.mailer, machine: p.machine}
}

func (p *post) open() {
	p.Helper()
	a, err := Open(p.Context(), p.config())
	if err != nil {
		p.Fatal(err)
	}
	p.app = a
	p.Cleanup(func() {
		if p.app == a {
			p.close()
		}
	})
}

func (p *post) close() {
	p.Helper()
	if err := p.app.Close(); err != nil {
		p.Error(err)
	}
	p.app = nil
}

// restart stops the server and starts another on the same database.
func (p *post) restart() {
	p.Helper()
	p.close()
	p.open()
}

// call makes a request of the API and reads the answer.
func (p *post) call(method, path, body string, want int, into any) {
	p.Helper()
	r := httptest.NewRequest(method, "/stores/demo"+path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", postToken)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	p.app.Handler().ServeHTTP(w, r)
	if w.Code != want {
		p.Fatalf("%s %s %s: %d %s", method, path, body, w.Code, w.Body)
	}
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			p.Fatal(err)
		}
	}
}

// wind moves the clock ahead.
func (p *post) wind(d time.Duration) {
	p.Helper()
	if err := p.app.Wind(p.Context(), d); err != nil {
		p.Fatal(err)
	}
}

// cart makes a cart; a guest's when the customer is 0.
func (p *post) cart(customerID int64) cart.ID {
	p.Helper()
	var c struct{ Data struct{ ID string } }
	who := ""
	if customerID != 0 {
		who = fmt.Sprintf(`"customer_id":%d,`, customerID)
	}
	p.call("POST", "/v3/carts", fmt.Sprintf(`{%s"line_items":[{"product_id":%d,"quantity":1}]}`, who, p.guide), 201, &c)
	return cart.ID(c.Data.ID)
}

func (p *post) bill(id cart.ID, email string) {
	p.Helper()
	p.call("POST", "/v3/checkouts/"+string(id)+"/billing-address", fmt.Sprintf(`{"email":%q,"first_name":"Ada","last_name":"Byron","country_code":"US"}`, email), 200, nil)
}

// guest makes a cart of a guest with an address.
func (p *post) guest(email string) cart.ID {
	p.Helper()
	id := p.cart(0)
	p.bill(id, email)
	return id
}

func (p *post) change(id cart.ID) {
	p.Helper()
	p.call("POST", "/v3/carts/"+string(id)+"/items", fmt.Sprintf(`{"line_items":[{"product_id":%d,"quantity":1}]}`, p.guide), 201, nil)
}

func (p *post) order(id cart.ID) {
	p.Helper()
	var o struct{ Data struct{ ID int64 } }
	p.call("POST", "/v3/checkouts/"+string(id)+"/orders", "", 200, &o)
	p.call("PUT", fmt.Sprintf("/v2/orders/%d", o.Data.ID), `{"status_id":11}`, 200, nil)
}

// ledger is what the ledger says of a cart: "1 sent accepted", by time.
func (p *post) ledger(id cart.ID) []string {
	p.Helper()
	part, err := p.app.Recoveries.Decisions(p.Context(), "demo", recovery.DecisionFilter{Cart: id}, cursor.Range{Limit: 200})
	if err != nil {
		p.Fatal(err)
	}
	var out []string
	for _, d := range part.Entries {
		line := fmt.Sprintf("%d %s %s", d.Template, d.Outcome, d.Reason)
		if d.Detail != "" {
			line += ": " + d.Detail
		}
		out = append(out, line)
	}
	return out
}

func (p *post) wantLedger(id cart.ID, want ...string) {
	p.Helper()
	if diff := cmp.Diff(want, p.ledger(id)); diff != "" {
		p.Error(diff)
	}
}

// wantMails holds how many mails went out since it was last asked.
func (p *post) wantMails(what string, n int) []recovery.Mail {
	p.Helper()
	mails := p.mailer.Take()
	if len(mails) != n {
		p.Errorf("%s: %d mails, not %d", what, len(mails), n)
	}
	return mails
}

var linkToken = regexp.MustCompile(`[?&]t=([0-9a-f]{32})`)

func tokenIn(link string) string {
	m := linkToken.FindStringSubmatch(link)
	if m == nil {
		return ""
	}
	return m[1]
}
