package storetest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/fault"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

func inboxMail(store, name, address string) recovery.InboxMail {
	return recovery.InboxMail{
		Store: store, From: recovery.Mailbox{Name: "Shop", Address: "shop@shop.example"}, To: recovery.Mailbox{Name: name, Address: address},
		Subject: "<b>Hi</b>", HTML: "<p>ü</p>", Text: "ü\n", SentAt: Noon,
		Headers: []recovery.MailHeader{{Name: "From", Value: `"Shop" <shop@shop.example>`}, {Name: "X", Value: "1"}},
	}
}

func inboxFilled(t *testing.T, db *sqlstore.DB) {
	want := []recovery.InboxMail{inboxMail("b", "Zoë", "ZOE_x@example.com"), inboxMail("a", "", "zoe@example.com"), inboxMail("a", "100%", "ada@example.com")}
	for i := len(want) - 1; i >= 0; i-- {
		if err := db.KeepMail(t.Context(), want[i]); err != nil {
			t.Fatal(err)
		}
		want[i].ID = int64(len(want) - i)
	}
	for name, tc := range map[string]struct {
		of   recovery.InboxQuery
		want []recovery.InboxMail
	}{
		"all, newest first":      {recovery.InboxQuery{Most: 10}, want},
		"no more than asked for": {recovery.InboxQuery{Most: 2}, want[:2]},
		"before one":             {recovery.InboxQuery{Before: 3, Most: 10}, want[1:]},
		"a part of an address":   {recovery.InboxQuery{Recipient: "ZOE", Most: 10}, want[:2]},
		"a name beyond ASCII":    {recovery.InboxQuery{Recipient: "zoË", Most: 10}, want[:1]},
		"a sign for anything":    {recovery.InboxQuery{Recipient: "%", Most: 10}, want[2:]},
		"a sign for one":         {recovery.InboxQuery{Recipient: "e_x", Most: 10}, want[:1]},
		"nobody":                 {recovery.InboxQuery{Recipient: "eve", Most: 10}, []recovery.InboxMail{}},
	} {
		got, err := db.InboxMails(t.Context(), tc.of)
		if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	one, err := db.InboxMail(t.Context(), 2)
	if err != nil || cmp.Diff(&want[1], one) != "" {
		t.Errorf("mail 2 is %+v, %v", one, err)
	}
	if _, err := db.InboxMail(t.Context(), 9); !fault.Is(err, fault.NotFound) {
		t.Errorf("a mail that is not there: %v", err)
	}
	if err := db.EmptyInbox(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := db.InboxMails(t.Context(), recovery.InboxQuery{Most: 10}); err != nil || len(got) != 0 {
		t.Errorf("an inbox that was emptied holds %d mails, %v", len(got), err)
	}
}

func inboxBounded(t *testing.T, db *sqlstore.DB) {
	if err := db.KeepMail(t.Context(), inboxMail("b", "", "old@example.com")); err != nil {
		t.Fatal(err)
	}
	const writers, each = 2, (sqlstore.MaxInbox + 40) / 2 // all of them number their mails in one row
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				if err := db.KeepMail(t.Context(), inboxMail("a", "", fmt.Sprintf("w%d.%d@example.com", w, i))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	got, err := db.InboxMails(t.Context(), recovery.InboxQuery{Most: 2 * sqlstore.MaxInbox})
	if err != nil || len(got) != sqlstore.MaxInbox+1 || got[0].ID != writers*each+1 || got[len(got)-1].Store != "b" {
		t.Errorf("%d mails are kept, %v", len(got), err)
	}
}

func dkimKeys(t *testing.T, db *sqlstore.DB) {
	find := func(store, domain string) string {
		t.Helper()
		selector, private, err := db.FindDKIMKey(t.Context(), store, domain)
		if err != nil {
			t.Fatal(err)
		}
		return selector + " " + private
	}
	put := func(selector, private string, want bool) {
		t.Helper()
		if made, err := db.PutDKIMKey(t.Context(), "a", "shop.example", selector, private, Noon); err != nil || made != want {
			t.Errorf("keeping %s: %v, %v", selector, made, err)
		}
	}
	if got := find("a", "shop.example"); got != " " {
		t.Errorf("the key is %q before there is one", got)
	}
	put("one", "k1", true)
	put("one", "k2", false)
	if got := find("a", "shop.example"); got != "one k1" {
		t.Errorf("the key is %q: the record of the selector is published already", got)
	}
	put("two", "k3", true)
	if got := find("a", "shop.example"); got != "two k3" {
		t.Errorf("the key is %q after it was changed", got)
	}
	if got := find("b", "shop.example") + find("a", "other.example"); got != "  " {
		t.Errorf("others have the key %q", got)
	}
}
