package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cartwright/internal/pgcluster"
)

// engine is a database engine: what is measured on it, what it is held against,
// and where this run keeps its database.
type engine struct {
	name      string
	server    bool   // a server of the database's own, PostgreSQL
	dir       string // a folder of its own in this run
	url       string // the database; "" is SQLite in the folder
	cluster   *pgcluster.Cluster
	pointRead string // what the reference does for GET cart
	write     string // … for POST item
	create    string // … for POST cart
	single    string // … for POST item of one client
	loop      string // the database without a server, if POST item is held against that too
	goals     goals
	parts     []part
}

// goals are those of the rows that all engines have.
type goals struct {
	read, loop, write, p99, single, mails *goal
}

// part is a piece of the programme that can be asked for by its name.
type part struct {
	name    string
	measure func(*bench, context.Context) ([]row, error)
}

// engines returns the whole programme. Memory comes last: idle is measured on
// the servers that the starts leave running.
func engines() []engine {
	return []engine{{
		name:      "sqlite",
		pointRead: "SQLite point read", write: "group commit", create: "group commit, new row", single: "commit + round trip, p50",
		goals: goals{read: atLeast(1.0), write: atLeast(0.60), p99: atMost(1.5), single: atMost(1.5), mails: atLeast(500)},
		parts: []part{
			{"reads", (*bench).readRows},
			{"writes", (*bench).writeRows},
			{"creates", (*bench).createRows},
			{"single", (*bench).singleRows},
			{"clients", (*bench).clientRows},
			{"lines", (*bench).sizeRows},
			{"many", (*bench).manyRows},
			{"scan", (*bench).scanRows},
			{"mails", (*bench).mailRows},
			{"footprint", (*bench).footprintRows},
		},
	}, {
		name: "postgres", server: true,
		pointRead: "pgx point read", write: "bare server, read + swap", create: "bare server, insert", single: "read + swap + round trip, p50",
		loop:  "pgx read + swap, no server",
		goals: goals{loop: atLeast(0.60)},
		parts: []part{
			{"reads", (*bench).readRows},
			{"writes", (*bench).writeRows},
			{"creates", (*bench).createRows},
			{"single", (*bench).singleRows},
			{"clients", (*bench).clientRows},
			{"servers", (*bench).serverRows},
			{"many", (*bench).manyRows},
			{"scan", (*bench).scanRows},
			{"mails", (*bench).mailRows},
			{"footprint", (*bench).footprintRows},
		},
	}}
}

// wants reports whether a part of an engine is to be measured.
func (c config) wants(engine, part string) bool {
	if len(c.only) == 0 {
		return true
	}
	for _, word := range c.only {
		if word == engine || word == part || word == engine+"/"+part {
			return true
		}
	}
	return false
}

// known reports whether a word of --only chooses anything.
func known(word string) bool {
	c := config{only: []string{word}}
	for _, e := range engines() {
		if len(e.wanted(c)) > 0 {
			return true
		}
	}
	return false
}

func (e engine) wanted(c config) (parts []part) {
	for _, p := range e.parts {
		if c.wants(e.name, p.name) {
			parts = append(parts, p)
		}
	}
	return parts
}

func engineNames() string {
	var names []string
	for _, e := range engines() {
		names = append(names, e.name)
	}
	return strings.Join(names, ", ")
}

func partNames() string {
	var names []string
	seen := map[string]bool{}
	for _, e := range engines() {
		for _, p := range e.parts {
			if !seen[p.name] {
				seen[p.name] = true
				names = append(names, p.name)
			}
		}
	}
	return strings.Join(names, ", ")
}

