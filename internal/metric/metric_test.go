package metric

import (
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func filled() *Registry {
	r := &Registry{}
	requests := r.Counter("requests_total", "Requests,\nby \\ route.", "route", "status")
	requests.With("/v3/\"x\"\n", "200").Add(3)
	requests.With("/a", "404").Add(1)
	seconds := r.Histogram("seconds", "How long.", []float64{0.1, 1}, "route")
	for _, v := range []float64{0.05, 0.1, 0.5, 7} {
		seconds.With("/a").Observe(v)
	}
	r.Read(GaugeKind, "carts", "Carts.", []string{"store"}, func(emit func(float64, ...string)) {
		emit(2.5, "demo")
		emit(1e9, "other")
	})
	return r
}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := filled().WriteText(&b); err != nil {
		t.Fatal(err)
	}
	const want = `# HELP carts Carts.
# TYPE carts gauge
carts{store="demo"} 2.5
carts{store="other"} 1e+09
# HELP requests_total Requests,\nby \\ route.
# TYPE requests_total counter
requests_total{route="/a",status="404"} 1
requests_total{route="/v3/\"x\"\n",status="200"} 3
# HELP seconds How long.
# TYPE seconds histogram
seconds_bucket{route="/a",le="0.1"} 2
seconds_bucket{route="/a",le="1"} 3
seconds_bucket{route="/a",le="+Inf"} 4
seconds_sum{route="/a"} 7.65
seconds_count{route="/a"} 4
`
	if b.String() != want {
		t.Errorf("wrote\n%s\nwant\n%s", b.String(), want)
	}
}

// Prometheus's own reader understands it.
func TestPrometheusReadsIt(t *testing.T) {
	var b strings.Builder
	if err := filled().WriteText(&b); err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	h := families["seconds"].GetMetric()[0].GetHistogram()
	if h.GetSampleCount() != 4 || h.GetSampleSum() != 7.65 || h.GetBucket()[1].GetCumulativeCount() != 3 {
		t.Errorf("read the histogram %v", h)
	}
	if label := families["requests_total"].GetMetric()[1].GetLabel()[0].GetValue(); label != "/v3/\"x\"\n" {
		t.Errorf("read the label %q", label)
	}
}

func TestWrongMetricsPanic(t *testing.T) {
	wrong := map[string]func(*Registry){
		"a name with a dash":  func(r *Registry) { r.Counter("a-b", "") },
		"a label with a dash": func(r *Registry) { r.Counter("a", "", "b-c") },
		"a name twice":        func(r *Registry) { r.Counter("a", ""); r.Histogram("a", "", nil) },
		"a value too few":     func(r *Registry) { r.Counter("a", "", "b", "c").With("x") },
	}
	for name, do := range wrong {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: nothing happened", name)
				}
			}()
			do(&Registry{})
		}()
	}
}

func TestManyCountAtOnce(t *testing.T) {
	r := &Registry{}
	count, seconds := r.Counter("a_total", "", "x"), r.Histogram("b", "", []float64{1})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				count.With("y").Add(1)
				seconds.With().Observe(0.5)
			}
		})
	}
	all.Wait()
	var b strings.Builder
	if err := r.WriteText(&b); err != nil || !strings.Contains(b.String(), `a_total{x="y"} 8000`) || !strings.Contains(b.String(), "b_sum 4000\nb_count 8000") {
		t.Errorf("counted %s, %v", b.String(), err)
	}
}
