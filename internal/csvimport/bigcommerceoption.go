package csvimport

import (
	"regexp"
	"slices"
	"strings"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// choiceTag is the mark that stands before a choice: [RB]Size=Small. The
// letters are the vendor's short names of the types of options.
var choiceTag = regexp.MustCompile(`\[(RB|RT|S|CS|P|PI|C)\]`)

var choiceTypes = map[string]string{
	"RB": catalog.RadioButtons, "RT": catalog.Rectangles, "S": catalog.Dropdown, "CS": catalog.Swatch,
	// The products of a pick list are not told by name; its labels are.
	"P": catalog.Dropdown, "PI": catalog.Dropdown,
}

// choice is one choice of a SKU or a Rule.
type choice struct {
	kind   string // a type of an option; "" for a checkbox, which is a modifier
	option string
	label  string
	colors []string
}

// choices reads "[RB]Size=Small,[CS]Colour=Red:#cc0000"; ok is false when the
// cell cannot be read.
func (b *bigcommerceReader) choices(r row) (all []choice, ok bool) {
	text := r.text(b.name)
	tags := choiceTag.FindAllStringSubmatchIndex(text, -1)
	if len(tags) == 0 || tags[0][0] != 0 {
		b.bad(r, b.name, "%q cannot be read: write the choices of the variant, such as [RB]Size=Small,[CS]Colour=Red:#cc0000", shorten(text))
		return nil, false
	}
	for i, tag := range tags {
		end := len(text)
		if i+1 < len(tags) {
			end = tags[i+1][0]
		}
		part := strings.Trim(text[tag[1]:end], ", ")
		option, label, found := strings.Cut(part, "=")
		c := choice{kind: choiceTypes[text[tag[2]:tag[3]]], option: strings.TrimSpace(option), label: strings.TrimSpace(label)}
		if c.kind == catalog.Swatch {
			c.label, c.colors = swatch(c.label)
		}
		if !found || c.option == "" || c.label == "" {
			b.bad(r, b.name, "%q cannot be read: write the option and its value, such as [RB]Size=Small", shorten(part))
			return nil, false
		}
		all = append(all, c)
	}
	return all, true
}

var swatchColors = regexp.MustCompile(`^(.+?):((?:#[0-9A-Fa-f]{6})(?:[:|,]#[0-9A-Fa-f]{6})*)$`)

// swatch cuts the colours off a value: "Red:#cc0000".
func swatch(value string) (label string, colors []string) {
	m := swatchColors.FindStringSubmatch(value)
	if m == nil {
		return value, nil
	}
	return strings.TrimSpace(m[1]), strings.FieldsFunc(m[2], func(c rune) bool { return strings.ContainsRune(":|,", c) })
}

// offered is a variant in the making: what rules change is kept apart until
// all of them were read.
type offered struct {
	catalog.VariantInput
	row           row
	sku           string
	price, weight money.Amount
	sale          money.Amount
	priced        bool // differs from the product
	weighed       bool
	settled       bool // a rule said that no other follows
}

// variants reads the SKU and Rule rows of a product.
func (b *bigcommerceReader) variants(r row, p *catalog.ProductInput, below []row) {
	var all []*offered
	var options []catalog.OptionInput
	for _, row := range below {
		switch kind := strings.ToUpper(row.text(b.item)); kind {
		case "SKU":
			if v := b.variant(row, p, &options); v != nil {
				all = append(all, v)
			}
		case "RULE":
		default:
			b.bad(row, b.item, "%q is not known: write Product, SKU or Rule", shorten(kind))
		}
	}
	b.checkVariants(all, options)
	for _, row := range below {
		if strings.EqualFold(row.text(b.item), "Rule") {
			b.rule(row, all)
		}
	}
	if b.tracking.index >= 0 && p.InventoryTracking.Value == catalog.TrackVariant && len(all) == 0 {
		b.bad(r, b.tracking, "stock is tracked by option, but no SKU row follows: write by product, or add the SKU rows")
	}
	if len(all) == 0 {
		// One without labels: options that were there go.
		p.Variants = catalog.Set([]catalog.VariantInput{{BinPicking: given(r.text(b.bin), b.bin)}})
		return
	}
	inputs := make([]catalog.VariantInput, len(all))
	for i, v := range all {
		inputs[i] = v.finish()
	}
	p.Options, p.Variants = catalog.Set(options), catalog.Set(inputs)
}

// variant reads a SKU row, and adds what is new in it to the options.
func (b *bigcommerceReader) variant(r row, p *catalog.ProductInput, options *[]catalog.OptionInput) *offered {
	choices, ok := b.choices(r)
	if !ok {
		return nil
	}
	v := &offered{row: r, sku: r.text(b.sku), price: p.Price.Value, sale: p.SalePrice.Value, weight: p.Weight.Value}
	for _, c := range choices {
		if c.kind == "" {
			b.note(r.line, "the checkbox %q is a modifier: the row is left out; make the modifier by hand", shorten(c.option))
			return nil
		}
		addChoice(options, c)
		v.Labels = append(v.Labels, catalog.ValueLabel{Option: c.option, Label: c.label})
	}
	if price := b.own(r, b.price); price != nil && *price > 0 {
		v.price, v.sale, v.priced = *price, 0, true
	}
	if sale := b.own(r, b.sale); sale != nil && *sale > 0 {
		v.sale, v.priced = *sale, true
	}
	if weight := b.own(r, b.weight); weight != nil && *weight > 0 {
		v.weight, v.weighed = *weight, true
	}
	v.SKU = given(b.skuOf(r), b.sku)
	v.CostPrice = given(positive(b.own(r, b.cost)), b.cost)
	v.BinPicking = given(r.text(b.bin), b.bin)
	v.UPC, v.GTIN, v.MPN = given(r.text(b.upc), b.upc), given(r.text(b.gtin), b.gtin), given(r.text(b.mpn), b.mpn)
	if p.InventoryTracking.Value == catalog.TrackVariant {
		v.InventoryLevel = b.levelOf(r, b.level)
	}
	v.InventoryWarningLevel = b.levelOf(r, b.lowLevel)
	v.ImageURL = b.pictureOf(r)
	if b.purchasable.index >= 0 {
		v.PurchasingDisabled = catalog.Set(!b.flag(r, b.purchasable, true))
	}
	return v
}

func positive(a *money.Amount) *money.Amount {
	if a == nil || *a == 0 {
		return nil
	}
	return a
}

func (b *bigcommerceReader) pictureOf(r row) catalog.Field[string] {
	if len(b.imageFile) == 0 {
		return catalog.Field[string]{}
	}
	return catalog.Set(b.pictureAt(r, 0))
}

// addChoice adds an option or a value that was not met before.
func addChoice(options *[]catalog.OptionInput, c choice) {
	i := slices.IndexFunc(*options, func(o catalog.OptionInput) bool { return o.DisplayName.Value == c.option })
	if i < 0 {
		i = len(*options)
		*options = append(*options, catalog.OptionInput{
			DisplayName: catalog.Set(c.option), Type: catalog.Set(c.kind), SortOrder: catalog.Set(int64(i)),
			Values: catalog.Set([]catalog.ValueInput(nil)),
		})
	}
	values := &(*options)[i].Values.Value
	if slices.ContainsFunc(*values, func(v catalog.ValueInput) bool { return v.Label.Value == c.label }) {
		return
	}
	value := catalog.ValueInput{Label: catalog.Set(c.label), SortOrder: catalog.Set(int64(len(*values)))}
	if c.colors != nil {
		value.Data = catalog.Set(catalog.ValueData{Colors: c.colors})
	}
	*values = append(*values, value)
}

// checkVariants wants a value of every option for every variant, and no two
// variants alike. The labels are put in the order of the options.
func (b *bigcommerceReader) checkVariants(all []*offered, options []catalog.OptionInput) {
	taken := map[string]int{}
	for _, v := range all {
		ordered := make([]catalog.ValueLabel, 0, len(options))
		key := ""
		for _, o := range options {
			name := o.DisplayName.Value
			n := slices.IndexFunc(v.Labels, func(l catalog.ValueLabel) bool { return l.Option == name })
			if n < 0 {
				b.bad(v.row, b.name, "the variant has no value of the option %s, which others have: add it", shorten(name))
				continue
			}
			ordered = append(ordered, v.Labels[n])
			key += v.Labels[n].Label + "\x00"
		}
		if len(v.Labels) > len(ordered) && len(ordered) == len(options) {
			b.bad(v.row, b.name, "the variant names an option twice: keep one value of each")
		}
		if line, twice := taken[key]; twice {
			b.bad(v.row, b.name, "the variant %s is on line %d already: remove one of the two", describe(ordered), line)
		}
		taken[key] = v.row.line
		v.Labels = ordered
	}
}

// rule applies a Rule row to the variants that it is about: those of its SKU,
// or all that its choices fit.
func (b *bigcommerceReader) rule(r row, all []*offered) {
	var meant func(*offered) bool
	if sku := r.text(b.sku); sku != "" {
		meant = func(v *offered) bool { return v.sku == sku }
	} else {
		choices, ok := b.choices(r)
		if !ok {
			return
		}
		meant = func(v *offered) bool { return v.fits(choices) }
	}
	found := false
	for _, v := range all {
		if !meant(v) {
			continue
		}
		found = true
		if !v.settled {
			b.applyRule(r, v)
		}
	}
	if !found {
		b.note(r.line, "the rule is about no variant of the file, so perhaps about a modifier: left out")
	}
}

func (v *offered) fits(choices []choice) bool {
	for _, c := range choices {
		if !slices.Contains(v.Labels, catalog.ValueLabel{Option: c.option, Label: c.label}) {
			return false
		}
	}
	return true
}

func (b *bigcommerceReader) applyRule(r row, v *offered) {
	if kind, a, ok := b.adjustment(r, b.price); ok {
		v.priced = true
		if kind == fixed {
			v.price, v.sale = a, 0
		} else {
			v.price = max(v.price+a, 0)
			if v.sale > 0 {
				v.sale = max(v.sale+a, 0)
			}
		}
	}
	if kind, a, ok := b.adjustment(r, b.weight); ok {
		v.weighed = true
		if kind == fixed {
			v.weight = a
		} else {
			v.weight = max(v.weight+a, 0)
		}
	}
	if !b.flag(r, b.purchasable, true) {
		v.PurchasingDisabled = catalog.Set(true)
	}
	if picture := b.pictureOf(r); picture.Value != "" {
		v.ImageURL = picture
	}
	v.settled = b.flag(r, b.stop, false)
}

// The two ways in which a rule changes a number.
const (
	relative = iota
	fixed
)

// adjustment reads "[ADD]5", "[REMOVE]5" or "[FIXED]20"; ok is false for an
// empty cell.
func (b *bigcommerceReader) adjustment(r row, c column) (kind int, a money.Amount, ok bool) {
	text := r.text(c)
	if text == "" {
		return 0, 0, false
	}
	number, sign := text, money.Amount(1)
	kind = fixed
	switch upper := strings.ToUpper(text); {
	case strings.HasPrefix(upper, "[ADD]"):
		kind, number = relative, text[len("[ADD]"):]
	case strings.HasPrefix(upper, "[REMOVE]"):
		kind, number, sign = relative, text[len("[REMOVE]"):], -1
	case strings.HasPrefix(upper, "[FIXED]"):
		number = text[len("[FIXED]"):]
	}
	a, err := money.Parse(strings.TrimSpace(number))
	if err != nil || a < 0 {
		b.bad(r, c, "%q cannot be read: write [ADD]5, [REMOVE]5 or [FIXED]20", shorten(text))
		return 0, 0, false
	}
	return kind, sign * a, true
}

// finish writes down what came out of the rules.
func (v *offered) finish() catalog.VariantInput {
	in := v.VariantInput
	in.Price, in.SalePrice = catalog.Set[*money.Amount](nil), catalog.Set[*money.Amount](nil)
	if v.priced {
		in.Price = catalog.Set(&v.price)
		if v.sale > 0 && v.sale < v.price {
			in.SalePrice = catalog.Set(&v.sale)
		}
	}
	in.Weight = catalog.Set[*catalog.Measure](nil)
	if v.weighed {
		in.Weight = catalog.Set(&v.weight)
	}
	return in
}
