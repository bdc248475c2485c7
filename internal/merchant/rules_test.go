package merchant

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

var (
	noon  = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	later = noon.Add(time.Hour)
)

// shop returns a store with two channels, two currencies and a site.
func shop(t *testing.T) *Store {
	t.Helper()
	usd, err := NewCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	usd.ID, usd.Default = 1, true
	s := &Store{Hash: "a", Name: "A", Currencies: []Currency{usd},
		Channels: []Channel{{ID: 1, Name: "A", Status: ChannelActive, Created: noon}}, LastIDs: map[string]int64{"channel": 1, "currency": 1}}
	must(t, ids(s.AddChannel(NewChannel{Type: "storefront", Platform: "next", ChannelFields: ChannelFields{Name: ptr("B")}}, noon)))
	must(t, ids(s.AddCurrency("eur", CurrencyFields{Rate: ptr(rate(t, "0.8"))}, noon)))
	must(t, ids(s.AddSite(1, "https://shop.example", noon)))
	return s
}

func ids(_ int64, err error) error { return err }

func ptr[T any](v T) *T { return &v }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func rate(t *testing.T, s string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(s)
	must(t, err)
	return r
}

// refusal is how a rule must refuse: the kind and a field, "" for none.
func checkRefusal(t *testing.T, name string, err error, kind fault.Kind, field string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind {
		t.Errorf("%s: %v, want %v", name, err, kind)
		return
	}
	if _, ok := f.Fields[field]; field != "" && !ok || field == "" && len(f.Fields) > 0 {
		t.Errorf("%s: fields %v, want %q", name, f.Fields, field)
	}
}

