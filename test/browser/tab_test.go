package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// screen is what a tab is looked at on.
type screen struct {
	name          string
	width, height int64
	dark          bool
}

var (
	phone   = screen{name: "phone", width: 390, height: 844}
	desktop = screen{name: "desktop", width: 1280, height: 800}
	night   = screen{name: "night", width: 390, height: 844, dark: true}
	screens = []screen{phone, desktop, night}
)

// patience bounds one step of a tab, and the start of the browser.
const patience = 2 * time.Minute

// tab is one browser tab with cookies of its own.
type tab struct {
	t      *testing.T
	ctx    context.Context
	screen screen

	mu sync.Mutex
	// ran is what a page managed to run, which no page should.
	ran []string
}

func open(t *testing.T, s screen) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, screen: s}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(s.width, s.height)); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, b.event); err != nil {
		t.Fatal(err)
	}
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *tab) event(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := ev.(*page.EventJavascriptDialogOpening); ok {
		b.ran = append(b.ran, e.Message)
	}
}

// step runs one action of a tab.
func step[T any](b *tab, what string, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	return out
}

// visit goes to an address and returns the status of the page.
func (b *tab) visit(address string) int64 {
	b.t.Helper()
	res := step(b, "visit "+address, chromedp.NavigateResponse(address))
	b.settled()
	return res.Status
}

// click clicks on something that leads to another page, and returns its
// status.
func (b *tab) click(selector string) int64 {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatalf("click %s: %v", selector, err)
	}
	if res == nil {
		b.t.Fatalf("click %s: the page at %s has no answer", selector, b.address())
	}
	b.settled()
	return res.Status
}

// pick clicks on a part of a form.
func (b *tab) pick(selector string) {
	b.t.Helper()
	step(b, "pick "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// fill types into a field in the place of what is there.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	step(b, "fill "+selector, chromedp.SetValue(chromedp.CSS(selector), text))
}

// choose answers a part of a form by what the page calls it: it picks a value
// of a group or a list, or types a text.
func (b *tab) choose(label, value string) {
	b.t.Helper()
	found := step(b, "look for "+label, chromedp.Evaluate[string](fmt.Sprintf(`(() => {
		const named = (all, name) => [...all].find(e => e.textContent.trim().startsWith(name));
		const legend = named(document.querySelectorAll('legend'), %[1]q);
		if (legend) {
			const input = named(legend.parentElement.querySelectorAll('label'), %[2]q).querySelector('input');
			return 'pick ' + CSS.escape(input.name) + ' ' + input.value;
		}
		const field = document.getElementById(named(document.querySelectorAll('label[for]'), %[1]q).htmlFor);
		const option = field.options && named(field.options, %[2]q);
		return 'fill ' + field.id + ' ' + (option ? option.value : %[2]q);
	})()`, label, value)))
	parts := strings.SplitN(found, " ", 3)
	if parts[0] == "pick" {
		b.pick("input[name=" + parts[1] + "][value='" + parts[2] + "']")
		return
	}
	b.fill("#"+parts[1], parts[2])
}

// text returns what a part of the page says, with its spaces in order.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.Join(strings.Fields(step(b, "read "+selector, chromedp.TextContent(chromedp.CSS(selector)))), " ")
}

func (b *tab) count(selector string) int {
	b.t.Helper()
	return step(b, "count "+selector, chromedp.Evaluate[int](fmt.Sprintf("document.querySelectorAll(%q).length", selector)))
}

func (b *tab) address() string {
	b.t.Helper()
	return step(b, "read the address", chromedp.Location())
}

// says checks that a part of the page holds these texts.
func (b *tab) says(selector string, texts ...string) {
	b.t.Helper()
	got := b.text(selector)
	for _, text := range texts {
		if !strings.Contains(got, text) {
			b.t.Errorf("%s: %s says %q, not %q", b.address(), selector, got, text)
		}
	}
}

// settled checks what holds for every page: it fits the screen, runs no script
// and loads everything it names itself.
func (b *tab) settled() {
	b.t.Helper()
	if width := step(b, "measure", chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); width > b.screen.width {
		b.t.Errorf("%s: the page is %d wide on a screen of %d", b.address(), width, b.screen.width)
	}
	if n := b.count("script, [onclick], [onerror], [style]"); n > 0 {
		b.t.Errorf("%s: %d elements could run a script or have a style of their own", b.address(), n)
	}
	broken := step(b, "look for broken pictures", chromedp.Evaluate[[]string](
		`[...document.images].filter(i => i.complete && i.naturalWidth === 0 && !i.closest('.text')).map(i => i.src)`))
	if len(broken) > 0 {
		b.t.Errorf("%s: broken pictures %v", b.address(), broken)
	}
	if n := step(b, "look for the style", chromedp.Evaluate[int]("document.styleSheets.length && document.styleSheets[0].cssRules.length")); n == 0 {
		b.t.Errorf("%s: the page has no style", b.address())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ran) > 0 {
		b.t.Errorf("the page ran %v", b.ran)
	}
}

// accessible runs every check of axe-core over the page, and keeps a picture.
func (b *tab) accessible(name string) {
	b.t.Helper()
	b.picture(name)
	step(b, "load axe", chromedp.Evaluate[chromedp.Void](axe))
	found := step(b, "run axe", chromedp.Evaluate[string](`axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(
		r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html + ' ' + n.failureSummary)}))))`, chromedp.EvalAwaitPromise))
	var violations []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range violations {
		b.t.Errorf("%s (%s, %s): %s: %s\n%s", name, b.screen.name, b.address(), v.ID, v.Help, strings.Join(v.Nodes, "\n"))
	}
}

// picture keeps the page as a picture when somebody asked for that.
func (b *tab) picture(name string) {
	folder := os.Getenv("CARTWRIGHT_SCREENSHOTS")
	if folder == "" {
		return
	}
	b.t.Helper()
	png := step(b, "take a picture", chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(folder, name+"-"+b.screen.name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
