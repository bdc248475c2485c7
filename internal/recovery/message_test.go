package recovery

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"cartwright/internal/cart"
	"cartwright/internal/customer"
	"cartwright/internal/handlebars"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// facts is a guest's cart in a shop that counts in dollars.
func facts() Facts {
	usd := merchant.Currency{ID: 1, Code: "USD", Default: true, Enabled: true, TokenLocation: "left", Token: "$", DecimalToken: ".", ThousandsToken: ",", DecimalPlaces: 2}
	eur := merchant.Currency{ID: 2, Code: "EUR", Enabled: true, TokenLocation: "right", Token: "€", DecimalToken: ",", ThousandsToken: ".", DecimalPlaces: 2}
	return Facts{
		Shop: cart.Shop{
			PublicURL: "https://cartwright.example",
			Store: &merchant.Store{
				Hash: "demo", Name: "Lamps & Co", Currencies: []merchant.Currency{usd, eur},
				Channels: []merchant.Channel{{ID: 1}, {ID: 2, DefaultLocale: "de"}},
				Sites:    []merchant.Site{{ID: 1, ChannelID: 1, URL: "https://lamps.example"}},
			},
			Offers: promotion.NewOffers(1, promotion.Settings{}, nil, []*promotion.Coupon{
				{ID: 1, Code: "TEN", Type: promotion.Percentage, Amount: 10 * money.Unit, Enabled: true},
				{ID: 2, Code: "FIVE", Type: promotion.PerTotal, Amount: 5 * money.Unit, Enabled: true},
				{ID: 3, Code: "SHIP", Type: promotion.FreeShipping, Enabled: true},
			}),
		},
		Cart: &cart.Cart{
			ChannelID: 1, Currency: "USD", Locale: "en", Email: "cart@example.com",
			Lines: []cart.Line{
				{
					Kind: cart.Physical, ProductID: 31, Quantity: 2, Name: "Desk lamp", SKU: "LAMP", URL: "https://lamps.example/lamp/",
					ImageURL: "https://lamps.example/lamp.png", SalePrice: 1234_5000, Selections: []cart.Selection{{Name: "Finish", Value: "Brass"}},
				},
				{Kind: cart.Custom, Quantity: 1, Name: "Engraving", SalePrice: 5_0000, ImageURL: "javascript:alert(1)"},
			},
			Checkout: &cart.Checkout{Billing: &cart.Address{FirstName: "Ada", LastName: "Byron", Email: "ada@example.com"}},
		},
		Recover: "https://lamps.example/r?t=1&u=2", Unsubscribe: "https://cartwright.example/u?t=3", Now: noon,
	}
}

