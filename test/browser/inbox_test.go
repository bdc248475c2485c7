package browser

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestTheInboxOfTheSandbox(t *testing.T) {
	s := serve(t, "--sandbox")
	checkouts(s)
	s.product("<script>alert(1)</script>", "/attack/", 1, nil)
	for _, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			s.sandbox(http.MethodDelete, "/sandbox/inbox", nil)
			b := open(t, screen)
			b.visit(s.url + "/sandbox/inbox")
			b.says("main", "There is no mail yet", "Linden & Sons")
			b.accessible("inbox-empty")

			s.leave("/vase/", "/attack/")
			b.click(".wind [value='24h']")
			if b.address() != s.url+"/sandbox/inbox" {
				t.Errorf("winding leads to %s", b.address())
			}
			b.says(".mails", "<script>alert(6)</script>", "Complete your purchase at Linden & Sons")
			b.accessible("inbox")

			b.click(".mails a")
			b.says(".facts", "jane@example.com", "Linden & Sons")
			source := step(b, "read the frame's address", chromedp.Evaluate[string]("document.querySelector('iframe').src"))
			b.accessible("inbox-mail")
			b.click(".tabs a:nth-child(2)")
			b.says(".plaintext", "Vase <", "<script>alert(1)</script>", "Complete your order <"+s.shop, "Unsubscribe <")
			b.accessible("inbox-text")
			b.click(".tabs a:nth-child(3)")
			b.says(".headers", "Message-ID", "List-Unsubscribe")
			b.accessible("inbox-headers")
			mail := open(t, screen)
			mail.shows(source, "You left something behind", "Vase", "<script>alert(1)</script>")

			b.visit(s.url + "/sandbox/inbox?to=JANE")
			b.says(".mails", "Show all", "<script>alert(6)</script>")
			b.visit(s.url + "/sandbox/inbox?to=nobody")
			b.says("main", "No mail to “nobody”")
			b.accessible("inbox-nobody")
			b.click("main .card a")
			b.says(".mails", "<script>alert(6)</script>")
		})
	}
}

// shows looks at a mail as its frame does: it runs nothing, fits the screen,
// and its link opens elsewhere.
func (b *tab) shows(address string, texts ...string) {
	b.t.Helper()
	if res := step(b, "visit "+address, chromedp.NavigateResponse(address)); res.Status != http.StatusOK {
		b.t.Fatalf("%s: %d", address, res.Status)
	}
	b.says("body", texts...)
	b.picture("mail")
	if width := step(b, "measure", chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); width > b.screen.width {
		b.t.Errorf("%s: the mail is %d wide on a screen of %d", address, width, b.screen.width)
	}
	if n := step(b, "count scripts", chromedp.Evaluate[int](fmt.Sprintf("document.querySelectorAll(%q).length", "script, [onclick], [onerror]"))); n > 0 {
		b.t.Errorf("%s: %d elements could run a script", address, n)
	}
	if target := step(b, "read the target", chromedp.Evaluate[string]("document.querySelector('base').target")); target != "_blank" {
		b.t.Errorf("%s: links open in %q", address, target)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ran) > 0 {
		b.t.Errorf("the mail ran %v", b.ran)
	}
}
