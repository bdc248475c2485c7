package httpapi

import (
	"strconv"
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

// oldTaxClassJSON is a tax class of V2, where ids are strings.
type oldTaxClassJSON struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Created  string `json:"created_at"`
	Modified string `json:"updated_at"`
}

type taxClassJSON struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Created  string `json:"created_at"`
	Modified string `json:"updated_at"`
}

func oldTaxClassOf(c *merchant.TaxClass) oldTaxClassJSON {
	return oldTaxClassJSON{strconv.FormatInt(c.ID, 10), c.Name, siteTimeText(c.Created), siteTimeText(c.Modified)}
}

func taxClassOf(c *merchant.TaxClass) taxClassJSON {
	return taxClassJSON{c.ID, c.Name, siteTimeText(c.Created), siteTimeText(c.Modified)}
}

type taxZoneJSON struct {
	ID      int64          `json:"id"`
	Name    string         `json:"name"`
	Enabled bool           `json:"enabled"`
	Display taxDisplayJSON `json:"price_display_settings"`
	Target  taxTargetJSON  `json:"shopper_target_settings"`
}

type taxDisplayJSON struct {
	Inclusive    bool `json:"show_inclusive"`
	BothOnDetail bool `json:"show_both_on_detail_view"`
	BothOnList   bool `json:"show_both_on_list_view"`
}

type taxTargetJSON struct {
	Locations []taxLocationJSON `json:"locations"`
	Groups    []int64           `json:"customer_groups"`
}

type taxLocationJSON struct {
	Country string   `json:"country_code"`
	States  []string `json:"subdivision_codes"`
	Zips    []string `json:"postal_codes"`
}

// noNull returns a list that is written as one, even when it is empty.
func noNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func taxZoneOf(z *merchant.TaxZone) taxZoneJSON {
	j := taxZoneJSON{ID: z.ID, Name: z.Name, Enabled: z.Enabled, Display: taxDisplayJSON(z.Display),
		Target: taxTargetJSON{make([]taxLocationJSON, len(z.Locations)), noNull(z.Groups)}}
	for i, l := range z.Locations {
		j.Target.Locations[i] = taxLocationJSON{l.Country, noNull(l.States), noNull(l.Zips)}
	}
	return j
}

type taxRateJSON struct {
	ID       int64                `json:"id"`
	ZoneID   int64                `json:"tax_zone_id"`
	Name     string               `json:"name"`
	Enabled  bool                 `json:"enabled"`
	Priority int64                `json:"priority"`
	Classes  []merchant.ClassRate `json:"class_rates"`
}

func taxRateOf(r *merchant.TaxRate) taxRateJSON {
	return taxRateJSON{r.ID, r.ZoneID, r.Name, r.Enabled, r.Priority, noNull(r.Classes)}
}

func readNewTaxClass(v value) merchant.TaxClassFields {
	return merchant.TaxClassFields{Name: readTaxClassName(v)}
}

func readTaxClass(v value) merchant.TaxClassFields {
	return merchant.TaxClassFields{ID: v.get("id").required().int(1, maxInt), Name: readTaxClassName(v)}
}

// readTaxClassName reads a name without the characters that the vendor does not
// take.
func readTaxClassName(v value) string {
	name := v.get("name").required()
	text := strings.TrimSpace(name.text(1, 100))
	if strings.ContainsAny(text, "<>{}`();|") || text == "" && !name.null() {
		name.fail(fault.ExpectedString)
	}
	return text
}

func readNewTaxZone(v value) merchant.TaxZoneFields {
	v.get("name").required()
	return readTaxZoneFields(v)
}

func readTaxZone(v value) merchant.TaxZoneFields {
	f := readTaxZoneFields(v)
	f.ID = v.get("id").required().int(1, maxInt)
	return f
}

func readTaxZoneFields(v value) merchant.TaxZoneFields {
	v.object()
	target := v.get("shopper_target_settings")
	f := merchant.TaxZoneFields{
		Name: optional(v.get("name"), textOf(1, 255)), Enabled: optional(v.get("enabled"), value.bool),
		Display: optional(v.get("price_display_settings"), readTaxDisplay),
	}
	if !target.null() {
		f.Locations = optional(target.get("locations"), readTaxLocations)
		f.Groups = optional(target.get("customer_groups"), readGroups)
	}
	return f
}

func readTaxDisplay(v value) merchant.TaxDisplay {
	return merchant.TaxDisplay{Inclusive: v.get("show_inclusive").bool(), BothOnDetail: v.get("show_both_on_detail_view").bool(),
		BothOnList: v.get("show_both_on_list_view").bool()}
}

