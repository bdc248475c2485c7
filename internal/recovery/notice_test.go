package recovery

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// TestTellings is spec/02 §7: what the merchant is told of, and by which
// settings.
func TestTellings(t *testing.T) {
	all := Settings{TellAbandoned: true, TellConverted: true, MerchantEmail: "owner@shop.example", Frequency: Individual, DigestSize: 3}
	tests := map[string]struct {
		change                      func(*Settings)
		abandoned, converted, every string
	}{
		"each one":           {func(*Settings) {}, "abandoned", "converted", "0"},
		"by the digest":      {func(s *Settings) { s.Frequency = Digest }, "digest", "converted", "3"},
		"shoppers get none":  {func(s *Settings) { s.Notify = false }, "abandoned", "converted", "0"},
		"only orders":        {func(s *Settings) { s.TellAbandoned = false }, "", "converted", "0"},
		"only abandoned":     {func(s *Settings) { s.TellConverted = false }, "abandoned", "", "0"},
		"nobody to tell":     {func(s *Settings) { s.MerchantEmail = "" }, "", "", "0"},
		"nobody, in digests": {func(s *Settings) { s.MerchantEmail, s.Frequency = "", Digest }, "", "", "0"},
	}
	for name, tc := range tests {
		s := all
		tc.change(&s)
		got := map[string]string{"abandoned": "", "converted": "", "every": "0"}
		if told := s.TellOfAbandoned(NoticeCart{}); told != nil {
			got["abandoned"], got["every"] = string(told.Kind), fmt.Sprint(told.Every)
		}
		if told := s.TellOfConverted(NoticeCart{}); told != nil {
			got["converted"] = string(told.Kind)
		}
		if got["abandoned"] != tc.abandoned || got["converted"] != tc.converted || got["every"] != tc.every {
			t.Errorf("%s: got %v, want %+v", name, got, tc)
		}
	}
}

func noticeShop(t *testing.T, name string) cart.Shop {
	t.Helper()
	usd, err := merchant.NewCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	usd.Default = true
	return cart.Shop{Store: &merchant.Store{Hash: "demo", Name: name, Currencies: []merchant.Currency{usd}, EmailFrom: "hello@shop.example",
		Channels: []merchant.Channel{{ID: 1, Name: "Web shop"}}}, PublicURL: "https://carts.example"}
}

func noticeCart(name string) NoticeCart {
	return NoticeCart{Cart: "c-1", Name: name, Email: "ada@example.com", Currency: "USD", Total: 48*money.Unit + 4000,
		At:    time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC),
		Lines: []SentLine{{Name: "Desk lamp", Quantity: 1, Price: 34*money.Unit + 9000}, {Name: name, Quantity: 3, Price: 4*money.Unit + 5000}}}
}

// TestNoticeSays is what each notice tells, in HTML and in text.
func TestNoticeSays(t *testing.T) {
	ordered := noticeCart("Ada Byron")
	ordered.Order = 105
	long := noticeCart("Grace")
	for range 9 {
		long.Lines = append(long.Lines, SentLine{Name: "Notebook", Quantity: 1, Price: money.Unit})
	}
	tests := map[string]struct {
		notice Notice
		want   []string
		not    []string
	}{
		"Lamps: a cart of $48.40 was abandoned": {Notice{Kind: TellAbandoned, Channel: 1, Carts: []NoticeCart{noticeCart("Ada Byron")}},
			[]string{"Web shop", "Cart c-1", "Shopper: Ada Byron", "E-mail: ada@example.com", "Abandoned: 4 March 2026, 12:00 UTC",
				"1 × Desk lamp", "$34.90", "3 × Ada Byron", "($4.50 each)", "$13.50", "Total", "$48.40"}, []string{"Order ", "more", "Webhook"}},
		"Lamps: an abandoned cart became order 105": {Notice{Kind: TellConverted, Channel: 1, Carts: []NoticeCart{ordered}},
			[]string{"Order 105", "Ordered: 4 March 2026, 12:00 UTC", "Order total, with shipping and tax", "$48.40"}, nil},
		"Lamps: 2 carts were abandoned": {Notice{Kind: TellDigest, Channel: 1, Carts: []NoticeCart{{Cart: "c-2", Currency: "EUR", Total: money.Unit, At: ordered.At}, long.brief()}},
			[]string{"Cart c-2", "Cart c-1", "and 6 more"}, nil},
		"Lamps: a webhook was deactivated": {Notice{Kind: TellHook, Hook: &NoticeHook{7, "store/cart/*", "https://hooks.example/x"}},
			[]string{"Webhook 7", "store/cart/*", "https://hooks.example/x"}, []string{"Cart ", "Total"}},
	}
	for subject, tc := range tests {
		m, err := tc.notice.message(t.Context(), noticeShop(t, "Lamps"))
		if err != nil || m.Subject != subject {
			t.Errorf("the subject is %q, want %q (%v)", m.Subject, subject, err)
		}
		for _, want := range tc.want {
			if !strings.Contains(m.HTML, want) || !strings.Contains(m.Text, want) {
				t.Errorf("%s: no %q in\n%s\n%s", subject, want, m.Text, m.HTML)
			}
		}
		for _, not := range tc.not {
			if strings.Contains(m.Text, not) {
				t.Errorf("%s: %q in\n%s", subject, not, m.Text)
			}
		}
	}
}

