package httpapi

import (
	"net/http"
	"time"

	"cartwright/internal/merchant"
)

// giftWrapRoutes are the gift wrappings of a store: V2, bare objects.
func (a *API) giftWrapRoutes() []route {
	return []route{
		{"GET", "/v2/gift_wrapping", informationScope, a.listGiftWraps},
		{"POST", "/v2/gift_wrapping", informationScope, a.createGiftWrap},
		{"GET", "/v2/gift_wrapping/{id}", informationScope, a.getGiftWrap},
		{"PUT", "/v2/gift_wrapping/{id}", informationScope, a.updateGiftWrap},
		{"DELETE", "/v2/gift_wrapping/{id}", informationScope, a.deleteGiftWrap},
	}
}

type giftWrapJSON struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	Price         string `json:"price"`
	Visible       bool   `json:"is_visible"`
	AllowComments bool   `json:"allow_comments"`
	PreviewImage  string `json:"preview_image"`
}

func giftWrapOf(g *merchant.GiftWrap) giftWrapJSON {
	return giftWrapJSON{g.ID, g.Name, g.Price.Fixed(4), g.Visible, g.AllowComments, g.PreviewImage}
}

func showGiftWrap(id *int64) func(*merchant.Store) any {
	return func(s *merchant.Store) any { return giftWrapOf(s.GiftWrap(*id)) }
}

func readGiftWrap(v value) merchant.GiftWrapFields {
	v.object()
	return merchant.GiftWrapFields{
		Name:          optional(v.get("name"), textOf(1, 255)),
		Price:         optional(v.get("price"), value.amount),
		Visible:       optional(v.get("is_visible"), value.bool),
		AllowComments: optional(v.get("allow_comments"), value.bool),
		PreviewImage:  optional(v.get("preview_image"), webAddress),
	}
}

// listGiftWraps serves GET /v2/gift_wrapping.
func (a *API) listGiftWraps(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, shownPage(p, s.OfferedGiftWraps(), giftWrapOf))
}

// getGiftWrap serves GET /v2/gift_wrapping/{id}.
func (a *API) getGiftWrap(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	s, err := a.storeFor(r)
	if err != nil {
		return err
	}
	if g := s.GiftWrap(id); g == nil || g.Deleted {
		return errNotFound()
	}
	return respond(w, http.StatusOK, showGiftWrap(&id)(s))
}

// createGiftWrap serves POST /v2/gift_wrapping.
func (a *API) createGiftWrap(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readGiftWrap(body)
	body.get("name").required()
	body.get("price").required()
	if err := body.err(); err != nil {
		return err
	}
	var id int64
	return a.changeStore(w, r, http.StatusCreated, func(s *merchant.Store, _ time.Time) (err error) {
		id, err = s.AddGiftWrap(fields)
		return err
	}, showGiftWrap(&id))
}

// updateGiftWrap serves PUT /v2/gift_wrapping/{id}.
func (a *API) updateGiftWrap(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "id", readGiftWrap)
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusOK, func(s *merchant.Store, _ time.Time) error {
		return s.UpdateGiftWrap(id, fields)
	}, showGiftWrap(&id))
}

// deleteGiftWrap serves DELETE /v2/gift_wrapping/{id}.
func (a *API) deleteGiftWrap(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	return a.changeStore(w, r, http.StatusNoContent, func(s *merchant.Store, _ time.Time) error {
		return s.RemoveGiftWrap(id)
	}, showNothing)
}
