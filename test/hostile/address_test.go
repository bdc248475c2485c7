package hostile

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"cartwright/internal/testkit"
	"cartwright/test/world"
)

func everything(testkit.Operation) bool { return true }

func hasID(op testkit.Operation) bool { return strings.Contains(op.Path, "{") }

var pathParameter = regexp.MustCompile(`\{[^}]+\}`)

// oddIDs are what may stand in a path where an id belongs.
var oddIDs = []string{
	"0", "-1", "1.5", "1e3", "0x1", "abc", "null", "undefined", "true", "NaN", "9223372036854775808", "99999999999999999999999999",
	"%00", "1%00", "..", "%2e%2e", "%2F", "a%2Fb", "..%2F..%2Fetc%2Fpasswd", "%5C", ";", "1;x=1", "%3Bdrop", "%20", "%0d%0aX-A:1", "%FF%FE",
	"%C0%80", "%F0%9F%9B%92", "%D9%A1", "%EF%BC%91", "'", "%22", "*", "{id}", "%25", "%2500", "@", "~", "$", "1,2", "1%2C2",
	"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
}

// Where an id belongs stands anything else.
func TestOddIDs(t *testing.T) {
	long := strings.Repeat("9", 100_000)
	attack(t, hasID, func(s *suspect) {
		for _, part := range idParts(s.op.Path, s.request.Path) {
			for _, odd := range append(oddIDs, long, strings.Repeat("%F0%9F%9B%92", 5000)) {
				if odd == "0" && (s.op.OperationID == "getTaxClass" || s.op.OperationID == "getOrderStatus") {
					continue // the default tax class is number 0, and so is the status of an incomplete order
				}
				r := s.request
				r.Path = part.before + odd + part.after
				if part.name == "{coupon_code}" { // no id: a code that was not applied is taken back already
					s.survives(r, clip([]byte(r.Path)))
					continue
				}
				statuses := []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity}
				if s.op.OperationID == "getAbandonedCart" { // a token without its form is a bad request (spec/02 §2)
					statuses = append(statuses, http.StatusBadRequest)
				}
				s.refused(r, clip([]byte(r.Path)), statuses...)
			}
		}
	})
}

// idPart is an address around one of its ids.
type idPart struct{ name, before, after string }

// idParts finds the ids of a path by its template.
func idParts(template, path string) []idPart {
	path, query, found := strings.Cut(path, "?")
	if found {
		query = "?" + query
	}
	names, values := strings.Split(template, "/"), strings.Split(path, "/")
	var out []idPart
	for i, name := range names {
		if pathParameter.MatchString(name) {
			before, after := strings.Join(values[:i], "/")+"/", ""
			if i+1 < len(values) {
				after = "/" + strings.Join(values[i+1:], "/")
			}
			out = append(out, idPart{name, before, after + query})
		}
	}
	return out
}

// Addresses that lead nowhere, however they are written.
func TestOddPaths(t *testing.T) {
	w := world.New(t)
	s := &suspect{World: w, op: testkit.Operation{}}
	for _, path := range []string{
		"", "/", "//", "/v3", "/v3/", "/v2", "/v4/carts", "/V3/carts", "/v3//carts", "//v3/carts", "/v3/./carts", "/v3/../v3/carts", "/v3/carts//",
		"/v3/carts/..", "/v3/carts/%2e%2e/products", "/v3/carts%2Fsettings", "/v3%2Fcarts", "/v3/carts/settings/", "/v3/carts;x=1", "/v3/carts%00",
		"/v3/catalog", "/v3/catalog/products/1/2/3/4/5/6", "/v3/CARTS", "/v3/%63arts/x", "/v3/carts/%", "/v2/time/now", "/v2/store/..%2f..",
		"/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/" + strings.Repeat("a/", 5000), "/v3/" + strings.Repeat("x", 60_000), "/v3/\u00e9", "/v3/carts/{cartId}",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "BREW"} {
			req := w.HTTP(world.Request{Method: method, Path: "/v3/carts"})
			req.URL = &url.URL{Path: "/stores/" + world.Store + path}
			if raw, err := url.PathUnescape(path); err == nil && raw != path {
				req.URL.Path, req.URL.RawPath = "/stores/"+world.Store+raw, "/stores/"+world.Store+path
			}
			before := w.Revision()
			answer := w.Send(req)
			known := method == http.MethodGet && answer.Status == http.StatusOK // one slash too many is tolerated
			if !known && (answer.Status < 400 || answer.Status > 499) {
				s.Errorf("%s %s answered %d: %s", method, clip([]byte(path)), answer.Status, clip(answer.Bytes))
			}
			if w.Revision() != before {
				s.Errorf("%s %s wrote something", method, clip([]byte(path)))
			}
		}
	}
}

