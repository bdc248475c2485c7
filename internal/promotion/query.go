package promotion

import (
	"cmp"
	"slices"
	"strings"

	"cartwright/internal/catalog"
	"cartwright/internal/merchant"
)

// Query picks promotions: those for which everything that is given holds.
// Zero values are not given.
type Query struct {
	ID         *int64
	Name       string // the whole name, in whatever case
	Code       string
	Text       string // a part of the name or of a code
	Currency   string
	Redemption Redemption
	Status     Status
	// Channels are those of which a promotion targets one; one for all channels
	// targets each.
	Channels []int64

	Sort    string // SortID without
	Falling bool
}

// What promotions can be sorted by.
const (
	SortID       = "id"
	SortName     = "name"
	SortPriority = "priority"
	SortStart    = "start_date"
)

// Sorts are the values of Query.Sort.
var Sorts = []string{SortID, SortName, SortPriority, SortStart}

func (q *Query) matches(l Listed) bool {
	return (q.ID == nil || l.ID == *q.ID) &&
		(q.Name == "" || strings.EqualFold(l.Name, q.Name)) &&
		(q.Currency == "" || strings.EqualFold(l.Currency, q.Currency)) &&
		(q.Redemption == "" || l.Redemption == q.Redemption) &&
		(q.Status == "" || l.Shown == q.Status) &&
		(q.Channels == nil || len(l.Channels) == 0 ||
			slices.ContainsFunc(q.Channels, func(id int64) bool { return slices.Contains(l.Channels, id) }))
}

// named reports whether a promotion has the text of the query in its name.
func (q *Query) named(p *Promotion) bool {
	return strings.Contains(strings.ToLower(p.Name), strings.ToLower(strings.TrimSpace(q.Text)))
}

func (q *Query) sort(list []Listed) {
	slices.SortFunc(list, func(a, b Listed) int {
		var c int
		switch q.Sort {
		case SortName:
			c = cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		case SortPriority:
			c = cmp.Compare(a.Priority, b.Priority)
		case SortStart:
			c = a.Start.Compare(b.Start)
		}
		c = cmp.Or(c, cmp.Compare(a.ID, b.ID))
		if q.Falling {
			return -c
		}
		return c
	})
}

// shownStatus is the status that is shown: an enabled promotion is invalid once
// something it cannot do without has gone (spec/05 §7.3).
func (p *Promotion) shownStatus(s Shelf) Status {
	if p.Status == Enabled && !p.usable(s) {
		return Invalid
	}
	return p.Status
}

func (p *Promotion) usable(s Shelf) bool {
	if c := s.Store.Currency(p.Currency); p.Currency != AnyCurrency && (c == nil || !c.Enabled) {
		return false
	}
	if len(p.Channels) > 0 && !slices.ContainsFunc(p.Channels, func(id int64) bool { return channelThere(s.Store, id) }) {
		return false
	}
	for i := range p.Rules {
		if g := p.Rules[i].Action.GiftItem; g != nil && !giftThere(s.Catalog, g) {
			return false
		}
	}
	return true
}

func channelThere(s *merchant.Store, id int64) bool {
	c := s.Channel(id)
	return c != nil && !c.Gone()
}

func giftThere(c *catalog.Snapshot, g *GiftItem) bool {
	if g.VariantID != 0 {
		return c.ByVariant(g.VariantID) != nil
	}
	return c.Product(g.ProductID) != nil
}
