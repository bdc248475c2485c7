package recovery

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
)

// standing is a cart of a guest that speaks for a mail in every way.
func standing() Standing {
	return Standing{
		Episode: Episode{Store: "a", ID: 5, Cart: "c", Channel: 1, Abandoned: left},
		Cart: &cart.Cart{Store: "a", ID: "c", ChannelID: 1, Updated: left.Add(-time.Hour), Lines: []cart.Line{{ID: "l", Quantity: 1}},
			Checkout: &cart.Checkout{Billing: &cart.Address{Email: "ada@example.com", CountryCode: "DE"}}},
		Address: "ada@example.com", Set: three(), Stored: true,
	}
}

func plainRules() gateRules {
	return gateRules{defaults: Settings{Notify: true, UntilRecovered: true}, options: DefaultOptions(), now: left.Add(time.Hour)}
}

func TestGate(t *testing.T) {
	quiet := func(from, to string) *Quiet { return &Quiet{From: from, To: to, TimeZone: "UTC"} }
	account := func(agrees bool) func(*Standing) {
		return func(s *Standing) {
			s.Cart.CustomerID = 7
			s.Customer = &customer.Customer{ID: 7, Email: "ada@example.com", AcceptsAbandonedCartEmails: agrees}
		}
	}
	both := func(changes ...func(*Standing)) func(*Standing) {
		return func(s *Standing) {
			for _, change := range changes {
				change(s)
			}
		}
	}
	consent := func(s *Standing) { s.Consent = true }
	former := func(s *Standing) { s.Cart.NoMail = true }
	required := func(r *gateRules) { r.defaults.RequireConsent = true }
	heldOut := func(r *gateRules) { r.options.Holdouts = []Holdout{{Channel: AllChannels, Percent: 50}} }
	lot := func(held bool) func(*Standing) { return func(s *Standing) { s.Held = &held } }
	yes, no := true, false
	tests := map[string]struct {
		standing func(*Standing)
		rules    func(*gateRules)
		want     Reason // "" is a mail
		state    StepState
	}{
		"a guest, as soon as the address is known": {},
		"a cart that is gone":                      {standing: func(s *Standing) { s.Cart, s.Address = nil, "" }, want: CartGone},
		"a cart that expired":                      {standing: func(s *Standing) { s.Cart.Updated = left.Add(time.Hour - cart.Lifetime) }, want: CartGone},
		"a cart that will expire":                  {standing: func(s *Standing) { s.Cart.Updated = left.Add(time.Hour + 1 - cart.Lifetime) }},
		"an empty cart":                            {standing: func(s *Standing) { s.Cart.Lines = nil }, want: CartEmpty},
		"a cart with nothing but a present":        {standing: func(s *Standing) { s.Cart.Lines[0].AddedBy = 3 }, want: CartEmpty},
		"a guest without an address":               {standing: func(s *Standing) { s.Address = "" }, want: NoAddress},

		"notifications are off":                       {rules: func(r *gateRules) { r.defaults.Notify = false }, want: NotificationsOff},
		"the store's own settings":                    {standing: func(s *Standing) { s.Own = &Settings{UntilRecovered: true} }, want: NotificationsOff},
		"the channel's off beats the store's on":      {standing: func(s *Standing) { s.Channel.Overrides.Notify = &no }, want: NotificationsOff},
		"the channel's on beats the store's off":      {standing: func(s *Standing) { s.Own, s.Channel.Overrides.Notify = &Settings{UntilRecovered: true}, &yes }},
		"unsubscribed":                                {standing: func(s *Standing) { s.Suppressed = ByShopper }, want: Suppressed},
		"unsubscribed, and agreed again since":        {standing: both(account(true), consent, func(s *Standing) { s.Suppressed = ByHardBounce }), want: Suppressed},
		"ordered from another cart since":             {standing: func(s *Standing) { s.Ordered = left }, want: OrderedElsewhere},
		"ordered from another cart before this":       {standing: func(s *Standing) { s.Ordered = s.Cart.Updated.Add(-1) }},
		"ordered in the same moment":                  {standing: func(s *Standing) { s.Ordered = s.Cart.Updated }, want: OrderedElsewhere},
		"a customer who agreed":                       {standing: account(true)},
		"a customer who did not":                      {standing: account(false), want: NoConsent},
		"a customer who did not, but subscribed":      {standing: both(account(false), consent), want: NoConsent},
		"a customer who agreed, consent required":     {standing: account(true), rules: required},
		"a customer who did not, consent required":    {standing: account(false), rules: required, want: NoConsent},
		"a customer who subscribed, consent required": {standing: both(account(false), consent), rules: required},
		"a customer whose account is gone":            {standing: func(s *Standing) { s.Cart.CustomerID = 7; s.Consent = true }, want: NoConsent},
		"a guest, consent required":                   {rules: required, want: NoConsent},
		"a guest who subscribed, consent required":    {rules: required, standing: consent},
		"a guest who was a customer who did not":      {standing: former, want: NoConsent},
		"such a guest, consent required":              {standing: former, rules: required, want: NoConsent},
		"such a guest, who subscribed":                {standing: both(former, consent)},
		"the channel requires consent":                {standing: func(s *Standing) { s.Channel.Overrides.RequireConsent = &yes }, want: NoConsent},

		"fewer mails than the cap": {rules: func(r *gateRules) { r.options.Cap = &Cap{Mails: 2, Days: 7} }, standing: func(s *Standing) { s.Claims = 1 }},
		"as many as the cap":       {rules: func(r *gateRules) { r.options.Cap = &Cap{Mails: 2, Days: 7} }, standing: func(s *Standing) { s.Claims = 2 }, want: FrequencyCap},

		// It is 13:00 UTC, and 14:00 in Berlin.
		"outside of the quiet hours":         {rules: func(r *gateRules) { r.options.Quiet = quiet("21:00", "08:00") }},
		"in the quiet hours of the shopper":  {rules: func(r *gateRules) { r.options.Quiet = quiet("13:30", "15:00") }, want: QuietHours, state: Deferred},
		"in those of the store's time alone": {rules: func(r *gateRules) { r.options.Quiet = quiet("12:00", "13:30") }},

		"not held out":                        {rules: heldOut, standing: lot(false)},
		"held out":                            {rules: heldOut, standing: lot(true), want: HoldOut, state: HeldOut},
		"held out, and the share is none now": {standing: lot(true)},
		"held out from another set": {standing: func(s *Standing) { s.Channel.OwnTemplates = true },
			rules: func(r *gateRules) {
				r.options.Holdouts = []Holdout{{Channel: AllChannels, Percent: 100}, {Channel: 2, Percent: 100}}
			}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, r := standing(), plainRules()
			if tc.standing != nil {
				tc.standing(&s)
			}
			if tc.rules != nil {
				tc.rules(&r)
			}
			got := decide(s, r)
			if tc.want == "" {
				if got.Claim == nil || len(got.Notes) != 0 {
					t.Fatalf("no mail: %+v", got.Notes)
				}
				if got.Claim.Template.ID != 1 || got.Claim.Step.State != Claimed || got.Claim.Step.Address != AddressHash("a", "ada@example.com") {
					t.Errorf("claimed %+v", got.Claim.Step)
				}
				return
			}
			state := tc.state
			if state == "" {
				state = Skipped
			}
			if got.Claim != nil || len(got.Notes) != 1 || got.Notes[0].Reason != tc.want || got.Notes[0].State != state || got.Notes[0].Template != 1 {
				t.Errorf("claim %v, notes %+v, want %s", got.Claim, got.Notes, tc.want)
			}
			if !got.Next.Equal(left.Add(24*time.Hour)) && state != Deferred {
				t.Errorf("it is looked at again at %s", got.Next)
			}
		})
	}
}

