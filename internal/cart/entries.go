package cart

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"cartwright/internal/catalog"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
	"cartwright/internal/promotion"
)

// Shop is what the rules know of the world: a store's set-up and its catalog
// at one moment. Neither changes while it is used.
type Shop struct {
	Store   *merchant.Store
	Catalog *catalog.Snapshot
	// Offers are the store's promotions and coupons; nil means none.
	Offers *promotion.Offers
	// PublicURL is where this server is reached, without a slash at the end.
	PublicURL string
}

// touched notes what a request did to lines, for the checks and the journal.
type touched struct {
	created []string
	updated []string
}

func (t *touched) add(lineID string, merged bool) {
	switch {
	case !merged:
		t.created = append(t.created, lineID)
	case !slices.Contains(t.created, lineID) && !slices.Contains(t.updated, lineID):
		t.updated = append(t.updated, lineID)
	}
}

// addEntries puts everything a request adds into the cart. On an error the
// cart is half changed: the caller throws it away.
func addEntries(c *Cart, shop Shop, in Entries) (touched, error) {
	var t touched
	if in.Empty() {
		return t, fault.New(fault.Invalid, "Missing line_items in request body")
	}
	if !shop.Store.AllowPurchasing(c.ChannelID) {
		return t, errPurchasingOff()
	}
	for i := range in.Items {
		line, err := resolveItem(shop, &in.Items[i])
		if err != nil {
			return t, err
		}
		lineID, merged := merge(c, line)
		t.add(lineID, merged)
	}
	for _, item := range in.CustomItems {
		t.add(addCustom(c, item), false)
	}
	for _, item := range in.Certificates {
		if err := checkCertificate(c, shop, item); err != nil {
			return t, err
		}
		t.add(addCertificate(c, item), false)
	}
	if c.ownLines() > MaxLines { // what promotions put in gives way
		return t, fault.Newf(fault.Invalid, "A cart can hold at most %d line items.", MaxLines)
	}
	return t, checkLines(c, shop, append(slices.Clone(t.created), t.updated...))
}

// resolveItem makes a line of one catalog entry.
func resolveItem(shop Shop, in *Item) (Line, error) {
	p := shop.Catalog.Product(in.ProductID)
	if p == nil {
		return Line{}, fault.Newf(fault.Invalid, "Product with id %d could not be found.", in.ProductID)
	}
	v, err := resolveVariant(p, in.VariantID, in.Selections)
	if err != nil {
		return Line{}, err
	}
	selections, err := resolveSelections(p, v, in.Selections)
	if err != nil {
		return Line{}, err
	}
	if err := checkPurchasable(p, v, selections); err != nil {
		return Line{}, err
	}
	line := Line{
		ID: id.UUID(), Kind: Physical, Quantity: in.Quantity,
		ProductID: p.ID, VariantID: v.ID, Selections: selections,
		Override: in.ListPrice, NameSet: in.Name,
	}
	if p.Type == catalog.Digital {
		line.Kind = Digital
	}
	line.Wrapping, err = checkWrapping(shop.Store, p, line, in.Wrapping)
	return line, err
}

// merge adds a line to the cart, or its quantity to the line that is the same
// (spec/01 §3.2).
func merge(c *Cart, line Line) (lineID string, merged bool) {
	for i := range c.Lines {
		if l := &c.Lines[i]; sameItem(l, &line) {
			l.Quantity += line.Quantity
			return l.ID, true
		}
	}
	c.Lines = append(c.Lines, line)
	return line.ID, false
}

func sameItem(a, b *Line) bool {
	return a.IsCatalog() && a.AddedBy == 0 && b.AddedBy == 0 && a.ProductID == b.ProductID && a.VariantID == b.VariantID &&
		a.NameSet == b.NameSet && sameAmount(a.Override, b.Override) &&
		slices.Equal(a.Selections, b.Selections) && sameWrapping(a.Wrapping, b.Wrapping)
}

