package demo

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"cartwright/internal/catalog"
)

// Every picture is a document that a browser can draw, with nothing left to
// fill in and nothing that runs or loads.
func TestPictures(t *testing.T) {
	p := newPictures()
	if len(p.names()) < 100 {
		t.Errorf("only %d pictures", len(p.names()))
	}
	for _, name := range p.names() {
		b, err := p.get(name)
		if err != nil {
			t.Error(err)
			continue
		}
		dec := xml.NewDecoder(strings.NewReader(string(b)))
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if el, ok := token.(xml.StartElement); ok {
				if !slices.Contains([]string{"svg", "g", "path", "rect", "circle", "ellipse"}, el.Name.Local) {
					t.Errorf("%s has a <%s>", name, el.Name.Local)
				}
				for _, a := range el.Attr {
					if strings.ContainsAny(a.Value, "{}") {
						t.Errorf("%s: %s=%q is not filled in", name, a.Name.Local, a.Value)
					}
				}
			}
		}
	}
}

func TestEveryDrawingIsSold(t *testing.T) {
	files, err := drawingFiles.ReadDir("drawings")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".svg")
		if !slices.ContainsFunc(catalogItems, func(it item) bool { return it.drawing == name }) {
			t.Errorf("nothing looks like %s", name)
		}
	}
}

func TestPicturesAreServed(t *testing.T) {
	h := Pictures()
	for path, want := range map[string]int{
		"/demo/pictures/mug-sky.svg":                  http.StatusOK,
		"/demo/pictures/mug-sky-outdoors.svg":         http.StatusOK,
		"/demo/pictures/mug-sky":                      http.StatusNotFound,
		"/demo/pictures/mug-plum.svg":                 http.StatusNotFound,
		"/demo/pictures/.svg":                         http.StatusNotFound,
		"/demo/pictures/../drawings/mug.svg":          http.StatusNotFound,
		"/demo/pictures/" + strings.Repeat("a", 4096): http.StatusNotFound,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%.60s: %d", path, w.Code)
		}
		if want == http.StatusOK && (w.Header().Get("Content-Type") != "image/svg+xml" || w.Header().Get("Content-Security-Policy") == "") {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
}

// The catalog shows what the API can do: each kind of choice, of stock and of
// limit is on some shelf.
func TestTheCatalogHasSomethingOfEverything(t *testing.T) {
	if len(catalogItems) != 40 {
		t.Errorf("%d products", len(catalogItems))
	}
	kinds, names, skus := map[string]bool{}, map[string]bool{}, map[string]bool{}
	brands, shelves := map[string]bool{}, map[string]bool{}
	seen := map[string]bool{}
	for i := range catalogItems {
		it := &catalogItems[i]
		if names[it.name] || skus[it.sku] {
			t.Errorf("%s is there twice", it.name)
		}
		names[it.name], skus[it.sku] = true, true
		brands[it.brand], shelves[strings.Join(it.shelf, "/")] = true, true
		for _, m := range it.choices {
			kinds[m.Type.Value] = true
		}
		seen["sale"] = seen["sale"] || it.sale > 0
		seen["sold out"] = seen["sold out"] || it.stock == 0
		seen["minimum"] = seen["minimum"] || it.min > 0
		seen["maximum"] = seen["maximum"] || it.max > 0
		seen["digital"] = seen["digital"] || it.kind == catalog.Digital
		seen["sizes"] = seen["sizes"] || len(it.sizes) > 0
		seen["no wrapping"] = seen["no wrapping"] || it.wrap == catalog.WrapNone
		if it.sale >= it.cents && it.sale != 0 {
			t.Errorf("%s is no bargain", it.name)
		}
		if len(it.text) < 40 {
			t.Errorf("%s has next to no description", it.name)
		}
	}
	for _, kind := range []string{catalog.Text, catalog.MultiLineText, catalog.Checkbox, catalog.Date, catalog.NumbersOnly, catalog.Dropdown, catalog.RadioButtons} {
		if !kinds[kind] {
			t.Errorf("nothing has a modifier of the type %s", kind)
		}
	}
	for _, what := range []string{"sale", "sold out", "minimum", "maximum", "digital", "sizes", "no wrapping"} {
		if !seen[what] {
			t.Errorf("nothing shows: %s", what)
		}
	}
	if len(brands) < 4 || len(shelves) < 6 {
		t.Errorf("%d brands, %d categories", len(brands), len(shelves))
	}
}
