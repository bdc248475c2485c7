package csvimport

import (
	"slices"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// shopifyColumns are the columns of Shopify's product CSV that are read, by
// the names of the older and the newer export. Each row is a variant, a
// picture or both; rows of one product share its handle, and the first of them
// carries what is said of the product as a whole.
type shopifyColumns struct {
	handle, title, body, vendor, kind, category, tags, published, status column
	giftCard, condition                                                  column
	optionName, optionValue                                              [3]column

	sku, grams, tracker, quantity, policy                   column
	price, compareAt, cost, shipping, taxable, barcode, mpn column
	image, imagePosition, imageAlt, variantImage            column
}

func newShopifyColumns(t *table) shopifyColumns {
	c := shopifyColumns{
		handle: t.column("Handle", "URL handle"), title: t.column("Title"),
		body: t.column("Body (HTML)", "Body HTML", "Description"), vendor: t.column("Vendor"),
		kind: t.column("Type"), category: t.column("Product Category", "Standard Product Type"), tags: t.column("Tags"),
		published: t.column("Published", "Published on online store"), status: t.column("Status"),
		giftCard: t.column("Gift Card"), condition: t.column("Google Shopping / Condition"),

		sku: t.column("Variant SKU", "SKU"), grams: t.column("Variant Grams", "Weight value (grams)"),
		tracker: t.column("Variant Inventory Tracker", "Inventory tracker"), quantity: t.column("Variant Inventory Qty", "Inventory quantity"),
		policy: t.column("Variant Inventory Policy", "Continue selling when out of stock"),
		price:  t.column("Variant Price", "Price"), compareAt: t.column("Variant Compare At Price", "Compare-at price"),
		cost: t.column("Cost per item"), shipping: t.column("Variant Requires Shipping", "Requires shipping"),
		taxable: t.column("Variant Taxable", "Charge tax"), barcode: t.column("Variant Barcode", "Barcode"),
		mpn: t.column("Google Shopping / MPN", "Google Shopping / Manufacturer part number (MPN)"),

		image: t.column("Image Src", "Product image URL"), imagePosition: t.column("Image Position"),
		imageAlt: t.column("Image Alt Text"), variantImage: t.column("Variant Image", "Variant image URL"),
	}
	for i, n := range []string{"1", "2", "3"} {
		c.optionName[i] = t.column("Option" + n + " Name")
		c.optionValue[i] = t.column("Option" + n + " Value")
	}
	return c
}

// shopifyReader reads one Shopify file.
type shopifyReader struct {
	*reader
	shopifyColumns
}

func (in *reader) readShopify() {
	s := &shopifyReader{in, newShopifyColumns(in.table)}
	if !in.need(s.handle, s.title, s.price) {
		return
	}
	var order []string
	groups := map[string][]row{}
	for _, r := range in.table.rows {
		handle := r.text(s.handle)
		if handle == "" {
			in.bad(r, s.handle, "it is empty: write the handle of the product that the row belongs to, such as blue-wool-hat")
			continue
		}
		if groups[handle] == nil {
			order = append(order, handle)
		}
		groups[handle] = append(groups[handle], r)
	}
	for _, handle := range order {
		s.product(handle, groups[handle])
	}
}

// product reads the rows of one handle.
func (s *shopifyReader) product(handle string, rows []row) {
	first := rows[0]
	for _, r := range rows {
		if s.flag(r, s.giftCard, false) {
			s.note(first.line, "%q is a gift card; gift certificates are bought by amount here and are no products: left out",
				shorten(first.text(s.title)))
			return
		}
	}
	p := catalog.ProductInput{
		URL:            catalog.Set(s.unique(s.pages, first, s.handle, s.pagePath(first, s.handle, handle), "give each product a handle of its own")),
		Name:           catalog.Set(s.titleOf(rows)),
		Description:    given(first.text(s.body), s.body),
		BrandName:      given(first.text(s.vendor), s.vendor),
		SearchKeywords: given(first.text(s.tags), s.tags),
		Visible:        s.visible(first),
		CategoryPaths:  s.categories(first),
		Images:         s.images(rows),
	}
	if c := first.text(s.condition); c != "" {
		p.Condition = s.conditionOf(first, c)
	}
	variants := s.variantRows(rows)
	s.selling(&p, variants)
	s.stock(&p, variants)
	if names := s.optionNames(rows); len(names) > 0 {
		s.options(&p, names, variants)
	} else {
		s.simple(&p, variants)
	}
	s.reader.product(first.line, p)
}

func (s *shopifyReader) titleOf(rows []row) string {
	for _, r := range rows {
		if title := r.text(s.title); title != "" {
			return s.unique(s.names, r, s.title, title, "give each product a name of its own")
		}
	}
	s.bad(rows[0], s.title, "it is empty: write the product's name on the first row of its handle")
	return ""
}

func (s *shopifyReader) visible(r row) catalog.Field[bool] {
	on := s.flag(r, s.published, true)
	switch status := strings.ToLower(r.text(s.status)); status {
	case "", "active":
	case "draft", "archived", "unlisted":
		on = false
	default:
		s.bad(r, s.status, "%q is not known: write active, draft or archived", shorten(status))
	}
	if s.published.index < 0 && s.status.index < 0 {
		return catalog.Field[bool]{}
	}
	return catalog.Set(on)
}

func (s *shopifyReader) conditionOf(r row, text string) catalog.Field[string] {
	for _, known := range []string{"New", "Used", "Refurbished"} {
		if strings.EqualFold(text, known) {
			return catalog.Set(known)
		}
	}
	s.bad(r, s.condition, "%q is not known: write new, used or refurbished", shorten(text))
	return catalog.Field[string]{}
}

// categories takes the shop's own type; without one the way through Shopify's
// product taxonomy, "Apparel & Accessories > Clothing".
func (s *shopifyReader) categories(r row) catalog.Field[[][]string] {
	if s.kind.index < 0 && s.category.index < 0 {
		return catalog.Field[[][]string]{}
	}
	if kind := r.text(s.kind); kind != "" {
		return catalog.Set([][]string{{kind}})
	}
	var path []string
	for part := range strings.SplitSeq(r.text(s.category), ">") {
		if part = strings.TrimSpace(part); part != "" {
			path = append(path, part)
		}
	}
	if path == nil {
		return catalog.Set([][]string(nil))
	}
	return catalog.Set([][]string{path})
}

// images lists the pictures of all rows, each once, in the order of their
// positions.
func (s *shopifyReader) images(rows []row) catalog.Field[[]catalog.ImageInput] {
	if s.image.index < 0 {
		return catalog.Field[[]catalog.ImageInput]{}
	}
	type picture struct {
		position int64
		catalog.ImageInput
	}
	var all []picture
	seen := map[string]bool{}
	for _, r := range rows {
		address := s.address(r, s.image)
		if address == "" || seen[address] {
			continue
		}
		seen[address] = true
		position, ok := s.whole(r, s.imagePosition)
		if !ok {
			position = maxWhole
		}
		all = append(all, picture{position, catalog.ImageInput{
			URL: catalog.Set(address), Description: catalog.Set(r.text(s.imageAlt)),
		}})
	}
	slices.SortStableFunc(all, func(a, b picture) int { return int(a.position - b.position) })
	images := make([]catalog.ImageInput, len(all))
	for i := range all {
		images[i] = all[i].ImageInput
		images[i].SortOrder, images[i].Thumbnail = catalog.Set(int64(i)), catalog.Set(i == 0)
	}
	return catalog.Set(images)
}

// variantRows returns the rows that stand for a variant; the others only carry
// a picture. A product that has no such row has one variant, its first row.
func (s *shopifyReader) variantRows(rows []row) []row {
	var variants []row
	for _, r := range rows {
		if r.text(s.optionValue[0]) != "" || r.text(s.price) != "" || r.text(s.sku) != "" {
			variants = append(variants, r)
		}
	}
	if variants == nil {
		return rows[:1]
	}
	return variants
}

// selling fills in what is the same for the whole product here and is said by
// variant there.
func (s *shopifyReader) selling(p *catalog.ProductInput, variants []row) {
	shipped, taxed := 0, 0
	for _, r := range variants {
		if s.flag(r, s.shipping, true) {
			shipped++
		}
		if s.flag(r, s.taxable, true) {
			taxed++
		}
	}
	kind, class := catalog.Physical, int64(0)
	if shipped == 0 {
		kind = catalog.Digital
	}
	if taxed == 0 {
		class = catalog.NonTaxableClass
	} else if taxed < len(variants) {
		s.note(variants[0].line, "only some variants are taxable; a product is taxable as a whole here: taken as taxable")
	}
	p.Type, p.TaxClassID = given(kind, s.shipping), given(class, s.taxable)
}

// pricesOf reads the prices of a row. Shopify's price is what is asked now,
// its compare-at price what was asked before: a reduced price is our sale
// price, and the one before it our price, so that a cart shows both.
func (s *shopifyReader) pricesOf(r row) (price, sale money.Amount) {
	price, ok := s.amount(r, s.price)
	if !ok && r.text(s.price) == "" {
		s.bad(r, s.price, "it is empty: write what the variant costs, such as 19.95")
	}
	if before, _ := s.amount(r, s.compareAt); before > price {
		return before, price
	}
	return price, 0
}

// weightOf reads grams as kilograms.
func (s *shopifyReader) weightOf(r row) catalog.Measure {
	grams, _ := s.amount(r, s.grams)
	kilos, _ := grams.MulDiv(1, 1000)
	return kilos
}

// simple fills in a product without options from its one row.
func (s *shopifyReader) simple(p *catalog.ProductInput, variants []row) {
	r := variants[0]
	for _, other := range variants[1:] {
		s.bad(other, s.optionName[0], "a product with several variants needs an option: write its name, such as Size, on the product's first row")
	}
	price, sale := s.pricesOf(r)
	p.Price, p.SalePrice = catalog.Set(price), catalog.Set(sale)
	p.CostPrice = s.amountField(r, s.cost)
	p.Weight = given(s.weightOf(r), s.grams)
	p.SKU = given(s.skuOf(r), s.sku)
	p.MPN = given(r.text(s.mpn), s.mpn)
	p.UPC, p.GTIN = s.codes(r)
	p.Variants = catalog.Set([]catalog.VariantInput{{}}) // one without labels: options that were there go
}

func (s *shopifyReader) skuOf(r row) string {
	// A leading apostrophe keeps spreadsheets from reading the SKU as a number.
	return s.unique(s.skus, r, s.sku, strings.TrimPrefix(r.text(s.sku), "'"), "give each variant a SKU of its own, or none")
}

// codes tells a barcode by its length: 12 digits are a UPC, 8, 13 and 14 a
// GTIN.
func (s *shopifyReader) codes(r row) (upc, gtin catalog.Field[string]) {
	code := strings.TrimPrefix(r.text(s.barcode), "'")
	upc, gtin = given("", s.barcode), given("", s.barcode)
	digits := strings.Trim(code, "0123456789") == ""
	switch n := len(code); {
	case n == 0:
	case digits && n == 12:
		upc.Value = code
	case digits && (n == 8 || n == 13 || n == 14):
		gtin.Value = code
	default:
		s.note(r.line, "the barcode %q is neither a UPC nor a GTIN: left out", shorten(code))
	}
	return upc, gtin
}

// untracked is the level of a variant that is never out of stock in a product
// whose other variants are counted.
const untracked = cart.MaxQuantity

// counted reports whether the stock of a row is tracked, and how much is left.
// With the policy "continue" Shopify sells on below zero, so nothing is to be
// counted.
func (s *shopifyReader) counted(r row) (level int64, tracked bool) {
	var goOn bool
	switch policy := strings.ToLower(r.text(s.policy)); policy {
	case "continue":
		goOn = true
	case "deny":
	default:
		goOn = s.flag(r, s.policy, false)
	}
	level, _ = s.whole(r, s.quantity)
	return max(level, 0), r.text(s.tracker) != "" && !goOn
}

// stock fills in how the product is tracked; the levels of variants are filled
// in with them.
func (s *shopifyReader) stock(p *catalog.ProductInput, variants []row) {
	if s.tracker.index < 0 {
		return
	}
	n := 0
	for _, r := range variants {
		if _, tracked := s.counted(r); tracked {
			n++
		}
	}
	p.InventoryTracking = catalog.Set(catalog.TrackNone)
	switch {
	case n == 0:
	case s.quantity.index < 0:
		s.note(variants[0].line, "stock is tracked, but the file has no column %q: not tracked here", s.quantity.name)
	case len(variants) == 1:
		level, _ := s.counted(variants[0])
		p.InventoryTracking, p.InventoryLevel = catalog.Set(catalog.TrackProduct), catalog.Set(level)
	default:
		p.InventoryTracking = catalog.Set(catalog.TrackVariant)
		if n < len(variants) {
			s.note(variants[0].line, "only some variants are tracked; here all of a product are: the others got a level of %d", untracked)
		}
	}
}
