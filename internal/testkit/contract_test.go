package testkit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cartwright/internal/testkit"
)

// witness counts the failures that a wrapped handler reports.
type witness struct {
	testing.TB

	failures []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
}

const errorType = `"type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"`

func TestContract(t *testing.T) {
	const c = "/stores/demo/v3/carts/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55"
	tests := map[string]struct {
		method, path string
		status       int
		kind, body   string
		breaks       string
	}{
		"a proper refusal":                 {"GET", c, 404, "application/json", `{"status":404,` + errorType + `}`, ""},
		"one slash too many":               {"GET", c + "/", 404, "application/json", `{"status":404,` + errorType + `}`, ""},
		"nothing to say":                   {"DELETE", c, 204, "", "", ""},
		"a status that is not documented":  {"DELETE", c, 200, "application/json", `{}`, "status is not supported"},
		"a defect of the server":           {"GET", c, 500, "application/json", `{"status":500,"title":"x",` + errorType + `}`, "status is not supported"},
		"a property twice":                 {"GET", c, 404, "application/json", `{"status":404,"status":404,` + errorType + `}`, "stands twice"},
		"a property twice, further inside": {"GET", c, 422, "application/json", `{"errors":[{"a":1,"a":1}]}`, "stands twice"},
		"not JSON":                         {"GET", c, 404, "application/json", `{"status":404`, "not JSON"},
		"HTML":                             {"GET", c, 404, "text/html", `{"status":404,` + errorType + `}`, "Content-Type"},
		"204 with a body":                  {"DELETE", c, 204, "application/json", `{}`, "204 has a body"},
		"200 without one":                  {"GET", c, 200, "", "", "no body"},
		"a redirect":                       {"GET", c, 301, "application/json", `{}`, "redirects"},
		"an unknown path refused":          {"GET", "/stores/demo/v3/nothing", 404, "application/json", `{"status":404,"title":"Not Found",` + errorType + `}`, ""},
		"an unknown path answered":         {"GET", "/stores/demo/v3/nothing", 200, "application/json", `{}`, "does not have this path"},
		"an unknown method, no Allow":      {"GET", "/stores/demo/v3/carts", 405, "application/json", `{"status":405,` + errorType + `}`, "without Allow"},
		"V3's error in V2":                 {"GET", "/stores/demo/v2/nothing", 404, "application/json", `{"status":404,"title":"Not Found",` + errorType + `}`, "array"},
		"V2's error in V2":                 {"GET", "/stores/demo/v2/nothing", 404, "application/json", `[{"status":404,"message":"no"}]`, ""},
		"not the API":                      {"GET", "/healthz", 200, "text/plain", `ok`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := &witness{TB: t}
			h := testkit.Contract(w, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", strings.Repeat("0a", 16))
				if tt.kind != "" {
					w.Header().Set("Content-Type", tt.kind)
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, nil))
			if rec.Code != tt.status || rec.Body.String() != tt.body {
				t.Errorf("passed on %d %s", rec.Code, rec.Body)
			}
			said := strings.Join(w.failures, "\n")
			if (said == "") != (tt.breaks == "") || !strings.Contains(said, tt.breaks) {
				t.Errorf("said %q, want %q", said, tt.breaks)
			}
		})
	}
}

func TestContractWantsARequestID(t *testing.T) {
	w := &witness{TB: t}
	h := testkit.Contract(w, http.NotFoundHandler())
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/stores/demo/v3/carts/x", nil))
	if len(w.failures) != 1 || !strings.Contains(w.failures[0], "X-Request-Id") {
		t.Errorf("said %q", w.failures)
	}
}

func TestCheckRequest(t *testing.T) {
	d := testkit.OpenDocument(t)
	check := func(body string) error {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/stores/demo/v3/carts", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return d.CheckRequest(r, []byte(body))
	}
	if err := check(`{"line_items":[{"product_id":1,"quantity":"2"}]}`); err != nil {
		t.Errorf("a proper request is refused: %v", err)
	}
	if err := check(`{"line_items":[{"product_id":true,"quantity":"2"}]}`); err == nil {
		t.Error("a wrong request goes through")
	}
}

func TestOperations(t *testing.T) {
	ops := testkit.OpenDocument(t).Operations()
	if len(ops) < 100 {
		t.Fatalf("there are %d operations", len(ops))
	}
	for _, op := range ops {
		// Webhooks are open to any token of the store (spec/00 §2).
		if open := strings.HasPrefix(op.Path, "/v3/hooks"); (op.Scope() == "") != open {
			t.Errorf("%s %s has the scope %q", op.Method, op.Path, op.Scope())
		}
	}
}
