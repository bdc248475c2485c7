package httpapi

import (
	"net/http"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/recovery"
)

// noticeRoutes are the log of what merchants were told, which is this server's
// own (decisions 1).
func (a *API) noticeRoutes() []route {
	return []route{{"GET", "/v3/recovery/notices", marketingLogScope, a.listNotices}}
}

type noticeJSON struct {
	ID        int64                `json:"id"`
	Kind      recovery.NoticeKind  `json:"kind"`
	Channel   *int64               `json:"channel_id"`
	Recipient string               `json:"recipient"`
	State     recovery.NoticeState `json:"state"`
	Attempts  int                  `json:"attempts"`
	Detail    string               `json:"detail"`
	MessageID string               `json:"message_id"`
	Carts     []cart.ID            `json:"cart_ids"`
	Orders    []int64              `json:"order_ids"`
	Hook      *int64               `json:"hook_id"`
	Created   string               `json:"date_created"`
	Due       *string              `json:"date_due"`
	Finished  *string              `json:"date_finished"`
}

func noticeOf(n *recovery.Notice) noticeJSON {
	out := noticeJSON{
		ID: n.ID, Kind: n.Kind, Channel: maybeID(n.Channel), Recipient: n.Recipient, State: n.State, Attempts: n.Attempts, Detail: n.Detail, MessageID: n.MessageID,
		Carts: []cart.ID{}, Orders: []int64{}, Created: timeText(n.Created), Due: maybeTimeText(n.Due), Finished: maybeTimeText(n.Finished),
	}
	for _, c := range n.Carts {
		out.Carts = append(out.Carts, c.Cart)
		if c.Order != 0 {
			out.Orders = append(out.Orders, c.Order)
		}
	}
	if n.Hook != nil {
		out.Hook = &n.Hook.ID
	}
	return out
}

// listNotices serves GET /v3/recovery/notices, the latest first.
func (a *API) listNotices(w http.ResponseWriter, r *http.Request) error {
	q := readParams(r)
	p := q.page()
	f := recovery.NoticeFilter{
		Kind:  recovery.NoticeKind(q.oneOf("kind", namesOf(recovery.NoticeKinds)...)),
		State: recovery.NoticeState(q.oneOf("state", namesOf(recovery.NoticeStates)...)),
	}
	if err := q.err(); err != nil {
		return err
	}
	part, err := a.Notices.List(r.Context(), storeOf(r), f, cursor.Range{Offset: p.offset(), Limit: p.limit, Falling: true})
	if err != nil {
		return err
	}
	out := mapped(part.Entries, noticeOf)
	return respond(w, http.StatusOK, p.list(out, len(out), part.Total))
}
