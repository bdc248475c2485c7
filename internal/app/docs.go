package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"cartwright/api/openapi"
)

//go:embed assets docs.html
var docFiles embed.FS

// viewer is the script that draws the reference; assets/manifest.json says
// where it comes from. It is embedded compressed, as browsers take it.
const viewer = "rapidoc-min.js"

// docsPolicy lets the reference page load from this server alone: it works
// without a network, and tells nobody who reads it. The viewer styles its
// parts with style attributes.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docs adds the OpenAPI document and the page that shows it.
func docs(mux *http.ServeMux) {
	mux.Handle("GET /openapi.yaml", static("openapi.yaml", "application/yaml", openapi.YAML))
	script, err := docFiles.ReadFile("assets/" + viewer + ".gz")
	if err != nil {
		panic(err) // the file is compiled in
	}
	mux.Handle("GET /docs/"+viewer, compressed(viewer, "text/javascript; charset=utf-8", script))
	page := sync.OnceValue(func() http.Handler { // reading the document takes a while
		b, err := docsPage()
		if err != nil {
			panic(err) // the document and the page are compiled in
		}
		return static("docs.html", "text/html; charset=utf-8", b)
	})
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		w.Header().Set("Referrer-Policy", "no-referrer")
		page().ServeHTTP(w, r)
	})
}

// static serves bytes that do not change while the program runs. Browsers ask
// again each time and mostly get 304.
func static(name, kind string, b []byte) http.Handler {
	tag := `"` + digest(b) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		h.Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	})
}

// compressed serves bytes that gzip has made smaller: as they are to browsers,
// and as they were to clients that do not take them so.
func compressed(name, kind string, b []byte) http.Handler {
	packed := static(name, kind, b)
	plain := sync.OnceValue(func() http.Handler {
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			panic(err) // the file is compiled in
		}
		unpacked, err := io.ReadAll(r)
		if err != nil {
			panic(err)
		}
		return static(name, kind, unpacked)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			plain().ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		packed.ServeHTTP(w, r)
	})
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// operation is one line of the plain list.
type operation struct{ Method, Path, Summary, Scope string }

// group is the operations of one tag.
type group struct {
	Name, Description string
	Operations        []operation
}

// docsPage draws the page with the list for browsers without JavaScript, or
// with too little room for the viewer.
func docsPage() ([]byte, error) {
	var doc struct {
		Info struct{ Title, Version string }
		Tags []struct{ Name, Description string }
		// Paths keeps the document's order.
		Paths yaml.Node
	}
	if err := yaml.Unmarshal(openapi.YAML, &doc); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	byTag := map[string][]operation{}
	for i := 0; i+1 < len(doc.Paths.Content); i += 2 {
		if err := listPath(byTag, doc.Paths.Content[i].Value, doc.Paths.Content[i+1]); err != nil {
			return nil, err
		}
	}
	script, err := docFiles.ReadFile("assets/" + viewer + ".gz")
	if err != nil {
		return nil, err
	}
	page := struct {
		Title, Version, Viewer string
		Groups                 []group
	}{doc.Info.Title, doc.Info.Version, digest(script), nil}
	for _, tag := range doc.Tags {
		page.Groups = append(page.Groups, group{tag.Name, tag.Description, byTag[tag.Name]})
	}
	t, err := template.ParseFS(docFiles, "docs.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, page); err != nil {
		return nil, fmt.Errorf("draw the reference: %w", err)
	}
	return b.Bytes(), nil
}

// listPath adds the operations of one path to the lists of their tags.
func listPath(byTag map[string][]operation, path string, item *yaml.Node) error {
	for i := 0; i+1 < len(item.Content); i += 2 {
		method := strings.ToUpper(item.Content[i].Value)
		if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}, method) {
			continue
		}
		var op struct {
			Summary string
			Tags    []string
			Scopes  struct{ Read, Modify string } `yaml:"x-scopes"`
		}
		if err := item.Content[i+1].Decode(&op); err != nil {
			return fmt.Errorf("read %s %s: %w", method, path, err)
		}
		scope := op.Scopes.Modify
		if op.Scopes.Read != "" {
			scope = op.Scopes.Read
		}
		for _, tag := range op.Tags {
			byTag[tag] = append(byTag[tag], operation{method, path, op.Summary, scope})
		}
	}
	return nil
}
