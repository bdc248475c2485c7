package promotion

import (
	"cmp"
	"slices"

	"cartwright/internal/money"
)

// choice says which units an action is for.
type choice struct {
	items    *Matcher
	strategy Strategy
	// quantity is how many units one application discounts; 0 is all. whole says
	// that it takes so many or none.
	quantity    int64
	whole       bool
	excludeSale bool
	// include says that units on which the condition stands may be discounted.
	include bool
}

// batch is one application of an action, and how often it repeats alike.
type batch struct {
	picks []pick
	times int64
}

// pick is a number of units of a line.
type pick struct {
	line  int
	units int64
}

// picker chooses units. Units are counted, never listed: a line may have a
// million of them.
type picker struct {
	run    *run
	choice choice
	order  []int // the lines that may be discounted, first to last, without those used up
	asks   []ask
	// free are the units of each line that no application has taken, and now
	// those that the present one takes.
	free, now []int64
	touched   []int  // the lines with units in now
	picks     []pick // those of all applications, one after the other
}

// ask is a demand with the lines that can meet it, in the order in which they
// are taken: those that cannot be discounted first, then the ones that would
// be discounted last.
type ask struct {
	demand
	lines []int
}

// pick returns the units that an action discounts, application by application.
// Each takes the units that its condition stands on, unless they may be
// discounted, and then its own.
func (r *run) pick(c choice, f fit) []batch {
	p := picker{run: r, choice: c, order: r.inStrategy(c), touched: r.touched[:0]}
	if len(p.order) == 0 {
		return nil
	}
	if r.units == nil {
		r.units = make([]int64, 2*len(r.lines))
	}
	p.free, p.now = r.units[:len(r.lines)], r.units[len(r.lines):]
	clear(p.now)
	for i := range r.lines {
		p.free[i] = r.lines[i].Quantity
	}
	if !c.include {
		p.prepare(f.demands)
	}
	var batches []batch
	for n := f.times; n > 0; {
		picks := p.next()
		if len(picks) == 0 {
			break
		}
		times := min(p.repeats(), n)
		p.book(times)
		batches = append(batches, batch{picks: picks, times: times})
		n -= times
	}
	r.touched = p.touched
	return batches
}

// inStrategy returns the lines that a choice may discount, in its order.
func (r *run) inStrategy(c choice) []int {
	ranked := r.ranking(c.strategy == MostExpensive || c.strategy == MostExpensiveOnly)
	only := c.strategy == LeastExpensiveOnly || c.strategy == MostExpensiveOnly
	order := r.order[:0]
	for _, i := range ranked {
		l := &r.lines[i]
		if !l.open || r.basis(l) <= 0 || (c.excludeSale && l.OnSale) || (c.items != nil && !c.items.matches(l.Line)) {
			continue
		}
		if only && len(order) > 0 && r.unit(i) != r.unit(order[0]) {
			break
		}
		order = append(order, i)
	}
	r.order = order
	return order
}

// ranking returns all lines by what a unit is worth, and by id. Prices before
// discounts do not change, so that they are ranked once.
func (r *run) ranking(dearest bool) []int {
	which := &r.cheapFirst
	if dearest {
		which = &r.dearFirst
	}
	if *which != nil && r.original {
		return *which
	}
	ranked := make([]int, len(r.lines))
	for i := range ranked {
		ranked[i] = i
	}
	sign := 1
	if dearest {
		sign = -1
	}
	slices.SortFunc(ranked, func(a, b int) int {
		return cmp.Or(sign*cmp.Compare(r.unit(a), r.unit(b)), cmp.Compare(a, b))
	})
	*which = ranked
	return ranked
}

// unit returns what one unit of a line is worth.
func (r *run) unit(i int) money.Amount { return r.share(&r.lines[i], 1) }

