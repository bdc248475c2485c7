package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"cartwright/internal/cart"
)

// metafieldRoutes are the operations C11 to C13 of spec/01.
func (a *API) metafieldRoutes() []route {
	return []route{
		{"GET", "/v3/carts/{cartId}/metafields", cartScope, a.listMetafields},
		{"POST", "/v3/carts/{cartId}/metafields", cartScope, a.createMetafield},
		{"GET", "/v3/carts/{cartId}/metafields/{metafieldId}", cartScope, a.getMetafield},
		{"PUT", "/v3/carts/{cartId}/metafields/{metafieldId}", cartScope, a.updateMetafield},
		{"DELETE", "/v3/carts/{cartId}/metafields/{metafieldId}", cartScope, a.deleteMetafield},
		{"GET", "/v3/carts/metafields", cartScope, a.listAllMetafields},
		{"POST", "/v3/carts/metafields", cartScope, a.createMetafields},
		{"PUT", "/v3/carts/metafields", cartScope, a.updateMetafields},
		{"DELETE", "/v3/carts/metafields", cartScope, a.deleteMetafields},
	}
}

// metafieldJSON is a metafield of which only some properties may be shown. Its
// id is a string, unlike every other integer id (spec/01 §14).
type metafieldJSON struct {
	ID            string  `json:"id"`
	Key           *string `json:"key,omitempty"`
	Value         *string `json:"value,omitempty"`
	Namespace     *string `json:"namespace,omitempty"`
	PermissionSet *string `json:"permission_set,omitempty"`
	Description   *string `json:"description,omitempty"`
	ResourceType  *string `json:"resource_type,omitempty"`
	ResourceID    *string `json:"resource_id,omitempty"`
	Created       *string `json:"date_created,omitempty"`
	Modified      *string `json:"date_modified,omitempty"`
	Owner         *string `json:"owner_client_id,omitempty"`
}

// metafieldOf shows the named properties of a metafield; nil means all.
func metafieldOf(m *cart.Metafield, fields []string) metafieldJSON {
	show := func(name, text string) *string {
		if anyOf(fields, name) {
			return &text
		}
		return nil
	}
	return metafieldJSON{
		ID: strconv.FormatInt(m.ID, 10), Key: show("key", m.Key), Value: show("value", m.Value),
		Namespace: show("namespace", m.Namespace), PermissionSet: show("permission_set", m.PermissionSet),
		Description: show("description", m.Description), ResourceType: show("resource_type", "cart"),
		ResourceID: show("resource_id", string(m.Cart)), Created: show("date_created", timeText(m.Created)),
		Modified: show("date_modified", timeText(m.Modified)), Owner: show("owner_client_id", m.Client),
	}
}

func showMetafield(m *cart.Metafield) any { return one(metafieldOf(m, nil)) }

// askerOf is who asks for metafields.
func askerOf(r *http.Request) cart.Asker {
	t := tokenOf(r)
	return cart.Asker{Client: t.ClientID, All: t.Has("store_metafield_write_all")}
}

// listMetafields serves GET /v3/carts/{cartId}/metafields.
func (a *API) listMetafields(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	f := cart.MetafieldFilter{Cart: cartID(r), Asker: askerOf(r)}
	if key := q.text("key"); key != "" {
		f.Keys = []string{key}
	}
	if namespace := q.text("namespace"); namespace != "" {
		f.Namespaces = []string{namespace}
	}
	return a.sendMetafields(w, r, q, f, nil)
}

// listAllMetafields serves GET /v3/carts/metafields. A single key or namespace
// is added to a list of them.
func (a *API) listAllMetafields(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	created, modified := q.span("date_created"), q.span("date_modified")
	f := cart.MetafieldFilter{
		Asker: askerOf(r), Keys: q.union("key"), Namespaces: q.union("namespace"),
		CreatedMin: created.from, CreatedBefore: created.end, ModifiedMin: modified.from, ModifiedBefore: modified.end,
	}
	fields := q.texts("include_fields")
	if len(fields) == 0 {
		fields = nil
	}
	return a.sendMetafields(w, r, q, f, fields)
}

// union reads NAME and NAME:in as one list; nil when neither is there.
func (p *params) union(name string) []string {
	all := p.texts(name + ":in")
	if v := p.text(name); v != "" {
		all = append(all, v)
	}
	return all
}

func (a *API) sendMetafields(w http.ResponseWriter, r *http.Request, q *params, f cart.MetafieldFilter, fields []string) error {
	if err := q.err(); err != nil {
		return err
	}
	p, err := readCursorPage(r)
	if err != nil {
		return err
	}
	part, err := a.Metafields.List(r.Context(), storeOf(r), f, p.cursorRange())
	if err != nil {
		return err
	}
	out := make([]metafieldJSON, len(part.Entries))
	for i := range part.Entries {
		out[i] = metafieldOf(&part.Entries[i], fields)
	}
	return respond(w, http.StatusOK, listPart(p, part, out, func(m cart.Metafield) int64 { return m.ID }))
}

// createMetafield serves POST /v3/carts/{cartId}/metafields. It answers 200,
// not 201 (spec/01 §14).
func (a *API) createMetafield(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	e := readNewMetafield(body)
	if err := body.err(); err != nil {
		return err
	}
	e.Cart = cartID(r)
	ctx := answering(r.Context(), http.StatusOK, func(res cart.MetafieldResult) any { return showMetafield(&res.Done[0]) })
	m, err := a.Metafields.Create(ctx, storeOf(r), askerOf(r), e)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showMetafield(&m))
}

// getMetafield serves GET /v3/carts/{cartId}/metafields/{metafieldId}.
func (a *API) getMetafield(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "metafieldId")
	if err != nil {
		return err
	}
	m, err := a.Metafields.Get(r.Context(), storeOf(r), askerOf(r), cartID(r), id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showMetafield(m))
}

// updateMetafield serves PUT /v3/carts/{cartId}/metafields/{metafieldId}.
func (a *API) updateMetafield(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "metafieldId")
	if err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	e := cart.MetafieldEntry{Cart: cartID(r), ID: id, MetafieldFields: readMetafield(body)}
	if err := body.err(); err != nil {
		return err
	}
	m, err := a.Metafields.Update(r.Context(), storeOf(r), askerOf(r), e)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, showMetafield(&m))
}

// deleteMetafield serves DELETE /v3/carts/{cartId}/metafields/{metafieldId}.
func (a *API) deleteMetafield(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "metafieldId")
	if err != nil {
		return err
	}
	e := cart.MetafieldEntry{Cart: cartID(r), ID: id}
	if err := a.Metafields.Delete(r.Context(), storeOf(r), askerOf(r), e); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

func readMetafield(v value) cart.MetafieldFields {
	v.object()
	return cart.MetafieldFields{
		Key:           optional(v.get("key"), textOf(1, 64)),
		Value:         optional(v.get("value"), textOf(1, 65_535)),
		Namespace:     optional(v.get("namespace"), textOf(1, 64)),
		PermissionSet: optional(v.get("permission_set"), enumOf(cart.PermissionSets)),
		Description:   optional(v.get("description"), textOf(0, 255)),
	}
}

func readNewMetafield(v value) cart.MetafieldEntry {
	for _, name := range []string{"key", "value", "namespace", "permission_set"} {
		v.get(name).required()
	}
	return cart.MetafieldEntry{MetafieldFields: readMetafield(v)}
}

// The entries of the three batches.

func readMetafieldAt(v value) cart.MetafieldEntry {
	e := readNewMetafield(v)
	e.Cart = cart.ID(v.get("resource_id").required().text(1, 64))
	return e
}

func readMetafieldChange(v value) cart.MetafieldEntry {
	return cart.MetafieldEntry{ID: v.get("id").required().int(1, maxInt), MetafieldFields: readMetafield(v)}
}

func readMetafieldID(v value) cart.MetafieldEntry {
	return cart.MetafieldEntry{ID: v.required().int(1, maxInt)}
}

// metafieldWrite is the part of the service that a batch calls.
type metafieldWrite func(context.Context, string, cart.Asker, []cart.MetafieldEntry) (cart.MetafieldResult, error)

