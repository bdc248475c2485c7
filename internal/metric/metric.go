// Package metric counts what happens, for Prometheus to collect.
//
//	requests := registry.Counter("cartwright_api_requests_total", "Requests by route.", "route")
//	requests.With("/v3/carts").Add(1)
//	registry.WriteText(w) // what /metrics answers
//
// It knows the three kinds that the program needs (counters, gauges and
// histograms with fixed bounds) and the text format 0.0.4. Two things always
// hold: a metric is registered once, when the program starts, and a mistake in
// its names panics there; counting never waits for who reads.
package metric

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// ContentType is that of the text format.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Kind is what Prometheus may do with the numbers of a metric.
type Kind string

// The kinds of metrics.
const (
	CounterKind   Kind = "counter" // only grows
	GaugeKind     Kind = "gauge"   // goes up and down
	histogramKind Kind = "histogram"
)

// Registry holds the metrics of a program. The zero value is empty and ready.
type Registry struct {
	mu      sync.Mutex
	metrics []*family
}

// family is one metric with all its series.
type family struct {
	name, help string
	kind       Kind
	labels     []string
	// write writes the series, when somebody reads.
	write func(*textWriter)
}

var validName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// register adds a metric. Names are part of the program, so a wrong one, or
// one that is there, panics.
func (r *Registry) register(f *family) {
	for _, name := range append([]string{f.name}, f.labels...) {
		if !validName.MatchString(name) {
			panic("metric: " + name + " is no name")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.ContainsFunc(r.metrics, func(other *family) bool { return other.name == f.name }) {
		panic("metric: " + f.name + " is registered already")
	}
	r.metrics = append(r.metrics, f)
	slices.SortFunc(r.metrics, func(a, b *family) int { return strings.Compare(a.name, b.name) })
}

// series are the members of a family, by the values of their labels.
type series[T any] struct {
	labels []string
	make   func() *T
	byKey  sync.Map // of member[T]
}

type member[T any] struct {
	values []string
	is     *T
}

// with returns the member with these values, in the order of the labels.
func (s *series[T]) with(values []string) *T {
	if len(values) != len(s.labels) {
		panic(fmt.Sprintf("metric: %d values for the labels %v", len(values), s.labels))
	}
	key := strings.Join(values, "\xff")
	if m, ok := s.byKey.Load(key); ok {
		return m.(member[T]).is
	}
	m, _ := s.byKey.LoadOrStore(key, member[T]{slices.Clone(values), s.make()})
	return m.(member[T]).is
}

// all returns the members, ordered by their values.
func (s *series[T]) all() []member[T] {
	var all []member[T]
	s.byKey.Range(func(_, m any) bool {
		all = append(all, m.(member[T]))
		return true
	})
	slices.SortFunc(all, func(a, b member[T]) int { return slices.Compare(a.values, b.values) })
	return all
}

// Counter is a metric that only grows, with a count for each combination of
// labels.
type Counter struct{ series[Count] }

// Count is one number of a Counter.
type Count struct{ n atomic.Uint64 }

// Add counts n more.
func (c *Count) Add(n uint64) { c.n.Add(n) }

// Counter registers a counter; its name ends in _total.
func (r *Registry) Counter(name, help string, labels ...string) *Counter {
	c := &Counter{series[Count]{labels: labels, make: func() *Count { return &Count{} }}}
	r.register(&family{name, help, CounterKind, labels, func(w *textWriter) {
		for _, m := range c.all() {
			w.sample(name, labels, m.values, float64(m.is.n.Load()))
		}
	}})
	return c
}

// With returns the count for the values of the labels, in their order.
func (c *Counter) With(values ...string) *Count { return c.with(values) }

// Histogram is a metric that sorts numbers under bounds, with its own sorting
// for each combination of labels.
type Histogram struct{ series[Observed] }

// Observed are the numbers that one series of a Histogram saw.
type Observed struct {
	bounds []float64
	mu     sync.Mutex
	counts []uint64 // under each bound and not under the one before; the last is over all
	sum    float64
}

// Observe adds a number.
func (o *Observed) Observe(v float64) {
	i, _ := slices.BinarySearch(o.bounds, v)
	o.mu.Lock()
	o.counts[i]++
	o.sum += v
	o.mu.Unlock()
}

// Histogram registers a histogram with these bounds, in rising order.
func (r *Registry) Histogram(name, help string, bounds []float64, labels ...string) *Histogram {
	h := &Histogram{series[Observed]{labels: labels, make: func() *Observed {
		return &Observed{bounds: bounds, counts: make([]uint64, len(bounds)+1)}
	}}}
	r.register(&family{name, help, histogramKind, labels, func(w *textWriter) {
		for _, m := range h.all() {
			m.is.write(w, name, labels, m.values)
		}
	}})
	return h
}

// With returns the series for the values of the labels, in their order.
func (h *Histogram) With(values ...string) *Observed { return h.with(values) }

func (o *Observed) write(w *textWriter, name string, labels, values []string) {
	o.mu.Lock()
	counts, sum := slices.Clone(o.counts), o.sum
	o.mu.Unlock()
	labels, all := append(slices.Clone(labels), "le"), uint64(0)
	for i, n := range counts {
		all += n
		bound := math.Inf(1)
		if i < len(o.bounds) {
			bound = o.bounds[i]
		}
		w.sample(name+"_bucket", labels, append(slices.Clone(values), number(bound)), float64(all))
	}
	w.sample(name+"_sum", labels[:len(values)], values, sum)
	w.sample(name+"_count", labels[:len(values)], values, float64(all))
}

// Read registers a metric whose numbers are looked up whenever somebody reads:
// read calls emit for each, with the values of the labels in their order.
func (r *Registry) Read(kind Kind, name, help string, labels []string, read func(emit func(v float64, values ...string))) {
	r.register(&family{name, help, kind, labels, func(w *textWriter) {
		read(func(v float64, values ...string) { w.sample(name, labels, values, v) })
	}})
}

// WriteText writes every metric in Prometheus's text format, ordered by name.
func (r *Registry) WriteText(to io.Writer) error {
	r.mu.Lock()
	all := slices.Clone(r.metrics)
	r.mu.Unlock()
	w := &textWriter{bufio.NewWriter(to)}
	for _, f := range all {
		_, _ = fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.name, escapeHelp.Replace(f.help), f.name, f.kind)
		f.write(w)
	}
	return w.Flush() // with the first error of all
}

type textWriter struct{ *bufio.Writer }

var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeValue = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// sample writes one line: name{label="value"} number.
func (w *textWriter) sample(name string, labels, values []string, v float64) {
	_, _ = w.WriteString(name)
	for i, label := range labels {
		open := byte(',')
		if i == 0 {
			open = '{'
		}
		_ = w.WriteByte(open)
		_, _ = fmt.Fprintf(w, `%s="%s"`, label, escapeValue.Replace(strings.ToValidUTF8(values[i], "\uFFFD")))
	}
	if len(labels) > 0 {
		_ = w.WriteByte('}')
	}
	_, _ = fmt.Fprintf(w, " %s\n", number(v))
}

func number(v float64) string {
	if math.IsInf(v, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