// TestNoticeNames: what strangers call themselves is text.
func TestNoticeNames(t *testing.T) {
	const bad = "<script>alert(1)</script>\r\nBcc: x@y.example {{store}} & \"'"
	n := Notice{Kind: TellAbandoned, Carts: []NoticeCart{noticeCart(bad)}}
	n.Carts[0].Email = bad
	m, err := n.message(t.Context(), noticeShop(t, bad))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "{{store}} & ") || strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("%s\n%s", m.Subject, m.HTML)
	}
	if !strings.Contains(m.HTML, "&lt;script&gt;") || !strings.Contains(m.Text, "<script>alert(1)</script>") {
		t.Errorf("the name is lost: %s\n%s", m.HTML, m.Text)
	}
}

// TestLargestDigest: a digest of the largest number of carts can be written.
func TestLargestDigest(t *testing.T) {
	n := Notice{Kind: TellDigest}
	for range MaxDigest {
		c := noticeCart(strings.Repeat("<", 250))
		c.Lines = []SentLine{c.Lines[1], c.Lines[1], c.Lines[1], c.Lines[1], c.Lines[1], c.Lines[1]}
		n.Carts = append(n.Carts, c.brief())
	}
	m, err := n.message(t.Context(), noticeShop(t, "Lamps"))
	if err != nil || strings.Count(m.Text, "Cart c-1") != MaxDigest {
		t.Errorf("%d carts, %v", strings.Count(m.Text, "Cart c-1"), err)
	}
}

// TestNoticeSettles is what becomes of a notice, by what the mail server said.
func TestNoticeSettles(t *testing.T) {
	created := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	slow := fmt.Errorf("451 later: %w", ErrTemporary)
	tests := map[string]struct {
		said     error
		attempts int
		after    time.Duration
		state    NoticeState
		due      time.Duration
	}{
		"taken":                     {nil, 0, 0, NoticeSent, 0},
		"refused for now":           {slow, 0, 0, NoticeDeferred, 5 * time.Minute},
		"refused for now again":     {slow, 1, 5 * time.Minute, NoticeDeferred, 35 * time.Minute},
		"refused too often":         {slow, 4, 9 * time.Hour, NoticeFailed, 0},
		"refused for too long":      {slow, 3, 20 * time.Hour, NoticeFailed, 0},
		"refused":                   {ErrRefused, 0, 0, NoticeFailed, 0},
		"nobody there":              {ErrNoSuchAddress, 0, 0, NoticeFailed, 0},
		"no answer":                 {ErrNoAnswer, 0, 0, NoticeUnknown, 0},
		"who knows what went wrong": {errors.New("panic"), 0, 0, NoticeUnknown, 0},
	}
	for name, tc := range tests {
		n := Notice{State: NoticeClaimed, Created: created, Due: created, Attempts: tc.attempts}
		now := created.Add(tc.after)
		n.settle(now, tc.said)
		due, finished := time.Time{}, now
		if tc.due != 0 {
			due, finished = created.Add(tc.due), time.Time{}
		}
		if n.State != tc.state || !n.Due.Equal(due) || !n.Finished.Equal(finished) || n.Attempts != tc.attempts+1 {
			t.Errorf("%s: %+v", name, n)
		}
	}
}
