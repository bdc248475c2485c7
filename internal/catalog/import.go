package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cartwright/internal/fault"
)

// ImportProduct is one product of an import: everything that the file says
// about it. A field that is not given is left as it is on a product that
// exists; a list that is given (images, custom fields, variants, modifiers)
// replaces the one that is there.
type ImportProduct struct {
	// Source says where in the file it stands, "line 12", for messages.
	Source string
	ProductInput
}

// ImportResult counts what an import did.
type ImportResult struct {
	Created, Updated, Unchanged int // products
	Brands, Categories          int // made on the way
}

// ImportStorage is what an import needs of the storage.
type ImportStorage interface {
	// EnsureShelves makes the brands and the ways of categories that do not
	// exist yet and tells the ids of all.
	EnsureShelves(ctx context.Context, store string, brands []string, paths [][]string) (Shelves, error)
	// ReserveIDs gives out n ids of a kind and returns the first.
	ReserveIDs(ctx context.Context, store, kind string, n int64) (int64, error)
	// WriteProducts writes products whose ids are given and whose documents are
	// encoded already, in parts that are each short, so that other writers get
	// their turn. It returns the places of those that were changed or deleted
	// since Before was read: they are not written. A name, URL or SKU that is
	// taken is a Conflict fault; what stands before it has been written.
	WriteProducts(ctx context.Context, store string, writes []ProductWrite) (stale []int, err error)
}

// ProductWrite is one product to write as it is.
type ProductWrite struct {
	Before *Product // nil for a new one
	After  *Product
	Doc    string
}

// Shelves are the brands and categories that an import mentions.
type Shelves struct {
	Brands     map[string]int64 // by name
	Categories map[string]int64 // by PathKey
	// MadeBrands and MadeCategories count those that did not exist.
	MadeBrands, MadeCategories int
}

// PathKey names a category by the way from the top.
func PathKey(path []string) string { return strings.Join(path, "\x00") }

// Bounds of an import.
const (
	maxImportFaults = 50
	importRounds    = 5
	maxPathDepth    = 8
)

// Import makes or changes many products at once. A product is found by its
// URL, or by its name where the input gives no URL. Everything is validated
// first; then the products are written. Running the same import again changes
// nothing. Products that somebody else changes meanwhile are taken up again
// with what that made of them.
func (s *Service) Import(ctx context.Context, store string, in []ImportProduct) (ImportResult, error) {
	j := &importJob{service: s, store: store, in: in, now: s.now(), seen: map[string]bool{}}
	if err := j.plan(ctx); err != nil {
		return ImportResult{}, err
	}
	shelves, err := s.storage.EnsureShelves(ctx, store, j.brands, j.paths)
	if err != nil {
		return ImportResult{}, err
	}
	j.shelves = shelves
	j.result.Brands, j.result.Categories = shelves.MadeBrands, shelves.MadeCategories
	pending := j.pairs
	for round := 1; len(pending) > 0; round++ {
		stale, err := j.write(ctx, pending)
		if err != nil {
			return j.result, err
		}
		if len(stale) > 0 && round == importRounds {
			return j.result, fault.New(fault.Unavailable, "The catalog is being changed all the time. Please run the import again.")
		}
		if pending, err = j.rebuild(ctx, stale); err != nil {
			return j.result, err
		}
	}
	return j.result, nil
}

// importJob is one import under way.
type importJob struct {
	service *Service
	store   string
	in      []ImportProduct
	now     time.Time
	pairs   []importPair
	brands  []string
	paths   [][]string
	seen    map[string]bool // brands and paths that are in the lists
	shelves Shelves
	result  ImportResult
	check   check
}

// importPair is a product as it was and as the import wants it.
type importPair struct {
	index         int // in the input
	before, after *Product
}