func TestAClaimIsLookedAtWhenItIsOver(t *testing.T) {
	r := plainRules()
	got := decide(standing(), r)
	if !got.Next.Equal(r.now.Add(ClaimTime)) || !got.Claim.Next.Equal(left.Add(24*time.Hour)) {
		t.Errorf("during the claim %s, after it %s", got.Next, got.Claim.Next)
	}
}

func TestAFurtherAttemptKeepsWhatTheFirstHad(t *testing.T) {
	s, r := standing(), plainRules()
	s.Steps = []Step{{Template: 1, State: Deferred, Retry: r.now, Attempts: 2, MessageID: "5.1.x@a.example", Coupon: "BACK"}}
	want := Step{Template: 1, State: Claimed, Address: AddressHash("a", "ada@example.com"), Claimed: r.now, Attempts: 2, MessageID: "5.1.x@a.example", Coupon: "BACK",
		Lines: []SentLine{{ID: "l", Quantity: 1}}} // of the cart as it is now
	if diff := cmp.Diff(want, decide(s, r).Claim.Step); diff != "" {
		t.Error(diff)
	}
}

func TestQuietHours(t *testing.T) {
	at := func(s string) time.Time {
		got, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	night := Quiet{From: "21:00", To: "08:00", TimeZone: "UTC", Channels: []ChannelZone{{Channel: 2, TimeZone: "Asia/Tokyo"}}}
	to := func(country, state string) *cart.Checkout {
		return &cart.Checkout{Billing: &cart.Address{CountryCode: country, StateCode: state}}
	}
	tests := map[string]struct {
		quiet   Quiet
		co      *cart.Checkout
		channel int64
		now     string
		until   string // "" is not quiet
	}{
		"in the evening":              {quiet: night, now: "2026-03-04T22:00:00Z", until: "2026-03-05T08:00:00Z"},
		"after midnight":              {quiet: night, now: "2026-03-05T02:00:00Z", until: "2026-03-05T08:00:00Z"},
		"when it begins":              {quiet: night, now: "2026-03-04T21:00:00Z", until: "2026-03-05T08:00:00Z"},
		"just before it begins":       {quiet: night, now: "2026-03-04T20:59:59Z"},
		"when it ends":                {quiet: night, now: "2026-03-05T08:00:00Z"},
		"just before it ends":         {quiet: night, now: "2026-03-05T07:59:59Z", until: "2026-03-05T08:00:00Z"},
		"a part of the day":           {quiet: Quiet{From: "12:00", To: "14:00", TimeZone: "UTC"}, now: "2026-03-04T13:00:00Z", until: "2026-03-04T14:00:00Z"},
		"outside of it":               {quiet: Quiet{From: "12:00", To: "14:00", TimeZone: "UTC"}, now: "2026-03-04T14:00:00Z"},
		"hours that are none":         {quiet: Quiet{From: "08:00", To: "08:00", TimeZone: "UTC"}, now: "2026-03-04T08:00:00Z"},
		"the shopper in Japan":        {quiet: night, co: to("JP", ""), now: "2026-03-04T13:00:00Z", until: "2026-03-04T23:00:00Z"},
		"the shopper in Hawaii":       {quiet: night, co: to("US", "HI"), now: "2026-03-04T08:00:00Z", until: "2026-03-04T18:00:00Z"},
		"somewhere in America":        {quiet: night, co: to("US", ""), now: "2026-03-04T08:00:00Z"},
		"somewhere in a channel":      {quiet: night, co: to("US", ""), channel: 2, now: "2026-03-04T13:00:00Z", until: "2026-03-04T23:00:00Z"},
		"the channel's time":          {quiet: night, channel: 2, now: "2026-03-04T13:00:00Z", until: "2026-03-04T23:00:00Z"},
		"where it is sent to":         {quiet: night, co: &cart.Checkout{Consignments: []cart.Consignment{{Address: cart.Address{CountryCode: "JP"}}}}, now: "2026-03-04T13:00:00Z", until: "2026-03-04T23:00:00Z"},
		"where it is picked up":       {quiet: night, co: &cart.Checkout{Consignments: []cart.Consignment{{PickupID: 1, Address: cart.Address{CountryCode: "JP"}}}}, now: "2026-03-04T13:00:00Z"},
		"a zone that nobody knows":    {quiet: Quiet{From: "21:00", To: "08:00", TimeZone: "Mars/Base"}, now: "2026-03-04T22:00:00Z", until: "2026-03-05T08:00:00Z"},
		"the night of summer time":    {quiet: night, co: to("DE", ""), now: "2026-03-28T21:00:00Z", until: "2026-03-29T06:00:00Z"},
		"an end that the clock skips": {quiet: Quiet{From: "01:00", To: "02:30", TimeZone: "Europe/Berlin"}, now: "2026-03-29T00:30:00Z", until: "2026-03-29T01:30:00Z"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := &cart.Cart{ChannelID: max(1, tc.channel), Checkout: tc.co}
			until, quiet := tc.quiet.until(at(tc.now), c)
			if quiet != (tc.until != "") || quiet && !until.Equal(at(tc.until)) {
				t.Errorf("quiet is %v, until %s", quiet, until)
			}
			if quiet {
				if _, still := tc.quiet.until(until, c); still && name != "an end that the clock skips" {
					t.Error("it is quiet when it ends")
				}
			}
		})
	}
}

