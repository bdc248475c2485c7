package catalog

import (
	"context"
	"slices"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
)

// Storage keeps catalogs. Every method that writes returns once the write is
// durable, and a snapshot that is read afterwards shows it. References that a
// write adds are checked in it: a brand, category or listed product that does
// not exist is an Invalid fault.
type Storage interface {
	// CreateProduct stores a new product under new ids. Without a URL it makes
	// one from the name. A name, URL or SKU that is taken is a Conflict fault.
	CreateProduct(ctx context.Context, store string, p *Product) (*Product, error)
	// UpdateProduct loads a product, calls change with a copy and writes what
	// change made of it. change may be called again, so it must not do anything
	// else. It returns a NotFound fault when there is no such product.
	UpdateProduct(ctx context.Context, store string, id int64, change func(*Product) error) (*Product, error)
	// UpdateProducts does the same with several products at once: either all
	// are written or none is.
	UpdateProducts(ctx context.Context, store string, ids []int64, change func(map[int64]*Product) error) ([]*Product, error)
	// DeleteProducts removes products and returns how many of them there were.
	DeleteProducts(ctx context.Context, store string, ids []int64) (int, error)
	// AdjustStock changes stock levels, either all or none. A level that would
	// leave its bounds is an Invalid fault.
	AdjustStock(ctx context.Context, store string, changes []StockChange, a Adjustment) (Adjustment, error)

	// ListBrands returns the brands of a store by their ids.
	ListBrands(ctx context.Context, store string) ([]*Brand, error)
	// SaveBrand calls change with a copy of a brand, or with a new one for id 0,
	// and writes it. A name that is taken is a Conflict fault.
	SaveBrand(ctx context.Context, store string, id int64, change func(*Brand) error) (*Brand, error)
	// DeleteBrand removes a brand; it returns a NotFound fault when there is none.
	DeleteBrand(ctx context.Context, store string, id int64) error

	// ListCategories returns the categories of a store by their ids.
	ListCategories(ctx context.Context, store string) ([]*Category, error)
	// SaveCategory does for a category what SaveBrand does for a brand. A parent
	// that does not exist, or stands below the category, is an Invalid fault.
	SaveCategory(ctx context.Context, store string, id int64, change func(*Category) error) (*Category, error)
	// DeleteCategory removes a category; one with others below it is refused.
	DeleteCategory(ctx context.Context, store string, id int64) error

	ImportStorage
}

// Snapshots gives the catalog of a store as it is in memory.
type Snapshots interface {
	// Catalog may be up to two seconds behind what other processes wrote. It
	// returns a NotFound fault for an unknown store.
	Catalog(ctx context.Context, store string) (*Snapshot, error)
	// FreshCatalog asks the database first.
	FreshCatalog(ctx context.Context, store string) (*Snapshot, error)
}

// Service is what the surfaces and the command line call.
type Service struct {
	storage   Storage
	snapshots Snapshots
	clock     clock.Clock
}

// NewService returns a service on these parts.
func NewService(storage Storage, snapshots Snapshots, c clock.Clock) *Service {
	return &Service{storage: storage, snapshots: snapshots, clock: c}
}

// now is the present to the millisecond, the precision that is kept.
func (s *Service) now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

func errNotFound() error { return fault.New(fault.NotFound, fault.TitleNotFound) }

// Product returns a product, which must not be changed. It returns a NotFound
// fault when there is none. What is not in memory is looked up (decisions 5).
func (s *Service) Product(ctx context.Context, store string, id int64) (*Product, error) {
	snap, err := s.snapshots.Catalog(ctx, store)
	if err != nil {
		return nil, err
	}
	if p := snap.Product(id); p != nil {
		return p, nil
	}
	if snap, err = s.snapshots.FreshCatalog(ctx, store); err != nil {
		return nil, err
	}
	if p := snap.Product(id); p != nil {
		return p, nil
	}
	return nil, errNotFound()
}

// Products returns the products that match, in the order asked for. They must
// not be changed.
func (s *Service) Products(ctx context.Context, store string, q ProductQuery) ([]*Product, error) {
	snap, err := s.snapshots.Catalog(ctx, store)
	if err != nil {
		return nil, err
	}
	return q.run(snap), nil
}

