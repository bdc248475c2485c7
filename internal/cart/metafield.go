package cart

import (
	"context"
	"time"
)

// Limits of metafields (spec/01 §14).
const (
	MaxMetafields         = 250
	MaxMetafieldsOfClient = 10
	MaxMetafieldBatch     = 50
)

// Metafield is a client's own note on a cart. It outlives the cart.
type Metafield struct {
	ID            int64
	Cart          ID
	Client        string
	Namespace     string
	Key           string
	Value         string
	Description   string
	PermissionSet string
	Created       time.Time
	Modified      time.Time
}

// MetafieldFilter selects metafields. Zero fields select all.
type MetafieldFilter struct {
	Cart        ID // "" means of every cart
	Client      string
	SeeAll      bool // also those that only their owner may see
	Keys        []string
	Namespaces  []string
	CreatedMin  time.Time
	CreatedMax  time.Time
	ModifiedMin time.Time
	ModifiedMax time.Time
	Descending  bool
	After       int64 // cursor: ids behind this one in the chosen direction
	Before      int64
	Limit       int
	Offset      int
}

// MetafieldStorage keeps metafields.
type MetafieldStorage interface {
	// Metafields returns a page and the number of all that the filter selects
	// without cursor and page.
	Metafields(ctx context.Context, store string, f MetafieldFilter) (page []Metafield, total int, err error)
	// UpdateMetafields calls change with a view of the store's metafields and
	// writes what it asks for, in one transaction.
	UpdateMetafields(ctx context.Context, store string, change func(MetafieldTx) error) error
}

// MetafieldTx is one transaction over metafields.
type MetafieldTx interface {
	// Find returns the metafield with this id, or nil.
	Find(id int64) (*Metafield, error)
	// OfCart returns all metafields of a cart.
	OfCart(cartID ID) ([]Metafield, error)
	// Insert stores a new metafield and sets its id.
	Insert(m *Metafield) error
	Update(m Metafield) error
	Delete(id int64) error
}