// createMetafields serves POST /v3/carts/metafields.
func (a *API) createMetafields(w http.ResponseWriter, r *http.Request) error {
	return a.metafieldBatch(w, r, a.Metafields.CreateAll, showMetafields, readMetafieldAt)
}

// updateMetafields serves PUT /v3/carts/metafields.
func (a *API) updateMetafields(w http.ResponseWriter, r *http.Request) error {
	return a.metafieldBatch(w, r, a.Metafields.UpdateAll, showMetafields, readMetafieldChange)
}

// deleteMetafields serves DELETE /v3/carts/metafields.
func (a *API) deleteMetafields(w http.ResponseWriter, r *http.Request) error {
	return a.metafieldBatch(w, r, a.Metafields.DeleteAll, showMetafieldIDs, readMetafieldID)
}

func showMetafields(done []cart.Metafield) any {
	out := make([]metafieldJSON, len(done))
	for i := range done {
		out[i] = metafieldOf(&done[i], nil)
	}
	return out
}

func showMetafieldIDs(done []cart.Metafield) any {
	out := make([]string, len(done))
	for i := range done {
		out[i] = strconv.FormatInt(done[i].ID, 10)
	}
	return out
}

// metafieldBatch serves one of the three batches: entries that are refused,
// for their form or by a rule, are named in the answer, and the others are
// applied (spec/01 §14).
func (a *API) metafieldBatch(w http.ResponseWriter, r *http.Request, write metafieldWrite,
	show func([]cart.Metafield) any, read func(value) cart.MetafieldEntry) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	entries := readMetafieldEntries(body, read)
	if err := atLeastOne(body, len(entries)); err != nil {
		return err
	}
	render := func(res cart.MetafieldResult) (int, any) { return batchAnswer(len(entries), res, show(res.Done)) }
	res, err := write(answeringWith(r.Context(), render), storeOf(r), askerOf(r), entries)
	if err != nil {
		return err
	}
	status, answer := render(res)
	return respond(w, status, answer)
}

// readMetafieldEntries reads a batch. What is wrong with an entry stays with
// it. Of a batch that is too long, it reads what shows that it is.
func readMetafieldEntries(body value, read func(value) cart.MetafieldEntry) []cart.MetafieldEntry {
	items := body.list()
	items = items[:min(len(items), cart.MaxMetafieldBatch+1)]
	entries := make([]cart.MetafieldEntry, len(items))
	for i, item := range items {
		entry := value{form: &form{}, raw: item.raw}
		entries[i] = read(entry)
		entries[i].Wrong = entry.complaint()
	}
	return entries
}

// complaint is everything that is wrong with an entry in one line.
func (v value) complaint() string {
	if whole, ok := v.form.fields["body"]; ok {
		return "body: " + whole
	}
	var paths []string
	for path := range v.form.fields {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	text := ""
	for i, path := range paths {
		if i > 0 {
			text += ", "
		}
		text += path + ": " + v.form.fields[path]
	}
	return text
}

// batchJSON is the answer to a batch of which some entries may be refused
// (spec/00 §4).
type batchJSON struct {
	Data   any          `json:"data"`
	Errors []batchError `json:"errors"`
	Meta   batchMeta    `json:"meta"`
}

type batchError struct {
	Status int               `json:"status"`
	Title  string            `json:"title"`
	Type   string            `json:"type"`
	Errors map[string]string `json:"errors"`
}

type batchMeta struct {
	Total   int `json:"total"`
	Success int `json:"success"`
	Failed  int `json:"failed"`
}

func batchAnswer(total int, res cart.MetafieldResult, data any) (status int, answer any) {
	j := batchJSON{Data: data, Errors: []batchError{}, Meta: batchMeta{total, total - len(res.Refused), len(res.Refused)}}
	if len(res.Refused) == 0 {
		return http.StatusOK, j
	}
	e := batchError{Status: http.StatusUnprocessableEntity, Title: "Bulk operation has failed", Type: statusType,
		Errors: make(map[string]string, len(res.Refused))}
	for i, reason := range res.Refused {
		e.Errors[strconv.Itoa(i)] = reason
	}
	j.Errors = append(j.Errors, e)
	return http.StatusUnprocessableEntity, j
}
