package catalog

import (
	"context"
	"slices"
	"testing"
	"time"

	"cartwright/internal/money"
)

// shop is a small catalog.
func shop() *Snapshot {
	variant := func(id int64, sku string, level int64) Variant {
		return Variant{ID: id, SKU: sku, InventoryLevel: level, OptionValues: []VariantValue{{1, id}}}
	}
	return NewSnapshot(1, 1, []*Product{
		{ID: 1, Name: "Desk lamp", SKU: "LAMP", Type: Physical, Price: amount("34.9"), Visible: true, Availability: Available,
			BrandID: 7, Categories: []int64{2, 3}, Description: "Lights a desk.", InventoryTracking: TrackVariant, Modified: noon,
			Options: []Option{{ID: 1}}, Variants: []Variant{variant(11, "LAMP-BR", 3), variant(12, "LAMP-ST", 4)}},
		{ID: 2, Name: "mug", SKU: "MUG", Type: Physical, Price: amount("10"), Availability: Disabled, Categories: []int64{4},
			InventoryTracking: TrackProduct, InventoryLevel: 20, Modified: noon.Add(time.Hour), Variants: []Variant{{ID: 21, InventoryLevel: 20}}},
		{ID: 3, Name: "Guide", Type: Digital, Price: amount("10"), Visible: true, Featured: true, Availability: Preorder, Condition: "Used",
			Modified: noon.Add(2 * time.Hour), Variants: []Variant{{ID: 31}}},
	})
}

