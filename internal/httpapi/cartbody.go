package httpapi

import (
	"encoding/json"
	"math"
	"net/url"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
)

// maxInt is the largest id a body may hold; more is not exact in the doubles
// that most clients compute with.
const maxInt = math.MaxInt64

// maxEntries bounds the entries of one request before any of them is looked
// at; a cart holds fewer.
const maxEntries = 1000

// readDraft reads the body of POST /v3/carts.
func readDraft(body value) cart.Draft {
	in := readEntries(body)
	return cart.Draft{
		CustomerID: body.get("customer_id").int(0, maxInt),
		ChannelID:  body.get("channel_id").int(1, maxInt),
		Currency:   body.get("currency").object().get("code").text(0, 10),
		Locale:     body.get("locale").text(0, 35),
		Items:      in.Items, CustomItems: in.CustomItems, Certificates: in.Certificates,
	}
}

// readEntries reads what a request adds: line_items, or one line_item as in
// older examples, custom_items and gift_certificates.
func readEntries(body value) cart.Entries {
	var in cart.Entries
	items := limited(body.get("line_items"))
	if single := body.get("line_item"); !single.null() {
		items = append(items, single)
	}
	for _, v := range items {
		in.Items = append(in.Items, readItem(v))
	}
	for _, v := range limited(body.get("custom_items")) {
		in.CustomItems = append(in.CustomItems, cart.CustomItem{
			Name:      v.get("name").required().text(1, 250),
			SKU:       v.get("sku").text(0, 255),
			Quantity:  v.get("quantity").required().int(1, cart.MaxQuantity),
			ListPrice: v.get("list_price").required().amount(),
			ImageURL:  webAddress(v.get("image_url")),
		})
	}
	for _, v := range limited(body.get("gift_certificates")) {
		in.Certificates = append(in.Certificates, readCertificate(v))
	}
	return in
}

func limited(v value) []value {
	items := v.list()
	if len(items) > maxEntries {
		v.fail(fault.MaxLength)
		return nil
	}
	return items
}

// readItem reads one catalog entry (spec/01 §3).
func readItem(v value) cart.Item {
	item := cart.Item{
		ProductID:  v.get("product_id").required().int(1, maxInt),
		VariantID:  v.get("variant_id").int(0, maxInt),
		Quantity:   v.get("quantity").required().int(1, cart.MaxQuantity),
		Name:       v.get("name").text(0, 250),
		Selections: readChoices(v.get("option_selections")),
		Wrapping:   readWrapping(v.get("gift_wrapping")),
	}
	if price := v.get("list_price"); !price.null() {
		amount := price.amount()
		item.ListPrice = &amount
	}
	return item
}

func readChoices(v value) []cart.Choice {
	items := limited(v)
	if items == nil {
		return nil
	}
	choices := make([]cart.Choice, 0, len(items))
	for _, item := range items {
		chosen := item.get("option_value")
		if !item.has("option_value") { // null is there: it chooses nothing
			chosen.required()
		}
		choices = append(choices, cart.Choice{
			OptionID: item.get("option_id").required().int(1, maxInt),
			Value:    readOptionInput(chosen),
			NameSet:  item.get("name").label(0, 255),
			ValueSet: item.get("value").label(0, 1000),
		})
	}
	return choices
}

// readOptionInput keeps an option value as the client wrote it: its type
// depends on the option (spec/01 §4).
func readOptionInput(v value) cart.OptionInput {
	switch x := v.raw.(type) {
	case string:
		return cart.OptionInput{Kind: cart.InputText, Text: v.text(0, 65_535)}
	case json.Number:
		return cart.OptionInput{Kind: cart.InputNumber, Text: x.String()}
	case bool:
		return cart.OptionInput{Kind: cart.InputBool, Bool: x}
	case map[string]any:
		fields := make(map[string]string, len(x))
		for name := range x {
			switch f := x[name].(type) {
			case json.Number:
				fields[name] = f.String()
			case string:
				fields[name] = v.get(name).text(0, 2048)
			}
		}
		return cart.OptionInput{Kind: cart.InputObject, Fields: fields}
	case []any:
		v.fail(fault.ExpectedString)
	}
	return cart.OptionInput{}
}

