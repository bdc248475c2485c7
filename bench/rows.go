package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
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
	made     map[int][]string // ids of carts, by their lines
	many     *population
	steps    []step
	items    string // body of POST item, the same for both
	token    string
	progress io.Writer
}

// carts returns n carts of so many lines, one for each client. They are the
// same for all parts.
func (b *bench) carts(n, lines int) ([]string, error) {
	if b.made == nil {
		b.made = map[int][]string{}
	}
	if missing := n - len(b.made[lines]); missing > 0 {
		if err := b.shop.stock(lines); err != nil {
			return nil, err
		}
		more, err := b.shop.newCarts(missing, lines)
		if err != nil {
			return nil, err
		}
		b.made[lines] = append(b.made[lines], more...)
	}
	return b.made[lines][:n], nil
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
	return loadTarget(name, b.refCalls(b.cfg.clients, method, path, body, status))
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
	return loadTarget("round trip", b.refCalls(1, "GET", "/memory", "", http.StatusOK))
}

// each makes a call for every cart, each for a client of its own.
func each(ids []string, to func(id string) call) []call {
	calls := make([]call, len(ids))
	for i, id := range ids {
		calls[i] = to(id)
	}
	return calls
}

// adds is n clients that add to a cart each, of so many lines.
func (b *bench) adds(n, lines int) (target, error) {
	ids, err := b.carts(n, lines)
	return loadTarget(fmt.Sprintf("cartwright POST item, %d clients, %d lines", n, lines), each(ids, b.shop.addCall)), err
}

func (b *bench) readRows(ctx context.Context) ([]row, error) {
	ids, err := b.carts(b.cfg.clients, usualLines)
	if err != nil {
		return nil, err
	}
	get := loadTarget("cartwright GET cart", each(ids, b.shop.getCall))
	got, err := b.rounds(ctx, metered(b.pointReadTarget(), b.ref), metered(get, b.shop.server), b.memoryTarget())
	if err != nil {
		return nil, err
	}
	read, cart, memory := rates(got[0]), rates(got[1]), rates(got[2])
	rows := []row{
		compare("GET cart", "per s", cart, read, b.engine.pointRead, b.engine.goals.read),
		compare("GET cart", "per s", cart, memory, "bytes from memory", nil),
	}
	return append(rows, b.cpuRows("GET cart", got[1], got[0], b.engine.pointRead)...), nil
}

func (b *bench) writeRows(ctx context.Context) ([]row, error) {
	add, err := b.adds(b.cfg.clients, usualLines)
	if err != nil {
		return nil, err
	}
	targets := []target{metered(b.groupCommitTarget(), b.ref), metered(add, b.shop.server)}
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
	rows = append(rows,
		compare("POST item", "per s", rates(cart), rates(server), b.engine.write, b.engine.goals.write),
		compare("POST item, p99", "ms", p99s(cart), p99s(server), b.engine.write+", p99", b.engine.goals.p99))
	return append(rows, b.cpuRows("POST item", cart, server, b.engine.write)...), nil
}

// cpuRows says what a request costs the server's process. It is empty on a
// system that does not tell.
func (b *bench) cpuRows(name string, cart, server []sample, reference string) []row {
	if slices.Min(cpus(cart)) == 0 || slices.Min(cpus(server)) == 0 {
		fmt.Fprintf(b.progress, "CPU of %s left out: %v\n", name, errNoProc)
		return nil
	}
	return []row{compare(name+", CPU of the server", "ms", cpus(cart), cpus(server), reference, nil)}
}

func (b *bench) createRows(ctx context.Context) ([]row, error) {
	body := b.shop.items(usualLines)
	creates := make([]call, b.cfg.clients)
	for i := range creates {
		creates[i] = b.shop.createCall(usualLines)
	}
	got, err := b.rounds(ctx,
		b.refTarget("new rows", "POST", "/rows", body, http.StatusCreated),
		loadTarget("cartwright POST cart", creates))
	if err != nil {
		return nil, err
	}
	return []row{
		compare("POST cart", "per s", rates(got[1]), rates(got[0]), b.engine.create, nil),
	}, nil
}

// singleRows is latency without a queue.
func (b *bench) singleRows(ctx context.Context) ([]row, error) {
	add, err := b.adds(1, usualLines)
	if err != nil {
		return nil, err
	}
	got, err := b.rounds(ctx, commitTarget(b.ref.addr, 1), b.roundTripTarget(), add)
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
	var p50 [2][2][]float64 // by clients, then lines
	for i, clients := range []int{1, b.cfg.clients} {
		few, err := b.adds(clients, fewLines)
		if err != nil {
			return nil, err
		}
		many, err := b.adds(clients, manyLines)
		if err != nil {
			return nil, err
		}
		got, err := b.rounds(ctx, few, many)
		if err != nil {
			return nil, err
		}
		p50[i] = [2][]float64{p50s(got[0]), p50s(got[1])}
	}
	name := fmt.Sprintf("POST item to %d lines", manyLines)
	few := fmt.Sprintf("to %d lines", fewLines)
	return []row{
		compare(name+", one client, p50", "ms", p50[0][1], p50[0][0], few, atMost(6)),
		compare(name+", p50", "ms", p50[1][1], p50[1][0], few, nil),
	}, nil
}

// footprintRows stops both servers and starts them again on the data that the
// load left behind.
func (b *bench) footprintRows(ctx context.Context) ([]row, error) {
	info, err := os.Stat(b.shop.binary)
	if err != nil {
		return nil, err
	}
	var rows []row
	if b.engine.url == "" { // it is the same for all
		rows = append(rows, plain("binary", "MiB", mebibytes(info.Size()), atMost(30)))
	}
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
	return []row{beside(name, "MiB", mebibytes(cartwright), mebibytes(reference), atMost(limit))}, nil
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
		rows = append(rows, plain("memory after load", "MiB", mebibytes(rss), nil))
	}
	return rows, nil
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
