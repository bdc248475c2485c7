package storefront

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"

	"cartwright/internal/catalog"
)

// shelf is a store's catalog in the order in which it is shown, with what the
// pages look products up by. It never changes.
type shelf struct {
	snapshot *catalog.Snapshot
	products []*catalog.Product          // the visible ones
	names    []string                    // of products, in lower case
	byURL    map[string]*catalog.Product // by the decoded path, without a slash at the end
}

// shelves keeps the shelf of each store until its catalog changes.
type shelves struct {
	mu      sync.Mutex
	byStore map[string]*shelf
}

func (s *shelves) of(store string, snapshot *catalog.Snapshot) *shelf {
	s.mu.Lock()
	sh := s.byStore[store]
	s.mu.Unlock()
	if sh != nil && sh.snapshot == snapshot {
		return sh
	}
	sh = newShelf(snapshot)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byStore == nil {
		s.byStore = map[string]*shelf{}
	}
	if kept := s.byStore[store]; kept == nil || kept.snapshot.Revision <= snapshot.Revision {
		s.byStore[store] = sh
	}
	return sh
}

func newShelf(snapshot *catalog.Snapshot) *shelf {
	sh := &shelf{snapshot: snapshot, byURL: make(map[string]*catalog.Product, snapshot.Len())}
	type entry struct {
		product *catalog.Product
		name    string
	}
	entries := make([]entry, 0, snapshot.Len())
	for p := range snapshot.All {
		if p.Visible {
			entries = append(entries, entry{p, strings.ToLower(p.Name)})
			sh.byURL[decodedPath(p.URL)] = p
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.product.SortOrder, b.product.SortOrder),
			cmp.Compare(a.name, b.name), cmp.Compare(a.product.ID, b.product.ID))
	})
	for _, e := range entries {
		sh.products, sh.names = append(sh.products, e.product), append(sh.names, e.name)
	}
	return sh
}

// search returns the products whose names contain every word of a query.
func (s *shelf) search(query string) []*catalog.Product {
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return s.products
	}
	var found []*catalog.Product
	for i, name := range s.names {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(name, word) }) {
			found = append(found, s.products[i])
		}
	}
	return found
}

// at returns the product whose page stands at this decoded path, or nil.
func (s *shelf) at(path string) *catalog.Product { return s.byURL[strings.TrimSuffix(path, "/")] }

// decodedPath is the path of a request for a product's page.
func decodedPath(address string) string {
	if decoded, err := url.PathUnescape(address); err == nil {
		address = decoded
	}
	return strings.TrimSuffix(address, "/")
}
