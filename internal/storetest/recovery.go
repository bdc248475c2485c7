package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/event"
	"cartwright/internal/money"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// recoverySettings holds that the settings of a store and of its channels are
// read as they were written, and are nothing before.
func recoverySettings(t *testing.T, db *sqlstore.DB) {
	if s, err := db.RecoverySettings(t.Context(), "a"); s != nil || err != nil {
		t.Errorf("before: %+v, %v", s, err)
	}
	if c, err := db.RecoveryChannel(t.Context(), "a", 3); c != (recovery.Channel{}) || err != nil {
		t.Errorf("before: %+v, %v", c, err)
	}
	want := recovery.Settings{Notify: true, TellConverted: true, MerchantEmail: "ümlaut@shop.example", Frequency: recovery.Digest, DigestSize: 7}
	for _, s := range []recovery.Settings{{Frequency: recovery.Individual, DigestSize: 2}, want} {
		if got, err := db.PutRecoverySettings(t.Context(), "a", s); got != s || err != nil {
			t.Errorf("put: %+v, %v", got, err)
		}
	}
	if got, err := db.RecoverySettings(t.Context(), "a"); err != nil || got == nil || *got != want {
		t.Errorf("%+v, %v", got, err)
	}
	off, email := false, ""
	own := recovery.Channel{Overrides: recovery.Overrides{Notify: &off, MerchantEmail: &email}, OwnTemplates: true}
	if _, err := db.UpdateRecoveryChannel(t.Context(), "a", 3, func(c *recovery.Channel) []event.Event {
		*c = own
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	got, err := db.RecoveryChannel(t.Context(), "a", 3)
	if diff := cmp.Diff(own, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if c, err := db.RecoveryChannel(t.Context(), "b", 3); c != (recovery.Channel{}) || err != nil {
		t.Errorf("another store: %+v, %v", c, err)
	}
	if s, err := db.RecoverySettings(t.Context(), "b"); s != nil || err != nil {
		t.Errorf("another store: %+v, %v", s, err)
	}
}

// recoveryChannelRace holds that of changes at once, also the first, none is
// lost.
func recoveryChannelRace(t *testing.T, db *sqlstore.DB) {
	errs := inParallel(16, func(int) error {
		_, err := db.UpdateRecoveryChannel(t.Context(), "a", 1, func(c *recovery.Channel) []event.Event {
			n := int64(1)
			if c.Overrides.DigestSize != nil {
				n += *c.Overrides.DigestSize
			}
			c.Overrides.DigestSize = &n
			return nil
		})
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if c, err := db.RecoveryChannel(t.Context(), "a", 1); err != nil || *c.Overrides.DigestSize != 16 {
		t.Errorf("%d changes, %v", *c.Overrides.DigestSize, err)
	}
}

// addTemplate adds a template to the set of a channel.
func addTemplate(t *testing.T, db *sqlstore.DB, channel int64, subject string) recovery.Template {
	t.Helper()
	made, err := db.ChangeMailTemplates(t.Context(), "a", recovery.DefaultSet(), adding(channel, subject))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func adding(channel int64, subject string) func(recovery.TemplateShelf) (recovery.Template, []event.Event, error) {
	return func(s recovery.TemplateShelf) (recovery.Template, []event.Event, error) {
		out := recovery.Template{Channel: channel, Minutes: 120, CouponCode: "C", Text: recovery.Text{Subject: subject, Body: "☂",
			Translations: []recovery.Translation{{Locale: "en", Keys: map[string]string{"k": "<b>"}}}}}
		return out, nil, s.Add(&out)
	}
}

// mailTemplatesBegin holds that a store's set is the default one until the
// first change stores it, with the numbers that it had.
func mailTemplatesBegin(t *testing.T, db *sqlstore.DB) {
	if set, stored, err := db.MailTemplates(t.Context(), "a", recovery.AllChannels); len(set) != 0 || stored || err != nil {
		t.Errorf("before: %v, %v, %v", set, stored, err)
	}
	if found, stored, err := db.FindMailTemplate(t.Context(), "a", 1); found != nil || stored || err != nil {
		t.Errorf("before: %v, %v, %v", found, stored, err)
	}
	var made recovery.Template
	_, err := db.ChangeMailTemplates(t.Context(), "a", recovery.DefaultSet(), func(s recovery.TemplateShelf) (recovery.Template, []event.Event, error) {
		out, events, err := adding(3, "Own")(s)
		made = out
		return out, events, err
	})
	if err != nil || made.ID != 4 {
		t.Fatalf("made %+v, %v", made, err)
	}
	set, stored, err := db.MailTemplates(t.Context(), "a", recovery.AllChannels)
	if diff := cmp.Diff(recovery.DefaultSet(), set); diff != "" || !stored || err != nil {
		t.Error(diff, stored, err)
	}
	set, _, err = db.MailTemplates(t.Context(), "a", 3)
	if diff := cmp.Diff([]recovery.Template{made}, set); diff != "" || err != nil {
		t.Error(diff, err)
	}
	changed, err := db.ChangeMailTemplates(t.Context(), "a", recovery.DefaultSet(), func(s recovery.TemplateShelf) (recovery.Template, []event.Event, error) {
		if n, err := s.Count(recovery.AllChannels); n != 3 || err != nil {
			t.Errorf("%d templates, %v", n, err)
		}
		found, err := s.Find(4)
		if err != nil {
			return recovery.Template{}, nil, err
		}
		found.Active, found.Text.Translations = true, []recovery.Translation{}
		return *found, nil, errors.Join(s.Put(found), s.Remove(2))
	})
	if err != nil {
		t.Fatal(err)
	}
	found, stored, err := db.FindMailTemplate(t.Context(), "a", 4)
	if diff := cmp.Diff(&changed, found); diff != "" || !stored || err != nil {
		t.Error(diff, stored, err)
	}
	if found, stored, err := db.FindMailTemplate(t.Context(), "a", 2); found != nil || !stored || err != nil {
		t.Errorf("removed: %+v, %v, %v", found, stored, err)
	}
	if _, stored, err := db.MailTemplates(t.Context(), "b", recovery.AllChannels); stored || err != nil {
		t.Errorf("another store: %v, %v", stored, err)
	}
}

// mailTemplateRace holds that first changes at once store the default set once.
func mailTemplateRace(t *testing.T, db *sqlstore.DB) {
	errs := inParallel(8, func(i int) error {
		_, err := db.ChangeMailTemplates(t.Context(), "a", recovery.DefaultSet(), adding(recovery.AllChannels, fmt.Sprint(i)))
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	set, _, err := db.MailTemplates(t.Context(), "a", recovery.AllChannels)
	if err != nil || len(set) != 3+8 {
		t.Fatalf("%d templates, %v", len(set), err)
	}
	for i, tpl := range set {
		if tpl.ID != int64(i+1) {
			t.Errorf("template %d has the id %d", i, tpl.ID)
		}
	}
}

func mailTemplatesWhole(t *testing.T, db *sqlstore.DB) {
	refusal := errors.New("no")
	_, err := db.ChangeMailTemplates(t.Context(), "a", recovery.DefaultSet(), func(s recovery.TemplateShelf) (recovery.Template, []event.Event, error) {
		if _, _, err := adding(1, "x")(s); err != nil {
			t.Fatal(err)
		}
		return recovery.Template{}, nil, refusal
	})
	if !errors.Is(err, refusal) {
		t.Errorf("refused with %v", err)
	}
	if set, stored, err := db.MailTemplates(t.Context(), "a", 1); len(set) != 0 || stored || err != nil {
		t.Errorf("afterwards: %v, %v, %v", set, stored, err)
	}
}

// channelsTold holds that who listens to a channel is told of its settings and
// templates, in order, and nobody else.
func channelsTold(t *testing.T, db *sqlstore.DB) {
	listen(t, db, "store/channel/3/notifications/abandonedCart/updated", "https://n.example/")
	listen(t, db, "store/channel/3/email/templates/updated", "https://t.example/")
	for _, channel := range []int64{3, 4} {
		if _, err := db.UpdateRecoveryChannel(t.Context(), "a", channel, func(*recovery.Channel) []event.Event {
			return []event.Event{{Scope: event.NotificationsUpdated}}
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ChangeMailTemplates(t.Context(), "a", recovery.DefaultSet(), func(s recovery.TemplateShelf) (recovery.Template, []event.Event, error) {
		out, _, err := adding(3, "x")(s)
		return out, []event.Event{{Scope: event.TemplateUpdated}}, err
	}); err != nil {
		t.Fatal(err)
	}
	addTemplate(t, db, 3, "silent")
	told := feed(t, db)
	if len(told) != 2 || told[0].Scope != "store/channel/3/notifications/abandonedCart/updated" || string(told[0].Data) != "{}" ||
		told[1].Scope != "store/channel/3/email/templates/updated" {
		t.Errorf("told %+v", told)
	}
}

// recoveryOptions holds that options are read as they were written, and are
// nothing before.
func recoveryOptions(t *testing.T, db *sqlstore.DB) {
	if o, err := db.RecoveryOptions(t.Context(), "a"); o != nil || err != nil {
		t.Errorf("before: %+v, %v", o, err)
	}
	full := recovery.Options{WaitMinutes: 15, Cap: &recovery.Cap{Mails: 3, Days: 7},
		Quiet:    &recovery.Quiet{From: "21:00", To: "08:00", TimeZone: "Europe/Berlin", Channels: []recovery.ChannelZone{{Channel: 3, TimeZone: "Asia/Tokyo"}}},
		UTM:      &recovery.UTM{Source: "☂", Medium: "email"},
		Holdouts: []recovery.Holdout{{Channel: recovery.AllChannels, Percent: 10}},
		Coupons:  []recovery.Mint{{Template: 9, Type: "percentage_discount", Amount: 10 * money.Unit, Minimum: 50 * money.Unit, ValidHours: 72}},
		Budget:   &recovery.Budget{Amount: 1000 * money.Unit, Days: 30}}
	for _, o := range []recovery.Options{full, recovery.DefaultOptions(), full} {
		if _, err := db.PutRecoveryOptions(t.Context(), "a", o); err != nil {
			t.Fatal(err)
		}
		got, err := db.RecoveryOptions(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(o, *got); diff != "" {
			t.Error(diff)
		}
	}
	if o, err := db.RecoveryOptions(t.Context(), "b"); o != nil || err != nil {
		t.Errorf("another store: %+v, %v", o, err)
	}
}
