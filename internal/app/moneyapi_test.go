package app

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/money"
	"cartwright/internal/recovery"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// about returns what was sent to an address, oldest first.
func about(post *testkit.Mailer, to string) []recovery.Mail {
	return slices.DeleteFunc(post.Mails(), func(m recovery.Mail) bool { return m.To.Address != to })
}

func (s *street) wind(d time.Duration) {
	s.Helper()
	if err := s.app.Wind(s.Context(), d); err != nil {
		s.Fatal(err)
	}
}

// mails holds how many mails an address has got, and returns the last.
func (s *street) mails(post *testkit.Mailer, to string, want int) recovery.Mail {
	s.Helper()
	got := about(post, to)
	if len(got) != want {
		s.Fatalf("%s has %d mails, want %d", to, len(got), want)
	}
	if want == 0 {
		return recovery.Mail{}
	}
	return got[want-1]
}

const mintedPath = "/v3/recovery/coupons"

var mintedCode = regexp.MustCompile(`BACK-\w{4}-\w{4}`)

// mintedOf returns the only coupon that was made for a cart.
func (s *street) mintedOf(cartID string) (m struct {
	ID       int64 `json:"coupon_id"`
	Code     string
	State    string
	Reserved money.Amount
	Given    money.Amount
	Order    *int64 `json:"order_id"`
}) {
	s.Helper()
	w := s.do(step{"", "GET", mintedPath + "?cart_id=" + cartID, "", 200, nil})
	var list struct{ Data []json.RawMessage }
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Data) != 1 {
		s.Fatalf("the coupons of %s: %s", cartID, w.Body)
	}
	if err := json.Unmarshal(list.Data[0], &m); err != nil {
		s.Fatal(err)
	}
	return m
}

// TestCouponOfAMail is the life of a coupon that was made for a mail: it is in
// the mail, its cart alone can use it, once, and what it gave is counted.
func TestCouponOfAMail(t *testing.T) {
	post := &testkit.Mailer{}
	s := fit(newStreetWith(t, post))
	s.do(step{"", "PUT", optionsPath, `{"coupons":[{"template_id":1,"type":"percentage_discount","amount":25,"min_purchase":10,"valid_hours":48}],` +
		`"coupon_budget":{"amount":10,"days":30}}`, 200, nil})
	s.do(step{"", "GET", mintedPath + "/budget", "", 200, []string{`{"currency_code":"USD","amount":10,"days":30,`, `"given":0,"reserved":0,"left":10}`}})
	used, other := s.ready(s.mug), s.begin(s.mug, 2) // 16 dollars
	s.wind(61 * time.Minute)
	s.wind(60 * time.Minute)
	mail := s.mails(post, "ada@shop.example", 1)
	code := mintedCode.FindString(mail.Message.Text)
	if code == "" || !strings.Contains(mail.Message.HTML, code) || !strings.Contains(mail.Message.Text, "25%") {
		t.Fatalf("the mail has no coupon: %s", mail.Message.Text)
	}
	if m := s.mintedOf(string(cartOf(used))); m.Code != code || m.State != "open" || m.Reserved != 4*money.Unit || m.Order != nil {
		t.Errorf("minted %+v", m)
	}
	apply := fmt.Sprintf(`{"coupon_code":%q}`, strings.ToLower(code))
	refusal := fmt.Sprintf("The coupon code %s is not valid.", strings.ToLower(code))
	s.walk(
		step{"", "GET", "/v3/recovery/carts/" + string(cartOf(used)), "", 200, []string{`"detail":"coupon ` + code}},
		step{"", "GET", "/v2/coupons?code=" + code, "", 200, []string{`"name":"Abandoned cart ` + string(cartOf(used)), `"max_uses":1,"max_uses_per_customer":1`, `!"cart"`}},
		step{"", "POST", other + "/coupons", apply, 422, []string{refusal}},
		step{"", "POST", used + "/coupons", apply, 200, []string{`"code":"` + code + `"`, `"discounted_amount":4`}},
	)
	pay := func(at string) {
		t.Helper()
		s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", s.order(at)), `{"status_id":11}`, 200, nil})
	}
	pay(used)
	// A cart that leaves the coupon alone, of later than the order.
	s.wind(time.Minute)
	left := s.ready(s.product(`{"name":"Bowl","type":"physical","weight":1,"price":5}`))
	s.wind(121 * time.Minute)
	s.mails(post, "ada@shop.example", 2)
	unused := s.mintedOf(string(cartOf(left)))
	pay(left)
	if m := s.mintedOf(string(cartOf(used))); m.State != "redeemed" || m.Given != 4*money.Unit || m.Order == nil || *m.Order != 100 {
		t.Errorf("redeemed %+v", m)
	}
	if m := s.mintedOf(string(cartOf(left))); m.State != "void" || m.Given != 0 || m.Order != nil {
		t.Errorf("left over %+v", m)
	}
	s.walk(
		step{"", "GET", "/v2/coupons?code=" + unused.Code, "", 200, []string{`"enabled":false`}},
		step{"", "GET", mintedPath + "/budget", "", 200, []string{`"given":4,"reserved":0,"left":6}`}},
		step{"", "GET", mintedPath + "?state=void&limit=1", "", 200, []string{`"code":"` + unused.Code + `"`, `"total":1`}},
		step{"", "GET", mintedPath + "?state=lost", "", 422, []string{`"state":"error.expected.validenumvalue"`}},
		step{"", "POST", s.begin(s.mug, 2) + "/coupons", apply, 422, []string{refusal}},
		step{"", "PUT", "/v2/orders/100", `{"status_id":5}`, 200, nil}, // cancelled: it gave nothing
		step{"", "GET", mintedPath + "/budget", "", 200, []string{`"given":0,"reserved":0,"left":10}`}},
	)
}

