package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	usualLines = 3
	fewLines   = 5
	manyLines  = 250
	starts     = 5
)

// bench holds the two servers on one engine and what is asked of them.
type bench struct {
	cfg      config
	engine   engine
	ref      *process
	shop     *shop
	carts    carts
	many     *population
	items    string // body of POST item, the same for both
	token    string
	progress io.Writer
}

// carts are the ids of carts by size, one for each client.
type carts struct {
	usual, few, many []string
}

func makeCarts(s *shop, clients int) (c carts, err error) {
	if c.usual, err = s.newCarts(clients, usualLines); err != nil {
		return c, err
	}
	if c.few, err = s.newCarts(clients, fewLines); err != nil {
		return c, err
	}
	c.many, err = s.newCarts(clients, manyLines)
	return c, err
}

func (b *bench) rounds(ctx context.Context, targets ...target) ([][]sample, error) {
	return rounds(ctx, b.cfg.rounds, b.cfg.round, targets...)
}

// refCalls repeats a request to the reference for every client; "%d" in the
// path is the client's row.
func (b *bench) refCalls(clients int, method, path, body string, status int) []call {
	calls := make([]call, clients)
	for i := range calls {
		own := strings.ReplaceAll(path, "%d", fmt.Sprint(i+1))
		calls[i] = newCall(method, b.ref.addr, own, b.token, body, status, cartMarker)
	}
	return calls
}

func (b *bench) refTarget(name, method, path, body string, status int) target {
	return loadTarget(name, b.ref.addr, b.refCalls(b.cfg.clients, method, path, body, status))
}

func (b *bench) memoryTarget() target {
	return b.refTarget("bytes from memory", "GET", "/memory", "", http.StatusOK)
}

func (b *bench) pointReadTarget() target {
	return b.refTarget("point read", "GET", "/rows/%d", "", http.StatusOK)
}

func (b *bench) groupCommitTarget() target {
	return b.refTarget("group commit", "POST", "/rows/%d", b.items, http.StatusCreated)
}

// roundTripTarget is one client that gets bytes from memory.
func (b *bench) roundTripTarget() target {
	return loadTarget("round trip", b.ref.addr, b.refCalls(1, "GET", "/memory", "", http.StatusOK))
}

// each makes one client for every cart.
func (b *bench) each(name string, ids []string, to func(id string) call) target {
	calls := make([]call, len(ids))
	for i, id := range ids {
		calls[i] = to(id)
	}
	return loadTarget("cartwright "+name, b.shop.server.addr, calls)
}

func (b *bench) readRows(ctx context.Context) ([]row, error) {
	got, err := b.rounds(ctx, b.memoryTarget(), b.pointReadTarget(),
		b.each("GET cart", b.carts.usual, b.shop.getCall))
	if err != nil {
		return nil, err
	}
	memory, read, cart := rates(got[0]), rates(got[1]), rates(got[2])
	return []row{
		compare("GET cart", "per s", cart, read, b.engine.pointRead, b.engine.goals.read),
		compare("GET cart", "per s", cart, memory, "bytes from memory", nil),
	}, nil
}

func (b *bench) writeRows(ctx context.Context) ([]row, error) {
	targets := []target{b.groupCommitTarget(), b.each("POST item", b.carts.usual, b.shop.addCall)}
	if b.engine.loop != "" {
		targets = append(targets, commitTarget(b.ref.addr, b.cfg.clients))
	}
	got, err := b.rounds(ctx, targets...)
	if err != nil {
		return nil, err
	}
	server, cart := got[0], got[1]
	var rows []row
	if b.engine.loop != "" {
		rows = append(rows, compare("POST item", "per s", rates(cart), rates(got[2]), b.engine.loop, b.engine.goals.loop))
	}
	return append(rows,
		compare("POST item", "per s", rates(cart), rates(server), b.engine.write, b.engine.goals.write),
		compare("POST item, p99", "ms", p99s(cart), p99s(server), b.engine.write+", p99", b.engine.goals.p99),
	), nil
}

func (b *bench) createRows(ctx context.Context) ([]row, error) {
	body := b.shop.items(usualLines)
	creates := make([]call, b.cfg.clients)
	for i := range creates {
		creates[i] = b.shop.createCall(usualLines)
	}
	got, err := b.rounds(ctx,
		b.refTarget("new rows", "POST", "/rows", body, http.StatusCreated),
		loadTarget("cartwright POST cart", b.shop.server.addr, creates))
	if err != nil {
		return nil, err
	}
	return []row{
		compare("POST cart", "per s", rates(got[1]), rates(got[0]), b.engine.create, nil),
	}, nil
}