func render(t *testing.T, tpl Template, f Facts) Message {
	t.Helper()
	m, err := Render(t.Context(), &tpl, f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func bodyOf(text string) Template { return Template{Text: Text{Subject: "S", Body: text}} }

func TestVariables(t *testing.T) {
	ada := &customer.Customer{ID: 7, Email: "ada@home.example", FirstName: "Augusta", LastName: "King", GroupID: 3}
	for template, want := range map[string]string{
		"{{notification.checkout_link}} {{notification.unsubscribe_link}}": "https://lamps.example/r?t&#x3D;1&amp;u&#x3D;2 https://cartwright.example/u?t&#x3D;3",
		"{{{notification.checkout_link}}}":                                 "https://lamps.example/r?t=1&u=2",
		"{{{notification.checkout.link}}}":                                 "https://lamps.example/r?t=1&u=2",
		"{{{abandoned_cart.unsubscribe_link}}}":                            "https://cartwright.example/u?t=3",
		"{{abandoned_cart.body}}":                                          `<p>Lamps &amp; Co: <a href="https://lamps.example/r?t=1&amp;u=2">https://lamps.example/r?t=1&amp;u=2</a></p>`,
		"{{#each cart.products}}{{id}}|{{name}}|{{quantity}}|{{sku}}|{{url}}|{{thumbnail}}|{{price.value}}|{{price.formatted}}|{{type.value}} {{type.formatted}}|{{#each attributes}}{{name}}: {{value}}{{/each}}\n{{/each}}": "31|Desk lamp|2|LAMP|https://lamps.example/lamp/|https://lamps.example/lamp.png|1234.5|$1,234.50|1 physical|Finish: Brass\n" +
			"0|Engraving|1||||5|$5.00|4 custom|\n",
		"{{store.name}} {{store.domain_name}} {{store.path}} {{store.ssl_path}} {{store.path_normal}}":     "Lamps &amp; Co lamps.example https://lamps.example https://lamps.example https://lamps.example",
		"[{{store.address}}{{store.phone_number}}{{store.logo.url}}{{store.image_directory}}]":             "[]",
		"{{store.cdn_path}} {{store.img_path}} {{store.logo.title}} {{store.logo.name}}":                   "https://cartwright.example https://cartwright.example Lamps &amp; Co Lamps &amp; Co",
		"{{store.language.code}} {{store.language.direction}} {{misc.year}}":                               "en ltr 2026",
		"{{customer.first_name}}|{{customer.full_name}}|{{customer.email}}|{{#if customer.group}}x{{/if}}": "Ada|Ada Byron|ada@example.com|",
		"{{#if coupon}}x{{else}}none{{/if}}":                                                               "none",
		"{{unknown.name}}":                                                                                 "",
	} {
		if got := render(t, bodyOf(template), facts()).HTML; got != want {
			t.Errorf("%s\n\t%s, want\n\t%s", template, got, want)
		}
	}
	known := facts()
	known.Customer, known.Locale, known.Cart.Currency = ada, "ar_EG", "EUR"
	for template, want := range map[string]string{
		"{{customer.first_name}}|{{customer.full_name}}|{{customer.email}}|{{customer.group.id}}": "Augusta|Augusta King|ada@home.example|3",
		"{{store.language.code}} {{store.language.direction}}":                                    "ar-eg rtl",
		"{{cart.products.0.price.formatted}}":                                                     "1.234,50\u00a0€",
	} {
		if got := render(t, bodyOf(template), known).HTML; got != want {
			t.Errorf("%s: %s, want %s", template, got, want)
		}
	}
	nobody := facts()
	nobody.Cart.Checkout = nil
	if got := render(t, bodyOf("{{customer.first_name}}|{{customer.email}}"), nobody).HTML; got != "|cart@example.com" {
		t.Error(got)
	}
}

func TestCouponVariables(t *testing.T) {
	for code, want := range map[string]string{
		"":     "none",
		"TEN":  "TEN percentage_discount Percentage discount 10 10%",
		"five": "five per_total_discount Discount on the order 5 $5.00",
		"SHIP": "SHIP free_shipping Free shipping 0 ",
		"GONE": "GONE    ",
	} {
		tpl := bodyOf("{{#if coupon}}{{coupon.code}} {{coupon.type.value}} {{coupon.type.formatted}} {{coupon.amount.value}} {{coupon.amount.formatted}}{{else}}none{{/if}}")
		tpl.CouponCode = code
		if got := render(t, tpl, facts()).HTML; got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// TestLang: the words of the locale, its language, the store's language, or
// the first set; arguments are text, the words are HTML.
func TestLang(t *testing.T) {
	words := []Translation{
		{"nl", map[string]string{"k": "eerst"}},
		{"en", map[string]string{"k": "first", "link": `<a href="{link}">{name}</a> {{ name }} {other} {`, "only": "only"}},
		{"fr_FR", map[string]string{"k": "France"}}, {"fr", map[string]string{"k": "tout"}}, {"fr-ca", map[string]string{"k": "Canada"}},
	}
	for name, tt := range map[string]struct{ locale, template, want string }{
		"the locale":                 {"fr-CA", "{{lang 'k'}}", "Canada"},
		"written otherwise":          {"FR_fr", "{{lang 'k'}}", "France"},
		"its language":               {"fr-BE", "{{lang 'k'}}", "tout"},
		"the store's language":       {"de", "{{lang 'k'}}", "first"},
		"an unknown key":             {"en", "[{{lang 'what'}}]", "[]"},
		"a key the language lacks":   {"fr", "[{{lang 'only'}}]", "[]"},
		"arguments":                  {"en", "{{lang 'link' link=notification.checkout_link name='<b>'}}", `<a href="https://lamps.example/r?t&#x3D;1&amp;u&#x3D;2">&lt;b&gt;</a> &lt;b&gt; {other} {`},
		"what an argument brings":    {"en", "{{lang 'link' link='{name}' name='x'}}", `<a href="{name}">x</a> x {other} {`},
		"words in words":             {"en", "{{lang 'link' link='' name=(lang 'k')}}", `<a href="">first</a> first {other} {`},
		"in raw braces":              {"en", "{{{lang 'link' name='<b>'}}}", `<a href="{link}">&lt;b&gt;</a> &lt;b&gt; {other} {`},
		"a key out of a variable":    {"en", "{{lang misc.key}}{{lang store.name}}", ""},
		"named as in older mails":    {"en", "{{translations.fr-ca.k}}{{translations.en.only}}", "Canadaonly"},
		"inside a loop and a lookup": {"en", "{{#each cart.products}}{{lang 'k'}}{{lookup this 'quantity'}}{{/each}}", "first2first1"},
	} {
		tpl, f := bodyOf(tt.template), facts()
		tpl.Text.Translations, f.Locale = words, tt.locale
		if got := render(t, tpl, f).HTML; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	f := facts()
	f.Locale, f.Shop.Store.Channels[0].DefaultLocale = "xx", "yy"
	tpl := bodyOf("{{lang 'k'}}")
	tpl.Text.Translations = words
	if got := render(t, tpl, f).HTML; got != "eerst" {
		t.Errorf("the first set: %s", got)
	}
}

func TestLocale(t *testing.T) {
	for name, tt := range map[string]struct {
		given, cart string
		channel     int64
		want        string
	}{
		"asked for":     {"pt_BR", "fr", 2, "pt-br"},
		"the cart's":    {"", "fr-CA", 2, "fr-ca"},
		"the channel's": {"", "", 2, "de"},
		"none":          {"", "", 1, "en"},
	} {
		f := facts()
		f.Locale, f.Cart.Locale, f.Cart.ChannelID = tt.given, tt.cart, tt.channel
		if got := f.locale(); got != tt.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestSubject(t *testing.T) {
	for template, want := range map[string]string{
		"{{store.name}}":                                       "Lamps & Co",
		"a\r\nBcc: b@example.com\tc":                           "a Bcc: b@example.com c",
		"{{customer.first_name}}!":                             "Ada Bcc: x@example.com!",
		"a\u2028b\u0000c\u0085d  e ":                           "a b c d e",
		strings.Repeat("ü", 255) + "{{store.name}}":            strings.Repeat("ü", 255),
		"{{lang 'shop' shop=store.name}} {{{customer.email}}}": "<b>Lamps & Co</b> ada@example.com",
	} {
		f := facts()
		f.Cart.Checkout.Billing.FirstName = "Ada\r\nBcc: x@example.com"
		tpl := Template{Text: Text{Subject: template, Body: "b", Translations: []Translation{{"en", map[string]string{"shop": "<b>{shop}</b>"}}}}}
		if got := render(t, tpl, f).Subject; got != want {
			t.Errorf("%q: %q, want %q", template, got, want)
		}
	}
}

// hostile is what a stranger may call himself, a product or a shop.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `{{{store.name}}}`, `{name}{link}`, "</td></table><h1>",
	"javascript:alert(1)", "\r\nBcc: eve@example.com", "\x00\xff\u202e",
}

// TestNamesAreHarmless: whatever names say, and however the template asks for
// them, they come out as text.
func TestNamesAreHarmless(t *testing.T) {
	const raw = `<p>{{{customer.full_name}}}{{{store.name}}}{{&customer.email}}{{{store.logo.title}}}</p>{{#each cart.products}}<a href="{{{url}}}"><img src="{{{thumbnail}}}">{{{name}}}{{{sku}}}</a>
		{{#each attributes}}{{{name}}}{{{value}}}{{/each}}{{{price.formatted}}}{{/each}}{{{coupon.code}}}{{{lang 'k' name=customer.full_name}}}`
	for _, body := range []string{DefaultText().Body, raw, strings.NewReplacer("{{{", "{{", "}}}", "}}").Replace(raw)} {
		tpl := Template{Active: true, Text: Text{Subject: defaultSubject, Body: body, Translations: DefaultText().Translations}}
		tpl.Text.Translations[0].Keys["k"] = "<i>{name}</i>"
		want := shape(render(t, tpl, facts()).HTML)
		for _, name := range hostile {
			f := facts()
			f.Shop.Store.Name = name
			f.Cart.Email = name
			f.Cart.Checkout.Billing.FirstName, f.Cart.Checkout.Billing.LastName, f.Cart.Checkout.Billing.Email = name, name, name
			for i := range f.Cart.Lines {
				l := &f.Cart.Lines[i]
				l.Name, l.SKU = name, name
				for j := range l.Selections {
					l.Selections = slices.Clone(l.Selections)
					l.Selections[j] = cart.Selection{Name: name, Value: name}
				}
			}
			f.Shop.Store.Currencies[0].Token = name
			m := render(t, tpl, f)
			if got := shape(m.HTML); got != want {
				t.Errorf("%q changes the markup:\n%s\nwas\n%s", name, got, want)
			}
			if strings.ContainsAny(m.Subject, "\r\n\x00") || !utf8.ValidString(m.HTML) || !utf8.ValidString(m.Subject) {
				t.Errorf("%q: subject %q", name, m.Subject)
			}
		}
	}
	f := facts()
	f.Cart.Lines[0].URL, f.Cart.Lines[0].ImageURL = "javascript:alert(1)", "data:text/html,x"
	if m := render(t, bodyOf(raw), f); strings.Contains(m.HTML, "javascript:") || strings.Contains(m.HTML, "data:") {
		t.Error(m.HTML)
	}
}

// shape is the elements of a page with the names of their attributes.
func shape(page string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.String()
		}
		if kind == html.TextToken {
			continue
		}
		t := z.Token()
		out.WriteString("<" + kind.String() + " " + t.Data)
		for _, a := range t.Attr {
			out.WriteString(" " + a.Key)
		}
	}
}

func TestRenderingIsLimited(t *testing.T) {
	full := facts()
	full.Cart.Lines = slices.Repeat(full.Cart.Lines, cart.MaxLines)[:cart.MaxLines]
	for name, tt := range map[string]struct {
		tpl  Template
		want error
	}{
		"too large": {bodyOf("{{#each cart.products}}{{#each ../cart.products}}" + strings.Repeat("x", 60) + "{{/each}}{{/each}}"), handlebars.ErrTooLarge},
		"too long":  {bodyOf("{{#each cart.products}}{{#each ../cart.products}}" + strings.Repeat("{{a}}", 20) + "{{/each}}{{/each}}"), handlebars.ErrTooLong},
		"words of words": {Template{Text: Text{Subject: "S", Body: "{{lang 'k' a=(lang 'k' a=(lang 'k' a=(lang 'k' a='xxxxxxxxxx')))}}",
			Translations: []Translation{{"en", map[string]string{"k": strings.Repeat("{a}", 1000)}}}}}, handlebars.ErrTooLarge},
	} {
		if _, err := Render(t.Context(), &tt.tpl, full); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	all := Template{Text: DefaultText()}
	if m := render(t, all, full); strings.Count(m.Text, "$1,234.50") != cart.MaxLines/2 {
		t.Errorf("a full cart shows %d lamps", strings.Count(m.Text, "$1,234.50"))
	}
}

func TestPlainText(t *testing.T) {
	for page, want := range map[string]string{
		"<p>One</p><p>Two <b>three</b></p>": "One\n\nTwo three\n",
		"a<br>b<br/>c":                      "a\nb\nc\n",
		"<h1> A \n B </h1>c":                "A B\n\nc\n",
		"<ul><li>one<li>two</ul>x":          "- one\n- two\n\nx\n",
		"<table><tr><td>Lamp</td><td>2</td><td>$5</td></tr><tr><td>Pen</td></tr></table>":                       "Lamp 2 $5\nPen\n",
		`<a href="https://a.example/?x=1&amp;y=2">Go</a>.`:                                                      "Go <https://a.example/?x=1&y=2>.\n",
		`<a href="https://a.example">https://a.example</a>`:                                                     "https://a.example\n",
		`<a href="https://a.example"><img src="x" alt="Logo"></a>`:                                              "Logo <https://a.example>\n",
		`<a href="https://a.example"><img src="x"></a>`:                                                         "https://a.example\n",
		`<a href="#top">Top</a> <a>none</a>`:                                                                    "Top none\n",
		"&lt;b&gt; &amp;amp; x":                                                                                 "<b> &amp; x\n",
		"<head><title>t</title></head><style>a{}</style><script>x</script>b":                                    "b\n",
		`<div style="DISPLAY : none"><div>a</div>b</div>c`:                                                      "c\n",
		`<a href="https://a.example" aria-hidden="true"><img src="x"></a> <a href="https://a.example">Lamp</a>`: "Lamp <https://a.example>\n",
		"<p>unclosed <div": "unclosed\n",
		"":                 "\n",
	} {
		if got := plainText(page); got != want {
			t.Errorf("%s: %q, want %q", page, got, want)
		}
	}
}

// TestDefaultMail holds the text of the default mail to what is kept, in each
// of its languages.
func TestDefaultMail(t *testing.T) {
	for locale, want := range map[string][]string{
		"en": {"Complete your purchase at Lamps & Co", "You left something behind", "Hello Ada,", "Quantity: 2", "Complete your order <https://lamps.example/r?t=1&u=2>"},
		"de": {"Schließen Sie Ihren Einkauf bei Lamps & Co ab", "Sie haben etwas vergessen", "Guten Tag Ada,", "Anzahl: 2", "Bestellung abschließen <https://lamps.example/r?t=1&u=2>"},
		"fr": {"Finalisez votre achat chez Lamps & Co", "Vous avez oublié quelque chose", "Bonjour Ada,", "Quantité : 2", "Finaliser ma commande <https://lamps.example/r?t=1&u=2>"},
	} {
		f := facts()
		f.Locale = locale
		m := render(t, Template{CouponCode: "TEN", Text: DefaultText()}, f)
		for _, part := range append(want, "Desk lamp", "Finish: Brass", "$1,234.50", "TEN", "−10%", "<https://cartwright.example/u?t=3>") {
			if !strings.Contains(m.Subject+"\n"+m.Text, part) {
				t.Errorf("%s lacks %q:\n%s", locale, part, m.Text)
			}
		}
		for _, never := range []string{"{", "}", "@media"} {
			if strings.Contains(m.Text, never) {
				t.Errorf("%s has %q:\n%s", locale, never, m.Text)
			}
		}
		if !strings.Contains(m.HTML, `lang="`+locale+`"`) || !strings.Contains(m.HTML, "prefers-color-scheme: dark") {
			t.Errorf("%s:\n%s", locale, m.HTML)
		}
	}
	f := facts()
	m := render(t, Template{Text: DefaultText()}, f)
	kept, err := os.ReadFile("testdata/default.txt")
	if err != nil {
		t.Fatal(err)
	}
	if m.Text != string(kept) {
		t.Errorf("the default mail as text is not testdata/default.txt:\n%s", m.Text)
	}
	if len(m.HTML) > 90_000 { // some clients clip what is larger than 102 KB
		t.Errorf("%d bytes of HTML", len(m.HTML))
	}
}

// FuzzTemplate: what check lets through is rendered within the limits; nothing
// panics, and no subject has a second line.
func FuzzTemplate(f *testing.F) {
	f.Add(defaultSubject, defaultBody, "words {name} {{name}} <a href=\"{link}\">", "en")
	f.Add("{{store.name}}", "{{#each cart.products as |p i|}}{{p.name}}{{#p.attributes}}{{value}}{{/p.attributes}}{{/each}}", "{{", "fr-ca")
	f.Add("{{lang 'k' a=(lang 'k' a=store.name)}}", "{{{coupon.code}}}{{#coupon}}{{code}}{{/coupon}}<a href='{{url}}'><td>", "{a}{a}{a}", "x")
	f.Fuzz(func(t *testing.T, subject, body, words, locale string) {
		tpl := Template{Minutes: 60, CouponCode: "TEN", Text: Text{Subject: subject, Body: body, Translations: []Translation{{locale, map[string]string{"k": words}}}}}
		if tpl.check() != nil {
			return
		}
		m, err := Render(t.Context(), &tpl, facts())
		switch {
		case errors.Is(err, handlebars.ErrTooLarge), errors.Is(err, handlebars.ErrTooLong):
			return
		case err != nil:
			t.Fatal(err)
		}
		if strings.ContainsAny(m.Subject, "\r\n") || utf8.RuneCountInString(m.Subject) > MaxSubject || !utf8.ValidString(m.Subject+m.HTML+m.Text) {
			t.Fatalf("subject %q", m.Subject)
		}
		if len(m.HTML) > 3*maxRendered { // what is no UTF-8 grows
			t.Fatalf("%d bytes", len(m.HTML))
		}
	})
}