// withEngines measures on each engine of which a part is wanted.
func withEngines(ctx context.Context, cfg config, dir string, measure func(engine) (result, error)) (all result, err error) {
	for _, e := range engines() {
		if e.parts = e.wanted(cfg); len(e.parts) == 0 {
			continue
		}
		more, err := withEngine(ctx, cfg, dir, e, measure)
		if err != nil {
			return result{}, fmt.Errorf("%s: %w", e.name, err)
		}
		all.Engines = append(all.Engines, more.Engines...)
		for i := range more.Rows {
			more.Rows[i].Engine = e.name
		}
		for i := range more.Steps {
			more.Steps[i].Engine = e.name
		}
		all.Rows = append(all.Rows, more.Rows...)
		all.Steps = append(all.Steps, more.Steps...)
	}
	return all, nil
}

func withEngine(ctx context.Context, cfg config, dir string, e engine, measure func(engine) (result, error)) (out result, err error) {
	e.dir = filepath.Join(dir, e.name)
	if err := os.Mkdir(e.dir, 0o700); err != nil {
		return result{}, err
	}
	// The next engine may need the room.
	defer func() { err = errors.Join(err, os.RemoveAll(e.dir)) }()
	if !e.server {
		return measureVersion(ctx, e, measure)
	}
	return withCluster(ctx, cfg, e, measure)
}

// withCluster measures on a database of a PostgreSQL that is started for it and
// waits for the disk. A cluster is set up for a small machine: here its memory
// is what PostgreSQL's manual advises for one of a few gigabytes, no checkpoint is
// due to size in the middle of a round, and the log is compressed, as
// operations.md advises: by lz4 where PostgreSQL knows that, since version 15.
func withCluster(ctx context.Context, cfg config, e engine, measure func(engine) (result, error)) (out result, err error) {
	version, err := pgcluster.Version()
	if err != nil {
		return result{}, err
	}
	compression := "lz4"
	if version < 15 {
		compression = "on"
	}
	e.cluster, err = pgcluster.Start(pgcluster.Options{Durable: true, Dir: cfg.dir,
		Settings: map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB", "wal_compression": compression}})
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, e.cluster.Remove()) }()
	if e.url, err = e.cluster.CreateDatabase(ctx); err != nil {
		return result{}, err
	}
	return measureVersion(ctx, e, measure)
}

// measureVersion measures, and tells on which version of the engine.
func measureVersion(ctx context.Context, e engine, measure func(engine) (result, error)) (result, error) {
	version, err := e.version(ctx)
	if err != nil {
		return result{}, err
	}
	out, err := measure(e)
	out.Engines = []engineVersion{{e.name, version}}
	return out, err
}

// version asks the engine itself.
func (e engine) version(ctx context.Context) (version string, err error) {
	ask, driver, where := "SELECT sqlite_version()", "sqlite", ":memory:"
	if e.url != "" {
		ask, driver, where = "SHOW server_version", "pgx", e.url
	}
	db, err := sql.Open(driver, where)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.QueryRowContext(ctx, ask).Scan(&version); err != nil {
		return "", fmt.Errorf("ask for the version: %w", err)
	}
	version, _, _ = strings.Cut(version, " ") // what follows is the packager's
	return version, nil
}

// shopFlags are the flags that lead cartwright to its database.
func (e engine) shopFlags() []string {
	if e.url != "" {
		return []string{"--database", e.url}
	}
	return []string{"--data", filepath.Dir(e.file())}
}

// file is the SQLite database of the server.
func (e engine) file() string { return filepath.Join(e.dir, "cartwright-data", "cartwright.db") }

// databaseURL is the database of the server, as it is configured.
func (e engine) databaseURL() string {
	if e.url != "" {
		return e.url
	}
	return "sqlite://" + e.file()
}

// allRows measures the parts of the engine, one after the other.
func (b *bench) allRows(ctx context.Context) ([]row, error) {
	var rows []row
	for _, p := range b.engine.parts {
		fmt.Fprintf(b.progress, "%s, %s …\n", b.engine.name, p.name)
		began := time.Now()
		more, err := p.measure(b, ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintf(b.progress, "  %.0f s\n", time.Since(began).Seconds())
		rows = append(rows, more...)
	}
	return rows, nil
}