func TestEveryZoneIsKnown(t *testing.T) {
	for key, zone := range zones() {
		if _, err := time.LoadLocation(zone); err != nil || len(key) < 2 || zone == "" {
			t.Errorf("%q is %q: %v", key, zone, err)
		}
	}
	if len(zones()) < 300 {
		t.Errorf("only %d zones", len(zones()))
	}
}

// The lot is the same each time, and as many shoppers draw the short one as the
// share says.
func TestLots(t *testing.T) {
	for _, percent := range []int64{0, 10, 50, 90} {
		held, both := 0, 0
		const n = 10_000
		for i := range n {
			email := "shopper" + strconv.Itoa(i) + "@example.com"
			first := drawn("a", AllChannels, email, percent)
			if first != drawn("a", AllChannels, email, percent) || first && !drawn("a", AllChannels, email, percent+5) {
				t.Fatal("the lot is another one the second time")
			}
			if first {
				held++
				if drawn("a", 2, email, percent) {
					both++
				}
			}
		}
		share, want := float64(held)/n, float64(percent)/100
		if math.Abs(share-want) > 0.02 {
			t.Errorf("%d %% are %v", percent, share)
		}
		if percent > 0 && math.Abs(float64(both)/float64(held)-want) > 0.04 {
			t.Errorf("of those held out %d of %d are held out from another set too", both, held)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	c := &Claim{Episode: Episode{ID: 12}, Template: Template{ID: 3}}
	full := messageID(c, "abcdef", Mailbox{Address: "hello@shop.example"})
	if full != "12.3.abcdef@shop.example" {
		t.Error(full)
	}
	for _, s := range []string{full, "<" + full + ">", " <" + full + ">\n"} {
		if bare, e, tpl, ok := ReadMessageID(s); bare != full || e != 12 || tpl != 3 || !ok {
			t.Errorf("%q is read as %q %d %d %v", s, bare, e, tpl, ok)
		}
	}
	for _, s := range []string{"", "<>", "x@y", "1.2@y", "a.b.c@y", "1.2.3.4@y", "99999999999999999999.1.a@y"} {
		if _, _, _, ok := ReadMessageID(s); ok {
			t.Errorf("%q is read", s)
		}
	}
}
