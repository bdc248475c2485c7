package promotion

import (
	"cmp"
	"slices"

	"cartwright/internal/money"
)

// basis is what discounts of a line are calculated from: its price before
// discounts, or what is left of it (spec/05 §7.3).
func (r *run) basis(l *line) money.Amount {
	if r.original {
		return l.list
	}
	return l.left
}

// take takes an amount off a line, but never more than is left, and returns
// what it took.
func (r *run) take(l *line, amount money.Amount, src source, order bool) money.Amount {
	amount = min(amount.Round(r.basket.Currency.Places), l.left)
	if amount <= 0 {
		return 0
	}
	l.left -= amount
	out := &r.out.Lines[l.at]
	l.cut(cut{turn: r.turn(), order: order, amount: amount})
	switch {
	case src.kind == FromCoupon:
		out.Coupon += amount
		r.out.Coupon += amount
		r.out.code(src.code).Amount += amount
	case order:
		out.Shared += amount
		r.out.Discount += amount
	default:
		out.Discount += amount
	}
	return amount
}

// turn is the place that the present source has among the sources once it has
// applied.
func (r *run) turn() int32 {
	if r.sharing != nil {
		return r.sharing.turn
	}
	return int32(len(r.sources))
}

// cut is a Cut while the evaluation goes on: its source is known by its turn.
type cut struct {
	amount money.Amount
	turn   int32
	order  bool
}

// cut adds a cut, or its amount to what the same source has just cut.
func (l *line) cut(c cut) {
	for i := len(l.cuts) - 1; i >= 0 && l.cuts[i].turn == c.turn; i-- {
		if l.cuts[i].order == c.order {
			l.cuts[i].amount += c.amount
			return
		}
	}
	l.cuts = append(l.cuts, c)
}

// writeCuts writes the cuts of all lines into the outcome.
func (r *run) writeCuts() {
	n := 0
	for i := range r.lines {
		n += len(r.lines[i].cuts)
	}
	all := make([]Cut, 0, n)
	for i := range r.lines {
		from := len(all)
		for _, c := range r.lines[i].cuts {
			src := r.sources[c.turn]
			all = append(all, Cut{Source: src.kind, ID: src.id, Code: src.code, Amount: c.amount, Order: c.order})
		}
		if len(all) > from {
			r.out.Lines[r.lines[i].at].Cuts = all[from:len(all):len(all)]
		}
	}
}

func (o *Outcome) code(code string) *CodeOutcome {
	i := slices.IndexFunc(o.Codes, func(c CodeOutcome) bool { return c.Code == code })
	return &o.Codes[i]
}

// taken returns everything that was taken off.
func (r *run) taken() money.Amount {
	var sum money.Amount
	for i := range r.lines {
		sum += r.lines[i].list - r.lines[i].left
	}
	return sum
}

// spread takes an amount off all lines, in proportion to what is left of them,
// and returns what it took.
func (r *run) spread(amount money.Amount, src source, order bool) money.Amount {
	return r.spreadOver(amount, src, order, func(*line) bool { return true })
}

// spreadOver is spread over the lines that open selects.
func (r *run) spreadOver(amount money.Amount, src source, order bool, open func(*line) bool) money.Amount {
	weights := make([]money.Amount, len(r.lines))
	var left money.Amount
	for i := range r.lines {
		if l := &r.lines[i]; open(l) {
			weights[i] = l.left
			left += l.left
		}
	}
	var took money.Amount
	amount = min(amount.Round(r.basket.Currency.Places), left)
	for i, part := range money.Allocate(amount, weights, r.basket.Currency.Places) {
		took += r.take(&r.lines[i], part, src, order)
	}
	return took
}

// sharePending shares out what automatic promotions take off the order, in
// proportion to what the lines cost after discounts of items (spec/01 §7.3), and
// puts the cuts of each line into the order in which their sources were
// evaluated.
func (r *run) sharePending() {
	for i := range r.pending {
		r.sharing = &r.pending[i]
		r.spread(r.sharing.amount, r.sharing.source, true)
	}
	if len(r.pending) > 0 {
		for i := range r.lines {
			slices.SortFunc(r.lines[i].cuts, byTurn)
		}
	}
	r.pending, r.pendingSum, r.sharing = nil, 0, nil
}

// byTurn orders cuts as their sources were evaluated; of one source, what it
// takes off the item comes before the item's share of the order.
func byTurn(a, b cut) int {
	switch {
	case a.turn != b.turn:
		return cmp.Compare(a.turn, b.turn)
	case a.order == b.order:
		return 0
	case b.order:
		return -1
	}
	return 1
}
