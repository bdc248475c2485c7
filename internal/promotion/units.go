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
	order  []int   // the lines that may be discounted, first to last, without those used up
	used   []int64 // units of each line that were discounted
	held   []int64 // units of each line on which the condition stands
	asks   []ask
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
	p := picker{run: r, choice: c, order: r.inStrategy(c)}
	if len(p.order) == 0 {
		return nil
	}
	p.used, p.held = make([]int64, len(r.lines)), make([]int64, len(r.lines))
	if !c.include {
		p.prepare(f.demands)
	}
	var batches []batch
	for n := f.times; n > 0; {
		held, picks := p.next()
		if len(picks) == 0 {
			break
		}
		more := min(p.repeats(held, picks), n-1)
		p.book(held, picks, more)
		batches = append(batches, batch{picks: picks, times: 1 + more})
		n -= 1 + more
	}
	return batches
}

// inStrategy returns the lines that a choice may discount, in its order.
func (r *run) inStrategy(c choice) []int {
	order := make([]int, 0, len(r.lines))
	for i := range r.lines {
		l := &r.lines[i]
		if l.open && r.basis(l) > 0 && !(c.excludeSale && l.OnSale) && (c.items == nil || c.items.matches(l.Line)) {
			order = append(order, i)
		}
	}
	sign := 1
	if c.strategy == MostExpensive || c.strategy == MostExpensiveOnly {
		sign = -1
	}
	slices.SortStableFunc(order, func(a, b int) int { return sign * cmp.Compare(r.unit(a), r.unit(b)) })
	if c.strategy == LeastExpensiveOnly || c.strategy == MostExpensiveOnly {
		for n, i := range order {
			if r.unit(i) != r.unit(order[0]) {
				return order[:n]
			}
		}
	}
	return order
}

// unit returns what one unit of a line is worth.
func (r *run) unit(i int) money.Amount { return r.share(&r.lines[i], 1) }

// prepare lists for each demand the lines that can meet it.
func (p *picker) prepare(demands []demand) {
	rank := make([]int, len(p.run.lines)) // 0 for lines that cannot be discounted
	for n, i := range p.order {
		rank[i] = n + 1
	}
	for _, d := range demands {
		a := ask{demand: d}
		for i := range p.run.lines {
			if l := &p.run.lines[i]; l.counts && d.items.matches(l.Line) {
				a.lines = append(a.lines, i)
			}
		}
		slices.SortStableFunc(a.lines, func(x, y int) int {
			if rank[x] == 0 || rank[y] == 0 {
				return cmp.Compare(rank[x], rank[y])
			}
			return cmp.Compare(rank[y], rank[x])
		})
		p.asks = append(p.asks, a)
	}
}

// next returns the units of the next application: those on which the condition
// stands and those that are discounted; none when it does not fit any more.
func (p *picker) next() (held, picks []pick) {
	for i := range p.asks {
		a := &p.asks[i]
		a.lines = p.rest(a.lines)
		var ok bool
		if held, ok = p.hold(a, held); !ok {
			return nil, nil
		}
	}
	p.order = p.rest(p.order)
	left := p.choice.quantity
	for _, i := range p.order {
		n := p.free(i) - unitsOf(held, i)
		if p.choice.quantity > 0 {
			n = min(n, left)
		}
		if n <= 0 {
			continue
		}
		picks = append(picks, pick{i, n})
		if left -= n; left == 0 { // below zero when all are taken
			break
		}
	}
	if p.choice.whole && left > 0 {
		return nil, nil
	}
	return held, picks
}

// hold adds to held what a demand still lacks. A unit may serve several
// demands of one application.
func (p *picker) hold(a *ask, held []pick) ([]pick, bool) {
	quantity, spend := a.quantity, a.spend
	for _, i := range a.lines {
		n := unitsOf(held, i)
		quantity, spend = quantity-n, spend-p.run.lines[i].List*money.Amount(n)
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
		if n = min(n, p.free(i)-unitsOf(held, i)); n <= 0 {
			continue
		}
		held = append(held, pick{i, n})
		quantity, spend = quantity-n, spend-price*money.Amount(n)
	}
	return held, quantity <= 0 && spend <= 0
}

// rest returns lines without those at the front that are used up.
func (p *picker) rest(lines []int) []int {
	for len(lines) > 0 && p.free(lines[0]) == 0 {
		lines = lines[1:]
	}
	return lines
}

// free returns the units of a line that no application has taken.
func (p *picker) free(i int) int64 { return p.run.lines[i].Quantity - p.used[i] - p.held[i] }

// repeats returns how many more times the same units can be taken.
func (p *picker) repeats(held, picks []pick) int64 {
	most := int64(unbounded)
	for _, list := range [][]pick{held, picks} {
		for _, t := range list {
			each := unitsOf(held, t.line) + unitsOf(picks, t.line)
			most = min(most, p.free(t.line)/each-1)
		}
	}
	return max(most, 0)
}

func (p *picker) book(held, picks []pick, more int64) {
	for _, t := range held {
		p.held[t.line] += t.units * (1 + more)
	}
	for _, t := range picks {
		p.used[t.line] += t.units * (1 + more)
	}
}

func unitsOf(list []pick, line int) int64 {
	var n int64
	for _, t := range list {
		if t.line == line {
			n += t.units
		}
	}
	return n
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
