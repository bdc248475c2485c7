package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/recovery"
	"cartwright/internal/testdb"
)

const claimedDue, sentAccepted = "claimed due", "sent accepted"

func TestASequenceIsSent(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	began := p.app.Clock.Now()
	id := p.guest("ada@example.com")
	p.wind(time.Hour + 59*time.Minute)
	p.wantMails("an hour before the first", 0)
	p.wind(2 * time.Minute)
	m := p.wantMails("two hours after the last change", 1)[0]
	if m.To != (recovery.Mailbox{Name: "Ada Byron", Address: "ada@example.com"}) || m.From != (recovery.Mailbox{Name: "Lamps & more", Address: "hello@shop.example"}) {
		t.Errorf("from %v to %v", m.From, m.To)
	}
	if tokenIn(m.Unsubscribe) == "" || !strings.Contains(m.Message.Text, "Guide") || !strings.Contains(m.Message.Text, "https://shop.example/cart.php?action=recover&t=") {
		t.Errorf("%s\n%s", m.Unsubscribe, m.Message.Text)
	}
	if at := m.At.Sub(began); at.Round(time.Second) != 2*time.Hour {
		t.Errorf("sent after %s", at)
	}
	p.wind(23 * time.Hour)
	p.wantMails("a day after it was abandoned", 1)
	p.wind(10 * 24 * time.Hour)
	p.wantMails("after two days, and never again", 1)
	p.wantLedger(id, "1 "+claimedDue, "1 "+sentAccepted, "2 "+claimedDue, "2 "+sentAccepted, "3 "+claimedDue, "3 "+sentAccepted)
	for i := range int64(3) {
		tpl, err := p.app.Recoveries.Template(t.Context(), "demo", i+1)
		if err != nil || tpl.Sent != 1 {
			t.Errorf("template %d: %+v, %v", i+1, tpl.Sent, err)
		}
	}
}

func TestWhatEndsASequence(t *testing.T) {
	ended := func(how string) []string {
		return []string{"1 " + claimedDue, "1 " + sentAccepted, "2 canceled episode_ended: " + how, "3 canceled episode_ended: " + how}
	}
	tests := map[string]struct {
		do   func(p *post, id cart.ID, m recovery.Mail)
		want []string
	}{
		"an order": {func(p *post, id cart.ID, _ recovery.Mail) { p.order(id) }, ended("converted")},
		"a change, and then it begins again": {func(p *post, id cart.ID, _ recovery.Mail) { p.change(id) },
			append(ended("changed"), "1 "+claimedDue, "1 "+sentAccepted, "2 "+claimedDue, "2 "+sentAccepted, "3 "+claimedDue, "3 "+sentAccepted)},
		"the cart is deleted": {func(p *post, id cart.ID, _ recovery.Mail) { p.call("DELETE", "/v3/carts/"+string(id), "", 204, nil) }, ended("gone")},
		"an order of another cart": {func(p *post, _ cart.ID, _ recovery.Mail) { p.order(p.guest("Ada@Example.com")) },
			[]string{"1 " + claimedDue, "1 " + sentAccepted, "2 skipped ordered_elsewhere", "3 skipped ordered_elsewhere"}},
		"unsubscribing": {func(p *post, _ cart.ID, m recovery.Mail) {
			if _, err := p.app.Recoveries.UnsubscribeToken(p.Context(), "demo", tokenIn(m.Unsubscribe)); err != nil {
				p.Error(err)
			}
		}, []string{"1 " + claimedDue, "1 " + sentAccepted, "2 skipped suppressed: unsubscribed", "3 skipped suppressed: unsubscribed"}},
		"a bounce": {func(p *post, _ cart.ID, m recovery.Mail) {
			got, err := p.app.Recoveries.TakeBounces(p.Context(), "demo", []recovery.Bounce{{Email: "ada@example.com", Kind: recovery.HardBounce, MessageID: "<" + m.ID + ">"}})
			if err != nil || got != (recovery.Bounces{Suppressed: 1, Recorded: 1}) {
				p.Errorf("%+v, %v", got, err)
			}
		}, []string{"1 " + claimedDue, "1 " + sentAccepted, "2 skipped suppressed: hard_bounce", "3 skipped suppressed: hard_bounce"}},
		"looking at the link does not": {func(p *post, _ cart.ID, m recovery.Mail) {
			if _, err := p.app.Recoveries.Resolve(p.Context(), "demo", tokenIn(m.Message.Text), recovery.Recover); err != nil {
				p.Error(err)
			}
		}, []string{"1 " + claimedDue, "1 " + sentAccepted, "2 " + claimedDue, "2 " + sentAccepted, "3 " + claimedDue, "3 " + sentAccepted}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, testdb.URL(t))
			id := p.guest("ada@example.com")
			p.wind(3 * time.Hour)
			mails := p.wantMails("the first", 1)
			tc.do(p, id, mails[0])
			p.wind(5 * 24 * time.Hour)
			p.wantLedger(id, tc.want...)
			sent := 0
			for _, line := range tc.want {
				if strings.HasSuffix(line, sentAccepted) {
					sent++
				}
			}
			others := slices.DeleteFunc(p.mailer.Take(), func(m recovery.Mail) bool { return m.To.Address != "ada@example.com" })
			if len(others) != sent-1 {
				t.Errorf("%d more mails, not %d", len(others), sent-1)
			}
		})
	}
}

