package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
)

// stepClients are the loads of the steps. Whoever waits while a commit is on its
// way to the disk is in the next one, so they bound what is committed at once.
var stepClients = []int{1, 2, 4, 8, 16, 32, 64}

// step is POST item under the load of so many clients, and what the reference
// does under the same.
type step struct {
	Engine     string  `json:"engine"`
	Clients    int     `json:"clients"`
	Cartwright loadRow `json:"cartwright"`
	Reference  loadRow `json:"reference"`
}

// loadRow is the medians of rounds, times in milliseconds.
type loadRow struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
}

func middle(samples []sample) loadRow {
	return loadRow{median(rates(samples)), median(p50s(samples)), median(p99s(samples))}
}

// clientRows weighs waiting against what is committed at once. It is for
// information: no row, but a table of its own.
func (b *bench) clientRows(ctx context.Context) ([]row, error) {
	const few = 3 // rounds, a third as long as others: what counts is the shape
	for _, clients := range stepClients {
		add, err := b.adds(clients, usualLines)
		if err != nil {
			return nil, err
		}
		got, err := rounds(ctx, min(few, b.cfg.rounds), b.cfg.round/3, add,
			loadTarget(b.engine.write, b.refCalls(clients, "POST", "/rows/%d", b.items, http.StatusCreated)))
		if err != nil {
			return nil, err
		}
		b.steps = append(b.steps, step{Clients: clients, Cartwright: middle(got[0]), Reference: middle(got[1])})
	}
	return nil, nil
}

func printSteps(to io.Writer, steps []step) {
	if len(steps) == 0 {
		return
	}
	fmt.Fprintln(to, "\nPOST item by clients; in brackets the reference")
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "engine\tclients\tper s\t\tp50, ms\t\tp99, ms\t\t")
	for _, s := range steps {
		c, r := s.Cartwright, s.Reference
		fmt.Fprintf(table, "%s\t%d\t%s\t(%s)\t%s\t(%s)\t%s\t(%s)\t\n", s.Engine, s.Clients,
			figure(c.PerSecond), figure(r.PerSecond), figure(c.P50), figure(r.P50), figure(c.P99), figure(r.P99))
	}
	_ = table.Flush() // to is standard output: nobody is left to tell
}
