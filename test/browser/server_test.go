package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// server is the program, serving one empty store.
type server struct {
	t     *testing.T
	url   string
	shop  string // address of the store's pages
	token string
}

const store = "linden"

// serve makes a store and starts the program on it until the test ends.
func serve(t *testing.T, flags ...string) *server {
	t.Helper()
	data := t.TempDir()
	s := &server{t: t}
	s.command("store", "create", store, "--name", "Linden & Sons", "--data", data)
	s.token = strings.TrimSpace(s.command("token", "create", "--store", store, "--scopes", "all", "--data", data))

	cmd := exec.Command(program, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--log-format", "json"}, flags...)...)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		for lines.Scan() {
			t.Log(lines.Text())
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
	})
	for lines.Scan() {
		var entry struct{ Msg, URL string }
		if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.URL != "" {
			s.url, s.shop = entry.URL, entry.URL+"/shop/"+store
			return s
		}
		t.Log(lines.Text())
	}
	t.Fatal("the program did not say where it serves")
	return nil
}

func (s *server) command(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// object is a JSON object.
type object = map[string]any

// api calls version 3 of the management API and returns the data of the answer.
func (s *server) api(method, path string, body any) object {
	s.t.Helper()
	var answer struct{ Data object }
	if text := s.call(method, "/v3"+path, body); json.Unmarshal(text, &answer) != nil {
		s.t.Fatalf("%s %s: %s", method, path, text)
	}
	return answer.Data
}

// call calls the management API and returns the body of the answer.
func (s *server) call(method, path string, body any) []byte {
	s.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/stores/"+store+path, bytes.NewReader(b))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", s.token)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if res.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, text)
	}
	return text
}

// product makes a product and returns its id.
func (s *server) product(name, address string, price float64, more object) int {
	s.t.Helper()
	body := object{"name": name, "type": "physical", "weight": 1, "price": price, "is_visible": true, "custom_url": object{"url": address}}
	for key, value := range more {
		body[key] = value
	}
	return number(s.api(http.MethodPost, "/catalog/products", body)["id"])
}

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}