func TestRefusals(t *testing.T) {
	yes, no := true, false
	for name, tt := range map[string]struct {
		do    func(*Store) error
		kind  fault.Kind
		field string
	}{
		"a new channel that is deleted": {func(s *Store) error {
			return ids(s.AddChannel(NewChannel{ChannelFields: ChannelFields{Status: ptr(ChannelDeleted)}}, noon))
		}, fault.Invalid, "status"},
		"one channel too many": {func(s *Store) error {
			s.Channels = make([]Channel, MaxChannels)
			return ids(s.AddChannel(NewChannel{}, noon))
		}, fault.Invalid, ""},
		"deleting the default channel": {func(s *Store) error {
			return s.UpdateChannel(1, ChannelFields{Status: ptr(ChannelDeleted)}, noon)
		}, fault.Invalid, "status"},
		"an unknown channel":               {func(s *Store) error { return s.UpdateChannel(9, ChannelFields{}, noon) }, fault.NotFound, ""},
		"purchasing of an unknown channel": {func(s *Store) error { return s.SetPurchasing(9, &yes) }, fault.NotFound, ""},
		"currencies of an unknown channel": {func(s *Store) error { return s.AssignCurrencies(9, CurrencyAssignment{}, noon) }, fault.NotFound, ""},
		"no currencies of an unknown one":  {func(s *Store) error { return s.UnassignCurrencies(9, noon) }, fault.NotFound, ""},
		"an unknown currency assigned": {func(s *Store) error {
			return s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"USD", "CHF"}, Default: "USD"}, noon)
		}, fault.Invalid, "enabled_currencies.1"},
		"a default that is not among them": {func(s *Store) error {
			return s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"EUR"}, Default: "USD"}, noon)
		}, fault.Invalid, "default_currency"},
		"no currencies at all": {func(s *Store) error {
			return s.AssignCurrencies(2, CurrencyAssignment{Default: "USD"}, noon)
		}, fault.Invalid, "default_currency"},
		"a default one cannot pay in": {func(s *Store) error {
			s.Currency("EUR").Transactional = false
			return s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"EUR"}, Default: "EUR"}, noon)
		}, fault.Invalid, "default_currency"},
		"a currency that is switched off": {func(s *Store) error {
			s.Currency("EUR").Enabled = false
			return s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"EUR"}, Default: "EUR"}, noon)
		}, fault.Invalid, "enabled_currencies.0"},

		"a second site":            {func(s *Store) error { return ids(s.AddSite(1, "https://other.example", noon)) }, fault.Invalid, "channel_id"},
		"a site of an unknown one": {func(s *Store) error { return ids(s.AddSite(9, "https://other.example", noon)) }, fault.Invalid, "channel_id"},
		"a site of a deleted channel": {func(s *Store) error {
			s.Channel(2).Status = ChannelDeleted
			return ids(s.AddSite(2, "https://o.example", noon))
		}, fault.Invalid, "channel_id"},
		"an address of another":     {func(s *Store) error { return ids(s.AddSite(2, "http://SHOP.example/b/", noon)) }, fault.Invalid, "url"},
		"no address":                {func(s *Store) error { return ids(s.AddSite(2, "shop", noon)) }, fault.Invalid, "url"},
		"no new address":            {func(s *Store) error { return s.SetSiteURL(1, "ftp://x.example", noon) }, fault.Invalid, "url"},
		"an unknown site":           {func(s *Store) error { return s.SetSiteURL(9, "https://x.example", noon) }, fault.NotFound, ""},
		"removing an unknown site":  {func(s *Store) error { return s.RemoveSite(9) }, fault.NotFound, ""},
		"a checkout without a site": {func(s *Store) error { return s.SetCheckoutURL(2, "https://x.example", noon) }, fault.NotFound, ""},
		"a checkout at another's": {func(s *Store) error {
			must(t, ids(s.AddSite(2, "https://b.example", noon)))
			return s.SetCheckoutURL(2, "https://shop.example", noon)
		}, fault.Invalid, "url"},
		"a site at another's checkout": {func(s *Store) error {
			must(t, s.SetCheckoutURL(1, "https://pay.example", noon))
			return ids(s.AddSite(2, "https://pay.example", noon))
		}, fault.Invalid, "url"},
		"a route of an unknown site": {func(s *Store) error { return ids(s.AddRoute(9, RouteFields{}, noon)) }, fault.NotFound, ""},
		"a route without a type":     {func(s *Store) error { return ids(s.AddRoute(1, RouteFields{Route: ptr("/")}, noon)) }, fault.Invalid, "type"},
		"a route without a path":     {func(s *Store) error { return ids(s.AddRoute(1, RouteFields{Type: ptr("cart")}, noon)) }, fault.Invalid, "route"},
		"one route too many": {func(s *Store) error {
			s.Sites[0].Routes = make([]Route, MaxRoutes)
			return ids(s.AddRoute(1, RouteFields{Type: ptr("cart"), Route: ptr("/")}, noon))
		}, fault.Invalid, ""},
		"an unknown route":            {func(s *Store) error { return s.UpdateRoute(1, 9, RouteFields{}, noon) }, fault.NotFound, ""},
		"a route of an unknown place": {func(s *Store) error { return s.UpdateRoute(9, 1, RouteFields{}, noon) }, fault.NotFound, ""},
		"removing an unknown route":   {func(s *Store) error { return s.RemoveRoute(1, 9) }, fault.NotFound, ""},
		"routes of an unknown site":   {func(s *Store) error { _, err := s.UpsertRoutes(9, nil, noon); return err }, fault.NotFound, ""},
		"an unknown route in a list": {func(s *Store) error {
			_, err := s.UpsertRoutes(1, []RouteEntry{{RouteFields: RouteFields{Type: ptr("cart"), Route: ptr("/")}}, {ID: 9}}, noon)
			return err
		}, fault.Invalid, "1.id"},
		"a new route in a list without a path": {func(s *Store) error {
			_, err := s.UpsertRoutes(1, []RouteEntry{{RouteFields: RouteFields{Type: ptr("cart")}}}, noon)
			return err
		}, fault.Invalid, "0.route"},

		"no currency code":            {func(s *Store) error { return ids(s.AddCurrency("XYZW", CurrencyFields{}, noon)) }, fault.Invalid, "currency_code"},
		"a currency twice":            {func(s *Store) error { return ids(s.AddCurrency("Eur", CurrencyFields{}, noon)) }, fault.Conflict, ""},
		"an unknown currency":         {func(s *Store) error { return s.UpdateCurrency(9, CurrencyFields{}, noon) }, fault.NotFound, ""},
		"no default":                  {func(s *Store) error { return s.UpdateCurrency(1, CurrencyFields{Default: &no}, noon) }, fault.Invalid, "is_default"},
		"another rate of the default": {func(s *Store) error { return s.UpdateCurrency(1, CurrencyFields{Rate: ptr(rate(t, "1.1"))}, noon) }, fault.Invalid, "currency_exchange_rate"},
		"switching the default off":   {func(s *Store) error { return s.UpdateCurrency(1, CurrencyFields{Enabled: &no}, noon) }, fault.Conflict, ""},
		"a default for display":       {func(s *Store) error { return s.UpdateCurrency(1, CurrencyFields{Transactional: &no}, noon) }, fault.Conflict, ""},
		"switching a channel's default off": {func(s *Store) error {
			must(t, s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"EUR"}, Default: "EUR"}, noon))
			return s.UpdateCurrency(2, CurrencyFields{Enabled: &no}, noon)
		}, fault.Conflict, ""},
		"a default whose rates do not fit": {func(s *Store) error {
			s.Currency("EUR").Rate = 1
			must(t, ids(s.AddCurrency("IDR", CurrencyFields{Rate: ptr(rate(t, "16000"))}, noon)))
			return s.UpdateCurrency(2, CurrencyFields{Default: &yes}, noon)
		}, fault.Invalid, "is_default"},
		"removing the default":         {func(s *Store) error { return s.RemoveCurrency(1) }, fault.Conflict, ""},
		"removing an unknown currency": {func(s *Store) error { return s.RemoveCurrency(9) }, fault.NotFound, ""},
		"removing a channel's default": {func(s *Store) error {
			must(t, s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"EUR"}, Default: "EUR"}, noon))
			return s.RemoveCurrency(2)
		}, fault.Conflict, ""},
		"changing a removed currency": {func(s *Store) error {
			must(t, s.RemoveCurrency(2))
			return s.UpdateCurrency(2, CurrencyFields{}, noon)
		}, fault.NotFound, ""},
		"assigning a removed currency": {func(s *Store) error {
			must(t, s.RemoveCurrency(2))
			return s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"EUR"}, Default: "EUR"}, noon)
		}, fault.Invalid, "enabled_currencies.0"},
		"an unknown gift wrapping":     {func(s *Store) error { return s.UpdateGiftWrap(9, GiftWrapFields{}) }, fault.NotFound, ""},
		"removing an unknown wrapping": {func(s *Store) error { return s.RemoveGiftWrap(9) }, fault.NotFound, ""},
		"one gift wrapping too many": {func(s *Store) error {
			s.GiftWraps = make([]GiftWrap, MaxGiftWraps)
			return ids(s.AddGiftWrap(GiftWrapFields{}))
		}, fault.Invalid, ""},
		"changing a removed wrapping": {func(s *Store) error {
			must(t, ids(s.AddGiftWrap(GiftWrapFields{})))
			must(t, s.RemoveGiftWrap(1))
			return s.UpdateGiftWrap(1, GiftWrapFields{})
		}, fault.NotFound, ""},
		"removing a removed wrapping": {func(s *Store) error {
			must(t, ids(s.AddGiftWrap(GiftWrapFields{})))
			must(t, s.RemoveGiftWrap(1))
			return s.RemoveGiftWrap(1)
		}, fault.NotFound, ""},
	} {
		checkRefusal(t, name, tt.do(shop(t)), tt.kind, tt.field)
	}
}

