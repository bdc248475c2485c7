package merchant

import (
	"slices"

	"cartwright/internal/fault"
	"cartwright/internal/money"
)

// GiftWrapFields is what a request says of a gift wrapping. Nil fields stay as
// they are.
type GiftWrapFields struct {
	Name          *string
	Price         *money.Amount
	Visible       *bool
	AllowComments *bool
	PreviewImage  *string
}

// AddGiftWrap adds a way to wrap gifts and returns its id.
func (s *Store) AddGiftWrap(f GiftWrapFields) (int64, error) {
	if len(s.OfferedGiftWraps()) >= MaxGiftWraps {
		return 0, fault.Newf(fault.Invalid, "A store can have at most %d gift wrappings.", MaxGiftWraps)
	}
	g := GiftWrap{ID: s.NextID("gift_wrap"), Visible: true, AllowComments: true}
	g.apply(f)
	s.GiftWraps = append(s.GiftWraps, g)
	return g.ID, nil
}

// UpdateGiftWrap changes a gift wrapping. Carts that chose it are priced anew.
func (s *Store) UpdateGiftWrap(id int64, f GiftWrapFields) error {
	g := s.GiftWrap(id)
	if g == nil || g.Deleted {
		return notFound()
	}
	g.apply(f)
	return nil
}

func (g *GiftWrap) apply(f GiftWrapFields) {
	set(&g.Name, f.Name)
	set(&g.Price, f.Price)
	set(&g.Visible, f.Visible)
	set(&g.AllowComments, f.AllowComments)
	set(&g.PreviewImage, f.PreviewImage)
}

// RemoveGiftWrap takes a gift wrapping off the list. Lines that are wrapped in
// it stay so: it is kept, out of sight, until as many were removed after it as
// a store can have.
func (s *Store) RemoveGiftWrap(id int64) error {
	g := s.GiftWrap(id)
	if g == nil || g.Deleted {
		return notFound()
	}
	g.Deleted, g.Visible = true, false
	if len(s.GiftWraps)-len(s.OfferedGiftWraps()) > MaxGiftWraps {
		oldest := slices.IndexFunc(s.GiftWraps, func(g GiftWrap) bool { return g.Deleted })
		s.GiftWraps = slices.Delete(s.GiftWraps, oldest, oldest+1)
	}
	return nil
}

// OfferedGiftWraps returns the gift wrappings that are not deleted.
func (s *Store) OfferedGiftWraps() []GiftWrap {
	var out []GiftWrap
	for _, g := range s.GiftWraps {
		if !g.Deleted {
			out = append(out, g)
		}
	}
	return out
}
