package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cartwright/internal/cursor"
	"cartwright/internal/hook"
)

const settingsPath = "/v3/abandoned-carts/settings"

// allSettings is a body with every setting; changes replace parts of it.
func allSettings(changes ...string) string {
	body := `{"enable_notification":true,"email_customer_until_cart_is_recovered":true,"marketing_emails_require_customer_consent":false,` +
		`"email_merchant_when_cart_is_converted":true,"email_merchant_when_cart_is_abandoned":true,"merchant_email_address":"owner@lamps.example",` +
		`"merchant_abandoned_cart_email_frequency_type":"digest","merchant_abandoned_cart_digest_email_frequency":5}`
	return strings.NewReplacer(changes...).Replace(body)
}

// TestRecoverySettings is spec/02 §3.1, row by row.
func TestRecoverySettings(t *testing.T) {
	s := newStreet(t)
	defaults := `{"data":{"enable_notification":true,"email_customer_until_cart_is_recovered":true,"marketing_emails_require_customer_consent":false,` +
		`"email_merchant_when_cart_is_converted":false,"email_merchant_when_cart_is_abandoned":false,"merchant_email_address":"hello@shop.example",` +
		`"merchant_abandoned_cart_email_frequency_type":"individual","merchant_abandoned_cart_digest_email_frequency":10},"meta":{}}`
	stored := `{"data":` + allSettings() + `,"meta":{}}`
	s.walk(
		step{"", "GET", settingsPath, "", 200, []string{defaults}},
		step{"reader", "GET", settingsPath + "?pagination=3", "", 200, []string{defaults}},
		step{"reader", "PUT", settingsPath, allSettings(), 403, nil},
		step{"", "PUT", settingsPath, allSettings(), 200, []string{stored}},
		step{"", "GET", settingsPath, "", 200, []string{stored}},
		// The vendor's document requires a property that it does not have.
		step{"", "PUT", settingsPath, allSettings(`"enable_notification":true`, `"enabled":false`), 200, []string{`{"data":{"enable_notification":false,`, `!"enabled"`}},
		step{"", "PUT", settingsPath, allSettings(`"enable_notification":true`, `"enabled":false,"enable_notification":true`), 200, []string{`"enable_notification":true`}},
		step{"", "PUT", settingsPath, allSettings(`"owner@lamps.example"`, `""`), 200, []string{`"merchant_email_address":""`}},
		step{"", "PUT", settingsPath, allSettings(`:5}`, `:2,"extra":1}`), 200, []string{`"merchant_abandoned_cart_digest_email_frequency":2}`}},
		step{"", "PUT", settingsPath, allSettings(`:5}`, `:1000}`), 200, []string{`:1000}`}},
	)
	for _, bad := range []struct{ from, to, field, why string }{
		{`"enable_notification":true,`, ``, "enable_notification", "error.path.missing"},
		{`"enable_notification":true`, `"enabled":"yes"`, "enabled", "error.expected.jsboolean"},
		{`"email_merchant_when_cart_is_converted":true,`, ``, "email_merchant_when_cart_is_converted", "error.path.missing"},
		{`"email_merchant_when_cart_is_converted":true`, `"email_merchant_when_cart_is_converted":null`, "email_merchant_when_cart_is_converted", "error.path.missing"},
		{`"email_merchant_when_cart_is_abandoned":true`, `"email_merchant_when_cart_is_abandoned":1`, "email_merchant_when_cart_is_abandoned", "error.expected.jsboolean"},
		{`"marketing_emails_require_customer_consent":false,`, ``, "marketing_emails_require_customer_consent", "error.path.missing"},
		{`"email_customer_until_cart_is_recovered":true,`, ``, "email_customer_until_cart_is_recovered", "error.path.missing"},
		{`"merchant_email_address":"owner@lamps.example",`, ``, "merchant_email_address", "error.path.missing"},
		{`owner@lamps.example`, `owner`, "merchant_email_address", "error.email"},
		{`owner@lamps.example`, `owner@lamps.example\r\nBcc: x@y.example`, "merchant_email_address", "error.email"},
		{`owner@lamps.example`, strings.Repeat("a", 500) + "@lamps.example", "merchant_email_address", "error.maxLength"},
		{`"digest"`, `"weekly"`, "merchant_abandoned_cart_email_frequency_type", "error.expected.validenumvalue"},
		{`:5}`, `:1}`, "merchant_abandoned_cart_digest_email_frequency", "error.min"},
		{`:5}`, `:1001}`, "merchant_abandoned_cart_digest_email_frequency", "error.max"},
		{`:5}`, `:2.5}`, "merchant_abandoned_cart_digest_email_frequency", "error.expected.jsnumber"},
		// It is required, so it is looked at with the other type as well.
		{`"digest","merchant_abandoned_cart_digest_email_frequency":5`, `"individual","merchant_abandoned_cart_digest_email_frequency":1`,
			"merchant_abandoned_cart_digest_email_frequency", "error.min"},
	} {
		s.do(step{"", "PUT", settingsPath, allSettings(bad.from, bad.to), 422, []string{fmt.Sprintf(
			`{"status":422,"title":"JSON data is missing or invalid","type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes","errors":{"%s":"%s"}}`,
			bad.field, bad.why)}})
	}
	s.walk(
		step{"", "PUT", settingsPath, `{`, 400, []string{`"title":"Input is invalid"`, `"detail":"Syntax error"`}},
		step{"nobody", "PUT", settingsPath, allSettings(), 401, []string{`"errors":{}`}},
		step{"", "GET", settingsPath, "", 200, []string{`"merchant_abandoned_cart_digest_email_frequency":1000}`}},
		step{"", "POST", settingsPath, allSettings(), 405, nil},
	)
}