func TestChannels(t *testing.T) {
	s := shop(t)
	b := s.Channel(2)
	if b.Name != "B" || b.Status != ChannelActive || !b.ListableInUI || !b.Visible || b.Platform != "next" {
		t.Errorf("a new channel is %+v", b)
	}
	must(t, s.UpdateChannel(2, ChannelFields{Status: ptr(ChannelArchived), Visible: ptr(false), ConfigMeta: ptr(`{"a":1}`)}, later))
	if b = s.Channel(2); b.Name != "B" || b.Status != ChannelArchived || b.Visible || b.ConfigMeta == "" || !b.Modified.Equal(later) || !b.Created.Equal(noon) {
		t.Errorf("the changed channel is %+v", b)
	}
	for status, want := range map[string][2]bool{
		ChannelActive: {true, false}, "inactive": {true, false}, ChannelArchived: {false, false}, ChannelDeleted: {false, true}, ChannelTerminated: {false, true},
	} {
		c := Channel{Status: status}
		if got := [2]bool{c.Available(), c.Gone()}; got != want {
			t.Errorf("%s: available, gone = %v", status, got)
		}
	}
}

func TestPurchasing(t *testing.T) {
	s := shop(t)
	s.CartSettings.AllowPurchasing = true
	yes, no := true, false
	for _, step := range []struct {
		set  *bool
		all  bool
		want bool
	}{{nil, true, true}, {&no, true, false}, {&yes, false, true}, {nil, false, false}} {
		s.CartSettings.AllowPurchasing = step.all
		must(t, s.SetPurchasing(2, step.set))
		if got := s.AllowPurchasing(2); got != step.want {
			t.Errorf("%+v allows %v", step, got)
		}
		if got := s.Purchasing(2); (got == nil) != (step.set == nil) || got != nil && *got != *step.set {
			t.Errorf("%+v is shown as %v", step, got)
		}
	}
}

