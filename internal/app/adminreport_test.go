package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestReportPages reads the report of a store, and follows a cart from it.
func TestReportPages(t *testing.T) {
	s := newTill(t)
	mux := http.NewServeMux()
	s.app.sandbox(mux)
	page := func(path string, status int, parts ...string) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = "localhost:8080"
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%s answers %d", path, w.Code)
		}
		for _, part := range parts {
			unwanted, not := strings.CutPrefix(part, "!")
			if not == strings.Contains(w.Body.String(), unwanted) {
				t.Errorf("%s: want %s in %s", path, part, w.Body)
			}
		}
	}
	page("/admin/demo", 200, "None yet.")
	at, e := s.leave(s.stocked("<script>alert(1)</script>", 5))
	s.mailed(at, e, 1, true)
	o := s.order(at)
	s.do(step{"", "PUT", fmt.Sprintf("/v2/orders/%d", o), `{"status_id":11}`, 200, nil})
	left, _ := s.leave(s.stocked("Lamp", 5))
	page("/admin/demo", 200, "<dt>Abandoned<span>times that a cart was left alone; 2 with an address</span></dt><dd>2</dd>", "1 mail in all", "$26.00",
		`href="/admin/demo/carts/`+string(cartOf(at))+`"`, "<td>ordered</td>", "<td>left alone</td>", "Nobody is held out", "<svg", "!style=", "!<script")
	page("/admin/demo/carts/"+string(cartOf(at)), 200, "The cart was made.", "It was left alone for the waiting time.", "The mail after 1 hour went out.", "With the code BACK5.",
		"Somebody went on from the mail after 1 hour.", fmt.Sprintf("It was ordered: order %d, $26.00.", o), "Thanks to the mail after 1 hour", `<span class="badge">ordered</span>`, "!<script")
	page("/admin/demo/carts/"+string(cartOf(left)), 200, `<span class="badge">left alone</span>`)
	s.do(step{"", "PUT", "/v3/recovery/carts/" + string(cartOf(left)), `{"bot":true}`, 200, nil})
	page("/admin/demo", 200, "1 more was left by bots")
	page("/admin/demo/carts/"+string(cartOf(left)), 200, "marked as a bot’s")
	page("/admin/demo/carts/00000000-0000-4000-8000-000000000000", 404, "There is no such store or cart.")
	page("/admin/demo/carts/x", 404)
	page("/admin/nothing/carts/x", 404)
	page("/admin/nothing", 404)
}
