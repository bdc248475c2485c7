package httpapi

import (
	"net/http"
	"net/url"

	"cartwright/internal/merchant"
)

// storeRoutes are what V2 says of the store itself, and the time.
func (a *API) storeRoutes() []route {
	return []route{
		{"GET", "/v2/store", informationScope, a.getStore},
		{"GET", "/v2/time", informationScope, a.getTime},
	}
}

type storeJSON struct {
	ID               string       `json:"id"`
	Name             string       `json:"name"`
	Domain           string       `json:"domain"`
	SecureURL        string       `json:"secure_url"`
	Status           string       `json:"status"`
	AdminEmail       string       `json:"admin_email"`
	OrderEmail       string       `json:"order_email"`
	Timezone         timezoneJSON `json:"timezone"`
	Language         string       `json:"language"`
	Currency         string       `json:"currency"`
	CurrencySymbol   string       `json:"currency_symbol"`
	SymbolLocation   string       `json:"currency_symbol_location"`
	DecimalSeparator string       `json:"decimal_separator"`
	Thousands        string       `json:"thousands_separator"`
	DecimalPlaces    int          `json:"decimal_places"`
	PricesIncludeTax bool         `json:"is_price_entered_with_tax"`
	DefaultChannelID int64        `json:"default_channel_id"`
	DefaultSiteID    *int64       `json:"default_site_id,omitempty"`
}

type timezoneJSON struct {
	Name      string `json:"name"`
	RawOffset int    `json:"raw_offset"`
	DSTOffset int    `json:"dst_offset"`
	DST       bool   `json:"dst_correction"`
}

// getStore serves GET /v2/store. A store lives in UTC.
func (a *API) getStore(w http.ResponseWriter, r *http.Request) error {
	shop, err := a.Shops.Shop(r.Context(), storeOf(r))
	if err != nil {
		return err
	}
	s := shop.Store
	c := s.DefaultCurrency()
	j := storeJSON{
		ID: s.Hash, Name: s.Name, SecureURL: shop.SiteURL(merchant.DefaultChannel), Status: "live",
		AdminEmail: s.EmailFrom, OrderEmail: s.EmailFrom, Timezone: timezoneJSON{Name: "Etc/UTC"}, Language: "en",
		Currency: c.Code, CurrencySymbol: c.Token, SymbolLocation: c.TokenLocation, DecimalSeparator: c.DecimalToken,
		Thousands: c.ThousandsToken, DecimalPlaces: c.DecimalPlaces, PricesIncludeTax: s.PricesIncludeTax,
		DefaultChannelID: merchant.DefaultChannel,
	}
	if u, err := url.Parse(j.SecureURL); err == nil {
		j.Domain = u.Host
	}
	if site := s.SiteOf(merchant.DefaultChannel); site != nil {
		j.DefaultSiteID = &site.ID
	}
	if locale := s.Channel(merchant.DefaultChannel).DefaultLocale; locale != "" {
		j.Language = locale
	}
	return respond(w, http.StatusOK, j)
}

// getTime serves GET /v2/time: the time that the store lives in.
func (a *API) getTime(w http.ResponseWriter, _ *http.Request) error {
	return respond(w, http.StatusOK, struct {
		Time int64 `json:"time"`
	}{a.Merchants.Now().Unix()})
}