// singleRows is latency without a queue.
func (b *bench) singleRows(ctx context.Context) ([]row, error) {
	got, err := b.rounds(ctx, commitTarget(b.ref.addr, 1), b.roundTripTarget(),
		b.each("POST item, one client", b.carts.usual[:1], b.shop.addCall))
	if err != nil {
		return nil, err
	}
	sum := p50s(got[0])
	for i, trip := range p50s(got[1]) {
		sum[i] += trip
	}
	return []row{
		compare("POST item, one client, p50", "ms", p50s(got[2]), sum, b.engine.single, b.engine.goals.single),
	}, nil
}

// sizeRows asks what a long cart costs. One client gives the latency that the
// goal is about; under full load the commit no longer hides the work, which is
// worth knowing too.
func (b *bench) sizeRows(ctx context.Context) ([]row, error) {
	one, err := b.rounds(ctx,
		b.each("POST item, few lines", b.carts.few[:1], b.shop.addCall),
		b.each("POST item, many lines", b.carts.many[:1], b.shop.addCall))
	if err != nil {
		return nil, err
	}
	all, err := b.rounds(ctx,
		b.each("POST item, few lines", b.carts.few, b.shop.addCall),
		b.each("POST item, many lines", b.carts.many, b.shop.addCall))
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("POST item, %d lines, p50", manyLines)
	few := fmt.Sprintf("%d lines", fewLines)
	return []row{
		compare(name+", one client", "ms", p50s(one[1]), p50s(one[0]), few, atMost(6)),
		compare(name, "ms", p50s(all[1]), p50s(all[0]), few, nil),
	}, nil
}

// footprintRows stops both servers and starts them again on the data that the
// load left behind.
func (b *bench) footprintRows(ctx context.Context) ([]row, error) {
	info, err := os.Stat(b.shop.binary)
	if err != nil {
		return nil, err
	}
	rows := []row{plain("binary", "MB", megabytes(info.Size()), atMost(30))}
	memory, err := b.memoryRow("memory after load", 150)
	if err != nil {
		return nil, err
	}
	rows = append(rows, memory...)
	start, err := b.startRow(ctx)
	if err != nil {
		return nil, err
	}
	rows = append(rows, start)
	// What a start leaves in memory for a moment is not idle yet.
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	memory, err = b.memoryRow("memory idle", 40)
	return append(rows, memory...), err
}

func (b *bench) startRow(ctx context.Context) (row, error) {
	var cartwright, reference []float64
	for range starts {
		if err := errors.Join(b.shop.stop(), b.ref.stop()); err != nil {
			return row{}, err
		}
		if err := b.shop.start(ctx); err != nil {
			return row{}, err
		}
		ref, err := restart(ctx, b.ref)
		if err != nil {
			return row{}, err
		}
		b.ref = ref
		cartwright = append(cartwright, milliseconds(b.shop.server.first))
		reference = append(reference, milliseconds(b.ref.first))
	}
	return beside("start to first answer", "ms", median(cartwright), median(reference), atMost(100)), nil
}

// memoryRow is empty on a system that does not tell.
func (b *bench) memoryRow(name string, limit float64) ([]row, error) {
	cartwright, err := b.shop.server.rss()
	if errors.Is(err, errNoProc) {
		fmt.Fprintf(b.progress, "%s left out: %v\n", name, err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	reference, err := b.ref.rss()
	if err != nil {
		return nil, err
	}
	return []row{beside(name, "MB", megabytes(cartwright), megabytes(reference), atMost(limit))}, nil
}

// referenceRows measures the reference for its own sake.
func (b *bench) referenceRows(ctx context.Context) ([]row, error) {
	got, err := b.rounds(ctx, b.memoryTarget(), b.pointReadTarget(), b.groupCommitTarget(),
		b.refTarget("group commit of new rows", "POST", "/rows", b.items, http.StatusCreated),
		b.roundTripTarget(), commitTarget(b.ref.addr, 1))
	if err != nil {
		return nil, err
	}
	rows := []row{
		plain("bytes from memory", "per s", median(rates(got[0])), nil),
		plain(b.engine.pointRead, "per s", median(rates(got[1])), nil),
		plain(b.engine.write, "per s", median(rates(got[2])), nil),
		plain(b.engine.write+", p99", "ms", median(p99s(got[2])), nil),
		plain(b.engine.create, "per s", median(rates(got[3])), nil),
		plain("round trip, one client, p50", "ms", median(p50s(got[4])), nil),
		plain("commit, p50", "ms", median(p50s(got[5])), nil),
		plain("start to first answer", "ms", milliseconds(b.ref.first), nil),
	}
	if rss, err := b.ref.rss(); err == nil {
		rows = append(rows, plain("memory after load", "MB", megabytes(rss), nil))
	}
	return rows, nil
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }
