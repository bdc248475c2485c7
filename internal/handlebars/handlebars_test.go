package handlebars

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func sample() map[string]any {
	return map[string]any{
		"name": `<b>"Ada" & 'Bob'</b>`, "typed": Foreign("<script>"), "markup": HTML("<i>x</i>"), "n": int64(3), "zero": Number("0.00"), "price": Number("34.9"),
		"yes": true, "no": false, "empty": []any{},
		"store": map[string]any{"name": "Lamps", "a b": "odd"},
		"items": []any{
			map[string]any{"name": "one", "tags": []any{"x", "y"}},
			map[string]any{"name": "two", "tags": []any{}},
		},
	}
}

var options = Options{
	Helpers: map[string]Helper{
		"lookup": Lookup,
		"say": func(a Args) any {
			if len(a.Values) == 0 {
				return nil
			}
			return HTML(Text(a.Values[0]) + ":" + a.Escape(a.Named["x"]))
		},
	},
	MaxBytes: 4096, MaxItems: 10, MaxSteps: 10_000,
}

func TestRender(t *testing.T) {
	for template, want := range map[string]string{
		"plain":                     "plain",
		"{{name}}":                  "&lt;b&gt;&quot;Ada&quot; &amp; &#x27;Bob&#x27;&lt;/b&gt;",
		"{{{name}}}{{& name }}":     `<b>"Ada" & 'Bob'</b><b>"Ada" & 'Bob'</b>`,
		"{{typed}}{{{typed}}}":      "&lt;script&gt;&lt;script&gt;",
		"{{markup}}":                "<i>x</i>",
		"{{ n }}|{{price}}|{{yes}}": "3|34.9|true",
		"[{{missing}}{{a.b.c}}{{store}}{{items}}]":                        "[]",
		"{{store.name}}{{store/name}}{{store.[a b]}}{{this.store.name}}":  "LampsLampsoddLamps",
		"{{items.0.name}}{{items.[1].name}}{{items.length}}{{items.9.x}}": "onetwo2",
		"a{{! comment }}b{{!-- a }} b --}}c":                              "abc",
		"a  {{~n~}}  b":                                                   "a3b",
		"a {{~! x ~}} b {{~!-- x --~}} c":                                 "abc",
		`\{{n}} \\{{n}}`:                                                  `{{n}} \3`,
		"{{#if n}}y{{else}}n{{/if}}":                                      "y",
		"{{#if zero}}y{{else}}n{{/if}}{{#if empty}}y{{^}}n{{/if}}{{#if ''}}y{{else}}n{{/if}}":                                   "nnn",
		"{{#if no}}a{{else if missing}}b{{else if yes}}c{{else}}d{{/if}}":                                                       "c",
		"{{#if no}}a{{else if no}}b{{else}}d{{/if}}":                                                                            "d",
		"{{#unless no}}y{{/unless}}{{^if no}}y{{/if}}":                                                                          "yy",
		"{{#each items}}{{@index}}{{name}}{{#unless @last}},{{/unless}}{{/each}}":                                               "0one,1two",
		"{{#each items}}{{#each tags}}{{this}}{{../name}}{{@root.n}}{{else}}-{{/each}}{{/each}}":                                "xone3yone3-",
		"{{#each items}}{{#if @first}}{{../n}}{{/if}}{{store.name}}{{/each}}":                                                   "3",
		"{{#each items as |it i|}}{{#each it.tags as |t|}}{{i}}{{t}}{{it.name}}{{/each}}{{/each}}":                              "0xone0yone",
		"{{#each store}}{{@key}}={{this}};{{/each}}":                                                                            "a b=odd;name=Lamps;",
		"{{#each missing}}a{{else}}none{{/each}}":                                                                               "none",
		"{{#with store}}{{name}}{{/with}}{{#with missing}}a{{else}}b{{/with}}":                                                  "Lampsb",
		"{{#store}}{{name}}{{/store}}{{#items}}{{name}}{{/items}}{{#yes}}{{n}}{{/yes}}{{#no}}a{{/no}}{{^missing}}b{{/missing}}": "Lampsonetwo3b",
		"{{say 'a' x=name}}":                                "a:&lt;b&gt;&quot;Ada&quot; &amp; &#x27;Bob&#x27;&lt;/b&gt;",
		"{{say \"it's\" x='\"'}}{{say 'a\\'b'}}":            "it's:&quot;a'b:",
		"{{say (say n x=-1.5) x=(lookup store 'name')}}":    "3:-1.5:Lamps",
		"{{#if (lookup items 0)}}y{{/if}}":                  "y",
		"{{lookup items.0 'name'}}{{say null x=undefined}}": "one:",
		"{{else_where}}{{elsewhere}}":                       "",
		"{{\n  name_x\n}}":                                  "",
	} {
		tpl, err := Parse(template)
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		got, err := tpl.Render(t.Context(), sample(), options)
		if got != want || err != nil {
			t.Errorf("%s renders %q, %v, want %q", template, got, err, want)
		}
	}
}

