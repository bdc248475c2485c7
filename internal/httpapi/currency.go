package httpapi

import (
	"net/http"
	"strings"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// currencyRoutes are the currencies of spec/05 §6: V2, bare objects.
func (a *API) currencyRoutes() []route {
	return []route{
		{"GET", "/v2/currencies", informationScope, a.listCurrencies},
		{"POST", "/v2/currencies", informationScope, a.createCurrency},
		{"GET", "/v2/currencies/{id}", informationScope, a.getCurrency},
		{"PUT", "/v2/currencies/{id}", informationScope, a.updateCurrency},
		{"DELETE", "/v2/currencies/{id}", informationScope, a.deleteCurrency},
	}
}

// v2Time is the form of times in V2 (spec/00 §7).
const v2Time = "Mon, 02 Jan 2006 15:04:05 -0700"

type currencyJSON struct {
	ID             int64      `json:"id"`
	Default        bool       `json:"is_default"`
	Country        string     `json:"country_iso2"`
	DefaultFor     []string   `json:"default_for_country_codes"`
	Code           string     `json:"currency_code"`
	Rate           money.Rate `json:"currency_exchange_rate"`
	AutoUpdate     bool       `json:"auto_update"`
	TokenLocation  string     `json:"token_location"`
	Token          string     `json:"token"`
	DecimalToken   string     `json:"decimal_token"`
	ThousandsToken string     `json:"thousands_token"`
	DecimalPlaces  int        `json:"decimal_places"`
	Name           string     `json:"name"`
	Enabled        bool       `json:"enabled"`
	Transactional  bool       `json:"is_transactional"`
	UseDefaultName bool       `json:"use_default_name"`
	LastUpdated    string     `json:"last_updated"`
}

func currencyOf(c *merchant.Currency) currencyJSON {
	j := currencyJSON{
		ID: c.ID, Default: c.Default, Country: c.Country, DefaultFor: c.DefaultFor, Code: c.Code, Rate: c.Rate,
		AutoUpdate: c.AutoUpdate, TokenLocation: c.TokenLocation, Token: c.Token, DecimalToken: c.DecimalToken,
		ThousandsToken: c.ThousandsToken, DecimalPlaces: c.DecimalPlaces, Name: c.Name, Enabled: c.Enabled,
		Transactional: c.Transactional, UseDefaultName: c.UseDefaultName, LastUpdated: c.LastUpdated.UTC().Format(v2Time),
	}
	if j.DefaultFor == nil {
		j.DefaultFor = []string{}
	}
	return j
}

func showCurrency(id *int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return currencyOf(s.CurrencyByID(*id)) }
}

// listCurrencies serves GET /v2/currencies.
func (a *API) listCurrencies(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, shownPage(p, s.ListedCurrencies(), currencyOf))
}

// getCurrency serves GET /v2/currencies/{id}.
func (a *API) getCurrency(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	if s.CurrencyByID(id) == nil {
		return errNotFound()
	}
	return respond(w, http.StatusOK, showCurrency(&id)(s))
}

// createCurrency serves POST /v2/currencies.
func (a *API) createCurrency(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	code, fields := readNewCurrency(body)
	if err := body.err(); err != nil {
		return err
	}
	var id int64
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) (err error) {
		id, err = s.AddCurrency(code, fields, now)
		return err
	}, showCurrency(&id))
}

// updateCurrency serves PUT /v2/currencies/{id}.
func (a *API) updateCurrency(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "id", readCurrency)
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, now time.Time) error {
		return s.UpdateCurrency(id, fields, now)
	}, showCurrency(&id))
}

// deleteCurrency serves DELETE /v2/currencies/{id}.
func (a *API) deleteCurrency(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusNoContent, func(s *merchant.Store, _ time.Time) error {
		return s.RemoveCurrency(id)
	}, showNothing)
}

// readNewCurrency reads a currency with everything that a new one needs.
func readNewCurrency(v value) (code string, f merchant.CurrencyFields) {
	for _, name := range []string{"name", "currency_exchange_rate", "token_location", "token", "decimal_token", "thousands_token", "decimal_places"} {
		v.get(name).required()
	}
	return strings.TrimSpace(v.get("currency_code").required().text(3, 3)), readCurrency(v)
}

func readCurrency(v value) merchant.CurrencyFields {
	v.object()
	return merchant.CurrencyFields{
		Name:           optional(v.get("name"), textOf(1, 255)),
		Rate:           optional(v.get("currency_exchange_rate"), value.rate),
		Default:        optional(v.get("is_default"), value.bool),
		Enabled:        optional(v.get("enabled"), value.bool),
		Transactional:  optional(v.get("is_transactional"), value.bool),
		AutoUpdate:     optional(v.get("auto_update"), value.bool),
		Country:        optional(v.get("country_iso2"), textOf(0, 2)),
		DefaultFor:     optional(v.get("default_for_country_codes"), readCountries),
		TokenLocation:  optional(v.get("token_location"), enumOf([]string{"left", "right"})),
		Token:          optional(v.get("token"), textOf(0, 16)),
		DecimalToken:   optional(v.get("decimal_token"), textOf(1, 1)),
		ThousandsToken: optional(v.get("thousands_token"), textOf(0, 1)),
		DecimalPlaces:  optional(v.get("decimal_places"), func(v value) int { return int(v.int(0, 4)) }),
		UseDefaultName: optional(v.get("use_default_name"), value.bool),
	}
}

func readCountries(v value) []string {
	codes := []string{}
	for _, code := range v.bounded(maxAssigned) {
		codes = append(codes, code.required().text(2, 3))
	}
	return codes
}

// rate reads an exchange rate, which is above zero.
func (v value) rate() money.Rate {
	digits, ok := v.digits()
	if !ok {
		v.fail(fault.ExpectedNumber)
		return money.RateOne
	}
	rate, err := money.ParseRate(digits)
	if err != nil {
		v.fail(fault.ExpectedNumber)
		return money.RateOne
	}
	return rate
}