// TestChannelRecoverySettings is spec/02 §3.2: nulls until something is set,
// null takes it away, absence leaves it.
func TestChannelRecoverySettings(t *testing.T) {
	s := newStreet(t)
	s.do(step{"", "POST", "/v3/channels", `{"name":"Headless","type":"storefront","platform":"next"}`, 200, []string{`"id":2`}})
	const path = settingsPath + "/channels/2"
	nulls := `{"data":{"enable_notification":null,"email_customer_until_cart_is_recovered":null,"marketing_emails_require_customer_consent":null,` +
		`"email_merchant_when_cart_is_converted":null,"email_merchant_when_cart_is_abandoned":null,"merchant_email_address":null,` +
		`"merchant_abandoned_cart_email_frequency_type":null,"merchant_abandoned_cart_digest_email_frequency":null},"meta":{}}`
	s.walk(
		step{"reader", "GET", path, "", 200, []string{nulls}},
		step{"nobody", "PUT", path, `{}`, 401, nil}, // the vendor's document says that no token is needed
		step{"reader", "PUT", path, `{}`, 403, nil},
		step{"", "PUT", path, `{"enable_notification":null,"merchant_email_address":"eu@lamps.example"}`, 200,
			[]string{`"merchant_email_address":"eu@lamps.example"`, `"enable_notification":null`}},
		step{"", "PUT", path, `{"enabled":false,"merchant_abandoned_cart_digest_email_frequency":3}`, 200,
			[]string{`"enable_notification":false`, `"merchant_email_address":"eu@lamps.example"`, `"merchant_abandoned_cart_digest_email_frequency":3`}},
		step{"", "PUT", path, `{"merchant_email_address":null}`, 200, []string{`"merchant_email_address":null`, `"enable_notification":false`}},
		step{"", "PUT", path, `{"merchant_email_address":""}`, 200, []string{`"merchant_email_address":""`}},
		step{"", "PUT", path, `{"merchant_email_address":"x","merchant_abandoned_cart_digest_email_frequency":1,"enable_notification":"no","merchant_abandoned_cart_email_frequency_type":"x"}`, 422,
			[]string{`"merchant_email_address":"error.email"`, `"merchant_abandoned_cart_digest_email_frequency":"error.min"`, `"enable_notification":"error.expected.jsboolean"`,
				`"merchant_abandoned_cart_email_frequency_type":"error.expected.validenumvalue"`}},
		step{"", "GET", settingsPath + "/channels/1", "", 200, []string{nulls}},
		step{"", "GET", settingsPath + "/channels/9", "", 404, []string{`"title":"Not Found"`}},
		step{"", "PUT", settingsPath + "/channels/9", `{}`, 404, []string{`"title":"Not Found"`}},
		step{"", "GET", settingsPath + "/channels/x", "", 404, []string{`"title":"Not Found"`}},
	)
	ctx := t.Context()
	s.do(step{"", "PUT", settingsPath, allSettings(), 200, nil})
	got, err := s.app.Recoveries.Effective(ctx, "demo", 2)
	if err != nil || got.Notify || got.MerchantEmail != "" || got.DigestSize != 3 || !got.TellAbandoned || got.Frequency != "digest" {
		t.Errorf("channel 2 has %+v, %v", got, err)
	}
	if got, err = s.app.Recoveries.Effective(ctx, "demo", 1); err != nil || !got.Notify || got.MerchantEmail != "owner@lamps.example" || got.DigestSize != 5 {
		t.Errorf("channel 1 has %+v, %v", got, err)
	}
}