// plan validates everything and works out what to write, but for the ids.
func (j *importJob) plan(ctx context.Context) error {
	snap, err := j.service.snapshots.FreshCatalog(ctx, j.store)
	if err != nil {
		return err
	}
	byURL := make(map[string]*Product, snap.Len())
	byName := make(map[string]*Product, snap.Len())
	for p := range snap.All {
		byURL[p.URL], byName[p.Name] = p, p
	}
	used := map[int64]bool{}
	for i := range j.in {
		before := find(&j.in[i], byURL, byName)
		if before != nil && used[before.ID] {
			j.fail(i, "custom_url.url", "Another entry is about the same product")
			continue
		}
		if before != nil {
			used[before.ID] = true
		}
		after, err := j.build(i, before)
		if f := fault.As(err); f != nil {
			for path, message := range f.Fields {
				j.check.fail(path, message)
			}
			if len(f.Fields) == 0 {
				j.fail(i, "product", f.Title)
			}
		} else if err != nil {
			return err
		}
		j.pairs = append(j.pairs, importPair{i, before, after})
		j.mention(i, snap)
		if len(j.check.fields) >= maxImportFaults {
			break
		}
	}
	j.claim(snap, used)
	return j.check.err()
}

func (j *importJob) fail(i int, path, message string) {
	j.check.fail(j.in[i].Source+": "+path, message)
}

// find returns the product that an entry is about, or nil for a new one.
func find(in *ImportProduct, byURL, byName map[string]*Product) *Product {
	if in.URL.Given && in.URL.Value != "" {
		url := (&check{}).path("", in.URL.Value)
		return byURL[url]
	}
	return byName[strings.TrimSpace(in.Name.Value)]
}

// build applies an entry to the product as it is.
func (j *importJob) build(i int, before *Product) (*Product, error) {
	var e *edit
	if before == nil {
		e = editNew(j.now)
	} else {
		e = newEdit(before.Clone(), j.now)
	}
	in := j.in[i].ProductInput
	if in.URL.Value == "" {
		in.URL.Given = false
	}
	e.prefix = j.in[i].Source + ": "
	e.applyProduct(in, true)
	return e.p, e.done()
}

// mention notes the brand and categories of an entry, and checks the products
// that it lists.
func (j *importJob) mention(i int, snap *Snapshot) {
	in := &j.in[i]
	if name := strings.TrimSpace(in.BrandName.Value); name != "" && !j.seen["brand\x00"+name] {
		j.seen["brand\x00"+name] = true
		j.brands = append(j.brands, name)
	}
	for n, path := range in.CategoryPaths.Value {
		path = cleanPath(path)
		if len(path) == 0 || len(path) > maxPathDepth {
			j.fail(i, at("categories", n), fault.MaxLength)
			continue
		}
		c := &check{prefix: in.Source + ": "}
		for _, name := range path {
			c.text(at("categories", n), name, 1, maxName)
		}
		for path, message := range c.fields {
			j.check.fail(path, message)
		}
		if key := "path\x00" + PathKey(path); !j.seen[key] {
			j.seen[key] = true
			j.paths = append(j.paths, path)
		}
	}
	for n, m := range in.Modifiers.Value {
		for k, v := range m.Values.Value {
			if id := v.Data.Value.ProductID; id > 0 && snap.Product(id) == nil {
				j.fail(i, join(at(join(at("modifiers", n), "option_values"), k), "value_data.product_id"), missing("Product", id))
			}
		}
	}
}

