package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// call is a request, rendered once, and what a right answer to it looks like.
// A server that answers fast and wrong must not win.
type call struct {
	name   string
	addr   string // of the server
	raw    []byte
	status int
	marker []byte // the body holds this, early if it is to be found cheaply
	// among sends each request to another cart of a population of so many. raw and
	// marker are then written over, and belong to one client.
	among copies
	of    int
}

// newCall renders a request. Reference and cartwright get the same headers, so
// that parsing them costs both the same.
func newCall(method, addr, path, token, body string, status int, marker string) call {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\nX-Auth-Token: %s\r\n", method, path, addr, token)
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.WriteString(body)
	return call{
		name:   method + " " + path,
		addr:   addr,
		raw:    []byte(b.String()),
		status: status,
		marker: []byte(marker),
	}
}

// aim points the call at a cart drawn by chance.
func (c call) aim() {
	if c.among == noCopies {
		return
	}
	id := copyID(c.among.draw(c.of))
	old := c.marker[len(c.marker)-len(id):]
	copy(c.raw[bytes.Index(c.raw, old):], id)
	copy(old, id)
}

func (c call) check(a answer) error {
	if a.status != c.status {
		return fmt.Errorf("%s: status %d, want %d: %s", c.name, a.status, c.status, beginning(a.body))
	}
	if !bytes.Contains(a.body, c.marker) {
		return fmt.Errorf("%s: answer without %q: %s", c.name, c.marker, beginning(a.body))
	}
	return nil
}

// beginning of a body, for an error message.
func beginning(body []byte) string {
	const enough = 300
	if len(body) > enough {
		return string(body[:enough]) + "…"
	}
	return string(body)
}

// once makes a single call on cl and checks the answer.
func (c call) once(cl *client) (answer, error) {
	a, err := cl.do(c.raw)
	if err != nil {
		return a, fmt.Errorf("%s: %w", c.name, err)
	}
	return a, c.check(a)
}

// load gives every call a connection of its own and repeats it there, one at a
// time, for d. The first wrong answer ends it with an error.
func load(ctx context.Context, calls []call, d time.Duration) (sample, error) {
	clients := make([]*client, len(calls))
	for i, c := range calls {
		cl, err := dial(c.addr)
		if err != nil {
			return sample{}, err
		}
		defer cl.close()
		clients[i] = cl
		// The first request of a connection pays for its set-up: not counted.
		if _, err := c.once(cl); err != nil {
			return sample{}, err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	latencies := make([][]time.Duration, len(calls))
	began := time.Now()
	var all sync.WaitGroup
	for i, c := range calls {
		all.Go(func() {
			var err error
			if latencies[i], err = c.repeat(ctx, clients[i], began.Add(d)); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	if err := context.Cause(ctx); err != nil {
		return sample{}, err
	}
	var merged []time.Duration
	for _, l := range latencies {
		merged = append(merged, l...)
	}
	return summarize(merged, elapsed), nil
}

// repeat makes the call until the given moment, and at least once. The end of one
// request is the beginning of the next: one look at the clock for each.
func (c call) repeat(ctx context.Context, cl *client, until time.Time) ([]time.Duration, error) {
	const patience = 30 * time.Second
	if err := cl.conn.SetDeadline(until.Add(patience)); err != nil {
		return nil, err
	}
	latencies := make([]time.Duration, 0, 1<<13)
	for now := time.Now(); len(latencies) == 0 || now.Before(until) && ctx.Err() == nil; {
		c.aim()
		if _, err := c.once(cl); err != nil {
			return nil, err
		}
		then := now
		now = time.Now()
		latencies = append(latencies, now.Sub(then))
	}
	return latencies, nil
}

// target is one of the things that a round measures.
type target struct {
	name string
	once func(ctx context.Context, d time.Duration) (sample, error)
}

func loadTarget(name string, calls []call) target {
	return target{name, func(ctx context.Context, d time.Duration) (sample, error) {
		return load(ctx, calls, d)
	}}
}

// metered also looks at how long the server computes for each request: of all
// that is measured, what others do on the machine disturbs that least.
func metered(t target, server *process) target {
	return target{t.name, func(ctx context.Context, d time.Duration) (sample, error) {
		before, err := server.cpu()
		if errors.Is(err, errNoProc) {
			return t.once(ctx, d)
		}
		if err != nil {
			return sample{}, err
		}
		s, err := t.once(ctx, d)
		if err != nil {
			return sample{}, err
		}
		after, err := server.cpu()
		if s.n > 0 {
			s.cpu = (after - before) / time.Duration(s.n)
		}
		return s, err
	}}
}

// rounds measures the targets in turn, again and again, so that a busy moment
// of the machine falls on all of them. Every second round goes backwards: what
// one target leaves behind (a warm cache, a write-back under way) does not
// always meet the same next one. The result is indexed by target, then round.
func rounds(ctx context.Context, n int, d time.Duration, targets ...target) ([][]sample, error) {
	samples := make([][]sample, len(targets))
	for i := range samples {
		samples[i] = make([]sample, n)
	}
	for _, t := range targets { // warm up
		if _, err := t.once(ctx, d/4); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	for round := range n {
		for i := range targets {
			if round%2 == 1 {
				i = len(targets) - 1 - i
			}
			s, err := targets[i].once(ctx, d)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", targets[i].name, err)
			}
			samples[i][round] = s
		}
	}
	return samples, nil
}
