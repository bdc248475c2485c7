package csvimport

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

func amount(t *testing.T, s string) money.Amount {
	t.Helper()
	a, err := money.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mustRead(t *testing.T, name string) *File {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	file, err := Read(f, Auto)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// sketch writes what matters of a product on a few lines, so that a whole one
// can be compared at sight.
func sketch(p catalog.ImportProduct) []string {
	lines := []string{fmt.Sprintf("%s: %s %s %s sku=%s price=%s sale=%s weight=%s visible=%v tax=%d", p.Source, p.Name.Value, p.URL.Value, p.Type.Value,
		p.SKU.Value, p.Price.Value, p.SalePrice.Value, p.Weight.Value, p.Visible.Value, p.TaxClassID.Value)}
	lines = append(lines, fmt.Sprintf("brand=%s categories=%q tracking=%s level=%d", p.BrandName.Value, p.CategoryPaths.Value,
		p.InventoryTracking.Value, p.InventoryLevel.Value))
	for _, img := range p.Images.Value {
		lines = append(lines, fmt.Sprintf("image %d %s %q %v", img.SortOrder.Value, img.URL.Value, img.Description.Value, img.Thumbnail.Value))
	}
	for _, o := range p.Options.Value {
		line := fmt.Sprintf("option %s %s:", o.DisplayName.Value, o.Type.Value)
		for _, v := range o.Values.Value {
			line += fmt.Sprintf(" %s%s", v.Label.Value, strings.Join(v.Data.Value.Colors, ""))
		}
		lines = append(lines, line)
	}
	for _, v := range p.Variants.Value {
		if len(v.Labels) == 0 {
			continue // the one of a product without options
		}
		line := fmt.Sprintf("variant %v sku=%s level=%d", v.Labels, v.SKU.Value, v.InventoryLevel.Value)
		if v.Price.Value != nil {
			line += fmt.Sprintf(" price=%s", v.Price.Value)
		}
		if v.SalePrice.Value != nil {
			line += fmt.Sprintf(" sale=%s", v.SalePrice.Value)
		}
		if v.Weight.Value != nil {
			line += fmt.Sprintf(" weight=%s", v.Weight.Value)
		}
		if v.PurchasingDisabled.Value {
			line += " disabled"
		}
		lines = append(lines, line+" "+v.ImageURL.Value)
	}
	return lines
}

func wantSketch(t *testing.T, p catalog.ImportProduct, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, sketch(p)); diff != "" {
		t.Error(diff)
	}
}

func TestShopify(t *testing.T) {
	file := mustRead(t, "shopify.csv")
	if file.Format != Shopify || file.Rows != 7 || len(file.Products) != 3 {
		t.Fatalf("%s, %d rows, %d products", file.Format, file.Rows, len(file.Products))
	}
	wantSketch(t, file.Products[0],
		"line 2: Rowan Hat /rowan-hat/ physical sku= price=39.9 sale=29.9 weight=0.12 visible=true tax=0",
		`brand=Mossgarth categories=[["Hats"]] tracking=variant level=0`,
		`image 0 https://pictures.example/rowan-0.jpg "Side" true`,
		`image 1 https://pictures.example/rowan-1.jpg "Front" false`,
		`image 2 https://pictures.example/rowan-3.jpg "Back" false`,
		"option Colour dropdown: Rust Moss", "option Size rectangles: S M",
		"variant [{Colour Rust} {Size S}] sku=RH-RS level=4 https://pictures.example/rowan-rust.jpg",
		"variant [{Colour Rust} {Size M}] sku=RH-RM level=0 weight=0.13 ",
		"variant [{Colour Moss} {Size M}] sku=RH-MM level=0 price=31 weight=0.13 ",
	)
	if got := file.Products[0].Description.Value; got != "<p>A hat, \"warm\" and\nround.</p>" {
		t.Errorf("the quoted text came out as %q", got)
	}
	wantSketch(t, file.Products[1],
		"line 7: Paper Lamp /paper-lamp/ physical sku=PL-1 price=48 sale=0 weight=1.5 visible=true tax=0",
		`brand=Oddfell categories=[["Home & Garden" "Lighting" "Lamps"]] tracking=product level=7`,
		`image 0 https://pictures.example/lamp.jpg "" true`)
	wantSketch(t, file.Products[2],
		"line 8: Knots (PDF) /knots/ digital sku= price=5 sale=0 weight=0 visible=false tax=1",
		"brand= categories=[] tracking=none level=0")
	if len(file.Notes) != 1 || !strings.Contains(file.Notes[0].String(), `line 9: "Voucher" is a gift card`) {
		t.Errorf("notes: %v", file.Notes)
	}
	v := file.Products[0].Variants.Value[0]
	if v.UPC.Value != "012345678905" || v.GTIN.Value != "" {
		t.Errorf("barcode came out as %q, %q", v.UPC.Value, v.GTIN.Value)
	}
	if cost := file.Products[0].Variants.Value[2].CostPrice.Value; cost == nil || *cost != amount(t, "12") {
		t.Errorf("cost of the third variant: %v", cost)
	}
}

func TestBigCommerce(t *testing.T) {
	file := mustRead(t, "bigcommerce.csv")
	if file.Format != BigCommerce || len(file.Products) != 2 {
		t.Fatalf("%s, %d products", file.Format, len(file.Products))
	}
	wantSketch(t, file.Products[0],
		"line 2: Café Table /cafe-table/ physical sku=CT price=100 sale=90 weight=9.5 visible=true tax=0",
		`brand=Oddfell categories=[["Furniture" "Tables"] ["Sale/New"]] tracking=variant level=0`,
		`image 0 https://pictures.example/table-1.jpg "Front" false`,
		`image 1 https://pictures.example/table-0.jpg "" true`,
		"option Top radio_buttons: Oak Slate", "option Legs swatch: Black#000000 Brass#b5a642#222222",
		"variant [{Top Oak} {Legs Black}] sku=CT-OB level=5 ",
		// The rule of all slate tops adds 25 to price and sale price; the next
		// one fixes the price of one of them.
		"variant [{Top Slate} {Legs Black}] sku=CT-SB level=3 price=110 weight=12.5 https://pictures.example/slate.jpg",
		"variant [{Top Slate} {Legs Brass}] sku=CT-SG level=0 price=125 sale=115 weight=12.5 disabled https://pictures.example/slate.jpg",
	)
	wantSketch(t, file.Products[1],
		"line 9: Repair Guide /repair-guide/ digital sku=RG price=12 sale=0 weight=0 visible=false tax=1",
		`brand= categories=[["Guides"]] tracking=none level=0`)
	var notes []string
	for _, n := range file.Notes {
		notes = append(notes, n.String())
	}
	want := []string{
		"line 8: the rule is about no variant of the file, so perhaps about a modifier: left out",
		`line 9: the picture "d/12/guide.jpg" is a file of the other shop: left out; give its web address in Product Image URL - 1`,
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Error(diff)
	}
	p := file.Products[0]
	if p.Availability.Value != catalog.Available || p.AvailabilityDescription.Value != "Ships in 2 days" || p.SortOrder.Value != 5 ||
		len(p.CustomFields.Value) != 2 || p.CustomFields.Value[1].Value.Value != "Oil it" {
		t.Errorf("%+v", p)
	}
}

func TestOutOfOrderRowsAndOddFiles(t *testing.T) {
	const csv = "Handle,Title,Variant Price,Option1 Name,Option1 Value\na,A,1,Size,S\nb,B,2,,\na,,3,,L\n"
	tests := map[string]string{
		"plain":                     csv,
		"byte order mark":           "\xef\xbb\xbf" + csv,
		"CRLF":                      strings.ReplaceAll(csv, "\n", "\r\n"),
		"semicolons":                strings.ReplaceAll(csv, ",", ";"),
		"tabs":                      strings.ReplaceAll(csv, ",", "\t"),
		"empty lines":               strings.ReplaceAll(csv, "\nb", "\n\n,,,,\nb"),
		"no line end":               strings.TrimSuffix(csv, "\n"),
		"short rows":                strings.ReplaceAll(csv, "2,,", "2"),
		"columns in any case":       strings.ToUpper(csv[:52]) + csv[52:],
		"the newer names":           strings.Replace(strings.Replace(csv, "Handle", "URL handle", 1), "Variant Price", "Price", 1),
		"a byte order mark, quoted": "\xef\xbb\xbf\"Handle\"" + csv[len("Handle"):],
	}
	for name, text := range tests {
		file, err := Read(strings.NewReader(text), Auto)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(file.Products) != 2 || len(file.Products[0].Variants.Value) != 2 || *file.Products[0].Variants.Value[1].Price.Value != 3*money.Unit {
			t.Errorf("%s: %+v", name, file.Products)
		}
	}
}

func TestProblemsAreNamedByLineAndColumn(t *testing.T) {
	const shop = "Handle,Title,Variant Price,Option1 Name,Option1 Value,Option2 Value,Variant SKU,Image Src,Variant Inventory Qty,Published,Gift Card\n"
	const big = "Item Type,Product Name,Price,Product Code/SKU,Track Inventory,Product Type,Category,Product URL\n"
	tests := map[string]struct {
		csv  string
		want []string
	}{
		"price in words":        {shop + "a,A,ten,,,,,,,,\n", []string{`line 2, Variant Price: "ten" is not an amount: write a number such as 19.95`}},
		"price with a currency": {shop + "a,A,€10,,,,,,,,\n", []string{`line 2, Variant Price: "€10" is not a plain number`}},
		"decimal comma":         {shop + "a,A,\"1.234,50\",,,,,,,,\n", []string{`line 2, Variant Price: "1.234,50" is not a plain number`}},
		"negative price":        {shop + "a,A,-1,,,,,,,,\n", []string{`line 2, Variant Price: "-1" is below zero`}},
		"no price":              {shop + "a,A,,,,,,,,,\n", []string{`line 2, Variant Price: it is empty`}},
		"no title":              {shop + "a,,1,,,,,,,,\n", []string{`line 2, Title: it is empty`}},
		"no handle":             {shop + ",A,1,,,,,,,,\n", []string{`line 2, Handle: it is empty`}},
		"a handle that is none": {shop + "a?b,A,1,,,,,,,,\n", []string{`line 2, Handle: "a?b" cannot be the address of a page`}},
		"a missing value":       {shop + "a,A,1,Size,S,,,,,,\na,,2,,,,,,,,\n", []string{`line 3, Option1 Value: it is empty: write the variant's value of the option Size`}},
		"a value without name":  {shop + "a,A,1,Size,S,Red,,,,,\n", []string{`line 2, Option2 Name: there is a value "Red" without a name`}},
		"a variant twice":       {shop + "a,A,1,Size,S,,,,,,\na,,2,,S,,,,,,\n", []string{`line 3, Option1 Value: the variant Size S is on line 2 already`}},
		"variants, no option":   {shop + "a,A,1,,,,,,,,\na,,2,,,,,,,,\n", []string{`line 3, Option1 Name: a product with several variants needs an option`}},
		"a picture's path":      {shop + "a,A,1,,,,,img/a.jpg,,,\n", []string{`line 2, Image Src: "img/a.jpg" is not a web address`}},
		"half a thing in stock": {"Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\na,A,1,shopify,1.5\n", []string{`line 2, Variant Inventory Qty: "1.5" is not a whole number`}},
		"neither yes nor no":    {shop + "a,A,1,,,,,,,maybe,\n", []string{`line 2, Published: "maybe" is neither yes nor no`}},
		"names and SKUs twice": {shop + "a,A,1,,,,X,,,,\nb,A,1,,,,X,,,,\n",
			[]string{`line 3, Title: "A" is used on line 2 already`, `line 3, Variant SKU: "X" is used on line 2 already`}},
		"everything at once, in order": {shop + "a,A,x,,,,,,,,\nb,,1,,,,,z,,,\n",
			[]string{"line 2, Variant Price", "line 3, Title", "line 3, Image Src"}},
		"too many cells":       {shop + "a,A,1,,,,,,,,,oops\n", []string{"line 2: the row has 12 cells and the first row names 11 columns"}},
		"an open quote":        {shop + "a,\"A,1\nb,B,2\n", []string{"line 2: a quoted cell is not closed"}},
		"a stray quote":        {shop + "a,A\"B,1\n", []string{`line 2: there is a " in the middle of a cell`}},
		"not UTF-8":            {shop + "a,Caf\xe9,1,,,,,,,,\n", []string{"line 2, Title: the text is not UTF-8"}},
		"a zero byte":          {shop + "a,A\x00,1,,,,,,,,\n", []string{"line 2, Title: there is a zero byte"}},
		"behind a quoted line": {shop + "a,\"A\nA\",1,,,,,,,,\nb,B,x,,,,,,,,\n", []string{"line 4, Variant Price"}},
		"missing columns":      {"Handle,Title\na,A\n", []string{`line 1: there is no column "Variant Price"`}},
		"no known columns":     {"a,b\n1,2\n", []string{"line 1: the first row names neither Shopify's columns"}},
		"the newer BigCommerce": {"Item,ID,Name,Options\nProduct,,A,\n",
			[]string{"line 1: this is BigCommerce's newer export"}},
		"empty":                       {"", []string{"line 1: the file is empty"}},
		"UTF-16":                      {"\xff\xfeH\x00", []string{"line 1: the file is UTF-16 text"}},
		"a spreadsheet":               {"PK\x03\x04xxxx", []string{"line 1: the file is a spreadsheet"}},
		"a lonely SKU":                {big + "SKU,[RB]Size=S,,X,,,,\n", []string{`line 2, Item Type: the row "SKU" belongs to no product`}},
		"an odd item":                 {big + "Product,A,1,,,,,\nThing,,,,,,,\n", []string{`line 3, Item Type: "THING" is not known: write Product, SKU or Rule`}},
		"an odd choice":               {big + "Product,A,1,,,,,\nSKU,Size=S,,X,,,,\n", []string{`line 3, Product Name: "Size=S" cannot be read`}},
		"half a choice":               {big + "Product,A,1,,,,,\nSKU,[RB]Size,,X,,,,\n", []string{`line 3, Product Name: "Size" cannot be read`}},
		"uneven choices":              {big + "Product,A,1,,,,,\nSKU,[RB]Size=S,,X,,,,\nSKU,\"[RB]Size=M,[S]Tone=Red\",,Y,,,,\n", []string{`line 3, Product Name: the variant has no value of the option Tone`}},
		"an odd rule":                 {big + "Product,A,1,,,,,\nSKU,[RB]Size=S,,X,,,,\nRule,,[TIMES]2,X,,,,\n", []string{`line 4, Price: "[TIMES]2" cannot be read`}},
		"odd tracking":                {big + "Product,A,1,,sometimes,,,\n", []string{`line 2, Track Inventory: "sometimes" is not known`}},
		"tracked options without any": {big + "Product,A,1,,by option,,,\n", []string{`line 2, Track Inventory: stock is tracked by option, but no SKU row follows`}},
		"an odd type":                 {big + "Product,A,1,,,X,,\n", []string{`line 2, Product Type: "X" is not known`}},
	}
	for name, tc := range tests {
		_, err := Read(strings.NewReader(tc.csv), Auto)
		var p Problems
		if !errors.As(err, &p) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(p.List) != len(tc.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, want := range tc.want {
			if got := p.List[i].String(); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

func TestFiftyProblemsAreListedAndTheRestCounted(t *testing.T) {
	text := "Handle,Title,Variant Price\n"
	for i := range 70 {
		text += fmt.Sprintf("h%d,T%d,x\n", i, i)
	}
	_, err := Read(strings.NewReader(text), Shopify)
	var p Problems
	if !errors.As(err, &p) || len(p.List) != MaxProblems || p.More != 20 {
		t.Fatalf("%v", err)
	}
	if text := p.Error(); !strings.HasPrefix(text, "70 problems; nothing was imported:\n  line 2, Variant Price:") ||
		!strings.HasSuffix(text, "… and 20 more") {
		t.Error(text)
	}
}

func TestStockPolicies(t *testing.T) {
	const head = "Handle,Title,Variant Price,Option1 Name,Option1 Value,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy\n"
	tests := map[string]struct {
		csv   string
		want  string // tracking, then the levels
		notes int
	}{
		"counted":                  {head + "a,A,1,,,shopify,3,deny\n", "product 3 []", 0},
		"sold on below zero":       {head + "a,A,1,,,shopify,3,continue\n", "none 0 []", 0},
		"not tracked":              {head + "a,A,1,,,,3,deny\n", "none 0 []", 0},
		"counted by variant":       {head + "a,A,1,Size,S,shopify,3,deny\na,,1,,M,shopify,4,deny\n", "variant 0 [3 4]", 0},
		"only some variants":       {head + "a,A,1,Size,S,shopify,3,deny\na,,1,,M,,4,deny\n", "variant 0 [3 1000000]", 1},
		"below zero":               {head + "a,A,1,,,shopify,-3,deny\n", "product 0 []", 0},
		"the newer words for it":   {strings.Replace(head, "Variant Inventory Policy", "Continue selling when out of stock", 1) + "a,A,1,,,shopify,3,TRUE\n", "none 0 []", 0},
		"a file without quantity":  {"Handle,Title,Variant Price,Variant Inventory Tracker\na,A,1,shopify\n", "none 0 []", 1},
		"a file without a tracker": {"Handle,Title,Variant Price\na,A,1\n", " 0 []", 0},
	}
	for name, tc := range tests {
		file, err := Read(strings.NewReader(tc.csv), Auto)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p := file.Products[0]
		levels := []int64{}
		for _, v := range p.Variants.Value {
			if len(v.Labels) > 0 {
				levels = append(levels, v.InventoryLevel.Value)
			}
		}
		if got := fmt.Sprint(p.InventoryTracking.Value, " ", p.InventoryLevel.Value, " ", levels); got != tc.want || len(file.Notes) != tc.notes {
			t.Errorf("%s: %s, %v", name, got, file.Notes)
		}
	}
}

func FuzzRead(f *testing.F) {
	// Short seeds: the fuzzer spends its time on making long ones shorter.
	for _, seed := range []string{
		"Handle,Title,Variant Price\na,A,1\n",
		"Handle,Title,Variant Price,Option1 Name,Option1 Value\na,A,1,Size,S\na,,2,,M\n",
		"Handle,Title,Price,Inventory tracker,Inventory quantity,Image Src\na,\"A\"\"\n\",1,x,3,https://a/b\na,,,,,http://c\n",
		"Item Type;Product Name;Price\nProduct;A;1\nSKU;[RB]S=S,[CS]T=R:#ff0000;\nRule;[RB]S=S;[ADD]5\n",
		"Item Type,Product Name,Price,Category,Product URL\nProduct,A,1,a/b;c\\/d,/a/\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, format := range []Format{Auto, Shopify, BigCommerce} {
			file, err := Read(strings.NewReader(string(b)), format)
			var p Problems
			switch {
			case err != nil && !errors.As(err, &p):
				t.Fatalf("a file is refused without saying where: %v", err)
			case err != nil && len(p.List) == 0:
				t.Fatal("a file is refused without a problem")
			case err == nil && file == nil:
				t.Fatal("neither a file nor an error")
			}
		}
	})
}
