package cart

import "cartwright/internal/money"

// Draft is what a request puts into a new cart (spec/01 §2).
type Draft struct {
	CustomerID   int64
	ChannelID    int64  // 0 means the default channel
	Currency     string // "" means the channel's default
	Locale       string // "" means the channel's default
	Items        []Item
	CustomItems  []CustomItem
	Certificates []GiftItem
}

// Entries is what a request adds to a cart.
type Entries struct {
	Items        []Item
	CustomItems  []CustomItem
	Certificates []GiftItem
}

// Item is one catalog entry of a request (spec/01 §3).
type Item struct {
	ProductID  int64
	VariantID  int64 // 0 means to be found
	Quantity   int64
	ListPrice  *money.Amount
	Name       string
	Selections []Choice
	Wrapping   *Wrapping
}

// Choice is one option selection of a request. NameSet and ValueSet override
// what is shown; they never select anything.
type Choice struct {
	OptionID int64
	Value    OptionInput
	NameSet  string
	ValueSet string
}

// InputKind says what JSON type an option value came as.
type InputKind int

// The JSON types an option value may have (spec/01 §4).
const (
	InputNone InputKind = iota
	InputText
	InputNumber
	InputBool
	InputObject
)

// OptionInput is an option value as the client wrote it.
type OptionInput struct {
	Kind InputKind
	// Text is the string, or the digits of the number.
	Text string
	Bool bool
	// Fields holds the members of an object, numbers as their digits.
	Fields map[string]string
}

// CustomItem is an entry that is not in the catalog (spec/01 §5).
type CustomItem struct {
	Name      string
	SKU       string
	Quantity  int64
	ListPrice money.Amount
	ImageURL  string
}

// GiftItem is a gift certificate to buy (spec/01 §6).
type GiftItem struct {
	Name     string
	Quantity int64
	Certificate
}

// LineUpdate is what a request changes of one line (spec/01 §11, C6). Nil
// fields stay as they are.
type LineUpdate struct {
	ProductID  int64
	VariantID  int64
	Quantity   *int64
	ListPrice  *money.Amount
	Selections []Choice
	// SetWrapping says that Wrapping is meant, nil included.
	SetWrapping bool
	Wrapping    *Wrapping
	// Certificate replaces a gift line.
	Certificate *GiftItem
	// Custom says that the request tried to change a custom item.
	Custom bool
}

// Empty reports whether there is nothing to add.
func (e Entries) Empty() bool {
	return len(e.Items) == 0 && len(e.CustomItems) == 0 && len(e.Certificates) == 0
}
