package recovery

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/fault"
)

func TestMinutes(t *testing.T) {
	if len(Minutes) != 33 || !slices.IsSorted(Minutes) {
		t.Errorf("%d: %v", len(Minutes), Minutes)
	}
	for minutes, want := range map[int64]bool{0: false, 1: false, 59: false, 60: true, 61: false, 120: true, 1440: true, 1500: false, 2880: true,
		14400: true, 15840: false, -60: false} {
		if got := slices.Contains(Minutes, minutes); got != want {
			t.Errorf("%d: %v", minutes, got)
		}
	}
}

func valid() Template {
	return Template{Minutes: 60, Text: Text{Subject: "S", Body: "B", Translations: []Translation{{Locale: "en", Keys: map[string]string{"k": "v"}}}}}
}

func TestTemplateCheck(t *testing.T) {
	locales := func(names ...string) []Translation {
		var out []Translation
		for _, name := range names {
			out = append(out, Translation{Locale: name, Keys: map[string]string{}})
		}
		return out
	}
	many := map[string]string{}
	for i := range MaxKeys + 1 {
		many[strings.Repeat("k", 1+i%90)+string(rune('a'+i%26))+string(rune(0x100+i))] = ""
	}
	for name, tt := range map[string]struct {
		change func(*Template)
		want   map[string]string
	}{
		"all is well":       {func(*Template) {}, nil},
		"no translations":   {func(t *Template) { t.Text.Translations = nil }, nil},
		"unknown variables": {func(t *Template) { t.Text.Body = "{{what.ever}}{{lang 'what'}}" }, nil},
		"locales":           {func(t *Template) { t.Text.Translations = locales("en", "en-us", "fr-CA", "zh_Hant_TW", "pt_br") }, nil},
		"minutes":           {func(t *Template) { t.Minutes = 90 }, map[string]string{"notify_at_minutes": notSupported}},
		"blank": {func(t *Template) { t.Text.Subject, t.Text.Body = " ", "\n" },
			map[string]string{"template.subject": notEmpty, "template.body": notEmpty}},
		"255 characters": {func(t *Template) { t.Text.Subject = strings.Repeat("ü", 255) }, nil},
		"too long": {func(t *Template) {
			t.Text.Subject, t.Text.Body = strings.Repeat("x", 256), strings.Repeat("x", MaxBody+1)
		},
			map[string]string{"template.subject": tooLong, "template.body": tooLong}},
		"broken": {func(t *Template) { t.Text.Subject, t.Text.Body = "{{a", "a\n\n{{#if x}}" },
			map[string]string{"template.subject": "line 1: }} is expected", "template.body": "line 3: {{#if}} is not closed"}},
		"an unknown helper": {func(t *Template) { t.Text.Body = "\n{{money 5}}" }, map[string]string{"template.body": "line 2: there is no helper money"}},
		"an unknown block":  {func(t *Template) { t.Text.Body = "{{#money}}{{/money}}" }, map[string]string{"template.body": "line 1: there is no block helper money"}},
		"a section": {func(t *Template) {
			t.Text.Body = "{{#coupon}}{{code}}{{/coupon}}{{#cart.products}}{{name}}{{/cart.products}}"
		}, nil},
		"two loops":      {func(t *Template) { t.Text.Body = "{{#each a}}{{#each b}}{{/each}}{{/each}}" }, nil},
		"three loops":    {func(t *Template) { t.Text.Body = "{{#each a}}{{#each b}}{{#each c}}{{/each}}{{/each}}{{/each}}" }, map[string]string{"template.body": "line 1: loops are nested too deep"}},
		"no locale":      {func(t *Template) { t.Text.Translations = locales("", "x", "en us", "1") }, map[string]string{"template.translations.0.locale": "is no locale", "template.translations.1.locale": "is no locale", "template.translations.2.locale": "is no locale", "template.translations.3.locale": "is no locale"}},
		"a locale twice": {func(t *Template) { t.Text.Translations = locales("en-us", "EN_US") }, map[string]string{"template.translations.1.locale": "is there twice"}},
		"too many languages": {func(t *Template) {
			t.Text.Translations = slices.Repeat(locales("en"), MaxTranslations+1)[:MaxTranslations+1]
		}, nil},
		"too many keys":        {func(t *Template) { t.Text.Translations[0].Keys = many }, map[string]string{"template.translations.0.keys": "has too many keys"}},
		"a key without a name": {func(t *Template) { t.Text.Translations[0].Keys = map[string]string{"": "x"} }, map[string]string{"template.translations.0.keys": "has a key that is empty or too long"}},
		"words without end":    {func(t *Template) { t.Text.Translations[0].Keys["k"] = strings.Repeat("x", MaxWords+1) }, map[string]string{"template.translations.0.keys": "has a text that is too long"}},
	} {
		tpl := valid()
		tt.change(&tpl)
		err := tpl.check()
		if name == "too many languages" {
			if f := fault.As(err); f == nil || f.Fields["template.translations"] == "" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var got map[string]string
		if err != nil {
			f := fault.As(err)
			if f == nil || f.Kind != fault.Invalid || f.Title != "Unprocessable Entity" {
				t.Errorf("%s: %v", name, err)
				continue
			}
			got = f.Fields
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestDefaultSet: what a store begins with breaks no rule, speaks three
// languages with the same keys, and goes out after an hour, a day, two days.
func TestDefaultSet(t *testing.T) {
	set := DefaultSet()
	if len(set) != 3 || set[0].Minutes != 60 || set[1].Minutes != 1440 || set[2].Minutes != 2880 {
		t.Fatalf("%+v", set)
	}
	for i := range set {
		if err := set[i].check(); err != nil || set[i].ID != int64(i+1) || !set[i].Active {
			t.Errorf("template %d: %v", i, err)
		}
	}
	text := DefaultText()
	var first []string
	for i, tr := range text.Translations {
		keys := []string{}
		for key, words := range tr.Keys {
			if keys = append(keys, key); words == "" {
				t.Errorf("%s: %s is empty", tr.Locale, key)
			}
			if !strings.Contains(text.Body+text.Subject, "{{lang '"+key+"'") {
				t.Errorf("%s: %s is not used", tr.Locale, key)
			}
		}
		slices.Sort(keys)
		if i == 0 {
			first = keys
		}
		if diff := cmp.Diff(first, keys); diff != "" {
			t.Errorf("%s: %s", tr.Locale, diff)
		}
	}
	if len(text.Translations) != 3 || !slices.Contains(first, "hello_phrase") {
		t.Errorf("translations: %+v", text.Translations)
	}
	text.Translations[0].Keys["hello_phrase"] = "changed"
	if DefaultText().Translations[0].Keys["hello_phrase"] == "changed" {
		t.Error("the default mail can be changed")
	}
}
