package linear

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"cartwright/internal/testkit"
)

// liar stands between clients and a server, and now and then does to a request
// what no server may do. Requests with a key it leaves alone: clients compare
// the answers to those themselves.
type liar struct {
	server string
	lie    func(l *liar, r *http.Request, body []byte) (status int, answer []byte)
	asked  atomic.Int64 // requests without a key
	truths atomic.Int64 // of them since the last lie
	lies   atomic.Int64
	old    sync.Map // the first answers to GET, by path
}

// How a liar lies: after so many true answers the first request is lied to that
// the lie is about. A round of lies is over when there were a few, and so many
// requests after them that somebody may have seen what they did.
const (
	seldom     = 25
	fewLies    = 2
	enough     = 100
	mostRounds = 20
)

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	status, answer := 0, []byte(nil)
	if r.Header.Get("Idempotency-Key") == "" {
		l.asked.Add(1)
		if l.truths.Add(1) > seldom {
			if status, answer = l.lie(l, r, body); status != 0 {
				l.truths.Store(0)
				l.lies.Add(1)
			}
		}
	}
	if status == 0 {
		status, answer = l.pass(r, r.Method, r.URL.Path, body)
		if r.Method == http.MethodGet && status == http.StatusOK {
			l.old.LoadOrStore(r.URL.Path, answer)
		}
	}
	if status == 0 {
		panic(http.ErrAbortHandler) // the client gets no answer either
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// pass sends a request to the server and returns what that answers.
func (l *liar) pass(r *http.Request, method, path string, body []byte) (status int, answer []byte) {
	req, err := http.NewRequestWithContext(r.Context(), method, "http://"+l.server+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil
	}
	req.Header = r.Header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		return 0, nil
	}
	return resp.StatusCode, answer
}

// adds reports whether a request adds to a cart, whatever its version.
func adds(r *http.Request, body []byte) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/items") && !bytes.Contains(body, []byte(`"version"`))
}

// swallow writes nothing and answers as if it had.
func (l *liar) swallow(r *http.Request, body []byte) (int, []byte) {
	status, text := l.pass(r, http.MethodGet, strings.TrimSuffix(r.URL.Path, "/items"), nil)
	var cart struct {
		Data map[string]any `json:"data"`
	}
	var items struct {
		Custom []map[string]any `json:"custom_items"`
		Items  []any            `json:"line_items"`
	}
	if !adds(r, body) || status != http.StatusOK || json.Unmarshal(text, &cart) != nil || json.Unmarshal(body, &items) != nil || items.Items != nil {
		return 0, nil
	}
	lines := cart.Data["line_items"].(map[string]any)
	for i, item := range items.Custom {
		item["id"] = fmt.Sprintf("made-up-%d-%d", l.asked.Load(), i)
		lines["custom_items"] = append(lines["custom_items"].([]any), item)
		cart.Data["base_amount"] = cart.Data["base_amount"].(float64) + item["list_price"].(float64)*item["quantity"].(float64)
	}
	cart.Data["version"] = cart.Data["version"].(float64) + 1
	answer, err := json.Marshal(cart)
	if err != nil {
		return 0, nil
	}
	return http.StatusCreated, answer
}

// TestServersThatLieAreFound has shoppers use a server that does what it must
// not, seldom, and expects the checker to find it.
func TestServersThatLieAreFound(t *testing.T) {
	t.Parallel()
	s := onSQLite(t)
	w := newWorld(t, s.target)
	tests := map[string]func(*liar, *http.Request, []byte) (int, []byte){
		"a write is swallowed": (*liar).swallow,
		"a write is applied twice": func(l *liar, r *http.Request, body []byte) (int, []byte) {
			if !adds(r, body) {
				return 0, nil
			}
			status, answer := l.pass(r, r.Method, r.URL.Path, body)
			_, _ = l.pass(r, r.Method, r.URL.Path, body)
			return status, answer
		},
		"a read is stale": func(l *liar, r *http.Request, _ []byte) (int, []byte) {
			old, found := l.old.Load(r.URL.Path)
			if r.Method != http.MethodGet || !found {
				return 0, nil
			}
			return http.StatusOK, old.([]byte)
		},
		"a version is not looked at": func(l *liar, r *http.Request, body []byte) (int, []byte) {
			var sent map[string]any
			if json.Unmarshal(body, &sent) != nil || sent["version"] == nil {
				return 0, nil
			}
			delete(sent, "version")
			body, err := json.Marshal(sent)
			if err != nil {
				return 0, nil
			}
			return l.pass(r, r.Method, r.URL.Path, body)
		},
	}
	for name, lie := range tests {
		t.Run(name, func(t *testing.T) {
			l := &liar{server: s.servers[0], lie: lie}
			front := httptest.NewServer(l)
			defer front.Close()
			to := s.target
			to.servers = []string{strings.TrimPrefix(front.URL, "http://")}
			seed := seed()
			var found []violation
			for n := uint64(0); n < mostRounds && !caught(found); n++ {
				c := crowd{target: to, seed: seed + n, world: w, shoppers: shoppers}
				found = c.record(t, func(*recorder) { l.perform(t) }).violations(c.model)
			}
			if !caught(found) {
				t.Errorf("seed %d: %d lies, and the checker found %v", seed, l.lies.Load(), found)
			}
			t.Logf("seed %d: %d lies, found in %v", seed, l.lies.Load(), found)
		})
	}
}

// perform returns when a round of lies is over.
func (l *liar) perform(t *testing.T) {
	t.Helper()
	lies := l.lies.Load() + fewLies
	testkit.Eventually(t, "there are lies", func() bool { return l.lies.Load() >= lies })
	asked := l.asked.Load() + enough
	testkit.Eventually(t, "others ask after a lie", func() bool { return l.asked.Load() >= asked })
}

// caught reports whether there is a history that nothing explains. One for which
// the search took too long is none.
func caught(found []violation) bool {
	return slices.ContainsFunc(found, func(v violation) bool { return v.result == porcupine.Illegal })
}