func TestWhatAMailServerSays(t *testing.T) {
	one := func(err error) func(int) error { return func(int) error { return err } }
	temporary := fmt.Errorf("451 come back later: %w", recovery.ErrTemporary)
	const deferred = "1 deferred temporary_refusal: 451 come back later: refused for the time being"
	tests := map[string]struct {
		answer func(attempt int) error
		want   []string
		list   []recovery.Suppression
	}{
		"refused for good": {one(fmt.Errorf("554 no: %w", recovery.ErrRefused)), []string{"1 " + claimedDue, "1 failed refused: 554 no: refused"}, nil},
		"no such address": {one(fmt.Errorf("550 who: %w", recovery.ErrNoSuchAddress)), []string{"1 " + claimedDue, "1 failed refused: 550 who: no such address"},
			[]recovery.Suppression{recovery.ByHardBounce}},
		"no answer":            {one(recovery.ErrNoAnswer), []string{"1 " + claimedDue, "1 unknown no_answer: no answer"}, nil},
		"something else wrong": {one(fmt.Errorf("the line went dead")), []string{"1 " + claimedDue, "1 unknown no_answer: the line went dead"}, nil},
		"later": {func(attempt int) error {
			if attempt < 3 {
				return temporary
			}
			return nil
		}, []string{"1 " + claimedDue, deferred, "1 " + claimedDue, deferred, "1 " + claimedDue, "1 " + sentAccepted}, nil},
		"always later": {one(temporary), []string{"1 " + claimedDue, deferred, "1 " + claimedDue, deferred, "1 " + claimedDue, deferred, "1 " + claimedDue, deferred,
			"1 " + claimedDue, "1 failed attempts_over: 451 come back later: refused for the time being"}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, testdb.URL(t))
			p.only(1)
			attempts, ids := 0, map[string]bool{}
			p.mailer.Answer = func(m recovery.Mail) error {
				attempts++
				ids[m.ID] = true
				return tc.answer(attempts)
			}
			id := p.guest("ada@example.com")
			p.wind(48 * time.Hour)
			p.wantLedger(id, tc.want...)
			if len(ids) != 1 {
				t.Errorf("the attempts had the Message-IDs %v", ids)
			}
			list, err := p.app.Recoveries.Suppressions(t.Context(), "demo", recovery.SuppressionFilter{}, cursor.Range{Limit: 10})
			var why []recovery.Suppression
			for _, s := range list.Entries {
				why = append(why, s.Reason)
			}
			if diff := cmp.Diff(tc.list, why); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

// only turns every template off but those.
func (p *post) only(ids ...int64) {
	p.Helper()
	for id := range int64(3) {
		if !slices.Contains(ids, id+1) {
			p.call("PUT", fmt.Sprintf("/v3/marketing/abandoned-cart-emails/%d", id+1), `{"is_active":false}`, 200, nil)
		}
	}
}

// A mail that a server was sending when it died is never sent again, and the
// sequence goes on.
func TestAKilledServerSendsNothingTwice(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	id := p.guest("ada@example.com")
	p.mailer.Answer = func(recovery.Mail) error { panic("killed") }
	if err := p.app.Wind(t.Context(), 3*time.Hour); err == nil {
		t.Fatal("nothing was said of it")
	}
	p.mailer.Answer = nil
	p.restart()
	p.wind(3 * 24 * time.Hour)
	p.wantMails("the others", 2)
	episodes, err := p.app.DB.Episodes(t.Context(), "demo", id)
	if err != nil || len(episodes) != 1 {
		t.Fatalf("%+v, %v", episodes, err)
	}
	steps, err := p.app.DB.Steps(t.Context(), "demo", episodes[0].ID)
	if err != nil || len(steps) != 3 || len(steps[0].Lines) != 1 || steps[0].Lines[0].Name != "Guide" {
		t.Errorf("what stood in the mails: %+v, %v", steps, err)
	}
	p.wantLedger(id, "1 "+claimedDue, "1 unknown interrupted", "2 "+claimedDue, "2 "+sentAccepted, "3 "+claimedDue, "3 "+sentAccepted)
}

// The address that a customer left in the bill is not written to once the
// account is deleted, as little as before.
func TestDeletingACustomerIsNoConsent(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	p.call("POST", "/v3/customers", `[{"email":"ada@example.com","first_name":"Ada","last_name":"Byron"}]`, 200, nil)
	id, again := p.cart(1), p.cart(1)
	p.bill(id, "home@example.com")
	p.bill(again, "home@example.com")
	p.call("DELETE", "/v3/customers?id:in=1", "", 204, nil)
	p.bill(again, "bob@example.com")
	p.only(1)
	p.wind(3 * time.Hour)
	p.wantLedger(id, "1 skipped no_consent")
	p.wantLedger(again, "1 "+claimedDue, "1 "+sentAccepted)
}

// What cannot be rendered fails, with the reason.
func TestAMailThatCannotBeMade(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	p.only(1)
	p.call("PUT", "/v3/marketing/abandoned-cart-emails/1", `{"template":{"subject":"s","body":"{{#each cart.products}}`+
		strings.Repeat("x", 60_000)+`{{/each}}","translations":[]}}`, 200, nil)
	id := p.guest("ada@example.com")
	for i := range 20 {
		p.call("POST", "/v3/carts/"+string(id)+"/items", fmt.Sprintf(`{"custom_items":[{"name":"Thing %d","quantity":1,"list_price":1}]}`, i), 201, nil)
	}
	p.wind(3 * time.Hour)
	p.wantMails("none", 0)
	if got := p.ledger(id); len(got) != 2 || !strings.HasPrefix(got[1], "1 failed render_failed: ") {
		t.Errorf("%q", got)
	}
}

func TestQuietHoursPutOff(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	p.only(1)
	begin := p.app.Clock.Now().UTC()
	o := recovery.DefaultOptions()
	o.Quiet = &recovery.Quiet{From: begin.Add(time.Hour).Format("15:04"), To: begin.Add(6 * time.Hour).Format("15:04"), TimeZone: "UTC"}
	if _, err := p.app.Recoveries.SetOptions(t.Context(), "demo", o); err != nil {
		t.Fatal(err)
	}
	id := p.guest("ada@example.com")
	p.wind(5 * time.Hour)
	p.wantMails("in the night", 0)
	p.wind(2 * time.Hour)
	m := p.wantMails("in the morning", 1)[0]
	if m.At.UTC().Format("15:04") != o.Quiet.To {
		t.Errorf("sent at %s and not at %s", m.At.UTC(), o.Quiet.To)
	}
	if got := p.ledger(id); len(got) != 3 || !strings.HasPrefix(got[0], "1 deferred quiet_hours: until ") {
		t.Errorf("%q", got)
	}
}

func TestTheCapCountsOverAllCarts(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	p.only(1)
	o := recovery.DefaultOptions()
	o.Cap = &recovery.Cap{Mails: 2, Days: 3}
	if _, err := p.app.Recoveries.SetOptions(t.Context(), "demo", o); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p.guest("ada@example.com")
	}
	other := p.guest("bob@example.com")
	p.wind(3 * time.Hour)
	p.wantMails("two and one", 3)
	p.wantLedger(other, "1 "+claimedDue, "1 "+sentAccepted)
	last := p.guest("ada@example.com")
	p.wind(3 * time.Hour)
	p.wantLedger(last, "1 skipped frequency_cap")
	p.wind(3 * 24 * time.Hour)
	again := p.guest("ada@example.com")
	p.wind(3 * time.Hour)
	p.wantLedger(again, "1 "+claimedDue, "1 "+sentAccepted)
}

func TestHeldOutShoppersGetNothing(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	o := recovery.DefaultOptions()
	o.Holdouts = []recovery.Holdout{{Channel: recovery.AllChannels, Percent: 50}}
	if _, err := p.app.Recoveries.SetOptions(t.Context(), "demo", o); err != nil {
		t.Fatal(err)
	}
	ids := map[cart.ID]string{}
	for i := range 12 {
		email := fmt.Sprintf("shopper%d@example.com", i)
		ids[p.guest(email)] = email
	}
	p.wind(4 * 24 * time.Hour)
	got := map[string]int{}
	for _, m := range p.mailer.Take() {
		got[m.To.Address]++
	}
	held := 0
	for id, email := range ids {
		if got[email] == 0 {
			held++
			p.wantLedger(id, "1 held_out hold_out", "2 held_out hold_out", "3 held_out hold_out")
		} else if got[email] != 3 {
			t.Errorf("%s got %d mails", email, got[email])
		}
	}
	if held == 0 || held == len(ids) {
		t.Errorf("%d of %d are held out", held, len(ids))
	}
}

// What is changed about templates counts for carts that are abandoned already.
func TestTemplatesChangeMeanwhile(t *testing.T) {
	p := newPost(t, testdb.URL(t))
	id := p.guest("ada@example.com")
	p.wind(3 * time.Hour) // abandoned for two hours, one mail
	p.wantMails("the first", 1)
	p.only(1, 2)
	p.call("PUT", "/v3/marketing/abandoned-cart-emails/2", `{"notify_at_minutes":180}`, 200, nil)
	p.wind(time.Hour + time.Minute)
	p.wantMails("the second, earlier", 1)
	var made struct{ Data struct{ ID int64 } }
	text, err := json.Marshal(recovery.DefaultText())
	if err != nil {
		t.Fatal(err)
	}
	p.call("POST", "/v3/marketing/abandoned-cart-emails", fmt.Sprintf(`{"is_active":true,"notify_at_minutes":240,"template":%s}`, text), 200, &made)
	p.wind(time.Hour)
	p.wantMails("a new one", 1)
	p.wind(4 * 24 * time.Hour)
	p.wantMails("nothing more", 0)
	p.wantLedger(id, "1 "+claimedDue, "1 "+sentAccepted, "2 "+claimedDue, "2 "+sentAccepted, "4 "+claimedDue, "4 "+sentAccepted)
}

// Two servers on one database share the mails, and send none twice.
func TestServersShareMails(t *testing.T) {
	p := newPost(t, testdb.PostgreSQL(t))
	second, err := Open(t.Context(), p.config())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		p.guest(fmt.Sprintf("shopper%d@example.com", i))
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { second.Mails.Run(ctx) })
	running.Go(func() { second.watchClock(ctx) })
	p.wind(3 * time.Hour)
	p.wind(24 * time.Hour)
	stop()
	running.Wait()
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	got := map[string]int{}
	for _, m := range p.wantMails("two for each", 60) {
		got[m.ID]++
	}
	if len(got) != 60 {
		t.Errorf("%d different mails", len(got))
	}
}