// readWrapping reads gift_wrapping; null means none.
func readWrapping(v value) *cart.Wrapping {
	if v.null() {
		return nil
	}
	w := &cart.Wrapping{Together: v.get("wrap_together").required().bool()}
	details := v.get("wrap_details").required()
	if items, ok := details.raw.([]any); ok && len(items) == 0 {
		details.fail(fault.MinLength)
	}
	for _, d := range limited(details) {
		w.Details = append(w.Details, cart.WrapDetail{
			ID:      d.get("id").required().int(1, maxInt),
			Message: d.get("message").text(0, 1000),
		})
	}
	return w
}

// readCertificate reads one gift certificate (spec/01 §6).
func readCertificate(v value) cart.GiftItem {
	theme := v.get("theme").required()
	item := cart.GiftItem{
		Name:     v.get("name").required().text(1, 250),
		Quantity: v.get("quantity").required().int(1, cart.MaxQuantity),
		Certificate: cart.Certificate{
			Theme:     cart.Theme(theme.text(1, 50)),
			Amount:    v.get("amount").required().amount(),
			Sender:    readPerson(v.get("sender").required()),
			Recipient: readPerson(v.get("recipient").required()),
			Message:   v.get("message").text(0, 200),
		},
	}
	if item.Theme == "" && !theme.null() {
		theme.fail(fault.ExpectedEnum)
	}
	return item
}

func readPerson(v value) cart.Person {
	return cart.Person{Name: v.get("name").required().text(1, 250), Email: v.get("email").required().email()}
}

// readLineUpdate reads the body of PUT item in all the forms that the vendor's
// papers show (spec/01 §11, C6).
func readLineUpdate(body value) cart.LineUpdate {
	certificate := body.get("gift_certificates")
	if _, single := certificate.raw.(map[string]any); !single {
		certificate = first(certificate)
	}
	if !certificate.null() || certificate.entry {
		cert := readCertificate(certificate)
		return cart.LineUpdate{Certificate: &cert}
	}
	if body.has("custom_items") || body.has("custom_item") {
		return cart.LineUpdate{Custom: true}
	}
	line := body.get("line_item")
	if line.null() {
		if item := first(body.get("line_items")); item.entry {
			line = item
		}
	}
	if len(body.form.fields) == 0 && !line.entry {
		line.required()
	}
	u := cart.LineUpdate{
		ProductID:   line.get("product_id").int(1, maxInt),
		VariantID:   line.get("variant_id").int(0, maxInt),
		Selections:  readChoices(line.get("option_selections")),
		SetWrapping: line.has("gift_wrapping"),
		Wrapping:    readWrapping(line.get("gift_wrapping")),
	}
	if q := line.get("quantity"); !q.null() {
		n := q.int(1, cart.MaxQuantity)
		u.Quantity = &n
	}
	if p := line.get("list_price"); !p.null() {
		amount := p.amount()
		u.ListPrice = &amount
	}
	return u
}

// first returns the first entry of an array, or an absent value.
func first(v value) value {
	if items := limited(v); len(items) > 0 {
		return items[0]
	}
	return value{form: v.form, path: v.path}
}

// Bounds of query_params of redirect URLs.
const (
	maxQueryParams = 50
	maxQueryParam  = 1000
)

// reservedParams are the link's own parameters.
var reservedParams = map[string]bool{"action": true, "id": true, "token": true, "embedded": true}

// readQueryParams reads an object, or the older list of keys and values
// (spec/01 §10). Numbers and booleans become text.
func readQueryParams(v value) url.Values {
	if v.null() {
		return nil
	}
	q := url.Values{}
	add := func(key string, item value) {
		switch x := item.raw.(type) {
		case string:
			q.Add(key, item.text(0, maxQueryParam))
		case json.Number:
			q.Add(key, x.String())
		case bool:
			if x {
				q.Add(key, "true")
			} else {
				q.Add(key, "false")
			}
		case nil:
		default:
			item.fail(fault.ExpectedString)
		}
		if reservedParams[key] || strings.ContainsRune(key, 0) || len(key) > maxQueryParam {
			item.fail(fault.ExpectedEnum)
		}
	}
	switch x := v.raw.(type) {
	case map[string]any:
		for key := range x {
			add(key, v.get(key))
		}
	case []any:
		for _, item := range v.list() {
			add(item.get("key").required().text(1, maxQueryParam), item.get("value"))
		}
	default:
		v.fail(fault.ExpectedObject)
	}
	if len(q) > maxQueryParams {
		v.fail(fault.Max)
	}
	return q
}

// webAddress reads an absolute http or https address.
func webAddress(v value) string {
	s := v.text(0, 2048)
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		v.fail(fault.ExpectedURL)
		return ""
	}
	return s
}
