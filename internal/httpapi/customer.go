package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"cartwright/internal/cursor"
	"cartwright/internal/customer"
	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/money"
)

var customerScope = scopeOf("store_v2_customers")

// customerRoutes are the customers of spec/05 §3.
func (a *API) customerRoutes() []route {
	return []route{
		{"GET", "/v3/customers", customerScope, a.listCustomers},
		{"POST", "/v3/customers", customerScope, a.createCustomers},
		{"PUT", "/v3/customers", customerScope, a.updateCustomers},
		{"DELETE", "/v3/customers", customerScope, a.deleteCustomers},
	}
}

type customerJSON struct {
	ID                int64        `json:"id"`
	Email             string       `json:"email"`
	FirstName         string       `json:"first_name"`
	LastName          string       `json:"last_name"`
	Company           string       `json:"company"`
	Phone             string       `json:"phone"`
	Notes             string       `json:"notes"`
	TaxExemptCategory string       `json:"tax_exempt_category"`
	GroupID           int64        `json:"customer_group_id"`
	Created           string       `json:"date_created"`
	Modified          string       `json:"date_modified"`
	AcceptsMails      bool         `json:"accepts_product_review_abandoned_cart_emails"`
	OriginChannelID   int64        `json:"origin_channel_id"`
	ChannelIDs        []int64      `json:"channel_ids"`
	RegistrationIP    string       `json:"registration_ip_address"`
	AddressCount      int          `json:"address_count"`
	AttributeCount    int          `json:"attribute_count"`
	Authentication    forcedReset  `json:"authentication"`
	StoreCredit       []creditJSON `json:"store_credit_amounts,omitempty"`

	// With include: this server keeps none of them.
	Addresses  *[]struct{} `json:"addresses,omitempty"`
	Attributes *[]struct{} `json:"attributes,omitempty"`
	FormFields *[]struct{} `json:"form_fields,omitempty"`
}

type forcedReset struct {
	Force bool `json:"force_password_reset"`
}

type creditJSON struct {
	Amount money.Amount `json:"amount"`
}

// customerOf shows a customer with the parts that q includes.
func customerOf(c *customer.Customer, q url.Values) customerJSON {
	j := customerJSON{
		ID: c.ID, Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Company: c.Company, Phone: c.Phone,
		Notes: c.Notes, TaxExemptCategory: c.TaxExemptCategory, GroupID: c.GroupID,
		Created: timeText(c.Created), Modified: timeText(c.Modified), AcceptsMails: c.AcceptsAbandonedCartEmails,
		OriginChannelID: c.OriginChannelID, ChannelIDs: c.ChannelIDs, RegistrationIP: c.RegistrationIP,
		Authentication: forcedReset{c.ForcePasswordReset},
	}
	if included(q, "storecredit") {
		j.StoreCredit = []creditJSON{{c.StoreCredit}}
	}
	none := &[]struct{}{}
	if included(q, "addresses") {
		j.Addresses = none
	}
	if included(q, "attributes") {
		j.Attributes = none
	}
	if included(q, "formfields") {
		j.FormFields = none
	}
	return j
}

func customersOf(cs []customer.Customer, q url.Values) []customerJSON {
	out := make([]customerJSON, len(cs))
	for i := range cs {
		out[i] = customerOf(&cs[i], q)
	}
	return out
}

// cursorRange is the part of a list that a request asks for.
func (p cursorPage) cursorRange() cursor.Range {
	return cursor.Range{After: p.after, Before: p.before, Falling: p.falling, Offset: p.offset(), Limit: p.limit}
}

// listPart wraps a part of a list that takes cursors.
func listPart[T any](p cursorPage, part cursor.Part[T], data any, id func(T) int64) envelope {
	ids := make([]int64, len(part.Entries))
	for i, e := range part.Entries {
		ids[i] = id(e)
	}
	return p.list(data, cursorList{total: part.Total, ids: ids, earlier: part.Earlier, later: part.Later})
}

// dates reads the filters by when an entry was made and changed.
func (p *params) dates() customer.Dates {
	created, modified := p.span("date_created"), p.span("date_modified")
	return customer.Dates{
		CreatedMin: created.from, CreatedBefore: created.end, ModifiedMin: modified.from, ModifiedBefore: modified.end,
	}
}

// listCustomers serves GET /v3/customers.
func (a *API) listCustomers(w http.ResponseWriter, r *http.Request) error {
	p, err := readCursorPage(r)
	if err != nil {
		return err
	}
	q := readParams(r)
	f := customer.Filter{
		IDs: q.ids("id:in"), Emails: q.texts("email:in"), Groups: q.ids("customer_group_id:in"),
		NameLike: q.text("name:like"), Dates: q.dates(),
	}
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Customers.List(r.Context(), storeOf(r), f, p.cursorRange())
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, listPart(p, part, customersOf(part.Entries, q.values),
		func(c customer.Customer) int64 { return c.ID }))
}

// createCustomers serves POST /v3/customers.
func (a *API) createCustomers(w http.ResponseWriter, r *http.Request) error {
	s, body, err := a.customerBody(r)
	if err != nil {
		return err
	}
	entries := readNewCustomers(body, s)
	if err := vendorPaths(atLeastOne(body, len(entries))); err != nil {
		return err
	}
	show := func(cs []customer.Customer) any { return one(customersOf(cs, nil)) }
	cs, err := a.Customers.Create(answering(r.Context(), http.StatusOK, show), storeOf(r), entries)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, show(cs))
}

