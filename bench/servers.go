package main

import (
	"context"
	"errors"
)

// serverRows asks what a second server on the same database brings on this
// machine, which both share with the database and the load: half of the clients
// go to each.
func (b *bench) serverRows(ctx context.Context) (rows []row, err error) {
	second := *b.shop
	if err := second.start(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, second.stop()) }()
	ids, err := b.carts(b.cfg.clients, usualLines)
	if err != nil {
		return nil, err
	}
	both := each(ids, b.shop.addCall)
	for i := range both {
		if i%2 == 1 {
			both[i] = second.addCall(ids[i])
		}
	}
	got, err := b.rounds(ctx, loadTarget("one server", each(ids, b.shop.addCall)), loadTarget("two servers", both))
	if err != nil {
		return nil, err
	}
	return []row{compare("POST item, two servers on one database", "per s", rates(got[1]), rates(got[0]), "one server", nil)}, nil
}
