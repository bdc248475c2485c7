package recovery

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cartwright/internal/cart"
	"cartwright/internal/handlebars"
)

// The limits of a rendering (decisions 21). The steps take about a second; the
// time is far above that, since a mail that reaches a limit is never sent, and a
// machine that is busy or stands still for a moment must not cost a mail.
const (
	maxRendered = 1 << 20 // bytes
	maxSteps    = 500_000
	maxItems    = cart.MaxLines
	maxTime     = 30 * time.Second
)

// Message is a mail that is ready to be sent.
type Message struct {
	Subject string // one line of plain text, 255 characters at most
	HTML    string
	Text    string // the same without markup, links kept
}

// Render fills a template. It returns an error when the template reaches a
// limit, or ctx ends.
func Render(ctx context.Context, t *Template, f Facts) (Message, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	data, lang := values(t, &f), language(t.Text.Translations, f.locale(), storeLocale(f.Shop.Store))
	fill := func(text string, plain bool) (string, error) {
		tpl, err := parsedTexts.parse(text)
		if err != nil {
			return "", err
		}
		return tpl.Render(ctx, data, handlebars.Options{
			Helpers: map[string]handlebars.Helper{"lang": lang, "lookup": handlebars.Lookup}, Plain: plain,
			MaxBytes: maxRendered, MaxItems: maxItems, MaxSteps: maxSteps,
		})
	}
	var m Message
	var err error
	if m.Subject, err = fill(t.Text.Subject, true); err != nil {
		return Message{}, fmt.Errorf("render subject: %w", err)
	}
	if m.HTML, err = fill(t.Text.Body, false); err != nil {
		return Message{}, fmt.Errorf("render body: %w", err)
	}
	m.Subject, m.HTML = oneLine(m.Subject), strings.ToValidUTF8(m.HTML, "\uFFFD")
	m.Text = plainText(m.HTML)
	return m, nil
}

// oneLine makes the text of a header: without line ends and other control
// characters, blanks in a row as one.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
	if utf8.RuneCountInString(s) > MaxSubject {
		s = strings.TrimSpace(string([]rune(s)[:MaxSubject]))
	}
	return s
}

func escape(s string) string { return html.EscapeString(s) }

// language returns the helper {{lang 'key' name=value}} for a recipient: the
// words of the first that there are of the recipient's locale, its language,
// the store's language, and the first set (spec/03 §3.2).
func language(all []Translation, locale, fallback string) handlebars.Helper {
	words := pick(all, locale, fallback)
	return func(a handlebars.Args) any {
		if len(a.Values) == 0 {
			return nil
		}
		return handlebars.HTML(expand(words[handlebars.Text(a.Values[0])], a))
	}
}

func pick(all []Translation, locale, fallback string) map[string]string {
	short, _, _ := strings.Cut(locale, "-")
	for _, want := range []string{locale, short, fallback} {
		for _, tr := range all {
			if localeName(tr.Locale) == want {
				return tr.Keys
			}
		}
	}
	if len(all) > 0 {
		return all[0].Keys
	}
	return nil
}

// expand puts the named arguments where {name} or {{name}} stands. What an
// argument brings is not looked at again. It stops where the room ends.
func expand(words string, a handlebars.Args) string {
	var out strings.Builder
	for out.Len() <= a.Room {
		open := strings.IndexByte(words, '{')
		if open < 0 {
			break
		}
		out.WriteString(words[:open])
		words = words[open:]
		name, rest, ok := placeholder(words)
		value, known := a.Named[name]
		if !ok || !known {
			out.WriteByte('{')
			words = words[1:]
			continue
		}
		out.WriteString(a.Escape(value))
		words = rest
	}
	out.WriteString(words)
	return out.String()
}

// placeholder reads {name} or {{name}} at the beginning of a text.
func placeholder(s string) (name, rest string, ok bool) {
	closing := "}"
	if strings.HasPrefix(s, "{{") {
		closing = "}}"
	}
	name, rest, ok = strings.Cut(s[len(closing):], closing)
	return strings.TrimSpace(name), rest, ok
}
