package httpapi

import (
	"net/http"

	"cartwright/internal/catalog"
)

// inventoryRoutes are the adjustments of stock (spec/05 §8.2).
func (a *API) inventoryRoutes() []route {
	scope := scopeOf("store_inventory")
	return []route{
		{"POST", "/v3/inventory/adjustments/relative", scope, a.moveStock},
		{"PUT", "/v3/inventory/adjustments/absolute", scope, a.setStock},
	}
}

type adjustmentJSON struct {
	TransactionID string   `json:"transaction_id"`
	Meta          struct{} `json:"meta"`
}

func showAdjustment(a catalog.Adjustment) any { return adjustmentJSON{TransactionID: a.TransactionID} }

// moveStock serves POST /v3/inventory/adjustments/relative.
func (a *API) moveStock(w http.ResponseWriter, r *http.Request) error { return a.adjust(w, r, false) }

// setStock serves PUT /v3/inventory/adjustments/absolute.
func (a *API) setStock(w http.ResponseWriter, r *http.Request) error { return a.adjust(w, r, true) }

func (a *API) adjust(w http.ResponseWriter, r *http.Request, absolute bool) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	items := readStockItems(body, !absolute)
	if err := body.err(); err != nil {
		return err
	}
	done, err := a.Catalog.Adjust(answering(r.Context(), http.StatusOK, showAdjustment), storeOf(r), items, absolute)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showAdjustment(done))
}
