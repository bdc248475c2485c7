package csvimport_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/csvimport"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
	"cartwright/internal/sqlstore"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// shop is a store with its catalog.
type shop struct {
	catalog *catalog.Service
	carts   *cart.Service
	address string // of its database
}

const store = "alpha"

func newShop(t *testing.T) shop {
	t.Helper()
	address := testdb.URL(t)
	db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	shops := sqlstore.NewShops(db, "http://localhost:8080", slog.New(slog.DiscardHandler))
	if _, err := merchant.NewService(db, clock.Real{}).CreateStore(t.Context(), merchant.Setup{Hash: store, Name: "Alpha"}); err != nil {
		t.Fatal(err)
	}
	return shop{catalog.NewService(db, shops, clock.Real{}), cart.NewService(db, shops, db, pricing.Default, clock.Real{}), address}
}

// importFile runs an import and returns what it said.
func (s shop) importFile(t *testing.T, file string) (out, progress string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err = csvimport.Run(t.Context(), csvimport.Options{Catalog: s.catalog, Store: store, File: file, Out: &stdout, Err: &stderr})
	return stdout.String(), stderr.String(), err
}

func (s shop) mustImport(t *testing.T, file, want string) {
	t.Helper()
	out, progress, err := s.importFile(t, file)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress)
	}
	if !strings.HasPrefix(out, want+" in ") {
		t.Errorf("%s: it said %q, want %q", filepath.Base(file), out, want)
	}
}

func (s shop) products(t *testing.T) []*catalog.Product {
	t.Helper()
	all, err := s.catalog.Products(t.Context(), store, catalog.ProductQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// exports are the real files that the project was given; a checkout without
// them has only its own.
func exports(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../../../shared/data/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	own, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(own) != 2 {
		t.Fatalf("the test's own files: %v, %v", own, err)
	}
	return append(own, found...)
}

// Every file can be imported, twice with the same result, and everything in
// stock goes into a cart at the price that stands in the file.
func TestFilesAreImportedAndBought(t *testing.T) {
	for _, file := range exports(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s := newShop(t)
			read := readFile(t, file)
			n := len(read.Products)
			s.mustImport(t, file, fmt.Sprintf("%d created, 0 updated, 0 unchanged", n))
			before := s.products(t)
			s.mustImport(t, file, fmt.Sprintf("0 created, 0 updated, %d unchanged", n))
			if after := s.products(t); len(after) != len(before) || after[0].ID != before[0].ID || after[0].Revision != before[0].Revision {
				t.Error("importing the file again changed the catalog")
			}
			for _, p := range before {
				s.buyAll(t, p)
			}
		})
	}
}

func readFile(t *testing.T, name string) *csvimport.File {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	file, err := csvimport.Read(f, csvimport.Auto)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func (s shop) buyAll(t *testing.T, p *catalog.Product) {
	t.Helper()
	for i := range p.Variants {
		v := &p.Variants[i]
		c, err := s.carts.Create(t.Context(), store, cart.Draft{Items: []cart.Item{{ProductID: p.ID, VariantID: v.ID, Quantity: 1}}}, cart.Options{})
		level, tracked := p.Available(v)
		if tracked && level == 0 || v.PurchasingDisabled {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s, variant %d, cannot be bought; it said %v", p.Name, v.ID, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if l := c.Lines[0]; l.ListPrice != p.SellingPrice(v) || l.OriginalPrice != p.BasePrice(v) || l.Name != p.Name {
			t.Errorf("%s: %+v", p.Name, l)
		}
	}
}

// What the real files say, where they are at hand: reduced prices, sizes,
// stock, pictures of variants.
func TestWhatTheRealExportsSay(t *testing.T) {
	real := map[string]map[string]func(*catalog.Product) bool{
		"apparel.csv": {
			"Classic Varsity Top": func(p *catalog.Product) bool {
				return len(p.Variants) == 3 && p.Options[0].Type == catalog.Rectangles && p.Price == 60*money.Unit && p.SalePrice == 0
			},
			"Ocean Blue Shirt": func(p *catalog.Product) bool {
				return !p.HasOptions() && p.URL == "/ocean-blue-shirt/" && p.Price == 50*money.Unit && len(p.Images) == 1
			},
		},
		"jewelery.csv": {
			"7 Shakra Bracelet": func(p *catalog.Product) bool {
				return p.Price == 44*money.Unit+9900 && p.SalePrice == 42*money.Unit+9900 && len(p.Variants) == 2 &&
					strings.HasSuffix(p.Variants[0].ImageURL, "navy-blue-chakra-bracelet_925x.jpg") && len(p.Images) > 1
			},
		},
	}
	for file, wanted := range real {
		path := filepath.Join("../../../shared/data", file)
		if _, err := os.Stat(path); err != nil {
			t.Logf("%s is not at hand", file)
			continue
		}
		s := newShop(t)
		s.mustImport(t, path, "20 created, 0 updated, 0 unchanged")
		for _, p := range s.products(t) {
			if want := wanted[p.Name]; want != nil && !want(p) {
				t.Errorf("%s: %+v", p.Name, p)
			}
			delete(wanted, p.Name)
		}
		for name := range wanted {
			t.Errorf("%s lacks %s", file, name)
		}
	}
}

const header = "Handle,Title,Variant Price,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty\n"

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "products.csv")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAnUpdateIsFoundByItsHandle(t *testing.T) {
	s := newShop(t)
	s.mustImport(t, write(t, header+"a,First,1,Size,S,A-S,,\na,,2,,M,A-M,,\nb,Second,3,,,B,,\n"), "2 created, 0 updated, 0 unchanged")
	before := s.products(t)
	s.mustImport(t, write(t, header+"a,First renamed,1,Size,S,A-S,,\na,,2.50,,M,A-M,,\na,,4,,L,A-L,,\nb,Second,3,,,B,,\n"), "0 created, 1 updated, 1 unchanged")
	after := s.products(t)
	if len(after) != 2 || after[0].ID != before[0].ID || after[0].Name != "First renamed" || len(after[0].Variants) != 3 ||
		after[0].Variants[0].ID != before[0].Variants[0].ID || after[0].Options[0].ID != before[0].Options[0].ID {
		t.Errorf("%+v", after[0])
	}
	// A product that loses its options keeps its page and its id.
	s.mustImport(t, write(t, header+"a,First renamed,9,,,A,,\n"), "0 created, 1 updated, 0 unchanged")
	if p := s.products(t)[0]; p.HasOptions() || len(p.Variants) != 1 || p.Price != 9*money.Unit || p.SKU != "A" {
		t.Errorf("%+v", p)
	}
}

