package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// goal is what a row must reach: its ratio where it has one, else its value.
type goal struct {
	Sign  string  `json:"sign"`
	Limit float64 `json:"limit"`
}

func atLeast(limit float64) *goal { return &goal{">=", limit} }
func atMost(limit float64) *goal  { return &goal{"<=", limit} }

func (g goal) reached(value float64) bool {
	if g.Sign == ">=" {
		return value >= g.Limit
	}
	return value <= g.Limit
}

// row is one figure of cartwright's, and what it is held against.
type row struct {
	Engine        string   `json:"engine"`
	Name          string   `json:"name"`
	Unit          string   `json:"unit"`
	Value         float64  `json:"value"`
	ReferenceName string   `json:"reference_name,omitempty"`
	Reference     *float64 `json:"reference,omitempty"`
	Ratio         *spread  `json:"ratio,omitempty"`
	Goal          *goal    `json:"goal,omitempty"` // none: for information
	Reached       *bool    `json:"reached,omitempty"`
}

// compare judges the ratio of two series that were measured in turn.
func compare(name, unit string, value, reference []float64, referenceName string, g *goal) row {
	ratio := ratios(value, reference)
	middle := median(reference)
	return row{
		Name: name, Unit: unit, Value: median(value),
		ReferenceName: referenceName, Reference: &middle, Ratio: &ratio,
	}.judged(ratio.Median, g)
}

// plain judges a value that stands for itself.
func plain(name, unit string, value float64, g *goal) row {
	return row{Name: name, Unit: unit, Value: value}.judged(value, g)
}

// beside judges a value that stands for itself, and shows the reference's.
func beside(name, unit string, value, reference float64, g *goal) row {
	r := plain(name, unit, value, g)
	r.ReferenceName, r.Reference = "reference server", &reference
	return r
}

func (r row) judged(value float64, g *goal) row {
	if g != nil {
		reached := g.reached(value)
		r.Goal, r.Reached = g, &reached
	}
	return r
}

// report is one run, as --json keeps it.
type report struct {
	Commit   string    `json:"commit"`
	Modified bool      `json:"modified"` // the tree held more than the commit
	Time     time.Time `json:"time"`
	Go       string    `json:"go"`
	System   string    `json:"system"`
	CPUs     int       `json:"cpus"`
	CPU      string    `json:"cpu,omitempty"`
	Clients  int       `json:"clients"`
	Rounds   int       `json:"rounds"`
	Seconds  float64   `json:"seconds"`
	Only     []string  `json:"only,omitempty"` // the parts that were asked for; none: all
	Took     float64   `json:"took_seconds"`
	result
}

// result is what was measured.
type result struct {
	Engines []engineVersion `json:"engines"`
	Rows    []row           `json:"rows"`
	Steps   []step          `json:"steps,omitempty"`
}

type engineVersion struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func newReport(ctx context.Context, cfg config) report {
	commit, modified := gitState(ctx)
	only := cfg.only
	if cfg.referenceOnly {
		only = append([]string{"reference"}, only...)
	}
	return report{
		Commit:   commit,
		Modified: modified,
		Time:     time.Now().UTC().Truncate(time.Second),
		Go:       runtime.Version(),
		System:   runtime.GOOS + "/" + runtime.GOARCH,
		CPUs:     runtime.NumCPU(),
		CPU:      cpuModel(),
		Clients:  cfg.clients,
		Rounds:   cfg.rounds,
		Seconds:  cfg.round.Seconds(),
		Only:     only,
	}
}

// machine is what the figures were measured on.
func (rep report) machine() string {
	cpus := fmt.Sprintf("%d CPUs", rep.CPUs)
	if rep.CPU != "" {
		cpus += " (" + rep.CPU + ")"
	}
	return cpus + ", " + rep.System + ", " + rep.Go
}

// cpuModel is empty on a system that does not tell.
func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	return parseCPUModel(string(info))
}

func parseCPUModel(info string) string {
	for line := range strings.Lines(info) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// gitState must not stop a run: a source archive has no git.
func gitState(ctx context.Context) (commit string, modified bool) {
	head, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown", false
	}
	changes, err := exec.CommandContext(ctx, "git", "status", "--porcelain").Output()
	return strings.TrimSpace(string(head)), err == nil && len(changes) > 0
}

// loadReport reads what save has written.
func loadReport(file string) (rep report, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return rep, err
	}
	if err := json.Unmarshal(text, &rep); err != nil {
		return rep, fmt.Errorf("read the figures in %s: %w", file, err)
	}
	return rep, nil
}

func (rep report) save(file string) error {
	var text bytes.Buffer
	to := json.NewEncoder(&text)
	to.SetIndent("", "  ")
	to.SetEscapeHTML(false) // goals read ">=", not "\u003e="
	if err := to.Encode(rep); err != nil {
		return err
	}
	return os.WriteFile(file, text.Bytes(), 0o644)
}

func (rep report) print(to io.Writer) {
	fmt.Fprintln(to, rep.headline())
	fmt.Fprintln(to)
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "engine\twhat\tvalue\tbeside\treference\tratio\tlow–high\tgoal\t")
	for _, r := range rep.Rows {
		fmt.Fprintln(table, strings.Join(r.cells(), "\t")+"\t")
	}
	_ = table.Flush() // to is standard output: nobody is left to tell
	printSteps(to, rep.Steps)
}

func (r row) cells() []string {
	cells := []string{r.Engine, r.Name, figure(r.Value) + " " + r.Unit, "", "", "", "", "info"}
	if r.Reference != nil {
		cells[3], cells[4] = r.ReferenceName, figure(*r.Reference)
	}
	if r.Ratio != nil {
		cells[5] = fmt.Sprintf("%.2f", r.Ratio.Median)
		cells[6] = fmt.Sprintf("%.2f–%.2f", r.Ratio.Low, r.Ratio.High)
	}
	if r.Goal != nil {
		verdict := "missed"
		if *r.Reached {
			verdict = "ok"
		}
		cells[7] = fmt.Sprintf("%s %g: %s", r.Goal.Sign, r.Goal.Limit, verdict)
	}
	return cells
}

// figure shows as many digits as mean something.
func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.3f", v)
	}
}

// count writes a round number of carts for a reader.
func count(n int) string {
	switch {
	case n >= 1_000_000 && n%1_000_000 == 0:
		return fmt.Sprintf("%d million", n/1_000_000)
	case n >= 1_000 && n%1_000 == 0:
		return fmt.Sprintf("%d thousand", n/1_000)
	}
	return fmt.Sprint(n)
}
