package httpapi

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/fault"
)

// oneProduct is a catalog in memory that holds one product at most, for
// targets that try far more bodies than a database could take.
type oneProduct struct {
	catalog.Storage
	product *catalog.Product
	last    map[string]int64
}

func (s *oneProduct) keep(p *catalog.Product) (*catalog.Product, error) {
	err := catalog.Number([]*catalog.Product{p}, func(kind string, n int64) (int64, error) {
		s.last[kind] += n
		return s.last[kind] - n + 1, nil
	})
	if err == nil {
		s.product = p
	}
	return p, err
}

func (s *oneProduct) CreateProduct(_ context.Context, _ string, p *catalog.Product) (*catalog.Product, error) {
	return s.keep(p.Clone())
}

func (s *oneProduct) UpdateProduct(_ context.Context, _ string, _ int64, change func(*catalog.Product) error) (*catalog.Product, error) {
	p := s.product.Clone()
	if err := change(p); err != nil {
		return nil, err
	}
	return s.keep(p)
}

func (s *oneProduct) AdjustStock(_ context.Context, _ string, changes []catalog.StockChange, a catalog.Adjustment) (catalog.Adjustment, error) {
	for _, ch := range changes {
		if err := ch.CheckLevel(ch.Quantity); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (s *oneProduct) Catalog(context.Context, string) (*catalog.Snapshot, error) {
	return catalog.NewSnapshot(1, 1, []*catalog.Product{s.product}), nil
}

func (s *oneProduct) FreshCatalog(ctx context.Context, store string) (*catalog.Snapshot, error) {
	return s.Catalog(ctx, store)
}

// lampSeed makes the product that bodies are tried on.
const lampSeed = `{"name":"Desk lamp","type":"physical","weight":1,"price":"34.9","inventory_tracking":"variant","variants":[{"sku":"LAMP-BR","option_values":[{"option_display_name":"Finish","label":"Brass"}]},{"sku":"LAMP-ST","price":31.5,"option_values":[{"option_display_name":"Finish","label":"Steel"}]}]}`

func newCatalog(t *testing.T) (*catalog.Service, *oneProduct) {
	t.Helper()
	s := &oneProduct{last: map[string]int64{}}
	service := catalog.NewService(s, s, clock.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)))
	in, ok := read(t, []byte(lampSeed), readNewProduct)
	if !ok {
		t.Fatal("the lamp is refused")
	}
	if _, err := service.Create(t.Context(), "demo", in); err != nil {
		t.Fatal(err)
	}
	return service, s
}

// accepted fails the test unless err is nil or a refusal that says how; it
// shows and stores what was accepted.
func accepted(t *testing.T, p *catalog.Product, err error) {
	t.Helper()
	if err != nil {
		if f := fault.As(err); f == nil || statuses[f.Kind] >= 500 || f.Title == "" {
			t.Fatalf("refused without saying how: %v", err)
		}
		return
	}
	view := productView{include: map[string]bool{"variants": true, "options": true, "modifiers": true, "images": true, "custom_fields": true}}
	if _, err := encodeJSON(view.one(p)); err != nil {
		t.Fatal(err)
	}
	doc, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var again catalog.Product
	if err := json.Unmarshal([]byte(doc), &again); err != nil {
		t.Fatalf("what was stored cannot be read: %v", err)
	}
	again.BrandName = p.BrandName
	if !catalog.Same(p, &again) {
		t.Fatalf("what was stored is read as something else: %s", doc)
	}
	if len(p.Variants) == 0 {
		t.Fatal("a product without a variant")
	}
}