// A file with one bad row leaves the store as it was, whatever is wrong with
// the row: what Read finds, and what only the catalog knows.
func TestABadFileImportsNothing(t *testing.T) {
	s := newShop(t)
	s.mustImport(t, write(t, header+"a,First,1,,,A,,\n"), "1 created, 0 updated, 0 unchanged")
	for want, rows := range map[string]string{
		"products.csv: 1 problem; nothing was imported:\n  line 3, Variant Price: \"x\" is not an amount": "a,Changed,2,,,A,,\nb,New,x,,,B,,\n",
		"line 3, sku: The SKU A is a duplicate of product 1":                                              "b,New,1,,,B,,\nc,Other,1,,,A,,\n",
		"line 2, name: The product name is a duplicate of product 1":                                      "b,First,1,,,B,,\n",
		"line 2, name: it is too long":                                                                    "b," + strings.Repeat("x", 300) + ",1,,,B,,\n",
		"products.csv: there is no product in it":                                                         "",
	} {
		_, _, err := s.importFile(t, write(t, header+rows))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it said %v, want %s", err, want)
		}
		if all := s.products(t); len(all) != 1 || all[0].Name != "First" || all[0].Price != money.Unit {
			t.Fatalf("%s: the store has %d products now", want, len(all))
		}
	}
	if _, _, err := s.importFile(t, filepath.Join(t.TempDir(), "nowhere.csv")); err == nil || err.Error() != "nowhere.csv: no such file or directory" {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestWhatIsSaidOnTheWay(t *testing.T) {
	s := newShop(t)
	out, progress, err := s.importFile(t, "testdata/shopify.csv")
	if err != nil || !regexp.MustCompile(`^3 created, 0 updated, 0 unchanged in [0-9.]+m?s\n$`).MatchString(out) {
		t.Errorf("%q, %v", out, err)
	}
	want := "Read 7 rows, 3 products, in the format shopify.\nline 9: \"Voucher\" is a gift card"
	if !strings.HasPrefix(progress, want) || !strings.HasSuffix(progress, "Checking and writing 3 products.\n") {
		t.Errorf("to a pipe it said\n%s", progress)
	}
}

// screen notes what is written, and tells when a text has been.
type screen struct {
	text   bytes.Buffer
	wanted string
	seen   chan struct{}
}

func (s *screen) Write(b []byte) (int, error) {
	n, err := s.text.Write(b)
	if s.wanted != "" && strings.Contains(s.text.String(), s.wanted) {
		close(s.seen)
		s.wanted = ""
	}
	return n, err
}

// patient imports only once a person could see that it does.
type patient struct {
	seen chan struct{}
}

func (p patient) Import(ctx context.Context, _ string, in []catalog.ImportProduct) (catalog.ImportResult, error) {
	select {
	case <-p.seen:
		return catalog.ImportResult{Created: len(in)}, nil
	case <-ctx.Done():
		return catalog.ImportResult{}, ctx.Err()
	}
}

func TestAPersonSeesThatItWorks(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout bytes.Buffer
	stderr := &screen{wanted: "Checking and writing 3 products", seen: make(chan struct{})}
	err := csvimport.Run(ctx, csvimport.Options{Catalog: patient{stderr.seen}, Store: store, File: "testdata/shopify.csv",
		Out: &stdout, Err: stderr, Terminal: true})
	if err != nil || !strings.HasPrefix(stdout.String(), "3 created, 0 updated, 0 unchanged in ") {
		t.Errorf("%q, %v", &stdout, err)
	}
	if strings.Contains(stderr.text.String(), "Read 7 rows") {
		t.Error("plain lines between the bars")
	}
}

// A cart waits too long for the import when its write takes longer than slow
// and the import writes more than patience products meanwhile, of 10,000. The
// time alone would be that of the machine, which may be slow or stand still.
const (
	slow     = 500 * time.Millisecond
	patience = 1000
)

// wait is how long a cart waited, and for how many products.
type wait struct {
	took     time.Duration
	products int64
}

// 50,000 rows are imported while carts are written: none of the carts fails,
// and none waits long.
func TestALargeImportBesideLiveCarts(t *testing.T) {
	s := newShop(t)
	var text strings.Builder
	text.WriteString(header)
	const rows, perProduct = 50_000, 5
	for i := range rows / perProduct {
		for n := range perProduct {
			fmt.Fprintf(&text, "product-%d,%s,%d.95,%s,%c,P%d-%d,shopify,%d\n", i,
				[]string{fmt.Sprintf("Product %d", i), ""}[min(n, 1)], 10+n, []string{"Size", ""}[min(n, 1)], 'A'+n, i, n, i%50)
		}
	}
	file := write(t, text.String())

	ctx, stop := context.WithCancel(t.Context())
	var shoppers sync.WaitGroup
	waits := make([][]wait, 4)
	for i := range waits {
		shoppers.Go(func() { waits[i] = s.shop(ctx, t) })
	}
	begin := time.Now()
	s.mustImport(t, file, fmt.Sprintf("%d created, 0 updated, 0 unchanged", rows/perProduct))
	took := time.Since(begin)
	stop()
	shoppers.Wait()
	all := slices.Concat(waits...)
	slices.SortFunc(all, func(a, b wait) int { return cmp.Compare(a.took, b.took) })
	if len(all) < 20 {
		t.Fatalf("only %d carts were written beside the import", len(all))
	}
	at := func(share float64) time.Duration {
		return all[int(math.Ceil(share*float64(len(all))))-1].took.Round(10 * time.Microsecond)
	}
	t.Logf("%d rows in %s; beside them %d cart writes, p50 %s, p99 %s, slowest %s", rows, took.Round(time.Millisecond), len(all), at(0.5), at(0.99), at(1))
	for _, w := range all {
		if w.took > slow && w.products > patience {
			t.Errorf("a cart waited %s for the import, which wrote %d products meanwhile", w.took, w.products)
		}
	}
	s.mustImport(t, file, fmt.Sprintf("0 created, 0 updated, %d unchanged", rows/perProduct))
}

// shop writes one cart after the other until ctx is done and returns how long
// each write waited.
func (s shop) shop(ctx context.Context, t *testing.T) []wait {
	var waits []wait
	raw := testdb.Raw(t, s.address)
	written := func() (last int64) {
		if err := raw.QueryRowContext(t.Context(), `SELECT COALESCE(MAX(id), 0) FROM products`).Scan(&last); err != nil {
			t.Error(err)
		}
		return last
	}
	item := cart.Entries{CustomItems: []cart.CustomItem{{Name: "Something", Quantity: 1, ListPrice: money.Unit}}}
	c, err := s.carts.Create(t.Context(), store, cart.Draft{CustomItems: item.CustomItems}, cart.Options{})
	for err == nil && ctx.Err() == nil {
		before, begin := written(), time.Now()
		if len(c.Lines) >= 50 {
			c, err = s.carts.Create(t.Context(), store, cart.Draft{CustomItems: item.CustomItems}, cart.Options{})
		} else {
			c, err = s.carts.AddLines(t.Context(), store, c.ID, item, cart.Options{})
		}
		took := time.Since(begin)
		waits = append(waits, wait{took, written() - before})
	}
	if err != nil {
		t.Errorf("a cart failed beside the import: %v", err)
	}
	return waits
}
