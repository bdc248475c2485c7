package main

import (
	"context"
	"errors"
	"fmt"
)

// manyRows asks whether a cart is as fast among a million as among ten thousand.
// Each request goes to another cart, drawn from all that there are, or to add an
// item from the half that nobody has abandoned: hot ones would be in memory, of
// however many there are. Nothing but the load itself warms the caches.
func (b *bench) manyRows(ctx context.Context) (rows []row, err error) {
	few, err := b.populate(ctx, "few", fewCarts)
	if err != nil {
		return nil, err
	}
	many, err := b.manyCarts(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range []*population{few, many} {
		if err := p.shop.start(ctx); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, p.shop.stop()) }()
	}
	add, err := b.rounds(ctx, b.anywhere(few, waitingCopies, few.shop.addCall), b.anywhere(many, waitingCopies, many.shop.addCall))
	if err != nil {
		return nil, err
	}
	get, err := b.rounds(ctx, b.anywhere(few, allCopies, few.shop.getCall), b.anywhere(many, allCopies, many.shop.getCall))
	if err != nil {
		return nil, err
	}
	among, beside := fmt.Sprintf("any of %s carts", count(many.carts)), fmt.Sprintf("any of %s", count(few.carts))
	return []row{
		compare("POST item, "+among, "per s", rates(add[1]), rates(add[0]), beside, atLeast(0.7)),
		compare("GET cart, "+among, "per s", rates(get[1]), rates(get[0]), beside, atLeast(0.7)),
	}, nil
}

// anywhere is a load on carts of a population.
func (b *bench) anywhere(p *population, among copies, to func(id string) call) target {
	calls := make([]call, b.cfg.clients)
	for i := range calls {
		calls[i] = to(copyID(1))
		calls[i].among, calls[i].of = among, p.carts
	}
	return loadTarget(fmt.Sprintf("%s of %d", calls[0].name, p.carts), calls)
}
