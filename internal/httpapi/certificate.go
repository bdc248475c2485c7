package httpapi

import (
	"net/http"
	"strings"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/order"
)

var marketingScope = scopeOf("store_v2_marketing")

// certificateRoutes are the gift certificates of a store: V2, bare objects.
func (a *API) certificateRoutes() []route {
	return []route{
		{"GET", "/v2/gift_certificates", marketingScope, a.listCertificates},
		{"POST", "/v2/gift_certificates", marketingScope, a.createCertificate},
		{"GET", "/v2/gift_certificates/{id}", marketingScope, a.getCertificate},
		{"PUT", "/v2/gift_certificates/{id}", marketingScope, a.updateCertificate},
		{"DELETE", "/v2/gift_certificates/{id}", marketingScope, a.deleteCertificate},
	}
}

type certificateJSON struct {
	ID         int64  `json:"id"`
	CustomerID int64  `json:"customer_id"`
	OrderID    int64  `json:"order_id"`
	Code       string `json:"code"`
	ToName     string `json:"to_name"`
	ToEmail    string `json:"to_email"`
	FromName   string `json:"from_name"`
	FromEmail  string `json:"from_email"`
	Amount     string `json:"amount"`
	Balance    string `json:"balance"`
	Status     string `json:"status"`
	Template   string `json:"template"`
	Message    string `json:"message"`
	Purchased  string `json:"purchase_date"`
	Expires    string `json:"expiry_date"`
	Currency   string `json:"currency_code"`
}

// certificateOf shows a certificate as it is at now.
func certificateOf(c *order.Certificate, now time.Time) certificateJSON {
	j := certificateJSON{
		ID: c.ID, CustomerID: c.CustomerID, OrderID: c.OrderID, Code: c.Code, ToName: c.To.Name, ToEmail: c.To.Email,
		FromName: c.From.Name, FromEmail: c.From.Email, Amount: c.Amount.Fixed(4), Balance: c.Balance.Fixed(4),
		Status: string(c.StatusAt(now)), Template: c.Template, Message: c.Message,
		Purchased: c.Purchased.UTC().Format(v2Time), Currency: c.Currency,
	}
	if !c.Expires.IsZero() {
		j.Expires = c.Expires.UTC().Format(v2Time)
	}
	return j
}

// showCertificate shows what a write made of a certificate.
func (a *API) showCertificate(c order.Certificate) any {
	return certificateOf(&c, a.Certificates.Now())
}

// listCertificates serves GET /v2/gift_certificates; an empty list has no body.
func (a *API) listCertificates(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	f := order.CertificateFilter{
		Code: q.text("code"), ToName: q.text("to_name"), ToEmail: q.text("to_email"),
		FromName: q.text("from_name"), FromEmail: q.text("from_email"), Limit: p.limit, Offset: p.offset(),
	}
	for name, place := range map[string]*int64{"min_id": &f.MinID, "max_id": &f.MaxID, "order_id": &f.OrderID} {
		if id := q.id(name); id != nil {
			*place = *id
		}
	}
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Certificates.List(r.Context(), storeOf(r), f)
	if err != nil {
		return err
	}
	if len(part.Entries) == 0 {
		return respond(w, http.StatusNoContent, nil)
	}
	now := a.Certificates.Now()
	out := make([]certificateJSON, len(part.Entries))
	for i := range part.Entries {
		out[i] = certificateOf(&part.Entries[i], now)
	}
	return respond(w, http.StatusOK, out)
}

// getCertificate serves GET /v2/gift_certificates/{id}.
func (a *API) getCertificate(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	c, err := a.Certificates.Get(r.Context(), storeOf(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, a.showCertificate(*c))
}

// createCertificate serves POST /v2/gift_certificates.
func (a *API) createCertificate(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	fields := readGiftCertificate(body)
	for _, name := range []string{"to_name", "to_email", "from_name", "from_email", "amount"} {
		body.get(name).required()
	}
	if err := body.err(); err != nil {
		return err
	}
	ctx := answering(r.Context(), http.StatusCreated, a.showCertificate)
	c, err := a.Certificates.Create(ctx, storeOf(r), fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, a.showCertificate(c))
}

// updateCertificate serves PUT /v2/gift_certificates/{id}; what is not sent
// stays.
func (a *API) updateCertificate(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := readChange(r, "id", readGiftCertificate)
	if err != nil {
		return err
	}
	c, err := a.Certificates.Update(r.Context(), storeOf(r), id, fields)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, a.showCertificate(c))
}

// deleteCertificate serves DELETE /v2/gift_certificates/{id}.
func (a *API) deleteCertificate(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if err := a.Certificates.Delete(r.Context(), storeOf(r), id); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

// certificateStatuses are those that a request may set; that one has expired
// shows itself.
var certificateStatuses = []string{
	string(order.CertificateActive), string(order.CertificatePending), string(order.CertificateDisabled), string(order.CertificateExpired),
}

// readGiftCertificate reads what a request says of a gift certificate. An
// expiry date of null or "" means never.
func readGiftCertificate(v value) order.CertificateFields {
	v.object()
	f := order.CertificateFields{
		Code:       optional(v.get("code"), textOf(1, 20)),
		CustomerID: optional(v.get("customer_id"), intOf(0, maxInt)),
		OrderID:    optional(v.get("order_id"), intOf(0, maxInt)),
		FromName:   optional(v.get("from_name"), textOf(1, 250)),
		FromEmail:  optional(v.get("from_email"), value.email),
		ToName:     optional(v.get("to_name"), textOf(1, 250)),
		ToEmail:    optional(v.get("to_email"), value.email),
		Amount:     optional(v.get("amount"), value.amount),
		Balance:    optional(v.get("balance"), value.amount),
		Currency:   optional(v.get("currency_code"), func(v value) string { return strings.ToUpper(v.text(3, 3)) }),
		Template:   optional(v.get("template"), enumOf(order.Templates)),
		Message:    optional(v.get("message"), textOf(0, 250)),
		Purchased:  optional(v.get("purchase_date"), readV2Time),
		Expires:    optional(v.get("expiry_date"), readV2Time),
	}
	if v.has("expiry_date") && f.Expires == nil {
		f.Expires = new(time.Time)
	}
	if s := optional(v.get("status"), enumOf(certificateStatuses)); s != nil {
		status := order.CertificateStatus(*s)
		f.Status = &status
	}
	return f
}

// readV2Time reads a time as V2 writes it, or as V3 does; "" is none.
func readV2Time(v value) time.Time {
	s := strings.TrimSpace(v.text(0, 64))
	if s == "" {
		return time.Time{}
	}
	for _, layout := range []string{v2Time, "Mon, 2 Jan 2006 15:04:05 -0700", time.RFC1123, time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1970 && t.Year() <= 9999 {
			return t.UTC()
		}
	}
	v.fail(fault.ExpectedDate)
	return time.Time{}
}
