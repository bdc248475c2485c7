package catalog

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestRandomEditsKeepTheProductWhole draws sequences of edits and checks after
// each what always holds of a product, whether the edit was refused or not.
func TestRandomEditsKeepTheProductWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := int64(0)
		next := func(_ string, n int64) (int64, error) { last += n; return last - n + 1, nil }
		p, err := newProduct(ProductInput{Name: Set("Mug")}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if err := Number([]*Product{p}, next); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 25).Draw(t, "edits") {
			before := p.Clone()
			text, _ := json.Marshal(p)
			after := p.Clone()
			e := newEdit(after, noon)
			randomEdit(t, e)
			if e.done() != nil {
				continue // the storage drops what was refused
			}
			if err := Number([]*Product{after}, next); err != nil {
				t.Fatal(err)
			}
			if now, _ := json.Marshal(before); string(now) != string(text) {
				t.Fatal("an edit of a clone changed the original")
			}
			p = after
			checkWhole(t, p)
		}
	})
}

func randomEdit(t *rapid.T, e *edit) {
	label := func(kind string) string { return fmt.Sprintf("%s%d", kind, rapid.IntRange(0, 4).Draw(t, kind)) }
	pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "which") }
	switch rapid.IntRange(0, 10).Draw(t, "edit") {
	case 0:
		in := OptionInput{DisplayName: Set(label("option")), Type: Set(Dropdown), SortOrder: Set(int64(pick(3)))}
		for range pick(3) {
			in.Values.Given = true
			in.Values.Value = append(in.Values.Value, ValueInput{Label: Set(label("value")), Default: Set(pick(2) == 0)})
		}
		e.addOption(in)
	case 1:
		if n := len(e.p.Options); n > 0 {
			e.removeOption(e.p.Options[pick(n)].ID)
		}
	case 2, 3:
		if n := len(e.p.Options); n > 0 {
			e.addValue(e.p.Options[pick(n)].choices(), ValueInput{Label: Set(label("value")), Default: Set(pick(2) == 0)}, "")
		}
	case 4:
		if n := len(e.p.Options); n > 0 {
			if o := &e.p.Options[pick(n)]; len(o.Values) > 0 {
				e.removeOptionValue(o, o.Values[pick(len(o.Values))].ID)
			}
		}
	case 5, 6, 7:
		in := VariantInput{SKU: Set(label("sku"))}
		for i := range e.p.Options {
			if o := &e.p.Options[i]; len(o.Values) > 0 {
				in.Values = append(in.Values, VariantValue{o.ID, o.Values[pick(len(o.Values))].ID})
			}
		}
		e.addVariant(in, "")
	case 8:
		e.removeVariant(e.p.Variants[pick(len(e.p.Variants))].ID)
	case 9:
		e.addImage(ImageInput{URL: Set("/" + label("image")), Thumbnail: Set(pick(2) == 0)}, "")
	case 10:
		e.addModifier(ModifierInput{DisplayName: Set(label("modifier")), Type: Set(modifierTypes[pick(len(modifierTypes))]), Required: Set(true)}, "")
	}
}

func checkWhole(t *rapid.T, p *Product) {
	if len(p.Variants) == 0 {
		t.Fatal("the product has no variant")
	}
	choosable := 0
	for i := range p.Options {
		o := &p.Options[i]
		if len(o.Values) > 0 {
			choosable++
		}
		defaults := 0
		for _, v := range o.Values {
			if v.Default {
				defaults++
			}
		}
		if defaults > 1 {
			t.Fatalf("option %d has %d defaults", o.ID, defaults)
		}
	}
	for i, v := range p.Variants {
		if n := len(v.OptionValues); n != choosable && (n != 0 || len(p.Variants) > 1) {
			t.Fatalf("variant %+v of %d options with values", v, choosable)
		}
		for _, ov := range v.OptionValues {
			if o := p.Option(ov.OptionID); o == nil || o.Value(ov.ValueID) == nil {
				t.Fatalf("variant %+v stands for what is not there", v)
			}
		}
		for _, other := range p.Variants[:i] {
			if sameValues(v.OptionValues, other.OptionValues) {
				t.Fatalf("twice the same variant: %+v", v)
			}
			if v.SKU != "" && v.SKU == other.SKU {
				t.Fatalf("twice the SKU %s", v.SKU)
			}
		}
	}
	for _, m := range p.Modifiers {
		if m.Type == Checkbox && len(m.Values) != 2 {
			t.Fatalf("checkbox with %d values", len(m.Values))
		}
	}
	mains := 0
	for _, img := range p.Images {
		if img.Thumbnail {
			mains++
		}
	}
	if len(p.Images) > 0 && mains != 1 {
		t.Fatalf("%d pictures stand for the product", mains)
	}
	p.eachID(func(kind string, id *int64) {
		if *id <= 0 {
			t.Fatalf("a %s has no id", kind)
		}
	})
}
