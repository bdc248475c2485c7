package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cartwright/api/openapi"
)

func visit(t *testing.T, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	docs(mux)
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, r)
	return rec
}

func TestDocumentIsServed(t *testing.T) {
	rec := visit(t, http.MethodGet, "/openapi.yaml")
	if rec.Code != http.StatusOK || !bytes.Equal(rec.Body.Bytes(), openapi.YAML) {
		t.Fatalf("answered %d with %d bytes, want the document's %d", rec.Code, rec.Body.Len(), len(openapi.YAML))
	}
	if kind := rec.Header().Get("Content-Type"); kind != "application/yaml" {
		t.Errorf("the type is %q", kind)
	}
	again := visit(t, http.MethodGet, "/openapi.yaml", "If-None-Match", rec.Header().Get("ETag"))
	if again.Code != http.StatusNotModified {
		t.Errorf("asked again, answered %d, want 304", again.Code)
	}
}

func TestReference(t *testing.T) {
	rec := visit(t, http.MethodGet, "/docs")
	page := rec.Body.String()
	if rec.Code != http.StatusOK || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("answered %d %s", rec.Code, rec.Header().Get("Content-Type"))
	}
	if foreign := regexp.MustCompile(`(src|href|spec-url)="(https?:)?//`).FindString(page); foreign != "" {
		t.Errorf("the page loads from elsewhere: %s", foreign)
	}
	policy := rec.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "http") || strings.Contains(policy, "unsafe-eval") {
		t.Errorf("the policy is %q", policy)
	}
	script := regexp.MustCompile(`src="(/docs/[^"]+)"`).FindStringSubmatch(page)
	if script == nil {
		t.Fatal("the page has no script")
	}
	got := visit(t, http.MethodGet, script[1])
	if got.Code != http.StatusOK || got.Body.Len() < 500_000 || got.Header().Get("Content-Encoding") != "" {
		t.Errorf("%s answered %d with %d bytes", script[1], got.Code, got.Body.Len())
	}
	packed := visit(t, http.MethodGet, script[1], "Accept-Encoding", "gzip, br")
	if packed.Code != http.StatusOK || packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > got.Body.Len()/3 {
		t.Fatalf("%s answered a browser %d with %d bytes", script[1], packed.Code, packed.Body.Len())
	}
	unpacked, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(b, got.Body.Bytes()) {
		t.Errorf("what browsers get unpacks to %d bytes, %v", len(b), err)
	}
}

// Where the viewer does not run, every operation is still found.
func TestReferenceWithoutJavaScript(t *testing.T) {
	page := visit(t, http.MethodGet, "/docs").Body.String()
	_, plain, _ := strings.Cut(page, `<main class="plain">`)
	listed := strings.Count(plain, "<tr><td>")
	operations := bytes.Count(openapi.YAML, []byte("operationId:"))
	if listed != operations || listed == 0 {
		t.Errorf("the list has %d operations, the document %d", listed, operations)
	}
	for _, want := range []string{`href="/openapi.yaml"`, "<code>POST /v3/carts</code>", "<code>store_cart_read_only</code>", "<h2>Carts</h2>"} {
		if !strings.Contains(plain, want) {
			t.Errorf("the list lacks %s", want)
		}
	}
}

// The assets are the files that their manifest names, byte for byte.
func TestAssets(t *testing.T) {
	raw, err := os.ReadFile("assets/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest []struct {
		Package, Licence, Integrity string
		Files                       []struct{ File, SHA256 string }
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"manifest.json": true}
	for _, asset := range manifest {
		if !regexp.MustCompile(`@\d+\.\d+\.\d+$`).MatchString(asset.Package) || asset.Licence == "" || asset.Integrity == "" {
			t.Errorf("%q lacks its version, licence or integrity", asset.Package)
		}
		licence := false
		for _, file := range asset.Files {
			known[file.File] = true
			licence = licence || strings.Contains(file.File, "LICENSE")
			b, err := os.ReadFile(filepath.Join("assets", file.File))
			if err != nil {
				t.Error(err)
				continue
			}
			if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != file.SHA256 {
				t.Errorf("%s is not the file of the manifest; run: make assets", file.File)
			}
		}
		if !licence {
			t.Errorf("%s comes without its licence", asset.Package)
		}
	}
	found, err := os.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range found {
		if !known[entry.Name()] {
			t.Errorf("assets/%s is in no manifest", entry.Name())
		}
	}
}
