package httpapi

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/recovery"
)

// templatesPath is where the vendor has the mails of abandoned carts.
const templatesPath = "/v3/marketing/abandoned-cart-emails"

// mailTemplateRoutes are the templates of spec/03, and our own preview
// and test.
func (a *API) mailTemplateRoutes() []route {
	return []route{
		{"GET", templatesPath, informationScope, a.listMailTemplates},
		{"POST", templatesPath, informationScope, a.createMailTemplate},
		{"GET", templatesPath + "/default", informationScope, a.getDefaultMailTemplate},
		{"GET", templatesPath + "/settings", informationScope, a.getMailTemplateSettings},
		{"PUT", templatesPath + "/settings", informationScope, a.updateMailTemplateSettings},
		{"GET", templatesPath + "/{templateId}", informationScope, a.getMailTemplate},
		{"PUT", templatesPath + "/{templateId}", informationScope, a.updateMailTemplate},
		{"DELETE", templatesPath + "/{templateId}", informationScope, a.deleteMailTemplate},
		{"POST", "/v3/recovery/templates/{templateId}/preview", marketingScope, a.previewMailTemplate},
		{"POST", "/v3/recovery/templates/{templateId}/test", marketingScope, a.testMailTemplate},
	}
}

// mailTemplateJSON is a template in the vendor's order of properties.
type mailTemplateJSON struct {
	ID         int64         `json:"id"`
	Minutes    int64         `json:"notify_at_minutes"`
	CouponCode string        `json:"coupon_code"`
	Template   recovery.Text `json:"template"`
	Active     bool          `json:"is_active"`
	Sent       int64         `json:"sent_num"`
}

func mailTemplateOf(t *recovery.Template) mailTemplateJSON {
	text := t.Text
	if text.Translations == nil {
		text.Translations = []recovery.Translation{}
	}
	return mailTemplateJSON{t.ID, t.Minutes, t.CouponCode, text, t.Active, t.Sent}
}

func showMailTemplate(t recovery.Template) any { return one(mailTemplateOf(&t)) }

// ofMailTemplates reports whether a request is about the templates, whose
// refusals have a form of their own.
func ofMailTemplates(r *http.Request) bool { return strings.Contains(r.Pattern, templatesPath) }

// saveError is the refusal of a template: its errors are sentences (spec/00
// §5, E12).
type saveError struct {
	Status int      `json:"status"`
	Title  string   `json:"title"`
	Type   string   `json:"type"`
	Errors []string `json:"errors"`
}

// sentences are what the codes of schema errors mean, for answers that have
// sentences.
var sentences = map[string]string{
	fault.Missing: "is required", fault.ExpectedNumber: "must be a whole number", fault.ExpectedString: "must be a string",
	fault.ExpectedBoolean: "must be true or false", fault.ExpectedArray: "must be an array", fault.ExpectedObject: "must be an object",
	fault.ExpectedEnum: "value is not supported", fault.Min: "value is not supported", fault.Max: "value is not supported",
	fault.MinLength: "must not be empty", fault.MaxLength: "is too long",
}

func saveErrorOf(status int, f *fault.Error) saveError {
	out := saveError{Status: status, Title: "Unprocessable Entity", Type: statusType, Errors: []string{}}
	for path, message := range f.Fields {
		out.Errors = append(out.Errors, path+": "+cmp.Or(sentences[message], message))
	}
	slices.Sort(out.Errors)
	if len(out.Errors) == 0 {
		out.Errors = append(out.Errors, f.Title)
	}
	return out
}

// templateChannel reads the channel of a query; without one it is the store's
// own set that is meant.
func templateChannel(r *http.Request) (channel int64, given bool, err error) {
	q := readParams(r)
	id := q.int("channel_id", 1, maxInt)
	if err := q.err(); err != nil || id == nil {
		return recovery.AllChannels, false, err
	}
	return *id, true, nil
}

// listMailTemplates serves GET /v3/marketing/abandoned-cart-emails.
func (a *API) listMailTemplates(w http.ResponseWriter, r *http.Request) error {
	channel, _, err := templateChannel(r)
	if err != nil {
		return err
	}
	set, err := a.Recoveries.Templates(r.Context(), storeOf(r), channel)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(mapped(set, mailTemplateOf)))
}

// createMailTemplate serves POST /v3/marketing/abandoned-cart-emails.
func (a *API) createMailTemplate(w http.ResponseWriter, r *http.Request) error {
	channel, _, err := templateChannel(r)
	if err != nil {
		return err
	}
	in, err := readAs(r, readNewMailTemplate)
	if err != nil {
		return err
	}
	t, err := a.Recoveries.CreateTemplate(answering(r.Context(), http.StatusOK, showMailTemplate), storeOf(r), channel, in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showMailTemplate(t))
}

func readNewMailTemplate(body value) recovery.TemplateFields {
	body.get("notify_at_minutes").required()
	body.get("template").required()
	return readMailTemplate(body)
}

// readMailTemplate reads what a body says of a template. Bounds that the rules
// know are left to them, since they say what is wrong in sentences.
func readMailTemplate(body value) recovery.TemplateFields {
	body.object()
	return recovery.TemplateFields{
		Active:     optional(body.get("is_active"), value.bool),
		Minutes:    optional(body.get("notify_at_minutes"), intOf(-maxInt, maxInt)),
		CouponCode: optional(body.get("coupon_code"), textOf(0, 255)),
		Text:       optional(body.get("template"), readMailText),
	}
}

func readMailText(v value) recovery.Text {
	t := recovery.Text{
		Subject: v.get("subject").required().text(0, maxBody), Body: v.get("body").required().text(0, maxBody),
		Translations: []recovery.Translation{},
	}
	for _, entry := range v.get("translations").required().bounded(recovery.MaxTranslations) {
		t.Translations = append(t.Translations, recovery.Translation{
			Locale: entry.get("locale").required().text(0, 255), Keys: readWords(entry.get("keys").required()),
		})
	}
	return t
}