func TestRenderPlain(t *testing.T) {
	tpl, err := Parse("{{name}} {{typed}} {{say 'a' x='<'}}")
	if err != nil {
		t.Fatal(err)
	}
	plain := options
	plain.Plain = true
	if got, _ := tpl.Render(t.Context(), sample(), plain); got != `<b>"Ada" & 'Bob'</b> <script> a:<` {
		t.Errorf("rendered %q", got)
	}
}

func TestParseSaysWhereTheMistakeIs(t *testing.T) {
	for template, want := range map[string]string{
		"a\n{{#if x}}\nb":                    "line 2: {{#if}} is not closed",
		"{{#if x}}\n{{#each y}}\n{{/if}}":    "line 3: {{/if}} does not close {{#each}} of line 2",
		"\n{{/if}}":                          "line 2: {{/if}} closes nothing",
		"{{else}}":                           "line 1: {{else}} stands in no block",
		"{{#if a}}{{else}}\n{{else}}{{/if}}": "line 2: a second {{else}} in {{#if}}",
		"a {{name":                           "line 1: }} is expected",
		"{{name}":                            "line 1: }} is expected",
		"{{{name}}":                          "line 1: }}} is expected",
		"{{}}":                               "line 1: a name is expected",
		"{{ 'text' }}":                       "line 1: a name is expected",
		"\n\n{{a..b}}":                       "line 3: a name is expected",
		"{{a.../b}}":                         "line 1: ../ must stand at the beginning",
		"{{a.[b}}":                           "line 1: ] is expected",
		"{{say 'a}}\n":                       "line 1: the text in quotes is not closed",
		"{{say (say 'a'}}":                   "line 1: ) is expected",
		"{{say x=1 2}}":                      "line 1: an argument without a name stands behind one with a name",
		"{{say 1a}}":                         `line 1: "1a" is no number`,
		"{{! a":                              "line 1: the comment is not closed",
		"{{> partial}}":                      "line 1: partials and decorators are not supported",
		"{{#> partial}}{{/partial}}":         "line 1: partials and decorators are not supported",
		"{{#*inline 'a'}}{{/inline}}":        "line 1: partials and decorators are not supported",
		"{{{{raw}}}} {{{{/raw}}}}":           "line 1: raw blocks are not supported",
		"{{#each a as |b c d|}}{{/each}}":    "line 1: one or two names and | are expected",
		strings.Repeat("{{#if a}}", 60):      "line 1: blocks are nested more than 50 deep",
		"{{a " + strings.Repeat("(a ", 60):   "line 1: helpers are nested more than 50 deep",
		"{{a" + strings.Repeat(".a", 40):     "line 1: a path has more than 32 names",
		"{{" + strings.Repeat("../", 40):     "line 1: a path has more than 32 names",
	} {
		_, err := Parse(template)
		if err == nil || err.Error() != want {
			t.Errorf("%.40s: %v, want %s", template, err, want)
		}
	}
}

var rules = Rules{Helpers: []string{"say", "lookup"}, Known: func(name string) bool { return name == "store" || name == "items" }, Loops: 2}

