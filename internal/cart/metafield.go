package cart

import (
	"context"
	"slices"
	"strings"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
)

// Limits of metafields (spec/01 §14).
const (
	MaxMetafields         = 250 // of a cart
	MaxMetafieldsOfClient = 10  // of a client at one cart
	MaxMetafieldBatch     = 50
)

// PermissionSets are who may see and change a metafield. The two that open it
// to the storefront as well do so for the storefront's own API only.
var PermissionSets = []string{"app_only", "read", "write", "read_and_sf_access", "write_and_sf_access"}

// Metafield is a client's own note on a cart. It outlives the cart.
type Metafield struct {
	ID            int64
	Cart          ID
	Client        string // its owner
	Namespace     string
	Key           string
	Value         string
	Description   string
	PermissionSet string
	Created       time.Time
	Modified      time.Time
}

// Asker is who asks for metafields.
type Asker struct {
	Client string
	// All lifts every restriction: the scope store_metafield_write_all.
	All bool
}

// sees reports whether a metafield exists for the asker.
func (a Asker) sees(m *Metafield) bool {
	return a.All || a.Client == m.Client || m.PermissionSet != "app_only"
}

// changes reports whether the asker may change a metafield.
func (a Asker) changes(m *Metafield) bool {
	return a.All || a.Client == m.Client || strings.HasPrefix(m.PermissionSet, "write")
}

// MetafieldFields is what a request says of a metafield. Nil fields stay as
// they are.
type MetafieldFields struct {
	Namespace     *string
	Key           *string
	Value         *string
	Description   *string
	PermissionSet *string
}

func (m *Metafield) apply(f MetafieldFields) {
	put(&m.Namespace, f.Namespace)
	put(&m.Key, f.Key)
	put(&m.Value, f.Value)
	put(&m.Description, f.Description)
	put(&m.PermissionSet, f.PermissionSet)
}

// put writes a field that a request names.
func put(place, from *string) {
	if from != nil {
		*place = *from
	}
}

// MetafieldEntry is one entry of a request: a metafield to make at a cart, or
// one to change or remove by its id.
type MetafieldEntry struct {
	Cart ID
	ID   int64
	MetafieldFields
	// Wrong says why the entry cannot be read; it is then refused.
	Wrong string
}

// MetafieldResult is what became of the entries of a request.
type MetafieldResult struct {
	// Done are the metafields that were written, as they are now or, when they
	// were removed, as they were.
	Done []Metafield
	// Refused says why the others were not, by their place in the request.
	Refused map[int]string
}

// MetafieldFilter selects metafields. Zero fields select all.
type MetafieldFilter struct {
	Cart       ID // "" means of every cart
	Asker      Asker
	Keys       []string // nil means any
	Namespaces []string
	// Min is the first instant that counts, Before the first that does no more.
	CreatedMin, CreatedBefore   time.Time
	ModifiedMin, ModifiedBefore time.Time
}

// MetafieldStorage keeps metafields.
type MetafieldStorage interface {
	// Metafields returns a part of those that the filter selects and its asker
	// may see.
	Metafields(ctx context.Context, store string, f MetafieldFilter, r cursor.Range) (cursor.Part[Metafield], error)
	// FindMetafield returns a metafield, or nil.
	FindMetafield(ctx context.Context, store string, id int64) (*Metafield, error)
	// UpdateMetafields calls change with a view of the store's metafields and
	// writes what it asks for, with an event for each in the journal of its
	// cart, in one transaction. change may be called again.
	UpdateMetafields(ctx context.Context, store string,
		change func(MetafieldTx) (MetafieldResult, error)) (MetafieldResult, error)
}

// MetafieldTx is one transaction over metafields.
type MetafieldTx interface {
	// Find returns the metafield with this id, or nil.
	Find(id int64) (*Metafield, error)
	// OfCart returns who owns what at a cart: its metafields without their
	// values. Until the transaction ends nobody else writes metafields there.
	OfCart(cartID ID) ([]Metafield, error)
	// Insert stores a new metafield and sets its id.
	Insert(m *Metafield) error
	// Update writes a metafield back.
	Update(m Metafield) error
	// Delete removes a metafield.
	Delete(m Metafield, at time.Time) error
}

// The refusals of metafields.
func errNoMetafield() error { return fault.New(fault.NotFound, fault.TitleNotFound) }

func errNotYours(what string) error {
	return &fault.Error{Kind: fault.Forbidden, Title: "Unauthorized to " + what, Fields: map[string]string{}}
}

func errMetafieldTaken() error {
	return fault.New(fault.Conflict, "A metafield with this key, namespace and permission set already exists for this resource.")
}

// createMetafield makes one metafield at a cart that exists.
func createMetafield(t MetafieldTx, who Asker, e MetafieldEntry, now time.Time) (Metafield, error) {
	m := Metafield{Cart: e.Cart, Client: who.Client, Created: now, Modified: now}
	m.apply(e.MetafieldFields)
	others, err := t.OfCart(m.Cart)
	if err != nil {
		return m, err
	}
	if taken(others, &m) {
		return m, errMetafieldTaken()
	}
	own := 0
	for i := range others {
		if others[i].Client == who.Client {
			own++
		}
	}
	switch {
	case own >= MaxMetafieldsOfClient:
		return m, fault.Newf(fault.Invalid, "A client can have at most %d metafields at one cart.", MaxMetafieldsOfClient)
	case len(others) >= MaxMetafields:
		return m, fault.Newf(fault.Invalid, "A cart can have at most %d metafields.", MaxMetafields)
	}
	return m, t.Insert(&m)
}

// taken reports whether another metafield of the same owner has the namespace
// and key already.
func taken(others []Metafield, m *Metafield) bool {
	return slices.ContainsFunc(others, func(o Metafield) bool {
		return o.ID != m.ID && o.Client == m.Client && o.Namespace == m.Namespace && o.Key == m.Key
	})
}

// findMetafield returns a metafield that the asker may change. cartID may be
// "", which means any.
func findMetafield(t MetafieldTx, who Asker, cartID ID, id int64, what string) (*Metafield, error) {
	m, err := t.Find(id)
	if err != nil {
		return nil, err
	}
	if m == nil || !who.sees(m) || cartID != "" && m.Cart != cartID {
		return nil, errNoMetafield()
	}
	if !who.changes(m) {
		return nil, errNotYours(what)
	}
	return m, nil
}

// updateMetafield changes one metafield.
func updateMetafield(t MetafieldTx, who Asker, e MetafieldEntry, now time.Time) (Metafield, error) {
	m, err := findMetafield(t, who, e.Cart, e.ID, "update")
	if err != nil {
		return Metafield{}, err
	}
	others, err := t.OfCart(m.Cart)
	if err != nil {
		return *m, err
	}
	m.apply(e.MetafieldFields)
	if taken(others, m) {
		return *m, errMetafieldTaken()
	}
	m.Modified = now
	return *m, t.Update(*m)
}

// deleteMetafield removes one metafield.
func deleteMetafield(t MetafieldTx, who Asker, e MetafieldEntry, now time.Time) (Metafield, error) {
	m, err := findMetafield(t, who, e.Cart, e.ID, "delete")
	if err != nil {
		return Metafield{}, err
	}
	return *m, t.Delete(*m, now)
}
