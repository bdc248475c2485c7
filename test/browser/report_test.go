package browser

import (
	"strings"
	"testing"
)

// TestTheReportOfAStore leaves carts, and reads what became of them where a
// merchant does.
func TestTheReportOfAStore(t *testing.T) {
	s := serve(t, "--sandbox")
	checkouts(s)
	s.product("<script>alert(1)</script>", "/attack/", 1, nil)
	for _, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			b := open(t, screen)
			b.visit(s.url + "/admin/" + store)
			b.says("h1", "Linden & Sons")
			if screen == screens[0] {
				b.says("main", "None yet.")
				b.accessible("report-empty")
			}
			s.leave("/vase/", "/attack/")
			s.mails("61m")
			s.mails("60m")
			b.visit(s.url + "/admin/" + store)
			b.says("main", "Abandoned carts, the last 30 days", "with an address", "Written to", "Left last", "left alone")
			b.accessible("report")
			b.pick(".chart summary")
			b.says(".chart", "Day (UTC)")
			b.accessible("report-table")
			b.click("a[href*='/carts/']")
			if !strings.HasPrefix(b.address(), s.url+"/admin/"+store+"/carts/") {
				t.Errorf("the link leads to %s", b.address())
			}
			b.says("h1", "A cart, step by step")
			b.says("main", "The cart was made.", "It was left alone for the waiting time.", "The mail after 1 hour went out.")
			b.accessible("timeline")
		})
	}
}