// FuzzProductBody makes and changes a product with any body.
func FuzzProductBody(f *testing.F) {
	seed(f)
	for _, s := range []string{
		lampSeed,
		`{"name":"Mug","type":"digital","weight":0,"price":1e2,"sale_price":null,"categories":[1,"2"],"brand_name":"x","custom_url":{"url":"/mug/","is_customized":true}}`,
		`{"images":[{"image_url":"https://x.example/a.png","is_thumbnail":true},{"image_url":"/b.png"}],"custom_fields":[{"id":4,"name":"a","value":"b"}]}`,
		`{"name":"x","type":"physical","weight":1,"price":1,"variants":[{"option_values":[{"option_display_name":"a","label":"b"},{"option_display_name":"a","label":"c"}]}]}`,
		`{"name":"x","type":"physical","weight":1,"price":1,"variants":[{"sku":"1","option_values":[]},{"sku":"2","option_values":[]}]}`,
		`{"name":"x","type":"physical","weight":1,"price":1,"variants":[null]}`,
		`{"inventory_level":2147483648,"order_quantity_minimum":-1,"gift_wrapping_options_list":[0]}`,
		`[{"id":1,"price":3},{"id":"2"}]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		service, _ := newCatalog(t)
		if in, ok := read(t, body, readNewProduct); ok {
			p, err := service.Create(t.Context(), "demo", in)
			accepted(t, p, err)
		}
		if in, ok := read(t, body, readProduct); ok {
			p, err := service.Update(t.Context(), "demo", 1, in)
			accepted(t, p, err)
		}
		_, _ = read(t, body, readProductChanges)
	})
}

// FuzzVariantBody makes and changes variants and options with any body.
func FuzzVariantBody(f *testing.F) {
	seed(f)
	for _, s := range []string{
		`{"sku":"LAMP-3","price":null,"option_values":[{"option_id":1,"id":2}]}`,
		`{"sku":"","option_values":[{"option_id":"1","id":"1"},{"option_id":1,"id":2}]}`,
		`{"display_name":"Plug","type":"swatch","option_values":[{"label":"EU","is_default":true,"value_data":{"colors":["#fff"]}},{"id":1,"label":"x"}]}`,
		`{"option_values":[{"id":1,"label":"Steel"},{"label":"Brass"}],"type":"product_list"}`,
		`{"label":"Copper","sort_order":-5,"value_data":{"product_id":1,"checked_value":true}}`,
		`[{"id":1,"price":3,"inventory_level":4},{"id":2,"weight":null}]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		service, _ := newCatalog(t)
		if in, ok := read(t, body, readNewVariant); ok {
			p, err := service.AddVariant(t.Context(), "demo", 1, in)
			accepted(t, p, err)
		}
		if in, ok := read(t, body, readVariant); ok {
			p, err := service.UpdateVariant(t.Context(), "demo", 1, 1, in)
			accepted(t, p, err)
		}
		if in, ok := read(t, body, readOption); ok {
			p, err := service.UpdateOption(t.Context(), "demo", 1, 1, in)
			accepted(t, p, err)
			p, err = service.AddOption(t.Context(), "demo", 1, in)
			accepted(t, p, err)
		}
		if in, ok := read(t, body, readValue); ok {
			p, err := service.AddOptionValue(t.Context(), "demo", 1, 1, in)
			accepted(t, p, err)
		}
		_, _ = read(t, body, readVariantChanges)
	})
}

// FuzzModifierBody makes a modifier with any body and changes it with another.
func FuzzModifierBody(f *testing.F) {
	bodies := []string{
		`{"display_name":"Engraving","type":"text","required":true,"config":{"default_value":5,"text_characters_limited":true,"text_min_length":1,"text_max_length":5}}`,
		`{"display_name":"Gift","type":"checkbox","required":false,"option_values":[{"label":"Yes","is_default":true,"value_data":{"checked_value":true},"adjusters":{"price":{"adjuster":"relative","adjuster_value":2}}}]}`,
		`{"display_name":"Bulb","type":"product_list","required":false,"config":{"product_list_shipping_calc":"weight"},"option_values":[{"label":"a","value_data":{"product_id":1}}]}`,
		`{"display_name":"By","type":"date","required":false,"config":{"date_limited":true,"date_limit_mode":"range","date_earliest_value":"2026-01-01","date_latest_value":"2026-02-30T"}}`,
		`{"display_name":"File","type":"file","required":false,"config":{"file_types_mode":"specific","file_types_supported":["images"],"file_max_size":524289}}`,
		`{"display_name":"N","type":"numbers_only_text","required":false,"config":{"number_limited":true,"number_lowest_value":-1e99,"default_value":"x"}}`,
		`{"option_values":[{"id":3,"label":"Aye"},{"id":4,"is_default":true}],"type":"swatch"}`,
		`{"label":"x","adjusters":{"price":{"adjuster":null,"adjuster_value":null},"weight":{},"purchasing_disabled":null}}`,
	}
	for _, a := range bodies {
		for _, b := range bodies {
			f.Add([]byte(a), []byte(b))
		}
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		service, s := newCatalog(t)
		in, ok := read(t, first, readModifier)
		if !ok {
			return
		}
		p, err := service.AddModifier(t.Context(), "demo", 1, in)
		accepted(t, p, err)
		if err != nil {
			return
		}
		m := s.product.Modifiers[0]
		if in, ok := read(t, second, readModifier); ok {
			p, err := service.UpdateModifier(t.Context(), "demo", 1, m.ID, in)
			accepted(t, p, err)
		}
		if in, ok := read(t, second, readValue); ok {
			p, err := service.AddModifierValue(t.Context(), "demo", 1, m.ID, in)
			accepted(t, p, err)
			if m = s.product.Modifiers[0]; len(m.Values) > 0 {
				p, err := service.UpdateModifierValue(t.Context(), "demo", 1, m.ID, m.Values[0].ID, in)
				accepted(t, p, err)
			}
		}
	})
}

// FuzzAdjustments changes stock with any body.
func FuzzAdjustments(f *testing.F) {
	seed(f)
	for _, s := range []string{
		`{"reason":"x","items":[{"location_id":1,"sku":"LAMP-BR","quantity":12},{"location_id":"1","variant_id":"2","quantity":-1}]}`,
		`{"items":[{"location_id":1,"product_id":1,"quantity":2147483648}]}`, `{"items":[null]}`, `{"items":{}}`, `{"items":[{"location_id":2}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		service, s := newCatalog(t)
		for _, relative := range []bool{true, false} {
			items, ok := read(t, body, func(v value) []catalog.StockItem { return readStockItems(v, relative) })
			if !ok {
				continue
			}
			_, err := service.Adjust(t.Context(), "demo", items, !relative)
			accepted(t, s.product, err)
		}
	})
}