func TestCurrenciesOfChannels(t *testing.T) {
	s := shop(t)
	offered := func(channel int64) string {
		a := s.ChannelCurrencies(channel)
		return strings.Join(a.Enabled, ",") + ":" + a.Default + ":" + s.ChannelCurrency(channel).Code
	}
	check := func(when, want string) {
		t.Helper()
		if got := offered(2); got != want {
			t.Errorf("%s, channel 2 offers %s, want %s", when, got, want)
		}
	}
	check("at first", "USD,EUR:USD:USD")
	must(t, s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"eur", "EUR", "usd"}, Default: "eur"}, later))
	check("assigned", "EUR,USD:EUR:EUR")
	must(t, ids(s.AddCurrency("CHF", CurrencyFields{}, noon)))
	check("with a new currency in the store", "EUR,USD:EUR:EUR")
	must(t, s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"EUR", "CHF"}, Default: "EUR"}, later))
	must(t, s.RemoveCurrency(3))
	if c := s.Currency("CHF"); s.CurrencyByID(3) != nil || len(s.ListedCurrencies()) != 2 || c.Rate != money.RateOne || c.Enabled {
		t.Errorf("a removed currency = %+v", c)
	}
	check("with a currency less", "EUR:EUR:EUR")
	must(t, s.UnassignCurrencies(2, later))
	check("unassigned", "USD,EUR:USD:USD")

	must(t, s.AssignCurrencies(2, CurrencyAssignment{Enabled: []string{"EUR"}, Default: "EUR"}, later))
	must(t, s.UpdateChannel(2, ChannelFields{Status: ptr(ChannelDeleted)}, later))
	must(t, s.RemoveCurrency(2))
	check("deleted, its currency removed", "USD:USD:USD")
	must(t, ids(s.AddCurrency("EUR", CurrencyFields{Rate: ptr(rate(t, "0.9"))}, noon)))
	if c := s.Currency("EUR"); c.ID != 4 || c.Deleted || !c.Enabled || c.Rate != rate(t, "0.9") || len(s.ListedCurrencies()) != 2 {
		t.Errorf("a currency that came back = %+v", c)
	}
}

func TestDefaultCurrency(t *testing.T) {
	s := shop(t)
	must(t, ids(s.AddCurrency("JPY", CurrencyFields{Rate: ptr(rate(t, "150"))}, noon)))
	if s.Currency("JPY").DecimalPlaces != 0 {
		t.Error("yen have decimal places")
	}
	must(t, s.UpdateCurrency(2, CurrencyFields{Enabled: ptr(false)}, noon))
	must(t, s.UpdateCurrency(2, CurrencyFields{Default: ptr(true)}, later))
	got := map[string]string{}
	for _, c := range s.Currencies {
		got[c.Code] = fmt.Sprint(c.Rate, " ", c.Default, c.Enabled, c.Transactional)
	}
	want := map[string]string{"USD": "1.2500000000 false true true", "EUR": "1.0000000000 true true true", "JPY": "187.5000000000 false true true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s.DefaultCurrency().Code != "EUR" || s.ChannelCurrency(1).Code != "EUR" {
		t.Error("the default is not the euro")
	}
	must(t, s.UpdateCurrency(1, CurrencyFields{Default: ptr(false), Name: ptr("Dollar")}, later))
	must(t, s.UpdateCurrency(2, CurrencyFields{Default: ptr(true), Rate: ptr(money.RateOne)}, later))
}

func TestSites(t *testing.T) {
	s := shop(t)
	must(t, ids(s.AddSite(2, " https://B.example:8443/shop/ ", noon)))
	must(t, s.SetCheckoutURL(2, "https://b.example:8443/pay", later)) // its own host
	must(t, s.SetSiteURL(2, "https://b.example", later))
	site := s.Site(2)
	if site.URL != "https://b.example" || site.CheckoutURL != "https://b.example:8443/pay" || !site.Modified.Equal(later) || s.SiteOf(2) != site {
		t.Errorf("site = %+v", site)
	}
	must(t, s.SetCheckoutURL(2, "", later))
	if site.CheckoutURL != "" {
		t.Error("the checkout address stays")
	}
	must(t, s.RemoveSite(1))
	if s.SiteOf(1) != nil || s.Site(2) == nil {
		t.Errorf("sites = %+v", s.Sites)
	}
	must(t, ids(s.AddSite(1, "https://shop.example", noon)))
	if s.SiteOf(1).ID != 3 {
		t.Error("an id was given out twice")
	}
}

