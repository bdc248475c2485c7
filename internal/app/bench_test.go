package app

import (
	"bytes"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"cartwright/internal/merchant"
)

// benchServer is a store with one product and a token, without a network.
func benchServer(b *testing.B) http.Handler {
	b.Helper()
	dir := b.TempDir()
	a, err := Open(b.Context(), Config{Data: dir, PublicURL: "http://localhost:8080", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Close() })
	if _, err := a.Merchants.CreateStore(b.Context(), merchant.Setup{Hash: "bench", Name: "Bench"}); err != nil {
		b.Fatal(err)
	}
	if _, err := a.Merchants.AddToken(b.Context(), merchant.Grant{Store: "bench", Scopes: []string{"all"}}, "secret"); err != nil {
		b.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+dir+"/cartwright.db")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := raw.Exec(`INSERT INTO products (store,id,revision,url,name,doc) VALUES ('bench',1,1,'/a/','A','{"id":1,"name":"A","sku":"SKU-1","type":"physical","price":19.99,"availability":"available","inventory_tracking":"none","url":"/a/","variants":[{"id":10,"sku":"SKU-1-A"}]}'),
		('bench',2,1,'/b/','B','{"id":2,"name":"B","sku":"SKU-2","type":"physical","price":9.99,"availability":"available","inventory_tracking":"none","url":"/b/","variants":[{"id":20}]}'),
		('bench',3,1,'/c/','C','{"id":3,"name":"C","sku":"SKU-3","type":"physical","price":5,"availability":"available","inventory_tracking":"none","url":"/c/","variants":[{"id":30}]}')`); err != nil {
		b.Fatal(err)
	}
	_ = raw.Close()
	return a.Handler()
}

func call(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", "secret")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func benchCart(b *testing.B, h http.Handler) string {
	w := call(h, "POST", "/stores/bench/v3/carts", `{"line_items":[{"product_id":1,"quantity":1},{"product_id":2,"quantity":1},{"product_id":3,"quantity":1}]}`)
	if w.Code != http.StatusCreated {
		b.Fatal(w.Code, w.Body)
	}
	id, _, _ := bytes.Cut(bytes.TrimPrefix(w.Body.Bytes(), []byte(`{"data":{"id":"`)), []byte(`"`))
	return string(id)
}

func BenchmarkGetCart(b *testing.B) {
	h := benchServer(b)
	id := benchCart(b, h)
	b.ReportAllocs()
	for b.Loop() {
		if w := call(h, "GET", "/stores/bench/v3/carts/"+id, ""); w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
}

func BenchmarkPostItem(b *testing.B) {
	h := benchServer(b)
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		id := benchCart(b, h)
		for pb.Next() {
			if w := call(h, "POST", "/stores/bench/v3/carts/"+id+"/items", `{"line_items":[{"product_id":1,"quantity":1}]}`); w.Code != http.StatusCreated {
				b.Error(w.Code, w.Body)
				return
			}
		}
	})
}

func BenchmarkPostItemLines(b *testing.B) {
	for _, n := range []int{5, 250} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			h := benchServer(b)
			var items []string
			for i := range n {
				items = append(items, `{"product_id":1,"quantity":1,"name":"Line `+strconv.Itoa(i)+`"}`)
			}
			w := call(h, "POST", "/stores/bench/v3/carts", `{"line_items":[`+strings.Join(items, ",")+`]}`)
			id, _, _ := bytes.Cut(bytes.TrimPrefix(w.Body.Bytes(), []byte(`{"data":{"id":"`)), []byte(`"`))
			b.ReportAllocs()
			for b.Loop() {
				if w := call(h, "POST", "/stores/bench/v3/carts/"+string(id)+"/items", `{"line_items":[{"product_id":1,"quantity":1,"name":"Line 3"}]}`); w.Code != http.StatusCreated {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
