// Command bench measures cartwright against the machine it runs on.
//
//	go run ./bench                           about six minutes
//	go run ./bench --quick                   one minute, for a first look
//	go run ./bench --only postgres/writes    one part on one engine
//	go run ./bench --json result.json        keeps the figures, with the commit
//	go run ./bench --from docs/bench.json --picture docs/pictures/speed.svg --readme README.md
//	go run ./bench --reference-only          what the machine gives, without cartwright
//
// A number of requests per second says more about the machine, and about who
// else was using it, than about the program. So every figure stands beside a
// reference from the same run: a server of net/http and SQLite or PostgreSQL
// that does the least which the same answer takes. Three things make the ratios fair:
//   - reference and cartwright are processes of their own, measured in turn by
//     the same generator, and the median of the rounds' ratios counts;
//   - the reference's row and answer are the bytes of a cart that cartwright
//     answered, and its requests are cartwright's requests;
//   - every answer is checked; one wrong answer ends the run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// config is what the flags say.
type config struct {
	clients       int
	carts         int // in the large database
	mails         int
	rounds        int
	round         time.Duration
	json          string
	dir           string
	binary        string
	referenceOnly bool
	only          []string // the parts that are asked for; none: all
	from          string   // a result to use instead of measuring
	picture       string
	readme        string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == referenceCommand {
		if err := serveReference(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "reference server:", err)
			os.Exit(1)
		}
		return
	}
	cfg, err := parseFlags(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2) // the flag package has said why
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cfg); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parseFlags(args []string) (config, error) {
	cfg := config{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	seconds := flags.Float64("seconds", 1, "length of one round against one server")
	quick := flags.Bool("quick", false, "three rounds of 0.3 seconds, 50,000 carts and 500 mails, unless --rounds, --seconds or --carts say otherwise")
	flags.IntVar(&cfg.carts, "carts", 1_000_000, "carts in the large database; a million take 4 GB")
	flags.IntVar(&cfg.rounds, "rounds", 5, "rounds; their median counts")
	flags.IntVar(&cfg.clients, "clients", 32, "keep-alive clients, each with a cart of its own")
	flags.StringVar(&cfg.json, "json", "", "also write the result to this file")
	flags.StringVar(&cfg.from, "from", "", "measure nothing: take the result from this file")
	flags.StringVar(&cfg.picture, "picture", "", "also draw the result, as SVG in this file")
	flags.StringVar(&cfg.readme, "readme", "", "also write the result into the table of this README")
	flags.StringVar(&cfg.dir, "dir", "", "where the databases go (default: the system's temporary directory); must be on a real disk")
	flags.StringVar(&cfg.binary, "binary", "", "measure this cartwright instead of building one")
	only := flags.String("only", "", "measure these parts alone, by commas: an engine ("+engineNames()+"), a part ("+partNames()+"), or both, as in postgres/writes")
	flags.BoolVar(&cfg.referenceOnly, "reference-only", false, "measure the reference server alone")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	if *only != "" {
		cfg.only = strings.Split(*only, ",")
	}
	cfg.mails = 2_000
	if *quick {
		cfg.mails = 500
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if *quick && !given["seconds"] {
		*seconds = 0.3
	}
	if *quick && !given["rounds"] {
		cfg.rounds = 3
	}
	if *quick && !given["carts"] {
		cfg.carts = 50_000
	}
	cfg.round = time.Duration(*seconds * float64(time.Second))
	if cfg.rounds < 1 || cfg.clients < 1 || cfg.round <= 0 {
		fmt.Fprintln(os.Stderr, "bench: --rounds, --clients and --seconds must be more than nothing")
		return cfg, errors.New("flag out of range")
	}
	if cfg.carts <= fewCarts {
		fmt.Fprintf(os.Stderr, "bench: --carts must be more than %d\n", fewCarts)
		return cfg, errors.New("flag out of range")
	}
	for _, word := range cfg.only {
		if !known(word) {
			fmt.Fprintf(os.Stderr, "bench: --only knows no %q: write an engine (%s), a part (%s), or both, as in postgres/writes\n", word, engineNames(), partNames())
			return cfg, errors.New("flag not understood")
		}
	}
	return cfg, nil
}

// run measures, or takes what was measured before, prints and keeps it.
func run(ctx context.Context, cfg config) error {
	var rep report
	var err error
	if cfg.from != "" {
		rep, err = loadReport(cfg.from)
	} else {
		rep, err = measure(ctx, cfg)
	}
	if err != nil {
		return err
	}
	rep.print(os.Stdout)
	return rep.keep(cfg)
}

// keep writes the files that are asked for. They are all made of one report, so
// they agree.
func (rep report) keep(cfg config) error {
	if cfg.json != "" {
		if err := rep.save(cfg.json); err != nil {
			return err
		}
	}
	if cfg.picture != "" {
		drawing, err := rep.picture()
		if err != nil {
			return err
		}
		if err := os.WriteFile(cfg.picture, drawing, 0o644); err != nil {
			return err
		}
	}
	if cfg.readme == "" {
		return nil
	}
	text, err := os.ReadFile(cfg.readme)
	if err != nil {
		return err
	}
	if text, err = rep.readme(text); err != nil {
		return fmt.Errorf("%s: %w", cfg.readme, err)
	}
	return os.WriteFile(cfg.readme, text, 0o644)
}

func measure(ctx context.Context, cfg config) (rep report, err error) {
	dir, err := os.MkdirTemp(cfg.dir, "cartwright-bench-")
	if err != nil {
		return rep, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	rep = newReport(ctx, cfg)
	if cfg.referenceOnly {
		rep.result, err = runReference(ctx, cfg, dir)
	} else {
		rep.result, err = runAll(ctx, cfg, dir)
	}
	rep.Took = time.Since(began).Round(time.Second).Seconds()
	return rep, err
}

// runReference tells what the machine gives.
func runReference(ctx context.Context, cfg config, dir string) (result, error) {
	return withEngines(ctx, cfg, dir, func(e engine) (out result, err error) {
		b := &bench{cfg: cfg, engine: e, progress: os.Stderr, items: `{"line_items":[{"product_id":101,"quantity":1}]}`}
		if b.ref, err = startReference(ctx, cfg, e, sampleDoc()); err != nil {
			return result{}, err
		}
		defer func() { err = errors.Join(err, b.ref.stop()) }()
		rows, err := b.referenceRows(ctx)
		return result{Rows: rows}, err
	})
}

// runAll measures cartwright beside the reference.
func runAll(ctx context.Context, cfg config, dir string) (result, error) {
	binary := cfg.binary
	if binary == "" {
		var err error
		if binary, err = buildBinary(ctx, dir); err != nil {
			return result{}, err
		}
	}
	return withEngines(ctx, cfg, dir, func(e engine) (result, error) { return runEngine(ctx, cfg, e, binary) })
}

// runEngine runs the parts that are asked for on one engine.
func runEngine(ctx context.Context, cfg config, e engine, binary string) (out result, err error) {
	s, err := openShop(ctx, binary, e.shopFlags(), usualLines)
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	b := &bench{cfg: cfg, engine: e, shop: s, progress: os.Stderr, items: s.items(1), token: s.token}
	usual, err := b.carts(1, usualLines)
	if err != nil {
		return result{}, err
	}
	doc, err := s.answerBytes(usual[0])
	if err != nil {
		return result{}, err
	}
	if b.ref, err = startReference(ctx, cfg, e, doc); err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, b.ref.stop()) }()
	rows, err := b.allRows(ctx)
	return result{Rows: rows, Steps: b.steps}, err
}

// startReference starts this very program again as the reference server. What
// an earlier one left is its existing database.
func startReference(ctx context.Context, cfg config, e engine, doc []byte) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(e.dir, "reference-data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	file := filepath.Join(data, "doc.json")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	return startProcess(ctx, addr, self, referenceCommand,
		"--listen", addr, "--data", data, "--database", e.url, "--doc", file, "--rows", strconv.Itoa(max(cfg.clients, slices.Max(stepClients))))
}