func TestValidHash(t *testing.T) {
	for hash, want := range map[string]bool{
		"a": true, "shop1": true, strings.Repeat("z", 32): true,
		"": false, "A": false, "a-b": false, "\x00": false, "\xff": false, "a\n": false, strings.Repeat("z", 33): false,
	} {
		if ValidHash(hash) != want {
			t.Errorf("%q is not %t", hash, want)
		}
	}
}

func TestCleanURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://shop.example": "https://shop.example", "HTTP://Shop.Example:80/a//": "http://shop.example/a",
		"https://shop.example:443": "https://shop.example", "https://shop.example:80/": "https://shop.example:80", "http://shop.example:443": "http://shop.example:443",
		"https://[::1]:443/a": "https://[::1]/a", "https://shop.example:8443": "https://shop.example:8443",
		"https://[::1]:8443": "https://[::1]:8443", "http://localhost:3000/": "http://localhost:3000", "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
		"": "", "shop.example": "", "//shop.example": "", "ftp://shop.example": "", "https://": "", "https://:80": "", "https://u@shop.example": "",
		"https://shop.example?": "", "https://shop.example/#": "", "https://shop.example/?a=1": "", "https://sh op.example": "", "https://shop.example:x": "",
		"https://<b>.example": "", `https://a"b.example`: "", "https://bücher.example": "", "javascript:alert(1)": "", "https://-a.example": "", "https://shop.example\n": "https://shop.example",
		"https://" + strings.Repeat("a", 2048): "",
	} {
		got, err := CleanURL(raw)
		if got != want || (err == nil) != (want != "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60q becomes %q, %v", raw, got, err)
		}
	}
}

func TestRoutes(t *testing.T) {
	s := shop(t)
	must(t, ids(s.AddRoute(1, RouteFields{Type: ptr("product"), Matching: ptr("*"), Route: ptr("/{slug}")}, noon)))
	got, err := s.UpsertRoutes(1, []RouteEntry{
		{RouteFields: RouteFields{Type: ptr("cart"), Route: ptr("/basket")}},
		{ID: 1, RouteFields: RouteFields{Route: ptr("/p/{slug}")}},
	}, later)
	must(t, err)
	if !slices.Equal(got, []int64{2, 1}) {
		t.Errorf("ids = %v", got)
	}
	want := []Route{
		{ID: 1, Type: "product", Matching: "*", Route: "/p/{slug}", Created: noon, Modified: later},
		{ID: 2, Type: "cart", Route: "/basket", Created: later, Modified: later},
	}
	if diff := cmp.Diff(want, s.Site(1).Routes); diff != "" {
		t.Error(diff)
	}
	must(t, s.RemoveRoute(1, 1))
	if s.Site(1).Route(1) != nil || s.Site(1).Route(2) == nil {
		t.Errorf("routes = %+v", s.Site(1).Routes)
	}
}

func TestGiftWraps(t *testing.T) {
	s := shop(t)
	must(t, ids(s.AddGiftWrap(GiftWrapFields{Name: ptr("Blue"), Price: ptr(money.Amount(4_5000))})))
	must(t, s.UpdateGiftWrap(1, GiftWrapFields{AllowComments: ptr(false)}))
	if g := s.GiftWrap(1); g.Name != "Blue" || g.Price != 4_5000 || !g.Visible || g.AllowComments {
		t.Errorf("gift wrapping = %+v", g)
	}
	must(t, s.RemoveGiftWrap(1))
	if g := s.GiftWrap(1); len(s.OfferedGiftWraps()) != 0 || g == nil || g.Visible || g.Name != "Blue" {
		t.Errorf("a removed gift wrapping = %+v, offered %v", g, s.OfferedGiftWraps())
	}
	for range MaxGiftWraps + 1 {
		id, err := s.AddGiftWrap(GiftWrapFields{})
		must(t, err)
		must(t, s.RemoveGiftWrap(id))
	}
	if len(s.GiftWraps) != MaxGiftWraps || s.GiftWrap(1) != nil {
		t.Errorf("%d removed gift wrappings are kept", len(s.GiftWraps))
	}
}
