package promotion

import (
	"context"
	"slices"
	"time"

	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
)

// Storage keeps what stores offer. Every method that writes returns once the
// write is durable, and a Shelf that is read afterwards shows it.
type Storage interface {
	Redemptions
	CodeStorage
	CouponStorage

	// CreatePromotion stores a new promotion under a new id.
	CreatePromotion(ctx context.Context, store string, p *Promotion) (*Promotion, error)
	// UpdatePromotion loads a promotion, calls change with it and how often it
	// was used, and writes what change made of it. change may be called again.
	// It returns a NotFound fault when there is no such promotion.
	UpdatePromotion(ctx context.Context, store string, id int64, change func(p *Promotion, used int64) error) (*Promotion, error)
	// DeletePromotions removes promotions, but for those that have codes, and
	// returns the ids of these.
	DeletePromotions(ctx context.Context, store string, ids []int64) (kept []int64, err error)
	// PromotionUses returns how often promotions were used; one that never was
	// is left out.
	PromotionUses(ctx context.Context, store string, ids []int64) (map[int64]int64, error)
	// PutPromotionSettings stores the settings.
	PutPromotionSettings(ctx context.Context, store string, s Settings) (Settings, error)
}

// Shelf is what is in memory of a store: what it offers, and what that refers
// to. It must not be changed.
type Shelf struct {
	Offers  *Offers
	Store   *merchant.Store
	Catalog *catalog.Snapshot
}

// Shelves gives the shelf of a store.
type Shelves interface {
	// Shelf returns a NotFound fault for an unknown store.
	Shelf(ctx context.Context, store string) (Shelf, error)
}

// Service is what the surfaces call.
type Service struct {
	storage Storage
	shelves Shelves
	clock   clock.Clock
}

// NewService returns a service on these parts.
func NewService(storage Storage, shelves Shelves, c clock.Clock) *Service {
	return &Service{storage: storage, shelves: shelves, clock: c}
}

// now is the present to the second: the API shows no fraction, and a promotion
// begins when it says.
func (s *Service) now() time.Time { return s.clock.Now().Truncate(time.Second) }

func errNotFound() error { return fault.New(fault.NotFound, fault.TitleNotFound) }

// Listed is a promotion as it is shown.
type Listed struct {
	*Promotion
	// Shown is Invalid for an enabled promotion that has become unusable, and
	// otherwise its status.
	Shown Status
	Uses  int64
	// Code is that of a promotion with one code, or nil.
	Code *Code
}

// List returns a part of the promotions that a query picks.
func (s *Service) List(ctx context.Context, store string, q Query, r cursor.Range) (cursor.Part[Listed], error) {
	var part cursor.Part[Listed]
	shelf, err := s.shelves.Shelf(ctx, store)
	if err != nil {
		return part, err
	}
	match, err := s.codeFilters(ctx, store, q)
	if err != nil {
		return part, err
	}
	var found []Listed
	for _, p := range shelf.Offers.Promotions() {
		if l := (Listed{Promotion: p, Shown: p.shownStatus(shelf)}); match(p) && q.matches(l) {
			found = append(found, l)
		}
	}
	q.sort(found)
	part.Total = int64(len(found))
	from := min(r.Offset, part.Total)
	part.Entries = found[from:min(from+int64(r.Limit), part.Total)]
	return part, s.complete(ctx, store, part.Entries)
}

// codeFilters looks up what a query asks of codes, which are not in memory.
func (s *Service) codeFilters(ctx context.Context, store string, q Query) (func(*Promotion) bool, error) {
	byCode, byText := []int64{}, []int64{}
	if q.Code != "" {
		code, err := s.storage.FindCode(ctx, store, CodeKey(q.Code))
		if err != nil {
			return nil, err
		}
		if code != nil {
			byCode = append(byCode, code.PromotionID)
		}
	}
	if q.Text != "" {
		ids, err := s.storage.PromotionsByCode(ctx, store, CodeKey(q.Text))
		if err != nil {
			return nil, err
		}
		byText = ids
	}
	return func(p *Promotion) bool {
		return (q.Code == "" || slices.Contains(byCode, p.ID)) &&
			(q.Text == "" || slices.Contains(byText, p.ID) || q.named(p))
	}, nil
}