func cleanPath(path []string) []string {
	out := make([]string, 0, len(path))
	for _, name := range path {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// claim checks that no two products will have the same name, URL or SKU, and
// makes the URLs that nobody gave.
func (j *importJob) claim(snap *Snapshot, used map[int64]bool) {
	owner := map[string]string{} // of "name", "url" or "sku" and a text: who has it
	take := func(kind, text, who string) (string, bool) {
		key := kind + "\x00" + text
		if other, taken := owner[key]; taken && text != "" {
			return other, false
		}
		owner[key] = who
		return "", true
	}
	for p := range snap.All {
		if used[p.ID] {
			continue
		}
		who := fmt.Sprintf("product %d", p.ID)
		take("name", p.Name, who)
		take("url", p.URL, who)
		for _, sku := range p.SKUs() {
			take("sku", sku, who)
		}
	}
	for _, pair := range j.pairs {
		source := j.in[pair.index].Source
		if other, ok := take("name", pair.after.Name, source); !ok {
			j.fail(pair.index, "name", TitleDuplicateName+" of "+other)
		}
		for _, sku := range pair.after.SKUs() {
			if other, ok := take("sku", sku, source); !ok {
				j.fail(pair.index, "sku", fmt.Sprintf("The SKU %s is a duplicate of %s", sku, other))
			}
		}
		if pair.after.URL == "" {
			continue
		}
		if other, ok := take("url", pair.after.URL, source); !ok {
			j.fail(pair.index, "custom_url.url", TitleDuplicateURL+" of "+other)
		}
	}
	for _, pair := range j.pairs { // after all that were given
		for n := 1; pair.after.URL == ""; n++ {
			url := NumberedSlug(pair.after.Name, n)
			if _, ok := take("url", url, j.in[pair.index].Source); ok {
				pair.after.URL = url
			}
		}
	}
}

// write writes what differs and returns the entries that somebody else
// changed meanwhile.
func (j *importJob) write(ctx context.Context, pairs []importPair) (stale []int, err error) {
	var writes []ProductWrite
	var fresh []*Product
	var index []int
	for _, pair := range pairs {
		j.shelve(pair)
		if pair.before != nil && Same(pair.before, pair.after) && SameStock(pair.before, pair.after) {
			j.result.Unchanged++
			continue
		}
		fresh = append(fresh, pair.after)
		index = append(index, pair.index)
		writes = append(writes, ProductWrite{Before: pair.before, After: pair.after})
	}
	err = Number(fresh, func(kind string, n int64) (int64, error) {
		return j.service.storage.ReserveIDs(ctx, j.store, kind, n)
	})
	if err != nil {
		return nil, err
	}
	for i := range writes {
		if writes[i].Doc, err = writes[i].After.Encode(); err != nil {
			return nil, err
		}
	}
	places, err := j.service.storage.WriteProducts(ctx, j.store, writes)
	for i, w := range writes {
		switch {
		case slices.Contains(places, i):
			stale = append(stale, index[i])
		case w.Before == nil:
			j.result.Created++
		default:
			j.result.Updated++
		}
	}
	return stale, err
}

// shelve puts the ids of brand and categories into the product.
func (j *importJob) shelve(pair importPair) {
	in := &j.in[pair.index]
	pair.after.BrandName = ""
	if in.BrandName.Given {
		pair.after.BrandID = j.shelves.Brands[strings.TrimSpace(in.BrandName.Value)]
	}
	if in.CategoryPaths.Given {
		var ids []int64
		for _, path := range in.CategoryPaths.Value {
			ids = append(ids, j.shelves.Categories[PathKey(cleanPath(path))])
		}
		pair.after.Categories = distinct(ids)
	}
}

// rebuild applies entries to the products as they are now.
func (j *importJob) rebuild(ctx context.Context, stale []int) ([]importPair, error) {
	if len(stale) == 0 {
		return nil, nil
	}
	snap, err := j.service.snapshots.FreshCatalog(ctx, j.store)
	if err != nil {
		return nil, err
	}
	before := map[int]int64{}
	for _, pair := range j.pairs {
		if pair.before != nil {
			before[pair.index] = pair.before.ID
		}
	}
	slices.SortFunc(stale, cmp.Compare)
	var pairs []importPair
	for _, i := range stale {
		pair := importPair{index: i, before: snap.Product(before[i])}
		if pair.after, err = j.build(i, pair.before); err != nil {
			return nil, err
		}
		if pair.after.URL == "" {
			pair.after.URL = Slug(pair.after.Name)
		}
		pairs = append(pairs, pair)
	}
	return pairs, nil
}