func TestCheck(t *testing.T) {
	for template, want := range map[string]string{
		"{{anything}} {{any.thing}}":                                           "",
		"{{say 'a' x=b}}{{#if (lookup a b)}}{{/if}}":                           "",
		"{{#store}}{{/store}}{{#../x}}{{/../x}}":                               "",
		"{{#each a}}{{#each b}}{{/each}}{{/each}}":                             "",
		"{{#each a}}{{else}}{{#each b}}{{#each c}}{{/each}}{{/each}}{{/each}}": "",
		"a\n{{shout name}}":                                                    "line 2: there is no helper shout",
		"{{shout x=1}}":                                                        "line 1: there is no helper shout",
		"{{a.b 1}}":                                                            "line 1: there is no helper a.b",
		"{{if a}}":                                                             "line 1: there is no helper if",
		"{{say}}":                                                              "line 1: say needs an argument",
		"{{say (shout)}}":                                                      "line 1: there is no helper shout",
		"{{say 'a' x=(say (shout 1))}}":                                        "line 1: there is no helper shout",
		"{{#shout}}{{/shout}}":                                                 "line 1: there is no block helper shout",
		"{{#store 1}}{{/store}}":                                               "line 1: there is no block helper store",
		"{{#if}}{{/if}}":                                                       "line 1: {{#if}} needs one argument",
		"{{#if a b}}{{/if}}":                                                   "line 1: {{#if}} needs one argument",
		"{{#if a}}{{else}}{{shout 1}}{{/if}}":                                  "line 1: there is no helper shout",
		"{{#each a}}\n{{#items}}\n{{#each c}}{{/each}}{{/items}}{{/each}}": "line 3: loops are nested too deep",
	} {
		tpl, err := Parse(template)
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		got := ""
		if err := tpl.Check(rules); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", template, got, want)
		}
	}
}

func TestRenderingEnds(t *testing.T) {
	many := make([]any, 1000)
	for i := range many {
		many[i] = "x"
	}
	data := map[string]any{"many": many}
	render := func(ctx context.Context, template string, opt Options) error {
		tpl, err := Parse(template)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tpl.Render(ctx, data, opt)
		return err
	}
	if err := render(t.Context(), "{{#each many}}"+strings.Repeat("x", 1000)+"{{/each}}", options); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	loops := options
	loops.MaxItems = 1000
	if err := render(t.Context(), "{{#each many}}{{#each ../many}}{{/each}}{{/each}}", loops); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := render(gone, "{{#each many}}{{this}}{{this}}{{this}}{{/each}}", loops); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: %v", err)
	}
	tpl, _ := Parse("{{#each many}}{{this}}{{/each}}")
	if got, err := tpl.Render(t.Context(), data, options); len(got) != options.MaxItems || err != nil {
		t.Errorf("%d items, %v", len(got), err)
	}
}

// FuzzTemplate: whatever the text, it is refused or rendered, within the limits.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"{{#each items as |a b|}}{{~#if a.b}}{{{x}}}{{else if (lookup a 'b')}}{{^}}{{/if~}}{{/each}}", `\{{a}} \\{{b}}`, "{{!-- }} --}}{{!}}",
		"{{say 'a' x=-1.5 y=(say \"b\\\"\" z=../@root.x)}}", "{{#items}}{{this}}{{.}}{{./name}}{{../n}}{{@index}}{{/items}}", "{{a.[b c].0/d}}{{{{", "{{> x}}{{~",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, template string) {
		tpl, err := Parse(template)
		if err != nil {
			var mistake *Error
			if !errors.As(err, &mistake) || mistake.Line < 1 || mistake.Line > 1+strings.Count(template, "\n") {
				t.Fatalf("%q: %v", template, err)
			}
			return
		}
		_ = tpl.Check(rules)
		got, err := tpl.Render(t.Context(), sample(), options)
		if len(got) > options.MaxBytes {
			t.Fatalf("%d bytes", len(got))
		}
		if err != nil && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrTooLong) {
			t.Fatal(err)
		}
	})
}