// updateCustomers serves PUT /v3/customers.
func (a *API) updateCustomers(w http.ResponseWriter, r *http.Request) error {
	s, body, err := a.customerBody(r)
	if err != nil {
		return err
	}
	changes := readCustomerChanges(body, s)
	if err := vendorPaths(atLeastOne(body, len(changes))); err != nil {
		return err
	}
	cs, err := a.Accounts.Update(r.Context(), storeOf(r), changes)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(customersOf(cs, nil)))
}

// customerBody reads a batch of customers, which may have ten entries
// (spec/05 §3), with the store whose channels they name.
func (a *API) customerBody(r *http.Request) (*merchant.Store, value, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, body, err
	}
	if items, ok := body.raw.([]any); ok && len(items) > customer.MaxBatch {
		return nil, body, fault.Newf(fault.TooLarge, "A request can have at most %d customers.", customer.MaxBatch)
	}
	s, err := a.storeFor(r)
	return s, body, err
}

// vendorPaths rewrites field paths as the vendor's customers resource does,
// with a point in front of the place in the array: ".0.email" (spec/05 §3).
func vendorPaths(err error) error {
	f := fault.As(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	d := *f
	d.Fields = make(map[string]string, len(f.Fields))
	for path, message := range f.Fields {
		if path != "" && path[0] >= '0' && path[0] <= '9' {
			path = "." + path
		}
		d.Fields[path] = message
	}
	return &d
}

// deleteCustomers serves DELETE /v3/customers. Without ids nothing happens.
func (a *API) deleteCustomers(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	ids := q.ids("id:in")
	if len(ids) > maxLimit {
		q.fail("id:in", fault.MaxLength)
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.Accounts.Delete(r.Context(), storeOf(r), ids); err != nil {
		return err
	}
	return respond(w, http.StatusNoContent, nil)
}

func readNewCustomers(body value, s *merchant.Store) []customer.Fields {
	var entries []customer.Fields
	for _, v := range body.list() {
		for _, name := range []string{"email", "first_name", "last_name"} {
			v.get(name).required()
		}
		entries = append(entries, readCustomer(v, s))
	}
	return entries
}

func readCustomerChanges(body value, s *merchant.Store) []customer.Change {
	var changes []customer.Change
	for _, v := range body.list() {
		id := v.get("id").required().int(1, maxInt)
		changes = append(changes, customer.Change{ID: id, Fields: readCustomer(v, s)})
	}
	return changes
}

// readCustomer reads one entry. A password that comes with it is passed over:
// nobody signs in to this server as a customer.
func readCustomer(v value, s *merchant.Store) customer.Fields {
	v.object()
	return customer.Fields{
		Email:                      optional(v.get("email"), readAddress),
		FirstName:                  optional(v.get("first_name"), textOf(1, 100)),
		LastName:                   optional(v.get("last_name"), textOf(1, 100)),
		Company:                    optional(v.get("company"), textOf(0, 255)),
		Phone:                      optional(v.get("phone"), textOf(0, 50)),
		Notes:                      optional(v.get("notes"), textOf(0, 65_535)),
		TaxExemptCategory:          optional(v.get("tax_exempt_category"), textOf(0, 255)),
		GroupID:                    optional(v.get("customer_group_id"), intOf(0, maxInt)),
		AcceptsAbandonedCartEmails: optional(v.get("accepts_product_review_abandoned_cart_emails"), value.bool),
		OriginChannelID:            optional(v.get("origin_channel_id"), channelIn(s)),
		ChannelIDs:                 readChannelIDs(v, s),
		RegistrationIP:             optional(v.get("registration_ip_address"), textOf(0, 45)),
		ForcePasswordReset:         optional(v.get("authentication").object().get("force_password_reset"), value.bool),
		StoreCredit:                readCredit(v.get("store_credit_amounts")),
	}
}

// readAddress reads a mail address of at least three characters.
func readAddress(v value) string {
	v.text(3, 250)
	return strings.TrimSpace(v.email())
}

// channelIn reads the id of a channel of the store.
func channelIn(s *merchant.Store) func(value) int64 {
	return func(v value) int64 {
		id := v.int(1, maxInt)
		if s.Channel(id) == nil {
			v.fail(fault.ExpectedEnum)
		}
		return id
	}
}

// readChannelIDs reads where a customer may sign in; null and an empty list
// mean everywhere.
func readChannelIDs(v value, s *merchant.Store) *[]int64 {
	if !v.has("channel_ids") {
		return nil
	}
	var ids []int64
	for _, item := range v.get("channel_ids").bounded(merchant.MaxChannels) {
		ids = append(ids, channelIn(s)(item.required()))
	}
	return &ids
}

// readCredit reads the store credit, of which a customer has one amount.
func readCredit(v value) *money.Amount {
	items := v.bounded(1)
	if len(items) == 0 {
		return nil
	}
	amount := items[0].get("amount").required().amount()
	return &amount
}