// maxTaxLocations bounds the locations of one zone, and the codes of one
// location.
const maxTaxLocations = 500

func readTaxLocations(v value) []merchant.TaxLocation {
	var out []merchant.TaxLocation
	for _, l := range v.bounded(maxTaxLocations) {
		out = append(out, merchant.TaxLocation{
			Country: strings.ToUpper(l.get("country_code").required().text(2, 2)),
			States:  readCodes(l.get("subdivision_codes"), 50), Zips: readCodes(l.get("postal_codes"), 20),
		})
	}
	return out
}

func readCodes(v value, length int) []string {
	var out []string
	for _, code := range v.bounded(maxTaxLocations) {
		out = append(out, strings.TrimSpace(code.required().text(1, length)))
	}
	return out
}

func readGroups(v value) []int64 {
	var out []int64
	for _, id := range v.bounded(maxTaxLocations) {
		out = append(out, id.required().int(0, maxInt))
	}
	return out
}

func readNewTaxRate(v value) merchant.TaxRateFields {
	for _, name := range []string{"class_rates", "name", "tax_zone_id"} {
		v.get(name).required()
	}
	return readTaxRateFields(v)
}

func readTaxRate(v value) merchant.TaxRateFields {
	f := readTaxRateFields(v)
	f.ID = v.get("id").required().int(1, maxInt)
	return f
}

func readTaxRateFields(v value) merchant.TaxRateFields {
	v.object()
	return merchant.TaxRateFields{
		ZoneID: optional(v.get("tax_zone_id"), intOf(1, maxInt)), Name: optional(v.get("name"), textOf(1, 255)),
		Enabled: optional(v.get("enabled"), value.bool), Priority: optional(v.get("priority"), intOf(0, 1000)),
		Classes: optional(v.get("class_rates"), readClassRates),
	}
}

func readClassRates(v value) []merchant.ClassRate {
	out := []merchant.ClassRate{}
	for _, c := range v.bounded(merchant.MaxTaxClasses) {
		out = append(out, merchant.ClassRate{
			ClassID: c.get("tax_class_id").required().int(0, maxInt), Rate: readTaxPercent(c.get("rate").required()),
		})
	}
	return out
}

// readTaxPercent reads a tax rate; there are some beyond all of the price.
func readTaxPercent(v value) money.Amount {
	p := v.amount()
	if p > 1000*money.Unit {
		v.fail(fault.Max)
	}
	return p
}

type taxSettingsJSON struct {
	EnteredWithTax bool                `json:"tax_entered_with_prices"`
	Display        settingsDisplayJSON `json:"price_display_settings"`
	Fallback       string              `json:"fallback_strategy"`
}

type settingsDisplayJSON struct {
	InclusiveInPanel bool   `json:"show_inclusive_in_control_panel"`
	InvoiceStrategy  string `json:"invoice_price_display_strategy"`
}

func taxSettingsOf(s *merchant.Store) taxSettingsJSON {
	t := s.Tax.Shown
	j := taxSettingsJSON{s.PricesIncludeTax, settingsDisplayJSON{t.InclusiveInPanel, t.InvoiceStrategy}, t.Fallback}
	if j.Display.InvoiceStrategy == "" {
		j.Display.InvoiceStrategy = "ZONE"
	}
	if j.Fallback == "" {
		j.Fallback = "FIXED"
	}
	return j
}

// taxSettings is what a request says of the settings. Nil fields stay as they
// are.
type taxSettings struct {
	entered, panel    *bool
	invoice, fallback *string
}

func readTaxSettings(v value) taxSettings {
	v.object()
	in := taxSettings{
		entered:  optional(v.get("tax_entered_with_prices"), value.bool),
		fallback: optional(v.get("fallback_strategy"), enumOf([]string{"FIXED", "BASIC", "DISABLE"})),
	}
	if d := v.get("price_display_settings"); !d.null() {
		in.panel = optional(d.get("show_inclusive_in_control_panel"), value.bool)
		in.invoice = optional(d.get("invoice_price_display_strategy"), enumOf([]string{"ZONE", "INCLUSIVE", "EXCLUSIVE"}))
	}
	return in
}

func (in taxSettings) apply(s *merchant.Store) {
	put(&s.PricesIncludeTax, in.entered)
	put(&s.Tax.Shown.InclusiveInPanel, in.panel)
	put(&s.Tax.Shown.InvoiceStrategy, in.invoice)
	put(&s.Tax.Shown.Fallback, in.fallback)
}

// put writes a field that a request names.
func put[T any](place, from *T) {
	if from != nil {
		*place = *from
	}
}