// complete fills in what is not in memory.
func (s *Service) complete(ctx context.Context, store string, list []Listed) error {
	if len(list) == 0 {
		return nil
	}
	ids, single := make([]int64, len(list)), []int64{}
	for i, l := range list {
		if ids[i] = l.ID; l.CouponType == Single {
			single = append(single, l.ID)
		}
	}
	uses, err := s.storage.PromotionUses(ctx, store, ids)
	if err != nil {
		return err
	}
	codes, err := s.storage.Codes(ctx, store, CodeFilter{Promotions: single}, cursor.Range{Limit: len(single)})
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Uses = uses[list[i].ID]
		for j := range codes.Entries {
			if codes.Entries[j].PromotionID == list[i].ID {
				list[i].Code = &codes.Entries[j]
			}
		}
	}
	return nil
}

// Get returns a promotion, or a NotFound fault.
func (s *Service) Get(ctx context.Context, store string, id int64) (Listed, error) {
	shelf, err := s.shelves.Shelf(ctx, store)
	if err != nil {
		return Listed{}, err
	}
	p := shelf.Offers.Promotion(id)
	if p == nil {
		return Listed{}, errNotFound()
	}
	return s.listed(ctx, store, shelf, p)
}

func (s *Service) listed(ctx context.Context, store string, shelf Shelf, p *Promotion) (Listed, error) {
	list := []Listed{{Promotion: p, Shown: p.shownStatus(shelf)}}
	err := s.complete(ctx, store, list)
	return list[0], err
}

// Create makes a promotion (spec/05 §7.3).
func (s *Service) Create(ctx context.Context, store string, f Fields) (*Promotion, error) {
	shelf, err := s.shelves.Shelf(ctx, store)
	if err != nil {
		return nil, err
	}
	p, err := New(f, shelf, s.now())
	if err != nil {
		return nil, err
	}
	return s.storage.CreatePromotion(ctx, store, p)
}

// Update changes what is given of a promotion.
func (s *Service) Update(ctx context.Context, store string, id int64, f Fields) (Listed, error) {
	shelf, err := s.shelves.Shelf(ctx, store)
	if err != nil {
		return Listed{}, err
	}
	p, err := s.storage.UpdatePromotion(ctx, store, id, func(p *Promotion, used int64) error {
		if err := p.apply(f, shelf); err != nil {
			return err
		}
		p.SwitchOffUsedUp(used)
		return nil
	})
	if err != nil {
		return Listed{}, err
	}
	return s.listed(ctx, store, shelf, p)
}

// Delete removes promotions. One that has codes stays, and is named in the
// result; one that is not there is passed over.
func (s *Service) Delete(ctx context.Context, store string, ids []int64) (kept []int64, err error) {
	return s.storage.DeletePromotions(ctx, store, ids)
}

// Settings returns the settings of a store.
func (s *Service) Settings(ctx context.Context, store string) (Settings, error) {
	shelf, err := s.shelves.Shelf(ctx, store)
	if err != nil {
		return Settings{}, err
	}
	return shelf.Offers.Settings, nil
}

// PutSettings changes the settings of a store.
func (s *Service) PutSettings(ctx context.Context, store string, in Settings) (Settings, error) {
	if in.MaxCoupons < 1 || in.MaxCoupons > MaxCoupons {
		return in, fault.Field("number_of_coupons_allowed_at_checkout", fault.Max)
	}
	return s.storage.PutPromotionSettings(ctx, store, in)
}

// MaxCoupons bounds how many coupons a store may allow on one checkout.
const MaxCoupons = 5