func sameAmount(a, b *money.Amount) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func sameWrapping(a, b *Wrapping) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Together == b.Together && slices.Equal(a.Details, b.Details)
}

// checkWrapping returns the wrapping as the line keeps it, or why it is not
// allowed (spec/01 §3.3).
func checkWrapping(store *merchant.Store, p *catalog.Product, line Line, w *Wrapping) (*Wrapping, error) {
	if w == nil || len(w.Details) == 0 {
		return nil, nil
	}
	if line.Kind != Physical || p.GiftWrapping == catalog.WrapNone {
		return nil, fault.Newf(fault.Invalid, "Gift wrapping is not available for %s.", p.Name)
	}
	if w.Together && len(w.Details) > 1 {
		return nil, fault.Field("gift_wrapping.wrap_details", fault.Max)
	}
	if int64(len(w.Details)) > line.Quantity {
		return nil, fault.Field("gift_wrapping.wrap_details", fault.Max)
	}
	for _, d := range w.Details {
		wrap := store.GiftWrap(d.ID)
		listed := p.GiftWrapping != catalog.WrapList || slices.Contains(p.GiftWrappingList, d.ID)
		if wrap == nil || !wrap.Visible || !listed {
			return nil, fault.Newf(fault.Invalid, "Gift wrapping option %d is not available for %s.", d.ID, p.Name)
		}
		if d.Message != "" && !wrap.AllowComments {
			return nil, fault.Newf(fault.Invalid, "Gift wrapping option %d does not take a message.", d.ID)
		}
	}
	return w, nil
}

func addCustom(c *Cart, in CustomItem) string {
	line := Line{
		ID: id.UUID(), Kind: Custom, Quantity: in.Quantity,
		Name: in.Name, SKU: in.SKU, ImageURL: in.ImageURL, ListPrice: in.ListPrice,
	}
	c.Lines = append(c.Lines, line)
	return line.ID
}

func addCertificate(c *Cart, in GiftItem) string {
	line := Line{ID: id.UUID(), Kind: Gift}
	setCertificate(&line, in)
	c.Lines = append(c.Lines, line)
	return line.ID
}

func setCertificate(l *Line, in GiftItem) {
	cert := in.Certificate
	l.Name, l.Quantity, l.Gift = in.Name, in.Quantity, &cert
}

// themes are the vendor's gift certificate designs (spec/01 §6).
var themes = []string{"Birthday", "Boy", "Celebration", "Christmas", "General", "Girl"}

// Theme returns the vendor's present spelling of a theme, which older clients
// write as a file name, or "" when there is no such theme.
func Theme(s string) string {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), ".html")
	for _, t := range themes {
		if strings.EqualFold(t, s) {
			return t
		}
	}
	return ""
}

// checkCertificate applies the bounds of spec/01 §6, which are stated in the
// store's default currency.
func checkCertificate(c *Cart, shop Shop, in GiftItem) error {
	currency := shop.Store.Currency(c.Currency)
	if currency == nil {
		return fault.Newf(fault.Invalid, "Currency %s is not available.", c.Currency)
	}
	amount, err := currency.Rate.ToDefault(in.Amount)
	if err != nil || amount < 1*money.Unit || amount > 1000*money.Unit {
		return fault.Newf(fault.Invalid, "The amount of a gift certificate must be between 1 and 1000 in %s.",
			shop.Store.DefaultCurrency().Code)
	}
	for field, address := range map[string]string{"sender": in.Sender.Email, "recipient": in.Recipient.Email} {
		if !ValidEmail(address) {
			return fault.Field("gift_certificates."+field+".email", fault.Email)
		}
	}
	return nil
}

