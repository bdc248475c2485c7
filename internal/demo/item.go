package demo

import (
	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// item is one product of the demo's catalog.
type item struct {
	name     string
	sku      string // of the product; variants add to it
	brand    string
	shelf    []string // the way to its category
	drawing  string
	tone     string   // the colour it is drawn in
	tones    []string // the colours it is sold in; the first is the one shown
	scene    string
	cents    int64 // the price
	sale     int64 // the reduced price; 0 is none
	grams    int64
	sizes    []size
	stock    int64 // in each variant; uncounted is not tracked
	gone     string
	min, max int64
	kind     string // catalog.Physical when ""
	featured bool
	wrap     string // how it may be wrapped; catalog.WrapAny when ""
	facts    [][2]string
	text     string
	choices  []catalog.ModifierInput
}

// size is one size of an item, with what it adds to the price and the weight.
type size struct {
	label        string
	cents, grams int64
}

// uncounted is the stock of an item that never runs out.
const uncounted = -1

// The makers, all invented.
const (
	ownBrand = "Larch & Lantern"
	tarn     = "Tarnwater"
	oddfell  = "Oddfell"
	moss     = "Mossgarth Mill"
)

var (
	light   = []string{"Light"}
	kitchen = []string{"Kitchen"}
	coffee  = []string{"Kitchen", "Coffee"}
	trail   = []string{"Trail"}
	cabin   = []string{"Cabin"}
	wear    = []string{"Wear"}
	gifts   = []string{"Gifts"}
	guides  = []string{"Guides"}
)

func cents(n int64) money.Amount { return money.Amount(n) * money.Unit / 100 }

// product turns an item into what the catalog takes.
func (it *item) product(place int) catalog.ImportProduct {
	tracking := it.tracking()
	in := catalog.ProductInput{
		Name: catalog.Set(it.name), URL: catalog.Set(catalog.Slug(it.name)), SKU: catalog.Set(it.sku),
		Type: catalog.Set(it.kindOf()), Description: catalog.Set("<p>" + it.text + "</p>"),
		Price: catalog.Set(cents(it.cents)), SalePrice: catalog.Set(cents(it.sale)),
		Weight:  catalog.Set(catalog.Measure(it.grams * int64(money.Unit) / 1000)),
		Visible: catalog.Set(true), Featured: catalog.Set(it.featured), SortOrder: catalog.Set(int64(place)),
		InventoryTracking:    catalog.Set(tracking),
		OrderQuantityMinimum: catalog.Set(it.min), OrderQuantityMaximum: catalog.Set(it.max),
		BrandName: catalog.Set(it.brand), CategoryPaths: catalog.Set([][]string{it.shelf}),
		Images: catalog.Set(it.images()), CustomFields: catalog.Set(it.fields()),
		Modifiers: catalog.Set(it.choices),
	}
	if it.wrap != "" {
		in.GiftWrapping = catalog.Set(it.wrap)
	}
	if tracking == catalog.TrackProduct {
		in.InventoryLevel, in.InventoryWarningLevel = catalog.Set(it.stock), catalog.Set[int64](3)
	}
	in.Options, in.Variants = it.options(), it.variants(tracking)
	return catalog.ImportProduct{Source: it.name, ProductInput: in}
}

func (it *item) kindOf() string {
	if it.kind == "" {
		return catalog.Physical
	}
	return it.kind
}

func (it *item) tracking() string {
	switch {
	case it.stock == uncounted:
		return catalog.TrackNone
	case len(it.tones)+len(it.sizes) > 0:
		return catalog.TrackVariant
	}
	return catalog.TrackProduct
}

// shown is the colour of the product's own picture.
func (it *item) shown() string {
	if len(it.tones) > 0 {
		return it.tones[0]
	}
	return it.tone
}

func (it *item) images() []catalog.ImageInput {
	images := []catalog.ImageInput{{
		URL: catalog.Set(pictureURL(it.drawing, it.shown(), plain)), Thumbnail: catalog.Set(true),
		SortOrder: catalog.Set[int64](0), Description: catalog.Set(it.name),
	}}
	if it.scene != plain {
		images = append(images, catalog.ImageInput{
			URL: catalog.Set(pictureURL(it.drawing, it.shown(), it.scene)), Thumbnail: catalog.Set(false),
			SortOrder: catalog.Set[int64](1), Description: catalog.Set(it.name + ", " + it.scene),
		})
	}
	return images
}

func (it *item) fields() []catalog.CustomFieldInput {
	var fields []catalog.CustomFieldInput
	for _, f := range it.facts {
		fields = append(fields, catalog.CustomFieldInput{Name: catalog.Set(f[0]), Value: catalog.Set(f[1])})
	}
	return fields
}

// options are the colour, as swatches, and the size, as rectangles.
func (it *item) options() catalog.Field[[]catalog.OptionInput] {
	var options []catalog.OptionInput
	if len(it.tones) > 0 {
		var values []catalog.ValueInput
		for i, tone := range it.tones {
			c := colours[tone]
			values = append(values, catalog.ValueInput{Label: catalog.Set(c.label), SortOrder: catalog.Set(int64(i)),
				Default: catalog.Set(i == 0), Data: catalog.Set(catalog.ValueData{Colors: []string{c.hex()}})})
		}
		options = append(options, option("Colour", catalog.Swatch, 0, values))
	}
	if len(it.sizes) > 0 {
		var values []catalog.ValueInput
		for i, s := range it.sizes {
			values = append(values, catalog.ValueInput{Label: catalog.Set(s.label), SortOrder: catalog.Set(int64(i))})
		}
		options = append(options, option("Size", catalog.Rectangles, 1, values))
	}
	return catalog.Set(options)
}

func option(name, kind string, place int64, values []catalog.ValueInput) catalog.OptionInput {
	return catalog.OptionInput{DisplayName: catalog.Set(name), Type: catalog.Set(kind),
		SortOrder: catalog.Set(place), Values: catalog.Set(values)}
}

// variants are all colours in all sizes.
func (it *item) variants(tracking string) catalog.Field[[]catalog.VariantInput] {
	var all []catalog.VariantInput
	tones, sizes := it.tones, it.sizes
	if len(tones)+len(sizes) == 0 {
		return catalog.Set(all)
	}
	if len(tones) == 0 {
		tones = []string{""}
	}
	if len(sizes) == 0 {
		sizes = []size{{}}
	}
	for i, tone := range tones {
		for j, s := range sizes {
			all = append(all, it.variant(tone, s, tracking, int64(i*len(sizes)+j)))
		}
	}
	return catalog.Set(all)
}

func (it *item) variant(tone string, s size, tracking string, place int64) catalog.VariantInput {
	v := catalog.VariantInput{Price: catalog.Set[*money.Amount](nil), SalePrice: catalog.Set[*money.Amount](nil)}
	sku, key := it.sku, ""
	if tone != "" {
		label := colours[tone].label
		v.Labels = append(v.Labels, catalog.ValueLabel{Option: "Colour", Label: label})
		v.ImageURL = catalog.Set(pictureURL(it.drawing, tone, plain))
		sku, key = sku+"-"+label, label
	}
	if s.label != "" {
		v.Labels = append(v.Labels, catalog.ValueLabel{Option: "Size", Label: s.label})
		sku, key = sku+"-"+s.label, key+" "+s.label
	}
	v.SKU = catalog.Set(skuOf(sku))
	if s.cents != 0 {
		price := cents(it.cents + s.cents)
		v.Price = catalog.Set(&price)
		if it.sale != 0 {
			sale := cents(it.sale + s.cents)
			v.SalePrice = catalog.Set(&sale)
		}
	}
	if s.grams != 0 {
		weight := catalog.Measure((it.grams + s.grams) * int64(money.Unit) / 1000)
		v.Weight = catalog.Set(&weight)
	}
	if tracking == catalog.TrackVariant {
		level := it.stock + place*5%11 // no two shelves are equally full
		if it.gone != "" && it.gone == key {
			level = 0
		}
		v.InventoryLevel, v.InventoryWarningLevel = catalog.Set(level), catalog.Set[int64](3)
	}
	return v
}

// skuOf writes a SKU in capitals without anything that must be quoted.
func skuOf(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			out = append(out, c-'a'+'A')
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
			out = append(out, c)
		}
	}
	return string(out)
}