// Create makes a product.
func (s *Service) Create(ctx context.Context, store string, in ProductInput) (*Product, error) {
	p, err := newProduct(in, s.now())
	if err != nil {
		return nil, err
	}
	return s.storage.CreateProduct(ctx, store, p)
}

// Update changes a product.
func (s *Service) Update(ctx context.Context, store string, id int64, in ProductInput) (*Product, error) {
	now := s.now()
	return s.storage.UpdateProduct(ctx, store, id, func(p *Product) error { return updateProduct(p, in, "", now) })
}

// ProductChange is one entry of an update of several products.
type ProductChange struct {
	ID int64
	ProductInput
}

// UpdateMany changes several products; either all changes are applied or none
// is. What is wrong is named by the place in the list.
func (s *Service) UpdateMany(ctx context.Context, store string, changes []ProductChange) ([]*Product, error) {
	now := s.now()
	ids := make([]int64, len(changes))
	for i, c := range changes {
		ids[i] = c.ID
	}
	return s.storage.UpdateProducts(ctx, store, distinct(ids), func(products map[int64]*Product) error {
		for i, c := range changes {
			if err := updateProduct(products[c.ID], c.ProductInput, at("", i)+".", now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Delete removes a product. Lines of carts that refer to it stay
// (decisions 13).
func (s *Service) Delete(ctx context.Context, store string, id int64) error {
	n, err := s.storage.DeleteProducts(ctx, store, []int64{id})
	if err == nil && n == 0 {
		return errNotFound()
	}
	return err
}

// DeleteMany removes the products that there are among ids.
func (s *Service) DeleteMany(ctx context.Context, store string, ids []int64) error {
	_, err := s.storage.DeleteProducts(ctx, store, distinct(ids))
	return err
}

// edit changes one product.
func (s *Service) edit(ctx context.Context, store string, productID int64, change func(*edit) error) (*Product, error) {
	now := s.now()
	return s.storage.UpdateProduct(ctx, store, productID, func(p *Product) error {
		e := newEdit(p, now)
		if err := change(e); err != nil {
			return err
		}
		return e.done()
	})
}

// AddImage puts a picture on a product; it is the newest of the result.
func (s *Service) AddImage(ctx context.Context, store string, productID int64, in ImageInput) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		e.addImage(in, "")
		return nil
	})
}

// UpdateImage changes a picture.
func (s *Service) UpdateImage(ctx context.Context, store string, productID, id int64, in ImageInput) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		img := e.p.Image(id)
		if img == nil {
			return errNotFound()
		}
		e.putImage(img, in, "")
		return nil
	})
}

// RemoveImage takes a picture off a product.
func (s *Service) RemoveImage(ctx context.Context, store string, productID, id int64) error {
	_, err := s.edit(ctx, store, productID, func(e *edit) error {
		if e.p.Image(id) == nil {
			return errNotFound()
		}
		e.p.Images = slices.DeleteFunc(e.p.Images, func(img Image) bool { return img.ID == id })
		return nil
	})
	return err
}

// AddCustomField puts a custom field on a product; it is the newest of the
// result.
func (s *Service) AddCustomField(ctx context.Context, store string, productID int64, in CustomFieldInput) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		if e.customFieldFor(in, false, nil) != nil {
			return Duplicate("name", "The product has this custom field already")
		}
		e.addCustomField(in, "")
		return nil
	})
}

// UpdateCustomField changes a custom field.
func (s *Service) UpdateCustomField(ctx context.Context, store string, productID, id int64, in CustomFieldInput) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		f := e.p.CustomField(id)
		if f == nil {
			return errNotFound()
		}
		e.putCustomField(f, in, "")
		return nil
	})
}

// RemoveCustomField takes a custom field off a product.
func (s *Service) RemoveCustomField(ctx context.Context, store string, productID, id int64) error {
	_, err := s.edit(ctx, store, productID, func(e *edit) error {
		if e.p.CustomField(id) == nil {
			return errNotFound()
		}
		e.p.CustomFields = slices.DeleteFunc(e.p.CustomFields, func(f CustomField) bool { return f.ID == id })
		return nil
	})
	return err
}