// ValidEmail reports whether s is one bare mail address.
func ValidEmail(s string) bool {
	if len(s) > 250 || !utf8.ValidString(s) || strings.ContainsAny(s, " \t\r\n<>,;") {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	return at > 0 && strings.Contains(s[at:], ".")
}

// updateLine changes one line (spec/01 §11, C6).
func updateLine(c *Cart, shop Shop, lineID string, in LineUpdate) error {
	l := c.Line(lineID)
	if l == nil {
		return &fault.Error{Kind: fault.NotFound}
	}
	switch {
	case l.AddedBy != 0:
		return errAddedByPromotion()
	case l.Kind == Custom || in.Custom:
		return fault.New(fault.Invalid, "Custom items cannot be updated.")
	case l.Kind == Gift:
		return replaceCertificate(c, shop, l, in.Certificate)
	case in.Certificate != nil:
		return fault.Field("line_item", fault.Missing)
	case in.ProductID != 0 && in.ProductID != l.ProductID:
		return required("product_id", fmt.Sprintf("Line item %s is for product %d", l.ID, l.ProductID))
	case in.VariantID != 0 && in.VariantID != l.VariantID:
		return required("variant", "The variant of a line item cannot be changed")
	}
	before := *l
	if in.Quantity != nil {
		l.Quantity = *in.Quantity
	}
	if in.ListPrice != nil {
		l.Override = in.ListPrice
	}
	// Taking units out is always allowed; anything else is buying, with its
	// checks (spec/01 §3.4).
	if l.Quantity > before.Quantity || in.ListPrice != nil || in.Selections != nil || in.SetWrapping {
		if err := checkBuying(c, shop, l); err != nil {
			return err
		}
	}
	if err := rechooseLine(shop, l, in); err != nil {
		return err
	}
	unwrapSurplus(l)
	if err := checkQuantityLimits(c, shop, l); err != nil {
		return err
	}
	if l.Quantity > before.Quantity || !slices.Equal(before.Selections, l.Selections) {
		return checkStock(c, shop, l)
	}
	return nil
}

// checkBuying refuses a line whose product may not be bought any more.
func checkBuying(c *Cart, shop Shop, l *Line) error {
	if !shop.Store.AllowPurchasing(c.ChannelID) {
		return errPurchasingOff()
	}
	p := shop.Catalog.Product(l.ProductID)
	if p == nil || p.Variant(l.VariantID) == nil {
		return productGone(l.ProductID)
	}
	return checkPurchasable(p, p.Variant(l.VariantID), l.Selections)
}

// unwrapSurplus drops the wrappings of units that were taken out.
func unwrapSurplus(l *Line) {
	if w := l.Wrapping; w != nil && int64(len(w.Details)) > l.Quantity {
		l.Wrapping = &Wrapping{Together: w.Together, Details: w.Details[:l.Quantity]}
	}
}

// rechooseLine applies new modifier selections and wrapping to a line.
// Selections that the request does not name stay as they are.
func rechooseLine(shop Shop, l *Line, in LineUpdate) error {
	p := shop.Catalog.Product(l.ProductID)
	if p == nil {
		return nil // only units are taken out: checkBuying has seen to it
	}
	if in.Selections != nil {
		v := p.Variant(l.VariantID)
		choices := append(keptChoices(p, l, in.Selections), in.Selections...)
		if _, err := resolveVariant(p, v.ID, choices); err != nil {
			return err
		}
		selections, err := resolveSelections(p, v, choices)
		if err != nil {
			return err
		}
		if err := checkPurchasable(p, v, selections); err != nil {
			return err
		}
		l.Selections = selections
	}
	if in.SetWrapping {
		w, err := checkWrapping(shop.Store, p, *l, in.Wrapping)
		if err != nil {
			return err
		}
		l.Wrapping = w
	}
	return nil
}

func replaceCertificate(c *Cart, shop Shop, l *Line, in *GiftItem) error {
	if in == nil {
		return fault.Field("gift_certificates", fault.Missing)
	}
	if err := checkCertificate(c, shop, *in); err != nil {
		return err
	}
	setCertificate(l, *in)
	return nil
}