func TestProductQuery(t *testing.T) {
	price := Range[money.Amount]{Min: new(amount("10")), Max: new(amount("10"))}
	tests := map[string]struct {
		query ProductQuery
		want  []int64
	}{
		"everything":            {ProductQuery{}, []int64{1, 2, 3}},
		"falling":               {ProductQuery{Falling: true}, []int64{3, 2, 1}},
		"ids":                   {ProductQuery{IDs: []int64{3, 9, 1, 3}}, []int64{1, 3}},
		"no ids":                {ProductQuery{IDs: []int64{}}, nil},
		"ids from two on":       {ProductQuery{ID: Range[int64]{Min: new(int64(2))}}, []int64{2, 3}},
		"ids and a name":        {ProductQuery{IDs: []int64{1, 2}, Name: "mug"}, []int64{2}},
		"a name, exactly":       {ProductQuery{Name: "Mug"}, nil},
		"part of a name":        {ProductQuery{NameLike: "MU"}, []int64{2}},
		"SKU":                   {ProductQuery{SKU: "LAMP"}, []int64{1}},
		"SKU of a variant":      {ProductQuery{SKU: "LAMP-BR"}, nil},
		"SKUs":                  {ProductQuery{SKUs: []string{"MUG", "LAMP"}}, []int64{1, 2}},
		"a word in description": {ProductQuery{Keyword: "LIGHTS"}, []int64{1}},
		"a word in a SKU":       {ProductQuery{Keyword: "lamp-b"}, []int64{1}},
		"type":                  {ProductQuery{Type: Digital}, []int64{3}},
		"availability":          {ProductQuery{Availability: Disabled}, []int64{2}},
		"condition":             {ProductQuery{Condition: "Used"}, []int64{3}},
		"brand":                 {ProductQuery{BrandID: new(int64(7))}, []int64{1}},
		"no brand":              {ProductQuery{BrandID: new(int64(0))}, []int64{2, 3}},
		"categories":            {ProductQuery{Categories: []int64{3, 4}}, []int64{1, 2}},
		"hidden":                {ProductQuery{Visible: new(false)}, []int64{2}},
		"featured":              {ProductQuery{Featured: new(true)}, []int64{3}},
		"price":                 {ProductQuery{Price: price}, []int64{2, 3}},
		"stock of variants":     {ProductQuery{Level: Range[int64]{Min: new(int64(7)), Max: new(int64(7))}}, []int64{1}},
		"out of stock":          {ProductQuery{Level: Range[int64]{Max: new(int64(0))}}, []int64{3}},
		"changed since":         {ProductQuery{ModifiedFrom: noon.Add(time.Hour)}, []int64{2, 3}},
		"changed before":        {ProductQuery{ModifiedEnd: noon.Add(time.Hour)}, []int64{1}},
		"by name":               {ProductQuery{Sort: SortName}, []int64{1, 3, 2}},
		"by price, then id":     {ProductQuery{Sort: SortPrice}, []int64{2, 3, 1}},
		"by price, falling":     {ProductQuery{Sort: SortPrice, Falling: true}, []int64{1, 3, 2}},
		"by SKU":                {ProductQuery{Sort: SortSKU}, []int64{3, 1, 2}},
		"by change, falling":    {ProductQuery{Sort: SortModified, Falling: true}, []int64{3, 2, 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int64
			for _, p := range tt.query.run(shop()) {
				got = append(got, p.ID)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestVariantQuery(t *testing.T) {
	tests := map[string]struct {
		query VariantQuery
		want  []int64
	}{
		"everything":       {VariantQuery{}, []int64{11, 12, 21, 31}},
		"ids":              {VariantQuery{IDs: []int64{31, 12}}, []int64{12, 31}},
		"SKU":              {VariantQuery{SKU: "LAMP-ST"}, []int64{12}},
		"SKU of a product": {VariantQuery{SKU: "MUG"}, []int64{21}},
		"SKUs":             {VariantQuery{SKUs: []string{"MUG", "LAMP-BR", "LAMP"}}, []int64{11, 21}},
		"of a product":     {VariantQuery{ProductID: new(int64(1))}, []int64{11, 12}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int64
			for _, v := range tt.query.run(shop()) {
				got = append(got, v.Variant.ID)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestWhichStockAnItemMeans(t *testing.T) {
	read := func(context.Context, string) (*Snapshot, error) { return shop(), nil }
	tests := map[string]struct {
		item             StockItem
		product, variant int64
		wrong            []string
	}{
		"variant by SKU":      {StockItem{LocationID: 1, SKU: "LAMP-ST"}, 1, 12, nil},
		"variant":             {StockItem{LocationID: 1, VariantID: 11}, 1, 11, nil},
		"product by SKU":      {StockItem{LocationID: 1, SKU: "MUG"}, 2, 0, nil},
		"product":             {StockItem{LocationID: 1, ProductID: 2}, 2, 0, nil},
		"base variant":        {StockItem{LocationID: 1, VariantID: 21}, 2, 0, nil},
		"product of variants": {StockItem{LocationID: 1, ProductID: 1}, 0, 0, []string{"items.0"}},
		"their SKU in common": {StockItem{LocationID: 1, SKU: "LAMP"}, 0, 0, []string{"items.0"}},
		"another location":    {StockItem{LocationID: 2, ProductID: 2}, 0, 0, []string{"items.0.location_id"}},
		"an unknown SKU":      {StockItem{LocationID: 1, SKU: "x"}, 0, 0, []string{"items.0.sku"}},
		"an unknown variant":  {StockItem{LocationID: 1, VariantID: 9}, 0, 0, []string{"items.0.variant_id"}},
		"an unknown product":  {StockItem{LocationID: 1, ProductID: 9}, 0, 0, []string{"items.0.product_id"}},
		"nothing":             {StockItem{LocationID: 1}, 0, 0, []string{"items.0"}},
		"two things":          {StockItem{LocationID: 1, SKU: "MUG", ProductID: 2}, 0, 0, []string{"items.0"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			changes, err := new(Service).counters(t.Context(), "demo", []StockItem{tt.item}, read)
			wants(t, err, tt.wrong...)
			if err == nil && (changes[0].Product != tt.product || changes[0].Variant != tt.variant) {
				t.Errorf("got %+v", changes[0])
			}
		})
	}
}