// Store hashes that are none.
func TestOddStores(t *testing.T) {
	w := world.New(t)
	for _, store := range []string{"", ".", "..", "%2e%2e", "%00", world.Store + "%00", "'", "%FF", strings.Repeat("a", 60_000), strings.ToUpper(world.Store)} {
		raw := "/stores/" + store + "/v3/carts/settings"
		plain, err := url.PathUnescape(raw)
		if err != nil {
			t.Fatal(err)
		}
		req := w.HTTP(world.Request{Method: http.MethodGet, Path: "/v3/carts/settings"})
		req.URL = &url.URL{Path: plain, RawPath: raw}
		if answer := w.Send(req); answer.Status < 400 || answer.Status > 499 {
			t.Errorf("%s answered %d: %s", clip([]byte(raw)), answer.Status, clip(answer.Bytes))
		}
	}
}

// Methods that an address does not have.
func TestOddMethods(t *testing.T) {
	attack(t, everything, func(s *suspect) {
		for _, method := range []string{http.MethodPatch, http.MethodOptions, http.MethodTrace, "PROPFIND", "BREW", "get", "X" + strings.Repeat("Y", 1000)} {
			r := s.request
			r.Method = method
			before := s.Revision()
			answer := s.Do(r)
			if answer.Status != http.StatusMethodNotAllowed || !strings.Contains(answer.Header.Get("Allow"), s.op.Method) {
				s.Errorf("%s answered %d with Allow %q: %s", clip([]byte(method)), answer.Status, answer.Header.Get("Allow"), answer.Bytes)
			}
			if s.Revision() != before {
				s.Errorf("%s wrote something", method)
			}
		}
	})
}

// Query parameters that are none.
func TestOddQueries(t *testing.T) {
	attack(t, func(op testkit.Operation) bool { return len(queryNames(op)) > 0 }, func(s *suspect) {
		path, _, _ := strings.Cut(s.request.Path, "?")
		for _, name := range append(queryNames(s.op), "x") {
			for _, v := range []string{
				"", "%00", "%FF", "-1", "0", "1e999", "1.5", "abc", "99999999999999999999", "%", "%zz", ";", "1;2", "a,,b,", ",", "1,abc", "%27%20OR%201=1--",
				"[]", "{}", strings.Repeat("1,", 2000), strings.Repeat("x", 60_000), "2024-13-45", "aWQ6", "%F0%9F%9B%92", "aWQ6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk=",
			} {
				r := s.request
				r.Path = path + "?" + url.QueryEscape(name) + "=" + v
				s.survives(r, clip([]byte(r.Path)))
			}
			r := s.request
			r.Path = path + "?" + strings.Repeat(url.QueryEscape(name)+"=1&", 2000)
			s.survives(r, name+" 2000 times")
		}
	})
}

func queryNames(op testkit.Operation) []string {
	var names []string
	for _, p := range op.Parameters {
		if p.Value.In == "query" {
			names = append(names, p.Value.Name)
		}
	}
	return names
}

// A removal by ids removes nothing without proper ids.
func TestRemovalWithoutIDs(t *testing.T) {
	ids := func(op testkit.Operation) *openapi3.Parameter { return op.Parameters.GetByInAndName("query", "id:in") }
	byIDs := func(op testkit.Operation) bool { return op.Method == http.MethodDelete && ids(op) != nil }
	attack(t, byIDs, func(s *suspect) {
		path, _, _ := strings.Cut(s.request.Path, "?")
		for _, query := range []string{"?id:in=abc", "?id:in=1,abc", "?id:in=1.5", "?id:in=%00", "?id:in=1e999", "?id:in=" + strings.Repeat("1,", 5000)} {
			r := s.request
			r.Path = path + query
			if strings.HasPrefix(s.op.Path, "/v2/") {
				s.refused(r, clip([]byte(r.Path)), http.StatusBadRequest)
			} else {
				s.refused(r, clip([]byte(r.Path)), http.StatusUnprocessableEntity)
			}
		}
		if s.op.OperationID == "deleteCoupons" {
			return // it removes all when nothing is said: TestCouponsAreRemoved
		}
		status := http.StatusNoContent
		if ids(s.op).Required {
			status = http.StatusUnprocessableEntity
		}
		for _, query := range []string{"", "?", "?id:in=", "?id:in=,", "?id=1", "?id:in=-1;"} {
			r := s.request
			r.Path = path + query
			if answer, unchanged := s.watch(r); answer.Status != status || !unchanged {
				s.Errorf("%s: answered %d, unchanged: %v: %s", r.Path, answer.Status, unchanged, answer.Bytes)
			}
		}
	})
}
