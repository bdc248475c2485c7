package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestImages(t *testing.T) {
	p := mug(t)
	thumbnail := func() (out []string) {
		for _, img := range p.Images {
			if img.Thumbnail {
				out = append(out, img.URL)
			}
		}
		return out
	}
	steps := []struct {
		name   string
		change func(*edit)
		want   []string // in order
		main   string
	}{
		{"the first one", func(e *edit) { e.addImage(ImageInput{URL: Set("/a.png")}, "") }, []string{"/a.png"}, "/a.png"},
		{"one more", func(e *edit) { e.addImage(ImageInput{URL: Set("/b.png")}, "") }, []string{"/a.png", "/b.png"}, "/a.png"},
		{"a new main one, in front", func(e *edit) {
			e.addImage(ImageInput{URL: Set("/c.png"), Thumbnail: Set(true), SortOrder: Set[int64](-1)}, "")
		}, []string{"/c.png", "/a.png", "/b.png"}, "/c.png"},
		{"no longer the main one", func(e *edit) {
			e.putImage(&e.p.Images[0], ImageInput{Thumbnail: Set(false), SortOrder: Set[int64](9)}, "")
		}, []string{"/a.png", "/b.png", "/c.png"}, "/a.png"},
		{"the main one is gone", func(e *edit) { e.p.Images = e.p.Images[1:] }, []string{"/b.png", "/c.png"}, "/b.png"},
		{"one that is there", func(e *edit) {
			e.applyImages([]ImageInput{{URL: Set("/c.png"), Description: Set("a mug")}, {URL: Set("/d.png")}}, false)
		}, []string{"/b.png", "/c.png", "/d.png"}, "/b.png"},
		{"these and no others", func(e *edit) {
			e.applyImages([]ImageInput{{URL: Set("/d.png")}, {URL: Set("/c.png")}}, true)
		}, []string{"/c.png", "/d.png"}, "/c.png"},
	}
	for _, s := range steps {
		if err := changed(p, s.change); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		numbered(t, p)
		var got []string
		for _, img := range p.Images {
			got = append(got, img.URL)
		}
		if !slices.Equal(got, s.want) || !slices.Equal(thumbnail(), []string{s.main}) {
			t.Errorf("%s: %v, for the product stands %v", s.name, got, thumbnail())
		}
	}
}

func TestCustomFieldsThatComeWithTheProduct(t *testing.T) {
	field := func(name, value string) CustomFieldInput { return CustomFieldInput{Name: Set(name), Value: Set(value)} }
	tests := map[string]struct {
		in      []CustomFieldInput
		replace bool
		want    string
	}{
		"added":               {[]CustomFieldInput{field("Made in", "Ghent")}, false, "101 Bulb=E27; 102 Bulb=E14; 103 Made in=Ghent; "},
		"the same again":      {[]CustomFieldInput{field("Bulb", "E14")}, false, "101 Bulb=E27; 102 Bulb=E14; "},
		"by id":               {[]CustomFieldInput{{ID: 102, Value: Set("G9")}}, false, "101 Bulb=E27; 102 Bulb=G9; "},
		"the whole list":      {[]CustomFieldInput{field("Bulb", "G9")}, true, "101 Bulb=G9; "},
		"the whole list, two": {[]CustomFieldInput{field("Bulb", "a"), field("Bulb", "b"), field("Bulb", "c")}, true, "101 Bulb=a; 102 Bulb=b; 103 Bulb=c; "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := mug(t)
			p.CustomFields = []CustomField{{101, "Bulb", "E27"}, {102, "Bulb", "E14"}}
			if err := changed(p, func(e *edit) { e.applyCustomFields(tt.in, tt.replace) }); err != nil {
				t.Fatal(err)
			}
			numbered(t, p)
			var got strings.Builder
			for _, f := range p.CustomFields {
				_, _ = fmt.Fprintf(&got, "%d %s=%s; ", f.ID, f.Name, f.Value)
			}
			if got.String() != tt.want {
				t.Errorf("got %s", got.String())
			}
		})
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Desk lamp":         "/desk-lamp/",
		"Café Table, 2 m":   "/cafe-table-2-m/",
		"  --Hi--  ":        "/hi/",
		"Bulb's holder":     "/bulbs-holder/",
		"Ünïcödé ÅÇ":        "/unicode-ac/",
		"緑茶 100g":           "/緑茶-100g/",
		"!!!":               "/item/",
		"A/B?c=d#e":         "/a-b-c-d-e/",
		"100% \"cotton\"\n": "/100-cotton/",
	} {
		if got := Slug(name); got != want {
			t.Errorf("the path of %q is %s, want %s", name, got, want)
		}
	}
	if got := NumberedSlug("Mug", 3); got != "/mug-3/" {
		t.Errorf("the third mug is at %s", got)
	}
	c := &check{}
	if long := Slug(strings.Repeat("緑 ", 500)); c.path("", long) != long || c.err() != nil {
		t.Errorf("a long name makes a path that is refused: %v", c.err())
	}
}

func TestAffectsCarts(t *testing.T) {
	tests := map[string]struct {
		change func(*Product)
		want   bool
	}{
		"price":           {func(p *Product) { p.Price++ }, true},
		"sale price":      {func(p *Product) { p.SalePrice++ }, true},
		"variant price":   {func(p *Product) { p.Variants[0].Price = new(amount("1")) }, true},
		"name":            {func(p *Product) { p.Name = "x" }, true},
		"path":            {func(p *Product) { p.URL = "/x/" }, true},
		"tax class":       {func(p *Product) { p.TaxClassID = NonTaxableClass }, true},
		"brand":           {func(p *Product) { p.BrandID = 3 }, true},
		"categories":      {func(p *Product) { p.Categories = []int64{3} }, true},
		"adjuster":        {func(p *Product) { p.Options[0].Values[0].Adjusters.Price = &Adjuster{Relative, 1} }, true},
		"main picture":    {func(p *Product) { p.Images = []Image{{ID: 1, URL: "/x.png", Thumbnail: true}} }, true},
		"description":     {func(p *Product) { p.Description = "x" }, false},
		"stock":           {func(p *Product) { p.InventoryLevel, p.InventoryTracking = 3, TrackProduct }, false},
		"cost":            {func(p *Product) { p.CostPrice++ }, false},
		"when it changed": {func(p *Product) { p.Modified = noon.Add(time.Hour) }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := lamp(t)
			after := before.Clone()
			tt.change(after)
			if got := AffectsCarts(before, after); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