// readWords reads the words of a language by their keys.
func readWords(v value) map[string]string {
	members, _ := v.object().raw.(map[string]any)
	if len(members) > recovery.MaxKeys {
		v.fail(fault.MaxLength)
		return nil
	}
	words := map[string]string{}
	for name := range members {
		if strings.ContainsRune(name, 0) {
			v.fail(fault.ExpectedString)
			continue
		}
		words[name] = v.get(name).required().text(0, maxBody)
	}
	return words
}

// templateID reads the id of a path. What is not one is an unknown template.
func templateID(r *http.Request) (int64, error) {
	id, err := pathID(r, "templateId")
	if err != nil {
		return 0, errUnknownRoute()
	}
	return id, nil
}

// getMailTemplate serves GET /v3/marketing/abandoned-cart-emails/{templateId}.
func (a *API) getMailTemplate(w http.ResponseWriter, r *http.Request) error {
	id, err := templateID(r)
	if err != nil {
		return err
	}
	t, err := a.Recoveries.Template(r.Context(), storeOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showMailTemplate(*t))
}

// updateMailTemplate serves PUT /v3/marketing/abandoned-cart-emails/{templateId}.
func (a *API) updateMailTemplate(w http.ResponseWriter, r *http.Request) error {
	id, err := templateID(r)
	if err != nil {
		return err
	}
	in, err := readAs(r, readMailTemplate)
	if err != nil {
		return err
	}
	t, err := a.Recoveries.UpdateTemplate(r.Context(), storeOf(r), id, in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showMailTemplate(t))
}

// deleteMailTemplate serves DELETE /v3/marketing/abandoned-cart-emails/{templateId}.
func (a *API) deleteMailTemplate(w http.ResponseWriter, r *http.Request) error {
	id, err := templateID(r)
	if err != nil {
		return err
	}
	return deleted(w, a.Recoveries.DeleteTemplate(r.Context(), storeOf(r), id))
}

// getDefaultMailTemplate serves GET /v3/marketing/abandoned-cart-emails/default,
// without an envelope.
func (a *API) getDefaultMailTemplate(w http.ResponseWriter, _ *http.Request) error {
	return respond(w, http.StatusOK, recovery.DefaultText())
}

// mailTemplateSettingsJSON is an answer without an envelope.
type mailTemplateSettingsJSON struct {
	UseGlobal bool `json:"use_global"`
}

// settingsOf reads the channel whose switch is meant.
func settingsOf(r *http.Request) (int64, error) {
	channel, given, err := templateChannel(r)
	if err == nil && !given {
		err = recovery.ErrChannelMissing()
	}
	return channel, err
}

// getMailTemplateSettings serves GET /v3/marketing/abandoned-cart-emails/settings.
func (a *API) getMailTemplateSettings(w http.ResponseWriter, r *http.Request) error {
	channel, err := settingsOf(r)
	if err != nil {
		return err
	}
	global, err := a.Recoveries.UsesGlobal(r.Context(), storeOf(r), channel)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, mailTemplateSettingsJSON{global})
}

// updateMailTemplateSettings serves PUT /v3/marketing/abandoned-cart-emails/settings.
func (a *API) updateMailTemplateSettings(w http.ResponseWriter, r *http.Request) error {
	channel, err := settingsOf(r)
	if err != nil {
		return err
	}
	global, err := readAs(r, readUseGlobal)
	if err != nil {
		return err
	}
	global, err = a.Recoveries.SetUsesGlobal(r.Context(), storeOf(r), channel, global)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, mailTemplateSettingsJSON{global})
}

func readUseGlobal(body value) bool { return body.get("use_global").required().bool() }

// previewJSON is a mail as it would be sent.
type previewJSON struct {
	Subject string `json:"subject"`
	HTML    string `json:"html"`
	Text    string `json:"text"`
}

func showPreview(m recovery.Message) any { return one(previewJSON{m.Subject, m.HTML, m.Text}) }

// previewMailTemplate serves POST /v3/recovery/templates/{templateId}/preview.
func (a *API) previewMailTemplate(w http.ResponseWriter, r *http.Request) error {
	id, of, err := readChange(r, "templateId", readPreview)
	if err != nil {
		return err
	}
	of.TemplateID = id
	m, err := a.Recoveries.Preview(answering(r.Context(), http.StatusOK, showPreview), storeOf(r), of)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showPreview(m))
}

func readPreview(body value) recovery.PreviewOf {
	body.object()
	return recovery.PreviewOf{CartID: cart.ID(body.get("cart_id").text(0, 64)), Locale: body.get("locale").text(0, 35)}
}

// testMailJSON is a mail that was sent to be looked at.
type testMailJSON struct {
	To        string `json:"to"`
	Subject   string `json:"subject"`
	MessageID string `json:"message_id"`
}

func showTestMail(m recovery.TestMail) any { return one(testMailJSON{m.To, m.Subject, m.MessageID}) }

// testMailTemplate serves POST /v3/recovery/templates/{templateId}/test.
func (a *API) testMailTemplate(w http.ResponseWriter, r *http.Request) error {
	id, of, err := readChange(r, "templateId", readTestMail)
	if err != nil {
		return err
	}
	of.TemplateID = id
	m, err := a.MailTests.Send(answering(r.Context(), http.StatusOK, showTestMail), storeOf(r), of)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showTestMail(m))
}

func readTestMail(body value) recovery.TestOf {
	return recovery.TestOf{PreviewOf: readPreview(body), To: body.get("to").required().email()}
}
