package httpapi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/promotion"
)

// FuzzPromotionBody reads the bodies of POST and PUT /v3/promotions. What is
// taken is kept as it is, shown as JSON, and read again as the same.
func FuzzPromotionBody(f *testing.F) {
	deep := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	rule := func(action, condition string) string {
		return `{"name":"X","redemption_type":"COUPON","rules":[{"action":` + action + `,"condition":` + condition + `}]}`
	}
	value := `{"cart_value":{"discount":{"percentage_amount":"10"}}}`
	addBodies(f,
		rule(value, "null"), rule(`{"cart_value":{"discount":{"fixed_amount":"12.95"},"maximum_allowed_discount_amount":null}}`, `{"cart":{"minimum_spend":100}}`),
		rule(`{"fixed_price_set":{"quantity":3,"fixed_price":"20","items":{"and":[{"brands":[1]},{"not":{"variants":[2]}}]}}}`, `{"and":[{"cart":{"items":{"products":["1"]},"minimum_quantity":1}}]}`),
		rule(`{"gift_item":{"quantity":1,"product_id":1}}`, `{"not":{"or":[]}}`), rule(`{"shipping":{"zone_ids":"*"}}`, `{"cart":{}}`), rule(`{"shipping":{"free_shipping":true,"zone_ids":[1]}}`, `{}`),
		rule(value, deep(`{"not":`, `{"cart":{}}`, `}`, 7)), rule(value, deep(`{"not":`, `{"cart":{}}`, `}`, 8)), rule(value, deep(`{"and":[`, `{"cart":{}}`, `]}`, 5000)),
		rule(`{"cart_items":{"discount":{"percentage_amount":5},"items":`+deep(`{"or":[`, `{"product_option":{"type":"string_match","name":"a","values":["b"]}}`, `]}`, 5000)+`}}`, "null"),
		`{"status":"INVALID","end_date":null,"schedule":null,"channels":null,"customer":null,"shipping_address":null,"notifications":null,"max_uses":null,"display_name":null}`,
		`{"start_date":"2026-03-04","end_date":"9999-12-31T23:59:59Z","schedule":{"week_frequency":1,"week_days":["Monday"],"daily_start_time":"00:00:00","daily_end_time":"23:59:59"},"currency_code":"eur","channels":[{"id":"2"},{"id":2}]}`,
		`{"customer":{"segments":{"id":["a"]},"group_ids":[],"excluded_group_ids":[0]},"shipping_address":{"countries":[{"iso2_country_code":"de"}]},"notifications":[{"type":"UPSELL","content":"\u0000","locations":["CART_PAGE"]}]}`,
	)
	shelf := promotion.Shelf{Offers: promotion.NewOffers(1, promotion.DefaultSettings, nil, nil), Store: fuzzStore(f), Catalog: catalog.NewSnapshot(1, 1, nil)}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, ok := read(t, body, readPromotion)
		if !ok {
			return
		}
		p, err := promotion.New(in, shelf, fuzzNow)
		if err != nil {
			if kind := fault.As(err); kind == nil || kind.Kind != fault.Invalid {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		kept := &promotion.Promotion{}
		stored, err := json.Marshal(p)
		if err == nil {
			err = json.Unmarshal(stored, kept)
		}
		if err != nil {
			t.Fatal(err)
		}
		checkText(t, string(stored))
		shown := promotionText(t, p)
		if again := promotionText(t, kept); again != shown {
			t.Fatal(cmp.Diff(shown, again))
		}
		fields, ok := read(t, []byte(shown), readPromotion)
		if !ok {
			t.Fatalf("what is shown is refused: %s", shown)
		}
		back, err := promotion.New(fields, shelf, fuzzNow)
		if err != nil {
			t.Fatalf("what is shown is refused: %v: %s", err, shown)
		}
		if again := promotionText(t, back); again != shown {
			t.Fatal(cmp.Diff(shown, again))
		}
	})
}

func promotionText(t *testing.T, p *promotion.Promotion) string {
	t.Helper()
	b, err := encodeJSON(promotionOf(promotion.Listed{Promotion: p, Shown: p.Status}))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// FuzzCouponBody reads the bodies of POST and PUT /v2/coupons.
func FuzzCouponBody(f *testing.F) {
	addBodies(f,
		`{"name":"$5 off","code":"S2549JM0Y","type":"per_total_discount","amount":"5","applies_to":{"entity":"categories","ids":[0]}}`,
		`{"name":"x","code":"a b","type":"percentage_discount","amount":1e2,"min_purchase":"0.00001","expires":"Thu, 31 Dec 2037 12:00:00 +0000","applies_to":{"entity":"products","ids":[]}}`,
		`{"restricted_to":{"countries":"AU,,nz"},"shipping_methods":null,"expires":null}`, `{"restricted_to":[],"shipping_methods":["\u0000"]}`, `{"restricted_to":{"countries":["au"]},"enabled":"true"}`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		in, ok := read(t, body, readCoupon)
		if !ok {
			return
		}
		c, err := promotion.NewCoupon(in, fuzzNow)
		if err != nil {
			if kind := fault.As(err); kind == nil || kind.Kind != fault.Invalid {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		checkText(t, c.Name, c.Code)
		if c.Amount < 0 || c.MinPurchase < 0 || c.Name == "" || promotion.CodeKey(c.Code) == "" {
			t.Fatalf("made %+v", c)
		}
		if b, err := encodeJSON(showCoupon(c)); err != nil || !json.Valid(b) {
			t.Fatalf("shown as %s, %v", b, err)
		}
	})
}

// FuzzPromotionCodeBody reads the bodies of codes and of batches of them.
func FuzzPromotionCodeBody(f *testing.F) {
	addBodies(f, `{"code":"LANTERN10","max_uses":"10"}`, `{"batch_size":250,"max_uses":0}`, `{"code":" ","batch_size":0}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		if in, ok := read(t, body, readPromotionCode); ok {
			checkText(t, in.Code)
			if in.MaxUses < 0 || in.MaxUsesPerCustomer < 0 {
				t.Fatalf("read %+v", in)
			}
		}
		type batch struct {
			size int64
			promotion.CodeFields
		}
		in, ok := read(t, body, func(v value) batch { n, f := readCodeBatch(v); return batch{n, f} })
		if ok && (in.size < 1 || in.size > promotion.MaxBatch) {
			t.Fatalf("read %+v", in)
		}
	})
}