// TestRecoveryTellsChannels: who listens to a channel is told of real changes
// of its settings and mails, and of the store's not.
func TestRecoveryTellsChannels(t *testing.T) {
	s := newStreet(t)
	for _, scope := range []string{"notifications/abandonedCart/updated", "email/templates/updated", "email/templates/deleted"} {
		s.do(step{"", "POST", "/v3/hooks", `{"scope":"store/channel/1/` + scope + `","destination":"https://hooks.example.com/` + scope + `"}`, 200, nil})
	}
	body := `{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[]}}`
	s.walk(
		step{"", "PUT", settingsPath + "/channels/1", `{"enable_notification":false}`, 200, nil},
		step{"", "PUT", settingsPath + "/channels/1", `{"enable_notification":false}`, 200, nil},
		step{"", "PUT", settingsPath + "/channels/1", `{}`, 200, nil},
		step{"", "PUT", settingsPath, allSettings(), 200, nil},
		step{"", "PUT", mailsPath + "/settings?channel_id=1", `{"use_global":false}`, 200, nil},
		step{"", "POST", mailsPath, body, 200, []string{`"id":4`}},
		step{"", "POST", mailsPath + "?channel_id=1", body, 200, []string{`"id":5`}},
		step{"", "PUT", mailsPath + "/5", `{"is_active":true}`, 200, nil},
		step{"", "DELETE", mailsPath + "/4", ``, 204, nil},
		step{"", "DELETE", mailsPath + "/5", ``, 204, nil},
	)
	if _, err := s.app.DB.FeedDeliveries(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	part, err := s.app.DB.Deliveries(t.Context(), hook.Owner{Store: "demo", Client: "all"}, hook.DeliveryFilter{}, cursor.Range{Limit: 99})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, d := range part.Entries {
		told = append(told, strings.TrimPrefix(d.Scope, "store/channel/1/")+" "+string(d.Data))
	}
	want := `notifications/abandonedCart/updated {},email/templates/updated {"template_kind":"abandoned_cart_email"},` +
		`email/templates/updated {"template_kind":"abandoned_cart_email"},email/templates/deleted {"template_kind":"abandoned_cart_email"}`
	if got := strings.Join(told, ","); got != want {
		t.Errorf("told\n%s, want\n%s", got, want)
	}
}

const mailsPath = "/v3/marketing/abandoned-cart-emails"

// TestMailTemplates is the life of a template (spec/03 §1).
func TestMailTemplates(t *testing.T) {
	s := newStreet(t)
	s.do(step{"", "POST", "/v3/channels", `{"name":"Headless","type":"storefront","platform":"next"}`, 200, nil})
	text := `{"subject":"{{lang 'subject' shop=store.name}}","body":"<p>{{lang 'hello'}}</p>","translations":[{"locale":"en","keys":{"hello":"Hi","subject":"Still? {shop}"}},{"locale":"fr-ca","keys":{}}]}`
	s.walk(
		// A new store has three, which reading does not write.
		step{"reader", "GET", mailsPath, "", 200, []string{`{"data":[{"id":1,"notify_at_minutes":60,"coupon_code":"","template":{"subject":`, `"is_active":true,"sent_num":0`,
			`"id":2,"notify_at_minutes":1440`, `"id":3,"notify_at_minutes":2880`, `],"meta":{}}`}},
		step{"", "GET", mailsPath + "/2", "", 200, []string{`{"data":{"id":2,"notify_at_minutes":1440`}},
		step{"", "GET", mailsPath + "/4", "", 404, []string{`"title":"Not Found"`}},
		step{"", "PUT", mailsPath + "/4", `{"is_active":true}`, 404, []string{`"title":"Not Found"`}},
		step{"", "DELETE", mailsPath + "/4", ``, 404, []string{`"title":"Not Found"`}},
		step{"", "GET", mailsPath + "/x", "", 404, []string{`"title":"Not Found"`}},
		step{"", "GET", mailsPath + "?channel_id=2", "", 200, []string{`{"data":[],"meta":{}}`}},

		step{"reader", "POST", mailsPath, `{}`, 403, nil},
		step{"", "POST", mailsPath, `{"is_active":true,"notify_at_minutes":1440,"coupon_code":"COMEBACK10","sent_num":9,"id":77,"template":` + text + `}`, 200,
			[]string{`{"data":{"id":4,"notify_at_minutes":1440,"coupon_code":"COMEBACK10","template":` + text + `,"is_active":true,"sent_num":0},"meta":{}}`}},
		step{"", "POST", mailsPath + "?channel_id=2", `{"notify_at_minutes":14400,"template":{"subject":"a","body":"b","translations":[]}}`, 200,
			[]string{`"id":5`, `"coupon_code":""`, `"is_active":false`, `"translations":[]`}},
		step{"", "GET", mailsPath, "", 200, []string{`"id":1,`, `"id":4,`, `!"id":5,`}},
		step{"", "GET", mailsPath + "?channel_id=2", "", 200, []string{`"id":5,`, `!"id":1,`}},
		step{"", "GET", mailsPath + "?channel_id=1", "", 200, []string{`{"data":[],"meta":{}}`}},

		step{"", "PUT", mailsPath + "/4", `{"is_active":false}`, 200, []string{`"is_active":false`, `"coupon_code":"COMEBACK10"`, `Still? {shop}`}},
		step{"", "PUT", mailsPath + "/4", `{"coupon_code":"FF11-22X4","notify_at_minutes":"120"}`, 200, []string{`"notify_at_minutes":120,"coupon_code":"FF11-22X4"`, `Still? {shop}`}},
		step{"", "PUT", mailsPath + "/4", `{"template":{"subject":"a","body":"b","translations":[]}}`, 200, []string{`"template":{"subject":"a","body":"b","translations":[]}`, `"FF11-22X4"`}},
		step{"", "PUT", mailsPath + "/5", `{"coupon_code":"x"}`, 200, []string{`"id":5`}},
		step{"", "PUT", mailsPath + "/5", `{"coupon_code":"","notify_at_minutes":60}`, 200, []string{`"coupon_code":""`}},
		step{"", "DELETE", mailsPath + "/1", ``, 204, nil},
		step{"", "GET", mailsPath + "/1", ``, 404, nil},
		step{"", "DELETE", mailsPath + "/1", ``, 404, nil},
		step{"", "GET", mailsPath, "", 200, []string{`!"id":1,`, `"id":2,`}},
		step{"", "DELETE", mailsPath, ``, 405, nil},
		step{"", "DELETE", mailsPath + "/default", ``, 404, nil},
	)
}

// TestMailTemplateRefusals: what is wrong with a template is told in sentences
// (spec/00 §5, E12).
func TestMailTemplateRefusals(t *testing.T) {
	s := newStreet(t)
	for body, want := range map[string][]string{
		`{}`: {"notify_at_minutes: is required", "template: is required"},
		`{"notify_at_minutes":61,"template":{"subject":"","body":"b","translations":[]}}`:     {"notify_at_minutes: value is not supported", "template.subject: must not be empty"},
		`{"notify_at_minutes":15840,"template":{"subject":"a","body":" ","translations":[]}}`: {"notify_at_minutes: value is not supported", "template.body: must not be empty"},
		`{"notify_at_minutes":true,"is_active":1,"coupon_code":5,"template":[]}`: {"coupon_code: must be a string", "is_active: must be true or false",
			"notify_at_minutes: must be a whole number", "template: must be an object"},
		`{"notify_at_minutes":60,"template":{}}`:                                                                             {"template.body: is required", "template.subject: is required", "template.translations: is required"},
		`{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":{}}}`:                                   {"template.translations: must be an array"},
		`{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[{}]}}`:                                 {"template.translations.0.keys: is required", "template.translations.0.locale: is required"},
		`{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[{"locale":"x","keys":{}}]}}`:           {"template.translations.0.locale: is no locale"},
		`{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[{"locale":"en","keys":{"a":1}}]}}`:     {"template.translations.0.keys.a: must be a string"},
		`{"notify_at_minutes":60,"template":{"subject":"{{a","body":"b\n{{#if x}}","translations":[]}}`:                      {"template.body: line 2: {{#if}} is not closed", "template.subject: line 1: }} is expected"},
		`{"notify_at_minutes":60,"template":{"subject":"a","body":"{{money 5}}{{unknown}}","translations":[]}}`:              {"template.body: line 1: there is no helper money"},
		`{"notify_at_minutes":60,"template":{"subject":"` + strings.Repeat("x", 256) + `","body":"b","translations":[]}}`:    {"template.subject: is too long"},
		`{"notify_at_minutes":60,"template":{"subject":"a","body":"` + strings.Repeat("x", 65_537) + `","translations":[]}}`: {"template.body: is too long"},
	} {
		wrong, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		s.do(step{"", "POST", mailsPath, body, 422, []string{
			`{"status":422,"title":"Unprocessable Entity","type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes","errors":` + string(wrong) + `}`}})
	}
	valid := `{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[]}}`
	s.walk(
		step{"", "POST", mailsPath + "?channel_id=9", valid, 422, []string{`"errors":["channel_id: there is no such channel"]`}},
		step{"", "POST", mailsPath + "?channel_id=x", valid, 422, []string{`"errors":["channel_id: must be a whole number"]`}},
		step{"", "GET", mailsPath + "?channel_id=9", "", 422, []string{`"errors":["channel_id: there is no such channel"]`}},
		step{"", "PUT", mailsPath + "/1", `{"template":{"subject":"a"}}`, 422, []string{`"errors":["template.body: is required","template.translations: is required"]`}},
		step{"", "POST", mailsPath, `{`, 400, []string{`"title":"Input is invalid"`, `"detail":"Syntax error"`}},
		step{"nobody", "GET", mailsPath, "", 401, nil},
		step{"", "GET", mailsPath, "", 200, []string{`"id":3,`, `!"id":4,`}},
	)
}

// TestMailTemplateSettings: whose mails a channel sends (spec/03 §4). The
// answers have no envelope.
func TestMailTemplateSettings(t *testing.T) {
	s := newStreet(t)
	const path = mailsPath + "/settings"
	sequence := func(want string) {
		t.Helper()
		set, err := s.app.Recoveries.Sequence(t.Context(), "demo", 1)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, tpl := range set {
			got = append(got, fmt.Sprint(tpl.ID))
		}
		if strings.Join(got, ",") != want {
			t.Errorf("channel 1 sends %v, want %s", got, want)
		}
	}
	sequence("1,2,3")
	if w := s.send("reader", "GET", path+"?channel_id=1", "", nil); w.Body.String() != `{"use_global":true}` {
		t.Error(w.Body)
	}
	if w := s.send("all", "PUT", path+"?channel_id=1", `{"use_global":false}`, nil); w.Body.String() != `{"use_global":false}` {
		t.Error(w.Body)
	}
	sequence("")
	s.walk(
		step{"", "GET", path + "?channel_id=1", "", 200, []string{`{"use_global":false}`}},
		step{"", "GET", settingsPath + "/channels/1", "", 200, []string{`"enable_notification":null`}},
		step{"", "POST", mailsPath + "?channel_id=1", `{"is_active":true,"notify_at_minutes":120,"template":{"subject":"a","body":"b","translations":[]}}`, 200, []string{`"id":4`}},
		step{"", "POST", mailsPath + "?channel_id=1", `{"is_active":true,"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[]}}`, 200, []string{`"id":5`}},
		step{"", "POST", mailsPath + "?channel_id=1", `{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[]}}`, 200, []string{`"id":6`}},
	)
	sequence("5,4")
	s.walk(
		step{"", "PUT", path + "?channel_id=1", `{"use_global":true}`, 200, []string{`{"use_global":true}`}},
		step{"", "GET", mailsPath + "?channel_id=1", "", 200, []string{`"id":4`, `"id":5`}},
		step{"", "GET", path, "", 422, []string{`"errors":["channel_id: is required"]`}},
		step{"", "PUT", path, `{"use_global":true}`, 422, []string{`"errors":["channel_id: is required"]`}},
		step{"", "GET", path + "?channel_id=9", "", 422, []string{`"errors":["channel_id: there is no such channel"]`}},
		step{"", "PUT", path + "?channel_id=9", `{"use_global":true}`, 422, nil},
		step{"", "PUT", path + "?channel_id=1", `{}`, 422, []string{`"errors":["use_global: is required"]`}},
		step{"", "PUT", path + "?channel_id=1", `{"use_global":1}`, 422, []string{`"errors":["use_global: must be true or false"]`}},
		step{"reader", "PUT", path + "?channel_id=1", `{"use_global":true}`, 403, nil},
	)
	sequence("1,2,3")
}

// TestDefaultMailTemplate: the text that one can start from has no envelope,
// and can be sent back as it is.
func TestDefaultMailTemplate(t *testing.T) {
	s := newStreet(t)
	w := s.do(step{"reader", "GET", mailsPath + "/default", "", 200, []string{`{"subject":"`, `"hello_phrase":"You left something behind"`, `!"data"`}})
	s.walk(
		step{"", "POST", mailsPath, `{"notify_at_minutes":60,"template":` + w.Body.String() + `}`, 200, []string{`"id":4`}},
		step{"", "GET", mailsPath + "/default", "", 200, []string{w.Body.String()}},
	)
}

// TestMailPreview renders with a made-up cart and with a real one.
func TestMailPreview(t *testing.T) {
	s := newStreet(t)
	id := strings.TrimPrefix(s.cart(`{"locale":"de"}`), "/v3/carts/")
	const path = "/v3/recovery/templates/%d/preview"
	s.walk(
		step{"", "POST", fmt.Sprintf(path, 1), ``, 200, []string{`"subject":"Complete your purchase at Demo"`, `Desk lamp`, `Hello Ada,`, `"text":"Demo <https://shop.example>`, `<!DOCTYPE html>`}},
		step{"", "POST", fmt.Sprintf(path, 1), `{"locale":"fr-CA"}`, 200, []string{`"subject":"Finalisez votre achat chez Demo"`}},
		step{"", "POST", fmt.Sprintf(path, 1), `{"cart_id":"` + id + `"}`, 200, []string{`Schließen Sie Ihren Einkauf bei Demo ab`, `Work`, `$100.00`, `!Desk lamp`}},
		step{"", "POST", mailsPath, `{"notify_at_minutes":60,"coupon_code":"TEN","template":{"subject":"{{coupon.code}}\n!","body":"{{#each cart.products}}{{quantity}} x {{name}} {{/each}}","translations":[]}}`, 200, nil},
		step{"", "POST", fmt.Sprintf(path, 4), `{"cart_id":"` + id + `"}`, 200, []string{`{"data":{"subject":"TEN !","html":"1 x Work ","text":"1 x Work\n"},"meta":{}}`}},
		step{"", "POST", fmt.Sprintf(path, 9), `{}`, 404, []string{`"title":"Not Found"`}},
		step{"", "POST", fmt.Sprintf(path, 1), `{"cart_id":"4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55"}`, 422, []string{`"errors":{"cart_id":`}},
		step{"", "POST", fmt.Sprintf(path, 1), `{"cart_id":5}`, 422, []string{`"errors":{"cart_id":"error.expected.jsstring"}`}},
		step{"reader", "POST", fmt.Sprintf(path, 1), `{}`, 403, nil},
		step{"", "POST", mailsPath, `{"notify_at_minutes":60,"template":{"subject":"a","body":"{{#each cart.products}}{{#each ../cart.products}}` + strings.Repeat("{{a}}", 5000) + `{{/each}}{{/each}}","translations":[]}}`, 200, nil},
	)
	big := s.cart("")
	for range 24 {
		s.do(step{"", "POST", big + "/items", `{"custom_items":[` + strings.Repeat(`{"name":"x","quantity":1,"list_price":1},`, 9) + `{"name":"y","quantity":1,"list_price":1}]}`, 201, nil})
	}
	s.do(step{"", "POST", fmt.Sprintf(path, 5), `{"cart_id":"` + strings.TrimPrefix(big, "/v3/carts/") + `"}`, 422, []string{"it renders too much"}})

	key := http.Header{"Idempotency-Key": {"k"}}
	first := s.send("all", "POST", fmt.Sprintf(path, 1), `{}`, key)
	s.do(step{"", "PUT", mailsPath + "/1", `{"template":{"subject":"changed","body":"b","translations":[]}}`, 200, nil})
	if again := s.send("all", "POST", fmt.Sprintf(path, 1), `{}`, key); again.Body.String() != first.Body.String() || first.Code != 200 {
		t.Errorf("%s, then %s", first.Body, again.Body)
	}
}

// TestMailTemplatesApplyOnce: with an Idempotency-Key one template is made.
func TestMailTemplatesApplyOnce(t *testing.T) {
	s := newStreet(t)
	key := http.Header{"Idempotency-Key": {"k"}}
	body := `{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[]}}`
	first, again := s.send("all", "POST", mailsPath, body, key), s.send("all", "POST", mailsPath, body, key)
	if first.Code != 200 || first.Body.String() != again.Body.String() {
		t.Errorf("%s, then %s", first.Body, again.Body)
	}
	s.do(step{"", "GET", mailsPath, "", 200, []string{`"id":4`, `!"id":5`}})
}

// TestSetsAreBounded: a set has room for a hundred mails, the store's own.
func TestSetsAreBounded(t *testing.T) {
	s := newStreet(t)
	body := `{"notify_at_minutes":60,"template":{"subject":"a","body":"b","translations":[]}}`
	for range 97 {
		s.do(step{"", "POST", mailsPath, body, 200, nil})
	}
	s.walk(
		step{"", "POST", mailsPath, body, 422, []string{`"errors":["A set can have at most 100 templates."]`}},
		step{"", "POST", mailsPath + "?channel_id=1", body, 200, nil},
	)
}