// prepare lists for each demand the lines that can meet it.
func (p *picker) prepare(demands []demand) {
	if len(demands) == 0 {
		return
	}
	discounted := make([]bool, len(p.run.lines))
	for _, i := range p.order {
		discounted[i] = true
	}
	for _, d := range demands {
		a := ask{demand: d, lines: make([]int, 0, len(p.run.lines))}
		add := func(i int) {
			if l := &p.run.lines[i]; l.counts && d.items.matches(l.Line) {
				a.lines = append(a.lines, i)
			}
		}
		for i := range p.run.lines {
			if !discounted[i] {
				add(i)
			}
		}
		for _, i := range slices.Backward(p.order) {
			add(i)
		}
		p.asks = append(p.asks, a)
	}
}

// next returns the units that the next application discounts, and notes them
// and those on which the condition stands as its own; none when it does not fit
// any more.
func (p *picker) next() []pick {
	for _, i := range p.touched {
		p.now[i] = 0
	}
	p.touched = p.touched[:0]
	for i := range p.asks {
		a := &p.asks[i]
		a.lines = p.rest(a.lines)
		if !p.hold(a) {
			return nil
		}
	}
	p.order = p.rest(p.order)
	left := p.choice.quantity
	from := len(p.picks)
	for _, i := range p.order {
		n := p.free[i] - p.now[i]
		if p.choice.quantity > 0 {
			n = min(n, left)
		}
		if n <= 0 {
			continue
		}
		p.picks = append(p.picks, pick{i, n})
		if left -= n; left == 0 { // below zero when all are taken
			break
		}
	}
	if p.choice.whole && left > 0 {
		return nil
	}
	picks := p.picks[from:len(p.picks):len(p.picks)]
	for _, t := range picks {
		p.note(t.line, t.units)
	}
	return picks
}

// hold takes what a demand still lacks. A unit may serve several demands of one
// application.
func (p *picker) hold(a *ask) bool {
	quantity, spend := a.quantity, a.spend
	for _, i := range a.lines {
		quantity, spend = quantity-p.now[i], spend-p.run.lines[i].List*money.Amount(p.now[i])
	}
	for _, i := range a.lines {
		if quantity <= 0 && spend <= 0 {
			break
		}
		price := p.run.lines[i].List
		n := quantity
		if spend > 0 && price > 0 {
			n = max(n, int64((spend+price-1)/price))
		}
		if n = min(n, p.free[i]-p.now[i]); n <= 0 {
			continue
		}
		p.note(i, n)
		quantity, spend = quantity-n, spend-price*money.Amount(n)
	}
	return quantity <= 0 && spend <= 0
}

// note counts units of a line for the present application.
func (p *picker) note(i int, n int64) {
	if p.now[i] == 0 {
		p.touched = append(p.touched, i)
	}
	p.now[i] += n
}

// rest returns lines without those at the front that are used up.
func (p *picker) rest(lines []int) []int {
	for len(lines) > 0 && p.free[lines[0]] == 0 {
		lines = lines[1:]
	}
	return lines
}

// repeats returns how often the same units can be taken, the present time
// included: as long as each line has enough of them, the choice is the same.
func (p *picker) repeats() int64 {
	most := int64(unbounded)
	for _, i := range p.touched {
		most = min(most, p.free[i]/p.now[i])
	}
	return most
}

// book takes the present units so many times.
func (p *picker) book(times int64) {
	for _, i := range p.touched {
		p.free[i] -= p.now[i] * times
	}
}

// merge adds up the units of all applications, line by line in the order in
// which they were taken.
func merge(batches []batch) []pick {
	if len(batches) == 1 && batches[0].times == 1 {
		return batches[0].picks
	}
	var all []pick
	at := map[int]int{}
	for _, b := range batches {
		for _, t := range b.picks {
			n, ok := at[t.line]
			if !ok {
				n = len(all)
				at[t.line] = n
				all = append(all, pick{line: t.line})
			}
			all[n].units += t.units * b.times
		}
	}
	return all
}
