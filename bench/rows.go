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

// bench holds the two servers and what is asked of them.
type bench struct {
	cfg      config
	dir      string
	ref      *process
	shop     *shop
	carts    carts
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

// allRows is the whole programme. Memory comes last: idle is measured on the
// servers that the starts leave running.
func (b *bench) allRows(ctx context.Context) ([]row, error) {
	var rows []row
	for _, part := range []struct {
		name    string
		measure func(context.Context) ([]row, error)
	}{
		{"reads", b.readRows},
		{"writes", b.writeRows},
		{"creates", b.createRows},
		{"one client", b.singleRows},
		{"cart size", b.sizeRows},
		{"abandoned carts", b.scanRows},
		{"mails", b.mailRows},
		{"footprint", b.footprintRows},
	} {
		fmt.Fprintf(b.progress, "%s …\n", part.name)
		more, err := part.measure(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
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
		compare("GET cart", "per s", cart, read, "SQLite point read", atLeast(1.0)),
		compare("GET cart", "per s", cart, memory, "bytes from memory", nil),
	}, nil
}

func (b *bench) writeRows(ctx context.Context) ([]row, error) {
	got, err := b.rounds(ctx, b.groupCommitTarget(),
		b.each("POST item", b.carts.usual, b.shop.addCall))
	if err != nil {
		return nil, err
	}
	return []row{
		compare("POST item", "per s", rates(got[1]), rates(got[0]), "group commit", atLeast(0.60)),
		compare("POST item, p99", "ms", p99s(got[1]), p99s(got[0]), "group commit, p99", atMost(1.5)),
	}, nil
}

func (b *bench) createRows(ctx context.Context) ([]row, error) {
	body := b.shop.items(usualLines)
	creates := make([]call, b.cfg.clients)
	for i := range creates {
		creates[i] = b.shop.createCall(usualLines)
	}
	got, err := b.rounds(ctx,
		b.refTarget("group commit of new rows", "POST", "/rows", body, http.StatusCreated),
		loadTarget("cartwright POST cart", b.shop.server.addr, creates))
	if err != nil {
		return nil, err
	}
	return []row{
		compare("POST cart", "per s", rates(got[1]), rates(got[0]), "group commit, new row", nil),
	}, nil
}

// singleRows is latency without a queue.
func (b *bench) singleRows(ctx context.Context) ([]row, error) {
	got, err := b.rounds(ctx, commitTarget(b.ref.addr), b.roundTripTarget(),
		b.each("POST item, one client", b.carts.usual[:1], b.shop.addCall))
	if err != nil {
		return nil, err
	}
	sum := p50s(got[0])
	for i, trip := range p50s(got[1]) {
		sum[i] += trip
	}
	return []row{
		compare("POST item, one client, p50", "ms", p50s(got[2]), sum, "commit + round trip, p50", atMost(1.5)),
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
		b.roundTripTarget(), commitTarget(b.ref.addr))
	if err != nil {
		return nil, err
	}
	rows := []row{
		plain("bytes from memory", "per s", median(rates(got[0])), nil),
		plain("SQLite point read", "per s", median(rates(got[1])), nil),
		plain("group commit", "per s", median(rates(got[2])), nil),
		plain("group commit, p99", "ms", median(p99s(got[2])), nil),
		plain("group commit, new row", "per s", median(rates(got[3])), nil),
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
