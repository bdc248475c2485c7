package csvimport

import (
	"fmt"
	"slices"
	"strings"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// bigcommerceColumns are the columns that are read of the vendor's Bulk Edit
// export, by its documented names. A row is a Product, a SKU (a variant of the
// product above it) or a Rule (what a choice changes).
type bigcommerceColumns struct {
	item, name, kind, sku, bin, brand, description   column
	price, cost, retail, sale, freeShipping          column
	weight, width, height, depth                     column
	purchasable, visible, availability               column
	tracking, level, lowLevel, minimum, maximum      column
	category, keywords, condition, sortOrder         column
	taxClass, upc, gtin, mpn, pageURL, customFields  column
	eventDate, stop                                  column
	imageURL, imageFile, imageText, thumbnail, order []column
}

// maxImages is how many numbered picture columns are looked for.
const maxImages = 50

func newBigcommerceColumns(t *table) bigcommerceColumns {
	c := bigcommerceColumns{
		item: t.column("Item Type"), name: t.column("Product Name", "Name"), kind: t.column("Product Type"),
		sku: t.column("Product Code/SKU", "Product SKU"), bin: t.column("Bin Picking Number"), brand: t.column("Brand Name", "Brand"),
		description: t.column("Product Description", "Description"),
		price:       t.column("Price"), cost: t.column("Cost Price"), retail: t.column("Retail Price"), sale: t.column("Sale Price"),
		freeShipping: t.column("Free Shipping"),
		weight:       t.column("Product Weight"), width: t.column("Product Width"),
		height: t.column("Product Height"), depth: t.column("Product Depth"),
		purchasable: t.column("Allow Purchases?", "Allow Purchases"), visible: t.column("Product Visible?", "Product Visible"),
		availability: t.column("Product Availability"), tracking: t.column("Track Inventory"),
		level: t.column("Current Stock Level", "Stock Level"), lowLevel: t.column("Low Stock Level"),
		minimum:  t.column("Minimum Purchase Quantity", "Min Purchase Quantity"),
		maximum:  t.column("Maximum Purchase Quantity", "Max Purchase Quantity"),
		category: t.column("Category"), keywords: t.column("Search Keywords"), condition: t.column("Product Condition"),
		sortOrder: t.column("Sort Order"), taxClass: t.column("Product Tax Class"), upc: t.column("Product UPC/EAN"),
		gtin: t.column("Global Trade Item Number"), mpn: t.column("Manufacturer Part Number"),
		pageURL: t.column("Product URL"), customFields: t.column("Product Custom Fields"),
		eventDate: t.column("Event Date Required?"), stop: t.column("Stop Processing Rules"),
	}
	for n := 1; n <= maxImages; n++ {
		tail := fmt.Sprintf(" - %d", n)
		file, url := t.column("Product Image File"+tail), t.column("Product Image URL"+tail)
		if file.index < 0 && url.index < 0 {
			continue
		}
		c.imageFile, c.imageURL = append(c.imageFile, file), append(c.imageURL, url)
		c.imageText = append(c.imageText, t.column("Product Image Description"+tail))
		c.thumbnail = append(c.thumbnail, t.column("Product Image Is Thumbnail"+tail))
		c.order = append(c.order, t.column("Product Image Sort"+tail))
	}
	return c
}

// bigcommerceReader reads one BigCommerce file.
type bigcommerceReader struct {
	*reader
	bigcommerceColumns
}

func (in *reader) readBigCommerce() {
	b := &bigcommerceReader{in, newBigcommerceColumns(in.table)}
	if !in.need(b.item, b.name, b.price) {
		return
	}
	rows := in.table.rows
	for len(rows) > 0 {
		head := rows[0]
		n := 1
		for n < len(rows) && !b.isProduct(rows[n]) {
			n++
		}
		if b.isProduct(head) {
			b.product(head, rows[1:n])
		} else {
			b.bad(head, b.item, "the row %q belongs to no product: put it below the row of its Product", shorten(head.text(b.item)))
		}
		rows = rows[n:]
	}
}

func (b *bigcommerceReader) isProduct(r row) bool {
	return strings.EqualFold(r.text(b.item), "Product")
}

// product reads a product with the rows below it.
func (b *bigcommerceReader) product(r row, below []row) {
	name := r.text(b.name)
	if name == "" {
		b.bad(r, b.name, "it is empty: write the product's name")
	}
	b.unique(b.names, r, b.name, name, "give each product a name of its own")
	p := catalog.ProductInput{
		Name: catalog.Set(name), URL: b.page(r, name), Type: b.typeOf(r),
		SKU:         given(b.skuOf(r), b.sku),
		Description: given(r.text(b.description), b.description), BrandName: given(r.text(b.brand), b.brand),
		RetailPrice: b.amountField(r, b.retail), SalePrice: b.amountField(r, b.sale), CostPrice: b.amountField(r, b.cost),
		Weight: b.amountField(r, b.weight), Width: b.amountField(r, b.width),
		Height: b.amountField(r, b.height), Depth: b.amountField(r, b.depth),
		FreeShipping: given(b.flag(r, b.freeShipping, false), b.freeShipping),
		Visible:      given(b.flag(r, b.visible, true), b.visible), Availability: b.availabilityOf(r),
		AvailabilityDescription: given(r.text(b.availability), b.availability),
		SearchKeywords:          given(r.text(b.keywords), b.keywords), Condition: b.conditionOf(r),
		SortOrder: b.wholeField(r, b.sortOrder), TaxClassID: b.taxClassOf(r),
		UPC: given(r.text(b.upc), b.upc), GTIN: given(r.text(b.gtin), b.gtin), MPN: given(r.text(b.mpn), b.mpn),
		OrderQuantityMinimum: b.limit(r, b.minimum), OrderQuantityMaximum: b.limit(r, b.maximum),
		CategoryPaths: b.categories(r), CustomFields: b.customFieldsOf(r), Images: b.images(r),
	}
	price, ok := b.amount(r, b.price)
	if !ok && r.text(b.price) == "" {
		b.bad(r, b.price, "it is empty: write what the product costs, such as 19.95")
	}
	p.Price = catalog.Set(price)
	if b.flag(r, b.eventDate, false) {
		b.note(r.line, "the event date of %q is left out: make a date modifier for it", shorten(name))
	}
	b.stock(r, &p)
	b.variants(r, &p, below)
	b.reader.product(r.line, p)
}

// page is the address of the product's page. Without one in the file it is made
// from the name, so that importing it again finds the product; where two names
// come to the same address, the catalog numbers them.
func (b *bigcommerceReader) page(r row, name string) catalog.Field[string] {
	text := r.text(b.pageURL)
	if text == "" {
		path := catalog.Slug(name)
		if _, taken := b.pages[path]; taken || name == "" {
			return catalog.Field[string]{}
		}
		b.pages[path] = r.line
		return catalog.Set(path)
	}
	path := b.pagePath(r, b.pageURL, text)
	return catalog.Set(b.unique(b.pages, r, b.pageURL, path, "give each product an address of its own"))
}

func (b *bigcommerceReader) typeOf(r row) catalog.Field[string] {
	switch text := r.text(b.kind); strings.ToUpper(text) {
	case "", "P", "PHYSICAL":
		return given(catalog.Physical, b.kind)
	case "D", "DIGITAL":
		return given(catalog.Digital, b.kind)
	default:
		b.bad(r, b.kind, "%q is not known: write P for a physical product or D for a digital one", shorten(text))
		return catalog.Field[string]{}
	}
}

func (b *bigcommerceReader) skuOf(r row) string {
	return b.unique(b.skus, r, b.sku, r.text(b.sku), "give each product and variant a SKU of its own, or none")
}

func (b *bigcommerceReader) availabilityOf(r row) catalog.Field[string] {
	if b.flag(r, b.purchasable, true) {
		return given(catalog.Available, b.purchasable)
	}
	return given(catalog.Disabled, b.purchasable)
}

func (b *bigcommerceReader) conditionOf(r row) catalog.Field[string] {
	text := r.text(b.condition)
	if text == "" {
		return given("New", b.condition)
	}
	for _, known := range []string{"New", "Used", "Refurbished"} {
		if strings.EqualFold(text, known) {
			return catalog.Set(known)
		}
	}
	b.bad(r, b.condition, "%q is not known: write New, Used or Refurbished", shorten(text))
	return catalog.Field[string]{}
}

// taxClassOf knows the classes that every store of the vendor has. One of the
// merchant's own has no number that a file could tell.
func (b *bigcommerceReader) taxClassOf(r row) catalog.Field[int64] {
	var class int64
	switch text := r.text(b.taxClass); strings.ToLower(text) {
	case "", "0", "default tax class", "default":
	case "1", "non-taxable products", "non-taxable":
		class = catalog.NonTaxableClass
	default:
		b.note(r.line, "the tax class %q is not known here: taken as the default one", shorten(text))
	}
	return given(class, b.taxClass)
}

func (b *bigcommerceReader) limit(r row, c column) catalog.Field[int64] {
	n, _ := b.whole(r, c)
	if n < 0 {
		b.bad(r, c, "%d is below zero: write 0 for no limit", n)
	}
	return given(n, c)
}

// categories reads "Lighting/Desk lamps;Gifts", where a slash inside a name is
// written \/.
func (b *bigcommerceReader) categories(r row) catalog.Field[[][]string] {
	var paths [][]string
	const slash = "\x00" // no cell holds it
	for one := range strings.SplitSeq(r.text(b.category), ";") {
		var path []string
		for part := range strings.SplitSeq(strings.ReplaceAll(one, `\/`, slash), "/") {
			if part = strings.TrimSpace(strings.ReplaceAll(part, slash, "/")); part != "" {
				path = append(path, part)
			}
		}
		if path != nil {
			paths = append(paths, path)
		}
	}
	return given(paths, b.category)
}

// customFieldsOf reads "Material=Oak;Care=Oil twice a year", each of which may
// stand in quotes.
func (b *bigcommerceReader) customFieldsOf(r row) catalog.Field[[]catalog.CustomFieldInput] {
	var fields []catalog.CustomFieldInput
	for one := range strings.SplitSeq(r.text(b.customFields), ";") {
		one = strings.Trim(strings.TrimSpace(one), `"`)
		if one == "" {
			continue
		}
		name, value, ok := strings.Cut(one, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" || value == "" {
			b.bad(r, b.customFields, "%q cannot be read: write Name=Value;Name=Value", shorten(one))
			continue
		}
		fields = append(fields, catalog.CustomFieldInput{Name: catalog.Set(name), Value: catalog.Set(value)})
	}
	return given(fields, b.customFields)
}

// images reads the numbered pictures. A picture that is only a path inside the
// other shop cannot be reached from here.
func (b *bigcommerceReader) images(r row) catalog.Field[[]catalog.ImageInput] {
	if len(b.imageFile) == 0 {
		return catalog.Field[[]catalog.ImageInput]{}
	}
	type picture struct {
		order int64
		catalog.ImageInput
	}
	var all []picture
	for i := range b.imageFile {
		address := b.pictureAt(r, i)
		if address == "" {
			continue
		}
		order, ok := b.whole(r, b.order[i])
		if !ok {
			order = int64(i)
		}
		all = append(all, picture{order, catalog.ImageInput{
			URL: catalog.Set(address), Description: catalog.Set(r.text(b.imageText[i])),
			Thumbnail: catalog.Set(b.flag(r, b.thumbnail[i], false)),
		}})
	}
	slices.SortStableFunc(all, func(x, y picture) int { return int(x.order - y.order) })
	images := make([]catalog.ImageInput, len(all))
	marked := slices.ContainsFunc(all, func(p picture) bool { return p.Thumbnail.Value })
	for i := range all {
		images[i] = all[i].ImageInput
		images[i].SortOrder = catalog.Set(int64(i))
		if !marked {
			images[i].Thumbnail = catalog.Set(i == 0)
		}
	}
	return catalog.Set(images)
}

// pictureAt returns the address of the picture in a numbered column: that of
// the URL column, or a file name that is an address itself.
func (b *bigcommerceReader) pictureAt(r row, i int) string {
	if address := b.reader.address(r, b.imageURL[i]); address != "" {
		return address
	}
	file := r.text(b.imageFile[i])
	if file == "" || strings.HasPrefix(file, "https://") || strings.HasPrefix(file, "http://") {
		return b.reader.address(r, b.imageFile[i])
	}
	b.note(r.line, "the picture %q is a file of the other shop: left out; give its web address in Product Image URL - %d", shorten(file), i+1)
	return ""
}

// stock reads how a product is tracked. The older exports write what is
// tracked, the oldest yes or no.
func (b *bigcommerceReader) stock(r row, p *catalog.ProductInput) {
	mode := catalog.TrackNone
	switch text := r.text(b.tracking); strings.ToLower(text) {
	case "", "none", "n", "no", "0", "off":
	case "by product", "product", "y", "yes", "1", "simple":
		mode = catalog.TrackProduct
	case "by option", "by options", "by variant", "option", "variant", "sku", "by sku", "2":
		mode = catalog.TrackVariant
	default:
		b.bad(r, b.tracking, "%q is not known: write none, by product or by option", shorten(text))
	}
	p.InventoryTracking = given(mode, b.tracking)
	if mode == catalog.TrackProduct {
		p.InventoryLevel = b.levelOf(r, b.level)
	}
	p.InventoryWarningLevel = b.levelOf(r, b.lowLevel)
}

// levelOf reads a stock level. Some shops let it fall below zero.
func (b *bigcommerceReader) levelOf(r row, c column) catalog.Field[int64] {
	n, _ := b.whole(r, c)
	return given(max(n, 0), c)
}

// own is an amount that a row may have of its own; nil when the cell is empty.
func (b *bigcommerceReader) own(r row, c column) *money.Amount {
	if a, ok := b.amount(r, c); ok {
		return &a
	}
	return nil
}
