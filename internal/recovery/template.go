package recovery

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cartwright/internal/fault"
	"cartwright/internal/handlebars"
)

// AllChannels stands where a template has no channel of its own: it belongs to
// the store's set.
const AllChannels int64 = 0

// Template is one mail of a sequence (spec/03 §1).
type Template struct {
	ID int64 `json:"-"`
	// Channel is whose set it belongs to; AllChannels is the store's.
	Channel int64 `json:"-"`
	Active  bool  `json:"is_active"`
	// Minutes is how long after the cart was abandoned the mail goes out.
	Minutes int64 `json:"notify_at_minutes"`
	// CouponCode is printed in the mail, "" for none. Whether there is such a
	// coupon is asked when the mail goes out.
	CouponCode string `json:"coupon_code"`
	Text       Text   `json:"template"`
	// Sent counts the mails that were handed over.
	Sent int64 `json:"-"`
}

// Text is what a mail is made of: Handlebars, and its words by language.
type Text struct {
	Subject      string        `json:"subject"`
	Body         string        `json:"body"`
	Translations []Translation `json:"translations"`
}

// Translation is the words of one language by key. The words are HTML.
type Translation struct {
	Locale string            `json:"locale"` // en, fr-ca
	Keys   map[string]string `json:"keys"`
}

// TemplateFields is what a request says of a template. Nil leaves a field as
// it is.
type TemplateFields struct {
	Active     *bool
	Minutes    *int64
	CouponCode *string
	Text       *Text
}

func (t *Template) apply(f TemplateFields) {
	override(&t.Active, f.Active)
	override(&t.Minutes, f.Minutes)
	override(&t.CouponCode, f.CouponCode)
	override(&t.Text, f.Text)
}

// The bounds of a template.
const (
	MaxSubject      = 255    // characters, before and after rendering
	MaxBody         = 65_536 // characters
	MaxTranslations = 50
	MaxKeys         = 200 // of one language
	MaxKey          = 100 // characters
	MaxWords        = 4096
	MaxTemplates    = 100 // of one set
)

// Minutes lists when a mail can go out: every full hour of a day, then every
// full day up to the tenth.
var Minutes = func() []int64 {
	var all []int64
	for hour := range int64(24) {
		all = append(all, (hour+1)*60)
	}
	for day := range int64(9) {
		all = append(all, (day+2)*1440)
	}
	return all
}()

// The words of refusals. Templates are refused in sentences, not in codes
// (spec/03 §1).
const (
	notSupported = "value is not supported"
	notEmpty     = "must not be empty"
	tooLong      = "is too long"
)

// check refuses a template that breaks a rule.
func (t *Template) check() error {
	fields := map[string]string{}
	refuse := func(bad bool, path, why string) {
		if _, told := fields[path]; bad && !told {
			fields[path] = why
		}
	}
	refuse(!slices.Contains(Minutes, t.Minutes), "notify_at_minutes", notSupported)
	refuse(strings.TrimSpace(t.Text.Subject) == "", "template.subject", notEmpty)
	refuse(utf8.RuneCountInString(t.Text.Subject) > MaxSubject, "template.subject", tooLong)
	refuse(strings.TrimSpace(t.Text.Body) == "", "template.body", notEmpty)
	refuse(utf8.RuneCountInString(t.Text.Body) > MaxBody, "template.body", tooLong)
	refuse(len(t.Text.Translations) > MaxTranslations, "template.translations", "has too many languages")
	seen := map[string]bool{}
	for i, tr := range t.Text.Translations {
		path := fmt.Sprintf("template.translations.%d.", i)
		name := localeName(tr.Locale)
		refuse(!localePattern.MatchString(name), path+"locale", "is no locale")
		refuse(seen[name], path+"locale", "is there twice")
		refuse(len(tr.Keys) > MaxKeys, path+"keys", "has too many keys")
		seen[name] = true
		for key, words := range tr.Keys {
			refuse(key == "" || utf8.RuneCountInString(key) > MaxKey, path+"keys", "has a key that is empty or too long")
			refuse(utf8.RuneCountInString(words) > MaxWords, path+"keys", "has a text that is too long")
		}
	}
	for path, text := range map[string]string{"template.subject": t.Text.Subject, "template.body": t.Text.Body} {
		if _, err := parse(text); err != nil {
			refuse(true, path, mistake(err))
		}
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Title: titleRefused, Fields: fields}
	}
	return nil
}

const titleRefused = "Unprocessable Entity"

func refused(path, why string) error {
	return &fault.Error{Kind: fault.Invalid, Title: titleRefused, Fields: map[string]string{path: why}}
}

// localePattern is a language with what narrows it down, as localeName writes
// it.
var localePattern = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$`)

// localeName writes a locale in the form in which locales are compared.
func localeName(locale string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(locale), "_", "-"))
}

// rules are what the Handlebars of a template may use.
var rules = handlebars.Rules{
	Helpers: []string{"lang", "lookup"},
	Known:   func(name string) bool { return slices.Contains(variables, name) },
	Loops:   2, // a cart's products, and what was chosen of each
}

// parse reads a subject or a body and holds it to the rules.
func parse(text string) (*handlebars.Template, error) {
	t, err := handlebars.Parse(text)
	if err == nil {
		err = t.Check(rules)
	}
	return t, err
}

// mistake is how a refusal of parse is told: with the line.
func mistake(err error) string {
	var e *handlebars.Error
	if errors.As(err, &e) {
		return e.Error()
	}
	return "cannot be read"
}