// TestCouponBudgetIsUsedUp: the mail goes out without a coupon, and the ledger
// says why.
func TestCouponBudgetIsUsedUp(t *testing.T) {
	post := &testkit.Mailer{}
	s := fit(newStreetWith(t, post))
	s.do(step{"", "PUT", optionsPath, `{"coupons":[{"template_id":1,"type":"per_total_discount","amount":5,"min_purchase":0,"valid_hours":48}],` +
		`"coupon_budget":{"amount":9,"days":30}}`, 200, nil})
	first := s.ready(s.mug)
	s.wind(time.Minute)
	second := s.ready(s.mug)
	s.wind(121 * time.Minute)
	s.mails(post, "ada@shop.example", 2)
	s.walk(
		step{"", "GET", "/v3/recovery/carts/" + string(cartOf(first)), "", 200, []string{`"detail":"coupon BACK-`}},
		step{"", "GET", "/v3/recovery/carts/" + string(cartOf(second)), "", 200, []string{`"detail":"no coupon: coupon budget used up`}},
	)
	if m := about(post, "ada@shop.example")[1]; mintedCode.MatchString(m.Message.Text) {
		t.Errorf("a mail beyond the budget has a coupon: %s", m.Message.Text)
	}
}

// TestMerchantIsTold is spec/02 §7 and §11.7: a digest of three is one mail
// after the third abandoned cart, whoever the shoppers are and however often the
// server stopped in between; an order of one of the carts is another mail.
func TestMerchantIsTold(t *testing.T) {
	post := &testkit.Mailer{}
	c := Config{Database: testdb.URL(t), Sandbox: true, mailer: post, machine: standing()}
	s := fit(streetWith(t, c, lamps))
	s.do(step{"", "PUT", settingsPath, allSettings(`"enable_notification":true`, `"enable_notification":false`, `:5}`, `:3}`), 200, nil})
	first := s.ready(s.mug)
	s.cart("") // of nobody
	s.wind(61 * time.Minute)
	s.mails(post, "owner@lamps.example", 0)
	s.close()
	s.street = openStreet(t, c)
	third := s.cart("")
	s.wind(59 * time.Minute)
	s.mails(post, "owner@lamps.example", 0)
	s.wind(2 * time.Minute)
	digest := s.mails(post, "owner@lamps.example", 1)
	for _, want := range []string{"Demo", "Cart " + string(cartOf(first)), "Cart " + strings.TrimPrefix(third, "/v3/carts/"), "Shopper: Ada Byron",
		"E-mail: ada@shop.example", "2 × Mug", "$8.00", "$16.00", "$100.00"} {
		if !strings.Contains(digest.Message.Text, want) || !strings.Contains(digest.Message.HTML, want) {
			t.Errorf("the digest does not say %q: %s", want, digest.Message.Text)
		}
	}
	if digest.Message.Subject != "Demo: 3 carts were abandoned" || digest.Unsubscribe != "" || digest.From != (recovery.Mailbox{Name: "Demo", Address: "hello@shop.example"}) {
		t.Errorf("the digest is %+v", digest)
	}
	order := s.order(first)
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", order), `{"status_id":11}`, 200, nil})
	s.wind(time.Minute)
	converted := s.mails(post, "owner@lamps.example", 2)
	if converted.Message.Subject != fmt.Sprintf("Demo: an abandoned cart became order %d", order) {
		t.Errorf("converted: %+v", converted.Message)
	}
	bought := s.ready(s.mug) // never abandoned
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", s.order(bought)), `{"status_id":11}`, 200, nil})
	s.wind(24 * time.Hour)
	s.mails(post, "owner@lamps.example", 2)
	s.mails(post, "ada@shop.example", 0)
	s.walk(
		step{"", "GET", noticesPath, "", 200, []string{`"total":2`, `"state":"sent","attempts":1`, `"kind":"digest"`, `"order_ids":[100]`, string(cartOf(first))}},
		step{"", "GET", noticesPath + "?kind=digest&state=sent", "", 200, []string{`"total":1`, `"channel_id":1,"recipient":"owner@lamps.example"`}},
		step{"", "GET", noticesPath + "?kind=letter", "", 422, []string{`"kind":"error.expected.validenumvalue"`}},
	)
}

const noticesPath = "/v3/recovery/notices"
